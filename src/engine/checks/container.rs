//! Key files that are told by their bytes: where one stands around an anchor, as it is or in base 64, and what it holds.

use std::borrow::Cow;
use std::ops::Range;

use base64::Engine as _;

use super::armour::{LENIENT, is_noise, written_end};
use super::asn1::{self, element};
use super::keys::{KeyForm, key_form, locked};
use super::openpgp::{self, Reader};
use super::structure::pass_if;
use super::{Objection, Outcome};
use crate::rules::format::{ByteSet, Container, Shape};

/// How far before an anchor its base 64 may begin, at most.
pub const BEFORE: usize = 16;
/// Characters of base 64 that tell whether a key file may begin there: whole groups of four.
const HEAD: usize = 24;
/// Characters of a line that goes on below, at least.
const LEAST_FOLDED: usize = 40;
/// Bytes between the code of two lines, at most.
const MOST_BETWEEN: usize = 80;

/// The bag of PKCS 12 that holds a private key under a password, and the one that holds it as it is (RFC 7292, appendix D). The first two bytes are the
/// head of the name.
const SHROUDED_BAG: &[u8] = &[6, 11, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 12, 10, 1, 2];
const KEY_BAG: &[u8] = &[6, 11, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 12, 10, 1, 1];

/// What must stand beside `anchor`.
pub fn shape(anchor: &[u8]) -> Shape {
    if !is_code(anchor) {
        return Shape::ANY;
    }
    let mut code = ByteSet::EMPTY;
    (0..=u8::MAX).filter(|&b| is_base64(b)).for_each(|b| code.insert(b));
    Shape { after: code, least: HEAD as u16, ..Shape::ANY }
}

const fn is_base64(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/')
}

/// Whether `bytes` begins with base 64, and not with what that encodes.
fn is_code(bytes: &[u8]) -> bool {
    bytes.iter().take(BEFORE / 4).all(|&b| is_base64(b))
}

/// The bytes of a value that [`locate`] found.
pub fn decoded(value: &[u8]) -> Cow<'_, [u8]> {
    if !is_code(value) {
        return Cow::Borrowed(value);
    }
    let mut code = Vec::with_capacity(value.len());
    let mut at = 0;
    while at < value.len() {
        let end = run(value, at);
        code.extend_from_slice(&value[at..end]);
        at = below(value, end).unwrap_or(value.len());
    }
    // One character beyond whole bytes says nothing.
    if code.len() % 4 == 1 {
        code.pop();
    }
    LENIENT.decode(&code).unwrap_or_default().into()
}

/// The key file of that kind, as it is or in base 64, that `anchor` stands in; all of `bytes` behind it may be looked at.
pub fn locate(bytes: &[u8], anchor: &Range<usize>, kind: Container) -> Option<Range<usize>> {
    if !is_code(&bytes[anchor.clone()]) {
        let file = &bytes[anchor.start..];
        let len = match kind {
            Container::Der => der_size(file),
            Container::KeyStore => key_store_size(file),
            Container::OpenPgp => openpgp::size(file),
        };
        return len.map(|len| anchor.start..anchor.start + len);
    }
    let least = anchor.start.saturating_sub(BEFORE);
    let begin = match bytes[least..anchor.start].iter().rposition(|&b| !is_base64(b)) {
        // Behind a backslash stands the letter of an escape.
        Some(i) => least + i + 1 + usize::from(bytes[least + i] == b'\\' && matches!(bytes[least + i + 1], b'n' | b'r' | b't')),
        None if least == 0 => 0,
        None => return None,
    };
    if begin > anchor.start {
        return None;
    }
    let head = LENIENT.decode(bytes.get(begin..begin + HEAD)?).ok()?;
    let may_be = match kind {
        Container::Der => head[0] == 0x30,
        Container::KeyStore => head[0] == 0x30 || is_java_store(&head),
        Container::OpenPgp => openpgp::is_secret(&head),
    };
    if !may_be {
        return None;
    }
    // Its first packet tells soon that it is no key, where all that follows would be read in vain.
    if kind == Container::OpenPgp {
        let first = wrapped(bytes, begin, openpgp::needed(&head));
        openpgp::size(&decoded(&bytes[begin..first]))?;
    }
    let end = wrapped(bytes, begin, (head[0] == 0x30).then(|| asn1::size(&head)).flatten());
    (!is_for_tests(&bytes[end..])).then_some(begin..end)
}

/// Whether the armour that ends in `behind` says that its key is for tests: Go's own have the label `RSA TESTING KEY`, so that nobody takes them for others.
fn is_for_tests(behind: &[u8]) -> bool {
    let behind = &behind[..behind.len().min(MOST_BETWEEN)];
    let marker = memchr::memmem::find(behind, b"-----END ").map(|at| &behind[at..]);
    marker.is_some_and(|marker| memchr::memmem::find(marker, b" TESTING KEY-----").is_some())
}

/// Where the run of base 64 ends that begins at `at`, with its padding.
fn run(bytes: &[u8], at: usize) -> usize {
    let end = bytes[at..].iter().position(|&b| !is_base64(b)).map_or(bytes.len(), |i| at + i);
    end + bytes[end..].iter().take(2).take_while(|&&b| b == b'=').count()
}

/// Where the base 64 ends that begins at `begin`: with its run, or on a line further below where all have its length. It is read no further than
/// `needed` bytes, where the file tells its own length.
fn wrapped(bytes: &[u8], begin: usize, needed: Option<usize>) -> usize {
    let mut end = run(bytes, begin);
    let width = end - begin;
    let mut held = width;
    let is_enough = |held: usize| needed.is_some_and(|needed| held * 3 / 4 >= needed);
    while width >= LEAST_FOLDED && !is_enough(held) && bytes[end - 1] != b'=' {
        let Some(next) = below(bytes, end) else { break };
        let next_end = run(bytes, next);
        let len = next_end - next;
        // A word that something else begins with is no code.
        let is_apart = bytes.get(next_end).is_none_or(|&b| is_noise(b) && b != b' ' && b != b'.' || b == b'<');
        if len == 0 || len > width || len < width && !is_apart {
            break;
        }
        end = next_end;
        held += len;
        if len < width {
            break;
        }
    }
    end
}

/// Where the code goes on behind a line of it that ends at `end`; quotes, signs that join or continue lines and written line ends may stand between.
fn below(bytes: &[u8], end: usize) -> Option<usize> {
    let (mut at, mut lines, mut written) = (end, 0, false);
    while at < bytes.len() && at - end <= MOST_BETWEEN {
        let b = bytes[at];
        if let Some(len) = written_end(&bytes[at..]) {
            written = true;
            at += len;
        } else if is_noise(b) || b == b'+' && bytes.get(at + 1).is_none_or(|&b| is_noise(b)) {
            lines += usize::from(b == b'\n');
            at += 1;
        } else {
            return (is_base64(b) && (lines == 1 || lines == 0 && written)).then_some(at);
        }
    }
    None
}

/// How many bytes the secret part of a key takes that `bytes` begins with: the numbers of an RSA key behind its version, or the number of one of an elliptic
/// curve, with enough beside it that nothing else looks so.
fn der_size(bytes: &[u8]) -> Option<usize> {
    match bytes {
        [2, 1, 0, rest @ ..] => {
            let (modulus, mut rest) = element(2, rest)?;
            let size = modulus.len() - 1;
            // Both exponents, both primes, and what belongs to each.
            for most in [8, size + 1, size / 2 + 1, size / 2 + 1, size / 2 + 1, size / 2 + 1, size / 2 + 1] {
                let (number, behind) = element(2, rest)?;
                if number.is_empty() || number.len() > most || most > 8 && number.len() + 16 < most {
                    return None;
                }
                rest = behind;
            }
            Some(bytes.len() - rest.len())
        }
        [2, 1, 1, rest @ ..] => {
            let (number, rest) = element(4, rest)?;
            // Behind it, the name of the curve, or the public point.
            let is_curve = element(0xa0, rest).and_then(|(curve, _)| element(6, curve)).is_some_and(|(name, _)| name.len() >= 5);
            let point = element(0xa1, rest).and_then(|(point, _)| element(3, point));
            let is_point = point.is_some_and(|(point, _)| point.starts_with(&[0, 4]) && point.len() == 2 + 2 * number.len());
            (is_random(number) && (is_curve || is_point)).then(|| bytes.len() - rest.len())
        }
        [0x30, len, ..] if *len > 5 => {
            let (_, rest) = element(0x30, bytes)?;
            let number = &bytes[..bytes.len() - rest.len()][7..];
            is_random(number).then(|| bytes.len() - rest.len())
        }
        [0x30, 5, ..] => {
            let (_, rest) = element(0x30, bytes)?;
            let (number, rest) = element(4, rest)?;
            let (number, _) = element(4, number)?;
            is_random(number).then(|| bytes.len() - rest.len())
        }
        _ => None,
    }
}

/// Whether the bytes of a key are no filling: most of them differ.
fn is_random(number: &[u8]) -> bool {
    let mut seen = number.to_vec();
    seen.sort_unstable();
    seen.dedup();
    seen.len() * 2 > number.len()
}

/// How many bytes to look at of the key store, or the bag of one, that `bytes` begins with, if it holds a private key.
fn key_store_size(bytes: &[u8]) -> Option<usize> {
    if bytes[0] == SHROUDED_BAG[0] { bag(bytes).map(|(_, len)| len) } else { java_store_size(bytes) }
}

/// What the bag of PKCS 12 holds that `bytes` begins with, and how many bytes it takes.
fn bag(bytes: &[u8]) -> Option<(KeyForm, usize)> {
    let is_key = bytes.starts_with(KEY_BAG);
    if !is_key && !bytes.starts_with(SHROUDED_BAG) {
        return None;
    }
    let (content, rest) = element(0xa0, &bytes[KEY_BAG.len()..])?;
    let form = key_form(content, false)?;
    let is_right = form == if is_key { KeyForm::Plain } else { KeyForm::Encrypted };
    is_right.then(|| (form, bytes.len() - rest.len()))
}

/// Whether `bytes` begins like a store of Java's: its name, its version, how many entries there are, and the kind of the first.
fn is_java_store(bytes: &[u8]) -> bool {
    matches!(bytes, [0xfe, 0xed, 0xfe, 0xed, 0, 0, 0, 1 | 2, _, _, _, _, 0, 0, 0, 1..=3, ..])
        || matches!(bytes, [0xce, 0xce, 0xce, 0xce, 0, 0, 0, 1 | 2, _, _, _, _, 0, 0, 0, 1..=3, ..])
}

/// How many bytes of the store of Java's that `bytes` begins with there are up to the end of its first private or secret key. Each entry has a kind, a
/// name, a time and its parts (`sun.security.provider.JavaKeyStore`).
fn java_store_size(bytes: &[u8]) -> Option<usize> {
    /// Milliseconds from 1995 to 2100.
    const TIMES: Range<usize> = 788_918_400_000..4_102_444_800_000;
    /// What a sealed object of Java's begins with, and how much of it says that it is one.
    const SEALED: (&[u8], usize) = (&[0xac, 0xed, 0, 5, 0x73, 0x72], 64);
    if !is_java_store(bytes) {
        return None;
    }
    let mut reader = Reader(&bytes[4..]);
    let version = reader.number(4)?;
    let entries = reader.number(4)?;
    for _ in 0..entries {
        let kind = reader.number(4)?;
        let name = reader.number(2)?;
        reader.take(name)?;
        reader.number(8).filter(|time| TIMES.contains(time))?;
        match kind {
            1 => {
                let len = reader.number(4)?;
                let key = reader.take(len)?;
                return (key_form(key, false)? == KeyForm::Encrypted).then(|| bytes.len() - reader.0.len());
            }
            2 => {
                if version > 1 {
                    let kind = reader.number(2)?;
                    reader.take(kind)?;
                }
                let len = reader.number(4)?;
                reader.take(len)?;
            }
            3 if bytes[0] == 0xce && reader.0.starts_with(SEALED.0) => {
                reader.take(SEALED.1)?;
                return Some(bytes.len() - reader.0.len());
            }
            _ => return None,
        }
    }
    None
}

/// A store of keys: one of Java's, or PKCS 12, or a bag of that.
pub(super) fn key_store(value: &[u8]) -> Result<Outcome, Objection> {
    let file = decoded(value);
    if java_store_size(&file).is_some() {
        return Ok(locked());
    }
    let bags = memchr::memmem::find_iter(&file, &SHROUDED_BAG[..SHROUDED_BAG.len() - 1]).filter_map(|at| bag(&file[at..]));
    match bags.map(|(form, _)| form).min_by_key(|&form| form != KeyForm::Plain) {
        Some(KeyForm::Plain) => Ok(Outcome::Pass),
        Some(_) => Ok(locked()),
        None => pass_if(false, "holds no private key that can be told from outside"),
    }
}

#[cfg(test)]
mod tests {
    use super::{LENIENT, decoded, locate};
    use crate::engine::checks::armour;
    use crate::engine::{Engine, Match, Silent, Text};
    use crate::rules::RuleSet;
    use crate::rules::format::Container;
    use crate::rules::template::fill;
    use base64::Engine as _;
    use base64::prelude::BASE64_STANDARD;

    fn scan(engine: &Engine, bytes: &[u8]) -> Vec<Match> {
        let mut matches = Vec::new();
        engine.scanner().scan(Text { binary: bytes.contains(&0), ..Text::whole(bytes) }, &mut matches, &mut Silent);
        matches
    }

    fn rules(engine: &Engine, bytes: &[u8]) -> Vec<String> {
        scan(engine, bytes).iter().map(|found| engine.rules().rules()[usize::from(found.rule)].info.id.to_string()).collect()
    }

    fn file(template: &str) -> Vec<u8> {
        BASE64_STANDARD.decode(fill(template, "file").unwrap()).unwrap()
    }

    #[test]
    fn key_files_are_told_by_their_bytes() {
        let engine = Engine::new(RuleSet::built_in());
        for (template, rule) in [
            ("{{jks}}", "private-key-store"),
            ("{{p12}}", "private-key-store"),
            ("{{pgp}}", "private-key-pgp-bare"),
            ("{{der:RSA PRIVATE KEY}}", "private-key-der"),
            ("{{der:EC PRIVATE KEY}}", "private-key-der"),
            ("{{der:PRIVATE KEY}}", "private-key-der"),
        ] {
            let file = file(template);
            assert_eq!(rules(&engine, &file), [rule], "{template}");
            let amid = [&[0x7f, b'E', b'L', b'F', 0, 1][..], &file, &[0; 9]].concat();
            assert_eq!(rules(&engine, &amid), [rule], "{template} amid other bytes");
            // What is cut is none, wherever; and no cut panics.
            for len in (0..file.len()).step_by(7) {
                scan(&engine, &file[..len]);
            }
            assert!(rules(&engine, &file[..file.len() / 2]).is_empty(), "half of {template}");
        }
    }

    #[test]
    fn one_altered_length_and_it_is_none() {
        let engine = Engine::new(RuleSet::built_in());
        for (template, at) in
            [("{{jks}}", 17), ("{{jks}}", 34), ("{{jks}}", 39), ("{{der:RSA PRIVATE KEY}}", 140), ("{{pgp}}", 9), ("{{pgp}}", 800)]
        {
            let mut file = file(template);
            assert_eq!(rules(&engine, &file).len(), 1);
            file[at] ^= 0x40;
            assert!(rules(&engine, &file).is_empty(), "{template} {at}");
        }
    }

    #[test]
    fn base64_of_key_files_on_one_line_and_on_many() {
        let engine = Engine::new(RuleSet::built_in());
        for (template, rule) in [
            ("{{jks}}", "private-key-store"),
            ("{{p12}}", "private-key-store"),
            ("{{pgp}}", "private-key-pgp-bare"),
            ("{{der:RSA PRIVATE KEY}}", "private-key-der"),
            ("{{der:EC PRIVATE KEY}}", "private-key-der"),
        ] {
            let code = fill(template, "file").unwrap();
            let lines: Vec<&str> = code.as_bytes().chunks(64).map(|line| std::str::from_utf8(line).unwrap()).collect();
            for text in [
                code.clone(),
                lines.join("\n"),
                format!("key: |\n  {}\nnext: 1\n", lines.join("\n  ")),
                format!("a.key={}\nb=1\n", lines.join("\\\r\n    ")),
                format!("k = \"{}\";", lines.join("\" +\n  \"")),
                format!("{{\"k\":\"{}\"}}", lines.join("\\n")),
                format!("k = (\"{}\")\n", lines.join("\\n\"\n  \"")),
            ] {
                let found = scan(&engine, text.as_bytes());
                assert_eq!(rules(&engine, text.as_bytes()), [rule], "{text}");
                assert_eq!(*decoded(&text.as_bytes()[found[0].secret.clone()]), file(template), "{text}");
            }
        }
    }

    #[test]
    fn code_ends_where_something_else_begins() {
        let code = fill("{{der:EC PRIVATE KEY}}", "end").unwrap();
        let end = |text: &str| locate(text.as_bytes(), &(3..9), Container::Der).map(|found| found.end);
        for behind in ["\nNEXT=1\n", "\nand so on\n", "\n\nabcd\n", "\"\n", "\n-----END KEY-----\n"] {
            assert_eq!(end(&format!("{code}{behind}")), Some(code.len()), "{behind:?}");
        }
        assert_eq!(end(&format!("{code}\n-----END RSA TESTING KEY-----\n")), None);
        // The anchor belongs to a longer run, that begins somewhere else.
        assert_eq!(locate(format!("{}{code}", "A".repeat(40)).as_bytes(), &(43..49), Container::Der), None);
    }

    #[test]
    fn armoured_openpgp_keys_tell_whether_they_are_locked() {
        let engine = Engine::new(RuleSet::built_in());
        let packet = file("{{pgp}}");
        // Behind the public numbers stands how the secret ones are kept: under SHA-1 of AES-256, salted and iterated.
        let secret = 3 + 6 + 2 + 256 + 2 + 3;
        let mut locked = [&packet[..secret], &[254, 9, 3, 8, 1, 2, 3, 4, 5, 6, 7, 8, 0x60], &packet[secret + 1..]].concat();
        let len = locked.len() as u16 - 3;
        locked[1..3].copy_from_slice(&len.to_be_bytes());
        let mut stub = [&packet[..secret], &[255, 0, 101, 0, b'G', b'N', b'U', 1]].concat();
        let len = stub.len() as u16 - 3;
        stub[1..3].copy_from_slice(&len.to_be_bytes());
        for (packet, severity, doubted) in
            [(&packet, None, false), (&locked, Some(crate::model::Severity::Medium), true), (&stub, None, true)]
        {
            let text = BASE64_STANDARD.encode(packet);
            let armoured = format!("-----BEGIN PGP PRIVATE KEY BLOCK-----\n\n{text}\n-----END PGP PRIVATE KEY BLOCK-----\n");
            assert!(armour::open(armoured.as_bytes()).sound && LENIENT.decode(&text).is_ok());
            let found = scan(&engine, armoured.as_bytes());
            assert_eq!((found[0].severity, found[0].doubt.is_some()), (severity, doubted));
        }
    }
}
