//! The rule models: how a conversion is shared among the touches before it.

use serde::{Deserialize, Serialize};
use stratum_core::enumeration;
use stratum_core::math::{amount, count, exp2};
use stratum_core::problem::{Problem, Problems};
use stratum_core::time::DAY_MS;

use super::Shares;

enumeration! {
    /// How a conversion is shared among the touches before it.
    pub enum RuleModel "attribution model" {
        /// The last touch gets everything.
        LastTouch = "last_touch",
        /// The first touch gets everything.
        FirstTouch = "first_touch",
        /// Every touch gets the same.
        Linear = "linear",
        /// The first and the last get 40 % each, the others share 20 %.
        PositionBased = "position_based",
        /// A touch counts half as much for each half-life that it lies further back.
        TimeDecay = "time_decay",
        /// The first, the one that made a lead and the last get 30 % each, the others share 10 %.
        WShaped = "w_shaped",
    }
}

/// What a tenant may choose about the rule models.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct RuleSettings {
    /// Time decay halves the weight every so many days, 1 to 30.
    #[cfg_attr(feature = "schema", schemars(range(min = 1, max = 30)))]
    pub half_life_days: f64,
}

impl Default for RuleSettings {
    fn default() -> Self {
        Self { half_life_days: 7.0 }
    }
}

impl RuleSettings {
    /// Checks the settings.
    ///
    /// # Errors
    /// `out_of_range` for a half-life outside 1 to 30 days.
    pub fn compile(&self) -> Result<Rules, Problems> {
        if !(1.0..=30.0).contains(&self.half_life_days) {
            let text = format!("a half-life is 1 to 30 days, not {}", self.half_life_days);
            return Err(Problem::new("/half_life_days", "out_of_range", text)
                .help("write 7, or leave it out")
                .into());
        }
        Ok(Rules { half_life_ms: self.half_life_days * amount(DAY_MS) })
    }
}

/// Settings that were found valid.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rules {
    half_life_ms: f64,
}

impl Rules {
    /// How `model` shares a conversion among touches at these instants, in milliseconds and in order of time.
    ///
    /// `lead` is the position of the touch that made the person a lead; the middle one where there is none. It is held
    /// between the first and the last touch. Each touch before the last ages from the last one, which changes no ratio and keeps the
    /// smallest weights from vanishing.
    #[must_use]
    pub fn shares(&self, model: RuleModel, touched_at_ms: &[i64], lead: Option<usize>) -> Shares {
        let mut shares = Shares::default();
        self.share_into(model, touched_at_ms, lead, &mut shares);
        shares
    }

    /// The same into shares that are used again and again.
    pub(super) fn share_into(
        &self,
        model: RuleModel,
        touched_at_ms: &[i64],
        lead: Option<usize>,
        shares: &mut Shares,
    ) {
        let touches = touched_at_ms.len();
        let parts = &mut shares.parts;
        parts.resize(touches, 0);
        let last = touches.saturating_sub(1);
        match model {
            RuleModel::LastTouch => only(parts, last),
            RuleModel::FirstTouch => only(parts, 0),
            RuleModel::Linear => parts.fill(1),
            // Of five parts for each touch between: two for each end, one shared.
            RuleModel::PositionBased => {
                let between = (touches as u64).saturating_sub(2);
                parts.fill(1);
                let end = between.saturating_mul(2).max(1);
                set(parts, 0, end);
                set(parts, last, end);
            }
            RuleModel::WShaped => w_shaped(parts, lead),
            RuleModel::TimeDecay => self.time_decay(parts, touched_at_ms),
        }
        shares.sum_up();
    }

    fn time_decay(&self, parts: &mut [u64], touched_at_ms: &[i64]) {
        let scale = scale(parts.len());
        let last = touched_at_ms.last().copied().unwrap_or_default();
        for (part, &at) in parts.iter_mut().zip(touched_at_ms) {
            *part = decayed(amount(last.saturating_sub(at).max(0)) / self.half_life_ms, scale);
        }
    }
}

/// 2^−age of so many units, as a whole number.
fn decayed(age: f64, scale: f64) -> u64 {
    // Each journey has a newest touch, and a power costs more than all else about it.
    if age == 0.0 {
        return whole(scale);
    }
    let part = exp2(-age) * scale;
    let down = whole(part);
    // What is cut off is exact, so this is the nearest, and the greater of two that are as near.
    down.saturating_add(u64::from(part - count(down) >= 0.5))
}

/// The whole part of 0 to 2⁵².
#[expect(clippy::cast_possible_truncation, reason = "0 to 2^52")]
fn whole(number: f64) -> u64 {
    (number as i64).cast_unsigned()
}

/// The units of the newest touch: 2⁵², less where so many touches would come to more than 2⁶⁰.
fn scale(touches: usize) -> f64 {
    let bits = usize::BITS.saturating_sub(touches.leading_zeros());
    count(1_u64.wrapping_shl(60_u32.saturating_sub(bits).min(52)))
}

fn w_shaped(parts: &mut [u64], lead: Option<usize>) {
    let touches = parts.len();
    parts.fill(1);
    if touches <= 3 {
        // Both halves, all thirds.
        return;
    }
    // Of ten parts for each touch between: three for each of the three, one shared.
    let anchor = (touches as u64).saturating_sub(3).saturating_mul(3);
    let last = touches.saturating_sub(1);
    let lead = lead.unwrap_or(touches / 2).clamp(1, last.saturating_sub(1));
    for position in [0, lead, last] {
        set(parts, position, anchor);
    }
}

fn only(parts: &mut [u64], position: usize) {
    parts.fill(0);
    set(parts, position, 1);
}

fn set(parts: &mut [u64], position: usize, value: u64) {
    if let Some(part) = parts.get_mut(position) {
        *part = value;
    }
}
