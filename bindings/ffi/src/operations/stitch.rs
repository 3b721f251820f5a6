//! `identity.stitch`.

use serde_json::Value;
use stratum_cdp::identity::bulk::{
    self, Held, HoldReason, LinkFault, Links, NamedClusters, NamedLinks, NodeIndex, StitchPolicy,
    StitchRequest, StitchResponse,
};
use stratum_core::problem::{Problem, Problems, pointer_step};

use crate::batch::{
    Answer, Batch, ColumnKind, ColumnSpec, Columns, NO_INTEGER, Output, Progress, ROWS_AT_ONCE, Run, Table,
    TextColumn, policy_of, vocabulary,
};

use super::frames::resolve;

/// Makes clusters of links.
///
/// # Errors
/// Every problem of the links and the policy.
pub fn stitch(request: &StitchRequest) -> Result<StitchResponse, Problems> {
    bulk::stitch(request)
}

/// Columns of links, by text or by number; or of events, with a column for each type of identifier.
pub static BATCH: Batch = Batch {
    columns: &[
        ColumnSpec::optional(
            "left",
            ColumnKind::Text,
            "One identifier of each link, `type:value` in its normal form.",
        ),
        ColumnSpec::optional(
            "right",
            ColumnKind::Text,
            "The other; a row that has one alone names it without a link.",
        ),
        ColumnSpec::optional(
            "left_node",
            ColumnKind::Integer,
            "Instead of texts: one node of each link, numbered from 0. Row n of the answer is node n.",
        ),
        ColumnSpec::optional(
            "right_node",
            ColumnKind::Integer,
            "The other node; a row that has one alone is no link.",
        ),
        ColumnSpec::optional(
            "confidence",
            ColumnKind::Number,
            "How sure each link is, 0 to 1; missing is 1, of events what an event of its name says.",
        ),
        ColumnSpec::optional(
            "event_name",
            ColumnKind::Text,
            "Of events: what happened. A Login or a Purchase is surer (0.95) than any other event (0.9).",
        ),
        ColumnSpec::optional(
            "external_id",
            ColumnKind::Text,
            "Of events: the id in the tenant's own system.",
        ),
        ColumnSpec::optional("email", ColumnKind::Text, "Of events: the e-mail address, or its SHA-256."),
        ColumnSpec::optional(
            "phone",
            ColumnKind::Text,
            "Of events: the phone number, with its country code.",
        ),
        ColumnSpec::optional("device_id", ColumnKind::Text, "Of events: the device id."),
        ColumnSpec::optional("anonymous_id", ColumnKind::Text, "Of events: the id of an unknown visitor."),
        ColumnSpec::optional(
            "event_time",
            ColumnKind::Instant,
            "Of events: when each happened. Without it all are taken to be of one instant.",
        ),
    ],
    further: None,
    run: Run::Whole(run),
};

fn run(policy: &Value, pieces: &[Columns<'_>], progress: &Progress<'_>) -> Result<Answer, Problems> {
    let has = |name| pieces.iter().all(|piece| piece.get(name).is_some());
    match (has("left") && has("right"), has("left_node") && has("right_node")) {
        (true, false) => by_text(&of_links(policy)?, pieces, progress),
        (false, true) => by_node(&of_links(policy)?, pieces, progress),
        (false, false) if pieces.iter().any(resolve::has_identifiers) => {
            resolve::by_event(policy, pieces, progress)
        }
        (both, _) => {
            let said =
                if both { "there are texts and numbers" } else { "there are neither texts nor numbers" };
            Err(Problem::new("/left", "missing_column", format!("{said} for both ends of the links"))
                .help("give the columns left and right, or left_node and right_node, or a column for each type of identifier")
                .into())
        }
    }
}

pub(super) fn of_links(policy: &Value) -> Result<StitchPolicy, Problems> {
    let policy: StitchPolicy = policy_of(policy)?;
    policy.check().map_err(|problems| problems.under("/policy"))?;
    Ok(policy)
}

fn by_text(
    policy: &StitchPolicy,
    pieces: &[Columns<'_>],
    progress: &Progress<'_>,
) -> Result<Answer, Problems> {
    let mut links = NamedLinks::new();
    let mut weak = 0_u64;
    for (start, piece) in numbered(pieces) {
        let (Some(left), Some(right)) = (piece.texts("left"), piece.texts("right")) else { continue };
        for (row, (left, right)) in left.iter().zip(right.iter()).enumerate() {
            let added = match (left, right) {
                (Some(left), Some(right)) if is_strong(policy, piece, start, row, 1.0)? => {
                    links.add(left, right)
                }
                (left, right) => {
                    weak = weak.saturating_add(u64::from(left.is_some() && right.is_some()));
                    let mut alone = left.into_iter().chain(right);
                    alone.try_for_each(|identifier| links.add_identifier(identifier).map(|_| ()))
                }
            };
            let column = if left == Some("") || right != Some("") { "left" } else { "right" };
            added.map_err(|fault| wrong_link(&fault, column, start.saturating_add(row)))?;
            if row.wrapping_add(1).is_multiple_of(ROWS_AT_ONCE) {
                progress.advance(ROWS_AT_ONCE)?;
            }
        }
        progress.advance(piece.rows() % ROWS_AT_ONCE)?;
    }
    Ok(told(&links.finish(policy), weak))
}

/// The clusters as tables.
pub(super) fn told(clusters: &NamedClusters, weak: u64) -> Answer {
    let (mut identifier, mut cluster) = (TextColumn::default(), TextColumn::default());
    for (name, label) in clusters.iter() {
        identifier.push(Some(name));
        cluster.push(Some(label));
    }
    let held = clusters.held();
    let names = held.iter().map(|&(label, _)| Some(label)).collect();
    let table = Table::default()
        .with("identifier", Output::Texts(identifier))
        .with("cluster", Output::Texts(cluster));
    let held: Vec<&Held> = held.into_iter().map(|(_, held)| held).collect();
    answer(table, Output::Texts(names), &held, clusters.count(), weak)
}

fn by_node(
    policy: &StitchPolicy,
    pieces: &[Columns<'_>],
    progress: &Progress<'_>,
) -> Result<Answer, Problems> {
    let mut links = Links::new(nodes(pieces)?);
    let mut weak = 0_u64;
    for (start, piece) in numbered(pieces) {
        let (Some(left), Some(right)) = (piece.integers("left_node"), piece.integers("right_node")) else {
            continue;
        };
        let mut first = 0_usize;
        for (left, right) in left.chunks(ROWS_AT_ONCE).zip(right.chunks(ROWS_AT_ONCE)) {
            let whole = piece.numbers("confidence").is_none()
                && !left.contains(&NO_INTEGER)
                && !right.contains(&NO_INTEGER);
            let added = if whole {
                links.add(left, right)
            } else {
                let (mut some_left, mut some_right) = (Vec::new(), Vec::new());
                for (row, (&left, &right)) in (first..).zip(left.iter().zip(right)) {
                    if left == NO_INTEGER || right == NO_INTEGER {
                        continue;
                    }
                    if is_strong(policy, piece, start, row, 1.0)? {
                        some_left.push(left);
                        some_right.push(right);
                    } else {
                        weak = weak.saturating_add(1);
                    }
                }
                links.add(&some_left, &some_right)
            };
            // Every node was counted in, so there is none that the links do not know.
            added.map_err(|fault| wrong_link(&fault, "left_node", start.saturating_add(first)))?;
            progress.advance(left.len())?;
            first = first.saturating_add(left.len());
        }
    }
    let mut clusters = links.finish();
    let held = clusters.hold(policy, |_| None);
    let count = clusters.count();
    let labels = clusters.into_labels().into_iter().map(i64::from).collect();
    let names = held.iter().map(|held| i64::from(held.label)).collect();
    let table = Table::default().with("cluster", Output::Integers(labels));
    Ok(answer(table, Output::Integers(names), &held.iter().collect::<Vec<_>>(), count, weak))
}

/// How many nodes the links name. Numbers far apart would take memory for every one between them.
fn nodes(pieces: &[Columns<'_>]) -> Result<u32, Problems> {
    const SPARE: usize = 1 << 20;
    let mut rows = 0_usize;
    let mut nodes = 0_u32;
    for (start, piece) in numbered(pieces) {
        rows = rows.saturating_add(piece.rows());
        for name in ["left_node", "right_node"] {
            let numbers = piece.integers(name).unwrap_or_default();
            for (row, number) in numbers.iter().enumerate().filter(|&(_, &number)| number != NO_INTEGER) {
                let node = number.node().filter(|&node| node < u32::MAX).ok_or_else(|| {
                    let path = format!("{}/{}", pointer_step(name), start.saturating_add(row));
                    Problem::new(
                        path,
                        "out_of_range",
                        format!("a node is numbered from 0 to 4,294,967,294, not {number}"),
                    )
                })?;
                nodes = nodes.max(node.saturating_add(1));
            }
        }
    }
    if nodes as usize > rows.saturating_mul(16).saturating_add(SPARE) {
        return Err(Problem::new(
            "/left_node",
            "too_sparse",
            format!("{rows} links name a node as high as {nodes}"),
        )
        .help("number the nodes from 0 without large gaps, or hand them in as texts in left and right")
        .into());
    }
    Ok(nodes)
}

/// The pieces, each with the number of its first row in the whole.
pub(super) fn numbered<'p, 'c>(pieces: &'p [Columns<'c>]) -> impl Iterator<Item = (usize, &'p Columns<'c>)> {
    pieces.iter().scan(0_usize, |next, piece| {
        let start = *next;
        *next = start.saturating_add(piece.rows());
        Some((start, piece))
    })
}

/// Whether the link in a row of a piece, which starts at `start`, is sure enough; `missing` is how sure it is where nothing is
/// said about that.
pub(super) fn is_strong(
    policy: &StitchPolicy,
    piece: &Columns<'_>,
    start: usize,
    row: usize,
    missing: f64,
) -> Result<bool, Problems> {
    let confidence = said_confidence(piece, row).unwrap_or(missing);
    if (0.0..=1.0).contains(&confidence) {
        Ok(confidence >= policy.min_confidence)
    } else {
        Err(Problem::new(
            format!("/confidence/{}", start.saturating_add(row)),
            "out_of_range",
            "a confidence is 0 to 1",
        )
        .into())
    }
}

/// How sure a row says that it is.
pub(super) fn said_confidence(piece: &Columns<'_>, row: usize) -> Option<f64> {
    let confidence = piece.numbers("confidence").and_then(|numbers| numbers.get(row)).copied();
    confidence.filter(|confidence| !confidence.is_nan())
}

fn wrong_link(fault: &LinkFault, column: &str, row: usize) -> Problems {
    let code = if *fault == LinkFault::Empty { "empty" } else { "too_many" };
    Problem::new(format!("/{column}/{row}"), code, fault.to_string()).into()
}

pub(super) fn answer(table: Table, names: Output, held: &[&Held], clusters: u32, weak: u64) -> Answer {
    let sizes = held.iter().map(|held| i64::from(held.identifiers)).collect();
    let bit = |reason: &HoldReason| u32::try_from(reason.index()).ok().and_then(|bit| 1_u16.checked_shl(bit));
    let reasons = |held: &&Held| held.reasons.iter().filter_map(bit).fold(0, |set, bit| set | bit);
    let held = Table::default()
        .with("cluster", names)
        .with("identifiers", Output::Integers(sizes))
        .with("reasons", Output::Sets(held.iter().map(reasons).collect(), vocabulary!(HoldReason)));
    let summary = Table::default()
        .with("clusters", Output::Integers(vec![i64::from(clusters)]))
        .with("weak_links", Output::Integers(vec![i64::try_from(weak).unwrap_or(i64::MAX)]));
    Answer::from(table).and("held", held).and("summary", summary)
}
