//! `identity.stitch` over columns of events: a column for each type of identifier.
//!
//! Bulk first; what it holds back, because a limit or a check might refuse one of its links, goes through the resolver event by
//! event. So a frame gives what resolving its rows one after the other gives.

use std::fmt::Write as _;
use std::sync::Arc;

use serde::Deserialize;
use serde_json::Value;
use stratum_cdp::identifier::{CleaningPolicy, Identifier, IdentifierType};
use stratum_cdp::identity::bulk::{Held, NamedClusters, NamedLinks, StitchPolicy};
use stratum_cdp::identity::{CompiledIdentityPolicy, Identities, IdentityPolicy, LinkType, Observation};
use stratum_core::Timestamp;
use stratum_core::problem::{Problem, Problems};

use crate::batch::{
    Answer, Columns, Output, Progress, ROWS_AT_ONCE, Table, TextColumn, Texts, missing, policy_of,
};
use crate::operations::stitch;

/// The columns of events, the strongest type first.
const TYPES: [(&str, IdentifierType); 5] = [
    ("external_id", IdentifierType::ExternalId),
    ("email", IdentifierType::Email),
    ("phone", IdentifierType::Phone),
    ("device_id", IdentifierType::DeviceId),
    ("anonymous_id", IdentifierType::AnonymousId),
];

/// So many events are gone through between two looks whether to go on.
const EVENTS_AT_ONCE: usize = 4_096;

/// The row has no identifier.
const NONE: u32 = u32::MAX;

/// Whether a piece has a column of identifiers.
pub(crate) fn has_identifiers(piece: &Columns<'_>) -> bool {
    TYPES.iter().any(|(name, _)| piece.get(name).is_some())
}

/// How a policy of identity is handed in, and what holds if nothing is.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct OfIdentity {
    identity: IdentityPolicy,
}

/// The policy is one of identity, `{"identity": …}`, or says only what a cluster may hold; then what is held stays parted.
pub(super) fn rules(policy: &Value) -> Result<(StitchPolicy, Option<CompiledIdentityPolicy>), Problems> {
    let nothing = policy.as_object().is_none_or(serde_json::Map::is_empty);
    if !nothing && policy.get("identity").is_none() {
        return Ok((policy_of(policy)?, None));
    }
    let own: OfIdentity = policy_of(policy)?;
    let compiled = own.identity.compile().map_err(|problems| problems.under("/policy/identity"))?;
    Ok((StitchPolicy::from(&own.identity), Some(compiled)))
}

/// The identifiers of a row, the strongest first.
struct Rows<'p> {
    columns: Vec<(IdentifierType, Texts<'p>)>,
    cleaning: &'p CleaningPolicy,
}

impl<'p> Rows<'p> {
    /// Under a policy of identity without the types that it forbids.
    fn of(
        piece: &Columns<'p>,
        cleaning: &'p CleaningPolicy,
        policy: Option<&CompiledIdentityPolicy>,
    ) -> Self {
        let allowed = TYPES.iter().filter(|(_, kind)| policy.is_none_or(|policy| policy.limit(*kind) > 0));
        let columns = allowed.filter_map(|&(name, kind)| piece.texts(name).map(|texts| (kind, texts)));
        Self { columns: columns.collect(), cleaning }
    }

    fn identifiers(&self, row: usize) -> impl Iterator<Item = Identifier> {
        self.columns.iter().filter_map(move |(kind, texts)| {
            texts.get(row).and_then(|raw| Identifier::clean(*kind, raw, self.cleaning).ok())
        })
    }
}

/// What the rows of columns of events link.
pub(super) struct Linked {
    pub(super) links: NamedLinks,
    /// The number of each row's strongest identifier, or [`NONE`].
    rows: Vec<u32>,
    /// How many links were not made, because their rows are not sure enough.
    pub(super) weak: u64,
}

pub(super) fn link(
    stitch_policy: &StitchPolicy,
    rules: Option<&CompiledIdentityPolicy>,
    cleaning: &CleaningPolicy,
    pieces: &[Columns<'_>],
    progress: &Progress<'_>,
) -> Result<Linked, Problems> {
    let mut links = NamedLinks::new();
    let mut rows = Vec::with_capacity(pieces.iter().map(Columns::rows).sum());
    let mut written = String::new();
    let mut weak = 0_u64;
    for (start, piece) in stitch::numbered(pieces) {
        missing_times(piece, start)?;
        let columns = Rows::of(piece, cleaning, rules);
        let names = piece.texts("event_name");
        for row in 0..piece.rows() {
            let mut strongest = None;
            let evidence = LinkType::of_event(names.and_then(|names| names.get(row))).confidence();
            let strong = stitch::is_strong(stitch_policy, piece, start, row, evidence)?;
            for identifier in columns.identifiers(row) {
                written.clear();
                // A text takes whatever is written to it.
                let _ = write!(written, "{}:{}", identifier.kind().as_str(), identifier.value());
                let number = links
                    .add_identifier(&written)
                    .map_err(|fault| Problem::new("", "too_many", fault.to_string()))?;
                match strongest {
                    None => strongest = Some(number),
                    Some(first) if strong => links.link(first, number),
                    Some(_) => weak = weak.saturating_add(1),
                }
            }
            rows.push(strongest.unwrap_or(NONE));
            if rows.len().is_multiple_of(ROWS_AT_ONCE) {
                progress.advance(ROWS_AT_ONCE)?;
            }
        }
    }
    progress.advance(rows.len() % ROWS_AT_ONCE)?;
    Ok(Linked { links, rows, weak })
}

/// Clusters of events: all identifiers of a row are one person's. They are brought into their normal form first; a value that
/// is none links nothing. Phone numbers need their country code, unless the policy of identity names a region.
pub(crate) fn by_event(
    policy: &Value,
    pieces: &[Columns<'_>],
    progress: &Progress<'_>,
) -> Result<Answer, Problems> {
    let (stitch_policy, rules) = rules(policy)?;
    stitch_policy.check().map_err(|problems| problems.under("/policy"))?;
    let strict = CleaningPolicy::strict();
    let cleaning = rules.as_ref().map_or(&strict, CompiledIdentityPolicy::cleaning);
    let Linked { links, rows, weak } = link(&stitch_policy, rules.as_ref(), cleaning, pieces, progress)?;
    let mut clusters = links.finish(&stitch_policy);
    progress.advance(0)?;
    if let Some(policy) = rules
        && !clusters.held().is_empty()
    {
        let resolved = replay(policy, &stitch_policy, pieces, (&rows, &clusters), progress)?;
        progress.advance(0)?;
        clusters.settle(&resolved);
    }
    progress.advance(0)?;
    let of_row = |&number: &u32| (number != NONE).then(|| clusters.label(number));
    let table = Table::default().with("cluster", Output::Texts(rows.iter().map(of_row).collect()));
    let (mut names, mut labels) = (TextColumn::default(), TextColumn::default());
    for (number, (name, label)) in clusters.iter().enumerate() {
        if number.is_multiple_of(ROWS_AT_ONCE) {
            progress.advance(0)?;
        }
        names.push(Some(name));
        labels.push(Some(label));
    }
    let identifiers =
        Table::default().with("identifier", Output::Texts(names)).with("cluster", Output::Texts(labels));
    let held = clusters.held();
    let held_names = held.iter().map(|&(label, _)| Some(label)).collect();
    let held: Vec<&Held> = held.into_iter().map(|(_, held)| held).collect();
    let answer = stitch::answer(table, Output::Texts(held_names), &held, clusters.count(), weak);
    Ok(answer.and("identifiers", identifiers))
}

/// The events of the held clusters, one after the other. Where rows have no time all are of one instant: then every window of
/// the policy holds all of them.
fn replay(
    policy: CompiledIdentityPolicy,
    stitch_policy: &StitchPolicy,
    pieces: &[Columns<'_>],
    (rows, clusters): (&[u32], &NamedClusters),
    progress: &Progress<'_>,
) -> Result<Identities, Problems> {
    let policy = Arc::new(policy);
    let mut identities = Identities::new(Arc::clone(&policy));
    let (mut named, mut id, mut visited) = (Vec::new(), String::new(), 0_usize);
    for (start, piece) in stitch::numbered(pieces) {
        let columns = Rows::of(piece, policy.cleaning(), Some(&policy));
        let (times, names) = (piece.integers("event_time"), piece.texts("event_name"));
        let strongest = rows.iter().skip(start).take(piece.rows()).enumerate();
        for (row, &number) in strongest {
            visited = visited.saturating_add(1);
            if visited.is_multiple_of(EVENTS_AT_ONCE) {
                progress.advance(0)?;
            }
            if number == NONE || !clusters.is_held(number) {
                continue;
            }
            named.clear();
            named.extend(columns.identifiers(row));
            let of_name = LinkType::of_event(names.and_then(|names| names.get(row)));
            let strong = stitch::is_strong(stitch_policy, piece, start, row, of_name.confidence())?;
            // What its row is sure of joins, and what it is not sure of does not, whatever kind of event it is.
            let evidence = match stitch::said_confidence(piece, row) {
                None => of_name,
                Some(_) if strong => LinkType::Manual,
                Some(_) => LinkType::Inferred,
            };
            if !strong && policy.joins(evidence) {
                named.truncate(1);
            }
            let at = times.and_then(|times| times.get(row)).copied().unwrap_or_default();
            id.clear();
            let _ = write!(id, "{}", start.saturating_add(row));
            let at =
                Timestamp::from_millis(at).map_err(|problem| problem.under(&format!("/event_time/{id}")))?;
            identities.observe(&Observation { evidence, ..Observation::new(&id, at, &named) });
        }
    }
    Ok(identities)
}

fn missing_times(piece: &Columns<'_>, start: usize) -> Result<(), Problems> {
    piece.integers("event_time").map_or(Ok(()), |times| missing("event_time", times, start))
}
