//! Values that are made to be seen: digests, and keys that only encrypt or verify.

use base64::Engine as _;

/// What a digest is called.
const DIGEST: &str = "a digest";

/// Prefixes, and what begins so.
const PREFIXES: [(&[u8], &str); 29] = [
    (b"md5:", DIGEST),
    (b"sha1:", DIGEST),
    (b"sha256:", DIGEST),
    (b"sha384:", DIGEST),
    (b"sha512:", DIGEST),
    (b"sha1-", DIGEST),
    (b"sha256-", DIGEST),
    (b"sha384-", DIGEST),
    (b"sha512-", DIGEST),
    (b"h1:", DIGEST),
    // How audit logs of Vault tell of secrets: <https://developer.hashicorp.com/vault/docs/audit>.
    (b"hmac-sha256:", DIGEST),
    (b"ssh-", "a public key"),
    (b"ecdsa-sha2-", "a public key"),
    (b"age1", "a public key"),
    // Of Tailscale's nodes: <https://pkg.go.dev/tailscale.com/types/key>.
    (b"nodekey:", "a public key"),
    (b"mkey:", "a public key"),
    (b"discokey:", "a public key"),
    (b"-----BEGIN PUBLIC KEY", "a public key"),
    (b"-----BEGIN RSA PUBLIC KEY", "a public key"),
    (b"-----BEGIN CERTIFICATE", "a certificate"),
    // Keys of SSH as they travel, and in base 64 with the name before them.
    (b"AAAAB3NzaC1", "a public key"),
    (b"AAAAC3NzaC1", "a public key"),
    (b"AAAAE2VjZHNhLXNoYTIt", "a public key"),
    (b"c3NoLXJzYSBBQUFB", "a public key"),
    (b"c3NoLWVkMjU1MTkgQUFBQ", "a public key"),
    (b"ZWNkc2Etc2hhMi1uaXN0c", "a public key"),
    // The same three of armour in base 64.
    (b"LS0tLS1CRUdJTiBQVUJMSUMgS0VZ", "a public key"),
    (b"LS0tLS1CRUdJTiBSU0EgUFVCTElDIEtFW", "a public key"),
    (b"LS0tLS1CRUdJTiBDRVJUSUZJQ0FUR", "a certificate"),
];

/// What names of algorithms and of their keys' kinds are made of, beside numbers.
const ALGORITHMS: [&[u8]; 40] = [
    b"aes",
    b"cbc",
    b"chacha",
    b"chacha20",
    b"ctr",
    b"curve25519",
    b"des",
    b"dsa",
    b"ec",
    b"ecc",
    b"ecdsa",
    b"ed25519",
    b"ed448",
    b"gcm",
    b"hmac",
    b"hs256",
    b"hs384",
    b"hs512",
    b"md5",
    b"nist",
    b"nistp256",
    b"nistp384",
    b"nistp521",
    b"oaep",
    b"p256",
    b"p384",
    b"p521",
    b"pkcs1",
    b"poly1305",
    b"pss",
    b"pureed25519",
    b"rs256",
    b"rsa",
    b"secp256k1",
    b"sha",
    b"sha1",
    b"sha2",
    b"sha256",
    b"sha512",
    b"ssh",
];

/// Whether `value` names an algorithm, or the kind of key for one: `ssh-ed25519`, `RSA_2048`, `HMAC-SHA-256`.
fn is_algorithm(value: &[u8]) -> bool {
    /// Longer ones do not come.
    const LONGEST: usize = 32;
    let is_known = |part: &[u8]| {
        let lower = part.to_ascii_lowercase();
        !part.is_empty() && (part.iter().all(u8::is_ascii_digit) || ALGORITHMS.contains(&lower.as_slice()))
    };
    value.len() <= LONGEST && value.iter().any(u8::is_ascii_alphabetic) && value.split(|b| matches!(b, b'-' | b'_' | b'/')).all(is_known)
}

/// Whether what follows `before` is called a digest there: `h1:…` in the lists of checksums that Go keeps, `sha256-…` in those of npm and of browsers.
pub fn names_digest(before: &[u8]) -> bool {
    PREFIXES.iter().any(|&(prefix, what)| what == DIGEST && before.ends_with(prefix))
}

/// Why everybody may see `value`, if so.
pub fn objection(value: &[u8]) -> Option<&'static str> {
    if is_algorithm(value) {
        return Some("the name of an algorithm");
    }
    if let Some(why) = super::keys::public_der(value) {
        return Some(why);
    }
    // Made to stand in every page; the secret ones begin with `sk.`: <https://docs.mapbox.com/help/dive-deeper/access-tokens/>.
    if value.starts_with(b"pk.eyJ") {
        return Some("a public token of Mapbox's");
    }
    if is_publishable_of_clerk(value) {
        return Some("a publishable key of Clerk's");
    }
    // `h1:` and `age1` alone could begin a password.
    const LEAST: usize = 30;
    PREFIXES.iter().find(|(prefix, _)| value.len() >= LEAST && value.starts_with(prefix)).map(|&(_, why)| why)
}

/// Whether `value` is a key that Clerk makes for pages: behind its prefix the instance's host and a dollar sign, in base 64
/// (<https://clerk.com/docs/guides/how-clerk-works/overview>).
fn is_publishable_of_clerk(value: &[u8]) -> bool {
    let host = value.strip_prefix(b"pk_live_").or_else(|| value.strip_prefix(b"pk_test_"));
    let host = host.and_then(|code| super::armour::LENIENT.decode(code).ok());
    host.is_some_and(|host| host.ends_with(b"$") && host.contains(&b'.'))
}

#[cfg(test)]
mod tests {
    use super::{is_algorithm, objection};
    use crate::rules::template::fill;
    use base64::Engine as _;
    use base64::prelude::BASE64_STANDARD;

    #[test]
    fn keys_that_everybody_may_see() {
        let blob = |kind: &str| BASE64_STANDARD.encode([&(kind.len() as u32).to_be_bytes()[..], kind.as_bytes(), &[0x5a; 60]].concat());
        for kind in ["ssh-rsa", "ssh-ed25519", "ecdsa-sha2-nistp256"] {
            assert!(objection(blob(kind).as_bytes()).is_some(), "{kind}");
            assert!(objection(BASE64_STANDARD.encode(format!("{kind} {}", blob(kind))).as_bytes()).is_some(), "{kind}");
        }
        // The same key as the public part of a secret one: OpenPGP's packets differ in their first byte.
        let secret = fill("{{pgp}}", "s").unwrap();
        let mut packet = BASE64_STANDARD.decode(&secret).unwrap();
        assert_eq!(objection(secret.as_bytes()), None);
        packet[0] = 0x99;
        assert_eq!(objection(BASE64_STANDARD.encode(packet).as_bytes()), Some("a public key"));
    }

    #[test]
    fn publishable_keys() {
        let key = format!("pk_live_{}", BASE64_STANDARD.encode("clerk.acme.io$"));
        assert_eq!(objection(key.as_bytes()), Some("a publishable key of Clerk's"));
        assert_eq!(objection(fill("pk_live_{{base62:24}}", "p").unwrap().as_bytes()), None);
    }

    #[test]
    fn names_of_algorithms() {
        for name in ["ssh-ed25519", "RSA_2048", "HMAC-SHA-256", "ECC_NIST_P256", "aes-256-gcm", "HS256"] {
            assert!(is_algorithm(name.as_bytes()), "{name}");
        }
        for name in ["", "2048", "aes-secret1", "rsa-x7f3k9", "-"] {
            assert!(!is_algorithm(name.as_bytes()), "{name}");
        }
    }
}
