//! Validated settings, laid out as one list of limits per violation type.

use stratum_core::canonical::{self, Digest};
use stratum_core::money::round_minor;
use stratum_core::problem::Problem;
use stratum_core::vocabulary::Platform;

use super::exact::Exact;
use super::{EnforcementMode, EnforcementSettings, ViolationType};

const TYPES: usize = ViolationType::ALL.len();

/// One limit of a violation type: the built-in one, or a tenant's own rule.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Limit {
    /// The limit as it is shown: minor units, a return, or impressions per person.
    pub(super) shown: f64,
    /// The same, exactly.
    pub(super) exact: Exact,
    /// The same in minor units, for the types that compare money.
    pub(super) cents: i64,
    /// How strict it is.
    pub(super) mode: EnforcementMode,
    /// The tenant's own rule; `None` for the built-in one.
    pub(super) rule_id: Option<String>,
    /// The only platform on which it applies.
    platform: Option<Platform>,
}

/// [`EnforcementSettings`] that were found valid. Immutable; share it behind an `Arc` or a reference.
#[derive(Debug, Clone, PartialEq)]
pub struct CompiledEnforcement {
    settings: EnforcementSettings,
    digest: Digest,
    limits: [Vec<Limit>; TYPES],
    pub(super) increase_pct: Exact,
}

impl CompiledEnforcement {
    /// Lays out settings whose validity [`EnforcementSettings::compile`] has checked.
    pub(super) fn new(settings: EnforcementSettings) -> Result<Self, Problem> {
        let built_in = |shown: f64, exact: Exact| Limit {
            shown,
            exact,
            cents: round_minor(shown).unwrap_or_default(),
            mode: settings.default_mode,
            rule_id: None,
            platform: None,
        };
        let cents = |cents: i64| {
            let shown = stratum_core::math::amount(cents);
            Limit { cents, ..built_in(shown, Exact::of(shown)) }
        };
        let ratio = |shown: f64| built_in(shown, Exact::of(shown));
        let mut limits: [Vec<Limit>; TYPES] = Default::default();
        for (&violation_type, limits) in ViolationType::ALL.iter().zip(limits.iter_mut()) {
            limits.extend(match violation_type {
                ViolationType::BudgetExceeded => Some(cents(settings.max_campaign_budget_cents)),
                ViolationType::RoasBelowThreshold => Some(ratio(settings.roas_threshold)),
                ViolationType::DailySpendLimit => settings.daily_spend_limit_cents.map(cents),
                ViolationType::CampaignPauseRequired => Some(built_in(
                    stratum_core::math::round9(settings.pause_roas_frac * settings.roas_threshold),
                    Exact::of(settings.pause_roas_frac).times(Exact::of(settings.roas_threshold)),
                )),
                ViolationType::FrequencyCapExceeded => Some(ratio(settings.ad_frequency_cap)),
            });
            let own = settings.rules.iter().filter(|rule| rule.enabled && rule.rule_type == violation_type);
            limits.extend(own.map(|rule| Limit {
                mode: rule.enforcement_mode.unwrap_or(settings.default_mode),
                rule_id: Some(rule.rule_id.clone()),
                platform: rule.platform,
                ..ratio(rule.threshold_value)
            }));
        }
        Ok(Self {
            digest: canonical::digest(&settings)?,
            increase_pct: Exact::of(settings.max_daily_budget_increase_pct),
            limits,
            settings,
        })
    }

    /// The settings as they were written.
    #[must_use]
    pub const fn settings(&self) -> &EnforcementSettings {
        &self.settings
    }

    /// SHA-256 of the settings' canonical JSON: what a recorded decision names them by.
    #[must_use]
    pub const fn digest(&self) -> Digest {
        self.digest
    }

    /// The limits of a type that apply on a platform, the built-in one first. Where the platform is unknown, all apply.
    pub(super) fn limits(
        &self,
        violation_type: ViolationType,
        platform: Option<Platform>,
    ) -> impl Iterator<Item = &Limit> {
        self.limits.get(violation_type.index()).into_iter().flatten().filter(move |limit| {
            match (limit.platform, platform) {
                (Some(only), Some(platform)) => only == platform,
                _ => true,
            }
        })
    }
}
