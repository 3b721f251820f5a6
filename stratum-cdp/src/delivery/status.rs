//! The states of a connection.

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
