//! Who comes from whom: the children of each of many, in two flat lists. Read the other way round it does for parents.

use std::ops::Range;

/// Children by parent. Parents and children are numbers below the count it was made for.
pub(super) struct Children {
    /// For each parent, where its children begin in `all`; one more for the end.
    first: Vec<u32>,
    all: Vec<u32>,
}

impl Children {
    /// Of `count`, with what `pairs` gives each time it is called: parents with children. The children of one parent keep that order.
    pub fn of<I: Iterator<Item = (u32, u32)>>(count: usize, pairs: impl Fn() -> I) -> Self {
        let mut first = vec![0_u32; count + 1];
        pairs().for_each(|(parent, _)| first[parent as usize + 1] += 1);
        for i in 0..count {
            first[i + 1] += first[i];
        }
        let mut all = vec![0; first[count] as usize];
        let mut next = first.clone();
        for (parent, child) in pairs() {
            all[next[parent as usize] as usize] = child;
            next[parent as usize] += 1;
        }
        Self { first, all }
    }

    /// The children of `parent`.
    pub fn of_parent(&self, parent: u32) -> &[u32] {
        &self.all[self.range(parent)]
    }

    /// The same, to be put in another order.
    pub fn of_parent_mut(&mut self, parent: u32) -> &mut [u32] {
        let range = self.range(parent);
        &mut self.all[range]
    }

    fn range(&self, parent: u32) -> Range<usize> {
        self.first[parent as usize] as usize..self.first[parent as usize + 1] as usize
    }
}

#[cfg(test)]
mod tests {
    use super::Children;

    #[test]
    fn children_keep_their_order() {
        let mut children = Children::of(4, || [(2, 0), (0, 3), (2, 1)].into_iter());
        assert_eq!([0, 1, 2, 3].map(|p| children.of_parent(p).to_vec()), [vec![3], vec![], vec![0, 1], vec![]]);
        children.of_parent_mut(2).swap(0, 1);
        assert_eq!(children.of_parent(2), [1, 0]);
    }
}
