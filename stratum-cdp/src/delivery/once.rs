//! Delivered once: under which key, and for how long that is remembered.

use std::fmt;

use serde::{Deserialize, Serialize};
use stratum_core::Timestamp;
use stratum_core::id::TenantId;
use stratum_core::problem::Problem;
use stratum_core::time::DAY_MS;
use stratum_core::vocabulary::Platform;

use crate::event::Event;

/// What was delivered is not sent again for this long.
pub const REMEMBERED_FOR_MS: i64 = 7 * DAY_MS;

/// What is delivered to a platform once: an event of a tenant. The event id is the one that the browser's copy carries, so the
/// platform counts both as one.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct DeliveryKey {
    /// Whose event it is.
    pub tenant_id: TenantId,
    /// To which platform.
    pub platform: Platform,
    /// The idempotency key or event id, or the digest of the event's content where it has neither.
    pub event_id: String,
}

impl DeliveryKey {
    /// The key of an event.
    ///
    /// # Errors
    /// As [`Event::key`].
    pub fn of(tenant_id: TenantId, platform: Platform, event: &Event) -> Result<Self, Problem> {
        Ok(Self { tenant_id, platform, event_id: event.key()? })
    }
}

impl fmt::Debug for DeliveryKey {
    /// Without the event id: a shop may have made it of an order number or an e-mail address.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DeliveryKey")
            .field("tenant_id", &self.tenant_id)
            .field("platform", &self.platform)
            .finish_non_exhaustive()
    }
}

/// Whether what was delivered at `delivered_at` is still remembered, and so not sent again. A delivery in the future is one,
/// too: the clock that wrote it was ahead.
#[must_use]
pub fn is_remembered(delivered_at: Option<Timestamp>, now: Timestamp) -> bool {
    delivered_at.is_some_and(|at| now.millis_since(at) < REMEMBERED_FOR_MS)
}
