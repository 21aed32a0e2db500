//! How programming languages write literals other than between plain quotes.

use std::ops::Range;

use super::prose::{mixed_word, random_word};

/// What may stand before the opening quote: Python, C and C++, C#, Objective-C, SQL, Rust, Scala, the shell's `$'…'`.
const PREFIXES: [&[u8]; 27] = [
    b"@", b"b", b"r", b"u", b"f", b"L", b"N", b"rb", b"br", b"B", b"R", b"U", b"F", b"rf", b"fr", b"Rb", b"BR", b"u8", b"$", b"$@", b"@$",
    b"E", b"e", b"c", b"s", b"raw", b"X",
];

/// Bytes of the prefix before the quote with which the literal at the begin of `text` opens.
pub fn prefix(text: &[u8]) -> usize {
    /// Bytes of the longest one.
    const LONGEST: usize = 3;
    let len = text.iter().take(LONGEST).take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'$' | b'@')).count();
    let is_prefix = len > 0 && matches!(text.get(len), Some(b'"' | b'\'')) && PREFIXES.contains(&&text[..len]);
    if is_prefix { len } else { 0 }
}

/// Whether literals with this `prefix` may have holes into which values are put: C#'s `$"…{x}…"`, Scala's `s"…$x…"`.
pub fn has_holes(prefix: &[u8]) -> bool {
    prefix == b"s" || prefix.contains(&b'$')
}

/// What lies in the raw literal with which `text` begins.
pub fn raw(text: &[u8]) -> Option<Range<usize>> {
    match text {
        [b'r' | b'b' | b'c' | b'#', ..] => fenced(text),
        [b'R' | b'L' | b'u' | b'U', ..] => delimited(text),
        [b'q' | b'%', ..] => bracketed(text),
        [b'[', b'[' | b'=', ..] => long_bracketed(text),
        [b'\'', b'\'', ..] => doubled(text, b"''"),
        [b'"', b'"', ..] => doubled(text, b"\"\""),
        _ => None,
    }
}

/// Rust's `r#"…"#` and Swift's `#"…"#`.
fn fenced(text: &[u8]) -> Option<Range<usize>> {
    let lead = [&b"br"[..], b"cr", b"r", b""].into_iter().find(|lead| text.starts_with(lead)).map_or(0, <[u8]>::len);
    let fence = text[lead..].iter().take(4).take_while(|&&b| b == b'#').count();
    let start = lead + fence + 1;
    if fence == 0 || text.get(start - 1) != Some(&b'"') {
        return None;
    }
    let end = start + memchr::memmem::find(&text[start..], &b"\"####"[..=fence])?;
    (end > start).then_some(start..end)
}

/// C++'s `R"(…)"`, with a delimiter or without.
fn delimited(text: &[u8]) -> Option<Range<usize>> {
    let lead = [&b"R\""[..], b"LR\"", b"u8R\"", b"uR\"", b"UR\""].into_iter().find(|lead| text.starts_with(lead))?.len();
    let name = text[lead..].iter().take(16).take_while(|b| b.is_ascii_alphanumeric() || **b == b'_').count();
    let start = lead + name + 1;
    if text.get(start - 1) != Some(&b'(') {
        return None;
    }
    let mut close = vec![b')'];
    close.extend_from_slice(&text[lead..lead + name]);
    close.push(b'"');
    let end = start + memchr::memmem::find(&text[start..], &close)?;
    (end > start).then_some(start..end)
}

/// Ruby's `%q(…)` and Perl's `q{…}`, where what they hold cannot be taken for code.
fn bracketed(text: &[u8]) -> Option<Range<usize>> {
    let lead = [&b"%q"[..], b"%Q", b"%", b"qq", b"q"].into_iter().find(|lead| text.starts_with(lead))?.len();
    let close = match text.get(lead)? {
        b'(' => b')',
        b'{' => b'}',
        b'[' => b']',
        _ => return None,
    };
    let start = lead + 1;
    let end = start + memchr::memchr(close, &text[start..])?;
    is_made(&text[start..end]).then_some(start..end)
}

/// Lua's `[[…]]` and `[=[…]=]`: what is named in them in templates is a reference.
fn long_bracketed(text: &[u8]) -> Option<Range<usize>> {
    let level = text[1..].iter().take(3).take_while(|&&b| b == b'=').count();
    let start = level + 2;
    if text.get(start - 1) != Some(&b'[') {
        return None;
    }
    let end = start + memchr::memchr(b']', &text[start..])?;
    let closes = text[end + 1..].starts_with(&b"==="[..level]) && text.get(end + 1 + level) == Some(&b']');
    (closes && is_made(&text[start..end])).then_some(start..end)
}

/// Nix's `''…''`, and what is quoted within a literal of SQL or C#.
fn doubled(text: &[u8], quotes: &[u8]) -> Option<Range<usize>> {
    let inner = text.strip_prefix(quotes).filter(|inner| inner.first().is_some_and(|b| *b != quotes[0]))?;
    let len = memchr::memmem::find(inner, quotes)?;
    is_made(&inner[..len]).then_some(2..2 + len)
}

fn is_made(inner: &[u8]) -> bool {
    !inner.iter().any(|b| b.is_ascii_whitespace() || matches!(b, b'$' | b'"' | b'\'' | b',')) && (random_word(inner) || mixed_word(inner))
}

#[cfg(test)]
mod tests {
    use super::{prefix, raw};

    #[test]
    fn prefixes_before_a_quote() {
        for (text, len) in
            [("R\"x\"", 1), ("$@\"x\"", 2), ("raw\"x\"", 3), ("u8\"x\"", 2), ("E'x'", 1), ("\"x\"", 0), ("xyz\"", 0), ("b", 0)]
        {
            assert_eq!(prefix(text.as_bytes()), len, "{text}");
        }
    }

    #[test]
    fn raw_literals() {
        let word = crate::rules::template::fill("{{base62:20}}7aQ9b8", "raw").unwrap();
        for text in [
            "r#\"§\"#",
            "br##\"§\"##;",
            "#\"§\"#",
            "R\"(§)\";",
            "LR\"x(§)x\"",
            "%q(§)",
            "%Q[§]",
            "q{§};",
            "qq(§)",
            "[[§]]",
            "[=[§]=]",
            "''§''",
        ] {
            let text = text.replace('§', &word);
            assert_eq!(raw(text.as_bytes()).map(|r| text[r].to_owned()).as_deref(), Some(&*word), "{text}");
        }
        for text in
            ["r\"§\"", "r#§#", "#", "##", "[[DB_PASSWORD]]", "[[§]", "q(password)", "%(token)s", "q(§", "''", "''§'", "R\"§\"", "[", "%"]
        {
            let text = text.replace('§', &word);
            assert_eq!(raw(text.as_bytes()), None, "{text}");
        }
    }
}
