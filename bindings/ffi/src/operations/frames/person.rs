//! What the frames of audiences and conversions have in common: whose a row is, what they decided, and the requests of an answer.

use stratum_cdp::conversion::{AdConsent, AdDecision, ConversionUser, PlatformRequest, RawIdentifier};
use stratum_cdp::identifier::IdentifierType;
use stratum_core::problem::{Problem, Problems};

use crate::batch::{Column, Columns, NO_INTEGER, Output, Table, TextColumn};

/// The columns by which a person is known and of what they decided, behind others.
macro_rules! columns_of_people {
    ($($other:expr,)*) => {
        &[
            $($other,)*
            ColumnSpec::optional("email", ColumnKind::Text, "E-mail addresses, or the SHA-256 of them."),
            ColumnSpec::optional("phone", ColumnKind::Text, "Phone numbers."),
            ColumnSpec::optional("external_id", ColumnKind::Text, "Ids in the tenant's own system."),
            ColumnSpec::optional("device_id", ColumnKind::Text, "Advertising ids."),
            ColumnSpec::optional("first_name", ColumnKind::Text, "Given names."),
            ColumnSpec::optional("last_name", ColumnKind::Text, "Family names."),
            ColumnSpec::optional("city", ColumnKind::Text, "Cities."),
            ColumnSpec::optional("state", ColumnKind::Text, "States, provinces or emirates."),
            ColumnSpec::optional("zip", ColumnKind::Text, "Postal codes."),
            ColumnSpec::optional("country", ColumnKind::Text, "Countries, by code or English name."),
            ColumnSpec::optional("date_of_birth", ColumnKind::Text, "Days of birth."),
            ColumnSpec::optional("gender", ColumnKind::Text, "Genders."),
            ColumnSpec::optional(
                "ad_user_data",
                ColumnKind::Text,
                "Whether the data may go to ad platforms: granted or denied; null is not decided.",
            ),
            ColumnSpec::optional(
                "ad_personalization",
                ColumnKind::Text,
                "Whether it may be used for ads made for the person: granted or denied; null is not decided.",
            ),
        ]
    };
}
pub(super) use columns_of_people;

const IDENTIFIERS: [IdentifierType; 4] =
    [IdentifierType::Email, IdentifierType::Phone, IdentifierType::ExternalId, IdentifierType::DeviceId];

/// A row of a piece; `number` counts through all pieces.
#[derive(Clone, Copy)]
pub(super) struct Row<'p, 'a> {
    pub(super) piece: &'p Columns<'a>,
    pub(super) row: usize,
    pub(super) number: usize,
}

impl Row<'_, '_> {
    pub(super) fn text(&self, name: &str) -> Option<String> {
        self.piece.texts(name).and_then(|texts| texts.get(self.row)).map(str::to_owned)
    }

    /// A text, or a whole number as text.
    pub(super) fn id(&self, name: &str) -> Option<String> {
        match self.piece.get(name) {
            Some(Column::Integers(ids)) => {
                ids.get(self.row).filter(|&&id| id != NO_INTEGER).map(ToString::to_string)
            }
            _ => self.text(name),
        }
    }

    pub(super) fn identifiers(&self) -> Vec<RawIdentifier> {
        let one = |kind: IdentifierType| Some(RawIdentifier { kind, value: self.text(kind.as_str())? });
        IDENTIFIERS.into_iter().filter_map(one).collect()
    }

    /// Names, places, day of birth and gender.
    pub(super) fn user(&self) -> ConversionUser {
        ConversionUser {
            first_name: self.text("first_name"),
            last_name: self.text("last_name"),
            city: self.text("city"),
            state: self.text("state"),
            zip: self.text("zip"),
            country: self.text("country"),
            date_of_birth: self.text("date_of_birth"),
            gender: self.text("gender"),
            ..ConversionUser::default()
        }
    }

    /// A word that is not understood may be a denial: it is refused, never read as undecided.
    pub(super) fn consent(&self) -> Result<AdConsent, Problems> {
        let decided = |name| {
            self.word::<AdDecision>(
                name,
                "no decision about ads",
                "write granted or denied, or leave it null",
            )
        };
        Ok(AdConsent {
            ad_user_data: decided("ad_user_data")?,
            ad_personalization: decided("ad_personalization")?,
        })
    }

    /// A word of a vocabulary. The refusal does not quote it: where the wrong column was named it is an address.
    pub(super) fn word<T: std::str::FromStr>(
        &self,
        name: &str,
        holds: &str,
        help: &'static str,
    ) -> Result<Option<T>, Problems> {
        let read = self.text(name).map(|word| word.trim().parse::<T>()).transpose();
        read.map_err(|_| {
            let message = format!("row {} of {name} holds {holds}", self.number);
            Problem::new(format!("/{name}/{}", self.number), "unknown_value", message).help(help).into()
        })
    }
}

/// A row for each request; `count` names the column of how many are in it.
pub(super) fn requests(requests: &[PlatformRequest], count: &'static str) -> Table {
    let of = |value: fn(&PlatformRequest) -> &str| texts(requests.iter().map(value).collect());
    let bodies: Vec<String> = requests.iter().map(PlatformRequest::body_text).collect();
    let sent = requests.iter().map(|request| whole(request.items.len())).collect();
    Table::default()
        .with("method", of(|request| request.method.as_str()))
        .with("host", of(|request| request.host))
        .with("path", of(|request| &request.path))
        .with("auth", of(|request| request.auth.as_str()))
        .with(count, Output::Integers(sent))
        .with("body", texts(bodies.iter().map(String::as_str).collect()))
}

pub(super) fn texts(rows: Vec<&str>) -> Output {
    Output::Texts(rows.into_iter().map(Some).collect::<TextColumn>())
}

/// A count, or the place of a row, as a column holds it.
pub(super) fn whole(number: impl TryInto<i64>) -> i64 {
    number.try_into().unwrap_or(i64::MAX)
}
