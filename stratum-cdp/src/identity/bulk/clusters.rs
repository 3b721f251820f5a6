//! The finished clusters of numbered nodes.

use std::fmt;

use crate::identifier::IdentifierType;

use super::held::{Census, Held, StitchPolicy};

/// Which cluster each node is in: its label is the smallest node of the cluster.
#[derive(Clone, PartialEq, Eq)]
pub struct Clusters {
    labels: Vec<u32>,
    count: u32,
    /// The nodes of clusters that were parted, in their order.
    parted: Vec<u32>,
}

impl Clusters {
    pub(super) fn new(labels: Vec<u32>, count: u32) -> Self {
        Self { labels, count, parted: Vec::new() }
    }

    /// The label of each node.
    #[must_use]
    pub fn labels(&self) -> &[u32] {
        &self.labels
    }

    /// The labels, without a copy.
    #[must_use]
    pub fn into_labels(self) -> Vec<u32> {
        self.labels
    }

    /// How many clusters there are, those of one node among them.
    #[must_use]
    pub fn count(&self) -> u32 {
        self.count
    }

    /// How many nodes each cluster has, at the position of its label; 0 at every other position.
    #[must_use]
    pub fn sizes(&self) -> Vec<u32> {
        let mut sizes = vec![0_u32; self.labels.len()];
        for &label in &self.labels {
            if let Some(size) = sizes.get_mut(label as usize) {
                *size = size.saturating_add(1);
            }
        }
        sizes
    }

    /// Parts every cluster that breaks a limit of the policy: each of its nodes becomes a cluster of its own. What was parted
    /// comes back with the reasons, by label. `kind` tells the type of a node's identifier, for the limits by type.
    pub fn hold(&mut self, policy: &StitchPolicy, kind: impl Fn(u32) -> Option<IdentifierType>) -> Vec<Held> {
        if policy.holds_nothing() {
            return Vec::new();
        }
        let mut sizes = self.sizes();
        // The sizes make place for the positions of the clusters that have more than one node.
        let mut censuses: Vec<Census> = Vec::new();
        for (label, size) in (0..).zip(&mut sizes) {
            let larger = *size > 1;
            *size = if larger { u32::try_from(censuses.len()).unwrap_or(u32::MAX) } else { u32::MAX };
            if larger {
                censuses.push(Census::of(label));
            }
        }
        let place = |label: u32| sizes.get(label as usize).copied().unwrap_or(u32::MAX) as usize;
        for (node, &label) in (0..).zip(&self.labels) {
            if let Some(census) = censuses.get_mut(place(label)) {
                census.count(kind(node));
            }
        }
        let held: Vec<Option<Held>> = censuses.iter().map(|census| census.judge(policy)).collect();
        for (node, label) in (0..).zip(&mut self.labels) {
            if held.get(place(*label)).is_some_and(Option::is_some) {
                *label = node;
                self.parted.push(node);
            }
        }
        let held: Vec<Held> = held.into_iter().flatten().collect();
        let parted = held.iter().map(|held| held.identifiers.saturating_sub(1));
        self.count = parted.fold(self.count, u32::saturating_add);
        held
    }

    /// The nodes of clusters that were parted, in their order.
    pub(super) fn parted(&self) -> &[u32] {
        &self.parted
    }

    /// Puts a node that was parted into the cluster of another.
    pub(super) fn put(&mut self, node: u32, label: u32) {
        if let Some(slot) = self.labels.get_mut(node as usize) {
            *slot = label;
            self.count = self.count.saturating_sub(1);
        }
    }
}

impl fmt::Debug for Clusters {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Clusters")
            .field("nodes", &self.labels.len())
            .field("count", &self.count)
            .finish_non_exhaustive()
    }
}
