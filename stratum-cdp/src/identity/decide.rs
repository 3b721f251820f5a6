//! One event: which of its identifiers are one person, whose event it is, and who becomes whom. Changes nothing.

use super::checks::{Candidate, Gathered};
use super::compiled::CompiledIdentityPolicy;
use super::names::IdNo;
use super::vocabulary::{LinkType, RefusalReason};
use super::world::{ProfileNo, World};

/// What an event says about identity.
#[derive(Debug, Clone, Copy)]
pub(super) struct Question<'a> {
    /// Its time.
    pub(super) at: i64,
    /// Whether it says that its second identifier is another name of the first.
    pub(super) alias: bool,
    /// How it says so.
    pub(super) evidence: LinkType,
    /// Its identifiers, each once; the strongest first, unless it is an alias.
    pub(super) ids: &'a [IdNo],
    /// Identifiers that only other events of its visit named.
    pub(super) visit: &'a [IdNo],
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
    pub(super) evidence: LinkType,
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
    /// The same, of those that only other events of the visit named.
    pub(super) refused_of_visit: Vec<Refused>,
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
        self.refused_of_visit.clear();
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
            Some(owner) => decided.merges.extend(decided.gathered.join(
                world,
                owner,
                id,
                question.alias,
                question.evidence,
            )),
        }
    }
    decide_visit(world, policy, question, decided);
    decided.profile = decided.gathered.survivor();
}

/// Whether the rest of the visit is the same person's, too.
fn decide_visit(
    world: &World,
    policy: &CompiledIdentityPolicy,
    question: Question<'_>,
    decided: &mut Decided,
) {
    let evidence = LinkType::SameSession;
    let is_shared = |id: IdNo, marked: &[IdNo]| world.held.get(id).shared || marked.contains(&id);
    for &id in question.visit {
        let Some(owner) = world.owner(id).filter(|&owner| !decided.gathered.holds(owner)) else { continue };
        let candidate = Candidate::new(world, id, Some(owner));
        let first = question.ids.first().copied();
        let shared =
            policy.shared && [Some(id), first].into_iter().flatten().any(|id| is_shared(id, &decided.marked));
        let question = Question { evidence, ..question };
        match decided.gathered.check(world, policy, question, &candidate, shared) {
            Some(reason) => {
                let against = Some(world.profiles.get(owner).label);
                decided.refused_of_visit.push(Refused { id, reason, against });
            }
            None => decided.merges.extend(decided.gathered.join(world, owner, id, false, evidence)),
        }
    }
}
