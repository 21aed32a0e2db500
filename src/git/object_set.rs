//! A set of objects of one repository.

use super::{ObjectAt, Objects};

/// A bit for each object.
#[derive(Clone, Debug, Default)]
pub struct ObjectSet {
    bits: Vec<u64>,
}

impl ObjectSet {
    /// The objects whose id is in `ids`: ids one behind the other, sorted. Every place of an object counts.
    #[must_use]
    pub fn of_ids(objects: &Objects, ids: &[u8]) -> Self {
        let mut set = Self::none_of(objects);
        let ids: Vec<&[u8]> = ids.chunks_exact(objects.id_len()).collect();
        for (pack, &first) in objects.packs.iter().zip(&objects.firsts) {
            set.join(&ids, (0..pack.len() as u32).map(|rank| (first + rank, pack.id_ranked(rank))));
        }
        let first = objects.firsts.last().copied().unwrap_or_default();
        set.join(&ids, objects.loose.iter().zip(first..).map(|(loose, at)| (at, loose.id)));
        set
    }

    /// None of `objects`, with room for all of them.
    pub(super) fn none_of(objects: &Objects) -> Self {
        Self { bits: vec![0; objects.len().div_ceil(64)] }
    }

    /// Adds the object at `at`; says whether it was not in the set before.
    pub(super) fn insert(&mut self, at: ObjectAt) -> bool {
        let (word, bit) = (&mut self.bits[at.0 as usize / 64], 1 << (at.0 % 64));
        let is_new = *word & bit == 0;
        *word |= bit;
        is_new
    }

    /// Adds those of `places`, sorted by id, whose id is in `ids`, sorted too.
    fn join(&mut self, ids: &[&[u8]], places: impl Iterator<Item = (u32, crate::model::ObjectId)>) {
        let mut known = ids.iter().peekable();
        for (at, id) in places {
            while known.next_if(|known| **known < id.as_bytes()).is_some() {}
            if known.peek().is_some_and(|known| **known == id.as_bytes()) {
                self.bits[at as usize / 64] |= 1 << (at % 64);
            }
        }
    }

    /// Whether the object at `at` is in it.
    #[must_use]
    pub fn contains(&self, at: ObjectAt) -> bool {
        self.bits.get(at.0 as usize / 64).is_some_and(|word| word >> (at.0 % 64) & 1 != 0)
    }

    /// Whether it is empty.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.bits.iter().all(|&word| word == 0)
    }

    /// Its members, in order.
    pub fn iter(&self) -> impl Iterator<Item = ObjectAt> + '_ {
        let ones =
            |(i, &word): (usize, &u64)| (0..64).filter(move |bit| word >> bit & 1 != 0).map(move |bit| ObjectAt(i as u32 * 64 + bit));
        self.bits.iter().enumerate().flat_map(ones)
    }
}
