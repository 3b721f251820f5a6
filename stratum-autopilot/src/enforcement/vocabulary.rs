//! The words of enforcement: modes, violation types and kinds.

use stratum_core::enumeration;

enumeration! {
    /// What a violated limit does to a change, from the mildest to the strictest.
    pub enum EnforcementMode "enforcement mode" {
        /// Allowed, with a warning.
        Advisory = "ADVISORY",
        /// Refused until a person confirms it.
        SoftBlock = "SOFT_BLOCK",
        /// Refused; nobody can confirm it.
        HardBlock = "HARD_BLOCK",
    }
}

enumeration! {
    /// Which limit a change violates.
    pub enum ViolationType "violation type" {
        /// A budget above the cap, or raised too far in one day.
        BudgetExceeded = "BUDGET_EXCEEDED",
        /// More spend or exposure for a campaign that returns too little.
        RoasBelowThreshold = "ROAS_BELOW_THRESHOLD",
        /// More than the tenant wants to spend in a day.
        DailySpendLimit = "DAILY_SPEND_LIMIT",
        /// More spend or exposure for a campaign that ought to be paused.
        CampaignPauseRequired = "CAMPAIGN_PAUSE_REQUIRED",
        /// Too many impressions per person, or too many changes.
        FrequencyCapExceeded = "FREQUENCY_CAP_EXCEEDED",
    }
}

enumeration! {
    /// Which limit of a violation type was met.
    pub enum ViolationKind "violation kind" {
        /// The amount after the change is above the cap.
        MaxBudget = "MAX_BUDGET",
        /// The increase over the day's opening budget is too large.
        DailyIncrease = "DAILY_INCREASE",
        /// The day's opening budget, or the currency to compare it in, is unknown.
        BudgetUnknown = "BUDGET_UNKNOWN",
        /// The campaign's return is not defined.
        RoasUnknown = "ROAS_UNKNOWN",
        /// What is or would be spent is unknown.
        SpendUnknown = "SPEND_UNKNOWN",
        /// People see the advertisements too often.
        AdFrequency = "AD_FREQUENCY",
        /// How often people see the advertisements is unknown.
        FrequencyUnknown = "FREQUENCY_UNKNOWN",
        /// The tenant's changes of the day are used up.
        ChangesPerDay = "CHANGES_PER_DAY",
        /// The last change of the same entity is too recent.
        MinInterval = "MIN_INTERVAL",
    }
}

impl ViolationKind {
    /// Whether waiting is what the limit asks for: the two change limits.
    #[must_use]
    pub const fn passes_with_time(self) -> bool {
        matches!(self, Self::ChangesPerDay | Self::MinInterval)
    }
}
