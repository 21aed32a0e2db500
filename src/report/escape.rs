//! Scanned content on its way to a screen: nothing in it may act on a terminal, on a reader's eyes, or on a CI system.
//!
//! Three dangers, three answers. Control characters would drive the terminal: they are written out (`\x1b`). Invisible and direction-changing
//! characters would make a line read as something it is not: written out too (`\u{202e}`). And CI runners execute lines of a job's output that
//! have a certain form, so whoever plants such a line in a repository commands the runner as soon as a scanner prints it: the character that
//! makes it a command is written out (`\x3a:error::`).

use std::borrow::Cow;
use std::fmt::Write as _;
use std::io;

/// What makes text a command anywhere in a line: to GitHub's runner of old and to Azure Pipelines, to the latter alone, to `TeamCity`.
const COMMANDS: [&str; 3] = ["##[", "##vso[", "##teamcity["];

/// `text` as one harmless line.
///
/// ```
/// use keysift::report::escape::line;
/// assert_eq!(line("a\x1b[31m\nb"), r"a\x1b[31m\nb");
/// assert_eq!(line("  ::error::x"), r"  \x3a:error::x");
/// ```
#[must_use]
pub fn line(text: &str) -> String {
    neutralise(&visible(text)).into_owned()
}

/// `text` with every character that does not stand for itself on a screen written out. Parts of a line pass through here; the whole line must
/// still pass through [`neutralise`], for a command may come together from harmless parts.
#[must_use]
pub fn visible(text: &str) -> Cow<'_, str> {
    if !text.chars().any(is_hidden) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        if is_hidden(c) { write_out(&mut out, c) } else { out.push(c) }
    }
    Cow::Owned(out)
}

/// A whole `line` of output with any CI command in it broken.
#[must_use]
pub fn neutralise(line: &str) -> Cow<'_, str> {
    let triggers = triggers(line);
    if triggers.is_empty() {
        return Cow::Borrowed(line);
    }
    let mut out = String::with_capacity(line.len() + 8);
    for (at, c) in line.char_indices() {
        if triggers.contains(&at) { write_out(&mut out, c) } else { out.push(c) }
    }
    Cow::Owned(out)
}

/// Offsets of the ASCII characters of `line` that make it, or a part of it, a CI command, in ascending order.
pub(super) fn triggers(line: &str) -> Vec<usize> {
    let mut at: Vec<usize> = hash_commands(line).collect();
    // GitHub trims a line before it looks for a command, as its runtime understands white space: all of Unicode's.
    let start = line.len() - line.trim_start().len();
    if line[start..].starts_with("::") {
        // Anything else that was found lies behind it.
        at.insert(0, start);
    }
    at
}

fn hash_commands(line: &str) -> impl Iterator<Item = usize> + '_ {
    let bytes = line.as_bytes();
    let is_command = |rest: &[u8]| COMMANDS.iter().any(|c| rest.get(..c.len()).is_some_and(|r| r.eq_ignore_ascii_case(c.as_bytes())));
    memchr::memchr_iter(b'#', bytes).filter(move |&at| is_command(&bytes[at..]))
}

/// Whether `c` does something other than show itself: controls (C0, DEL, C1), separators that break lines, and Unicode's format characters, which
/// are invisible and may turn the direction of text.
const fn is_hidden(c: char) -> bool {
    matches!(c,
        '\0'..='\x1f' | '\x7f'..='\u{9f}'
        | '\u{ad}' | '\u{600}'..='\u{605}' | '\u{61c}' | '\u{6dd}' | '\u{70f}' | '\u{890}'..='\u{891}' | '\u{8e2}' | '\u{180e}'
        | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}'
        | '\u{110bd}' | '\u{110cd}' | '\u{13430}'..='\u{1343f}' | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}'
        | '\u{e0000}'..='\u{e007f}')
}

/// Writes `c` so that it can be read.
pub(super) fn write_out(out: &mut String, c: char) {
    match c {
        '\n' => out.push_str("\\n"),
        '\r' => out.push_str("\\r"),
        '\t' => out.push_str("\\t"),
        _ if c.is_ascii() => write!(out, "\\x{:02x}", u32::from(c)).expect("a String takes everything"),
        _ => write!(out, "\\u{{{:x}}}", u32::from(c)).expect("a String takes everything"),
    }
}

/// Writes JSON that is as harmless on a screen as our text: the same characters as escapes, which a parser turns back. `::` needs no care here,
/// for no line of JSON begins with a string of somebody else's.
#[derive(Clone, Copy, Debug)]
pub(super) struct JsonFormatter;

impl serde_json::ser::Formatter for JsonFormatter {
    fn write_string_fragment<W: io::Write + ?Sized>(&mut self, writer: &mut W, fragment: &str) -> io::Result<()> {
        let mut commands = hash_commands(fragment).peekable();
        let mut plain = 0;
        for (at, c) in fragment.char_indices() {
            let command = commands.next_if_eq(&at).is_some();
            if !command && !is_hidden(c) {
                continue;
            }
            writer.write_all(&fragment.as_bytes()[plain..at])?;
            for unit in c.encode_utf16(&mut [0; 2]) {
                write!(writer, "\\u{unit:04x}")?;
            }
            plain = at + c.len_utf8();
        }
        writer.write_all(&fragment.as_bytes()[plain..])
    }
}

/// Writes `value` as JSON on one line, without the line's end.
pub(super) fn write_json<T: serde::Serialize>(value: &T, out: &mut dyn io::Write) -> io::Result<()> {
    let mut serializer = serde_json::Serializer::with_formatter(out, JsonFormatter);
    value.serialize(&mut serializer).map_err(io::Error::from)
}

#[cfg(test)]
pub(super) mod tests {
    use super::{line, visible, write_json};
    use proptest::prelude::*;

    /// What no line of ours may be or hold, said once more in other words than the code's.
    pub fn assert_harmless(line: &str) {
        for c in line.chars() {
            assert!(!c.is_control(), "control {c:?} in {line:?}");
            assert!(!('\u{200b}'..='\u{200f}').contains(&c) && !('\u{2028}'..='\u{202e}').contains(&c), "{c:?} in {line:?}");
            assert!(!('\u{2066}'..='\u{2069}').contains(&c) && c != '\u{feff}', "{c:?} in {line:?}");
        }
        let folded = line.to_ascii_lowercase();
        assert!(!folded.trim_start().starts_with("::"), "a GitHub command: {line:?}");
        for command in ["##[", "##vso[", "##teamcity["] {
            assert!(!folded.contains(command), "{command} in {line:?}");
        }
    }

    /// Strings that come near the things we fear more often than random ones do.
    pub fn nasty() -> impl Strategy<Value = String> {
        let part = prop_oneof![
            Just("::".to_owned()),
            Just("##".to_owned()),
            Just("#".to_owned()),
            Just("[".to_owned()),
            Just("vso[".to_owned()),
            Just("TeamCity[".to_owned()),
            Just("\u{1b}]8;;x\u{7}".to_owned()),
            Just("\u{202e}".to_owned()),
            Just("\u{3000}".to_owned()),
            Just("\r\n".to_owned()),
            "[ \t]{0,3}",
            any::<char>().prop_map(String::from),
            "[a-z0-9 _=/.-]{0,24}",
        ];
        proptest::collection::vec(part, 0..12).prop_map(|parts| parts.concat())
    }

    #[test]
    fn ordinary_text_stays_as_it_is() {
        for text in ["", "path/to/file.env", "Größe 東京 🎉", "a::b", "# [x] ## heading", "C:\\x1b"] {
            assert_eq!(line(text), text);
        }
    }

    #[test]
    fn what_acts_is_written_out() {
        assert_eq!(line("\u{1b}[2J\u{9b}2J\u{7f}"), r"\x1b[2J\u{9b}2J\x7f");
        assert_eq!(line("user\u{202e}nimda\u{2066}"), r"user\u{202e}nimda\u{2066}");
        assert_eq!(line("\u{3000}\u{a0} ::set-output name=x::y"), "\u{3000}\u{a0} \\x3a:set-output name=x::y");
        assert_eq!(line("x ##VSO[task.complete] ###[group]"), r"x \x23#VSO[task.complete] #\x23#[group]");
        assert_eq!(line("##teamcity[buildStop]"), r"\x23#teamcity[buildStop]");
        assert_eq!(line("a\nb\tc"), r"a\nb\tc");
    }

    proptest! {
        #[test]
        fn no_line_acts(text in nasty()) {
            assert_harmless(&line(&text));
        }

        #[test]
        fn what_is_visible_stays_visible(text in nasty()) {
            let once = visible(&text).into_owned();
            prop_assert_eq!(visible(&once).into_owned(), once.clone());
            prop_assert_eq!(line(&line(&text)), line(&text));
        }

        #[test]
        fn json_is_harmless_and_says_the_same(text in nasty()) {
            let mut out = Vec::new();
            write_json(&text, &mut out).unwrap();
            let out = String::from_utf8(out).unwrap();
            assert_harmless(&out);
            prop_assert_eq!(serde_json::from_str::<String>(&out).unwrap(), text);
        }
    }
}
