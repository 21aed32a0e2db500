//! Commands over several lines, each but the last of which ends in a backslash: rules that read commands judge a hit in a copy in which they are one
//! line, as the shell sees it.
//!
//! Only what is behind the anchor is joined to its line, and the line alone tells that there is more. That is what delta-aware scanning needs: see
//! [`super::inherit`].

use std::ops::Range;

use super::colour::Uncoloured;

/// Whether the line in which `at` lies goes on below, told from `most` bytes behind `at`.
pub fn goes_on(text: &[u8], at: usize, most: usize) -> bool {
    let behind = &text[at..text.len().min(at + most)];
    seam(behind).is_some()
}

/// The backslash that joins the first line of `text` to the next one, with the line's end.
fn seam(text: &[u8]) -> Option<Range<usize>> {
    let end = memchr::memchr2(b'\n', b'\r', text)?;
    let at = text[..end].strip_suffix(b"\\")?.len();
    Some(at..end + if text[end..].starts_with(b"\r\n") { 2 } else { 1 })
}

/// The command that begins at `from` as one line, read up to `to`; `None` where its first line is all of it.
pub fn joined(text: &[u8], from: usize, to: usize) -> Option<Uncoloured> {
    let mut at = from;
    let mut seams = Vec::new();
    while let Some(seam) = seam(&text[at..to]) {
        let indent = text[at + seam.end..to].iter().take_while(|b| matches!(b, b' ' | b'\t')).count();
        // What indents the next line parts words, as the blank before a backslash does.
        let is_parted = text[at..at + seam.start].last().is_some_and(|b| matches!(b, b' ' | b'\t'));
        let end = at + seam.end + indent;
        seams.push(at + seam.start - from..end - from - usize::from(!is_parted && indent > 0));
        at = end;
    }
    let end = memchr::memchr2(b'\n', b'\r', &text[at..to]).map_or(to, |len| at + len);
    Uncoloured::without(text, from..end, seams.into_iter())
}

#[cfg(test)]
mod tests {
    use super::{goes_on, joined};

    #[test]
    fn lines_of_a_command_are_one() {
        let text = b"x\ncurl -X POST \\\r\n   -o a_b\\\n\t-k\\\nx \nnext \\\n";
        let line = joined(text, 2, text.len()).unwrap();
        assert_eq!(line.bytes, b"curl -X POST -o a_b\t-kx ");
        let at = text.windows(3).position(|w| w == b"a_b").unwrap();
        assert_eq!(line.outside(&(16..19)), at..at + 3);
        assert!(goes_on(text, 2, 100) && !goes_on(text, 2, 14));
        let last = text.windows(2).position(|w| w == b"x ").unwrap();
        assert!(!goes_on(text, last, 100));
        assert_eq!(joined(b"curl -k\n-o a_b", 0, 14), None);
        assert_eq!(joined(b"curl \\\r-k\nx", 0, 11).unwrap().bytes, b"curl -k");
        assert!(!goes_on(b"curl\rx \\\n", 0, 100));
        // Cut in the middle.
        assert_eq!(joined(text, 2, 23).unwrap().bytes, b"curl -X POST -o");
    }
}
