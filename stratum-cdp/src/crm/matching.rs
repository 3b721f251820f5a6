//! Which touchpoints were a contact's: every signal that both carry, and how sure each is.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::{Deserialize, Serialize};
use stratum_core::problem::{Problem, ProblemCollector, Problems};
use stratum_core::time::DAY_MS;
use stratum_core::{Timestamp, enumeration};

use super::record::{CrmClickIds, CrmUtm};
use crate::identifier::{
    CleaningPolicy, CleaningSettings, Identifier, IdentifierType, is_hashed_email, trim,
};

enumeration! {
    /// What a touchpoint and a contact have in common.
    pub enum MatchSignal "match signal" {
        /// A click id, letter by letter.
        ClickId = "CLICK_ID",
        /// The tenant's own id of the person.
        ExternalId = "EXTERNAL_ID",
        /// The e-mail address, in its normal form or as its SHA-256.
        Email = "EMAIL",
        /// The phone number, in its normal form.
        Phone = "PHONE",
        /// The analytics client id.
        ClientId = "CLIENT_ID",
        /// Campaign and source, within seven days; looked at only where nothing else is in common.
        Campaign = "CAMPAIGN",
    }
}

impl MatchSignal {
    /// How sure the signal is, 0 to 1.
    #[must_use]
    pub const fn confidence(self) -> f64 {
        match self {
            Self::ClickId => 1.0,
            Self::ExternalId | Self::Email => 0.95,
            Self::Phone => 0.9,
            Self::ClientId => 0.7,
            Self::Campaign => 0.4,
        }
    }
}

enumeration! {
    /// What the look-back reaches back from.
    pub enum MatchAnchor "match anchor" {
        /// The contact's creation.
        Created = "CREATED",
        /// The won deal: for revenue.
        Won = "WON",
    }
}

/// What is known of who it was.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct CrmIdentity {
    /// What ad platforms put into the link.
    pub click_ids: CrmClickIds,
    /// The tenant's own id of the person.
    pub external_id: Option<String>,
    /// The e-mail address, or its SHA-256 in hex.
    pub email: Option<String>,
    /// The phone number.
    pub phone: Option<String>,
    /// The analytics client id.
    pub client_id: Option<String>,
    /// What the link said about the campaign.
    pub utm: CrmUtm,
}

impl fmt::Debug for CrmIdentity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CrmIdentity").finish_non_exhaustive()
    }
}

/// A contact whose touchpoints are looked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct MatchedContact {
    /// The contact's id.
    pub id: String,
    /// When the contact was made.
    pub created_at: Timestamp,
    /// When the first deal of the contact was won.
    #[serde(default)]
    pub won_at: Option<Timestamp>,
    /// Who it is.
    #[serde(default)]
    pub identity: CrmIdentity,
}

/// A touchpoint whose contact is looked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct CrmTouch {
    /// The touchpoint's id.
    pub id: String,
    /// When it was.
    pub at: Timestamp,
    /// Who it was.
    #[serde(default)]
    pub identity: CrmIdentity,
}

/// Contacts and touchpoints.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct CrmMatchRequest {
    /// What the look-back reaches back from; a contact without a won deal has no touchpoints of revenue.
    #[serde(default = "created")]
    pub anchor: MatchAnchor,
    /// How many days the look-back reaches back, 1 to 90; 30 if left out.
    #[serde(default = "month")]
    pub lookback_days: u32,
    /// How e-mail addresses and phone numbers are cleaned.
    #[serde(default)]
    pub cleaning: CleaningSettings,
    /// The contacts.
    pub contacts: Vec<MatchedContact>,
    /// The touchpoints.
    pub touches: Vec<CrmTouch>,
}

const fn created() -> MatchAnchor {
    MatchAnchor::Created
}

const fn month() -> u32 {
    30
}

const LONGEST_LOOKBACK_DAYS: u32 = 90;
/// How long a campaign and its source say something.
const CAMPAIGN_MS: i64 = 7 * DAY_MS;

/// A touchpoint and whose it was.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct MatchedTouch {
    /// The touchpoint's id.
    pub touch_id: String,
    /// The contact's id.
    pub contact_id: String,
    /// How sure that is, 0 to 1: as sure as the surest of the signals.
    pub confidence: f64,
    /// Everything that they have in common, the surest first.
    pub signals: Vec<MatchSignal>,
    /// Other contacts that it could have been, in order: the next ten.
    pub others: Vec<String>,
}

/// Whose touchpoints were whose.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct CrmMatchResponse {
    /// The touchpoints that were somebody's, in the order of the request.
    pub matched: Vec<MatchedTouch>,
    /// The ids of those that were nobody's.
    pub unmatched: Vec<String>,
    /// The ids of the contacts without a touchpoint.
    pub contacts_without: Vec<String>,
}

/// A signal and its value in the form in which both sides are compared.
type Key = (MatchSignal, String);

/// The surest signal by which a contact may be the one, by the contact's place.
type Candidates = BTreeMap<usize, MatchSignal>;

impl CrmMatchRequest {
    /// Finds whose touchpoints were whose.
    ///
    /// A touchpoint belongs to one contact: to whom the surest signal leads, else to who was made first, else to the lower
    /// id. Campaign and source count only for a contact without another touchpoint and a touchpoint without another contact.
    ///
    /// # Errors
    /// Every problem at once: `out_of_range` for the look-back, `duplicate` for an id that is given twice.
    pub fn find(&self) -> Result<CrmMatchResponse, Problems> {
        self.check()?;
        let cleaning = self.cleaning.policy();
        let contacts: Vec<BTreeSet<Key>> =
            self.contacts.iter().map(|contact| keys(&contact.identity, &cleaning)).collect();
        let touches: Vec<BTreeSet<Key>> =
            self.touches.iter().map(|touch| keys(&touch.identity, &cleaning)).collect();
        let mut with_touch = BTreeSet::new();
        let is_sure = |key: &Key| key.0 != MatchSignal::Campaign;
        let sure = Holders::of(self, &contacts, |_, key| is_sure(key));
        let mut found: Vec<Option<MatchedTouch>> = Vec::with_capacity(self.touches.len());
        for (touch, keys) in self.touches.iter().zip(&touches) {
            let candidates = self.candidates(touch, keys, &sure, i64::MAX);
            found.push(self.settle(touch, keys, &contacts, candidates, &mut with_touch));
        }
        let weak = Holders::of(self, &contacts, |place, key| !is_sure(key) && !with_touch.contains(&place));
        for ((touch, keys), found) in self.touches.iter().zip(&touches).zip(&mut found) {
            if found.is_none() {
                let candidates = self.candidates(touch, keys, &weak, CAMPAIGN_MS);
                *found = self.settle(touch, keys, &contacts, candidates, &mut with_touch);
            }
        }
        let unmatched = self.touches.iter().zip(&found).filter(|(_, found)| found.is_none());
        let without = self.contacts.iter().enumerate().filter(|(place, _)| !with_touch.contains(place));
        Ok(CrmMatchResponse {
            unmatched: unmatched.map(|(touch, _)| touch.id.clone()).collect(),
            contacts_without: without.map(|(_, contact)| contact.id.clone()).collect(),
            matched: found.into_iter().flatten().collect(),
        })
    }

    fn check(&self) -> Result<(), Problems> {
        let mut found = ProblemCollector::new();
        if !(1..=LONGEST_LOOKBACK_DAYS).contains(&self.lookback_days) {
            let text =
                format!("a look-back is 1 to {LONGEST_LOOKBACK_DAYS} days, not {}", self.lookback_days);
            found.push(Problem::new("/lookback_days", "out_of_range", text));
        }
        once("contacts", self.contacts.iter().map(|contact| &contact.id), &mut found);
        once("touches", self.touches.iter().map(|touch| &touch.id), &mut found);
        found.into_result(())
    }

    /// From when the look-back of a contact reaches back.
    fn anchor(&self, contact: &MatchedContact) -> Option<Timestamp> {
        match self.anchor {
            MatchAnchor::Created => Some(contact.created_at),
            MatchAnchor::Won => contact.won_at,
        }
    }

    /// The contacts that carry one of the keys, if the touchpoint lies in their look-back and at most `reach` before; of
    /// each key those that were made first, as many as are ever told.
    fn candidates(
        &self,
        touch: &CrmTouch,
        keys: &BTreeSet<Key>,
        holders: &Holders<'_>,
        reach: i64,
    ) -> Candidates {
        let reach = reach.min(i64::from(self.lookback_days).saturating_mul(DAY_MS));
        let latest = touch.at.plus_millis(reach);
        let mut candidates = Candidates::new();
        for key in keys {
            let Some(list) = holders.0.get(key) else { continue };
            let from = list.partition_point(|holder| holder.anchor < touch.at);
            let to = list.partition_point(|holder| holder.anchor <= latest);
            let mut inside: Vec<&Holder<'_>> = list.get(from..to).into_iter().flatten().collect();
            if inside.len() > MOST_TOLD {
                // In order of the anchor, which is that of their making unless the anchor is the won deal.
                if self.anchor == MatchAnchor::Won {
                    inside.select_nth_unstable_by_key(MOST_TOLD, |holder| holder.made);
                }
                inside.truncate(MOST_TOLD);
            }
            for holder in inside {
                let surest = candidates.entry(holder.place).or_insert(key.0);
                *surest = key.0.min(*surest);
            }
        }
        candidates
    }

    /// Whose the touchpoint is, of all whose it may be.
    fn settle(
        &self,
        touch: &CrmTouch,
        keys: &BTreeSet<Key>,
        contacts: &[BTreeSet<Key>],
        candidates: Candidates,
        with_touch: &mut BTreeSet<usize>,
    ) -> Option<MatchedTouch> {
        let mut ranked: Vec<(usize, &MatchedContact, MatchSignal)> = candidates
            .into_iter()
            .filter_map(|(place, surest)| Some((place, self.contacts.get(place)?, surest)))
            .collect();
        ranked.sort_by(|(_, a, of_a), (_, b, of_b)| {
            let surer = of_b.confidence().total_cmp(&of_a.confidence());
            surer.then(a.created_at.cmp(&b.created_at)).then_with(|| a.id.cmp(&b.id))
        });
        let ((place, contact, surest), others) = ranked.split_first()?;
        with_touch.insert(*place);
        // Beside something sure a campaign says nothing.
        let told =
            |signal: &MatchSignal| *signal != MatchSignal::Campaign || *surest == MatchSignal::Campaign;
        let common = contacts.get(*place).into_iter().flat_map(|own| own.intersection(keys));
        let signals: BTreeSet<MatchSignal> = common.map(|(signal, _)| *signal).filter(told).collect();
        Some(MatchedTouch {
            touch_id: touch.id.clone(),
            contact_id: contact.id.clone(),
            confidence: surest.confidence(),
            signals: signals.into_iter().collect(),
            others: others.iter().take(MOST_OTHERS).map(|(_, contact, _)| contact.id.clone()).collect(),
        })
    }
}

/// How many others are told.
const MOST_OTHERS: usize = 10;
/// How many of each key are looked at: the one, and the others.
const MOST_TOLD: usize = MOST_OTHERS + 1;

/// A contact that carries a key.
struct Holder<'a> {
    anchor: Timestamp,
    /// Who was made first comes first.
    made: (Timestamp, &'a str),
    place: usize,
}

/// Who carries each key, in order of the anchor, then of who was made first.
struct Holders<'a>(BTreeMap<&'a Key, Vec<Holder<'a>>>);

impl<'a> Holders<'a> {
    fn of(
        request: &'a CrmMatchRequest,
        contacts: &'a [BTreeSet<Key>],
        counts: impl Fn(usize, &Key) -> bool,
    ) -> Self {
        let mut holders: BTreeMap<&Key, Vec<Holder<'_>>> = BTreeMap::new();
        for (place, (contact, keys)) in request.contacts.iter().zip(contacts).enumerate() {
            let Some(anchor) = request.anchor(contact) else { continue };
            for key in keys.iter().filter(|key| counts(place, key)) {
                let made = (contact.created_at, contact.id.as_str());
                holders.entry(key).or_default().push(Holder { anchor, made, place });
            }
        }
        for list in holders.values_mut() {
            list.sort_by_key(|holder| (holder.anchor, holder.made));
        }
        Self(holders)
    }
}

/// Notes every id of a list that was given before.
pub(super) fn once<I: Ord>(list: &str, ids: impl Iterator<Item = I>, found: &mut ProblemCollector) {
    let mut seen = BTreeSet::new();
    for (place, id) in ids.enumerate() {
        if !seen.insert(id) {
            let path = format!("/{list}/{place}/id");
            found.push(
                Problem::new(path, "duplicate", "this id is given a second time").help("give each once"),
            );
        }
    }
}

/// What can be in common with others, in the forms that are compared.
fn keys(identity: &CrmIdentity, cleaning: &CleaningPolicy) -> BTreeSet<Key> {
    let plain = |text: &Option<String>| {
        text.as_deref().map(|text| trim(text).to_owned()).filter(|text| !text.is_empty())
    };
    let clean = |kind, raw: &Option<String>| {
        Identifier::clean(kind, raw.as_deref()?, cleaning).ok().map(Identifier::into_value)
    };
    let clicks = identity.click_ids.iter().filter(|(_, id)| !trim(id).is_empty());
    let mut keys: BTreeSet<Key> =
        clicks.map(|(name, id)| (MatchSignal::ClickId, format!("{name}:{}", trim(id)))).collect();
    keys.extend(
        clean(IdentifierType::ExternalId, &identity.external_id).map(|id| (MatchSignal::ExternalId, id)),
    );
    keys.extend(clean(IdentifierType::Phone, &identity.phone).map(|phone| (MatchSignal::Phone, phone)));
    keys.extend(plain(&identity.client_id).map(|id| (MatchSignal::ClientId, id)));
    if let Some(email) = clean(IdentifierType::Email, &identity.email) {
        keys.insert((MatchSignal::Email, hashed(email)));
    }
    if let (Some(campaign), Some(source)) = (plain(&identity.utm.campaign), plain(&identity.utm.source)) {
        let pair = format!("{}\n{}", campaign.to_lowercase(), source.to_lowercase());
        keys.insert((MatchSignal::Campaign, pair));
    }
    keys
}

/// The SHA-256 of an address, so that one that arrived as its hash meets the one that did not.
fn hashed(email: String) -> String {
    if is_hashed_email(&email) { email } else { stratum_core::Digest::of(email.as_bytes()).to_string() }
}
