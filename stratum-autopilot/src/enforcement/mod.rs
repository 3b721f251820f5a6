//! Enforcement: the tenant's own limits on what automation may change, and what would change a refusal.
//!
//! [`check`] compares one change with every limit and gives all that it violates. Exactly at a limit is allowed, and what
//! is unknown violates the limit that needs it. Each violation says how strict it is ([`EnforcementMode`]) and, where there
//! is such a thing, the largest amount allowed now or the instant from which the change is allowed. [`at_claim`] is the same
//! check at the moment of execution; only it makes a [`Clearance`], without which no permit exists.
//!
//! ```
//! use stratum_autopilot::action::{BudgetKind, Change};
//! use stratum_autopilot::enforcement::{
//!     CampaignFigures, CheckSubject, EnforcementFacts, EnforcementSettings, EntityBudget, Exposure, ViolationKind, check,
//! };
//! use stratum_core::Currency;
//! use stratum_core::vocabulary::{ActionType, EntityType, Platform};
//!
//! let enforcement = EnforcementSettings::default().compile().unwrap();
//! let mut facts = EnforcementFacts::new(
//!     "2026-03-01T12:00:00Z".parse().unwrap(),
//!     "2026-03-02T00:00:00Z".parse().unwrap(),
//!     Currency::USD,
//! );
//! facts.budget = Some(EntityBudget::daily(10_000));
//! facts.campaign = CampaignFigures { spend_cents: Some(70_000), revenue_cents: Some(210_000), roas: None };
//! facts.exposure = Exposure { impressions: Some(25_000), reach: Some(10_000), frequency: None };
//!
//! let raise_to = |after_cents| CheckSubject {
//!     action_type: ActionType::BudgetIncrease,
//!     platform: Some(Platform::Meta),
//!     entity_type: EntityType::Campaign,
//!     entity_id: "238512".to_owned(),
//!     change: Change::Budget { kind: BudgetKind::Daily, before_cents: 10_000, after_cents, currency: Currency::USD },
//! };
//! assert!(check(&enforcement, &raise_to(12_000), &facts).allowed);             // exactly 20 %
//!
//! let refused = check(&enforcement, &raise_to(12_001), &facts);
//! assert!(refused.requires_confirmation);                                        // SOFT_BLOCK is the default
//! assert_eq!(refused.violations[0].kind, Some(ViolationKind::DailyIncrease));
//! assert_eq!(refused.violations[0].allowed_max_cents, Some(12_000));             // what would change it
//! ```

mod check;
mod claim;
mod compiled;
mod confirmation;
mod exact;
mod facts;
mod rules;
mod settings;
#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;
mod violation;
mod vocabulary;

pub use check::{EnforcementCheck, check};
pub use claim::{ClaimRuling, ClaimVerdict, Clearance, at_claim};
pub use compiled::CompiledEnforcement;
pub use confirmation::{
    CONFIRMATION_USABLE_FOR_MS, Confirmation, ConfirmationAttempt, ConfirmationRefusal, ConfirmationToken,
    Confirmed, REASON_CHARS, TOKEN_VALID_FOR_MS,
};
pub use facts::{CampaignFigures, CheckSubject, EnforcementFacts, EntityBudget, Exposure, daily_share_cents};
pub use settings::{DEFAULT_MAX_CAMPAIGN_BUDGET, EnforcementRule, EnforcementSettings};
pub use violation::{Violation, ViolationKey};
pub use vocabulary::{EnforcementMode, ViolationKind, ViolationType};
