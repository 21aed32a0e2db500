//! Which lines of an input are new.

use std::cell::OnceCell;
use std::collections::HashSet;
use std::collections::hash_map::RandomState;
use std::hash::BuildHasher as _;
use std::ops::Range;

use crate::decode;
use crate::model::{Problem, Revision};
use crate::source::Change;

/// What was there before a change, read when it is first asked for.
///
/// A line is new if none like it stood in any version before, wherever it stood: a line that moved is none, nor is one that a merge took over
/// from either side, nor one whose line end alone changed. Unlike a diff this costs the same however the versions differ, which matters where
/// somebody else chooses them.
pub struct Novelty<'a> {
    change: &'a dyn Change,
    lines: OnceCell<Lines>,
    /// Whose change it is, and what `HEAD` has instead.
    revision: OnceCell<(Revision, Vec<u8>)>,
}

/// The line looked at last, and whether it is new: a minified file is one line with thousands of matches, and must not be hashed for each.
#[derive(Debug, Default)]
pub struct LastLine {
    range: Range<usize>,
    new: bool,
}

/// Hashes of lines. Keyed afresh for each input: nobody can prepare two lines that share one.
#[derive(Default)]
struct Lines {
    hashes: HashSet<u64>,
    hasher: RandomState,
}

impl<'a> Novelty<'a> {
    pub fn new(change: &'a dyn Change) -> Self {
        Self { change, lines: OnceCell::new(), revision: OnceCell::new() }
    }

    /// Whether any line of `span` is new. What was there before and cannot be read becomes a problem, and hides nothing.
    /// `last` belongs to `bytes`.
    pub fn is_new(&self, bytes: &[u8], span: &Range<usize>, last: &mut LastLine, problems: &mut Vec<Problem>) -> bool {
        let lines = self.lines.get_or_init(|| {
            let mut lines = Lines::default();
            if let Err(problem) = self.change.before(&mut |content| lines.learn(content)) {
                problems.push(problem);
            }
            lines
        });
        lines.hashes.is_empty() || last.any_is_new(lines, bytes, span)
    }

    /// Whose change it is, and whether the file at `HEAD` still has the value, wherever in it.
    pub fn revision(&self, value: &[u8]) -> Revision {
        let (revision, head) = self.revision.get_or_init(|| {
            let mut head = Vec::new();
            self.change.at_head(&mut |content| head = decode::whole(content).0);
            (self.change.revision(), head)
        });
        let at_head = revision.at_head || memchr::memmem::find(head, value).is_some();
        Revision { at_head, ..revision.clone() }
    }
}

impl Lines {
    fn learn(&mut self, content: &[u8]) {
        let text = decode::whole(content).0;
        self.hashes.extend(text.split(|&b| b == b'\n').map(|line| self.hasher.hash_one(trimmed(line))));
    }
}

impl LastLine {
    fn any_is_new(&mut self, lines: &Lines, bytes: &[u8], span: &Range<usize>) -> bool {
        // A value that ends with its line does not reach into the next one.
        let last = span.end.saturating_sub(1).max(span.start);
        if self.range.contains(&span.start) && self.range.contains(&last) {
            return self.new;
        }
        let start = memchr::memrchr(b'\n', &bytes[..span.start]).map_or(0, |n| n + 1);
        let end = memchr::memchr(b'\n', &bytes[last..]).map_or(bytes.len(), |n| last + n);
        let new = bytes[start..end].split(|&b| b == b'\n').any(|line| !lines.hashes.contains(&lines.hasher.hash_one(trimmed(line))));
        if memchr::memchr(b'\n', &bytes[span.start..last]).is_none() {
            *self = Self { range: start..end, new };
        }
        new
    }
}

fn trimmed(line: &[u8]) -> &[u8] {
    line.strip_suffix(b"\r").unwrap_or(line)
}

#[cfg(test)]
mod tests {
    use super::{LastLine, Novelty};
    use crate::model::{Problem, ProblemKind, Revision};
    use crate::source::{Change, Unit};

    struct Before(Result<&'static [&'static [u8]], Problem>);

    impl Change for Before {
        fn unit(&self) -> Unit {
            Unit::File
        }

        fn before(&self, each: &mut dyn FnMut(&[u8])) -> Result<(), Problem> {
            self.0.clone().map(|all| all.iter().for_each(|content| each(content)))
        }

        fn revision(&self) -> Revision {
            Revision::default()
        }

        fn at_head(&self, each: &mut dyn FnMut(&[u8])) {
            each(b"now");
        }
    }

    /// Which of the words in `text` stand on new lines.
    fn new(before: &'static [&'static [u8]], text: &str) -> Vec<String> {
        let before = Before(Ok(before));
        let novelty = Novelty::new(&before);
        let spans = text.split_whitespace().map(|w| {
            let start = w.as_ptr() as usize - text.as_ptr() as usize;
            (w, start..start + w.len())
        });
        let mut last = LastLine::default();
        spans.filter(|(_, s)| novelty.is_new(text.as_bytes(), s, &mut last, &mut Vec::new())).map(|(w, _)| w.to_owned()).collect()
    }

    #[test]
    fn lines_are_new_that_no_version_had() {
        assert_eq!(new(&[], "a\nb"), ["a", "b"]);
        assert_eq!(new(&[b"a\nb"], "b\na\n"), [] as [&str; 0]);
        assert_eq!(new(&[b"a\r\nb\r\n"], "a\nc\nb"), ["c"]);
        assert_eq!(new(&[b"a\n", b"b\n"], "a\nb\na b"), ["a", "b"]);
        assert_eq!(new(&[b"a\n", b"b\n"], "a\nb\n"), [] as [&str; 0]);
        // UTF-16, as the text that is scanned is decoded.
        assert_eq!(new(&[b"\xff\xfea\0\n\0b\0"], "a\nc\n"), ["c"]);
    }

    #[test]
    fn a_value_of_several_lines_is_new_where_one_of_them_is() {
        let before = Before(Ok(&[b"begin\nmiddle\nend\nbehind"]));
        let novelty = Novelty::new(&before);
        let is_new = |text: &[u8], span| novelty.is_new(text, &span, &mut LastLine::default(), &mut Vec::new());
        assert!(!is_new(b"begin\nmiddle\nend\nother", 0..17));
        assert!(is_new(b"begin\nchanged\nend\n", 0..17));
        assert!(!is_new(b"begin\nnew", 0..6));
    }

    #[test]
    fn what_cannot_be_read_hides_nothing() {
        let problem = Problem { what: "x".to_owned(), kind: ProblemKind::Object, detail: String::new() };
        let before = Before(Err(problem.clone()));
        let mut problems = Vec::new();
        assert!(Novelty::new(&before).is_new(b"a", &(0..1), &mut LastLine::default(), &mut problems));
        assert_eq!(problems, [problem]);
        assert!(Novelty::new(&before).revision(b"no").at_head);
        assert!(!Novelty::new(&before).revision(b"yes").at_head);
    }
}
