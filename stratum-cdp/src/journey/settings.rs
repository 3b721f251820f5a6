//! What a tenant may choose about journeys: look-back windows, which events convert, what campaign sources stand for.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use stratum_core::problem::{Problem, ProblemCollector, Problems, pointer_step};
use stratum_core::time::DAY_MS;

use super::TouchKind;

/// How many days before a conversion a touch counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct LookBack {
    /// A click; 0 leaves clicks out.
    pub click_days: u32,
    /// A view; 0 leaves views out.
    pub view_days: u32,
}

/// The platforms with their default windows and the longest that a tenant may choose: clicks, views, longest, in days.
const PLATFORMS: [(&str, u32, u32, u32); 4] =
    [("meta", 7, 1, 28), ("google", 30, 0, 90), ("tiktok", 7, 1, 28), ("snapchat", 28, 1, 28)];
/// The same of every other channel.
const OTHERS: (u32, u32, u32) = (7, 1, 30);

impl LookBack {
    /// The window of a channel where a tenant chose none.
    ///
    /// ```
    /// use stratum_cdp::journey::LookBack;
    /// assert_eq!(LookBack::of_channel("google"), LookBack { click_days: 30, view_days: 0 });
    /// assert_eq!(LookBack::of_channel("email"), LookBack { click_days: 7, view_days: 1 });
    /// ```
    #[must_use]
    pub fn of_channel(channel: &str) -> Self {
        let (click_days, view_days, _) = figures(channel);
        Self { click_days, view_days }
    }

    /// The longest window that a tenant may choose for a channel, in days.
    #[must_use]
    pub fn longest(channel: &str) -> u32 {
        figures(channel).2
    }

    /// Whether a touch counts for a conversion so many milliseconds later.
    #[must_use]
    pub fn holds(self, kind: TouchKind, before_ms: i64) -> bool {
        let days = match kind {
            TouchKind::Click => self.click_days,
            TouchKind::View => self.view_days,
        };
        days > 0 && (0..=i64::from(days).saturating_mul(DAY_MS)).contains(&before_ms)
    }
}

fn figures(channel: &str) -> (u32, u32, u32) {
    let platform = PLATFORMS.iter().find(|(name, ..)| *name == channel);
    platform.map_or(OTHERS, |&(_, click, view, longest)| (click, view, longest))
}

/// What a campaign source stands for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct SourceRule {
    /// The source (utm_source), in any case.
    pub source: String,
    /// The medium (utm_medium), in any case; every medium if left out. A rule that names the medium comes first.
    #[serde(default)]
    pub medium: Option<String>,
    /// The platform or channel.
    pub channel: String,
}

/// What a tenant may choose about journeys.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
#[non_exhaustive]
pub struct JourneySettings {
    /// Look-back windows by channel, where they are not the defaults; none longer than the channel's longest.
    pub windows: BTreeMap<String, LookBack>,
    /// The names of the events that convert.
    pub conversion_events: Vec<String>,
    /// The names of the events by which a person becomes a lead.
    pub lead_events: Vec<String>,
    /// What campaign sources stand for. Without a rule the medium names the channel, without a medium the source.
    pub sources: Vec<SourceRule>,
}

impl Default for JourneySettings {
    fn default() -> Self {
        Self {
            windows: BTreeMap::new(),
            conversion_events: vec!["Purchase".to_owned()],
            lead_events: vec!["Lead".to_owned()],
            sources: Vec::new(),
        }
    }
}

impl JourneySettings {
    /// No touch of any channel counts for longer than so many milliseconds.
    pub(super) fn reach_ms(&self) -> i64 {
        let chosen = self.windows.values().map(|window| window.click_days.max(window.view_days));
        let usual = PLATFORMS.iter().map(|&(_, click, view, _)| click.max(view));
        let days = chosen.chain(usual).fold(OTHERS.0.max(OTHERS.1), u32::max);
        i64::from(days).saturating_mul(DAY_MS)
    }

    /// Checks the settings.
    ///
    /// # Errors
    /// Every problem at once: `out_of_range` for a window beyond the channel's longest, `too_short` for an empty name.
    pub fn check(&self) -> Result<(), Problems> {
        let mut found = ProblemCollector::new();
        for (channel, window) in &self.windows {
            let longest = LookBack::longest(channel);
            for (field, days) in [("click_days", window.click_days), ("view_days", window.view_days)] {
                if days > longest {
                    let path = format!("/windows{}/{field}", pointer_step(channel));
                    let text = format!("a window of {channel} is at most {longest} days, not {days}");
                    found.push(Problem::new(path, "out_of_range", text));
                }
            }
        }
        let events = [("conversion_events", &self.conversion_events), ("lead_events", &self.lead_events)];
        for (field, names) in events {
            for (position, name) in names.iter().enumerate() {
                named(name, format!("/{field}/{position}"), &mut found);
            }
        }
        for (position, rule) in self.sources.iter().enumerate() {
            named(&rule.source, format!("/sources/{position}/source"), &mut found);
            named(&rule.channel, format!("/sources/{position}/channel"), &mut found);
        }
        found.into_result(())
    }

    /// The window of a channel.
    #[must_use]
    pub fn window(&self, channel: &str) -> LookBack {
        self.windows.get(channel).copied().unwrap_or_else(|| LookBack::of_channel(channel))
    }

    /// The channel of a campaign source and its medium, in lower case.
    #[must_use]
    pub fn channel_of(&self, source: &str, medium: Option<&str>) -> String {
        let medium = medium.map(str::trim).filter(|medium| !medium.is_empty());
        let same = |a: &str, b: &str| a.trim().to_lowercase() == b.trim().to_lowercase();
        let of_source = || self.sources.iter().filter(|rule| same(&rule.source, source));
        let exact = of_source().find(|rule| {
            rule.medium.as_deref().zip(medium).is_some_and(|(wanted, medium)| same(wanted, medium))
        });
        let rule = exact.or_else(|| of_source().find(|rule| rule.medium.is_none()));
        rule.map_or(medium.unwrap_or(source), |rule| &rule.channel).trim().to_lowercase()
    }
}

pub(super) fn named(name: &str, path: String, found: &mut ProblemCollector) {
    if name.trim().is_empty() {
        found.push(
            Problem::new(path, "too_short", "this is empty").help("write a name, or leave the entry out"),
        );
    }
}
