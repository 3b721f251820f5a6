//! Daily figures from a CSV file: `stratum import`.
//!
//! `args` maps columns, `table` reads the file and tells every problem with its line at once, `load` stores the days in one
//! transaction. A day that is imported again replaces the one before, so an import can be repeated.

mod args;
mod load;
mod table;

pub use args::{Aggregate, ImportArgs};
pub use load::{Imported, import};
pub use table::{Table, read};

#[cfg(test)]
mod tests;
