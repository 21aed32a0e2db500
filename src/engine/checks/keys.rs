//! Private keys: in armour, as PuTTY writes them, and as bare DER in base 64.

use std::borrow::Cow;

use base64::Engine as _;

use super::armour::{self, Armour, LENIENT};
use super::asn1::{der, element};
use super::openpgp::{self, Key};
use super::structure::{doubt, pass_if};
use super::{Objection, Outcome, container};
use crate::rules::Gate;

/// Kinds of key body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyForm {
    Plain,
    Encrypted,
    Public,
}

/// Which kind of key `body` is: PKCS#1, SEC1 and PKCS#8 begin with a version, an encrypted PKCS#8 and a public key with an algorithm.
pub fn key_form(body: &[u8], cut: bool) -> Option<KeyForm> {
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

/// A key in armour.
pub fn pem(value: &[u8]) -> Result<Outcome, Objection> {
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

/// An OpenPGP key in armour.
pub fn pgp(value: &[u8]) -> Result<Outcome, Objection> {
    let armour = armour::open(value);
    if !armour.sound {
        return pass_if(false, "no key material between the armour lines");
    }
    if openpgp::Packet::read(&armour.body, true).is_none_or(|packet| packet.tag != openpgp::SECRET_KEY) {
        return doubt("armoured like a secret key, but the first packet is none");
    }
    match openpgp::secrets(&armour.body, armour.cut) {
        Some(Key::Locked) => Ok(locked()),
        Some(Key::Elsewhere) => doubt("the secret part of the key is elsewhere: a card, or another file"),
        _ => Ok(Outcome::Pass),
    }
}

/// A PuTTY key file.
pub fn putty(value: &[u8]) -> Result<Outcome, Objection> {
    let private = memchr::memmem::find(value, b"Private-Lines:").map_or(&[][..], |at| &value[at..]);
    if !armour::has_body(private) {
        return pass_if(false, "no private part");
    }
    let plain = value.split(|&b| b == b'\n').any(|line| line.trim_ascii() == b"Encryption: none");
    Ok(if plain { Outcome::Pass } else { locked() })
}

/// What a passphrase means.
pub const fn locked() -> Outcome {
    Outcome::Locked(Objection::new(Gate::Encrypted, "a passphrase protects it"))
}

/// A key without armour: DER, or its base 64.
pub fn bare(value: &[u8]) -> Result<Outcome, Objection> {
    let body = container::decoded(value);
    // What stands in a file of bytes was found by its parts, without the head that tells its length.
    if matches!(body, Cow::Borrowed(_)) {
        return Ok(Outcome::Pass);
    }
    match key_form(&body, false) {
        Some(KeyForm::Plain) => pass_if(has_numbers(&body), "begins like a key and goes on otherwise"),
        Some(KeyForm::Encrypted) => Ok(locked()),
        Some(KeyForm::Public) => pass_if(false, "a public key"),
        None => pass_if(false, "does not decode to a key"),
    }
}

/// Whether what follows the version of a key is what one has there: an algorithm and the key (PKCS 8), a large number (PKCS 1), or the one of an elliptic
/// curve (SEC 1).
fn has_numbers(body: &[u8]) -> bool {
    let behind_version = element(0x30, body).and_then(|(key, _)| element(2, key)).and_then(|(_, rest)| der(rest, false));
    match behind_version {
        Some((0x30, algorithm, rest)) => element(6, algorithm).is_some() && element(4, rest).is_some(),
        Some((2, number, _)) => number.len() >= 64,
        Some((4, number, _)) => (20..=66).contains(&number.len()),
        _ => false,
    }
}

/// The bytes that `digits` write.
fn hex(digits: &[u8]) -> Option<Vec<u8>> {
    let value = |digit: u8| char::from(digit).to_digit(16);
    digits.chunks_exact(2).map(|pair| Some((value(pair[0])? << 4 | value(pair[1])?) as u8)).collect()
}

/// What `value` is if it is DER in base 64 or hex, or OpenPGP in base 64, that everybody may see: a public key (RFC 5280, 4.1: an algorithm and a string of bits; RFC 8017, A.1.1: two
/// large numbers), a certificate or a request for one (their first part is what is signed).
pub fn public_der(value: &[u8]) -> Option<&'static str> {
    /// The algorithm of a key under a password (RFC 8018, A.4) begins so.
    const PBES: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1];
    /// Enough to see what comes first: a multiple of four characters.
    const HEAD: usize = 64;
    let head = value.get(..HEAD)?;
    let head = match head[0] {
        b'M' => LENIENT.decode(head).ok()?,
        b'3' => hex(head)?,
        b'm' | b'x' => return openpgp::is_public(&LENIENT.decode(head).ok()?).then_some("a public key"),
        _ => return None,
    };
    let (0x30, outer, _) = der(&head, true)? else { return None };
    let (first, inner, _) = der(outer, true)?;
    match (first, der(inner, true)) {
        (0x30, Some((6, oid, _))) if !oid.starts_with(PBES) || oid.get(PBES.len()) == Some(&1) => Some("a public key"),
        (0x30, Some((0xa0 | 2, ..))) => Some("a certificate"),
        (2, _) if inner.len() > 16 => Some("a public key"),
        _ => None,
    }
}

/// What parsing `value`, in armour, tells a reader.
pub fn describe_pem(value: &[u8]) -> Option<String> {
    let armour = armour::open(value);
    let told = match (key_form(&armour.body, armour.cut), armour.encrypted) {
        (_, true) | (Some(KeyForm::Encrypted), _) => "the block parses; it is encrypted with a passphrase",
        (Some(_), _) if armour.cut => "begins like a private key without passphrase; its end is missing",
        (Some(_), _) => "the block parses as a private key without passphrase",
        (None, _) => return None,
    };
    Some(told.to_owned())
}

#[cfg(test)]
mod tests {
    use super::{KeyForm, Outcome, armour, bare, key_form, public_der, putty};
    use crate::rules::template::fill;
    use base64::Engine as _;
    use base64::prelude::BASE64_STANDARD;

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
    fn comments_of_putty_keys_are_in_any_encoding() {
        let key = fill("{{putty}}", "k").unwrap();
        let (before, comment) = key.split_once("Comment: ").unwrap();
        let behind = comment.split_once('\n').unwrap().1;
        let latin = [before.as_bytes(), b"Comment: ", &b"Schl\xfcssel f\xfcr ".repeat(40), b"\n", behind.as_bytes()].concat();
        assert!(matches!(putty(&latin), Ok(Outcome::Pass)));
        let public = [latin[..memchr::memmem::find(&latin, b"Private-Lines:").unwrap()].to_vec(), b"Private-Lines: 0\n".to_vec()].concat();
        assert!(putty(&public).is_err());
    }

    #[test]
    fn keys_without_armour() {
        for label in ["RSA PRIVATE KEY", "EC PRIVATE KEY", "PRIVATE KEY"] {
            let key = fill(&format!("{{{{der:{label}}}}}"), "k").unwrap();
            assert!(matches!(bare(key.as_bytes()), Ok(Outcome::Pass)), "{label}");
            assert_eq!(public_der(key.as_bytes()), None, "{label}");
        }
        let locked = fill("{{der:ENCRYPTED PRIVATE KEY}}", "k").unwrap();
        assert!(matches!(bare(locked.as_bytes()), Ok(Outcome::Locked(_))));
        assert_eq!(public_der(locked.as_bytes()), None);
        assert!(bare(fill("MII{{base64:400}}", "k").unwrap().as_bytes()).is_err());
    }

    #[test]
    fn what_everybody_may_see() {
        // The heads of an RSA key, of the bare numbers of one, of an elliptic curve's point, of a certificate.
        for head in [
            &[0x30, 0x82, 1, 0x22, 0x30, 0x0d, 6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 1, 5, 0, 3, 0x82, 1, 0x0f][..],
            &[0x30, 0x82, 1, 0x0a, 2, 0x82, 1, 1, 0],
            &[0x30, 0x59, 0x30, 0x13, 6, 7, 0x2a, 0x86, 0x48, 0xce, 0x3d, 2, 1],
            &[0x30, 0x82, 3, 0x55, 0x30, 0x82, 2, 0x3d, 0xa0, 3, 2, 1, 2],
        ] {
            let mut bytes = head.to_vec();
            bytes.resize(96, 0x5a);
            assert!(public_der(BASE64_STANDARD.encode(&bytes).as_bytes()).is_some(), "{head:x?}");
            let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
            assert!(public_der(hex.as_bytes()).is_some(), "{head:x?}");
        }
        assert_eq!(public_der(fill("M{{base64:90}}", "m").unwrap().as_bytes()), None);
    }
}
