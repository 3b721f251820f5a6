//! How many calls are under way: in this process, and to each platform of them. A platform that answers slowly holds its
//! own slots and no others.

use std::sync::Arc;

use stratum_core::vocabulary::Platform;
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore};

use crate::http::ApiError;

/// The share of the process's calls that one platform may hold: a quarter, as there are four.
const SHARE: usize = 4;

/// The slots of a process.
#[derive(Debug)]
pub(super) struct Slots {
    process: Arc<Semaphore>,
    platforms: Vec<(Platform, Arc<Semaphore>)>,
    calls_at_once: usize,
    freed: Arc<Notify>,
}

impl Slots {
    /// So many calls at once, of which each platform has at most a quarter, and at least one.
    pub(super) fn new(calls_at_once: usize) -> Self {
        let share = calls_at_once.checked_div(SHARE).unwrap_or_default().max(1);
        let of = |&platform: &Platform| (platform, Arc::new(Semaphore::new(share)));
        Self {
            process: Arc::new(Semaphore::new(calls_at_once)),
            platforms: Platform::ALL.iter().map(of).collect(),
            calls_at_once,
            freed: Arc::default(),
        }
    }

    /// Waits for a slot of the process. It is for no platform yet.
    pub(super) async fn one(&self) -> Result<Slot, ApiError> {
        let process = Arc::clone(&self.process).acquire_owned().await.map_err(ApiError::internal)?;
        Ok(Slot { permits: vec![process], freed: Arc::clone(&self.freed) })
    }

    /// The platforms to which no call may begin now. Only the one who asks begins calls, so none joins them meanwhile.
    pub(super) fn full(&self) -> Vec<Platform> {
        let full = self.platforms.iter().filter(|(_, slots)| slots.available_permits() == 0);
        full.map(|&(platform, _)| platform).collect()
    }

    /// Takes one of the platform's slots, too, where one is free.
    pub(super) fn take(&self, slot: &mut Slot, platform: Platform) {
        let slots = self.platforms.iter().find(|(of, _)| *of == platform).map(|(_, slots)| slots);
        slot.permits.extend(slots.and_then(|slots| Arc::clone(slots).try_acquire_owned().ok()));
    }

    /// Resolves when a call has ended since this resolved last.
    pub(super) async fn freed(&self) {
        self.freed.notified().await;
    }

    /// Resolves when no call is under way.
    pub(super) async fn all_free(&self) {
        // Every call under way holds one.
        let all = u32::try_from(self.calls_at_once).unwrap_or(u32::MAX);
        let _ = self.process.acquire_many(all).await;
    }
}

/// The right to have one call under way; given back when dropped.
#[derive(Debug)]
pub(super) struct Slot {
    permits: Vec<OwnedSemaphorePermit>,
    freed: Arc<Notify>,
}

impl Drop for Slot {
    fn drop(&mut self) {
        // A look at an action that led to no call frees nothing that anybody waits for.
        let called = self.permits.len() > 1;
        // Given back before anybody is told.
        self.permits.clear();
        if called {
            self.freed.notify_one();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_platform_holds_at_most_a_quarter_of_the_slots_and_at_least_one() {
        for (calls_at_once, share) in [(16, 4), (9, 2), (4, 1), (3, 1), (1, 1)] {
            let slots = Slots::new(calls_at_once);
            let mut held = Vec::new();
            while slots.full().is_empty() {
                let mut slot = slots.one().await.unwrap();
                slots.take(&mut slot, Platform::Meta);
                held.push(slot);
            }
            assert_eq!(held.len(), share, "of {calls_at_once}");
            assert_eq!(slots.full(), [Platform::Meta]);
            held.pop();
            slots.freed().await;
            assert_eq!(slots.full(), []);
        }
    }
}
