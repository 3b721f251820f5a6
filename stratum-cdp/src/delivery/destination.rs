//! The port to a platform that takes conversions, and one in memory.

use std::collections::BTreeMap;
use std::future::{Future, ready};
use std::sync::{Mutex, MutexGuard, PoisonError};

use stratum_core::Timestamp;
use stratum_core::vocabulary::Platform;

use super::answer::{AnswerVerdict, PlatformAnswer, PlatformCall};
use super::classify::classify;
use super::once::DeliveryKey;
use crate::consent::{Ads, Consented};

/// Where conversions are sent. Small, asynchronous, and of no particular executor.
///
/// Each conversion carries the consent of its person. None needs a permit: conversions are the signal that the health gate
/// measures, so it never holds them.
///
/// An adapter builds the platform's request of what it is handed, and reads the answer with [`classify`]:
///
/// ```
/// use stratum_cdp::consent::{Ads, Consented};
/// use stratum_cdp::conversion::{Conversion, ConversionBatch, ConversionConnection, PlatformRequest};
/// use stratum_cdp::delivery::{
///     AnswerVerdict, ConversionDestination, DeliveryKey, NetworkError, PlatformCall, classify, classify_network_error,
/// };
/// use stratum_core::{Timestamp, vocabulary::Platform};
///
/// struct Meta<'e> {
///     connection: &'e ConversionConnection,
/// }
///
/// impl Meta<'_> {
///     // Here an HTTP client sends it.
///     async fn send(&self, request: &PlatformRequest) -> Result<stratum_cdp::delivery::PlatformAnswer, NetworkError> {
///         Err(NetworkError::Connection)
///     }
/// }
///
/// impl<'e> ConversionDestination for Meta<'e> {
///     type Conversion = Conversion<'e>;
///
///     async fn deliver(
///         &self,
///         batch: Vec<(DeliveryKey, Consented<Conversion<'e>, Ads>)>,
///         now: Timestamp,
///     ) -> AnswerVerdict {
///         let mut building = ConversionBatch::new(self.connection, now).expect("checked when the connection was made");
///         for (_, conversion) in &batch {
///             building.add(conversion.as_ref()).expect("checked when it was queued");
///         }
///         let requests = building.finish();
///         let request = requests.first().expect("a batch fits one request");
///         match self.send(request).await {
///             Ok(answer) => {
///                 classify(Platform::Meta, PlatformCall::Conversions, batch.len() as u64, &answer)
///             }
///             Err(error) => classify_network_error(error),
///         }
///     }
/// }
/// ```
pub trait ConversionDestination: Sync {
    /// What a conversion is sent as.
    type Conversion: Send;

    /// Sends a batch that fits one request. A key that was delivered before is delivered, and counts once. An answer that did
    /// not come is a verdict, too ([`classify_network_error`](super::classify_network_error)).
    fn deliver(
        &self,
        batch: Vec<(DeliveryKey, Consented<Self::Conversion, Ads>)>,
        now: Timestamp,
    ) -> impl Future<Output = AnswerVerdict> + Send;
}

/// A platform in memory: for embedding, and as the plainest statement of the contract.
#[derive(Debug)]
pub struct MemoryConversions<C> {
    received: Mutex<BTreeMap<DeliveryKey, C>>,
}

impl<C> Default for MemoryConversions<C> {
    fn default() -> Self {
        Self { received: Mutex::new(BTreeMap::new()) }
    }
}

impl<C: Clone> MemoryConversions<C> {
    /// What was received, in the order of the keys.
    #[must_use]
    pub fn received(&self) -> Vec<(DeliveryKey, C)> {
        self.lock().iter().map(|(key, conversion)| (key.clone(), conversion.clone())).collect()
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<DeliveryKey, C>> {
        self.received.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<C: Clone + Send> ConversionDestination for MemoryConversions<C> {
    type Conversion = C;

    fn deliver(
        &self,
        batch: Vec<(DeliveryKey, Consented<C, Ads>)>,
        _now: Timestamp,
    ) -> impl Future<Output = AnswerVerdict> + Send {
        let items = u64::try_from(batch.len()).unwrap_or(u64::MAX);
        let mut received = self.lock();
        for (key, conversion) in batch {
            received.entry(key).or_insert_with(|| conversion.into_inner());
        }
        // What Meta would have answered: the plainest of the four.
        let body = format!(r#"{{"events_received": {items}}}"#);
        let answer = PlatformAnswer::new(200).body(body.as_bytes());
        ready(classify(Platform::Meta, PlatformCall::Conversions, items, &answer))
    }
}
