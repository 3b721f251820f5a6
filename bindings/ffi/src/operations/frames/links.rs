//! What columns of events link, as a state that merges, under the policy that it was linked by.

use serde_json::Value;
use stratum_cdp::identifier::CleaningPolicy;
use stratum_cdp::identity::CompiledIdentityPolicy;
use stratum_cdp::identity::bulk::{NamedLinks, StateFault, StitchPolicy};
use stratum_core::problem::{Problem, Problems};

use super::resolve;
use crate::batch::{Answer, Columns, Progress};
use crate::operations::stitch;

const BEGINNING: &[u8; 4] = b"SLS1";

/// Links between the identifiers of events: `new → add* → merge* → clusters`. Whatever the parts and their order, the clusters
/// are those of all events at once.
///
/// What an event links is told by the policy when it is added (which values are identifiers, how sure a link has to be), and
/// whether a cluster holds too much when all is merged; so the policy belongs to the state and travels with it. What it cannot
/// hold is the order of events.
#[derive(Debug, Clone)]
pub struct LinkState {
    rules: Rules,
    links: NamedLinks,
    /// Links that were left out, because their rows are not sure enough.
    weak: u64,
}

/// By what events are linked.
#[derive(Debug, Clone, PartialEq)]
enum Rules {
    /// What a cluster may hold; identifiers are cleaned as under `strict`.
    Clusters(StitchPolicy),
    /// A policy of identity.
    Identity(Box<CompiledIdentityPolicy>),
}

impl Rules {
    fn of(policy: &Value) -> Result<Self, Problems> {
        if policy.get("identity").is_some() {
            let (_, compiled) = resolve::rules(policy)?;
            return compiled.map(|rules| Self::Identity(Box::new(rules))).ok_or_else(|| {
                Problem::new("/policy/identity", "missing_value", "there is no policy of identity").into()
            });
        }
        stitch::of_links(policy).map(Self::Clusters)
    }

    fn stitch_policy(&self) -> StitchPolicy {
        match self {
            Self::Clusters(policy) => policy.clone(),
            Self::Identity(rules) => StitchPolicy::from(rules.policy()),
        }
    }

    /// As the policy is handed in.
    fn written(&self) -> String {
        let written = match self {
            Self::Clusters(policy) => serde_json::to_value(policy),
            Self::Identity(rules) => {
                serde_json::to_value(rules.policy()).map(|rules| serde_json::json!({ "identity": rules }))
            }
        };
        written.map(|written| written.to_string()).unwrap_or_default()
    }
}

impl LinkState {
    /// No links yet, under a policy: `{"identity": …}`, or that of `identity.stitch`, the default.
    ///
    /// # Errors
    /// Every problem of the policy.
    pub fn new(policy: &Value) -> Result<Self, Problems> {
        Ok(Self { rules: Rules::of(policy)?, links: NamedLinks::new(), weak: 0 })
    }

    /// No links yet, under the policy of this state.
    #[must_use]
    pub fn empty(&self) -> Self {
        Self { rules: self.rules.clone(), links: NamedLinks::new(), weak: 0 }
    }

    /// How many identifiers there are.
    #[must_use]
    pub fn identifiers(&self) -> u32 {
        self.links.identifiers()
    }

    /// Links the identifiers of each row of columns of events ([`stitch::BATCH`]).
    ///
    /// # Errors
    /// `missing_column` without a column of identifiers, and every problem of the columns.
    pub fn add(&mut self, pieces: &[Columns<'_>], progress: &Progress<'_>) -> Result<(), Problems> {
        if !pieces.iter().any(resolve::has_identifiers) {
            let text = "there is no column of identifiers";
            return Err(Problem::new("/email", "missing_column", text)
                .help("give at least one of external_id, email, phone, device_id, anonymous_id")
                .into());
        }
        let policy = self.rules.stitch_policy();
        let linked = match &self.rules {
            Rules::Clusters(_) => resolve::link(&policy, None, &CleaningPolicy::strict(), pieces, progress),
            Rules::Identity(rules) => resolve::link(&policy, Some(rules), rules.cleaning(), pieces, progress),
        }?;
        self.join(&linked.links, linked.weak)
    }

    /// Adds what another state has linked.
    ///
    /// # Errors
    /// `other_policy` if it was linked by another policy; `too_many`.
    pub fn merge(&mut self, other: &Self) -> Result<(), Problems> {
        if self.rules != other.rules {
            let text = "these states were linked by different policies";
            return Err(Problem::new("/policy", "other_policy", text)
                .help("link all parts by one policy")
                .into());
        }
        self.join(&other.links, other.weak)
    }

    fn join(&mut self, links: &NamedLinks, weak: u64) -> Result<(), Problems> {
        self.links.merge(links).map_err(|fault| Problem::new("", "too_many", fault.to_string()))?;
        self.weak = self.weak.saturating_add(weak);
        Ok(())
    }

    /// The cluster of each identifier; the table `held` has those that may hold several persons and were parted. `policy` may
    /// say otherwise what a cluster may hold, which is looked at only now.
    ///
    /// # Errors
    /// `not_allowed_here` for another `min_confidence` than that of the state, or for a policy where the state has one of identity.
    /// `needs_events` where that would refuse some of the links: which ones depends on the order of the events. With `parted`
    /// these clusters are parted instead.
    pub fn clusters(&self, policy: &Value, parted: bool) -> Result<Answer, Problems> {
        let mut stitch_policy = self.rules.stitch_policy();
        if !policy.is_null() {
            stitch_policy = self.at_the_end(policy, &stitch_policy)?;
        }
        let clusters = self.links.clone().finish(&stitch_policy);
        let held = clusters.held().len();
        if matches!(self.rules, Rules::Identity(_)) && !parted && held > 0 {
            let text = format!(
                "{held} clusters may hold several persons; which of their links the policy refuses depends on the order of the events, which a state that merges does not keep"
            );
            return Err(Problem::new("", "needs_events", text)
                .help("have their events resolved by stratum.cdp.resolve, or take these clusters parted")
                .into());
        }
        Ok(stitch::told(&clusters, self.weak))
    }

    fn at_the_end(&self, policy: &Value, own: &StitchPolicy) -> Result<StitchPolicy, Problems> {
        let refused = |path: &str, text: &str, help: &str| {
            Err(Problem::new(path, "not_allowed_here", text.to_owned()).help(help.to_owned()).into())
        };
        if matches!(self.rules, Rules::Identity(_)) || policy.get("identity").is_some() {
            let text = "a policy of identity holds from the first event on";
            return refused("/policy", text, "give it where the state begins, and none here");
        }
        let mut given = stitch::of_links(policy)?;
        // What is left out is as in the state.
        if policy.get("min_confidence").is_none() {
            given.min_confidence = own.min_confidence;
        }
        if given.min_confidence.to_bits() == own.min_confidence.to_bits() {
            return Ok(given);
        }
        let text = "links below the least confidence were left out when they were added";
        refused("/policy/min_confidence", text, "give it where the state begins")
    }

    /// The state as bytes, its policy with it. Equal groups under one policy give equal bytes.
    #[must_use]
    pub fn to_bytes(&mut self) -> Vec<u8> {
        let policy = self.rules.written();
        let mut bytes = BEGINNING.to_vec();
        bytes.extend((policy.len() as u64).to_le_bytes());
        bytes.extend(policy.as_bytes());
        bytes.extend(self.weak.to_le_bytes());
        bytes.extend(self.links.to_bytes());
        bytes
    }

    /// The state that [`LinkState::to_bytes`] wrote.
    ///
    /// # Errors
    /// [`StateFault`]: of bytes that begin otherwise, that they are something else or of another version.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, StateFault> {
        let mut rest = bytes.strip_prefix(BEGINNING).ok_or(StateFault::Foreign)?;
        let length = usize::try_from(number(&mut rest)?).map_err(|_| StateFault::Damaged)?;
        let (policy, mut rest) = rest.split_at_checked(length).ok_or(StateFault::Damaged)?;
        let policy: Value = serde_json::from_slice(policy).map_err(|_| StateFault::Damaged)?;
        let rules = Rules::of(&policy).map_err(|_| StateFault::Damaged)?;
        let weak = number(&mut rest)?;
        // The links have a beginning of their own, so what is none of them here is damaged.
        let links = NamedLinks::from_bytes(rest).map_err(|_| StateFault::Damaged)?;
        Ok(Self { rules, links, weak })
    }
}

fn number(rest: &mut &[u8]) -> Result<u64, StateFault> {
    let (bytes, after) = rest.split_first_chunk().ok_or(StateFault::Damaged)?;
    *rest = after;
    Ok(u64::from_le_bytes(*bytes))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn state(policy: &Value) -> LinkState {
        LinkState::new(policy).unwrap()
    }

    #[test]
    fn a_policy_of_every_setting_travels_with_the_state() {
        for policy in [
            Value::Null,
            json!({"min_confidence": 0.25, "limits": {"email": 3, "phone": null}, "storm_merges": 4}),
            json!({"identity": {"preset": "standard", "default_region": "DE", "blocked": {"email": ["office@shop.test1"]}, "max_cluster_ids": null, "storm": null}}),
            json!({"identity": {}}),
        ] {
            let mut sent = state(&policy);
            sent.weak = 7;
            sent.links.add("email:a@b.example", "phone:+4915112345678").unwrap();
            let mut found = LinkState::from_bytes(&sent.to_bytes()).unwrap();
            assert_eq!(found.rules, sent.rules);
            assert_eq!((found.weak, found.identifiers()), (7, 2));
            assert_eq!(found.to_bytes(), sent.to_bytes());
            found.merge(&sent).unwrap();
            assert_eq!(found.weak, 14);
        }
    }

    #[test]
    fn foreign_bytes_are_told_from_damaged_ones() {
        let mut sent = state(&json!({"identity": {}}));
        sent.links.add("email:a@b.example", "device_id:d").unwrap();
        let bytes = sent.to_bytes();
        for end in 0..bytes.len() {
            let expected = if end < 4 { StateFault::Foreign } else { StateFault::Damaged };
            assert_eq!(LinkState::from_bytes(&bytes[..end]).unwrap_err(), expected, "{end}");
        }
        // The links alone, the counts of paths, the version after this one.
        for foreign in [NamedLinks::new().to_bytes(), b"SPC1\0\0".to_vec(), [b"SLS2", &bytes[4..]].concat()] {
            assert_eq!(LinkState::from_bytes(&foreign).unwrap_err(), StateFault::Foreign);
        }
    }

    #[test]
    fn what_a_state_cannot_hold_is_refused() {
        let code = |problems: Problems| {
            problems.iter().next().map(|problem| (problem.path.clone(), problem.code.to_string()))
        };
        let told = |path: &str, code: &str| Some((path.to_owned(), code.to_owned()));
        let mut own = state(&Value::Null);
        let other = state(&json!({"min_confidence": 0.5}));
        assert_eq!(code(own.merge(&other).unwrap_err()), told("/policy", "other_policy"));
        let late = |policy: &Value| own.clusters(policy, false).map(|_| ()).unwrap_err();
        assert_eq!(
            code(late(&json!({"min_confidence": 0.5}))),
            told("/policy/min_confidence", "not_allowed_here")
        );
        assert_eq!(code(late(&json!({"identity": {}}))), told("/policy", "not_allowed_here"));
        own.clusters(&json!({"limits": {"email": 1}}), false).unwrap();
        assert!(LinkState::new(&json!({"identity": {"limit": 1}})).is_err());
        // Two external ids by way of one address: whether the second is refused depends on which came first.
        let mut known = state(&json!({"identity": {"preset": "standard"}}));
        known.links.add("external_id:1", "email:a@b.example").unwrap();
        known.clusters(&Value::Null, false).unwrap();
        known.links.add("external_id:2", "email:a@b.example").unwrap();
        assert_eq!(
            code(known.clusters(&Value::Null, false).map(|_| ()).unwrap_err()),
            told("", "needs_events")
        );
        known.clusters(&Value::Null, true).unwrap();
    }
}
