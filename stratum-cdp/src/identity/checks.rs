//! What speaks against joining, in the order in which it is asked.

use super::compiled::CompiledIdentityPolicy;
use super::decide::{Merging, Question};
use super::names::IdNo;
use super::vocabulary::{BY_PRIORITY, LinkType, RefusalReason};
use super::world::{Counts, Parted, ProfileNo, World};
use crate::identifier::IdentifierType;

/// What an event has brought together so far: profiles that are one from now on, and identifiers that nobody owned.
#[derive(Debug, Clone, Default)]
pub(super) struct Gathered {
    profiles: Vec<ProfileNo>,
    fresh: Vec<IdNo>,
    counts: Counts,
    merges: usize,
    base: Option<Base>,
}

/// The profile that the gathered ones become, as it was before the event.
#[derive(Debug, Clone, Copy)]
struct Base {
    survivor: ProfileNo,
    label: IdNo,
    first_seen: i64,
    known: bool,
}

impl Base {
    fn of(world: &World, profile: ProfileNo) -> Self {
        let held = world.profiles.get(profile);
        Self {
            survivor: profile,
            label: held.label,
            first_seen: held.first_seen,
            known: held.counts.is_known(),
        }
    }

    /// Who survives a merge: the known one, the one seen first, the one with the better name.
    fn survives(&self, world: &World, other: &Self) -> bool {
        other
            .known
            .cmp(&self.known)
            .then_with(|| self.first_seen.cmp(&other.first_seen))
            .then_with(|| world.names.order(self.label, other.label))
            .is_lt()
    }
}

/// What would be joined: an identifier with the profile that owns it, or alone.
#[derive(Debug, Clone, Copy)]
pub(super) struct Candidate {
    id: IdNo,
    owner: Option<ProfileNo>,
    counts: Counts,
}

impl Candidate {
    pub(super) fn new(world: &World, id: IdNo, owner: Option<ProfileNo>) -> Self {
        let counts = owner.map_or_else(
            || {
                let mut alone = Counts::default();
                alone.add(world.names.kind(id));
                alone
            },
            |owner| world.profiles.get(owner).counts,
        );
        Self { id, owner, counts }
    }

    fn ids<'a>(&'a self, world: &'a World) -> &'a [IdNo] {
        self.owner.map_or(std::slice::from_ref(&self.id), |owner| world.profiles.get(owner).ids.as_slice())
    }
}

impl Gathered {
    pub(super) fn clear(&mut self) {
        self.profiles.clear();
        self.fresh.clear();
        self.counts = Counts::default();
        self.merges = 0;
        self.base = None;
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.profiles.is_empty() && self.fresh.is_empty()
    }

    pub(super) fn holds(&self, profile: ProfileNo) -> bool {
        self.profiles.contains(&profile)
    }

    pub(super) fn survivor(&self) -> Option<ProfileNo> {
        self.base.map(|base| base.survivor)
    }

    pub(super) fn add_fresh(&mut self, world: &World, id: IdNo) {
        self.fresh.push(id);
        self.counts.add(world.names.kind(id));
    }

    /// Takes a profile in. It is the base if there was none; else the two merge, and an alias keeps the base.
    pub(super) fn join(
        &mut self,
        world: &World,
        profile: ProfileNo,
        via: IdNo,
        keep_base: bool,
        evidence: LinkType,
    ) -> Option<Merging> {
        let other = Base::of(world, profile);
        self.profiles.push(profile);
        self.counts = self.counts.plus(world.profiles.get(profile).counts);
        let Some(base) = self.base else {
            self.base = Some(other);
            return None;
        };
        self.merges = self.merges.saturating_add(1);
        let (stays, goes) =
            if keep_base || base.survives(world, &other) { (base, other) } else { (other, base) };
        self.base = Some(Base {
            survivor: stays.survivor,
            label: if world.is_better(goes.label, stays.label) { goes.label } else { stays.label },
            first_seen: stays.first_seen.min(goes.first_seen),
            known: stays.known || goes.known,
        });
        Some(Merging {
            survivor: stays.survivor,
            absorbed: goes.survivor,
            into: stays.label,
            from: goes.label,
            via,
            evidence,
        })
    }

    /// Why the candidate may not join, if anything speaks against it.
    pub(super) fn check(
        &self,
        world: &World,
        policy: &CompiledIdentityPolicy,
        question: Question<'_>,
        candidate: &Candidate,
        shared: bool,
    ) -> Option<RefusalReason> {
        let (ours, theirs) = (self.counts, candidate.counts);
        if question.alias && candidate.owner.is_some() && theirs.is_known() {
            return Some(RefusalReason::AliasSourceKnown);
        }
        if self.is_parted(world, candidate) {
            return Some(RefusalReason::Split);
        }
        let both_known = ours.is_known() && theirs.is_known();
        if policy.both_known && both_known {
            return Some(RefusalReason::BothKnown);
        }
        if policy.source_conflict && both_known && self.share_a_system(world, candidate) {
            return Some(RefusalReason::SourceConflict);
        }
        if policy.stronger_conflict && self.differ_in_stronger(world, question, candidate) {
            return Some(RefusalReason::StrongerConflict);
        }
        if shared {
            return Some(RefusalReason::Shared);
        }
        if !policy.joins(question.evidence) {
            return Some(RefusalReason::WeakEvidence);
        }
        for kind in BY_PRIORITY {
            let (ours, theirs) = (ours.of(kind), theirs.of(kind));
            let together = ours.saturating_add(theirs);
            if together > policy.limit(kind) && together > ours.max(theirs) {
                return Some(RefusalReason::limit(kind));
            }
        }
        // Neither side is empty, so together they are more than each.
        if ours.total().saturating_add(theirs.total()) > policy.max_cluster_ids {
            return Some(RefusalReason::ClusterTooLarge);
        }
        if let (Some(_), Some(owner)) = (self.base, candidate.owner)
            && self.merges_near(world, policy, question.at, owner) >= policy.storm_merges
        {
            return Some(RefusalReason::Storm);
        }
        None
    }

    fn merges_near(
        &self,
        world: &World,
        policy: &CompiledIdentityPolicy,
        at: i64,
        candidate: ProfileNo,
    ) -> usize {
        let near = |time: &&i64| time.saturating_sub(at).saturating_abs() < policy.storm_window_ms;
        let of = |profile: ProfileNo| world.profiles.get(profile).merge_times.iter().filter(near).count();
        self.profiles
            .iter()
            .fold(of(candidate).saturating_add(self.merges), |sum, &profile| sum.saturating_add(of(profile)))
    }

    fn ids<'a>(&'a self, world: &'a World) -> impl Iterator<Item = IdNo> + 'a {
        self.profiles
            .iter()
            .flat_map(|&profile| world.profiles.get(profile).ids.iter().copied())
            .chain(self.fresh.iter().copied())
    }

    /// Whether the two sides together hold members of both parts of an undone merge, and neither does alone.
    fn is_parted(&self, world: &World, candidate: &Candidate) -> bool {
        !self.marks_before(world, candidate).is_empty()
    }

    /// The marks that part the candidate from what is gathered.
    pub(super) fn marks_before(&self, world: &World, candidate: &Candidate) -> Vec<u64> {
        if world.parted.is_empty() {
            return Vec::new();
        }
        let ours: Vec<Parted> = self.ids(world).flat_map(|id| world.parts_of(id).iter().copied()).collect();
        let theirs: Vec<Parted> =
            candidate.ids(world).iter().flat_map(|&id| world.parts_of(id).iter().copied()).collect();
        let has = |side: &[Parted], mark, restored| side.contains(&Parted { mark, restored });
        ours.iter()
            .filter(|part| {
                let Parted { mark, restored } = **part;
                has(&theirs, mark, !restored) && !has(&theirs, mark, restored) && !has(&ours, mark, !restored)
            })
            .map(|part| part.mark)
            .collect()
    }

    /// Whether both sides hold an external id of one source system.
    fn share_a_system(&self, world: &World, candidate: &Candidate) -> bool {
        let external = |id: &IdNo| world.names.kind(*id) == IdentifierType::ExternalId;
        self.ids(world).filter(external).any(|ours| {
            let system = world.names.system_of(ours);
            candidate
                .ids(world)
                .iter()
                .filter(|id| external(id))
                .any(|&id| world.names.system_of(id) == system)
        })
    }

    /// Whether both sides hold identifiers of a type that is stronger than the weaker one of the two that join them. No
    /// identifier has two owners, so what both hold always differs.
    fn differ_in_stronger(&self, world: &World, question: Question<'_>, candidate: &Candidate) -> bool {
        let weaker = question
            .ids
            .first()
            .map_or(u8::MAX, |&first| world.names.kind(first).priority())
            .min(world.names.kind(candidate.id).priority());
        BY_PRIORITY.into_iter().take_while(|kind| kind.priority() > weaker).any(|kind| {
            self.counts.of(kind) > 0
                && candidate.counts.of(kind) > 0
                && (kind != IdentifierType::ExternalId || self.share_a_system(world, candidate))
        })
    }

    /// Whether a device or anonymous id was seen with more persons than the policy allows, this event counted.
    pub(super) fn is_shared(
        &self,
        world: &World,
        policy: &CompiledIdentityPolicy,
        question: Question<'_>,
        id: IdNo,
    ) -> bool {
        if !policy.shared || world.names.kind(id).priority() > IdentifierType::DeviceId.priority() {
            return false;
        }
        let held = world.held.get(id);
        if held.shared {
            return true;
        }
        // Fewer than that were ever seen.
        if held.sightings.len() < policy.shared_profiles {
            return false;
        }
        let (from, to) = (
            question.at.saturating_sub(policy.shared_window_ms),
            question.at.saturating_add(policy.shared_window_ms),
        );
        let mut persons: Vec<ProfileNo> = held
            .sightings
            .iter()
            .filter(|seen| seen.first <= to && seen.last >= from)
            .filter_map(|seen| world.owner(seen.anchor))
            .filter(|&owner| !self.holds(owner) && world.profiles.get(owner).counts.names_a_person())
            .collect();
        persons.sort_unstable();
        persons.dedup();
        let here = usize::from(self.counts.names_a_person());
        persons.len().saturating_add(here) > policy.shared_profiles
    }
}
