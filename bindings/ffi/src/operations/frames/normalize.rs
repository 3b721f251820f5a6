//! `identifier.normalize` over a column for each type of identifier, and for each field of a person.

use serde::Deserialize;
use serde_json::Value;
use stratum_cdp::identifier::columns::identifier_hash;
use stratum_cdp::identifier::{CleaningPolicy, CleaningSettings, Identifier, IdentifierType};
use stratum_core::problem::Problems;
use stratum_core::time::Date;
use stratum_core::vocabulary::Platform;

use super::person_fields;
use crate::batch::{
    Batch, ColumnKind, ColumnSpec, Columns, Output, Run, Table, TextColumn, Texts, policy_of,
};

/// Identifiers as they were typed, a column for each type, and what else is known of the person. For each column `x` that is
/// there the answer has `x` (the normal form, or null), `x_refusal` (why there is none; null where nothing was given) and, for
/// each platform that is asked for, `x_meta`, …: what goes to it.
pub static BATCH: Batch = Batch {
    columns: &[
        ColumnSpec::optional("email", ColumnKind::Text, "E-mail addresses, or the SHA-256 of them."),
        ColumnSpec::optional("phone", ColumnKind::Text, "Phone numbers."),
        ColumnSpec::optional("external_id", ColumnKind::Text, "Ids in the tenant's own system."),
        ColumnSpec::optional("device_id", ColumnKind::Text, "Device ids, advertising ids among them."),
        ColumnSpec::optional("anonymous_id", ColumnKind::Text, "Ids of unknown visitors."),
        person_fields::FIRST_NAME,
        person_fields::LAST_NAME,
        person_fields::CITY,
        person_fields::STATE,
        person_fields::ZIP,
        person_fields::COUNTRY,
        person_fields::DATE_OF_BIRTH,
        person_fields::GENDER,
    ],
    further: None,
    run: Run::Rows(run),
};

/// How the values are cleaned, and for whom.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Options {
    settings: CleaningSettings,
    platforms: Vec<Platform>,
    /// The last day on which a person can be born.
    latest_birth: Option<Date>,
}

const TYPES: [IdentifierType; 5] = [
    IdentifierType::Email,
    IdentifierType::Phone,
    IdentifierType::ExternalId,
    IdentifierType::DeviceId,
    IdentifierType::AnonymousId,
];

fn run(policy: &Value, columns: &Columns<'_>) -> Result<Table, Problems> {
    let options: Options = policy_of(policy)?;
    let cleaning = options.settings.policy();
    let mut table = Table::default();
    for kind in TYPES {
        if let Some(texts) = columns.texts(kind.as_str()) {
            table = column(table, kind, &texts, &cleaning, &options.platforms);
        }
    }
    Ok(person_fields::normalize(table, columns, &options.platforms, options.latest_birth))
}

fn column(
    table: Table,
    kind: IdentifierType,
    texts: &Texts<'_>,
    cleaning: &CleaningPolicy,
    platforms: &[Platform],
) -> Table {
    let rows = texts.len();
    let mut normal = TextColumn::with_capacity(rows, 24);
    let mut refusal = TextColumn::with_capacity(rows, 0);
    let mut sent: Vec<(Platform, TextColumn)> =
        platforms.iter().map(|platform| (*platform, TextColumn::with_capacity(rows, 64))).collect();
    for raw in texts.iter() {
        let identifier = match raw.map(|raw| Identifier::clean(kind, raw, cleaning)) {
            Some(Ok(identifier)) => Some(identifier),
            Some(Err(fault)) => {
                refusal.push(Some(fault.code()));
                normal.push(None);
                sent.iter_mut().for_each(|(_, column)| column.push(None));
                continue;
            }
            None => None,
        };
        refusal.push(None);
        normal.push(identifier.as_ref().map(Identifier::value));
        if sent.is_empty() {
            continue;
        }
        let Some(identifier) = identifier else {
            sent.iter_mut().for_each(|(_, column)| column.push(None));
            continue;
        };
        // Most columns are of addresses, and a hash is most of the work: only those that are asked for.
        if kind == IdentifierType::Email {
            for (platform, column) in &mut sent {
                column.push_digest(identifier_hash(kind, identifier.value(), *platform).as_ref());
            }
            continue;
        }
        let values = identifier.platform_values();
        for (platform, column) in &mut sent {
            column.push(values.get(*platform).map(|value| value.value.as_str()));
        }
    }
    let name = kind.as_str();
    let table =
        table.with(name, Output::Texts(normal)).with(format!("{name}_refusal"), Output::Texts(refusal));
    sent.into_iter().fold(table, |table, (platform, column)| {
        table.with(format!("{name}_{}", platform.as_str().to_ascii_lowercase()), Output::Texts(column))
    })
}
