//! What every implementation of the port must do. Run it against your own, with two tenants that nobody else uses.
//!
//! ```
//! use stratum_cdp::identity::store::{MemoryIdentityStore, contract};
//! let tenants = ["0198c9a0-0000-7000-8000-000000000001", "0198c9a0-0000-7000-8000-000000000002"];
//! let [tenant, other] = tenants.map(|id| id.parse().unwrap());
//! let now = "2026-03-01T12:00:00Z".parse().unwrap();
//! pollster::block_on(contract::identity_store(&MemoryIdentityStore::new(), tenant, other, now)).unwrap();
//! ```

use std::sync::Arc;

use stratum_core::Timestamp;
use stratum_core::id::{ProfileId, TenantId};

use super::{IdentityStore, IdentityStoreError, decide, observe};
use crate::identifier::{Identifier, IdentifierType};
use crate::identity::{IdentifierKey, IdentityPolicy, Observation};

/// What was broken.
pub type Broken = String;

fn ensure(holds: bool, rule: &str) -> Result<(), Broken> {
    if holds { Ok(()) } else { Err(rule.to_owned()) }
}

fn works<T, E: std::fmt::Display>(result: Result<T, E>, what: &str) -> Result<T, Broken> {
    result.map_err(|error| format!("{what}: {error}"))
}

/// The contract of [`IdentityStore`].
///
/// # Errors
/// The first rule that does not hold.
pub async fn identity_store<S: IdentityStore>(
    store: &S,
    tenant: TenantId,
    other: TenantId,
    now: Timestamp,
) -> Result<(), Broken> {
    let policy = Arc::new(works(IdentityPolicy::default().compile(), "the default policy")?);
    let clean = |kind, value| {
        Identifier::clean(kind, value, policy.cleaning()).map_err(|refusal| refusal.to_string())
    };
    let browser = clean(IdentifierType::AnonymousId, "contract-browser")?;
    let phone = clean(IdentifierType::DeviceId, "contract-device")?;
    let key = |of: &Identifier| IdentifierKey::new(of.kind(), None, of.value());
    let keys = [key(&browser), key(&phone)];
    let id = |number: u8| ProfileId::v7(now, [number; 10]);

    let empty = works(store.load(tenant, &keys).await, "load")?;
    ensure(
        empty.profiles.is_empty() && empty.unowned.is_empty(),
        "identifiers that nobody named are nobody's",
    )?;
    ensure(
        works(store.canonical(tenant, id(1)).await, "canonical")?.is_none(),
        "an unknown profile is none",
    )?;

    // One profile, from an event that was decided twice: only the first commit is taken.
    let one = [browser.clone()];
    let event = Observation::new("contract-1", now, &one);
    let changes =
        decide(&empty, &policy, &event, id(1)).ok_or("an event with an identifier is somebody's")?;
    works(store.commit(tenant, empty.revision, &changes).await, "a commit of what was read")?;
    let again = decide(&empty, &policy, &event, id(9)).ok_or("an event with an identifier is somebody's")?;
    ensure(
        store.commit(tenant, empty.revision, &again).await == Err(IdentityStoreError::Conflict),
        "a commit of what has changed since is a conflict",
    )?;
    let found = works(store.load(tenant, &keys).await, "load")?;
    ensure(found.profiles.iter().map(|profile| profile.id).eq([id(1)]), "a refused commit changes nothing")?;
    let held = found.profiles.iter().flat_map(|profile| &profile.identifiers);
    ensure(
        held.map(|held| (&held.key, held.first_seen)).eq([(&keys[0], Some(now))]),
        "what was given is held",
    )?;

    // A second profile, earlier; an event that names both makes them one.
    let earlier = now.plus_minutes(-5);
    let two = [phone.clone()];
    works(
        observe(store, tenant, &policy, &Observation::new("contract-2", earlier, &two), id(2)).await,
        "observe",
    )?;
    let both = [browser, phone];
    let joined = works(
        observe(store, tenant, &policy, &Observation::new("contract-3", now, &both), id(3)).await,
        "observe",
    )?
    .ok_or("an event with identifiers is somebody's")?;
    ensure(joined.merges.len() == 1 && !joined.created, "two profiles become one")?;
    let found = works(store.load(tenant, &keys[..1]).await, "load")?;
    let survivor = found.profiles.first().ok_or("the survivor is found by what the absorbed profile held")?;
    ensure(survivor.id == id(2) && survivor.identifiers.len() == 2, "the earlier profile takes over")?;
    ensure(survivor.first_seen == Some(earlier), "its first time is the earlier of both")?;
    ensure(survivor.merge_times == [now], "the time of the merge is kept")?;
    ensure(
        works(store.canonical(tenant, id(1)).await, "canonical")? == Some(id(2)),
        "the absorbed id answers with the survivor",
    )?;

    let elsewhere = works(store.load(other, &keys).await, "load")?;
    ensure(elsewhere.profiles.is_empty(), "tenants never mix")?;
    ensure(works(store.canonical(other, id(2)).await, "canonical")?.is_none(), "tenants never mix")
}
