//! Damaged and forged repositories: what cannot be read is named, all else is scanned, and nothing breaks.

mod packing;

use std::fs;
use std::path::PathBuf;

use super::Repo;
use crate::support::{Ran, token};
use packing::{Pack, copy, deflate, delta, insert};

const MEGABYTES: u64 = 1 << 20;

fn leak(seed: &str) -> Vec<u8> {
    format!("TOKEN={}\n", token(seed)).into_bytes()
}

/// The problems with objects, by id, each once.
fn ids(ran: &Ran) -> Vec<String> {
    let mut ids: Vec<String> = ran.problems().iter().filter_map(|p| p.split_once(" object ")).map(|(_, id)| id.to_owned()).collect();
    ids.sort();
    ids.dedup();
    ids
}

/// Scans a repository with `pack`, which is to have problems with `damaged` and secrets `found`; uses less than a sensible amount of memory.
#[track_caller]
fn check(pack: &Pack, damaged: &[[u8; 20]], found: &[&str]) -> Ran {
    let repo = Repo::new();
    pack.write(&repo.path(".git/objects/pack"));
    check_repo(&repo, damaged, found)
}

#[track_caller]
fn check_repo(repo: &Repo, damaged: &[[u8; 20]], found: &[&str]) -> Ran {
    let ran = repo.tree.keysift("scan --history --format jsonl --show-secrets --verify-deltas").peak().run();
    let ran = ran.exits(if found.is_empty() { 3 } else { 1 });
    let mut expected: Vec<String> = damaged.iter().map(packing::hex).collect();
    expected.sort();
    assert_eq!(ids(&ran), expected, "{ran:?}");
    let mut secrets: Vec<String> = ran.findings().iter().map(|f| f["secret"].as_str().unwrap().to_owned()).collect();
    let mut wanted: Vec<String> = found.iter().map(token).collect();
    secrets.sort();
    wanted.sort();
    assert_eq!(secrets, wanted, "{ran:?}");
    assert!(ran.peak < 400 * MEGABYTES, "{} MB", ran.peak / MEGABYTES);
    assert!(!ran.err.contains("panicked"), "{ran:?}");
    ran
}

/// The only file in `folder` with this extension.
fn only(repo: &Repo, extension: &str) -> PathBuf {
    let entries = fs::read_dir(repo.path(".git/objects/pack")).unwrap();
    let mut found = entries.map(|e| e.unwrap().path()).filter(|p| p.extension().is_some_and(|e| e == extension));
    let path = found.next().unwrap();
    assert!(found.next().is_none());
    path
}

fn rewrite(path: &PathBuf, change: impl FnOnce(&mut Vec<u8>)) {
    let mut bytes = fs::read(path).unwrap();
    change(&mut bytes);
    // Git's own files are read-only.
    fs::remove_file(path).unwrap();
    fs::write(path, bytes).unwrap();
}

fn loose(repo: &Repo, id: &str) -> PathBuf {
    repo.path(format!(".git/objects/{}/{}", &id[..2], &id[2..]))
}

/// A repository with a leak in a chain of deltas, packed.
fn packed() -> Repo {
    let repo = Repo::new();
    let filler: String = (0..60).map(|i| format!("line {i} of something\n")).collect();
    for i in 0..12 {
        repo.plant(
            "a.env",
            format!("{}{filler}{i}\n", if i < 6 { format!("TOKEN={}\n", token("x")) } else { String::new() }),
            &format!("v{i}"),
        );
    }
    repo.plant("other.env", leak("other"), "other").git("repack --quiet -adf --depth=20");
    repo
}

#[test]
fn a_sound_forgery_is_scanned() {
    let mut pack = Pack::new();
    let base = pack.whole("blob", &leak("base"));
    pack.offset_delta(base, &delta(leak("base").len(), &[copy(0, leak("base").len()), insert(&leak("ofs"))]));
    pack.named_delta(pack.id(base), &delta(leak("base").len(), &[insert(&leak("ref"))]));
    let repo = Repo::new();
    pack.write(&repo.path(".git/objects/pack"));
    let ran = repo.scan("--verify-deltas").exits(1).says("2 objects scanned both ways, 0 differ");
    assert_eq!((ran.findings().len(), ran.problems()), (3, vec![]));
}

#[test]
fn sizes_that_lie() {
    let sound = leak("sound");
    for size in [0, 1, sound.len() as u64 - 1, sound.len() as u64 + 1, 1 << 20, 1 << 29, 1 << 30, 1 << 40, u64::MAX >> 4] {
        let mut pack = Pack::new();
        pack.whole("blob", &sound);
        let lying = pack.raw("blob", size, &[], &deflate(&leak("lying")));
        let on_it = pack.offset_delta(lying, &delta(sound.len(), &[insert(b"x")]));
        check(&pack, &[pack.id(lying), pack.id(on_it)], &["sound"]);
        // Without anything that is built on it.
        let mut pack = Pack::new();
        pack.whole("blob", &sound);
        let lying = pack.raw("blob", size, &[], &deflate(&leak("lying")));
        // What is large is read as a stream, and believed as far as it goes.
        let found: &[&str] = if size > 32 << 20 { &["sound", "lying"] } else { &["sound"] };
        check(&pack, &[pack.id(lying)], found);
    }
}

#[test]
fn large_blob_that_is_larger_than_it_says_or_cut_off() {
    let content = [vec![b'\n'; 33 << 20], leak("late")].concat();
    for size in [(33 << 20) as u64, content.len() as u64 - 1, content.len() as u64 + 1] {
        let mut pack = Pack::new();
        pack.whole("blob", &leak("sound"));
        let lying = pack.raw("blob", size, &[], &deflate(&content));
        let found: &[&str] = if size > 33 << 20 { &["sound", "late"] } else { &["sound"] };
        check(&pack, &[pack.id(lying)], found);
    }
    let mut pack = Pack::new();
    pack.whole("blob", &content);
    let cut = pack.raw("blob", content.len() as u64, &[], &deflate(&content)[..20_000]);
    check(&pack, &[pack.id(cut)], &["late"]);
}

#[test]
fn blob_too_large_for_memory_is_no_damage() {
    let lines = vec![b'\n'; 1 << 20];
    let (before, after) = (std::iter::repeat_n(&lines[..], 512), std::iter::repeat_n(&lines[..], 20));
    let (early, late) = (leak("early"), leak("late"));
    let parts: Vec<&[u8]> = before.chain([&b"\n"[..], &early]).chain(after).chain([&late[..]]).collect();
    let mut pack = Pack::new();
    let size = parts.iter().map(|p| p.len() as u64).sum();
    let blob = pack.raw("blob", size, &[], &packing::deflate_all(&parts));
    let tree = pack.whole("tree", &packing::tree(&[("100644", "dump.sql", pack.id(blob))]));
    pack.whole("commit", &packing::commit(pack.id(tree), &[]));
    let ran = check(&pack, &[], &["early", "late"]);
    let line = (512 << 20) + 2;
    assert_eq!(super::told(&ran, &token("early"))[0], format!("dump.sql:{line}:7 since subject"));
    assert_eq!(super::told(&ran, &token("late"))[0], format!("dump.sql:{}:7 since subject", line + 1 + (20 << 20)));
}

#[test]
fn zip_bomb() {
    // A gigabyte of nothing that says so is scanned, piece by piece; as the base of a delta it is refused.
    let bomb = packing::deflate_all(&vec![&[0; 1 << 20][..]; 1 << 10]);
    let mut pack = Pack::new();
    pack.whole("blob", &leak("sound"));
    let base = pack.raw("blob", 1 << 30, &[], &bomb);
    let on_it = pack.offset_delta(base, &delta(1 << 30, &[copy(0, 1000)]));
    check(&pack, &[pack.id(base), pack.id(on_it)], &["sound"]);
}

#[test]
fn delta_bombs() {
    let base_len = 1 << 20;
    for (times, levels) in [(16_000, 1), (300, 1), (8, 4)] {
        let mut pack = Pack::new();
        pack.whole("blob", &leak("sound"));
        let mut base = pack.whole("blob", &vec![b'\n'; base_len]);
        let mut len = base_len;
        let mut damaged = Vec::new();
        for _ in 0..levels {
            let ops = vec![copy(0, len.min(0xff_ffff)); times];
            base = pack.offset_delta(base, &delta(len, &ops));
            len = len.min(0xff_ffff) * times;
            if len > 512 << 20 {
                damaged.push(pack.id(base));
            }
        }
        let ran = check(&pack, &damaged, &["sound"]);
        assert!(!damaged.is_empty() || times < 1000, "{ran:?}");
    }
}

#[test]
fn delta_bombs_upon_delta_bombs() {
    // Every one of them could be made, but while its children are, it must be kept.
    let mut pack = Pack::new();
    pack.whole("blob", &leak("sound"));
    let mut level = vec![pack.whole("blob", &vec![b'\n'; 1 << 20])];
    let mut len = 1 << 20;
    for _ in 0..3 {
        let large = vec![copy(0, 1 << 20); 400];
        let bomb = delta(len, &large);
        level = level.iter().flat_map(|&base| [base, base]).map(|base| pack.offset_delta(base, &bomb)).collect();
        len = 400 << 20;
    }
    let repo = Repo::new();
    pack.write(&repo.path(".git/objects/pack"));
    let ran = repo.tree.keysift("scan --history --format jsonl -j1").peak().run().exits(1);
    assert_eq!(ids(&ran).len(), 4, "{ran:?}");
    assert!(ran.peak < 1300 * MEGABYTES, "{} MB", ran.peak / MEGABYTES);
}

#[test]
fn deltas_for_another_base() {
    let sound = leak("sound");
    let good = delta(sound.len(), &[copy(0, sound.len())]);
    for bad in [
        delta(sound.len() + 1, &[copy(0, 5)]),
        delta(sound.len(), &[copy(0, sound.len() + 1)]),
        delta(sound.len(), &[copy(0xffff_0000, 0x1_0000)]),
        [&good[..], b"\x05ab"].concat(),
        [&good[..], b"\0"].concat(),
        good[..good.len() - 1].to_vec(),
        vec![],
        vec![0xff; 30],
    ] {
        let mut pack = Pack::new();
        let base = pack.whole("blob", &sound);
        let broken = pack.offset_delta(base, &bad);
        let on_it = pack.offset_delta(broken, &good);
        pack.offset_delta(base, &delta(sound.len(), &[copy(0, sound.len()), insert(&leak("beside"))]));
        check(&pack, &[pack.id(broken), pack.id(on_it)], &["sound", "beside"]);
    }
}

#[test]
fn bases_that_are_none() {
    let sound = leak("sound");
    let good = delta(sound.len(), &[copy(0, sound.len())]);
    // Before the begin of the file, in its header, in the middle of an entry, itself.
    for distance in [u64::MAX >> 8, 1 << 40, 1_000_000, 300, 30, 13, 5, 1, 0] {
        let mut pack = Pack::new();
        pack.whole("blob", &sound);
        let broken = pack.raw("ofs", good.len() as u64, &packing::distance(distance), &deflate(&good));
        let on_it = pack.offset_delta(broken, &good);
        check(&pack, &[pack.id(broken), pack.id(on_it)], &["sound"]);
    }
}

#[test]
fn offsets_beyond_the_pack() {
    for offset in [1 << 20, 1 << 40, u64::MAX] {
        let mut pack = Pack::new();
        let lost = pack.whole("blob", b"lost\n");
        pack.relocate(lost, offset);
        pack.whole("blob", &leak("x"));
        check(&pack, &[pack.id(lost)], &["x"]);
    }
}

#[test]
fn rings_of_deltas() {
    let good = delta(1, &[copy(0, 1)]);
    for length in [1, 2, 5] {
        let mut pack = Pack::new();
        pack.whole("blob", &leak("sound"));
        let ring: Vec<[u8; 20]> = (0..length).map(|i| packing::id(100 + i)).collect();
        for (i, id) in ring.iter().enumerate() {
            let entry = pack.named_delta(ring[(i + 1) % ring.len()], &good);
            pack.rename(entry, *id);
        }
        let outside = pack.named_delta(ring[0], &good);
        check(&pack, &[&ring[..], &[pack.id(outside)]].concat(), &["sound"]);
    }
}

#[test]
fn base_that_is_not_there_or_elsewhere() {
    let sound = leak("sound");
    let good = delta(sound.len(), &[copy(0, sound.len()), insert(&leak("more"))]);
    let mut pack = Pack::new();
    pack.whole("blob", &sound);
    let thin = pack.named_delta(packing::id(77), &good);
    let on_it = pack.offset_delta(thin, &good);
    check(&pack, &[pack.id(thin), pack.id(on_it)], &["sound"]);
    // Git never lets a pack depend on another one or on a loose object: named as damaged, too, rather than half believed.
    let repo = Repo::new();
    pack.write(&repo.path(".git/objects/pack"));
    let mut other = Pack::named("other");
    let base = other.whole("blob", &sound);
    other.rename(base, packing::id(77));
    other.write(&repo.path(".git/objects/pack"));
    check_repo(&repo, &[pack.id(thin), pack.id(on_it)], &["sound"]);
}

#[test]
fn damaged_copy_of_an_object_that_is_sound_elsewhere() {
    // Git takes the sound one.
    let repo = Repo::new();
    let (tree, commit) = (packing::tree(&[("100644", "a.env", packing::id(1))]), packing::commit(packing::id(2), &[]));
    for (name, sound) in [("a", false), ("b", true), ("c", false)] {
        let mut pack = Pack::named(name);
        for (kind, content, id) in [("blob", leak("x"), 1), ("tree", tree.clone(), 2), ("commit", commit.clone(), 3)] {
            let bytes = deflate(&content);
            let bytes = if sound { &bytes[..] } else { &bytes[..bytes.len() / 2] };
            let entry = pack.raw(kind, content.len() as u64, &[], bytes);
            pack.rename(entry, packing::id(id));
        }
        pack.write(&repo.path(".git/objects/pack"));
    }
    repo.write(".git/refs/heads/main", packing::hex(&packing::id(3)) + "\n");
    check_repo(&repo, &[packing::id(1), packing::id(2), packing::id(3)], &["x"]);
    let ran = repo.report("--format jsonl --show-secrets").exits(1);
    assert_eq!(super::told(&ran, &token("x"))[0], "a.env:1:7 since subject, at HEAD");
}

#[test]
fn every_byte_of_a_pack_may_be_wrong() {
    let repo = packed();
    let path = only(&repo, "pack");
    let sound = fs::read(&path).unwrap();
    let mut silent = Vec::new();
    // Every byte would take minutes.
    for at in (0..sound.len() - 20).step_by(sound.len() / 60) {
        rewrite(&path, |bytes| {
            bytes.clone_from(&sound);
            bytes[at] ^= 0x55;
        });
        let ran = repo.tree.keysift("scan --history --format jsonl --verify-deltas").run();
        assert!(matches!(ran.code, Some(1 | 3)) && !ran.err.contains("panicked"), "{at}: {ran:?}");
        if ran.problems().is_empty() {
            silent.push(at);
        }
    }
    // Version and count of the header, and what zlib itself does not need, such as the level in its header.
    assert!(silent.len() < 4, "{silent:?} of {}", sound.len());
}

#[test]
fn pack_cut_off() {
    let repo = packed();
    let path = only(&repo, "pack");
    let sound = fs::read(&path).unwrap();
    for len in [0, 3, 11, 12, 31, 32, 33, sound.len() / 3, sound.len() - 40, sound.len() - 1] {
        rewrite(&path, |bytes| bytes.truncate(len));
        let ran = repo.tree.keysift("scan --history --format jsonl").run();
        assert!(matches!(ran.code, Some(1 | 3)) && !ran.problems().is_empty() && !ran.err.contains("panicked"), "{len}: {ran:?}");
        fs::remove_file(&path).unwrap();
        fs::write(&path, &sound).unwrap();
    }
}

/// Something done to a file.
type Change = Box<dyn Fn(&mut Vec<u8>)>;

#[test]
fn index_damaged_or_cut_off() {
    let repo = packed();
    let path = only(&repo, "idx");
    let sound = fs::read(&path).unwrap();
    let count = fs::read(only(&repo, "pack")).unwrap()[11] as usize;
    let offsets = 8 + 1024 + 24 * count;
    let changes: Vec<(&str, Change)> = vec![
        ("empty", Box::new(Vec::clear)),
        ("magic", Box::new(|b| b[0] = 0)),
        ("version", Box::new(|b| b[7] = 3)),
        ("half", Box::new(|b| b.truncate(b.len() / 2))),
        ("without its last byte", Box::new(|b| b.truncate(b.len() - 1))),
        ("table only", Box::new(|b| b.truncate(8 + 1024))),
        ("more than there are", Box::new(|b| b[8 + 1020..8 + 1024].copy_from_slice(&[0, 0, 0xff, 0xff]))),
        ("as many as can be", Box::new(|b| b[8 + 1020..8 + 1024].fill(0xff))),
        ("none", Box::new(|b| b[8..8 + 1024].fill(0))),
        ("table in disorder", Box::new(|b| b[8..8 + 1020].iter_mut().rev().enumerate().for_each(|(i, b)| *b = i as u8))),
        ("offsets beyond the end", Box::new(move |b| (0..count).for_each(|i| b[offsets + 4 * i] = 0x7f))),
        (
            "offsets of 64 bits",
            Box::new(move |b| (0..count).for_each(|i| b[offsets + 4 * i..offsets + 4 * i + 4].copy_from_slice(&[0x80, 0, 0, i as u8]))),
        ),
        ("offsets far into 64 bits", Box::new(move |b| b[offsets..offsets + 4].fill(0xff))),
        (
            "all the same offset",
            Box::new(move |b| (0..count).for_each(|i| b[offsets + 4 * i..offsets + 4 * i + 4].copy_from_slice(&[0, 0, 0, 12]))),
        ),
        ("offsets within entries", Box::new(move |b| (0..count).for_each(|i| b[offsets + 4 * i + 3] ^= 1))),
        ("ids in disorder", Box::new(move |b| b[8 + 1024..8 + 1024 + 20 * count].reverse())),
    ];
    for (what, change) in changes {
        rewrite(&path, |bytes| {
            bytes.clone_from(&sound);
            change(bytes);
        });
        let ran = repo.tree.keysift("scan --history --format jsonl").peak().run();
        assert!(matches!(ran.code, Some(1 | 3)) && !ran.problems().is_empty() && !ran.err.contains("panicked"), "{what}: {ran:?}");
        assert!(ran.peak < 400 * MEGABYTES, "{what}");
    }
}

#[test]
fn pack_without_its_index_and_index_without_its_pack() {
    for extension in ["idx", "pack"] {
        let repo = packed();
        repo.write(".git/info/note.env", leak("beside"));
        fs::remove_file(only(&repo, extension)).unwrap();
        let ran = repo.scan("").exits(1);
        let pack = ran.problems().into_iter().find(|p| p.starts_with("object pack-")).unwrap_or_else(|| panic!("{ran:?}"));
        assert!(pack.ends_with(".pack"), "{pack}");
        assert_eq!(ran.findings().len(), 1);
        fs::remove_file(repo.path(".git/info/note.env")).unwrap();
        repo.scan("").exits(3);
    }
}

#[test]
fn loose_objects_that_are_none() {
    let cases: Vec<(&str, Vec<u8>)> = vec![
        ("nothing", vec![]),
        ("noise", b"this is no zlib data at all".to_vec()),
        ("header only", deflate(b"blob 10\0")),
        ("no header", deflate(&[b'x'; 100])),
        ("unknown kind", deflate(b"blub 3\0abc")),
        ("too long", deflate(b"blob 3\0abcd")),
        ("too short", deflate(b"blob 5\0abcd")),
        ("no size", deflate(b"blob x\0abcd")),
        ("huge", deflate(b"blob 18446744073709551615\0abcd")),
        ("large", deflate(b"blob 999999999999\0abcd")),
        ("cut off", deflate(&[b"blob 1000\0", &[b'y'; 1000][..]].concat())[..20].to_vec()),
    ];
    for (what, bytes) in &cases {
        let repo = Repo::new();
        repo.plant("a.env", leak("x"), "plant");
        repo.write(".git/objects/12/34567890123456789012345678901234567890", bytes);
        let ran = repo.scan("").exits(1);
        assert_eq!(ids(&ran), ["1234567890123456789012345678901234567890"], "{what}: {ran:?}");
        assert_eq!(ran.findings().len(), 1, "{what}");
    }
}

#[test]
fn objects_that_are_named_and_gone() {
    for what in ["HEAD:dir/a.env", "HEAD:dir", "HEAD^{tree}", "HEAD", "HEAD~1", "HEAD~1^{tree}"] {
        let repo = Repo::new();
        repo.plant("dir/a.env", "nothing\n", "first").plant("b.env", leak("x"), "plant").plant("dir/a.env", "else\n", "second");
        let id = repo.git(&format!("rev-parse {what}"));
        fs::remove_file(loose(&repo, &id)).unwrap();
        let ran = repo.report("--format jsonl --show-secrets").exits(1);
        assert_eq!(ran.problems(), [format!("absent object {id}")], "{what}");
        assert_eq!(ran.findings().len(), 1, "{what}");
    }
}

#[test]
fn ref_to_nothing() {
    let repo = Repo::new();
    repo.plant("a", "a\n", "first").git("tag -a -m tag v1");
    let tag = repo.git("rev-parse v1");
    fs::remove_file(loose(&repo, &tag)).unwrap();
    assert_eq!(repo.scan("").exits(3).problems(), [format!("absent object {tag}")]);
    repo.git("tag -d v1");
    repo.scan("").exits(0);
    repo.write(".git/refs/heads/broken", "this is no id\n");
    let ran = repo.scan("").exits(3);
    assert!(ran.problems()[0].contains("refs/heads/broken"), "{ran:?}");
}

#[test]
fn trees_that_are_none() {
    let id = packing::id(1);
    let good = packing::tree(&[("100644", "a.env", id)]);
    for (what, bad) in [
        ("cut off", good[..good.len() - 1].to_vec()),
        ("no name", good[..6].to_vec()),
        ("noise", vec![0xff; 100]),
        ("no mode", b"a.env\0".to_vec()),
        ("tail", [&good[..], b"100644 b.env\0"].concat()),
    ] {
        let mut pack = Pack::new();
        let blob = pack.whole("blob", &leak("x"));
        pack.rename(blob, id);
        let tree = pack.whole("tree", &bad);
        let on_it = pack.offset_delta(tree, &delta(bad.len(), &[copy(0, 5)]));
        let ran = check(&pack, &[pack.id(tree), pack.id(on_it)], &["x"]);
        assert!(ran.problems().iter().all(|p| p.starts_with("object ")), "{what}");
    }
}

#[test]
fn commits_with_odd_headers() {
    let tree = packing::id(2);
    let good = String::from_utf8(packing::commit(tree, &[])).unwrap();
    for (odd, sound) in [
        (good.replace("author A <a@x> 1700000000 +0000\n", ""), true),
        (good.replace("committer", "committee"), true),
        (good.replace("1700000000", "99999999999999999999999"), true),
        (good.replace("A <a@x>", "\u{1b}[31m\u{0}\r"), true),
        (good.replace("tree ", "shrub "), false),
        (good.replace("tree ", "tree z"), false),
        (String::new(), false),
        ("\n\n\n".to_owned(), false),
    ] {
        let mut pack = Pack::new();
        let blob = pack.whole("blob", &leak("x"));
        pack.rename(blob, packing::id(1));
        let root = pack.whole("tree", &packing::tree(&[("100644", "a.env", packing::id(1))]));
        pack.rename(root, tree);
        let commit = pack.whole("commit", odd.as_bytes());
        let damaged = if sound { vec![] } else { vec![pack.id(commit)] };
        let ran = check(&pack, &damaged, &["x"]);
        let place = &ran.findings()[0]["occurrences"][0];
        assert_eq!((&place["path"], place["commit"].is_string()), (&"a.env".into(), sound), "{odd:?}");
    }
}

#[test]
fn trees_in_a_ring_and_commits_that_are_their_own_parents() {
    let [one, two, blob, first, second] = [1, 2, 3, 4, 5].map(packing::id);
    let mut pack = Pack::new();
    for (kind, content, id) in [
        ("tree", packing::tree(&[("100644", "a.env", blob), ("40000", "d", two)]), one),
        ("tree", packing::tree(&[("40000", "e", one)]), two),
        ("blob", leak("x"), blob),
        ("commit", packing::commit(one, &[second, first]), first),
        ("commit", packing::commit(two, &[first]), second),
    ] {
        let entry = pack.whole(kind, &content);
        pack.rename(entry, id);
    }
    let repo = Repo::new();
    pack.write(&repo.path(".git/objects/pack"));
    repo.write(".git/refs/heads/main", packing::hex(&first) + "\n");
    for words in ["", "--reachable"] {
        let ran = repo.tree.keysift(&format!("scan --history --format jsonl {words}")).peak().run().exits(1);
        assert_eq!(ran.findings().len(), 1);
        assert!(ran.peak < 400 * MEGABYTES && ran.out.len() < 1_000_000);
    }
}

#[test]
fn folders_as_deep_as_are_followed_and_deeper() {
    // What was found within so many folders, of a commit or of none: its path, and problems.
    let told = |folders: usize, is_committed: bool| {
        let mut pack = Pack::new();
        let blob = pack.whole("blob", &leak("x"));
        let empty = pack.whole("tree", &packing::tree(&[]));
        let mut tree = pack.whole("tree", &packing::tree(&[("100644", "a.env", pack.id(blob))]));
        for _ in 0..folders {
            tree = pack.whole("tree", &packing::tree(&[("40000", "d", pack.id(tree))]));
        }
        let commit = pack.whole("commit", &packing::commit(pack.id(if is_committed { tree } else { empty }), &[]));
        let repo = Repo::new();
        pack.write(&repo.path(".git/objects/pack"));
        repo.write(".git/refs/heads/main", packing::hex(&pack.id(commit)) + "\n");
        let ran = repo.scan("").exits(1);
        (ran.paths().concat(), ran.problems())
    };
    let within = |folders: usize| "d/".repeat(folders) + "a.env";
    for is_committed in [true, false] {
        for folders in [0, 1, 255, 256] {
            let (path, problems) = told(folders, is_committed);
            assert_eq!((path, problems.len()), (within(folders), 0), "{folders} {is_committed}: {problems:?}");
        }
        let (path, problems) = told(300, is_committed);
        assert_eq!((path, problems), (within(256), vec!["object history".to_owned()]), "{is_committed}");
    }
}

#[test]
fn git_bomb() {
    let mut pack = Pack::new();
    let blob = pack.whole("blob", &leak("x"));
    let mut below = ("100644", pack.id(blob));
    for _ in 0..10 {
        let names: Vec<String> = (0..10).map(|i| format!("d{i}")).collect();
        let entries: Vec<(&str, &str, [u8; 20])> = names.iter().map(|n| (below.0, &**n, below.1)).collect();
        let tree = pack.whole("tree", &packing::tree(&entries));
        below = ("40000", pack.id(tree));
    }
    let commit = pack.whole("commit", &packing::commit(below.1, &[]));
    let repo = Repo::new();
    pack.write(&repo.path(".git/objects/pack"));
    repo.write(".git/refs/heads/main", packing::hex(&pack.id(commit)) + "\n");
    let ran = repo.tree.keysift("scan --history --format jsonl").peak().run().exits(1);
    assert_eq!(ran.findings().len(), 1);
    assert!(!ran.problems().is_empty(), "not all of ten thousand million paths can have been looked at");
    assert!(ran.peak < 500 * MEGABYTES && ran.out.len() < 30_000_000, "{} MB, {} bytes", ran.peak / MEGABYTES, ran.out.len());
}

#[cfg(unix)]
#[test]
fn folders_that_may_not_be_looked_into() {
    use std::os::unix::fs::PermissionsExt as _;
    let repo = Repo::new();
    repo.plant("a.env", leak("x"), "plant");
    fs::write(repo.tree.home().join(".gitconfig"), "[safe]\n\tdirectory = *\n").unwrap();
    let folders = [".git/logs", ".git/objects/12"].map(|folder| repo.path(folder));
    let allow = |mode| folders.iter().for_each(|folder| fs::set_permissions(folder, fs::Permissions::from_mode(mode)).unwrap());
    fs::create_dir_all(&folders[1]).unwrap();
    allow(0o000);
    let ran = repo.tree.keysift("scan --history --format jsonl").unprivileged(&repo.tree).run();
    allow(0o755);
    let problems = ran.exits(1).problems();
    assert_eq!(problems.len(), 2, "{problems:?}");
    assert!(problems[0] == "unreadable .git/logs" && problems[1].ends_with(".git/objects/12"), "{problems:?}");
}
