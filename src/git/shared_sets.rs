//! Sets that thousands hold, each in memory once.

use std::collections::HashSet;
use std::sync::Arc;

/// Sets of numbers, each known by its members.
#[derive(Default)]
pub struct SharedSets(HashSet<Arc<[usize]>>);

impl SharedSets {
    /// The set with these members, sorted.
    pub fn of(&mut self, members: &[usize]) -> Arc<[usize]> {
        if let Some(known) = self.0.get(members) {
            return Arc::clone(known);
        }
        let set: Arc<[usize]> = members.into();
        self.0.insert(Arc::clone(&set));
        set
    }
}

#[cfg(test)]
mod tests {
    use super::SharedSets;
    use std::sync::Arc;

    #[test]
    fn equal_sets_are_one() {
        let mut sets = SharedSets::default();
        let (one, two, same) = (sets.of(&[1, 2]), sets.of(&[1]), sets.of(&[1, 2]));
        assert_eq!((&*one, &*two), (&[1, 2][..], &[1][..]));
        assert!(Arc::ptr_eq(&one, &same));
    }
}
