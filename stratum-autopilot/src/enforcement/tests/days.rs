//! Days of random proposals: what is applied without a confirmation stays within the tenant's limits, whatever the order.

use std::collections::BTreeMap;

use proptest::prelude::*;
use stratum_core::Timestamp;
use stratum_core::time::{DAY_MS, HOUR_MS, MINUTE_MS};
use stratum_core::vocabulary::ActionType;

use super::*;
use crate::action::{Action, NewAction};

/// One campaign as the world of this test knows it.
#[derive(Clone, Default)]
struct Campaign {
    budget_cents: i64,
    first_today: Option<i64>,
    last_change_at: Option<Timestamp>,
    last_but_pauses: Option<Timestamp>,
}

#[derive(Debug, Clone)]
enum Proposal {
    Budget { factor_pct: i64 },
    Pause,
}

fn proposal() -> impl Strategy<Value = Proposal> {
    prop_oneof![
        4 => (50_i64..=160).prop_map(|factor_pct| Proposal::Budget { factor_pct }),
        1 => Just(Proposal::Pause),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn no_order_of_proposals_gets_past_the_limits_of_a_day(
        steps in prop::collection::vec((0_usize..4, 0_i64..400, proposal()), 1..120),
        max_changes in 1_u32..12,
        min_hours in 0_u32..6,
        hard in any::<bool>(),
    ) {
        let settings = EnforcementSettings {
            max_changes_per_day: max_changes,
            min_hours_between_changes: min_hours,
            ..with_mode(if hard { EnforcementMode::HardBlock } else { EnforcementMode::SoftBlock })
        };
        let compiled = settings.compile().unwrap();
        let mut campaigns = vec![Campaign { budget_cents: 10_000, ..Campaign::default() }; 4];
        let mut midnight: Timestamp = at("2026-03-02T00:00:00Z");
        let mut now = at("2026-03-01T00:00:00Z");
        let (mut today, mut opening) = (0_u32, BTreeMap::new());

        for (which, minutes, proposal) in steps {
            now = now.plus_minutes(minutes);
            while now >= midnight {
                midnight = midnight.plus_millis(DAY_MS);
                today = 0;
                opening.clear();
                campaigns.iter_mut().for_each(|campaign| campaign.first_today = None);
            }
            let campaign = &mut campaigns[which];
            let before = campaign.budget_cents;
            let day_opened_with = *opening.entry(which).or_insert(before);
            let new = match proposal {
                Proposal::Pause => new_action(ActionType::PauseCampaign, change_of(ActionType::PauseCampaign)),
                Proposal::Budget { factor_pct } => {
                    let after = before * factor_pct / 100;
                    let raising = after > before;
                    let kind = if raising { ActionType::BudgetIncrease } else { ActionType::BudgetDecrease };
                    new_action(kind, daily(before, after))
                }
            };
            let Ok(action) = Action::queue(NewAction { entity_id: which.to_string(), ..new }, now) else { continue };
            let facts = EnforcementFacts {
                now,
                next_local_midnight: midnight,
                budget: Some(EntityBudget::daily(before)),
                first_budget_today_cents: campaign.first_today,
                changes_today: today,
                last_change_at: campaign.last_change_at,
                ..good_facts()
            };
            let verdict = at_claim(&compiled, &action, &facts, None).verdict;
            if let ClaimVerdict::Wait { until: Some(until), .. } = verdict {
                prop_assert!(until > now && until <= now.plus_millis(DAY_MS + 6 * HOUR_MS));
            }
            if !matches!(verdict, ClaimVerdict::Apply(_)) {
                continue;
            }

            let pause = action.action_type().is_pause();
            today += 1;
            prop_assert!(pause || today <= max_changes);
            if let (false, Some(last)) = (pause, campaign.last_but_pauses) {
                prop_assert!(now.millis_since(last) >= i64::from(min_hours) * 60 * MINUTE_MS);
            }
            if let Some((from, to)) = action.change().cents() {
                prop_assert!(to <= from || to * 100 <= day_opened_with * 120, "{day_opened_with} to {to}");
                campaign.first_today.get_or_insert(from);
                campaign.budget_cents = to;
            }
            campaign.last_change_at = Some(now);
            if !pause {
                campaign.last_but_pauses = Some(now);
            }
        }
    }
}
