use super::*;
use stratum_core::Timestamp;
use stratum_core::gate::OpenIncident;
use stratum_core::health::{ApiFacts, HealthSnapshot};
use stratum_core::id::TenantId;
use stratum_core::vocabulary::{HealthPreset, HealthStatus, IncidentKind, IncidentSeverity, Platform};

fn tenant() -> TenantId {
    "0198c9a0-0000-7000-8000-000000000001".parse().unwrap()
}

fn now() -> Timestamp {
    "2026-03-01T12:00:00Z".parse().unwrap()
}

#[test]
fn the_store_in_memory_keeps_the_contract_of_actions() {
    pollster::block_on(contract::action_store(&MemoryStore::new(), tenant(), now())).unwrap();
}

#[test]
fn the_signals_in_memory_keep_the_contract_of_signals() {
    let snapshot = HealthSnapshot {
        snapshot_id: None,
        tenant_id: tenant(),
        platform: Platform::Meta,
        preset: HealthPreset::Five,
        score: stratum_core::Score::new(0.0).unwrap(),
        status: HealthStatus::Unhealthy,
        coverage_pct: 0.0,
        components: Vec::new(),
        issues: Vec::new(),
        api: ApiFacts::default(),
        computed_at: now(),
        data_as_of: None,
    };
    let incident = OpenIncident {
        platform: Platform::Meta,
        kind: IncidentKind::Platform,
        severity: IncidentSeverity::Critical,
    };
    let signals = MemorySignals::new();
    pollster::block_on(contract::signal_store(
        &signals,
        snapshot,
        incident,
        |snapshot| signals.put_snapshot(snapshot.clone()),
        |incident| signals.set_incidents(tenant(), vec![incident]),
    ))
    .unwrap();
}

#[test]
fn an_unknown_tenant_has_no_settings_and_no_records() {
    let store = MemoryStore::new();
    pollster::block_on(async {
        assert!(matches!(store.settings(tenant()).await, Err(StoreError::UnknownTenant)));
        assert!(store.records(tenant(), 0, 10).await.unwrap().is_empty());
        assert!(!store.switches(tenant()).await.unwrap().tenant);
    });
}

#[test]
fn the_day_of_a_moment_is_that_of_utc() {
    let moment = Moment::utc("2026-03-01T23:59:59.999Z".parse().unwrap());
    assert_eq!(moment.day_start.to_string(), "2026-03-01T00:00:00.000Z");
    assert_eq!(moment.next_midnight.to_string(), "2026-03-02T00:00:00.000Z");
}
