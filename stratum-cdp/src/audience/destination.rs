//! The port to an audience at a platform, and one in memory.

use std::collections::{BTreeMap, BTreeSet};
use std::future::{Future, ready};
use std::sync::{Mutex, MutexGuard, PoisonError};

use stratum_core::Timestamp;

use super::permit::{AudienceRef, SyncPermit, SyncPermitRefusal};
use crate::consent::{Ads, Consented};
use crate::delivery::{AnswerVerdict, PlatformAnswer, PlatformCall, classify};

/// Where audiences live. Small, asynchronous, and of no particular executor.
///
/// Whoever is added needs a permit of the gate and the person's consent to ads; whoever is removed needs neither.
///
/// ```
/// use std::sync::Mutex;
///
/// use stratum_cdp::audience::{AudienceDestination, AudienceRef, SyncPermit, SyncPermitRefusal};
/// use stratum_cdp::consent::{Ads, Consented};
/// use stratum_cdp::delivery::{AnswerVerdict, PlatformAnswer, PlatformCall, classify};
/// use stratum_core::Timestamp;
/// use stratum_core::vocabulary::Platform;
///
/// /// A platform that is told over a wire; here the wire is a list.
/// #[derive(Default)]
/// struct Told(Mutex<Vec<String>>);
///
/// impl Told {
///     fn send(&self, line: String, members: usize) -> AnswerVerdict {
///         self.0.lock().unwrap().push(line);
///         let answer = PlatformAnswer::new(200).body(br#"{"num_received": 1, "num_invalid_entries": 0}"#);
///         classify(Platform::Meta, PlatformCall::Audience, members as u64, &answer)
///     }
/// }
///
/// impl AudienceDestination for Told {
///     type Member = String;
///
///     async fn add(
///         &self,
///         permit: SyncPermit,
///         members: Vec<Consented<String, Ads>>,
///         now: Timestamp,
///     ) -> Result<AnswerVerdict, SyncPermitRefusal> {
///         let audience = permit.redeem(now)?; // the first thing: a permit that has expired adds nobody
///         let members: Vec<String> = members.into_iter().map(Consented::into_inner).collect();
///         Ok(self.send(format!("{} + {}", audience.audience_id, members.join(" ")), members.len()))
///     }
///
///     async fn remove(&self, audience: &AudienceRef, members: Vec<String>, _now: Timestamp) -> AnswerVerdict {
///         self.send(format!("{} - {}", audience.audience_id, members.join(" ")), members.len())
///     }
/// }
///
/// let audience = AudienceRef {
///     tenant_id: "0198c9a0-0000-7000-8000-000000000001".parse().unwrap(),
///     platform: Platform::Meta,
///     audience_id: "A-1".to_owned(),
/// };
/// let now = "2026-03-01T12:00:00Z".parse().unwrap();
/// let told = Told::default();
/// let verdict = pollster::block_on(told.remove(&audience, vec!["jane".to_owned()], now));
/// assert_eq!(verdict.class.as_str(), "delivered");
/// assert_eq!(*told.0.lock().unwrap(), ["A-1 - jane"]);
/// ```
pub trait AudienceDestination: Sync {
    /// What a member is sent as.
    type Member: Send;

    /// Adds a batch. Members who are there already stay as they are. An answer that did not come is a verdict, too
    /// ([`classify_network_error`](crate::delivery::classify_network_error)).
    ///
    /// # Errors
    /// That the permit has expired; nobody is added then.
    fn add(
        &self,
        permit: SyncPermit,
        members: Vec<Consented<Self::Member, Ads>>,
        now: Timestamp,
    ) -> impl Future<Output = Result<AnswerVerdict, SyncPermitRefusal>> + Send;

    /// Removes a batch. Who is not there is passed over.
    fn remove(
        &self,
        audience: &AudienceRef,
        members: Vec<Self::Member>,
        now: Timestamp,
    ) -> impl Future<Output = AnswerVerdict> + Send;
}

/// Audiences in memory: for embedding, and as the plainest statement of the contract.
#[derive(Debug)]
pub struct MemoryAudiences<M> {
    audiences: Mutex<BTreeMap<AudienceRef, BTreeSet<M>>>,
}

impl<M> Default for MemoryAudiences<M> {
    fn default() -> Self {
        Self { audiences: Mutex::new(BTreeMap::new()) }
    }
}

impl<M: Ord + Clone> MemoryAudiences<M> {
    /// The members of an audience, ascending.
    #[must_use]
    pub fn members(&self, audience: &AudienceRef) -> Vec<M> {
        self.lock().get(audience).into_iter().flatten().cloned().collect()
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<AudienceRef, BTreeSet<M>>> {
        self.audiences.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What Meta would have answered: the plainest of the four.
fn taken(members: usize) -> AnswerVerdict {
    let items = u64::try_from(members).unwrap_or(u64::MAX);
    let body = format!(r#"{{"num_received": {items}, "num_invalid_entries": 0}}"#);
    let answer = PlatformAnswer::new(200).body(body.as_bytes());
    classify(stratum_core::vocabulary::Platform::Meta, PlatformCall::Audience, items, &answer)
}

impl<M: Ord + Clone + Send> AudienceDestination for MemoryAudiences<M> {
    type Member = M;

    fn add(
        &self,
        permit: SyncPermit,
        members: Vec<Consented<M, Ads>>,
        now: Timestamp,
    ) -> impl Future<Output = Result<AnswerVerdict, SyncPermitRefusal>> + Send {
        let added = permit.redeem(now).map(|audience| {
            let sent = members.len();
            self.lock().entry(audience).or_default().extend(members.into_iter().map(Consented::into_inner));
            taken(sent)
        });
        ready(added)
    }

    fn remove(
        &self,
        audience: &AudienceRef,
        members: Vec<M>,
        _now: Timestamp,
    ) -> impl Future<Output = AnswerVerdict> + Send {
        if let Some(held) = self.lock().get_mut(audience) {
            for member in &members {
                held.remove(member);
            }
        }
        ready(taken(members.len()))
    }
}
