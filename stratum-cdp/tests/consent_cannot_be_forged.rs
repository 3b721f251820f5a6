//! What must not compile: sending without consent, or with consent for something else.

#[test]
fn what_leaves_needs_the_persons_consent_for_that_purpose() {
    trybuild::TestCases::new().compile_fail("tests/compile_fail/*.rs");
}
