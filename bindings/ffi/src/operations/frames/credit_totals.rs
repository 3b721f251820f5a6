//! Credit by rules over columns, day by day, as a state that merges.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use stratum_cdp::attribution::{
    CreditStateFault, CreditTotals, DailyCredit, NOT_CONVERTED, RuleModel, RuleSettings,
};
use stratum_core::Timestamp;
use stratum_core::problem::{Problem, ProblemCollector, Problems};
use stratum_core::time::DAY_MS;

use super::attribution::{COLUMNS, Touches, picked, whole};
use crate::batch::{
    Answer, Batch, ColumnKind, ColumnSpec, Columns, NO_INTEGER, Output, Progress, Run, Table, TextColumn,
    vocabulary,
};

const BEGINNING: &[u8; 4] = b"SCS1";

/// The touches of `attribution.rules`, and when what their journey led to counts. The answer has a row for each day, model,
/// channel and campaign.
pub static BATCH: Batch = Batch { columns: COLUMNS, further: Some(booked_at), run: Run::Whole(run) };

fn booked_at(_: &Value) -> Result<Vec<ColumnSpec>, Problems> {
    Ok(vec![ColumnSpec::optional(
        "booked_at",
        ColumnKind::Instant,
        "When the journey's conversion counts, the same in each of its rows; null where that is when it converted. A refund counts when the money goes back.",
    )])
}

fn run(policy: &Value, pieces: &[Columns<'_>], progress: &Progress<'_>) -> Result<Answer, Problems> {
    let mut state = CreditState::new(policy)?;
    state.add(pieces, progress)?;
    Ok(state.finish())
}

/// By what journeys are credited.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Rules {
    models: Vec<RuleModel>,
    settings: RuleSettings,
}

impl Default for Rules {
    fn default() -> Self {
        Self { models: RuleModel::ALL.to_vec(), settings: RuleSettings::default() }
    }
}

/// What journeys were credited, by day, model, channel and campaign: `new → add* → merge* → finish`. Whole numbers alone, so the
/// parts come to the same bits whatever they are and in whatever order.
#[derive(Debug, Clone, PartialEq)]
pub struct CreditState {
    rules: Rules,
    totals: CreditTotals,
}

impl CreditState {
    /// Nothing yet, by `{"models": […], "settings": …}` as of `attribution.rules`; all models if left out.
    ///
    /// # Errors
    /// `out_of_range` for the settings, `too_short` without a model, `duplicate` for one that is named twice.
    pub fn new(policy: &Value) -> Result<Self, Problems> {
        let mut rules: Rules = crate::batch::policy_of(policy)?;
        let mut found = ProblemCollector::new();
        if rules.models.is_empty() {
            found.push(
                Problem::new("/policy/models", "too_short", "no model is asked for")
                    .help("leave models out for all of them"),
            );
        }
        for (place, model) in rules.models.iter().enumerate() {
            if rules.models.iter().take(place).any(|earlier| earlier == model) {
                let text = format!("{model} stands here twice");
                found.push(
                    Problem::new(format!("/policy/models/{place}"), "duplicate", text).help("name it once"),
                );
            }
        }
        found.take("/policy/settings", rules.settings.compile());
        rules.models.sort_unstable_by_key(|model| model.index());
        found.into_result(Self { rules, totals: CreditTotals::new() })
    }

    /// Nothing yet, by the rules of this state.
    #[must_use]
    pub fn empty(&self) -> Self {
        Self { rules: self.rules.clone(), totals: CreditTotals::new() }
    }

    /// How many credits there are: days by models, channels and campaigns.
    #[must_use]
    pub fn len(&self) -> usize {
        self.totals.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.totals.is_empty()
    }

    /// Adds what the journeys of columns of touches give ([`BATCH`]); each journey lies in one call with all its touches.
    ///
    /// # Errors
    /// Every problem of the columns; then nothing was added.
    pub fn add(&mut self, pieces: &[Columns<'_>], progress: &Progress<'_>) -> Result<(), Problems> {
        let rules = self.rules.settings.compile()?;
        let mut touches = Touches::read(pieces)?;
        let order = touches.order(pieces)?;
        let mut booked =
            pieces.iter().all(|piece| piece.get("booked_at").is_some()).then(|| whole("booked_at", pieces));
        if let Some(order) = &order {
            touches.reorder(order);
            booked = booked.map(|booked| picked(&booked, order));
        }
        let (mut offsets, mut converted, mut values) = touches.journeys()?;
        let mut counts_at = counts_at(&offsets, &converted, booked.as_deref())?;
        let day = |at: &i64| at.div_euclid(DAY_MS);
        if !counts_at.is_sorted_by_key(day) {
            // The journeys of a day stand behind each other, those that came to nothing before all.
            let mut by_day: Vec<usize> = (0..counts_at.len()).collect();
            by_day.sort_by_key(|&journey| counts_at.get(journey).map(day));
            let rows = by_day.iter().filter_map(|&journey| {
                Some(*offsets.get(journey)?..*offsets.get(journey.saturating_add(1))?)
            });
            let rows: Vec<u32> = rows.flatten().map(|row| u32::try_from(row).unwrap_or(u32::MAX)).collect();
            touches.reorder(&rows);
            (offsets, converted, values) = touches.journeys()?;
            counts_at.sort_by_key(day);
        }
        let columns = touches.columns((&offsets, &converted, &values)).checked()?;
        let name = |channel: usize| touches.names.get(channel).copied();
        let mut totals = CreditTotals::new();
        let mut from = 0_usize;
        for of_day in counts_at.chunk_by(|a, b| day(a) == day(b)) {
            let to = from.saturating_add(of_day.len());
            if let Some(&at) = of_day.first().filter(|&&at| at != NOT_CONVERTED) {
                let at = Timestamp::from_millis(at).map_err(|problem| problem.under("/converted_at"))?;
                totals.add_columns(at, &columns.credit(&rules, &self.rules.models, from..to), name);
            }
            from = to;
        }
        progress.advance(pieces.iter().map(Columns::rows).sum())?;
        self.totals.merge(totals);
        Ok(())
    }

    /// Adds another part; no journey may be in both.
    ///
    /// # Errors
    /// `other_rules` if it was credited by other models or settings.
    pub fn merge(&mut self, other: Self) -> Result<(), Problems> {
        if self.rules != other.rules {
            let text = "these credits were given by different models or settings";
            return Err(Problem::new("", "other_rules", text).help("credit all parts by the same").into());
        }
        self.totals.merge(other.totals);
        Ok(())
    }

    /// A row for each day (UTC), model, channel and campaign, in this order; what no touch led to has no channel.
    #[must_use]
    pub fn finish(&self) -> Answer {
        let found = self.totals.clone().finish();
        let texts = |of: fn(&DailyCredit) -> Option<&str>| -> TextColumn { found.iter().map(of).collect() };
        let model = |credit: &DailyCredit| u8::try_from(credit.model.index()).unwrap_or(u8::MAX);
        let dates: Vec<String> = found.iter().map(|credit| credit.date.to_string()).collect();
        let dates: TextColumn = dates.iter().map(|date| Some(date.as_str())).collect();
        let mut table = Table::default()
            .with("date", Output::Texts(dates))
            .with("model", Output::Codes(found.iter().map(model).collect(), vocabulary!(RuleModel)))
            .with("channel", Output::Texts(texts(|credit| credit.channel.as_deref())));
        if found.iter().any(|credit| credit.campaign.is_some()) {
            table = table.with("campaign", Output::Texts(texts(|credit| credit.campaign.as_deref())));
        }
        table
            .with("conversions", Output::Numbers(found.iter().map(|credit| credit.conversions).collect()))
            .with("value_cents", Output::Integers(found.iter().map(|credit| credit.value_cents).collect()))
            .into()
    }

    /// The state as bytes, its rules with it. Equal credits by equal rules give equal bytes.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let rules = serde_json::to_string(&self.rules).unwrap_or_default();
        let mut bytes = BEGINNING.to_vec();
        bytes.extend((rules.len() as u64).to_le_bytes());
        bytes.extend(rules.as_bytes());
        bytes.extend(self.totals.to_bytes());
        bytes
    }

    /// The state that [`CreditState::to_bytes`] wrote.
    ///
    /// # Errors
    /// [`CreditStateFault`]: of bytes that begin otherwise, that they are something else or of another version.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, CreditStateFault> {
        let damaged = CreditStateFault::Damaged;
        let rest = bytes.strip_prefix(BEGINNING).ok_or(CreditStateFault::Foreign)?;
        let (length, rest) = rest.split_first_chunk().ok_or(damaged)?;
        let length = usize::try_from(u64::from_le_bytes(*length)).map_err(|_| damaged)?;
        let (rules, totals) = rest.split_at_checked(length).ok_or(damaged)?;
        let rules: Value = serde_json::from_slice(rules).map_err(|_| damaged)?;
        let state = Self::new(&rules).map_err(|_| damaged)?;
        // The totals have a beginning of their own, so what is none of them here is damaged.
        let totals = CreditTotals::from_bytes(totals).map_err(|_| damaged)?;
        Ok(Self { totals, ..state })
    }
}

/// When the conversion of each journey counts, [`NOT_CONVERTED`] where there is none.
fn counts_at(offsets: &[usize], converted: &[i64], booked: Option<&[i64]>) -> Result<Vec<i64>, Problems> {
    let Some(booked) = booked else { return Ok(converted.to_vec()) };
    let bounds = offsets.iter().zip(offsets.iter().skip(1));
    bounds
        .zip(converted)
        .map(|((&from, &to), &converted_at)| {
            let of_journey = booked.get(from..to).unwrap_or_default();
            let first = of_journey.first().copied().unwrap_or(NO_INTEGER);
            if of_journey.iter().any(|&at| at != first) {
                let text = "the rows of one journey count at different times";
                return Err(Problem::new("/booked_at", "inconsistent", text)
                    .help("write the same time in each row of a journey")
                    .into());
            }
            Ok(if converted_at == NOT_CONVERTED || first == NO_INTEGER { converted_at } else { first })
        })
        .collect()
}
