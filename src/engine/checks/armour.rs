//! Armoured keys: blocks of base 64 between two marker lines, as files hold them and as people paste them into code, JSON and YAML.

use std::borrow::Cow;

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

/// What is between the marker lines of `block`, which look like `-----BEGIN …-----`: where it begins, and where the end marker does, if there is one.
fn inner(block: &[u8]) -> Option<(usize, Option<usize>)> {
    let start = memchr::memmem::find(block.get(5..)?, b"-----").map(|i| i + 10)?;
    Some((start, memchr::memmem::find(&block[start..], b"-----END").map(|i| i + start)))
}

/// The lines of the body in `inner`.
fn body(inner: &[u8]) -> Vec<&[u8]> {
    let mut lines: Vec<&[u8]> = pieces(inner).collect();
    // A patch puts a sign before every line.
    if lines.iter().all(|line| line[0] == b'+') {
        lines.iter_mut().for_each(|line| *line = &line[1..]);
    }
    lines
}

/// Takes the armour off `block`, whose marker lines look like `-----BEGIN …-----`.
pub fn open(block: &[u8]) -> Armour {
    let Some((start, end)) = inner(block) else { return Armour::default() };
    let inner = &block[start..end.unwrap_or(block.len())];
    let encrypted = memchr::memmem::find(inner, b"4,ENCRYPTED").is_some();
    let text = body(inner);
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

/// `block` as its own file has it, if it is a whole key in armour that is written otherwise: with other line ends, escaped, indented, commented, on
/// one line. All copies of a key are one secret.
pub fn plain(block: &[u8]) -> Cow<'_, [u8]> {
    /// Bytes of a line where the copy does not tell.
    const WIDTH: usize = 64;
    const OPENSSH_WIDTH: usize = 70;
    if !block.starts_with(b"-----BEGIN") || block.split(|&b| b == b'\n').all(is_plain) {
        return Cow::Borrowed(block);
    }
    let Some((start, Some(end))) = inner(block) else { return Cow::Borrowed(block) };
    let mut lines = body(&block[start..end]);
    let marker = |marker: &[u8]| marker.iter().map(|&b| if b == b'+' { b' ' } else { b }).collect::<Vec<u8>>();
    let begin = marker(&block[..start]);
    let is_openpgp = begin.starts_with(b"-----BEGIN PGP");
    let width = if begin.starts_with(b"-----BEGIN OPENSSH") { OPENSSH_WIDTH } else { WIDTH };
    if let [line] = lines[..] {
        lines = line.chunks(width).collect();
    }
    let ends = block[start..end].split(|&b| b == b'\n').flat_map(Lines).map(bare);
    let headers: Vec<&[u8]> = ends.filter(|line| is_header(line) && !line.starts_with(b"-----")).collect();
    let mut all = vec![&begin[..]];
    all.extend(&headers);
    if is_openpgp || !headers.is_empty() {
        all.push(b"");
    }
    all.append(&mut lines);
    let end = marker(&block[end..]);
    all.push(&end);
    all.join(&b'\n').into()
}

/// Whether `line` is one of a key's own file.
fn is_plain(line: &[u8]) -> bool {
    let marker = line.strip_prefix(b"-----").and_then(|line| line.strip_suffix(b"-----"));
    let is_marker = marker.is_some_and(|words| words.iter().all(|&b| b.is_ascii_alphanumeric() || b == b' '));
    is_marker || line.iter().all(is_base64) || is_header(line) && line.trim_ascii() == line
}

/// Whether `line` begins with the name of a header.
fn is_header(line: &[u8]) -> bool {
    let name = line.iter().take_while(|&&b| b.is_ascii_alphabetic() || b == b'-').count();
    name > 0 && line[name..].starts_with(b": ")
}

const fn is_base64(byte: &u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=')
}

/// The runs of base 64 in `text`, line by line, without quotes, indentation, comment signs, escapes, what a log puts before every line, and header
/// lines. One line may hold several, with spaces between them: settings that take no line ends hold a key so.
fn pieces(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut log_prefix = None;
    let code = move |line| code(line, &mut log_prefix).unwrap_or_default();
    let lines = text.split(|&b| b == b'\n').flat_map(Lines).map(bare);
    lines.map(code).flat_map(|code| code.split(u8::is_ascii_whitespace)).filter(|piece| !piece.is_empty())
}

/// What may stand beside the code on a line and says nothing.
pub const fn is_noise(byte: u8) -> bool {
    byte.is_ascii_whitespace()
        || matches!(byte, b'"' | b'\'' | b'`' | b',' | b';' | b'\\' | b'#' | b'*' | b'>' | b'|' | b'.' | b'(' | b')' | b'&' | b'[' | b']')
}

/// `line` without what stands around its code. A plus sign by itself joins strings, and slashes by themselves begin a comment.
fn bare(mut line: &[u8]) -> &[u8] {
    let is_apart = |beside: Option<&u8>| beside.is_none_or(|&b| is_noise(b));
    while let [first, rest @ ..] = line {
        let slashes = line.iter().take_while(|&&b| b == b'/').count();
        if slashes > 1 && is_apart(line.get(slashes)) {
            line = &line[slashes..];
        } else if is_noise(*first) || *first == b'+' && is_apart(rest.first()) {
            line = rest;
        } else {
            break;
        }
    }
    while let [rest @ .., last] = line {
        if is_noise(*last) || *last == b'+' && is_apart(rest.last()) {
            line = rest;
        } else {
            break;
        }
    }
    line
}

/// The words of code that `line` ends with: one, or several of which all but the last are as long as full lines. `log_prefix` is how much stands
/// before them on the lines above.
fn code<'a>(line: &'a [u8], log_prefix: &mut Option<usize>) -> Option<&'a [u8]> {
    let (mut before, mut begin) = (line, line.len());
    while !before.is_empty() {
        let start = before.iter().rposition(u8::is_ascii_whitespace).map_or(0, |i| i + 1);
        let word = &before[start..];
        if !word.iter().all(is_base64) || word.len() < FULL_LINE && begin < line.len() {
            break;
        }
        begin = start;
        before = before[..start].trim_ascii_end();
    }
    let code = &line[begin..];
    if before.is_empty() {
        return Some(code);
    }
    // The name of a header ends in a colon and is one word; times, steps, levels and the name of what writes a log are several.
    let is_header = before.ends_with(b":") && !before.iter().any(u8::is_ascii_whitespace);
    let is_logged = !code.is_empty() && !is_header && (code.len() >= FULL_LINE || *log_prefix == Some(begin));
    is_logged.then(|| {
        *log_prefix = Some(begin);
        code
    })
}

/// Parts of a line between line ends that are written out (`\n`, `\r`, `\u000a`, `&#10;`, doubly escaped too).
struct Lines<'a>(&'a [u8]);

impl<'a> Iterator for Lines<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        if self.0.is_empty() {
            return None;
        }
        let ends = memchr::memchr2_iter(b'\\', b'&', self.0).find_map(|at| Some((at, written_end(&self.0[at..])?)));
        let (at, len) = ends.unwrap_or((self.0.len(), 0));
        let line = &self.0[..at];
        self.0 = &self.0[at + len..];
        Some(line)
    }
}

/// The length of the line end, or tab, that is written out where `text` begins.
pub fn written_end(text: &[u8]) -> Option<usize> {
    let forms: [&[u8]; 6] = [b"\\u000a", b"\\u000d", b"\\x0a", b"\\x0d", b"&#xa;", b"&#xd;"];
    match text {
        [b'\\', b'n' | b'r' | b't', ..] => Some(2),
        [b'&', b'#', b'1', b'0' | b'3', b';', ..] => Some(5),
        _ => forms.into_iter().find(|form| text.get(..form.len()).is_some_and(|head| head.eq_ignore_ascii_case(form))).map(<[u8]>::len),
    }
}

#[cfg(test)]
mod tests {
    use super::{block, open, plain};
    use crate::rules::template::fill;
    use std::borrow::Cow;

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
            lines.join(" "),
            lines.join("\n// "),
            lines.join("\n/// "),
            lines.join("\\u000a"),
            lines.join("\\u000D\\u000A"),
            lines.join("\\x0a"),
            lines.join("&#10;"),
            lines.join("\n2026-04-26T12:36:01Z host app[12]: "),
            lines.join("\nhost app: "),
        ] {
            let text = text.trim_start_matches([' ', '"', '+', '\'']);
            let len = block(text.as_bytes(), BEGIN, END).unwrap();
            assert_eq!(open(&text.as_bytes()[..len]).body, plain.body, "{text}");
        }
    }

    #[test]
    fn all_copies_of_a_key_are_one() {
        let locked =
            fill("{{pem:RSA PRIVATE KEY}}", "l").unwrap().replacen('\n', "\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00FF\n\n", 1);
        for key in [key(), fill("{{pem:PGP PRIVATE KEY BLOCK}}", "k").unwrap(), fill("{{pem:OPENSSH PRIVATE KEY}}", "k").unwrap(), locked] {
            assert!(matches!(plain(key.as_bytes()), Cow::Borrowed(_)));
            for copy in [key.replace('\n', "\r\n"), key.replace('\n', "\\n"), key.replace('\n', "\n  "), key.replace('\n', "\n// ")] {
                assert_eq!(plain(copy.as_bytes()), key.as_bytes(), "{copy}");
            }
        }
        let (begin, rest) = key().split_once('\n').map(|(a, b)| (a.to_owned(), b.to_owned())).unwrap();
        let (body, end) = rest.rsplit_once('\n').unwrap();
        for copy in [key().replace('\n', " "), format!("{begin}\\n{}\\n{end}", body.replace('\n', ""))] {
            assert_eq!(plain(copy.as_bytes()), key().as_bytes(), "{copy}");
        }
        // What is cut, or no armour, stays.
        for other in [format!("{begin}\r\n{body}"), "x\r\ny".to_owned()] {
            assert_eq!(plain(other.as_bytes()), other.as_bytes());
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
