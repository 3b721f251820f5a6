//! What holds of every file, however it is cut into chunks.

use proptest::collection::vec;
use proptest::prelude::*;
use stratum_core::Timestamp;

use super::*;
use crate::spreadsheet::csv_row;

fn now() -> Timestamp {
    "2026-03-01T12:00:00Z".parse().unwrap()
}

fn policy() -> OfflinePolicy {
    OfflinePolicy::new(OfflineSource::Crm, now())
}

fn rows_of(chunks: &[&[u8]]) -> (Vec<OfflineRow>, String) {
    let mut reader = OfflineReader::new(policy());
    let mut rows = Vec::new();
    for chunk in chunks {
        reader.read(chunk, &mut rows).unwrap();
    }
    let hash = reader.finish(&mut rows).unwrap().to_string();
    (rows, hash)
}

const HEADER: &str = "external_ref,occurred_at,value,currency,email,event_name\n";

fn codes(row: &OfflineRow) -> Vec<&'static str> {
    row.problems.iter().map(|problem| problem.code.as_str()).collect()
}

#[test]
fn a_row_has_the_line_on_which_it_begins() {
    let file = format!(
        "\u{feff}{HEADER}\r\n\nA,2026-03-01T10:00:00Z,1,EUR,\"a@b.co\",\"Lead\nwith a break\"\r\nB,x,1,EUR,a@b.co,\r\rC,,1,EUR,a@b.co,"
    );
    for size in [1, 2, 3, 7, 1000] {
        let chunks: Vec<&[u8]> = file.as_bytes().chunks(size).collect();
        let (rows, _) = rows_of(&chunks);
        let found: Vec<_> = rows.iter().map(|row| (row.line, codes(row))).collect();
        assert_eq!(
            found,
            [(4, vec!["invalid_text"]), (6, vec!["invalid_time"]), (8, vec!["missing_time"])],
            "in chunks of {size}"
        );
    }
}

#[test]
fn a_row_that_is_too_long_or_of_too_many_cells_spoils_no_other() {
    let long = "x".repeat(100_000);
    let wide = ",".repeat(1000);
    let good = "A,2026-03-01T10:00:00Z,1,EUR,a@b.co,\n";
    let file = format!("{HEADER}{long},1\n{wide}\n{good}short\n{}", good.replace('A', "B"));
    let (rows, _) = rows_of(&[file.as_bytes()]);
    let found: Vec<_> = rows.iter().map(|row| (row.line, row.status, codes(row))).collect();
    use RowStatus::{Accepted, Refused};
    assert_eq!(
        found,
        [
            (2, Refused, vec!["too_long"]),
            (3, Refused, vec!["wrong_column_count"]),
            (4, Accepted, vec![]),
            (5, Refused, vec!["wrong_column_count"]),
            (6, Accepted, vec![]),
        ]
    );
    let (rows, _) = rows_of(&[HEADER.as_bytes(), b"A,2026-03-01T10:00:00Z,1,EUR,\xff@b.co,\n"]);
    assert_eq!(codes(&rows[0]), ["not_utf8"]);
}

#[test]
fn what_an_export_made_safe_reads_as_it_was() {
    let line = csv_row(["=A-1", "2026-03-01T10:00:00Z", "1", "EUR", "a@b.co", "@lead, \"hot\""]);
    let (rows, _) = rows_of(&[HEADER.as_bytes(), line.as_bytes()]);
    let event = rows[0].event.as_ref().unwrap();
    assert_eq!(
        (event.event_name.as_str(), event.properties.order_id.as_deref()),
        ("@lead, \"hot\"", Some("=A-1"))
    );
}

#[test]
fn nothing_of_a_person_shows_in_debug() {
    let line = b"A,2026-03-01T10:00:00Z,1,EUR,ada@example.com,\n";
    let (rows, _) = rows_of(&[HEADER.as_bytes(), line]);
    assert!(!format!("{rows:?}").contains("ada"));
}

proptest! {
    #[test]
    fn the_chunks_of_a_file_change_nothing(
        cells in vec("[a-z0-9@.,\"\r\n=é -]{0,12}", 0..60), cuts in vec(0..400_usize, 0..6),
    ) {
        let mut file = HEADER.as_bytes().to_vec();
        for row in cells.chunks(6) {
            file.extend_from_slice(row.join(",").as_bytes());
            file.push(b'\n');
        }
        let mut cuts: Vec<usize> = cuts.into_iter().map(|cut| cut.min(file.len())).collect();
        cuts.sort_unstable();
        let mut chunks = Vec::new();
        let mut from = 0;
        for cut in cuts {
            chunks.push(&file[from..cut]);
            from = cut;
        }
        chunks.push(&file[from..]);
        prop_assert_eq!(rows_of(&chunks), rows_of(&[&file]));
    }

    #[test]
    fn any_bytes_give_rows_or_problems(bytes in vec(any::<u8>(), 0..300), headed in any::<bool>()) {
        let mut reader = OfflineReader::new(policy());
        let mut rows = Vec::new();
        let head = if headed { HEADER.as_bytes() } else { b"" };
        let read = reader.read(head, &mut rows).and_then(|()| reader.read(&bytes, &mut rows));
        if read.is_ok() && reader.finish(&mut rows).is_ok() {
            for row in &rows {
                prop_assert_eq!(row.status == RowStatus::Refused, !row.problems.is_empty());
                prop_assert_eq!(row.status == RowStatus::Accepted, row.event.is_some());
            }
        }
    }
}

/// A fuzzer found that a byte order mark behind empty lines was taken away, unless a chunk ended in it.
#[test]
fn a_byte_order_mark_behind_empty_lines_is_read_alike_in_any_chunks() {
    let file = b"\r\r\xef\xbb\xbf\r\rd^\xef\xbb?\r\r";
    let read = |size: usize| {
        let mut reader = OfflineReader::new(policy());
        let mut rows = Vec::new();
        file.chunks(size).try_for_each(|chunk| reader.read(chunk, &mut rows))?;
        reader.finish(&mut rows)
    };
    for size in 1..9 {
        assert_eq!(read(size), read(1000), "in chunks of {size}");
    }
}

#[test]
fn a_row_that_names_nobody_in_particular_is_refused_on_its_line() {
    let header = "external_ref,occurred_at,value,currency,email,external_id\n";
    let row = |email: &str, id: &str| format!("A{email}{id},2026-03-01T10:00:00Z,1,EUR,{email},{id}\n");
    let file = [
        header.to_owned(),
        row("", "unknown"),
        row("", "0"),
        row("noreply@shop.test1", "Guest"),
        row("noreply@shop.test1", "U-1"),
    ]
    .concat();
    let (rows, _) = rows_of(&[file.as_bytes()]);
    let found: Vec<_> = rows.iter().map(|row| (row.line, row.status, codes(row))).collect();
    use RowStatus::{Accepted, Refused};
    let nobody = || vec!["no_identifiers"];
    assert_eq!(
        found,
        [(2, Refused, nobody()), (3, Refused, nobody()), (4, Refused, nobody()), (5, Accepted, vec![])]
    );
    let warned: Vec<_> = rows[3].warnings.iter().map(|warning| (warning.code, warning.column)).collect();
    assert_eq!(warned, [(RowCode::IdentifierInvalid, Some(OfflineColumn::Email))]);
}
