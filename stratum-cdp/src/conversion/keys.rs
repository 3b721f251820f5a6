//! By what a platform may recognise a person: identifiers and fields in their normal forms, each hashed once however many
//! platforms want it.

use std::str::FromStr;

use stratum_core::Digest;
use stratum_core::time::Date;
use stratum_core::vocabulary::Platform;

use super::event::{ConversionUser, RawIdentifier, given};
use super::hashed::{Hash, Hashed};
use crate::identifier::{
    CleaningPolicy, Identifier, IdentifierType, Phone, email_for, external_id_for_platforms, is_hashed_email,
    is_uuid,
};
use crate::person::{PersonContext, PersonField, PersonValue};

/// The most identifiers of one person that are looked at.
const MOST: usize = 20;

/// An identifier in its normal form, and its hashes as far as they were asked for.
#[derive(Clone)]
struct Key {
    normal: String,
    /// As most platforms write it.
    hash: Hash,
    /// As Google and, for a phone, TikTok write it.
    other_hash: Hash,
}

impl Key {
    fn new(normal: String) -> Self {
        Self { normal, hash: Hash::default(), other_hash: Hash::default() }
    }

    fn email_hash(&self, platform: Platform) -> Option<Hashed> {
        if is_hashed_email(&self.normal) {
            return Digest::from_str(&self.normal).ok().map(Hashed);
        }
        let written = email_for(&self.normal, platform)?;
        let hash = if written == self.normal { &self.hash } else { &self.other_hash };
        Some(hash.of(&written))
    }

    fn phone_hash(&self, platform: Platform) -> Hashed {
        let written = Phone::written_for(&self.normal, platform);
        let hash = if written.len() == self.normal.len() { &self.other_hash } else { &self.hash };
        hash.of(written)
    }
}

/// A field of a person in its forms, and its hashes as far as they were asked for.
#[derive(Clone)]
struct Field {
    value: PersonValue,
    hash: Hash,
    google_hash: Hash,
}

/// By what a platform may recognise a person.
#[derive(Clone)]
pub(crate) struct MatchKeys {
    emails: Vec<Key>,
    phones: Vec<Key>,
    external_ids: Vec<Key>,
    ad_ids: Vec<Key>,
    /// In the order of [`PersonField::ALL`].
    fields: [Option<Field>; 8],
}

impl MatchKeys {
    /// What can be used of what was sent.
    pub(crate) fn of(
        identifiers: &[RawIdentifier],
        user: &ConversionUser,
        cleaning: &CleaningPolicy,
        latest_birth: Date,
    ) -> Self {
        Self::of_some(identifiers.iter().take(MOST), user, cleaning, latest_birth)
    }

    /// Everything by which the person may have been sent, however many identifiers there are and whatever is blocked by now:
    /// who leaves an audience leaves it under all of them.
    pub(crate) fn of_all(
        identifiers: &[RawIdentifier],
        user: &ConversionUser,
        cleaning: &CleaningPolicy,
        latest_birth: Date,
    ) -> Self {
        Self::of_some(identifiers.iter(), user, &cleaning.clone().blocking_nothing(), latest_birth)
    }

    fn of_some<'r>(
        identifiers: impl Iterator<Item = &'r RawIdentifier>,
        user: &ConversionUser,
        cleaning: &CleaningPolicy,
        latest_birth: Date,
    ) -> Self {
        let mut keys = Self {
            emails: Vec::new(),
            phones: Vec::new(),
            external_ids: Vec::new(),
            ad_ids: Vec::new(),
            fields: [const { None }; 8],
        };
        for raw in identifiers {
            if let Ok(identifier) = Identifier::clean(raw.kind, &raw.value, cleaning) {
                keys.add(identifier);
            }
        }
        keys.read_fields(user, latest_birth);
        keys
    }

    fn add(&mut self, identifier: Identifier) {
        let keys = match identifier.kind() {
            IdentifierType::Email => &mut self.emails,
            IdentifierType::Phone => &mut self.phones,
            IdentifierType::ExternalId => &mut self.external_ids,
            IdentifierType::DeviceId if is_uuid(identifier.value()) => &mut self.ad_ids,
            IdentifierType::DeviceId | IdentifierType::AnonymousId => return,
        };
        let normal = identifier.into_value();
        if !keys.iter().any(|key| key.normal == normal) {
            keys.push(Key::new(normal));
        }
    }

    fn read_fields(&mut self, user: &ConversionUser, latest_birth: Date) {
        let raw = [
            &user.first_name,
            &user.last_name,
            &user.city,
            &user.state,
            &user.zip,
            &user.country,
            &user.date_of_birth,
            &user.gender,
        ];
        if raw.iter().all(|raw| raw.is_none()) {
            return;
        }
        let mut context = PersonContext::default().with_latest_birth(latest_birth);
        if let Some(country) = given(user.country.as_ref()) {
            context = context.with_country(country);
        }
        for ((place, field), raw) in self.fields.iter_mut().zip(PersonField::ALL).zip(raw) {
            *place = given(raw.as_ref()).map(|raw| {
                let value = field.normalize(raw, &context);
                let known = |digest: Option<Digest>| digest.map_or_else(Hash::default, Hash::known);
                let arrived = value.arrived_as();
                Field { value, hash: known(arrived), google_hash: known(arrived) }
            });
        }
    }

    fn field(&self, field: PersonField) -> Option<&Field> {
        self.fields.get(field.index())?.as_ref()
    }

    /// The hash of a field as Meta, TikTok and Snapchat take it.
    pub(crate) fn hashed(&self, field: PersonField) -> Option<Hashed> {
        let field = self.field(field)?;
        field.hash.get().or_else(|| field.value.meta().map(|text| field.hash.of(text)))
    }

    /// The text of a field as Meta, TikTok and Snapchat would hash it; `None` for one that arrived hashed.
    pub(crate) fn plain(&self, field: PersonField) -> Option<&str> {
        self.field(field)?.value.meta()
    }

    /// The hash of a name as Google takes it.
    pub(crate) fn google_hashed(&self, field: PersonField) -> Option<Hashed> {
        let field = self.field(field)?;
        field.google_hash.get().or_else(|| field.value.google().map(|text| field.google_hash.of(text)))
    }

    /// The text of a field as Google takes it.
    pub(crate) fn google_plain(&self, field: PersonField) -> Option<&str> {
        self.field(field)?.value.google()
    }

    /// The e-mail addresses as a platform hashes them, each once.
    pub(crate) fn emails(&self, platform: Platform) -> Vec<Hashed> {
        distinct(self.emails.iter().filter_map(|key| key.email_hash(platform)))
    }

    /// The phone numbers.
    pub(crate) fn phones(&self, platform: Platform) -> Vec<Hashed> {
        distinct(self.phones.iter().map(|key| key.phone_hash(platform)))
    }

    /// The ids of the tenant's own system, hashed; Google takes none.
    pub(crate) fn external_ids(&self) -> Vec<Hashed> {
        distinct(self.external_ids.iter().map(|key| {
            // The same text at every call: what is hashed depends on the normal form alone.
            key.hash.get().unwrap_or_else(|| key.hash.of(&external_id_for_platforms(&key.normal)))
        }))
    }

    /// The id of the tenant's own system as it is.
    pub(crate) fn external_id(&self) -> Option<&str> {
        self.external_ids.first().map(|key| key.normal.as_str())
    }

    /// The advertising id of the person's device, as it is.
    pub(crate) fn ad_id(&self) -> Option<&str> {
        self.ad_ids.first().map(|key| key.normal.as_str())
    }

    /// The same, hashed.
    pub(crate) fn ad_ids(&self) -> Vec<Hashed> {
        distinct(self.ad_ids.iter().map(|key| key.hash.of(&key.normal)))
    }
}

fn distinct(hashes: impl Iterator<Item = Hashed>) -> Vec<Hashed> {
    let mut kept = Vec::new();
    for hash in hashes {
        if !kept.contains(&hash) {
            kept.push(hash);
        }
    }
    kept
}
