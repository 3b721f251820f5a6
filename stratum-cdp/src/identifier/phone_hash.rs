//! What an ad platform wants to have of a phone number: the SHA-256 of it, written as the platform writes it.

use stratum_core::Digest;
use stratum_core::vocabulary::Platform;

use super::Phone;

impl Phone {
    /// The text that this platform hashes: Meta and Snapchat take the digits alone, Google and TikTok the + with them.
    #[must_use]
    pub fn hash_input(&self, platform: Platform) -> &str {
        Self::written_for(self.as_str(), platform)
    }

    /// A number in its international form as the platform writes it.
    pub(crate) fn written_for(number: &str, platform: Platform) -> &str {
        match platform {
            Platform::Meta | Platform::Snapchat => number.strip_prefix('+').unwrap_or(number),
            Platform::Google | Platform::Tiktok => number,
        }
    }

    /// The SHA-256 that this platform wants.
    ///
    /// ```
    /// use stratum_cdp::identifier::Phone;
    /// use stratum_core::vocabulary::Platform;
    /// let phone = Phone::parse("(650)555-1212", Some("US".parse().unwrap())).unwrap();
    /// let published = "e323ec626319ca94ee8bff2e4c87cf613be6ea19919ed1364124e16807ab3176";
    /// assert_eq!(phone.platform_hash(Platform::Meta).to_string(), published);
    /// ```
    #[must_use]
    pub fn platform_hash(&self, platform: Platform) -> Digest {
        Digest::of(self.hash_input(platform).as_bytes())
    }
}
