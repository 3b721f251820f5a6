//! `conversion.payloads` over a column for each identifier and field of the conversions.

use serde::de::DeserializeOwned;
use serde_json::{Number, Value};
use stratum_cdp::conversion::{
    ActionSource, ConversionApp, ConversionEvent, ConversionItem, ConversionPayloadsRequest,
    ConversionPayloadsResponse, ConversionProperties, ConversionUser,
};
use stratum_core::Timestamp;
use stratum_core::problem::{Problem, Problems};

use super::person::{Row, columns_of_people, requests, texts, whole};
use crate::batch::{
    Answer, Batch, ColumnKind, ColumnSpec, Columns, NO_INTEGER, Output, Progress, ROWS_AT_ONCE, Run, Table,
    missing_at,
};

/// Conversions, a row each. The policy is the request of `conversion.payloads` without its events, and with
/// `default_action_source`: where a conversion happened whose row does not say. The answer has a row for each request, with
/// its body as JSON text; the table `skipped` names the rows that are in none and why.
pub static BATCH: Batch = Batch {
    columns: columns_of_people![
        ColumnSpec::required(
            "event_id",
            ColumnKind::Id,
            "Under which platforms recognise a conversion that the browser sent, too.",
        ),
        ColumnSpec::required(
            "event_name",
            ColumnKind::Text,
            "What happened: a standard name, the CDP's name of one, or the tenant's own.",
        ),
        ColumnSpec::required("event_time", ColumnKind::Instant, "When it happened."),
        ColumnSpec::optional(
            "action_source",
            ColumnKind::Text,
            "Where it happened: website, app, physical_store, …; where left out, where the policy says.",
        ),
        ColumnSpec::optional("event_source_url", ColumnKind::Text, "The pages of a website."),
        ColumnSpec::optional(
            "app",
            ColumnKind::Text,
            "The app, of what happened in one: JSON objects with os, os_version, id, …",
        ),
        ColumnSpec::optional(
            "value",
            ColumnKind::Number,
            "What it is worth, in major units of the currency."
        ),
        ColumnSpec::optional("currency", ColumnKind::Text, "Currencies (ISO 4217)."),
        ColumnSpec::optional("order_id", ColumnKind::Id, "Orders."),
        ColumnSpec::optional(
            "contents",
            ColumnKind::Text,
            "What was bought or looked at: JSON lists of objects with id, quantity and price.",
        ),
        ColumnSpec::optional(
            "content_type",
            ColumnKind::Text,
            "Whether ids are those of a product or a product_group."
        ),
        ColumnSpec::optional("num_items", ColumnKind::Integer, "How many things there are in all."),
        ColumnSpec::optional("search_string", ColumnKind::Text, "What was searched for."),
        ColumnSpec::optional("ip", ColumnKind::Text, "The clients' IP addresses."),
        ColumnSpec::optional("user_agent", ColumnKind::Text, "The browsers' user agents."),
        ColumnSpec::optional("fbp", ColumnKind::Text, "Meta's browser ids (_fbp)."),
        ColumnSpec::optional("fbc", ColumnKind::Text, "Meta's click ids in the form of its cookie (_fbc)."),
        ColumnSpec::optional("fbclid", ColumnKind::Text, "Meta's click ids as they stand in a URL."),
        ColumnSpec::optional("ttp", ColumnKind::Text, "TikTok's browser ids (_ttp)."),
        ColumnSpec::optional("ttclid", ColumnKind::Text, "TikTok's click ids."),
        ColumnSpec::optional("gclid", ColumnKind::Text, "Google's click ids."),
        ColumnSpec::optional("gbraid", ColumnKind::Text, "Google's click ids of an app's events on iOS."),
        ColumnSpec::optional("wbraid", ColumnKind::Text, "Google's click ids of a website's events on iOS."),
        ColumnSpec::optional("sccid", ColumnKind::Text, "Snapchat's click ids (ScCid)."),
        ColumnSpec::optional("scid", ColumnKind::Text, "Snapchat's browser ids (_scid)."),
        ColumnSpec::optional(
            "test_event_code",
            ColumnKind::Text,
            "Codes under which rows are sent as a test."
        ),
    ],
    further: None,
    run: Run::Whole(run),
};

fn run(policy: &Value, pieces: &[Columns<'_>], progress: &Progress<'_>) -> Result<Answer, Problems> {
    let mut whole = policy.clone();
    let mut default_source = None;
    if let Some(request) = whole.as_object_mut() {
        let source = request.remove("default_action_source").filter(|source| !source.is_null());
        default_source = source
            .map(|source| crate::request::part(&source, "/policy/default_action_source"))
            .transpose()?;
        request.insert("events".to_owned(), Value::Array(Vec::new()));
    }
    let mut request: ConversionPayloadsRequest = crate::request::part(&whole, "/policy")?;
    // What is wrong with the policy is known before a million rows are read.
    request.payloads().map_err(|problems| problems.under("/policy"))?;
    for piece in pieces {
        for row in 0..piece.rows() {
            let number = request.events.len();
            request.events.push(event(Row { piece, row, number }, default_source)?);
            if request.events.len().is_multiple_of(ROWS_AT_ONCE) {
                progress.advance(ROWS_AT_ONCE)?;
            }
        }
    }
    // An id or a name that is blank stands in the column, not in a request that nobody wrote.
    let answer = request.payloads()?;
    progress.advance(request.events.len() % ROWS_AT_ONCE)?;
    Ok(tables(&answer))
}

fn event(row: Row<'_, '_>, default_source: Option<ActionSource>) -> Result<ConversionEvent, Problems> {
    let needed = |name: &str, text: Option<String>| {
        text.filter(|text| !text.trim().is_empty()).ok_or_else(|| missing_at(name, row.number))
    };
    let help = "write website, app, physical_store, phone_call, chat, email, system_generated, business_messaging or other";
    let source = row.word::<ActionSource>("action_source", "no action source", help)?;
    Ok(ConversionEvent {
        event_id: needed("event_id", row.id("event_id"))?,
        event_name: needed("event_name", row.text("event_name"))?,
        event_time: time(row)?,
        action_source: source.or(default_source).ok_or_else(|| {
            missing_at("action_source", row.number)
                .help("fill it, or say default_action_source for the rows that do not say")
        })?,
        event_source_url: row.text("event_source_url"),
        identifiers: row.identifiers(),
        user: user(row),
        app: app(row)?,
        properties: properties(row)?,
        consent: row.consent()?,
        test_event_code: row.text("test_event_code"),
    })
}

fn time(row: Row<'_, '_>) -> Result<Timestamp, Problem> {
    let millis = row.piece.integers("event_time").and_then(|times| times.get(row.row)).copied();
    let millis =
        millis.filter(|&millis| millis != NO_INTEGER).ok_or_else(|| missing_at("event_time", row.number))?;
    Timestamp::from_millis(millis).map_err(|problem| problem.under(&format!("/event_time/{}", row.number)))
}

fn user(row: Row<'_, '_>) -> ConversionUser {
    ConversionUser {
        ip: row.text("ip"),
        user_agent: row.text("user_agent"),
        fbp: row.text("fbp"),
        fbc: row.text("fbc"),
        fbclid: row.text("fbclid"),
        ttp: row.text("ttp"),
        ttclid: row.text("ttclid"),
        gclid: row.text("gclid"),
        gbraid: row.text("gbraid"),
        wbraid: row.text("wbraid"),
        sccid: row.text("sccid"),
        scid: row.text("scid"),
        ..row.user()
    }
}

fn properties(row: Row<'_, '_>) -> Result<ConversionProperties, Problems> {
    let value = row.piece.numbers("value").and_then(|values| values.get(row.row)).copied();
    let items = row.piece.integers("num_items").and_then(|counts| counts.get(row.row)).copied();
    Ok(ConversionProperties {
        value: value.and_then(Number::from_f64),
        currency: row.text("currency"),
        order_id: row.id("order_id"),
        contents: contents(row)?,
        content_type: row.text("content_type"),
        num_items: items.filter(|&count| count != NO_INTEGER).map(Number::from),
        search_string: row.text("search_string"),
    })
}

fn contents(row: Row<'_, '_>) -> Result<Vec<ConversionItem>, Problems> {
    let read = json(row, "contents", "write [{\"id\": …, \"quantity\": …, \"price\": …}]")?;
    Ok(read.unwrap_or_default())
}

fn app(row: Row<'_, '_>) -> Result<Option<ConversionApp>, Problems> {
    json(row, "app", "write {\"os\": …, \"os_version\": …, \"id\": …}")
}

/// What a cell holds as JSON text.
fn json<T: DeserializeOwned>(
    row: Row<'_, '_>,
    name: &str,
    help: &'static str,
) -> Result<Option<T>, Problems> {
    let Some(text) = row.text(name).filter(|text| !text.trim().is_empty()) else { return Ok(None) };
    let place = format!("/{name}/{}", row.number);
    let value: Value = serde_json::from_str(&text).map_err(|_| {
        let message = format!("row {} of {name} is not JSON", row.number);
        Problem::new(place.clone(), "invalid_json", message).help(help)
    })?;
    crate::request::part(&value, &place).map(Some)
}

fn tables(answer: &ConversionPayloadsResponse) -> Answer {
    let rows = answer.skipped.iter().map(|skipped| whole(skipped.index)).collect();
    let skipped = Table::default()
        .with("row", Output::Integers(rows))
        .with("event_id", texts(answer.skipped.iter().map(|skipped| skipped.event_id.as_str()).collect()))
        .with("reason", texts(answer.skipped.iter().map(|skipped| skipped.reason.as_str()).collect()));
    Answer::from(requests(&answer.requests, "events")).and("skipped", skipped)
}
