//! Lists of codes under a heading that says what they are: the recovery codes of a second factor.
//!
//! Services hand them out as a text to print: `a1b2c-d3e4f` on lines of their own, `1. 1234 5678` in two columns, sixteen hex digits each; programs keep them as
//! a list in JSON or YAML. What tells such a list is that all of its items have one form, and that they are not words.

use std::collections::BTreeSet;
use std::ops::Range;

use super::checks;

/// How far behind its heading a list is read, in bytes.
pub const REACH: usize = 2 << 10;
/// Codes that make a list, at least.
const LEAST: usize = 4;
/// Lines between a heading and its list, at most, its own included.
const PROSE: usize = 5;
/// Groups of one code, at most.
const GROUPS: usize = 8;

/// The list that follows the heading which ends at `heading_end`: from its first code to its last.
pub fn list(bytes: &[u8], heading_end: usize) -> Option<Range<usize>> {
    let text = &bytes[..(heading_end + REACH).min(bytes.len())];
    let mut codes: Vec<Range<usize>> = Vec::new();
    let (mut at, mut lines) = (heading_end, 1);
    while at < text.len() {
        match text[at] {
            b'\n' => {
                lines += 1;
                if codes.is_empty() && lines > PROSE {
                    return None;
                }
                at += 1;
            }
            b if !b.is_ascii_alphanumeric() => at += 1,
            _ => {
                at += number(&text[at..]);
                let word = at..at + word(&text[at..]);
                let is_next = codes.first().is_some_and(|first| alike(&text[first.clone()], &text[word.clone()]));
                if is_next || is_code(&text[word.clone()]) {
                    if !is_next && !codes.is_empty() {
                        // What came before was no list, or this is what comes behind one.
                        if codes.len() >= LEAST {
                            break;
                        }
                        codes.clear();
                    }
                    codes.push(word.clone());
                } else if !codes.is_empty() {
                    break;
                }
                at = word.end;
            }
        }
    }
    let distinct: BTreeSet<&[u8]> = codes.iter().map(|code| &text[code.clone()]).collect();
    let made = distinct.iter().filter(|code| code.iter().any(u8::is_ascii_digit)).count();
    let is_list = distinct.len() >= LEAST && distinct.len() == codes.len() && 2 * made > codes.len();
    is_list.then(|| codes[0].start..codes[codes.len() - 1].end)
}

/// Bytes of the number of an item at the begin of `text`: `12. `, `3) `.
fn number(text: &[u8]) -> usize {
    let digits = text.iter().take(2).take_while(|b| b.is_ascii_digit()).count();
    match text.get(digits..digits + 2) {
        Some([b'.' | b')' | b':', b' ' | b'\t']) if digits > 0 => {
            digits + 2 + text[digits + 2..].iter().take_while(|b| b" \t".contains(b)).count()
        }
        _ => 0,
    }
}

/// Bytes of the word at the begin of `text`, with groups of digits that only a space divides.
fn word(text: &[u8]) -> usize {
    let of_word = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.' | b'@');
    let run = |text: &[u8]| text.iter().take_while(|b| of_word(b)).count();
    let mut len = run(text);
    let first = len;
    let digits = |group: &[u8]| (3..=5).contains(&group.len()) && group.iter().all(u8::is_ascii_digit);
    while len > 0 && digits(&text[..first]) && text.get(len) == Some(&b' ') {
        let next = run(&text[len + 1..]);
        if next != first || !digits(&text[len + 1..len + 1 + next]) {
            break;
        }
        len += 1 + next;
    }
    len
}

/// Whether the groups of two codes are as long, and divided by the same signs.
fn alike(one: &[u8], other: &[u8]) -> bool {
    one.len() == other.len() && one.iter().zip(other).all(|(a, b)| a == b || a.is_ascii_alphanumeric() && b.is_ascii_alphanumeric())
}

/// Whether `word` can be a code: groups of one length, eight letters and digits or more; one group alone has a digit.
fn is_code(word: &[u8]) -> bool {
    let groups: Vec<&[u8]> = word.split(|b| matches!(b, b'-' | b' ')).collect();
    let len = groups[0].len();
    let signs = groups.len() * len;
    let is_even = groups.iter().all(|group| group.len() == len && group.iter().all(u8::is_ascii_alphanumeric));
    let distinct = word.iter().filter(|b| b.is_ascii_alphanumeric()).collect::<BTreeSet<_>>().len();
    let made = groups.len() > 1 || word.iter().any(u8::is_ascii_digit);
    is_even
        && made
        && len >= 4
        && groups.len() <= GROUPS
        && (8..=64).contains(&signs)
        && distinct >= 4
        && checks::placeholder(word).is_none()
}

#[cfg(test)]
mod tests {
    use super::list;

    /// The list behind the first colon of `text`, from its first code to its last.
    fn found(text: &str) -> Option<&str> {
        let heading_end = text.find(':').unwrap_or_default();
        list(text.as_bytes(), heading_end).map(|span| &text[span])
    }

    #[test]
    fn lists_as_services_print_them() {
        for (text, first, last) in [
            ("codes:\n\nc0d3a-1b2f9\n7e6d5-90fb2\n3a9c1-e8d70\nb1f04-52c6e\n", "c0d3a-1b2f9", "b1f04-52c6e"),
            ("codes: (keep safe)\n\n 1. 6060 7104\t 2. 3195 5459\n 3. 8812 0937\t 4. 4406 1582\n", "6060 7104", "4406 1582"),
            ("codes: [\"k2m9-x7qd\", \"p4zw-c8na\", \"t6hy-v3rb\", \"abcd-w5ge\"]", "k2m9-x7qd", "abcd-w5ge"),
            (
                "codes:\n  - 9f3c2a7be1d04586\n  - 07d1e6b98c3f2a54\n  - e4b82f05a9c7163d\n  - 5a60c9d3f18e7b24\nnext: 1",
                "9f3c2a7be1d04586",
                "5a60c9d3f18e7b24",
            ),
        ] {
            let found = found(text).unwrap_or_default();
            assert!(found.starts_with(first) && found.ends_with(last), "{text}: {found}");
        }
    }

    #[test]
    fn what_is_no_list() {
        for text in [
            "codes: you get sixteen of them, each works once.",
            "codes:\nc0d3a-1b2f9\n7e6d5-90fb2\n3a9c1-e8d70\n",
            "codes:\nxxxxx-xxxxx\nxxxxx-xxxxx\nxxxxx-xxxxx\nxxxxx-xxxxx\n",
            "codes:\nc0d3a-1b2f9\nc0d3a-1b2f9\nc0d3a-1b2f9\nc0d3a-1b2f9\n",
            "codes:\nsingle-factor\nsecond-factor\ncommon-factor\nfourth-factor\n",
            "codes: 2024-05-01, 2024-05-02, 2024-05-03, 2024-05-04",
            "codes:\n\n\n\n\n\nc0d3a-1b2f9\n7e6d5-90fb2\n3a9c1-e8d70\nb1f04-52c6e\n",
        ] {
            assert_eq!(found(text), None, "{text}");
        }
    }
}
