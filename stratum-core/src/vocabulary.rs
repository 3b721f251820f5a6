//! The enumerations of the wire: one spelling in every language, read in any case, and an unknown value is an error.
//!
//! ```
//! use stratum_core::vocabulary::{ActionType, Platform};
//! assert_eq!("snap".parse::<Platform>().unwrap(), Platform::Snapchat);
//! assert_eq!(Platform::Snapchat.as_str(), "SNAPCHAT");
//! assert!("linkedin".parse::<Platform>().is_err());
//! assert!(ActionType::BudgetIncrease.is_raising());
//! ```

/// Declares an enumeration of the wire: its spelling, aliases, case-insensitive reading, serde and JSON Schema in one place.
///
/// The vocabularies are closed: a new value changes the contract, so these enums are exhaustive on purpose.
#[macro_export]
macro_rules! enumeration {
    ($(#[$doc:meta])* pub enum $name:ident $noun:literal {
        $($(#[$variant_doc:meta])* $variant:ident = $text:literal $(| $alias:literal)*,)+
    }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name {
            $($(#[$variant_doc])* $variant,)+
        }

        impl $name {
            /// Every value, in the order of the contract.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The spelling on the wire.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $text,)+
                }
            }

            /// The position in [`Self::ALL`].
            #[must_use]
            pub const fn index(self) -> usize {
                self as usize
            }
        }

        impl ::std::fmt::Display for $name {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl ::std::str::FromStr for $name {
            type Err = $crate::Problem;

            fn from_str(text: &str) -> ::std::result::Result<Self, $crate::Problem> {
                // A list of words instead of a comparison for each: the code is a tenth.
                const WORDS: &[(&str, $name)] = &[$(($text, $name::$variant), $(($alias, $name::$variant),)*)+];
                WORDS.iter().find(|(word, _)| text.eq_ignore_ascii_case(word)).map(|&(_, value)| value).ok_or_else(|| {
                    $crate::vocabulary::unknown(text, $noun, concat!("write one of:" $(, " ", $text)+))
                })
            }
        }

        impl ::serde::Serialize for $name {
            fn serialize<S: ::serde::Serializer>(&self, serializer: S) -> ::std::result::Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de> ::serde::Deserialize<'de> for $name {
            fn deserialize<D: ::serde::Deserializer<'de>>(deserializer: D) -> ::std::result::Result<Self, D::Error> {
                $crate::word::read(deserializer)
            }
        }

        #[cfg(feature = "schema")]
        impl ::schemars::JsonSchema for $name {
            fn schema_name() -> ::std::borrow::Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(_: &mut ::schemars::SchemaGenerator) -> ::schemars::Schema {
                ::schemars::json_schema!({
                    "description": concat!("A ", $noun, "; read in any case."),
                    "type": "string",
                    "enum": [$($text),+],
                    // Read, but never written; validators of other people pass over this keyword.
                    "x-aliases": (&[$($($alias,)*)+] as &[&str]),
                })
            }
        }
    };
}

/// The refusal of a word that is in no vocabulary.
#[doc(hidden)]
#[must_use]
pub fn unknown(text: &str, noun: &str, help: &'static str) -> crate::Problem {
    let shown: String = text.chars().take(40).collect();
    crate::Problem::new("", "unknown_value", format!("{shown:?} is no {noun}")).help(help)
}

enumeration! {
    /// An ad platform.
    pub enum Platform "platform" {
        /// Meta (Facebook, Instagram).
        Meta = "META",
        /// Google Ads.
        Google = "GOOGLE",
        /// TikTok Ads.
        Tiktok = "TIKTOK",
        /// Snapchat Ads.
        Snapchat = "SNAPCHAT" | "SNAP",
    }
}

enumeration! {
    /// A component of signal health.
    pub enum HealthComponent "health component" {
        /// Event match quality as the platform sees it.
        Emq = "EMQ",
        /// The platform's API: errors and credentials.
        ApiHealth = "API_HEALTH",
        /// Events expected but not received.
        EventLoss = "EVENT_LOSS",
        /// Synchronisation runs, swings of EMQ, open incidents.
        PlatformStability = "PLATFORM_STABILITY",
        /// Valid, complete and unique records.
        DataQuality = "DATA_QUALITY",
        /// Age of the newest platform data.
        Freshness = "FRESHNESS",
        /// Platform figures against an independent reference.
        Variance = "VARIANCE",
        /// The last complete day against the days before it.
        Anomaly = "ANOMALY",
        /// Mean event EMQ of the tenant's own events (optional blend).
        CdpEmq = "CDP_EMQ",
    }
}

enumeration! {
    /// The status that a health score stands for.
    pub enum HealthStatus "health status" {
        /// At or above the healthy threshold.
        Healthy = "HEALTHY",
        /// At or above the degraded threshold.
        Degraded = "DEGRADED",
        /// Below the degraded threshold.
        Unhealthy = "UNHEALTHY" | "CRITICAL",
    }
}

enumeration! {
    /// What the trust gate says.
    pub enum GateDecision "gate decision" {
        /// The change may run.
        Pass = "PASS",
        /// Alert only: the change stays queued.
        Hold = "HOLD",
        /// Manual intervention is needed.
        Block = "BLOCK",
    }
}

enumeration! {
    /// What an automated change does.
    pub enum ActionType "action type" {
        /// Raise a budget.
        BudgetIncrease = "BUDGET_INCREASE",
        /// Lower a budget.
        BudgetDecrease = "BUDGET_DECREASE",
        /// Pause a campaign.
        PauseCampaign = "PAUSE_CAMPAIGN",
        /// Pause an ad set.
        PauseAdset = "PAUSE_ADSET",
        /// Pause a creative.
        PauseCreative = "PAUSE_CREATIVE",
        /// Enable a campaign.
        EnableCampaign = "ENABLE_CAMPAIGN",
        /// Enable an ad set.
        EnableAdset = "ENABLE_ADSET",
        /// Enable a creative.
        EnableCreative = "ENABLE_CREATIVE",
        /// Raise a bid.
        BidIncrease = "BID_INCREASE",
        /// Lower a bid.
        BidDecrease = "BID_DECREASE",
    }
}

impl ActionType {
    /// Whether the change raises spend or exposure: budget and bid increases, everything that enables.
    #[must_use]
    pub const fn is_raising(self) -> bool {
        matches!(
            self,
            Self::BudgetIncrease
                | Self::BidIncrease
                | Self::EnableCampaign
                | Self::EnableAdset
                | Self::EnableCreative
        )
    }

    /// Whether the change protects: pauses, budget and bid decreases.
    #[must_use]
    pub const fn is_protective(self) -> bool {
        !self.is_raising()
    }

    /// Whether the change pauses something.
    #[must_use]
    pub const fn is_pause(self) -> bool {
        matches!(self, Self::PauseCampaign | Self::PauseAdset | Self::PauseCreative)
    }
}

enumeration! {
    /// What the gate is asked about: an action, or adding people to an audience.
    pub enum GateSubject "gate subject" {
        /// Raise a budget.
        BudgetIncrease = "BUDGET_INCREASE",
        /// Lower a budget.
        BudgetDecrease = "BUDGET_DECREASE",
        /// Pause a campaign.
        PauseCampaign = "PAUSE_CAMPAIGN",
        /// Pause an ad set.
        PauseAdset = "PAUSE_ADSET",
        /// Pause a creative.
        PauseCreative = "PAUSE_CREATIVE",
        /// Enable a campaign.
        EnableCampaign = "ENABLE_CAMPAIGN",
        /// Enable an ad set.
        EnableAdset = "ENABLE_ADSET",
        /// Enable a creative.
        EnableCreative = "ENABLE_CREATIVE",
        /// Raise a bid.
        BidIncrease = "BID_INCREASE",
        /// Lower a bid.
        BidDecrease = "BID_DECREASE",
        /// Add people to a platform audience.
        AudienceSync = "AUDIENCE_SYNC",
    }
}

impl GateSubject {
    /// The action type, or `None` for an audience sync.
    #[must_use]
    pub const fn action_type(self) -> Option<ActionType> {
        Some(match self {
            Self::BudgetIncrease => ActionType::BudgetIncrease,
            Self::BudgetDecrease => ActionType::BudgetDecrease,
            Self::PauseCampaign => ActionType::PauseCampaign,
            Self::PauseAdset => ActionType::PauseAdset,
            Self::PauseCreative => ActionType::PauseCreative,
            Self::EnableCampaign => ActionType::EnableCampaign,
            Self::EnableAdset => ActionType::EnableAdset,
            Self::EnableCreative => ActionType::EnableCreative,
            Self::BidIncrease => ActionType::BidIncrease,
            Self::BidDecrease => ActionType::BidDecrease,
            Self::AudienceSync => return None,
        })
    }
}

impl From<ActionType> for GateSubject {
    fn from(action: ActionType) -> Self {
        match action {
            ActionType::BudgetIncrease => Self::BudgetIncrease,
            ActionType::BudgetDecrease => Self::BudgetDecrease,
            ActionType::PauseCampaign => Self::PauseCampaign,
            ActionType::PauseAdset => Self::PauseAdset,
            ActionType::PauseCreative => Self::PauseCreative,
            ActionType::EnableCampaign => Self::EnableCampaign,
            ActionType::EnableAdset => Self::EnableAdset,
            ActionType::EnableCreative => Self::EnableCreative,
            ActionType::BidIncrease => Self::BidIncrease,
            ActionType::BidDecrease => Self::BidDecrease,
        }
    }
}

enumeration! {
    /// What an action changes.
    pub enum EntityType "entity type" {
        /// A campaign.
        Campaign = "CAMPAIGN",
        /// An ad set (ad group).
        Adset = "ADSET",
        /// A creative (ad).
        Creative = "CREATIVE",
    }
}

enumeration! {
    /// How bad an incident is.
    pub enum IncidentSeverity "incident severity" {
        /// Health below 70.
        High = "HIGH",
        /// Health below 40, or the API down.
        Critical = "CRITICAL",
    }
}

enumeration! {
    /// What an incident is about.
    pub enum IncidentKind "incident kind" {
        /// Opened by low signal health itself.
        SignalHealth = "SIGNAL_HEALTH",
        /// An anomaly of the EMQ score.
        Emq = "EMQ",
        /// An anomaly of event loss.
        Anomaly = "ANOMALY",
        /// The platform's API is down.
        Platform = "PLATFORM",
    }
}

enumeration! {
    /// Which set of health components and weights is in force.
    pub enum HealthPreset "health preset" {
        /// EMQ 35, API health 25, event loss 20, platform stability 10, data quality 10.
        Five = "FIVE",
        /// EMQ 40, freshness 25, variance 20, anomaly 15.
        Four = "FOUR",
        /// The tenant's own weights.
        Custom = "CUSTOM",
    }
}

enumeration! {
    /// A shipped set of gate thresholds.
    pub enum GateProfile "gate profile" {
        /// 70 for every action type.
        Standard = "STANDARD",
        /// 80 for the types that raise spend or exposure.
        Cautious = "CAUTIOUS",
    }
}

enumeration! {
    /// Who may do what; each role may do all that the ones before it may.
    pub enum Role "role" {
        /// Reads.
        Viewer = "VIEWER",
        /// Reads details, runs previews and simulations.
        Analyst = "ANALYST",
        /// Works: queues, approves, dismisses, freezes.
        Manager = "MANAGER",
        /// Settings, overrides, release of the kill switch, users.
        Admin = "ADMIN",
        /// The operator.
        Superadmin = "SUPERADMIN",
    }
}
