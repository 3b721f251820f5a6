//! What normal forms cost: addresses with and without their SHA-256, phone numbers of seven countries, names, events.
//!
//! `cargo bench -p stratum-benches --bench identifiers`
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::cast_possible_truncation,
    reason = "a benchmark may panic: that is how it fails"
)]

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use stratum_cdp::identifier::{CleaningPolicy, IdentifierType, Phone, Region, columns};
use stratum_cdp::person::{PersonContext, PersonField};
use stratum_core::vocabulary::Platform;

const ROWS: u64 = 10_000;

/// A number that looks random and is the same on every run.
fn scattered(index: u64) -> u64 {
    index.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 24
}

/// Addresses in several cases, some with white space around them.
fn addresses() -> Vec<String> {
    let domains = ["Example.com", "mail.example.ORG", "shop.example.net", "GMAIL.example"];
    let address = |index: u64| {
        let (number, domain) = (scattered(index) % 1_000_000_000_000, domains[(index % 4) as usize]);
        match index % 4 {
            0 => format!("user.{number}@{domain}"),
            1 => format!("  User.{number}@{domain}"),
            2 => format!("User.{number}@{domain} \t"),
            _ => format!("User.{number}@{domain}"),
        }
    };
    (0..ROWS).map(address).collect()
}

/// Numbers as people of seven countries write them, and a few that are none.
fn numbers() -> Vec<(String, Option<Region>)> {
    let number = |index: u64| {
        let d = scattered(index) % 1_000_000_000;
        let (text, region) = match index % 16 {
            0..=4 => (format!("({}) {}-{:04}", 200 + d % 790, 200 + d / 7 % 790, d % 10_000), "US"),
            5 | 6 => (format!("07{} {:06}", 400 + d % 500, d / 3 % 1_000_000), "GB"),
            7 | 8 => (format!("0{} {:08}", 151 + d % 20, d / 5 % 100_000_000), "DE"),
            9 | 10 => (
                format!("06 {:02} {:02} {:02} {:02}", d % 100, d / 100 % 100, d / 10_000 % 100, d / 7 % 100),
                "FR",
            ),
            11 | 12 => (format!("+971 5{} {:03} {:04}", d % 9, d / 9 % 1_000, d % 10_000), "AE"),
            13 => (format!("+91-{}-{:05}", 90_000 + d % 9_999, d / 11 % 100_000), "IN"),
            14 => (format!("({}) 9{:04}-{:04}", 11 + d % 80, d / 3 % 10_000, d % 10_000), "BR"),
            _ => (format!("{}-abc", d % 977), "US"),
        };
        (text, Some(region.parse().unwrap()))
    };
    (0..ROWS).map(number).collect()
}

fn emails(c: &mut Criterion) {
    let rows = addresses();
    let column = || rows.iter().map(|row| Some(row.as_str()));
    let policy = CleaningPolicy::strict();
    let mut group = c.benchmark_group("emails");
    group.throughput(Throughput::Elements(ROWS));
    group.bench_function("normal form", |b| {
        b.iter(|| {
            columns::emails(column(), |email| {
                black_box(email);
            })
        });
    });
    group.bench_function("normal form and SHA-256", |b| {
        b.iter(|| {
            columns::email_hashes(column(), Platform::Meta, |hash| {
                black_box(hash);
            })
        });
    });
    group.bench_function("normal form and SHA-256 in hex", |b| {
        let mut text = String::with_capacity(64 * rows.len());
        b.iter(|| {
            text.clear();
            columns::email_hashes(column(), Platform::Meta, |hash| {
                if let Some(hash) = hash {
                    hash.push_hex(&mut text);
                }
            });
            black_box(text.len())
        });
    });
    group.bench_function("cleaned under strict", |b| {
        b.iter(|| {
            columns::identifiers(IdentifierType::Email, column(), &policy, |row| {
                black_box(row.is_some());
            })
        });
    });
    group.finish();
}

fn phones(c: &mut Criterion) {
    let rows = numbers();
    let mut group = c.benchmark_group("phones");
    group.throughput(Throughput::Elements(ROWS));
    group.bench_function("international form", |b| {
        b.iter(|| rows.iter().filter(|(raw, region)| Phone::parse(black_box(raw), *region).is_ok()).count());
    });
    group.finish();
}

fn names(c: &mut Criterion) {
    let names = ["Mary Ann", "D’Angelo", "محمد", "Müller-Lüdenscheidt", "王小明", "SMITH"];
    let context = PersonContext::default();
    let mut group = c.benchmark_group("names");
    group.throughput(Throughput::Elements(6));
    group.bench_function("normal form", |b| {
        b.iter(|| {
            names
                .iter()
                .filter(|name| PersonField::LastName.normalize(black_box(name), &context).meta().is_some())
                .count()
        });
    });
    group.finish();
}

criterion_group!(benches, emails, phones, names);
criterion_main!(benches);
