//! How often each path was taken, and what came of it: the partial state of every model that learns from journeys.

use std::cmp::Ordering;
use std::collections::{BTreeMap, HashMap};
use std::fmt;

use stratum_core::money::MAX_MINOR;
use stratum_core::problem::Problem;

/// Channels may be named by whoever writes a link, so a key that nobody knows keeps them from filling one corner of the
/// table. No order and no result depends on it.
#[expect(clippy::disallowed_types, reason = "only the place in the table is random")]
type Hasher = std::hash::RandomState;

/// So many channels fit in one state, the numbers of four of which stand in a machine word.
const MOST_CHANNELS: usize = 65_534;

/// What came of the journeys of a path.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PathOutcome {
    /// How many conversions they led to.
    pub conversions: u64,
    /// How many of them led to none.
    pub nulls: u64,
    /// What the conversions were worth, in minor units; below 0 where refunds outweigh.
    pub value_cents: i64,
}

impl PathOutcome {
    /// One journey that led to a conversion of this value.
    #[must_use]
    pub const fn conversion(value_cents: i64) -> Self {
        Self { conversions: 1, nulls: 0, value_cents }
    }

    /// One journey that led to no conversion.
    #[must_use]
    pub const fn null() -> Self {
        Self { conversions: 0, nulls: 1, value_cents: 0 }
    }

    /// How many journeys there were: each conversion is the end of one.
    #[must_use]
    pub const fn journeys(&self) -> u64 {
        self.conversions.saturating_add(self.nulls)
    }

    fn is_nothing(&self) -> bool {
        *self == Self::default()
    }

    fn plus(&self, more: &Self) -> Option<Self> {
        Some(Self {
            conversions: self.conversions.checked_add(more.conversions)?,
            nulls: self.nulls.checked_add(more.nulls)?,
            value_cents: self.value_cents.checked_add(more.value_cents)?,
        })
    }

    fn minus(&self, less: &Self) -> Option<Self> {
        Some(Self {
            conversions: self.conversions.checked_sub(less.conversions)?,
            nulls: self.nulls.checked_sub(less.nulls)?,
            value_cents: self.value_cents.checked_sub(less.value_cents)?,
        })
    }

    pub(super) fn is_countable(&self) -> bool {
        self.journeys() <= MAX_MINOR.unsigned_abs() && (-MAX_MINOR..=MAX_MINOR).contains(&self.value_cents)
    }
}

/// Why a state was not changed. Then nothing of it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CountFault {
    /// More journeys, or more money, than a number of every language holds.
    #[error("there are more than {MAX_MINOR} journeys or minor units")]
    TooMany,
    /// More channels than a state has room for.
    #[error("there are more than {MOST_CHANNELS} channels")]
    TooManyChannels,
    /// A channel without a name.
    #[error("a channel has no name")]
    Unnamed,
    /// What is to be taken away was never added.
    #[error("what is taken away was not counted before")]
    NotCounted,
}

impl From<CountFault> for Problem {
    fn from(fault: CountFault) -> Self {
        let code = match fault {
            CountFault::TooMany => "amount_too_large",
            CountFault::TooManyChannels => "too_many_channels",
            CountFault::Unnamed => "empty_channel",
            CountFault::NotCounted => "not_counted",
        };
        Self::new("", code, fault.to_string())
    }
}

/// Paths of channels, how often each was taken, and what came of it.
///
/// A partial state: `new → add* → merge* → finish`, where finishing is asking a model ([`super::markov()`]). All
/// counts are whole numbers, so in what order journeys are added, and which part of them a state
/// has seen before it is merged, does not matter: not to the last bit of any result. What was added can be taken away
/// again ([`PathCounts::subtract`]): a day that is corrected, a conversion that was paid back.
///
/// ```
/// use stratum_cdp::attribution::{PathCounts, PathOutcome};
///
/// let mut monday = PathCounts::new();
/// monday.add(["meta", "google"], PathOutcome::conversion(50_00)).unwrap();
/// let mut tuesday = PathCounts::new();
/// tuesday.add(["google"], PathOutcome::null()).unwrap();
///
/// let mut both = PathCounts::from_bytes(&monday.to_bytes()).unwrap();
/// both.merge(&tuesday).unwrap();
/// assert_eq!((both.total().conversions, both.total().nulls), (1, 1));
/// both.subtract(&tuesday).unwrap();
/// assert_eq!(both, monday);
/// ```
#[derive(Clone, Default)]
pub struct PathCounts {
    names: Vec<String>,
    numbers: BTreeMap<String, u16>,
    paths: HashMap<Box<[u16]>, PathOutcome, Hasher>,
    total: PathOutcome,
    /// Written over by each path that is looked up.
    path: Vec<u16>,
}

/// What a day, a part of the data or a refund changes in a state.
#[derive(Clone, Copy)]
enum Change {
    Add,
    Take,
}

impl Change {
    fn of(self, before: &PathOutcome, by: &PathOutcome) -> Result<PathOutcome, CountFault> {
        let after = match self {
            Self::Add => before.plus(by).ok_or(CountFault::TooMany)?,
            Self::Take => before.minus(by).ok_or(CountFault::NotCounted)?,
        };
        if after.is_countable() { Ok(after) } else { Err(CountFault::TooMany) }
    }
}

impl PathCounts {
    /// Nothing counted yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Counts journeys that went along these channels, in this order. A path without a channel is that of journeys whose
    /// touches are not known: models leave it out, and what it is worth is unattributed.
    ///
    /// # Errors
    /// [`CountFault`]; then nothing was counted.
    pub fn add<'c>(
        &mut self,
        channels: impl IntoIterator<Item = &'c str>,
        outcome: PathOutcome,
    ) -> Result<(), CountFault> {
        self.change(channels, outcome, Change::Add)
    }

    /// Takes journeys away that were counted before.
    ///
    /// # Errors
    /// [`CountFault::NotCounted`] if there are fewer; then nothing was taken away.
    pub fn take<'c>(
        &mut self,
        channels: impl IntoIterator<Item = &'c str>,
        outcome: PathOutcome,
    ) -> Result<(), CountFault> {
        self.change(channels, outcome, Change::Take)
    }

    fn change<'c>(
        &mut self,
        channels: impl IntoIterator<Item = &'c str>,
        outcome: PathOutcome,
        change: Change,
    ) -> Result<(), CountFault> {
        let mut path = std::mem::take(&mut self.path);
        path.clear();
        let known = self.names.len();
        let numbered = channels.into_iter().try_for_each(|channel| {
            path.push(self.number_for(channel, change)?);
            Ok(())
        });
        let changed = numbered.and_then(|()| self.change_numbered(&path, outcome, change));
        if changed.is_err() {
            self.forget_from(known);
        }
        self.path = path;
        changed
    }

    /// What is taken away gives no number to a channel that was never counted.
    fn number_for(&mut self, channel: &str, change: Change) -> Result<u16, CountFault> {
        match change {
            Change::Take if !channel.is_empty() => {
                self.numbers.get(channel).copied().ok_or(CountFault::NotCounted)
            }
            _ => self.number(channel),
        }
    }

    /// Takes back the numbers that were given for what was then not counted.
    fn forget_from(&mut self, known: usize) {
        for name in self.names.drain(known.min(self.names.len())..) {
            self.numbers.remove(&name);
        }
    }

    /// The number of a channel, a new one if it is new.
    ///
    /// # Errors
    /// [`CountFault::Unnamed`], [`CountFault::TooManyChannels`].
    pub fn number(&mut self, channel: &str) -> Result<u16, CountFault> {
        if let Some(&number) = self.numbers.get(channel) {
            return Ok(number);
        }
        if channel.is_empty() {
            return Err(CountFault::Unnamed);
        }
        let number = u16::try_from(self.names.len()).map_err(|_| CountFault::TooManyChannels)?;
        if self.names.len() >= MOST_CHANNELS {
            return Err(CountFault::TooManyChannels);
        }
        self.names.push(channel.to_owned());
        self.numbers.insert(channel.to_owned(), number);
        Ok(number)
    }

    /// Counts journeys along channels that have a number in this state ([`PathCounts::number`]).
    ///
    /// # Errors
    /// [`CountFault::Unnamed`] for a number that stands for no channel; [`CountFault::TooMany`].
    pub fn add_numbered(&mut self, path: &[u16], outcome: PathOutcome) -> Result<(), CountFault> {
        if path.iter().any(|&number| usize::from(number) >= self.names.len()) {
            return Err(CountFault::Unnamed);
        }
        self.change_numbered(path, outcome, Change::Add)
    }

    fn change_numbered(
        &mut self,
        path: &[u16],
        outcome: PathOutcome,
        change: Change,
    ) -> Result<(), CountFault> {
        let total = change.of(&self.total, &outcome)?;
        self.change_path(path, &outcome, change)?;
        self.total = total;
        Ok(())
    }

    /// Without the total.
    fn change_path(&mut self, path: &[u16], outcome: &PathOutcome, change: Change) -> Result<(), CountFault> {
        if outcome.is_nothing() {
            return Ok(());
        }
        let known = self.paths.get_mut(path);
        let after = change.of(&known.as_deref().copied().unwrap_or_default(), outcome)?;
        match known {
            Some(_) if after.is_nothing() => {
                self.paths.remove(path);
            }
            Some(known) => *known = after,
            None => {
                self.paths.insert(path.into(), after);
            }
        }
        Ok(())
    }

    /// Adds what another state has counted.
    ///
    /// # Errors
    /// [`CountFault::TooMany`], [`CountFault::TooManyChannels`]; then nothing was added.
    pub fn merge(&mut self, other: &Self) -> Result<(), CountFault> {
        self.change_by(other, Change::Add)
    }

    /// Takes away what another state has counted: the day that is counted anew, the conversions that were paid back.
    ///
    /// # Errors
    /// [`CountFault::NotCounted`] if it counted what this one has not; then nothing was taken away.
    pub fn subtract(&mut self, other: &Self) -> Result<(), CountFault> {
        self.change_by(other, Change::Take)
    }

    fn change_by(&mut self, other: &Self, change: Change) -> Result<(), CountFault> {
        let total = change.of(&self.total, &other.total)?;
        let known = self.names.len();
        let changed = self.change_paths(other, change);
        match changed {
            Ok(()) => self.total = total,
            Err(_) => self.forget_from(known),
        }
        changed
    }

    /// All paths of another state, or none. Without the total.
    fn change_paths(&mut self, other: &Self, change: Change) -> Result<(), CountFault> {
        // A channel without a path may be unknown here.
        let mut used = vec![false; other.names.len()];
        for &channel in other.paths.keys().flat_map(|path| path.iter()) {
            if let Some(used) = used.get_mut(usize::from(channel)) {
                *used = true;
            }
        }
        let names = other.names.iter().zip(used);
        let numbers = names
            .map(|(name, used)| if used { self.number_for(name, change) } else { Ok(u16::MAX) })
            .collect::<Result<Vec<_>, _>>()?;
        let translated = |path: &[u16], into: &mut Vec<u16>| {
            into.clear();
            into.extend(path.iter().map(|&channel| of(&numbers, channel)));
        };
        let mut path = Vec::new();
        let mut done = 0_usize;
        let mut fault = None;
        for (theirs, outcome) in &other.paths {
            translated(theirs, &mut path);
            if let Err(found) = self.change_path(&path, outcome, change) {
                fault = Some(found);
                break;
            }
            done = done.saturating_add(1);
        }
        let Some(fault) = fault else { return Ok(()) };
        // What was changed until then is changed back: the same paths come in the same order.
        let back = match change {
            Change::Add => Change::Take,
            Change::Take => Change::Add,
        };
        for (theirs, outcome) in other.paths.iter().take(done) {
            translated(theirs, &mut path);
            self.change_path(&path, outcome, back)?;
        }
        Err(fault)
    }

    /// What came of all journeys.
    #[must_use]
    pub const fn total(&self) -> PathOutcome {
        self.total
    }

    /// What came of the journeys whose touches are not known.
    #[must_use]
    pub fn without_touches(&self) -> PathOutcome {
        self.paths.get([].as_slice()).copied().unwrap_or_default()
    }

    /// How many different paths there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.paths.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.paths.is_empty()
    }

    /// How many channels have a number.
    pub(super) fn names(&self) -> usize {
        self.names.len()
    }

    /// The channels of the paths, by name.
    #[must_use]
    pub fn channels(&self) -> Vec<&str> {
        let mut found = vec![false; self.names.len()];
        for &channel in self.paths.keys().flat_map(|path| path.iter()) {
            if let Some(found) = found.get_mut(usize::from(channel)) {
                *found = true;
            }
        }
        let names = self.names.iter().zip(found);
        let mut names: Vec<&str> = names.filter(|(_, found)| *found).map(|(name, _)| name.as_str()).collect();
        names.sort_unstable();
        names
    }

    /// The paths and what came of them, sorted by the names of their channels.
    #[must_use]
    pub fn paths(&self) -> Vec<(Vec<&str>, PathOutcome)> {
        let canonical = self.canonical();
        let name = |&channel: &u16| canonical.channels.get(usize::from(channel)).copied().unwrap_or_default();
        canonical.paths.iter().map(|(path, outcome)| (path.iter().map(name).collect(), *outcome)).collect()
    }

    /// The paths in an order that does not depend on how they came here.
    pub(super) fn canonical(&self) -> CanonicalPaths<'_> {
        let channels = self.channels();
        let ranks: Vec<u16> = self
            .names
            .iter()
            .map(|name| channels.binary_search(&name.as_str()).ok())
            .map(|rank| rank.and_then(|rank| u16::try_from(rank).ok()).unwrap_or_default())
            .collect();
        let rank = |&channel: &u16| of(&ranks, channel);
        let mut paths: Vec<(Box<[u16]>, PathOutcome)> =
            self.paths.iter().map(|(path, outcome)| (path.iter().map(rank).collect(), *outcome)).collect();
        paths.sort_unstable_by(|a, b| a.0.cmp(&b.0));
        CanonicalPaths { channels, paths }
    }
}

/// Channels by name, and paths of their positions, both sorted.
#[derive(Clone, PartialEq)]
pub(super) struct CanonicalPaths<'a> {
    pub(super) channels: Vec<&'a str>,
    pub(super) paths: Vec<(Box<[u16]>, PathOutcome)>,
}

fn of(numbers: &[u16], channel: u16) -> u16 {
    numbers.get(usize::from(channel)).copied().unwrap_or_default()
}

/// Two states are equal if they have counted the same, in whatever order.
impl PartialEq for PathCounts {
    fn eq(&self, other: &Self) -> bool {
        self.total == other.total
            && self.len().cmp(&other.len()) == Ordering::Equal
            && self.canonical() == other.canonical()
    }
}

impl fmt::Debug for PathCounts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PathCounts")
            .field("channels", &self.channels().len())
            .field("paths", &self.len())
            .field("total", &self.total)
            .finish_non_exhaustive()
    }
}
