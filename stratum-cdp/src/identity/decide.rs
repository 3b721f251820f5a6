//! One event: which of its identifiers are one person, whose event it is, and who becomes whom. Changes nothing.

use super::checks::{Candidate, Gathered};
use super::compiled::CompiledIdentityPolicy;
use super::names::IdNo;
use super::vocabulary::RefusalReason;
use super::world::{ProfileNo, World};

/// What an event says about identity.
#[derive(Debug, Clone, Copy)]
pub(super) struct Question<'a> {
    /// Its time.
    pub(super) at: i64,
    /// Whether it says that its second identifier is another name of the first.
    pub(super) alias: bool,
    /// How much it says, 0 to 1.
    pub(super) confidence: f64,
    /// Its identifiers, each once; the strongest first, unless it is an alias.
    pub(super) ids: &'a [IdNo],
}

/// An identifier that was not joined.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Refused {
    pub(super) id: IdNo,
    pub(super) reason: RefusalReason,
    /// The canonical identifier of the profile that it stays with.
    pub(super) against: Option<IdNo>,
}

/// Two profiles that become one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Merging {
    pub(super) survivor: ProfileNo,
    pub(super) absorbed: ProfileNo,
    /// The canonical identifiers of the two before.
    pub(super) into: IdNo,
    pub(super) from: IdNo,
    pub(super) via: IdNo,
}

/// What follows from one event. The lists are kept between events, so that deciding allocates nothing.
#[derive(Debug, Clone, Default)]
pub(super) struct Decided {
    /// Whose event it is; `None` makes a profile.
    pub(super) profile: Option<ProfileNo>,
    /// The identifiers that speak for it, fresh ones too.
    pub(super) accepted: Vec<IdNo>,
    /// Those that nobody owned.
    pub(super) fresh: Vec<IdNo>,
    pub(super) refused: Vec<Refused>,
    /// In order: each is about the profiles as the one before left them.
    pub(super) merges: Vec<Merging>,
    /// Identifiers that turned out to be used by too many.
    pub(super) marked: Vec<IdNo>,
    pub(super) gathered: Gathered,
}

impl Decided {
    fn clear(&mut self) {
        self.profile = None;
        self.accepted.clear();
        self.fresh.clear();
        self.refused.clear();
        self.merges.clear();
        self.marked.clear();
        self.gathered.clear();
    }
}

/// Decides an event under a policy.
///
/// The first identifier is always accepted, so the strongest decides whose event it is; each of the others joins if every
/// check passes, and stays where it is otherwise.
pub(super) fn decide(
    world: &World,
    policy: &CompiledIdentityPolicy,
    question: Question<'_>,
    decided: &mut Decided,
) {
    decided.clear();
    let first = question.ids.first().copied();
    for &id in question.ids {
        let owner = world.owner(id);
        let shared = decided.gathered.is_shared(world, policy, question, id);
        if shared && !world.held.get(id).shared {
            decided.marked.push(id);
        }
        if owner.is_some_and(|owner| decided.gathered.holds(owner)) {
            decided.accepted.push(id);
            continue;
        }
        let candidate = Candidate::new(world, id, owner);
        if !decided.gathered.is_empty() {
            let first_is_shared =
                first.is_some_and(|first| world.held.get(first).shared || decided.marked.contains(&first));
            let refusal = decided.gathered.check(
                world,
                policy,
                question,
                &candidate,
                policy.shared && (shared || first_is_shared),
            );
            if let Some(reason) = refusal {
                let against = owner.map(|owner| world.profiles.get(owner).label);
                decided.refused.push(Refused { id, reason, against });
                continue;
            }
        }
        decided.accepted.push(id);
        match owner {
            None => {
                decided.fresh.push(id);
                decided.gathered.add_fresh(world, id);
            }
            Some(owner) => decided.merges.extend(decided.gathered.join(world, owner, id, question.alias)),
        }
    }
    decided.profile = decided.gathered.survivor();
}
