//! What is compared: a cluster for each identifier, by each policy.

use std::collections::BTreeMap;

use stratum_cdp::identifier::{Identifier, IdentifierType};
use stratum_cdp::identity::bulk::Links;
use stratum_cdp::identity::{Identities, IdentityPolicy, LinkType, Observation};
use stratum_core::Timestamp;
use stratum_core::problem::{Problem, Problems};

use super::World;

/// A naive policy: whatever one event names is one person, for ever.
#[must_use]
pub fn merge_on_anything(world: &World) -> Vec<u32> {
    let mut links = Links::new(u32::try_from(world.kinds.len()).unwrap_or(u32::MAX));
    for event in &world.events {
        if let Some((&first, rest)) = event.identifiers.split_first() {
            for &other in rest {
                links.link(first, other);
            }
        }
    }
    links.finish().into_labels()
}

/// A naive policy: an event belongs to the profile of its e-mail address, and without one to that of its strongest
/// identifier. Identifiers stay with the profile that they were first seen with, and profiles never merge.
#[must_use]
pub fn first_match_by_email(world: &World) -> Vec<u32> {
    let mut owner: Vec<Option<u32>> = vec![None; world.kinds.len()];
    for event in &world.events {
        let email = event
            .identifiers
            .iter()
            .copied()
            .find(|&id| world.kinds.get(id as usize) == Some(&IdentifierType::Email));
        let Some(key) = email.or_else(|| world.strongest(event)) else { continue };
        let profile = owner.get(key as usize).copied().flatten().unwrap_or(key);
        for &identifier in &event.identifiers {
            if let Some(slot) = owner.get_mut(identifier as usize) {
                slot.get_or_insert(profile);
            }
        }
    }
    (0..).zip(owner).map(|(number, owner)| owner.unwrap_or(number)).collect()
}

/// The resolver under a policy, one event at a time.
///
/// # Errors
/// Those of the policy, and an identifier of the world that it would drop: the worlds hold clean ones.
pub fn resolver(world: &World, policy: &IdentityPolicy) -> Result<Vec<u32>, Problems> {
    let mut identities = Identities::new(policy.compile()?);
    let values: Vec<Identifier> = (0..)
        .zip(&world.kinds)
        .map(|(number, &kind)| {
            Identifier::clean(kind, &world.value(number), identities.policy().cleaning())
                .map_err(|refusal| Problem::new("", "not_clean", format!("identifier {number}: {refusal}")))
        })
        .collect::<Result<_, _>>()?;
    let mut named = Vec::new();
    for (number, event) in world.events.iter().enumerate() {
        named.clear();
        named.extend(event.identifiers.iter().filter_map(|&id| values.get(id as usize)).cloned());
        let at = Timestamp::from_millis(FIRST_DAY_MS + i64::from(event.at_s) * 1000)?;
        identities.observe(&Observation {
            evidence: LinkType::of_event(Some(event.name)),
            ..Observation::new(&format!("e{number}"), at, &named)
        });
    }
    let numbers: BTreeMap<String, usize> = values
        .iter()
        .enumerate()
        .map(|(number, identifier)| (format!("{}:{}", identifier.kind(), identifier.value()), number))
        .collect();
    let mut cluster: Vec<u32> = (0..).zip(&values).map(|(number, _)| number).collect();
    for profile in identities.profiles() {
        let mut members = profile.identifiers.iter().filter_map(|label| numbers.get(label.as_str()).copied());
        let Some(first) = members.next() else { continue };
        for member in members {
            if let (Some(slot), Ok(first)) = (cluster.get_mut(member), u32::try_from(first)) {
                *slot = first;
            }
        }
    }
    Ok(cluster)
}

/// 2026-01-01T00:00:00Z.
const FIRST_DAY_MS: i64 = 1_767_225_600_000;
