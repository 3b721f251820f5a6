//! The works of the peers in Rust, on the files that the peers wrote as CSV: `benches/peers/run.py` calls it.
//!
//!     cargo run --release --package stratum-benches --bin peers -- sha256_email --out bench-input
//!
//! Reading the file is not timed. Prints name, items, seconds, items per second (medians of three), processor seconds of the
//! thread, and the peak memory of the process in MB.

use std::error::Error;
use std::fs;
use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::time::Instant;

use serde_json::{Value, json};
use stratum_benches::people::{Assumptions, World, policies};
use stratum_cdp::identifier::{Phone, Region, columns};
use stratum_cdp::identity::IdentityPolicy;
use stratum_cdp::identity::bulk::Links;
use stratum_cdp::lifetime_value::{BgNbd, PurchaseHistory, fit_bgnbd};
use stratum_core::Digest;
use stratum_core::vocabulary::Platform;
use stratum_ffi::batch::TextColumn;

type Outcome<T> = Result<T, Box<dyn Error>>;

fn main() -> Outcome<()> {
    let mut arguments = std::env::args().skip(1);
    let work = arguments.next().unwrap_or_default();
    let out = PathBuf::from(arguments.nth(1).unwrap_or_else(|| "bench-input".to_owned()));
    match work.as_str() {
        "sha256_email" => sha256_email(&out),
        "phone" => phone(&out),
        "bgnbd" => bgnbd(&out),
        "stitching_rust" => stitching(&out),
        "identity_stream" => identity_stream(),
        other => {
            let works = "sha256_email, phone, bgnbd, stitching_rust, identity_stream";
            Err(format!("there is no work {other:?}: {works}").into())
        }
    }
}

fn sha256_email(out: &Path) -> Outcome<()> {
    let rows = rows(&out.join("emails.csv"))?;
    let emails: Vec<Option<&str>> = rows.iter().map(|row| Some(row.as_str())).collect();
    measure("sha256_email_bytes", emails.len(), || {
        let mut hashes = Vec::with_capacity(emails.len());
        columns::email_hashes(emails.iter().copied(), Platform::Meta, |hash| hashes.push(hash));
        hashes
    })?;
    let texts = measure("sha256_email", emails.len(), || {
        let mut texts = TextColumn::with_capacity(emails.len(), 64);
        columns::email_hashes(emails.iter().copied(), Platform::Meta, |hash| {
            texts.push_digest(hash.as_ref());
        });
        texts
    })?;
    let (_, text, _) = texts.parts();
    let first: Vec<Option<&str>> = (0..3).map(|row| texts.get(row)).collect();
    let all = Digest::of(text.as_bytes()).to_string();
    write(out, "sha256_email", &json!({"first": first, "sha256_of_all": all}))
}

/// The fit of BG/NBD, from histories in memory to parameters and likelihood.
fn bgnbd(out: &Path) -> Outcome<()> {
    let mut customers = Vec::new();
    for row in rows(&out.join("bgnbd_customers.csv"))? {
        let mut fields = row.split(',');
        let mut field = || fields.next().ok_or("a customer has x, t_x and T");
        customers.push(PurchaseHistory {
            x: field()?.parse()?,
            t_x: field()?.parse()?,
            age: field()?.parse()?,
        });
    }
    let fitted = measure("bgnbd_fit", customers.len(), || fit_bgnbd(&customers))?
        .map_err(|problems| problems.to_string())?;
    let BgNbd { r, alpha, a, b, .. } = fitted.model;
    let params = json!({"r": r, "alpha": alpha, "a": a, "b": b});
    // The peer counts time in units of the longest age, and so every purchase that many times as likely.
    let longest = customers.iter().fold(0.0, |longest: f64, customer| longest.max(customer.age));
    let purchases: f64 = customers.iter().map(|customer| f64::from(customer.x)).sum();
    let log_likelihood = fitted.log_likelihood + purchases * stratum_core::math::ln(longest);
    write(out, "bgnbd", &json!({"params": params, "log_likelihood": log_likelihood}))
}

fn phone(out: &Path) -> Outcome<()> {
    let rows = rows(&out.join("phones.csv"))?;
    let numbers: Vec<(&str, Option<Region>)> = rows
        .iter()
        .filter_map(|row| row.rsplit_once(','))
        .map(|(raw, region)| (raw.trim_matches('"'), region.parse().ok()))
        .collect();
    let parsed = measure("phone", numbers.len(), || {
        numbers.iter().map(|&(raw, region)| Phone::parse(raw, region).ok()).collect::<Vec<Option<Phone>>>()
    })?;
    let expected = self::rows(&out.join("phones_expected.csv"))?;
    let written = parsed.iter().map(|phone| phone.as_ref().map_or("", Phone::as_str));
    let differing =
        expected.iter().zip(written).filter(|(row, ours)| row.rsplit(',').next() != Some(*ours)).count();
    eprintln!("phones that differ from the peer's: {differing}");
    write(out, "phones", &json!({"valid": parsed.iter().flatten().count()}))
}

fn stitching(out: &Path) -> Outcome<()> {
    let rows = rows(&out.join("stitching_edges.csv"))?;
    let (mut left, mut right) = (Vec::with_capacity(rows.len()), Vec::with_capacity(rows.len()));
    for row in &rows {
        let (a, b) = row.split_once(',').ok_or("an edge has two nodes")?;
        left.push(a.parse::<u32>()?);
        right.push(b.parse::<u32>()?);
    }
    let items = rows.len();
    drop(rows);
    let expected: Value = serde_json::from_str(&fs::read_to_string(out.join("stitching.result.json"))?)?;
    let nodes = expected
        .get("identifiers")
        .and_then(Value::as_u64)
        .ok_or("the peer says how many nodes there are")?;
    let nodes = u32::try_from(nodes)?;
    let clusters = measure("stitching_rust", items, || {
        let mut links = Links::new(nodes);
        links.add(&left, &right).map(|()| links.finish())
    })??;
    let largest = clusters.sizes().into_iter().max();
    write(
        out,
        "stitching",
        &json!({"identifiers": nodes, "components": clusters.count(), "largest": largest}),
    )
}

/// Events of generated people, cleaned identifiers to profiles; the resolver's reports are part of the time.
fn identity_stream() -> Outcome<()> {
    let world = World::draw(&Assumptions::of(20_000), 1);
    measure("identity_stream", world.events.len(), || {
        policies::resolver(&world, &IdentityPolicy::default())
    })??;
    Ok(())
}

fn rows(path: &Path) -> Outcome<Vec<String>> {
    let text = fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
    Ok(text.lines().skip(1).map(str::to_owned).collect())
}

fn write(out: &Path, name: &str, found: &Value) -> Outcome<()> {
    Ok(fs::write(out.join(format!("{name}.ours.json")), serde_json::to_string_pretty(found)?)?)
}

fn measure<T>(name: &str, items: usize, mut run: impl FnMut() -> T) -> Outcome<T> {
    let (mut wall, mut processor, mut last) = (Vec::new(), Vec::new(), None);
    for _ in 0..3 {
        drop(last.take());
        let (start, start_cpu) = (Instant::now(), processor_seconds());
        last = Some(black_box(run()));
        wall.push(start.elapsed().as_secs_f64());
        processor.push(processor_seconds() - start_cpu);
    }
    let median = |mut seconds: Vec<f64>| {
        seconds.sort_by(f64::total_cmp);
        seconds.get(1).copied().unwrap_or(f64::NAN)
    };
    let (wall, processor) = (median(wall), median(processor));
    let rate = stratum_core::math::count(u64::try_from(items)?) / wall;
    println!("{name}_stratum\t{items}\t{wall:.6}\t{rate:.1}\t{processor:.6}\t{:.0}", peak_mb());
    last.ok_or_else(|| "nothing ran".into())
}

/// What the kernel says this thread ran; not a number where it does not say.
fn processor_seconds() -> f64 {
    let said = fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    said.split_whitespace().next().and_then(|ns| ns.parse::<f64>().ok()).map_or(f64::NAN, |ns| ns / 1e9)
}

fn peak_mb() -> f64 {
    let said = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = said.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kb = line.and_then(|line| line.split_whitespace().next()?.parse::<f64>().ok());
    kb.map_or(f64::NAN, |kb| kb / 1024.0)
}
