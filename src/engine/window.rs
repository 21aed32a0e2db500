//! How much of a text a rule may see around an anchor.

use std::ops::Range;

/// `around`, cut to the line that holds `anchor`. In binary data a line is a run of printable ASCII.
pub fn line_window(bytes: &[u8], anchor: &Range<usize>, around: Range<usize>, binary: bool) -> Range<usize> {
    let before = &bytes[around.start..anchor.start];
    let after = &bytes[anchor.end..around.end.max(anchor.end)];
    let (start, end) = if binary {
        let text = |&b: &u8| matches!(b, b'\t' | b' '..=b'~');
        (before.iter().rposition(|b| !text(b)), after.iter().position(|b| !text(b)))
    } else {
        (memchr::memrchr2(b'\n', b'\r', before), memchr::memchr2(b'\n', b'\r', after))
    };
    start.map_or(around.start, |i| around.start + i + 1)..anchor.end + end.unwrap_or(after.len())
}

/// What of `before` stands on the line that it ends on.
pub fn last_line(before: &[u8]) -> &[u8] {
    &before[memchr::memrchr2(b'\n', b'\r', before).map_or(0, |i| i + 1)..]
}

/// `before` bytes before `anchor` and `after` behind its begin, within the text.
pub fn reach(len: usize, anchor: &Range<usize>, before: usize, after: usize) -> Range<usize> {
    anchor.start.saturating_sub(before)..(anchor.start + after).clamp(anchor.end, len)
}

#[cfg(test)]
mod tests {
    use super::{line_window, reach};

    #[test]
    fn cut_to_the_line_and_the_reach() {
        let text = b"one\nkey=value\r\nthree";
        let anchor = 4..7;
        assert_eq!(line_window(text, &anchor, reach(text.len(), &anchor, 100, 100), false), 4..13);
        assert_eq!(line_window(text, &anchor, reach(text.len(), &anchor, 0, 6), false), 4..10);
        let binary = b"\x01\x02key=value\x00more";
        assert_eq!(line_window(binary, &(2..5), 0..16, true), 2..11);
    }
}
