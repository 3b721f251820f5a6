//! What happens to each platform, from ninety days before the demo tenant was made until now.
//!
//! - **META** has nothing to tell: its changes pass the gate.
//! - **GOOGLE** drifts: over five weeks the revenue that it claims moves away from what GA4 counts.
//! - **TIKTOK** lost its tracking for four days two months ago and recovered, and lost it again thirty hours before the
//!   tenant was made: its changes are held.
//! - **SNAPCHAT** spent two and a half times its usual on one day three weeks ago.

use stratum_core::Timestamp;
use stratum_core::math::lerp;
use stratum_core::vocabulary::Platform;

use super::noise::noise;

/// Days of the past that are generated.
pub(super) const DAYS: i64 = 90;

/// The story of a tenant that was made at an instant.
#[derive(Debug, Clone, Copy)]
pub(super) struct Story {
    /// When the tenant was made: the story's "now".
    pub(super) anchor: Timestamp,
}

/// What is true of a platform at an instant.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Condition {
    /// The platform's own match rating, 0 to 10.
    pub(super) emq_rating: f64,
    /// Calls of its API that fail, in percent.
    pub(super) api_failure_pct: f64,
    /// Events that do not arrive, in percent.
    pub(super) event_loss_pct: f64,
    /// How much less revenue GA4 counts than the platform, in percent.
    pub(super) ga4_gap_pct: f64,
    /// Spend against the usual.
    pub(super) spend_factor: f64,
    /// Conversions that are seen against those that happen.
    pub(super) seen_factor: f64,
}

impl Story {
    /// What is true of a platform at an instant.
    pub(super) fn condition(&self, platform: Platform, at: Timestamp) -> Condition {
        let hours = at.hours_since(self.anchor);
        let days = hours / 24.0;
        let wobble = |what: &str, size: f64| {
            noise(&format!("{platform}/{what}"), at.millis().div_euclid(stratum_core::time::HOUR_MS)) * size
        };
        let rating = match platform {
            Platform::Meta => 9.1,
            Platform::Google => 8.8,
            Platform::Tiktok => 8.4,
            Platform::Snapchat => 8.6,
        };
        let mut now = Condition {
            emq_rating: rating + wobble("emq", 0.15),
            api_failure_pct: 0.7 + wobble("api", 0.4),
            event_loss_pct: 2.0 + wobble("loss", 1.0),
            ga4_gap_pct: 4.0,
            spend_factor: 1.0,
            seen_factor: 1.0,
        };
        match platform {
            Platform::Google => now.ga4_gap_pct = lerp(&[(-35.0, 4.0), (0.0, 16.0)], days),
            Platform::Tiktok if (-62.0..-58.0).contains(&days) => now.lose_tracking(4.2, 60.0),
            Platform::Tiktok if hours >= -30.0 => now.lose_tracking(5.4, 45.0),
            Platform::Snapchat if (-21.0..-20.0).contains(&days.floor()) => now.spend_factor = 2.5,
            _ => {}
        }
        now
    }
}

impl Condition {
    fn lose_tracking(&mut self, emq_rating: f64, event_loss_pct: f64) {
        self.emq_rating = emq_rating;
        self.event_loss_pct = event_loss_pct;
        self.seen_factor = 1.0 - event_loss_pct / 100.0;
    }
}
