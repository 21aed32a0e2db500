//! Any bytes as a pack with any index: what can be read is visited, the rest is a problem; nothing panics, memory stays bounded.
#![no_main]

use std::fs;
use std::io::Read;
use std::path::PathBuf;
use std::sync::{LazyLock, Mutex};

use keysift::git::{Kind, ObjectAt, ObjectSet, Objects, Repository, Visit, Visitor};
use keysift::model::{ObjectId, Problem};
use libfuzzer_sys::fuzz_target;

/// An empty bare repository.
static FOLDER: LazyLock<PathBuf> = LazyLock::new(|| {
    let folder = std::env::temp_dir().join(format!("keysift-fuzz-pack-{}", std::process::id()));
    fs::create_dir_all(folder.join("objects/pack")).unwrap();
    fs::create_dir_all(folder.join("refs")).unwrap();
    fs::write(folder.join("HEAD"), "ref: refs/heads/main\n").unwrap();
    fs::write(folder.join("config"), "[core]\n\trepositoryformatversion = 0\n\tbare = true\n").unwrap();
    folder
});

/// Counts what it is given and checks that it hangs together.
struct Counter<'a> {
    slots: Vec<Vec<u8>>,
    total: &'a Mutex<(usize, usize)>,
}

impl Visitor for Counter<'_> {
    fn sees_bases(&self) -> bool {
        true
    }

    fn visit(&mut self, object: Visit<'_>) {
        if let Some(base) = object.base {
            assert_eq!(self.slots[base.slot], base.bytes, "a slot is not given away while it is needed");
        }
        if let Some(slot) = object.slot {
            if self.slots.len() <= slot {
                self.slots.resize(slot + 1, Vec::new());
            }
            self.slots[slot] = object.bytes.to_vec();
        }
        self.total.lock().unwrap().0 += 1;
    }

    fn stream(&mut self, _: ObjectAt, _: u64, content: &mut dyn Read) {
        drop(std::io::copy(&mut content.take(1 << 20), &mut std::io::sink()));
        self.total.lock().unwrap().0 += 1;
    }

    fn problem(&mut self, problem: Problem) {
        assert!(problem.what.starts_with("object "), "{problem}");
        self.total.lock().unwrap().1 += 1;
    }
}

/// Ids and offsets of entries, both up to the fuzzer.
fn ids(entries: &[u8]) -> Vec<([u8; 20], u32)> {
    let mut ids: Vec<([u8; 20], u32)> = entries
        .chunks_exact(2)
        .enumerate()
        .map(|(i, at)| {
            let mut id = [7; 20];
            (id[0], id[19]) = (at[0].wrapping_mul(37), i as u8);
            (id, u32::from(u16::from_le_bytes([at[0], at[1]]) & 0x3ff))
        })
        .collect();
    ids.sort_unstable();
    ids
}

/// Their index.
fn index(ids: &[([u8; 20], u32)]) -> Vec<u8> {
    let mut out = b"\xfftOc\0\0\0\x02".to_vec();
    for first in 0..=255_u8 {
        out.extend((ids.partition_point(|e| e.0[0] <= first) as u32).to_be_bytes());
    }
    ids.iter().for_each(|e| out.extend(e.0));
    out.extend(vec![0; 4 * ids.len()]);
    ids.iter().for_each(|e| out.extend(e.1.to_be_bytes()));
    out.extend([0; 40]);
    out
}

fuzz_target!(|data: &[u8]| {
    let Some((&mode, data)) = data.split_first() else { return };
    let count = usize::from(mode & 15) + 1;
    let Some((entries, data)) = data.split_at_checked(2 * count) else { return };
    let mut pack = b"PACK\0\0\0\x02\0\0\0".to_vec();
    pack.push(count as u8);
    pack.extend(data);
    pack.extend([0; 20]);
    let ids = ids(entries);
    // Now and then the index is arbitrary, too.
    let index = if mode & 0xf0 == 0xf0 { data.to_vec() } else { index(&ids) };
    fs::write(FOLDER.join("objects/pack/pack-x.pack"), pack).unwrap();
    fs::write(FOLDER.join("objects/pack/pack-x.idx"), index).unwrap();
    let repository = Repository::open(&FOLDER).unwrap();
    let objects = Objects::open(&repository).unwrap();
    let total = Mutex::new((0, 0));
    for kind in [Kind::Commit, Kind::Tag, Kind::Tree, Kind::Blob] {
        objects.walk(kind, 1, &ObjectSet::default(), &|| Counter { slots: Vec::new(), total: &total });
    }
    let (visited, problems) = *total.lock().unwrap();
    // Nothing is passed over in silence.
    assert!(visited + problems + objects.problems().iter().filter(|p| p.what.starts_with("object ")).count() >= objects.len());
    // One at a time, too.
    let (mut reader, mut out) = (objects.reader(), Vec::new());
    for at in ids.iter().filter_map(|(id, _)| objects.find(&ObjectId::new(id)?)) {
        drop(reader.read(at, &mut out));
    }
});
