//! Live events: written to an outbox in the transaction of what they tell of, sent once it has committed.

mod outbox;
mod stream;

use stratum_core::enumeration;

pub use outbox::{Outbox, PendingEvent};
pub use stream::routes;

enumeration! {
    /// A channel of live events.
    pub enum Channel "channel" {
        /// Signal health.
        Health = "health",
        /// Event match quality.
        Emq = "emq",
        /// Incidents.
        Incidents = "incidents",
        /// Mode and kill switch.
        Autopilot = "autopilot",
        /// Actions and recommendations.
        Actions = "actions",
        /// Connections to ad platforms.
        Platforms = "platforms",
        /// Jobs and alerts.
        Dashboard = "dashboard",
    }
}
