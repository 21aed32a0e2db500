//! Values that are made to be seen: digests, and keys that only encrypt or verify.

/// Prefixes, and what begins so.
const PREFIXES: [(&[u8], &str); 19] = [
    (b"md5:", "a digest"),
    (b"sha1:", "a digest"),
    (b"sha256:", "a digest"),
    (b"sha384:", "a digest"),
    (b"sha512:", "a digest"),
    (b"sha1-", "a digest"),
    (b"sha256-", "a digest"),
    (b"sha384-", "a digest"),
    (b"sha512-", "a digest"),
    (b"h1:", "a digest"),
    (b"ssh-", "a public key"),
    (b"ecdsa-sha2-", "a public key"),
    (b"age1", "a public key"),
    (b"-----BEGIN PUBLIC KEY", "a public key"),
    (b"-----BEGIN RSA PUBLIC KEY", "a public key"),
    (b"-----BEGIN CERTIFICATE", "a certificate"),
    // The same three in base 64.
    (b"LS0tLS1CRUdJTiBQVUJMSUMgS0VZ", "a public key"),
    (b"LS0tLS1CRUdJTiBSU0EgUFVCTElDIEtFW", "a public key"),
    (b"LS0tLS1CRUdJTiBDRVJUSUZJQ0FUR", "a certificate"),
];

/// Why everybody may see `value`, if so.
pub fn objection(value: &[u8]) -> Option<&'static str> {
    // `h1:` and `age1` alone could begin a password.
    const LEAST: usize = 30;
    PREFIXES.iter().find(|(prefix, _)| value.len() >= LEAST && value.starts_with(prefix)).map(|&(_, why)| why)
}
