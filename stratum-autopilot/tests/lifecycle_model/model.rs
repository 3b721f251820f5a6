//! The world of one action: what can happen in it, and how each happening changes it.

use stratum_autopilot::action::{
    Action, ActionState, Approval, Approver, Change, EntityStatus, NewAction, Origin,
};
use stratum_autopilot::enforcement::{CompiledEnforcement, EnforcementFacts, EnforcementSettings};
use stratum_autopilot::engine::{ClaimFacts, ClaimStep, after_call, after_lapse, claim};
use stratum_autopilot::platform::sandbox::{Fault, FaultEffect, Sandbox, SandboxCall, SandboxEntity};
use stratum_autopilot::platform::{
    Applied, CallOutcome, ChangeRequest, EntityRef, EntityValue, PlatformError, PlatformErrorCode,
};
use stratum_core::gate::GateFacts;
use stratum_core::health::{ApiFacts, ComponentReading, HealthSnapshot};
use stratum_core::id::{ActionId, TenantId};
use stratum_core::policy::{CompiledTrustPolicy, TrustPolicy};
use stratum_core::vocabulary::{
    ActionType, EntityType, HealthComponent, HealthPreset, HealthStatus, Platform,
};
use stratum_core::{Currency, Score, Timestamp};

/// Minutes after noon. A claim at 0 lapses at 2, one at 1 at 3, one at 3 at 5; an approval expires before 300.
const CLOCK: [i64; 5] = [0, 1, 3, 5, 300];
const WORKERS: [usize; 2] = [0, 1];
/// Any so many of: a crash, a freeze, a revocation, a repeated call, a rate limit, a time-out, a lost answer, a lookup in
/// vain.
const MISHAPS: u8 = 2;

/// What is wrong with a world that should be found out.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Flaw {
    None,
    /// A lapsed action is sent again without asking the platform, each attempt under its own key.
    ResendsUnderANewKey,
    /// The platform takes calls however late they come.
    NoDeadline,
    /// A claim is stored without comparing what it was decided on.
    BlindWrites,
}

pub(crate) struct Lifecycle {
    flaw: Flaw,
    trust: CompiledTrustPolicy,
    enforcement: CompiledEnforcement,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct State {
    clock: usize,
    frozen: bool,
    pub(crate) action: Action,
    pub(crate) intents: u8,
    workers: [Worker; 2],
    calls: Vec<Call>,
    pub(crate) platform: Sandbox,
    /// How many more times something may go wrong or be changed by people; it keeps the world finite.
    mishaps_left: u8,
    // What was seen on the way.
    pub(crate) crashed: bool,
    pub(crate) claimed_while_frozen: bool,
    pub(crate) executed_unclaimed: bool,
    pub(crate) refused_late: bool,
}

/// An executor, between two of its steps. It dies by becoming idle: what it knew is gone.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Worker {
    Idle,
    Read { seen: Action, frozen: bool, at: Timestamp },
    Claimed { attempt: u32, request: ChangeRequest },
    Calling { attempt: u32 },
    Answered { attempt: u32, answer: Result<Applied, PlatformError> },
    Asked { seen: Action, answer: Result<CallOutcome, PlatformError> },
}

/// A call under way.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
struct Call {
    worker: usize,
    attempt: u32,
    key: ActionId,
    not_after: Timestamp,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Step {
    Tick,
    Freeze,
    Unfreeze,
    Revoke,
    Approve,
    Dismiss,
    Expire,
    Read(usize),
    Claim(usize),
    Send(usize),
    Arrive(usize),
    ArriveAndStay(usize),
    ArriveUnheard(usize),
    RateLimit(usize),
    TimeOut(usize),
    Settle(usize),
    Ask(usize),
    AskInVain(usize),
    Reconcile(usize),
    Crash(usize),
}

impl Step {
    const fn is_mishap(self) -> bool {
        matches!(
            self,
            Self::Freeze
                | Self::Revoke
                | Self::ArriveAndStay(_)
                | Self::ArriveUnheard(_)
                | Self::RateLimit(_)
                | Self::TimeOut(_)
                | Self::AskInVain(_)
                | Self::Crash(_)
        )
    }
}

fn instant(clock: usize) -> Timestamp {
    let noon: Timestamp = "2026-03-01T12:00:00Z".parse().unwrap();
    noon.plus_minutes(CLOCK[clock])
}

fn tenant() -> TenantId {
    "0198c9a0-0000-7000-8000-000000000001".parse().unwrap()
}

const PAUSE: Change = Change::Status { before: EntityStatus::Active, after: EntityStatus::Paused };

impl Lifecycle {
    pub(crate) fn with(flaw: Flaw) -> Self {
        Self {
            flaw,
            trust: TrustPolicy::default().compile().unwrap(),
            enforcement: EnforcementSettings::default().compile().unwrap(),
        }
    }

    pub(crate) fn start(&self) -> State {
        let new = NewAction {
            id: ActionId::v7(instant(0), [1; 10]),
            tenant_id: tenant(),
            action_type: ActionType::PauseCampaign,
            platform: Platform::Meta,
            entity_type: EntityType::Campaign,
            entity_id: "238512".to_owned(),
            entity_name: None,
            change: PAUSE,
            origin: Origin::Recommendation,
            created_by: None,
            reason: None,
            pair_id: None,
            reverts: None,
            ttl_hours: 24,
        };
        let mut action = Action::queue(new, instant(0)).unwrap();
        action.approve(approval(0), instant(0)).unwrap();
        let mut platform = Sandbox::new();
        let value = EntityValue::new(EntityStatus::Active, Currency::USD);
        platform.put(SandboxEntity::new(EntityRef::from(&action), value));
        State {
            clock: 0,
            frozen: false,
            action,
            intents: 0,
            workers: [Worker::Idle, Worker::Idle],
            calls: Vec::new(),
            platform,
            mishaps_left: MISHAPS,
            crashed: false,
            claimed_while_frozen: false,
            executed_unclaimed: false,
            refused_late: false,
        }
    }

    pub(crate) fn take(&self, state: &mut State, step: Step) {
        let now = instant(state.clock);
        state.mishaps_left -= u8::from(step.is_mishap());
        match step {
            Step::Tick => state.clock += 1,
            Step::Freeze => {
                state.frozen = true;
            }
            Step::Unfreeze => state.frozen = false,
            Step::Revoke => {
                state.action.revoke(now).unwrap();
            }
            Step::Approve => {
                state.action.approve(approval(state.clock), now).unwrap();
            }
            Step::Dismiss => {
                state.action.dismiss(now).unwrap();
            }
            Step::Expire => {
                state.action.expire(now).unwrap();
            }
            Step::Read(worker) => {
                state.workers[worker] =
                    Worker::Read { seen: state.action.clone(), frozen: state.frozen, at: now };
            }
            Step::Claim(worker) => self.claim(state, worker),
            Step::Send(worker) => {
                let Worker::Claimed { attempt, request } = state.workers[worker].clone() else { return };
                let (key, not_after) = (request.idempotency_key, request.not_after);
                state.calls.push(Call { worker, attempt, key, not_after });
                state.calls.sort();
                state.workers[worker] = Worker::Calling { attempt };
            }
            Step::Arrive(call) => {
                let call = state.calls.remove(call);
                let answer = state.arrive(&call);
                state.hear(&call, answer);
            }
            Step::ArriveAndStay(call) => {
                let call = state.calls[call].clone();
                let answer = state.arrive(&call);
                state.hear(&call, answer);
            }
            Step::ArriveUnheard(call) => {
                let call = state.calls.remove(call);
                state.platform.inject(Fault::next(SandboxCall::Apply, FaultEffect::AnswerLost));
                let answer = state.arrive(&call);
                state.hear(&call, answer);
            }
            Step::RateLimit(call) => {
                let call = state.calls.remove(call);
                let effect = FaultEffect::ErrorBefore {
                    error: PlatformErrorCode::RateLimited,
                    retry_after_ms: Some(1_000),
                };
                state.platform.inject(Fault::next(SandboxCall::Apply, effect));
                let answer = state.arrive(&call);
                state.hear(&call, answer);
            }
            Step::TimeOut(worker) => {
                let Worker::Calling { attempt } = state.workers[worker] else { return };
                let answer = Err(PlatformError::new(PlatformErrorCode::Unknown, "no answer in time"));
                state.workers[worker] = Worker::Answered { attempt, answer };
            }
            Step::Settle(worker) => {
                let Worker::Answered { attempt, answer } = state.workers[worker].clone() else { return };
                // A refusal means that somebody else found out first; there is nothing left to do.
                let _ = after_call(&answer).record(&mut state.action, attempt, now);
                state.workers[worker] = Worker::Idle;
            }
            Step::Ask(worker) => {
                let answer = state.platform.outcome_of(state.action.id()).result;
                state.workers[worker] = Worker::Asked { seen: state.action.clone(), answer };
            }
            Step::AskInVain(worker) => {
                let answer = Err(PlatformError::new(PlatformErrorCode::Unavailable, "no connection"));
                state.workers[worker] = Worker::Asked { seen: state.action.clone(), answer };
            }
            Step::Reconcile(worker) => self.reconcile(state, worker, now),
            Step::Crash(worker) => {
                state.crashed = true;
                state.workers[worker] = Worker::Idle;
            }
        }
    }

    fn claim(&self, state: &mut State, worker: usize) {
        let Worker::Read { seen, frozen, at } = std::mem::replace(&mut state.workers[worker], Worker::Idle)
        else {
            return;
        };
        let mut gate = GateFacts::new(tenant(), seen.action_type().into(), vec![Platform::Meta], at);
        gate.entity_type = Some(seen.entity_type());
        gate.entity_id = Some(seen.entity_id().to_owned());
        gate.frozen = frozen;
        gate.snapshots = vec![healthy(at)];
        let limits = EnforcementFacts::new(at, at.plus_hours(12), Currency::USD);
        let facts = ClaimFacts {
            trust: &self.trust,
            enforcement: &self.enforcement,
            gate: &gate,
            limits: &limits,
            confirmation: None,
        };
        let Ok(decision) = claim(&seen, &facts) else { return };
        let ClaimStep::Execute { action, permit } = decision.step else { return };
        // The store takes a claim only if nothing that it was decided on has changed.
        if self.flaw != Flaw::BlindWrites && (state.action != seen || state.frozen != frozen) {
            return;
        }
        state.claimed_while_frozen |= state.frozen;
        state.action = *action;
        state.intents = state.intents.saturating_add(1);
        let attempt = permit.attempt();
        let mut request = ChangeRequest::from(&*permit);
        match self.flaw {
            Flaw::ResendsUnderANewKey => {
                request.idempotency_key = ActionId::v7(instant(0), [u8::try_from(attempt).unwrap() + 1; 10]);
            }
            Flaw::NoDeadline => request.not_after = instant(0).plus_hours(1_000),
            Flaw::None | Flaw::BlindWrites => {}
        }
        state.workers[worker] = Worker::Claimed { attempt, request };
    }

    fn reconcile(&self, state: &mut State, worker: usize, now: Timestamp) {
        let Worker::Asked { seen, answer } = std::mem::replace(&mut state.workers[worker], Worker::Idle)
        else {
            return;
        };
        if state.action != seen {
            return;
        }
        let attempt = seen.lease().unwrap().attempt;
        if self.flaw == Flaw::ResendsUnderANewKey {
            state.action.release(attempt, now).unwrap();
            return;
        }
        let _ = after_lapse(&seen, &answer, now).record(&mut state.action, attempt, now);
    }
}

impl State {
    pub(crate) fn steps(&self, steps: &mut Vec<Step>) {
        let now = instant(self.clock);
        let last = self.clock + 1 == CLOCK.len();
        let mishap = self.mishaps_left > 0;
        if !last {
            steps.push(Step::Tick);
        }
        if self.frozen {
            steps.push(Step::Unfreeze);
        } else if mishap {
            steps.push(Step::Freeze);
        }
        let expired = self.action.is_expired(now);
        match self.action.state() {
            ActionState::Approved | ActionState::Queued if expired => steps.push(Step::Expire),
            ActionState::Approved if mishap => steps.push(Step::Revoke),
            ActionState::Queued => {
                if !self.frozen && !last {
                    steps.push(Step::Approve);
                }
                steps.push(Step::Dismiss);
            }
            _ => {}
        }
        for worker in WORKERS {
            match &self.workers[worker] {
                Worker::Idle => {
                    if self.action.state() == ActionState::Approved && !expired && self.action.attempts() < 2
                    {
                        steps.push(Step::Read(worker));
                    }
                    if self.action.lease_lapsed(now) {
                        steps.push(Step::Ask(worker));
                        if mishap {
                            steps.push(Step::AskInVain(worker));
                        }
                    }
                }
                Worker::Read { .. } => steps.push(Step::Claim(worker)),
                Worker::Claimed { .. } => steps.push(Step::Send(worker)),
                Worker::Calling { .. } if mishap => steps.push(Step::TimeOut(worker)),
                Worker::Calling { .. } => {}
                Worker::Answered { .. } => steps.push(Step::Settle(worker)),
                Worker::Asked { .. } => steps.push(Step::Reconcile(worker)),
            }
            // One that has only read has done nothing: its death is that of an idle one.
            if mishap && !matches!(self.workers[worker], Worker::Idle | Worker::Read { .. }) {
                steps.push(Step::Crash(worker));
            }
        }
        for call in 0..self.calls.len() {
            steps.push(Step::Arrive(call));
            if mishap {
                steps.push(Step::ArriveUnheard(call));
                steps.push(Step::ArriveAndStay(call));
                steps.push(Step::RateLimit(call));
            }
        }
    }

    /// The call reaches the platform.
    fn arrive(&mut self, call: &Call) -> Result<Applied, PlatformError> {
        let request = ChangeRequest {
            idempotency_key: call.key,
            entity: EntityRef::from(&self.action),
            change: PAUSE,
            not_after: call.not_after,
        };
        let before = self.platform.ledger().len();
        // The world outside puts the campaign back on before a repetition, so that no before value hides one.
        if before > 0 {
            let value = EntityValue::new(EntityStatus::Active, Currency::USD);
            self.platform.put(SandboxEntity::new(request.entity.clone(), value));
        }
        let answer = self.platform.apply(&request, instant(self.clock)).result;
        if self.platform.ledger().len() > before && self.action.state() != ActionState::Applying {
            self.executed_unclaimed = true;
        }
        self.refused_late |= matches!(&answer, Err(error) if error.code == PlatformErrorCode::DeadlinePassed);
        answer
    }

    /// The executor hears the answer, if it is still waiting for this one.
    fn hear(&mut self, call: &Call, answer: Result<Applied, PlatformError>) {
        let waiting = &mut self.workers[call.worker];
        if *waiting == (Worker::Calling { attempt: call.attempt }) {
            *waiting = Worker::Answered { attempt: call.attempt, answer };
        }
    }
}

fn approval(clock: usize) -> Approval {
    Approval { by: Approver::System, at: instant(clock), override_reason: None }
}

fn healthy(at: Timestamp) -> HealthSnapshot {
    let perfect = Score::new(100.0).unwrap();
    let reading = |name, weight| ComponentReading {
        name,
        score: Some(perfect),
        weight,
        contribution: weight,
        required: weight >= 25.0,
    };
    HealthSnapshot {
        snapshot_id: None,
        tenant_id: tenant(),
        platform: Platform::Meta,
        preset: HealthPreset::Five,
        score: perfect,
        status: HealthStatus::Healthy,
        coverage_pct: 100.0,
        components: vec![
            reading(HealthComponent::Emq, 35.0),
            reading(HealthComponent::ApiHealth, 25.0),
            reading(HealthComponent::EventLoss, 20.0),
            reading(HealthComponent::PlatformStability, 10.0),
            reading(HealthComponent::DataQuality, 10.0),
        ],
        issues: Vec::new(),
        api: ApiFacts::default(),
        computed_at: at,
        data_as_of: Some(at),
    }
}
