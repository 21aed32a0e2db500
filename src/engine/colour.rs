//! Lines as terminals show them: without the escape sequences that colour them (ECMA-48, 5.4 and 8.3.117: `ESC [ 32 m`).
//!
//! Logs, recorded sessions and the output of test runners colour names and values, as the bytes themselves (`ESC`) or written out (`\u001b` in
//! logs kept as JSON, `\x1b`, `\033` and `\e` in source). Such a sequence ends in a letter, so that what follows it looks like the rest of a
//! word. Rules therefore judge a hit in a coloured line in a copy of the line without its sequences.

use std::ops::Range;

/// The byte that begins a sequence.
const ESCAPE: u8 = 0x1b;
/// How source and JSON write it.
const WRITTEN: [&[u8]; 6] = [br"\u001b", br"\u001B", br"\x1b", br"\x1B", br"\033", br"\e"];
/// Bytes of parameters, at most: `38;2;255;255;255` and some.
const MAX_PARAMETERS: usize = 24;
/// Bytes of a sequence, at most.
pub const LONGEST: usize = 6 + 1 + MAX_PARAMETERS + 1;

/// The length of what introduces the sequence whose bracket stands at `bracket`.
fn introducer(bytes: &[u8], bracket: usize) -> Option<usize> {
    let before = &bytes[..bracket];
    if before.ends_with(&[ESCAPE]) {
        return Some(1);
    }
    WRITTEN.iter().find(|written| before.ends_with(written)).map(|written| written.len())
}

const fn is_parameter(byte: u8) -> bool {
    matches!(byte, b'0'..=b'?')
}

/// What ends a sequence that colours (`m`) or clears the rest of the line, as `grep` does (`K`).
const fn is_final(byte: u8) -> bool {
    matches!(byte, b'm' | b'K')
}

/// Whether an escape sequence ends right before `at`.
pub fn ends_at(bytes: &[u8], at: usize) -> bool {
    let Some(last) = at.checked_sub(1).filter(|&last| is_final(bytes[last])) else { return false };
    let parameters = bytes[..last].iter().rev().take(MAX_PARAMETERS).take_while(|&&b| is_parameter(b)).count();
    let Some(bracket) = (last - parameters).checked_sub(1) else { return false };
    bytes[bracket] == b'[' && introducer(bytes, bracket).is_some()
}

/// The sequence whose bracket stands at `bracket`.
fn sequence(bytes: &[u8], bracket: usize) -> Option<Range<usize>> {
    let introducer = introducer(bytes, bracket)?;
    let rest = &bytes[bracket + 1..];
    let parameters = rest.iter().take(MAX_PARAMETERS).take_while(|&&b| is_parameter(b)).count();
    rest.get(parameters).filter(|&&b| is_final(b))?;
    Some(bracket - introducer..bracket + 1 + parameters + 1)
}

/// A part of a text without its escape sequences.
#[derive(Debug, PartialEq, Eq)]
pub struct Uncoloured {
    /// What is left.
    pub bytes: Vec<u8>,
    /// Where each byte of it stands in the text, and where the part ends.
    places: Vec<usize>,
}

impl Uncoloured {
    /// The bytes of `text` in `part`; `None` where no escape sequence is among them.
    pub fn of(text: &[u8], part: Range<usize>) -> Option<Self> {
        let hay = &text[part.clone()];
        Self::without(text, part, memchr::memchr_iter(b'[', hay).filter_map(|bracket| sequence(hay, bracket)))
    }

    /// The bytes of `text` in `part` without `sequences` of them, which are counted from the begin of `part`; `None` where there are none.
    pub fn without(text: &[u8], part: Range<usize>, sequences: impl Iterator<Item = Range<usize>>) -> Option<Self> {
        let hay = &text[part.clone()];
        let mut sequences = sequences.peekable();
        sequences.peek()?;
        let mut left = Self { bytes: Vec::with_capacity(hay.len()), places: Vec::with_capacity(hay.len() + 1) };
        let mut from = 0;
        for sequence in sequences {
            left.keep(hay, part.start, from..sequence.start);
            from = sequence.end;
        }
        left.keep(hay, part.start, from..hay.len());
        left.places.push(part.end);
        Some(left)
    }

    fn keep(&mut self, hay: &[u8], shift: usize, range: Range<usize>) {
        self.bytes.extend_from_slice(&hay[range.clone()]);
        self.places.extend(range.map(|i| shift + i));
    }

    /// Where `range` of the text lies in what is left; `None` where a sequence stands within.
    pub fn inside(&self, range: &Range<usize>) -> Option<Range<usize>> {
        let start = self.places.binary_search(&range.start).ok()?;
        let inside = start..start + range.len();
        (inside.end <= self.bytes.len() && self.outside(&inside) == *range).then_some(inside)
    }

    /// Where `range` of what is left lies in the text, from its first byte to its last.
    pub fn outside(&self, range: &Range<usize>) -> Range<usize> {
        let start = self.places[range.start];
        start..if range.is_empty() { start } else { self.places[range.end - 1] + 1 }
    }
}

#[cfg(test)]
mod tests {
    use super::{Uncoloured, ends_at};

    #[test]
    fn sequences_as_bytes_and_written_out() {
        for before in
            ["\x1b[32m", "\x1b[m", "\x1b[1;31;40m", "\x1b[01;31m\x1b[K", r"\u001b[0m", r"\x1B[94m", r"\033[38;2;1;22;133m", r"\e[1m"]
        {
            assert!(ends_at(before.as_bytes(), before.len()), "{before}");
        }
        for before in ["", "m", "[m", "item", "a[3m", "\x1b[2J", "\x1b]0m", "\x1bm", "x1b[32m"] {
            assert!(!ends_at(before.as_bytes(), before.len()), "{before}");
        }
    }

    #[test]
    fn a_line_without_its_colours_and_back() {
        let text = b"ab \x1b[36mkey\x1b[0m=\x1b[33mvalue\x1b[0m!";
        let line = Uncoloured::of(text, 3..text.len()).unwrap();
        assert_eq!(line.bytes, b"key=value!");
        let value = line.inside(&(21..26)).unwrap();
        assert_eq!((&text[21..26], &line.bytes[value.clone()]), (&b"value"[..], &b"value"[..]));
        assert_eq!(line.outside(&value), 21..26);
        assert_eq!(line.outside(&(0..9)), 8..26);
        assert_eq!(line.outside(&(10..10)), text.len()..text.len());
        // Ranges that a sequence cuts in two, and one that begins in a sequence.
        assert_eq!(line.inside(&(8..16)), None);
        assert_eq!(line.inside(&(21..31)), None);
        assert_eq!(line.inside(&(4..9)), None);
        assert_eq!(Uncoloured::of(b"a[0] = b[1m]", 0..12), None);
    }
}
