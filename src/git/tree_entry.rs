//! The entries of a tree, as git writes them one behind the other: `<octal mode> <name>\0<id>` (`git-fast-import(1)`, `git mktree`).

use crate::model::ObjectId;

/// Kinds of entries, by their mode.
pub const KIND: u32 = 0o170_000;
pub const FOLDER: u32 = 0o040_000;
pub const LINK: u32 = 0o120_000;
pub const FILE: u32 = 0o100_000;
pub const SUBMODULE: u32 = 0o160_000;

/// Digits of a mode, at most.
const DIGITS: usize = 7;

/// An entry of a tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TreeEntry<'a> {
    /// Kind and permissions.
    pub mode: u32,
    /// One part of a path.
    pub name: &'a [u8],
    /// The bytes of its id.
    pub raw_id: &'a [u8],
}

impl<'a> TreeEntry<'a> {
    /// Reads the entry at the begin of `bytes`, whose id has `id_len` bytes, 20 or 32; with what stands behind it. `None` for what is none.
    #[inline]
    pub fn first(bytes: &'a [u8], id_len: usize) -> Option<(Self, &'a [u8])> {
        let mut mode = 0;
        let mut digits = 0;
        while let digit @ b'0'..=b'7' = *bytes.get(digits)? {
            mode = mode << 3 | u32::from(digit - b'0');
            digits += 1;
            if digits > DIGITS {
                return None;
            }
        }
        let rest = bytes[digits..].strip_prefix(b" ").filter(|_| digits > 0)?;
        let nul = memchr::memchr(0, rest)?;
        let (raw_id, behind) = rest[nul + 1..].split_at_checked(id_len)?;
        Some((Self { mode, name: &rest[..nul], raw_id }, behind))
    }

    /// What it names.
    pub fn id(&self) -> ObjectId {
        ObjectId::new(self.raw_id).expect("ids in trees are read by the length that the repository's have")
    }

    /// Whether it is a folder, a file, …: one of the constants above.
    pub const fn kind(&self) -> u32 {
        self.mode & KIND
    }

    /// Folders are sorted as if their names ended in a slash.
    pub fn sort_key(&self) -> impl Iterator<Item = u8> {
        let slash = (self.kind() == FOLDER).then_some(b'/');
        self.name.iter().copied().chain(slash)
    }
}

/// The entries of the tree object `bytes`; `None` stands for one that is no tree's, and ends them.
pub fn entries(bytes: &[u8], id_len: usize) -> impl Iterator<Item = Option<TreeEntry<'_>>> {
    let mut rest = bytes;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let first = TreeEntry::first(rest, id_len);
        rest = first.map_or(&[], |(_, behind)| behind);
        Some(first.map(|(entry, _)| entry))
    })
}

#[cfg(test)]
mod tests {
    use super::entries;

    fn names(bytes: &[u8]) -> Vec<Option<(u32, Vec<u8>)>> {
        entries(bytes, 20).map(|e| e.map(|e| (e.mode, e.name.to_vec()))).collect()
    }

    #[test]
    fn trees_end_where_they_make_no_sense() {
        let mut tree = b"100644 a b\0".to_vec();
        tree.extend([7; 20]);
        tree.extend(b"40000 sub\0");
        tree.extend([9; 20]);
        assert_eq!(names(&tree), [Some((0o100_644, b"a b".to_vec())), Some((0o040_000, b"sub".to_vec()))]);
        tree.pop();
        assert_eq!(names(&tree)[1], None);
    }

    #[test]
    fn what_has_no_mode_is_no_entry() {
        for odd in ["nonsense", " a\0", "100644", "1006449 a\0", "777777777777777 a\0", "+40000 a\0", ""] {
            let tree = [odd.as_bytes(), &[7; 20]].concat();
            assert_eq!(names(&tree), [None], "{odd:?}");
        }
    }
}
