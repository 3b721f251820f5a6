//! Members into requests: each once, in their order, split at the limit.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use stratum_core::problem::Problems;
use stratum_core::vocabulary::Platform;

use super::difference::SyncHold;
use super::member::{AudienceConnection, PreparedMember};
use super::{google, meta, snapchat, tiktok};
use crate::consent::{Ads, Consented};
use crate::conversion::{Groups, PlatformRequest, SkipReason};

/// A member who is the same as an earlier one to the platform, and so is not sent twice.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct MergedMember {
    /// The member.
    pub member_id: String,
    /// The member who is sent.
    pub into: String,
}

impl std::fmt::Debug for MergedMember {
    /// Without the ids: a shop may have made them of e-mail addresses.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("MergedMember").finish_non_exhaustive()
    }
}

/// Rows of one kind, each once: what makes a row, and who was the first to have it.
pub(super) struct Rows<R> {
    groups: Groups<&'static str, R>,
    first: BTreeMap<R, String>,
}

impl<R> Default for Rows<R> {
    fn default() -> Self {
        Self { groups: Groups::default(), first: BTreeMap::new() }
    }
}

impl<R: Ord + Clone> Rows<R> {
    /// Adds a row; `Err` with who has the same.
    fn add(&mut self, envelope: &'static str, id: &str, row: R) -> Result<(), String> {
        if let Some(first) = self.first.get(&row) {
            return Err(first.clone());
        }
        self.first.insert(row.clone(), id.to_owned());
        self.groups.add(envelope, id, row);
        Ok(())
    }

    /// Adds the rows of a member: nothing if there are none, `Err` with who has the same if none of them is new.
    fn add_all(
        &mut self,
        envelope: fn(&R) -> &'static str,
        id: &str,
        own: impl IntoIterator<Item = R>,
    ) -> Option<Result<(), String>> {
        let mut all: Option<Result<(), String>> = None;
        for row in own {
            let added = self.add(envelope(&row), id, row);
            if added.is_ok() || all.is_none() {
                all = Some(added);
            }
        }
        all
    }
}

/// The rows of each platform.
enum Open {
    Meta(Rows<meta::Row>),
    Google(Rows<google::Member>),
    Tiktok(Rows<tiktok::Row>),
    Snapchat(Rows<snapchat::Row>),
}

impl Open {
    fn new(platform: Platform) -> Self {
        match platform {
            Platform::Meta => Self::Meta(Rows::default()),
            Platform::Google => Self::Google(Rows::default()),
            Platform::Tiktok => Self::Tiktok(Rows::default()),
            Platform::Snapchat => Self::Snapchat(Rows::default()),
        }
    }

    /// Adds the member; `Ok` with who has the same rows, if somebody has.
    fn add(&mut self, member: &PreparedMember<'_>) -> Result<Option<MergedMember>, SkipReason> {
        let (id, keys) = (member.member.member_id.as_str(), &member.keys);
        let added = match self {
            Self::Meta(rows) => rows.add_all(|_| "", id, meta::row(keys)),
            Self::Google(rows) => rows.add_all(|_| "", id, google::member(keys, Some(member.member.consent))),
            Self::Tiktok(rows) => rows.add_all(|_| "", id, tiktok::row(keys)),
            Self::Snapchat(rows) => rows.add_all(|row| row.schema(), id, snapchat::rows(keys)),
        };
        told(id, added)
    }

    /// Adds whatever finds a member who leaves.
    fn remove(&mut self, member: &PreparedMember<'_>) -> Result<Option<MergedMember>, SkipReason> {
        let (id, keys) = (member.member.member_id.as_str(), &member.keys);
        let added = match self {
            Self::Meta(rows) => rows.add_all(|_| "", id, meta::rows(keys)),
            Self::Google(rows) => rows.add_all(|_| "", id, google::members(keys)),
            Self::Tiktok(rows) => rows.add_all(|_| "", id, tiktok::rows(keys)),
            Self::Snapchat(rows) => rows.add_all(|row| row.schema(), id, snapchat::rows(keys)),
        };
        told(id, added)
    }

    fn finish(self, connection: &AudienceConnection, how: How) -> Vec<PlatformRequest> {
        let most = connection.most_items();
        match self {
            Self::Meta(rows) => {
                let total = rows.first.len();
                let batches = total.div_ceil(most.max(1));
                let mut sequence = 0_usize;
                rows.groups.split(most, |group| {
                    sequence = sequence.saturating_add(1);
                    meta::request(connection, how, meta::Session::of(how, sequence, batches, total), group)
                })
            }
            Self::Google(rows) => rows.groups.split(most, |group| google::request(connection, how, group)),
            Self::Tiktok(rows) => rows.groups.split(most, |group| tiktok::request(connection, how, group)),
            Self::Snapchat(rows) => {
                rows.groups.split(most, |group| snapchat::request(connection, how, group))
            }
        }
    }
}

fn told(id: &str, added: Option<Result<(), String>>) -> Result<Option<MergedMember>, SkipReason> {
    let added = added.ok_or(SkipReason::NoIdentifiers)?;
    Ok(added.err().map(|into| MergedMember { member_id: id.to_owned(), into }))
}

/// What becomes of the members at the platform.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum How {
    Add,
    Remove,
    /// They and nobody else, under the number of a session.
    Replace(u64),
}

/// Members who are added to an audience, or who replace all of it.
pub struct AudienceAdditions<'c> {
    connection: &'c AudienceConnection,
    how: How,
    open: Open,
}

impl<'c> AudienceAdditions<'c> {
    /// Nobody yet.
    ///
    /// # Errors
    /// Every setting of the connection that cannot be.
    pub fn new(connection: &'c AudienceConnection) -> Result<Self, Problems> {
        connection.check()?;
        Ok(Self { connection, how: How::Add, open: Open::new(connection.platform) })
    }

    /// Nobody yet, and whoever is added replaces everybody who is there. Only Meta offers that; the requests belong together
    /// by the number of a session, which is the caller's and used once.
    ///
    /// # Errors
    /// Every setting of the connection that cannot be; `not_supported` for another platform.
    pub fn replacing(connection: &'c AudienceConnection, session_id: u64) -> Result<Self, Problems> {
        connection.check()?;
        if !super::can_replace(connection.platform) {
            return Err(super::request::no_replacement().into());
        }
        Ok(Self { connection, how: How::Replace(session_id), open: Open::new(connection.platform) })
    }

    /// Adds a member who lets that happen.
    ///
    /// # Errors
    /// `no_identifiers`: the platform could not find the person.
    pub fn add(
        &mut self,
        member: Consented<&PreparedMember<'_>, Ads>,
    ) -> Result<Option<MergedMember>, SkipReason> {
        self.open.add(member.into_inner())
    }

    /// The requests: full ones first, the members in their order.
    ///
    /// # Errors
    /// `replaced_by_nobody`: nobody was added who could replace the audience. No request says that: the platform would keep
    /// whom it has, and whoever asked would believe them gone.
    pub fn finish(self) -> Result<Vec<PlatformRequest>, SyncHold> {
        let requests = self.open.finish(self.connection, self.how);
        let is_replaced = matches!(self.how, How::Replace(_));
        if is_replaced && requests.is_empty() { Err(SyncHold::ReplacedByNobody) } else { Ok(requests) }
    }
}

/// Members who leave an audience; nobody's consent is needed for that.
pub struct AudienceRemovals<'c> {
    connection: &'c AudienceConnection,
    open: Open,
}

impl<'c> AudienceRemovals<'c> {
    /// Nobody yet.
    ///
    /// # Errors
    /// Every setting of the connection that cannot be.
    pub fn new(connection: &'c AudienceConnection) -> Result<Self, Problems> {
        connection.check()?;
        Ok(Self { connection, open: Open::new(connection.platform) })
    }

    /// Removes a member, under every identifier; see [`PreparedMember::leaving`].
    ///
    /// # Errors
    /// `no_identifiers`: the platform could not find the person.
    pub fn remove(&mut self, member: &PreparedMember<'_>) -> Result<Option<MergedMember>, SkipReason> {
        self.open.remove(member)
    }

    /// The requests: full ones first, the members in their order.
    #[must_use]
    pub fn finish(self) -> Vec<PlatformRequest> {
        self.open.finish(self.connection, How::Remove)
    }
}

impl std::fmt::Debug for AudienceAdditions<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AudienceAdditions")
            .field("platform", &self.connection.platform)
            .finish_non_exhaustive()
    }
}

impl std::fmt::Debug for AudienceRemovals<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AudienceRemovals")
            .field("platform", &self.connection.platform)
            .finish_non_exhaustive()
    }
}
