//! The band of the event match quality that narrows automatic approval.

use stratum_core::Score;
use stratum_core::emq::EmqBand;

use crate::db::TenantTx;
use crate::http::ApiError;

/// The band of the mean event EMQ of the last 24 hours, weighted by volume; no event at all is `POOR`.
///
/// The mean is over the newest `emq_score` (0–100) or `emq_rating` (0–10, counted tenfold) of each event name and
/// platform, with the volume that came with it; a measurement without a volume counts as one event.
///
/// # Errors
/// The database's.
pub async fn event_emq_band(tx: &mut TenantTx) -> Result<EmqBand, ApiError> {
    let mean: Option<f64> = sqlx::query_scalar(
        "SELECT sum(score * volume) / NULLIF(sum(volume), 0)
         FROM (SELECT DISTINCT ON (platform, attributes->>'event_name')
                      CASE name WHEN 'emq_rating' THEN value * 10 ELSE value END AS score,
                      CASE WHEN jsonb_typeof(attributes->'volume') = 'number'
                           THEN (attributes->>'volume')::double precision ELSE 1 END AS volume
               FROM signal
               WHERE name IN ('emq_score', 'emq_rating') AND value IS NOT NULL AND observed_at > $1 AND observed_at <= $2
               ORDER BY platform, attributes->>'event_name', observed_at DESC, id DESC) AS newest",
    )
    .bind(tx.now().plus_hours(-24).to_chrono())
    .bind(tx.now().to_chrono())
    .fetch_one(&mut **tx)
    .await?;
    Ok(EmqBand::of_mean(mean.and_then(|mean| Score::new(mean.min(100.0)).ok())))
}
