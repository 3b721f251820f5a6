//! Whatever stands in a formula: one problem with its place, or a value that is the same twice, and no infinity.
//!
//! The first line of the input is the formula, the second a number that every name stands for.
#![no_main]

use libfuzzer_sys::fuzz_target;
use stratum_cdp::traits::{Formula, Operand};

fuzz_target!(|text: &str| {
    let (formula, number) = text.split_once('\n').unwrap_or((text, "1"));
    let formula = match Formula::parse(formula) {
        Ok(formula) => formula,
        Err(problems) => {
            assert_eq!(problems.len(), 1);
            return;
        }
    };
    let now = "2026-03-31T12:00:00Z".parse().expect("an instant");
    let number = number.parse().ok().filter(|number: &f64| number.is_finite());
    let value_of = |name: &str| match name.len() % 4 {
        0 => Operand::Null,
        1 => Operand::Time(now),
        _ => number.map_or_else(|| Operand::Text(name.to_owned()), Operand::Number),
    };
    let value = formula.evaluate(now, &value_of);
    assert_eq!(value, formula.evaluate(now, &value_of));
    if let Operand::Number(number) = value {
        assert!(number.is_finite());
    }
    assert_eq!(Formula::parse(formula.text()).expect("was read once"), formula);
});
