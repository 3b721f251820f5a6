//! Credit totals as bytes, for the way from one worker to another. Equal totals give equal bytes.

use super::RuleModel;
use super::credit_totals::{Credit, CreditTotals, Place};

const TOTALS: &[u8; 4] = b"SCT1";

/// What stands before the text of a channel or campaign.
const NONE: u32 = u32::MAX;

/// Why bytes are no credit totals.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CreditStateFault {
    /// They begin otherwise, so they are something else or of another version.
    #[error("these bytes are no credit totals of this version")]
    Foreign,
    /// They end in the middle, or hold what no totals hold.
    #[error("the credit totals are cut off or damaged")]
    Damaged,
}

impl CreditTotals {
    /// The totals as bytes.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = TOTALS.to_vec();
        for (place, credit) in &self.credits {
            bytes.extend(place.day.to_le_bytes());
            bytes.push(u8::try_from(place.model.index()).unwrap_or(u8::MAX));
            write_text(&mut bytes, (!place.unattributed).then_some(place.channel.as_str()));
            write_text(&mut bytes, place.campaign.as_deref());
            bytes.extend(credit.conversions.to_le_bytes());
            bytes.extend(credit.value_cents.to_le_bytes());
        }
        bytes
    }

    /// The totals that [`CreditTotals::to_bytes`] wrote.
    ///
    /// # Errors
    /// [`CreditStateFault`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, CreditStateFault> {
        let mut rest = bytes.strip_prefix(TOTALS).ok_or(CreditStateFault::Foreign)?;
        let mut totals = Self::new();
        while !rest.is_empty() {
            let (place, credit) = read_entry(&mut rest).ok_or(CreditStateFault::Damaged)?;
            // The totals are written in their order, each place once.
            if totals.credits.last_key_value().is_some_and(|(last, _)| *last >= place) {
                return Err(CreditStateFault::Damaged);
            }
            totals.credits.insert(place, credit);
        }
        Ok(totals)
    }
}

fn write_text(bytes: &mut Vec<u8>, text: Option<&str>) {
    let length = text.map_or(NONE, |text| u32::try_from(text.len()).unwrap_or(NONE));
    bytes.extend(length.to_le_bytes());
    bytes.extend(text.unwrap_or_default().as_bytes());
}

fn read_entry(rest: &mut &[u8]) -> Option<(Place, Credit)> {
    let day = i32::from_le_bytes(read(rest)?);
    let [model] = read(rest)?;
    let model = *RuleModel::ALL.get(usize::from(model))?;
    let channel = read_text(rest)?;
    let campaign = read_text(rest)?;
    let conversions = i128::from_le_bytes(read(rest)?);
    let value_cents = i128::from_le_bytes(read(rest)?);
    let place =
        Place { day, model, unattributed: channel.is_none(), channel: channel.unwrap_or_default(), campaign };
    Some((place, Credit { conversions, value_cents }))
}

fn read<const LENGTH: usize>(rest: &mut &[u8]) -> Option<[u8; LENGTH]> {
    let (bytes, after) = rest.split_first_chunk()?;
    *rest = after;
    Some(*bytes)
}

/// A text, or that there is none; `None` where neither can be read.
fn read_text(rest: &mut &[u8]) -> Option<Option<String>> {
    let length = u32::from_le_bytes(read(rest)?);
    if length == NONE {
        return Some(None);
    }
    let (text, after) = rest.split_at_checked(usize::try_from(length).ok()?)?;
    *rest = after;
    str::from_utf8(text).ok().map(|text| Some(text.to_owned()))
}
