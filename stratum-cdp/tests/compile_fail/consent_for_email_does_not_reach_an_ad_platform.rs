use stratum_cdp::consent::{Ads, Consented, Consents, Email, LegalBasis};

fn upload(_: Consented<&str, Ads>) {}

fn main() {
    let consents = Consents::default();
    upload("member");
    if let Ok(member) = consents.release::<Email, _>("member", LegalBasis::Consent) {
        upload(member);
    }
}
