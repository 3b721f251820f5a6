//! Bands of event EMQ, and how far each lets the system approve on its own.

use crate::enumeration;
use crate::score::Score;
use crate::vocabulary::ActionType;

enumeration! {
    /// What an event EMQ, or its mean over a window, stands for.
    pub enum EmqBand "EMQ band" {
        /// 80 or more.
        Excellent = "EXCELLENT",
        /// 60 or more.
        Good = "GOOD",
        /// 40 or more.
        Fair = "FAIR",
        /// Below 40, or no event at all.
        Poor = "POOR",
    }
}

enumeration! {
    /// What the system may approve without a person. The trust gate is another matter: it never looks at this.
    pub enum AutomationLevel "automation level" {
        /// Every type on the tenant's automatic list.
        Full = "FULL" | "NORMAL",
        /// Of that list, the types that protect: pauses and decreases.
        Partial = "PARTIAL",
        /// Of that list, budget and bid decreases only.
        Limited = "LIMITED" | "CUTS_ONLY",
        /// Nothing.
        Manual = "MANUAL" | "FROZEN",
    }
}

impl EmqBand {
    /// The band of a score: 80, 60 and 40 are the lowest of theirs.
    #[must_use]
    pub fn of(score: Score) -> Self {
        match score.get() {
            value if value >= 80.0 => Self::Excellent,
            value if value >= 60.0 => Self::Good,
            value if value >= 40.0 => Self::Fair,
            _ => Self::Poor,
        }
    }

    /// The band of a mean; no event at all is poor.
    #[must_use]
    pub fn of_mean(mean: Option<Score>) -> Self {
        mean.map_or(Self::Poor, Self::of)
    }

    /// How far the band lets the system approve on its own.
    #[must_use]
    pub const fn automation(self) -> AutomationLevel {
        match self {
            Self::Excellent => AutomationLevel::Full,
            Self::Good => AutomationLevel::Partial,
            Self::Fair => AutomationLevel::Limited,
            Self::Poor => AutomationLevel::Manual,
        }
    }
}

impl AutomationLevel {
    /// What systems before Stratum call this level.
    ///
    /// Three of the four names are also read as aliases. `limited` is not: it meant what is now [`Self::Partial`], and it
    /// is read as today's [`Self::Limited`], which approves less.
    #[must_use]
    pub const fn earlier_name(self) -> &'static str {
        match self {
            Self::Full => "normal",
            Self::Partial => "limited",
            Self::Limited => "cuts_only",
            Self::Manual => "frozen",
        }
    }

    /// Whether the system may approve a type that stands on the tenant's automatic list.
    #[must_use]
    pub const fn may_approve(self, action: ActionType) -> bool {
        match self {
            Self::Full => true,
            Self::Partial => action.is_protective(),
            Self::Limited => matches!(action, ActionType::BudgetDecrease | ActionType::BidDecrease),
            Self::Manual => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_band_starts_at_its_limit_and_ends_just_below_the_next() {
        for (value, band, level) in [
            (100.0, EmqBand::Excellent, AutomationLevel::Full),
            (80.0, EmqBand::Excellent, AutomationLevel::Full),
            (79.999_999_999, EmqBand::Good, AutomationLevel::Partial),
            (60.0, EmqBand::Good, AutomationLevel::Partial),
            (59.999_999_999, EmqBand::Fair, AutomationLevel::Limited),
            (40.0, EmqBand::Fair, AutomationLevel::Limited),
            (39.999_999_999, EmqBand::Poor, AutomationLevel::Manual),
            (0.0, EmqBand::Poor, AutomationLevel::Manual),
        ] {
            let found = EmqBand::of(Score::new(value).unwrap());
            assert_eq!((found, found.automation()), (band, level), "{value}");
        }
    }

    #[test]
    fn without_an_event_the_band_is_poor_and_nothing_is_approved() {
        assert_eq!(EmqBand::of_mean(None).automation(), AutomationLevel::Manual);
    }

    #[test]
    fn a_better_band_never_approves_less() {
        for action in ActionType::ALL {
            let allowed: Vec<bool> =
                EmqBand::ALL.iter().map(|band| band.automation().may_approve(*action)).collect();
            assert!(allowed.windows(2).all(|pair| pair[0] || !pair[1]), "{action}: {allowed:?}");
        }
    }

    #[test]
    fn earlier_names_are_read_and_the_ambiguous_one_approves_less() {
        assert_eq!("normal".parse::<AutomationLevel>().unwrap(), AutomationLevel::Full);
        assert_eq!("cuts_only".parse::<AutomationLevel>().unwrap(), AutomationLevel::Limited);
        assert_eq!("frozen".parse::<AutomationLevel>().unwrap(), AutomationLevel::Manual);
        assert_eq!("limited".parse::<AutomationLevel>().unwrap(), AutomationLevel::Limited);
        assert_eq!(AutomationLevel::Partial.earlier_name(), "limited");
    }
}
