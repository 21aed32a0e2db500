//! Values that stand before their name on its line: `<add value="…" key="ApiKey"/>`, `{"value": "…", "key": "apiKey"}`.

use std::ops::Range;

use super::super::window::last_line;
use super::below::is_named;
use super::operator::{named_value, own_quotes};
use super::{MAX_NAME, Quote, end_of_line};

/// Bytes before the name within which such a value begins.
const MAX_BEFORE: usize = 512;

/// The value that stands before `name`, where none stands behind it.
pub fn value(bytes: &[u8], name: &Range<usize>) -> Option<(Range<usize>, Quote)> {
    // Nearly none has: told without a look at its line.
    if !matches!(bytes.get(name.start.wrapping_sub(1)), Some(b'"' | b'\'')) {
        return None;
    }
    let line = last_line(&bytes[name.start.saturating_sub(MAX_BEFORE)..name.start]);
    if !is_named(line) {
        return None;
    }
    let behind = &bytes[name.end..end_of_line(bytes, name.end, MAX_NAME)];
    if named_value(&behind[own_quotes(behind).0..]).is_some() {
        return None;
    }
    // Behind the value: `" key="`, `", "name": "`.
    let word = line[..line.len() - 1].trim_ascii_end();
    let word = word.strip_suffix(b"=").or_else(|| word.strip_suffix(b":"))?.trim_ascii_end();
    let word = word.strip_suffix(b"\"").or_else(|| word.strip_suffix(b"'")).unwrap_or(word);
    let head = &word[..word.iter().rposition(|b| !b.is_ascii_alphabetic())? + 1];
    let head = head.strip_suffix(b"\"").or_else(|| head.strip_suffix(b"'")).unwrap_or(head).trim_ascii_end();
    let head = head.strip_suffix(b",").unwrap_or(head).trim_ascii_end();
    let (&quote, inner) = head.split_last().filter(|(quote, _)| matches!(quote, b'"' | b'\''))?;
    let open = memchr::memrchr(quote, inner)?;
    let before = inner[..open].trim_ascii_end();
    let before = before.strip_suffix(b"=").or_else(|| before.strip_suffix(b":"))?.trim_ascii_end();
    let before = before.strip_suffix(b"\"").or_else(|| before.strip_suffix(b"'")).unwrap_or(before);
    let start = name.start - line.len();
    let kind = if quote == b'"' { Quote::Double } else { Quote::Single };
    (before.ends_with(b"value") && open + 1 < inner.len()).then_some((start + open + 1..start + inner.len(), kind))
}

#[cfg(test)]
mod tests {
    #[test]
    fn values_before_their_names() {
        let value = |text: &str| {
            let at = text.find("api").unwrap();
            let len = text[at..].find(|c: char| !c.is_ascii_alphanumeric()).unwrap();
            super::value(text.as_bytes(), &(at..at + len)).map(|(value, _)| text[value].to_owned())
        };
        for text in [
            "<add value=\"§\" key=\"apiKey\" />",
            "{\"value\":\"§\",\"key\":\"apiKey\",\"type\":\"x\"}",
            "{\"value\": \"§\", \"name\": \"apiKey\"}",
            "{'value': '§', 'name': 'apiKey'}",
        ] {
            assert_eq!(value(text).as_deref(), Some("§"), "{text}");
        }
        for text in [
            "<add value=\"§\" key=\"x\" /><add key=\"apiKey\" value=\"\" />",
            "<add other=\"§\" key=\"apiKey\" />",
            "value=\"§\"\nkey=\"apiKey\" ",
            "\"§\" \"apiKey\" ",
            "<add value=\"\" key=\"apiKey\" />",
        ] {
            assert_eq!(value(text), None, "{text}");
        }
    }
}
