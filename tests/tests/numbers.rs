//! What exact comparison across languages stands on, and what a dependent crate cannot see by itself.

/// serde_json reads this text as a different double unless its feature `float_roundtrip` is on, and Cargo would turn
/// the feature off without a word if the workspace stopped asking for it.
#[test]
fn a_double_that_goes_through_json_comes_back_with_the_same_bits() {
    for text in ["0.0035714285714285718", "0.000025666666666666666", "0.00015033333333333335"] {
        let read: f64 = serde_json::from_str(text).unwrap();
        assert_eq!(read.to_bits(), text.parse::<f64>().unwrap().to_bits(), "{text}");
        assert_eq!(serde_json::to_string(&read).unwrap().parse::<f64>().unwrap().to_bits(), read.to_bits());
    }
}
