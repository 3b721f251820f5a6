//! `emq.event` and `emq.platform`.

#[cfg(feature = "customer")]
use stratum_cdp::{
    emq::{EventEmqRequest, EventEmqResponse},
    identifier::CleaningPolicy,
};
use stratum_core::emq::EmqBand;
use stratum_core::emq::event::{ContextSignals, EventColumns, EventRefusal, IdentifierKinds};
use stratum_core::emq::platform::{self, PlatformEmq, PlatformEmqRequest};
use stratum_core::problem::{Problem, Problems};

use crate::batch::{Batch, ColumnKind, ColumnSpec, Columns, NO_CODE, Output, Run, Table, vocabulary};

/// Reads an event and scores it, with the identifiers that every tenant blocks.
///
/// # Errors
/// Every problem of the event, under `/event`.
#[cfg(feature = "customer")]
pub fn event(request: &EventEmqRequest) -> Result<EventEmqResponse, Problems> {
    request.evaluate(&CleaningPolicy::default())
}

/// Scores what a platform makes of the events.
///
/// # Errors
/// Every problem of the measurements and weights.
pub fn platform(request: &PlatformEmqRequest) -> Result<PlatformEmq, Problems> {
    platform::evaluate(request)
}

const IDENTIFIERS: [(&str, IdentifierKinds); 6] = [
    ("email", IdentifierKinds::EMAIL),
    ("phone", IdentifierKinds::PHONE),
    ("external_id", IdentifierKinds::EXTERNAL_ID),
    ("device_id", IdentifierKinds::DEVICE_ID),
    ("anonymous_id", IdentifierKinds::ANONYMOUS_ID),
    ("click_id", IdentifierKinds::CLICK_ID),
];

const CONTEXT: [(&str, ContextSignals); 4] = [
    ("user_agent", ContextSignals::USER_AGENT),
    ("client_ip", ContextSignals::CLIENT_IP),
    ("campaign", ContextSignals::CAMPAIGN),
    ("page", ContextSignals::PAGE),
];

const fn flag(name: &'static str, doc: &'static str) -> ColumnSpec {
    ColumnSpec::optional(name, ColumnKind::Flag, doc)
}

const fn number(name: &'static str, doc: &'static str) -> ColumnSpec {
    ColumnSpec::required(name, ColumnKind::Number, doc)
}

/// The EMQ of many events, a row of small facts each. An event that has none says why in `refusal`.
pub static EVENT_BATCH: Batch = Batch {
    columns: &[
        number("completeness", "How complete the properties are, 0 to 100."),
        number("latency_s", "Seconds from the event to its receipt."),
        flag("email", "Whether the event carries a valid e-mail address or its hash."),
        flag("phone", "Whether it carries a valid phone number or its hash."),
        flag("external_id", "Whether it carries an id of the tenant's own system."),
        flag("device_id", "Whether it carries a device id."),
        flag("anonymous_id", "Whether it carries the id of an unknown visitor."),
        flag("click_id", "Whether it carries a click id of an ad platform."),
        flag("user_agent", "Whether the user agent is known."),
        flag("client_ip", "Whether the client's IP address is known."),
        flag("campaign", "Whether the campaign is known."),
        flag("page", "Whether the page's URL or its referrer is known."),
    ],
    further: None,
    run: Run::Rows(run_events),
};

fn run_events(policy: &serde_json::Value, columns: &Columns<'_>) -> Result<Table, Problems> {
    if !policy.is_null() {
        return Err(Problem::new("/policy", "not_allowed_here", "the EMQ of an event knows no policy").into());
    }
    let identifiers = set_bits(columns, IDENTIFIERS.map(|(name, kind)| (name, kind.bits())));
    let context = set_bits(columns, CONTEXT.map(|(name, signal)| (name, signal.bits())));
    let completeness = columns.numbers("completeness").unwrap_or_default();
    let latency_s = columns.numbers("latency_s").unwrap_or_default();
    let events = EventColumns::new(&identifiers, completeness, latency_s, &context)?;
    let mut score = Vec::with_capacity(columns.rows());
    let mut band = Vec::with_capacity(columns.rows());
    let mut refusal = Vec::with_capacity(columns.rows());
    for event in events.evaluate() {
        score.push(event.map_or(f64::NAN, |emq| emq.score.get()));
        band.push(event.map_or(NO_CODE, |emq| code(emq.band.index())));
        refusal.push(event.err().map_or(NO_CODE, |refusal| code(refusal.index())));
    }
    Ok(Table::default()
        .with("score", Output::Numbers(score))
        .with("band", Output::Codes(band, vocabulary!(EmqBand)))
        .with("refusal", Output::Codes(refusal, vocabulary!(EventRefusal))))
}

fn code(index: usize) -> u8 {
    u8::try_from(index).unwrap_or(NO_CODE)
}

/// One set of bits for each row, from a column of flags for each bit.
fn set_bits<const N: usize>(columns: &Columns<'_>, bits: [(&str, u8); N]) -> Vec<u8> {
    let mut sets = vec![0_u8; columns.rows()];
    for (name, bit) in bits {
        if let Some(flags) = columns.codes(name) {
            for (set, &flag) in sets.iter_mut().zip(flags) {
                *set |= if flag == 0 { 0 } else { bit };
            }
        }
    }
    sets
}
