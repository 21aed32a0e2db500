//! Armoured keys: blocks of base 64 between two marker lines, as files hold them and as people paste them into code, JSON and YAML.

use base64::Engine as _;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

/// Fewer base-64 characters than this are no key.
const LEAST_BODY: usize = 40;

/// No word has as many characters, and every full line of armour does.
const FULL_LINE: usize = 40;

/// Lenient where people are: missing padding, cut ends.
pub const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent).with_decode_allow_trailing_bits(true),
);

/// The length of the block at the begin of `bytes`, whose begin marker has `begin` bytes: up to and with `end`, or, where the end is missing
/// or another block begins before it, up to the last line of base 64. `None` where no body follows.
pub fn block(bytes: &[u8], begin: usize, end: &[u8]) -> Option<usize> {
    let rest = &bytes[begin..];
    let own_end = memchr::memmem::find(rest, end);
    let next = memchr::memmem::find(rest, b"-----BEGIN ");
    let body = |text: &[u8]| pieces(text).map(<[u8]>::len).sum::<usize>() >= LEAST_BODY;
    match (own_end, next) {
        (Some(at), next) if next.is_none_or(|next| at < next) => body(&rest[..at]).then_some(begin + at + end.len()),
        (_, next) => {
            let rest = &rest[..next.unwrap_or(rest.len())];
            let mut used = 0;
            let mut body = 0;
            let mut at = 0;
            for line in rest.split_inclusive(|&b| b == b'\n') {
                at += line.len();
                let held: usize = pieces(line).map(|p| p.len()).sum();
                let header = memchr::memchr(b':', line).is_some() && line.len() < 120;
                if held >= 16 {
                    body += held;
                    used = at;
                } else if body > 0 || !(header || line.trim_ascii().len() < 8) {
                    break;
                }
            }
            (body >= LEAST_BODY).then(|| begin + rest[..used].trim_ascii_end().len())
        }
    }
}

/// Whether `text` holds a little base 64 in lines of its own: the private part of a PuTTY key has one short line.
pub fn has_body(text: &[u8]) -> bool {
    pieces(text).filter(|p| p.len() >= 16).map(<[u8]>::len).sum::<usize>() >= LEAST_BODY
}

/// What an armoured block holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Armour {
    /// The decoded body; empty where not all of it decodes.
    pub body: Vec<u8>,
    /// Whether a header says that the body is encrypted.
    pub encrypted: bool,
    /// Whether all of the body is base 64 and there is enough of it.
    pub sound: bool,
    /// Whether the end marker is missing.
    pub cut: bool,
}

/// Takes the armour off `block`, whose marker lines look like `-----BEGIN …-----`.
pub fn open(block: &[u8]) -> Armour {
    let Some(start) = memchr::memmem::find(block.get(5..).unwrap_or_default(), b"-----").map(|i| i + 10) else { return Armour::default() };
    let end = memchr::memmem::find(&block[start.min(block.len())..], b"-----END").map(|i| i + start);
    let inner = &block[start.min(block.len())..end.unwrap_or(block.len())];
    let encrypted = memchr::memmem::find(inner, b"4,ENCRYPTED").is_some();
    let mut text: Vec<&[u8]> = pieces(inner).collect();
    // A patch puts a sign before every line.
    if text.iter().all(|p| p[0] == b'+') {
        text.iter_mut().for_each(|p| *p = &p[1..]);
    }
    let mut joined = text.concat();
    // OpenPGP ends its armour with `=` and a checksum.
    if text.last().is_some_and(|l| l.len() == 5 && l[0] == b'=') {
        joined.truncate(joined.len() - 5);
    }
    let whole = joined.len();
    while joined.len() % 4 == 1 {
        joined.pop();
    }
    let body = LENIENT.decode(&joined).unwrap_or_default();
    Armour { sound: whole >= LEAST_BODY && !body.is_empty(), body, encrypted, cut: end.is_none() }
}

/// The runs of base 64 in `text`, line by line, without quotes, indentation, comment signs, escapes, what a log puts before every line, and header
/// lines.
fn pieces(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut log_prefix = None;
    text.split(|&b| b == b'\n').flat_map(Lines).filter_map(move |line| {
        let noise = |b: &u8| {
            b.is_ascii_whitespace()
                || matches!(
                    b,
                    b'"' | b'\'' | b'`' | b',' | b';' | b'\\' | b'#' | b'*' | b'>' | b'|' | b'.' | b'(' | b')' | b'&' | b'[' | b']'
                )
        };
        let mut line = line;
        while let [first, rest @ ..] = line {
            let sign = *first == b'+' && rest.first().is_none_or(noise);
            if !noise(first) && !sign {
                break;
            }
            line = rest;
        }
        while let [rest @ .., last] = line {
            let sign = *last == b'+' && rest.last().is_none_or(noise);
            if !noise(last) && !sign {
                break;
            }
            line = rest;
        }
        let base64 = |&b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/' | b'=');
        if line.iter().all(base64) {
            return (!line.is_empty()).then_some(line);
        }
        let (prefix, logged) = line.split_at(line.iter().rposition(u8::is_ascii_whitespace)? + 1);
        // The name of a header ends in a colon; times, steps and levels do not.
        let is_header = prefix.trim_ascii_end().ends_with(b":");
        let is_logged = logged.iter().all(base64) && !is_header && (logged.len() >= FULL_LINE || log_prefix == Some(prefix.len()));
        is_logged.then(|| {
            log_prefix = Some(prefix.len());
            logged
        })
    })
}

/// Parts of a line between escaped newlines (`\n`, `\r`, doubly escaped too).
struct Lines<'a>(&'a [u8]);

impl<'a> Iterator for Lines<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        if self.0.is_empty() {
            return None;
        }
        let escape = self.0.windows(2).position(|w| matches!(w, b"\\n" | b"\\r" | b"\\t"));
        let (line, rest) = escape.map_or((self.0, &self.0[self.0.len()..]), |i| (&self.0[..i], &self.0[i + 2..]));
        self.0 = rest;
        Some(line)
    }
}

#[cfg(test)]
mod tests {
    use super::{block, open};
    use crate::rules::template::fill;

    const END: &[u8] = b"-----END EC PRIVATE KEY-----";
    const BEGIN: usize = 30;

    fn key() -> String {
        fill("{{pem:EC PRIVATE KEY}}", "armour").unwrap()
    }

    #[test]
    fn the_ways_people_write_a_key_down() {
        let plain = open(key().as_bytes());
        assert!(plain.sound && !plain.cut && plain.body[0] == 0x30);
        let lines: Vec<String> = key().lines().map(ToOwned::to_owned).collect();
        for text in [
            key().replace('\n', "\\n"),
            key().replace('\n', "\r\n    "),
            lines.iter().map(|l| format!("\"{l}\\n\" +\n")).collect(),
            lines.iter().map(|l| format!("  + '{l}'\n")).collect(),
            lines.join("\n# "),
            lines.join("\n+"),
            key().replace('\n', "\\\\n"),
            lines.join("\n2026-04-26T12:36:01Z INFO "),
            lines.join("\\r\\n#5 0.228 "),
        ] {
            let text = text.trim_start_matches([' ', '"', '+', '\'']);
            let len = block(text.as_bytes(), BEGIN, END).unwrap();
            assert_eq!(open(&text.as_bytes()[..len]).body, plain.body, "{text}");
        }
    }

    #[test]
    fn a_cut_block_ends_with_its_last_line() {
        let text = format!("{}\nand then prose\n", &key()[..key().len() - 30]);
        let len = block(text.as_bytes(), BEGIN, END).unwrap();
        assert!(!text[..len].contains("prose"));
        assert!(open(&text.as_bytes()[..len]).cut);
    }

    #[test]
    fn markers_without_a_body_are_no_key() {
        assert_eq!(block(b"-----BEGIN EC PRIVATE KEY-----\nis the first line of such a file\n", BEGIN, END), None);
    }
}
