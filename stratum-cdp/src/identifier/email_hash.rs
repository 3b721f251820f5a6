//! What an ad platform wants to have of an e-mail address: its SHA-256, of the text that the platform hashes, too.
//!
//! A platform matches by comparing hashes, so the text before the hash must be the platform's own. Google takes dots and
//! +tags out of the addresses of its own mail service; the others take the address as it is.

use std::borrow::Cow;
use std::str::FromStr;

use stratum_core::Digest;
use stratum_core::vocabulary::Platform;

use super::Email;

impl Email {
    /// The text that this platform hashes; `None` for an address that arrived as a hash, and where nothing is left.
    ///
    /// ```
    /// use stratum_cdp::identifier::Email;
    /// use stratum_core::vocabulary::Platform;
    /// let email = Email::parse("Jane.Doe+x@gmail.com").unwrap();
    /// assert_eq!(email.hash_input(Platform::Google).unwrap(), "janedoe@gmail.com");
    /// assert_eq!(email.hash_input(Platform::Meta).unwrap(), "jane.doe+x@gmail.com");
    /// ```
    #[must_use]
    pub fn hash_input(&self, platform: Platform) -> Option<Cow<'_, str>> {
        if self.is_hashed() {
            return None;
        }
        written_for(self.as_str(), platform)
    }

    /// The SHA-256 that this platform wants; of an address that arrived as a hash that hash, for every platform.
    #[must_use]
    pub fn platform_hash(&self, platform: Platform) -> Option<Digest> {
        if self.is_hashed() {
            return Digest::from_str(self.as_str()).ok();
        }
        self.hash_input(platform).map(|text| Digest::of(text.as_bytes()))
    }
}

/// Whether the normal form of an address is the SHA-256 that it arrived as. An address has an @, hexadecimal digits have none.
pub(crate) fn is_hashed(normal: &str) -> bool {
    !normal.contains('@')
}

/// An address in its normal form as this platform writes it; `None` if nothing is left.
pub(crate) fn written_for(email: &str, platform: Platform) -> Option<Cow<'_, str>> {
    match platform {
        Platform::Google => google_form(email),
        Platform::Meta | Platform::Tiktok | Platform::Snapchat => Some(Cow::Borrowed(email)),
    }
}

fn google_form(email: &str) -> Option<Cow<'_, str>> {
    let (local, domain) = email.rsplit_once('@')?;
    if !matches!(domain, "gmail.com" | "googlemail.com") || local.starts_with('"') {
        return Some(Cow::Borrowed(email));
    }
    let name: String = local.chars().take_while(|&c| c != '+').filter(|&c| c != '.').collect();
    if name.is_empty() { None } else { Some(Cow::Owned(format!("{name}@{domain}"))) }
}
