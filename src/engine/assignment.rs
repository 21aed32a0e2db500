//! Generic credentials: `name operator value`, parsed, for values that have no form of their own.
//!
//! The anchor is a word of the name (`passw`, `secret`, `token` …). From there the name is read to both sides, then an operator
//! (`operator`), then the value, on the same line or on the one `below`. What cannot be a credential is dropped here; how much the rest
//! looks like one [`super::classify`] says, and where it stands (quoted or bare, in which kind of file) is judged in [`super::context`].

mod below;
mod column;
mod operator;

use std::ops::Range;

use super::checks::{Objection, Why};
use super::classify::{BEFORE, BEHIND, Candidate, Scores};
use crate::rules::Gate;
use crate::rules::format::AssignmentKind;
use below::Below;
use operator::Opening;

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
}

impl Found {
    /// From the name's begin to the value's end.
    #[must_use]
    pub fn whole(&self) -> Range<usize> {
        self.name.start..self.value.end
    }

    /// How it was written.
    #[must_use]
    pub const fn style(&self, scores: Scores) -> Style {
        Style { quoted: !matches!(self.quote, Quote::None), operator: self.operator, alone: self.alone, scores }
    }

    /// What the classifier looks at: `bytes` is the text that this was read from, `anchor` the word that led here.
    #[must_use]
    pub fn candidate<'a>(&self, bytes: &'a [u8], anchor: &'a [u8]) -> Candidate<'a> {
        let before = &bytes[self.name.start.saturating_sub(BEFORE)..self.name.start];
        let before = &before[memchr::memrchr2(b'\n', b'\r', before).map_or(0, |i| i + 1)..];
        let after = (self.value.end + self.quote.len(bytes, self.value.end)).min(bytes.len());
        let behind = &bytes[after..(after + BEHIND).min(bytes.len())];
        let behind = &behind[..memchr::memchr2(b'\n', b'\r', behind).unwrap_or(behind.len())];
        Candidate {
            name: &bytes[self.name.clone()],
            anchor,
            value: &bytes[self.value.clone()],
            before,
            between: &bytes[self.name.end..self.value.start],
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

/// Quotes as markup writes them.
const ENTITIES: [&[u8]; 4] = [b"&quot;", b"&#34;", b"&#39;", b"&apos;"];

/// Bytes a name may have.
const MAX_NAME: usize = 64;
/// Bytes a value may have: as many as the refresh tokens of the large identity providers.
const MAX_VALUE: usize = 2048;
/// Bytes behind a name within which its value ends, if it stands on the same line.
const MAX_LINE: usize = MAX_VALUE + 256;
/// How far from its anchor an assignment on one line is read, in bytes: the name to both sides, then operator and value.
pub const REACH: usize = 2 * MAX_NAME + MAX_LINE + BEFORE + BEHIND;
/// How far it is read where the value stands on the line below.
pub const REACH_BELOW: usize = 2 * MAX_NAME + below::REACH + BEHIND;

/// Whether what becomes of the hit of `anchor` depends on more than its own line, as far as [`REACH`] goes. The line alone tells.
#[must_use]
pub fn looks_below(bytes: &[u8], anchor: &Range<usize>) -> bool {
    Below::of(bytes, &name(bytes, anchor)).is_some()
}

/// Whether a name that ends in `word` is about a secret and holds none. `word` is in lower case.
fn is_about(word: &[u8]) -> bool {
    matches!(
        word,
        b"alg"
            | b"algorithm"
            | b"alias"
            | b"arn"
            | b"attempts"
            | b"attribute"
            | b"callback"
            | b"change"
            | b"changed"
            | b"checksum"
            | b"class"
            | b"column"
            | b"count"
            | b"created"
            | b"description"
            | b"digest"
            | b"dir"
            | b"directory"
            | b"element"
            | b"enabled"
            | b"encoder"
            | b"endpoint"
            | b"env"
            | b"error"
            | b"exists"
            | b"expiration"
            | b"expired"
            | b"expires"
            | b"expiry"
            | b"field"
            | b"fields"
            | b"file"
            | b"filename"
            | b"fingerprint"
            | b"format"
            | b"hash"
            | b"header"
            | b"help"
            | b"hint"
            | b"id"
            | b"ids"
            | b"index"
            | b"input"
            | b"issuer"
            | b"ize"
            | b"ized"
            | b"izer"
            | b"kind"
            | b"label"
            | b"len"
            | b"length"
            | b"less"
            | b"limit"
            | b"link"
            | b"list"
            | b"location"
            | b"max"
            | b"message"
            | b"method"
            | b"min"
            | b"mode"
            | b"name"
            | b"nonce"
            | b"names"
            | b"param"
            | b"parameter"
            | b"path"
            | b"pattern"
            | b"placeholder"
            | b"policy"
            | b"prefix"
            | b"prompt"
            | b"provider"
            | b"ref"
            | b"regex"
            | b"required"
            | b"scope"
            | b"scopes"
            | b"selector"
            | b"sha"
            | b"signature"
            | b"size"
            | b"state"
            | b"status"
            | b"store"
            | b"strength"
            | b"timeout"
            | b"timestamp"
            | b"title"
            | b"tooltip"
            | b"ttl"
            | b"type"
            | b"uri"
            | b"url"
            | b"urls"
            | b"valid"
            | b"validator"
            | b"version"
            | b"visible"
    )
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
    let Operand { value, quote, operator, line_end } = operand;
    if let Some(line_end) = line_end {
        let behind = bytes[value.end..line_end].trim_ascii();
        if quote == Quote::None {
            bare(&bytes[value.clone()], behind, bytes[name.end] == b' ')?;
        }
        if operator == Operator::Element && !behind.starts_with(b"<") && !behind.starts_with(b"]]>") {
            return Err(Objection { gate: Gate::Context, why: Why::Text("no element ends behind it") });
        }
        if operator == Operator::Argument && is_listed(&bytes[value.clone()], behind) {
            return Err(Objection { gate: Gate::Context, why: Why::Text("one name in a list of them") });
        }
    }
    let quoted = quote != Quote::None;
    let text = &bytes[value.clone()];
    plausible(text, quoted, kind)?;
    if bytes[anchor.clone()].eq_ignore_ascii_case(b"key") {
        made(text, anchor.len() == name.len())?;
    }
    // The tokens in the addresses of status badges are made to be public.
    let address = &bytes[name.start.saturating_sub(BEFORE)..name.start];
    if operator == Operator::Assign
        && address.ends_with(b"?")
        && (has(address, b"badge") || has(address, b".svg?") || has(address, b"/graph?"))
    {
        return Err(Objection { gate: Gate::Context, why: Why::Text("the public token of a status badge") });
    }
    let behind = bytes[value.end..end_of_line(bytes, value.end, BEHIND)].trim_ascii();
    let alone = quoted || behind.is_empty() || !behind[0].is_ascii_alphanumeric();
    Ok(Found { name, value, quote, operator, alone })
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
        let (value, quote, operator) = below.read(bytes).ok_or(Missing::Below)?;
        return Ok(Operand { value, quote, operator, line_end: None });
    }
    let line_end = end_of_line(bytes, name.end, MAX_LINE);
    if let Some((value, quote)) = column::inserted(bytes, name, line_end) {
        return Ok(Operand { value, quote, operator: Operator::Assign, line_end: Some(line_end) });
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

/// Objects to names of what is no secret.
fn named(bytes: &[u8], anchor: &Range<usize>, name: &Range<usize>) -> Result<(), Objection> {
    opens_nothing(&bytes[name.start..anchor.end])?;
    about(&bytes[name.clone()], &bytes[anchor.end..name.end])
}

/// Objects to what a key of a table looks like: `key` names those far more often than keys that open something, the more so when it stands
/// `alone`.
fn made(value: &[u8], alone: bool) -> Result<(), Objection> {
    let digits = value.iter().filter(|b| b.is_ascii_digit()).count();
    let letters = value.iter().filter(|b| b.is_ascii_alphabetic()).count();
    // A UUID under `key` and nothing more is the id of a row.
    let made = if alone { value.len() >= 20 && digits >= 3 && letters >= 3 && !is_uuid(value) } else { digits > 0 || value.len() >= 24 };
    if made && value.is_ascii() && !value.contains(&b'~') {
        return Ok(());
    }
    Err(Objection { gate: Gate::Context, why: Why::Text("the key of a table, not of a lock") })
}

/// Whether `value` is written as UUIDs are.
pub fn is_uuid(value: &[u8]) -> bool {
    value.len() == 36 && [8, 13, 18, 23].iter().all(|&i| value[i] == b'-')
}

/// Whether `value` is made of words and a list goes on `behind` it, as in `["db-password", "redis-key", "mail-token"]`.
fn is_listed(value: &[u8], behind: &[u8]) -> bool {
    let rest = behind.strip_prefix(b"\"").or_else(|| behind.strip_prefix(b"'")).unwrap_or(behind).trim_ascii_start();
    let goes_on = rest.strip_prefix(b",").is_some_and(|next| matches!(next.trim_ascii_start().first(), Some(b'"' | b'\'')));
    goes_on && value.contains(&b'-') && value.iter().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || *b == b'-')
}

fn has(hay: &[u8], word: &[u8]) -> bool {
    memchr::memmem::find(hay, word).is_some()
}

/// Objects to bare values that are code: calls, names of variables in a statement.
fn bare(value: &[u8], behind: &[u8], spaced: bool) -> Result<(), Objection> {
    let code = |why| Err(Objection { gate: Gate::Context, why: Why::Text(why) });
    if behind.starts_with(b"{") || behind.starts_with(b"(") || behind.starts_with(b"[") || behind.starts_with(b">") {
        return code("an expression of code");
    }
    let name =
        value.iter().all(|&b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b'-' | b'*' | b'&')) && !value[0].is_ascii_digit();
    if name && spaced && (behind.starts_with(b";") || behind.starts_with(b")") || behind.starts_with(b",")) {
        return code("a bare word in a statement is a name, not a value");
    }
    Ok(())
}

/// Words that are joined with `key`, and the like, to one word.
const COMPOUNDS: [&[u8]; 25] = [
    b"admin",
    b"api",
    b"access",
    b"app",
    b"auth",
    b"client",
    b"crypt",
    b"database",
    b"db",
    b"encryption",
    b"ftp",
    b"license",
    b"mail",
    b"master",
    b"private",
    b"proxy",
    b"root",
    b"secret",
    b"server",
    b"signing",
    b"smtp",
    b"sql",
    b"ssh",
    b"sudo",
    b"user",
];

fn ends_with_ignore_case(text: &[u8], end: &[u8]) -> bool {
    text.len() >= end.len() && text[text.len() - end.len()..].eq_ignore_ascii_case(end)
}

/// Objects to anchors that are part of another word: `bypass_`, `_keyboard`, `tokenizer`.
fn whole_word(bytes: &[u8], anchor: &Range<usize>, name: &Range<usize>) -> Result<(), Objection> {
    /// Words of this length are themselves wherever they stand: `dbpassword`, `authtoken`.
    const CLEAR: usize = 5;
    let word = &bytes[anchor.clone()];
    let letters = word.iter().filter(|b| b.is_ascii_alphabetic()).count();
    let part = || Objection { gate: Gate::Context, why: Why::Text("part of another word") };
    // `user:password@host:5432`: what follows the sign is a place.
    if bytes[anchor.end..name.end].contains(&b'@') {
        return Err(Objection { gate: Gate::Context, why: Why::Text("part of an address") });
    }
    let before = bytes[name.start..anchor.start].last();
    let joined = before.is_some_and(|b| b.is_ascii_lowercase() == word[0].is_ascii_lowercase() && b.is_ascii_alphabetic());
    // `nkey`, `pkey`: one letter that says which kind.
    let prefixed = anchor.start - name.start == 1 && word.eq_ignore_ascii_case(b"key");
    // `apikey`, `SECRETKEY`: what people write in one word.
    let compound = || COMPOUNDS.iter().any(|first| ends_with_ignore_case(&bytes[name.start..anchor.start], first));
    if joined && !prefixed && letters < CLEAR && word[0].is_ascii_alphabetic() && !compound() {
        return Err(part());
    }
    // What follows in the same word.
    let last = word[word.len() - 1];
    let rest = &bytes[anchor.end..name.end];
    let keyword = word.eq_ignore_ascii_case(b"key") && rest.get(..4).is_some_and(|w| w.eq_ignore_ascii_case(b"word"));
    if keyword {
        return Err(part());
    }
    let continued = rest.iter().take_while(|b| b.is_ascii_alphabetic() && b.is_ascii_lowercase() == last.is_ascii_lowercase()).count();
    if last.is_ascii_alphabetic() && continued > 0 {
        let mut lower = [0; 8];
        let known = continued <= lower.len() && {
            lower[..continued].copy_from_slice(&rest[..continued]);
            lower.make_ascii_lowercase();
            matches!(
                &lower[..continued],
                b"ord"
                    | b"ords"
                    | b"ort"
                    | b"d"
                    | b"rd"
                    | b"s"
                    | b"key"
                    | b"keys"
                    | b"id"
                    | b"val"
                    | b"value"
                    | b"str"
                    | b"string"
                    | b"text"
                    | b"pass"
                    | b"hash"
                    | b"code"
                    | b"word"
                    | b"prod"
                    | b"dev"
                    | b"test"
                    | b"user"
                    | b"admin"
                    | b"root"
                    | b"salt"
                    | b"data"
            )
        };
        if !known {
            return Err(part());
        }
    }
    Ok(())
}

/// Objects to the names of keys that open nothing.
fn opens_nothing(name: &[u8]) -> Result<(), Objection> {
    const OPEN: [&[u8]; 36] = [
        b"websocket",
        // Where a list goes on, and which request this is.
        b"continuation",
        b"next",
        b"page",
        b"pagination",
        b"idempotency",
        b"clientrequest",
        b"change",
        b"action",
        b"public",
        b"primary",
        b"foreign",
        b"sort",
        b"partition",
        b"cache",
        b"lookup",
        b"shortcut",
        b"recv",
        b"known",
        b"registry",
        b"object",
        b"row",
        b"map",
        b"hot",
        b"i18n",
        b"trans",
        b"group",
        b"unique",
        b"index",
        b"press",
        b"csrf",
        b"xsrf",
        b"site",
        b"authenticity",
        b"requestverification",
        b"antiforgery",
    ];
    let ends = |word: &[u8], end: &[u8]| word.len() >= end.len() && word[word.len() - end.len()..].eq_ignore_ascii_case(end);
    let Some(len) = [&b"key"[..], b"token"].iter().find(|w| ends(name, w)).map(|w| w.len()) else { return Ok(()) };
    let head = &name[..name.len() - len];
    let head = head.strip_suffix(b"_").or_else(|| head.strip_suffix(b"-")).unwrap_or(head);
    if OPEN.iter().any(|word| ends(head, word)) {
        return Err(Objection { gate: Gate::Context, why: Why::Text("the name of a key that opens nothing") });
    }
    Ok(())
}

/// Whether `b` may stand in a name.
pub(super) const fn name_byte(b: u8) -> bool {
    b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.' | b'$' | b'@')
}

fn name(bytes: &[u8], anchor: &Range<usize>) -> Range<usize> {
    let before = &bytes[anchor.start.saturating_sub(MAX_NAME)..anchor.start];
    let start = anchor.start - before.iter().rev().take_while(|&&b| name_byte(b)).count();
    let after = &bytes[anchor.end..(anchor.end + MAX_NAME).min(bytes.len())];
    start..anchor.end + after.iter().take_while(|&&b| name_byte(b)).count()
}

/// Objects to names whose last word tells that the value is something about a secret.
fn about(name: &[u8], tail: &[u8]) -> Result<(), Objection> {
    /// Longer words are not in the list.
    const LONGEST: usize = 16;
    let listed = |word: &[u8]| {
        let mut lower = [0; LONGEST];
        word.len() <= LONGEST && {
            lower[..word.len()].copy_from_slice(word);
            lower.make_ascii_lowercase();
            is_about(&lower[..word.len()])
        }
    };
    // `encrypted_key`, `crypted_password`: what may stand in a file.
    let encrypted = name.windows(7).any(|w| w.eq_ignore_ascii_case(b"crypted"));
    if encrypted {
        return Err(Objection { gate: Gate::Context, why: Why::Text("the name says that the value is encrypted") });
    }
    if listed(last_word(name)) || listed(tail) {
        return Err(Objection { gate: Gate::Context, why: Why::Text("the name speaks about a secret, it does not hold one") });
    }
    Ok(())
}

/// The last word of `camelCase`, `snake_case`, `kebab-case` or `dotted.names`, without digits at its end.
fn last_word(name: &[u8]) -> &[u8] {
    let end = name.iter().rposition(|b| b.is_ascii_alphabetic()).map_or(0, |i| i + 1);
    let name = &name[..end];
    let mut start = name.len();
    while start > 0 && name[start - 1].is_ascii_alphabetic() {
        start -= 1;
        // A capital behind a small letter begins a word.
        if name[start].is_ascii_uppercase() && start > 0 && name[start - 1].is_ascii_lowercase() {
            break;
        }
    }
    &name[start..]
}

/// The value at `at`: between quotes, or up to the next separator.
fn value(bytes: &[u8], at: usize, end: usize) -> Option<(Range<usize>, Quote)> {
    let mut at = at;
    // String prefixes of several languages.
    for prefix in [&b"@"[..], b"b", b"r", b"u", b"f", b"L", b"N", b"rb", b"br"] {
        if bytes[at..end].starts_with(prefix) && matches!(bytes.get(at + prefix.len()), Some(b'"' | b'\'')) && at + prefix.len() < end {
            at += prefix.len();
            break;
        }
    }
    // Escaped quotes within a quoted document, which may be quoted itself.
    let escapes = bytes[at..end].iter().take(MAX_ESCAPES).take_while(|&&b| b == b'\\').count();
    if matches!(bytes[at..end].get(escapes), Some(b'"' | b'\'')) {
        at += escapes;
    }
    // Markdown's longer fences around a literal.
    while bytes[at..end].starts_with(b"``") {
        at += 1;
    }
    let quote = *bytes[at..end].first()?;
    if matches!(quote, b'"' | b'\'' | b'`') {
        let escapes = bytes[..at].iter().rev().take(MAX_ESCAPES).take_while(|&&b| b == b'\\').count();
        let inner = &bytes[at + 1..end.min(at + 1 + MAX_VALUE + 2)];
        let mut i = 0;
        while i < inner.len() {
            match inner[i] {
                b'\\' if escapes > 0 && closes(&inner[i..], escapes, quote) => break,
                b'\\' => i += 2,
                b if b == quote => break,
                _ => i += 1,
            }
        }
        let kind = match quote {
            b'"' => Quote::Double,
            b'`' => Quote::Back,
            _ => Quote::Single,
        };
        return (i > 0 && i < inner.len()).then_some((at + 1..at + 1 + i, kind));
    }
    if let Some(entity) = ENTITIES.iter().find(|e| bytes[at..end].starts_with(e)) {
        let start = at + entity.len();
        let len = memchr::memmem::find(&bytes[start..end.min(start + MAX_VALUE)], entity)?;
        return (len > 0).then_some((start..start + len, Quote::Entity));
    }
    let bare = &bytes[at..end.min(at + MAX_VALUE + 1)];
    let len = (0..bare.len()).find(|&i| ends_bare(bare, i)).unwrap_or(bare.len());
    (len > 0 && len <= MAX_VALUE).then_some((at..at + len, Quote::None))
}

/// Backslashes before a quote, at most: each time a document is quoted in another one makes of `n` twice as many and one more.
const MAX_ESCAPES: usize = 7;

/// Whether `text` begins with a `quote` behind as many backslashes as there were before the opening one.
fn closes(text: &[u8], escapes: usize, quote: u8) -> bool {
    text.get(..escapes).is_some_and(|run| run.iter().all(|&b| b == b'\\')) && text.get(escapes) == Some(&quote)
}

/// Whether a bare value ends before `text[i]`. Passwords hold commas, semicolons and ampersands, so those end a value only where something
/// that separates follows: a space, the line's end, or the next `name=` of a list, query or connection string.
fn ends_bare(text: &[u8], i: usize) -> bool {
    match text[i] {
        b if b.is_ascii_whitespace() => true,
        b'"' | b'\'' | b'`' | b'<' | b'>' | 0 => true,
        b',' | b';' | b'&' | b'|' | b')' | b'}' | b']' | b'\\' => {
            let rest = &text[i + 1..];
            let name = rest.iter().take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.' | b' ')).count();
            rest.first().is_none_or(|b| {
                b.is_ascii_whitespace() || matches!(b, b'"' | b'\'' | b',' | b';' | b')' | b'}' | b']' | b'\\' | b'n' | b'r')
            }) || name > 1 && matches!(rest.get(name), Some(b'=' | b':'))
        }
        _ => false,
    }
}

/// Whether `value` mixes digits and letters of both cases and holds nothing that base 64 does not: some of it begins with a slash.
fn base64(value: &[u8]) -> bool {
    value.iter().all(|&b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/' | b'='))
        && value.iter().any(u8::is_ascii_digit)
        && value.iter().any(u8::is_ascii_uppercase)
        && value.iter().any(u8::is_ascii_lowercase)
}

/// Whether what follows a percent sign makes a directive of `printf` of it: `%d`, `%08x`, `%-10s`, `%lu`.
fn is_directive(behind: &[u8]) -> bool {
    let flags = behind.iter().take_while(|b| b"-+ #.*0123456789".contains(b)).count();
    let size = behind[flags..].iter().take(2).take_while(|b| b"hlz".contains(b)).count();
    behind.get(flags + size).is_some_and(|b| b"dixXusfegcp".contains(b))
}

/// Objects to values that no credential of this kind looks like.
fn plausible(value: &[u8], quoted: bool, kind: AssignmentKind) -> Result<(), Objection> {
    let context = |why| Err(Objection { gate: Gate::Context, why: Why::Text(why) });
    if let Some(why) = super::checks::reference(value) {
        return Err(Objection { gate: Gate::Reference, why: Why::Text(why) });
    }
    if let Some(why) = super::checks::encrypted(value) {
        return Err(Objection { gate: Gate::Encrypted, why: Why::Text(why) });
    }
    if let Some(why) = super::checks::public(value) {
        return context(why);
    }
    let least = match kind {
        AssignmentKind::Password => 4,
        AssignmentKind::Token => 8,
    };
    if value.len() < least {
        return context("too short for a credential");
    }
    // Test vectors and protocol constants, in source and in escaped documents.
    let escapes = value.windows(2).filter(|w| w == b"\\x").count();
    if escapes >= 3 && escapes * 8 >= value.len() {
        return context("bytes written as escapes");
    }
    if value.iter().any(|b| b.is_ascii_control()) {
        return context("control characters");
    }
    if value.iter().filter(|&&b| b == b' ').count() > if quoted && kind == AssignmentKind::Password { 1 } else { 0 } {
        return context("a sentence");
    }
    const WORDS: [&[u8]; 19] = [
        b"true",
        b"false",
        b"null",
        b"none",
        b"string",
        b"undefined",
        b"password",
        b"passwd",
        b"secret",
        b"token",
        b"required",
        b"optional",
        b"hidden",
        b"text",
        b"integer",
        b"boolean",
        b"object",
        b"default",
        b"chararray",
    ];
    // The word itself, as lists of prompts and translations have it.
    const PASSWORDS: [&str; 19] = [
        "passwort",
        "kennwort",
        "contraseña",
        "senha",
        "wachtwoord",
        "hasło",
        "heslo",
        "lösenord",
        "adgangskode",
        "kodeord",
        "salasana",
        "jelszó",
        "şifre",
        "lozinka",
        "пароль",
        "密码",
        "密碼",
        "パスワード",
        "비밀번호",
    ];
    // `String!`, `String?`: types that must or need not be there.
    let lower = value.strip_suffix(b"!").or_else(|| value.strip_suffix(b"?")).unwrap_or(value).to_ascii_lowercase();
    if WORDS.contains(&lower.as_slice()) || PASSWORDS.iter().any(|word| word.as_bytes() == lower) {
        return context("an ordinary word");
    }
    if [&b"(?:"[..], b"(?<", b"(?P<", b"(?=", b"(?i)", b"[0-9", b"[a-z", b"[A-Z"].iter().any(|part| has(value, part)) {
        return context("a regular expression");
    }
    if memchr::memchr_iter(b'%', value).filter(|&at| is_directive(&value[at + 1..])).count() > 1 {
        return context("a format, for values to be put in");
    }
    let code = |b: &u8| matches!(b, b'(' | b')' | b'[' | b']' | b'{' | b'}');
    if !quoted && value.iter().any(code) {
        return context("an expression of code");
    }
    if kind == AssignmentKind::Password && value.len() <= 18 && value.starts_with(b"0x") && value[2..].iter().all(u8::is_ascii_hexdigit) {
        return context("a number");
    }
    if value.starts_with(b"http://")
        || value.starts_with(b"https://")
        || value.starts_with(b"/") && !(value.len() >= 24 && base64(value))
        || value.starts_with(b"./")
        || value.starts_with(b"~/")
    {
        return context("an address or path");
    }
    let marked = value.contains(&b'<') && (!quoted || value.contains(&b'>')) || value.contains(&b'>') && !quoted;
    if kind == AssignmentKind::Token && (marked || value.contains(&b' ')) {
        return context("characters that made values do not have");
    }
    if kind == AssignmentKind::Token && value.starts_with(b"=") {
        return context("padding stands at the end of a value, not before it");
    }
    // A mark where a character was: no alphabet of made values has a question mark and no other sign.
    let odd = |b: &u8| !b.is_ascii_alphanumeric() && !matches!(b, b'-' | b'_' | b'.' | b'=' | b'/' | b'+');
    if kind == AssignmentKind::Token && value.contains(&b'?') && value.iter().filter(|b| odd(b)).all(|&b| b == b'?') {
        return context("a question mark stands for some of its characters");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::read;
    use crate::rules::format::AssignmentKind;

    /// Stands as `§` in the samples, so that they do not look live.
    const PASSWORD: &str = concat!("Tr0ub4dor", "&3");

    fn check(line: &str) -> Option<String> {
        let line = line.replace('§', PASSWORD);
        let at = line.to_ascii_lowercase().find("passw")?;
        let found = read(line.as_bytes(), &(at..at + 5), AssignmentKind::Password).ok()?;
        Some(String::from_utf8_lossy(&line.as_bytes()[found.value]).into_owned())
    }

    #[test]
    fn the_ways_a_password_is_written() {
        for line in [
            "password = \"§\"",
            "DB_PASSWORD=§",
            "password: §",
            "\"password\": \"§\",",
            "--password §",
            "--password=§",
            "let password: &str = \"§\";",
            "<password>§</password>",
            "setPassword(\"§\")",
            "config[\"password\"] = '§'",
            "Server=db;Password=§;User=x",
            "/login?password=§&user=x",
            "{\\\"password\\\": \\\"§\\\"}",
            "password => '§',",
            "password ||= '§'",
            "\"passwords\": [\"§\", \"other\"]",
            "password: { value: \"§\" }",
            "<add key=\"DbPassword\" value=\"§\" />",
            "{\"name\": \"DB_PASSWORD\", \"value\": \"§\"}",
            "ALTER USER app WITH PASSWORD '§';",
            "ENV MYSQL_PASSWORD §",
            "let password = String::from(\"§\");",
            "**Password**: ``§``",
            "password: &quot;§&quot;,",
            "# the password is '§'",
            "password ::= '§'",
            "password ?= §",
            "$password .= '§';",
            "var dbPassword string = \"§\"",
            "char password[32] = \"§\";",
            "std::string dbPassword{\"§\"};",
            "let(:password) { '§' }",
            "func password() string { return \"§\" }",
            "db password - '§'",
            "let p = config.password || '§'",
            "url: ${DB_PASSWORD:-§}",
            "const pass = process.env.DB_PASSWORD ?? '§'",
            "<password type=\"plain\">§</password>",
            "<entry key=\"password\">§</entry>",
            "<key>password</key><string>§</string>",
            "System.setProperty(\"db.password\", \"§\");",
            "os.Setenv(\"DB_PASSWORD\", \"§\")",
            "\"app.ini\": \"DB_PASSWORD=§\\nHOST=db\"",
            r#"{"log": "{\\\"password\\\":\\\"§\\\"}"}"#,
            r#"array(1) { ["password"]=> string(12) "§" }"#,
            "{host=[db], password=[§]}",
            "password: !!str §",
            "<property name=\"password\"><value>§</value></property>",
            "setx DB_PASSWORD §",
            "INSERT INTO `users` (`id`,`password`) VALUES (7,'§');",
            "setenv DB_PASSWORD §",
            "| DB_PASSWORD | §  |",
            "| password | `§` |",
            "DB_PASSWORD → §",
            "password — §",
            "password：§",
            "INFO using password §",
            "the password is §",
            "[Note] A temporary password is generated for root@localhost: §",
            "Password for user 'admin': §",
            "Your new password is: §",
        ] {
            assert_eq!(check(line).as_deref(), Some(PASSWORD), "{line}");
        }
    }

    #[test]
    fn values_on_the_line_below() {
        for text in [
            "<password>\n    §\n</password>",
            "<string name=\"password\">\r\n  §\r\n</string>",
            "<AdministratorPassword>\n  <Value>§</Value>\n",
            "<key>password</key>\n  <string>§</string>",
            "- name: DB_PASSWORD\n  value: \"§\"",
            "{\"name\": \"DB_PASSWORD\",\n \"value\": \"§\"}",
            "password: |\n  §\nnext: 1",
            "static final String PASSWORD =\n    \"§\";",
            "const pass = process.env.PASSWORD ||\n  '§'",
            "[\"password\"]=>\n  string(12) \"§\"",
            "\"password\":\n    \"§\"",
            "setProperty(\"password\",\n    \"§\")",
            "setPassword(\n    \"§\")",
            "INSERT INTO users (name, password, mail) VALUES\n  ('ann, or so', '§', 'a@b.c'),",
            "url,username,password,note\nhttps://a.b/c,ann,§,x",
            "\"name\";\"password\"\r\n\"a;b\";\"§\"\r\n",
            "static final String DB_PASSWORD\n    = \"§\";",
            "static const std::string password{\n    \"§\"};",
        ] {
            assert_eq!(check(text).as_deref(), Some(PASSWORD), "{text}");
        }
        for text in [
            "password =\n§",
            "password:\n  §",
            "the password\n'§'",
            "the password\n= §",
            "INSERT INTO users (name, password) VALUES\n  (:name, :§),",
            "const char *password {\n  return \"§\"",
            "variable \"password\" {\n  description = \"§\"",
            "password: |\n  §\n  and more",
            "<password>\n  §\n  next",
            "password =\n\n\"§\"",
            "- name: DB_PASSWORD\n  valueFrom: \"§\"",
        ] {
            assert_eq!(check(text), None, "{text}");
        }
    }

    #[test]
    fn arguments_are_no_columns() {
        assert_ne!(check("name, password, mail\nann, §, x").as_deref(), Some(PASSWORD));
    }

    #[test]
    fn values_that_only_a_space_separates_are_random() {
        let read = |line: &str| {
            let line = crate::rules::template::fill(line, "space").unwrap();
            let at = line.to_ascii_lowercase().find("token").unwrap();
            read(line.as_bytes(), &(at..at + 5), AssignmentKind::Token).is_ok()
        };
        for line in ["acme TOKEN {{base62:40}}", "acme_token {{hex:32}}", "acmeToken\t{{base36:36}}7"] {
            assert!(read(line), "{line}");
        }
        for line in
            ["the token expired yesterday", "token {{hex:40}}", "TOKEN {{HEX:32}}", "token {{base62:40}} is wrong", "token {{base62:12}}"]
        {
            assert!(!read(line), "{line}");
        }
    }

    #[test]
    fn keys_of_tables_open_nothing() {
        let key =
            |line: &str| read(line.as_bytes(), &(line.find("key").unwrap()..line.find("key").unwrap() + 3), AssignmentKind::Token).is_ok();
        for line in
            ["{\"key\": \"Antofagasta\"}", "\"result_key\": \"DhcpOptions\"", "sub_keys = \"CA~CB~CC~CD~CE~CF~CG~CH\"", "key: row-2024-01"]
        {
            assert!(!key(line), "{line}");
        }
        for line in ["\"key\": \"{{base62:17}}{{digits:3}}\"", "license_key = \"{{base62:11}}{{digits:1}}\""] {
            assert!(key(&crate::rules::template::fill(line, "key").unwrap()), "{line}");
        }
    }

    #[test]
    fn what_only_speaks_about_passwords() {
        for line in [
            "passwordField = \"user_password_1\"",
            "password_hash: 5f4dcc3b5aa765d6",
            "password = os.environ['DB_PASSWORD']",
            "password = ${DB_PASSWORD}",
            "the password is wrong",
            "the password is base64-encoded",
            "the password is §, or so",
            "a password for user 17: see RFC2617",
            "| password | string | required |",
            "password: !!str",
            "password: string",
            "if (!password) return",
            "passwordless = \"magic-link-1\"",
            "PASSWORD_FILE=/run/secrets/db_1",
            "encryptedPassword: §",
            "password = user_password;",
            "password: compute(§)",
            "the password 'and' more",
            "password=%d:%08x",
            "password = '(?<secret>[0-9a-z]{8,40})'",
            r"password = \x01\x02\x03\x04",
        ] {
            assert_eq!(check(line), None, "{line}");
        }
    }

    #[test]
    fn names_in_a_list_are_no_values() {
        assert_eq!(check(r#"names = ["db-password", "redis-key2", "mail-token"]"#), None);
        assert_eq!(check(r#"set("db-password", "redis-key2")"#).as_deref(), Some("redis-key2"));
    }

    #[test]
    fn compounds_are_words() {
        let of = |name: &str| {
            let line = format!("{name} = \"{}\"", crate::rules::template::fill("{{base62:32}}", "compounds").unwrap());
            let at = line.to_ascii_lowercase().find("key").unwrap();
            read(line.as_bytes(), &(at..at + 3), AssignmentKind::Token).is_ok()
        };
        assert!(of("apikey") && of("myApikey") && of("SECRETKEY") && of("api_key") && of("apiKey"));
        assert!(!of("monkey") && !of("turkey"));
    }
}
