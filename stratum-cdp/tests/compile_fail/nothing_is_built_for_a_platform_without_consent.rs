use stratum_cdp::audience::{AudienceAdditions, PreparedMember};
use stratum_cdp::consent::{Consents, Email, LegalBasis};
use stratum_cdp::conversion::{Conversion, ConversionBatch};

fn conversion(batch: &mut ConversionBatch<'_>, conversion: &Conversion<'_>) {
    let _ = batch.add(conversion);
    let consents = Consents::default();
    if let Ok(conversion) = consents.release::<Email, _>(conversion, LegalBasis::Consent) {
        let _ = batch.add(conversion);
    }
}

fn member(additions: &mut AudienceAdditions<'_>, member: &PreparedMember<'_>) {
    let _ = additions.add(member);
}

fn main() {}
