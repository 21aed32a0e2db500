//! The line a secret stands on, cut to the width at hand, with the secret marked.

use super::super::{Look, escape};
use super::line::width_of;
use crate::model::{Finding, Occurrence, Piece};

/// In place of a tab, whose width depends on what stands before.
const TAB: &str = "    ";

/// A character of a source line as it is shown.
#[derive(Clone, Copy)]
struct Cell {
    character: char,
    marked: bool,
}

/// A source line with the secret marked in it.
pub(super) struct Excerpt {
    cells: Vec<Cell>,
}

impl Excerpt {
    pub(super) fn new(finding: &Finding, first: &Occurrence, look: Look) -> Self {
        let mut excerpt = Self { cells: Vec::new() };
        let pieces = &finding.snippet.0;
        if begins_within_its_line(pieces, first) {
            excerpt.push("…", false);
        }
        for (i, piece) in pieces.iter().enumerate() {
            match piece {
                Piece::Text(text) => {
                    // Before it is made visible: the end of a line is no news.
                    let text = if i + 1 == pieces.len() { text.trim_end() } else { text };
                    excerpt.push(&escape::visible(&text.replace('\t', TAB)), false);
                }
                Piece::Other(secret) => excerpt.push(&escape::visible(&look.secret(secret)), false),
                Piece::Marked(secret) => {
                    let shown = look.secret(secret);
                    let first_line = shown.lines().next().unwrap_or_default();
                    excerpt.push(&escape::visible(first_line), true);
                    if first_line.len() < shown.trim_end().len() {
                        excerpt.push("…", true);
                    }
                    // What comes behind a secret of several lines stands on another line.
                    if secret.reveal().contains(&b'\n') {
                        break;
                    }
                }
            }
        }
        excerpt
    }

    /// Whether there is nothing to show.
    pub(super) fn is_empty(&self) -> bool {
        self.cells.is_empty()
    }

    fn push(&mut self, text: &str, marked: bool) {
        self.cells.extend(text.chars().map(|character| Cell { character, marked }));
    }

    /// Cuts to `width` columns around the mark. Twice as much is kept before it as behind it, for there stands what the value is called; a value
    /// that leaves no room for that is cut itself.
    pub(super) fn fit(self, width: usize) -> Self {
        if columns(&self.cells) <= width {
            return self;
        }
        let start = self.cells.iter().position(|c| c.marked).unwrap_or(0);
        let end = self.cells.iter().rposition(|c| c.marked).map_or(0, |i| i + 1);
        // Room for an ellipsis at both ends.
        let around = width.saturating_sub(columns(&self.cells[start..end]) + 2);
        let left = (around * 2 / 3).max(around.saturating_sub(columns(&self.cells[end..]))).max(width / 4);
        let from = start - fitting(self.cells[..start].iter().rev(), left);
        let cut_start = usize::from(from > 0);
        let rest = &self.cells[from..];
        let kept = if columns(rest) + cut_start <= width { rest.len() } else { fitting(rest.iter(), width - 1 - cut_start) };
        let mut cells = Vec::with_capacity(kept + 2);
        cells.extend((from > 0).then_some(Cell { character: '…', marked: false }));
        cells.extend(&rest[..kept]);
        // An ellipsis within the value is a part of it.
        cells.extend(
            rest.get(kept).map(|next| Cell { character: '…', marked: next.marked && rest[..kept].last().is_some_and(|c| c.marked) }),
        );
        Self { cells }
    }

    /// The text in runs of one look.
    pub(super) fn runs(&self) -> Vec<(bool, String)> {
        self.cells.chunk_by(|a, b| a.marked == b.marked).map(|run| (run[0].marked, run.iter().map(|c| c.character).collect())).collect()
    }

    /// Columns before the mark, and of it.
    pub(super) fn mark(&self) -> Option<(usize, usize)> {
        let start = self.cells.iter().position(|c| c.marked)?;
        let end = self.cells[start..].iter().position(|c| !c.marked).map_or(self.cells.len(), |n| start + n);
        Some((columns(&self.cells[..start]), columns(&self.cells[start..end]).max(1)))
    }
}

/// Whether the excerpt lacks the beginning of its line: fewer characters stand before the mark than its column says.
fn begins_within_its_line(pieces: &[Piece], first: &Occurrence) -> bool {
    let mut before = 0;
    for piece in pieces {
        before += match piece {
            Piece::Text(text) => text.chars().count(),
            Piece::Other(secret) => String::from_utf8_lossy(secret.reveal()).chars().count(),
            Piece::Marked(_) => return (before as u64) + 1 < first.start.column,
        };
    }
    false
}

/// How many of `cells` fit into `width` columns.
fn fitting<'a>(cells: impl Iterator<Item = &'a Cell>, width: usize) -> usize {
    let mut used = 0;
    cells
        .take_while(|c| {
            used += width_of(c.character);
            used <= width
        })
        .count()
}

fn columns(cells: &[Cell]) -> usize {
    cells.iter().map(|c| width_of(c.character)).sum()
}

#[cfg(test)]
mod tests {
    use super::super::super::Look;
    use super::super::super::testing::{finding, occurrence};
    use super::super::tests::text;
    use crate::model::{Piece, Secret, Snippet};

    /// The source line and the mark under it.
    fn source(before: &str, secret: &str, after: &str, width: usize) -> String {
        let column = before.chars().count() as u64 + 1;
        let mut found = finding("x", "X", secret, vec![occurrence("a", 1, column)]);
        let marked = Piece::Marked(Secret::new(secret.as_bytes()));
        found.snippet = Snippet(vec![Piece::Text(before.to_owned()), marked, Piece::Text(after.to_owned())]);
        let written = text(&[found], Look { width, ..Look::default() });
        let lines: Vec<&str> = written.lines().filter_map(|l| l.split_once("| ")).map(|(_, text)| text).collect();
        assert!(lines.iter().all(|l| l.chars().count() <= width - 12), "{lines:#?}");
        lines.join("\n")
    }

    #[test]
    fn the_mark_stands_under_the_value_whatever_comes_before_it() {
        insta::assert_snapshot!(source("\tkey: ", "hunter2", "  \r", 80), @"
        key: ********
             ^^^^^^^^
        ");
        insta::assert_snapshot!(source("鍵e\u{301} = '", "hunter2", "'", 80), @"
        鍵é = '********'
               ^^^^^^^^
        ");
        insta::assert_snapshot!(source("\u{1b}[31m", "hunter2", "\u{202e}", 80), @r"
        \x1b[31m********\u{202e}
                ^^^^^^^^
        ");
    }

    #[test]
    fn long_lines_are_cut_around_the_value() {
        let long = "0123456789".repeat(9);
        insta::assert_snapshot!(source(&long, "hunter2", "", 60), @"
        …23456789012345678901234567890123456789********
                                               ^^^^^^^^
        ");
        insta::assert_snapshot!(source("", "hunter2", &long, 60), @"
        ********012345678901234567890123456789012345678…
        ^^^^^^^^
        ");
        insta::assert_snapshot!(source(&long, "hunter2", &long, 60), @"
        …5678901234567890123456789********0123456789012…
                                  ^^^^^^^^
        ");
    }

    #[test]
    fn a_value_longer_than_the_line_is_cut_itself() {
        let secret = "x1".repeat(60);
        let mut found = finding("x", "X", &secret, vec![occurrence("a", 1, 5)]);
        found.snippet = Snippet(vec![Piece::Text("key=".to_owned()), Piece::Marked(found.secret.clone()), Piece::Text(";".to_owned())]);
        let written = text(&[found], Look { show_secrets: true, width: 50, ..Look::default() });
        insta::assert_snapshot!(written, @"
        a

             high   X
              1:5   x, high confidence

                1 | key=x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x…
                  |     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
        ");
    }

    #[test]
    fn a_value_shown_keeps_to_its_first_line() {
        let mut found = finding("x", "X", "first\nsecond", vec![occurrence("a", 1, 1)]);
        found.snippet = Snippet(vec![Piece::Marked(found.secret.clone()), Piece::Text("\"".to_owned())]);
        let written = text(&[found], Look { show_secrets: true, ..Look::default() });
        assert!(written.contains("1 | first…\n") && written.contains("| ^^^^^^\n"), "{written}");
    }
}
