//! Values that are encrypted or hashed where they stand: the right way, never a password in plain text.

/// Prefixes of ciphertexts, and what makes them.
const PREFIXES: [(&[u8], &str); 61] = [
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
    // A message of Protocol Buffers whose first field has 36 bytes: <https://cloud.google.com/build/docs/securing-builds/use-encrypted-credentials>.
    (b"CiQA", "encrypted by Google Cloud KMS"),
    // In base 64, a session key of version 3 for a key of 2,048 or 4,096 bits (RFC 9580, 5.1.1), in both formats of a packet's length.
    (b"wcBMA", "an encrypted PGP message"),
    (b"wcFMA", "an encrypted PGP message"),
    (b"hQEMA", "an encrypted PGP message"),
    (b"hQIMA", "an encrypted PGP message"),
    // A version, and the length of what starts AES: <https://www.jenkins.io/doc/developer/security/secrets/>.
    (b"{AQAAABAAAA", "encrypted by Jenkins"),
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
    (b"$y$", "a yescrypt hash"),
    (b"$P$", "a phpass hash"),
    (b"$H$", "a phpass hash"),
    (b"$S$", "a hash of Drupal's"),
    (b"SCRAM-SHA-", "a SCRAM verifier"),
    (b"grub.pbkdf2.", "a PBKDF2 hash"),
    // LDAP (RFC 2307) and Spring Security.
    (b"{CRYPT}", "a hash of the system's crypt"),
    (b"{SSHA", "a salted SHA hash"),
    (b"{SHA}", "a SHA hash"),
    (b"{SMD5}", "a salted MD5 hash"),
    (b"{MD5}", "an MD5 hash"),
    (b"{PBKDF2", "a PBKDF2 hash"),
    (b"{ARGON2}", "an argon2 hash"),
    (b"{bcrypt}", "a bcrypt hash"),
    (b"#jbcrypt:", "a bcrypt hash"),
    (b"{pbkdf2", "a PBKDF2 hash"),
    (b"{argon2", "an argon2 hash"),
    (b"{scrypt", "an scrypt hash"),
    (b"{ldap}{", "a hash of a directory's"),
    (b"{SHA-", "a SHA hash"),
    (b"{sha256}", "a SHA-256 hash"),
    (b"{MD4}", "an MD4 hash"),
    // Django: <https://docs.djangoproject.com/en/5.2/topics/auth/passwords/#how-django-stores-passwords>.
    (b"pbkdf2_sha", "a PBKDF2 hash"),
    (b"argon2$", "an argon2 hash"),
    (b"bcrypt$", "a bcrypt hash"),
    (b"bcrypt_sha256$", "a bcrypt hash"),
    (b"scrypt$", "an scrypt hash"),
    (b"md5$", "an MD5 hash"),
    (b"sha1$", "a SHA-1 hash"),
    // Werkzeug: <https://werkzeug.palletsprojects.com/en/stable/utils/#werkzeug.security.generate_password_hash>.
    (b"pbkdf2:sha", "a PBKDF2 hash"),
    (b"scrypt:32768:", "an scrypt hash"),
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
    // What databases store: `mysql_native_password`, and PostgreSQL before SCRAM.
    let is_hex = |digest: Option<&[u8]>, len| digest.is_some_and(|d| d.len() == len && d.iter().all(u8::is_ascii_hexdigit));
    if is_hex(value.strip_prefix(b"*"), 40) || is_hex(value.strip_prefix(b"md5"), 32) {
        return Some("a hash as databases store it");
    }
    let first = value.first()?;
    PREFIXES.iter().find(|(prefix, _)| prefix[0] == *first && value.starts_with(prefix)).map(|&(_, why)| why)
}
