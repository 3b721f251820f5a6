//! What an approved action waits for.

use stratum_core::enumeration;

enumeration! {
    /// What an approved action waits for before it is applied.
    pub enum WaitingFor "waiting reason" {
        /// The gate does not pass.
        Gate = "GATE",
        /// A limit is violated that a person must confirm.
        Confirmation = "CONFIRMATION",
        /// A kill switch is engaged.
        KillSwitch = "KILL_SWITCH",
        /// The last change of the same entity is too recent.
        MinInterval = "MIN_INTERVAL",
        /// The tenant's changes of the day are used up.
        ChangesPerDay = "CHANGES_PER_DAY",
    }
}
