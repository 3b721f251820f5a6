//! Links between texts, and the clusters that they make.

use std::cmp::{Ordering, Reverse};
use std::collections::BTreeMap;
use std::fmt;

use crate::identifier::IdentifierType;
use crate::identity::world::ProfileNo;
use crate::identity::{IdentifierKey, Identities};

use super::clusters::Clusters;
use super::held::{Held, StitchPolicy};
use super::links::{LinkFault, Links};
use super::names::Names;

/// The groups that the links so far make of identifiers, each a text `type:value` in its normal form. A partial state like
/// [`Links`].
///
/// A text that names none of the five types is a node all the same; no limit by type counts it.
#[derive(Clone)]
pub struct NamedLinks {
    pub(super) names: Names,
    pub(super) links: Links,
}

impl NamedLinks {
    /// No links yet.
    #[must_use]
    pub fn new() -> Self {
        Self { names: Names::default(), links: Links::new(0) }
    }

    /// How many identifiers there are.
    #[must_use]
    pub fn identifiers(&self) -> u32 {
        self.names.len()
    }

    /// Adds an identifier that may have no link; gives its number, which counts from 0 in the order in which they came.
    ///
    /// # Errors
    /// [`LinkFault::Empty`], [`LinkFault::Full`].
    pub fn add_identifier(&mut self, identifier: &str) -> Result<u32, LinkFault> {
        let number = self.names.number(identifier)?;
        self.links.grow(self.names.len());
        Ok(number)
    }

    /// Adds a link, and with it both identifiers.
    ///
    /// # Errors
    /// [`LinkFault::Empty`], [`LinkFault::Full`].
    pub fn add(&mut self, left: &str, right: &str) -> Result<(), LinkFault> {
        let (left, right) = (self.add_identifier(left)?, self.add_identifier(right)?);
        self.links.link(left, right);
        Ok(())
    }

    /// Links two identifiers that have numbers already; others are left out.
    pub fn link(&mut self, left: u32, right: u32) {
        self.links.link(left, right);
    }

    /// Adds what one event says: all its identifiers are one person's.
    ///
    /// # Errors
    /// [`LinkFault::Empty`], [`LinkFault::Full`].
    pub fn add_event<'a>(&mut self, identifiers: impl IntoIterator<Item = &'a str>) -> Result<(), LinkFault> {
        let mut first = None;
        for identifier in identifiers {
            let number = self.add_identifier(identifier)?;
            self.links.link(*first.get_or_insert(number), number);
        }
        Ok(())
    }

    /// Adds everything of another state.
    ///
    /// # Errors
    /// [`LinkFault::Full`].
    pub fn merge(&mut self, other: &Self) -> Result<(), LinkFault> {
        let numbers: Vec<u32> =
            other.names.iter().map(|name| self.names.number(name)).collect::<Result<_, _>>()?;
        self.links.grow(self.names.len());
        for (&number, &parent) in numbers.iter().zip(other.links.parents()) {
            if let Some(&parent) = numbers.get(parent as usize) {
                self.links.link(number, parent);
            }
        }
        Ok(())
    }

    /// The clusters under a policy, whose [`StitchPolicy::min_confidence`] is for whoever adds the links.
    #[must_use]
    pub fn finish(self, policy: &StitchPolicy) -> NamedClusters {
        let names = self.names;
        let mut clusters = self.links.finish();
        let mut best: Vec<u32> = (0..names.len()).collect();
        for (node, &label) in (0..).zip(clusters.labels()) {
            if let Some(best) = best.get_mut(label as usize)
                && by_rank(names.get(node), names.get(*best)).is_lt()
            {
                *best = node;
            }
        }
        let mut held = clusters.hold(policy, |node| kind_of(names.get(node)));
        for held in &mut held {
            // The cluster keeps the name that it would have had; the node that stood for it now stands for itself.
            if let Some(best) = best.get_mut(held.label as usize) {
                held.label = std::mem::replace(best, held.label);
            }
        }
        NamedClusters { names, clusters, best, held }
    }
}

impl Default for NamedLinks {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for NamedLinks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NamedLinks").field("identifiers", &self.identifiers()).finish_non_exhaustive()
    }
}

/// Which cluster each identifier is in. The label of a cluster is its best identifier: of the strongest type, the smallest
/// value by code points.
#[derive(Clone)]
pub struct NamedClusters {
    names: Names,
    clusters: Clusters,
    /// The best node, at the position of the smallest node of each cluster.
    best: Vec<u32>,
    held: Vec<Held>,
}

impl NamedClusters {
    /// How many clusters there are.
    #[must_use]
    pub fn count(&self) -> u32 {
        self.clusters.count()
    }

    /// How many identifiers there are.
    #[must_use]
    pub fn identifiers(&self) -> u32 {
        self.names.len()
    }

    /// The label of an identifier's cluster, if it was ever named.
    #[must_use]
    pub fn label_of(&self, identifier: &str) -> Option<&str> {
        Some(self.label(self.names.find(identifier)?))
    }

    /// The label by the identifier's number.
    #[must_use]
    pub fn label(&self, number: u32) -> &str {
        let node = self.clusters.labels().get(number as usize).copied().unwrap_or(number);
        self.names.get(self.best.get(node as usize).copied().unwrap_or(node))
    }

    /// Each identifier with its label, in the order in which they came.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        (0..).zip(self.names.iter()).map(|(number, name)| (name, self.label(number)))
    }

    /// Whether the identifier of this number is of a cluster that was held.
    #[must_use]
    pub fn is_held(&self, number: u32) -> bool {
        self.clusters.parted().binary_search(&number).is_ok()
    }

    /// Puts the identifiers of the held clusters together as a resolver did that took the events naming them, in their order.
    /// Under [`StitchPolicy::from`] the resolver's policy the clusters are then what it makes of all events, held or not.
    /// [`NamedClusters::held`] goes on telling which clusters these were.
    pub fn settle(&mut self, resolved: &Identities) {
        let mut first_of: BTreeMap<ProfileNo, u32> = BTreeMap::new();
        for node in self.clusters.parted().to_vec() {
            let key = key_of(self.names.get(node));
            let owner = key.and_then(|key| resolved.find(&key)).and_then(|id| resolved.world.owner(id));
            let Some(owner) = owner else { continue };
            let first = *first_of.entry(owner).or_insert(node);
            if first == node {
                continue;
            }
            self.clusters.put(node, first);
            if let Some(best) = self.best.get_mut(first as usize)
                && by_rank(self.names.get(node), self.names.get(*best)).is_lt()
            {
                *best = node;
            }
        }
    }

    /// The clusters that were parted, with the label that each would have had, sorted by it.
    #[must_use]
    pub fn held(&self) -> Vec<(&str, &Held)> {
        let mut held: Vec<(&str, &Held)> =
            self.held.iter().map(|held| (self.names.get(held.label), held)).collect();
        held.sort_unstable_by_key(|&(label, _)| label);
        held
    }
}

impl fmt::Debug for NamedClusters {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NamedClusters").field("clusters", &self.clusters).finish_non_exhaustive()
    }
}

/// The type that a text `type:value` or `external_id@system:value` names.
pub(super) fn kind_of(name: &str) -> Option<IdentifierType> {
    let (kind, _) = name.split_once(':')?;
    let (kind, _) = kind.split_once('@').unwrap_or((kind, ""));
    IdentifierType::ALL.iter().copied().find(|known| known.as_str() == kind)
}

/// The identifier that such a text names.
fn key_of(name: &str) -> Option<IdentifierKey> {
    let (scope, value) = name.split_once(':')?;
    let system = scope.split_once('@').map(|(_, system)| system);
    Some(IdentifierKey::new(kind_of(name)?, system, value))
}

/// The better label first.
fn by_rank(a: &str, b: &str) -> Ordering {
    let rank = |name| Reverse(kind_of(name).map_or(0, IdentifierType::priority));
    rank(a).cmp(&rank(b)).then_with(|| a.cmp(b))
}
