//! The story as the library judges it.

use stratum_core::Timestamp;
use stratum_core::gate::{self, GateFacts};
use stratum_core::health::{HealthFacts, HealthSnapshot, evaluate};
use stratum_core::policy::TrustPolicy;
use stratum_core::vocabulary::{GateDecision, GateSubject, HealthComponent, Platform};

use super::create::{TENANT, policy};
use super::metrics::CAMPAIGNS;
use super::story::Story;

const ANCHORS: [&str; 3] = ["2026-01-01T00:00:00Z", "2026-06-17T12:34:56Z", "2026-11-22T23:59:59Z"];

fn health(story: &Story, policy: &TrustPolicy, platform: Platform, hours: i64) -> HealthSnapshot {
    let at = story.anchor.plus_hours(hours);
    let facts =
        HealthFacts::new(TENANT, platform, at).with_measurements(story.measurements(platform, at).unwrap());
    evaluate(&policy.compile().unwrap(), &facts).unwrap()
}

fn stories() -> impl Iterator<Item = Story> {
    ANCHORS.iter().map(|text| Story { anchor: text.parse::<Timestamp>().unwrap() })
}

#[test]
fn the_gate_holds_tiktok_and_passes_the_others_whenever_the_demo_is_made() {
    for story in stories() {
        for &platform in Platform::ALL {
            let snapshot = health(&story, &policy(), platform, 0);
            let mut facts = GateFacts::new(TENANT, GateSubject::BudgetIncrease, vec![platform], story.anchor);
            let score = snapshot.score.get();
            facts.snapshots = vec![snapshot];
            let decision = gate::evaluate(&policy().compile().unwrap(), &facts).decision();
            let wanted = if platform == Platform::Tiktok { GateDecision::Hold } else { GateDecision::Pass };
            assert_eq!(decision, wanted, "{platform} at {} with {score}", story.anchor);
        }
    }
}

#[test]
fn the_outage_the_drift_and_the_anomaly_are_seen_when_they_happen() {
    for story in stories() {
        let seen = |platform, days: i64, component| {
            health(&story, &policy(), platform, days * 24).component(component).unwrap().get()
        };
        assert!(health(&story, &policy(), Platform::Tiktok, -60 * 24).score.get() < 70.0);
        assert!(health(&story, &policy(), Platform::Tiktok, -30 * 24).score.get() > 80.0);
        assert!(seen(Platform::Google, -60, HealthComponent::Variance) > 90.0);
        assert!(seen(Platform::Google, 0, HealthComponent::Variance) < 80.0);
        let anomalies: Vec<f64> =
            (-23..=-18).map(|day| seen(Platform::Snapchat, day, HealthComponent::Anomaly)).collect();
        assert!(anomalies.contains(&0.0), "{anomalies:?}");
    }
}

#[test]
fn the_same_instant_tells_the_same_story() {
    let story = Story { anchor: ANCHORS[0].parse().unwrap() };
    let date = "2025-12-24".parse().unwrap();
    for campaign in &CAMPAIGNS {
        assert_eq!(story.day(campaign, date).unwrap(), story.day(campaign, date).unwrap());
        assert!(story.day(campaign, date).unwrap().spend_cents > 0);
    }
    let minute = (story.anchor, story.anchor.plus_minutes(1));
    let values = || -> Vec<Option<f64>> {
        let signals = story.signals(Platform::Meta, minute.0, minute.1);
        signals.into_iter().map(|(signal, _)| signal.value).collect()
    };
    assert_eq!(values(), values());
    // Counts are whole, as health asks for.
    assert!(values().iter().skip(1).flatten().all(|value| value.fract() == 0.0));
}
