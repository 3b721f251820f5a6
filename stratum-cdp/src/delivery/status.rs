//! The states of a connection and of what is delivered over it.

use stratum_core::enumeration;

enumeration! {
    /// Whether a connection to a platform works.
    pub enum ConnectionStatus "connection status" {
        /// It works.
        Connected = "CONNECTED",
        /// Its token is not valid any more: a person has to sign in again.
        Expired = "EXPIRED",
        /// It is set up wrongly: a person has to correct it.
        Error = "ERROR",
        /// There is none.
        Disconnected = "DISCONNECTED",
    }
}

enumeration! {
    /// Where a conversion stands on its way to a platform.
    pub enum ConversionDeliveryStatus "conversion delivery status" {
        /// Not sent yet.
        Queued = "QUEUED",
        /// The platform has it.
        Delivered = "DELIVERED",
        /// Sent without success, and to be sent again.
        Retrying = "RETRYING",
        /// Refused by the platform.
        Failed = "FAILED",
        /// Given up.
        Dead = "DEAD",
    }
}

impl ConversionDeliveryStatus {
    /// Whether this status may follow on that one. What was sent once more without success is `RETRYING` still; what waited too
    /// long for its connection is given up without having been tried twice.
    #[must_use]
    pub const fn may_become(self, next: Self) -> bool {
        matches!(
            (self, next),
            (Self::Queued | Self::Retrying, Self::Delivered | Self::Retrying | Self::Failed | Self::Dead)
                | (Self::Failed | Self::Dead, Self::Queued)
        )
    }

    /// Whether it is listed among the dead letters.
    #[must_use]
    pub const fn is_dead_letter(self) -> bool {
        matches!(self, Self::Failed | Self::Dead)
    }
}
