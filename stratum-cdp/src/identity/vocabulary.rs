//! The words of identity: evidence, refusals, drops, reasons of a merge.

use stratum_core::enumeration;

use crate::identifier::{IdentifierRefusal, IdentifierType};

enumeration! {
    /// What speaks for two identifiers being one person.
    pub enum LinkType "link type" {
        /// An operator said so.
        Manual = "manual",
        /// A login named both.
        Login = "login",
        /// A purchase named both.
        Purchase = "purchase",
        /// A form named both.
        FormSubmit = "form_submit",
        /// Any other event named both.
        SameEvent = "same_event",
        /// Two events of one visit named them.
        SameSession = "same_session",
        /// Something that was found, not said.
        Inferred = "inferred",
    }
}

impl LinkType {
    /// How much it says, 0 to 1.
    #[must_use]
    pub const fn confidence(self) -> f64 {
        match self {
            Self::Manual => 1.0,
            Self::Login | Self::Purchase => 0.95,
            Self::FormSubmit | Self::SameEvent => 0.9,
            Self::SameSession => 0.7,
            Self::Inferred => 0.5,
        }
    }

    /// What an event of this name says about the identifiers in it.
    ///
    /// ```
    /// use stratum_cdp::identity::LinkType;
    /// assert_eq!(LinkType::of_event(Some("Login")), LinkType::Login);
    /// assert_eq!(LinkType::of_event(Some("PageView")), LinkType::SameEvent);
    /// ```
    #[must_use]
    pub fn of_event(name: Option<&str>) -> Self {
        match name {
            Some("Login") => Self::Login,
            Some("Purchase") => Self::Purchase,
            Some("FormSubmitted" | "SignUp" | "NewsletterSubscribed" | "Lead") => Self::FormSubmit,
            _ => Self::SameEvent,
        }
    }
}

enumeration! {
    /// Why an identifier was not joined.
    pub enum RefusalReason "refusal reason" {
        /// An operator parted the two.
        Split = "split",
        /// Both sides hold an external id.
        BothKnown = "both_known",
        /// Both sides hold an external id of one source system.
        SourceConflict = "source_conflict",
        /// Both sides hold identifiers of a type that is stronger than what would join them.
        StrongerConflict = "stronger_conflict",
        /// The device or browser was used by many.
        Shared = "shared",
        /// The evidence is below the policy's threshold.
        WeakEvidence = "weak_evidence",
        /// Too many external ids.
        LimitExternalId = "limit:external_id",
        /// Too many e-mail addresses.
        LimitEmail = "limit:email",
        /// Too many phone numbers.
        LimitPhone = "limit:phone",
        /// Too many devices.
        LimitDeviceId = "limit:device_id",
        /// Too many anonymous ids.
        LimitAnonymousId = "limit:anonymous_id",
        /// Too many identifiers in all.
        ClusterTooLarge = "cluster_too_large",
        /// Too many merges in a short time.
        Storm = "storm",
        /// The second name of an alias belongs to a known person already.
        AliasSourceKnown = "alias_source_known",
        /// There is no such merge, or it was undone.
        NoSuchMerge = "no_such_merge",
        /// The merge is too old to be undone.
        UndoTooLate = "undo_too_late",
    }
}

impl RefusalReason {
    /// The reason of a type's limit.
    #[must_use]
    pub const fn limit(kind: IdentifierType) -> Self {
        match kind {
            IdentifierType::ExternalId => Self::LimitExternalId,
            IdentifierType::Email => Self::LimitEmail,
            IdentifierType::Phone => Self::LimitPhone,
            IdentifierType::DeviceId => Self::LimitDeviceId,
            IdentifierType::AnonymousId => Self::LimitAnonymousId,
        }
    }
}

enumeration! {
    /// Why a value of an event does not count as an identifier.
    pub enum DropReason "drop reason" {
        /// The type is not known.
        UnknownType = "unknown_type",
        /// The value stands for nobody, or for many.
        Blocked = "blocked",
        /// The value is the hash of an address: it says who, but cannot be compared with addresses.
        Hashed = "hashed",
        /// The value is none of its type.
        Invalid = "invalid",
        /// The policy forbids the type.
        TypeForbidden = "type_forbidden",
        /// An operator named an identifier that nobody holds.
        UnknownIdentifier = "unknown_identifier",
    }
}

impl From<IdentifierRefusal> for DropReason {
    fn from(refusal: IdentifierRefusal) -> Self {
        match refusal {
            IdentifierRefusal::Blocked => Self::Blocked,
            _ => Self::Invalid,
        }
    }
}

enumeration! {
    /// Why two profiles became one.
    pub enum MergeReason "merge reason" {
        /// They share an identifier.
        IdentityMatch = "identity_match",
        /// An operator said so.
        ManualMerge = "manual_merge",
        /// A login named both.
        LoginEvent = "login_event",
        /// They share a device.
        CrossDevice = "cross_device",
    }
}

impl MergeReason {
    /// The reason that a merge by this evidence and identifier has.
    #[must_use]
    pub const fn of(evidence: LinkType, via: IdentifierType) -> Self {
        match (evidence, via) {
            (LinkType::Manual, _) => Self::ManualMerge,
            (LinkType::Login, _) => Self::LoginEvent,
            (_, IdentifierType::DeviceId) => Self::CrossDevice,
            _ => Self::IdentityMatch,
        }
    }
}

/// The types, the strongest first.
pub(super) const BY_PRIORITY: [IdentifierType; 5] = [
    IdentifierType::ExternalId,
    IdentifierType::Email,
    IdentifierType::Phone,
    IdentifierType::DeviceId,
    IdentifierType::AnonymousId,
];
