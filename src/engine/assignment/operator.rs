//! What stands between a name and its value on one line: the operators of many languages, types, brackets and calls around a literal.

use super::name::ends_with_ignore_case;
use super::prose::{mixed_word, random_word, told};
use super::{BEFORE, Operator};

/// What stands before a name and says how to read on.
#[derive(Clone, Copy, Debug)]
pub struct Opening<'a> {
    /// An option of a command line: a space separates it from its value.
    option: bool,
    /// `<`: the name of an element.
    tag: bool,
    /// `${`: a variable, which may have a default.
    variable: bool,
    /// A call that takes the user's name before the password, which rules of its own read.
    user_first: bool,
    /// What stands before the name, on its line and above.
    before: &'a [u8],
}

impl<'a> Opening<'a> {
    /// Looks at what stands before `name`, which begins at the end of `before`.
    pub fn of(before: &'a [u8], name: &[u8]) -> Self {
        // Commands and directives that set a variable: Docker, Windows, csh and Apache, nginx.
        const SETS: [&[u8]; 4] = [b"env ", b"setx ", b"setenv ", b"fastcgi_param "];
        let sets = || before.ends_with(b" ") && SETS.iter().any(|word| ends_with_ignore_case(before, word));
        const LOG_INS: [&[u8]; 3] = [b"PlainCredentials", b"PasswordCredentials", b"PlainTextAuthProvider"];
        Self {
            option: name.starts_with(b"-") || sets(),
            tag: before.ends_with(b"<"),
            variable: before.ends_with(b"${"),
            user_first: LOG_INS.iter().any(|call| name.ends_with(call)),
            before,
        }
    }
}

/// Methods that compare what the name stands for with a literal; the name ends before them.
pub const COMPARISONS: [&[u8]; 5] = [b".equals(", b".Equals(", b".equalsIgnoreCase(", b".isEqualTo(", b".compareTo("];

/// Calls that only change the type of the literal in them, or make a hash of it.
const CONVERSIONS: [&[u8]; 32] = [
    b"QStringLiteral(",
    b"QByteArray(",
    b"Field(default=",
    b"base64.b64encode(",
    b"[]byte(",
    b"bytes(",
    b"bytearray(",
    b"String(",
    b"str(",
    b"Buffer.from(",
    b"SecretStr(",
    b"new SecretString(",
    b"Some(",
    b"JSON.stringify(",
    b"SecretValue.plainText(",
    b"SecretValue.unsafePlainText(",
    b"cdk.SecretValue.plainText(",
    b"cdk.SecretValue.unsafePlainText(",
    b"Hash::make(",
    b"CryptoJS.enc.Utf8.parse(",
    b"Secret.fromString(",
    b"encoder().encode(",
    b"encoder.encode(",
    b"passwordEncoder.encode(",
    b"passwordEncoder().encode(",
    b"MD5(",
    b"md5(",
    b"SHA1(",
    b"sha1(",
    b"String::from(",
    b"Data(fromHexEncodedString: ",
    b"Data(hexString: ",
];

/// Bytes of a conversion around the literal.
fn converted(rest: &[u8]) -> usize {
    // Most literals have none, which two looks tell.
    let may_be = rest.first().is_some_and(|b| b.is_ascii_alphabetic() || *b == b'[') && rest[..rest.len().min(40)].contains(&b'(');
    let call = if may_be { CONVERSIONS.iter().find(|call| rest.starts_with(call)) } else { None };
    call.map_or(0, |call| call.len())
}

/// Whether `gap` parts a name, which begins its line behind `before`, from a second column.
fn is_column(gap: &[u8], before: &[u8]) -> bool {
    let is_blank = |b: &u8| matches!(b, b' ' | b'\t');
    let parts = (gap.len() >= 2 || gap == b"\t") && gap.iter().all(is_blank);
    let near = &before[before.len().saturating_sub(BEFORE)..];
    let last = near.iter().rfind(|b| !is_blank(b));
    parts && last.map_or(near.len() < BEFORE, |b| matches!(b, b'\n' | b'\r'))
}

/// Whether a value that nobody would take for a word fills a column at the begin of `tail`.
fn fills_column(tail: &[u8]) -> bool {
    let end = tail.iter().position(|b| matches!(b, b' ' | b'\t' | b'\r' | b'\n')).unwrap_or(tail.len());
    let (word, behind) = tail.split_at(end);
    (behind.starts_with(b"\t") || behind.starts_with(b"  ") || behind.trim_ascii().is_empty()) && (mixed_word(word) || random_word(word))
}

/// The bytes of a type and a length, as dumps of Go have them before a value: `(string) (len=40) "…"`.
fn dumped(rest: &[u8]) -> usize {
    let Some(len) = rest.strip_prefix(b"(string) (len=") else { return 0 };
    let digits = len.iter().take_while(|b| b.is_ascii_digit()).count();
    if len[digits..].starts_with(b") \"") { rest.len() - len.len() + digits + 2 } else { 0 }
}

/// The operator at the begin of `rest`, which follows a name, and how many bytes lie before the value.
pub fn read(rest: &[u8], opening: Opening<'_>) -> Option<(Operator, usize)> {
    if rest.starts_with(b".")
        && let Some(call) = COMPARISONS.iter().find(|call| rest.starts_with(call))
    {
        return Some((Operator::Compare, call.len()));
    }
    let (mut i, quoted) = own_quotes(rest);
    // Emphasis in HTML, between the name and a colon: `<b>Token</b>: …`.
    if i == 0 && opening.before.ends_with(b">") && rest[emphasis(rest)..].starts_with(b":") {
        i = emphasis(rest);
    }
    let mut spaced = spaces(rest, &mut i);
    // Which of several it is: `token (staging): …`.
    if spaced
        && !quoted
        && let Some(remark) = remark(&rest[i..])
    {
        i += remark;
        spaced = spaces(rest, &mut i);
    }
    if (quoted || opening.tag && spaced)
        && let Some(skipped) = named_value(&rest[i..])
    {
        return Some((Operator::Assign, i + skipped));
    }
    // An entry of a list in YAML, all on one line: `{name: ADMIN_PASSWORD, value: "…"}`.
    if rest.starts_with(b",")
        && [&b"name: "[..], b"key: "].iter().any(|word| opening.before.ends_with(word))
        && let Some(skipped) = named_value(rest)
    {
        return Some((Operator::Assign, skipped));
    }
    // An option that a program declares, with what it is where it is not given: `"--token", type=str, default="…"`.
    if quoted
        && opening.option
        && let Some(skipped) = default(&rest[i..])
    {
        return Some((Operator::Assign, i + skipped));
    }
    // What a variable of the environment is where it is not set.
    if quoted && let Some(skipped) = otherwise(&rest[i..]) {
        return Some((Operator::Assign, i + skipped));
    }
    // What a variable of Terraform is where it is not set, all on one line.
    if quoted && let Some(skipped) = held(&rest[i..]) {
        return Some((Operator::Assign, i + skipped));
    }
    // A variable of Robot Framework, which columns of spaces keep apart from its value.
    if opening.variable && rest.starts_with(b"}") {
        let gap = rest[1..].iter().take_while(|b| matches!(b, b' ' | b'\t')).count();
        let begins = opening.before.len() == 2 || matches!(opening.before[opening.before.len() - 3], b'\n' | b'\r');
        return (begins && (2..40).contains(&gap)).then_some((Operator::Assign, 1 + gap));
    }
    // The size of an array: `char password[32] = "…"`.
    if rest.get(i) == Some(&b'[') {
        let size = rest[i + 1..].iter().take_while(|b| b.is_ascii_alphanumeric() || **b == b'_').count();
        if size < 24 && rest.get(i + 1 + size) == Some(&b']') {
            i += size + 2;
            spaces(rest, &mut i);
        }
    }
    let tail = &rest[i..];
    let (operator, len) = sign(tail, opening)
        .or_else(|| separator(tail, opening, spaced, quoted))
        .or_else(|| declared(tail, is_type).filter(|_| spaced && !quoted).map(|len| (Operator::Assign, len)))
        .or_else(|| {
            (spaced && (!quoted && opening.tag || quoted && opening.before.ends_with(b" name=\""))).then(|| attributes(tail)).flatten()
        })
        .or_else(|| (spaced && !quoted && i <= 4 && random_word(tail)).then_some((Operator::Space, 0)))
        .or_else(|| (!quoted && is_column(&rest[..i], opening.before) && fills_column(tail)).then_some((Operator::Space, 0)))
        .or_else(|| if spaced && !quoted { told(tail) } else { None })?;
    i += len;
    spaces(rest, &mut i);
    i += dumped(&rest[i..]);
    i += wrapped(&rest[i..], operator);
    // A type between colon and equals sign: `password: str = "…"`.
    let typed = if operator == Operator::Colon { declared(&rest[i..], |_| true) } else { None };
    let operator = if typed.is_some() { Operator::Assign } else { operator };
    i += typed.unwrap_or(0);
    spaces(rest, &mut i);
    // Emphasis that ends behind the colon: `**Token:** …`.
    if operator == Operator::Colon {
        i += emphasis(&rest[i..]);
        spaces(rest, &mut i);
    }
    // An object that holds the value: `password: {value: "…"}`.
    if let Some(skipped) = held(&rest[i..]) {
        return Some((Operator::Assign, i + skipped));
    }
    // The first of a list, or all of it, as Java prints the values of a header: `X-Api-Key=[…]`.
    if rest.get(i) == Some(&b'[') && (quote_follows(&rest[i + 1..]) || one_in_brackets(&rest[i + 1..])) {
        i += 1;
        spaces(rest, &mut i);
    }
    // Parentheses around a literal, which may go on below: `token = ("…"`.
    if operator == Operator::Assign && rest.get(i) == Some(&b'(') && is_alone(&rest[i + 1..]) {
        i += 1;
        spaces(rest, &mut i);
    }
    Some((operator, i + converted(&rest[i..])))
}

/// The name's own quotes or brackets, escaped or not: how many bytes, and whether a quote is among them.
pub fn own_quotes(rest: &[u8]) -> (usize, bool) {
    let len = rest.iter().take(4).take_while(|b| matches!(b, b'"' | b'\'' | b'`' | b']' | b'\\' | b')' | b'*')).count();
    (len, rest[..len].iter().any(|b| matches!(b, b'"' | b'\'')))
}

/// Bytes up to a value that stands beside its name: `value="…"` behind `key="…"`, `"value": …` behind `"name": "…",`.
pub fn named_value(rest: &[u8]) -> Option<usize> {
    let lead = rest.iter().take_while(|b| matches!(b, b',' | b' ' | b'"' | b'\'')).count();
    // In the manifests of Android, `android:value`.
    let lead = lead + rest.get(lead..)?.strip_prefix(b"android:").map_or(0, |_| b"android:".len());
    let word = rest.get(lead..)?;
    let len = [&b"value"[..], b"parametervalue", b"defaultvalue", b"default", b"envdefault", b"content"]
        .iter()
        .find(|w| word.get(..w.len()).is_some_and(|v| v.eq_ignore_ascii_case(w)))?
        .len();
    let mut i = lead + len;
    i += rest[i..].iter().take_while(|b| matches!(b, b'"' | b'\'' | b' ')).count();
    matches!(rest.get(i), Some(b'=' | b':')).then(|| i + 1 + rest[i + 1..].iter().take_while(|&&b| b == b' ').count())
}

/// Bytes of the marks at the begin of `rest` that end emphasis, in Markdown or HTML: a space or colon follows.
fn emphasis(rest: &[u8]) -> usize {
    const MARKS: [&[u8]; 8] = [b"**", b"__", b"*", b"_", b"</b>", b"</strong>", b"</em>", b"</i>"];
    MARKS
        .iter()
        .find(|mark| rest.strip_prefix(**mark).is_some_and(|rest| matches!(rest.first(), Some(b' ' | b':'))))
        .map_or(0, |mark| mark.len())
}

/// Bytes of a remark of a word or two in brackets, before a sign and what nobody would write but for a credential.
fn remark(tail: &[u8]) -> Option<usize> {
    let words = tail.strip_prefix(b"(")?.iter().take_while(|b| b.is_ascii_alphanumeric() || b" ._/-".contains(b)).count();
    let rest = tail.get(1 + words..)?.strip_prefix(b")")?.trim_ascii_start();
    let value = rest.strip_prefix(b":").or_else(|| rest.strip_prefix(b"="))?.trim_ascii_start();
    ((1..=32).contains(&words) && (mixed_word(value) || random_word(value))).then(|| tail.len() - rest.len())
}

/// Bytes up to the literal that an option has where it is not given.
fn default(rest: &[u8]) -> Option<usize> {
    const WORD: &[u8] = b"default=";
    /// Types, actions and a short help stand between.
    const FAR: usize = 160;
    let at = memchr::memmem::find(&rest[..rest.len().min(FAR)], WORD)? + WORD.len();
    (rest.starts_with(b",") && quote_follows(&rest[at..])).then_some(at)
}

/// Bytes up to the literal that stands in for what a look-up does not find: `os.getenv("X") or "…"`, `getenv('X') ?: '…'`, `env::var("X").unwrap_or("…")`.
fn otherwise(rest: &[u8]) -> Option<usize> {
    const WAYS: [&[u8]; 10] = [
        b"or ",
        b"?:",
        b"// ",
        b".presence ||",
        b".unwrap_or(",
        b".unwrap_or_else(|_|",
        b".orElse(",
        b".getOrElse(",
        b".or_else(",
        b"in os.environ else ",
    ];
    let literal = WAYS.iter().find_map(|way| rest.strip_prefix(*way))?.trim_ascii_start();
    quote_follows(literal).then(|| rest.len() - literal.len())
}

/// Bytes up to a value that an object or block holds under a name of its own: `{value: "…"}`, `{ default = "…" }`.
fn held(rest: &[u8]) -> Option<usize> {
    /// Bytes of what stands before it: a type, whether it is to be shown.
    const FAR: usize = 96;
    let inner = rest.strip_prefix(b"{")?;
    let near = &inner[..inner.len().min(FAR)];
    let near = &near[..memchr::memchr2(b'{', b'}', near).unwrap_or(near.len())];
    let entries = std::iter::once(0).chain(memchr::memchr_iter(b',', near)).take(4);
    entries.into_iter().find_map(|at| named_value(&inner[at..]).map(|skipped| 1 + at + skipped))
}

/// Whether a quote follows, behind spaces or not.
pub fn quote_follows(rest: &[u8]) -> bool {
    rest.trim_ascii_start().first().is_some_and(|b| matches!(b, b'"' | b'\''))
}

/// Steps over spaces; whether there were any.
fn spaces(rest: &[u8], i: &mut usize) -> bool {
    let from = *i;
    while *i < rest.len() && matches!(rest[*i], b' ' | b'\t') && *i - from < 40 {
        *i += 1;
    }
    *i > from
}

/// An operator made of signs.
fn sign(tail: &[u8], opening: Opening<'_>) -> Option<(Operator, usize)> {
    // What compounds an assignment: `:=`, `::=`, `?=`, `||=`, `.=`.
    let compound = tail.iter().take(3).take_while(|b| matches!(b, b':' | b'?' | b'+' | b'|' | b'.' | b'&')).count();
    Some(match tail {
        [b'=', b'=', b'=', ..] | [b'!', b'=', b'=', ..] => (Operator::Compare, 3),
        [b'=', b'=', ..] | [b'!', b'=', ..] => (Operator::Compare, 2),
        [b'=', b'>', ..] | [b'-', b'>', ..] | [b'<', b'-', ..] => (Operator::Assign, 2),
        _ if tail.get(compound) == Some(&b'=') => (Operator::Assign, compound + 1),
        // What a variable is where it is not set.
        [b':', b'-', ..] if opening.variable => (Operator::Assign, 2),
        [b'|', b'|', rest @ ..] | [b'?', b'?', rest @ ..] if quote_follows(rest) => (Operator::Assign, 2),
        [b':', ..] => (Operator::Colon, 1),
        _ if tail.starts_with("：".as_bytes()) => (Operator::Colon, "：".len()),
        _ if tail.starts_with("→".as_bytes()) => (Operator::Assign, "→".len()),
        // Chinese for "is".
        _ if ["是", "为", "為"].iter().any(|is| tail.strip_prefix(is.as_bytes()).is_some_and(mixed_word)) => {
            (Operator::Space, "是".len())
        }
        // The next cell of a table in Markdown.
        [b'|', rest @ ..] if is_cell(rest) && is_in_cell(opening.before) => (Operator::Colon, 1),
        [b'>', ..] => (Operator::Element, 1),
        // A function without arguments that gives a literal: `getToken() string { return "…" }`.
        [b'(', b')', ..] if let Some(len) = returned(tail) => (Operator::Assign, len),
        [b'(', ..] if opening.user_first => return None,
        [b'(' | b',', ..] => (Operator::Argument, 1),
        // A property of C#: `Password { get; set; } = "…"`, `ApiKey { get { return "…"; } }`.
        [b'{', b' ', b'g', b'e', b't', ..] if let Some(len) = accessed(tail) => (Operator::Assign, len),
        // Braces around an initial value, or a block that gives one.
        [b'{', rest @ ..] if quote_follows(rest) => (Operator::Assign, 1),
        _ => return None,
    })
}

/// Whether what is marked as code, from behind its first mark on, is a word that nobody would write but for a credential.
fn is_code(rest: &[u8]) -> bool {
    let rest = rest.strip_prefix(b"`").unwrap_or(rest);
    memchr::memchr(b'`', rest).is_some_and(|len| mixed_word(&rest[..len]) || random_word(&rest[..len]))
}

/// A name and a value that nothing but space, a word or another element separates.
fn separator(tail: &[u8], opening: Opening<'_>, spaced: bool, quoted: bool) -> Option<(Operator, usize)> {
    match tail {
        [b'<', b'/', ..] => twin(tail).map(|len| (Operator::Element, len)),
        [b'"' | b'\'', ..] if opening.option && spaced => Some((Operator::Option, 0)),
        [b'"' | b'\'', ..] | [b'@', b'"', ..] if spaced && !quoted => Some((Operator::Space, 0)),
        // An element of Perl's `%ENV`, set or looked up.
        [b'}', rest @ ..]
            if let Some(rest) = [&b"="[..], b"||", b"//", b"or "].iter().find_map(|sign| rest.trim_ascii_start().strip_prefix(*sign))
                && quote_follows(rest) =>
        {
            Some((Operator::Assign, tail.len() - rest.len()))
        }
        // How PowerShell, Perl and Visual Basic compare.
        [b'-', b'e' | b'n', b'q' | b'e', b' ', rest @ ..] if spaced && quote_follows(rest) => Some((Operator::Compare, 4)),
        [b'e', b'q', b' ', rest @ ..] | [b'n', b'e', b' ', rest @ ..] | [b'<', b'>', b' ', rest @ ..] if quote_follows(rest) => {
            Some((Operator::Compare, 3))
        }
        // Code in Markdown: `the password `…``.
        [b'`', rest @ ..] if spaced && !quoted && is_code(rest) => Some((Operator::Space, 0)),
        [b'i', b's', b' ', b'"' | b'\'' | b'`', ..] if spaced => Some((Operator::Space, 3)),
        [b'-', b' ', b'"' | b'\'' | b'`', ..] if spaced => Some((Operator::Space, 2)),
        [b, ..] if opening.option && spaced && *b != b'-' => Some((Operator::Option, 0)),
        _ => None,
    }
}

/// Bytes up to the text of the element that follows the one of the name: `</key><string>`, `</name> <value>`.
pub fn twin(tail: &[u8]) -> Option<usize> {
    let closed = memchr::memchr(b'>', &tail[..tail.len().min(32)])? + 1;
    let rest = &tail[closed..];
    let lead = rest.iter().take_while(|b| matches!(b, b' ' | b'\t')).count();
    opened(&rest[lead..]).map(|len| closed + lead + len)
}

/// Bytes of the start tag at the begin of `tail`, one without attributes but that by which JMeter tells a value.
pub fn opened(tail: &[u8]) -> Option<usize> {
    let word = tail.strip_prefix(b"<")?.iter().take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b':')).count();
    let attribute = [&b" name=\"Argument.value\""[..], b" name=\"Header.value\""]
        .iter()
        .find(|attribute| tail[1 + word..].starts_with(attribute))
        .map_or(0, |attribute| attribute.len());
    ((1..24).contains(&word) && tail.get(word + attribute + 1) == Some(&b'>')).then_some(word + attribute + 2)
}

/// A type and the equals sign behind it, in bytes.
fn declared(tail: &[u8], is_type: fn(&[u8]) -> bool) -> Option<usize> {
    // Visual Basic's `As String`, and lifetimes of Rust: `&'static str`.
    let lead = match tail {
        [b'A' | b'a', b's', b' ', ..] => 3,
        [b'&', b'\'', rest @ ..] => {
            let lifetime = rest.iter().take_while(|b| b.is_ascii_alphanumeric() || **b == b'_').count();
            if rest.get(lifetime) == Some(&b' ') { 2 + lifetime + 1 } else { 0 }
        }
        _ => 0,
    };
    let tail = &tail[lead..];
    let word = tail
        .iter()
        .take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'<' | b'>' | b'[' | b']' | b'.' | b'?' | b'&' | b'\'' | b'*'))
        .count();
    let mut i = word + size(&tail[word..]);
    spaces(tail, &mut i);
    // As in SQL: `password VARCHAR2(30) := '…'`.
    i += usize::from(i > word && tail[i..].starts_with(b":="));
    // What begins with a quote, or has nothing behind the sign, is a value in base 64 with its padding.
    let has_value = || match tail[i + 1..].trim_ascii_start().first() {
        Some(b'"' | b'\'' | b'`') => true,
        Some(b) => i > word && !b"=,;)}]".contains(b),
        None => false,
    };
    let is_declared =
        (1..40).contains(&word) && !matches!(tail[0], b'\'' | b'"') && is_type(&tail[..word]) && tail.get(i) == Some(&b'=') && has_value();
    is_declared.then_some(lead + i + 1)
}

/// Bytes of the size of a type: `(30)`.
fn size(text: &[u8]) -> usize {
    let digits = text.iter().skip(1).take(8).take_while(|b| b.is_ascii_alphanumeric()).count();
    if text.starts_with(b"(") && text.get(1 + digits) == Some(&b')') { digits + 2 } else { 0 }
}

/// Whether `word` is a type of text, where nothing but its place behind a name says that it is one: `var token string = "…"`.
fn is_type(word: &[u8]) -> bool {
    let has = |part: &[u8]| word.windows(part.len()).any(|w| w.eq_ignore_ascii_case(part));
    has(b"str") || has(b"byte") || has(b"char") || has(b"text") || word.eq_ignore_ascii_case(b"any")
}

/// Bytes up to the literal that a property of C# has from the beginning, or always.
fn accessed(tail: &[u8]) -> Option<usize> {
    const SET: &[u8] = b"} = ";
    let set = memchr::memmem::find(&tail[..tail.len().min(64)], SET).map(|at| at + SET.len());
    set.filter(|&at| quote_follows(&tail[at..])).or_else(|| returned(tail))
}

/// Bytes up to what a function on this line returns, if that is a literal.
fn returned(tail: &[u8]) -> Option<usize> {
    const RETURN: &[u8] = b"return ";
    let at = memchr::memmem::find(&tail[..tail.len().min(64)], RETURN)? + RETURN.len();
    quote_follows(&tail[at..]).then_some(at)
}

/// Attributes up to the end of a start tag.
fn attributes(tail: &[u8]) -> Option<(Operator, usize)> {
    let end = memchr::memchr2(b'>', b'<', &tail[..tail.len().min(96)])?;
    (tail[end] == b'>' && end > 0 && tail[end - 1] != b'/').then_some((Operator::Element, end + 1))
}

/// Text of an element in which nothing is escaped.
const CDATA: &[u8] = b"<![CDATA[";

/// What stands around a value that is no part of it, in bytes: a type of YAML (`!!str …`), one that PHP's `var_dump` tells
/// (`string(12) "…"`), the element within that of a name (`<property name="password"><value>…`).
pub fn wrapped(rest: &[u8], operator: Operator) -> usize {
    let spaced = |len: usize| len + rest[len..].iter().take_while(|&&b| b == b' ').count();
    match rest {
        [b'&', anchor @ ..] if operator == Operator::Colon => named_node(anchor).map_or(0, |len| spaced(1 + len)),
        [b'!', b'!', kind @ ..] if operator == Operator::Colon => spaced(2 + kind.iter().take_while(|b| b.is_ascii_alphabetic()).count()),
        [b's', b't', b'r', b'i', b'n', b'g', b'(', size @ ..] => {
            let digits = size.iter().take_while(|b| b.is_ascii_digit()).count();
            if size[digits..].starts_with(b") \"") { 7 + digits + 2 } else { 0 }
        }
        [b'<', b'!', ..] if rest.starts_with(CDATA) => CDATA.len(),
        [b'<', ..] if operator == Operator::Element => opened(rest).unwrap_or(0),
        // A cast.
        [b'<', ..] => opened(rest).filter(|&len| matches!(rest.get(len), Some(b'"' | b'\'' | b'`'))).unwrap_or(0),
        _ => 0,
    }
}

/// Bytes of the name that YAML gives to the value behind it: `password: &shared "…"`.
fn named_node(anchor: &[u8]) -> Option<usize> {
    let len = anchor.iter().take(40).take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-')).count();
    // `password: &str = "…"` has a type.
    let is_name = len > 0 && anchor.get(len) == Some(&b' ') && !anchor[len..].trim_ascii_start().starts_with(b"=");
    is_name.then_some(len)
}

/// Whether a literal follows, and nothing but a closing parenthesis behind it.
fn is_alone(rest: &[u8]) -> bool {
    let Some((&quote, inner)) = rest.trim_ascii_start().split_first().filter(|(quote, _)| matches!(quote, b'"' | b'\'')) else {
        return false;
    };
    let Some(len) = memchr::memchr(quote, inner) else { return false };
    matches!(inner[len + 1..].trim_ascii_start().first(), None | Some(b')'))
}

/// Whether one bare word follows, up to a closing bracket.
fn one_in_brackets(rest: &[u8]) -> bool {
    let word = rest.iter().take_while(|b| b.is_ascii_alphanumeric() || b"_-.+/=!#$%&*@~".contains(b)).count();
    word > 7 && rest.get(word) == Some(&b']')
}

/// Whether a bar and nothing but words stand before a name, so that it ends a cell. Before the first of what a template or shell pipes there is none.
fn is_in_cell(before: &[u8]) -> bool {
    let near = &before[before.len().saturating_sub(BEFORE)..];
    let is_text = |b: &u8| b.is_ascii_alphanumeric() || b" _-./*`\"'()[]".contains(b);
    near.iter().rposition(|b| !is_text(b)).is_some_and(|at| near[at] == b'|')
}

/// Whether `rest` is a cell of one word, with the bar behind it.
fn is_cell(rest: &[u8]) -> bool {
    let text = rest.trim_ascii_start();
    let word = text.iter().take_while(|b| !b.is_ascii_whitespace() && **b != b'|').count();
    rest.starts_with(b" ") && word > 0 && text[word..].trim_ascii_start().starts_with(b"|")
}
