//! Chance that repeats itself: a number for a name and a position, the same on every machine.

use stratum_core::math;

/// From −1 to 1, evenly spread; `position` counts days, hours or minutes of `subject`.
pub(super) fn noise(subject: &str, position: i64) -> f64 {
    unit(subject, position) * 2.0 - 1.0
}

/// From 0 to 1, evenly spread.
pub(super) fn unit(subject: &str, position: i64) -> f64 {
    // FNV-1a over the name, then the finaliser of SplitMix64 (Steele, Lea, Flood 2014) to spread neighbours apart.
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    for byte in subject.bytes().chain(position.to_le_bytes()) {
        hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    }
    hash = (hash ^ (hash >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    hash = (hash ^ (hash >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    // 53 bits: what a float holds exactly.
    math::count((hash ^ (hash >> 31)) >> 11) / math::count(1 << 53)
}

/// A whole number whose mean is `mean`: the fraction decides how often it is rounded up.
pub(super) fn whole(mean: f64, subject: &str, position: i64) -> f64 {
    (mean + unit(subject, position)).floor().max(0.0)
}
