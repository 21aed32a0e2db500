//! Commands over several lines, each but the last of which ends in a backslash: rules that read commands judge a hit in a copy in which they are one
//! line, as the shell sees it.
//!
//! Only what is behind the anchor is joined to its line, and the line alone tells that there is more. That is what delta-aware scanning needs: see
//! [`super::inherit`].

use super::colour::Uncoloured;

/// Whether the line in which `at` lies goes on below, told from `most` bytes behind `at`.
pub fn goes_on(text: &[u8], at: usize, most: usize) -> bool {
    let behind = &text[at..text.len().min(at + most)];
    memchr::memchr(b'\n', behind).is_some_and(|end| seam(&behind[..=end]).is_some())
}

/// Where the backslash stands that joins `line`, with its end, to the next one.
fn seam(line: &[u8]) -> Option<usize> {
    let line = line.strip_suffix(b"\n")?;
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    line.ends_with(b"\\").then(|| line.len() - 1)
}

/// The command that begins at `from` as one line, read up to `to`; `None` where its first line is all of it.
pub fn joined(text: &[u8], from: usize, to: usize) -> Option<Uncoloured> {
    let mut end = from;
    let mut seams = Vec::new();
    loop {
        let rest = &text[end..to];
        let Some(line) = memchr::memchr(b'\n', rest).map(|i| &rest[..=i]) else {
            end = to;
            break;
        };
        let Some(at) = seam(line) else {
            end += line.trim_ascii_end().len();
            break;
        };
        // What indents the next line parts words, as the blank before a backslash does.
        let next = &rest[line.len()..];
        let indent = next.iter().take_while(|b| matches!(b, b' ' | b'\t')).count();
        let parts = at > 0 && matches!(line[at - 1], b' ' | b'\t');
        let cut = end + at..end + line.len() + indent - usize::from(!parts && indent > 0);
        seams.push(cut.start - from..cut.end - from);
        end += line.len() + indent;
    }
    Uncoloured::without(text, from..end, seams.into_iter())
}

#[cfg(test)]
mod tests {
    use super::{goes_on, joined};

    #[test]
    fn lines_of_a_command_are_one() {
        let text = b"x\ncurl -X POST \\\r\n   -o a_b\\\n\t-k\\\nx \nnext \\\n";
        let line = joined(text, 2, text.len()).unwrap();
        assert_eq!(line.bytes, b"curl -X POST -o a_b\t-kx");
        let at = text.windows(3).position(|w| w == b"a_b").unwrap();
        assert_eq!(line.outside(&(16..19)), at..at + 3);
        assert!(goes_on(text, 2, 100) && !goes_on(text, 2, 14));
        let last = text.windows(2).position(|w| w == b"x ").unwrap();
        assert!(!goes_on(text, last, 100));
        assert_eq!(joined(b"curl -k\n-o a_b", 0, 14), None);
        // Cut in the middle.
        assert_eq!(joined(text, 2, 23).unwrap().bytes, b"curl -X POST -o");
    }
}
