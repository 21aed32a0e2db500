//! Generic credentials: `name operator value`, parsed, for values that have no form of their own.
//!
//! The anchor is a word of the name (`passw`, `secret`, `token` …). From there the name is read to both sides, then an operator, then the
//! value. What the value looks like decides here; where it stands (quoted or bare, in which kind of file) is judged in [`super::context`].

use std::ops::Range;

use super::checks::{Objection, Why};
use crate::rules::Gate;
use crate::rules::format::AssignmentKind;
use crate::rules::format::MAX_WINDOW;

/// How a value was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Style {
    /// Between quotes.
    pub quoted: bool,
    /// The operator.
    pub operator: Operator,
    /// Whether it ends its line or list element; prose and code go on.
    pub alone: bool,
    /// Whether the value looks chosen or made with care: several kinds of character.
    pub strong: bool,
}

/// What stands between name and value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Operator {
    /// `=`, `:=`, `=>`, `->`.
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
}

/// A name with its value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// From the name's begin to the value's end.
    pub whole: Range<usize>,
    /// The value, without quotes.
    pub value: Range<usize>,
    /// How it was written.
    pub style: Style,
}

/// Bytes a name may have.
const MAX_NAME: usize = 64;
/// How far from its anchor an assignment is read, in bytes: the name to both sides, then operator and value.
pub const REACH: usize = 2 * MAX_NAME + MAX_WINDOW + MAX_VALUE;
/// Bytes a value may have.
const MAX_VALUE: usize = 256;

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
            | b"class"
            | b"column"
            | b"confirm"
            | b"confirmation"
            | b"count"
            | b"created"
            | b"description"
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
            | b"reset"
            | b"scope"
            | b"scopes"
            | b"selector"
            | b"size"
            | b"state"
            | b"status"
            | b"store"
            | b"strength"
            | b"timeout"
            | b"title"
            | b"tooltip"
            | b"ttl"
            | b"type"
            | b"uri"
            | b"url"
            | b"urls"
            | b"valid"
            | b"validator"
            | b"verify"
            | b"version"
            | b"visible"
    )
}

/// Reads the assignment around `anchor`.
pub fn read(bytes: &[u8], anchor: &Range<usize>, kind: AssignmentKind) -> Result<Found, Objection> {
    let name = name(bytes, anchor);
    whole_word(bytes, anchor, &name)?;
    let line_end = {
        let limit = (name.end + MAX_WINDOW).min(bytes.len());
        memchr::memchr2(b'\n', b'\r', &bytes[name.end..limit]).map_or(limit, |i| name.end + i)
    };
    let option = bytes[name.start..].starts_with(b"-");
    let rest = &bytes[name.end..line_end];
    let (operator, skipped) =
        operator(rest, option).ok_or(Objection { gate: Gate::Pattern, why: Why::Text("no operator and value follow the name") })?;
    about(&bytes[name.clone()], &bytes[anchor.end..name.end])?;
    let at = name.end + skipped;
    let (value, quoted) =
        value(bytes, at, line_end).ok_or(Objection { gate: Gate::Pattern, why: Why::Text("no value follows the operator") })?;
    let text = &bytes[value.clone()];
    plausible(text, quoted, kind)?;
    let behind = bytes[value.end..line_end].trim_ascii();
    if operator == Operator::Element && !behind.starts_with(b"<") && !behind.starts_with(b"]]>") {
        return Err(Objection { gate: Gate::Context, why: Why::Text("no element ends behind it") });
    }
    if !quoted && (behind.starts_with(b"{") || behind.starts_with(b"(")) {
        return Err(Objection { gate: Gate::Context, why: Why::Text("an expression of code") });
    }
    let end = value.end;
    let alone = quoted || behind.is_empty() || !behind[0].is_ascii_alphanumeric();
    Ok(Found { whole: name.start..end, value, style: Style { quoted, operator, strong: strong(text), alone } })
}

/// Objects to anchors that are part of another word: `bypass_`, `_keyboard`, `tokenizer`.
fn whole_word(bytes: &[u8], anchor: &Range<usize>, name: &Range<usize>) -> Result<(), Objection> {
    /// Words of this length are themselves wherever they stand: `dbpassword`, `authtoken`.
    const CLEAR: usize = 5;
    let word = &bytes[anchor.clone()];
    let letters = word.iter().filter(|b| b.is_ascii_alphabetic()).count();
    let part = || Objection { gate: Gate::Context, why: Why::Text("part of another word") };
    let before = bytes[name.start..anchor.start].last();
    let joined = before.is_some_and(|b| b.is_ascii_lowercase() == word[0].is_ascii_lowercase() && b.is_ascii_alphabetic());
    if joined && letters < CLEAR && word[0].is_ascii_alphabetic() {
        return Err(part());
    }
    // What follows in the same word.
    let last = word[word.len() - 1];
    let rest = &bytes[anchor.end..name.end];
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
    // Names of keys that open nothing.
    const OPEN: [&[u8]; 24] = [
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
    ];
    let lower = bytes[name.start..anchor.end].to_ascii_lowercase();
    if lower.ends_with(b"key") || lower.ends_with(b"token") {
        let head = &lower[..lower.len() - if lower.ends_with(b"key") { 3 } else { 5 }];
        let head = head.strip_suffix(b"_").or_else(|| head.strip_suffix(b"-")).unwrap_or(head);
        if OPEN.iter().any(|word| head.ends_with(word)) {
            return Err(Objection { gate: Gate::Context, why: Why::Text("the name of a key that opens nothing") });
        }
    }
    Ok(())
}

fn name_byte(b: u8) -> bool {
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

/// The operator at the begin of `rest` and how many bytes lie before the value.
fn operator(rest: &[u8], option: bool) -> Option<(Operator, usize)> {
    let mut i = 0;
    let spaces = |i: &mut usize| {
        let from = *i;
        while *i < rest.len() && matches!(rest[*i], b' ' | b'\t') && *i - from < 40 {
            *i += 1;
        }
        *i > from
    };
    // The name's own quote or bracket, escaped or not.
    while i < rest.len() && i < 4 && matches!(rest[i], b'"' | b'\'' | b'`' | b']' | b'\\' | b')') {
        i += 1;
    }
    let spaced = spaces(&mut i);
    let tail = &rest[i..];
    let (operator, len) = match tail {
        [b'=', b'=', b'=', ..] | [b'!', b'=', b'=', ..] => (Operator::Compare, 3),
        [b'=', b'=', ..] | [b'!', b'=', ..] => (Operator::Compare, 2),
        [b'=', b'>', ..] | [b':', b'=', ..] | [b'-', b'>', ..] | [b'?', b'=', ..] => (Operator::Assign, 2),
        [b'=', ..] => (Operator::Assign, 1),
        [b':', ..] => (Operator::Colon, 1),
        [b'(' | b',', ..] => (Operator::Argument, 1),
        [b'>', ..] => (Operator::Element, 1),
        [b'"' | b'\'', ..] if option && spaced => (Operator::Option, 0),
        [b, ..] if option && spaced && *b != b'-' => (Operator::Option, 0),
        _ => return None,
    };
    i += len;
    spaces(&mut i);
    // A type between colon and equals sign: `password: str = "…"`.
    if operator == Operator::Colon {
        let word = rest[i..]
            .iter()
            .take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'<' | b'>' | b'[' | b']' | b'.' | b'?' | b'&' | b'\''))
            .count();
        let mut after = i + word;
        spaces(&mut after);
        if (1..40).contains(&word) && rest.get(after) == Some(&b'=') && rest.get(after + 1) != Some(&b'=') {
            after += 1;
            spaces(&mut after);
            return Some((Operator::Assign, after));
        }
    }
    // A call's or constructor's opening before a quoted value: `String("…")`, `new SecretKey("…")`, and prefixes such as `b"…"`.
    Some((operator, i))
}

/// The value at `at`: between quotes, or up to the next separator.
fn value(bytes: &[u8], at: usize, end: usize) -> Option<(Range<usize>, bool)> {
    let mut at = at;
    // String prefixes of several languages, and escaped quotes within a quoted document.
    for prefix in [&b"@"[..], b"b", b"r", b"u", b"f", b"L", b"N", b"rb", b"br", b"\\"] {
        if bytes[at..end].starts_with(prefix) && matches!(bytes.get(at + prefix.len()), Some(b'"' | b'\'')) && at + prefix.len() < end {
            at += prefix.len();
            break;
        }
    }
    let quote = *bytes[at..end].first()?;
    if matches!(quote, b'"' | b'\'' | b'`') {
        let escaped = at > 0 && bytes[at - 1] == b'\\';
        let inner = &bytes[at + 1..end.min(at + 1 + MAX_VALUE + 2)];
        let mut i = 0;
        while i < inner.len() {
            match inner[i] {
                b'\\' if escaped && inner.get(i + 1) == Some(&quote) => break,
                b'\\' => i += 2,
                b if b == quote => break,
                _ => i += 1,
            }
        }
        return (i > 0 && i < inner.len()).then_some((at + 1..at + 1 + i, true));
    }
    let bare = &bytes[at..end.min(at + MAX_VALUE + 1)];
    let len = (0..bare.len()).find(|&i| ends_bare(bare, i)).unwrap_or(bare.len());
    (len > 0 && len <= MAX_VALUE).then_some((at..at + len, false))
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
            rest.first()
                .is_none_or(|b| b.is_ascii_whitespace() || matches!(b, b'"' | b'\'' | b',' | b';' | b')' | b'}' | b']' | b'\\' | b'n'))
                || name > 1 && matches!(rest.get(name), Some(b'=' | b':'))
        }
        _ => false,
    }
}

/// Whether a value has letters with digits or signs, as chosen or generated ones have.
fn strong(value: &[u8]) -> bool {
    let digits = value.iter().filter(|b| b.is_ascii_digit()).count();
    let upper = value.iter().any(u8::is_ascii_uppercase);
    let lower = value.iter().any(u8::is_ascii_lowercase);
    let signs = value.iter().any(|b| b.is_ascii_punctuation() && !matches!(b, b'_' | b'-' | b'.' | b'/' | b':'));
    let kinds = u8::from(digits > 0) + u8::from(upper) + u8::from(lower) + u8::from(signs);
    value.len() >= 8 && kinds >= 3
        || value.len() >= 16 && digits >= 4 && (upper || lower)
        || value.len() >= 6 && kinds >= 2 && signs && digits > 0
}

/// Objects to values that no credential of this kind looks like.
fn plausible(value: &[u8], quoted: bool, kind: AssignmentKind) -> Result<(), Objection> {
    let context = |why| Err(Objection { gate: Gate::Context, why: Why::Text(why) });
    if let Some(why) = super::checks::reference(value) {
        return Err(Objection { gate: Gate::Reference, why: Why::Text(why) });
    }
    let least = match kind {
        AssignmentKind::Password => 5,
        AssignmentKind::Token => 12,
    };
    if value.len() < least {
        return context("too short for a credential");
    }
    if value.iter().any(|b| b.is_ascii_control()) {
        return context("control characters");
    }
    if value.iter().filter(|&&b| b == b' ').count() > if quoted && kind == AssignmentKind::Password { 1 } else { 0 } {
        return context("a sentence");
    }
    const WORDS: [&[u8]; 18] = [
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
    ];
    let lower = value.to_ascii_lowercase();
    if WORDS.contains(&lower.as_slice()) {
        return context("an ordinary word");
    }
    let code = |b: &u8| matches!(b, b'(' | b')' | b'[' | b']' | b'{' | b'}');
    if !quoted && value.iter().any(code) {
        return context("an expression of code");
    }
    if value.starts_with(b"http://")
        || value.starts_with(b"https://")
        || value.starts_with(b"/")
        || value.starts_with(b"./")
        || value.starts_with(b"~/")
    {
        return context("an address or path");
    }
    if kind == AssignmentKind::Token {
        let digits = value.iter().filter(|b| b.is_ascii_digit()).count();
        if digits == 0 && (value.len() < 24 || !value.iter().any(u8::is_ascii_uppercase)) {
            return context("words, not a made value");
        }
        if value.iter().any(|b| matches!(b, b' ' | b'<' | b'>' | b'(' | b')' | b'@')) {
            return context("characters that made values do not have");
        }
    } else {
        // Names of constants, keys of translations, dotted paths of code.
        let identifier = value.iter().all(|&b| b.is_ascii_alphabetic() || matches!(b, b'_' | b'.' | b'-' | b'/' | b':'));
        if identifier && value.iter().any(|b| matches!(b, b'_' | b'.' | b'-' | b'/' | b':')) {
            return context("an identifier");
        }
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
        ] {
            assert_eq!(check(line).as_deref(), Some(PASSWORD), "{line}");
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
            "password: string",
            "if (!password) return",
            "passwordless = \"magic-link-1\"",
            "PASSWORD_FILE=/run/secrets/db_1",
        ] {
            assert_eq!(check(line), None, "{line}");
        }
    }
}
