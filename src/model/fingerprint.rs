//! Which secret, not where.

use std::fmt;

use argon2::{Algorithm, Argon2, Params, Version};

/// The salt: fixed, so that two machines agree.
const DEFAULT_SALT: &[u8; 16] = b"keysift/salt/v1\0";

/// Memory in KiB and passes of argon2id. A fraction of a millisecond a secret; slow enough that a committed fingerprint of a weak password
/// costs a guesser real work, where a plain hash would cost nothing.
const MEMORY_KIB: u32 = 256;
const PASSES: u32 = 2;

/// A salted, deliberately slow hash of a secret's value. It survives line moves, renames, rebases and squashes, for it knows only the value.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fingerprint([u8; 16]);

impl Fingerprint {
    /// The fingerprint of `value` under the default salt: argon2id (RFC 9106), 16 bytes.
    #[must_use]
    pub fn of(value: &[u8]) -> Self {
        let params = Params::new(MEMORY_KIB, PASSES, 1, Some(16)).expect("constant parameters are valid");
        let mut out = [0; 16];
        // The only errors are wrong parameters and values beyond 4 GiB, and no window is larger than 64 KiB.
        Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
            .hash_password_into(value, DEFAULT_SALT, &mut out)
            .expect("a windowed value is within argon2's bounds");
        Self(out)
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ks1:")?;
        self.0.iter().try_for_each(|b| write!(f, "{b:02x}"))
    }
}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Fingerprint({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::Fingerprint;

    #[test]
    fn the_same_value_the_same_name_for_ever() {
        // Baselines hold these: a change here orphans every ignore that users have committed.
        assert_eq!(Fingerprint::of(b"keysift").to_string(), "ks1:21cb97256992bf134f15466b6bd805cf");
        assert_ne!(Fingerprint::of(b"keysift"), Fingerprint::of(b"keysifu"));
    }
}
