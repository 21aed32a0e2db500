//! A name and its value that each stand under a name of their own: `name: ACME_KEY` above `value: …`, as the variables of containers are written, and
//! `<add key="AcmeKey" value="…"/>`. Rules that know the value by its name judge a hit in a copy in which the one follows the other.
//!
//! The line of the name alone tells whether the value stands below. That is what delta-aware scanning needs: see [`super::inherit`].

use std::ops::Range;

use super::assignment::{is_named, named_value};
use super::colour::Uncoloured;
use super::window::last_line;

/// Bytes of the name beside its anchor, on either side.
const MAX_NAME: usize = 64;
/// Bytes before the name in which the word stands that says that it is one.
const MAX_BEFORE: usize = 64;
/// Bytes of indentation.
const MAX_INDENT: usize = 80;

/// Whether the line says that it names something by what `anchor` is a part of, and ends with it, so that the value may stand below.
pub fn goes_on(text: &[u8], anchor: &Range<usize>) -> bool {
    let rest = &text[name_end(text, anchor)..];
    matches!(rest[closing(rest)..].first(), Some(b'\n' | b'\r')) && is_named(before_name(text, anchor))
}

/// The line of the name from `from` on, read up to `to`, with its value right behind it; `None` where the value has no name of its own.
pub fn joined(text: &[u8], anchor: &Range<usize>, from: usize, to: usize) -> Option<Uncoloured> {
    let end = name_end(text, anchor);
    let rest = text.get(end..to)?;
    // Most names stand before an operator: told without a look at what is before them.
    let closing = closing(rest);
    let at = match &rest[closing..] {
        [b'\r', b'\n', ..] => closing + 2,
        [b'\n', ..] => closing + 1,
        _ if closing > 0 => closing,
        _ => return None,
    };
    let indent = rest[at..].iter().take(MAX_INDENT).take_while(|b| matches!(b, b' ' | b'\t')).count();
    let value = at + indent;
    let skipped = named_value(&rest[value..]).filter(|_| is_named(before_name(text, anchor)))?;
    // The sign before the value stays.
    let word = rest[value..value + skipped].iter().rposition(|b| matches!(b, b':' | b'='))?;
    let seam = end - from..end + value + word - from;
    let behind = end + value + skipped;
    let line_end = memchr::memchr2(b'\n', b'\r', &text[behind..to]).map_or(to, |len| behind + len);
    Uncoloured::without(text, from..line_end, std::iter::once(seam))
}

const fn is_of_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.')
}

/// Where the name ends that `anchor` is a part of.
fn name_end(text: &[u8], anchor: &Range<usize>) -> usize {
    anchor.end + text[anchor.end..].iter().take(MAX_NAME).take_while(|&&b| is_of_name(b)).count()
}

/// What stands before that name on its line.
fn before_name<'t>(text: &'t [u8], anchor: &Range<usize>) -> &'t [u8] {
    let start = anchor.start - text[..anchor.start].iter().rev().take(MAX_NAME).take_while(|&&b| is_of_name(b)).count();
    last_line(&text[start.saturating_sub(MAX_BEFORE)..start])
}

/// Bytes behind a name that end it: a quote, a comma and blanks.
fn closing(rest: &[u8]) -> usize {
    let quote = usize::from(matches!(rest.first(), Some(b'"' | b'\'')));
    let comma = quote + usize::from(rest.get(quote) == Some(&b','));
    comma + rest[comma..].iter().take(MAX_INDENT).take_while(|b| matches!(b, b' ' | b'\t')).count()
}

#[cfg(test)]
mod tests {
    use super::{goes_on, joined};

    #[test]
    fn the_value_follows_its_name() {
        let plain = |text: &str| {
            let at = text.find("ACME").expect("the anchor");
            let start = text[..at].rfind('\n').map_or(0, |i| i + 1);
            let line = joined(text.as_bytes(), &(at..at + 4), start, text.len())?;
            let value = line.bytes.windows(3).position(|w| w == b"abc").expect("the value");
            assert_eq!(&text[line.outside(&(value..value + 3))], "abc");
            Some(String::from_utf8(line.bytes).expect("text"))
        };
        for (text, line) in [
            ("x\n  - name: MY_ACME_KEY\n    value: \"abc\"\n  - y", "  - name: MY_ACME_KEY: \"abc\""),
            ("- name: 'ACME_KEY'\r\n  value: abc\r\nx", "- name: 'ACME_KEY: abc"),
            ("{\"name\": \"ACME\",\n \"value\": \"abc\"}", "{\"name\": \"ACME: \"abc\"}"),
            ("{\"name\": \"ACME\", \"value\": \"abc\"}", "{\"name\": \"ACME: \"abc\"}"),
            ("- {name: ACME, value: abc}", "- {name: ACME: abc}"),
            ("<add key=\"ACME\" value=\"abc\"/>", "<add key=\"ACME=\"abc\"/>"),
        ] {
            assert_eq!(plain(text).as_deref(), Some(line), "{text}");
        }
        for text in
            ["ACME_KEY: abc", "name: ACME\nother: abc", "title: ACME\nvalue: abc", "name: ACME\n\nvalue: abc", "name:\nACME\nvalue: abc"]
        {
            assert_eq!(plain(text), None, "{text}");
        }
    }

    #[test]
    fn the_line_tells_whether_more_is_below() {
        let goes_on = |text: &str| {
            let at = text.find("ACME").expect("the anchor");
            goes_on(text.as_bytes(), &(at..at + 4))
        };
        assert!(goes_on("name: ACME_KEY\nx") && goes_on("\"name\": \"ACME\",  \r\nx"));
        assert!(!goes_on("name: ACME_KEY: x\n") && !goes_on("name: ACME") && !goes_on("<x key=\"ACME\" value=\"x\"\n"));
        assert!(!goes_on("an account at ACME\n") && !goes_on("name:\nACME\n"));
    }
}
