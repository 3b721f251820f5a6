//! `identity.stitch` over columns of events: a column for each type of identifier.

use stratum_cdp::identifier::{CleaningPolicy, Identifier, IdentifierType};
use stratum_cdp::identity::bulk::{Held, NamedLinks, StitchPolicy};
use stratum_core::problem::{Problem, Problems};

use crate::batch::{Answer, Columns, Output, Progress, ROWS_AT_ONCE, Table, TextColumn, Texts};
use crate::operations::stitch;

/// The columns of events, the strongest type first.
const TYPES: [(&str, IdentifierType); 5] = [
    ("external_id", IdentifierType::ExternalId),
    ("email", IdentifierType::Email),
    ("phone", IdentifierType::Phone),
    ("device_id", IdentifierType::DeviceId),
    ("anonymous_id", IdentifierType::AnonymousId),
];

/// The row has no identifier.
const NONE: u32 = u32::MAX;

/// Whether a piece has a column of identifiers.
pub(crate) fn has_identifiers(piece: &Columns<'_>) -> bool {
    TYPES.iter().any(|(name, _)| piece.get(name).is_some())
}

/// Clusters of events: all identifiers of a row are one person's. They are brought into their normal form first, under the
/// rules of `strict`; what is refused links nothing, nor does a row of too little confidence. The answer has a row for each row: the cluster of its strongest
/// identifier, null where none was left. The table `identifiers` has the cluster of each.
pub(crate) fn by_event(
    policy: &StitchPolicy,
    pieces: &[Columns<'_>],
    progress: &Progress<'_>,
) -> Result<Answer, Problems> {
    let cleaning = CleaningPolicy::strict();
    let mut links = NamedLinks::new();
    let mut rows = Vec::with_capacity(pieces.iter().map(Columns::rows).sum());
    let mut written = String::new();
    let mut weak = 0_u64;
    for (start, piece) in stitch::numbered(pieces) {
        let columns: Vec<(IdentifierType, Texts<'_>)> =
            TYPES.iter().filter_map(|&(name, kind)| piece.texts(name).map(|texts| (kind, texts))).collect();
        for row in 0..piece.rows() {
            let mut strongest = None;
            let strong = stitch::is_strong(policy, piece, start, row)?;
            for (kind, texts) in &columns {
                let clean = |raw: &str| Identifier::clean(*kind, raw, &cleaning).ok();
                let Some(value) = texts.get(row).and_then(clean) else { continue };
                written.clear();
                written.push_str(kind.as_str());
                written.push(':');
                written.push_str(value.value());
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
    let clusters = links.finish(policy);
    let of_row = |&number: &u32| (number != NONE).then(|| clusters.label(number));
    let table = Table::default().with("cluster", Output::Texts(rows.iter().map(of_row).collect()));
    let (mut names, mut labels) = (TextColumn::default(), TextColumn::default());
    for (name, label) in clusters.iter() {
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
