//! What a condition can be about.

use stratum_core::enumeration;
use stratum_core::problem::Problem;
use stratum_core::spelling::nearest;

use crate::consent::ConsentType;
use crate::identifier::IdentifierType;

enumeration! {
    /// A field that every profile has, or could have.
    pub enum FixedField "field" {
        /// The stage of the customer's life.
        LifecycleStage = "profile.lifecycle_stage",
        /// How many events.
        TotalEvents = "profile.total_events",
        /// How many sessions.
        TotalSessions = "profile.total_sessions",
        /// How many purchases.
        TotalPurchases = "profile.total_purchases",
        /// Revenue in minor units.
        TotalRevenueCents = "profile.total_revenue_cents",
        /// The first event.
        FirstSeenAt = "profile.first_seen_at",
        /// The last event.
        LastSeenAt = "profile.last_seen_at",
        /// The id in the tenant's own system.
        ExternalId = "profile.external_id",
        /// Days since the last purchase.
        RecencyDays = "rfm.recency_days",
        /// Purchases in the window.
        Frequency = "rfm.frequency",
        /// Spent in the window, in minor units.
        MonetaryCents = "rfm.monetary_cents",
        /// 1 to 5.
        RecencyScore = "rfm.recency_score",
        /// 1 to 5.
        FrequencyScore = "rfm.frequency_score",
        /// 1 to 5.
        MonetaryScore = "rfm.monetary_score",
        /// The three scores as digits.
        RfmCell = "rfm.rfm_cell",
        /// Their mean.
        RfmScore = "rfm.rfm_score",
        /// The label.
        RfmSegment = "rfm.segment",
        /// The window in days.
        AnalysisWindowDays = "rfm.analysis_window_days",
        /// When it was computed.
        CalculatedAt = "rfm.calculated_at",
        /// How likely the customer is gone, 0 to 1.
        ChurnProbability = "prediction.churn_probability",
        /// The band of it.
        ChurnBand = "prediction.churn_band",
        /// Expected revenue of the next 365 days, in minor units.
        Ltv365Cents = "prediction.ltv_365_cents",
        /// The class of it.
        LtvClass = "prediction.ltv_class",
    }
}

/// What kind of value a field holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum FieldType {
    /// Text.
    Text,
    /// Text of a closed list, in its own spelling.
    Word(&'static [&'static str]),
    /// A number.
    Number,
    /// True or false.
    Boolean,
    /// An instant.
    Time,
    /// Whatever the tenant wrote.
    Any,
}

const STAGES: &[&str] = &["anonymous", "known", "lead", "customer", "active", "at_risk", "churned"];
const LABELS: &[&str] = &[
    "champions",
    "loyal_customers",
    "potential_loyalists",
    "new_customers",
    "promising",
    "need_attention",
    "about_to_sleep",
    "at_risk",
    "cannot_lose",
    "lost",
    "hibernating",
];
const BANDS: &[&str] = &["LOW", "MEDIUM", "HIGH", "CRITICAL"];
const CLASSES: &[&str] = &["VIP", "HIGH", "MEDIUM", "LOW"];

impl FixedField {
    pub(crate) const fn field_type(self) -> FieldType {
        match self {
            Self::LifecycleStage => FieldType::Word(STAGES),
            Self::RfmSegment => FieldType::Word(LABELS),
            Self::ChurnBand => FieldType::Word(BANDS),
            Self::LtvClass => FieldType::Word(CLASSES),
            Self::ExternalId | Self::RfmCell => FieldType::Text,
            Self::FirstSeenAt | Self::LastSeenAt | Self::CalculatedAt => FieldType::Time,
            _ => FieldType::Number,
        }
    }

    /// Whether its value can name a person.
    pub(crate) const fn is_personal(self) -> bool {
        matches!(self, Self::ExternalId)
    }
}

/// What a condition is about.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Field {
    /// A field of the profile, of its RFM or of its predictions.
    Fixed(FixedField),
    /// `data.<path>`: an attribute that the tenant sent; the keys of the path.
    Data(Vec<String>),
    /// `trait.<name>`: a computed trait.
    Trait(String),
    /// `identifier.<type>`: whether the profile has one.
    Identifier(IdentifierType),
    /// `consent.<type>`: whether the person consents.
    Consent(ConsentType),
    /// `segment.<id>`: whether the profile is a member.
    Segment(String),
    /// `event.<Name>.<what>`: what the events of a name come to.
    Event(EventField),
}

/// What the events of one name come to.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct EventField {
    /// The event's name, exactly.
    pub name: String,
    /// What of them.
    pub fact: EventFactKind,
}

/// What is computed over the events.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum EventFactKind {
    /// How many; 0 of none.
    Count,
    /// Whether there is one; false of none.
    Exists,
    /// The instant of the first.
    First,
    /// The instant of the last.
    Last,
    /// The exact sum of a property's numbers; 0 of none.
    Sum(Vec<String>),
    /// The property of the last event that has it.
    Property(Vec<String>),
}

const GROUPS: [&str; 8] =
    ["profile.", "data.", "trait.", "rfm.", "prediction.", "identifier.", "consent.", "segment."];
const MAX_KEYS: usize = 10;
const MAX_NAME: usize = 255;

impl Field {
    /// Reads the name of a field.
    ///
    /// # Errors
    /// `unknown_value` with the nearest field, `invalid_format` for a path or name that cannot be.
    pub fn parse(text: &str) -> Result<Self, Problem> {
        if let Some(fixed) = FixedField::ALL.iter().find(|field| field.as_str() == text) {
            return Ok(Self::Fixed(*fixed));
        }
        let (group, rest) = text.split_once('.').unwrap_or((text, ""));
        match group {
            "data" => path(rest).map(Self::Data),
            "trait" if is_trait_name(rest) => Ok(Self::Trait(rest.to_owned())),
            "trait" => Err(Problem::new(
                "",
                "invalid_format",
                "the name of a trait is made of a to z, 0 to 9 and _, a letter first, at most 100",
            )),
            "identifier" => word(rest, IdentifierType::ALL, IdentifierType::as_str).map(Self::Identifier),
            "consent" => word(rest, ConsentType::ALL, ConsentType::as_str).map(Self::Consent),
            "segment" if !rest.is_empty() && rest.len() <= MAX_NAME && is_storable(rest) => {
                Ok(Self::Segment(rest.to_owned()))
            }
            "event" => event(rest).map(Self::Event),
            _ => Err(unknown(text)),
        }
    }

    /// What kind of value it holds.
    ///
    /// ```
    /// use stratum_cdp::segment::{Field, FieldType};
    /// assert_eq!(Field::parse("consent.ads").unwrap().field_type(), FieldType::Boolean);
    /// ```
    #[must_use]
    pub const fn field_type(&self) -> FieldType {
        match self {
            Self::Fixed(fixed) => fixed.field_type(),
            Self::Data(_) | Self::Trait(_) => FieldType::Any,
            Self::Identifier(_) | Self::Consent(_) | Self::Segment(_) => FieldType::Boolean,
            Self::Event(event) => match event.fact {
                EventFactKind::Count | EventFactKind::Sum(_) => FieldType::Number,
                EventFactKind::Exists => FieldType::Boolean,
                EventFactKind::First | EventFactKind::Last => FieldType::Time,
                EventFactKind::Property(_) => FieldType::Any,
            },
        }
    }

    /// Whether its value can name a person, so that no reason shows it.
    pub(crate) const fn is_personal(&self) -> bool {
        match self {
            Self::Fixed(fixed) => fixed.is_personal(),
            Self::Data(_) | Self::Trait(_) => true,
            Self::Event(event) => matches!(event.fact, EventFactKind::Property(_)),
            Self::Identifier(_) | Self::Consent(_) | Self::Segment(_) => false,
        }
    }

    pub(crate) const fn is_prediction(&self) -> bool {
        matches!(
            self,
            Self::Fixed(
                FixedField::ChurnProbability
                    | FixedField::ChurnBand
                    | FixedField::Ltv365Cents
                    | FixedField::LtvClass
            )
        )
    }
}

fn path(text: &str) -> Result<Vec<String>, Problem> {
    let keys: Vec<String> = text.split('.').map(str::to_owned).collect();
    let right = |key: &String| !key.is_empty() && key.len() <= MAX_NAME && is_storable(key);
    if keys.len() <= MAX_KEYS && keys.iter().all(right) {
        Ok(keys)
    } else {
        Err(Problem::new("", "invalid_format", "a path is 1 to 10 keys with a dot between them")
            .help("write data.city, data.address.zip, …"))
    }
}

/// PostgreSQL cannot store the character U+0000.
pub(crate) fn is_storable(text: &str) -> bool {
    !text.contains('\0')
}

/// `^[a-z][a-z0-9_]{0,99}$`
pub(crate) fn is_trait_name(name: &str) -> bool {
    name.len() <= 100
        && name.bytes().next().is_some_and(|first| first.is_ascii_lowercase())
        && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
}

/// `^[A-Za-z0-9][A-Za-z0-9 _-]*$`, at most 255 characters.
fn is_event_name(name: &str) -> bool {
    name.len() <= MAX_NAME
        && name.bytes().next().is_some_and(|first| first.is_ascii_alphanumeric())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b' ' | b'_' | b'-'))
}

fn word<T: Copy>(text: &str, all: &[T], spelled: fn(T) -> &'static str) -> Result<T, Problem> {
    all.iter().copied().find(|&one| spelled(one) == text).ok_or_else(|| {
        let names: Vec<&str> = all.iter().map(|&one| spelled(one)).collect();
        did_you_mean(text, &names)
    })
}

fn did_you_mean(text: &str, names: &[&str]) -> Problem {
    let shown: String = text.chars().take(60).collect();
    let problem = Problem::new("", "unknown_value", format!("there is no field {shown:?} here"));
    match nearest(text, names.iter().copied()) {
        Some(meant) => problem.help(format!("did you mean {meant}?")),
        None => problem.help(format!("write one of: {}", names.join(", "))),
    }
}

fn unknown(text: &str) -> Problem {
    let fixed: Vec<&str> = FixedField::ALL.iter().map(|field| field.as_str()).collect();
    let shown: String = text.chars().take(60).collect();
    let problem = Problem::new("", "unknown_value", format!("there is no field {shown:?}"));
    let group = text.split_once('.').map_or(text, |(group, _)| group);
    let group = format!("{group}.");
    match nearest(text, fixed.iter().copied()).or_else(|| nearest(&group, GROUPS.iter().copied())) {
        Some(meant) => problem.help(format!("did you mean {meant}?")),
        None if GROUPS.contains(&group.as_str()) => {
            let same: Vec<&str> = fixed.into_iter().filter(|name| name.starts_with(&group)).collect();
            problem.help(format!("the fields are: {}", same.join(", ")))
        }
        None => problem.help(format!("a field begins with one of: {} event.", GROUPS.join(" "))),
    }
}

fn event(rest: &str) -> Result<EventField, Problem> {
    const FACTS: [&str; 6] = ["count", "exists", "first", "last", "sum", "property"];
    let (name, fact) = rest.split_once('.').unwrap_or((rest, ""));
    if !is_event_name(name) {
        return Err(Problem::new(
            "",
            "invalid_format",
            "an event name starts with a letter or digit and goes on with letters, digits, spaces, _ and -",
        )
        .help("write event.Purchase.count"));
    }
    let (fact, property) =
        fact.split_once('.').map_or((fact, None), |(fact, property)| (fact, Some(property)));
    let fact = match (fact, property) {
        ("count", None) => EventFactKind::Count,
        ("exists", None) => EventFactKind::Exists,
        ("first", None) => EventFactKind::First,
        ("last", None) => EventFactKind::Last,
        ("sum", Some(property)) => EventFactKind::Sum(path(property)?),
        ("property", Some(property)) => EventFactKind::Property(path(property)?),
        ("sum" | "property", None) => {
            return Err(Problem::new("", "invalid_format", format!("{fact} needs the name of a property"))
                .help(format!("write event.{name}.{fact}.total")));
        }
        _ => return Err(did_you_mean(fact, &FACTS)),
    };
    Ok(EventField { name: name.to_owned(), fact })
}
