//! Names of git objects.

use std::fmt;

/// The id of a git object: 20 bytes of SHA-1 or 32 of SHA-256, as its repository has it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ObjectId {
    bytes: [u8; Self::LONGEST],
    len: u8,
}

impl ObjectId {
    /// Bytes of the longest id.
    pub const LONGEST: usize = 32;

    /// All zeros, in 20 bytes.
    pub const ZERO: Self = Self { bytes: [0; Self::LONGEST], len: 20 };

    /// The id with these bytes; `None` unless there are 20 or 32.
    #[must_use]
    pub fn new(id: &[u8]) -> Option<Self> {
        let mut bytes = [0; Self::LONGEST];
        matches!(id.len(), 20 | 32).then(|| bytes[..id.len()].copy_from_slice(id))?;
        Some(Self { bytes, len: id.len() as u8 })
    }

    /// The id written as 40 or 64 hex digits.
    #[must_use]
    pub fn parse(hex: &[u8]) -> Option<Self> {
        let mut bytes = [0; Self::LONGEST];
        if !matches!(hex.len(), 40 | 64) {
            return None;
        }
        for (byte, pair) in bytes.iter_mut().zip(hex.chunks_exact(2)) {
            let digit = |b: u8| char::from(b).to_digit(16);
            *byte = (digit(pair[0])? * 16 + digit(pair[1])?) as u8;
        }
        Some(Self { bytes, len: (hex.len() / 2) as u8 })
    }

    /// Its bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes[..usize::from(self.len)]
    }

    /// Whether all bytes are zero: what git writes for "no object".
    #[must_use]
    pub fn is_zero(&self) -> bool {
        self.as_bytes().iter().all(|&b| b == 0)
    }

    /// The first ten hex digits, for people.
    #[must_use]
    pub fn short(&self) -> String {
        let mut text = self.to_string();
        text.truncate(10);
        text
    }
}

impl fmt::Display for ObjectId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.as_bytes().iter().try_for_each(|b| write!(f, "{b:02x}"))
    }
}

impl fmt::Debug for ObjectId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

#[cfg(test)]
mod tests {
    use super::ObjectId;

    #[test]
    fn written_as_read() {
        for hex in ["1a3e64c6c4a623626ff0687008732a8e007e2a1c", &"0f".repeat(32)] {
            let id = ObjectId::parse(hex.as_bytes()).unwrap();
            assert_eq!(id.to_string(), hex);
            assert_eq!(ObjectId::new(id.as_bytes()), Some(id));
        }
        assert_eq!(ObjectId::parse(b"1a3e"), None);
        assert!(ObjectId::parse(&[b'0'; 64]).unwrap().is_zero());
    }
}
