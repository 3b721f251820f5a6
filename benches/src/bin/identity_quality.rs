//! How well identity policies tell people apart, on people whose identity is known.
//!
//!     cargo run --release --package stratum-benches --bin identity_quality -- [--persons 20000] [--seeds 5]
//!
//! Prints the assumptions, precision and recall of four policies with 95 % intervals over the seeds (Student's t), and what
//! each hazard does by itself. What is measured stands in `people::agreement`. Goal: `strict` has precision 0.999 and recall
//! 0.95 over personal identifiers.

use std::process::ExitCode;

use stratum_benches::people::agreement::{Agreement, agreement};
use stratum_benches::people::{Assumptions, Hazard, World, policies};
use stratum_cdp::identity::{IdentityPolicy, IdentityPreset};
use stratum_core::problem::Problems;

type Policy = fn(&World) -> Result<Vec<u32>, Problems>;

const POLICIES: [(&str, Policy); 4] = [
    ("strict", |world| policies::resolver(world, &IdentityPolicy::preset(IdentityPreset::Strict))),
    ("standard", |world| policies::resolver(world, &IdentityPolicy::preset(IdentityPreset::Standard))),
    ("naive: merge on anything", |world| Ok(policies::merge_on_anything(world))),
    ("naive: first match by e-mail", |world| Ok(policies::first_match_by_email(world))),
];

type Measure = fn(&Agreement) -> f64;

const MEASURES: [(&str, Measure); 5] = [
    ("precision", |found| found.identifiers.precision()),
    ("recall", |found| found.identifiers.recall()),
    ("recall of all", |found| found.identifiers.recall_of_all()),
    ("events: prec.", |found| found.events.precision()),
    ("events: recall", |found| found.events.recall()),
];

fn main() -> ExitCode {
    let number = |name: &str, default: u32| {
        let mut arguments = std::env::args().skip_while(|argument| argument != name).skip(1);
        arguments.next().and_then(|text| text.parse().ok()).unwrap_or(default)
    };
    match run(number("--persons", 20_000), number("--seeds", 5).max(2)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(problems) => {
            eprintln!("{problems}");
            ExitCode::FAILURE
        }
    }
}

fn run(persons: u32, seeds: u32) -> Result<(), Problems> {
    let usual = Assumptions::of(persons);
    println!("{usual:#?}\n");
    heading("all hazards, by seeds");
    let borrowed = usual.clone().with(Hazard::BorrowedAccount, 0.01);
    table(&usual, seeds, &POLICIES)?;
    heading("the same, and one session in a hundred in the account of another of the household");
    table(&borrowed, seeds, POLICIES.get(..2).unwrap_or_default())?;
    for (hazard, rate) in Hazard::USUAL.into_iter().filter(|&(_, rate)| rate > 0.0) {
        heading(&format!("{hazard:?} alone, {rate}"));
        table(&usual.clone().only(hazard, rate), 2, POLICIES.get(..2).unwrap_or_default())?;
    }
    Ok(())
}

fn heading(text: &str) {
    println!("\n{text}");
    print!("{:<30}", "");
    for (name, _) in MEASURES {
        print!("{name:>21}");
    }
    println!();
}

fn table(assumptions: &Assumptions, seeds: u32, policies: &[(&str, Policy)]) -> Result<(), Problems> {
    let worlds: Vec<World> = (1..=u64::from(seeds)).map(|seed| World::draw(assumptions, seed)).collect();
    for (name, policy) in policies {
        let found: Vec<Agreement> = worlds
            .iter()
            .map(|world| Ok(agreement(world, &policy(world)?)))
            .collect::<Result<_, Problems>>()?;
        print!("{name:<30}");
        for (_, measure) in MEASURES {
            let (mean, half) = interval(&found.iter().map(measure).collect::<Vec<_>>());
            print!("{:>21}", format!("{mean:.5} ± {half:.5}"));
        }
        println!();
    }
    Ok(())
}

/// The mean and the half width of its 95 % interval.
fn interval(values: &[f64]) -> (f64, f64) {
    // Student's t for 0.975, by degrees of freedom.
    const T: [f64; 10] = [12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228];
    let mean = stratum_core::math::mean(values).unwrap_or(f64::NAN);
    let deviation = stratum_core::math::sample_std(values).unwrap_or(f64::NAN);
    let t = T.get(values.len().saturating_sub(2)).copied().unwrap_or(1.96);
    (mean, t * deviation / stratum_core::math::length(values).sqrt())
}
