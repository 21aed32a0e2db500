//! One pack file with its index: which entries there are, what each is built on, and their bytes.
//!
//! `gix-pack` maps and checks both files and decodes entry headers. Its own traversal resolves all kinds of object and costs twice what is
//! needed here (4.5 s of CPU on git/git where its entries walked by families of blobs take 2.9), so the tree of deltas is ours.

use std::hint::black_box;
use std::path::Path;

use gix_pack::data::entry::Header;
use libdeflater::{DecompressionError, Decompressor};
use rayon::prelude::*;

use super::GitError;
use crate::model::ObjectId;

/// Entries whose headers are read together: the first bytes of all, then all headers. The first reads do not wait for each other.
const TOGETHER: usize = 64;
/// No entry.
const NONE: u32 = u32::MAX;

/// Objects larger than this are not put together in memory.
pub const LARGEST: u64 = 512 << 20;
/// What is said of them.
pub const TOO_LARGE: &str = "is larger than can be put together in memory";

/// Kinds of object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// A commit.
    Commit,
    /// A folder.
    Tree,
    /// A file.
    Blob,
    /// An annotated tag.
    Tag,
}

impl Kind {
    /// All of them, in order.
    pub const ALL: [Self; 4] = [Self::Commit, Self::Tree, Self::Blob, Self::Tag];

    /// The kind that a loose object's header names.
    #[must_use]
    pub fn named(name: &[u8]) -> Option<Self> {
        match name {
            b"commit" => Some(Self::Commit),
            b"tree" => Some(Self::Tree),
            b"blob" => Some(Self::Blob),
            b"tag" => Some(Self::Tag),
            _ => None,
        }
    }
}

/// A mapped pack.
pub struct Pack {
    index: gix_pack::index::File,
    data: gix_pack::data::File,
    /// Offsets of the entries, ascending, and the end of the last.
    offsets: Vec<u64>,
    /// Place in the index, which is sorted by id, of each entry.
    rank: Vec<u32>,
    /// Where in the index ids begin that have each value of their first bits; one more for the end. Git's own table knows the first eight bits
    /// and leaves a dozen steps of a search to do, each a cache miss: attribution asks millions of times.
    fan: Vec<u32>,
    /// How many bits those are.
    fan_bits: u32,
    /// The entry in this pack that each entry is built on.
    base: Vec<u32>,
    /// What each entry is; `None` for one whose chain of bases does not end in a whole object, and for a broken header.
    kind: Vec<Option<Kind>>,
    /// Entries built on an object that is not in this pack, ascending, with its id.
    foreign: Vec<(u32, ObjectId)>,
    /// Entries whose header cannot be read, and why.
    broken: Vec<(u32, String)>,
}

/// What an entry's header says.
enum Head {
    /// It is whole.
    Whole(Kind),
    /// It is built on this entry.
    On(u32),
    /// It is built on an object that is not in this pack.
    Foreign(ObjectId),
    /// It cannot be read, and why.
    Broken(String),
}

/// An entry as it lies in the pack.
pub struct Entry<'p> {
    /// Bytes when inflated: of the object, or of the delta.
    pub size: u64,
    /// Zlib data, and a few bytes of what lies behind it.
    pub deflated: &'p [u8],
}

impl Pack {
    /// Maps the pack that belongs to the index at `path`.
    ///
    /// # Errors
    /// One of the two files is unreadable or damaged.
    pub fn open(path: &Path, sha256: bool) -> Result<Self, GitError> {
        let hash = if sha256 { gix_hash::Kind::Sha256 } else { gix_hash::Kind::Sha1 };
        let failed = |error: &dyn std::fmt::Display| GitError::Git(error.to_string());
        let index = gix_pack::index::File::at(path, hash).map_err(|e| failed(&e))?;
        let data = gix_pack::data::File::at(path.with_extension("pack"), hash).map_err(|e| failed(&e))?;
        if index.num_objects() != data.num_objects() {
            return Err(GitError::Git("the index is of another pack".to_owned()));
        }
        if index.num_objects() == NONE {
            return Err(GitError::Git("more entries than can be numbered".to_owned()));
        }
        let mut by_offset: Vec<(u64, u32)> =
            (0..index.num_objects()).into_par_iter().with_min_len(1 << 14).map(|i| (index.pack_offset_at_index(i), i)).collect();
        by_offset.par_sort_unstable();
        let end = data.pack_end() as u64;
        // What is said to lie beyond the end must not stretch the last entry that is there.
        let mut offsets: Vec<u64> = by_offset.iter().map(|e| e.0.min(end)).collect();
        let rank: Vec<u32> = by_offset.iter().map(|e| e.1).collect();
        offsets.push(end);
        let n = rank.len();
        let fan_bits = n.checked_ilog2().unwrap_or(0).saturating_sub(1).clamp(8, 22);
        let mut pack = Self {
            index,
            data,
            offsets,
            rank,
            fan: vec![0; (1 << fan_bits) + 1],
            fan_bits,
            base: vec![NONE; n],
            kind: vec![None; n],
            foreign: Vec::new(),
            broken: Vec::new(),
        };
        for i in 0..n as u32 {
            let bucket = pack.bucket(pack.index.oid_at_index(i).as_bytes());
            pack.fan[bucket + 1] += 1;
        }
        for i in 0..1 << fan_bits {
            pack.fan[i + 1] += pack.fan[i];
        }
        pack.read_headers();
        Ok(pack)
    }

    /// Check sums of the pack and its index, and the pack's size.
    pub fn identity(&self) -> Vec<u8> {
        let size = self.data.data_len() as u64;
        [self.index.pack_checksum().as_bytes(), self.index.index_checksum().as_bytes(), &size.to_le_bytes()].concat()
    }

    /// Entries.
    pub fn len(&self) -> usize {
        self.rank.len()
    }

    /// The id of entry `i`.
    pub fn id(&self, i: u32) -> ObjectId {
        self.id_ranked(self.rank(i))
    }

    fn bucket(&self, id: &[u8]) -> usize {
        (u32::from_be_bytes([id[0], id[1], id[2], id[3]]) >> (32 - self.fan_bits)) as usize
    }

    /// The rank of the object with this id: its place in the index.
    pub fn find(&self, id: &ObjectId) -> Option<u32> {
        let id = id.as_bytes();
        let bucket = self.bucket(id);
        let (mut from, mut to) = (self.fan[bucket], self.fan[bucket + 1]);
        // The first eight bytes decide nearly always, and compare as one number.
        let head = |id: &[u8]| u64::from_be_bytes([id[0], id[1], id[2], id[3], id[4], id[5], id[6], id[7]]);
        let wanted = head(id);
        while from < to {
            let middle = from + (to - from) / 2;
            let known = self.index.oid_at_index(middle).as_bytes();
            match head(known).cmp(&wanted).then_with(|| known.cmp(id)) {
                std::cmp::Ordering::Equal => return Some(middle),
                std::cmp::Ordering::Less => from = middle + 1,
                std::cmp::Ordering::Greater => to = middle,
            }
        }
        None
    }

    /// Makes the processor fetch what [`Self::find`] of each of `ids` is going to read: none of these reads waits for another one, as the steps of
    /// one search do.
    pub fn touch<'i>(&self, ids: impl Iterator<Item = &'i ObjectId> + Clone) {
        let begin = |id: &ObjectId| self.fan[self.bucket(id.as_bytes())];
        black_box(ids.clone().fold(0, |sum: u32, id| sum.wrapping_add(begin(id))));
        let last = (self.rank.len() as u32).saturating_sub(1);
        if !self.rank.is_empty() {
            black_box(ids.fold(0, |sum: u8, id| sum.wrapping_add(self.index.oid_at_index(begin(id).min(last)).as_bytes()[0])));
        }
    }

    /// The rank of entry `i`.
    pub fn rank(&self, i: u32) -> u32 {
        self.rank[i as usize]
    }

    /// The entry of the object with this rank.
    pub fn ranked(&self, rank: u32) -> Option<u32> {
        self.at_offset(self.index.pack_offset_at_index(rank))
    }

    /// The id of the object with this rank.
    pub fn id_ranked(&self, rank: u32) -> ObjectId {
        ObjectId::new(self.index.oid_at_index(rank).as_bytes()).expect("the pack was opened for ids of this length")
    }

    /// What entry `i` is.
    pub fn kind(&self, i: u32) -> Option<Kind> {
        self.kind[i as usize]
    }

    /// The entry that `i` is built on.
    pub fn base(&self, i: u32) -> Option<u32> {
        Some(self.base[i as usize]).filter(|&b| b != NONE)
    }

    /// Entries built on objects that are not in this pack, ascending.
    pub fn foreign(&self) -> &[(u32, ObjectId)] {
        &self.foreign
    }

    /// Entries whose header cannot be read, and why.
    pub fn broken(&self) -> &[(u32, String)] {
        &self.broken
    }

    /// Bytes that entry `i` takes in the pack.
    pub fn packed_len(&self, i: u32) -> u64 {
        self.offsets[i as usize + 1] - self.offsets[i as usize]
    }

    /// Inflated and deflated bytes of entry `i`; `None` where the header is broken.
    pub fn entry(&self, i: u32) -> Option<Entry<'_>> {
        let entry = self.header(i).ok()?;
        // Not into the pack's check sum: where a pack was cut off, bytes of its last entry lie there.
        let end = (self.offsets[i as usize + 1] + READ_BEYOND).min(self.data.pack_end() as u64);
        let deflated = self.data.entry_slice(entry.data_offset..end)?;
        Some(Entry { size: entry.decompressed_size, deflated })
    }

    /// The entry at `offset`, which lies before entry `i`, mostly not far.
    fn at_offset_before(&self, i: u32, offset: u64) -> Option<u32> {
        let end = i as usize;
        let mut far = 16;
        while far < end && self.offsets[end - far] > offset {
            far *= 4;
        }
        let begin = end.saturating_sub(far);
        self.offsets[begin..end].binary_search(&offset).ok().map(|k| (begin + k) as u32)
    }

    fn at_offset(&self, offset: u64) -> Option<u32> {
        self.offsets[..self.rank.len()].binary_search(&offset).ok().map(|i| i as u32)
    }

    fn read_header(&self, i: u32) -> Head {
        let base = match self.header(i).map(|entry| entry.header) {
            Err(why) => return Head::Broken(why),
            Ok(Header::Commit) => return Head::Whole(Kind::Commit),
            Ok(Header::Tree) => return Head::Whole(Kind::Tree),
            Ok(Header::Blob) => return Head::Whole(Kind::Blob),
            Ok(Header::Tag) => return Head::Whole(Kind::Tag),
            Ok(Header::OfsDelta { base_distance }) => {
                self.offsets[i as usize].checked_sub(base_distance).and_then(|offset| self.at_offset_before(i, offset))
            }
            Ok(Header::RefDelta { base_id }) => {
                let id = ObjectId::new(base_id.as_bytes()).expect("the pack was opened for ids of this length");
                match self.find(&id).and_then(|rank| self.ranked(rank)) {
                    None => return Head::Foreign(id),
                    found => found,
                }
            }
        };
        match base {
            // An entry cannot be its own base, nor can what does not begin an entry be one.
            Some(base) if base != i => Head::On(base),
            _ => Head::Broken("is built on something that is no entry".to_owned()),
        }
    }

    fn first_byte(&self, i: u32) -> Option<u8> {
        let begin = self.offsets[i as usize];
        self.data.entry_slice(begin..begin + 1)?.first().copied()
    }

    fn header(&self, i: u32) -> Result<gix_pack::data::Entry, String> {
        let (begin, end) = (self.offsets[i as usize], self.offsets[i as usize + 1]);
        let bytes =
            Some(begin..end).filter(|r| r.start < r.end).and_then(|r| self.data.entry_slice(r)).ok_or("lies beyond the pack's end")?;
        let entry = gix_pack::data::Entry::from_bytes(bytes, begin, self.index.object_hash()).map_err(|e| e.to_string())?;
        if entry.data_offset > end {
            return Err("is cut off".to_owned());
        }
        Ok(entry)
    }

    /// Learns what every entry is and is built on. The headers are all over the pack, so that reading them is waiting for memory: all threads do.
    fn read_headers(&mut self) {
        let (mut base, mut kind) = (std::mem::take(&mut self.base), std::mem::take(&mut self.kind));
        let parts = base.par_chunks_mut(TOGETHER).zip(kind.par_chunks_mut(TOGETHER)).enumerate().with_min_len(100);
        let odd: Vec<(u32, Head)> = parts
            .flat_map_iter(|(k, (bases, kinds))| {
                let first = (k * TOGETHER) as u32;
                black_box((first..first + bases.len() as u32).filter_map(|i| self.first_byte(i)).fold(0, u8::wrapping_add));
                let mut odd = Vec::new();
                for (i, (base, kind)) in (first..).zip(bases.iter_mut().zip(kinds)) {
                    match self.read_header(i) {
                        Head::Whole(whole) => *kind = Some(whole),
                        Head::On(on) => *base = on,
                        head @ (Head::Foreign(_) | Head::Broken(_)) => odd.push((i, head)),
                    }
                }
                odd
            })
            .collect();
        (self.base, self.kind) = (base, kind);
        for (i, head) in odd {
            match head {
                Head::Foreign(id) => self.foreign.push((i, id)),
                Head::Broken(why) => self.broken.push((i, why)),
                Head::Whole(_) | Head::On(_) => {}
            }
        }
        let rings = settle(&mut self.base, &mut self.kind);
        self.broken.extend(rings.into_iter().map(|i| (i, "is built on itself".to_owned())));
    }
}

/// How far an entry's chain of bases is known.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Seen {
    Not,
    /// It is part of the chain at hand.
    OnChain,
    Settled,
}

/// Gives every entry the kind of the one its chain of bases ends with. Bases mostly lie before what is built on them, but one named by its id may
/// lie behind. Rings are cut; returned is one entry of each. What has no kind in the end hangs on a ring, or on a broken or foreign entry.
fn settle(base: &mut [u32], kind: &mut [Option<Kind>]) -> Vec<u32> {
    let mut seen: Vec<Seen> = kind.iter().map(|k| if k.is_some() { Seen::Settled } else { Seen::Not }).collect();
    let (mut chain, mut rings) = (Vec::new(), Vec::new());
    for i in 0..base.len() {
        let mut at = i;
        while seen[at] == Seen::Not && base[at] != NONE {
            seen[at] = Seen::OnChain;
            chain.push(at);
            at = base[at] as usize;
        }
        if seen[at] == Seen::OnChain {
            base[at] = NONE;
            rings.push(at as u32);
        }
        seen[at] = Seen::Settled;
        let root = kind[at];
        for at in chain.drain(..) {
            (kind[at], seen[at]) = (root, Seen::Settled);
        }
    }
    rings
}

/// Bytes behind what is inflated that the decoder may write to. Its fast loop ends where a match and what it writes too much could go beyond the buffer
/// (libdeflate's `FASTLOOP_MAX_BYTES_WRITTEN`, 299), and most entries are smaller than that.
const SLACK: usize = 304;

/// Bytes behind an entry that the decoder may look at. Its fast loop also ends this much before its input does (libdeflate's `FASTLOOP_MAX_BYTES_READ`, 25,
/// and four of a check sum), and many a delta is no longer than that.
const READ_BEYOND: u64 = 32;

/// Inflates entries, one after the other.
///
/// The sizes on both sides are known beforehand, so a decoder that wants whole buffers will do, and is twice as fast as one for streams. There are two, of
/// which each keeps its tables: small deltas have the codes that deflate fixes, and these need no making where nothing else was decoded in between.
/// Measured on git/git: what may be read beyond takes 1.5 % off a scan's CPU, the second decoder 2 %.
pub struct Inflater {
    /// For what begins with a block in deflate's fixed codes.
    fixed: Decompressor,
    /// For all else.
    other: Decompressor,
}

impl Inflater {
    /// An inflater for zlib data.
    pub fn new() -> Self {
        Self { fixed: Decompressor::new(), other: Decompressor::new() }
    }

    /// Replaces `out` by the `size` bytes that the begin of `deflated` inflates to.
    ///
    /// # Errors
    /// It is damaged, or of another size.
    pub fn inflate(&mut self, deflated: &[u8], size: u64, out: &mut Vec<u8>) -> Result<(), &'static str> {
        // Deflate cannot do better than one bit for 258 bytes, so a larger size is a lie; nothing is allocated for it.
        if size > LARGEST || size / 1100 > deflated.len() as u64 {
            return Err(if size > LARGEST { TOO_LARGE } else { "states a size that it cannot have" });
        }
        out.resize(size as usize + SLACK, 0);
        // Behind zlib's two bytes: whether it is the last block, and its type in two bits (RFC 1951, 3.2.3).
        let is_fixed = deflated.get(2).is_some_and(|begin| begin >> 1 & 3 == 1);
        let decoder = if is_fixed { &mut self.fixed } else { &mut self.other };
        let inflated = decoder.zlib_decompress(deflated, out);
        out.truncate(size as usize);
        match inflated {
            Ok(len) if len as u64 == size => Ok(()),
            Ok(_) | Err(DecompressionError::InsufficientSpace) => Err("is not of the size it states"),
            Err(DecompressionError::BadData) => Err("is damaged"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Kind, NONE, settle};

    #[test]
    fn kinds_are_those_of_roots() {
        // A chain from behind, one from before, a root that is none, and a ring with a tail.
        let mut base = vec![NONE, 2, 0, NONE, 3, 6, 7, 6];
        let mut kind = vec![None; base.len()];
        kind[0] = Some(Kind::Blob);
        assert_eq!(settle(&mut base, &mut kind), [6]);
        assert_eq!(kind, [[Some(Kind::Blob); 3].as_slice(), &[None; 5]].concat());
        assert_eq!(base, [NONE, 2, 0, NONE, 3, 6, NONE, 6]);
    }

    #[test]
    fn each_ring_costs_its_length() {
        // Half a million rings: minutes, if a ring were noticed only when more steps than entries were taken.
        let mut base: Vec<u32> = (0..1 << 20).map(|i| i ^ 1).collect();
        let mut kind = vec![None; base.len()];
        let rings = settle(&mut base, &mut kind);
        assert_eq!(rings.len(), base.len() / 2);
        assert_eq!(base.iter().filter(|&&b| b == NONE).count(), rings.len());
    }
}
