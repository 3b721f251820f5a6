//! One decision of a person, with its proof.

use std::fmt;

use serde::{Deserialize, Serialize};
use stratum_core::{Timestamp, enumeration};

use crate::event::Event;

enumeration! {
    /// What a decision is about.
    pub enum ConsentType "consent type" {
        /// Measuring what the person does.
        Analytics = "analytics",
        /// Audiences and conversions at ad platforms.
        Ads = "ads",
        /// E-mail.
        Email = "email",
        /// Text messages.
        Sms = "sms",
        /// All of these.
        All = "all",
    }
}

impl ConsentType {
    /// The purposes: every type but `all`.
    pub const PURPOSES: [Self; 4] = [Self::Analytics, Self::Ads, Self::Email, Self::Sms];
}

/// The source of a decision that follows from the right to opt out of sale and sharing (CCPA § 1798.120), asked for or
/// told by a Global Privacy Control signal.
pub const CCPA_OPT_OUT: &str = "ccpa_opt_out";

/// What a person decided, when, and how that can be proven.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct ConsentDecision {
    /// What it is about.
    pub consent_type: ConsentType,
    /// Whether consent was given; `false` is a denial or a withdrawal.
    pub granted: bool,
    /// When the person decided.
    pub recorded_at: Timestamp,
    /// Where: `event`, a form, `ccpa_opt_out`; at most 100 characters.
    #[serde(default)]
    pub source: Option<String>,
    /// The version of the text that the person read, at most 50 characters.
    #[serde(default)]
    pub consent_version: Option<String>,
    /// What the person read, at most 10,000 characters.
    #[serde(default)]
    pub consent_text: Option<String>,
    /// What proves it: a reference to a signed form, a log line, a ticket; at most 500 characters.
    #[serde(default)]
    pub proof: Option<String>,
}

impl ConsentDecision {
    /// A decision without source and proof.
    #[must_use]
    pub const fn new(consent_type: ConsentType, granted: bool, recorded_at: Timestamp) -> Self {
        Self {
            consent_type,
            granted,
            recorded_at,
            source: None,
            consent_version: None,
            consent_text: None,
            proof: None,
        }
    }

    /// An opt-out of sale and sharing: a denial of ads.
    #[must_use]
    pub fn ccpa_opt_out(recorded_at: Timestamp) -> Self {
        Self { source: Some(CCPA_OPT_OUT.to_owned()), ..Self::new(ConsentType::Ads, false, recorded_at) }
    }

    /// The decisions that an event carries, as of the time of the event.
    pub fn of_event(event: &Event) -> impl Iterator<Item = Self> {
        let (consent, at) = (event.consent(), event.event_time());
        let flags = [
            (ConsentType::Analytics, consent.analytics),
            (ConsentType::Ads, consent.ads),
            (ConsentType::Email, consent.email),
            (ConsentType::Sms, consent.sms),
        ];
        flags.into_iter().filter_map(move |(consent_type, flag)| {
            let decision = Self::new(consent_type, flag?, at);
            Some(Self { source: Some("event".to_owned()), ..decision })
        })
    }
}

impl fmt::Debug for ConsentDecision {
    /// Without text and proof: they may name a person.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ConsentDecision")
            .field("consent_type", &self.consent_type)
            .field("granted", &self.granted)
            .field("recorded_at", &self.recorded_at)
            .field("source", &self.source)
            .finish_non_exhaustive()
    }
}
