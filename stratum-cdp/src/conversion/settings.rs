//! Where conversions go, and under which limits.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use stratum_core::enumeration;
use stratum_core::problem::{Problem, ProblemCollector, Problems, pointer_step};
use stratum_core::vocabulary::Platform;

enumeration! {
    /// Why something was left out of what is sent.
    pub enum SkipReason "reason" {
        /// The person denied the use of their data for ads, or did not consent to it.
        ConsentDenied = "consent_denied",
        /// Nothing is left by which the platform could recognise the person.
        NoIdentifiers = "no_identifiers",
        /// It happened longer ago than the platform takes.
        TooOld = "too_old",
        /// It is said to happen more than five minutes from now.
        InFuture = "in_future",
        /// Meta takes no event of a website without the browser's user agent.
        MissingUserAgent = "missing_user_agent",
        /// Meta takes no event of a website without the page.
        MissingEventSourceUrl = "missing_event_source_url",
        /// A purchase has no value of 0 or more, or no currency.
        MissingValueOrCurrency = "missing_value_or_currency",
        /// It happened in an app, and what its platform requires of that is missing: of Meta's the operating system, its version
        /// and whether the person may be tracked, by the advertiser and in the app; of Snapchat's the operating system and its
        /// version; of TikTok's what the person answered to being tracked, unless that follows from the operating system
        /// (Android, iOS before 14) or, on iOS, from whether the advertiser may track.
        MissingAppData = "missing_app_data",
        /// The platform has no such event, and the tenant gave no name for it.
        UnsupportedEvent = "unsupported_event",
        /// Google takes an event for a conversion action only, and this event has none.
        NoConversionAction = "no_conversion_action",
    }
}

enumeration! {
    /// How Snapchat is told that an event is not to be used for ads that are made for the person. Its pages know both words.
    pub enum SnapchatLimitedUse "word for limited use" {
        /// Limited data use.
        Ldu = "LDU",
        /// The word of the parameter's own chapter.
        Lmu = "LMU",
    }
}

/// The standard events that have a conversion action where the tenant names none.
const GOOGLE_ACTIONS: [&str; 6] =
    ["purchase", "lead", "complete_registration", "subscribe", "start_trial", "contact"];

/// What stands for the conversion action until the tenant names one.
const ANY_ACTION: &str = "{conversion_action_id}";

/// Where conversions go.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct ConversionConnection {
    /// The platform.
    pub platform: Platform,
    /// Google only: by the conversion upload of the Ads API, for an account that is not yet on Data Manager.
    #[serde(default)]
    pub legacy_upload: bool,
    /// What the placeholders of paths and bodies stand for: `dataset_id`, `pixel_code`, … One that is not named stays, in its
    /// brackets, for whoever sends the request.
    #[serde(default)]
    pub ids: BTreeMap<String, String>,
    /// The tenant's own event names: from a name to a standard event, or to the platform's name.
    #[serde(default)]
    pub aliases: BTreeMap<String, String>,
    /// Google only: the id of the conversion action of each event, by its standard name or the tenant's. Where left out,
    /// purchase, lead, complete_registration, subscribe, start_trial and contact have one.
    #[serde(default)]
    pub conversion_actions: Option<BTreeMap<String, String>>,
    /// How old an event may be, in days; where left out what the platform takes: Meta 7 (a store 62), Google 90, Snapchat 37.
    #[serde(default)]
    pub max_age_days: Option<u32>,
    /// The most events of a request, at most what the platform takes, which is the default: Meta and TikTok 1000, Google and
    /// Snapchat 2000.
    #[serde(default)]
    pub max_items_per_request: Option<u32>,
    /// Sends every event as a test, under this code.
    #[serde(default)]
    pub test_event_code: Option<String>,
    /// Snapchat only: the word for limited use.
    #[serde(default = "ldu")]
    pub snapchat_limited_use: SnapchatLimitedUse,
}

const fn ldu() -> SnapchatLimitedUse {
    SnapchatLimitedUse::Ldu
}

impl ConversionConnection {
    /// A connection with nothing set.
    #[must_use]
    pub const fn new(platform: Platform) -> Self {
        Self {
            platform,
            legacy_upload: false,
            ids: BTreeMap::new(),
            aliases: BTreeMap::new(),
            conversion_actions: None,
            max_age_days: None,
            max_items_per_request: None,
            test_event_code: None,
            snapchat_limited_use: ldu(),
        }
    }

    /// The most events that the platform takes in one request.
    const fn platform_limit(&self) -> u32 {
        match self.platform {
            Platform::Meta | Platform::Tiktok => 1_000,
            Platform::Google | Platform::Snapchat => 2_000,
        }
    }

    /// The most events of one request.
    pub(super) fn most_items(&self) -> usize {
        let most = self.max_items_per_request.unwrap_or_else(|| self.platform_limit());
        usize::try_from(most).unwrap_or(usize::MAX)
    }

    /// Every setting that cannot be.
    pub(super) fn check(&self) -> Result<(), Problems> {
        let mut found = ProblemCollector::new();
        check_items(self.max_items_per_request, self.platform_limit(), &mut found);
        check_ids(&self.ids, "/ids", &mut found);
        check_ids(
            self.conversion_actions.as_ref().unwrap_or(&BTreeMap::new()),
            "/conversion_actions",
            &mut found,
        );
        super::names::check_aliases(&self.aliases, &mut found);
        if self.legacy_upload && self.platform != Platform::Google {
            found.push(only_google_has_a_legacy_upload());
        }
        found.into_result(())
    }

    /// The conversion action of an event at Google.
    pub(super) fn conversion_action(&self, standard: Option<&str>, event_name: &str) -> Option<&str> {
        let names = [standard, Some(event_name)];
        let mut names = names.into_iter().flatten();
        match &self.conversion_actions {
            Some(actions) => names.find_map(|name| actions.get(name)).map(String::as_str),
            None => names.any(|name| GOOGLE_ACTIONS.contains(&name)).then_some(ANY_ACTION),
        }
    }
}

/// The refusal of a legacy upload elsewhere.
pub(super) fn only_google_has_a_legacy_upload() -> Problem {
    Problem::new("/legacy_upload", "not_allowed_here", "only Google has a legacy upload").help("leave it out")
}

/// Notes a number of items that no request can have.
pub(crate) fn check_items(items: Option<u32>, limit: u32, found: &mut ProblemCollector) {
    if items.is_some_and(|items| !(1..=limit).contains(&items)) {
        let message = format!("a request of this platform has 1 to {limit} items");
        found.push(Problem::new("/max_items_per_request", "out_of_range", message));
    }
}

/// Notes ids that would change what a path or a body means.
pub(crate) fn check_ids(ids: &BTreeMap<String, String>, place: &str, found: &mut ProblemCollector) {
    for (name, id) in ids {
        // One of dots alone would lead elsewhere in a path.
        let is_id = (1..=128).contains(&id.len())
            && id.bytes().any(|byte| byte != b'.')
            && id
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'-' | b':'));
        if !is_id {
            let message = "an id is 1 to 128 letters, digits and any of _ . - :, and not of dots alone";
            found.push(Problem::new(format!("{place}{}", pointer_step(name)), "invalid_format", message));
        }
    }
}

/// A text with its placeholders filled in, as far as they are known.
pub(crate) fn filled(template: &str, ids: &BTreeMap<String, String>) -> String {
    let mut text = template.to_owned();
    for (name, id) in ids {
        let placeholder = format!("{{{name}}}");
        if text.contains(&placeholder) {
            text = text.replace(&placeholder, id);
        }
    }
    text
}
