//! What every implementation of the port must do. Run it against your own, with two tenants that nobody else uses.
//!
//! ```
//! use stratum_cdp::audience::{MemoryAudiences, contract};
//! let tenants = ["0198c9a0-0000-7000-8000-000000000001", "0198c9a0-0000-7000-8000-000000000002"];
//! let [tenant, other] = tenants.map(|id| id.parse().unwrap());
//! let now = "2026-03-01T12:00:00Z".parse().unwrap();
//! let audiences = MemoryAudiences::default();
//! pollster::block_on(contract::audience_destination(
//!     &audiences,
//!     |audience| audiences.members(audience),
//!     ["a", "b", "c"],
//!     [tenant, other],
//!     now,
//! ))
//! .unwrap();
//! ```

use stratum_core::Timestamp;
use stratum_core::gate::{GateFacts, GatePass};
use stratum_core::health::{ApiFacts, ComponentReading, ComponentScores, HealthSnapshot, score};
use stratum_core::id::TenantId;
use stratum_core::policy::TrustPolicy;
use stratum_core::vocabulary::{GateSubject, Platform};

use super::{AudienceDestination, AudienceRef, SyncBasis, SyncPermit, ask_gate};
use crate::consent::{Ads, ConsentDecision, ConsentType, Consented, Consents, LegalBasis};
use crate::delivery::{AnswerClass, AnswerVerdict};

/// What was broken.
pub type Broken = String;

fn ensure(holds: bool, rule: &str) -> Result<(), Broken> {
    if holds { Ok(()) } else { Err(rule.to_owned()) }
}

/// Facts on which the gate passes: a health of 100 one minute ago.
///
/// # Errors
/// That the default policy does not compile, which would be a mistake of this contract.
pub fn healthy_facts(tenant_id: TenantId, platform: Platform, now: Timestamp) -> Result<GateFacts, Broken> {
    let policy = TrustPolicy::default().compile().map_err(|problems| problems.to_string())?;
    let mut components = ComponentScores::default();
    policy.components().for_each(|(component, _)| components.set(component, Some(100.0)));
    let health = score(&policy, &components);
    let mut facts = GateFacts::new(tenant_id, GateSubject::AudienceSync, vec![platform], now);
    facts.snapshots = vec![HealthSnapshot {
        snapshot_id: None,
        tenant_id,
        platform,
        preset: policy.policy().preset,
        score: health.score,
        status: health.status,
        coverage_pct: health.coverage_pct,
        components: policy
            .components()
            .map(|(name, weight)| ComponentReading {
                name,
                score: components.get(name),
                weight,
                contribution: weight,
                required: policy.is_required(name),
            })
            .collect(),
        issues: Vec::new(),
        api: ApiFacts { requests: 100, failures: 0, credentials_valid: Some(true) },
        computed_at: now.plus_minutes(-1),
        data_as_of: Some(now.plus_hours(-1)),
    }];
    Ok(facts)
}

/// A pass of the gate for the audiences of a tenant at a platform.
///
/// # Errors
/// That the gate does not pass, which would be a mistake of this contract.
pub fn gate_pass(tenant_id: TenantId, platform: Platform, now: Timestamp) -> Result<GatePass, Broken> {
    let policy = TrustPolicy::default().compile().map_err(|problems| problems.to_string())?;
    let facts = healthy_facts(tenant_id, platform, now)?;
    ask_gate(&policy, facts).pass().cloned().ok_or_else(|| "a perfect health passes the gate".to_owned())
}

fn consented<M>(member: M, now: Timestamp) -> Result<Consented<M, Ads>, Broken> {
    let mut consents = Consents::default();
    consents.record(&ConsentDecision::new(ConsentType::Ads, true, now));
    consents.release(member, LegalBasis::default()).map_err(|refusal| refusal.to_string())
}

fn taken(verdict: &AnswerVerdict, what: &str) -> Result<(), Broken> {
    ensure(verdict.class == AnswerClass::Delivered, what)
}

/// The contract of [`AudienceDestination`]. `members` says who is in an audience, in any order.
///
/// # Errors
/// The first rule that does not hold.
pub async fn audience_destination<D>(
    destination: &D,
    members: impl Fn(&AudienceRef) -> Vec<D::Member>,
    people: [D::Member; 3],
    [tenant, other]: [TenantId; 2],
    now: Timestamp,
) -> Result<(), Broken>
where
    D: AudienceDestination,
    D::Member: Ord + Clone,
{
    let audience_of =
        |tenant_id| AudienceRef { tenant_id, platform: Platform::Meta, audience_id: "contract".to_owned() };
    let [audience, elsewhere] = [audience_of(tenant), audience_of(other)];
    let pass = gate_pass(tenant, Platform::Meta, now)?;
    let permit = || {
        SyncPermit::issue(audience.clone(), SyncBasis::Gate(&pass), now)
            .map_err(|refusal| refusal.to_string())
    };
    let batch = |people: &[D::Member]| -> Result<Vec<_>, Broken> {
        people.iter().map(|member| consented(member.clone(), now)).collect()
    };
    let is_exactly = |audience: &AudienceRef, wanted: &[D::Member]| {
        let mut found = members(audience);
        found.sort();
        let mut wanted = wanted.to_vec();
        wanted.sort();
        found == wanted
    };
    let [a, b, c] = &people;

    let late = destination.add(permit()?, batch(&people)?, pass.valid_until()).await;
    ensure(late.is_err() && is_exactly(&audience, &[]), "a permit that has expired adds nobody")?;

    let sent = destination.add(permit()?, batch(&[a.clone(), b.clone()])?, now).await;
    taken(&sent.map_err(|refusal| refusal.to_string())?, "who is added is taken")?;
    ensure(is_exactly(&audience, &[a.clone(), b.clone()]), "who was added is a member")?;

    let again = destination.add(permit()?, batch(&[b.clone(), c.clone()])?, now).await;
    taken(&again.map_err(|refusal| refusal.to_string())?, "who is there already is no error")?;
    ensure(is_exactly(&audience, &people), "who is added twice is a member once")?;

    taken(&destination.remove(&audience, vec![b.clone()], now).await, "a removal needs no permit")?;
    ensure(is_exactly(&audience, &[a.clone(), c.clone()]), "who was removed is no member")?;
    taken(&destination.remove(&audience, vec![b.clone()], now).await, "who is gone is no error")?;
    ensure(is_exactly(&audience, &[a.clone(), c.clone()]), "a removal removes nobody else")?;
    ensure(is_exactly(&elsewhere, &[]), "tenants never mix")
}
