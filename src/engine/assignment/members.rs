//! Members of a list or mapping that one name stands for: `api_keys = ["…", "…"]`, `tokens:` above `ci: …`, `users = {"ann": "…"}`,
//! `AUTH = ("ann", "…")`.
//!
//! Whether they go on below is told by the line of the name alone, as everywhere: see [`super::below`].

use std::ops::Range;

use super::below::{Row, is_remark, line_before, line_below};
use super::name::ends_with_ignore_case;
use super::operator::own_quotes;
use super::prose::{mixed_word, random_word};
use super::value::value;
use super::{MAX_NAME, Quote, end_of_line};
use crate::rules::format::{ByteSet, Shape};

/// Bytes behind a name within which its list begins.
const MAX_LEAD: usize = 96;
/// Bytes of a name's own quotes and blanks behind it.
const MAX_QUOTES: usize = 16;
/// The first byte of an operator, and the bracket that needs none.
const OPENERS: &[u8] = b"=:[";
/// Bytes of indentation.
const MAX_INDENT: usize = 80;
/// Bytes of a credential without a name of its own, at least.
const LEAST: usize = 8;
/// How deep brackets may lie in each other.
const DEPTH: usize = 3;

/// What the members are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Holds {
    /// Values, each with a name of its own or none.
    Values,
    /// The value in each environment: `prod: …`.
    Stages,
    /// Passwords, each behind its user.
    LogIns,
}

/// Words for what holds log-ins, and nothing but those.
const HOLDERS: [&[u8]; 4] = [b"users", b"accounts", b"logins", b"creds"];

/// Whether `anchor` is no name of a value, only of what holds some.
pub fn is_holder(anchor: &[u8]) -> bool {
    HOLDERS.iter().any(|word| anchor.eq_ignore_ascii_case(word))
}

impl Holds {
    /// What a list called `name` holds.
    pub fn of(name: &[u8]) -> Self {
        const LOG_INS: [&[u8]; 3] = [b"auth", b"credentials", b"credential"];
        const VALUES: [&[u8]; 8] = [b"passwords", b"passwds", b"pwds", b"pass", b"passphrases", b"secrets", b"tokens", b"keys"];
        let ends = |words: &[&[u8]]| words.iter().any(|word| ends_with_ignore_case(name, word));
        if ends(&HOLDERS) || ends(&LOG_INS) {
            Self::LogIns
        } else if ends(&VALUES) {
            Self::Values
        } else {
            Self::Stages
        }
    }
}

/// Where the members of a list begin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Opening {
    /// Behind a bracket.
    Bracket(usize),
    /// On the lines below, which are indented.
    Block,
}

/// The members behind a name.
#[derive(Clone, Debug)]
pub struct Members {
    holds: Holds,
    /// Whether they are tokens or keys, which machines make: all else under these names are words of a language, fields of a record, variables.
    is_issued: bool,
    /// Whether the list may be a log-in itself: `auth = (…)`, not `users = [...]`.
    is_one: bool,
    form: Form,
    limit: usize,
}

/// Where they are read.
#[derive(Clone, Debug)]
enum Form {
    /// Within brackets: where to go on, how many members each bracket has so far, how many brackets are open, and the last key.
    Bracket { at: usize, counts: [usize; DEPTH], depth: usize, key: Option<Range<usize>> },
    /// On lines: where the one above the next ends, and their indentation.
    Block { above: usize, indent: Option<usize> },
    /// Nowhere.
    None,
}

/// Whether `name` may be that of a list.
pub fn may_open(bytes: &[u8], name: &Range<usize>) -> bool {
    leads(bytes, name) && opening(bytes, name).is_some()
}

/// What follows the name of a holder that opens a list: as in [`leads`].
pub fn shape() -> Shape {
    let mut after = ByteSet::EMPTY;
    OPENERS.iter().for_each(|&sign| after.insert(sign));
    Shape { after, least: 1, reach: MAX_QUOTES as u16, ..Shape::ANY }
}

/// Whether an operator or bracket follows `name`. Told without a look at its line, for every name is asked, and behind few does one.
fn leads(bytes: &[u8], name: &Range<usize>) -> bool {
    let behind = &bytes[name.end..(name.end + MAX_QUOTES).min(bytes.len())];
    behind
        .iter()
        .find(|b| !matches!(b, b' ' | b'\t' | b'"' | b'\'' | b'`' | b']' | b'\\' | b')' | b'*'))
        .is_none_or(|b| OPENERS.contains(b))
}

/// Whether what follows `name` up to the end of its line opens a list.
pub fn goes_on(bytes: &[u8], name: &Range<usize>) -> bool {
    leads(bytes, name)
        && matches!(opening(bytes, name), Some(Opening::Bracket(at)) if bytes[at..end_of_line(bytes, at, MAX_LEAD)].trim_ascii().is_empty())
        && Holds::of(&bytes[name.clone()]) != Holds::Stages
}

/// Where the list called `name` begins.
fn opening(bytes: &[u8], name: &Range<usize>) -> Option<Opening> {
    let rest = &bytes[name.end..end_of_line(bytes, name.end, MAX_LEAD)];
    let (lead, quoted) = own_quotes(rest);
    let tail = rest[lead..].trim_ascii_start();
    let operator = [&b":="[..], b"=>", b"=", b":"].into_iter().find(|sign| tail.starts_with(sign));
    let Some(operator) = operator else {
        // `:basic-auth ["ann" "…"]`.
        let is_vector = tail.starts_with(b"[\"") && !quoted && rest.starts_with(b" ") && Holds::of(&bytes[name.clone()]) == Holds::LogIns;
        return is_vector.then(|| Opening::Bracket(name.end + rest.len() - tail.len() + 1));
    };
    let mut value = tail[operator.len()..].trim_ascii_start();
    if value.is_empty() {
        let begins = || line_before(bytes, name, MAX_INDENT).is_some_and(|before| before.iter().all(|b| matches!(b, b' ' | b'\t')));
        return (operator == b":" && !quoted && begins()).then_some(Opening::Block);
    }
    // A type: `users: dict[str, str] = {`.
    if operator == b":" && value[0].is_ascii_alphabetic() {
        let is_type = |b: &u8| b.is_ascii_alphanumeric() || b"_[]<>, .|".contains(b);
        let len = value.iter().take_while(|b| is_type(b)).count();
        value = value[len..].strip_prefix(b"=")?.trim_ascii_start();
    }
    let bracket = match value {
        [b'[', b']', ..] => memchr::memchr(b'{', value)?,
        [b'[' | b'{' | b'(', ..] => 0,
        _ => constructor(value)?,
    };
    Some(Opening::Bracket(name.end + rest.len() - value.len() + bracket + 1))
}

/// Where the bracket stands behind what makes a list in many languages.
fn constructor(value: &[u8]) -> Option<usize> {
    const MAKERS: [&[u8]; 12] = [
        b"array(",
        b"dict(",
        b"vec![",
        b"Map(",
        b"Map.of(",
        b"mapOf(",
        b"mutableMapOf(",
        b"List(",
        b"List.of(",
        b"listOf(",
        b"Arrays.asList(",
        b"Set.of(",
    ];
    if let Some(maker) = MAKERS.iter().find(|maker| value.starts_with(maker)) {
        return Some(maker.len() - 1);
    }
    (value.starts_with(b"map[") || value.starts_with(b"new ")).then(|| memchr::memchr(b'{', value))?
}

impl Members {
    /// Whether there is nowhere to look for one.
    pub const fn is_none(&self) -> bool {
        matches!(self.form, Form::None)
    }

    /// Those of the list called `name`; `below` is how far behind it they are read where they go on on the lines below.
    pub fn of(bytes: &[u8], name: &Range<usize>, below: Option<usize>) -> Self {
        let holds = Holds::of(&bytes[name.clone()]);
        let limit = match below {
            Some(reach) => (name.end + reach).min(bytes.len()),
            None => end_of_line(bytes, name.end, super::MAX_LINE),
        };
        let form = match opening(bytes, name) {
            Some(Opening::Bracket(at)) => Form::Bracket { at, counts: [0; DEPTH], depth: 1, key: None },
            Some(Opening::Block) if below.is_some() => Form::Block { above: end_of_line(bytes, name.end, MAX_LEAD), indent: None },
            _ => Form::None,
        };
        let is_one = ![&b"users"[..], b"accounts", b"logins"].iter().any(|word| ends_with_ignore_case(&bytes[name.clone()], word));
        let is_issued = [&b"tokens"[..], b"keys"].iter().any(|word| ends_with_ignore_case(&bytes[name.clone()], word));
        Self { holds, is_issued, is_one, form, limit }
    }

    /// What they are.
    pub const fn holds(&self) -> Holds {
        self.holds
    }

    /// The next one that may be a credential.
    pub fn next(&mut self, bytes: &[u8]) -> Option<Row> {
        let bytes = &bytes[..self.limit.min(bytes.len())];
        loop {
            let member = match self.form {
                Form::None => None,
                Form::Bracket { .. } => self.in_brackets(bytes),
                Form::Block { .. } => self.on_lines(bytes),
            };
            let Some(member) = member else {
                self.form = Form::None;
                return None;
            };
            if self.is_credential(bytes, &member) {
                let start = member.key.map_or(member.value.start, |key| key.start);
                return Some(Row { line: start..member.value.end, value: member.value, quote: member.quote });
            }
        }
    }

    /// The next member within brackets; nothing behind what is no list of literals.
    fn in_brackets(&mut self, bytes: &[u8]) -> Option<Member> {
        let Form::Bracket { at, counts, depth, key } = &mut self.form else { return None };
        loop {
            *at += bytes[*at..].iter().take_while(|b| b" \t\r\n,;".contains(b)).count();
            let rest = &bytes[*at..];
            let line_end = end_of_line(bytes, *at, super::MAX_LINE);
            if let Some(len) = remark(rest) {
                *at += len;
                continue;
            }
            match *rest.first()? {
                // An element of an array of the shell: `[web01]="…"`.
                b'[' if let Some(len) = index(rest) => {
                    *key = Some(*at + 1..*at + len - 2);
                    *at += len;
                }
                b'[' | b'{' | b'(' => {
                    *counts.get_mut(*depth)? = 0;
                    *depth += 1;
                    *at += 1;
                    if self.holds == Holds::LogIns {
                        *key = None;
                    }
                }
                b']' | b'}' | b')' => {
                    *depth = depth.checked_sub(1).filter(|&depth| depth > 0)?;
                    counts[*depth - 1] += 1;
                    (*at, *key) = (*at + 1, None);
                }
                first => {
                    let is_quoted = matches!(first, b'"' | b'\'' | b'`' | b'@' | b'b' | b'u' | b'r' | b'N');
                    let literal = if is_quoted { value(bytes, *at, line_end).filter(|(_, quote)| *quote != Quote::None) } else { None };
                    let (found, quote) = match literal {
                        Some(literal) => literal,
                        None => (*at..*at + word(rest)?, Quote::None),
                    };
                    let end = found.end + quote.len(bytes, found.end);
                    let behind = &bytes[end.min(line_end)..line_end];
                    if let Some(len) = separator(behind) {
                        (*key, *at) = (Some(found), end + len);
                        continue;
                    }
                    // A call, or what is put together.
                    if !matches!(behind.trim_ascii_start().first(), None | Some(b',' | b';' | b']' | b'}' | b')' | b'"' | b'#' | b'[')) {
                        return None;
                    }
                    *at = end;
                    let (index, key) = (counts[*depth - 1], key.take());
                    counts[*depth - 1] += 1;
                    return Some(Member { key, value: found, quote, index, depth: *depth });
                }
            }
        }
    }

    /// The next entry of a block in YAML.
    fn on_lines(&mut self, bytes: &[u8]) -> Option<Member> {
        let Form::Block { above, indent } = &mut self.form else { return None };
        loop {
            let line = line_below(bytes, *above, MAX_NAME + MAX_INDENT + super::MAX_VALUE)?;
            let begin = *above + if bytes[*above..].starts_with(b"\r\n") { 2 } else { 1 };
            let text = bytes[line.clone()].trim_ascii_end();
            let depth = line.start - begin;
            let is_item = text.starts_with(b"- ");
            match *indent {
                None if depth > 0 || is_item => *indent = Some(depth),
                Some(first) if depth >= first => {}
                _ => return None,
            }
            *above = line.end;
            if *indent < Some(depth) || is_remark(text) || text.starts_with(b"#") {
                continue;
            }
            let (key, at) = if is_item {
                (None, line.start + 2)
            } else {
                let (lead, open) = match text.first() {
                    Some(b'"' | b'\'') => (1, true),
                    _ => (0, false),
                };
                let len = word(&text[lead..])?;
                let behind = &text[lead + len..];
                let behind = if open { behind.get(1..)? } else { behind };
                let value = behind.strip_prefix(b": ")?.trim_ascii_start();
                (Some(line.start + lead..line.start + lead + len), line.start + text.len() - value.len())
            };
            let Some((found, quote)) = value(bytes, at, line.start + text.len()) else { continue };
            let end = found.end + quote.len(bytes, found.end);
            let behind = bytes[end..line.start + text.len()].trim_ascii_start();
            if behind.is_empty() || behind.starts_with(b"#") {
                return Some(Member { key, value: found, quote, index: 0, depth: 1 });
            }
        }
    }

    /// Whether a credential may stand there.
    fn is_credential(&self, bytes: &[u8], member: &Member) -> bool {
        let text = &bytes[member.value.clone()];
        let key = member.key.as_ref().map(|key| &bytes[key.clone()]);
        let is_made = || random_word(text) || mixed_word(text) && !is_address(text);
        let is_plain = member.quote == Quote::None;
        match (self.holds, key) {
            _ if text.len() < LEAST || !text.iter().any(u8::is_ascii_digit) || says_what_it_is(text) || is_plain && !is_made() => false,
            (Holds::Values, _) if self.is_issued && !random_word(text) => false,
            (Holds::Stages, Some(key)) => member.depth == 1 && is_stage(key),
            (Holds::Stages, None) => false,
            (Holds::Values, None) => member.depth == 1,
            (Holds::Values, Some(key)) if member.depth == 2 => key.eq_ignore_ascii_case(b"value"),
            (Holds::Values, Some(key)) => member.depth == 1 && !is_about(key),
            (Holds::LogIns, _) if is_plain || !is_password(text) => false,
            (Holds::LogIns, Some(key)) => member.depth == 1 && !is_about(key) && !key.contains(&b' '),
            (Holds::LogIns, None) => member.index == 1 && (member.depth > 1 || self.is_one),
        }
    }
}

/// One of a list.
struct Member {
    key: Option<Range<usize>>,
    value: Range<usize>,
    quote: Quote,
    /// How many stand before it within the same brackets.
    index: usize,
    /// How many brackets it stands within.
    depth: usize,
}

/// Bytes of a bare word at the begin of `text`.
fn word(text: &[u8]) -> Option<usize> {
    let len = text.iter().take(super::MAX_VALUE).take_while(|b| b.is_ascii_alphanumeric() || b"_-.@/+=~!%*$".contains(b)).count();
    // The sign of an assignment is none of its name's.
    let len = memchr::memchr(b'=', &text[..len]).filter(|&at| !text[at..len].iter().all(|&b| b == b'=')).unwrap_or(len);
    (len > 0).then_some(len)
}

/// Bytes of the sign between a key and its value, and of the blanks around it.
fn separator(behind: &[u8]) -> Option<usize> {
    let text = behind.trim_ascii_start();
    let sign = [&b"=>"[..], b"->", b":", b"=", b"to "].into_iter().find(|sign| text.starts_with(sign))?;
    let value = text[sign.len()..].trim_ascii_start();
    Some(behind.len() - value.len())
}

/// Bytes of an index of the shell, with its sign.
fn index(text: &[u8]) -> Option<usize> {
    let len = text[1..].iter().take(MAX_NAME).take_while(|b| b.is_ascii_alphanumeric() || b"_-.".contains(b)).count();
    (len > 0 && text[1 + len..].starts_with(b"]=")).then_some(len + 3)
}

/// Bytes of a comment that goes to the end of the line.
fn remark(text: &[u8]) -> Option<usize> {
    (text.starts_with(b"#") || text.starts_with(b"//")).then(|| end_of_line(text, 0, super::MAX_LINE))
}

/// Whether `key` names an environment.
fn is_stage(key: &[u8]) -> bool {
    const STAGES: [&[u8]; 12] =
        [b"dev", b"development", b"prod", b"production", b"staging", b"stage", b"qa", b"uat", b"live", b"sandbox", b"preprod", b"local"];
    STAGES.iter().any(|stage| key.eq_ignore_ascii_case(stage))
}

/// Whether what stands under `key` is something about a credential, or about whoever has it.
fn is_about(key: &[u8]) -> bool {
    const ABOUT: [&[u8]; 29] = [
        b"id",
        b"name",
        b"user",
        b"mail",
        b"email",
        b"type",
        b"url",
        b"uri",
        b"path",
        b"file",
        b"hash",
        b"version",
        b"description",
        b"label",
        b"title",
        b"role",
        b"date",
        b"phone",
        b"image",
        b"avatar",
        b"fingerprint",
        b"digest",
        b"checksum",
        b"sha1",
        b"sha256",
        b"sha512",
        b"md5",
        b"public",
        b"address",
    ];
    ABOUT.iter().any(|word| ends_with_ignore_case(key, word))
}

/// Whether `text` looks like a password by itself, and not like a name with a number, or a user's line in a file of hashes.
fn is_password(text: &[u8]) -> bool {
    if [&b":$"[..], b":{"].iter().any(|sign| text.windows(2).any(|pair| pair == *sign)) {
        return false;
    }
    let digits = text.iter().filter(|b| b.is_ascii_digit()).count();
    (digits > 1 || text.iter().any(|b| b"!@#$%^&*+?".contains(b))) && mixed_word(text) && !is_address(text)
}

/// Whether `text` has the word in it for what it stands for.
fn says_what_it_is(text: &[u8]) -> bool {
    [&b"passw"[..], b"secret", b"token"].iter().any(|word| text.windows(word.len()).any(|part| part.eq_ignore_ascii_case(word)))
}

/// Whether `text` is an address of mail or of a host behind a user.
fn is_address(text: &[u8]) -> bool {
    let host = memchr::memchr(b'@', text).map(|at| &text[at..]).unwrap_or_default();
    host.windows(2).any(|pair| pair[0] == b'.' && pair[1].is_ascii_alphabetic())
}

#[cfg(test)]
mod tests {
    use super::Members;
    use crate::rules::template::fill;

    /// The members of the list that the first word of `text` names, where they are read `below` it or not.
    fn members(text: &str, below: bool) -> Vec<String> {
        let text = text.replace('§', &fill("{{base62:16}}7aQ90", "members").unwrap());
        let at = text.find(char::is_alphabetic).unwrap();
        let len = text[at..].find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap();
        let bytes = text.as_bytes();
        let mut members = Members::of(bytes, &(at..at + len), below.then_some(2000));
        std::iter::from_fn(|| members.next(bytes)).map(|row| text[row.value].to_owned()).collect()
    }

    #[test]
    fn members_of_lists_and_mappings() {
        for (text, count) in [
            ("passwords = [\"§\", \"§\", '§']", 3),
            ("passwords: [§, \"§\"]", 2),
            ("api_keys => ['§', '§'],", 2),
            ("users = {\"ann\": \"§\", \"bob\": \"§\"}", 2),
            ("users = map[string]string{\"ann\": \"§\", \"bob\": \"§\"}", 2),
            ("accounts = array(\"ann\" => \"§\", \"bob\" => \"§\");", 2),
            ("users: Dict[str, str] = {'ann': '§'}", 1),
            ("users = new Dictionary<string, string> { { \"ann\", \"§\" }, { \"bob\", \"§\" } };", 2),
            ("AUTH = (\"ann\", \"§\")", 1),
            ("CREDS = [(\"ann@acme.example\", \"§\"), (\"bob\", \"§\")]", 2),
            ("credentials: ['admin', '§'],", 1),
            ("auth [\"admin\" \"§\"]", 1),
            ("PASS=( [web01]=\"§\" [web02]=\"§\" )", 2),
            ("tokens: {ci: \"§\", name: \"§\"}", 1),
            ("secrets: [{\"value\": \"§\", \"kind\": \"§\"}]", 1),
            ("password = {prod: '§', other: '§'}", 1),
        ] {
            assert_eq!(members(text, false).len(), count, "{text}");
        }
        for (text, count) in [
            ("tokens:\n  ci: §\n  # the other one\n  deploy: \"§\"\nnext: §\n", 2),
            ("secrets:\n- §\n- '§'\n", 2),
            ("password:\n  prod: §\n  other: §\n", 1),
            ("users = {\n  \"ann\": \"§\", # until May\n  \"bob\": \"§\",\n}\nx = {\"eve\": \"§\"}", 2),
            ("tokens = [\n  '§',\n  '§',\n]\n['§']", 2),
        ] {
            assert_eq!(members(text, true).len(), count, "{text}");
            assert_eq!(members(text, false).len(), 0, "{text}");
        }
    }

    #[test]
    fn what_is_no_member() {
        for text in [
            "users = load(\"ann\", \"§\")",
            "users = [\"ann\", \"§\"]",
            "users = {\"ann\": \"Engineering-2\"}",
            "users = {\"ann\": make(\"§\")}",
            "key_versions = {\"one\": \"§\"}",
            "passwords = [\"newPassword144\"]",
            "users = {\"email\": \"§\"}",
            "users = {\"ann\": \"ann7@Mail.example\"}",
            "users = {\"ann\": {\"id\": \"§\"}}",
            "credentials: {\"sha1\": \"§=\"}",
            "auth = {\"users\": [\"ann:$apr1$a$§\", \"bob:$apr1$a$§\"]}",
            "tokens = x, \"§\"",
            "tokens = [[[[\"§\"]]]]",
            "tokens: {{ \"§\" }}",
            "password = [\"§\"]",
            "tokens = ['one', 'two']",
            "passwords: [\"0K1abc\"]",
            "keys = [\"ProgramW6432\", \"CommonProgramW6432\"]",
            "tokens = [\n\"§\"",
        ] {
            assert_eq!(members(text, false).len(), 0, "{text}");
        }
    }

    #[test]
    fn as_long_as_the_text_allows() {
        for piece in ["tokens=[", "tokens=[\"", "tokens={\"a\":", "users:\n", "tokens:\n  a: b\n", "'tokens':['x'],", "tokens=[('x'),"] {
            let text = piece.repeat(2000);
            members(&text, true);
        }
    }
}
