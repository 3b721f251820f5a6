//! What better matching would be worth.

use serde::{Deserialize, Serialize};
use stratum_core::enumeration;
use stratum_core::math::{amount, round9};
use stratum_core::money::round_minor_ratio;
use stratum_core::problem::{ProblemCollector, Problems};

use super::exact::{BILLION, billionths, check_cents, check_range};
use super::figures::MAX_DAILY_CENTS;

/// The match rate aimed at where nothing else is said: from there on it is good.
pub const DEFAULT_TARGET_MATCH_RATE: f64 = 0.85;

/// At most this part of the revenue that is attributed now counts as recoverable.
pub const RECOVERY_CAP: f64 = 0.5;

/// Below this match rate too little is seen to say what is missing.
const LEAST_MATCH_RATE: f64 = 0.2;

// With these an amount stays below 2⁵³ whatever is multiplied.
const MOST_ROAS: f64 = 1e3;
const MOST_HOURS: f64 = 1e5;
const MOST_HOUR_COST_CENTS: i64 = 10_000_000_000;

enumeration! {
    /// What to know before the figure is believed.
    pub enum RoiFlag "ROI flag" {
        /// It is an estimate; always there.
        Estimate = "estimate",
        /// More would be recoverable by the match rates than the 50 % that are counted at most.
        Capped = "capped",
        /// The match rate is unknown or below 0.2, so nothing can be said.
        NotDefined = "not_defined",
    }
}

/// What would more matched events be worth? Amounts are minor units of one currency.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct RoiRequest {
    /// Advertising spend of a month, 0 to 10¹³.
    pub monthly_spend_cents: i64,
    /// Attributed revenue / spend, 0 to 1000.
    pub roas: f64,
    /// The part of the events that are matched to people now, 0 to 1; nothing can be said without it or below 0.2.
    #[serde(default)]
    pub match_rate: Option<f64>,
    /// The part aimed at, 0 to 1.
    #[serde(default = "default_target")]
    pub target_match_rate: f64,
    /// What is left of a unit of revenue after its variable costs, 0 to 1.
    pub contribution_margin: f64,
    /// Hours of work saved in a month, 0 to 10⁵.
    #[serde(default)]
    pub hours_saved: f64,
    /// What an hour costs, 0 to 10¹⁰.
    #[serde(default)]
    pub hour_cost_cents: i64,
    /// What the product costs a month, 0 to 10¹³.
    pub monthly_fee_cents: i64,
    /// What it costs once, 0 to 10¹³.
    #[serde(default)]
    pub setup_cost_cents: i64,
}

const fn default_target() -> f64 {
    DEFAULT_TARGET_MATCH_RATE
}

impl RoiRequest {
    /// A question without hours and set-up cost, aiming at [`DEFAULT_TARGET_MATCH_RATE`].
    #[must_use]
    pub const fn new(
        monthly_spend_cents: i64,
        roas: f64,
        match_rate: f64,
        contribution_margin: f64,
        monthly_fee_cents: i64,
    ) -> Self {
        Self {
            monthly_spend_cents,
            roas,
            match_rate: Some(match_rate),
            target_match_rate: DEFAULT_TARGET_MATCH_RATE,
            contribution_margin,
            hours_saved: 0.0,
            hour_cost_cents: 0,
            monthly_fee_cents,
            setup_cost_cents: 0,
        }
    }

    fn check(&self) -> Result<(), Problems> {
        let mut found = ProblemCollector::new();
        for (path, noun, cents, most) in [
            ("/monthly_spend_cents", "spend", self.monthly_spend_cents, MAX_DAILY_CENTS),
            ("/hour_cost_cents", "the cost of an hour", self.hour_cost_cents, MOST_HOUR_COST_CENTS),
            ("/monthly_fee_cents", "a fee", self.monthly_fee_cents, MAX_DAILY_CENTS),
            ("/setup_cost_cents", "a set-up cost", self.setup_cost_cents, MAX_DAILY_CENTS),
        ] {
            check_cents(&mut found, path, noun, cents, most);
        }
        let fraction = (0.0, 1.0);
        for (path, noun, value, range) in [
            ("/roas", "a return", self.roas, (0.0, MOST_ROAS)),
            ("/match_rate", "a match rate", self.match_rate.unwrap_or_default(), fraction),
            ("/target_match_rate", "a match rate", self.target_match_rate, fraction),
            ("/contribution_margin", "a contribution margin", self.contribution_margin, fraction),
            ("/hours_saved", "the hours of a month", self.hours_saved, (0.0, MOST_HOURS)),
        ] {
            check_range(&mut found, path, noun, value, range);
        }
        found.into_result(())
    }

    /// The revenue that the missing matches stand for, and whether the cap was met.
    fn recovered(&self) -> Option<(i64, bool)> {
        let now = self.match_rate.filter(|&rate| round9(rate) >= LEAST_MATCH_RATE).map(billionths)?;
        let missing = billionths(self.target_match_rate).saturating_sub(now).max(0);
        let revenue = i128::from(self.monthly_spend_cents).saturating_mul(billionths(self.roas));
        let capped = missing.saturating_mul(2) > now;
        // Above the cap half of the revenue counts, below it the part that is missing of what is matched now.
        let (part, whole) = if capped { (1, 2) } else { (missing, now) };
        let recovered = round_minor_ratio(revenue.saturating_mul(part), BILLION.saturating_mul(whole))?;
        Some((recovered, capped))
    }

    /// margin · recovered + hours · cost, from the amounts as they are shown.
    fn benefit(&self, recovered_cents: i64) -> Option<i64> {
        let contribution = billionths(self.contribution_margin).saturating_mul(i128::from(recovered_cents));
        let work = billionths(self.hours_saved).saturating_mul(i128::from(self.hour_cost_cents));
        round_minor_ratio(contribution.saturating_add(work), BILLION)
    }
}

/// What more matched events would be worth: an estimate, in which at most half of the attributed revenue is recoverable.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct Roi {
    /// Revenue of a month that would be attributed in addition; null where it is not defined.
    pub recovered_revenue_cents: Option<i64>,
    /// contribution margin · recovered revenue + hours · their cost.
    pub benefit_cents: Option<i64>,
    /// 100 · (benefit − fee) / fee; null without a fee.
    pub roi_pct: Option<f64>,
    /// Set-up cost / (benefit − fee); null where the benefit is not above the fee.
    pub payback_months: Option<f64>,
    /// At most this part of the attributed revenue is recoverable: 0.5.
    pub recovery_cap_frac: f64,
    /// `estimate` always, and what else to know.
    pub flags: Vec<RoiFlag>,
}

/// Estimates what it is worth to match more events.
///
/// ```
/// use stratum_autopilot::whatif::{RoiRequest, roi};
/// let mut request = RoiRequest::new(5_000_000, 3.0, 0.60, 0.4, 200_000);
/// request.hours_saved = 20.0;
/// request.hour_cost_cents = 5_000;
/// request.setup_cost_cents = 500_000;
/// let roi = roi(&request).unwrap();
/// assert_eq!(roi.recovered_revenue_cents, Some(6_250_000));
/// assert_eq!(roi.benefit_cents, Some(2_600_000));
/// assert_eq!((roi.roi_pct, roi.payback_months), (Some(1200.0), Some(0.208333333)));
/// ```
///
/// # Errors
/// Every problem of the request at once: `out_of_range`, `not_a_number`.
pub fn roi(request: &RoiRequest) -> Result<Roi, Problems> {
    request.check()?;
    let recovered = request.recovered();
    let benefit_cents = recovered.and_then(|(cents, _)| request.benefit(cents));
    let fee = request.monthly_fee_cents;
    let gain = benefit_cents.map(|benefit| benefit.saturating_sub(fee));
    let flags = [
        (true, RoiFlag::Estimate),
        (recovered.is_some_and(|(_, capped)| capped), RoiFlag::Capped),
        (recovered.is_none(), RoiFlag::NotDefined),
    ];
    Ok(Roi {
        recovered_revenue_cents: recovered.map(|(cents, _)| cents),
        benefit_cents,
        roi_pct: gain.filter(|_| fee > 0).map(|gain| round9(100.0 * amount(gain) / amount(fee))),
        payback_months: gain
            .filter(|&gain| gain > 0)
            .map(|gain| round9(amount(request.setup_cost_cents) / amount(gain))),
        recovery_cap_frac: RECOVERY_CAP,
        flags: flags.iter().filter(|(raised, _)| *raised).map(|(_, flag)| *flag).collect(),
    })
}
