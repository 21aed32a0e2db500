//! Values that are encrypted where they stand: the right way, never a finding.

/// Prefixes of ciphertexts, and what makes them.
const PREFIXES: [(&[u8], &str); 12] = [
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
    (b"\0GITCRYPT", "encrypted by git-crypt"),
];

/// Why `value` is encrypted, if it is.
pub fn objection(value: &[u8]) -> Option<&'static str> {
    PREFIXES.iter().find(|(prefix, _)| value.starts_with(prefix)).map(|&(_, why)| why)
}
