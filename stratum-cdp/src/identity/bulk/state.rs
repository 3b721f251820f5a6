//! A state as bytes, for the way from one worker to another. Equal groups give equal bytes, whatever the order of the links.

use super::links::Links;
use super::named::NamedLinks;

const LINKS: &[u8; 4] = b"SLK1";
const NAMED: &[u8; 4] = b"SNL1";

/// Why bytes are no state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum StateFault {
    /// They begin otherwise, so they are something else or of another version.
    #[error("these bytes are no such state of this version")]
    Foreign,
    /// They end in the middle, or hold what no state holds.
    #[error("the state is cut off or damaged")]
    Damaged,
}

impl Links {
    /// The state as bytes: 2 to 5 for each node that is not the smallest of its group.
    #[must_use]
    pub fn to_bytes(&mut self) -> Vec<u8> {
        self.flatten();
        let mut bytes = LINKS.to_vec();
        write(&mut bytes, self.nodes());
        let mut last = 0_u32;
        for (node, &root) in (0_u32..).zip(self.parents()).filter(|&(node, &root)| node != root) {
            write(&mut bytes, node.wrapping_sub(last));
            write(&mut bytes, node.wrapping_sub(root));
            last = node;
        }
        bytes
    }

    /// The state that [`Links::to_bytes`] wrote. Takes 4 bytes of memory for each node that the bytes name, so limit
    /// `max_nodes` where the bytes come from outside.
    ///
    /// # Errors
    /// [`StateFault`].
    pub fn from_bytes(bytes: &[u8], max_nodes: u32) -> Result<Self, StateFault> {
        let mut rest = bytes.strip_prefix(LINKS).ok_or(StateFault::Foreign)?;
        let nodes = read(&mut rest)?;
        if nodes > max_nodes {
            return Err(StateFault::Damaged);
        }
        let mut links = Self::new(nodes);
        let mut node = 0_u32;
        while !rest.is_empty() {
            node = node.checked_add(read(&mut rest)?).ok_or(StateFault::Damaged)?;
            let root = node.checked_sub(read(&mut rest)?).ok_or(StateFault::Damaged)?;
            if node >= nodes || !links.link(root, node) {
                return Err(StateFault::Damaged);
            }
        }
        Ok(links)
    }
}

impl NamedLinks {
    /// The state as bytes: the identifiers sorted, each with the place of the first of its group.
    #[must_use]
    pub fn to_bytes(&mut self) -> Vec<u8> {
        self.links.flatten();
        let mut order: Vec<u32> = (0..self.names.len()).collect();
        order.sort_unstable_by(|&a, &b| self.names.get(a).cmp(self.names.get(b)));
        let mut first_of_group = vec![u32::MAX; order.len()];
        let mut bytes = NAMED.to_vec();
        write(&mut bytes, self.names.len());
        for (place, &number) in (0_u32..).zip(&order) {
            let name = self.names.get(number);
            write(&mut bytes, u32::try_from(name.len()).unwrap_or(u32::MAX));
            bytes.extend_from_slice(name.as_bytes());
            let root = self.links.parents().get(number as usize).copied().unwrap_or(number);
            let mut first = place;
            if let Some(known) = first_of_group.get_mut(root as usize) {
                *known = place.min(*known);
                first = *known;
            }
            write(&mut bytes, place.wrapping_sub(first));
        }
        bytes
    }

    /// The state that [`NamedLinks::to_bytes`] wrote; its identifiers are numbered in their own order.
    ///
    /// # Errors
    /// [`StateFault`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, StateFault> {
        let mut rest = bytes.strip_prefix(NAMED).ok_or(StateFault::Foreign)?;
        let mut state = Self::new();
        for place in 0..read(&mut rest)? {
            let length = read(&mut rest)? as usize;
            let (name, after) = rest.split_at_checked(length).ok_or(StateFault::Damaged)?;
            rest = after;
            let name = str::from_utf8(name).map_err(|_| StateFault::Damaged)?;
            let number = state.add_identifier(name).map_err(|_| StateFault::Damaged)?;
            let first = place.checked_sub(read(&mut rest)?).ok_or(StateFault::Damaged)?;
            if number != place {
                return Err(StateFault::Damaged);
            }
            state.links.link(number, first);
        }
        if rest.is_empty() { Ok(state) } else { Err(StateFault::Damaged) }
    }
}

/// Seven bits a byte, the lowest first.
fn write(bytes: &mut Vec<u8>, mut value: u32) {
    while value >= 0x80 {
        bytes.push(low_bits(value) | 0x80);
        value >>= 7;
    }
    bytes.push(low_bits(value));
}

fn low_bits(value: u32) -> u8 {
    (value & 0x7f) as u8
}

fn read(bytes: &mut &[u8]) -> Result<u32, StateFault> {
    let mut value = 0_u32;
    for shift in (0..32).step_by(7) {
        let (&byte, rest) = bytes.split_first().ok_or(StateFault::Damaged)?;
        *bytes = rest;
        let bits = u32::from(byte & 0x7f);
        if shift == 28 && bits > 0x0f {
            return Err(StateFault::Damaged);
        }
        value |= bits << shift;
        if byte < 0x80 {
            return Ok(value);
        }
    }
    Err(StateFault::Damaged)
}
