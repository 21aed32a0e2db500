//! Values in columns: SQL's `INSERT INTO t (a, b) VALUES (…)`, and tables of comma-separated values (RFC 4180) with a line of names.

use std::ops::Range;

use super::prose::random_word;
use super::{MAX_NAME, Quote};

/// Bytes of a list of names to each side of one of them.
const MAX_LIST: usize = 8 * MAX_NAME;

/// The number of the column that `name` is in a list of names in parentheses, and where the list ends.
fn listed(bytes: &[u8], name: &Range<usize>, line_end: usize) -> Option<(usize, usize)> {
    // Nearly always it is not.
    let next = bytes[name.end..line_end].iter().take(3).find(|b| !b" `\"]".contains(b))?;
    if !matches!(next, b',' | b')') {
        return None;
    }
    let is_list = |b: &u8| b.is_ascii_alphanumeric() || b"_, `\"[].$".contains(b);
    let behind = &bytes[name.end..line_end.min(name.end + MAX_LIST)];
    let close = behind.iter().position(|b| !is_list(b)).filter(|&i| behind[i] == b')')?;
    let before = &bytes[name.start.saturating_sub(MAX_LIST)..name.start];
    let open = before.iter().rposition(|b| !is_list(b)).filter(|&i| before[i] == b'(')?;
    Some((memchr::memchr_iter(b',', &before[open..]).count(), name.end + close + 1))
}

/// What follows the word `VALUES` at the begin of `text`.
fn values(text: &[u8]) -> Option<&[u8]> {
    const VALUES: usize = b"VALUES".len();
    let text = text.trim_ascii_start();
    text.get(..VALUES).filter(|word| word.eq_ignore_ascii_case(b"VALUES")).map(|_| text[VALUES..].trim_ascii())
}

/// The values in parentheses that are inserted on the line of their names, and which of them goes into the column `name`.
pub fn inserted(bytes: &[u8], name: &Range<usize>, line_end: usize) -> Option<(Range<usize>, usize)> {
    let (column, end) = listed(bytes, name, line_end)?;
    let behind = values(&bytes[end..line_end])?;
    if behind.is_empty() {
        return None;
    }
    let at = end + memchr::memchr(b'(', &bytes[end..line_end])?;
    Some((at..line_end, column))
}

/// What follows the values in parentheses at the begin of `line`, where those are followed by others.
pub fn next_values(bytes: &[u8], line: Range<usize>) -> Option<Range<usize>> {
    let mut quote = None;
    let close = line.clone().find(|&i| match (quote, bytes[i]) {
        (None, b @ (b'\'' | b'"')) => {
            quote = Some(b);
            false
        }
        (Some(open), b) if b == open => {
            quote = None;
            false
        }
        (None, b')') => true,
        _ => false,
    })?;
    let behind = bytes[close + 1..line.end].trim_ascii_start().strip_prefix(b",")?.trim_ascii_start();
    behind.starts_with(b"(").then(|| line.end - behind.len()..line.end)
}

/// The value in the second column of a table of two, `name` being in the first: `api_token,…`. Nothing but its look tells, so it must look random.
pub fn beside(bytes: &[u8], name: &Range<usize>, line_end: usize) -> Option<Range<usize>> {
    let begins = name.start == 0 || matches!(bytes[name.start - 1], b'\n' | b'\r');
    let behind = bytes[name.end..line_end].strip_prefix(b",").filter(|behind| begins && random_word(behind))?;
    Some(name.end + 1..name.end + 1 + behind.trim_ascii_end().len())
}

/// The number of the column `name`, where the values begin on the line below.
pub fn above(bytes: &[u8], name: &Range<usize>, line_end: usize) -> Option<usize> {
    let (column, end) = listed(bytes, name, line_end)?;
    values(&bytes[end..line_end]).filter(|behind| behind.is_empty()).map(|_| column)
}

/// The literal in this `column` of the values in parentheses at the begin of `line`.
pub fn of_values(bytes: &[u8], line: Range<usize>, column: usize) -> Option<(Range<usize>, Quote)> {
    let mut at = line.start + bytes[line.clone()].strip_prefix(b"(").map(|_| 1)?;
    for _ in 0..column {
        at = field(bytes, at..line.end, b',').1? + 1;
    }
    at += bytes[at..line.end].iter().take_while(|&&b| b == b' ').count();
    let (value, _) = field(bytes, at..line.end, b',');
    // National and escape strings.
    let at = at + usize::from(matches!(bytes.get(at), Some(b'N' | b'E')));
    bytes.get(at).filter(|&&b| b == b'\'')?;
    let end = value.start + bytes[value].iter().rposition(|&b| b == b'\'')?;
    // A line may be cut within a literal, whose only quote is the first.
    (end > at + 1).then_some((at + 1..end, Quote::Single))
}

/// The field at the begin of `range`, and where the sign stands that `separates` it from the next one. Quoted ones may hold it.
fn field(bytes: &[u8], range: Range<usize>, separates: u8) -> (Range<usize>, Option<usize>) {
    let mut quote = None;
    for i in range.clone() {
        match (quote, bytes[i]) {
            (None, b @ (b'\'' | b'"')) => quote = Some(b),
            (Some(open), b) if b == open => quote = None,
            (None, b) if b == separates || b == b')' && separates == b',' && bytes[range.start] == b'\'' => {
                return (range.start..i, (b == separates).then_some(i));
            }
            _ => {}
        }
    }
    (range, None)
}

/// What parts the cells of a table in Markdown.
const BAR: u8 = b'|';

/// A line that names the columns of a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Header {
    separator: u8,
    column: usize,
    columns: usize,
}

/// The line of `name`, which ends at `line_end`, as a line of names. Code has spaces behind its commas, tables have not.
pub fn header(bytes: &[u8], name: &Range<usize>, line_end: usize) -> Option<Header> {
    // Nearly none is, and what follows the name tells.
    let behind = &bytes[name.end..line_end];
    let parted = behind.iter().find(|b| !(b.is_ascii_alphanumeric() || b"_-. \"".contains(b)));
    if !parted.is_none_or(|b| matches!(b, b',' | b';' | b'\t')) && !behind.trim_ascii_end().ends_with(b"|") {
        return None;
    }
    let from = name.start.saturating_sub(MAX_LIST);
    let start = memchr::memrchr2(b'\n', b'\r', &bytes[from..name.start]).map_or(from, |i| from + i + 1);
    // A line cut off might have had more columns.
    if start == from && from > 0 {
        return None;
    }
    let line = &bytes[start..line_end];
    let separator = heading(line)?;
    let count = |text: &[u8]| memchr::memchr_iter(separator, text).count();
    // Lists of words have two columns as well.
    if separator == b'\t' && count(line) == 1 && !names_user(line) {
        return None;
    }
    Some(Header { separator, column: count(&bytes[start..name.start]), columns: count(line) + 1 })
}

/// Whether `line` names whose passwords stand below.
fn names_user(line: &[u8]) -> bool {
    const WHOSE: [&[u8]; 9] = [b"user", b"login", b"name", b"mail", b"account", b"host", b"site", b"url", b"id"];
    let lower = line.to_ascii_lowercase();
    WHOSE.iter().any(|word| memchr::memmem::find(&lower, word).is_some())
}

/// What separates the names of which `line` consists.
pub fn heading(line: &[u8]) -> Option<u8> {
    if let Some(cells) = line.trim_ascii().strip_prefix(b"|").and_then(|cells| cells.strip_suffix(b"|")) {
        let is_name =
            |cell: &[u8]| cell.iter().all(|b| b.is_ascii_alphanumeric() || b"_-. *`()/".contains(b)) && !cell.trim_ascii().is_empty();
        return (cells.contains(&BAR) && cells.split(|&b| b == BAR).all(is_name)).then_some(BAR);
    }
    let separator = *line.iter().find(|b| matches!(b, b',' | b';' | b'\t'))?;
    let is_name = |part: &[u8]| {
        let inner = part.strip_prefix(b"\"").and_then(|p| p.strip_suffix(b"\"")).unwrap_or(part);
        let words = inner.iter().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.' | b' '));
        words && !inner.starts_with(b" ") && inner.first().is_some_and(u8::is_ascii_alphabetic)
    };
    line.split(|&b| b == separator).all(is_name).then_some(separator)
}

impl Header {
    /// Whether `line` may be one of the table's.
    pub fn is_row(self, line: &[u8]) -> bool {
        memchr::memchr(self.separator, line).is_some()
    }

    /// Whether a line of hyphens stands below the names, as in Markdown.
    pub const fn is_ruled(self) -> bool {
        self.separator == BAR
    }

    /// Where `line` ends, if it is that of hyphens.
    pub fn below_rule(self, bytes: &[u8], line: Range<usize>) -> Option<usize> {
        let text = &bytes[line.clone()];
        let is_rule = text.contains(&b'-') && text.iter().all(|b| matches!(b, b'|' | b'-' | b':' | b' '));
        (is_rule && memchr::memchr_iter(BAR, text).count() + 1 == self.columns && line.end < bytes.len()).then_some(line.end)
    }

    /// The cell of this column in `line`, without what marks it as code.
    fn cell(self, bytes: &[u8], line: Range<usize>) -> Option<(Range<usize>, Quote)> {
        let text = &bytes[line.clone()];
        let mut bars = memchr::memchr_iter(BAR, text);
        let start = bars.nth(self.column.checked_sub(1)?)? + 1;
        let end = bars.next()?;
        let cell = text[start..end].trim_ascii();
        let start = line.start + start + (text[start..end].len() - text[start..end].trim_ascii_start().len());
        let inner = cell.strip_prefix(b"`").and_then(|cell| cell.strip_suffix(b"`"));
        let (value, quote) =
            inner.map_or((start..start + cell.len(), Quote::None), |inner| (start + 1..start + 1 + inner.len(), Quote::Back));
        (bars.count() + self.column + 2 == self.columns && !value.is_empty()).then_some((value, quote))
    }

    /// The field of this column in `line`, where that has as many of them.
    pub fn field(self, bytes: &[u8], line: Range<usize>) -> Option<(Range<usize>, Quote)> {
        if self.is_ruled() {
            return self.cell(bytes, line);
        }
        let (mut at, mut found, mut columns) = (line.start, None, 0);
        loop {
            let (value, next) = field(bytes, at..line.end, self.separator);
            if columns == self.column {
                found = Some(value);
            }
            columns += 1;
            match next {
                Some(separator) => at = separator + 1,
                None => break,
            }
        }
        let value = found.filter(|value| columns == self.columns && !value.is_empty())?;
        let text = &bytes[value.clone()];
        if text.len() > 2 && text.starts_with(b"\"") && text.ends_with(b"\"") {
            return Some((value.start + 1..value.end - 1, Quote::Double));
        }
        Some((value, Quote::None))
    }
}
