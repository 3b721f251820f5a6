//! The tenant's limits: the seed's defaults, every range in one place.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use stratum_core::Currency;
use stratum_core::money::MAX_MINOR;
use stratum_core::problem::{Problem, ProblemCollector, Problems};
use stratum_core::vocabulary::Platform;

use super::{CompiledEnforcement, EnforcementMode, ViolationType};

/// The default budget cap in major units of the tenant's currency.
pub const DEFAULT_MAX_CAMPAIGN_BUDGET: i64 = 10_000;

/// A tenant's enforcement settings. [`EnforcementSettings::compile`] validates them and gives what checks.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct EnforcementSettings {
    /// Whether anything may be approved automatically. Off removes automation, not control: the limits, the gate and the
    /// kill switch stay.
    pub enforcement_enabled: bool,
    /// How strict the built-in rules are, and own rules that do not say.
    pub default_mode: EnforcementMode,
    /// How far budgets may rise in one day, in percent of the day's opening budget; above 0, at most 100.
    pub max_daily_budget_increase_pct: f64,
    /// The largest budget after a change, in minor units; above 0.
    pub max_campaign_budget_cents: i64,
    /// The return (revenue / spend) below which nothing is raised; at least 0.
    pub roas_threshold: f64,
    /// Over how many complete days the return is taken, 1 to 90.
    pub roas_lookback_days: u32,
    /// How many changes the tenant makes in one of its days, 1 to 1000.
    pub max_changes_per_day: u32,
    /// Hours between two changes of one entity, 0 to 168.
    pub min_hours_between_changes: u32,
    /// The most that the tenant wants to spend in a day, in minor units, at least 0; no limit if absent.
    pub daily_spend_limit_cents: Option<i64>,
    /// Impressions per person in 7 days above which nothing is raised; above 0.
    pub ad_frequency_cap: f64,
    /// Below this fraction of `roas_threshold` a campaign ought to be paused; 0 to 1.
    pub pause_roas_frac: f64,
    /// The spend over the lookback from which that is said, in minor units; at least 0.
    pub pause_min_spend_cents: i64,
    /// The tenant's own rules; each adds to the built-in one of its type.
    pub rules: Vec<EnforcementRule>,
}

impl Default for EnforcementSettings {
    /// The defaults for a currency of two decimals; see [`EnforcementSettings::for_currency`].
    fn default() -> Self {
        Self::for_currency(Currency::USD)
    }
}

/// A tenant's own rule.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct EnforcementRule {
    /// Its name: 1 to 64 characters `a-z 0-9 - _`, the first a letter or digit; unique in the settings.
    pub rule_id: String,
    /// Which limit it adds to.
    pub rule_type: ViolationType,
    /// The limit: minor units for `BUDGET_EXCEEDED` and `DAILY_SPEND_LIMIT`, a return for `ROAS_BELOW_THRESHOLD` and
    /// `CAMPAIGN_PAUSE_REQUIRED`, impressions per person in 7 days for `FREQUENCY_CAP_EXCEEDED`.
    pub threshold_value: f64,
    /// How strict it is; the settings' default mode if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub enforcement_mode: Option<EnforcementMode>,
    /// Whether it applies.
    #[serde(default = "enabled")]
    pub enabled: bool,
    /// Why it is there; up to 500 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// The only platform on which it applies; everywhere if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub platform: Option<Platform>,
}

const fn enabled() -> bool {
    true
}

impl EnforcementRule {
    /// A rule that applies on every platform in the settings' default mode.
    #[must_use]
    pub fn new(rule_id: impl Into<String>, rule_type: ViolationType, threshold_value: f64) -> Self {
        Self {
            rule_id: rule_id.into(),
            rule_type,
            threshold_value,
            enforcement_mode: None,
            enabled: true,
            description: None,
            platform: None,
        }
    }

    /// Validates the rule on its own.
    ///
    /// # Errors
    /// Every problem at once: `invalid_rule_id`, `not_a_number`, `out_of_range`, `not_whole`, `length`.
    pub fn validate(&self) -> Result<(), Problems> {
        let mut found = ProblemCollector::new();
        let slug = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
        if !(1..=64).contains(&self.rule_id.len())
            || !self.rule_id.starts_with(slug)
            || !self.rule_id.chars().all(|c| slug(c) || c == '-' || c == '_')
        {
            found.push(
                Problem::new(
                    "/rule_id",
                    "invalid_rule_id",
                    "a rule id has 1 to 64 characters a-z, 0-9, - and _, the first a letter or digit",
                )
                .help("write it as weekend-cap"),
            );
        }
        if self.description.as_ref().is_some_and(|text| text.chars().count() > 500) {
            found.push(Problem::new("/description", "length", "a description has at most 500 characters"));
        }
        let threshold = self.threshold_value;
        let problem = |code, message: String| Problem::new("/threshold_value", code, message);
        if !threshold.is_finite() {
            found.push(problem("not_a_number", "a threshold is a finite number".to_owned()));
        } else {
            let (least, above, cents) = match self.rule_type {
                ViolationType::BudgetExceeded => ("above 0", threshold > 0.0, true),
                ViolationType::DailySpendLimit => ("at least 0", threshold >= 0.0, true),
                ViolationType::RoasBelowThreshold | ViolationType::CampaignPauseRequired => {
                    ("at least 0", threshold >= 0.0, false)
                }
                ViolationType::FrequencyCapExceeded => ("above 0", threshold > 0.0, false),
            };
            if !above {
                found.push(problem(
                    "out_of_range",
                    format!("the threshold of {} is {least}, not {threshold}", self.rule_type),
                ));
            } else if cents && threshold > stratum_core::math::amount(MAX_MINOR) {
                found.push(problem("out_of_range", format!("an amount is at most {MAX_MINOR} minor units")));
            } else if cents && threshold.fract() != 0.0 {
                found.push(
                    problem("not_whole", format!("{threshold} is no whole number of minor units"))
                        .help("write minor units: 12.50 USD is 1250"),
                );
            }
        }
        found.into_result(())
    }
}

impl EnforcementSettings {
    /// The defaults for a currency: a cap of 10,000 major units, whatever its minor unit is.
    #[must_use]
    pub fn for_currency(currency: Currency) -> Self {
        Self {
            enforcement_enabled: true,
            default_mode: EnforcementMode::SoftBlock,
            max_daily_budget_increase_pct: 20.0,
            max_campaign_budget_cents: DEFAULT_MAX_CAMPAIGN_BUDGET.saturating_mul(currency.minor_per_major()),
            roas_threshold: 2.0,
            roas_lookback_days: 7,
            max_changes_per_day: 10,
            min_hours_between_changes: 4,
            daily_spend_limit_cents: None,
            ad_frequency_cap: 3.0,
            pause_roas_frac: 0.5,
            pause_min_spend_cents: 5_000,
            rules: Vec::new(),
        }
    }

    /// Validates the settings and gives what checks: cheap to share, immutable.
    ///
    /// # Errors
    /// Every problem at once: `not_a_number`, `out_of_range`, `duplicate_rule`, and those of
    /// [`EnforcementRule::validate`] below `/rules/{index}`.
    pub fn compile(&self) -> Result<CompiledEnforcement, Problems> {
        let mut found = ProblemCollector::new();
        self.check_numbers(&mut found);
        self.check_amounts(&mut found);
        let mut ids = BTreeSet::new();
        for (index, rule) in self.rules.iter().enumerate() {
            let path = format!("/rules/{index}");
            found.take(&path, rule.validate());
            if !ids.insert(rule.rule_id.as_str()) {
                found.push(Problem::new(
                    format!("{path}/rule_id"),
                    "duplicate_rule",
                    format!("there is a rule {:?} already", rule.rule_id),
                ));
            }
        }
        found.into_result(())?;
        CompiledEnforcement::new(self.clone()).map_err(Problems::from)
    }

    fn check_numbers(&self, found: &mut ProblemCollector) {
        let pct = self.max_daily_budget_increase_pct;
        let numbers: [(&str, f64, bool, &str); 4] = [
            ("max_daily_budget_increase_pct", pct, pct > 0.0 && pct <= 100.0, "above 0 and at most 100"),
            ("roas_threshold", self.roas_threshold, self.roas_threshold >= 0.0, "at least 0"),
            ("ad_frequency_cap", self.ad_frequency_cap, self.ad_frequency_cap > 0.0, "above 0"),
            ("pause_roas_frac", self.pause_roas_frac, (0.0..=1.0).contains(&self.pause_roas_frac), "0 to 1"),
        ];
        for (name, value, holds, range) in numbers {
            if !value.is_finite() {
                found.push(Problem::new(
                    format!("/{name}"),
                    "not_a_number",
                    format!("{name} is a finite number"),
                ));
            } else if !holds {
                found.push(out_of_range(name, range, value));
            }
        }
        for (name, value, range) in [
            ("roas_lookback_days", self.roas_lookback_days, 1..=90),
            ("max_changes_per_day", self.max_changes_per_day, 1..=1000),
            ("min_hours_between_changes", self.min_hours_between_changes, 0..=168),
        ] {
            if !range.contains(&value) {
                found.push(out_of_range(name, &format!("{} to {}", range.start(), range.end()), value));
            }
        }
    }

    fn check_amounts(&self, found: &mut ProblemCollector) {
        for (name, value, least) in [
            ("max_campaign_budget_cents", Some(self.max_campaign_budget_cents), 1),
            ("daily_spend_limit_cents", self.daily_spend_limit_cents, 0),
            ("pause_min_spend_cents", Some(self.pause_min_spend_cents), 0),
        ] {
            if let Some(value) = value.filter(|value| !(least..=MAX_MINOR).contains(value)) {
                found.push(out_of_range(name, &format!("{least} to {MAX_MINOR} minor units"), value));
            }
        }
    }
}

fn out_of_range(name: &str, range: &str, value: impl std::fmt::Display) -> Problem {
    Problem::new(format!("/{name}"), "out_of_range", format!("{name} is {range}, not {value}"))
}
