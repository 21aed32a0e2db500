//! Text that is escaped to stand within other text: percent signs of URLs and forms (RFC 3986, 2.1), backslashes of JSON and JavaScript (RFC 8259, 7: `\u003d`,
//! `\/`), entities of markup (`&lt;`). A secret's own bytes are hardly ever escaped, but what stands before it is: `url=https%3A%2F%2Fuser%3A…`,
//! `TOKEN\u003d…`, and rules see neither its begin nor what names it.
//!
//! The escapes that matter most are anchors of the automaton (`automaton::ESCAPES`), so that a text without any costs nothing. The first one on a
//! line, or behind a gap of half a kilobyte, begins a view of the line with all escapes of its kind undone.

use std::ops::Range;

use super::super::automaton::ESCAPES;
use super::hex;

/// Bytes of a line without an escape that part two views, and that each shows to both sides of its escapes.
const GAP: usize = 512;
/// Bytes before an escape that tell whether it is the first.
pub const SIGHT: usize = GAP + 8;
/// How far behind the first escape a view is read, at most, in bytes.
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

/// Whether `text` begins with an escape that the automaton looks for.
fn is_anchor(text: &[u8]) -> bool {
    ESCAPES.iter().any(|escape| text.get(..escape.len()).is_some_and(|head| head.eq_ignore_ascii_case(escape.as_bytes())))
}

/// Whether the escape at `at` is the first of its kind on its line, or behind a gap.
#[must_use]
pub fn opens(bytes: &[u8], at: usize) -> bool {
    let Some(kind) = Kind::of(bytes[at]) else { return false };
    let before = &bytes[at.saturating_sub(GAP)..at];
    // Of `\\/` the second is escaped, not an escape.
    if kind == Kind::Backslash && before.iter().rev().take_while(|&&b| b == b'\\').count() % 2 == 1 {
        return false;
    }
    let first = memchr::memrchr2(b'\n', b'\r', before).map_or(0, |i| i + 1);
    let first = at - before.len() + first;
    !memchr::memchr_iter(kind.sign(), &bytes[first..at]).any(|i| is_anchor(&bytes[first + i..at]))
}

/// Where the view that the escape at `at` opens begins, and where it ends.
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
    let mut scratch = Vec::new();
    for next in memchr::memchr_iter(kind.sign(), &bytes[at..line_end]).map(|i| at + i) {
        if next > last + GAP {
            break;
        }
        scratch.clear();
        if kind.undo(&bytes[next..line_end], &mut scratch).is_some() {
            last = next;
        }
    }
    start..(last + GAP).min(line_end)
}

/// How far behind its begin the escape at `at`, one that [`opens`] a view, is looked at; at most [`REACH`].
#[must_use]
pub fn reach(bytes: &[u8], at: usize) -> usize {
    Kind::of(bytes[at]).map_or(0, |kind| extent(bytes, at, kind).end + 1 - at)
}

/// The view that the escape at `at` opens.
#[must_use]
pub fn undo(bytes: &[u8], at: usize) -> Option<View> {
    let kind = Kind::of(bytes[at])?;
    let part = extent(bytes, at, kind);
    let mut view = View { kind, text: Vec::with_capacity(part.len()), places: Vec::with_capacity(part.len() + 1) };
    let mut next = part.start;
    while next < part.end {
        let rest = &bytes[next..part.end];
        let len = if rest[0] == kind.sign() { kind.undo(rest, &mut view.text) } else { None };
        let len = len.unwrap_or_else(|| {
            view.text.push(rest[0]);
            1
        });
        view.places.resize(view.text.len(), next);
        next += len;
    }
    view.places.push(part.end);
    Some(view)
}

#[cfg(test)]
mod tests {
    use super::{GAP, REACH, opens, reach, undo};
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
        let text = format!("a%3Db%3Dc\nd%3D{}%3De%3D", "-".repeat(GAP + 3));
        let opening: Vec<usize> = text.match_indices("%3D").map(|(i, _)| i).filter(|&i| opens(text.as_bytes(), i)).collect();
        assert_eq!(opening, [1, 11, 14 + GAP + 3]);
        assert!(!opens(br"a\\/b", 2));
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
