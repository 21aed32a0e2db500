//! The index, read without libgit2: that one hashes the whole file, knows neither split nor sparse indexes, and keeps to itself which folders the
//! index knows the tree of. That knowledge lets a comparison pass over all folders in which nothing is staged.

use std::ops::Range;
use std::path::{Path, PathBuf};

use crate::model::{ObjectId, system_words};

/// Folders within folders; git refuses to make more.
const DEEPEST: usize = 4096;

/// Why an index could not be read.
#[derive(Debug, thiserror::Error)]
pub enum IndexError {
    /// The system's words.
    #[error("{}: {words}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        words: String,
    },
    /// It is no index, or cut off, or damaged.
    #[error("{} is no index that git would write: {what}", path.display())]
    Malformed {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        what: &'static str,
    },
}

/// What is staged, sorted by path.
#[derive(Debug, Default)]
pub(super) struct Index {
    pub entries: Vec<Entry>,
    /// The folders whose trees are known, from the top; `None` where none is.
    pub known: Option<Known>,
    /// The names of all entries, one behind the other.
    names: Vec<u8>,
}

/// A path and what is staged there.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    name: Range<usize>,
    pub mode: u32,
    pub id: ObjectId,
    /// 0, or which side of a conflict.
    pub stage: u8,
    /// `git add --intent-to-add`: the path is announced, nothing is staged.
    pub intended: bool,
}

/// A folder in the index.
#[derive(Debug)]
pub(super) struct Known {
    name: Vec<u8>,
    /// Its tree and how many entries lie below it; `None` where something in it has changed since.
    pub tree: Option<(ObjectId, usize)>,
    /// Sorted by name.
    children: Vec<Known>,
}

impl Known {
    pub(super) fn child(&self, name: &[u8]) -> Option<&Self> {
        self.children.binary_search_by(|c| (*c.name).cmp(name)).ok().map(|i| &self.children[i])
    }
}

impl Index {
    /// Reads the index at `path`; an absent one is empty, as for git. `folder` is where the other half of a split index lies.
    pub(super) fn read(path: &Path, folder: &Path, sha256: bool) -> Result<Self, IndexError> {
        let bytes = match std::fs::read(path) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Self::default()),
            Err(error) => return Err(IndexError::Unreadable { path: path.to_owned(), words: system_words(&error) }),
            Ok(bytes) => bytes,
        };
        let malformed = |what| IndexError::Malformed { path: path.to_owned(), what };
        let (mut index, link) = parse(&bytes, sha256).map_err(malformed)?;
        if let Some(link) = link.filter(|l| !l.base.is_zero()) {
            let path = folder.join(format!("sharedindex.{}", link.base));
            let bytes = std::fs::read(&path).map_err(|e| IndexError::Unreadable { path: path.clone(), words: system_words(&e) })?;
            let (base, _) = parse(&bytes, sha256).map_err(|what| IndexError::Malformed { path: path.clone(), what })?;
            index = join(&base, index, link.bitmaps).map_err(malformed)?;
        }
        Ok(index)
    }

    pub(super) fn name(&self, entry: &Entry) -> &[u8] {
        &self.names[entry.name.clone()]
    }

    fn push(&mut self, name: &[u8], entry: Entry) {
        let start = self.names.len();
        self.names.extend_from_slice(name);
        self.entries.push(Entry { name: start..self.names.len(), ..entry });
    }
}

/// What a split index says of its other half.
struct Link<'a> {
    base: ObjectId,
    /// Which entries of that half are deleted, and which replaced: compressed, for only its length tells how many there may be.
    bitmaps: &'a [u8],
}

/// Takes bytes from the front.
struct Cursor<'a>(&'a [u8]);

impl<'a> Cursor<'a> {
    fn take(&mut self, n: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(n)?;
        self.0 = rest;
        Some(taken)
    }

    fn number(&mut self) -> Option<u32> {
        Some(u32::from_be_bytes(self.take(4)?.try_into().ok()?))
    }

    fn until(&mut self, end: u8) -> Option<&'a [u8]> {
        let taken = self.take(memchr::memchr(end, self.0)?)?;
        self.take(1)?;
        Some(taken)
    }

    /// The variable-length number of pack offsets.
    fn offset(&mut self) -> Option<usize> {
        let mut byte = self.take(1)?[0];
        let mut value = usize::from(byte & 0x7f);
        while byte & 0x80 != 0 {
            byte = self.take(1)?[0];
            value = value.checked_add(1)?.checked_mul(128)?.checked_add(usize::from(byte & 0x7f))?;
        }
        Some(value)
    }
}

fn parse(bytes: &[u8], sha256: bool) -> Result<(Index, Option<Link<'_>>), &'static str> {
    const CUT: &str = "it ends too early";
    const EXTENDED: u16 = 0x4000;
    const INTENDED: u16 = 0x2000;
    let id_len = if sha256 { 32 } else { 20 };
    // The last bytes are a checksum, which git itself does not look at when it reads.
    let body = bytes.len().checked_sub(id_len).ok_or(CUT)?;
    let mut cursor = Cursor(&bytes[..body]);
    if cursor.take(4) != Some(b"DIRC") {
        return Err("it does not begin with DIRC");
    }
    let version = cursor.number().ok_or(CUT)?;
    if !(2..=4).contains(&version) {
        return Err("its version is not 2, 3 or 4");
    }
    let number = cursor.number().ok_or(CUT)? as usize;
    let mut index = Index::default();
    // An entry takes more bytes than this: a forged number reserves no memory.
    index.entries.reserve(number.min(body / 62));
    index.names.reserve(body / 2);
    let mut last = Vec::new();
    for _ in 0..number {
        let before = cursor.0.len();
        let stat = cursor.take(40).ok_or(CUT)?;
        let mode = u32::from_be_bytes([stat[24], stat[25], stat[26], stat[27]]);
        let id = ObjectId::new(cursor.take(id_len).ok_or(CUT)?).ok_or(CUT)?;
        let two = |c: &mut Cursor<'_>| c.take(2).map(|b| u16::from_be_bytes([b[0], b[1]])).ok_or(CUT);
        let flags = two(&mut cursor)?;
        let more = if flags & EXTENDED != 0 { two(&mut cursor)? } else { 0 };
        if version == 4 {
            let dropped = cursor.offset().ok_or(CUT)?;
            last.truncate(last.len().checked_sub(dropped).ok_or("a name is made from more than there is")?);
            last.extend_from_slice(cursor.until(0).ok_or(CUT)?);
        } else {
            last.clear();
            last.extend_from_slice(cursor.until(0).ok_or(CUT)?);
            // Entries are padded with NULs to eights; one has been taken.
            let used = before - cursor.0.len();
            cursor.take(used.next_multiple_of(8) - used).ok_or(CUT)?;
        }
        let entry = Entry { name: 0..0, mode, id, stage: (flags >> 12) as u8 & 3, intended: more & INTENDED != 0 };
        index.push(&last, entry);
    }
    let mut link = None;
    while !cursor.0.is_empty() {
        let name = cursor.take(4).ok_or(CUT)?;
        let length = cursor.number().ok_or(CUT)? as usize;
        let content = cursor.take(length).ok_or(CUT)?;
        match name {
            // Only a help: one that makes no sense is as good as none.
            b"TREE" => index.known = known(&mut Cursor(content), id_len, 0),
            b"link" => link = Some(parse_link(content, id_len).ok_or("its link to the other half is cut off")?),
            // Entries for whole folders, told by their mode.
            b"sdir" => {}
            // In capitals is what may be passed over.
            _ if name[0].is_ascii_uppercase() => {}
            _ => return Err("it has a part that this version of keysift does not know"),
        }
    }
    Ok((index, link))
}

fn known(cursor: &mut Cursor<'_>, id_len: usize, depth: usize) -> Option<Known> {
    let name = cursor.until(0)?.to_vec();
    let decimal = |bytes: &[u8]| std::str::from_utf8(bytes).ok()?.parse::<i64>().ok();
    let entries = decimal(cursor.until(b' ')?)?;
    let folders = decimal(cursor.until(b'\n')?)?;
    let tree = match usize::try_from(entries) {
        Ok(entries) => Some((ObjectId::new(cursor.take(id_len)?)?, entries)),
        Err(_) => None,
    };
    let mut children = Vec::new();
    for _ in 0..folders {
        if depth == DEEPEST {
            return None;
        }
        children.push(known(cursor, id_len, depth + 1)?);
    }
    // Git sorts them by length first.
    children.sort_by(|a, b| a.name.cmp(&b.name));
    Some(Known { name, tree, children })
}

fn parse_link(content: &[u8], id_len: usize) -> Option<Link<'_>> {
    let mut cursor = Cursor(content);
    Some(Link { base: ObjectId::new(cursor.take(id_len)?)?, bitmaps: cursor.0 })
}

/// The positions of the bits that are set, from git's compressed bitmaps (EWAH): words that say how many words of one bit follow, and how many
/// words as they are come behind those. `None` for one of more than `most` bits: a few bytes can say billions.
fn bitmap(cursor: &mut Cursor<'_>, most: usize) -> Option<Vec<usize>> {
    let bits = Some(cursor.number()? as usize).filter(|&bits| bits <= most)?;
    let words = cursor.number()? as usize;
    let mut words = Cursor(cursor.take(words.checked_mul(8)?)?);
    cursor.number()?;
    let mut set = Vec::new();
    let mut at = 0_usize;
    let word = |c: &mut Cursor<'_>| Some(u64::from_be_bytes(c.take(8)?.try_into().ok()?));
    while !words.0.is_empty() {
        let marker = word(&mut words)?;
        let run = usize::try_from(marker >> 1 & 0xffff_ffff).ok()?.checked_mul(64)?;
        let end = at.checked_add(run)?;
        if marker & 1 == 1 {
            set.extend(at.min(bits)..end.min(bits));
        }
        at = end;
        for _ in 0..marker >> 33 {
            let literal = word(&mut words)?;
            set.extend((0..64).filter(|b| literal >> b & 1 == 1).map(|b| at + b).filter(|&b| b < bits));
            at = at.checked_add(64)?;
        }
    }
    Some(set)
}

/// Puts the halves of a split index together: `own` has, in this order, an entry without a name for each that it replaces in `base`, and then
/// its own additions. `bitmaps` tell what is deleted and what replaced; where there are none, nothing is.
fn join(base: &Index, own: Index, bitmaps: &[u8]) -> Result<Index, &'static str> {
    const WRONG: &str = "its halves do not fit";
    let mut cursor = Cursor(bitmaps);
    let mut positions = || if bitmaps.is_empty() { Some(Vec::new()) } else { bitmap(&mut cursor, base.entries.len()) };
    let mut gone = vec![false; base.entries.len()];
    for deleted in positions().ok_or(WRONG)? {
        gone[deleted] = true;
    }
    let mut instead = vec![None; base.entries.len()];
    let replaced = positions().ok_or(WRONG)?;
    let (replacing, added) = own.entries.split_at_checked(replaced.len()).ok_or(WRONG)?;
    for (position, entry) in replaced.into_iter().zip(replacing) {
        instead[position] = Some(entry);
    }
    let mut index = Index::default();
    let mut added = added.iter().peekable();
    let sort_key = |index: &Index, e: &Entry| (index.name(e).to_vec(), e.stage);
    for (i, entry) in base.entries.iter().enumerate() {
        if gone[i] {
            continue;
        }
        while let Some(new) = added.next_if(|new| sort_key(&own, new) < sort_key(base, entry)) {
            index.push(own.name(new), new.clone());
        }
        index.push(base.name(entry), instead[i].unwrap_or(entry).clone());
    }
    for new in added {
        index.push(own.name(new), new.clone());
    }
    index.known = own.known;
    Ok(index)
}

#[cfg(test)]
mod tests {
    use super::{Cursor, Entry, Index, bitmap, join, known, parse};
    use crate::model::ObjectId;
    use proptest::prelude::*;

    #[test]
    fn bitmaps_are_runs_and_words() {
        // 130 bits: 64 ones, then a word with bits 0 and 2, then a run of zeros.
        let bytes = compressed(130, &[1 | 1 << 1 | 1 << 33, 5]);
        let expected: Vec<usize> = (0..64).chain([64, 66]).collect();
        assert_eq!(bitmap(&mut Cursor(&bytes), 130), Some(expected));
        assert_eq!(bitmap(&mut Cursor(&bytes), 129), None);
    }

    #[test]
    fn folders_are_found_in_whatever_order_they_stand() {
        // Git puts the shorter name first.
        let top = known(&mut Cursor(b"\0-1 3\nb\0-1 0\nz\0-1 0\naa\0-1 1\nc\0-1 0\n"), 20, 0).unwrap();
        assert_eq!([&b"b"[..], b"z", b"aa", b"c", b""].map(|name| top.child(name).is_some()), [true, true, true, false, false]);
        assert!(top.child(b"aa").unwrap().child(b"c").is_some());
    }

    fn compressed(bits: u32, words: &[u64]) -> Vec<u8> {
        let mut bytes = [bits, words.len() as u32].map(u32::to_be_bytes).concat();
        bytes.extend(words.iter().flat_map(|word| word.to_be_bytes()));
        bytes.extend(0_u32.to_be_bytes());
        bytes
    }

    fn index(names: &[&str]) -> Index {
        let mut index = Index::default();
        for name in names {
            let id = ObjectId::new(&[7; 20]).unwrap();
            index.push(name.as_bytes(), Entry { name: 0..0, mode: 0o100_644, id, stage: 0, intended: false });
        }
        index
    }

    #[test]
    fn a_few_bytes_that_say_billions_of_bits_do_not_fit() {
        let all = compressed(u32::MAX, &[1 | 0xffff_ffff << 1]);
        assert!(join(&index(&["a", "b"]), index(&[]), &[all.clone(), all].concat()).is_err());
        // A run that is longer than the map counts for as much as there is.
        let both = compressed(2, &[1 | 0xffff_ffff << 1]);
        let none = compressed(0, &[]);
        let joined = join(&index(&["a", "b"]), index(&["c"]), &[both.clone(), none.clone()].concat()).unwrap();
        assert_eq!(joined.entries.iter().map(|e| joined.name(e)).collect::<Vec<_>>(), [b"c"]);
        let joined = join(&index(&["a", "b"]), index(&["", "", "c"]), &[none, both].concat()).unwrap();
        assert_eq!(joined.entries.iter().map(|e| joined.name(e)).collect::<Vec<_>>(), [b"a", b"b", b"c"]);
    }

    proptest! {
        #[test]
        fn nothing_is_too_odd(bytes in proptest::collection::vec(any::<u8>(), 0..300), version in 2u8..5, count in any::<u8>()) {
            let _ = parse(&bytes, false);
            let mut index = vec![b'D', b'I', b'R', b'C', 0, 0, 0, version, 0, 0, 0, count];
            index.extend(bytes);
            let _ = parse(&index, true);
        }

        #[test]
        fn no_link_is_too_odd(
            bits in prop_oneof![0u32..4, any::<u32>()],
            words in proptest::collection::vec(any::<u64>(), 0..4),
            bytes in proptest::collection::vec(any::<u8>(), 0..60),
        ) {
            let base = index(&["a", "b", "c"]);
            for bitmaps in [&bytes[..], &compressed(bits, &words).repeat(2), &[compressed(bits, &words), bytes.clone()].concat()] {
                if let Ok(joined) = join(&base, index(&["", "d"]), bitmaps) {
                    prop_assert!(joined.entries.len() <= 5);
                }
            }
        }
    }
}
