//! A line of the report in the making, and how wide text is on a terminal.

use std::io;

use anstyle::Style;

use super::super::escape;
use super::PLAIN;

/// A line in the making: harmless text, and which part of it looks how.
#[derive(Default)]
pub(super) struct Line {
    text: String,
    /// Ends in `text` with the style up to there.
    spans: Vec<(usize, Style)>,
}

impl Line {
    pub(super) fn new() -> Self {
        Self::default()
    }

    pub(super) fn with(mut self, style: Style, text: &str) -> Self {
        self.text.push_str(&escape::visible(text));
        self.spans.push((self.text.len(), style));
        self
    }

    /// Writes the line. Only here is it known whether its parts make a CI command together.
    pub(super) fn write(&self, out: &mut dyn io::Write, color: bool) -> io::Result<()> {
        let triggers = escape::triggers(&self.text);
        let mut from = 0;
        for &(to, style) in &self.spans {
            let mut part = String::with_capacity(to - from);
            for (at, c) in self.text[from..to].char_indices() {
                if triggers.binary_search(&(from + at)).is_ok() { escape::write_out(&mut part, c) } else { part.push(c) }
            }
            from = to;
            if color && !part.is_empty() && style != PLAIN {
                write!(out, "{style}{part}{style:#}")?;
            } else {
                out.write_all(part.as_bytes())?;
            }
        }
        out.write_all(b"\n")
    }
}

/// `text` in lines of at most `width` columns; a longer word, such as a link, stays whole.
pub(super) fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    let mut used = 0;
    for word in text.split_whitespace() {
        let word = escape::visible(word);
        let columns: usize = word.chars().map(width_of).sum();
        match lines.last_mut() {
            Some(line) if used + 1 + columns <= width => {
                line.push(' ');
                line.push_str(&word);
                used += 1 + columns;
            }
            _ => {
                lines.push(word.into_owned());
                used = columns;
            }
        }
    }
    lines
}

/// Columns a terminal gives to `c`: two for East Asian wide characters and emoji, none for marks that combine. Near enough to put a mark under
/// a value; exact tables would change with every Unicode version.
pub(super) const fn width_of(c: char) -> usize {
    match c {
        '\u{300}'..='\u{36f}'
        | '\u{1ab0}'..='\u{1aff}'
        | '\u{1dc0}'..='\u{1dff}'
        | '\u{20d0}'..='\u{20ff}'
        | '\u{fe00}'..='\u{fe0f}'
        | '\u{fe20}'..='\u{fe2f}' => 0,
        '\u{1100}'..='\u{115f}'
        | '\u{2e80}'..='\u{303e}'
        | '\u{3041}'..='\u{a4cf}'
        | '\u{ac00}'..='\u{d7a3}'
        | '\u{f900}'..='\u{faff}'
        | '\u{fe30}'..='\u{fe6f}'
        | '\u{ff00}'..='\u{ff60}'
        | '\u{ffe0}'..='\u{ffe6}'
        | '\u{1f300}'..='\u{1f64f}'
        | '\u{1f680}'..='\u{1f6ff}'
        | '\u{1f900}'..='\u{1faff}'
        | '\u{20000}'..='\u{3fffd}' => 2,
        _ => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::wrap;

    #[test]
    fn text_is_wrapped_at_words() {
        assert_eq!(wrap("one two  three\nfour", 9), ["one two", "three", "four"]);
        assert_eq!(wrap("see https://example.com/long now", 8), ["see", "https://example.com/long", "now"]);
        assert_eq!(wrap("", 9), [""; 0]);
    }
}
