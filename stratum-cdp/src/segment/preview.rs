//! A segment before it is saved: how many members, and a few of them.

use serde::{Deserialize, Serialize};
use stratum_core::math::{count, round9};
use stratum_core::money::round_minor;
use stratum_core::problem::Problem;

use super::bitmap::Bitmap;

/// The 97.5 % point of the normal distribution: intervals hold the truth 95 times of 100.
const Z: f64 = 1.959_963_984_540_054;

/// Which profiles are looked at when not all are: those with the smallest hashes of their id and the seed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct PreviewSample {
    /// How many profiles, at least 1.
    #[cfg_attr(feature = "schema", schemars(range(min = 1)))]
    pub size: u32,
    /// Another seed chooses others; the same one the same.
    #[serde(default)]
    pub seed: u32,
}

/// How many members a segment has, and the first of them by id.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct SegmentPreview {
    /// Members: counted, or estimated from a sample.
    pub count: u64,
    /// Whether they were counted.
    pub exact: bool,
    /// The fewest that the sample makes believable (Wilson 1927, 95 %); the count itself if exact.
    pub low: u64,
    /// The most.
    pub high: u64,
    /// How many profiles were looked at.
    pub evaluated: u64,
    /// How many there are.
    pub total: u64,
    /// Ids of members among those that were looked at, in order.
    pub sample_profiles: Vec<String>,
}

/// Counts the members among profiles, or estimates them from a sample.
///
/// `limit` is how many ids are given, `is_member` is asked once for each profile that is looked at.
///
/// ```
/// use stratum_cdp::segment::{PreviewSample, preview};
/// let ids: Vec<String> = (0..1_000).map(|n| format!("p{n:04}")).collect();
/// let exact = preview(&ids, None, 3, |row| row % 10 == 0).unwrap();
/// assert_eq!((exact.count, exact.sample_profiles.join(" ").as_str()), (100, "p0000 p0010 p0020"));
///
/// let sample = PreviewSample { size: 200, seed: 7 };
/// let estimate = preview(&ids, Some(sample), 3, |row| row % 10 == 0).unwrap();
/// assert_eq!((estimate.exact, estimate.evaluated), (false, 200));
/// assert!(estimate.low <= 100 && 100 <= estimate.high);
/// ```
///
/// # Errors
/// `out_of_range` for a sample of nobody.
pub fn preview<I: AsRef<str>>(
    ids: &[I],
    sample: Option<PreviewSample>,
    limit: usize,
    mut is_member: impl FnMut(usize) -> bool,
) -> Result<SegmentPreview, Problem> {
    let rows = match sample {
        Some(PreviewSample { size: 0, .. }) => {
            return Err(Problem::new("/sample/size", "out_of_range", "a sample has at least one profile"));
        }
        Some(sample) => chosen(ids, sample),
        None => (0..ids.len()).collect(),
    };
    let mut members: Vec<&str> = rows
        .iter()
        .filter(|&&row| is_member(row))
        .filter_map(|&row| ids.get(row))
        .map(AsRef::as_ref)
        .collect();
    members.sort_unstable();
    let (met, evaluated, total) = (members.len() as u64, rows.len() as u64, ids.len() as u64);
    let (estimate, low, high) = estimate(met, evaluated, total);
    Ok(SegmentPreview {
        count: estimate,
        exact: evaluated == total,
        low,
        high,
        evaluated,
        total,
        sample_profiles: members.into_iter().take(limit).map(str::to_owned).collect(),
    })
}

/// The rows of a sample: a given size of those with the smallest hashes.
fn chosen<I: AsRef<str>>(ids: &[I], sample: PreviewSample) -> Vec<usize> {
    let mut hashed: Vec<(u64, &str, usize)> =
        ids.iter().enumerate().map(|(row, id)| (hash(id.as_ref(), sample.seed), id.as_ref(), row)).collect();
    let size = usize::try_from(sample.size).unwrap_or(usize::MAX);
    if size < hashed.len() {
        hashed.select_nth_unstable(size);
        hashed.truncate(size);
    }
    hashed.into_iter().map(|(_, _, row)| row).collect()
}

/// FNV-1a (Fowler, Noll, Vo) of the id, then the finisher of SplitMix64 (Steele, Lea, Flood 2014) with the seed.
fn hash(id: &str, seed: u32) -> u64 {
    let fnv = id.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    let mixed = fnv.wrapping_add(u64::from(seed).wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15));
    let mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

/// The estimate and its interval for the whole, from the members of a sample.
fn estimate(met: u64, evaluated: u64, total: u64) -> (u64, u64, u64) {
    if evaluated == total {
        return (met, met, met);
    }
    let (n, all) = (count(evaluated), count(total));
    let share = count(met) / n;
    let (centre, spread) =
        (share + Z * Z / (2.0 * n), Z * (share * (1.0 - share) / n + Z * Z / (4.0 * n * n)).sqrt());
    let below = 1.0 + Z * Z / n;
    // Of those that were looked at it is known who is a member and who is none.
    let most = total.saturating_sub(evaluated.saturating_sub(met));
    let whole = |amount: f64| round_minor(amount).and_then(|amount| u64::try_from(amount).ok()).unwrap_or(0);
    let held = |amount: f64| whole(amount).clamp(met, most);
    (
        held((all * share).round()),
        held((all * (centre - spread) / below).floor()),
        held((all * (centre + spread) / below).ceil()),
    )
}

/// How much two segments overlap.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct Overlap {
    /// The position of the one.
    pub first: usize,
    /// The position of the other, the larger.
    pub second: usize,
    /// Profiles in both.
    pub both: u64,
    /// Profiles in at least one.
    pub either: u64,
    /// `both / either` (Jaccard 1901), 0 to 1; not defined where nobody is in either.
    pub jaccard: Option<f64>,
}

/// The overlap of every pair of segments over the same profiles.
#[must_use]
pub fn overlap(members: &[Bitmap]) -> Vec<Overlap> {
    let mut pairs = Vec::new();
    for (first, a) in members.iter().enumerate() {
        for (second, b) in members.iter().enumerate().skip(first.saturating_add(1)) {
            let both = a.count_both(b);
            let either = a.count().saturating_add(b.count()).saturating_sub(both);
            let jaccard = (either > 0).then(|| round9(count(both) / count(either)));
            pairs.push(Overlap { first, second, both, either, jaccard });
        }
    }
    pairs
}
