//! The EMQ of many events, over columns: the same code, row by row.

use super::facts::{ContextSignals, EventFacts, IdentifierKinds};
use super::scoring::{EventEmq, EventRefusal, evaluate};
use crate::problem::{Problem, ProblemCollector, Problems};

/// The facts of many events, a column each, all of one length.
///
/// ```
/// use stratum_core::emq::event::{EventColumns, EventRefusal};
/// let columns = EventColumns::new(&[0b01_0001, 0], &[100.0, 100.0], &[10.0, 10.0], &[0b1111, 0]).unwrap();
/// let rows: Vec<_> = columns.evaluate().collect();
/// assert_eq!(rows[0].unwrap().score.get(), 88.0);
/// assert_eq!(rows[1], Err(EventRefusal::NoValidIdentifier));
/// ```
#[derive(Debug, Clone, Copy)]
pub struct EventColumns<'a> {
    identifiers: &'a [u8],
    completeness: &'a [f64],
    latency_s: &'a [f64],
    context: &'a [u8],
}

impl<'a> EventColumns<'a> {
    /// Puts columns together: bits of [`IdentifierKinds`], completeness 0 to 100, seconds of latency, bits of
    /// [`ContextSignals`].
    ///
    /// # Errors
    /// `length_mismatch` for every column that is not as long as the first.
    pub fn new(
        identifiers: &'a [u8],
        completeness: &'a [f64],
        latency_s: &'a [f64],
        context: &'a [u8],
    ) -> Result<Self, Problems> {
        let rows = identifiers.len();
        let mut found = ProblemCollector::new();
        for (path, length) in [
            ("/completeness", completeness.len()),
            ("/latency_s", latency_s.len()),
            ("/context", context.len()),
        ] {
            if length != rows {
                found.push(
                    Problem::new(
                        path,
                        "length_mismatch",
                        format!("the column has {length} rows, identifiers has {rows}"),
                    )
                    .help("give every column one value per event"),
                );
            }
        }
        found.into_result(Self { identifiers, completeness, latency_s, context })
    }

    /// How many events there are.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.identifiers.len()
    }

    /// Whether there are none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.identifiers.is_empty()
    }

    /// The EMQ of every event, in order. A bit without a meaning refuses its row, as NaN does.
    pub fn evaluate(self) -> impl ExactSizeIterator<Item = Result<EventEmq, EventRefusal>> + 'a {
        let sets = self.identifiers.iter().zip(self.context);
        let numbers = self.completeness.iter().zip(self.latency_s);
        sets.zip(numbers).map(|((&identifiers, &context), (&completeness, &latency_s))| {
            let identifiers = IdentifierKinds::from_bits(identifiers).ok_or(EventRefusal::InvalidInput)?;
            let context = ContextSignals::from_bits(context).ok_or(EventRefusal::InvalidInput)?;
            evaluate(&EventFacts { identifiers, completeness, latency_s, context })
        })
    }
}
