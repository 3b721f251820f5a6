//! `attribution.rules` over a row for each touch.

use std::borrow::Cow;
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;
use stratum_cdp::attribution::{
    CONVERSION_PARTS, ColumnCredits, JourneyColumns, NO_CHANNEL, NOT_CONVERTED, RuleModel, RuleSettings,
    Rules,
};
use stratum_cdp::journey::TouchKind;
use stratum_core::math::amount;
use stratum_core::money::MAX_MINOR;
use stratum_core::problem::{Problem, Problems};

use crate::batch::{
    Answer, Batch, ColumnKind, ColumnSpec, Columns, NO_INTEGER, Output, People, Progress, Run, Table,
    TextColumn, missing, missing_at, vocabulary,
};

/// Touches, a row each, with the conversion of their journey. The answer has a row for each model and channel; the table
/// `summary` says what was credited in all, and `weights`, if asked for, has a row for each touch.
pub static BATCH: Batch = Batch { columns: COLUMNS, further: None, run: Run::Whole(run) };

pub(super) const COLUMNS: &[ColumnSpec] = &[
    ColumnSpec::required("journey_id", ColumnKind::Id, "Which journey the touch belongs to."),
    ColumnSpec::required(
        "channel",
        ColumnKind::Text,
        "The channel; null in the row of a journey without a touch.",
    ),
    ColumnSpec::required(
        "touched_at",
        ColumnKind::Instant,
        "When it happened; null in a row without a touch.",
    ),
    ColumnSpec::required(
        "converted_at",
        ColumnKind::Instant,
        "When the journey converted, the same in each of its rows; null if it did not.",
    ),
    ColumnSpec::optional(
        "value_cents",
        ColumnKind::Integer,
        "What the conversion is worth, in minor units; below 0 for a refund.",
    ),
    ColumnSpec::optional("campaign", ColumnKind::Text, "The campaign, to tell campaigns apart."),
    ColumnSpec::optional(
        "kind",
        ColumnKind::Code(vocabulary!(TouchKind)),
        "Click or view; a click where it is null.",
    ),
    ColumnSpec::optional(
        "lead",
        ColumnKind::Flag,
        "Whether the touch made the person a lead, for w_shaped: the first of a journey; the middle touch where none did.",
    ),
];

/// What the request says beside the touches.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Options {
    models: Vec<RuleModel>,
    settings: RuleSettings,
    weights: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self { models: RuleModel::ALL.to_vec(), settings: RuleSettings::default(), weights: false }
    }
}

fn run(policy: &Value, pieces: &[Columns<'_>], progress: &Progress<'_>) -> Result<Answer, Problems> {
    let options: Options = crate::batch::policy_of(policy)?;
    let rules = options.settings.compile().map_err(|problems| problems.under("/policy/settings"))?;
    let mut touches = Touches::read(pieces)?;
    let order = touches.order(pieces)?;
    if let Some(order) = &order {
        touches.reorder(order);
    }
    let (offsets, converted_at_ms, value_cents) = touches.journeys()?;
    let columns = touches.columns((&offsets, &converted_at_ms, &value_cents));
    let credits = credited(columns, &rules, &options, progress)?;
    Ok(answer(&credits, &touches.names, &options, order.as_deref()))
}

/// Journeys that one thread credits at a time.
const JOURNEYS_AT_ONCE: usize = 1 << 16;

/// Side by side on the threads that somebody lends: whole numbers add up to the same in any order. The weights of touches
/// are written by one thread.
fn credited(
    columns: JourneyColumns<'_>,
    rules: &Rules,
    options: &Options,
    progress: &Progress<'_>,
) -> Result<ColumnCredits, Problems> {
    let (rows, journeys) = (columns.channel.len(), columns.value_cents.len());
    if options.weights {
        let each = rows.checked_div(journeys).unwrap_or_default();
        let mut told = 0_usize;
        return columns.attribute(rules, &options.models, true, |journeys| {
            let done = journeys.saturating_mul(each).min(rows);
            let more = done.saturating_sub(told);
            told = done;
            progress.advance(more).is_ok()
        });
    }
    let columns = columns.checked()?;
    let tasks = journeys.div_ceil(JOURNEYS_AT_ONCE);
    let parts = progress.each(tasks, rows.checked_div(tasks).unwrap_or_default(), |task| {
        let from = task.saturating_mul(JOURNEYS_AT_ONCE);
        columns.credit(rules, &options.models, from..from.saturating_add(JOURNEYS_AT_ONCE))
    })?;
    let mut all = columns.credit(rules, &options.models, 0..0);
    parts.iter().try_for_each(|part| all.merge(part))?;
    Ok(all)
}

/// Where each journey begins, when it converted, and what that is worth.
pub(super) type Journeys = (Vec<usize>, Vec<i64>, Vec<i64>);

/// Channels, and campaigns where they are told apart.
pub(super) type Name<'a> = (&'a str, Option<&'a str>);

/// The columns of all pieces, and what they name.
pub(super) struct Touches<'a> {
    journey: Cow<'a, [i64]>,
    channel: Cow<'a, [u32]>,
    pub(super) names: Vec<Name<'a>>,
    touched_at_ms: Cow<'a, [i64]>,
    converted_at_ms: Cow<'a, [i64]>,
    value_cents: Cow<'a, [i64]>,
    view: Option<Vec<u8>>,
    lead: Option<Vec<u8>>,
}

impl<'a> Touches<'a> {
    pub(super) fn read(pieces: &[Columns<'a>]) -> Result<Self, Problems> {
        let rows: usize = pieces.iter().map(Columns::rows).sum();
        let (channel, names) = channels(pieces, rows)?;
        let touched_at_ms = whole("touched_at", pieces);
        times_of_touches(&touched_at_ms, &channel, NO_CHANNEL)?;
        Ok(Self {
            journey: Cow::Borrowed(&[]),
            channel: Cow::Owned(channel),
            names,
            touched_at_ms,
            converted_at_ms: whole("converted_at", pieces),
            value_cents: values(pieces, rows)?,
            view: views(pieces),
            lead: flags("lead", pieces, |flag| flag == 1),
        })
    }

    /// The rows so that those of one journey stand behind each other; `None` where they do already.
    pub(super) fn order(&mut self, pieces: &[Columns<'a>]) -> Result<Option<Vec<u32>>, Problems> {
        let ids = whole("journey_id", pieces);
        if ids.len() == self.channel.len() {
            missing("journey_id", &ids, 0)?;
            if ids.is_sorted() {
                self.journey = ids;
                return Ok(None);
            }
        }
        let mut people = People::of_rows(self.channel.len());
        let mut number = Vec::with_capacity(self.channel.len());
        for piece in pieces {
            if let Some(column) = piece.get("journey_id") {
                people.read("journey_id", column, &mut number)?;
            }
        }
        let order = (!number.is_sorted()).then(|| dealt_out(&number, people.len()));
        self.journey = number.into_iter().map(i64::from).collect();
        Ok(order)
    }

    pub(super) fn reorder(&mut self, order: &[u32]) {
        self.journey = picked(&self.journey, order);
        self.channel = picked(&self.channel, order);
        self.touched_at_ms = picked(&self.touched_at_ms, order);
        self.converted_at_ms = picked(&self.converted_at_ms, order);
        self.value_cents = picked(&self.value_cents, order);
        self.view = self.view.take().map(|view| picked(&view, order).into_owned());
        self.lead = self.lead.take().map(|lead| picked(&lead, order).into_owned());
    }

    /// The columns of journeys that begin, converted and are worth so.
    pub(super) fn columns<'j>(
        &'j self,
        (offsets, converted_at_ms, value_cents): (&'j [usize], &'j [i64], &'j [i64]),
    ) -> JourneyColumns<'j> {
        JourneyColumns {
            offsets,
            touched_at_ms: &self.touched_at_ms,
            channel: &self.channel,
            view: self.view.as_deref(),
            lead: self.lead.as_deref(),
            converted_at_ms,
            value_cents,
            channels: self.names.len(),
        }
    }

    /// Where each journey begins, when it converted, and what that is worth.
    pub(super) fn journeys(&self) -> Result<Journeys, Problems> {
        // Memory that is not written is not taken.
        let most = self.journey.len().saturating_add(1);
        let mut offsets = Vec::with_capacity(most);
        let (mut converted, mut values) = (Vec::with_capacity(most), Vec::with_capacity(most));
        let rows = self.journey.iter().zip(self.converted_at_ms.iter().zip(self.value_cents.iter()));
        let mut before = None;
        for (row, (&journey, of_journey)) in rows.enumerate() {
            if before == Some((journey, of_journey)) {
                continue;
            }
            if before.is_some_and(|(earlier, _)| earlier == journey) {
                return Err(two_conversions().into());
            }
            before = Some((journey, of_journey));
            offsets.push(row);
            converted.push(if *of_journey.0 == NO_INTEGER { NOT_CONVERTED } else { *of_journey.0 });
            values.push(*of_journey.1);
        }
        offsets.push(self.journey.len());
        Ok((offsets, converted, values))
    }
}

/// What the conversions are worth, 0 where nothing is said; as they stand where all is said.
fn values<'a>(pieces: &[Columns<'a>], rows: usize) -> Result<Cow<'a, [i64]>, Problems> {
    let allowed = |value: &i64| (-MAX_MINOR..=MAX_MINOR).contains(value);
    if let [piece] = pieces
        && let Some(values) = piece.integers("value_cents")
        && values.iter().all(allowed)
    {
        return Ok(Cow::Borrowed(values));
    }
    let mut said = Vec::with_capacity(rows);
    for piece in pieces {
        match piece.integers("value_cents") {
            Some(values) => {
                said.extend(values.iter().map(|&value| if value == NO_INTEGER { 0 } else { value }));
            }
            None => said.resize(said.len().saturating_add(piece.rows()), 0),
        }
    }
    match said.iter().position(|value| !allowed(value)) {
        Some(row) => {
            let text = format!("an amount is at most {MAX_MINOR} minor units");
            Err(Problem::new(format!("/value_cents/{row}"), "amount_too_large", text).into())
        }
        None => Ok(Cow::Owned(said)),
    }
}

/// A journey whose rows do not agree on what it led to.
pub(super) fn two_conversions() -> Problem {
    let text = "the rows of one journey name different conversions";
    Problem::new("/converted_at", "inconsistent", text)
        .help("a person who converts twice has a journey for each conversion")
}

/// A touch without a time has no place on its journey.
pub(super) fn times_of_touches<C: PartialEq>(at: &[i64], channel: &[C], none: C) -> Result<(), Problems> {
    // Hardly ever is one missing.
    if !at.iter().fold(false, |any, &at| any | (at == NO_INTEGER)) {
        return Ok(());
    }
    let rows = at.iter().zip(channel);
    match rows.enumerate().find(|(_, (at, channel))| **at == NO_INTEGER && **channel != none) {
        Some((row, _)) => Err(missing_at("touched_at", row).into()),
        None => Ok(()),
    }
}

/// A channel of no letters: what has no channel is null.
pub(super) fn empty_channel(row: usize) -> Problem {
    Problem::new(format!("/channel/{row}"), "empty_channel", "a channel has no name")
        .help("name it, or write null where there was no touch")
}

/// For each row whether it is a view; `None` where nothing says so.
pub(super) fn views(pieces: &[Columns<'_>]) -> Option<Vec<u8>> {
    // What is missing is a click.
    flags("kind", pieces, |kind| usize::from(kind) == TouchKind::View.index())
}

/// 1 for each row whose code is one that is looked for; `None` where no piece has the column.
fn flags(name: &str, pieces: &[Columns<'_>], is: impl Fn(u8) -> bool) -> Option<Vec<u8>> {
    pieces.iter().any(|piece| piece.codes(name).is_some()).then(|| {
        let mut flags = Vec::new();
        for piece in pieces {
            let end = flags.len().saturating_add(piece.rows());
            flags.extend(piece.codes(name).unwrap_or_default().iter().map(|&code| u8::from(is(code))));
            flags.resize(end, 0);
        }
        flags
    })
}

/// The whole numbers of all pieces; where there is one piece they stay where they stand.
pub(super) fn whole<'a>(name: &str, pieces: &[Columns<'a>]) -> Cow<'a, [i64]> {
    let mut columns = pieces.iter().filter_map(|piece| piece.integers(name));
    match pieces {
        [_] => Cow::Borrowed(columns.next().unwrap_or_default()),
        _ => Cow::Owned(columns.collect::<Vec<_>>().concat()),
    }
}

/// What stands for a channel of no letters while channels are numbered.
const EMPTY: u32 = NO_CHANNEL - 1;

/// A number for the channel, and the campaign, of each row, and what the numbers stand for.
fn channels<'a>(pieces: &[Columns<'a>], rows: usize) -> Result<(Vec<u32>, Vec<Name<'a>>), Problems> {
    let channel = Names::default();
    let empty = Cell::new(false);
    let mut codes = Vec::with_capacity(rows);
    for piece in pieces {
        if let Some(texts) = piece.texts("channel") {
            texts.coded(&mut codes, |text| match text {
                None => NO_CHANNEL,
                Some("") => {
                    empty.set(true);
                    EMPTY
                }
                Some(text) => channel.number(text),
            });
        }
    }
    if empty.get()
        && let Some(row) = codes.iter().position(|&code| code == EMPTY)
    {
        return Err(empty_channel(row).into());
    }
    let channels = channel.texts.into_inner();
    let of_channel = |code: u32| usize::try_from(code).ok().and_then(|code| channels.get(code)).copied();
    if !pieces.iter().any(|piece| piece.texts("campaign").is_some()) {
        let names = (0..).map_while(of_channel).map(|name| (name, None)).collect();
        return Ok((codes, names));
    }
    let campaign = Names::default();
    let mut campaigns = Vec::with_capacity(rows);
    for piece in pieces {
        match piece.texts("campaign") {
            Some(texts) => {
                texts.coded(&mut campaigns, |text| text.map_or(NO_CHANNEL, |text| campaign.number(text)))
            }
            None => campaigns.resize(campaigns.len().saturating_add(piece.rows()), NO_CHANNEL),
        }
    }
    let campaigns_by_number = campaign.texts.into_inner();
    let of_campaign =
        |code: u32| usize::try_from(code).ok().and_then(|code| campaigns_by_number.get(code)).copied();
    let (mut names, mut known) = (Vec::new(), BTreeMap::new());
    for (code, campaign) in codes.iter_mut().zip(campaigns) {
        let Some(channel) = of_channel(*code) else { continue };
        let next = u32::try_from(names.len()).unwrap_or(NO_CHANNEL);
        *code = *known.entry((*code, campaign)).or_insert_with(|| {
            names.push((channel, of_campaign(campaign)));
            next
        });
    }
    Ok((codes, names))
}

/// Texts numbered in the order in which they come.
#[derive(Default)]
struct Names<'a> {
    texts: RefCell<Vec<&'a str>>,
    numbers: RefCell<BTreeMap<&'a str, u32>>,
}

impl<'a> Names<'a> {
    fn number(&self, text: &'a str) -> u32 {
        *self.numbers.borrow_mut().entry(text).or_insert_with(|| {
            let mut texts = self.texts.borrow_mut();
            texts.push(text);
            u32::try_from(texts.len().saturating_sub(1)).unwrap_or(NO_CHANNEL)
        })
    }
}

/// The rows of number 0, then those of 1, and so on, each in their order (counting sort).
pub(super) fn dealt_out(number: &[u32], count: u32) -> Vec<u32> {
    let mut starts = vec![0_u32; usize::try_from(count).unwrap_or_default().saturating_add(1)];
    let place = |number: u32| usize::try_from(number).unwrap_or_default();
    for &number in number {
        if let Some(start) = starts.get_mut(place(number).saturating_add(1)) {
            *start = start.saturating_add(1);
        }
    }
    let mut sum = 0_u32;
    for start in &mut starts {
        sum = sum.saturating_add(*start);
        *start = sum;
    }
    let mut order = vec![0_u32; number.len()];
    for (row, &number) in (0_u32..).zip(number) {
        let Some(start) = starts.get_mut(place(number)) else { continue };
        if let Some(slot) = order.get_mut(place(*start)) {
            *slot = row;
        }
        *start = start.saturating_add(1);
    }
    order
}

pub(super) fn picked<V: Copy + Default>(values: &[V], order: &[u32]) -> Cow<'static, [V]> {
    Cow::Owned(order.iter().map(|&row| super::events::one(values, row)).collect())
}

fn answer(credits: &ColumnCredits, names: &[Name<'_>], options: &Options, order: Option<&[u32]>) -> Answer {
    let name = |channel: Option<usize>| channel.and_then(|channel| names.get(channel)).copied();
    let mut found: Vec<_> = credits.iter().map(|credit| (name(credit.channel), credit)).collect();
    // By model as they were asked for, then by name; what no touch led to stands last.
    let rank = |model: RuleModel| options.models.iter().position(|asked| *asked == model);
    found.sort_by_key(|(name, credit)| (rank(credit.model), name.is_none(), *name));
    let model = |model: RuleModel| u8::try_from(model.index()).unwrap_or(u8::MAX);
    let channels: TextColumn = found.iter().map(|(name, _)| name.map(|(channel, _)| channel)).collect();
    let campaigns: TextColumn =
        found.iter().map(|(name, _)| name.and_then(|(_, campaign)| campaign)).collect();
    let parts = || found.iter().map(|(_, credit)| credit.conversion_parts);
    let cents = || found.iter().map(|(_, credit)| credit.value_cents);
    let mut table = Table::default()
        .with(
            "model",
            Output::Codes(
                found.iter().map(|(_, credit)| model(credit.model)).collect(),
                vocabulary!(RuleModel),
            ),
        )
        .with("channel", Output::Texts(channels));
    if names.iter().any(|(_, campaign)| campaign.is_some()) {
        table = table.with("campaign", Output::Texts(campaigns));
    }
    table = table
        .with(
            "conversions",
            Output::Numbers(parts().map(|parts| amount(parts) / amount(CONVERSION_PARTS)).collect()),
        )
        .with("value_cents", Output::Integers(cents().collect()))
        .with("conversion_billionths", Output::Integers(parts().collect()));
    let Some(weights) = &credits.weights else { return table.into() };
    let mut of_rows = Table::default();
    for (model, weights) in options.models.iter().zip(weights) {
        of_rows = of_rows.with(model.as_str(), Output::Numbers(put_back(weights, order)));
    }
    Answer::from(table).and("weights", of_rows)
}

/// The values in the order in which the rows were handed in.
fn put_back(values: &[f64], order: Option<&[u32]>) -> Vec<f64> {
    let Some(order) = order else { return values.to_vec() };
    let mut back = vec![f64::NAN; values.len()];
    for (&row, &value) in order.iter().zip(values) {
        if let Some(slot) = usize::try_from(row).ok().and_then(|row| back.get_mut(row)) {
            *slot = value;
        }
    }
    back
}
