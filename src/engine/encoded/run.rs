//! Text within text, written as base64 (RFC 4648, sections 4 and 5) or in hexadecimal digits: found, and undone.
//!
//! Kubernetes keeps whole files so, PowerShell commands (`-EncodedCommand`, in UTF-16), build servers the files they hand to jobs. What is looked for is a *run*
//! of the alphabet whose first bytes decode to text: a name, a path or a digest hardly ever does, so that only real text is decoded and scanned.
//!
//! The first [`LEAST`] characters of a run are letters and digits (of text, the others come up where a third byte is `>`, `?` or `~`), so that it holds two
//! whole blocks of eight bytes side by side wherever it begins, and blocks are told eight bytes at a time. Measured over 132 MB of the sources of Linux: 11 to
//! 14 GB/s, one place in six kilobytes is looked at closer. Looking for the whole alphabet cost eight times as much: every long name is of it.

use std::ops::Range;

use base64::Engine as _;
use base64::alphabet::{Alphabet, STANDARD, URL_SAFE};
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

use super::hex;

/// Characters of a run, at least: 18 bytes in base64, hardly less than any credential with its name.
pub const LEAST: usize = 24;
/// The same for hexadecimal digits, where fewer bytes would be text by chance too often.
const LEAST_HEX: usize = 32;
/// Bytes at the begin of a run that tell whether it is one, with the one before.
pub const SIGHT: usize = 1 + LEAST_HEX;
/// How far behind its begin a run is looked at, at most, in bytes.
pub const REACH: usize = 16 * 1024;
/// Characters on its first line that are decoded, at most.
const MOST: usize = REACH - MOST_FOLD;
/// Characters on the lines below that are read with it, at most: an armoured key of 4,096 bits has 4,400. Every line of a folded text is read on its own with
/// as much of those that follow.
const FOLDED: usize = 5 * 1024;
/// Characters of a line that is folded, at least: MIME has 76 (RFC 2045, 6.8), armour 64.
const LEAST_FOLDED: usize = 60;
/// Bytes before the code on a folded line, at most.
const MOST_INDENT: usize = 32;
/// Bytes between the code on two lines, at most, with the first one behind: an end of line may be written out.
const MOST_FOLD: usize = 4 + MOST_INDENT + 1;

/// Bytes that are told at once.
const BLOCK: usize = 8;
/// Blocks that are told before anybody asks what came of it.
const GROUP: usize = 16;
const _: () = assert!(BLOCK - 1 + 2 * BLOCK <= LEAST, "every run holds two whole blocks");

/// How the text of a view was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Coding {
    /// Base64, of either alphabet.
    Base64,
    /// UTF-16, low byte first, in base64.
    Base64Utf16,
    /// Hexadecimal digits.
    Hex,
}

impl Coding {
    /// The names that a finding's `decoded` bears, the outermost first.
    #[must_use]
    pub const fn names(self) -> &'static [&'static str] {
        match self {
            Self::Base64 => &["base64"],
            Self::Base64Utf16 => &["base64", "utf-16le"],
            Self::Hex => &["hex"],
        }
    }
}

/// A run, undone.
#[derive(Debug)]
pub struct View {
    /// How it was written.
    pub coding: Coding,
    /// What it says.
    pub text: Vec<u8>,
    /// How much of that is its own: what begins behind the first two lines of a folded text is read from there.
    pub own: usize,
    /// Its lines in the text around it.
    lines: Vec<Range<usize>>,
}

/// Calls `found` with the place of every run that begins in `range` of `bytes` and whose first bytes are text. Says whether it saw any, or the rest of one
/// that begins before.
pub fn each(bytes: &[u8], range: Range<usize>, mut found: impl FnMut(usize)) -> bool {
    let mut any = false;
    let limit = (range.end + LEAST).min(bytes.len());
    let mut at = range.start;
    while let Some(inside) = inside(&bytes[at.min(limit)..limit]).map(|i| at + i) {
        let begin = bytes[range.start..inside].iter().rposition(|&b| !is_code(b)).map_or(range.start, |i| range.start + i + 1);
        let end = bytes[inside..limit].iter().position(|&b| !is_code(b)).map_or(limit, |i| inside + i);
        let before = begin.checked_sub(1).map(|i| bytes[i]);
        let is_cut = before.is_some_and(is_code);
        // What stands before the range decides.
        any |= begin == range.start && (is_cut || before == Some(b'\\'));
        if !is_cut && begin < range.end {
            let begin = behind_escape(bytes, begin);
            if coding(bytes, begin).is_some() {
                any = true;
                found(begin);
            }
        }
        at = end;
    }
    any
}

/// Whether `bytes` may hold a run, as nearly no text does; and if so a place within the first that stands there. What this is asked of may be several texts one
/// behind the other.
#[must_use]
pub fn inside(bytes: &[u8]) -> Option<usize> {
    const HIGH: u64 = u64::from_ne_bytes([0x80; BLOCK]);
    let (blocks, _) = bytes.as_chunks::<BLOCK>();
    let mut before = 0;
    for (number, group) in blocks.chunks(GROUP).enumerate() {
        let (mut last, mut any) = (before, false);
        for &block in group {
            let seems = seems_code(block);
            any |= seems & last & HIGH == HIGH;
            last = seems;
        }
        if any {
            for (i, &block) in group.iter().enumerate() {
                let at = (number * GROUP + i) * BLOCK;
                if seems_code(block) & before & HIGH == HIGH && bytes[at - BLOCK..at + BLOCK].iter().all(u8::is_ascii_alphanumeric) {
                    return Some(at);
                }
                before = seems_code(block);
            }
        }
        before = last;
    }
    None
}

/// The high bit of every byte where `block` is nothing but letters and digits, or looks so: none below `0`, no `_` nor other sign beyond `z`, nothing beyond
/// ASCII. Where it is not, other bits are left, too.
const fn seems_code(block: [u8; BLOCK]) -> u64 {
    const ONES: u64 = u64::from_ne_bytes([1; BLOCK]);
    const HIGH: u64 = ONES << 7;
    let word = u64::from_ne_bytes(block);
    // Letters become lower-case, `_` becomes a byte beyond them, digits stay.
    let folded = word | (ONES * 0x20);
    // What bytes beyond ASCII borrow from and carry to their neighbours makes these no better: their block is none.
    let not_below = (folded | HIGH).wrapping_sub(ONES * b'0' as u64);
    let beyond = folded.wrapping_add(ONES * (0x7f - b'z') as u64);
    not_below & !(beyond | word)
}

/// Whether a byte is of an alphabet.
static CODE: [bool; 256] = {
    let mut code = [false; 256];
    let mut byte = 0;
    while byte < 256 {
        let b = byte as u8;
        code[byte] = b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/' | b'-' | b'_');
        byte += 1;
    }
    code
};

fn is_code(byte: u8) -> bool {
    CODE[usize::from(byte)]
}

/// The place behind `\n` and its like, whose letter looks like the begin of a run.
fn behind_escape(bytes: &[u8], begin: usize) -> usize {
    let is_escape = begin > 0 && bytes[begin - 1] == b'\\' && matches!(bytes.get(begin), Some(b'n' | b'r' | b't'));
    begin + usize::from(is_escape)
}

/// How the run at `begin` is written: its first bytes tell.
fn coding(bytes: &[u8], begin: usize) -> Option<Coding> {
    let is_text = |&b: &u8| matches!(b, b' '..=b'~' | b'\t' | b'\n' | b'\r');
    if let Some(head) = bytes.get(begin..begin + LEAST_HEX)
        && head.chunks_exact(2).all(|pair| hex_byte(pair).as_ref().is_some_and(is_text))
    {
        return Some(Coding::Hex);
    }
    let head = bytes.get(begin..begin + LEAST).filter(|head| head.iter().all(u8::is_ascii_alphanumeric))?;
    let mut decoded = [0; LEAST / 4 * 3];
    let mut all_text = true;
    for (i, four) in head.chunks_exact(4).enumerate() {
        let bits = four.iter().fold(0, |bits, &b| bits << 6 | u32::from(sextet(b)));
        let [_, three @ ..] = bits.to_be_bytes();
        all_text &= three.iter().all(is_text);
        // Most are out at once. In UTF-16 one of three bytes at least is none of the text.
        if !all_text && !three.contains(&0) {
            return None;
        }
        decoded[i * 3..i * 3 + 3].copy_from_slice(&three);
    }
    if all_text {
        return Some(Coding::Base64);
    }
    decoded.chunks_exact(2).all(|unit| is_text(&unit[0]) && unit[1] == 0).then_some(Coding::Base64Utf16)
}

/// The six bits that a letter or a digit stands for.
const fn sextet(byte: u8) -> u8 {
    match byte {
        b'A'..=b'Z' => byte - b'A',
        b'a'..=b'z' => byte - b'a' + 26,
        _ => byte.wrapping_sub(b'0') + 52,
    }
}

fn hex_byte(pair: &[u8]) -> Option<u8> {
    hex(pair).map(|byte| byte as u8)
}

/// Where a run stands: one line, or several of a folded text; and how far behind its begin one must look to tell.
struct Extent {
    lines: Vec<Range<usize>>,
    looked: usize,
}

fn extent(bytes: &[u8], begin: usize, coding: Coding) -> Extent {
    let of_alphabet = |b: u8| if coding == Coding::Hex { b.is_ascii_hexdigit() } else { is_code(b) };
    let run = |from: usize, most: usize| {
        let most = (from + most).min(bytes.len());
        bytes[from..most].iter().position(|&b| !of_alphabet(b)).map_or(most, |i| from + i)
    };
    let mut last = begin..run(begin, MOST);
    let (width, mut folded) = (last.len(), 0);
    let mut lines = vec![last.clone()];
    let mut looked_to = last.end;
    let has_room = |end: usize| end - begin + width + 2 * MOST_FOLD <= REACH;
    while width >= LEAST_FOLDED && width.is_multiple_of(4) && last.len() == width && folded < FOLDED && has_room(last.end) {
        let Some(next) = below(bytes, last.end) else { break };
        last = next..run(next, width.min(FOLDED - folded));
        looked_to = last.end + 1;
        // A word that a sentence begins with is no code.
        if last.is_empty() || bytes.get(last.end) == Some(&b' ') {
            break;
        }
        folded += last.len();
        lines.push(last.clone());
    }
    let looked_to = looked_to.max(lines[lines.len() - 1].end + MOST_FOLD);
    Extent { lines, looked: looked_to - begin }
}

/// Where the line below goes on, behind a line that ends at `end`; a line's end may be written out.
fn below(bytes: &[u8], end: usize) -> Option<usize> {
    let ends: [&[u8]; 4] = [b"\n", b"\r\n", b"\\n", b"\\r\\n"];
    let next = end + ends.iter().find(|e| bytes[end..].starts_with(e))?.len();
    let indent = bytes[next..].iter().take(MOST_INDENT).take_while(|&&b| matches!(b, b' ' | b'\t')).count();
    Some(next + indent)
}

/// How far behind its begin the run at `begin`, one that [`each`] found, is looked at; at most [`REACH`].
#[must_use]
pub fn reach(bytes: &[u8], begin: usize) -> usize {
    coding(bytes, begin).map_or(LEAST_HEX, |coding| extent(bytes, begin, coding).looked.max(LEAST_HEX))
}

/// Undoes the run at `begin`, one that [`each`] found.
#[must_use]
pub fn undo(bytes: &[u8], begin: usize) -> Option<View> {
    let coding = coding(bytes, begin)?;
    let Extent { lines, .. } = extent(bytes, begin, coding);
    let mut code: Vec<u8> = lines.iter().flat_map(|line| &bytes[line.clone()]).copied().collect();
    let mut text = Vec::new();
    if coding == Coding::Hex {
        text.extend(code.chunks_exact(2).filter_map(hex_byte));
    } else {
        // One character beyond whole bytes says nothing.
        if code.len() % 4 == 1 {
            code.pop();
        }
        let engine = |alphabet: &Alphabet| {
            let lenient =
                GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent).with_decode_allow_trailing_bits(true);
            GeneralPurpose::new(alphabet, lenient)
        };
        let alphabet = if memchr::memchr2(b'-', b'_', &code).is_some() { &URL_SAFE } else { &STANDARD };
        // Of both alphabets, it is of none.
        engine(alphabet).decode_vec(&code, &mut text).ok()?;
    }
    if coding == Coding::Base64Utf16 {
        let units = text.chunks_exact(2).map(|unit| u16::from_le_bytes([unit[0], unit[1]]));
        text = char::decode_utf16(units).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)).collect::<String>().into_bytes();
    }
    let own = if let [first, second, _, ..] = &lines[..] {
        let bytes = match coding {
            Coding::Hex => (first.len() + second.len()) / 2,
            Coding::Base64 => (first.len() + second.len()) / 4 * 3,
            // Most characters take two bytes there, and one here.
            Coding::Base64Utf16 => (first.len() + second.len()) / 4 * 3 / 2,
        };
        bytes.min(text.len())
    } else {
        text.len()
    };
    Some(View { coding, text, own, lines })
}

impl View {
    /// All of the run, in the text around it.
    #[must_use]
    pub fn whole(&self) -> Range<usize> {
        self.lines[0].start..self.lines[self.lines.len() - 1].end
    }

    /// Where the code stands that `span` of the view's text was read from. The ends may share a character with what stands beside.
    #[must_use]
    pub fn around(&self, span: &Range<usize>) -> Range<usize> {
        let (first, behind) = match self.coding {
            Coding::Hex => (span.start * 2, span.end * 2),
            Coding::Base64 => (span.start * 8 / 6, (span.end * 8).div_ceil(6)),
            Coding::Base64Utf16 => {
                let unit = |at: usize| String::from_utf8_lossy(&self.text[..at]).encode_utf16().count() * 2;
                (unit(span.start) * 8 / 6, (unit(span.end) * 8).div_ceil(6))
            }
        };
        self.place(first)..behind.checked_sub(1).map_or(self.lines[0].start, |last| self.place(last) + 1)
    }

    /// Where the character of that number stands.
    fn place(&self, mut number: usize) -> usize {
        for line in &self.lines {
            if number < line.len() {
                return line.start + number;
            }
            number -= line.len();
        }
        self.whole().end
    }
}

#[cfg(test)]
mod tests {
    use super::{Coding, LEAST, REACH, each, reach, undo};
    use base64::Engine as _;
    use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD};
    use proptest::prelude::*;

    /// What every run in `text` says.
    fn views(text: &str) -> Vec<(Coding, String)> {
        let mut all = Vec::new();
        each(text.as_bytes(), 0..text.len(), |at| {
            all.extend(undo(text.as_bytes(), at).map(|v| (v.coding, String::from_utf8_lossy(&v.text).into_owned())));
        });
        all
    }

    const SAYING: &str = "all that glitters is not gold";

    #[test]
    fn text_in_base64_and_hex() {
        let base64 = BASE64_STANDARD.encode(SAYING);
        let said = |coding| vec![(coding, SAYING.to_owned())];
        assert_eq!(views(&base64), said(Coding::Base64));
        assert_eq!(views(&format!("  motto: {base64}\n")), said(Coding::Base64));
        assert_eq!(views(&format!("\"one\\n{base64}\"")), said(Coding::Base64));
        assert_eq!(views(&format!("x={}", BASE64_URL_SAFE_NO_PAD.encode(SAYING))), said(Coding::Base64));
        let hex: String = SAYING.bytes().map(|b| format!("{b:02x}")).collect();
        assert_eq!(views(&format!("'{hex}'")), said(Coding::Hex));
        let units: Vec<u8> = "Grüße aus der Küche, die das hier lesen".encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(views(&BASE64_STANDARD.encode(&units)), []);
        let units: Vec<u8> = format!("{SAYING} – ü").encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(views(&format!("-enc {}", BASE64_STANDARD.encode(&units))), [(Coding::Base64Utf16, format!("{SAYING} – ü"))]);
    }

    #[test]
    fn names_paths_and_digests_are_none() {
        assert_eq!(views("ARCH_HAS_CACHE_LINE_SIZE_AND_MORE include/linux/compiler_types_and_others.h"), []);
        assert_eq!(views("tree 4b825dc642cb6eb9a060e54bf8d69288fbee4904 d41d8cd98f00b204e9800998ecf8427e"), []);
        assert_eq!(views(&BASE64_STANDARD.encode([0x30, 0x82, 4, 0xa5, 2, 1, 0, 2, 0x82, 1, 1, 0, 1, 2, 3, 4, 5, 6, 7, 8])), []);
        assert_eq!(views(&BASE64_STANDARD.encode("too short for it")), []);
    }

    #[test]
    fn folded_lines_are_read_together() {
        let long = SAYING.repeat(8);
        let code = BASE64_STANDARD.encode(&long);
        let lines: Vec<&str> = code.as_bytes().chunks(76).map(|l| std::str::from_utf8(l).unwrap()).collect();
        for end in ["\n", "\r\n", "\n    ", "\\n"] {
            let folded = format!("  {}\nend", lines.join(end));
            let all = views(&folded);
            assert_eq!(all[0].1, long, "{end:?}");
            let view = undo(folded.as_bytes(), 2).unwrap();
            let at = long.match_indices("gold").nth(3).unwrap().0;
            let place = view.around(&(at..at + 4));
            let from = at * 8 / 6;
            assert_eq!(place.start, 2 + from + from / 76 * end.len());
        }
    }

    #[test]
    fn a_sentence_below_is_no_part_of_it() {
        let code = BASE64_STANDARD.encode(SAYING.repeat(3).split_at(48).0);
        assert_eq!(code.len(), 64);
        for (below, lines) in [("x y z\n", 1), ("Kg==\n", 2), ("x\n", 2), ("", 1)] {
            let text = format!("{code}\n{below}");
            assert_eq!(undo(text.as_bytes(), 0).unwrap().lines.len(), lines, "{below}");
        }
    }

    #[test]
    fn endless_runs_are_cut() {
        let code = BASE64_STANDARD.encode(SAYING.repeat(10_000));
        assert!(undo(code.as_bytes(), 0).unwrap().text.len() < REACH);
        assert!(reach(code.as_bytes(), 0) <= REACH);
        let folded: Vec<String> = code.as_bytes().chunks(76).map(|l| String::from_utf8(l.to_vec()).unwrap()).collect();
        let folded = folded.join("\n                        ");
        assert!(reach(folded.as_bytes(), 0) <= REACH);
    }

    proptest! {
        #[test]
        fn every_run_is_seen_wherever_it_begins(before in "[ =:\"\n.,a-zü]{0,60}", said in "[ -=@-}]{18}[ -~]{0,70}", behind in "[ .:\"\n]{1,40}", from in 0..70usize) {
            let code = BASE64_STANDARD.encode(&said);
            let text = format!("{before} {code}{behind}");
            let at = before.len() + 1;
            let mut found = Vec::new();
            each(text.as_bytes(), from.min(text.len())..text.len(), |at| found.push(at));
            prop_assert_eq!(found.contains(&at), from <= at, "{:?}", found);
            if from <= at {
                let view = undo(text.as_bytes(), at).unwrap();
                prop_assert_eq!(&view.text, said.as_bytes());
                prop_assert_eq!(view.whole(), at..at + code.trim_end_matches('=').len());
            }
        }

        #[test]
        fn spans_decode_to_what_they_stand_for(said in "[ -=@-}]{18}[ -~]{0,70}", a in 0..90usize, b in 0..90usize) {
            let (a, b) = (a.min(b).min(said.len()), a.max(b).min(said.len()));
            let code = BASE64_STANDARD.encode(&said);
            let view = undo(code.as_bytes(), 0).unwrap();
            let place = view.around(&(a..b));
            let whole = place.start / 4 * 4..place.end.next_multiple_of(4).min(code.len());
            let read = BASE64_STANDARD.decode(&code[whole]).unwrap();
            prop_assert!(String::from_utf8(read).unwrap().contains(&said[a..b]));
        }

        #[test]
        fn any_bytes_do_no_harm(bytes in proptest::collection::vec(any::<u8>(), 0..400), at in 0..400usize) {
            each(&bytes, at.min(bytes.len())..bytes.len(), |at| {
                assert!(bytes[at..at + LEAST].iter().all(u8::is_ascii_alphanumeric));
                assert!(undo(&bytes, at).is_none_or(|view| view.whole().len() <= reach(&bytes, at)));
            });
        }
    }
}
