//! Packs as no git would write them. Ids are made up: git checks them when it fetches, not when it reads.

use std::io::Write as _;
use std::path::Path;

use flate2::Compression;
use flate2::write::ZlibEncoder;

/// A pack in the making.
pub struct Pack {
    name: String,
    bytes: Vec<u8>,
    /// Id and offset of each entry.
    entries: Vec<([u8; 20], u64)>,
}

impl Pack {
    pub fn new() -> Self {
        Self::named("forged")
    }

    pub fn named(name: &str) -> Self {
        Self { name: name.to_owned(), bytes: b"PACK\0\0\0\x02\0\0\0\0".to_vec(), entries: Vec::new() }
    }

    /// The id of an entry.
    pub fn id(&self, entry: usize) -> [u8; 20] {
        self.entries[entry].0
    }

    pub fn rename(&mut self, entry: usize, id: [u8; 20]) {
        self.entries[entry].0 = id;
    }

    /// Makes the index say that an entry lies elsewhere.
    pub fn relocate(&mut self, entry: usize, offset: u64) {
        self.entries[entry].1 = offset;
    }

    /// Adds an entry of `kind` that states `size`, with `head` between header and `deflated` data.
    pub fn raw(&mut self, kind: &str, size: u64, head: &[u8], deflated: &[u8]) -> usize {
        let kind = match kind {
            "commit" => 1,
            "tree" => 2,
            "blob" => 3,
            "tag" => 4,
            "ofs" => 6,
            "ref" => 7,
            _ => unreachable!(),
        };
        let number = self.entries.len();
        self.entries.push((id(1000 + number), self.bytes.len() as u64));
        let mut byte = kind << 4 | (size & 15) as u8;
        let mut rest = size >> 4;
        while rest > 0 {
            self.bytes.push(byte | 0x80);
            byte = (rest & 0x7f) as u8;
            rest >>= 7;
        }
        self.bytes.push(byte);
        self.bytes.extend(head);
        self.bytes.extend(deflated);
        number
    }

    pub fn whole(&mut self, kind: &str, content: &[u8]) -> usize {
        self.raw(kind, content.len() as u64, &[], &deflate(content))
    }

    pub fn offset_delta(&mut self, base: usize, delta: &[u8]) -> usize {
        let back = self.bytes.len() as u64 - self.entries[base].1;
        self.raw("ofs", delta.len() as u64, &distance(back), &deflate(delta))
    }

    pub fn named_delta(&mut self, base: [u8; 20], delta: &[u8]) -> usize {
        self.raw("ref", delta.len() as u64, &base, &deflate(delta))
    }

    /// Writes the pack and its index.
    pub fn write(&self, folder: &Path) {
        let mut pack = self.bytes.clone();
        pack[8..12].copy_from_slice(&(self.entries.len() as u32).to_be_bytes());
        pack.extend([0; 20]);
        let mut entries = self.entries.clone();
        entries.sort_unstable();
        let mut index = b"\xfftOc\0\0\0\x02".to_vec();
        for first in 0..=255_u8 {
            index.extend((entries.partition_point(|e| e.0[0] <= first) as u32).to_be_bytes());
        }
        entries.iter().for_each(|e| index.extend(e.0));
        index.extend(vec![0; 4 * entries.len()]);
        let large: Vec<u64> = entries.iter().map(|e| e.1).filter(|&offset| offset >= 1 << 31).collect();
        let mut number = 1 << 31..;
        entries.iter().for_each(|e| index.extend(if e.1 < 1 << 31 { e.1 as u32 } else { number.next().unwrap() }.to_be_bytes()));
        large.iter().for_each(|offset| index.extend(offset.to_be_bytes()));
        index.extend([0; 40]);
        std::fs::create_dir_all(folder).unwrap();
        std::fs::write(folder.join(format!("pack-{}.pack", self.name)), pack).unwrap();
        std::fs::write(folder.join(format!("pack-{}.idx", self.name)), index).unwrap();
    }
}

/// An id like no other number's.
pub fn id(number: usize) -> [u8; 20] {
    let mut id = [0x11; 20];
    id[..8].copy_from_slice(&(number as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15).to_be_bytes());
    id
}

pub fn hex(id: &[u8; 20]) -> String {
    id.iter().map(|b| format!("{b:02x}")).collect()
}

pub fn deflate(content: &[u8]) -> Vec<u8> {
    deflate_all(&[content])
}

/// One stream of all `parts`, which need not fit into memory together.
pub fn deflate_all(parts: &[&[u8]]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::fast());
    parts.iter().for_each(|part| encoder.write_all(part).unwrap());
    encoder.finish().unwrap()
}

/// How far back the base of an offset delta begins.
pub fn distance(mut back: u64) -> Vec<u8> {
    let mut bytes = vec![(back & 0x7f) as u8];
    while back > 0x7f {
        back = (back >> 7) - 1;
        bytes.push((back & 0x7f) as u8 | 0x80);
    }
    bytes.reverse();
    bytes
}

/// An instruction, and how many bytes it makes.
pub type Op = (Vec<u8>, usize);

pub fn copy(from: usize, len: usize) -> Op {
    let (from, len_bytes) = ((from as u32).to_le_bytes(), (if len == 0x1_0000 { 0 } else { len as u32 }).to_le_bytes());
    let mut bytes = vec![0x80 | 0x7f];
    bytes.extend(from);
    bytes.extend(&len_bytes[..3]);
    (bytes, len)
}

pub fn insert(new: &[u8]) -> Op {
    assert!(new.len() < 128);
    ([&[new.len() as u8], new].concat(), new.len())
}

/// A delta for a base of `base` bytes.
pub fn delta(base: usize, ops: &[Op]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for mut size in [base, ops.iter().map(|op| op.1).sum()] {
        while size > 0x7f {
            bytes.push(size as u8 | 0x80);
            size >>= 7;
        }
        bytes.push(size as u8);
    }
    ops.iter().for_each(|op| bytes.extend(&op.0));
    bytes
}

/// A tree of modes, names and ids.
pub fn tree(entries: &[(&str, &str, [u8; 20])]) -> Vec<u8> {
    entries.iter().flat_map(|(mode, name, id)| [format!("{mode} {name}\0").as_bytes(), id].concat()).collect()
}

pub fn commit(tree: [u8; 20], parents: &[[u8; 20]]) -> Vec<u8> {
    let parents: String = parents.iter().map(|p| format!("parent {}\n", hex(p))).collect();
    let who = "A <a@x> 1700000000 +0000";
    format!("tree {}\n{parents}author {who}\ncommitter {who}\n\nsubject\n", hex(&tree)).into_bytes()
}
