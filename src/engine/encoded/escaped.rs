//! Text that is escaped to stand within other text: percent signs of URLs and forms (RFC 3986, 2.1), backslashes of JSON and JavaScript (RFC 8259, 7: `\u003d`,
//! `\/`), entities of markup (`&lt;`). A secret's own bytes are hardly ever escaped, but what stands before it is: `url=https%3A%2F%2Fuser%3A…`,
//! `TOKEN\u003d…`, and rules see neither its begin nor what names it.
//!
//! The escapes that matter most are anchors of the automaton (`automaton::ESCAPES`), so that a text without any costs nothing. The first one on a
//! line, or behind a gap of half a kilobyte, begins a view of the line with all escapes of its kind undone. On a long line that is full of them a view ends
//! where the next one takes over, at one anchor in 16, which the bytes before it pick: so all of the line is read, nearly all of it once, and what is read where
//! still depends on nothing but the bytes around it.

use std::ops::Range;

use super::hex;

/// Bytes of a line without an anchor that part two views, and that each shows to both sides of its own.
const GAP: usize = 512;
/// Bytes before an anchor that pick it.
const PICK: usize = 8;
/// Bytes before an anchor that tell whether it begins a view.
pub const SIGHT: usize = GAP + PICK;
/// How far behind its first anchor a view is read, at most, in bytes.
pub const REACH: usize = 15 * 1024;

/// Ways to escape.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Percent,
    Backslash,
    Entity,
}

impl Kind {
    const fn of(sign: u8) -> Option<Self> {
        match sign {
            b'%' => Some(Self::Percent),
            b'\\' => Some(Self::Backslash),
            b'&' => Some(Self::Entity),
            _ => None,
        }
    }

    const fn sign(self) -> u8 {
        match self {
            Self::Percent => b'%',
            Self::Backslash => b'\\',
            Self::Entity => b'&',
        }
    }

    const fn names(self) -> &'static [&'static str] {
        match self {
            Self::Percent => &["percent-encoding"],
            Self::Backslash => &["escapes"],
            Self::Entity => &["entities"],
        }
    }

    /// The length of the escape that `text` begins with; what it stands for goes to `out`.
    fn undo(self, text: &[u8], out: &mut Vec<u8>) -> Option<usize> {
        match self {
            Self::Percent => {
                out.push(hex(text.get(1..3)?)? as u8);
                Some(3)
            }
            Self::Backslash => backslash(text, out),
            Self::Entity => entity(text, out),
        }
    }
}

/// A part of a line with its escapes undone.
#[derive(Debug)]
pub struct View {
    kind: Kind,
    /// What it says.
    pub text: Vec<u8>,
    /// Where each byte of it stands, and where the part ends.
    places: Vec<usize>,
}

impl View {
    /// The name that a finding's `decoded` bears.
    #[must_use]
    pub const fn names(&self) -> &'static [&'static str] {
        self.kind.names()
    }

    /// Where `span` of the view's text stands.
    #[must_use]
    pub fn around(&self, span: &Range<usize>) -> Range<usize> {
        self.places[span.start]..self.places[span.end]
    }
}

fn push(code: u32, out: &mut Vec<u8>) {
    if code < 0x80 {
        return out.push(code as u8);
    }
    let char = char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER);
    out.extend_from_slice(char.encode_utf8(&mut [0; 4]).as_bytes());
}

fn backslash(text: &[u8], out: &mut Vec<u8>) -> Option<usize> {
    let unit = |at: usize| text.get(at..at + 2).filter(|u| *u == b"\\u").and_then(|_| hex(text.get(at + 2..at + 6)?));
    match text.get(1)? {
        b'u' => {
            let first = unit(0)?;
            if (0xd800..0xdc00).contains(&first)
                && let Some(second) = unit(6).filter(|second| (0xdc00..0xe000).contains(second))
            {
                push(0x1_0000 + ((first - 0xd800) << 10 | (second - 0xdc00)), out);
                return Some(12);
            }
            push(first, out);
            return Some(6);
        }
        b'x' => {
            push(hex(text.get(2..4)?)?, out);
            return Some(4);
        }
        b'n' => out.push(b'\n'),
        b'r' => out.push(b'\r'),
        b't' => out.push(b'\t'),
        &sign @ (b'/' | b'"' | b'\'' | b'\\') => out.push(sign),
        _ => return None,
    }
    Some(2)
}

fn entity(text: &[u8], out: &mut Vec<u8>) -> Option<usize> {
    /// Digits and letters of an entity, at most: `&#x10FFFF;`.
    const MOST: usize = 8;
    let end = 1 + text.get(1..)?.iter().take(MOST + 1).position(|&b| b == b';')?;
    match &text[1..end] {
        b"lt" => out.push(b'<'),
        b"gt" => out.push(b'>'),
        b"quot" => out.push(b'"'),
        b"apos" => out.push(b'\''),
        b"amp" => out.push(b'&'),
        [b'#', b'x' | b'X', digits @ ..] if !digits.is_empty() => push(hex(digits)?, out),
        [b'#', digits @ ..] => push(std::str::from_utf8(digits).ok()?.parse().ok()?, out),
        _ => return None,
    }
    Some(end + 1)
}

/// Whether `text` begins with an escape of this kind that the automaton looks for.
fn is_anchor(text: &[u8], kind: Kind) -> bool {
    match (kind, text) {
        (Kind::Percent, [_, tens, ones, ..]) => matches!(
            (tens, ones.to_ascii_lowercase()),
            (b'3', b'a' | b'd' | b'c') | (b'2', b'f' | b'2' | b'7' | b'6' | b'0' | b'5') | (b'4', b'0') | (b'7', b'b')
        ),
        (Kind::Backslash, [_, b'/', ..]) => true,
        (Kind::Backslash, [_, b'u' | b'U', b'0', b'0', tens, ..]) => matches!(tens, b'2' | b'3'),
        (Kind::Backslash, [_, b'x' | b'X', tens, ones, ..]) => {
            matches!((tens, ones.to_ascii_lowercase()), (b'3', b'a' | b'd') | (b'2', b'2' | b'6' | b'7'))
        }
        (Kind::Entity, [_, b'#', ..]) => true,
        (Kind::Entity, [_, b'l' | b'L', b't' | b'T', b';', ..]) => true,
        _ => false,
    }
}

/// The places in `range` where anchors of this kind stand.
fn anchors(bytes: &[u8], range: Range<usize>, kind: Kind) -> impl Iterator<Item = usize> {
    let mut from = range.start;
    std::iter::from_fn(move || {
        loop {
            let at = from + memchr::memchr(kind.sign(), bytes.get(from..range.end)?)?;
            // Of `\\/` the second is escaped, not an escape.
            let is_escaped = kind == Kind::Backslash && bytes.get(at + 1) == Some(&b'\\');
            from = at + 1 + usize::from(is_escaped);
            if !is_escaped && is_anchor(&bytes[at..], kind) {
                return Some(at);
            }
        }
    })
}

/// Whether the bytes before `at` pick it: one place in 16, whatever they are.
fn is_picked(bytes: &[u8], at: usize) -> bool {
    let Some(before) = at.checked_sub(PICK).and_then(|from| bytes[from..at].first_chunk()) else { return false };
    // The golden ratio, as Fibonacci hashing has it (Knuth, The Art of Computer Programming 3, 6.4).
    u64::from_le_bytes(*before).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 60 == 0
}

/// Whether the anchor at `at` begins a view: it is the first of its kind on its line or behind a gap, or the first picked one behind a gap of such.
#[must_use]
pub fn opens(bytes: &[u8], at: usize) -> bool {
    let Some(kind) = Kind::of(bytes[at]) else { return false };
    let least = at.saturating_sub(GAP);
    let before = &bytes[least..at];
    if kind == Kind::Backslash && before.iter().rev().take_while(|&&b| b == b'\\').count() % 2 == 1 {
        return false;
    }
    let first = memchr::memrchr2(b'\n', b'\r', before).map_or(least, |i| least + i + 1);
    let mut others = anchors(bytes, first..at, kind).peekable();
    others.peek().is_none() || is_picked(bytes, at) && !others.any(|other| is_picked(bytes, other))
}

/// Where the view that the anchor at `at` begins is read, from its begin to its end.
fn extent(bytes: &[u8], at: usize, kind: Kind) -> Range<usize> {
    let least = at.saturating_sub(GAP);
    let before = &bytes[least..at];
    let start = match memchr::memrchr2(b'\n', b'\r', before) {
        Some(i) => least + i + 1,
        None if least == 0 => 0,
        // Half a word is none.
        None => before.iter().position(|b| b.is_ascii_whitespace() || b",;\"'".contains(b)).map_or(at, |i| least + i + 1),
    };
    let most = (at + REACH - GAP).min(bytes.len());
    let line_end = memchr::memchr2(b'\n', b'\r', &bytes[at..most]).map_or(most, |i| at + i);
    let mut last = at;
    for next in anchors(bytes, at..line_end, kind).skip(1) {
        if next > last + GAP {
            break;
        }
        last = next;
        if is_picked(bytes, next) && opens(bytes, next) {
            break;
        }
    }
    start..(last + GAP).min(line_end)
}

/// How far behind its begin the anchor at `at`, one that [`opens`] a view, is looked at; at most [`REACH`].
#[must_use]
pub fn reach(bytes: &[u8], at: usize) -> usize {
    Kind::of(bytes[at]).map_or(0, |kind| extent(bytes, at, kind).end + 1 - at)
}

/// The view that the anchor at `at` begins.
#[must_use]
pub fn undo(bytes: &[u8], at: usize) -> Option<View> {
    let kind = Kind::of(bytes[at])?;
    let part = extent(bytes, at, kind);
    let mut view = View { kind, text: Vec::with_capacity(part.len()), places: Vec::with_capacity(part.len() + 1) };
    let mut next = part.start;
    while next < part.end {
        let rest = &bytes[next..part.end];
        let plain = memchr::memchr(kind.sign(), rest).unwrap_or(rest.len());
        view.text.extend_from_slice(&rest[..plain]);
        view.places.extend(next..next + plain);
        next += plain;
        if let Some(rest) = rest.get(plain..).filter(|rest| !rest.is_empty()) {
            let len = kind.undo(rest, &mut view.text).unwrap_or_else(|| {
                view.text.push(rest[0]);
                1
            });
            view.places.resize(view.text.len(), next);
            next += len;
        }
    }
    view.places.push(part.end);
    Some(view)
}

#[cfg(test)]
mod tests {
    use super::super::super::automaton::ESCAPES;
    use super::{GAP, Kind, PICK, REACH, anchors, is_anchor, is_picked, opens, reach, undo};
    use proptest::prelude::*;

    fn read(text: &str, escape: &str) -> String {
        let at = text.find(escape).unwrap();
        assert!(opens(text.as_bytes(), at));
        String::from_utf8(undo(text.as_bytes(), at).unwrap().text).unwrap()
    }

    #[test]
    fn escapes_of_every_kind() {
        assert_eq!(read("one\ngo?to=https%3A%2F%2Fann%40x%C3%B6 100%\nthree", "%3A"), "go?to=https://ann@xö 100%");
        assert_eq!(read(r#"{"a\/b": "c\u003dd\ne\x26 \ud83d\ude00 \\/ \q \""}"#, r"\/"), "{\"a/b\": \"c=d\ne& 😀 \\/ \\q \"\"}");
        assert_eq!(read("<v>&lt;p&gt;&#65;&#x42;&amp;&nbsp;&lt;/p&gt; & co", "&lt;"), "<v><p>AB&&nbsp;</p> & co");
    }

    #[test]
    fn the_first_one_opens() {
        let text = format!("a%3Db%3Dc\nd%3D{}%3Df%3D", "-".repeat(GAP + 3));
        let opening: Vec<usize> = text.match_indices("%3D").map(|(i, _)| i).filter(|&i| opens(text.as_bytes(), i)).collect();
        assert_eq!(opening, [1, 11, 14 + GAP + 3]);
        assert!(!opens(br"a\\/b", 2));
    }

    #[test]
    fn anchors_are_those_of_the_automaton() {
        for escape in ESCAPES {
            let text = escape.to_ascii_uppercase();
            let kind = Kind::of(escape.as_bytes()[0]).unwrap();
            assert!(is_anchor(escape.as_bytes(), kind) && is_anchor(text.as_bytes(), kind), "{escape}");
        }
        let bytes = (0..=u8::MAX).flat_map(|a| (0..=u8::MAX).map(move |b| [b'%', a, b]));
        assert_eq!(bytes.filter(|text| is_anchor(text, Kind::Percent)).count(), 11 + 5);
        assert_eq!(anchors(br"\\/ \\\/ \/ \n \x41 \x3d", 0..24, Kind::Backslash).collect::<Vec<_>>(), [6, 9, 20]);
    }

    /// A line full of escapes, as programs have files within them, and one with a few.
    fn long_line(escape: impl Fn(usize) -> String) -> String {
        let mut state = 1_u32;
        let mut random = || {
            // Xorshift (Marsaglia 2003).
            for shift in [13, -17, 5_i32] {
                state ^= if shift > 0 { state << shift } else { state >> -shift };
            }
            state as usize
        };
        (0..40_000).map(|_| escape(random())).collect()
    }

    #[test]
    fn all_of_a_long_line_is_read_and_hardly_more() {
        for line in
            [long_line(|i| format!("\\x{:02x};", i & 0xff)), long_line(|i| format!("{i:x}%2F")), long_line(|i| format!("{i:060}%3D"))]
        {
            let bytes = line.as_bytes();
            let begins: Vec<usize> = (0..bytes.len())
                .filter(|&at| Kind::of(bytes[at]).is_some_and(|kind| is_anchor(&bytes[at..], kind)) && opens(bytes, at))
                .collect();
            let views: Vec<_> = begins.iter().map(|&at| undo(bytes, at).unwrap()).collect();
            let read: usize = views.iter().map(|view| view.places[view.text.len()] - view.places[0]).sum();
            assert!(read < 3 * bytes.len(), "{read} of {}", bytes.len());
            let missed: usize = views.windows(2).map(|two| two[1].places[0].saturating_sub(two[0].places[two[0].text.len()])).sum();
            assert!(missed < bytes.len() / 20, "{missed} of {}", bytes.len());
        }
    }

    #[test]
    fn one_place_in_16_is_picked() {
        let text = long_line(|i| format!("{i:x}"));
        let picked = (PICK..text.len()).filter(|&at| is_picked(text.as_bytes(), at)).count();
        assert!((13..20).contains(&(text.len() / picked)), "{picked} of {}", text.len());
        // What repeats is picked everywhere or nowhere: it is a gap apart all the same.
        let line = "%3a".repeat(5000);
        let begins = (0..line.len()).step_by(3).filter(|&at| opens(line.as_bytes(), at)).count();
        assert!(begins <= 1 + line.len() / GAP);
    }

    #[test]
    fn spans_are_those_of_the_escapes() {
        let text = "to=https%3A%2F%2Fann";
        let view = undo(text.as_bytes(), 8).unwrap();
        assert_eq!(view.around(&(8..9)), 8..11);
        assert_eq!(view.around(&(11..14)), 17..20);
        assert_eq!(view.around(&(0..view.text.len())), 0..text.len());
    }

    proptest! {
        #[test]
        fn any_bytes_do_no_harm(parts in proptest::collection::vec(prop_oneof![
            prop::sample::select(vec!["%3D", "%", "\\u003d", "\\/", "\\ud83d", "&lt;", "&#", ";", "\n", "x"]).prop_map(|s| s.as_bytes().to_vec()),
            proptest::collection::vec(any::<u8>(), 0..30),
            (0..700usize).prop_map(|n| vec![b'y'; n]),
        ], 0..60)) {
            let bytes = parts.concat();
            for at in 0..bytes.len() {
                if !opens(&bytes, at) {
                    continue;
                }
                let looked = reach(&bytes, at);
                prop_assert!(looked <= REACH);
                let view = undo(&bytes, at).unwrap();
                // What lies further on changes nothing.
                prop_assert_eq!(&view.text, &undo(&bytes[..(at + looked).min(bytes.len())], at).unwrap().text);
                prop_assert_eq!(view.places.len(), view.text.len() + 1);
                prop_assert!(view.places.is_sorted());
            }
        }
    }
}
