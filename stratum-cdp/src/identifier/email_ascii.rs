//! The normal form of a plain address in one pass over its bytes.
//!
//! Nearly every address is ASCII, without quotes and well-formed. This takes those and nothing else: what it does not take
//! goes the long way, which knows every script and says what is wrong.

/// The most bytes of an address.
pub(super) const LONGEST: usize = 254;

const LOCAL: u8 = 1;
const DOMAIN: u8 = 2;

/// For each byte what it becomes, and where it may stand.
static BYTES: [(u8, u8); 256] = bytes();

const fn bytes() -> [(u8, u8); 256] {
    let mut all = [(0, 0); 256];
    let mut byte = 0_u8;
    while byte < 128 {
        let place = match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' => LOCAL | DOMAIN,
            b'!' | b'#' | b'$' | b'%' | b'&' | b'\'' | b'*' | b'+' | b'/' | b'=' | b'?' | b'^' | b'_'
            | b'`' | b'{' | b'|' | b'}' | b'~' => LOCAL,
            _ => 0,
        };
        // The loop's bound and the table's length are what is meant; the index cannot leave it.
        #[expect(clippy::indexing_slicing, reason = "a byte is below 256, evaluated by the compiler")]
        {
            all[byte as usize] = (byte.to_ascii_lowercase(), place);
        }
        byte = byte.saturating_add(1);
    }
    all
}

/// The normal form, written into `buffer`; `None` if the address has to go the long way.
pub(super) fn normal<'b>(raw: &str, buffer: &'b mut [u8; LONGEST]) -> Option<&'b str> {
    let raw = raw.as_bytes().trim_ascii();
    let written = buffer.get_mut(..raw.len())?;
    let mut bytes = raw.iter().zip(written.iter_mut());
    let local = read_local(&mut bytes)?;
    if !(1..=64).contains(&local) || !read_domain(&mut bytes) {
        return None;
    }
    std::str::from_utf8(buffer.get(..raw.len())?).ok()
}

/// Reads up to and with the @; how many bytes stand before it.
fn read_local<'a>(bytes: &mut impl Iterator<Item = (&'a u8, &'a mut u8)>) -> Option<usize> {
    let mut length = 0_usize;
    let mut before = b'.';
    for (&byte, place) in bytes {
        let (lower, places) = *BYTES.get(usize::from(byte))?;
        if places & LOCAL != 0 {
            *place = lower;
        } else {
            if before == b'.' || !matches!(byte, b'.' | b'@') {
                return None;
            }
            *place = byte;
            if byte == b'@' {
                return Some(length);
            }
        }
        length = length.saturating_add(1);
        before = byte;
    }
    None
}

/// Reads the rest: at least two labels of 1 to 63 bytes, no dash at their ends, the last not of digits alone.
fn read_domain<'a>(bytes: &mut impl Iterator<Item = (&'a u8, &'a mut u8)>) -> bool {
    let (mut label, mut dots, mut before, mut named) = (0_u8, 0_u8, b'.', false);
    for (&byte, place) in bytes {
        let Some(&(lower, places)) = BYTES.get(usize::from(byte)) else { return false };
        if places & DOMAIN != 0 {
            if label == 63 || (byte == b'-' && label == 0) {
                return false;
            }
            *place = lower;
            label = label.saturating_add(1);
            named |= !byte.is_ascii_digit();
        } else {
            if byte != b'.' || label == 0 || before == b'-' {
                return false;
            }
            *place = byte;
            (label, dots, named) = (0, dots.saturating_add(1), false);
        }
        before = byte;
    }
    dots > 0 && label > 0 && before != b'-' && named
}
