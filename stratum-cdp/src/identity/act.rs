//! What an operator does by hand: merge, and undo a merge. Neither is an event of anybody.

use std::collections::HashSet;

use stratum_core::Timestamp;

use super::arena::Number as _;
use super::checks::{Candidate, Gathered};
use super::engine::{Identities, Outcome};
use super::event::DroppedIdentifier;
use super::history::{Denied, Done, Merge, MergeNo};
use super::key::IdentifierKey;
use super::names::IdNo;
use super::vocabulary::{DropReason, LinkType, RefusalReason};
use super::world::{Counts, EventNo, NEVER_FIRST, NEVER_LAST, Parted, ProfileNo};

impl Identities {
    /// Makes the profiles that hold these identifiers one, whatever speaks against it; marks that undoing left between them
    /// are taken away. The first identifier that nobody holds voids the act.
    pub fn merge_by_hand(&mut self, event_id: &str, at: Timestamp, identifiers: &[IdentifierKey]) -> Outcome {
        let event = self.history.note_event(event_id, at.millis(), &[], None);
        let mut owned = Vec::with_capacity(identifiers.len());
        for key in identifiers {
            match self.find(key).and_then(|id| self.world.owner(id).map(|owner| (id, owner))) {
                Some(pair) => owned.push(pair),
                None => {
                    let (kind, reason) = (key.kind().as_str(), DropReason::UnknownIdentifier);
                    self.dropped.push(DroppedIdentifier::new(event_id, kind, key.value(), reason));
                    return Outcome::default();
                }
            }
        }
        let (mut gathered, mut merges, mut lifted) = (Gathered::default(), Vec::new(), Vec::new());
        for &(id, owner) in &owned {
            if gathered.holds(owner) {
                continue;
            }
            let candidate = Candidate::new(&self.world, id, Some(owner));
            lifted.extend(gathered.marks_before(&self.world, &candidate));
            merges.extend(gathered.join(&self.world, owner, id, false));
        }
        for &merging in &merges {
            self.merge(merging, event, at.millis(), LinkType::Manual);
        }
        self.lift(&lifted);
        if let Some((&(first, _), others)) = owned.split_first() {
            for &(other, _) in others.iter().filter(|&&(other, _)| other != first) {
                self.links.note(first, other, LinkType::Manual, at, event, true);
            }
        }
        Outcome { merged: merges.len(), ..Outcome::default() }
    }

    /// Undoes a merge, `m1` being the first: what the absorbed profile held leaves again, with its events and those that
    /// only its identifiers speak for, and the two sides are not joined by an event any more.
    ///
    /// The breaker of storms goes on counting the merge for the profile that stays. The rules demand it: the breaker counts
    /// the profiles that were ever absorbed, what leaves at an undoing is a list without merge times, and all else stays;
    /// the history `ir023` of the vectors holds to it.
    pub fn unmerge(&mut self, event_id: &str, at: Timestamp, merge: &str) -> Outcome {
        let event = self.history.note_event(event_id, at.millis(), &[], None);
        let number = self.merge_number(merge);
        let holder = number.and_then(|number| self.holder_of_both(self.history.merges.get(number)));
        let reason = match (number, holder) {
            (Some(number), Some(holder)) => {
                if at.millis().saturating_sub(self.history.merges.get(number).at) <= self.policy.undo_ms {
                    self.part(number, holder, event);
                    return Outcome::default();
                }
                RefusalReason::UndoTooLate
            }
            _ => RefusalReason::NoSuchMerge,
        };
        self.history.denied.push(Denied::Undo { event, merge: Box::from(merge), reason });
        Outcome { refused: 1, ..Outcome::default() }
    }

    /// The merge of this name, unless it was undone.
    fn merge_number(&self, name: &str) -> Option<MergeNo> {
        let position = name.strip_prefix('m')?.parse::<usize>().ok()?.checked_sub(1)?;
        if position >= self.history.merges.len() {
            return None;
        }
        let number = MergeNo::of(position);
        (!self.history.merges.get(number).undone).then_some(number)
    }

    /// The profile that now holds some of both sides; of several the one with the best name.
    fn holder_of_both(&self, merge: &Merge) -> Option<ProfileNo> {
        let owners =
            |ids: &[IdNo]| -> Vec<ProfileNo> { ids.iter().filter_map(|&id| self.world.owner(id)).collect() };
        let of_survivor = owners(&merge.survivor_ids);
        let label = |profile: &ProfileNo| self.world.profiles.get(*profile).label;
        owners(&merge.absorbed_ids)
            .into_iter()
            .filter(|owner| of_survivor.contains(owner))
            .min_by(|a, b| self.world.names.order(label(a), label(b)))
    }

    /// Takes what the absorbed side still holds of `holder` out of it.
    fn part(&mut self, number: MergeNo, holder: ProfileNo, event: EventNo) {
        let merge = self.history.merges.get_mut(number);
        merge.undone = true;
        let restored = merge.absorbed;
        let aliases = std::mem::take(&mut merge.absorbed_aliases);
        let had: HashSet<EventNo> = std::mem::take(&mut merge.absorbed_events).into_iter().collect();
        let absorbed_ids = std::mem::take(&mut merge.absorbed_ids);
        let leaving: HashSet<IdNo> =
            absorbed_ids.into_iter().filter(|&id| self.world.owner(id) == Some(holder)).collect();

        self.stand_alone(restored, &aliases);
        let history = &self.history;
        let world = &mut self.world;
        let stays = world.profiles.get_mut(holder);
        let (ids, rest) = std::mem::take(&mut stays.ids).into_iter().partition(|id| leaving.contains(id));
        let (events, kept) = std::mem::take(&mut stays.events).into_iter().partition(|event| {
            had.contains(event) || history.accepted(*event).iter().all(|id| leaving.contains(id))
        });
        stays.ids = rest;
        stays.events = kept;
        let consent = stays.consent.clone();
        let back = world.profiles.get_mut(restored);
        back.ids = ids;
        back.events = events;
        back.consent = consent;
        for profile in [restored, holder] {
            self.settle(profile);
        }
        self.mark(restored, holder);
        self.history.done.push(Done::Unmerged {
            event,
            merge: number,
            restored: self.world.profiles.get(restored).label,
            from: self.world.profiles.get(holder).label,
        });
    }

    /// The profile answers for itself again, and for those for whom it answered.
    fn stand_alone(&mut self, profile: ProfileNo, aliases: &[ProfileNo]) {
        let world = &mut self.world;
        let Some(answering) = world.profiles.get_mut(profile).alias_of.take() else { return };
        let moved: Vec<ProfileNo> =
            aliases.iter().copied().filter(|&alias| world.canonical(alias) == answering).collect();
        let held = world.profiles.get_mut(answering);
        held.aliases.retain(|alias| *alias != profile && !moved.contains(alias));
        for &alias in &moved {
            world.profiles.get_mut(alias).alias_of = Some(profile);
        }
        world.profiles.get_mut(profile).aliases = moved;
    }

    /// Works out anew what follows from the identifiers and events of a profile.
    fn settle(&mut self, profile: ProfileNo) {
        let world = &mut self.world;
        let held = world.profiles.get(profile);
        let (ids, mut counts) = (held.ids.clone(), Counts::default());
        let times = || held.events.iter().map(|&event| self.history.events.get(event).at);
        let (first_seen, last_seen) =
            (times().min().unwrap_or(NEVER_FIRST), times().max().unwrap_or(NEVER_LAST));
        let mut label = ids.first().copied().unwrap_or(held.label);
        for &id in &ids {
            counts.add(world.names.kind(id));
            if world.is_better(id, label) {
                label = id;
            }
            world.held.get_mut(id).owner = Some(profile);
        }
        let held = world.profiles.get_mut(profile);
        held.counts = counts;
        held.label = label;
        held.first_seen = first_seen;
        held.last_seen = last_seen;
    }

    /// Marks the two as parted.
    fn mark(&mut self, restored: ProfileNo, holder: ProfileNo) {
        let mark = self.world.marks;
        self.world.marks = mark.saturating_add(1);
        for (profile, restored) in [(restored, true), (holder, false)] {
            for &id in &self.world.profiles.get(profile).ids {
                self.world.parted.entry(id).or_default().push(Parted { mark, restored });
            }
        }
    }

    /// Takes marks away.
    fn lift(&mut self, marks: &[u32]) {
        if marks.is_empty() {
            return;
        }
        self.world.parted.retain(|_, parts| {
            parts.retain(|part| !marks.contains(&part.mark));
            !parts.is_empty()
        });
    }

    /// The number of an identifier that was named before.
    pub(super) fn find(&self, key: &IdentifierKey) -> Option<IdNo> {
        let system = self.world.names.find_system(key.system())?;
        self.world.names.find(key.kind(), system, key.value())
    }
}
