//! The groups of linked nodes, while links still come: a union-find forest in one flat array.

use std::fmt;

use super::clusters::Clusters;

/// So many links are looked up together: their first reads do not wait for each other, which is what hides the memory's
/// latency in an array larger than the cache.
const TOGETHER: usize = 128;

/// The groups that the links so far make of the nodes `0..nodes`. A partial state: add links, merge other states, finish.
///
/// Union-find with path halving, 4 bytes for each node; of two roots the smaller becomes the root of both, so the root of a
/// group is its smallest node whatever the order of the links.
#[derive(Clone)]
pub struct Links {
    /// Never above the node itself; a root is its own parent.
    parent: Vec<u32>,
}

/// A number that may name a node.
pub trait NodeIndex: Copy {
    /// The node, if the number is one.
    fn node(self) -> Option<u32>;
}

impl NodeIndex for u32 {
    fn node(self) -> Option<u32> {
        Some(self)
    }
}

impl NodeIndex for u64 {
    fn node(self) -> Option<u32> {
        u32::try_from(self).ok()
    }
}

impl NodeIndex for i64 {
    fn node(self) -> Option<u32> {
        u32::try_from(self).ok()
    }
}

/// Why columns of links were not added. Then none of them was.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum LinkFault {
    /// The columns are of different lengths.
    #[error("the left column has {left} rows, the right one {right}")]
    Length {
        /// Rows of the left column.
        left: usize,
        /// Rows of the right column.
        right: usize,
    },
    /// A number that names no node.
    #[error("row {row} names a node that is not below {nodes}")]
    UnknownNode {
        /// The first such row, from 0.
        row: usize,
        /// How many nodes there are.
        nodes: u32,
    },
    /// There are as many names as numbers for them.
    #[error("there is room for {} nodes", u32::MAX)]
    Full,
    /// A text without a character.
    #[error("an identifier is empty")]
    Empty,
}

impl Links {
    /// No links yet between the nodes `0..nodes`.
    #[must_use]
    pub fn new(nodes: u32) -> Self {
        Self { parent: (0..nodes).collect() }
    }

    /// How many nodes there are.
    #[must_use]
    pub fn nodes(&self) -> u32 {
        u32::try_from(self.parent.len()).unwrap_or(u32::MAX)
    }

    /// Makes room for the nodes `0..nodes`; never fewer than before.
    pub fn grow(&mut self, nodes: u32) {
        self.parent.extend(self.nodes()..nodes);
    }

    /// Adds one link for each row.
    ///
    /// # Errors
    /// [`LinkFault::Length`] or [`LinkFault::UnknownNode`]; then nothing was added.
    pub fn add<N: NodeIndex>(&mut self, left: &[N], right: &[N]) -> Result<(), LinkFault> {
        if left.len() != right.len() {
            return Err(LinkFault::Length { left: left.len(), right: right.len() });
        }
        let nodes = self.nodes();
        let unknown = |n: N| n.node().is_none_or(|node| node >= nodes);
        let wrong = left.iter().zip(right).position(|(&a, &b)| unknown(a) || unknown(b));
        if let Some(row) = wrong {
            return Err(LinkFault::UnknownNode { row, nodes });
        }
        for (left, right) in left.chunks(TOGETHER).zip(right.chunks(TOGETHER)) {
            let mut block = [(0_u32, 0_u32); TOGETHER];
            let mut filled = 0_usize;
            for ((slot, a), b) in block.iter_mut().zip(left).zip(right) {
                *slot = (a.node().unwrap_or_default(), b.node().unwrap_or_default());
                filled = filled.saturating_add(1);
            }
            self.add_block(block.get(..filled).unwrap_or_default());
        }
        Ok(())
    }

    /// Adds links between nodes that exist; others are left out.
    fn add_block(&mut self, links: &[(u32, u32)]) {
        let mut above = [(0_u32, 0_u32); TOGETHER];
        for (above, &(a, b)) in above.iter_mut().zip(links) {
            *above = (self.parent(a), self.parent(b));
        }
        // A parent stays an ancestor whatever is linked meanwhile, so what was read ahead is still a place to start from.
        for above in above.iter_mut().take(links.len()) {
            *above = (self.parent(above.0), self.parent(above.1));
        }
        for (&(above_a, above_b), &(a, b)) in above.iter().zip(links) {
            let root = self.unite(above_a, above_b);
            self.set(a, root);
            self.set(b, root);
        }
    }

    /// Adds one link; says whether it joined two groups.
    pub fn link(&mut self, a: u32, b: u32) -> bool {
        if a.max(b) >= self.nodes() {
            return false;
        }
        let (root_a, root_b) = (self.root(a), self.root(b));
        self.unite(root_a, root_b);
        root_a != root_b
    }

    /// Adds every link of another state; the nodes are those of the larger one.
    pub fn merge(&mut self, other: &Self) {
        self.grow(other.nodes());
        let mut block = Vec::with_capacity(TOGETHER);
        for (node, &parent) in (0..).zip(&other.parent) {
            if node != parent {
                block.push((node, parent));
            }
            if block.len() == TOGETHER {
                self.add_block(&block);
                block.clear();
            }
        }
        self.add_block(&block);
    }

    /// The clusters: a label for each node, the smallest node of its group.
    #[must_use]
    pub fn finish(mut self) -> Clusters {
        let count = self.flatten();
        Clusters::new(self.parent, count)
    }

    /// Points every node at its root; gives how many roots there are. Parents come before their children, so one pass does.
    pub(super) fn flatten(&mut self) -> u32 {
        let mut roots = 0_u32;
        for node in 0..self.nodes() {
            let parent = self.parent(node);
            if parent == node {
                roots = roots.saturating_add(1);
            } else {
                let root = self.parent(parent);
                self.set(node, root);
            }
        }
        roots
    }

    /// The smallest node of the group of this one.
    fn root(&mut self, mut node: u32) -> u32 {
        loop {
            let parent = self.parent(node);
            if parent == node {
                return node;
            }
            let above = self.parent(parent);
            if above != parent {
                self.set(node, above);
            }
            node = above;
        }
    }

    fn unite(&mut self, a: u32, b: u32) -> u32 {
        let (a, b) = (self.root(a), self.root(b));
        let root = a.min(b);
        self.set(a.max(b), root);
        root
    }

    #[inline]
    fn parent(&self, node: u32) -> u32 {
        self.parent.get(node as usize).copied().unwrap_or(node)
    }

    #[inline]
    fn set(&mut self, node: u32, parent: u32) {
        if let Some(slot) = self.parent.get_mut(node as usize) {
            *slot = parent;
        }
    }

    pub(super) fn parents(&self) -> &[u32] {
        &self.parent
    }
}

impl fmt::Debug for Links {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Links").field("nodes", &self.nodes()).finish_non_exhaustive()
    }
}
