//! The pure part: what an event or act touches, and a policy, give what it changes.

use std::sync::Arc;

use stratum_core::Timestamp;
use stratum_core::id::ProfileId;

use super::ActError;
use super::around::Around;
use super::changes::{HandMerge, IdentityChanges, RefusedIdentifier, UndoneMerge};
use super::merges::{MergeNumber, Trigger};
use super::types::{LoadedMerge, Surroundings};
use crate::identity::act::Act;
use crate::identity::compiled::CompiledIdentityPolicy;
use crate::identity::engine::Observation;
use crate::identity::key::IdentifierKey;
use crate::identity::names::IdNo;
use crate::identity::vocabulary::{LinkType, RefusalReason};
use crate::identity::world::ProfileNo;

/// What an event changes in what surrounds it; `None` if it names nobody. `new_id` is the id of the profile, should the
/// event make one.
#[must_use]
pub fn decide(
    surroundings: &Surroundings,
    policy: &Arc<CompiledIdentityPolicy>,
    event: &Observation<'_>,
    new_id: ProfileId,
) -> Option<IdentityChanges> {
    let mut around = Around::new(surroundings, policy);
    let visit = event.visit(policy);
    if let Some(visit) = &visit {
        for key in &surroundings.visit {
            let id = around.intern(key);
            around.identities.visits.add(visit.value(), id);
        }
    }
    let outcome = around.identities.observe(event);
    let (world, decided) = (&around.identities.world, &around.identities.decided);
    // The first identifier is always accepted, and its owner is whose event it is.
    let owner = world.owner(*decided.accepted.first()?).filter(|_| outcome.attributed)?;
    let named = decided.accepted.iter().copied().chain(decided.refused.iter().map(|refused| refused.id));
    let visit = visit.map(|visit| {
        let known = around.identities.visits.others(visit.value(), &[]);
        (visit.value().to_owned(), around.keys(&known))
    });
    Some(IdentityChanges {
        event_id: event.event_id.to_owned(),
        profile: around.id(owner).unwrap_or(new_id),
        created: outcome.created,
        at: event.at,
        evidence: event.evidence,
        merges: around.merges(&decided.merges)?,
        given: around.keys(&decided.fresh),
        accepted: around.keys(&decided.accepted),
        refused: refused(&around, event.evidence),
        shared: around.keys(&decided.marked),
        sightings: named.filter_map(|id| around.sightings(id)).collect(),
        visit,
        consent: around.consent(world.profiles.get(owner)),
        canonical: around.key(world.profiles.get(owner).label),
    })
}

fn refused(around: &Around, evidence: LinkType) -> Vec<RefusedIdentifier> {
    let decided = &around.identities.decided;
    let of_event = decided.refused.iter().map(|refused| (refused, evidence));
    let of_visit = decided.refused_of_visit.iter().map(|refused| (refused, LinkType::SameSession));
    of_event
        .chain(of_visit)
        .map(|(refused, evidence)| RefusedIdentifier {
            key: around.key(refused.id),
            reason: refused.reason,
            evidence,
            against: refused.against.map(|against| around.key(against)),
        })
        .collect()
}

/// What a merge by hand changes in what surrounds the identifiers that it names.
///
/// # Errors
/// [`ActError::UnknownIdentifier`].
pub fn decide_merge(
    surroundings: &Surroundings,
    policy: &Arc<CompiledIdentityPolicy>,
    act: &Act<'_>,
    named: &[IdentifierKey],
) -> Result<HandMerge, ActError> {
    let mut around = Around::new(surroundings, policy);
    let unknown = |position| ActError::UnknownIdentifier { position };
    let joining = around.identities.join_by_hand(act, named).map_err(unknown)?;
    let world = &around.identities.world;
    let first = named.first().and_then(|key| around.identities.find(key));
    let owner = first.and_then(|first| world.owner(first)).ok_or_else(|| unknown(0))?;
    Ok(HandMerge {
        made: Trigger::from(act),
        named: named.to_vec(),
        merges: around.merges(&joining.merges).ok_or_else(|| unknown(0))?,
        lifted: joining.lifted.into_iter().map(MergeNumber).collect(),
        profile: around.id(owner).ok_or_else(|| unknown(0))?,
        consent: around.consent(world.profiles.get(owner)),
        canonical: around.key(world.profiles.get(owner).label),
    })
}

/// What undoing a merge changes.
///
/// # Errors
/// [`ActError::NoSuchMerge`], [`ActError::UndoTooLate`].
pub fn decide_undo(
    loaded: &LoadedMerge,
    policy: &Arc<CompiledIdentityPolicy>,
    act: &Act<'_>,
) -> Result<UndoneMerge, ActError> {
    let (mut around, number) = Around::of_merge(loaded, policy);
    let merge = loaded.record.number;
    let event = around.identities.history.note_act(act);
    let parting =
        around.identities.undo_merge(number, merge.0, act.at, event).map_err(|reason| match reason {
            RefusalReason::UndoTooLate => ActError::UndoTooLate,
            _ => ActError::NoSuchMerge,
        })?;
    let sides = [parting.restored, parting.holder];
    let profiles = &around.identities.world.profiles;
    let seen = |side: ProfileNo| Timestamp::from_millis(profiles.get(side).first_seen).ok();
    let label = |side: ProfileNo| -> IdNo { profiles.get(side).label };
    let restored = profiles.get(parting.restored);
    Ok(UndoneMerge {
        merge,
        made: Trigger::from(act),
        restored: loaded.record.absorbed,
        from: around.id(parting.holder).ok_or(ActError::NoSuchMerge)?,
        identifiers: around.keys(&restored.ids),
        events: around.event_ids(&restored.events),
        aliases: restored.aliases.iter().filter_map(|&alias| around.id(alias)).collect(),
        first_seen: sides.map(seen),
        canonical: sides.map(|side| around.key(label(side))),
        consent: around.consent(restored),
    })
}
