//! Values that are encrypted or hashed where they stand: the right way, never a password in plain text.

/// Prefixes of ciphertexts, and what makes them.
const PREFIXES: [(&[u8], &str); 28] = [
    (b"ENC[", "encrypted by SOPS or eyaml"),
    (b"ENC(", "encrypted by Jasypt"),
    (b"{cipher}", "encrypted by Spring Cloud Config"),
    (b"{{cipher}}", "encrypted by Spring Cloud Config"),
    (b"$ANSIBLE_VAULT", "encrypted by Ansible Vault"),
    (b"!vault", "encrypted by Ansible Vault"),
    (b"vault:v", "encrypted by Vault's transit engine"),
    (b"-----BEGIN PGP MESSAGE", "an encrypted PGP message"),
    (b"-----BEGIN AGE ENCRYPTED FILE", "encrypted by age"),
    (b"age-encryption.org/", "encrypted by age"),
    (b"AQICAH", "encrypted by AWS KMS"),
    (b"encrypted:", "encrypted by dotenvx"),
    (b"{secure:", "encrypted by AppVeyor"),
    (b"\0GITCRYPT", "encrypted by git-crypt"),
    // Modular crypt format and its like: what a server stores instead of the password. Rules for hashes themselves allow it.
    (b"$2a$", "a bcrypt hash"),
    (b"$2b$", "a bcrypt hash"),
    (b"$2y$", "a bcrypt hash"),
    (b"$1$", "an MD5-crypt hash"),
    (b"$5$", "a SHA-256-crypt hash"),
    (b"$6$", "a SHA-512-crypt hash"),
    (b"$apr1$", "an Apache MD5 hash"),
    (b"$argon2", "an argon2 hash"),
    (b"$pbkdf2", "a PBKDF2 hash"),
    (b"$scrypt$", "an scrypt hash"),
    (b"pbkdf2_sha256$", "a PBKDF2 hash"),
    (b"SCRAM-SHA-", "a SCRAM verifier"),
    (b"{CRYPT}", "a hash of the system's crypt"),
    (b"{SSHA", "a salted SHA hash"),
];

/// Characters of the shortest Sealed Secret: base 64 of a length in two bytes, a session key under RSA with 4,096 bits, and the sealed value. See
/// "Encryption scheme" at <https://github.com/bitnami-labs/sealed-secrets/blob/main/docs/developer/crypto.md>.
const SEALED: usize = (2 + 512 + 16) * 4 / 3;

/// Why `value` is encrypted, if it is.
pub fn objection(value: &[u8]) -> Option<&'static str> {
    // The length is 512: two bytes of 2 and 0, and what is next.
    if value.len() >= SEALED && value.starts_with(b"Ag") && matches!(value[2], b'A'..=b'D') {
        return Some("a Sealed Secret");
    }
    PREFIXES.iter().find(|(prefix, _)| value.starts_with(prefix)).map(|&(_, why)| why)
}
