//! Passwords: what a new one must be, and how one is hashed and compared.

use std::fmt;
use std::sync::Arc;

use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher as _, PasswordVerifier as _};
use stratum_core::Problem;
use tokio::sync::Semaphore;

use crate::http::ApiError;

/// The least and the most characters of a password.
const LENGTH: std::ops::RangeInclusive<usize> = 10..=128;

/// Passwords that are long enough and still tried first.
const COMMON: &[&str] = &[
    "1234567890",
    "12345678910",
    "123456789a",
    "0123456789",
    "0987654321",
    "1q2w3e4r5t",
    "1q2w3e4r5t6y",
    "qwertyuiop",
    "qwerty12345",
    "qwerty123456",
    "password12",
    "password123",
    "password1234",
    "password12345",
    "passwordpassword",
    "iloveyou12",
    "iloveyou123",
    "administrator",
    "letmein123",
    "welcome123",
    "welcome1234",
    "changeme123",
    "abcdefghij",
    "abcdefghijk",
    "abcd123456",
    "abc1234567",
    "aaaaaaaaaa",
    "1111111111",
    "0000000000",
    "zxcvbnm123",
    "asdfghjkl123",
    "q1w2e3r4t5",
    "football123",
    "baseball123",
    "superman123",
    "princess123",
    "monkey12345",
    "sunshine123",
    "trustno1trustno1",
    "p@ssw0rd123",
    "passw0rd123",
];

/// Hashes and compares with Argon2id (19 MiB, 2 passes, 1 lane), at most as many at once as there are cores.
pub struct Passwords {
    slots: Arc<Semaphore>,
    /// What the password of an unknown account is compared with, so that the answer takes as long.
    decoy: Arc<str>,
}

impl fmt::Debug for Passwords {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Passwords").finish_non_exhaustive()
    }
}

impl Passwords {
    /// As many at once as there are cores.
    ///
    /// # Errors
    /// When there is no memory for the first hash.
    pub fn new() -> anyhow::Result<Self> {
        let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        Ok(Self { slots: Arc::new(Semaphore::new(cores)), decoy: hash("a password that nobody has")?.into() })
    }

    /// The hash of a new password, in PHC format.
    ///
    /// # Errors
    /// When there is no memory for it.
    pub async fn hash(&self, password: String) -> Result<String, ApiError> {
        self.run(move || hash(&password).map_err(ApiError::internal)).await
    }

    /// Whether `password` is the one that `stored` was made of. Without `stored` it is not, and takes as long to say.
    ///
    /// # Errors
    /// When the stored hash cannot be read.
    pub async fn verify(&self, password: String, stored: Option<String>) -> Result<bool, ApiError> {
        let decoy = Arc::clone(&self.decoy);
        self.run(move || {
            let known = stored.is_some();
            let text = stored.unwrap_or_else(|| decoy.to_string());
            let parsed = PasswordHash::new(&text).map_err(ApiError::internal)?;
            Ok(Argon2::default().verify_password(password.as_bytes(), &parsed).is_ok() && known)
        })
        .await
    }

    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, ApiError> + Send + 'static,
    ) -> Result<T, ApiError> {
        let _slot = self.slots.acquire().await.map_err(ApiError::internal)?;
        tokio::task::spawn_blocking(work).await.map_err(ApiError::internal)?
    }
}

fn hash(password: &str) -> anyhow::Result<String> {
    let hash =
        Argon2::default().hash_password(password.as_bytes()).map_err(|error| anyhow::anyhow!("{error}"))?;
    Ok(hash.to_string())
}

/// Checks a password that somebody wants to have.
///
/// # Errors
/// `weak_password` when it is too short, too long, common, or holds the local part of the address.
pub fn check_new(password: &str, email: &str) -> Result<(), Problem> {
    let weak = |message: &str| Err(Problem::new("/password", "weak_password", message));
    if !LENGTH.contains(&password.chars().count()) {
        return weak("a password has 10 to 128 characters");
    }
    let lower = password.to_lowercase();
    if COMMON.contains(&lower.as_str()) {
        return weak("this password is among the first that are tried");
    }
    let local = email.split('@').next().unwrap_or_default().to_lowercase();
    if local.chars().count() >= 4 && lower.contains(&local) {
        return weak("a password does not hold the name in the e-mail address");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_common_and_telling_passwords_are_refused() {
        assert!(check_new("correct horse battery", "ada@example.com").is_ok());
        assert!(check_new("ninechars", "ada@example.com").is_err());
        assert!(check_new("Password1234", "ada@example.com").is_err());
        assert!(check_new("my-lovelace-secret", "lovelace@example.com").is_err());
        assert!(
            check_new("adaadaadaada", "ada@example.com").is_ok(),
            "a local part of three letters is too short to tell"
        );
        assert!(check_new(&"x".repeat(129), "ada@example.com").is_err());
    }

    #[tokio::test]
    async fn an_unknown_account_never_matches_even_with_the_decoys_password() {
        let passwords = Passwords::new().unwrap();
        let stored = passwords.hash("correct horse battery".into()).await.unwrap();
        assert!(stored.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{stored}");
        assert!(passwords.verify("correct horse battery".into(), Some(stored.clone())).await.unwrap());
        assert!(!passwords.verify("wrong horse battery".into(), Some(stored)).await.unwrap());
        assert!(!passwords.verify("a password that nobody has".into(), None).await.unwrap());
    }
}
