//! Lines and columns.

/// A place in a text: line from 1, column from 1 in Unicode scalar values (an invalid byte counts as one).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Position {
    /// Line, from 1.
    pub line: u64,
    /// Column, from 1.
    pub column: u64,
}

impl Position {
    /// The first place of a text.
    pub const START: Self = Self { line: 1, column: 1 };
}

/// Follows a position through a text, forwards only, at the cost of the bytes passed.
#[derive(Clone, Debug)]
pub struct Tracker {
    /// Offset, in the buffer at hand, that `at` belongs to.
    offset: usize,
    at: Position,
}

impl Tracker {
    /// Starts at offset 0 of a buffer whose first byte stands at `at`.
    #[must_use]
    pub const fn new(at: Position) -> Self {
        Self { offset: 0, at }
    }

    /// The same, counting from `offset` of the buffer on.
    #[must_use]
    pub const fn starting_at(self, offset: usize) -> Self {
        Self { offset, ..self }
    }

    /// The position of `offset`, which must not lie before one asked for earlier.
    pub fn advance(&mut self, bytes: &[u8], offset: usize) -> Position {
        debug_assert!(offset >= self.offset, "a tracker does not go back");
        let passed = &bytes[self.offset..offset.min(bytes.len())];
        let newlines = memchr::memchr_iter(b'\n', passed).count() as u64;
        let tail = if newlines > 0 {
            self.at.line += newlines;
            self.at.column = 1;
            memchr::memrchr(b'\n', passed).map_or(passed, |n| &passed[n + 1..])
        } else {
            passed
        };
        self.at.column += scalars(tail);
        self.offset = offset;
        self.at
    }
}

/// Unicode scalar values in `bytes`, cut anywhere: continuation bytes do not count, any other byte does. On valid UTF-8 this is the exact
/// number and additive over cuts, which decoding piecemeal would not be.
fn scalars(bytes: &[u8]) -> u64 {
    bytes.iter().filter(|&&b| b & 0xC0 != 0x80).count() as u64
}

#[cfg(test)]
mod tests {
    use super::{Position, Tracker};
    use proptest::prelude::*;

    #[test]
    fn counts_characters_not_bytes() {
        let text = "ä\nöß=x".as_bytes();
        let mut tracker = Tracker::new(Position::START);
        assert_eq!(tracker.advance(text, 0), Position { line: 1, column: 1 });
        assert_eq!(tracker.advance(text, 2), Position { line: 1, column: 2 });
        assert_eq!(tracker.advance(text, 7), Position { line: 2, column: 3 });
    }

    proptest! {
        #[test]
        fn any_steps_give_the_same_place(text in "[a-ü\n]{0,200}", cuts in proptest::collection::vec(0usize..200, 0..8)) {
            let bytes = text.as_bytes();
            let mut cuts: Vec<usize> = cuts.into_iter().filter(|&c| c <= bytes.len()).collect();
            cuts.sort_unstable();
            let mut stepped = Tracker::new(Position::START);
            for cut in cuts {
                let direct = Tracker::new(Position::START).advance(bytes, cut);
                prop_assert_eq!(stepped.advance(bytes, cut), direct);
            }
        }
    }
}
