//! The prefixes that a numbering plan knows, as it writes them: small patterns over digits.
//!
//! `0`, `0(?:0|11)`, `([2-9]\d{6})$|1`: alternatives, classes, counted repetition, captures, the end. As in the regular
//! expressions that they are, the first alternative that fits is taken and repetition takes what it can get.

/// A pattern that is compared with the beginning of a number.
pub(super) struct Pattern {
    branches: Vec<Vec<Item>>,
    captures: usize,
}

/// Where a pattern fits a number.
#[derive(Clone, Copy)]
pub(super) struct Fit {
    /// How many digits it takes.
    pub(super) end: usize,
    /// What it captured: from where to where.
    pub(super) captures: Captures,
    /// Whether its last capture took part; `false` without captures.
    pub(super) last_captured: bool,
}

/// No plan captures more than two things.
pub(super) type Captures = [Option<(usize, usize)>; 2];

enum Item {
    /// One digit out of a set, a bit for each.
    Digit(u16),
    /// The end of the number.
    End,
    Group {
        capture: Option<usize>,
        branches: Vec<Vec<Item>>,
    },
    Repeat {
        item: Box<Item>,
        least: u8,
        most: u8,
    },
}

impl Pattern {
    /// Reads a pattern; `None` if it is written with something else.
    pub(super) fn read(text: &str) -> Option<Self> {
        let mut reader = Reader { rest: text.as_bytes(), captures: 0 };
        let branches = reader.branches()?;
        (reader.rest.is_empty() && reader.captures <= 2)
            .then_some(Self { branches, captures: reader.captures })
    }

    /// How the pattern fits the beginning of a number.
    pub(super) fn fit(&self, digits: &[u8]) -> Option<Fit> {
        let mut found = None;
        let mut captures = [None; 2];
        for branch in &self.branches {
            let fits = run(branch, 0, digits, &mut captures, &mut |end, captures| {
                let last = self.captures.checked_sub(1).and_then(|last| captures.get(last));
                let last_captured = last.is_some_and(Option::is_some);
                found = Some(Fit { end, captures: *captures, last_captured });
                true
            });
            if fits {
                break;
            }
        }
        found
    }
}

/// What follows an item: told where the item ended, it says whether the rest fits, too.
type Then<'a> = &'a mut dyn FnMut(usize, &mut Captures) -> bool;

fn run(items: &[Item], at: usize, digits: &[u8], captures: &mut Captures, then: Then<'_>) -> bool {
    let Some((first, rest)) = items.split_first() else { return then(at, captures) };
    match first {
        Item::Digit(set) => {
            let fits = digits.get(at).is_some_and(|&digit| has(*set, digit));
            fits && run(rest, at.saturating_add(1), digits, captures, then)
        }
        Item::End => at == digits.len() && run(rest, at, digits, captures, then),
        Item::Group { capture, branches } => branches.iter().any(|branch| {
            run(branch, at, digits, captures, &mut |end, captures| {
                let before = *captures;
                if let Some(place) = capture.and_then(|capture| captures.get_mut(capture)) {
                    *place = Some((at, end));
                }
                let fits = run(rest, end, digits, captures, then);
                if !fits {
                    *captures = before;
                }
                fits
            })
        }),
        Item::Repeat { item, least, most } => repeat(item, (*least, *most), rest, at, digits, captures, then),
    }
}

fn repeat(
    item: &Item,
    (least, most): (u8, u8),
    rest: &[Item],
    at: usize,
    digits: &[u8],
    captures: &mut Captures,
    then: Then<'_>,
) -> bool {
    if let Some(most) = most.checked_sub(1) {
        let once_more = run(std::slice::from_ref(item), at, digits, captures, &mut |end, captures| {
            repeat(item, (least.saturating_sub(1), most), rest, end, digits, captures, then)
        });
        if once_more {
            return true;
        }
    }
    least == 0 && run(rest, at, digits, captures, then)
}

fn has(set: u16, digit: u8) -> bool {
    set.checked_shr(u32::from(digit)).unwrap_or_default() & 1 == 1
}

struct Reader<'a> {
    rest: &'a [u8],
    captures: usize,
}

impl Reader<'_> {
    fn next(&mut self) -> Option<u8> {
        let (&first, rest) = self.rest.split_first()?;
        self.rest = rest;
        Some(first)
    }

    fn take(&mut self, wanted: &[u8]) -> bool {
        match self.rest.strip_prefix(wanted) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    fn branches(&mut self) -> Option<Vec<Vec<Item>>> {
        let mut branches = vec![self.sequence()?];
        while self.take(b"|") {
            branches.push(self.sequence()?);
        }
        Some(branches)
    }

    fn sequence(&mut self) -> Option<Vec<Item>> {
        let mut items = Vec::new();
        while !matches!(self.rest.first(), None | Some(b'|' | b')')) {
            let item = self.item()?;
            items.push(self.counted(item)?);
        }
        Some(items)
    }

    fn item(&mut self) -> Option<Item> {
        match self.next()? {
            digit @ b'0'..=b'9' => Some(Item::Digit(bit(digit))),
            b'\\' => self.take(b"d").then_some(Item::Digit(0x3ff)),
            b'$' => Some(Item::End),
            b'[' => self.class(),
            b'(' => {
                let capture = if self.take(b"?:") {
                    None
                } else {
                    self.captures = self.captures.checked_add(1)?;
                    self.captures.checked_sub(1)
                };
                let branches = self.branches()?;
                self.take(b")").then_some(Item::Group { capture, branches })
            }
            _ => None,
        }
    }

    fn class(&mut self) -> Option<Item> {
        let mut set = 0;
        loop {
            match self.next()? {
                b']' => return Some(Item::Digit(set)),
                first @ b'0'..=b'9' => {
                    let last = if self.take(b"-") { self.next()? } else { first };
                    set |= (first..=last).map(bit).fold(0, std::ops::BitOr::bitor);
                }
                _ => return None,
            }
        }
    }

    fn counted(&mut self, item: Item) -> Option<Item> {
        let (least, most) = if self.take(b"?") {
            (0, 1)
        } else if self.take(b"{") {
            let least = self.count()?;
            let most = if self.take(b",") { self.count()? } else { least };
            if !self.take(b"}") {
                return None;
            }
            (least, most)
        } else {
            return Some(item);
        };
        Some(Item::Repeat { item: Box::new(item), least, most })
    }

    fn count(&mut self) -> Option<u8> {
        let mut count = 0_u8;
        while let Some(&digit @ b'0'..=b'9') = self.rest.first() {
            count = count.checked_mul(10)?.checked_add(digit.saturating_sub(b'0'))?;
            self.next();
        }
        Some(count)
    }
}

fn bit(digit: u8) -> u16 {
    1_u16.checked_shl(u32::from(digit.saturating_sub(b'0'))).unwrap_or_default() & 0x3ff
}
