//! Log-ins: a password in a URL, in a Basic header, and what goes with a user's name.

use base64::Engine as _;
use base64::prelude::{BASE64_STANDARD, BASE64_STANDARD_NO_PAD};
use percent_encoding::percent_decode;

use super::structure::{base64_text, doubt, pass_if};
use super::{Objection, Outcome, ntlm};
use crate::rules::Gate;

/// The host behind the password `value` in `whole`: `scheme://user:password@host…`. An `@` within the password, or with a word behind it that is not
/// joined to it, names none.
pub fn host<'w>(value: &[u8], whole: &'w [u8]) -> Option<&'w [u8]> {
    let behind = memchr::memmem::find_iter(whole, value).filter_map(|i| whole[i + value.len()..].strip_prefix(b"@")).last()?;
    let end = behind.iter().position(|b| !(b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_'))).unwrap_or(behind.len());
    (end > 0).then_some(&behind[..end])
}

/// The host of a URL, for a reader: elsewhere, what stands behind an `@` may be more of the password.
pub fn url_host<'w>(value: &[u8], whole: &'w [u8]) -> Option<&'w [u8]> {
    memchr::memmem::find(whole, b"://").and_then(|_| host(value, whole))
}

/// The password `value` of the URL or log-in line `whole`.
pub fn url(value: &[u8], whole: &[u8]) -> Result<Outcome, Objection> {
    let lower = Vec::from_iter(percent_decode(value)).to_ascii_lowercase();
    // Git hosts want some password beside a token that stands as the user name; it opens nothing.
    if matches!(lower.as_slice(), b"x-oauth-basic" | b"x-oauth-token" | b"x-access-token") {
        return pass_if(false, "a fixed word that a git host wants beside a token");
    }
    let user =
        memchr::memmem::find(whole, b"://").map(|i| &whole[i + 3..]).and_then(|r| r.split(|&b| b == b':').next()).unwrap_or_default();
    let is_name = |text: &[u8]| text.len() > 2 && text.iter().all(|&b| b.is_ascii_uppercase() || matches!(b, b'_' | b'-' | b':'));
    if is_name(user) && is_name(value) {
        return Err(Objection::new(Gate::Placeholder, "user name and password stand for themselves"));
    }
    if user.is_empty() && is_address(value) {
        return pass_if(false, "an address of mail, or the id of a message");
    }
    if user.eq_ignore_ascii_case(b"anonymous") || memchr::memmem::find(whole, b"login anonymous ").is_some() {
        return Err(Objection::new(Gate::Placeholder, "an anonymous log-in: any word will do"));
    }
    if is_sample(&lower) {
        // `user:pass@host`: what stands where, in the texts that explain URLs.
        const USERS: [&[u8]; 6] = [b"user", b"username", b"userid", b"user_name", b"login", b"name"];
        const PASSWORDS: [&[u8]; 5] = [b"pass", b"password", b"passwd", b"pwd", b"pw"];
        if PASSWORDS.contains(&lower.as_slice()) && USERS.iter().any(|word| user.eq_ignore_ascii_case(word)) {
            return Err(Objection::new(Gate::Placeholder, "user name and password stand for themselves"));
        }
        return doubt("words that samples use for a password");
    }
    let host = host(value, whole).unwrap_or_default().to_ascii_lowercase();
    if matches!(host.as_slice(), b"host" | b"hostname" | b"server" | b"your-host" | b"yourhost") {
        return doubt("the host stands for itself");
    }
    let local = matches!(host.as_slice(), b"localhost" | b"127.0.0.1" | b"0.0.0.0" | b"db" | b"::1");
    if local && crate::engine::classify::reads_as_words(value) {
        return doubt("an ordinary word, for this machine or a container");
    }
    if [&b"example.com"[..], b"example.org", b"example.net", b".example", b".test", b".invalid"].iter().any(|e| host.ends_with(e)) {
        return doubt("the host is reserved for documentation");
    }
    if !user.is_empty() && user.eq_ignore_ascii_case(value) || user.is_empty() && names_user(whole, value) {
        return doubt("user name and password are the same word");
    }
    Ok(Outcome::Pass)
}

/// Whether `value` is what may stand before an `@`, and a host: `33650DE6.143C8A9C@mail.acme.com`.
fn is_address(value: &[u8]) -> bool {
    let Some((name, host)) = memchr::memrchr(b'@', value).map(|at| (&value[..at], &value[at + 1..])) else { return false };
    let is_label = |label: &[u8]| !label.is_empty() && label.iter().all(|&b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
    let top = host.rsplit(|&b| b == b'.').next().unwrap_or_default();
    name.iter().all(|&b| b.is_ascii_alphanumeric() || b"._+-$".contains(&b))
        && host.contains(&b'.')
        && host.split(|&b| b == b'.').all(is_label)
        && (2..=6).contains(&top.len())
        && top.iter().all(u8::is_ascii_lowercase)
}

/// Whether the statement that ends in `value` has the same word before: `CREATE USER 'app'@'%' IDENTIFIED BY 'app'`.
fn names_user(statement: &[u8], value: &[u8]) -> bool {
    let before = statement.strip_suffix(b"'").unwrap_or(statement);
    let Some(before) = before.strip_suffix(value) else { return false };
    before.split(|b| !b.is_ascii_alphanumeric() && !matches!(b, b'_' | b'-')).any(|word| word == value)
}

/// Whether `text` begins with `word`, be it with signs in place of letters that look like them: `p@ssw0rd`.
fn spells(text: &[u8], word: &[u8]) -> bool {
    let letter = |b: u8| match b {
        b'0' => b'o',
        b'1' | b'!' => b'i',
        b'3' => b'e',
        b'4' | b'@' => b'a',
        b'5' | b'$' => b's',
        b'7' => b't',
        _ => b,
    };
    text.len() >= word.len() && text.iter().zip(word).all(|(&b, &w)| b == w || letter(b) == w)
}

/// Whether `value`, in lower case, is put together from words that samples use for a password, with digits and signs.
pub fn is_sample(value: &[u8]) -> bool {
    const WORDS: [&[u8]; 51] = [
        b"abc",
        b"access",
        b"auth",
        b"client",
        b"word",
        b"org",
        b"strong",
        b"super",
        b"swordfish",
        b"top",
        b"aws",
        b"db",
        b"letmein",
        b"netrc",
        b"proxy",
        b"psw",
        b"uri",
        b"usr",
        b"password",
        b"passwd",
        b"pass",
        b"pwd",
        b"pw",
        b"secret",
        b"token",
        b"username",
        b"user",
        b"name",
        b"login",
        b"apikey",
        b"api",
        b"key",
        b"admin",
        b"root",
        b"test",
        b"testing",
        b"demo",
        b"guest",
        b"host",
        b"foo",
        b"bar",
        b"baz",
        b"qux",
        b"my",
        b"your",
        b"some",
        b"the",
        b"wrong",
        b"bad",
        b"new",
        b"old",
    ];
    const MOST: usize = 32;
    if value.len() > MOST || !value.iter().any(u8::is_ascii_alphabetic) {
        return false;
    }
    // Where a word may begin.
    let mut begins = [false; MOST + 1];
    begins[0] = true;
    for i in 0..value.len() {
        if begins[i] {
            begins[i + 1] |= !value[i].is_ascii_alphabetic();
            WORDS.iter().filter(|word| spells(&value[i..], word)).for_each(|word| begins[i + word.len()] = true);
        }
    }
    begins[value.len()]
}

/// User and password of a Basic header (RFC 7617).
pub fn basic(value: &[u8]) -> Result<Outcome, Objection> {
    let decoded = BASE64_STANDARD.decode(value).or_else(|_| BASE64_STANDARD_NO_PAD.decode(value)).unwrap_or_default();
    let printable = decoded.iter().all(|&b| b >= b' ' && b != 0x7f) && std::str::from_utf8(&decoded).is_ok();
    let Some(at) = decoded.iter().position(|&b| b == b':').filter(|_| printable) else {
        return pass_if(false, "does not decode to user:password");
    };
    let password = &decoded[at + 1..];
    if password.len() < 4 {
        return pass_if(false, "the password is empty or too short");
    }
    if let Some(why) = super::placeholder(password).or_else(|| super::reference(password)) {
        return Err(Objection::new(Gate::Placeholder, why));
    }
    let lower = Vec::from_iter(percent_decode(password)).to_ascii_lowercase();
    // RFC 7617 has him, and with signs of other alphabets in his password.
    if decoded[..at] == *b"Aladdin" {
        return Err(Objection::new(Gate::Placeholder, "published in documentation: the same everywhere"));
    }
    if lower == decoded[..at].to_ascii_lowercase() {
        return doubt("user name and password are the same word");
    }
    if is_sample(&lower) || [&b"open sesame"[..], b"opensesame"].contains(&lower.as_slice()) {
        return doubt("words that samples use for a password");
    }
    Ok(Outcome::Pass)
}

/// A password in base 64: one word of letters of both cases and digits, or with signs in place of one of the cases.
pub fn encoded(value: &[u8]) -> Result<Outcome, Objection> {
    let decoded = base64_text(value).unwrap_or_default();
    let has = |is: fn(&u8) -> bool| decoded.iter().any(is);
    let is_word = (8..=40).contains(&decoded.len()) && !decoded.iter().any(|b| b" \"'`<>{}()[]\\/:;=,|".contains(b));
    let is_mixed =
        has(u8::is_ascii_digit) && has(u8::is_ascii_lowercase) && (has(u8::is_ascii_uppercase) || has(|b| b"!@#$%^&*+?~".contains(b)));
    if !is_word || !is_mixed {
        return pass_if(false, "does not decode to what looks like a password");
    }
    if let Some(why) = super::placeholder(&decoded).or_else(|| super::reference(&decoded)) {
        return Err(Objection::new(Gate::Placeholder, why));
    }
    if is_sample(&decoded.to_ascii_lowercase()) { doubt("words that samples use for a password") } else { Ok(Outcome::Pass) }
}

/// The user named in a message of NTLM, which is in base 64.
pub fn ntlm_user(value: &[u8]) -> Option<String> {
    ntlm::user(&BASE64_STANDARD.decode(value).ok()?)
}

/// Doubts what belongs to `user`, if tests and samples call theirs so.
pub fn sample_user(user: &[u8]) -> Result<Outcome, Objection> {
    let lower = user.trim_ascii_start().to_ascii_lowercase();
    let name = lower.strip_prefix(b"\"").or_else(|| lower.strip_prefix(b"'")).unwrap_or(&lower);
    let rules = [&b"admin"[..], b"root"].iter().any(|who| name.starts_with(who));
    if is_sample(name) && !rules { doubt("of a user that samples have") } else { Ok(Outcome::Pass) }
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_statement_that_names_its_user() {
        let word = "petshop";
        let names = |statement: &str| super::names_user(statement.as_bytes(), word.as_bytes());
        assert!(names(&format!("USER IF NOT EXISTS '{word}'@'%' IDENTIFIED BY '{word}'")));
        assert!(names(&format!("role {word} password '{word}")));
        assert!(!names(&format!("USER '{word}2'@'%' IDENTIFIED BY '{word}'")));
    }

    #[test]
    fn no_part_of_a_password_is_a_host() {
        let host = |value: &str, whole: &str| {
            let whole = whole.replace('§', value);
            super::url_host(value.as_bytes(), whole.as_bytes()).map(|host| String::from_utf8_lossy(host).into_owned())
        };
        assert_eq!(host("left@right", "IDENTIFIED BY '§'"), None);
        assert_eq!(host("left", "tool --with §@right"), None);
        assert_eq!(host("right", "postgres://app:left@§"), None);
        assert_eq!(host("left@right", "postgres://app:§@db.acme.io:5432/§").as_deref(), Some("db.acme.io"));
    }

    #[test]
    fn words_are_read_behind_percent_signs() {
        let judged = |password: &str| super::url(password.as_bytes(), format!("https://user:{password}@acme.io/").as_bytes());
        assert!(judged("password").is_err() && judged("p%61ssword").is_err());
        assert!(judged("p%6assword").is_ok());
    }

    #[test]
    fn passwords_in_base_64() {
        use base64::Engine as _;
        let judged = |text: &str| super::encoded(base64::prelude::BASE64_STANDARD.encode(text).as_bytes());
        let fill = |text: &str| crate::rules::template::fill(text, "encoded").unwrap();
        assert!(judged(&fill("{{base62:9}}7aQ")).is_ok() && judged(&fill("{{lower:9}}7!")).is_ok());
        for text in ["hello world, 7 Times", "{\"a1\":\"B\"}", "only-words", "Short1", "user:Pass7word"] {
            assert!(judged(text).is_err(), "{text}");
        }
    }

    #[test]
    fn passwords_of_samples() {
        for word in ["password", "pwd1", "wrong_pass", "test1234", "my-secret", "foobar", "p@55w0rd!", "$ecret k3y"] {
            assert!(super::is_sample(word.as_bytes()), "{word}");
        }
        for word in ["hunter2", "1234", "passenger", "barometer!", "p4ssw0rm"] {
            assert!(!super::is_sample(word.as_bytes()), "{word}");
        }
    }
}
