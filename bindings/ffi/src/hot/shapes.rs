//! The one description of the hot operations: which fields a request and an answer have, in the order of their slots.
//!
//! A line for each type, its fields by name; their types are those of the libraries' own structs. From it come the reading
//! and the writing here, and the JavaScript on the other side.

use std::collections::BTreeMap;

use stratum_autopilot::action::Change;
#[cfg(feature = "schema")]
use stratum_autopilot::action::{BudgetKind, EntityStatus};
use stratum_autopilot::decision::LimitFacts;
use stratum_autopilot::enforcement::{
    CampaignFigures, CheckSubject, EnforcementFacts, EnforcementMode, EntityBudget, Exposure, ViolationType,
};
use stratum_core::emq::EmqBand;
use stratum_core::emq::event::{self, ContextSignals, EventRefusal, IdentifierKinds};
use stratum_core::gate::{GateFacts, GateReason, OpenIncident};
use stratum_core::health::{self, ApiFacts, ComponentReading, HealthIssue, HealthSnapshot, Measurements};
use stratum_core::id::{SnapshotId, TenantId};
use stratum_core::vocabulary::{GateDecision, HealthComponent, Platform};
use stratum_core::{Currency, Timestamp};

use super::shape::Absence;
#[cfg(feature = "schema")]
use super::shape::{Field, Kind, Presence, Shape};
use super::slot::{Answer, Slot, Slots, or_default};

/// The fields of a struct: `field` must be there (or is an `Option`, and then may be null), `field: default` may be left
/// out, `field: omitted` is an `Option` that an answer leaves out.
macro_rules! slots {
    ($($strictness:ident $name:ident { $($field:ident $(: $presence:ident)?),+ $(,)? })+) => {$(
        impl Slot for $name {
            const ABSENCE: Absence = Absence::Flag;

            #[cfg(feature = "schema")]
            fn kind() -> Kind {
                Kind::Object(Shape {
                    name: stringify!($name),
                    strict: slots!(@strict $strictness),
                    fields: vec![$(described(stringify!($field), |of: &Self| &of.$field, slots!(@presence $($presence)?))),+],
                })
            }

            fn read(slots: &mut Slots<'_>) -> Option<Self> {
                Some(Self { $($field: slots!(@read slots $($presence)?)?),+ })
            }

            fn write(&self, answer: &mut Answer<'_>) {
                $(self.$field.write(answer);)+
            }
        }
    )+};
    (@strict strict) => { true };
    (@strict stored) => { false };
    (@presence) => { Presence::Required };
    (@presence default) => { Presence::Default };
    (@presence omitted) => { Presence::Omitted };
    (@read $slots:ident) => { Slot::read($slots) };
    (@read $slots:ident default) => { or_default($slots) };
    (@read $slots:ident omitted) => { Slot::read($slots) };
}

/// A field whose type is that of the struct's field.
#[cfg(feature = "schema")]
fn described<S, T: Slot>(name: &'static str, _of: fn(&S) -> &T, said: Presence) -> Field {
    let (presence, absence) = match T::OPTIONAL {
        Some(within) if said == Presence::Omitted => (said, within),
        Some(within) => (Presence::Nullable, within),
        None => (said, T::ABSENCE),
    };
    Field { name, kind: T::kind(), presence, absence }
}

slots! {
    strict HealthFacts { tenant_id, platform, now, snapshot_id: omitted, data_as_of: omitted, measurements: default, components: default }
    stored HealthSnapshot {
        snapshot_id: omitted, tenant_id, platform, preset, score, status, coverage_pct, components, issues: default,
        api: default, computed_at, data_as_of,
    }
    stored ComponentReading { name, score, weight, contribution, required: default }
    stored HealthIssue { code, component: omitted, actual: omitted, limit: omitted }
    stored ApiFacts { requests: default, failures: default, credentials_valid }

    strict GateFacts {
        tenant_id, action_type, platforms, entity_type, entity_id, snapshots: default, frozen: default, incidents: default,
        now,
    }
    strict OpenIncident { platform, kind, severity }
    stored GateBrief { decision, score, threshold, codes }

    strict LimitFacts { change, known }
    strict CheckSubject { action_type, platform, entity_type, entity_id, change }
    strict EnforcementFacts {
        now, next_local_midnight, currency, first_budget_today_cents, budget, campaign_id, campaign: default,
        pause_proposal_open: default, spend_today_cents, other_daily_budgets_cents, exposure: default, changes_today,
        last_change_at,
    }
    strict EntityBudget { kind, budget_cents, spent_cents, days_left, active }
    strict CampaignFigures { spend_cents, revenue_cents, roas }
    strict Exposure { impressions, reach, frequency }
    stored EnforcementBrief { allowed, mode, requires_confirmation, codes }

    strict EventFacts {
        completeness, latency_s, email: default, phone: default, external_id: default, device_id: default,
        anonymous_id: default, click_id: default, user_agent: default, client_ip: default, campaign: default, page: default,
    }
    stored EventAnswer { score, band, refusal, factors }
    stored EventFactors { identifier_quality, data_completeness, timeliness, context_richness }
}

/// What is known of one platform, its components scored already. What was measured goes the long way.
pub(super) struct HealthFacts {
    tenant_id: TenantId,
    platform: Platform,
    now: Timestamp,
    snapshot_id: Option<SnapshotId>,
    data_as_of: Option<Timestamp>,
    measurements: Measurements,
    components: BTreeMap<HealthComponent, Option<f64>>,
}

impl From<HealthFacts> for health::HealthFacts {
    fn from(slots: HealthFacts) -> Self {
        let mut facts = Self::new(slots.tenant_id, slots.platform, slots.now);
        facts.snapshot_id = slots.snapshot_id;
        facts.data_as_of = slots.data_as_of;
        facts.measurements = slots.measurements;
        facts.components = slots.components;
        facts
    }
}

impl Slot for Measurements {
    const ABSENCE: Absence = Absence::Own;

    #[cfg(feature = "schema")]
    fn kind() -> Kind {
        Kind::Nothing
    }

    fn read(_: &mut Slots<'_>) -> Option<Self> {
        Some(Self::default())
    }

    fn write(&self, _: &mut Answer<'_>) {}
}

/// What of a gate's answer needs no text.
pub(super) struct GateBrief {
    pub(super) decision: GateDecision,
    pub(super) score: Option<f64>,
    pub(super) threshold: f64,
    pub(super) codes: Vec<GateReason>,
}

/// What of the answer of enforcement needs no text.
pub(super) struct EnforcementBrief {
    pub(super) allowed: bool,
    pub(super) mode: EnforcementMode,
    pub(super) requires_confirmation: bool,
    pub(super) codes: Vec<ViolationType>,
}

/// What the EMQ of an event depends on, as the columns of the batch name it.
pub(super) struct EventFacts {
    pub(super) completeness: f64,
    pub(super) latency_s: f64,
    email: bool,
    phone: bool,
    external_id: bool,
    device_id: bool,
    anonymous_id: bool,
    click_id: bool,
    user_agent: bool,
    client_ip: bool,
    campaign: bool,
    page: bool,
}

impl From<EventFacts> for event::EventFacts {
    fn from(slots: EventFacts) -> Self {
        Self {
            identifiers: IdentifierKinds::NONE
                .with(IdentifierKinds::EMAIL, slots.email)
                .with(IdentifierKinds::PHONE, slots.phone)
                .with(IdentifierKinds::EXTERNAL_ID, slots.external_id)
                .with(IdentifierKinds::DEVICE_ID, slots.device_id)
                .with(IdentifierKinds::ANONYMOUS_ID, slots.anonymous_id)
                .with(IdentifierKinds::CLICK_ID, slots.click_id),
            completeness: slots.completeness,
            latency_s: slots.latency_s,
            context: ContextSignals::NONE
                .with(ContextSignals::USER_AGENT, slots.user_agent)
                .with(ContextSignals::CLIENT_IP, slots.client_ip)
                .with(ContextSignals::CAMPAIGN, slots.campaign)
                .with(ContextSignals::PAGE, slots.page),
        }
    }
}

/// The EMQ of an event, or why it has none.
#[derive(Default)]
pub(super) struct EventAnswer {
    pub(super) score: Option<f64>,
    pub(super) band: Option<EmqBand>,
    pub(super) refusal: Option<EventRefusal>,
    pub(super) factors: Option<EventFactors>,
}

/// The four parts of the EMQ of an event.
pub(super) struct EventFactors {
    pub(super) identifier_quality: f64,
    pub(super) data_completeness: f64,
    pub(super) timeliness: f64,
    pub(super) context_richness: f64,
}

/// The form of a change by its position: budget, bid, status.
impl Slot for Change {
    const ABSENCE: Absence = Absence::Flag;

    #[cfg(feature = "schema")]
    fn kind() -> Kind {
        let field = |name, kind| Field { name, kind, presence: Presence::Required, absence: Absence::Nan };
        let form = |name, fields| Shape { name, strict: true, fields };
        let cents = || {
            [
                field("before_cents", i64::kind()),
                field("after_cents", i64::kind()),
                field("currency", Currency::kind()),
            ]
        };
        let status = || EntityStatus::kind();
        Kind::OneOf {
            tag: "field",
            forms: vec![
                (
                    "BUDGET",
                    form(
                        "ChangeBudget",
                        std::iter::once(field("kind", BudgetKind::kind())).chain(cents()).collect(),
                    ),
                ),
                ("BID", form("ChangeBid", cents().into())),
                ("STATUS", form("ChangeStatus", vec![field("before", status()), field("after", status())])),
            ],
        }
    }

    fn read(slots: &mut Slots<'_>) -> Option<Self> {
        match u32::read(slots)? {
            0 => {
                let kind = Slot::read(slots)?;
                let (before_cents, after_cents, currency) = cents(slots)?;
                Some(Self::Budget { kind, before_cents, after_cents, currency })
            }
            1 => {
                let (before_cents, after_cents, currency) = cents(slots)?;
                Some(Self::Bid { before_cents, after_cents, currency })
            }
            2 => Some(Self::Status { before: Slot::read(slots)?, after: Slot::read(slots)? }),
            _ => None,
        }
    }

    /// Only ever asked, never answered.
    fn write(&self, _: &mut Answer<'_>) {}
}

fn cents(slots: &mut Slots<'_>) -> Option<(i64, i64, Currency)> {
    Some((Slot::read(slots)?, Slot::read(slots)?, Slot::read(slots)?))
}
