//! What the score of an event depends on.

use crate::emq::bits::bit_set;

bit_set! {
    /// Which kinds of identifier an event carries, after normalisation dropped what is no identifier.
    pub struct IdentifierKinds(u8) {
        /// An e-mail address, or its SHA-256.
        const EMAIL = 0;
        /// A phone number.
        const PHONE = 1;
        /// An id of the tenant's own system.
        const EXTERNAL_ID = 2;
        /// A device or mobile advertising id.
        const DEVICE_ID = 3;
        /// An id of an unknown visitor.
        const ANONYMOUS_ID = 4;
        /// A click id of an ad platform. It raises the quality but names nobody: alone it is no identifier.
        const CLICK_ID = 5;
    }
}

impl IdentifierKinds {
    /// The kinds that can tell whose event it is: all but the click id.
    pub const PERSON: Self = Self::EMAIL
        .union(Self::PHONE)
        .union(Self::EXTERNAL_ID)
        .union(Self::DEVICE_ID)
        .union(Self::ANONYMOUS_ID);

    /// Identifier quality, 0 to 100: the sum over the kinds (e-mail 60, phone 50, external id 30, device id 20, click id
    /// 20, anonymous id 10), at most 100.
    #[must_use]
    pub fn quality(self) -> f64 {
        let points = |kind: Self, points: f64| if self.intersects(kind) { points } else { 0.0 };
        let sum = points(Self::EMAIL, 60.0)
            + points(Self::PHONE, 50.0)
            + points(Self::EXTERNAL_ID, 30.0)
            + points(Self::DEVICE_ID, 20.0)
            + points(Self::CLICK_ID, 20.0)
            + points(Self::ANONYMOUS_ID, 10.0);
        sum.min(100.0)
    }
}

bit_set! {
    /// Which parts of its context an event carries. A click id stands with the [`IdentifierKinds`] and counts there too.
    pub struct ContextSignals(u8) {
        /// The browser's user agent.
        const USER_AGENT = 0;
        /// The client's IP address.
        const CLIENT_IP = 1;
        /// A campaign (UTM parameters).
        const CAMPAIGN = 2;
        /// The page's URL or its referrer.
        const PAGE = 3;
    }
}

impl ContextSignals {
    /// Context richness, 0 to 100: user agent 30, client IP 30, campaign or click id 25, page URL or referrer 15.
    #[must_use]
    pub fn richness(self, click_id: bool) -> f64 {
        let points = |present: bool, points: f64| if present { points } else { 0.0 };
        points(self.intersects(Self::USER_AGENT), 30.0)
            + points(self.intersects(Self::CLIENT_IP), 30.0)
            + points(click_id || self.intersects(Self::CAMPAIGN), 25.0)
            + points(self.intersects(Self::PAGE), 15.0)
    }
}

/// What the score of an event depends on.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct EventFacts {
    /// The kinds of identifier that survived normalisation.
    pub identifiers: IdentifierKinds,
    /// How complete the properties are, 0 to 100; see [`completeness`](super::completeness).
    pub completeness: f64,
    /// Seconds from the event to its receipt; negative if the event's clock runs ahead.
    pub latency_s: f64,
    /// The parts of the context that are present.
    pub context: ContextSignals,
}
