//! Which daily metrics are anomalous, how badly, and whether that does harm.

use serde::{Deserialize, Serialize};

use super::{MIN_PREVIOUS, PREVIOUS_DAYS, z_score};
use crate::enumeration;
use crate::math::{finite, mean};
use crate::order;
use crate::vocabulary::{IncidentKind, IncidentSeverity};

/// From this |z| a metric is listed, as near to an anomaly.
pub const NEAR_FROM: f64 = 2.0;

enumeration! {
    /// A daily metric that is watched for anomalies.
    pub enum AnomalyMetric "anomaly metric" {
        /// Spend, in minor units.
        Spend = "spend",
        /// Revenue, in minor units.
        Revenue = "revenue",
        /// Return on ad spend: revenue over spend.
        Roas = "roas",
        /// Cost per conversion.
        Cpa = "cpa",
        /// Conversions.
        Conversions = "conversions",
        /// Events lost, in per cent of those expected.
        EventLossPct = "event_loss_pct",
        /// Event match quality, 0 to 100.
        EmqScore = "emq_score",
    }
}

enumeration! {
    /// How far out an anomaly lies.
    pub enum AnomalySeverity "anomaly severity" {
        /// |z| of 2.5 or more.
        Medium = "MEDIUM",
        /// |z| of 3 or more.
        High = "HIGH",
        /// |z| of 4 or more.
        Critical = "CRITICAL",
    }
}

impl AnomalySeverity {
    /// The severity of a z; `None` below 2.5, which is no anomaly.
    #[must_use]
    pub fn of(z: f64) -> Option<Self> {
        let distance = z.abs();
        if distance >= 4.0 {
            Some(Self::Critical)
        } else if distance >= 3.0 {
            Some(Self::High)
        } else {
            (distance >= 2.5).then_some(Self::Medium)
        }
    }
}

enumeration! {
    /// To which side an anomaly lies.
    pub enum AnomalyDirection "anomaly direction" {
        /// Above what was expected.
        High = "HIGH",
        /// Below what was expected.
        Low = "LOW",
    }
}

impl AnomalyMetric {
    /// Whether an anomaly to this side does harm: spend to either, cost and loss upwards, all others downwards.
    #[must_use]
    pub const fn is_harmful(self, direction: AnomalyDirection) -> bool {
        match self {
            Self::Spend => true,
            Self::Cpa | Self::EventLossPct => matches!(direction, AnomalyDirection::High),
            Self::Revenue | Self::Roas | Self::Conversions | Self::EmqScore => {
                matches!(direction, AnomalyDirection::Low)
            }
        }
    }

    /// The kind of incident that a harmful high or critical anomaly of this metric opens, where it opens one.
    #[must_use]
    pub const fn incident_kind(self) -> Option<IncidentKind> {
        match self {
            Self::EmqScore => Some(IncidentKind::Emq),
            Self::EventLossPct => Some(IncidentKind::Anomaly),
            _ => None,
        }
    }
}

/// A metric's value of the judged day and of the days before it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct MetricSeries<'a> {
    /// Which metric.
    pub metric: AnomalyMetric,
    /// The value of the judged day; NaN if it has none.
    pub value: f64,
    /// The values of the complete days before it, one for each day, oldest first; NaN for a day without one. Only the last
    /// 14 are looked at.
    pub previous: &'a [f64],
}

impl MetricSeries<'_> {
    /// The z of the judged day, −10 to 10; `None` if it cannot be judged: no value, or fewer than 7 in the 14 days before.
    #[must_use]
    pub fn zscore(&self) -> Option<f64> {
        let previous = self.known();
        if previous.len() < MIN_PREVIOUS { None } else { z_score(self.value, &previous) }
    }

    fn known(&self) -> Vec<f64> {
        let days = usize::try_from(PREVIOUS_DAYS).unwrap_or(usize::MAX);
        let skip = self.previous.len().saturating_sub(days);
        self.previous.iter().skip(skip).copied().filter_map(finite).collect()
    }
}

/// A metric whose value lies 2 standard deviations or more from its mean.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct MetricAnomaly {
    /// Which metric.
    pub metric: AnomalyMetric,
    /// The value of the judged day.
    pub actual: f64,
    /// The mean of the days before it.
    pub expected: f64,
    /// −10 to 10.
    pub zscore: f64,
    /// To which side.
    pub direction: AnomalyDirection,
    /// Whether that side does harm.
    pub harmful: bool,
    /// How far out; `None` when it is near to an anomaly (2.0 to 2.5) but none.
    pub severity: Option<AnomalySeverity>,
}

impl MetricAnomaly {
    /// The incident that this anomaly opens: harmful, high or critical, of a metric that opens incidents.
    #[must_use]
    pub fn incident(&self) -> Option<(IncidentKind, IncidentSeverity)> {
        let severity = match self.severity.filter(|_| self.harmful)? {
            AnomalySeverity::Medium => return None,
            AnomalySeverity::High => IncidentSeverity::High,
            AnomalySeverity::Critical => IncidentSeverity::Critical,
        };
        self.metric.incident_kind().map(|kind| (kind, severity))
    }
}

/// Judges the metrics of one day: those with |z| ≥ 2, the farthest out first, then by name.
///
/// A metric without a value, or with fewer than 7 values in the 14 days before, cannot be judged and is not listed.
///
/// ```
/// use stratum_core::anomaly::{AnomalyMetric, AnomalySeverity, MetricSeries, judge};
/// let steady = [90.0, 91.0, 89.0, 90.0, 91.0, 89.0, 90.0];
/// let found = judge(&[MetricSeries { metric: AnomalyMetric::EmqScore, value: 80.0, previous: &steady }]);
/// assert_eq!(found[0].severity, Some(AnomalySeverity::Critical));
/// assert!(found[0].harmful);
/// ```
#[must_use]
pub fn judge(series: &[MetricSeries<'_>]) -> Vec<MetricAnomaly> {
    let mut found: Vec<MetricAnomaly> = series.iter().filter_map(judge_one).collect();
    order::few(&mut found, |a, b| {
        b.zscore.abs().total_cmp(&a.zscore.abs()).then_with(|| a.metric.as_str().cmp(b.metric.as_str()))
    });
    found
}

fn judge_one(series: &MetricSeries<'_>) -> Option<MetricAnomaly> {
    let zscore = series.zscore().filter(|z| z.abs() >= NEAR_FROM)?;
    let direction = if zscore > 0.0 { AnomalyDirection::High } else { AnomalyDirection::Low };
    Some(MetricAnomaly {
        metric: series.metric,
        actual: series.value,
        expected: mean(&series.known())?,
        zscore,
        direction,
        harmful: series.metric.is_harmful(direction),
        severity: AnomalySeverity::of(zscore),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Mean 100, sum of squares 6 · 2² = 24, sample variance 24 / 6 = 4: a z of one is 2.
    const WEEK: [f64; 7] = [98.0, 102.0, 98.0, 102.0, 98.0, 102.0, 100.0];

    fn one(metric: AnomalyMetric, value: f64) -> Option<MetricAnomaly> {
        judge(&[MetricSeries { metric, value, previous: &WEEK }]).first().copied()
    }

    #[test]
    fn severities_begin_at_2_5_and_3_and_4_and_near_at_2() {
        for (value, severity) in [
            (104.0, None),
            (104.98, None),
            (105.0, Some(AnomalySeverity::Medium)),
            (105.98, Some(AnomalySeverity::Medium)),
            (106.0, Some(AnomalySeverity::High)),
            (107.98, Some(AnomalySeverity::High)),
            (108.0, Some(AnomalySeverity::Critical)),
            (92.0, Some(AnomalySeverity::Critical)),
        ] {
            assert_eq!(one(AnomalyMetric::Spend, value).unwrap().severity, severity, "{value}");
        }
        assert_eq!(one(AnomalyMetric::Spend, 103.98), None);
        assert_eq!(one(AnomalyMetric::Spend, 96.02), None);
    }

    #[test]
    fn harm_depends_on_the_side() {
        use AnomalyMetric as M;
        for (metric, high, low) in [
            (M::Spend, true, true),
            (M::Cpa, true, false),
            (M::EventLossPct, true, false),
            (M::Revenue, false, true),
            (M::Roas, false, true),
            (M::Conversions, false, true),
            (M::EmqScore, false, true),
        ] {
            assert_eq!(one(metric, 110.0).unwrap().harmful, high, "{metric} high");
            assert_eq!(one(metric, 90.0).unwrap().harmful, low, "{metric} low");
        }
    }

    #[test]
    fn only_harmful_high_or_critical_anomalies_of_emq_and_event_loss_open_incidents() {
        let incident = |metric, value| one(metric, value).unwrap().incident();
        let (emq, loss) = (AnomalyMetric::EmqScore, AnomalyMetric::EventLossPct);
        assert_eq!(incident(emq, 94.0), Some((IncidentKind::Emq, IncidentSeverity::High)));
        assert_eq!(incident(emq, 92.0), Some((IncidentKind::Emq, IncidentSeverity::Critical)));
        assert_eq!(incident(emq, 95.0), None, "medium");
        assert_eq!(incident(emq, 110.0), None, "harmless");
        assert_eq!(incident(loss, 106.0), Some((IncidentKind::Anomaly, IncidentSeverity::High)));
        assert_eq!(incident(AnomalyMetric::Spend, 110.0), None);
    }

    #[test]
    fn the_farthest_comes_first_and_equal_ones_go_by_name() {
        let series = [
            MetricSeries { metric: AnomalyMetric::Spend, value: 106.0, previous: &WEEK },
            MetricSeries { metric: AnomalyMetric::Roas, value: 106.0, previous: &WEEK },
            MetricSeries { metric: AnomalyMetric::Cpa, value: 94.0, previous: &WEEK },
            MetricSeries { metric: AnomalyMetric::Revenue, value: 90.0, previous: &WEEK },
        ];
        let order: Vec<&str> = judge(&series).iter().map(|found| found.metric.as_str()).collect();
        assert_eq!(order, ["revenue", "cpa", "roas", "spend"]);
    }

    #[test]
    fn fewer_than_seven_of_the_last_fourteen_days_are_too_few() {
        let mut previous = vec![f64::NAN; 8];
        previous.extend(&WEEK[..6]);
        let listed = |previous: &[f64]| {
            judge(&[MetricSeries { metric: AnomalyMetric::Spend, value: 500.0, previous }]).len()
        };
        assert_eq!(listed(&previous), 0);
        // A seventh value, but fifteen days ago.
        previous.insert(0, 100.0);
        assert_eq!(listed(&previous), 0);
        previous.remove(1);
        assert_eq!(listed(&previous), 1);
        assert!(
            judge(&[MetricSeries { metric: AnomalyMetric::Spend, value: f64::NAN, previous: &WEEK }])
                .is_empty()
        );
    }
}
