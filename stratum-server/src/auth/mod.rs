//! Who is calling, and what they may do.
//!
//! One table ([`access`]) names every operation with the least role that may call it; one middleware ([`guard`])
//! holds every request to it. Handlers find the result in a [`Caller`].

pub mod access;
pub mod account;
mod caller;
mod guard;
mod lockout;
mod password;
mod rates;
mod routes;
mod sessions;
pub mod sources;
mod tokens;

use std::fmt;

use anyhow::Context as _;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use stratum_core::Timestamp;
use stratum_core::id::{TenantId, UserId};
use stratum_core::vocabulary::Role;
use uuid::Uuid;

use crate::http::ApiError;

pub use caller::{Caller, Credential};
pub use guard::guard;
pub use password::{Passwords, check_new as check_new_password};
pub use rates::RateLimits;
pub use routes::routes;
pub use sessions::Sessions;
pub use tokens::{Claims, Tokens};

/// The parts of authentication, shared by all requests.
pub struct Auth {
    pub(crate) tokens: Tokens,
    pub(crate) passwords: Passwords,
    pub(crate) sessions: Sessions,
    pub(crate) rates: RateLimits,
    address_key: [u8; 32],
}

impl fmt::Debug for Auth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Auth").finish_non_exhaustive()
    }
}

impl Auth {
    /// Derives every key from the server's secret.
    ///
    /// # Errors
    /// When the first password cannot be hashed (no memory).
    pub fn new(secret: &[u8], rates: RateLimits) -> anyhow::Result<Self> {
        Ok(Self {
            tokens: Tokens::new(&derive(secret, "access token")),
            passwords: Passwords::new().context("Argon2id does not run")?,
            sessions: Sessions::new(),
            rates,
            address_key: derive(secret, "address"),
        })
    }

    /// An access token for a session that is there.
    ///
    /// # Errors
    /// When it cannot be signed.
    pub fn issue_token(
        &self,
        user: UserId,
        tenant: TenantId,
        role: Role,
        session: Uuid,
        now: Timestamp,
    ) -> Result<String, ApiError> {
        self.tokens.issue(user, tenant, role, session, now)
    }

    /// Looks every session up again: many were revoked at once, or a tenant changed its state.
    pub fn forget_sessions(&self) {
        self.sessions.forget_all();
    }

    /// A keyed hash of an address: two requests from one place can be told, the place cannot.
    pub(crate) fn address_hash(&self, address: std::net::IpAddr) -> String {
        let digest = derive(&self.address_key, &address.to_string());
        hex::encode(digest.get(..16).unwrap_or(&digest))
    }
}

/// A key for one purpose.
pub(crate) fn derive(secret: &[u8], purpose: &str) -> [u8; 32] {
    match Hmac::<Sha256>::new_from_slice(secret) {
        Ok(mut mac) => {
            mac.update(b"stratum.key.v1\0");
            mac.update(purpose.as_bytes());
            mac.finalize().into_bytes().into()
        }
        // HMAC takes a key of any length.
        Err(_) => [0; 32],
    }
}
