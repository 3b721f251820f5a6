//! The name that a wrong one was meant to be.
//!
//! ```
//! use stratum_core::spelling::nearest;
//! assert_eq!(nearest("platfrom", ["platform", "tenant_id"].into_iter()), Some("platform"));
//! assert_eq!(nearest("budget", ["platform", "tenant_id"].into_iter()), None);
//! ```

/// The candidate that differs least from `name`, if it differs in at most a third of its letters.
#[must_use]
pub fn nearest<'a>(name: &str, candidates: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    // The letters beyond ASCII are compared as they are: the table of their cases is 12 kB that a browser would download.
    let written: Vec<char> = name.chars().take(64).map(|letter| letter.to_ascii_lowercase()).collect();
    candidates
        .map(|candidate| (distance(&written, candidate), candidate))
        .min()
        .filter(|(distance, candidate)| distance.saturating_mul(3) <= candidate.chars().count())
        .map(|(_, candidate)| candidate)
}

/// How many letters must be added, removed or replaced (Levenshtein 1966), case aside.
fn distance(written: &[char], candidate: &str) -> usize {
    let mut previous: Vec<usize> = (0..=written.len()).collect();
    for (row, letter) in (1_usize..).zip(candidate.chars().map(|letter| letter.to_ascii_lowercase())) {
        let mut current = Vec::with_capacity(previous.len());
        let mut left = row;
        current.push(row);
        for ((&other, &diagonal), &above) in written.iter().zip(&previous).zip(previous.iter().skip(1)) {
            let replaced = diagonal.saturating_add(usize::from(other != letter));
            left = replaced.min(above.saturating_add(1)).min(left.saturating_add(1));
            current.push(left);
        }
        previous = current;
    }
    previous.last().copied().unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_typing_error_finds_its_word_and_another_word_finds_none() {
        let fields = || ["platform", "tenant_id", "now"].into_iter();
        assert_eq!(nearest("platfrom", fields()), Some("platform"));
        assert_eq!(nearest("Tenant_Id", fields()), Some("tenant_id"));
        assert_eq!(nearest("tenantId", fields()), Some("tenant_id"));
        assert_eq!(nearest("budget", fields()), None);
    }

    #[test]
    fn the_distance_counts_letters() {
        let letters: Vec<char> = "kitten".chars().collect();
        assert_eq!(distance(&letters, "sitting"), 3);
        assert_eq!(distance(&[], "abc"), 3);
    }
}
