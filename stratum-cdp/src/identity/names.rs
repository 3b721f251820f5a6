//! Every identifier once: its text in one place, a number for everybody else.

use std::collections::HashMap;
use std::fmt;
use std::hash::BuildHasher as _;
use std::sync::Arc;

use super::arena::{Arena, number};
use super::key::{IdentifierKey, Label};
use crate::identifier::IdentifierType;

number! {
    /// An identifier.
    IdNo
}

/// The source system of an external id: 0 is the tenant's own.
pub(super) type SystemNo = u32;

/// Words that senders choose, each with a number of its own: however many there are, two never share one.
#[derive(Debug, Clone, Default)]
pub(super) struct Words {
    words: Vec<Arc<str>>,
    /// By word; its seed differs from run to run, so nothing ever walks through this table.
    numbers: HashMap<Arc<str>, usize>,
}

impl Words {
    /// The number of a word, be it a new one.
    pub(super) fn intern(&mut self, word: &str) -> usize {
        if let Some(number) = self.find(word) {
            return number;
        }
        let (number, word) = (self.words.len(), Arc::<str>::from(word));
        self.words.push(Arc::clone(&word));
        self.numbers.insert(word, number);
        number
    }

    /// The number of a word that was there before.
    pub(super) fn find(&self, word: &str) -> Option<usize> {
        self.numbers.get(word).copied()
    }

    /// The word of a number.
    pub(super) fn get(&self, number: usize) -> Option<&str> {
        self.words.get(number).map(AsRef::as_ref)
    }
}

/// What never changes about an identifier.
#[derive(Debug, Clone)]
struct Name {
    kind: IdentifierType,
    system: SystemNo,
    start: usize,
    len: usize,
    /// The identifier before this one whose hash is the same.
    same_hash: Option<IdNo>,
}

/// The identifiers that were ever named.
#[derive(Clone, Default)]
pub(super) struct Names {
    text: String,
    names: Arena<IdNo, Name>,
    /// By the hash of the whole name; its seed differs from run to run, so nothing ever walks through this table.
    by_hash: HashMap<u64, IdNo>,
    systems: Words,
}

impl fmt::Debug for Names {
    /// How many, not which.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Names({})", self.names.len())
    }
}

impl Names {
    /// The number of an identifier that was named before.
    pub(super) fn find(&self, kind: IdentifierType, system: SystemNo, value: &str) -> Option<IdNo> {
        self.in_chain(self.by_hash.get(&self.hash(kind, system, value)).copied(), kind, system, value)
    }

    /// The number of an identifier, be it a new one.
    pub(super) fn intern(&mut self, kind: IdentifierType, system: SystemNo, value: &str) -> IdNo {
        let hash = self.hash(kind, system, value);
        let newest = self.by_hash.get(&hash).copied();
        if let Some(found) = self.in_chain(newest, kind, system, value) {
            return found;
        }
        let start = self.text.len();
        self.text.push_str(value);
        let number = self.names.push(Name { kind, system, start, len: value.len(), same_hash: newest });
        self.by_hash.insert(hash, number);
        number
    }

    fn hash(&self, kind: IdentifierType, system: SystemNo, value: &str) -> u64 {
        self.by_hash.hasher().hash_one((kind.priority(), system, value))
    }

    fn in_chain(
        &self,
        mut next: Option<IdNo>,
        kind: IdentifierType,
        system: SystemNo,
        value: &str,
    ) -> Option<IdNo> {
        while let Some(number) = next {
            let name = self.names.get(number);
            if name.kind == kind && name.system == system && self.value(number) == value {
                return Some(number);
            }
            next = name.same_hash;
        }
        None
    }

    /// The number of a source system; `None` is the tenant's own.
    pub(super) fn system(&mut self, system: Option<&str>) -> SystemNo {
        let Some(system) = system else { return 0 };
        // Four thousand million names of systems do not fit into memory.
        SystemNo::try_from(self.systems.intern(system).saturating_add(1)).unwrap_or(SystemNo::MAX)
    }

    /// The number of a source system that was named before.
    pub(super) fn find_system(&self, system: Option<&str>) -> Option<SystemNo> {
        let Some(system) = system else { return Some(0) };
        SystemNo::try_from(self.systems.find(system)?.saturating_add(1)).ok()
    }

    pub(super) fn kind(&self, id: IdNo) -> IdentifierType {
        self.names.get(id).kind
    }

    pub(super) fn system_of(&self, id: IdNo) -> SystemNo {
        self.names.get(id).system
    }

    pub(super) fn value(&self, id: IdNo) -> &str {
        let name = self.names.get(id);
        self.text.get(name.start..name.start.saturating_add(name.len)).unwrap_or_default()
    }

    /// The strongest type first, then the value, then the system.
    pub(super) fn order(&self, a: IdNo, b: IdNo) -> std::cmp::Ordering {
        let (kind_a, kind_b) = (self.kind(a).priority(), self.kind(b).priority());
        kind_b
            .cmp(&kind_a)
            .then_with(|| self.value(a).cmp(self.value(b)))
            .then_with(|| self.system_name(a).cmp(&self.system_name(b)))
    }

    fn system_name(&self, id: IdNo) -> Option<&str> {
        self.systems.get(usize::try_from(self.system_of(id)).ok()?.checked_sub(1)?)
    }

    pub(super) fn key(&self, id: IdNo) -> IdentifierKey {
        IdentifierKey::new(self.kind(id), self.system_name(id), self.value(id))
    }

    pub(super) fn label(&self, id: IdNo) -> Label {
        self.key(id).label()
    }

    pub(super) fn len(&self) -> usize {
        self.names.len()
    }
}
