//! The numbering plans of all countries, as `data/phone_plans.py` wrote them.
//!
//! The plans are those of libphonenumber (Apache-2.0). Its patterns of valid numbers became one automaton without cycles:
//! whether a number is valid costs one step a digit.

use std::sync::LazyLock;

use super::prefix::Pattern;
use crate::identifier::Region;

static TABLES: &[u8] = include_bytes!("../../../data/phone_plans.bin");

/// Read once, on first use.
static PLANS: LazyLock<Plans> = LazyLock::new(|| read(TABLES).unwrap_or_default());

/// How many steps a calling code has, and one more.
const CODES: usize = 1_000;

/// The node that goes nowhere and accepts nothing.
const NOWHERE: u16 = 0;

/// The numbering plan of one region.
pub(super) struct Plan {
    /// The calling code of its country.
    pub(super) code: u16,
    /// The prefix before the calling code of another country.
    pub(super) international: Option<&'static Pattern>,
    /// The prefix before a number of the same country.
    pub(super) national: Option<&'static Pattern>,
    /// What a number is made into after the national prefix, `\1` and `\2` being what the prefix captured.
    pub(super) rule: &'static str,
    general: u16,
    possible: u32,
    local: u32,
}

/// What the length of a national number says.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Length {
    Possible,
    /// Only from within a town.
    Local,
    TooShort,
    TooLong,
    /// Between two possible lengths.
    Between,
}

impl Plan {
    /// Whether the national number has the general form of the plan.
    pub(super) fn fits(&self, national: &[u8]) -> bool {
        accepts(&PLANS, self.general, national)
    }

    /// What the length of a national number says.
    pub(super) fn length(&self, national: &[u8]) -> Length {
        let bit = u32::try_from(national.len()).ok().and_then(|length| 1_u32.checked_shl(length));
        let Some(bit) = bit else { return Length::TooLong };
        if self.local & bit != 0 {
            Length::Local
        } else if self.possible & bit != 0 {
            Length::Possible
        } else if bit < self.possible & self.possible.wrapping_neg() {
            Length::TooShort
        } else if bit > self.possible {
            Length::TooLong
        } else {
            Length::Between
        }
    }
}

/// The plan of a region; `None` if there is no such region.
pub(super) fn of_region(region: Region) -> Option<&'static Plan> {
    let index = PLANS.by_region.get(region.index())?;
    PLANS.plans.get(usize::from((*index)?))
}

/// The plan by which numbers of a calling code are read: that of its largest region.
pub(super) fn of_code(code: u16) -> Option<&'static Plan> {
    let country = country(code)?;
    PLANS.plans.get(usize::from(country.main))
}

/// Whether a national number of a country is in use.
pub(super) fn is_valid(code: u16, national: &[u8]) -> bool {
    country(code).is_some_and(|country| accepts(&PLANS, country.valid, national))
}

/// The version of libphonenumber that the plans were taken from; empty if they could not be read.
pub(super) fn version() -> &'static str {
    PLANS.version
}

fn country(code: u16) -> Option<Country> {
    PLANS.by_code.get(usize::from(code)).copied().flatten()
}

fn accepts(plans: &Plans, start: u16, national: &[u8]) -> bool {
    let mut node = start;
    for &digit in national {
        node = plans
            .nodes
            .get(usize::from(node))
            .and_then(|node| node.after.get(usize::from(digit)))
            .copied()
            .unwrap_or(NOWHERE);
        if node == NOWHERE {
            return false;
        }
    }
    plans.nodes.get(usize::from(node)).is_some_and(|node| node.accepts)
}

#[derive(Default)]
struct Plans {
    version: &'static str,
    nodes: Vec<Node>,
    plans: Vec<Plan>,
    by_region: Vec<Option<u16>>,
    by_code: Vec<Option<Country>>,
}

#[derive(Clone, Copy)]
struct Node {
    after: [u16; 10],
    accepts: bool,
}

#[derive(Clone, Copy)]
struct Country {
    valid: u16,
    main: u16,
}

/// Takes the tables apart; `None` if they are not what the script writes.
fn read(tables: &'static [u8]) -> Option<Plans> {
    let mut tables = Tables(tables);
    let version = tables.text()?;
    let texts = (0..tables.u16()?).map(|_| tables.text()).collect::<Option<Vec<_>>>()?;
    let nodes = read_nodes(&mut tables)?;
    // The patterns live as long as the plans do, and these as long as the program.
    let patterns: Vec<Option<&'static Pattern>> = texts
        .iter()
        .map(|text| {
            let pattern = if text.is_empty() { None } else { Pattern::read(text) };
            pattern.map(|pattern| &*Box::leak(Box::new(pattern)))
        })
        .collect();
    let mut by_region = vec![None; 676];
    let mut plans = Vec::new();
    for index in 0..tables.u16()? {
        let region = std::str::from_utf8(tables.bytes(2)?).ok()?.parse::<Region>();
        if let Some(place) = region.ok().and_then(|region| by_region.get_mut(region.index())) {
            *place = Some(index);
        }
        let (code, general, possible, local) = (tables.u16()?, tables.u16()?, tables.u32()?, tables.u32()?);
        let international = usize::from(tables.u8()?);
        let national = usize::from(tables.u8()?);
        let rule = texts.get(usize::from(tables.u8()?))?;
        plans.push(Plan {
            code,
            international: *patterns.get(international)?,
            national: *patterns.get(national)?,
            rule,
            general,
            possible,
            local,
        });
    }
    let mut by_code = vec![None; CODES];
    for _ in 0..tables.u16()? {
        let code = usize::from(tables.u16()?);
        *by_code.get_mut(code)? = Some(Country { valid: tables.u16()?, main: tables.u16()? });
    }
    tables.0.is_empty().then_some(Plans { version, nodes, plans, by_region, by_code })
}

fn read_nodes(tables: &mut Tables) -> Option<Vec<Node>> {
    let count = tables.u16()?;
    let firsts = (0..count).map(|_| tables.u16()).collect::<Option<Vec<_>>>()?;
    let accepting = tables.bytes(usize::from(count).div_ceil(8))?;
    let edges = tables.u32()?;
    let edges = (0..edges).map(|_| tables.u16().zip(tables.u16())).collect::<Option<Vec<(u16, u16)>>>()?;
    let ends = firsts.iter().skip(1).map(|&end| usize::from(end)).chain([edges.len()]);
    let mut nodes = Vec::with_capacity(firsts.len());
    for (index, (&first, end)) in firsts.iter().zip(ends).enumerate() {
        let mut after = [NOWHERE; 10];
        for &(digits, target) in edges.get(usize::from(first)..end)? {
            for (digit, place) in after.iter_mut().enumerate() {
                if (digits >> digit) & 1 == 1 {
                    *place = target;
                }
            }
        }
        let accepts = accepting.get(index / 8).is_some_and(|byte| (byte >> (index % 8)) & 1 == 1);
        nodes.push(Node { after, accepts });
    }
    Some(nodes)
}

/// The bytes that were not read yet.
struct Tables(&'static [u8]);

impl Tables {
    fn bytes(&mut self, count: usize) -> Option<&'static [u8]> {
        let (taken, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(taken)
    }

    fn u8(&mut self) -> Option<u8> {
        self.bytes(1)?.first().copied()
    }

    fn u16(&mut self) -> Option<u16> {
        self.bytes(2)?.try_into().ok().map(u16::from_le_bytes)
    }

    fn u32(&mut self) -> Option<u32> {
        self.bytes(4)?.try_into().ok().map(u32::from_le_bytes)
    }

    fn text(&mut self) -> Option<&'static str> {
        let length = self.u16()?;
        std::str::from_utf8(self.bytes(usize::from(length))?).ok()
    }
}
