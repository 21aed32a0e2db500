//! Numbers for objects: as many words as there are objects, and no hashing.

use super::{ObjectAt, Objects};

/// Which number each object has, if any.
pub(super) struct ObjectMap(Vec<u32>);

impl ObjectMap {
    const NONE: u32 = u32::MAX;

    /// The place of each of `listed`. Of an object that is listed twice, the later place counts.
    pub fn of(objects: &Objects, listed: impl Iterator<Item = ObjectAt>) -> Self {
        let mut numbers = vec![Self::NONE; objects.len()];
        for (number, at) in (0..).zip(listed) {
            numbers[at.0 as usize] = number;
        }
        Self(numbers)
    }

    /// The number of the object at `at`.
    pub fn get(&self, at: ObjectAt) -> Option<u32> {
        self.0.get(at.0 as usize).copied().filter(|&number| number != Self::NONE)
    }
}

impl Default for ObjectMap {
    /// Of no object.
    fn default() -> Self {
        Self(Vec::new())
    }
}
