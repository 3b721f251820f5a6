//! `ROAS_BELOW_THRESHOLD` and `CAMPAIGN_PAUSE_REQUIRED`: no more money for a campaign that returns too little.

use stratum_core::vocabulary::EntityType;

use crate::enforcement::check::Checking;
use crate::enforcement::exact::ratio_below;
use crate::enforcement::{ViolationKind, ViolationType};

pub(in crate::enforcement) fn roas(checking: &mut Checking<'_>) {
    const TYPE: ViolationType = ViolationType::RoasBelowThreshold;
    let fraction = checking.facts.campaign.roas_fraction();
    let shown = checking.facts.campaign.roas();
    for limit in checking.limits(TYPE) {
        let Some((revenue, spend)) = fraction else {
            let message = "the campaign's return over the lookback is not defined".to_owned();
            checking.found(limit.violated(TYPE, Some(ViolationKind::RoasUnknown), None, message));
            continue;
        };
        if ratio_below(revenue, spend, limit.exact) {
            let message = format!(
                "the campaign returned {} over the lookback, {} is the least",
                shown.unwrap_or_default(),
                limit.shown
            );
            checking.found(limit.violated(TYPE, None, shown, message));
        }
    }
}

/// Gives the campaign to pause, unless a pause of it is open. What is unknown refuses the raise (of a tenant's own rule;
/// the built-in threshold has refused it already) but never proposes a pause.
pub(in crate::enforcement) fn pause_required(checking: &mut Checking<'_>) -> Option<String> {
    const TYPE: ViolationType = ViolationType::CampaignPauseRequired;
    let facts = checking.facts;
    let fraction = facts.campaign.roas_fraction();
    let shown = facts.campaign.roas();
    let spent_enough = facts
        .campaign
        .spend_cents
        .map(|spend| spend >= checking.enforcement.settings().pause_min_spend_cents);
    let mut required = false;
    for limit in checking.limits(TYPE) {
        let low = fraction.map(|(revenue, spend)| ratio_below(revenue, spend, limit.exact));
        let own = limit.rule_id.is_some();
        match (low, spent_enough) {
            (Some(true), Some(true)) => {
                required = true;
                let message = format!(
                    "the campaign returned {}, below {} it ought to be paused",
                    shown.unwrap_or_default(),
                    limit.shown
                );
                checking.found(limit.violated(TYPE, None, shown, message));
            }
            (Some(true), None) if own => {
                let message = "what the campaign spent over the lookback is unknown".to_owned();
                checking.found(limit.violated(TYPE, Some(ViolationKind::SpendUnknown), shown, message));
            }
            (None, _) if own => {
                let message = "the campaign's return over the lookback is not defined".to_owned();
                checking.found(limit.violated(TYPE, Some(ViolationKind::RoasUnknown), None, message));
            }
            _ => {}
        }
    }
    if !required || facts.pause_proposal_open {
        return None;
    }
    match checking.subject.entity_type {
        EntityType::Campaign => Some(checking.subject.entity_id.clone()),
        EntityType::Adset | EntityType::Creative => facts.campaign_id.clone(),
    }
}
