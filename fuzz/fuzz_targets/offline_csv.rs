//! A file of offline conversions gives rows or a problem of its header, and the same ones however it is cut into chunks.
//!
//! The first byte says where it is cut.
#![no_main]

use libfuzzer_sys::fuzz_target;
use stratum_cdp::conversion::offline::{OfflinePolicy, OfflineReader, OfflineRow, OfflineSource, RowStatus};
use stratum_core::problem::Problems;

fn read(chunks: &[&[u8]]) -> Result<(Vec<OfflineRow>, String), Problems> {
    let now = "2026-03-01T12:00:00Z".parse().expect("an instant");
    let mut reader = OfflineReader::new(OfflinePolicy::new(OfflineSource::CsvUpload, now));
    let mut rows = Vec::new();
    for chunk in chunks {
        reader.read(chunk, &mut rows)?;
    }
    let hash = reader.finish(&mut rows)?;
    Ok((rows, hash.to_string()))
}

fuzz_target!(|data: &[u8]| {
    let [cut, file @ ..] = data else { return };
    let whole = read(&[file]);
    let (first, second) = file.split_at(usize::from(*cut).min(file.len()));
    assert_eq!(read(&[first, second]), whole);
    match whole {
        Ok((rows, _)) => {
            assert!(rows.is_sorted_by(|a, b| a.line < b.line));
            for row in rows {
                assert_eq!(row.status == RowStatus::Accepted, row.event.is_some());
                assert_eq!(row.status == RowStatus::Refused, !row.problems.is_empty());
                assert!(row.value_cents.is_none_or(|cents| cents >= 0));
            }
        }
        Err(problems) => assert!(problems.iter().all(|problem| problem.path == "/csv")),
    }
});
