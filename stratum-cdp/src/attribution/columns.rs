//! Many journeys at once, a row for each touch.

use std::ops::Range;

use stratum_core::problem::{Problem, Problems};

use super::credit_totals::Credit;
use super::request::too_much;
use super::{CONVERSION_PARTS, RuleModel, Rules, Shares};

/// The channel of a row that is no touch: its journey may have none.
pub const NO_CHANNEL: u32 = u32::MAX;
/// The time of the conversion of a journey that led to none.
pub const NOT_CONVERTED: i64 = i64::MIN;

/// So many journeys between two times that work tells how far it is.
const JOURNEYS_AT_ONCE: usize = 1 << 16;

/// Touches as columns, those of one journey behind each other, and the journeys beside them.
#[derive(Debug, Clone, Copy)]
pub struct JourneyColumns<'a> {
    /// Where the touches of each journey begin, and behind the last journey where they end.
    pub offsets: &'a [usize],
    /// For each touch its instant, in milliseconds, in any order.
    pub touched_at_ms: &'a [i64],
    /// For each touch the number of its channel, below `channels`, or [`NO_CHANNEL`].
    pub channel: &'a [u32],
    /// For each touch whether it is a view: 1. All are clicks if left out.
    pub view: Option<&'a [u8]>,
    /// For each touch whether it made the person a lead: 1. The first of a journey that counts does; the middle touch where none
    /// does.
    pub lead: Option<&'a [u8]>,
    /// For each journey the instant of its conversion, or [`NOT_CONVERTED`].
    pub converted_at_ms: &'a [i64],
    /// For each journey what its conversion is worth, in minor units.
    pub value_cents: &'a [i64],
    /// How many channels there are.
    pub channels: usize,
}

/// What columns of journeys were credited.
#[derive(Debug, Clone, PartialEq)]
pub struct ColumnCredits {
    models: Vec<RuleModel>,
    channels: usize,
    /// For each model its channels, and what no touch led to.
    credits: Vec<Credit>,
    /// For each model the weight of each touch, if that was asked for; NaN for one that does not count.
    pub weights: Option<Vec<Vec<f64>>>,
}

/// What one channel was credited by one model, in whole numbers, which sum over parts of the journeys.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ExactCredit {
    /// The model.
    pub model: RuleModel,
    /// The number of the channel; none for what no touch led to.
    pub channel: Option<usize>,
    /// Conversions, in billionths.
    pub conversion_parts: i64,
    /// Value, in minor units.
    pub value_cents: i64,
}

impl ColumnCredits {
    /// Adds what other journeys of the same columns were credited by the same models.
    ///
    /// # Errors
    /// `length_mismatch` where the models or the channels are others, `amount_too_large` where a channel comes to more than
    /// 2^53 - 1 minor units.
    pub fn merge(&mut self, other: &Self) -> Result<(), Problems> {
        if self.models != other.models || self.channels != other.channels {
            let text = "only credits of the same models and channels add up";
            return Err(Problem::new("", "length_mismatch", text).into());
        }
        for (credit, more) in self.credits.iter_mut().zip(&other.credits) {
            credit.add(more.conversions, more.value_cents);
        }
        // No channel alone; that they are many is no matter.
        let beyond =
            self.credits.iter().find_map(|credit| too_much("/value_cents", [credit.cents()].into_iter()));
        beyond.map_or(Ok(()), |problem| Err(problem.into()))
    }

    /// The credits by model and channel; channels without any are left out.
    pub fn iter(&self) -> impl Iterator<Item = ExactCredit> {
        let places = self.channels.saturating_add(1);
        let by_model = self.models.iter().zip(self.credits.chunks(places));
        by_model.flat_map(move |(&model, credits)| {
            let some = credits.iter().enumerate().filter(|(_, credit)| **credit != Credit::default());
            some.map(move |(place, credit)| ExactCredit {
                model,
                channel: (place < self.channels).then_some(place),
                conversion_parts: i64::try_from(credit.conversions).unwrap_or(i64::MAX),
                value_cents: credit.cents(),
            })
        })
    }
}

impl<'a> JourneyColumns<'a> {
    /// Credits the journeys by each of the models; `progress` hears how many journeys are done and says whether to go on.
    ///
    /// # Errors
    /// `length_mismatch`, `out_of_range` for offsets or channels that lead nowhere, `amount_too_large` for amounts that add up to
    /// more than 2^53 - 1 minor units, `cancelled`.
    pub fn attribute(
        &self,
        rules: &Rules,
        models: &[RuleModel],
        with_weights: bool,
        mut progress: impl FnMut(usize) -> bool,
    ) -> Result<ColumnCredits, Problems> {
        self.check()?;
        let mut work = Work::new(self, rules, models);
        if with_weights {
            work.weights = Some(vec![vec![f64::NAN; self.channel.len()]; models.len()]);
        }
        let journeys = self.converted_at_ms.len();
        for from in (0..journeys).step_by(JOURNEYS_AT_ONCE) {
            if !progress(from) {
                return Err(Problem::new("", "cancelled", "the work was called off").into());
            }
            work.journeys(models, from..from.saturating_add(JOURNEYS_AT_ONCE));
        }
        Ok(work.finish(models))
    }

    /// Checks the columns once, so that parts of their journeys can be credited side by side.
    ///
    /// # Errors
    /// `length_mismatch`, `out_of_range` for offsets or channels that lead nowhere, `amount_too_large` for amounts that add up to
    /// more than 2^53 - 1 minor units.
    pub fn checked(self) -> Result<CheckedJourneys<'a>, Problems> {
        self.check()?;
        Ok(CheckedJourneys(self))
    }

    fn check(&self) -> Result<(), Problems> {
        let (rows, journeys) = (self.channel.len(), self.converted_at_ms.len());
        let flags = [self.view, self.lead].into_iter().flatten().all(|flags| flags.len() == rows);
        let of_rows = self.touched_at_ms.len() == rows && flags;
        if !of_rows || self.value_cents.len() != journeys || self.offsets.len() != journeys.saturating_add(1)
        {
            return Err(Problem::new("", "length_mismatch", "the columns have different lengths").into());
        }
        let beyond = self.channel.iter().any(|&channel| {
            channel != NO_CHANNEL && usize::try_from(channel).is_ok_and(|channel| channel >= self.channels)
        });
        if beyond || !self.offsets.is_sorted() || self.offsets.last().is_some_and(|&end| end > rows) {
            let text = "a channel or an offset lies outside of the columns";
            return Err(Problem::new("", "out_of_range", text).into());
        }
        let journeys = self.converted_at_ms.iter().zip(self.value_cents);
        let values = journeys.filter(|(at, _)| **at != NOT_CONVERTED).map(|(_, &value)| value);
        too_much("/value_cents", values).map_or(Ok(()), |problem| Err(problem.into()))
    }
}

/// Columns that were found sound.
#[derive(Debug, Clone, Copy)]
pub struct CheckedJourneys<'a>(JourneyColumns<'a>);

impl CheckedJourneys<'_> {
    /// Credits some of the journeys, without the weights of touches; what is beyond the last one is left out.
    #[must_use]
    pub fn credit(&self, rules: &Rules, models: &[RuleModel], journeys: Range<usize>) -> ColumnCredits {
        let mut work = Work::new(&self.0, rules, models);
        work.journeys(models, journeys);
        work.finish(models)
    }
}

/// The touches of one journey that count, in order.
#[derive(Default)]
struct Journey {
    rows: Vec<usize>,
    at_ms: Vec<i64>,
    channel: Vec<u32>,
}

struct Work<'w> {
    columns: &'w JourneyColumns<'w>,
    rules: &'w Rules,
    credits: Vec<Credit>,
    weights: Option<Vec<Vec<f64>>>,
    // What is written for one journey after the other.
    sorted: Journey,
    kept: Kept,
    cents: Vec<i64>,
    losses: Vec<u64>,
}

impl<'w> Work<'w> {
    fn new(columns: &'w JourneyColumns<'w>, rules: &'w Rules, models: &[RuleModel]) -> Self {
        Self {
            columns,
            rules,
            credits: vec![Credit::default(); columns.channels.saturating_add(1).saturating_mul(models.len())],
            weights: None,
            sorted: Journey::default(),
            kept: Kept::default(),
            cents: Vec::new(),
            losses: Vec::new(),
        }
    }

    fn finish(self, models: &[RuleModel]) -> ColumnCredits {
        let channels = self.columns.channels;
        ColumnCredits { models: models.to_vec(), channels, credits: self.credits, weights: self.weights }
    }

    fn journeys(&mut self, models: &[RuleModel], journeys: Range<usize>) {
        let columns = self.columns;
        let (from, count) = (journeys.start, journeys.len());
        let bounds = columns.offsets.iter().zip(columns.offsets.iter().skip(1));
        let of_journeys = bounds.zip(columns.converted_at_ms.iter().zip(columns.value_cents));
        for ((&from, &to), (&converted_at_ms, &value)) in of_journeys.skip(from).take(count) {
            if converted_at_ms != NOT_CONVERTED {
                self.journey(models, from..to, converted_at_ms, value);
            }
        }
    }

    fn journey(&mut self, models: &[RuleModel], rows: Range<usize>, until_ms: i64, value: i64) {
        let columns = self.columns;
        let at_ms = columns.touched_at_ms.get(rows.clone()).unwrap_or_default();
        let channel = columns.channel.get(rows.clone()).unwrap_or_default();
        let in_order = at_ms.is_sorted()
            && at_ms.last().is_none_or(|&last| last <= until_ms)
            && columns.view.is_none()
            && !channel.contains(&NO_CHANNEL);
        let is_lead =
            |&row: &usize| columns.lead.and_then(|leads| leads.get(row)).is_some_and(|&lead| lead == 1);
        if in_order {
            let lead = columns.lead.and_then(|_| rows.clone().position(|row| is_lead(&row)));
            self.credit(models, (at_ms, channel, lead), value, |touch| rows.start.saturating_add(touch));
        } else {
            let mut sorted = std::mem::take(&mut self.sorted);
            sorted.sort(columns, rows, until_ms);
            let lead = sorted.rows.iter().position(is_lead);
            let touches = (sorted.at_ms.as_slice(), sorted.channel.as_slice(), lead);
            self.credit(models, touches, value, |touch| {
                sorted.rows.get(touch).copied().unwrap_or(usize::MAX)
            });
            self.sorted = sorted;
        }
    }

    fn credit(
        &mut self,
        models: &[RuleModel],
        (at_ms, channel, lead): (&[i64], &[u32], Option<usize>),
        value: i64,
        row: impl Fn(usize) -> usize,
    ) {
        let whole = i128::from(if value < 0 { 0 } else { CONVERSION_PARTS });
        let places = self.columns.channels.saturating_add(1);
        for (number, (&model, credits)) in models.iter().zip(self.credits.chunks_mut(places)).enumerate() {
            let weights = self.weights.as_mut().and_then(|weights| weights.get_mut(number));
            let only = match (channel, model) {
                ([], _) => credits.last_mut(),
                ([first], _) | ([first, ..], RuleModel::FirstTouch) => at(credits, *first),
                ([.., last], RuleModel::LastTouch) => at(credits, *last),
                _ => None,
            };
            // Nothing is to be shared: one channel has it all, or no touch led here.
            if let Some(credit) = only.filter(|_| weights.is_none() || channel.is_empty()) {
                credit.add(whole, i128::from(value));
                continue;
            }
            let shared = self.kept.of(self.rules, model, at_ms, lead);
            if let Some(weights) = weights {
                for (touch, weight) in shared.shares.weights().enumerate() {
                    if let Some(slot) = weights.get_mut(row(touch)) {
                        *slot = weight;
                    }
                }
            }
            shared.shares.credits_into(value, &mut self.cents, &mut self.losses);
            for ((&channel, &parts), &cents) in channel.iter().zip(&shared.parts).zip(&self.cents) {
                if let Some(credit) = at(credits, channel) {
                    credit.add(if value < 0 { 0 } else { i128::from(parts) }, i128::from(cents));
                }
            }
        }
    }
}

/// How a conversion is shared among touches.
#[derive(Default)]
struct Shared {
    shares: Shares,
    /// In billionths of the conversion.
    parts: Vec<i64>,
}

impl Shared {
    fn write(&mut self, rules: &Rules, model: RuleModel, at_ms: &[i64], lead: Option<usize>) {
        rules.share_into(model, at_ms, lead, &mut self.shares);
        self.shares.conversion_parts_into(&mut self.parts);
    }
}

/// Most models look at nothing but how many touches there are, and most journeys have few.
#[derive(Default)]
struct Kept {
    /// For each model by the number of touches.
    by_count: [Vec<Option<Shared>>; RuleModel::ALL.len()],
    last: Shared,
}

/// Journeys of so many touches and more are shared anew each time.
const KEPT_TOUCHES: usize = 64;

impl Kept {
    fn of(&mut self, rules: &Rules, model: RuleModel, at_ms: &[i64], lead: Option<usize>) -> &Shared {
        let touches = at_ms.len();
        let by_count_alone = match model {
            RuleModel::TimeDecay => false,
            RuleModel::WShaped => lead.is_none(),
            _ => true,
        };
        let by_count = self.by_count.get_mut(model.index());
        let Some(by_count) = by_count.filter(|_| by_count_alone && touches < KEPT_TOUCHES) else {
            self.last.write(rules, model, at_ms, lead);
            return &self.last;
        };
        if by_count.is_empty() {
            by_count.resize_with(KEPT_TOUCHES, || None);
        }
        let Some(place) = by_count.get_mut(touches) else { return &self.last };
        place.get_or_insert_with(|| {
            let mut shared = Shared::default();
            shared.write(rules, model, at_ms, lead);
            shared
        })
    }
}

fn at(credits: &mut [Credit], channel: u32) -> Option<&mut Credit> {
    usize::try_from(channel).ok().and_then(|channel| credits.get_mut(channel))
}

impl Journey {
    /// The rows of a journey that are touches up to its conversion: time, then click before view, then as they stand.
    fn sort(&mut self, columns: &JourneyColumns<'_>, rows: Range<usize>, until_ms: i64) {
        let time = |row: usize| columns.touched_at_ms.get(row).copied().unwrap_or_default();
        let channel = |row: usize| columns.channel.get(row).copied().unwrap_or(NO_CHANNEL);
        let view = |row: usize| columns.view.and_then(|views| views.get(row)).copied().unwrap_or_default();
        self.rows.clear();
        self.rows.extend(rows.filter(|&row| channel(row) != NO_CHANNEL && time(row) <= until_ms));
        self.rows.sort_by_key(|&row| (time(row), view(row)));
        self.at_ms.clear();
        self.at_ms.extend(self.rows.iter().map(|&row| time(row)));
        self.channel.clear();
        self.channel.extend(self.rows.iter().map(|&row| channel(row)));
    }
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;
    use crate::attribution::RuleSettings;

    fn a_journey() -> impl Strategy<Value = (Vec<(i64, u32, u8)>, Option<i64>, i64)> {
        let touch = (0_i64..1_000_000_000, prop_oneof![0_u32..4, Just(NO_CHANNEL)], 0_u8..2);
        (vec(touch, 0..70), proptest::option::of(0_i64..1_000_000_000), -100_000_i64..100_000)
    }

    proptest! {
        #[test]
        fn parts_of_journeys_credited_side_by_side_add_up_to_the_whole(
            journeys in vec(a_journey(), 0..40), size in 1_usize..20,
        ) {
            let mut offsets = vec![0];
            let (mut at, mut channel, mut lead) = (vec![], vec![], vec![]);
            let (mut converted, mut value) = (vec![], vec![]);
            for (touches, until, worth) in &journeys {
                at.extend(touches.iter().map(|touch| touch.0));
                channel.extend(touches.iter().map(|touch| touch.1));
                lead.extend(touches.iter().map(|touch| touch.2));
                offsets.push(at.len());
                converted.push(until.unwrap_or(NOT_CONVERTED));
                value.push(*worth);
            }
            let columns = JourneyColumns {
                offsets: &offsets, touched_at_ms: &at, channel: &channel, view: None, lead: Some(&lead),
                converted_at_ms: &converted, value_cents: &value, channels: 4,
            };
            let rules = RuleSettings::default().compile().unwrap();
            let whole = columns.attribute(&rules, RuleModel::ALL, false, |_| true).unwrap();
            let checked = columns.checked().unwrap();
            let mut parts = checked.credit(&rules, RuleModel::ALL, 0..0);
            for from in (0..journeys.len()).step_by(size) {
                parts.merge(&checked.credit(&rules, RuleModel::ALL, from..from.saturating_add(size))).unwrap();
            }
            prop_assert_eq!(parts, whole);
        }
    }

    #[test]
    fn amounts_that_do_not_add_up_exactly_are_refused() {
        let most = stratum_core::money::MAX_MINOR;
        let rules = RuleSettings::default().compile().unwrap();
        let code = |value: &[i64]| {
            let columns = JourneyColumns {
                offsets: &[0, 0, 0],
                touched_at_ms: &[],
                channel: &[],
                view: None,
                lead: None,
                converted_at_ms: &[1, 2],
                value_cents: value,
                channels: 1,
            };
            let answer = columns.attribute(&rules, RuleModel::ALL, false, |_| true);
            answer
                .err()
                .map(|problems| problems.iter().map(|problem| problem.code.to_string()).collect::<Vec<_>>())
        };
        assert_eq!(code(&[most, -most]), None);
        assert_eq!(code(&[most, 1]), Some(vec!["amount_too_large".to_owned()]));
    }
}
