//! Which properties an event should carry, and how complete it is.

use crate::emq::bits::bit_set;

bit_set! {
    /// The properties that the completeness of some known event depends on.
    pub struct EventProperties(u32) {
        /// `page_url`
        const PAGE_URL = 0;
        /// `page_title`
        const PAGE_TITLE = 1;
        /// `referrer`
        const REFERRER = 2;
        /// `product_id`
        const PRODUCT_ID = 3;
        /// `product_name`
        const PRODUCT_NAME = 4;
        /// `price`
        const PRICE = 5;
        /// `quantity`
        const QUANTITY = 6;
        /// `currency`
        const CURRENCY = 7;
        /// `cart_total`
        const CART_TOTAL = 8;
        /// `item_count`
        const ITEM_COUNT = 9;
        /// `order_id`
        const ORDER_ID = 10;
        /// `total`; `total_cents` stands for it
        const TOTAL = 11;
        /// `items`
        const ITEMS = 12;
        /// `method`
        const METHOD = 13;
        /// `form_id`
        const FORM_ID = 14;
        /// `form_name`
        const FORM_NAME = 15;
        /// `list_id`
        const LIST_ID = 16;
        /// `value`
        const VALUE = 17;
        /// `search_string`
        const SEARCH_STRING = 18;
    }
}

type P = EventProperties;

impl EventProperties {
    /// The names on the wire, each with its flag.
    pub const NAMES: [(&'static str, Self); 19] = [
        ("page_url", P::PAGE_URL),
        ("page_title", P::PAGE_TITLE),
        ("referrer", P::REFERRER),
        ("product_id", P::PRODUCT_ID),
        ("product_name", P::PRODUCT_NAME),
        ("price", P::PRICE),
        ("quantity", P::QUANTITY),
        ("currency", P::CURRENCY),
        ("cart_total", P::CART_TOTAL),
        ("item_count", P::ITEM_COUNT),
        ("order_id", P::ORDER_ID),
        ("total", P::TOTAL),
        ("items", P::ITEMS),
        ("method", P::METHOD),
        ("form_id", P::FORM_ID),
        ("form_name", P::FORM_NAME),
        ("list_id", P::LIST_ID),
        ("value", P::VALUE),
        ("search_string", P::SEARCH_STRING),
    ];

    /// The property of this name; `None` if no known event asks for it.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::NAMES.iter().find(|(known, _)| *known == name).map(|&(_, flag)| flag)
    }

    /// Whether the property holds money: only an amount above 0 counts as present.
    #[must_use]
    pub const fn is_money(self) -> bool {
        self.intersects(P::PRICE.union(P::TOTAL).union(P::VALUE).union(P::CART_TOTAL))
    }
}

/// Which properties an event of a known name should carry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct EventSchema {
    /// The name, compared exactly.
    pub name: &'static str,
    /// These make 70 of 100.
    pub required: EventProperties,
    /// These make 30 of 100.
    pub recommended: EventProperties,
}

impl EventSchema {
    /// The events whose properties are known.
    pub const ALL: [Self; 12] = [
        Self::new("PageView", P::PAGE_URL, P::PAGE_TITLE.union(P::REFERRER)),
        Self::new("ProductViewed", P::PRODUCT_ID, P::PRODUCT_NAME.union(P::PRICE)),
        Self::new("AddToCart", P::PRODUCT_ID.union(P::QUANTITY), P::PRICE.union(P::CURRENCY)),
        Self::new("RemoveFromCart", P::PRODUCT_ID, P::QUANTITY),
        Self::new("CheckoutStarted", P::CART_TOTAL, P::ITEM_COUNT.union(P::CURRENCY)),
        Self::new("Purchase", P::ORDER_ID.union(P::TOTAL).union(P::CURRENCY), P::ITEMS),
        Self::new("SignUp", P::NONE, P::METHOD),
        Self::new("Login", P::NONE, P::METHOD),
        Self::new("FormSubmitted", P::FORM_ID, P::FORM_NAME),
        Self::new("NewsletterSubscribed", P::NONE, P::LIST_ID),
        Self::new("Lead", P::NONE, P::VALUE.union(P::CURRENCY)),
        Self::new("Search", P::SEARCH_STRING, P::NONE),
    ];

    const fn new(name: &'static str, required: EventProperties, recommended: EventProperties) -> Self {
        Self { name, required, recommended }
    }

    /// The schema of an event name; `None` for a name that is not known.
    #[must_use]
    pub fn of(event_name: &str) -> Option<&'static Self> {
        const SCHEMAS: &[EventSchema] = &EventSchema::ALL;
        SCHEMAS.iter().find(|schema| schema.name == event_name)
    }

    /// Completeness, 0 to 100: 70 · required present / required + 30 · recommended present / recommended. An empty list
    /// counts as fully present.
    #[must_use]
    pub fn completeness(&self, present: EventProperties) -> f64 {
        let share = |asked: EventProperties, points: f64| {
            if asked.is_empty() {
                points
            } else {
                points * f64::from(asked.intersection(present).count()) / f64::from(asked.count())
            }
        };
        share(self.required, 70.0) + share(self.recommended, 30.0)
    }
}

/// How complete an event is, 0 to 100: by its [`EventSchema`] if the name is known, else 100 if it carries any property
/// that is not empty and 40 if it carries none.
#[must_use]
pub fn completeness(event_name: &str, present: EventProperties, any_property: bool) -> f64 {
    match EventSchema::of(event_name) {
        Some(schema) => schema.completeness(present),
        None if any_property => 100.0,
        None => 40.0,
    }
}
