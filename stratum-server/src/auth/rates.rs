//! How many requests a tenant or an address may make: token buckets that hold as many as they refill in a minute.

use std::fmt;
use std::net::IpAddr;
use std::num::NonZeroU32;
use std::time::Duration;

use governor::clock::{Clock as _, DefaultClock};
use governor::middleware::StateInformationMiddleware;
use governor::state::keyed::DefaultKeyedStateStore;
use governor::{Quota, RateLimiter};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use stratum_core::id::TenantId;
use uuid::Uuid;

use super::access::Bucket;
use crate::http::ApiError;
use crate::tenant::Tier;

type Limiter<K> = RateLimiter<K, DefaultKeyedStateStore<K>, DefaultClock, StateInformationMiddleware>;

static LIMIT: HeaderName = HeaderName::from_static("x-ratelimit-limit");
static REMAINING: HeaderName = HeaderName::from_static("x-ratelimit-remaining");
static RESET: HeaderName = HeaderName::from_static("x-ratelimit-reset");

/// The buckets of this process.
pub struct RateLimits {
    enabled: bool,
    clock: DefaultClock,
    requests: [Limiter<Uuid>; 3],
    ingest: [Limiter<Uuid>; 3],
    ordinary: Limiter<IpAddr>,
    login: Limiter<IpAddr>,
    refresh: Limiter<IpAddr>,
}

impl fmt::Debug for RateLimits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RateLimits").field("enabled", &self.enabled).finish_non_exhaustive()
    }
}

/// What a bucket said: the headers that the answer carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Allowance {
    limit: u32,
    remaining: u32,
    reset_seconds: u64,
}

impl Allowance {
    pub(super) fn write(self, headers: &mut HeaderMap) {
        headers.insert(LIMIT.clone(), HeaderValue::from(self.limit));
        headers.insert(REMAINING.clone(), HeaderValue::from(self.remaining));
        headers.insert(RESET.clone(), HeaderValue::from(self.reset_seconds));
    }
}

impl RateLimits {
    /// The buckets of the contract; with `enabled` false nothing is counted (load tests of a server of one's own).
    #[must_use]
    pub fn new(enabled: bool) -> Self {
        let tenant = |times: u32| {
            Tier::ALL_TIERS.map(|tier| keyed::<Uuid>(tier.requests_per_minute().saturating_mul(times)))
        };
        Self {
            enabled,
            clock: DefaultClock::default(),
            requests: tenant(1),
            ingest: tenant(10),
            ordinary: keyed(60),
            login: keyed(10),
            refresh: keyed(20),
        }
    }

    /// Takes one from the tenant's bucket.
    pub(super) fn tenant(
        &self,
        bucket: Bucket,
        tier: Tier,
        tenant: TenantId,
    ) -> Result<Option<Allowance>, ApiError> {
        let limiters = match bucket {
            Bucket::Free => return Ok(None),
            Bucket::Ingest => &self.ingest,
            _ => &self.requests,
        };
        match limiters.get(tier.index()) {
            Some(limiter) => self.take(limiter, &tenant.as_uuid()),
            None => Ok(None),
        }
    }

    /// Takes one from the address's bucket.
    pub(super) fn address(&self, bucket: Bucket, address: IpAddr) -> Result<Option<Allowance>, ApiError> {
        let limiter = match bucket {
            Bucket::Free => return Ok(None),
            Bucket::Login => &self.login,
            Bucket::Refresh => &self.refresh,
            Bucket::Ordinary | Bucket::Ingest => &self.ordinary,
        };
        self.take(limiter, &address)
    }

    /// Forgets the buckets that are full again.
    pub fn sweep(&self) {
        for limiter in self.requests.iter().chain(&self.ingest) {
            limiter.retain_recent();
        }
        for limiter in [&self.ordinary, &self.login, &self.refresh] {
            limiter.retain_recent();
        }
    }

    fn take<K: Clone + std::hash::Hash + Eq>(
        &self,
        limiter: &Limiter<K>,
        key: &K,
    ) -> Result<Option<Allowance>, ApiError> {
        if !self.enabled {
            return Ok(None);
        }
        match limiter.check_key(key) {
            Ok(snapshot) => {
                let limit = snapshot.quota().burst_size().get();
                let remaining = snapshot.remaining_burst_capacity();
                let missing = limit.saturating_sub(remaining);
                let full = snapshot.quota().replenish_interval().saturating_mul(missing);
                Ok(Some(Allowance { limit, remaining, reset_seconds: seconds_up(full) }))
            }
            Err(refused) => {
                let wait = seconds_up(refused.wait_time_from(self.clock.now())).max(1);
                Err(ApiError::new(
                    StatusCode::TOO_MANY_REQUESTS,
                    "RATE_LIMITED",
                    "too many requests; wait a little",
                )
                .header(header::RETRY_AFTER, wait)
                .header(LIMIT.clone(), refused.quota().burst_size().get())
                .header(REMAINING.clone(), 0)
                .header(RESET.clone(), wait))
            }
        }
    }
}

fn keyed<K: Clone + std::hash::Hash + Eq>(per_minute: u32) -> Limiter<K> {
    let quota = Quota::per_minute(NonZeroU32::new(per_minute).unwrap_or(NonZeroU32::MIN));
    RateLimiter::keyed(quota).with_middleware::<StateInformationMiddleware>()
}

fn seconds_up(duration: Duration) -> u64 {
    duration.as_secs().saturating_add(u64::from(duration.subsec_nanos() > 0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_request_above_the_tiers_rate_is_refused_with_a_time_to_wait() {
        let rates = RateLimits::new(true);
        let tenant = TenantId::from_uuid(Uuid::nil());
        for taken in 1..=100 {
            let allowance = rates.tenant(Bucket::Ordinary, Tier::Starter, tenant).unwrap().unwrap();
            assert_eq!(allowance.limit, 100);
            assert!(allowance.remaining <= 100 - taken + 1);
        }
        let error = rates.tenant(Bucket::Ordinary, Tier::Starter, tenant).unwrap_err();
        assert_eq!((error.status(), error.code()), (StatusCode::TOO_MANY_REQUESTS, "RATE_LIMITED"));
        assert!(
            rates.tenant(Bucket::Ingest, Tier::Starter, tenant).is_ok(),
            "ingestion has a bucket of its own"
        );
        let other = TenantId::from_uuid(Uuid::max());
        assert!(rates.tenant(Bucket::Ordinary, Tier::Starter, other).is_ok());
    }
}
