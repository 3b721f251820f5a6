//! What must not compile: without the gate, without the limits, twice.

#[test]
fn evidence_and_permits_cannot_be_made_copied_or_used_twice_by_a_caller() {
    trybuild::TestCases::new().compile_fail("tests/compile_fail/*.rs");
}
