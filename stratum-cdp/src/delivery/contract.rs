//! What every implementation of the port must do. Run it against your own, with a tenant that nobody else uses.
//!
//! ```
//! use stratum_cdp::delivery::{MemoryConversions, contract};
//! let tenant = "0198c9a0-0000-7000-8000-000000000001".parse().unwrap();
//! let now = "2026-03-01T12:00:00Z".parse().unwrap();
//! let platform = MemoryConversions::default();
//! pollster::block_on(contract::conversion_destination(
//!     &platform,
//!     || platform.received().into_iter().map(|(key, _)| key).collect(),
//!     ["one", "two"],
//!     tenant,
//!     now,
//! ))
//! .unwrap();
//! ```

use stratum_core::Timestamp;
use stratum_core::id::TenantId;
use stratum_core::vocabulary::Platform;

use super::{AnswerClass, ConversionDestination, DeliveryKey};
use crate::consent::{Ads, ConsentDecision, ConsentType, Consented, Consents, LegalBasis};

/// What was broken.
pub type Broken = String;

fn ensure(holds: bool, rule: &str) -> Result<(), Broken> {
    if holds { Ok(()) } else { Err(rule.to_owned()) }
}

fn consented<C>(conversion: C, now: Timestamp) -> Result<Consented<C, Ads>, Broken> {
    let mut consents = Consents::default();
    consents.record(&ConsentDecision::new(ConsentType::Ads, true, now));
    consents.release(conversion, LegalBasis::default()).map_err(|refusal| refusal.to_string())
}

/// The contract of [`ConversionDestination`]. `received` says what has arrived, in any order.
///
/// # Errors
/// The first rule that does not hold.
pub async fn conversion_destination<D>(
    destination: &D,
    received: impl Fn() -> Vec<DeliveryKey>,
    [one, two]: [D::Conversion; 2],
    tenant_id: TenantId,
    now: Timestamp,
) -> Result<(), Broken>
where
    D: ConversionDestination,
    D::Conversion: Clone,
{
    let key = |event_id: &str| DeliveryKey {
        tenant_id,
        platform: Platform::Meta,
        event_id: format!("contract-{event_id}"),
    };
    let arrived = |wanted: &[DeliveryKey]| {
        let mut found: Vec<_> = received().into_iter().filter(|key| key.tenant_id == tenant_id).collect();
        found.sort();
        found == wanted
    };
    let batch = |items: Vec<(DeliveryKey, D::Conversion)>| -> Result<Vec<_>, Broken> {
        items.into_iter().map(|(key, item)| Ok((key, consented(item, now)?))).collect()
    };

    let sent = destination.deliver(batch(vec![(key("1"), one.clone())])?, now).await;
    ensure(sent.class == AnswerClass::Delivered, "a good conversion is delivered")?;
    ensure(arrived(&[key("1")]), "what was delivered has arrived")?;

    let sent = destination.deliver(batch(vec![(key("1"), one), (key("2"), two)])?, now).await;
    ensure(sent.class == AnswerClass::Delivered, "what was delivered before is no error")?;
    ensure(arrived(&[key("1"), key("2")]), "what is sent twice counts once")?;

    let sent = destination.deliver(Vec::new(), now).await;
    ensure(sent.class == AnswerClass::Delivered, "nothing to send is no error")
}
