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

use super::{
    ActError, IdentityResolver, IdentityStore, IdentityStoreError, MergeNumber, MergeQuery, MergeRecord,
    Touched, decide, decide_undo,
};
use crate::identifier::{Identifier, IdentifierType};
use crate::identity::{Act, IdentifierKey, IdentityPolicy, LinkType, Observation};

/// What was broken.
pub type Broken = String;

fn ensure(holds: bool, rule: &str) -> Result<(), Broken> {
    if holds { Ok(()) } else { Err(rule.to_owned()) }
}

fn works<T, E: std::fmt::Display>(result: Result<T, E>, what: &str) -> Result<T, Broken> {
    result.map_err(|error| format!("{what}: {error}"))
}

fn touching(identifiers: &[IdentifierKey]) -> Touched<'_> {
    Touched { identifiers, visit: None }
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

    let empty = works(store.load(tenant, touching(&keys)).await, "load")?;
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
    let found = works(store.load(tenant, touching(&keys)).await, "load")?;
    ensure(found.profiles.iter().map(|profile| profile.id).eq([id(1)]), "a refused commit changes nothing")?;
    let held = found.profiles.iter().flat_map(|profile| &profile.identifiers);
    ensure(
        held.map(|held| (&held.key, held.first_seen)).eq([(&keys[0], Some(now))]),
        "what was given is held",
    )?;

    // A second profile, earlier; an event that names both makes them one.
    let resolver = IdentityResolver::new(store, Arc::clone(&policy));
    let earlier = now.plus_minutes(-5);
    let two = [phone.clone()];
    works(resolver.observe(tenant, &Observation::new("contract-2", earlier, &two), id(2)).await, "observe")?;
    let both = [browser, phone];
    let third =
        Observation { session_id: Some("contract-visit"), ..Observation::new("contract-3", now, &both) };
    let joined = works(resolver.observe(tenant, &third, id(3)).await, "observe")?
        .ok_or("an event with identifiers is somebody's")?;
    let [merge] = joined.merges[..] else {
        return Err("two profiles become one, and the merge gets a number".to_owned());
    };
    ensure(!joined.changes.created, "two profiles become one")?;
    let found = works(store.load(tenant, touching(&keys[..1])).await, "load")?;
    let survivor = found.profiles.first().ok_or("the survivor is found by what the absorbed profile held")?;
    ensure(survivor.id == id(2) && survivor.identifiers.len() == 2, "the earlier profile takes over")?;
    ensure(survivor.first_seen == Some(earlier), "its first time is the earlier of both")?;
    ensure(survivor.merge_times == [now], "the time of the merge is kept")?;
    ensure(
        works(store.canonical(tenant, id(1)).await, "canonical")? == Some(id(2)),
        "the absorbed id answers with the survivor",
    )?;
    let visit = Touched { identifiers: &[], visit: Some("contract-visit") };
    let found = works(store.load(tenant, visit).await, "load")?;
    ensure(found.visit == [keys[1].clone()], "a visit keeps the strongest identifier of its event")?;
    ensure(found.profiles.iter().map(|profile| profile.id).eq([id(2)]), "and is loaded with its profile")?;

    acts(&resolver, tenant, other, merge, &keys, [id(1), id(2)], now).await?;

    let elsewhere = works(store.load(other, touching(&keys)).await, "load")?;
    ensure(elsewhere.profiles.is_empty(), "tenants never mix")?;
    ensure(works(store.canonical(other, id(2)).await, "canonical")?.is_none(), "tenants never mix")
}

/// Undoing a merge and merging by hand, with the history of both.
async fn acts<S: IdentityStore>(
    resolver: &IdentityResolver<&S>,
    tenant: TenantId,
    other: TenantId,
    merge: MergeNumber,
    keys: &[IdentifierKey; 2],
    [browser, device]: [ProfileId; 2],
    now: Timestamp,
) -> Result<(), Broken> {
    let (store, policy) = (resolver.store(), resolver.shared_policy());
    let act = |id| Act { id, at: now, actor: Some("contract-operator"), note: Some("a reason") };
    let history = |profile, before, limit| store.merges(tenant, MergeQuery { profile, before, limit });

    let loaded = works(store.load_merge(tenant, merge).await, "load_merge")?.ok_or("a merge is kept")?;
    let mut moved: Vec<(&str, bool)> =
        loaded.events.iter().map(|event| (event.id.as_str(), event.moved)).collect();
    moved.sort_unstable();
    ensure(
        moved == [("contract-1", true), ("contract-2", false), ("contract-3", false)],
        "a merge knows the events that moved with it, and those of the profile now",
    )?;
    ensure(
        loaded.absorbed_identifiers == keys[..1] && loaded.survivor_identifiers == keys[1..],
        "a merge knows what each side held just before",
    )?;
    ensure(works(store.load_merge(other, merge).await, "load_merge")?.is_none(), "tenants never mix")?;

    let undone = decide_undo(&loaded, policy, &act("contract-4")).map_err(|error| error.to_string())?;
    works(store.commit_undo(tenant, loaded.revision, &undone).await, "an undoing of what was read")?;
    ensure(
        store.commit_undo(tenant, loaded.revision, &undone).await == Err(IdentityStoreError::Conflict),
        "an undoing of what has changed since is a conflict",
    )?;
    ensure(
        works(store.canonical(tenant, browser).await, "canonical")? == Some(browser),
        "what was absorbed answers for itself again",
    )?;
    let found = works(store.load(tenant, touching(keys)).await, "load")?;
    let sides = found.profiles.iter().map(|profile| {
        let held = profile.identifiers.iter().map(|held| {
            let marks = held.parted.iter().map(|part| (part.merge, part.restored)).collect::<Vec<_>>();
            (held.key.clone(), marks)
        });
        (profile.id, held.collect::<Vec<_>>())
    });
    let mut sides: Vec<_> = sides.collect();
    sides.sort_by_key(|&(id, _)| id != browser);
    let side = |key: &IdentifierKey, restored| vec![(key.clone(), vec![(merge, restored)])];
    ensure(
        sides == [(browser, side(&keys[0], true)), (device, side(&keys[1], false))],
        "each identifier is where it was before the merge, with a mark of the side it is on",
    )?;
    ensure(
        resolver.undo(tenant, merge, &act("contract-5")).await == Err(ActError::NoSuchMerge),
        "a merge is undone once",
    )?;
    let records = works(history(None, None, 10).await, "merges")?;
    let [
        MergeRecord {
            number,
            survivor,
            absorbed,
            identifiers_moved: 1,
            events_moved: 1,
            undone: Some(by),
            ..
        },
    ] = &records[..]
    else {
        return Err("the history has the merge, with what moved and who undid it".to_owned());
    };
    ensure(
        (*number, *survivor, *absorbed) == (merge, device, browser),
        "the history says who absorbed whom",
    )?;
    ensure(
        by.id == "contract-4" && by.actor.as_deref() == Some("contract-operator") && by.note.is_some(),
        "the history says by which act, by whom and why a merge was undone",
    )?;

    let again = works(resolver.merge_by_hand(tenant, keys, &act("contract-6")).await, "merge_by_hand")?;
    let [second] = again.merges[..] else { return Err("a merge by hand is a merge".to_owned()) };
    ensure(second > merge, "a later merge has a larger number")?;
    let found = works(store.load(tenant, touching(keys)).await, "load")?;
    let held: Vec<_> = found.profiles.iter().flat_map(|profile| &profile.identifiers).collect();
    ensure(
        found.profiles.len() == 1 && held.iter().all(|held| held.parted.is_empty()),
        "a merge by hand takes the marks between the two sides away",
    )?;
    let records = works(history(Some(device), None, 1).await, "merges")?;
    let newest = records.first().ok_or("the history of a profile has its merges")?;
    ensure(
        newest.number == second && newest.evidence == LinkType::Manual && newest.made.actor.is_some(),
        "the newest merge comes first, with who made it",
    )?;
    let records = works(history(None, Some(second), 10).await, "merges")?;
    ensure(records.iter().map(|record| record.number).eq([merge]), "a page ends before a number")?;
    let nobody = ProfileId::v7(now, [200; 10]);
    ensure(works(history(Some(nobody), None, 10).await, "merges")?.is_empty(), "others have none of these")
}
