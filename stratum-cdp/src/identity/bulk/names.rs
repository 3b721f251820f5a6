//! Texts become numbers: each distinct text once, in the order in which they came.

use std::hash::BuildHasher;

use super::links::LinkFault;

/// Visitors choose their own ids, so a key that they do not know keeps them from filling one corner of the table. No order
/// and no result depends on it.
#[expect(clippy::disallowed_types, reason = "only the place in the table is random")]
type Hasher = std::hash::RandomState;

/// The texts so far, end to end, and a table from a text's hash to its number.
#[derive(Clone, Default)]
pub(super) struct Names {
    text: String,
    /// Where each text ends.
    ends: Vec<usize>,
    /// Open addressing: the upper half of a slot is the text's hash, the lower half its number + 1; 0 is free.
    slots: Vec<u64>,
    hasher: Hasher,
}

impl Names {
    pub(super) fn len(&self) -> u32 {
        u32::try_from(self.ends.len()).unwrap_or(u32::MAX)
    }

    pub(super) fn get(&self, number: u32) -> &str {
        let at = |position: Option<usize>| position.and_then(|at| self.ends.get(at)).copied();
        let start = at((number as usize).checked_sub(1)).unwrap_or_default();
        let end = at(Some(number as usize)).unwrap_or_default();
        self.text.get(start..end).unwrap_or_default()
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &str> {
        (0..self.len()).map(|number| self.get(number))
    }

    pub(super) fn find(&self, text: &str) -> Option<u32> {
        self.look_up(text, self.hash(text)).ok()
    }

    /// The number of the text, a new one if it is new.
    pub(super) fn number(&mut self, text: &str) -> Result<u32, LinkFault> {
        if text.is_empty() {
            return Err(LinkFault::Empty);
        }
        if self.slots.len() < self.ends.len().saturating_add(1).saturating_mul(2) {
            self.enlarge();
        }
        let hash = self.hash(text);
        let slot = match self.look_up(text, hash) {
            Ok(number) => return Ok(number),
            Err(slot) => slot,
        };
        let number = self.len();
        if number == u32::MAX {
            return Err(LinkFault::Full);
        }
        self.text.push_str(text);
        self.ends.push(self.text.len());
        if let Some(slot) = self.slots.get_mut(slot) {
            *slot = filled(hash, number);
        }
        Ok(number)
    }

    /// The number of the text, or the slot in which it belongs.
    fn look_up(&self, text: &str, hash: u32) -> Result<u32, usize> {
        let mut at = self.first_slot(hash);
        loop {
            match self.slots.get(at).copied().unwrap_or_default() {
                0 => return Err(at),
                slot if hash_of(slot) == hash && self.get(number_of(slot)) == text => {
                    return Ok(number_of(slot));
                }
                _ => at = self.after(at),
            }
        }
    }

    fn enlarge(&mut self) {
        let size = self.slots.len().saturating_mul(2).max(64);
        let old = std::mem::replace(&mut self.slots, vec![0; size]);
        for slot in old.into_iter().filter(|&slot| slot != 0) {
            let mut at = self.first_slot(hash_of(slot));
            while self.slots.get(at).is_some_and(|&taken| taken != 0) {
                at = self.after(at);
            }
            if let Some(free) = self.slots.get_mut(at) {
                *free = slot;
            }
        }
    }

    /// The size is a power of two.
    fn mask(&self) -> usize {
        self.slots.len().saturating_sub(1)
    }

    fn first_slot(&self, hash: u32) -> usize {
        hash as usize & self.mask()
    }

    fn after(&self, slot: usize) -> usize {
        slot.wrapping_add(1) & self.mask()
    }

    #[expect(
        clippy::cast_possible_truncation,
        reason = "half of the hash is enough, and fits beside the number"
    )]
    fn hash(&self, text: &str) -> u32 {
        self.hasher.hash_one(text) as u32
    }
}

fn filled(hash: u32, number: u32) -> u64 {
    (u64::from(hash) << 32) | u64::from(number).wrapping_add(1)
}

fn hash_of(slot: u64) -> u32 {
    u32::try_from(slot >> 32).unwrap_or_default()
}

#[expect(clippy::cast_possible_truncation, reason = "the lower half of the slot")]
fn number_of(slot: u64) -> u32 {
    (slot as u32).wrapping_sub(1)
}
