//! The eleven names that the 125 cells go by.

use stratum_core::enumeration;

enumeration! {
    /// What a customer's recency, frequency and monetary value say, in one word.
    pub enum RfmSegment "RFM segment" {
        /// Bought lately, often and for much.
        Champions = "champions",
        /// Once among the best, gone for long.
        CannotLose = "cannot_lose",
        /// Bought often or for much, but not lately.
        AtRisk = "at_risk",
        /// Come back again and again.
        LoyalCustomers = "loyal_customers",
        /// Recent, with a few purchases.
        PotentialLoyalists = "potential_loyalists",
        /// One purchase, just now.
        NewCustomers = "new_customers",
        /// One purchase, not long ago.
        Promising = "promising",
        /// A few purchases, some time ago.
        NeedAttention = "need_attention",
        /// Fading.
        AboutToSleep = "about_to_sleep",
        /// One small purchase, long ago.
        Lost = "lost",
        /// The rest: small and old.
        Hibernating = "hibernating",
    }
}

impl RfmSegment {
    /// The name of a cell, each score 1 to 5: the first rule that holds.
    #[must_use]
    pub const fn of(r: u8, f: u8, m: u8) -> Self {
        if r >= 4 && f >= 4 && m >= 4 {
            Self::Champions
        } else if r == 1 && f >= 4 && m >= 4 {
            Self::CannotLose
        } else if r <= 2 && (f >= 4 || m >= 4 || (f >= 3 && m >= 3)) {
            Self::AtRisk
        } else if r >= 3 && (f >= 4 || (f == 3 && m >= 4)) {
            Self::LoyalCustomers
        } else if r >= 4 && f >= 2 {
            Self::PotentialLoyalists
        } else if r == 5 {
            Self::NewCustomers
        } else if r == 4 {
            Self::Promising
        } else if r == 3 && f >= 2 {
            Self::NeedAttention
        } else if r == 3 || (r == 2 && (f >= 2 || m >= 2)) {
            Self::AboutToSleep
        } else if r == 1 && f == 1 && m <= 2 {
            Self::Lost
        } else {
            Self::Hibernating
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    #[test]
    fn the_125_cells_fall_to_the_eleven_names_as_the_table_counts_them() {
        let mut cells: BTreeMap<RfmSegment, Vec<u32>> = BTreeMap::new();
        for r in 1..=5_u8 {
            for f in 1..=5_u8 {
                for m in 1..=5_u8 {
                    let cell = u32::from(r) * 100 + u32::from(f) * 10 + u32::from(m);
                    cells.entry(RfmSegment::of(r, f, m)).or_default().push(cell);
                }
            }
        }
        let counts: Vec<(RfmSegment, usize)> =
            cells.iter().map(|(name, cells)| (*name, cells.len())).collect();
        // The counts of the table in the specification, in its order.
        let expected = [8, 4, 30, 28, 16, 5, 5, 8, 12, 2, 7];
        assert_eq!(counts, RfmSegment::ALL.iter().copied().zip(expected).collect::<Vec<_>>());
        assert_eq!(cells[&RfmSegment::Hibernating], [113, 121, 122, 123, 131, 132, 211]);
        assert_eq!(cells[&RfmSegment::Lost], [111, 112]);
        assert_eq!(cells[&RfmSegment::CannotLose], [144, 145, 154, 155]);
    }
}
