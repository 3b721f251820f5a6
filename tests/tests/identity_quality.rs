//! How well the policies tell people apart, on a few of the people on whom the benches measure it.

#![expect(clippy::unwrap_used, reason = "a test fails by a panic")]

use stratum_benches::people::agreement::{Agreement, agreement};
use stratum_benches::people::{Assumptions, Hazard, World, policies};
use stratum_cdp::identity::{IdentityPolicy, IdentityPreset};

fn under(preset: IdentityPreset, world: &World) -> Agreement {
    agreement(world, &policies::resolver(world, &IdentityPolicy::preset(preset)).unwrap())
}

#[test]
fn strict_keeps_people_apart_and_still_finds_them() {
    let world = World::draw(&Assumptions::of(3000), 7);
    let strict = under(IdentityPreset::Strict, &world).identifiers;
    // Of so few people one family with one address decides the third decimal; the benches measure on many.
    assert!(strict.precision() >= 0.99 && strict.recall() >= 0.95, "{strict:?}");
    let standard = under(IdentityPreset::Standard, &world).identifiers;
    assert!(standard.precision() < strict.precision(), "{standard:?}");
    let anything = agreement(&world, &policies::merge_on_anything(&world)).identifiers;
    assert!(anything.precision() < 0.9 && anything.evident_right == anything.evident, "{anything:?}");
    let email = agreement(&world, &policies::first_match_by_email(&world)).identifiers;
    assert!(email.recall() < 0.5, "{email:?}");
}

#[test]
fn without_a_hazard_whatever_one_event_names_is_one_person() {
    let world = World::draw(&Assumptions::of(800).only(Hazard::Typo, 0.0), 3);
    let found = agreement(&world, &policies::merge_on_anything(&world)).identifiers;
    assert_eq!((found.right, found.evident_right), (found.together, found.evident));
    assert!(found.together > 1000);
}

#[test]
fn a_seed_draws_one_world() {
    let of = |seed| World::draw(&Assumptions::of(200), seed);
    assert_eq!(of(5), of(5));
    assert_ne!(of(5), of(6));
}
