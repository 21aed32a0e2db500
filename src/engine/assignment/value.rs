//! Values: how far they go, and which of them cannot be a credential.

use std::ops::Range;

use base64::Engine as _;

use super::super::window::last_line;
use super::literal;
use super::prose::{mixed_word, random_word};
use super::{MAX_VALUE, Operator, Quote};
use crate::engine::checks::{self, Objection, Why};
use crate::engine::classify::reads_as_words;
use crate::rules::Gate;
use crate::rules::format::AssignmentKind;

/// The value at `at`: between quotes, or up to the next separator.
pub fn value(bytes: &[u8], at: usize, end: usize) -> Option<(Range<usize>, Quote)> {
    if let Some(found) = literal::raw(&bytes[at..end]) {
        return Some((at + found.start..at + found.end, Quote::Double));
    }
    let prefix = literal::prefix(&bytes[at..end]);
    let holes = literal::has_holes(&bytes[at..at + prefix]);
    let mut at = at + prefix;
    // Escaped quotes within a quoted document, which may be quoted itself.
    let escapes = bytes[at..end].iter().take(MAX_ESCAPES).take_while(|&&b| b == b'\\').count();
    if matches!(bytes[at..end].get(escapes), Some(b'"' | b'\'')) {
        at += escapes;
    }
    // Markdown's longer fences around a literal, and the quotes of one that may go over lines.
    while bytes[at..end].starts_with(b"``") {
        at += 1;
    }
    let tripled = bytes[at..end].starts_with(b"\"\"\"") || bytes[at..end].starts_with(b"'''");
    if tripled {
        at += 2;
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
                // Twice, it stands for itself: in SQL, YAML and tables.
                b if b == quote && i > 0 && !tripled && is_doubled(&inner[i..], quote) => i += 2,
                b if b == quote => break,
                _ => i += 1,
            }
        }
        let kind = match quote {
            b'"' => Quote::Double,
            b'`' => Quote::Back,
            _ => Quote::Single,
        };
        // A literal within a literal, as build files write them: `"\\"…\\""`.
        let text = &inner[..i.min(inner.len())];
        if holes && memchr::memchr2(b'{', b'$', text).is_some() {
            return None;
        }
        let nested = usize::from(escapes == 0 && text.len() > 4 && text.starts_with(b"\\\"") && text.ends_with(b"\\\"")) * 2;
        // A blank before or behind one word was copied along.
        let is_word = !text.trim_ascii().contains(&b' ');
        let blanks = |trimmed: &[u8]| if is_word { text.len() - trimmed.len() } else { 0 };
        let start = at + 1 + nested.max(blanks(text.trim_ascii_start()));
        let end = at + 1 + i - nested.max(blanks(text.trim_ascii_end()));
        return (i < inner.len() && start < end).then_some((start..end, kind));
    }
    if let Some(entity) = ENTITIES.iter().find(|e| bytes[at..end].starts_with(e)) {
        let start = at + entity.len();
        let len = memchr::memmem::find(&bytes[start..end.min(start + MAX_VALUE)], entity)?;
        return (len > 0).then_some((start..start + len, Quote::Entity));
    }
    if let Some(len) = emphasized(&bytes[at..end.min(at + MAX_VALUE)]) {
        return Some((at + 2..at + 2 + len, Quote::Back));
    }
    let bare = &bytes[at..end.min(at + MAX_VALUE + 1)];
    let len = (0..bare.len()).find(|&i| ends_bare(bare, i) && !is_within(bytes, at, bare, i)).unwrap_or(bare.len());
    (len > 0 && len <= MAX_VALUE).then_some((at..at + len, Quote::None))
}

/// Backslashes before a quote, at most: each time a document is quoted in another one makes of `n` twice as many and one more.
const MAX_ESCAPES: usize = 7;

/// Whether `text` begins with a `quote` behind as many backslashes as there were before the opening one.
fn closes(text: &[u8], escapes: usize, quote: u8) -> bool {
    text.get(..escapes).is_some_and(|run| run.iter().all(|&b| b == b'\\')) && text.get(escapes) == Some(&quote)
}

/// Whether a literal goes on behind its own quote, which stands at the begin of `text`, because there are two of them.
fn is_doubled(text: &[u8], quote: u8) -> bool {
    matches!(text, [_, second, third, ..] if *second == quote && third.is_ascii_alphanumeric()) && text[2..].contains(&quote)
}

/// The length of a value in bold face, in Markdown: `**…**`.
fn emphasized(text: &[u8]) -> Option<usize> {
    let inner = text.strip_prefix(b"**")?;
    let len = inner.iter().position(|b| b.is_ascii_whitespace() || *b == b'*').filter(|&len| inner[len..].starts_with(b"**"))?;
    (len > 0 && !inner[len..].starts_with(b"***")).then_some(len)
}

/// Whether the quote or angle bracket at `bare[i]` is one of a password's signs: more of it follows, and nothing that the quote might close was opened
/// before on its line. A word before it is prose: `don't`.
fn is_within(bytes: &[u8], at: usize, bare: &[u8], i: usize) -> bool {
    /// Bytes on the line before the value, and behind an angle bracket.
    const NEAR: usize = 128;
    if !matches!(bare[i], b'"' | b'\'' | b'`' | b'<') || !bare.get(i + 1).is_some_and(u8::is_ascii_alphanumeric) {
        return false;
    }
    if bare[..i].iter().all(u8::is_ascii_alphabetic) {
        return false;
    }
    let behind = &bare[i + 1..bare.len().min(i + NEAR)];
    if bare[i] == b'<' {
        return memchr::memchr3(b'>', b'<', b'/', behind).is_none();
    }
    memchr::memchr(bare[i], last_line(&bytes[at.saturating_sub(NEAR)..at])).is_none()
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
            }) || (name > 1 || name == 1 && text[i] == b'&') && matches!(rest.get(name), Some(b'=' | b':'))
        }
        _ => false,
    }
}

/// Quotes as markup writes them.
pub const ENTITIES: [&[u8]; 4] = [b"&quot;", b"&#34;", b"&#39;", b"&apos;"];

/// Objects to bare values that are code: calls, names of variables in a statement. `begins` says that the name begins its line.
pub fn bare(value: &[u8], behind: &[u8], operator: Operator, spaced: bool, begins: bool) -> Result<(), Objection> {
    let code = |why| Err(Objection { gate: Gate::Context, why: Why::Text(why) });
    let name =
        value.iter().all(|&b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b'-' | b'*' | b'&')) && !value[0].is_ascii_digit();
    // `X (temporary)`: a remark.
    let remark = behind.strip_prefix(b"(").and_then(|b| b.strip_suffix(b")")).unwrap_or_default();
    let remarked = !remark.is_empty() && remark.iter().all(|b| b.is_ascii_alphanumeric() || *b == b' ');
    if remarked && (!name && mixed_word(value) || !spaced && random_word(value)) {
        return Ok(());
    }
    if behind.starts_with(b"{") || behind.starts_with(b"(") || behind.starts_with(b"[") || behind.starts_with(b">") {
        return code("an expression of code");
    }
    if name && spaced && !random_word(value) && (behind.starts_with(b";") || behind.starts_with(b")") || behind.starts_with(b",")) {
        return code("a bare word in a statement is a name, not a value");
    }
    // `Password: encPwd,`, in the literal of a structure or among arguments, a line each.
    let is_variable = name && !value.contains(&b'-') && !random_word(value);
    if is_variable && begins && behind == b"," {
        return code("the name of a variable, in a list of fields or arguments");
    }
    if operator == Operator::Compare && is_constant(value) {
        return code("the name of a constant");
    }
    Ok(())
}

/// Whether `value` is written as constants of code are: `C_OK`.
fn is_constant(value: &[u8]) -> bool {
    value.contains(&b'_') && value.iter().all(|b| b.is_ascii_uppercase() || *b == b'_')
}

/// Whether `value` is written as names of variables are, and ends in a word for a secret: `injectNpm2FaToken`.
fn names_secret(value: &[u8]) -> bool {
    const ENDS: [&[u8]; 6] = [b"Password", b"Passwd", b"Token", b"Secret", b"Key", b"Credentials"];
    let head = ENDS.iter().find_map(|end| value.strip_suffix(*end)).unwrap_or_default();
    head.len() >= 3
        && head[0].is_ascii_lowercase()
        && head.iter().all(u8::is_ascii_alphanumeric)
        && head.last().is_some_and(u8::is_ascii_lowercase)
}

/// Whether `value` is made of words and a list goes on `behind` it, as in `["db-password", "redis-key", "mail-token"]`.
pub fn is_listed(value: &[u8], behind: &[u8]) -> bool {
    let rest = behind.strip_prefix(b"\"").or_else(|| behind.strip_prefix(b"'")).unwrap_or(behind).trim_ascii_start();
    let goes_on = rest.strip_prefix(b",").is_some_and(|next| matches!(next.trim_ascii_start().first(), Some(b'"' | b'\'')));
    let are_words = || value.contains(&b'-') && value.iter().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || *b == b'-');
    goes_on && (are_words() || names_secret(value))
}

/// Objects to what a key of a table looks like: `key` names those far more often than keys that open something, the more so when it stands
/// `alone`.
pub fn made(value: &[u8], alone: bool) -> Result<(), Objection> {
    // 32 bits, as keys of OpenPGP are called: the short id.
    if value.len() <= 8 && value.iter().all(u8::is_ascii_hexdigit) {
        return Err(Objection { gate: Gate::Context, why: Why::Text("a short id") });
    }
    // And the whole fingerprint, as GnuPG prints it: <https://www.rfc-editor.org/rfc/rfc9580#section-5.5.4.2>.
    if value.len() == 40 && value.iter().all(|b| matches!(b, b'0'..=b'9' | b'A'..=b'F')) {
        return Err(Objection { gate: Gate::Context, why: Why::Text("the fingerprint of an OpenPGP key") });
    }
    // In a bucket, or on a disk.
    let is_ending = |end: &[u8]| (2..=5).contains(&end.len()) && end.iter().all(u8::is_ascii_lowercase);
    if value.contains(&b'/') && value.rsplitn(2, |&b| b == b'.').next().is_some_and(|end| end.len() < value.len() && is_ending(end)) {
        return Err(Objection { gate: Gate::Context, why: Why::Text("the path of a file") });
    }
    let digits = value.iter().filter(|b| b.is_ascii_digit()).count();
    let letters = value.iter().filter(|b| b.is_ascii_alphabetic()).count();
    // A UUID under `key` and nothing more is the id of a row.
    let made = if alone { value.len() >= 20 && digits >= 3 && letters >= 3 && !is_uuid(value) } else { digits > 0 || value.len() >= 24 };
    if made && value.is_ascii() && value[0] != b'~' {
        return Ok(());
    }
    Err(Objection { gate: Gate::Context, why: Why::Text("the key of a table, not of a lock") })
}

/// Objects to keys of rows, records, objects and entries: `name` ends in `key`, `before` is what stands before it on its line.
pub fn no_row(before: &[u8], name: &[u8], value: &[u8]) -> Result<(), Objection> {
    const COUNTED: [&[u8]; 4] = [b"first", b"second", b"third", b"timeout"];
    let head = &name[..name.len() - b"key".len()];
    let head = head.strip_suffix(b"_").or_else(|| head.strip_suffix(b"-")).unwrap_or(head);
    let objects = |why| Err(Objection { gate: Gate::Context, why: Why::Text(why) });
    if is_uuid(value) && COUNTED.iter().any(|word| head.eq_ignore_ascii_case(word)) {
        return objects("the key of a table, not of a lock");
    }
    // The long id of a key of OpenPGP.
    let is_long_id = value.len() == 16 && value.iter().all(|b| matches!(b, b'0'..=b'9' | b'A'..=b'F'));
    if is_long_id && head.windows(2).any(|pair| pair.eq_ignore_ascii_case(b"pg")) {
        return objects("the id of an OpenPGP key");
    }
    if is_record(value) {
        return objects("the key of a record");
    }
    // Amazon S3's upload policies: `["eq", "$key", "images/…"]`.
    if head == b"$" && (before.ends_with(b"\"eq\",\"") || before.ends_with(b"\"eq\", \"")) || head.is_empty() && is_object(value) {
        return objects("the key of an object in a store");
    }
    if head.is_empty() && is_entry(before) {
        return objects("the name of an entry");
    }
    // As GitHub's API hands out keys to seal secrets with: <https://docs.github.com/en/rest/actions/secrets>.
    let is_sealing = || value.len() == 44 && value.ends_with(b"=") && memchr::memmem::find(before, b"key_id").is_some();
    if head.is_empty() && is_sealing() {
        return objects("a public key beside its id");
    }
    Ok(())
}

/// Whether `value` is the number of a record with what it is of: `WHD-REC-2001`.
fn is_record(value: &[u8]) -> bool {
    let mut parts = value.rsplit(|&b| b == b'-');
    let number = parts.next().unwrap_or_default();
    let mut words = parts.peekable();
    words.peek().is_some()
        && (1..=6).contains(&number.len())
        && number.iter().all(u8::is_ascii_digit)
        && words.all(|word| (2..=8).contains(&word.len()) && word.iter().all(u8::is_ascii_uppercase))
}

/// Whether `value` is the path of an object: a folder of lower-case words stands before a slash.
fn is_object(value: &[u8]) -> bool {
    let Some((folder, _)) = memchr::memchr(b'/', value).map(|at| value.split_at(at)) else { return false };
    folder.len() >= 4 && folder.iter().all(|&b| b.is_ascii_lowercase() || b == b'_' || b == b'-')
}

/// Whether `before` ends in an element whose attribute `key` names an entry: `<string key="…">`.
fn is_entry(before: &[u8]) -> bool {
    const ENTRIES: [&[u8]; 14] = [
        b"string",
        b"entry",
        b"item",
        b"data",
        b"object",
        b"reference",
        b"int",
        b"integer",
        b"bool",
        b"boolean",
        b"double",
        b"array",
        b"dictionary",
        b"nil",
    ];
    let Some(tag) = before.strip_suffix(b" ").and_then(|text| text.iter().rposition(|&b| b == b'<').map(|at| &text[at + 1..])) else {
        return false;
    };
    ENTRIES.contains(&tag)
}

/// Objects to passwords that are called encoded, in hex digits or base 64, and are no text: `encodedPassword` is a hash then.
pub fn no_digest(name: &[u8], value: &[u8]) -> Result<(), Objection> {
    /// Bytes of the shortest digest in use.
    const LEAST: usize = 16;
    if !name.windows(7).any(|word| word.eq_ignore_ascii_case(b"encoded")) {
        return Ok(());
    }
    let is_hex = value.len().is_multiple_of(2) && value.iter().all(u8::is_ascii_hexdigit);
    let is_binary =
        || checks::armour::LENIENT.decode(value).is_ok_and(|bytes| bytes.len() >= LEAST && std::str::from_utf8(&bytes).is_err());
    if is_hex && value.len() >= 2 * LEAST || is_binary() {
        return Err(Objection {
            gate: Gate::Context,
            why: Why::Text("its name says that it is encoded, and it encodes no text: a digest"),
        });
    }
    Ok(())
}

/// Objects to what only looks assigned to `name`, for what stands `before` the value: a part of an ARN, the digest of a file of that name, the file itself.
pub fn elsewhere(before: &[u8], name: &[u8], value: &[u8]) -> Option<Objection> {
    let address = before.strip_suffix(name).unwrap_or(before);
    let word =
        &address[address.iter().rposition(|b| b.is_ascii_whitespace() || matches!(b, b'"' | b'\'' | b'`' | b'=')).map_or(0, |i| i + 1)..];
    if word.starts_with(b"arn:") {
        return Some(Objection { gate: Gate::Reference, why: Why::Text("an ARN: it names a secret that is elsewhere") });
    }
    // `"password.js": "password-….js"`, as lists of built files have it.
    let ending = &name[name.iter().rposition(|&b| b == b'.').unwrap_or(name.len())..];
    if checks::is_file_name(name) && value.ends_with(ending) {
        return Some(Objection { gate: Gate::Context, why: Why::Text("the name of a file") });
    }
    checks::is_digest_of(before, value).then_some(Objection { gate: Gate::Context, why: Why::Text("the digest of a file") })
}

/// Whether `value` is written as UUIDs are.
pub fn is_uuid(value: &[u8]) -> bool {
    value.len() == 36 && [8, 13, 18, 23].iter().all(|&i| value[i] == b'-')
}

/// Whether `value` mixes digits and letters of both cases and holds nothing that base 64 does not: some of it begins with a slash.
fn base64(value: &[u8]) -> bool {
    value.iter().all(|&b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/' | b'='))
        && value.iter().any(u8::is_ascii_digit)
        && value.iter().any(u8::is_ascii_uppercase)
        && value.iter().any(u8::is_ascii_lowercase)
}

/// Whether `value` is a version, or the tag of an image that begins with one: `1.13.1-k8s`.
fn is_version(value: &[u8]) -> bool {
    let core = value.strip_prefix(b"v").unwrap_or(value).split(|b| matches!(b, b'-' | b'+')).next().unwrap_or_default();
    let is_number = |part: &[u8]| (1..=4).contains(&part.len()) && part.iter().all(u8::is_ascii_digit);
    let tail = value.iter().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'.' | b'-' | b'+'));
    tail && core.split(|&b| b == b'.').count() == 3 && core.split(|&b| b == b'.').all(is_number)
}

/// Whether `value` is what Visual Studio's projects of installers call their parts: `8:_` and 32 hex digits.
fn is_of_installer(value: &[u8]) -> bool {
    value.strip_prefix(b"8:_").is_some_and(|key| key.len() == 32 && key.iter().all(u8::is_ascii_hexdigit))
}

/// Whether `value` is the address of a host, of IPv4 or IPv6.
fn is_host_address(value: &[u8]) -> bool {
    let has_parts = value.iter().filter(|b| matches!(b, b'.' | b':')).count() >= 3;
    has_parts && std::str::from_utf8(value).is_ok_and(|text| text.parse::<core::net::IpAddr>().is_ok())
}

/// Whether `value` is a regular expression: it has a group or a class that passwords have no use for.
fn is_regex(value: &[u8]) -> bool {
    const BEGINS: [&[u8]; 8] = [b"(?:", b"(?<", b"(?P<", b"(?=", b"(?i)", b"[0-9", b"[a-z", b"[A-Z"];
    memchr::memchr2_iter(b'(', b'[', value).any(|at| BEGINS.iter().any(|begin| value[at..].starts_with(begin)))
}

/// Whether what follows a percent sign makes a directive of `printf` of it: `%d`, `%08x`, `%-10s`, `%lu`.
fn is_directive(behind: &[u8]) -> bool {
    let flags = behind.iter().take_while(|b| b"-+ #.*0123456789".contains(b)).count();
    let size = behind[flags..].iter().take(2).take_while(|b| b"hlz".contains(b)).count();
    behind.get(flags + size).is_some_and(|b| b"dixXusfegcp".contains(b))
}

/// Whether `b` opens or closes what belongs together.
pub fn is_bracket(b: &u8) -> bool {
    b"()[]{}".contains(b)
}

/// Whether the brackets in `value` are those of a password, not of code: digits and letters of both cases stand around them, nothing is called, taken
/// from a list or reached through a dot, and no part of it is a word.
fn has_stray_brackets(value: &[u8]) -> bool {
    let has = |kind: fn(&u8) -> bool| value.iter().any(kind);
    let drawn = value.len() >= 8 && has(u8::is_ascii_digit) && has(u8::is_ascii_lowercase) && has(u8::is_ascii_uppercase);
    let (first, last) = (value[0], value[value.len() - 1]);
    let enclosed = is_bracket(&first) && is_bracket(&last);
    // `f(x)`, `list[i]`: what is opened ends the value.
    let called = matches!(last, b')' | b']' | b'}') && value.iter().filter(|b| is_bracket(b)).count() > 1;
    let joined = |w: &[u8]| is_bracket(&w[0]) && (is_bracket(&w[1]) || w[1] == b'.') || matches!(w, b"->" | b"::" | b"=>" | b"${" | b"$(");
    let member = |w: &[u8]| w[1] == b'.' && w[0].is_ascii_alphanumeric() && w[2].is_ascii_alphabetic();
    let mut parts = value.split(|b| !b.is_ascii_alphanumeric()).filter(|part| part.len() >= 3);
    drawn
        && !enclosed
        && !called
        && !value.windows(2).any(joined)
        && !value.windows(3).any(member)
        && !parts.any(|part| part.iter().all(u8::is_ascii_digit) || reads_as_words(part))
}

/// Whether `value`, under `name`, has more words than a credential of this kind may have. Passphrases are made of them, and without a sentence's signs.
pub fn is_sentence(name: &[u8], value: &[u8], quoted: bool, kind: AssignmentKind) -> bool {
    const PASSPHRASES: [&[u8]; 3] = [b"passphrase", b"pass_phrase", b"pass-phrase"];
    let is_passphrase = || {
        PASSPHRASES.iter().any(|word| name.windows(word.len()).any(|part| part.eq_ignore_ascii_case(word)))
            && value.iter().all(|b| b.is_ascii_alphanumeric() || b" -_!#+*".contains(b))
    };
    match value.iter().filter(|&&b| b == b' ').count() {
        0 => false,
        1 => !(quoted && kind == AssignmentKind::Password),
        spaces => !(quoted && kind == AssignmentKind::Password && spaces < 12 && is_passphrase()),
    }
}

/// Objects to values that no credential of this kind looks like.
pub fn plausible(value: &[u8], quoted: bool, kind: AssignmentKind) -> Result<(), Objection> {
    if let Some(why) = checks::reference(value) {
        return Err(Objection { gate: Gate::Reference, why: Why::Text(why) });
    }
    if let Some(why) = checks::encrypted(value) {
        return Err(Objection { gate: Gate::Encrypted, why: Why::Text(why) });
    }
    let why = checks::public(value).or_else(|| no_text(value, kind)).or_else(|| common(value)).or_else(|| match kind {
        AssignmentKind::Password => no_password(value, quoted),
        AssignmentKind::Token => no_token(value, quoted),
    });
    why.map_or(Ok(()), |why| Err(Objection { gate: Gate::Context, why: Why::Text(why) }))
}

/// Why `value` is not one word of text, as credentials are.
fn no_text(value: &[u8], kind: AssignmentKind) -> Option<&'static str> {
    let least = match kind {
        AssignmentKind::Password => 4,
        AssignmentKind::Token => 8,
    };
    if value.len() < least {
        return Some("too short for a credential");
    }
    // Test vectors and protocol constants, in source and in escaped documents.
    let escapes = value.windows(2).filter(|w| w == b"\\x").count();
    if escapes >= 3 && escapes * 8 >= value.len() {
        return Some("bytes written as escapes");
    }
    value.iter().any(|b| b.is_ascii_control()).then_some("control characters")
}

/// Words that stand where a value is described.
const WORDS: [&str; 19] = [
    "true",
    "false",
    "null",
    "none",
    "string",
    "undefined",
    "password",
    "passwd",
    "secret",
    "token",
    "required",
    "optional",
    "hidden",
    "text",
    "integer",
    "boolean",
    "object",
    "default",
    "chararray",
];
/// The word itself, as lists of prompts and translations have it.
const PASSWORDS: [&str; 25] = [
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
    "parola",
    "lykilorð",
    "parool",
    "slaptažodis",
    "geslo",
    "clave",
];

/// Why `value` is something else that stands behind such names.
fn common(value: &[u8]) -> Option<&'static str> {
    // `String!`, `String?`: types that must or need not be there.
    let lower = value.strip_suffix(b"!").or_else(|| value.strip_suffix(b"?")).unwrap_or(value).to_ascii_lowercase();
    if WORDS.iter().chain(&PASSWORDS).any(|word| word.as_bytes() == lower) {
        return Some("an ordinary word");
    }
    // `Nové heslo`, `jelszó megváltoztatása`: in a language that writes more than ASCII, or in several words.
    let is_told = !value.is_ascii() || value.contains(&b' ');
    if is_told
        && !value.iter().any(u8::is_ascii_digit)
        && PASSWORDS.iter().any(|word| memchr::memmem::find(&lower, word.as_bytes()).is_some())
    {
        return Some("a text about passwords");
    }
    if is_version(value) {
        return Some("a version");
    }
    if is_of_installer(value) {
        return Some("a key within a project of an installer");
    }
    if is_host_address(value) {
        return Some("the address of a host");
    }
    if is_regex(value) {
        return Some("a regular expression");
    }
    if memchr::memchr_iter(b'%', value).filter(|&at| is_directive(&value[at + 1..])).count() > 1 {
        return Some("a format, for values to be put in");
    }
    let begins = |with: &[u8]| value.starts_with(with);
    // Of keys and certificates: `rsa.2048.pem`.
    let is_key_file =
        [&b".pem"[..], b".crt", b".cer", b".key", b".pfx", b".p12", b".jks", b".pub", b".asc"].iter().any(|end| value.ends_with(end))
            && value.iter().all(|b| b.is_ascii_alphanumeric() || b"._-/".contains(b));
    if is_key_file || begins(b"urn:") {
        return Some("the name of a file or of a thing");
    }
    let is_drive = matches!(value, [drive, b':', b'/' | b'\\', ..] if drive.is_ascii_alphabetic());
    let is_path = is_drive || begins(b"./") || begins(b"~/") || begins(b"/") && !(value.len() >= 24 && base64(value));
    (is_path || begins(b"http://") || begins(b"https://")).then_some("an address or path")
}

/// Why nobody has such a password.
fn no_password(value: &[u8], quoted: bool) -> Option<&'static str> {
    if !quoted && value.iter().any(is_bracket) && !has_stray_brackets(value) {
        return Some("an expression of code");
    }
    let is_number = value.len() <= 18 && value.strip_prefix(b"0x").is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit));
    is_number.then_some("a number")
}

/// Why nobody issues such a token.
fn no_token(value: &[u8], quoted: bool) -> Option<&'static str> {
    if !quoted && value.iter().any(is_bracket) {
        return Some("an expression of code");
    }
    let marked = value.contains(&b'<') && (!quoted || value.contains(&b'>')) || value.contains(&b'>') && !quoted;
    if marked || value.contains(&b' ') {
        return Some("characters that made values do not have");
    }
    if !value.is_ascii() && std::str::from_utf8(value).is_ok_and(|text| text.chars().any(|c| !c.is_ascii() && c.is_alphabetic())) {
        return Some("letters that made values do not have");
    }
    if value.starts_with(b"=") {
        return Some("padding stands at the end of a value, not before it");
    }
    // A mark where a character was: no alphabet of made values has a question mark and no other sign.
    let odd = |b: &u8| !b.is_ascii_alphanumeric() && !matches!(b, b'-' | b'_' | b'.' | b'=' | b'/' | b'+');
    let is_masked = value.contains(&b'?') && value.iter().filter(|b| odd(b)).all(|&b| b == b'?');
    is_masked.then_some("a question mark stands for some of its characters")
}
