//! What an operator does by hand: merge, and undo a merge. Neither is an event of anybody.

use std::collections::HashSet;
use std::fmt;

use stratum_core::Timestamp;

use super::arena::Number as _;
use super::checks::{Candidate, Gathered};
use super::decide::Merging;
use super::engine::{Identities, Outcome};
use super::event::DroppedIdentifier;
use super::history::{Denied, Done, Merge, MergeNo};
use super::key::IdentifierKey;
use super::names::IdNo;
use super::vocabulary::{DropReason, LinkType, RefusalReason};
use super::world::{Counts, EventNo, NEVER_FIRST, NEVER_LAST, Parted, ProfileNo};

/// Something that an operator does by hand.
#[derive(Clone, Copy)]
pub struct Act<'a> {
    /// Its id, as events have one.
    pub id: &'a str,
    /// When.
    pub at: Timestamp,
    /// Who does it.
    pub actor: Option<&'a str>,
    /// Why, in the operator's words.
    pub note: Option<&'a str>,
}

impl fmt::Debug for Act<'_> {
    /// When, not who or why.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Act").field("at", &self.at).finish_non_exhaustive()
    }
}

/// What a merge by hand comes to.
pub(super) struct Joining {
    pub(super) merges: Vec<Merging>,
    /// The undone merges of which the mark is taken away.
    pub(super) lifted: Vec<u64>,
}

/// A merge that was undone: the profile that is there again, and the one that it left.
pub(super) struct Parting {
    pub(super) restored: ProfileNo,
    pub(super) holder: ProfileNo,
}

impl Identities {
    /// Makes the profiles that hold these identifiers one, whatever speaks against it; marks that undoing left between them
    /// are taken away. The first identifier that nobody holds voids the act.
    pub fn merge_by_hand(&mut self, act: &Act<'_>, identifiers: &[IdentifierKey]) -> Outcome {
        match self.join_by_hand(act, identifiers) {
            Ok(joining) => Outcome { merged: joining.merges.len(), ..Outcome::default() },
            Err(unknown) => {
                if let Some(key) = identifiers.get(unknown) {
                    let (kind, reason) = (key.kind().as_str(), DropReason::UnknownIdentifier);
                    self.dropped.push(DroppedIdentifier::new(act.id, kind, key.value(), reason));
                }
                Outcome::default()
            }
        }
    }

    /// The same; the error is the position of the first identifier that nobody holds.
    pub(super) fn join_by_hand(&mut self, act: &Act<'_>, named: &[IdentifierKey]) -> Result<Joining, usize> {
        let event = self.history.note_act(act);
        let mut owned = Vec::with_capacity(named.len());
        for (position, key) in named.iter().enumerate() {
            let pair = self.find(key).and_then(|id| self.world.owner(id).map(|owner| (id, owner)));
            owned.push(pair.ok_or(position)?);
        }
        let (mut gathered, mut merges, mut lifted) = (Gathered::default(), Vec::new(), Vec::new());
        for &(id, owner) in &owned {
            if gathered.holds(owner) {
                continue;
            }
            let candidate = Candidate::new(&self.world, id, Some(owner));
            lifted.extend(gathered.marks_before(&self.world, &candidate));
            merges.extend(gathered.join(&self.world, owner, id, false, LinkType::Manual));
        }
        for &merging in &merges {
            self.merge(merging, event, act.at);
        }
        self.lift(&lifted);
        if let Some((&(first, _), others)) = owned.split_first() {
            for &(other, _) in others.iter().filter(|&&(other, _)| other != first) {
                self.links.note(first, other, LinkType::Manual, act.at, event, true);
            }
        }
        Ok(Joining { merges, lifted })
    }

    /// Undoes a merge, `m1` being the first: what the absorbed profile held leaves again, with its events and those that
    /// only its identifiers speak for, and the two sides are not joined by an event any more.
    ///
    /// The breaker of storms goes on counting the merge for the profile that stays. The rules demand it: the breaker counts
    /// the profiles that were ever absorbed, what leaves at an undoing is a list without merge times, and all else stays;
    /// the history `ir023` of the vectors holds to it.
    pub fn undo(&mut self, act: &Act<'_>, merge: &str) -> Outcome {
        let event = self.history.note_act(act);
        let undone = match self.merge_number(merge) {
            Some(number) => self.undo_merge(number, merge_mark(number), act.at, event),
            None => Err(RefusalReason::NoSuchMerge),
        };
        match undone {
            Ok(_) => Outcome::default(),
            Err(reason) => {
                self.history.denied.push(Denied::Undo { event, merge: Box::from(merge), reason });
                Outcome { refused: 1, ..Outcome::default() }
            }
        }
    }

    /// Undoes a merge and leaves a mark of this number between the two sides.
    pub(super) fn undo_merge(
        &mut self,
        number: MergeNo,
        mark: u64,
        at: Timestamp,
        event: EventNo,
    ) -> Result<Parting, RefusalReason> {
        let merge = self.history.merges.get(number);
        let holder = (!merge.undone).then(|| self.holder_of_both(merge)).flatten();
        let holder = holder.ok_or(RefusalReason::NoSuchMerge)?;
        if at.millis_since(merge.at) > self.policy.undo_ms {
            return Err(RefusalReason::UndoTooLate);
        }
        let restored = self.part(number, holder, event, at);
        self.mark(mark, restored, holder);
        Ok(Parting { restored, holder })
    }

    /// The merge of this name.
    fn merge_number(&self, name: &str) -> Option<MergeNo> {
        let position = name.strip_prefix('m')?.parse::<usize>().ok()?.checked_sub(1)?;
        (position < self.history.merges.len()).then(|| MergeNo::of(position))
    }

    /// What a merge of this name brought together, by the canonical identifiers of the two sides, if there is one to undo, and the
    /// event that did it.
    pub(super) fn sides_of(&self, name: &str) -> Option<(EventNo, [IdentifierKey; 2])> {
        let merge = self.history.merges.get(self.merge_number(name)?);
        let sides = [merge.into, merge.from].map(|id| self.world.names.key(id));
        (!merge.undone).then_some((merge.event, sides))
    }

    /// The name of the merge that brought these two together, and is not undone: that of this event, else the last one.
    pub(super) fn merge_between(&self, event: EventNo, sides: &[IdentifierKey; 2]) -> Option<String> {
        let [one, other] = sides;
        let (one, other) = (self.find(one)?, self.find(other)?);
        let between = |merge: &Merge| {
            let held = |ids: &[IdNo], id| ids.contains(&id);
            let (stays, goes) = (&merge.survivor_ids, &merge.absorbed_ids);
            !merge.undone
                && ((held(stays, one) && held(goes, other)) || (held(stays, other) && held(goes, one)))
        };
        let found = self.history.merges.iter().filter(|(_, merge)| between(merge));
        let found = found.max_by_key(|(number, merge)| (merge.event == event, number.position()));
        found.map(|(number, _)| format!("m{}", merge_mark(number)))
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

    /// Takes what the absorbed side still holds of `holder` out of it, into the profile that it was.
    fn part(&mut self, number: MergeNo, holder: ProfileNo, event: EventNo, at: Timestamp) -> ProfileNo {
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
        self.history.done.push(Done::Unmerged {
            event,
            merge: number,
            restored: self.world.profiles.get(restored).label,
            from: self.world.profiles.get(holder).label,
            at,
        });
        restored
    }

    /// The profile answers for itself again, and for those for whom it answered.
    fn stand_alone(&mut self, profile: ProfileNo, aliases: &[ProfileNo]) {
        let world = &mut self.world;
        let Some(answering) = world.profiles.get_mut(profile).alias_of.take() else { return };
        // Who answers by now does not follow: it may have been an alias once, and stood alone in between.
        let follows = |alias: &ProfileNo| *alias != answering && world.canonical(*alias) == answering;
        let moved: Vec<ProfileNo> = aliases.iter().copied().filter(follows).collect();
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
    fn mark(&mut self, mark: u64, restored: ProfileNo, holder: ProfileNo) {
        for (profile, restored) in [(restored, true), (holder, false)] {
            for &id in &self.world.profiles.get(profile).ids {
                self.world.parted.entry(id).or_default().push(Parted { mark, restored });
            }
        }
    }

    /// Takes marks away.
    fn lift(&mut self, marks: &[u64]) {
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

/// A merge is undone once at most, so its number names the mark that undoing it leaves.
fn merge_mark(number: MergeNo) -> u64 {
    u64::try_from(number.position().saturating_add(1)).unwrap_or(u64::MAX)
}
