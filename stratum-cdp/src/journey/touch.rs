//! One contact of a person with a channel.

use std::cmp::Ordering;
use std::fmt;

use serde::{Deserialize, Serialize};
use stratum_core::{Timestamp, enumeration};

enumeration! {
    /// How a person came into contact with a channel.
    pub enum TouchKind "touch kind" {
        /// They clicked.
        Click = "click",
        /// They only saw it.
        View = "view",
    }
}

enumeration! {
    /// What ties a touch to the person, the best first.
    pub enum MatchEvidence "match evidence" {
        /// The click id of an ad platform.
        ClickId = "click_id",
        /// An e-mail address, a phone number or a customer id, hashed.
        Hash = "hash",
        /// A visitor's or device's id.
        Visitor = "visitor",
    }
}

/// One contact of a person with a channel.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Touchpoint {
    /// Decides the order of touches of one instant and kind.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub touch_id: Option<String>,
    /// The platform (`meta`, `google`, `tiktok`, `snapchat`) or another channel (`email`, `direct`).
    pub channel: String,
    /// The campaign, as the channel names it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub campaign: Option<String>,
    /// When it happened.
    pub touched_at: Timestamp,
    /// Click or view; a click where it is left out.
    #[serde(default)]
    pub kind: TouchKind,
    /// What ties the touch to the person, if anything is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub matched_by: Option<MatchEvidence>,
}

impl Default for TouchKind {
    /// What a touch is that does not say.
    fn default() -> Self {
        Self::Click
    }
}

impl Touchpoint {
    /// A click of a channel.
    #[must_use]
    pub fn click(channel: impl Into<String>, touched_at: Timestamp) -> Self {
        Self {
            touch_id: None,
            channel: channel.into(),
            campaign: None,
            touched_at,
            kind: TouchKind::Click,
            matched_by: None,
        }
    }

    /// The order of a journey: time, then click before view, then id.
    #[must_use]
    pub fn in_order(&self, other: &Self) -> Ordering {
        let key = |touch: &Self| (touch.touched_at, touch.kind);
        key(self).cmp(&key(other)).then_with(|| self.touch_id.cmp(&other.touch_id))
    }
}

impl fmt::Debug for Touchpoint {
    /// Without the id: it may be a person's.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Touchpoint")
            .field("channel", &self.channel)
            .field("campaign", &self.campaign)
            .field("touched_at", &self.touched_at)
            .field("kind", &self.kind)
            .field("matched_by", &self.matched_by)
            .finish_non_exhaustive()
    }
}
