//! Lists of a few items, put in order.
//!
//! The sort of the standard library is made for long lists, and each type that is sorted by it is 7 kB of what a browser
//! downloads. The reasons of a decision are ten at most.
//!
//! ```
//! let mut platforms = ["TIKTOK", "META", "GOOGLE"];
//! stratum_core::order::few(&mut platforms, |a, b| a.cmp(b));
//! assert_eq!(platforms, ["GOOGLE", "META", "TIKTOK"]);
//! ```

use std::cmp::Ordering;

/// Puts a few items in order; equal ones stay as they stand. It takes the square of their number.
pub fn few<T>(items: &mut [T], compare: impl Fn(&T, &T) -> Ordering) {
    for end in 1..items.len() {
        for at in (1..=end).rev() {
            let (Some(before), Some(item)) = (items.get(at.saturating_sub(1)), items.get(at)) else { break };
            if compare(before, item) != Ordering::Greater {
                break;
            }
            items.swap(at.saturating_sub(1), at);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn the_order_is_that_of_the_standard_library(mut items in prop::collection::vec((0_u8..5, any::<u8>()), 0..40)) {
            let mut expected = items.clone();
            expected.sort_by_key(|item| item.0);
            few(&mut items, |a, b| a.0.cmp(&b.0));
            prop_assert_eq!(items, expected);
        }
    }
}
