//! Sets of rows, one bit each.

/// A set of rows of a table.
///
/// ```
/// use stratum_cdp::segment::Bitmap;
/// let members = Bitmap::from_rows(200, [3, 77, 199]);
/// assert_eq!(members.count(), 3);
/// assert_eq!(members.rows().collect::<Vec<_>>(), [3, 77, 199]);
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bitmap {
    words: Vec<u64>,
    rows: usize,
}

/// Rows in a word.
pub(crate) const WORD: usize = 64;

impl Bitmap {
    /// No row of so many.
    #[must_use]
    pub fn empty(rows: usize) -> Self {
        Self { words: vec![0; rows.div_ceil(WORD)], rows }
    }

    /// Every row of so many.
    #[must_use]
    pub fn full(rows: usize) -> Self {
        let mut words = vec![u64::MAX; rows.div_ceil(WORD)];
        let unused = words.len().saturating_mul(WORD).saturating_sub(rows);
        if let (Some(last), Ok(unused)) = (words.last_mut(), u32::try_from(unused)) {
            *last = u64::MAX.checked_shr(unused).unwrap_or(0);
        }
        Self { words, rows }
    }

    /// These rows of so many; rows beyond are left out.
    #[must_use]
    pub fn from_rows(rows: usize, set: impl IntoIterator<Item = usize>) -> Self {
        let mut bitmap = Self::empty(rows);
        for row in set.into_iter().filter(|&row| row < rows) {
            if let Some(word) = bitmap.words.get_mut(row / WORD) {
                *word |= bit(row % WORD);
            }
        }
        bitmap
    }

    /// How many rows there are, in the set or not.
    #[must_use]
    pub const fn row_count(&self) -> usize {
        self.rows
    }

    /// How many rows are in the set.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.words.iter().map(|word| u64::from(word.count_ones())).sum()
    }

    /// Whether no row is in the set.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.words.iter().all(|&word| word == 0)
    }

    /// Whether a row is in the set.
    #[must_use]
    pub fn contains(&self, row: usize) -> bool {
        self.words.get(row / WORD).is_some_and(|word| word & bit(row % WORD) != 0)
    }

    /// The rows of the set, in order.
    pub fn rows(&self) -> impl Iterator<Item = usize> + '_ {
        self.words.iter().enumerate().flat_map(|(index, &word)| {
            let first = index.saturating_mul(WORD);
            std::iter::successors((word != 0).then_some(word), |word| {
                Some(word & word.wrapping_sub(1)).filter(|&rest| rest != 0)
            })
            .map(move |word| first.saturating_add(word.trailing_zeros() as usize))
        })
    }

    /// How many rows are in both sets.
    #[must_use]
    pub fn count_both(&self, other: &Self) -> u64 {
        self.words.iter().zip(&other.words).map(|(a, b)| u64::from((a & b).count_ones())).sum()
    }

    pub(crate) fn words(&self) -> &[u64] {
        &self.words
    }

    pub(crate) fn from_words(words: Vec<u64>, rows: usize) -> Self {
        Self { words, rows }
    }

    /// Adds the rows of another set.
    pub(crate) fn add(&mut self, other: &Self) {
        for (word, other) in self.words.iter_mut().zip(&other.words) {
            *word |= other;
        }
    }

    /// Takes the rows of another set out.
    pub(crate) fn remove(&mut self, other: &Self) {
        for (word, other) in self.words.iter_mut().zip(&other.words) {
            *word &= !other;
        }
    }
}

fn bit(position: usize) -> u64 {
    u32::try_from(position).ok().and_then(|position| 1_u64.checked_shl(position)).unwrap_or(0)
}
