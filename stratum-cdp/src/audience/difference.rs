//! Who is to be added to an audience, and who is to leave it.

use std::cmp::Ordering;

use stratum_core::enumeration;
use stratum_core::vocabulary::Platform;

/// A segment that had so many members and has none now is not believed at once.
pub const SUSPICIOUS_FROM: u64 = 100;

enumeration! {
    /// How an audience is brought up to date.
    pub enum SyncMode "sync mode" {
        /// Those who came are added, those who left are removed.
        Update = "UPDATE",
        /// The audience becomes exactly those who are eligible; only at a platform that can do that, and never by nobody.
        Replace = "REPLACE",
    }
}

enumeration! {
    /// Why a sync waits for a person.
    pub enum SyncHold "sync hold" {
        /// The segment is empty and had a hundred members or more, or nobody knows how many: more likely a broken rule or
        /// source than a hundred people leaving at once.
        SuspiciousEmpty = "suspicious_empty",
        /// Nobody can be sent of those who were to replace an audience: it would stay as it is, or be empty, and nobody said
        /// which.
        ReplacedByNobody = "replaced_by_nobody",
    }
}

/// What an audience is compared with.
#[derive(Debug, Clone, Copy)]
pub struct AudienceFacts<'a, T> {
    /// Who may be in the audience: members now, with consent to ads, not suppressed, with something the platform can match.
    pub eligible: &'a [T],
    /// Whom the platform is known to have; `None` if that is not known.
    pub acknowledged: Option<&'a [T]>,
    /// Who must leave, whatever else: consent withdrawn, erased, suppressed. Nothing holds this up.
    pub must_leave: &'a [T],
    /// How many members the segment has now, eligible or not.
    pub members: u64,
    /// How many it had at the last sync; `None` stands for as many as were acknowledged.
    pub previous_members: Option<u64>,
    /// Whether a full replacement was asked for.
    pub replace: bool,
    /// Whether the platform can replace an audience at all ([`can_replace`]). Where it cannot, everything is added and removed.
    pub can_replace: bool,
    /// Whether a person confirmed that the segment is empty.
    pub empty_confirmed: bool,
}

impl<'a, T> AudienceFacts<'a, T> {
    /// An ordinary comparison: as many members as are eligible, nobody else who must leave.
    #[must_use]
    pub fn new(eligible: &'a [T], acknowledged: Option<&'a [T]>) -> Self {
        Self {
            eligible,
            acknowledged,
            must_leave: &[],
            members: count(eligible),
            previous_members: None,
            replace: false,
            can_replace: true,
            empty_confirmed: false,
        }
    }
}

/// What is to be done to an audience. Lists ascend and name everybody once.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct AudienceDifference<T> {
    /// By addition and removal, or as a whole.
    pub mode: SyncMode,
    /// Why it waits for a person. Only those who must leave are removed meanwhile.
    pub held: Option<SyncHold>,
    /// Who is to be added; with [`SyncMode::Replace`] everybody.
    pub adds: Vec<T>,
    /// Who is to be removed; with [`SyncMode::Replace`] those who must leave, who do not wait for the replacement.
    pub removes: Vec<T>,
    /// How many are eligible.
    pub eligible: u64,
    /// How many stay as they are.
    pub unchanged: u64,
}

/// Whether a platform can replace an audience as a whole: Meta alone.
#[must_use]
pub const fn can_replace(platform: Platform) -> bool {
    matches!(platform, Platform::Meta)
}

/// Compares who is eligible with whom the platform has. Whoever stands in a list twice counts once.
///
/// Sorted lists are compared as they are, in one pass; others are sorted first.
#[must_use]
pub fn difference<T: Ord + Copy>(facts: &AudienceFacts<'_, T>) -> AudienceDifference<T> {
    let must_leave = Sorted::of(facts.must_leave);
    let eligible = Sorted::of(facts.eligible);
    let eligible =
        if must_leave.is_empty() { eligible } else { Sorted::Made(split(&eligible, &must_leave).0) };
    let mut found = AudienceDifference {
        mode: SyncMode::Update,
        held: is_suspicious(facts).then_some(SyncHold::SuspiciousEmpty),
        adds: Vec::new(),
        removes: Vec::new(),
        eligible: count(&eligible),
        unchanged: 0,
    };
    let acknowledged = facts.acknowledged.map(Sorted::of);
    match acknowledged {
        known if found.held.is_some() => found.removes = leaving(known.as_deref(), &must_leave),
        // A replacement by nobody is no request at all: it would leave everybody where they are.
        Some(known) if !(facts.replace && facts.can_replace) || eligible.is_empty() => {
            let (adds, both) = split(&eligible, &known);
            found.unchanged = count(&both);
            found.removes = split(&known, &both).0;
            found.adds = adds;
        }
        known => {
            if facts.can_replace && !eligible.is_empty() {
                found.mode = SyncMode::Replace;
            }
            found.adds = eligible.to_vec();
            found.removes = leaving(known.as_deref(), &must_leave);
        }
    }
    found
}

/// Who must leave, of those whom the platform has. Where that is not known it is told to remove them all.
fn leaving<T: Ord + Copy>(known: Option<&[T]>, must_leave: &[T]) -> Vec<T> {
    known.map_or_else(|| must_leave.to_vec(), |known| split(known, must_leave).1)
}

fn is_suspicious<T>(facts: &AudienceFacts<'_, T>) -> bool {
    let previous = facts.previous_members.or_else(|| facts.acknowledged.map(count));
    facts.members == 0
        && !facts.empty_confirmed
        && previous.is_none_or(|previous| previous >= SUSPICIOUS_FROM)
}

/// A list that ascends without repeats: the one that was given, or one made of it.
enum Sorted<'a, T> {
    Given(&'a [T]),
    Made(Vec<T>),
}

impl<'a, T: Ord + Copy> Sorted<'a, T> {
    fn of(list: &'a [T]) -> Self {
        if list.is_sorted_by(|a, b| a < b) {
            return Self::Given(list);
        }
        let mut made = list.to_vec();
        made.sort_unstable();
        made.dedup();
        Self::Made(made)
    }
}

impl<T> std::ops::Deref for Sorted<'_, T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        match self {
            Self::Given(list) => list,
            Self::Made(list) => list,
        }
    }
}

/// Who of `one` is not in `other`, and who is in both. Both lists ascend.
fn split<T: Ord + Copy>(one: &[T], other: &[T]) -> (Vec<T>, Vec<T>) {
    let (mut alone, mut both) = (Vec::new(), Vec::new());
    let mut rest = other.iter().peekable();
    for item in one {
        while rest.next_if(|next| *next < item).is_some() {}
        match rest.peek().map(|next| (*next).cmp(item)) {
            Some(Ordering::Equal) => both.push(*item),
            _ => alone.push(*item),
        }
    }
    (alone, both)
}

pub(super) fn count<T>(list: &[T]) -> u64 {
    u64::try_from(list.len()).unwrap_or(u64::MAX)
}

/// What the platform is known to have once these batches were acknowledged: what it had, with the adds, without the removes.
#[must_use]
pub fn acknowledge<T: Ord + Copy>(known: &[T], adds: &[T], removes: &[T]) -> Vec<T> {
    let mut all = known.to_vec();
    all.extend_from_slice(adds);
    split(&Sorted::of(&all), &Sorted::of(removes)).0
}
