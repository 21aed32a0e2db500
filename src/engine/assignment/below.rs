//! Values on the line below their name: formatters break long lines, XML and YAML put texts on lines of their own.
//!
//! Which names have their value below is told by their own line alone ([`Below::of`]); what it is depends on the next lines, too. That
//! parting is what delta-aware scanning needs: see [`crate::engine`]'s `inherit`.

use std::ops::Range;

use super::super::window::last_line;
use super::column::{self, Header};
use super::members;
use super::operator::{named_value, opened, own_quotes, wrapped};
use super::value::value;
use super::{MAX_LINE, MAX_VALUE, Operator, Quote, end_of_line, ends_with_ignore_case};

/// Bytes behind a name within which its line must end.
const MAX_REST: usize = 128;
/// Bytes of indentation.
const MAX_INDENT: usize = 120;
/// How far behind a name its column is read, in bytes.
pub const REACH_OF_COLUMN: usize = 15 * 1024;
/// How far behind its name any other value below is read, in bytes, with the line behind it.
pub const REACH: usize = MAX_REST + 8 * MAX_INDENT + MAX_VALUE + 64;

/// What the line of a name says about the value below it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Below {
    form: Form,
    /// Where the name's line ends.
    line_end: usize,
}

/// How a value below is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    /// A quoted literal behind an operator.
    Literal(Operator),
    /// The same behind a bare name with a colon, or the value that a mapping has under a name of its own: `X:` above `value: "…"`.
    Mapped,
    /// An option and its value, each an item of a list: `- --token` above `- …`.
    Argument,
    /// An operator, and a quoted literal behind it.
    Assigned,
    /// `name: X` above `value: "…"`.
    Pair,
    /// An object that has the value under a name of its own: `"X": {` above `"value": "…"`, in outputs of Terraform and parameters of Azure; its type, and what else
    /// is told in a word, may come first.
    Object,
    /// A block of Terraform, which says in one of its lines what the variable is where it is not set.
    Variable,
    /// A block of YAML of one line.
    Scalar,
    /// The text of an element.
    Element,
    /// The text of the element behind that of the name: `<key>X</key>` above `<string>…</string>`.
    Twin,
    /// The value in the same column of a list of values: `VALUES` ends the line.
    Inserted(usize),
    /// The same, where the first of them stands on the name's line, which goes on.
    Begun(usize),
    /// The field in the same column of a table: a line of names above lines of values.
    Field(Header),
    /// Nothing but a made value, below a line that is nothing but its label, as notes have them: `API token` above it. With a colon it may be a key of what
    /// is broken into lines, too: of a literal, or of what is declared in a template of CloudFormation.
    Label { colon: bool },
    /// Nothing but a made value, below a command that prints it: `$ argocd admin initial-password`.
    Printed,
    /// The members of a list, of which none is the value of the name itself.
    Members,
    /// The first of a list of pairs, as Postman keeps keys: `"apikey": [` above `{`, `"key": "value",`, `"value": "…"`.
    Pairs,
}

impl Below {
    /// Whether the line of `name` ends so that its value stands below.
    pub fn of(bytes: &[u8], name: &Range<usize>) -> Option<Self> {
        let rest = &bytes[name.end..(name.end + MAX_REST).min(bytes.len())];
        let end = memchr::memchr2(b'\n', b'\r', rest)?;
        let (lead, quoted) = own_quotes(&rest[..end]);
        let tail = rest[lead..end].trim_ascii();
        let before = last_line(&bytes[name.start.saturating_sub(64)..name.start]);
        let form = match tail {
            _ if is_command(bytes, name, tail) => Form::Printed,
            b"" if is_named(before) => Form::Pair,
            b"" if is_argument(before, &bytes[name.clone()]) => Form::Argument,
            // The last column of a table ends its line of names.
            b"" if !quoted => match column::header(bytes, name, name.end + end) {
                Some(header) => Form::Field(header),
                None if is_label(bytes, name) => Form::Label { colon: false },
                None => Form::Assigned,
            },
            b":" if !quoted && is_label(bytes, name) => Form::Label { colon: true },
            // `Use the following password to proceed:` above it.
            [words @ .., b':'] if !quoted && announces(bytes, name, words) => Form::Label { colon: false },
            [words @ .., b'.' | b'!'] if !quoted && tells_of_new(words) && announces(bytes, name, words) => Form::Label { colon: false },
            b": [" if quoted && ends_with_ignore_case(&bytes[name.clone()], b"apikey") => Form::Pairs,
            b"," if quoted => {
                if is_named(before) {
                    Form::Pair
                } else {
                    Form::Literal(Operator::Argument)
                }
            }
            b">" if quoted || before.ends_with(b"<") => Form::Element,
            [attributes @ .., b'>'] if before.ends_with(b" name=\"") && opens_text(attributes) => Form::Element,
            b"</key>" | b"</name>" | b"</string>" | b"</param-name>" | b"</env-entry-name>" => Form::Twin,
            b": |" | b": |-" | b": |+" | b": >" | b": >-" | b": >+" => Form::Scalar,
            b":" if quoted => Form::Literal(Operator::Colon),
            b":" => Form::Mapped,
            b": [" | b":[" => Form::Literal(Operator::Colon),
            b"= [" | b"=[" | b"=> [" => Form::Literal(Operator::Assign),
            b"(" => Form::Literal(Operator::Argument),
            b"{" if before.ends_with(b"variable \"") => Form::Variable,
            b": {" | b":{" if quoted => Form::Object,
            b"{" => Form::Literal(Operator::Assign),
            b"||" | b"??" | b"=>" | b"= (" | b"=(" => Form::Literal(Operator::Assign),
            // Behind a letter or digit it is the padding of a value in base 64.
            [head @ .., b'=']
                if !head.last().is_some_and(u8::is_ascii_alphanumeric)
                    && head.iter().all(|b| b.is_ascii_alphanumeric() || b" _:.?|&<>[]*'".contains(b)) =>
            {
                Form::Literal(Operator::Assign)
            }
            _ => column::above(bytes, name, name.end + end)
                .map(Form::Inserted)
                .or_else(|| column::header(bytes, name, name.end + end).map(Form::Field))
                .or_else(|| begun(bytes, name, name.end + end).map(Form::Begun))
                .or_else(|| members::goes_on(bytes, name).then_some(Form::Members))?,
        };
        Some(Self { form, line_end: name.end + end })
    }

    /// Whether the value may stand beside the name all the same: a line of a table in Markdown is one of names only where a rule is below it, and a
    /// command may be given the value.
    pub const fn may_be_beside(&self) -> bool {
        matches!(self.form, Form::Printed | Form::Begun(_)) || matches!(self.form, Form::Field(header) if header.is_ruled())
    }

    /// How far behind the name its values are read, in bytes.
    pub const fn reach(&self) -> usize {
        if matches!(self.form, Form::Inserted(_) | Form::Begun(_) | Form::Field(_)) { REACH_OF_COLUMN } else { REACH }
    }

    /// The rows behind the first one, where the value is one of a column.
    pub fn rows(self, bytes: &[u8], name: &Range<usize>) -> Rows {
        let limit = (name.end + REACH_OF_COLUMN - 2).min(bytes.len());
        let rows = |of| Rows { of, rest: None, line_end: Some(self.line_end), limit };
        let mut rows = match self.form {
            Form::Begun(column) => {
                let rest = column::inserted(bytes, name, self.line_end).and_then(|(line, _)| column::next_values(bytes, line));
                return Rows { rest, ..rows(Of::Values(column)) };
            }
            Form::Inserted(column) => rows(Of::Values(column)),
            Form::Field(header) => rows(Of::Table(header)),
            _ => return Rows::none(),
        };
        let Some(first) = rows.line(bytes) else { return rows };
        match rows.of {
            Of::Values(_) => rows.behind_values(bytes, first),
            // The first one stands below the rule under the names.
            Of::Table(header) if header.is_ruled() => match header.below_rule(bytes, first) {
                Some(_) => drop(rows.line(bytes)),
                None => return Rows::none(),
            },
            Of::Table(_) => {}
        }
        rows
    }

    /// The value below, its quotes and operator.
    pub fn read(self, bytes: &[u8]) -> Option<(Range<usize>, Quote, Operator)> {
        const MOST: usize = MAX_VALUE + MAX_INDENT;
        let behind_empty = || {
            let end = self.line_end + if bytes[self.line_end..].starts_with(b"\r\n") { 2 } else { 1 };
            let is_empty = matches!(self.form, Form::Label { .. }) && matches!(bytes.get(end), Some(b'\n' | b'\r'));
            is_empty.then(|| line_below(bytes, end, MOST)).flatten()
        };
        let mut line = line_below(bytes, self.line_end, MOST).or_else(behind_empty)?;
        // A block of code in Markdown.
        if matches!(self.form, Form::Label { .. }) && bytes[line.clone()].starts_with(b"```") && line.len() < 16 {
            line = line_below(bytes, line.end, MOST)?;
        }
        // What is told about it stands between the two.
        if matches!(self.form, Form::Pair | Form::Twin | Form::Mapped) && is_remark(&bytes[line.clone()]) {
            line = line_below(bytes, line.end, MOST)?;
        }
        let text = &bytes[line.clone()];
        let literal = |at: usize, end: usize, operator| {
            let at = at + wrapped(&bytes[at..end], operator);
            value(bytes, at, end).filter(|v| v.1 != Quote::None).map(|(v, q)| (v, q, operator))
        };
        match self.form {
            Form::Literal(operator) => literal(line.start + item(text), line.end, operator),
            Form::Mapped => mapped(bytes, line, text),
            Form::Members | Form::Begun(_) => None,
            Form::Argument => {
                let at = line.start + item(text);
                let (found, quote) = value(bytes, at, line.end).filter(|(found, _)| at > line.start && bytes[found.start] != b'-')?;
                let alone = quote != Quote::None || bytes[found.end..line.end].trim_ascii().is_empty();
                alone.then_some((found, quote, Operator::Option))
            }
            Form::Pairs => pairs(bytes, &line).map_or_else(
                || literal(line.start + item(text), line.end, Operator::Colon),
                |(line, at)| literal(at, line.end, Operator::Assign),
            ),
            // A commit has forty hex digits.
            Form::Printed => {
                labelled(bytes, line, text, false).filter(|(v, ..)| v.len() != 40 || !bytes[v.clone()].iter().all(u8::is_ascii_hexdigit))
            }
            Form::Label { colon: true } => mapped(bytes, line.clone(), text).or_else(|| labelled(bytes, line, text, true)),
            Form::Label { colon: false } if !text.starts_with(b"=") && !text.starts_with(b":=") => labelled(bytes, line, text, false),
            Form::Assigned | Form::Label { .. } => {
                let behind = text.strip_prefix(b":=").or_else(|| text.strip_prefix(b"="))?;
                literal(line.end - behind.trim_ascii_start().len(), line.end, Operator::Assign)
            }
            Form::Variable => default(bytes, self.line_end).and_then(|at| {
                let end = end_of_line(bytes, at, MAX_VALUE);
                value(bytes, at, end).filter(|v| v.1 == Quote::Double).map(|(v, q)| (v, q, Operator::Assign))
            }),
            Form::Inserted(column) => column::of_values(bytes, line, column).map(|(v, q)| (v, q, Operator::Assign)),
            Form::Field(header) => {
                let line = if header.is_ruled() {
                    header.below_rule(bytes, line).and_then(|end| line_below(bytes, end, MAX_VALUE))?
                } else {
                    line
                };
                header.field(bytes, line).map(|(v, q)| (v, q, Operator::Assign))
            }
            Form::Pair => {
                // A parameter of AWS tells its type first.
                let is_type = text.starts_with(b"type ") && text.len() <= MAX_INDENT;
                let line = if is_type { line_below(bytes, line.end, MAX_VALUE + MAX_INDENT)? } else { line };
                let text = &bytes[line.clone()];
                let at = line.start + named_value(text)?;
                let (found, quote) = value(bytes, at, line.end)?;
                let alone = quote != Quote::None || bytes[found.end..line.end].trim_ascii().is_empty();
                alone.then_some((found, quote, Operator::Assign))
            }
            Form::Object => {
                let (line, at) = entry(bytes, line, b"")?;
                literal(at, line.end, Operator::Assign)
            }
            Form::Scalar => {
                let word = line.start..line.start + text.trim_ascii_end().len();
                let single = !bytes[word.clone()].iter().any(u8::is_ascii_whitespace);
                (single && !goes_on(bytes, self.line_end, &line)).then_some((word, Quote::None, Operator::Colon))
            }
            Form::Element => {
                // The text may stand in an element of its own: `<value>…</value>`.
                let (at, text) = opened(text).map_or((line.start, text), |len| (line.start + len, &text[len..]));
                let len = text.iter().position(|&b| b == b'<' || b.is_ascii_whitespace()).unwrap_or(text.len());
                let behind = &bytes[at + len..(at + len + MAX_INDENT).min(bytes.len())];
                (len > 0 && behind.trim_ascii_start().starts_with(b"</")).then(|| (at..at + len, Quote::None, Operator::Element))
            }
            Form::Twin => {
                let at = line.start + opened(text)?;
                let len = memchr::memchr(b'<', &bytes[at..line.end])?;
                (len > 0).then(|| (at..at + len, Quote::None, Operator::Element))
            }
        }
    }
}

/// Where the value of `Default: …` stands in a parameter of CloudFormation, the entries of which begin with `first` and are as much indented.
fn default_of(bytes: &[u8], first: &Range<usize>) -> Option<usize> {
    /// Entries of one parameter that are looked at.
    const ENTRIES: usize = 5;
    let indent = |line: &Range<usize>| bytes[..line.start].iter().rev().take_while(|b| matches!(b, b' ' | b'\t')).count();
    let next = |line: &Range<usize>| line_below(bytes, line.end, MAX_INDENT).filter(|line| indent(line) == indent(first));
    let entries = std::iter::successors(Some(first.clone()), next).take(ENTRIES);
    let (mut is_parameter, mut default) = (false, None);
    for line in entries {
        let text = &bytes[line.clone()];
        is_parameter |= text.starts_with(b"Type: String") || text.starts_with(b"NoEcho: ");
        default = default.or_else(|| text.strip_prefix(b"Default: ").map(|value| line.end - value.len()));
        if is_parameter && default.is_some() {
            return default;
        }
    }
    None
}

/// Whether the line of `name`, up to its end, is no more than a few words: what stands in notes above a value.
fn is_label(bytes: &[u8], name: &Range<usize>) -> bool {
    line_before(bytes, name, 40).is_some_and(|words| words.iter().all(|&b| b.is_ascii_alphanumeric() || b" #*-_.".contains(&b)))
        && bytes[name.clone()].iter().all(|&b| b.is_ascii_alphabetic() || b"_-".contains(&b))
}

/// Whether the line of `name`, which goes on with `tail`, is a command at a shell's prompt, as terminals show it: `$ …`, `root@host:~# …`.
fn is_command(bytes: &[u8], name: &Range<usize>, tail: &[u8]) -> bool {
    // Most names stand before one: told without a look at their line.
    if memchr::memchr(b'=', tail).is_some() {
        return false;
    }
    let Some(line) = line_before(bytes, name, 160) else { return false };
    let is_prompt = |at: usize| match &line[at..] {
        [b'$' | b'%', b' ', ..] => true,
        [b'#', b' ', ..] => at > 0,
        _ => false,
    };
    let lead = line.iter().take_while(|&&b| b.is_ascii_alphanumeric() || b"@:~/._-[]() ".contains(&b)).count();
    lead < line.len() && is_prompt(lead)
}

/// Whether the line of `name`, which goes on with `words` and a colon, is a sentence that announces a value.
fn announces(bytes: &[u8], name: &Range<usize>, words: &[u8]) -> bool {
    let is_prose = |text: &[u8]| text.iter().all(|&b| b.is_ascii_alphanumeric() || !b.is_ascii() || b" #*-_.,'`!/()[]".contains(&b));
    let begins = |before: &[u8]| if words.is_empty() { before.ends_with(b" ") } else { before.is_empty() || before.ends_with(b" ") };
    (words.is_empty() || bytes[name.end] == b' ')
        && is_prose(words)
        && line_before(bytes, name, 80).is_some_and(|before| begins(before) && is_prose(before))
        && bytes[name.clone()].iter().all(u8::is_ascii_alphabetic)
}

/// Whether a sentence with these `words` behind the name tells that there is a new value.
fn tells_of_new(words: &[u8]) -> bool {
    const VERBS: [&[u8]; 5] = [b"created", b"generated", b"issued", b"regenerated", b"rotated"];
    words.split(|b| !b.is_ascii_alphabetic()).any(|word| VERBS.iter().any(|verb| word.eq_ignore_ascii_case(verb)))
}

/// What stands on its line before `name`, if that is less than `most` bytes.
pub fn line_before<'b>(bytes: &'b [u8], name: &Range<usize>, most: usize) -> Option<&'b [u8]> {
    let before = &bytes[name.start.saturating_sub(most)..name.start];
    let start = memchr::memrchr2(b'\n', b'\r', before).map(|i| i + 1).or((before.len() < most).then_some(0))?;
    Some(&before[start..])
}

/// Whether `word` is one that machines make, and nothing beside it.
fn is_made(word: &[u8]) -> bool {
    let count = |is: fn(&u8) -> bool| word.iter().filter(|b| is(b)).count();
    word.len() >= 16
        && word.iter().all(|&b| b.is_ascii_alphanumeric() || b"_-+/=.".contains(&b))
        && count(u8::is_ascii_digit) >= 3
        && count(u8::is_ascii_alphabetic) >= 3
}

/// The values of one column, row by row.
#[derive(Clone, Debug)]
pub struct Rows {
    of: Of,
    /// What is left of a line.
    rest: Option<Range<usize>>,
    /// Where the line ends above the next one.
    line_end: Option<usize>,
    limit: usize,
}

/// What the rows are.
#[derive(Clone, Copy, Debug)]
enum Of {
    /// Values in parentheses.
    Values(usize),
    /// Lines of a table.
    Table(Header),
}

/// A value in a row.
#[derive(Clone, Debug)]
pub struct Row {
    /// The row, as far as its line goes.
    pub line: Range<usize>,
    /// The value, without its quotes.
    pub value: Range<usize>,
    /// The quotes.
    pub quote: Quote,
}

impl Row {
    /// Whether it may name columns itself.
    pub fn is_heading(&self, bytes: &[u8]) -> bool {
        column::heading(&bytes[self.line.clone()]).is_some()
    }
}

impl Rows {
    /// No rows.
    pub const fn none() -> Self {
        Self { of: Of::Values(0), rest: None, line_end: None, limit: 0 }
    }

    /// Those behind the first of the values that are inserted on the line of `name`.
    pub fn beside(bytes: &[u8], name: &Range<usize>) -> Self {
        let inserted = column::inserted(bytes, name, end_of_line(bytes, name.end, MAX_LINE));
        inserted.map_or_else(Self::none, |(line, column)| Self {
            of: Of::Values(column),
            rest: column::next_values(bytes, line),
            line_end: None,
            limit: 0,
        })
    }

    /// Whether there is nowhere to look for one.
    pub const fn is_none(&self) -> bool {
        self.rest.is_none() && self.line_end.is_none()
    }

    /// The next line.
    fn line(&mut self, bytes: &[u8]) -> Option<Range<usize>> {
        let line = line_below(bytes, self.line_end.take()?, MAX_VALUE + MAX_INDENT).filter(|line| line.end <= self.limit)?;
        self.line_end = Some(line.end).filter(|&end| end < self.limit && matches!(bytes[end], b'\n' | b'\r'));
        Some(line)
    }

    /// Goes on behind the values in parentheses at the begin of `line`; only a comma leads to the next line.
    fn behind_values(&mut self, bytes: &[u8], line: Range<usize>) {
        if !bytes[line.clone()].trim_ascii_end().ends_with(b",") {
            self.line_end = None;
        }
        self.rest = column::next_values(bytes, line);
    }

    /// The value in the next row that has one.
    pub fn next(&mut self, bytes: &[u8]) -> Option<Row> {
        loop {
            let line = match self.rest.take() {
                Some(rest) => rest,
                None => self.line(bytes)?,
            };
            match self.of {
                Of::Table(header) => {
                    if let Some((value, quote)) = header.field(bytes, line.clone()) {
                        return Some(Row { line, value, quote });
                    }
                    // A field may be empty; what has no fields is no row.
                    if !header.is_row(&bytes[line]) {
                        self.line_end = None;
                    }
                }
                Of::Values(column) => {
                    if !bytes[line.clone()].starts_with(b"(") {
                        self.line_end = None;
                        continue;
                    }
                    self.behind_values(bytes, line.clone());
                    if let Some((value, quote)) = column::of_values(bytes, line.clone(), column) {
                        return Some(Row { line, value, quote });
                    }
                }
            }
        }
    }
}

/// The number of the column `name`, where the first of the values stand on its line and others below.
fn begun(bytes: &[u8], name: &Range<usize>, line_end: usize) -> Option<usize> {
    if !bytes[..line_end].trim_ascii_end().ends_with(b"),") {
        return None;
    }
    column::inserted(bytes, name, line_end).map(|(_, column)| column)
}

/// Whether `text`, a line, is a comment, or describes in an element what stands around it.
pub fn is_remark(text: &[u8]) -> bool {
    let text = text.trim_ascii_end();
    let is_between = |open: &[u8], close: &[u8]| text.starts_with(open) && text.ends_with(close);
    let is_told = is_between(b"<description>", b"</description>")
        || is_between(b"<!--", b"-->")
        || text.starts_with(b"# ")
        || text.starts_with(b"// ");
    is_told && text.len() <= 2 * MAX_INDENT
}

/// The literal on `line`, an item of a list or not, or the one that a mapping below holds under the name `value`.
fn mapped(bytes: &[u8], line: Range<usize>, text: &[u8]) -> Option<(Range<usize>, Quote, Operator)> {
    let (line, at) = if is_entry(text) { entry(bytes, line, b"value")? } else { (line.clone(), line.start + item(text)) };
    let (found, quote) = value(bytes, at, line.end).filter(|(_, quote)| *quote != Quote::None)?;
    // The first of a mapping below it is a name.
    let is_name = bytes[found.end + 1..line.end].trim_ascii_start().starts_with(b":");
    (!is_name).then_some((found, quote, Operator::Colon))
}

/// The line and place of the value in a list of pairs, the first of which begins on `line` and says that it is the key.
fn pairs(bytes: &[u8], line: &Range<usize>) -> Option<(Range<usize>, usize)> {
    let next = |line: &Range<usize>| line_below(bytes, line.end, MAX_VALUE);
    let says = |line: &Range<usize>, what: &[u8]| line.len() <= 40 && bytes[line.clone()].trim_ascii_end() == what;
    let key = next(line).filter(|key| says(line, b"{") && says(key, b"\"key\": \"value\","))?;
    let line = next(&key)?;
    let at = line.start + named_value(&bytes[line.clone()])?;
    Some((line, at))
}

/// What stands on the `line` below a label: a default of CloudFormation's, or a word that machines make.
fn labelled(bytes: &[u8], line: Range<usize>, text: &[u8], colon: bool) -> Option<(Range<usize>, Quote, Operator)> {
    if colon
        && text.len() <= MAX_INDENT
        && [&b"Type: "[..], b"NoEcho: ", b"Description: ", b"Default: "].iter().any(|entry| text.starts_with(entry))
    {
        let at = default_of(bytes, &line)?;
        return value(bytes, at, end_of_line(bytes, at, MAX_VALUE)).map(|(v, q)| (v, q, Operator::Colon));
    }
    let word = line.start..line.start + text.trim_ascii_end().len();
    // One below the other they are a list, of whatever.
    let next = || line_below(bytes, line.end, MAX_INDENT).filter(|_| line.end < bytes.len());
    let is_value = is_made(&bytes[word.clone()]) && !next().is_some_and(|next| is_made(bytes[next].trim_ascii_end()));
    is_value.then_some((word, Quote::None, Operator::Colon))
}

/// Whether `attributes` are the rest of a start tag that does not hold the value itself.
fn opens_text(attributes: &[u8]) -> bool {
    let has_value = [&b"value="[..], b"content="].iter().any(|word| memchr::memmem::find(attributes, word).is_some());
    !has_value && memchr::memchr3(b'<', b'>', b'/', attributes).is_none()
}

/// Bytes that make an item of a list of what follows.
fn item(text: &[u8]) -> usize {
    text.strip_prefix(b"- ").map_or(0, |rest| text.len() - rest.trim_ascii_start().len())
}

/// Whether `text` is an entry of a mapping, not a literal.
fn is_entry(text: &[u8]) -> bool {
    text.first().is_some_and(u8::is_ascii_alphabetic)
}

/// Where the entry of a mapping that holds a value stands, in `first` or behind up to three entries that hold a word each; its name begins with `word`.
fn entry(bytes: &[u8], first: Range<usize>, word: &[u8]) -> Option<(Range<usize>, usize)> {
    /// What may stand above the value.
    const LEAD: [&[u8]; 6] = [b"sensitive", b"type", b"description", b"expand", b"secure", b"required"];
    let mut line = first;
    for _ in 0..4 {
        let text = &bytes[line.clone()];
        if text.starts_with(word)
            && let Some(skipped) = named_value(text)
        {
            let at = line.start + skipped;
            return Some((line, at));
        }
        let name = text.strip_prefix(b"\"").unwrap_or(text);
        let is_lead = text.len() <= MAX_INDENT && LEAD.iter().any(|lead| name.starts_with(lead)) && !text.trim_ascii_end().ends_with(b"{");
        line = line_below(bytes, line.end, MAX_VALUE + MAX_INDENT).filter(|_| is_lead)?;
    }
    None
}

/// Whether `before` and `name` are an item of a list in YAML that is an option of a command line.
fn is_argument(before: &[u8], name: &[u8]) -> bool {
    name.starts_with(b"--")
        && before.ends_with(b"- ")
        && matches!(before.trim_ascii_end(), [.., b'\n' | b'\r' | b' ' | b'\t', b'-'] | [b'-'])
}

/// Whether `before` says that a name follows: `name: `, `"name": "`, `key="`.
pub fn is_named(before: &[u8]) -> bool {
    let before = before.trim_ascii_end();
    // The path of a parameter.
    let path = before.iter().rev().take_while(|b| b.is_ascii_alphanumeric() || b"/_-".contains(b)).count();
    let (rest, path) = before.split_at(before.len() - path);
    let before = if path.ends_with(b"/") && rest.ends_with(b"\"") { rest } else { before };
    let before = before.strip_suffix(b"\"").or_else(|| before.strip_suffix(b"'")).unwrap_or(before).trim_ascii_end();
    let Some(before) = before.strip_suffix(b":").or_else(|| before.strip_suffix(b"=")) else { return false };
    let before = before.trim_ascii_end();
    let before = before.strip_suffix(b"\"").or_else(|| before.strip_suffix(b"'")).unwrap_or(before);
    before.ends_with(b"name") || before.ends_with(b"key") || before.ends_with(b"Name") || before.ends_with(b"Key")
}

/// The line behind the one that ends at `end`, without its indentation and cut at `most` bytes.
pub fn line_below(bytes: &[u8], end: usize, most: usize) -> Option<Range<usize>> {
    let start = end + if bytes[end..].starts_with(b"\r\n") { 2 } else { 1 };
    let rest = bytes.get(start..(start + most).min(bytes.len()))?;
    let end = memchr::memchr2(b'\n', b'\r', rest).unwrap_or(rest.len());
    let indent = rest[..end].iter().take(MAX_INDENT).take_while(|b| matches!(b, b' ' | b'\t')).count();
    (indent < end).then_some(start + indent..start + end)
}

/// Where the value of `default = …` stands in the block whose first line ends at `end`.
fn default(bytes: &[u8], end: usize) -> Option<usize> {
    /// Bytes of the lines before it: a type and a description.
    const LEAD: usize = 320;
    let block = &bytes[end..bytes.len().min(end + LEAD)];
    let block = &block[..memchr::memchr(b'}', block).unwrap_or(block.len())];
    memchr::memmem::find_iter(block, b"default").find_map(|at| {
        let begins_line = block[..at].iter().rev().find(|b| !matches!(b, b' ' | b'\t')) == Some(&b'\n');
        let line = &block[at + b"default".len()..];
        let line = &line[..memchr::memchr(b'\n', line).unwrap_or(line.len())];
        let value = line.trim_ascii_start().strip_prefix(b"=")?.trim_ascii_start();
        begins_line.then(|| end + at + b"default".len() + line.len() - value.len())
    })
}

/// Whether a block, the first line of which is `first`, has another line: one that is as much indented.
fn goes_on(bytes: &[u8], above: usize, first: &Range<usize>) -> bool {
    let start = above + if bytes[above..].starts_with(b"\r\n") { 2 } else { 1 };
    line_below(bytes, first.end, MAX_INDENT + 1).filter(|_| first.end < bytes.len()).is_some_and(|next| {
        let begin = first.end + if bytes[first.end..].starts_with(b"\r\n") { 2 } else { 1 };
        next.start - begin >= first.start - start
    })
}
