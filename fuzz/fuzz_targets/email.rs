//! A text is an address or is refused; an address does not change when it is read again, and has its hashes.
#![no_main]

use libfuzzer_sys::fuzz_target;
use stratum_cdp::identifier::{Email, columns};
use stratum_core::vocabulary::Platform;

fuzz_target!(|raw: &str| {
    let email = Email::parse(raw);
    if let Ok(email) = &email {
        assert!((3..=254).contains(&email.as_str().len()));
        assert_eq!(Email::parse(email.as_str()).as_ref(), Ok(email), "a normal form stays as it is");
        assert!(email.platform_hash(Platform::Meta).is_some());
    }
    columns::emails([Some(raw)], |row| assert_eq!(row, email.as_ref().ok().map(Email::as_str)));
    for platform in Platform::ALL {
        let hash = email.as_ref().ok().and_then(|email| email.platform_hash(*platform));
        columns::email_hashes([Some(raw)], *platform, |row| assert_eq!(row, hash));
    }
});
