//! Generic credentials: `name operator value`, parsed, for values that have no form of their own.
//!
//! The anchor is a word of the name (`passw`, `secret`, `token` …). From there the name is read to both sides, then an operator
//! (`operator`), then the value, on the same line or on the one `below`. What cannot be a credential is dropped here; how much the rest
//! looks like one [`super::classify`] says, and where it stands (quoted or bare, in which kind of file) is judged in [`super::context`].

mod before;
mod below;
mod column;
mod literal;
mod members;
mod name;
mod operator;
mod others;
mod prose;
mod value;

use std::ops::Range;

use super::checks::{Objection, Why};
use super::classify::{BEFORE, BEHIND, Candidate, Scores};
use super::context::FileKind;
use super::window::last_line;
use crate::rules::Gate;
use crate::rules::format::AssignmentKind;
use below::Below;
pub use below::Row;
pub(super) use below::is_named;
pub use members::is_holder;
pub use name::name_byte;
pub(super) use name::{ends_with_ignore_case, shape};
use name::{name, named, whole_word};
use operator::Opening;
pub(super) use operator::named_value;
pub use others::{Others, Part, others, read_other};
use value::{ENTITIES, bare, is_listed, is_sentence, made, plausible, value};
pub use value::{is_bracket, is_uuid};

/// How a value was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Style {
    /// Between quotes.
    pub quoted: bool,
    /// The operator.
    pub operator: Operator,
    /// Whether it ends its line or list element; prose and code go on.
    pub alone: bool,
    /// How much it looks like a credential, for each kind of file.
    pub scores: Scores,
    /// Whether a rule for one service, and one of low confidence, finds it too: this is then a second opinion, which may only raise.
    pub seconds: bool,
}

impl Style {
    /// The same, for a value that counts as one of this kind of file wherever it stands.
    #[must_use]
    pub fn as_in(self, kind: FileKind) -> Self {
        Self { scores: self.scores.all_of(kind), ..self }
    }

    /// The same, as a second opinion beside a rule of low confidence.
    #[must_use]
    pub const fn seconding(self) -> Self {
        Self { seconds: true, ..self }
    }
}

/// What encloses a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Quote {
    /// Nothing.
    None,
    /// `"`.
    Double,
    /// `'`.
    Single,
    /// A backtick.
    Back,
    /// `&quot;` and its like: quotes within markup.
    Entity,
}

/// What stands between name and value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Operator {
    /// `=`, `:=`, `=>`, `->` and their like.
    Assign,
    /// `:`.
    Colon,
    /// `==`, `!=`: a comparison.
    Compare,
    /// `(` or `,`: an argument.
    Argument,
    /// `>`: an element's text.
    Element,
    /// A space behind an option.
    Option,
    /// A space before a quote, as in SQL's `IDENTIFIED BY '…'`, or before what nobody chose.
    Space,
}

/// A name with its value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// The name.
    pub name: Range<usize>,
    /// The value, without quotes.
    pub value: Range<usize>,
    /// What encloses it.
    pub quote: Quote,
    /// The operator.
    pub operator: Operator,
    /// Whether it ends its line or list element.
    pub alone: bool,
    /// What stands for its name, and where that begins, if it is one of several values or stands before its name.
    pub part: Option<(Part, usize)>,
}

impl Found {
    /// From the name's begin, or that of what stands for it, to the value's end.
    #[must_use]
    pub fn whole(&self) -> Range<usize> {
        self.part.map_or(self.name.start, |(_, start)| start)..self.value.end
    }

    /// How it was written.
    #[must_use]
    pub const fn style(&self, scores: Scores) -> Style {
        Style { quoted: !matches!(self.quote, Quote::None), operator: self.operator, alone: self.alone, scores, seconds: false }
    }

    /// What the classifier looks at: `bytes` is the text that this was read from, `anchor` the word that led here.
    #[must_use]
    pub fn candidate<'a>(&self, bytes: &'a [u8], anchor: &'a [u8]) -> Candidate<'a> {
        let before = last_line(&bytes[self.name.start.saturating_sub(BEFORE)..self.name.start]);
        let after = (self.value.end + self.quote.len(bytes, self.value.end)).min(bytes.len());
        let behind = &bytes[after..(after + BEHIND).min(bytes.len())];
        let behind = &behind[..memchr::memchr2(b'\n', b'\r', behind).unwrap_or(behind.len())];
        let name = &bytes[self.name.clone()];
        let (name, anchor, between) = match self.part {
            None => (name, anchor, &bytes[self.name.end..self.value.start]),
            Some((Part::Row, _)) => (name, anchor, &bytes[self.name.end..end_of_line(bytes, self.name.end, MAX_LINE)]),
            // One of the `tokens` is a `token`.
            Some((Part::Member, _)) => (name.strip_suffix(b"s").or_else(|| name.strip_suffix(b"S")).unwrap_or(name), anchor, &b" = "[..]),
            Some((Part::LogIn, _)) => (&b"password"[..], &b"passw"[..], &b" = "[..]),
            Some((Part::Before, _)) => (name, anchor, &b"="[..]),
        };
        Candidate {
            name,
            anchor,
            value: &bytes[self.value.clone()],
            before,
            between,
            behind,
            quote: self.quote,
            operator: self.operator,
            alone: self.alone,
        }
    }
}

impl Quote {
    /// The bytes of the closing quote at `at`.
    fn len(self, bytes: &[u8], at: usize) -> usize {
        match self {
            Self::None => 0,
            Self::Entity => ENTITIES.iter().find(|e| bytes[at..].starts_with(e)).map_or(0, |e| e.len()),
            _ => 1 + usize::from(bytes.get(at) == Some(&b'\\')),
        }
    }
}

/// Bytes a name may have.
const MAX_NAME: usize = 64;
/// Bytes a value may have: as many as the refresh tokens of the large identity providers.
const MAX_VALUE: usize = 2048;
/// Bytes behind a name within which its value ends, if it stands on the same line.
const MAX_LINE: usize = MAX_VALUE + 256;
/// How far from its anchor an assignment on one line is read, in bytes: the name to both sides, then operator and value.
pub const REACH: usize = 2 * MAX_NAME + MAX_LINE + BEFORE + BEHIND;

/// How far behind `anchor` its assignment is read where its values stand below its line. The line alone tells.
#[must_use]
pub fn reach_below(bytes: &[u8], anchor: &Range<usize>) -> Option<usize> {
    Below::of(bytes, &name(bytes, anchor)).map(|below| anchor.len() + 2 * MAX_NAME + below.reach() + BEHIND)
}

/// Reads the assignment around `anchor`.
pub fn read(bytes: &[u8], anchor: &Range<usize>, kind: AssignmentKind) -> Result<Found, Objection> {
    let name = name(bytes, anchor);
    whole_word(bytes, anchor, &name)?;
    let objects = |why| Objection { gate: Gate::Pattern, why: Why::Text(why) };
    let operand = match operand(bytes, &name) {
        Err(why @ Missing::Operator) => return Err(objects(why.words())),
        found => {
            named(bytes, anchor, &name)?;
            found.map_err(|why| objects(why.words()))?
        }
    };
    examine(bytes, anchor, kind, name, operand)
}

/// Objects to what is assigned to `name`, if it cannot be a credential.
fn examine(bytes: &[u8], anchor: &Range<usize>, kind: AssignmentKind, name: Range<usize>, operand: Operand) -> Result<Found, Objection> {
    let context = |why| Objection { gate: Gate::Context, why: Why::Text(why) };
    // The line alone: what is above it may change where nothing looks at this again.
    let before = last_line(&bytes[name.start.saturating_sub(BEFORE)..name.start]);
    if let Some(line_end) = operand.line_end {
        on_its_line(bytes, &name, before, &operand, line_end)?;
    }
    let Operand { value, quote, operator, .. } = operand;
    let quoted = quote != Quote::None;
    let text = &bytes[value.clone()];
    if is_sentence(&bytes[name.clone()], text, quoted, kind) {
        return Err(context("a sentence"));
    }
    plausible(text, quoted, kind)?;
    let prefix = &bytes[name.start..anchor.start];
    if bytes[anchor.clone()].eq_ignore_ascii_case(b"key") {
        // `API key: …`, where the words before the name say what the key is for.
        let told = [&b"api "[..], b"access ", b"secret "].iter().any(|word| ends_with_ignore_case(before, word));
        made(text, anchor.len() == name.len() && !told)?;
        value::no_row(before, &bytes[name.start..anchor.end], text)?;
    }
    // `def gitAuth = "…"`: builds name the credentials they are handed by their ids.
    if is_uuid(text) && [&b"auth"[..], b"credential", b"credentials"].iter().any(|word| ends_with_ignore_case(&bytes[name.clone()], word)) {
        return Err(context("the id of a credential"));
    }
    // `"Lost Password": "…"`: a text, under what is one itself.
    if quoted && matches!(bytes[name.end], b'"' | b'\'') && !text.iter().any(u8::is_ascii_digit) && is_phrase(before) {
        return Err(context("a text of the interface"));
    }
    if kind == AssignmentKind::Password {
        value::no_digest(&bytes[name.clone()], text)?;
    }
    if operator == Operator::Argument {
        name::takes_value(prefix, &bytes[anchor.clone()])?;
    }
    if let Some(objection) = value::elsewhere(&bytes[name.start - before.len()..name.end], &bytes[name.clone()], text) {
        return Err(objection);
    }
    if operator == Operator::Assign && is_badge(before) {
        return Err(context("the public token of a status badge"));
    }
    let behind = bytes[value.end..end_of_line(bytes, value.end, BEHIND)].trim_ascii();
    let alone = quoted || behind.is_empty() || !behind[0].is_ascii_alphanumeric();
    let part = (value.start < name.start).then_some((Part::Before, value.start));
    Ok(Found { name, value, quote, operator, alone, part })
}

/// Objects to a value on the line of its `name`, of which `before` is what stands before that, if what follows up to `line_end` makes it something else.
fn on_its_line(bytes: &[u8], name: &Range<usize>, before: &[u8], operand: &Operand, line_end: usize) -> Result<(), Objection> {
    let context = |why| Err(Objection { gate: Gate::Context, why: Why::Text(why) });
    let text = &bytes[operand.value.clone()];
    let behind = bytes[operand.value.end..line_end].trim_ascii();
    if operand.quote == Quote::None {
        // A field of Rust's may be visible elsewhere.
        let begins = before.strip_suffix(b"pub ").unwrap_or(before).iter().all(u8::is_ascii_whitespace);
        bare(text, behind, operand.operator, bytes[name.end] == b' ', begins)?;
    }
    match operand.operator {
        Operator::Element if !behind.starts_with(b"<") && !behind.starts_with(b"]]>") => context("no element ends behind it"),
        Operator::Argument if is_listed(text, behind) => context("one name in a list of them"),
        _ => Ok(()),
    }
}

/// Whether `before` ends in a quote and what is said of passwords in dialogues, as keys of lists of texts do: `'Lost `.
fn is_phrase(before: &[u8]) -> bool {
    const SAID: [&[u8]; 28] = [
        b"change",
        b"confirm",
        b"create",
        b"current",
        b"edit",
        b"enter",
        b"forget",
        b"forgot",
        b"forgotten",
        b"generate",
        b"hide",
        b"incorrect",
        b"invalid",
        b"lost",
        b"new",
        b"no",
        b"old",
        b"recover",
        b"remember",
        b"repeat",
        b"reset",
        b"retype",
        b"send",
        b"set",
        b"show",
        b"verify",
        b"wrong",
        b"your",
    ];
    let Some(text) = before.strip_suffix(b" ") else { return false };
    let Some(at) = text.iter().rposition(|b| !b.is_ascii_alphabetic() && *b != b' ') else { return false };
    let mut words = text[at + 1..].split(|&b| b == b' ');
    matches!(text[at], b'"' | b'\'') && words.any(|word| SAID.iter().any(|said| word.eq_ignore_ascii_case(said)))
}

/// Whether `before` is the begin of a status badge's address, up to one of its parameters: their tokens are made to be public.
fn is_badge(before: &[u8]) -> bool {
    const BADGES: [&[u8]; 4] = [b"badge", b".svg?", b"/graph?", b"shields.io/"];
    matches!(before.last(), Some(b'?' | b'&')) && BADGES.iter().any(|part| memchr::memmem::find(before, part).is_some())
}

/// What is assigned to the name around `anchor`, whatever it is.
pub fn assigned(bytes: &[u8], anchor: &Range<usize>) -> Option<Range<usize>> {
    operand(bytes, &name(bytes, anchor)).ok().map(|operand| operand.value)
}

/// An operator and its value.
struct Operand {
    value: Range<usize>,
    quote: Quote,
    operator: Operator,
    /// Where the line ends; `None` where the value stands below it.
    line_end: Option<usize>,
}

/// What is missing behind a name.
#[derive(Clone, Copy)]
enum Missing {
    Operator,
    Value,
    Below,
}

impl Missing {
    fn words(self) -> &'static str {
        match self {
            Self::Operator => "no operator and value follow the name",
            Self::Value => "no value follows the operator",
            Self::Below => "the line ends behind the name, and no value stands below",
        }
    }
}

/// What stands behind `name`.
fn operand(bytes: &[u8], name: &Range<usize>) -> Result<Operand, Missing> {
    if let Some(below) = Below::of(bytes, name) {
        match below.read(bytes) {
            Some((value, quote, operator)) => return Ok(Operand { value, quote, operator, line_end: None }),
            None if below.may_be_beside() => {}
            None => return Err(Missing::Below),
        }
    }
    let line_end = end_of_line(bytes, name.end, MAX_LINE);
    if let Some((value, quote)) = column::inserted(bytes, name, line_end).and_then(|(line, column)| column::of_values(bytes, line, column))
    {
        return Ok(Operand { value, quote, operator: Operator::Assign, line_end: Some(line_end) });
    }
    if let Some(value) = column::beside(bytes, name, line_end) {
        return Ok(Operand { value, quote: Quote::None, operator: Operator::Assign, line_end: Some(line_end) });
    }
    if let Some((value, quote)) = before::value(bytes, name) {
        return Ok(Operand { value, quote, operator: Operator::Assign, line_end: None });
    }
    let opening = Opening::of(&bytes[..name.start], &bytes[name.clone()]);
    let (operator, skipped) = operator::read(&bytes[name.end..line_end], opening).ok_or(Missing::Operator)?;
    let (value, quote) = value(bytes, name.end + skipped, line_end).ok_or(Missing::Value)?;
    Ok(Operand { value, quote, operator, line_end: Some(line_end) })
}

/// Where the line ends that `at` stands on, or `most` bytes behind `at`.
fn end_of_line(bytes: &[u8], at: usize, most: usize) -> usize {
    let limit = (at + most).min(bytes.len());
    memchr::memchr2(b'\n', b'\r', &bytes[at..limit]).map_or(limit, |i| at + i)
}

#[cfg(test)]
mod tests;
