//! What could not be delivered, and what a person makes of it.

use serde::{Deserialize, Serialize};
use stratum_core::{Timestamp, enumeration};

use super::retry::KEPT_FOR_MS;

enumeration! {
    /// Where a dead letter stands.
    pub enum DeadLetterStatus "dead letter status" {
        /// It waits for a person.
        Pending = "PENDING",
        /// It is being sent again.
        Retrying = "RETRYING",
        /// It was delivered after all.
        Recovered = "RECOVERED",
        /// Nobody looked for seven days.
        Expired = "EXPIRED",
        /// A person threw it away.
        Discarded = "DISCARDED",
    }
}

enumeration! {
    /// What happens to a dead letter.
    pub enum DeadLetterEvent "dead letter event" {
        /// A person has it sent again, with the same event id.
        Replay = "replay",
        /// It was delivered.
        Delivered = "delivered",
        /// It was refused or given up once more.
        FailedAgain = "failed_again",
        /// A person throws it away.
        Discard = "discard",
        /// Time passes.
        Tick = "tick",
    }
}

/// Something that was refused or given up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct DeadLetter {
    status: DeadLetterStatus,
    /// When it was first given up.
    created_at: Timestamp,
    /// How often it was sent again.
    replays: u32,
}

/// The dead letter does not take this event in its status.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a dead letter that is {status} does not take {event}")]
pub struct DeadLetterRefusal {
    /// Its status.
    pub status: DeadLetterStatus,
    /// What it was told.
    pub event: DeadLetterEvent,
}

impl DeadLetter {
    /// A new one.
    #[must_use]
    pub const fn new(created_at: Timestamp) -> Self {
        Self { status: DeadLetterStatus::Pending, created_at, replays: 0 }
    }

    /// Where it stands.
    #[must_use]
    pub const fn status(&self) -> DeadLetterStatus {
        self.status
    }

    /// How often it was sent again.
    #[must_use]
    pub const fn replays(&self) -> u32 {
        self.replays
    }

    /// Until when it can be sent again: seven days.
    #[must_use]
    pub fn expires_at(&self) -> Timestamp {
        self.created_at.plus_millis(KEPT_FOR_MS)
    }

    /// Takes an event. One that is on its way does not expire; if it fails again, it has what is left of its seven days.
    ///
    /// # Errors
    /// [`DeadLetterRefusal`]; the letter is unchanged then, unless it expired meanwhile.
    pub fn take(&mut self, event: DeadLetterEvent, now: Timestamp) -> Result<(), DeadLetterRefusal> {
        if self.status == DeadLetterStatus::Pending && now >= self.expires_at() {
            self.status = DeadLetterStatus::Expired;
        }
        self.status = match (self.status, event) {
            (status, DeadLetterEvent::Tick) => status,
            (DeadLetterStatus::Pending, DeadLetterEvent::Replay) => {
                self.replays = self.replays.saturating_add(1);
                DeadLetterStatus::Retrying
            }
            (DeadLetterStatus::Pending, DeadLetterEvent::Discard) => DeadLetterStatus::Discarded,
            (DeadLetterStatus::Retrying, DeadLetterEvent::Delivered) => DeadLetterStatus::Recovered,
            (DeadLetterStatus::Retrying, DeadLetterEvent::FailedAgain) => DeadLetterStatus::Pending,
            (status, event) => return Err(DeadLetterRefusal { status, event }),
        };
        Ok(())
    }
}
