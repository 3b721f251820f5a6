//! Health of many rows at once: columns in, columns out, and the row form's own code for each row.

use super::{ComponentScores, score};
use crate::policy::CompiledTrustPolicy;
use crate::problem::{Problem, ProblemCollector, Problems};
use crate::vocabulary::{HealthComponent, HealthStatus};

/// Where [`score_columns`] writes: one place for each row.
#[derive(Debug)]
pub struct HealthColumns<'a> {
    /// 0 to 100.
    pub score: &'a mut [f64],
    /// The position in [`HealthStatus::ALL`]: 0 healthy, 1 degraded, 2 unhealthy.
    pub status: &'a mut [u8],
    /// The sum of the weights that were measured, 0 to 100.
    pub coverage_pct: &'a mut [f64],
}

/// Scores every row of the columns, each the scores of one component: NaN and infinities are missing.
///
/// Each row comes out as [`score`] gives it for the same components. A component without a column is missing in every row,
/// and a column that the policy does not weigh counts nothing.
///
/// ```
/// use stratum_core::health::{HealthColumns, score_columns};
/// use stratum_core::policy::TrustPolicy;
/// use stratum_core::vocabulary::HealthComponent as C;
///
/// let policy = TrustPolicy::default().compile().unwrap();
/// let (emq, full) = ([80.0, f64::NAN], [100.0, 100.0]);
/// let columns = [(C::Emq, &emq[..]), (C::ApiHealth, &full), (C::EventLoss, &full), (C::PlatformStability, &full), (C::DataQuality, &full)];
/// let (mut score, mut status, mut coverage_pct) = ([0.0; 2], [0; 2], [0.0; 2]);
/// score_columns(&policy, &columns, HealthColumns { score: &mut score, status: &mut status, coverage_pct: &mut coverage_pct }).unwrap();
/// assert_eq!((score, status, coverage_pct), ([93.0, 65.0], [0, 1], [100.0, 65.0]));
/// ```
///
/// # Errors
/// Every problem at once: `length_mismatch` for a column that is not as long as the others, `component_given_twice`, and
/// `out_of_range` at the first row of each column that lies outside 0 to 100. Nothing is written then.
pub fn score_columns(
    policy: &CompiledTrustPolicy,
    columns: &[(HealthComponent, &[f64])],
    out: HealthColumns<'_>,
) -> Result<(), Problems> {
    check(columns, &out)?;
    let rows = out.score.iter_mut().zip(out.status.iter_mut()).zip(out.coverage_pct.iter_mut());
    let mut values: Vec<(HealthComponent, std::slice::Iter<'_, f64>)> =
        columns.iter().map(|(component, column)| (*component, column.iter())).collect();
    for ((score_of_row, status), coverage_pct) in rows {
        let mut components = ComponentScores::default();
        for (component, column) in &mut values {
            components.set(*component, column.next().copied());
        }
        let health = score(policy, &components);
        *score_of_row = health.score.get();
        *status = status_code(health.status);
        *coverage_pct = health.coverage_pct;
    }
    Ok(())
}

const fn status_code(status: HealthStatus) -> u8 {
    match status {
        HealthStatus::Healthy => 0,
        HealthStatus::Degraded => 1,
        HealthStatus::Unhealthy => 2,
    }
}

fn check(columns: &[(HealthComponent, &[f64])], out: &HealthColumns<'_>) -> Result<(), Problems> {
    let mut found = ProblemCollector::new();
    let rows = columns.first().map_or(out.score.len(), |(_, first)| first.len());
    for (name, length) in
        [("score", out.score.len()), ("status", out.status.len()), ("coverage_pct", out.coverage_pct.len())]
    {
        if length != rows {
            found.push(length_mismatch(&format!("/out/{name}"), length, rows));
        }
    }
    for (position, (component, column)) in columns.iter().enumerate() {
        let path = format!("/columns/{component}");
        if columns.iter().take(position).any(|(earlier, _)| earlier == component) {
            found.push(Problem::new(
                &path,
                "component_given_twice",
                format!("{component} has more than one column"),
            ));
        }
        if column.len() != rows {
            found.push(length_mismatch(&path, column.len(), rows));
        }
        let outside = |value: &f64| value.is_finite() && !(0.0..=100.0).contains(value);
        if let Some((row, value)) = column.iter().enumerate().find(|(_, value)| outside(value)) {
            found.push(
                Problem::new(
                    format!("{path}/{row}"),
                    "out_of_range",
                    format!("a score is from 0 to 100, not {value}"),
                )
                .help("scale the column to 0 to 100; write NaN for what was not measured"),
            );
        }
    }
    found.into_result(())
}

fn length_mismatch(path: &str, length: usize, rows: usize) -> Problem {
    Problem::new(path, "length_mismatch", format!("this has {length} rows, the first column has {rows}"))
        .help("give every column and every output the same number of rows")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::TrustPolicy;

    #[test]
    fn every_problem_of_the_columns_is_named_and_nothing_is_written() {
        let policy = TrustPolicy::default().compile().unwrap();
        let (emq, short, wild) = ([90.0; 3], [90.0; 2], [f64::NAN, 100.0, 100.1]);
        let columns = [
            (HealthComponent::Emq, &emq[..]),
            (HealthComponent::ApiHealth, &short[..]),
            (HealthComponent::EventLoss, &wild[..]),
            (HealthComponent::Emq, &emq[..]),
        ];
        let (mut score, mut status, mut coverage_pct) = ([-1.0; 3], [9; 2], [-1.0; 3]);
        let out = HealthColumns { score: &mut score, status: &mut status, coverage_pct: &mut coverage_pct };
        let problems = score_columns(&policy, &columns, out).unwrap_err();
        let found: Vec<(&str, &str)> =
            problems.iter().map(|it| (it.path.as_str(), it.code.as_ref())).collect();
        assert_eq!(
            found,
            [
                ("/out/status", "length_mismatch"),
                ("/columns/API_HEALTH", "length_mismatch"),
                ("/columns/EVENT_LOSS/2", "out_of_range"),
                ("/columns/EMQ", "component_given_twice"),
            ]
        );
        assert_eq!((score, status, coverage_pct), ([-1.0; 3], [9; 2], [-1.0; 3]));
    }

    #[test]
    fn the_status_code_is_the_position_in_the_vocabulary() {
        for &status in HealthStatus::ALL {
            assert_eq!(usize::from(status_code(status)), status.index());
        }
    }

    #[test]
    fn without_columns_every_row_has_no_data() {
        let policy = TrustPolicy::default().compile().unwrap();
        let (mut score, mut status, mut coverage_pct) = ([9.0; 2], [9; 2], [9.0; 2]);
        let out = HealthColumns { score: &mut score, status: &mut status, coverage_pct: &mut coverage_pct };
        score_columns(&policy, &[], out).unwrap();
        assert_eq!((score, status, coverage_pct), ([0.0; 2], [2; 2], [0.0; 2]));
    }
}
