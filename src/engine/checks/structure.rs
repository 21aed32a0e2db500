//! Values that decode or parse.

use base64::Engine as _;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD};
use serde_json::Value;

use super::{Objection, Outcome, container, keys, login, openpgp};
use crate::model::Date;
use crate::rules::Gate;
use crate::rules::format::Structure;
use crate::rules::sums::{BECH32, bech32_sum, crc16};

/// Parses `value`, found within `whole`, as `structure`.
pub fn check(structure: Structure, value: &[u8], whole: &[u8]) -> Result<Outcome, Objection> {
    match structure {
        Structure::Jwt => jwt(value),
        Structure::PemPrivateKey => keys::pem(value),
        Structure::DerPrivateKey => keys::bare(value),
        Structure::KeyStore => container::key_store(value),
        Structure::PgpPackets => openpgp::bare(value),
        Structure::PgpPrivateKey => keys::pgp(value),
        Structure::PuttyPrivateKey => keys::putty(value),
        Structure::AwsKeyId => pass_if(aws_account(value).is_some(), "no AWS account number in it"),
        Structure::PypiMacaroon => pass_if(macaroon(value).is_some(), "no macaroon"),
        Structure::UrlCredentials => login::url(value, whole),
        Structure::BasicAuth => login::basic(value),
        Structure::EncodedPassword => login::encoded(value),
        Structure::Nkey => nkey(value),
        Structure::Bech32 => bech32(value),
        Structure::Ntlm => login::sample_user(login::ntlm_user(value).unwrap_or_default().as_bytes()),
        Structure::Htpasswd => login::sample_user(whole.split(|&b| b == b':').next().unwrap_or_default()),
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
                told.push_str(&format!(", expires {}", Date::new(expiry, 0).day()));
            }
            told.push(')');
            Some(told)
        }
        Structure::PemPrivateKey => keys::describe_pem(value),
        Structure::DerPrivateKey => Some("decodes to a private key without passphrase".to_owned()),
        Structure::KeyStore => Some("a store of keys, whose parts are where they belong, with a private one".to_owned()),
        Structure::PgpPackets => Some("its first packet is a secret key, whole".to_owned()),
        Structure::PgpPrivateKey => Some("the block holds a secret-key packet".to_owned()),
        Structure::PuttyPrivateKey => Some("a complete PuTTY key file".to_owned()),
        Structure::AwsKeyId => {
            // Ids from before 2019, whose fifth character lies before `Q`, hold no account.
            let holds = value.get(4).is_some_and(|b| matches!(b, b'Q'..=b'Z' | b'2'..=b'7'));
            aws_account(value).filter(|_| holds).map(|a| format!("belongs to AWS account {a:012}"))
        }
        Structure::PypiMacaroon => macaroon(value).map(|host| format!("a macaroon for {host}")),
        Structure::UrlCredentials => login::url_host(value, whole).map(|host| format!("password for {}", String::from_utf8_lossy(host))),
        Structure::BasicAuth => Some("decodes to a user name and a password".to_owned()),
        Structure::EncodedPassword => Some("decodes to what looks like a password".to_owned()),
        Structure::Ntlm => login::ntlm_user(value).map(|user| format!("the answer of the user {user}")),
        Structure::Htpasswd => None,
        Structure::Nkey | Structure::Bech32 => Some("its checksum is right".to_owned()),
    }
}

/// Passes what is `right`; anything else is no such structure, and `why`.
pub fn pass_if(right: bool, why: &'static str) -> Result<Outcome, Objection> {
    if right { Ok(Outcome::Pass) } else { Err(Objection::new(Gate::Structure, why)) }
}

/// Passes with a doubt.
pub fn doubt(why: &'static str) -> Result<Outcome, Objection> {
    Ok(Outcome::Doubt(Objection::new(Gate::Structure, why)))
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
    // RFC 9449: it goes with a token, and proves for one request that the sender holds a key.
    if header.get("typ").and_then(Value::as_str) == Some("dpop+jwt") {
        return doubt("a proof for one request, no credential by itself");
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
    use super::{BASE64_URL_SAFE_NO_PAD, Outcome, aws_account, check, jwt};
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
}
