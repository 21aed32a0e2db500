//! The excerpt of a line that a report shows.

use std::ops::Range;

use aho_corasick::AhoCorasick;

use crate::engine::Match;
use crate::engine::classify::reads_as_words;
use crate::model::{Piece, Secret, Snippet};

/// Bytes of the line to each side of the secret that are kept.
const AROUND: usize = 160;
/// Values shorter than this are not looked for elsewhere in the line: they would blot out ordinary words.
pub const LEAST_REPEATED: usize = 5;

/// The line around `marked`, in pieces. `secrets` are the spans of every match of the buffer, in order and
/// apart from each other: none of them is kept as text, nor is any repetition of their values.
pub fn snippet(bytes: &[u8], marked: &Range<usize>, secrets: &[Range<usize>]) -> Snippet {
    let begin = marked.start.saturating_sub(AROUND);
    let begin = match memchr::memrchr2(b'\n', b'\r', &bytes[begin..marked.start]) {
        Some(i) => begin + i + 1,
        None if begin == 0 => 0,
        // Half a word at the edge may be half a secret, which nobody could recognise any more.
        None => bytes[begin..marked.start].iter().position(parts_words).map_or(marked.start, |i| begin + i + 1),
    };
    let limit = (marked.end + AROUND).min(bytes.len());
    let end = match memchr::memchr2(b'\n', b'\r', &bytes[marked.end..limit]) {
        Some(i) => marked.end + i,
        None if limit == bytes.len() => limit,
        None => bytes[marked.end..limit].iter().rposition(parts_words).map_or(marked.end, |i| marked.end + i),
    };
    // Spans of secrets that reach into the excerpt, and repetitions of their values within it.
    let first = secrets.partition_point(|s| s.end <= begin);
    let near: Vec<&Range<usize>> = secrets[first..].iter().take_while(|s| s.start < end).collect();
    let mut spans: Vec<Range<usize>> = Vec::new();
    for secret in near.iter().copied().chain([marked]) {
        spans.push(secret.clone());
        let value = &bytes[secret.clone()];
        if value.len() >= LEAST_REPEATED {
            // The excerpt may begin or end within a repetition.
            let around = begin.saturating_sub(value.len() - 1)..(end + value.len() - 1).min(bytes.len());
            let repetitions = memchr::memmem::find_iter(&bytes[around.clone()], value);
            spans.extend(repetitions.map(|i| around.start + i..around.start + i + value.len()));
        }
    }
    // A rule may see less of a value than there is.
    let seen = spans.len();
    for i in 0..seen {
        let rest = rest(bytes, &spans[i], end);
        if !rest.is_empty() {
            spans.push(rest);
        }
    }
    // Where one secret is, the next is not far: what looks made is not shown, nor what is called a secret, whether a rule knows it or not.
    let looked_at = spans.len();
    for word in made(bytes, begin..end).chain(called(bytes, begin..end)) {
        if spans[..looked_at].iter().all(|span| span.end <= word.start || word.end <= span.start) {
            spans.push(word);
        }
    }
    spans.sort_by_key(|s| (s.start, std::cmp::Reverse(s.end)));
    let mut pieces = Vec::new();
    let mut at = begin;
    for span in spans {
        if span.end <= at || span.start >= end {
            continue;
        }
        if span.start > at {
            pieces.push(Piece::Text(lossy(&bytes[at..span.start])));
        }
        let secret = Secret::new(&bytes[span.clone()]);
        pieces.push(if span == *marked { Piece::Marked(secret) } else { Piece::Other(secret) });
        at = span.end;
    }
    if at < end {
        pieces.push(Piece::Text(lossy(&bytes[at..end])));
    }
    Snippet(pieces)
}

/// What [`snippet`] must not show of the text of `matches`, in order and apart from each other.
pub fn hidden<'m>(matches: impl IntoIterator<Item = &'m Match>) -> Vec<Range<usize>> {
    let mut spans: Vec<Range<usize>> = matches.into_iter().map(|m| m.hidden().clone()).collect();
    spans.sort_by_key(|s| (s.start, s.end));
    spans.dedup_by(|next, last| {
        let overlap = next.start < last.end;
        if overlap {
            last.end = last.end.max(next.end);
        }
        overlap
    });
    spans
}

/// What is left of the word or literal of which `secret` is the begin, up to `end`: to the quote that closes it, or to the next separator.
fn rest(bytes: &[u8], secret: &Range<usize>, end: usize) -> Range<usize> {
    let behind = &bytes[secret.end.min(end)..end];
    let quote = secret.start.checked_sub(1).map(|i| bytes[i]).filter(|b| matches!(b, b'"' | b'\'' | b'`'));
    let closed = behind.iter().position(|&b| b != b'\\').unwrap_or(behind.len());
    let len = match quote {
        Some(quote) if behind.get(closed) == Some(&quote) => 0,
        Some(quote) if memchr::memchr(quote, behind).is_some() => memchr::memchr(quote, behind).unwrap_or_default(),
        _ if !matches!(behind, [b'"' | b'\'' | b'`' | b'<' | b'$' | b'%' | b'{' | b'(' | b'[', next, ..] if next.is_ascii_alphanumeric()) => {
            0
        }
        _ => 1 + behind[1..].iter().position(parts_words).unwrap_or(behind.len() - 1),
    };
    secret.end..secret.end + len
}

/// Words in `range` that nobody would write by hand: digits among letters of both cases that make no words, and long runs of hexadecimal digits.
fn made(bytes: &[u8], range: Range<usize>) -> impl Iterator<Item = Range<usize>> {
    /// Bytes of such a word.
    const LEAST: usize = 10;
    const LEAST_HEX: usize = 32;
    let is_part = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'+' | b'!' | b'#' | b'%' | b'^' | b'*' | b'~');
    let mut at = range.start;
    std::iter::from_fn(move || {
        at += bytes[at..range.end].iter().position(is_part)?;
        let len = bytes[at..range.end].iter().position(|b| !is_part(b)).unwrap_or(range.end - at);
        at += len;
        Some(at - len..at)
    })
    .filter(move |word| {
        let word = &bytes[word.clone()];
        let has = |kind: fn(&u8) -> bool| word.iter().any(kind);
        let is_hex = word.len() >= LEAST_HEX && word.iter().all(u8::is_ascii_hexdigit);
        let is_mixed = || has(u8::is_ascii_digit) && has(u8::is_ascii_lowercase) && has(u8::is_ascii_uppercase);
        is_hex || word.len() >= LEAST && is_mixed() && !reads_as_words(word)
    })
}

/// Words in `range` behind a name that ends as those of secrets do, and a sign. What is called or looked up by a name is none.
fn called(bytes: &[u8], range: Range<usize>) -> impl Iterator<Item = Range<usize>> {
    const NAMES: [&[u8]; 12] = [
        b"password",
        b"passwd",
        b"pass",
        b"pwd",
        b"pw",
        b"passphrase",
        b"secret",
        b"token",
        b"credentials",
        b"apikey",
        b"api_key",
        b"access_key",
    ];
    /// Bytes of a value, and of a name.
    const LEAST: usize = 4;
    const LONGEST: usize = 40;
    memchr::memchr2_iter(b'=', b':', &bytes[range.clone()]).filter_map(move |sign| {
        let sign = range.start + sign;
        let before = bytes[range.start..sign].trim_ascii_end();
        let before = before.strip_suffix(b"\"").or_else(|| before.strip_suffix(b"'")).unwrap_or(before);
        let len = before.iter().rev().take(LONGEST).take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-')).count();
        let name = before[before.len() - len..].to_ascii_lowercase();
        if !NAMES.iter().any(|word| name.ends_with(word)) {
            return None;
        }
        let behind = &bytes[sign + 1..range.end];
        let lead = behind.iter().take_while(|b| matches!(b, b' ' | b'\t' | b'=' | b'>' | b'"' | b'\'' | b'`' | b'\\')).count();
        let quote = behind[..lead].iter().rev().find(|b| matches!(b, b'"' | b'\'' | b'`')).copied();
        let ends = |b: &u8| quote.map_or_else(|| parts_words(b) || *b == b'&', |quote| *b == quote);
        let len = behind[lead..].iter().position(ends).unwrap_or(behind.len() - lead);
        let value = &behind[lead..lead + len];
        let is_code = value.first().is_some_and(|b| b"${<%([&*".contains(b)) || quote.is_none() && behind.get(lead + len) == Some(&b'(');
        (len >= LEAST && !is_code).then_some(sign + 1 + lead..sign + 1 + lead + len)
    })
}

/// Bytes that hardly any secret holds.
fn parts_words(byte: &u8) -> bool {
    byte.is_ascii_whitespace() || matches!(byte, b'"' | b'\'' | b'`' | b',' | b';' | b'(' | b')' | b'<' | b'>')
}

impl Snippet {
    /// Turns every value that `secrets` finds in the text of this excerpt into a piece of its own.
    pub(super) fn mask(&mut self, secrets: &AhoCorasick) {
        let pieces = std::mem::take(&mut self.0);
        for piece in pieces {
            let Piece::Text(text) = piece else {
                self.0.push(piece);
                continue;
            };
            let mut at = 0;
            for found in secrets.find_iter(&text) {
                // A value may begin within a character only where the text was no UTF-8.
                let (Some(before), Some(value)) = (text.get(at..found.start()), text.get(found.range())) else { continue };
                if !before.is_empty() {
                    self.0.push(Piece::Text(before.to_owned()));
                }
                self.0.push(Piece::Other(Secret::new(value.as_bytes())));
                at = found.end();
            }
            if at < text.len() {
                self.0.push(Piece::Text(text[at..].to_owned()));
            }
        }
    }
}

fn lossy(bytes: &[u8]) -> String {
    // An excerpt may begin or end within a character.
    let start = bytes.iter().position(|b| b & 0xC0 != 0x80).unwrap_or(0).min(3);
    String::from_utf8_lossy(&bytes[start..]).into_owned()
}

#[cfg(test)]
mod tests {
    use super::snippet;
    use crate::model::Piece;
    use crate::rules::template::fill;

    /// What is shown of `text` around its secret, `the-marked`, with a star for each value that is not.
    fn shown(text: &str) -> String {
        let marked = text.find("the-marked").map(|at| at..at + 10).unwrap();
        let pieces = snippet(text.as_bytes(), &marked, std::slice::from_ref(&marked)).0;
        pieces.iter().map(|p| if let Piece::Text(text) = p { text } else { "*" }).collect()
    }

    #[test]
    fn what_looks_made_is_not_shown_even_where_no_rule_knows_it() {
        let text =
            fill("login(\"Base64Encoder\", KEY_NAME_1, '{{base62:20}}', \"the-marked\", {{hex:40}}, \"src/Utf8JsonWriter.java\")", "x")
                .unwrap();
        assert_eq!(shown(&text), "login(\"Base64Encoder\", KEY_NAME_1, '*', \"*\", *, \"src/Utf8JsonWriter.java\")");
    }

    #[test]
    fn what_is_called_a_secret_is_not_shown() {
        assert_eq!(
            shown("the-marked DB_PASS=letmein secret=ab-cd \"pwd\": \"none at all\", n=12"),
            "* DB_PASS=* secret=* \"pwd\": \"*\", n=12"
        );
        assert_eq!(shown("u=the-marked&api_key=abcd&page=2"), "u=*&api_key=*&page=2");
        for text in ["* token = getToken()", "* password=${PASS} secret: <none> pass: int", "* token_url=https://acme.io author: somebody"]
        {
            assert_eq!(shown(&text.replace('*', "the-marked")), text);
        }
    }

    #[test]
    fn the_rest_of_a_value_is_not_shown() {
        let shown = |line: &str| {
            let marked = line.find("pass").map(|at| at..at + 4).unwrap();
            let pieces = snippet(line.as_bytes(), &marked, std::slice::from_ref(&marked)).0;
            pieces.iter().map(|p| if let Piece::Text(text) = p { text } else { "*" }).collect::<String>()
        };
        for (line, expected) in [
            ("login -p 'pass%word' host", "login -p '**' host"),
            ("X=pass'word y", "X=** y"),
            ("X=pass$word,y", "X=**,y"),
            ("{\\\"x\\\":\\\"pass\\\",\\\"y\\\":1}", "{\\\"x\\\":\\\"*\\\",\\\"y\\\":1}"),
            ("'pass' 'word'", "'*' 'word'"),
            ("url://user:pass@host/x", "url://user:*@host/x"),
            ("x?y=pass&z=1", "x?y=*&z=1"),
            ("it's pass (word)", "it's * (word)"),
        ] {
            assert_eq!(shown(line), expected);
        }
    }

    #[test]
    fn every_secret_of_the_line_is_a_piece_and_so_are_repetitions() {
        let text = b"first\na=SECRETVALUE1 b=OTHERVALUE22 c=SECRETVALUE1\nlast";
        let of = |needle: &[u8]| memchr::memmem::find(text, needle).map(|i| i..i + needle.len()).unwrap();
        let (one, two) = (of(b"SECRETVALUE1"), of(b"OTHERVALUE22"));
        let pieces = snippet(text, &one, &[one.clone(), two]).0;
        let kinds: Vec<&str> = pieces
            .iter()
            .map(|p| match p {
                Piece::Text(t) => t.as_str(),
                Piece::Other(_) => "<other>",
                Piece::Marked(_) => "<marked>",
            })
            .collect();
        assert_eq!(kinds, ["a=", "<marked>", " b=", "<other>", " c=", "<other>"]);
    }
}
