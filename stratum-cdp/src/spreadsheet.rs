//! CSV that is safe to open in a spreadsheet.
//!
//! Source: RFC 4180 for the quoting; OWASP's page on CSV injection for the apostrophe. A spreadsheet runs a cell that begins
//! like a formula, and what people type into a form ends up in such files.
//!
//! ```
//! use stratum_cdp::spreadsheet::csv_row;
//! assert_eq!(csv_row(["ada, countess", "=1+1", "-5"]), "\"ada, countess\",'=1+1,'-5\r\n");
//! ```

/// Whether a spreadsheet would take a cell for a formula, or for what comes before one.
#[must_use]
pub fn is_formula(cell: &str) -> bool {
    cell.starts_with(['=', '+', '-', '\u{2212}', '@', '\t', '\r'])
}

/// A line of CSV with its end.
pub fn csv_row<'a>(cells: impl IntoIterator<Item = &'a str>) -> String {
    let mut line = String::new();
    for (place, cell) in cells.into_iter().enumerate() {
        if place > 0 {
            line.push(',');
        }
        push_cell(&mut line, cell);
    }
    line.push_str("\r\n");
    line
}

fn push_cell(line: &mut String, cell: &str) {
    let quoted = cell.contains(['"', ',', '\r', '\n']);
    if quoted {
        line.push('"');
    }
    if is_formula(cell) {
        line.push('\'');
    }
    for letter in cell.chars() {
        if letter == '"' {
            line.push('"');
        }
        line.push(letter);
    }
    if quoted {
        line.push('"');
    }
}
