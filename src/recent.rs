//! What one thread has met lately, by hashes of 64 bits: so much memory and no more, and whatever was met long ago is forgotten.
//!
//! The hashes have a key of its own for each process: that any two of a billion things share one has a chance of one in thirty, that one is taken for another
//! that is remembered just then one in millions, and nobody can bring it about without the key.

use std::hash::BuildHasher;

use foldhash::fast::RandomState;

/// Things remembered, at most; a later one takes an earlier one's place.
const SLOTS: usize = 1 << 16;

/// Hashes of what was met lately.
#[derive(Debug, Default)]
pub struct Recent {
    /// Empty until the first is remembered: many never are asked.
    slots: Vec<u64>,
    hasher: RandomState,
}

impl Recent {
    /// The hash of `what`.
    #[inline]
    #[must_use]
    pub fn hash(&self, what: &[u8]) -> u64 {
        self.hasher.hash_one(what)
    }

    /// Whether what has this hash was met lately.
    #[inline]
    #[must_use]
    pub fn knows(&self, hash: u64) -> bool {
        self.slots.get(Self::slot(hash)) == Some(&hash)
    }

    /// Remembers what has this hash.
    #[inline]
    pub fn remember(&mut self, hash: u64) {
        if self.slots.is_empty() {
            self.slots.resize(SLOTS, 0);
        }
        self.slots[Self::slot(hash)] = hash;
    }

    /// Whether `what` was not met lately; it is now.
    #[inline]
    pub fn meets(&mut self, what: &[u8]) -> bool {
        let hash = self.hash(what);
        let is_new = !self.knows(hash);
        self.remember(hash);
        is_new
    }

    fn slot(hash: u64) -> usize {
        hash as usize % SLOTS
    }
}

#[cfg(test)]
mod tests {
    use super::Recent;

    #[test]
    fn a_stretch_is_known_once_it_was_remembered() {
        let mut recent = Recent::default();
        let (one, other) = (recent.hash(b"return 0;\n"), recent.hash(b"return 1;\n"));
        assert!(!recent.knows(one));
        recent.remember(one);
        assert!(recent.knows(one) && !recent.knows(other));
        assert!(!recent.meets(b"return 0;\n") && recent.meets(b"return 1;\n") && !recent.meets(b"return 1;\n"));
    }
}
