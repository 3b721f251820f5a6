//! Many journeys at once, a row for each touch.

use stratum_core::problem::{Problem, Problems};

use super::credit_totals::Credit;
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

impl JourneyColumns<'_> {
    /// Credits the journeys by each of the models; `progress` hears how many journeys are done and says whether to go on.
    ///
    /// # Errors
    /// `length_mismatch`, `out_of_range` for offsets or channels that lead nowhere, `cancelled`.
    pub fn attribute(
        &self,
        rules: &Rules,
        models: &[RuleModel],
        with_weights: bool,
        mut progress: impl FnMut(usize) -> bool,
    ) -> Result<ColumnCredits, Problems> {
        self.check()?;
        let rows = self.channel.len();
        let mut work = Work {
            columns: self,
            rules,
            credits: vec![Credit::default(); self.channels.saturating_add(1).saturating_mul(models.len())],
            weights: with_weights.then(|| vec![vec![f64::NAN; rows]; models.len()]),
            sorted: Journey::default(),
            shares: Shares::default(),
            cents: Vec::new(),
            losses: Vec::new(),
            parts: Vec::new(),
        };
        let bounds = self.offsets.iter().zip(self.offsets.iter().skip(1));
        let journeys = bounds.zip(self.converted_at_ms.iter().zip(self.value_cents));
        for (done, ((&from, &to), (&converted_at_ms, &value))) in journeys.enumerate() {
            if done.is_multiple_of(JOURNEYS_AT_ONCE) && !progress(done) {
                return Err(Problem::new("", "cancelled", "the work was called off").into());
            }
            if converted_at_ms != NOT_CONVERTED {
                work.journey(models, from..to, converted_at_ms, value);
            }
        }
        Ok(ColumnCredits {
            models: models.to_vec(),
            channels: self.channels,
            credits: work.credits,
            weights: work.weights,
        })
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
        Ok(())
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
    shares: Shares,
    cents: Vec<i64>,
    losses: Vec<u64>,
    parts: Vec<i64>,
}

impl Work<'_> {
    fn journey(&mut self, models: &[RuleModel], rows: std::ops::Range<usize>, until_ms: i64, value: i64) {
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
            self.rules.share_into(model, at_ms, lead, &mut self.shares);
            if let Some(weights) = weights {
                for (touch, weight) in self.shares.weights().enumerate() {
                    if let Some(slot) = weights.get_mut(row(touch)) {
                        *slot = weight;
                    }
                }
            }
            self.shares.credits_into(value, &mut self.cents, &mut self.losses);
            if value < 0 {
                self.parts.clear();
                self.parts.resize(channel.len(), 0);
            } else {
                self.shares.conversion_parts_into(&mut self.parts);
            }
            for ((&channel, &parts), &cents) in channel.iter().zip(&self.parts).zip(&self.cents) {
                if let Some(credit) = at(credits, channel) {
                    credit.add(i128::from(parts), i128::from(cents));
                }
            }
        }
    }
}

fn at(credits: &mut [Credit], channel: u32) -> Option<&mut Credit> {
    usize::try_from(channel).ok().and_then(|channel| credits.get_mut(channel))
}

impl Journey {
    /// The rows of a journey that are touches up to its conversion: time, then click before view, then as they stand.
    fn sort(&mut self, columns: &JourneyColumns<'_>, rows: std::ops::Range<usize>, until_ms: i64) {
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
