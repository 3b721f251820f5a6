//! What the pipeline is worth: who reached which stage, what may still come, what was won, and what a stage costs.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use stratum_core::math::{amount, count, round9};
use stratum_core::money::{MAX_MINOR, round_minor_ratio};
use stratum_core::problem::{Problem, ProblemCollector, Problems};
use stratum_core::time::DAY_MS;
use stratum_core::{Currency, Timestamp};

use super::matching::once;
use super::stages::DealStage;

/// When a contact or a deal came to a stage.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct StageReached {
    /// The stage.
    pub stage: DealStage,
    /// When.
    pub at: Timestamp,
}

/// A contact on the way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct PipelineContact {
    /// The contact's id.
    pub id: String,
    /// The stages that the contact came to, in any order.
    pub reached: Vec<StageReached>,
}

/// A deal on the way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct PipelineDeal {
    /// The deal's id.
    pub id: String,
    /// When the deal was made.
    pub created_at: Timestamp,
    /// The stages that the deal came to, in any order; the last one before the end of the period is where it stands.
    pub reached: Vec<StageReached>,
    /// What it is worth, in minor units; nothing if nobody said.
    #[serde(default)]
    pub amount_cents: Option<i64>,
    /// The currency of that; the request's if left out.
    #[serde(default)]
    pub currency: Option<Currency>,
    /// Whose deal it is.
    #[serde(default)]
    pub contact_ids: Vec<String>,
}

/// Contacts, deals and a period.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct PipelineRequest {
    /// The period's beginning.
    pub from: Timestamp,
    /// The period's end, which is no longer in it.
    pub to: Timestamp,
    /// The currency that is added up.
    pub currency: Currency,
    /// What advertising cost in the period, in minor units, at least 0.
    #[serde(default)]
    pub ad_spend_cents: i64,
    /// The contacts.
    #[serde(default)]
    pub contacts: Vec<PipelineContact>,
    /// The deals.
    #[serde(default)]
    pub deals: Vec<PipelineDeal>,
}

/// How long deals took that were won in the period.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct StageVelocity {
    /// How many deals that was; those that were won before they were made are not among them.
    pub deals: u64,
    /// Days from the making of the deal to its winning, on the mean.
    pub mean_days: f64,
    /// The same in the middle: half of the deals took no longer.
    pub median_days: f64,
}

/// What the pipeline is worth.
///
/// Rates and costs are nothing where they would divide by 0.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct PipelineMetrics {
    /// Contacts who came to be leads in the period, by their own stage or a deal's.
    pub leads: u64,
    /// Contacts whom marketing handed over.
    pub mqls: u64,
    /// Contacts whom sales took.
    pub sqls: u64,
    /// Deals that came to be opportunities.
    pub opportunities: u64,
    /// Deals of which an offer went out.
    pub proposals: u64,
    /// Deals whose terms came to be settled.
    pub negotiations: u64,
    /// Deals that were won.
    pub deals_won: u64,
    /// Deals that were lost.
    pub deals_lost: u64,
    /// What advertising cost, in minor units.
    pub ad_spend_cents: i64,
    /// What the deals are worth that are open at the end of the period.
    pub pipeline_value_cents: i64,
    /// What the deals were worth that were won in the period.
    pub won_revenue_cents: i64,
    /// The pipeline's value for one unit of advertising.
    pub pipeline_roas: Option<f64>,
    /// The won revenue for one unit of advertising.
    pub won_roas: Option<f64>,
    /// MQLs for each lead.
    pub lead_to_mql_rate: Option<f64>,
    /// SQLs for each MQL.
    pub mql_to_sql_rate: Option<f64>,
    /// Opportunities for each SQL.
    pub sql_to_opportunity_rate: Option<f64>,
    /// Deals won for each opportunity.
    pub opportunity_to_won_rate: Option<f64>,
    /// Deals won of all that closed.
    pub win_rate: Option<f64>,
    /// What a lead cost, in minor units.
    pub cost_per_lead_cents: Option<i64>,
    /// What an MQL cost.
    pub cost_per_mql_cents: Option<i64>,
    /// What an SQL cost.
    pub cost_per_sql_cents: Option<i64>,
    /// How long the won deals took.
    pub velocity: Option<StageVelocity>,
    /// Deals won in the period and before they were made: somebody entered them later, and how long they took nobody knows.
    pub won_before_created_deals: u64,
    /// Open deals at a stage that no map names: whether they are worth anything nobody knows, so they are not added up.
    pub unmapped_deals: u64,
    /// Deals that belong into a sum and whose amount is in another currency.
    pub other_currency_deals: u64,
    /// Deals that belong into a sum and say no amount.
    pub deals_without_amount: u64,
}

/// When each stage on the way was reached: a deal that is won was an opportunity too.
type Way = [Option<Timestamp>; DealStage::ON_THE_WAY.len()];

fn way(reached: &[StageReached]) -> Way {
    let mut way: Way = Way::default();
    for StageReached { stage, at } in reached {
        let Some(place) = stage.place() else { continue };
        for earlier in way.iter_mut().take(place.saturating_add(1)) {
            *earlier = earliest(*earlier, Some(*at));
        }
    }
    way
}

fn earliest(a: Option<Timestamp>, b: Option<Timestamp>) -> Option<Timestamp> {
    a.into_iter().chain(b).min()
}

impl PipelineRequest {
    /// Adds up the pipeline.
    ///
    /// # Errors
    /// Every problem at once: `out_of_range` for a period that ends before it begins and for spend below 0,
    /// `amount_too_large`, `duplicate` for an id that is given twice.
    pub fn measure(&self) -> Result<PipelineMetrics, Problems> {
        self.check()?;
        let of_contacts = self.contacts_reached();
        let of_deals: Vec<Way> = self.deals.iter().map(|deal| way(&deal.reached)).collect();
        let reached = |ways: &mut dyn Iterator<Item = &Way>, stage: DealStage| {
            let place = stage.place().unwrap_or_default();
            let inside =
                ways.filter(|way| way.get(place).copied().flatten().is_some_and(|at| self.holds(at)));
            u64::try_from(inside.count()).unwrap_or(u64::MAX)
        };
        let contacts = |stage| reached(&mut of_contacts.values(), stage);
        let deals = |stage| reached(&mut of_deals.iter(), stage);
        let (leads, mqls, sqls) =
            (contacts(DealStage::Lead), contacts(DealStage::Mql), contacts(DealStage::Sql));
        let opportunities = deals(DealStage::Opportunity);
        let sums = self.sums();
        let (open_cents, won_cents) = (sums.open.cents()?, sums.won.cents()?);
        let won = sums.won.deals;
        Ok(PipelineMetrics {
            leads,
            mqls,
            sqls,
            opportunities,
            proposals: deals(DealStage::Proposal),
            negotiations: deals(DealStage::Negotiation),
            deals_won: won,
            deals_lost: sums.lost,
            ad_spend_cents: self.ad_spend_cents,
            pipeline_value_cents: open_cents,
            won_revenue_cents: won_cents,
            pipeline_roas: self.for_spend(open_cents),
            won_roas: self.for_spend(won_cents),
            lead_to_mql_rate: rate(mqls, leads),
            mql_to_sql_rate: rate(sqls, mqls),
            sql_to_opportunity_rate: rate(opportunities, sqls),
            opportunity_to_won_rate: rate(won, opportunities),
            win_rate: rate(won, won.saturating_add(sums.lost)),
            cost_per_lead_cents: self.cost_of(leads),
            cost_per_mql_cents: self.cost_of(mqls),
            cost_per_sql_cents: self.cost_of(sqls),
            velocity: velocity(sums.days_to_win),
            won_before_created_deals: sums.won_before_created,
            unmapped_deals: sums.unmapped,
            other_currency_deals: sums.other_currency,
            deals_without_amount: sums.without_amount,
        })
    }

    fn check(&self) -> Result<(), Problems> {
        let mut found = ProblemCollector::new();
        if self.to < self.from {
            let text = "the period ends before it begins";
            found.push(Problem::new("/to", "out_of_range", text).help("give a later end"));
        }
        if !(0..=MAX_MINOR).contains(&self.ad_spend_cents) {
            let text = format!("spend is 0 to {MAX_MINOR} minor units");
            found.push(Problem::new("/ad_spend_cents", "out_of_range", text));
        }
        for (place, deal) in self.deals.iter().enumerate() {
            if deal.amount_cents.is_some_and(|cents| !(-MAX_MINOR..=MAX_MINOR).contains(&cents)) {
                let text = format!("an amount is at most {MAX_MINOR} minor units");
                found.push(Problem::new(format!("/deals/{place}/amount_cents"), "amount_too_large", text));
            }
        }
        once("contacts", self.contacts.iter().map(|contact| &contact.id), &mut found);
        once("deals", self.deals.iter().map(|deal| &deal.id), &mut found);
        found.into_result(())
    }

    fn holds(&self, at: Timestamp) -> bool {
        self.from <= at && at < self.to
    }

    /// How far each contact came, alone or by a deal, whichever is further. A contact that only a deal names counts too.
    fn contacts_reached(&self) -> BTreeMap<&str, Way> {
        let mut ways: BTreeMap<&str, Way> = BTreeMap::new();
        let own = self.contacts.iter().map(|contact| (&contact.id, &contact.reached));
        let by_deal = self
            .deals
            .iter()
            .flat_map(|deal| deal.contact_ids.iter().map(move |contact| (contact, &deal.reached)));
        for (contact, reached) in own.chain(by_deal) {
            let way = way(reached);
            let known = ways.entry(contact).or_default();
            for (known, reached) in known.iter_mut().zip(way) {
                *known = earliest(*known, reached);
            }
        }
        ways
    }

    fn sums(&self) -> Sums {
        let mut sums = Sums::default();
        for deal in self.deals.iter().filter(|deal| deal.created_at < self.to) {
            // Of two stages at one instant the further one holds: closed is further than any, unmapped is nowhere.
            let before_end = deal.reached.iter().filter(|reached| reached.at < self.to);
            let last = before_end
                .max_by_key(|reached| (reached.at, reached.stage != DealStage::Unmapped, reached.stage));
            match last.map(|last| (last.stage, last.at)) {
                Some((DealStage::Won, at)) if self.holds(at) => {
                    sums.won.deals = sums.won.deals.saturating_add(1);
                    match at.millis_since(deal.created_at) {
                        ..0 => sums.won_before_created = sums.won_before_created.saturating_add(1),
                        took => sums.days_to_win.push(amount(took) / amount(DAY_MS)),
                    }
                    sums.won.sum = sums.won.sum.saturating_add(self.worth(deal, &mut sums));
                }
                Some((DealStage::Lost, at)) if self.holds(at) => sums.lost = sums.lost.saturating_add(1),
                Some((stage, _)) if stage.is_closed() => {}
                Some((DealStage::Unmapped, _)) | None => sums.unmapped = sums.unmapped.saturating_add(1),
                Some(_) => sums.open.sum = sums.open.sum.saturating_add(self.worth(deal, &mut sums)),
            }
        }
        sums
    }

    fn worth(&self, deal: &PipelineDeal, sums: &mut Sums) -> i128 {
        let Some(cents) = deal.amount_cents else {
            sums.without_amount = sums.without_amount.saturating_add(1);
            return 0;
        };
        if deal.currency.is_some_and(|currency| currency != self.currency) {
            sums.other_currency = sums.other_currency.saturating_add(1);
            return 0;
        }
        i128::from(cents)
    }

    fn for_spend(&self, cents: i64) -> Option<f64> {
        (self.ad_spend_cents > 0).then(|| round9(amount(cents) / amount(self.ad_spend_cents)))
    }

    fn cost_of(&self, reached: u64) -> Option<i64> {
        round_minor_ratio(i128::from(self.ad_spend_cents), i128::from(reached))
    }
}

#[derive(Default)]
struct Sums {
    won: Sum,
    open: Sum,
    lost: u64,
    unmapped: u64,
    other_currency: u64,
    without_amount: u64,
    days_to_win: Vec<f64>,
    won_before_created: u64,
}

#[derive(Default)]
struct Sum {
    deals: u64,
    /// In minor units.
    sum: i128,
}

impl Sum {
    fn cents(&self) -> Result<i64, Problems> {
        i64::try_from(self.sum).ok().filter(|cents| (-MAX_MINOR..=MAX_MINOR).contains(cents)).ok_or_else(
            || {
                let text = format!("the amounts add up to more than {MAX_MINOR} minor units");
                Problem::new("/deals", "amount_too_large", text).help("ask for a shorter period").into()
            },
        )
    }
}

fn rate(part: u64, whole: u64) -> Option<f64> {
    (whole > 0).then(|| round9(count(part) / count(whole)))
}

fn velocity(mut days: Vec<f64>) -> Option<StageVelocity> {
    days.sort_by(f64::total_cmp);
    let middle = days.len() / 2;
    let upper = *days.get(middle)?;
    let lower = days.get(middle.saturating_sub(1)).copied().unwrap_or(upper);
    let median = if days.len().is_multiple_of(2) { f64::midpoint(lower, upper) } else { upper };
    Some(StageVelocity {
        deals: u64::try_from(days.len()).unwrap_or(u64::MAX),
        mean_days: round9(stratum_core::math::mean(&days)?),
        median_days: round9(median),
    })
}
