//! Access tokens (signed, short, not stored) and refresh tokens (random, rotated, stored as a hash).

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use moka::future::Cache;
use rand::Rng as _;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use stratum_core::Timestamp;
use stratum_core::id::{TenantId, UserId};
use stratum_core::vocabulary::Role;
use uuid::Uuid;

use super::access;
use crate::http::ApiError;

/// How long an access token is good: 15 minutes.
pub(super) const ACCESS_SECONDS: i64 = 900;
/// How long a refresh token is good: 7 days.
pub(super) const REFRESH_SECONDS: i64 = 7 * 24 * 3600;

/// What an access token says. No personal data.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Claims {
    /// The user.
    pub sub: UserId,
    /// The tenant.
    pub tid: TenantId,
    /// The role when the token was made.
    pub role: Role,
    /// What the role may do.
    pub permissions: Vec<String>,
    /// When it ends, in seconds since 1970.
    pub exp: i64,
    /// When it was made.
    pub iat: i64,
    /// The token's own id.
    pub jti: Uuid,
    /// The session.
    pub sid: Uuid,
}

/// Signs and reads access tokens.
pub struct Tokens {
    encoding: EncodingKey,
    decoding: DecodingKey,
    validation: Validation,
    /// What tokens say whose signature was found to be ours, by the digest of the token.
    read: Cache<[u8; 32], Arc<Claims>>,
}

impl fmt::Debug for Tokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tokens").finish_non_exhaustive()
    }
}

impl Tokens {
    pub(super) fn new(key: &[u8; 32]) -> Self {
        // Exactly one algorithm: the token's own header does not choose.
        let mut validation = Validation::new(Algorithm::HS256);
        // The expiry is compared with the server's clock below.
        validation.validate_exp = false;
        validation.set_required_spec_claims::<&str>(&[]);
        Self {
            encoding: EncodingKey::from_secret(key),
            decoding: DecodingKey::from_secret(key),
            validation,
            read: Cache::builder().max_capacity(10_000).time_to_idle(Duration::from_secs(60)).build(),
        }
    }

    /// An access token for a session.
    ///
    /// # Errors
    /// When it cannot be signed.
    pub fn issue(
        &self,
        user: UserId,
        tenant: TenantId,
        role: Role,
        session: Uuid,
        now: Timestamp,
    ) -> Result<String, ApiError> {
        let iat = now.millis().div_euclid(1000);
        let claims = Claims {
            sub: user,
            tid: tenant,
            role,
            permissions: access::permissions(role).iter().map(|name| (*name).to_owned()).collect(),
            exp: iat.saturating_add(ACCESS_SECONDS),
            iat,
            jti: Uuid::now_v7(),
            sid: session,
        };
        jsonwebtoken::encode(&Header::new(Algorithm::HS256), &claims, &self.encoding)
            .map_err(ApiError::internal)
    }

    /// Reads an access token. That it is ours is found out once; that it has not ended, each time.
    ///
    /// # Errors
    /// 401 `UNAUTHENTICATED` for one that we did not sign, 401 `TOKEN_EXPIRED` for one that has ended.
    pub async fn read(&self, token: &str, now: Timestamp) -> Result<Arc<Claims>, ApiError> {
        let digest: [u8; 32] = Sha256::digest(token.as_bytes()).into();
        let claims = match self.read.get(&digest).await {
            Some(claims) => claims,
            None => {
                let token = jsonwebtoken::decode::<Claims>(token, &self.decoding, &self.validation)
                    .map_err(|_| ApiError::unauthenticated("the access token is not valid"))?;
                let claims = Arc::new(token.claims);
                self.read.insert(digest, Arc::clone(&claims)).await;
                claims
            }
        };
        if now.millis() >= claims.exp.saturating_mul(1000) {
            return Err(ApiError::new(
                http::StatusCode::UNAUTHORIZED,
                "TOKEN_EXPIRED",
                "the access token has ended; exchange the refresh token for a new one",
            ));
        }
        Ok(claims)
    }
}

/// A random secret of 256 bits as text with `prefix`, and the hash under which it is stored.
pub(crate) fn random_secret(prefix: &str) -> (String, Vec<u8>) {
    let mut bytes = [0_u8; 32];
    rand::rng().fill_bytes(&mut bytes);
    let text = format!("{prefix}{}", hex::encode(bytes));
    let hash = secret_hash(&text);
    (text, hash)
}

/// The hash of a random secret. (A plain one: 256 random bits cannot be guessed, so there is nothing to slow down.)
pub(crate) fn secret_hash(text: &str) -> Vec<u8> {
    Sha256::digest(text.as_bytes()).to_vec()
}
