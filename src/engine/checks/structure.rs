//! Values that decode or parse.

use base64::Engine as _;
use base64::prelude::{BASE64_STANDARD, BASE64_STANDARD_NO_PAD, BASE64_URL_SAFE_NO_PAD};
use serde_json::Value;

use super::armour::{self, Armour};
use super::{Objection, Outcome, ntlm};
use crate::rules::Gate;
use crate::rules::format::Structure;
use crate::rules::template::{BECH32, bech32_sum, crc16};

/// Parses `value`, found within `whole`, as `structure`.
pub fn check(structure: Structure, value: &[u8], whole: &[u8]) -> Result<Outcome, Objection> {
    match structure {
        Structure::Jwt => jwt(value),
        Structure::PemPrivateKey => pem(value),
        Structure::PgpPrivateKey => pgp(value),
        Structure::PuttyPrivateKey => putty(value),
        Structure::AwsKeyId => pass_if(aws_account(value).is_some(), "no AWS account number in it"),
        Structure::PypiMacaroon => pass_if(macaroon(value).is_some(), "no macaroon"),
        Structure::UrlCredentials => url(value, whole),
        Structure::BasicAuth => basic(value),
        Structure::Nkey => nkey(value),
        Structure::Bech32 => bech32(value),
        Structure::Ntlm => sample_user(ntlm_user(value).unwrap_or_default().as_bytes()),
        Structure::Htpasswd => sample_user(whole.split(|&b| b == b':').next().unwrap_or_default()),
    }
}

/// What parsing tells, for a reader.
pub fn describe(structure: Structure, value: &[u8], whole: &[u8]) -> Option<String> {
    match structure {
        Structure::Jwt => {
            let (header, claims) = jwt_parts(value)?;
            let text = |v: &Value, k: &str| v.get(k).and_then(Value::as_str).map(|s| s.chars().take(60).collect::<String>());
            let mut told = format!("header and claims decode (alg {}", text(&header, "alg").unwrap_or_else(|| "unknown".to_owned()));
            if let Some(issuer) = text(&claims, "iss") {
                told.push_str(&format!(", issuer {issuer}"));
            }
            if let Some(expiry) = claims.get("exp").and_then(Value::as_i64) {
                told.push_str(&format!(", expires {}", date(expiry)));
            }
            told.push(')');
            Some(told)
        }
        Structure::PemPrivateKey => {
            let armour = armour::open(value);
            Some(match (key_form(&armour.body, armour.cut), armour.encrypted) {
                (_, true) => "the block parses; it is encrypted with a passphrase".to_owned(),
                (Some(KeyForm::Encrypted), _) => "the block parses; it is encrypted with a passphrase".to_owned(),
                (Some(_), _) if armour.cut => "begins like a private key without passphrase; its end is missing".to_owned(),
                (Some(_), _) => "the block parses as a private key without passphrase".to_owned(),
                (None, _) => return None,
            })
        }
        Structure::PgpPrivateKey => Some("the block holds a secret-key packet".to_owned()),
        Structure::PuttyPrivateKey => Some("a complete PuTTY key file".to_owned()),
        Structure::AwsKeyId => {
            // Ids from before 2019, whose fifth character lies before `Q`, hold no account.
            let holds = value.get(4).is_some_and(|b| matches!(b, b'Q'..=b'Z' | b'2'..=b'7'));
            aws_account(value).filter(|_| holds).map(|a| format!("belongs to AWS account {a:012}"))
        }
        Structure::PypiMacaroon => macaroon(value).map(|host| format!("a macaroon for {host}")),
        Structure::UrlCredentials => host(whole).map(|host| format!("password for {}", String::from_utf8_lossy(host))),
        Structure::BasicAuth => Some("decodes to a user name and a password".to_owned()),
        Structure::Ntlm => ntlm_user(value).map(|user| format!("the answer of the user {user}")),
        Structure::Htpasswd => None,
        Structure::Nkey | Structure::Bech32 => Some("its checksum is right".to_owned()),
    }
}

fn ntlm_user(value: &[u8]) -> Option<String> {
    ntlm::user(&BASE64_STANDARD.decode(value).ok()?)
}

/// Doubts what belongs to `user`, if tests and samples call theirs so.
fn sample_user(user: &[u8]) -> Result<Outcome, Objection> {
    let lower = user.trim_ascii_start().to_ascii_lowercase();
    let name = lower.strip_prefix(b"\"").or_else(|| lower.strip_prefix(b"'")).unwrap_or(&lower);
    let rules = [&b"admin"[..], b"root"].iter().any(|who| name.starts_with(who));
    if is_sample(name) && !rules { doubt("of a user that samples have") } else { Ok(Outcome::Pass) }
}

fn pass_if(right: bool, why: &'static str) -> Result<Outcome, Objection> {
    if right { Ok(Outcome::Pass) } else { Err(Objection::new(Gate::Structure, why)) }
}

fn doubt(why: &'static str) -> Result<Outcome, Objection> {
    Ok(Outcome::Doubt(Objection::new(Gate::Structure, why)))
}

/// What a passphrase means.
const fn locked() -> Outcome {
    Outcome::Locked(Objection::new(Gate::Encrypted, "a passphrase protects it"))
}

/// A UNIX time as a date; the days-to-civil algorithm for the proleptic Gregorian calendar.
fn date(seconds: i64) -> String {
    let days = seconds.div_euclid(86_400) + 719_468;
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month + 2) / 5 + 1;
    let (month, carry) = if month < 10 { (month + 3, 0) } else { (month - 9, 1) };
    format!("{:04}-{month:02}-{day:02}", year_of_era + era.saturating_mul(400) + carry)
}

fn jwt_parts(value: &[u8]) -> Option<(Value, Value)> {
    let mut parts = value.split(|&b| b == b'.');
    let mut object = || {
        let part = parts.next()?;
        let part = part.strip_suffix(b"==").or_else(|| part.strip_suffix(b"=")).unwrap_or(part);
        let decoded = BASE64_URL_SAFE_NO_PAD.decode(part).ok()?;
        serde_json::from_slice::<Value>(&decoded).ok().filter(Value::is_object)
    };
    Some((object()?, object()?))
}

/// Whether `value` is a JWT's header, with or without claims, and no signature.
pub fn is_unsigned(value: &[u8]) -> bool {
    if !value.starts_with(b"eyJ") {
        return false;
    }
    let mut parts = value.split(|&b| b == b'.');
    let header = parts.next().and_then(|part| BASE64_URL_SAFE_NO_PAD.decode(part).ok()).unwrap_or_default();
    let is_header = serde_json::from_slice::<Value>(&header).is_ok_and(|header| header.get("alg").is_some());
    is_header && (parts.clone().count() < 2 || parts.next_back() == Some(b""))
}

/// What `value` is in base 64, if that is text: a line of printable characters.
pub fn base64_text(value: &[u8]) -> Option<Vec<u8>> {
    let decoded = BASE64_STANDARD.decode(value).ok()?;
    let text = decoded.trim_ascii_end();
    (text.len() >= 4 && text.iter().all(|&b| (b' '..=b'~').contains(&b))).then(|| text.to_vec())
}

fn jwt(value: &[u8]) -> Result<Outcome, Objection> {
    let Some((header, claims)) = jwt_parts(value) else {
        return pass_if(false, "header and claims do not decode");
    };
    if header.get("alg").is_none() && header.get("typ").is_none() {
        return pass_if(false, "the header names no algorithm");
    }
    // The introduction to JWT that everyone copies, and its John Doe.
    let sample = |key: &str, text: &str| claims.get(key).and_then(Value::as_str) == Some(text);
    if sample("sub", "1234567890") || sample("name", "John Doe") {
        return Err(Objection::new(Gate::Placeholder, "the sample token of jwt.io"));
    }
    if header.get("alg").and_then(Value::as_str).is_some_and(|a| a.eq_ignore_ascii_case("none")) {
        return doubt("unsigned: it proves nothing to anyone");
    }
    if value.ends_with(b".") {
        return pass_if(false, "its signature is missing");
    }
    // What tutorials sign: a greeting, about nobody.
    let greets = |v: &Value| v.as_str().is_some_and(|text| text.contains(' '));
    if claims.as_object().is_some_and(|c| c.len() <= 1 && c.values().all(greets)) {
        return doubt("its claims are about nobody: a sample");
    }
    // Supabase's public role, and other tokens that say they are meant for browsers.
    if sample("role", "anon") {
        return doubt("public by design: its role is anon");
    }
    Ok(Outcome::Pass)
}

/// Kinds of key body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum KeyForm {
    Plain,
    Encrypted,
    Public,
}

/// Tag, content, rest; the content may be cut where `cut` allows.
fn der(bytes: &[u8], cut: bool) -> Option<(u8, &[u8], &[u8])> {
    let (&tag, rest) = bytes.split_first()?;
    let (&first, rest) = rest.split_first()?;
    let (len, rest) = match first {
        0..=0x7f => (usize::from(first), rest),
        0x81..=0x83 => {
            let n = usize::from(first & 3);
            let digits = rest.get(..n)?;
            (digits.iter().fold(0, |len, &b| len << 8 | usize::from(b)), &rest[n..])
        }
        _ => return None,
    };
    if len > rest.len() {
        return cut.then_some((tag, rest, &[][..]));
    }
    Some((tag, &rest[..len], &rest[len..]))
}

/// Which kind of key `body` is: PKCS#1, SEC1 and PKCS#8 begin with a version, an encrypted PKCS#8 and a public key with an algorithm.
fn key_form(body: &[u8], cut: bool) -> Option<KeyForm> {
    if let Some(rest) = body.strip_prefix(b"openssh-key-v1\0") {
        let len = usize::try_from(u32::from_be_bytes(rest.get(..4)?.try_into().ok()?)).ok()?;
        return Some(if rest.get(4..4 + len)? == b"none" { KeyForm::Plain } else { KeyForm::Encrypted });
    }
    let (0x30, outer, _) = der(body, cut)? else { return None };
    match der(outer, cut)? {
        (2, version, rest) if version.len() == 1 && version[0] <= 1 => der(rest, cut).map(|_| KeyForm::Plain),
        (0x30, algorithm, rest) if matches!(der(algorithm, cut), Some((6, ..))) => match der(rest, cut) {
            Some((4, ..)) => Some(KeyForm::Encrypted),
            Some((3, ..)) => Some(KeyForm::Public),
            _ => None,
        },
        _ => None,
    }
}

fn pem(value: &[u8]) -> Result<Outcome, Objection> {
    let armour = armour::open(value);
    let Armour { body, encrypted, sound, cut } = &armour;
    if !sound {
        return pass_if(false, "no key material between the armour lines");
    }
    if *encrypted {
        return Ok(locked());
    }
    match key_form(body, *cut) {
        Some(KeyForm::Plain) => Ok(Outcome::Pass),
        Some(KeyForm::Encrypted) => Ok(locked()),
        Some(KeyForm::Public) => pass_if(false, "a public key under a private label"),
        None => doubt("armoured like a private key, but the body does not parse as one"),
    }
}

fn pgp(value: &[u8]) -> Result<Outcome, Objection> {
    let armour = armour::open(value);
    if !armour.sound {
        return pass_if(false, "no key material between the armour lines");
    }
    // Packet tag 5, secret key, in the new or the old packet format (RFC 9580, 4.2).
    let secret_key = armour.body.first().is_some_and(|&b| b == 0xc5 || matches!(b, 0x94..=0x97));
    if secret_key { Ok(Outcome::Pass) } else { doubt("armoured like a secret key, but the first packet is none") }
}

fn putty(value: &[u8]) -> Result<Outcome, Objection> {
    let text = String::from_utf8_lossy(value);
    let private = text.find("Private-Lines:").map_or(&[][..], |at| &value[at.min(value.len())..]);
    if !armour::has_body(private) {
        return pass_if(false, "no private part");
    }
    let plain = text.lines().any(|l| l.trim() == "Encryption: none");
    Ok(if plain { Outcome::Pass } else { locked() })
}

/// The value of a base-32 digit (RFC 4648).
const fn base32_digit(byte: u8) -> Option<u8> {
    match byte {
        b'A'..=b'Z' => Some(byte - b'A'),
        b'2'..=b'7' => Some(byte - b'2' + 26),
        _ => None,
    }
}

/// The account number inside a key id: 40 bits behind the prefix, the lowest 7 of six bytes left out.
/// Ids from before 2019 hold none, so that the number means nothing there.
fn aws_account(value: &[u8]) -> Option<u64> {
    let body = value.get(4..20)?;
    let mut bits: u64 = 0;
    for &b in &body[..10] {
        bits = bits << 5 | u64::from(base32_digit(b)?);
    }
    // 50 bits read; the first 48 are the six bytes.
    let six = bits >> 2;
    Some((six & 0x7fff_ffff_ff80) >> 7)
}

/// The host in a PyPI token: version 2, then field 1, the location.
fn macaroon(value: &[u8]) -> Option<String> {
    let body = value.strip_prefix(b"pypi-").unwrap_or(value);
    let body = body.strip_suffix(b"==").or_else(|| body.strip_suffix(b"=")).unwrap_or(body);
    // A token cut or padded oddly still tells its head.
    let decoded = BASE64_URL_SAFE_NO_PAD.decode(&body[..body.len() / 4 * 4]).ok()?;
    let [2, 1, len, rest @ ..] = decoded.as_slice() else { return None };
    let host = rest.get(..usize::from(*len))?;
    host.iter().all(u8::is_ascii_graphic).then(|| String::from_utf8_lossy(host).into_owned())
}

/// The host part behind the password in `scheme://user:password@host…`.
fn host(whole: &[u8]) -> Option<&[u8]> {
    let at = memchr::memrchr(b'@', whole)?;
    let host = &whole[at + 1..];
    let end = host.iter().position(|b| !(b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_'))).unwrap_or(host.len());
    (end > 0).then_some(&host[..end])
}

fn url(value: &[u8], whole: &[u8]) -> Result<Outcome, Objection> {
    let lower = percent_decoded(value).to_ascii_lowercase();
    // Git hosts want some password beside a token that stands as the user name; it opens nothing.
    if matches!(lower.as_slice(), b"x-oauth-basic" | b"x-oauth-token" | b"x-access-token") {
        return pass_if(false, "a fixed word that a git host wants beside a token");
    }
    let user =
        memchr::memmem::find(whole, b"://").map(|i| &whole[i + 3..]).and_then(|r| r.split(|&b| b == b':').next()).unwrap_or_default();
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
    let host = host(whole).unwrap_or_default().to_ascii_lowercase();
    let local = matches!(host.as_slice(), b"localhost" | b"127.0.0.1" | b"0.0.0.0" | b"host" | b"hostname" | b"server" | b"db" | b"::1");
    if local && crate::engine::classify::reads_as_words(value) {
        return doubt("an ordinary word, for this machine or a container");
    }
    if [&b"example.com"[..], b"example.org", b"example.net", b".example", b".test", b".invalid"].iter().any(|e| host.ends_with(e)) {
        return doubt("the host is reserved for documentation");
    }
    if !user.is_empty() && user.eq_ignore_ascii_case(value) {
        return doubt("user name and password are the same word");
    }
    Ok(Outcome::Pass)
}

/// `value` with its `%2F` and their like replaced by what they stand for (RFC 3986, 2.1).
fn percent_decoded(value: &[u8]) -> Vec<u8> {
    let mut decoded = Vec::with_capacity(value.len());
    let mut rest = value;
    while let Some((&first, behind)) = rest.split_first() {
        let hex = behind.get(..2).filter(|hex| hex.iter().all(u8::is_ascii_hexdigit)).and_then(|hex| std::str::from_utf8(hex).ok());
        let hex = hex.and_then(|hex| u8::from_str_radix(hex, 16).ok());
        match hex.filter(|_| first == b'%') {
            Some(byte) => {
                decoded.push(byte);
                rest = &behind[2..];
            }
            None => {
                decoded.push(first);
                rest = behind;
            }
        }
    }
    decoded
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
    const WORDS: [&[u8]; 48] = [
        b"abc",
        b"access",
        b"auth",
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

fn basic(value: &[u8]) -> Result<Outcome, Objection> {
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
    let lower = password.to_ascii_lowercase();
    // RFC 7617 has him, and with signs of other alphabets in his password.
    if decoded[..at] == *b"Aladdin" {
        return Err(Objection::new(Gate::Placeholder, "published in documentation: the same everywhere"));
    }
    if is_sample(&lower) || [&b"open sesame"[..], b"opensesame"].contains(&lower.as_slice()) {
        return doubt("words that samples use for a password");
    }
    Ok(Outcome::Pass)
}

fn nkey(value: &[u8]) -> Result<Outcome, Objection> {
    let mut raw = Vec::with_capacity(40);
    let (mut buffer, mut bits) = (0u32, 0);
    for &b in value {
        let Some(digit) = base32_digit(b) else { return pass_if(false, "not base 32") };
        buffer = (buffer << 5 | u32::from(digit)) & 0xffff;
        bits += 5;
        if bits >= 8 {
            bits -= 8;
            raw.push((buffer >> bits) as u8);
        }
    }
    let Some((body, sum)) = raw.split_last_chunk::<2>() else { return pass_if(false, "too short") };
    Ok(Outcome::check_digits(crc16(body) == u16::from_le_bytes(*sum)))
}

fn bech32(value: &[u8]) -> Result<Outcome, Objection> {
    let lower = value.to_ascii_lowercase();
    let right = memchr::memrchr(b'1', &lower).is_some_and(|at| {
        let digits: Option<Vec<u8>> = lower[at + 1..].iter().map(|b| BECH32.iter().position(|d| d == b).map(|d| d as u8)).collect();
        digits.is_some_and(|d| matches!(bech32_sum(&lower[..at], d), 1 | 0x2bc8_30a3))
    });
    Ok(Outcome::check_digits(right))
}

#[cfg(test)]
mod tests {
    use super::{BASE64_URL_SAFE_NO_PAD, KeyForm, Outcome, armour, aws_account, check, date, jwt, key_form};
    use crate::rules::format::Structure;
    use crate::rules::template::fill;
    use base64::Engine as _;

    #[test]
    fn tokens_that_nobody_signed() {
        let part = |json: &str| BASE64_URL_SAFE_NO_PAD.encode(json);
        let token = |header: &str| format!("{}.{}.", part(header), part(r#"{"sub":"u-7","scope":"admin"}"#));
        assert!(matches!(jwt(token(r#"{"alg":"none"}"#).as_bytes()), Ok(Outcome::Doubt(_))));
        // That of one that was signed has been cut off.
        assert!(jwt(token(r#"{"alg":"RS256"}"#).as_bytes()).is_err());
    }

    #[test]
    fn tokens_without_signature() {
        let part = |json: &str| BASE64_URL_SAFE_NO_PAD.encode(json);
        let header = part(r#"{"alg":"HS256","typ":"JWT"}"#);
        for token in [header.clone(), format!("{header}.e30"), format!("{header}.e30.")] {
            assert!(super::is_unsigned(token.as_bytes()), "{token}");
        }
        for token in [format!("{header}.e30.c2ln"), part(r#"{"k":"grafana"}"#), "eyJ".to_owned()] {
            assert!(!super::is_unsigned(token.as_bytes()), "{token}");
        }
    }

    #[test]
    fn generated_keys_parse() {
        for label in ["RSA PRIVATE KEY", "EC PRIVATE KEY", "DSA PRIVATE KEY", "PRIVATE KEY", "OPENSSH PRIVATE KEY"] {
            let key = fill(&format!("{{{{pem:{label}}}}}"), "k").unwrap();
            assert_eq!(key_form(&armour::open(key.as_bytes()).body, false), Some(KeyForm::Plain), "{label}");
        }
        let key = fill("{{pem:ENCRYPTED PRIVATE KEY}}", "k").unwrap();
        assert_eq!(key_form(&armour::open(key.as_bytes()).body, false), Some(KeyForm::Encrypted));
    }

    #[test]
    fn generated_tokens_decode() {
        for (structure, template) in [
            (Structure::Jwt, "{{jwt}}"),
            (Structure::PypiMacaroon, "{{pypi}}"),
            (Structure::Nkey, "{{nkey:A}}"),
            (Structure::Bech32, "{{bech32:AGE-SECRET-KEY-}}"),
            (Structure::BasicAuth, "{{basic}}"),
            (Structure::AwsKeyId, "{{aws_key_id}}"),
            (Structure::PgpPrivateKey, "{{pem:PGP PRIVATE KEY BLOCK}}"),
            (Structure::PuttyPrivateKey, "{{putty}}"),
        ] {
            let value = fill(template, "s").unwrap();
            assert!(matches!(check(structure, value.as_bytes(), value.as_bytes()), Ok(Outcome::Pass)), "{structure:?} {value}");
        }
    }

    #[test]
    fn passwords_of_samples() {
        for word in ["password", "pwd1", "wrong_pass", "test1234", "my-secret", "foobar", "p@55w0rd!", "$ecret k3y"] {
            assert!(super::is_sample(word.as_bytes()), "{word}");
        }
        assert_eq!(super::percent_decoded(b"pass%21%2f%+5%4"), b"pass!/%+5%4");
        for word in ["hunter2", "1234", "passenger", "barometer!", "p4ssw0rm"] {
            assert!(!super::is_sample(word.as_bytes()), "{word}");
        }
    }

    #[test]
    fn the_account_in_a_key_id() {
        // Ten base-32 digits of account 1 shifted into place.
        let bits: u64 = (1 << 7 | 1 << 47) << 2;
        let id: String = (0..10).rev().map(|i| char::from(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"[(bits >> (5 * i)) as usize & 31])).collect();
        let key_id = format!("AKIA{id}AAAAAA");
        assert_eq!(aws_account(key_id.as_bytes()), Some(1));
        let told = |id: &str| super::describe(Structure::AwsKeyId, id.as_bytes(), b"");
        assert_eq!(told(&key_id).as_deref(), Some("belongs to AWS account 000000000001"));
        // An old id tells no account, rather than a wrong one.
        assert_eq!(told(&format!("AKIAB{}", &key_id[5..])), None);
    }

    #[test]
    fn dates() {
        assert_eq!(date(0), "1970-01-01");
        assert_eq!(date(951_782_400), "2000-02-29");
        assert_eq!(date(-1), "1969-12-31");
    }
}
