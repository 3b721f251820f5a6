//! Two policies on one history: who would be one person, who would not, and how much would move.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::arena::Number as _;
use super::compiled::CompiledIdentityPolicy;
use super::engine::Identities;
use super::event::{IdentityEvent, IdentityEventKind};
use super::history::{Denied, Done};
use super::key::Label;
use super::vocabulary::RefusalReason;
use super::world::ProfileNo;

/// What one policy made of a history.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct IdentityFigures {
    /// How many profiles there are.
    pub profiles: usize,
    /// How many merges there were.
    pub merges: usize,
    /// How many merges were undone.
    pub undone: usize,
    /// How often something was refused, by reason.
    pub refused: BTreeMap<RefusalReason, usize>,
    /// How many values did not count.
    pub dropped: usize,
    /// How many events name nobody.
    pub unattributed: usize,
}

/// Profiles of the one policy that are a single one, or several, under the other.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ProfileDifference {
    /// The profile that is one.
    pub profile: Label,
    /// What it is under the other policy: two or more, by name.
    pub parts: Vec<Label>,
}

/// What a policy would make of a history, beside what the policy in force does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct IdentityComparison {
    /// What the policy in force does.
    pub current: IdentityFigures,
    /// What the proposed one would do.
    pub proposed: IdentityFigures,
    /// Profiles under the proposed policy of which the present one makes several.
    pub would_join: Vec<ProfileDifference>,
    /// Profiles under the present policy of which the proposed one makes several.
    pub would_part: Vec<ProfileDifference>,
    /// How many events there are.
    pub events: usize,
    /// How many would belong to another profile. A profile is the same one under both if it keeps most of its events.
    pub events_moved: usize,
    /// The ids of the events that undo a merge which the proposed policy does not make: under it they do nothing. The others undo
    /// there whatever brought the same two together, by whatever number.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub not_applicable: Vec<String>,
}

/// Takes a history under both policies. A merge is named by its number under the policy in force, and the proposed one may make
/// others: what is undone there is what brought the same two together.
pub(super) fn replay(
    current: CompiledIdentityPolicy,
    proposed: CompiledIdentityPolicy,
    events: &[IdentityEvent],
) -> (Identities, Identities, Vec<String>) {
    let (mut current, mut proposed) = (Identities::new(current), Identities::new(proposed));
    let (mut taken, mut not_applicable) = (BTreeSet::new(), Vec::new());
    for event in events.iter().filter(|event| taken.insert(&event.event_id)) {
        let undone = (event.kind == IdentityEventKind::Unmerge)
            .then(|| current.sides_of(event.merge.as_deref().unwrap_or_default()));
        current.take(event);
        match undone {
            None => {
                proposed.take(event);
            }
            // There is no such merge, so there is none to look for.
            Some(None) => {
                proposed.undo(&event.act(), "");
            }
            Some(Some((by, sides))) => match proposed.merge_between(by, &sides) {
                Some(merge) => {
                    proposed.undo(&event.act(), &merge);
                }
                None => {
                    proposed.history.note_act(&event.act());
                    not_applicable.push(event.event_id.clone());
                }
            },
        }
    }
    (current, proposed, not_applicable)
}

pub(super) fn compare(
    current: &Identities,
    proposed: &Identities,
    not_applicable: Vec<String>,
) -> IdentityComparison {
    IdentityComparison {
        not_applicable,
        current: figures(current),
        proposed: figures(proposed),
        would_join: differences(proposed, current),
        would_part: differences(current, proposed),
        events: current.history.events.len(),
        events_moved: moved(current, proposed),
    }
}

fn figures(of: &Identities) -> IdentityFigures {
    let mut refused = BTreeMap::new();
    for denied in &of.history.denied {
        let (Denied::Identifier { reason, .. } | Denied::Undo { reason, .. }) = denied;
        let count: &mut usize = refused.entry(*reason).or_default();
        *count = count.saturating_add(1);
    }
    let undone = of.history.done.iter().filter(|done| matches!(done, Done::Unmerged { .. })).count();
    IdentityFigures {
        profiles: of.world.profiles.iter().filter(|(_, profile)| profile.alias_of.is_none()).count(),
        merges: of.history.merges.len(),
        undone,
        refused,
        dropped: of.dropped.len(),
        unattributed: of.history.unattributed.len(),
    }
}

/// The profiles of `whole` whose identifiers belong to several profiles of `other`.
fn differences(whole: &Identities, other: &Identities) -> Vec<ProfileDifference> {
    let mut alive: Vec<_> =
        whole.world.profiles.iter().map(|(_, profile)| profile).filter(|p| p.alias_of.is_none()).collect();
    alive.sort_by(|a, b| whole.world.names.order(a.label, b.label));
    let mut found = Vec::new();
    for profile in alive {
        let owners: BTreeSet<ProfileNo> = profile
            .ids
            .iter()
            .filter_map(|&id| other.find(&whole.world.names.key(id)))
            .filter_map(|id| other.world.owner(id))
            .collect();
        if owners.len() > 1 {
            let mut labels: Vec<_> =
                owners.iter().map(|&owner| other.world.profiles.get(owner).label).collect();
            labels.sort_by(|&a, &b| other.world.names.order(a, b));
            let parts = labels.into_iter().map(|label| other.label(label)).collect();
            found.push(ProfileDifference { profile: whole.label(profile.label), parts });
        }
    }
    found
}

/// How many events belong to a profile that is not the successor of the one that they belonged to. Profiles are paired
/// from the largest overlap down; of two equal ones the one whose first event came earlier.
fn moved(current: &Identities, proposed: &Identities) -> usize {
    let (before, after) = (owners(current), owners(proposed));
    let mut overlaps: BTreeMap<(ProfileNo, ProfileNo), (usize, usize)> = BTreeMap::new();
    for (position, pair) in before.iter().zip(&after).enumerate() {
        if let (Some(one), Some(other)) = pair {
            let (count, _) = overlaps.entry((*one, *other)).or_insert((0, position));
            *count = count.saturating_add(1);
        }
    }
    let mut pairs: Vec<_> = overlaps.into_iter().collect();
    pairs.sort_by_key(|&(_, (count, first))| (std::cmp::Reverse(count), first));
    let (mut paired_before, mut paired_after) = (BTreeSet::new(), BTreeSet::new());
    let mut stays = 0_usize;
    for ((one, other), (count, _)) in pairs {
        if !paired_before.contains(&one) && !paired_after.contains(&other) {
            paired_before.insert(one);
            paired_after.insert(other);
            stays = stays.saturating_add(count);
        }
    }
    let somewhere = before.iter().zip(&after).filter(|(one, other)| one.is_some() || other.is_some()).count();
    somewhere.saturating_sub(stays)
}

/// The profile of each event.
fn owners(of: &Identities) -> Vec<Option<ProfileNo>> {
    let mut owners = vec![None; of.history.events.len()];
    for (number, profile) in of.world.profiles.iter() {
        for event in &profile.events {
            if let Some(owner) = owners.get_mut(event.position()) {
                *owner = Some(number);
            }
        }
    }
    owners
}
