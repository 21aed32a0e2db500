//! However and wherever a repository keeps its objects, all of them are scanned.

use std::fs;

use super::{Repo, told};
use crate::support::token;

#[test]
fn a_split_index_is_no_text() {
    let repo = Repo::new();
    // A name in the index; as a file of git's own it would be found there.
    repo.plant(&format!("{}.txt", token("name")), "harmless\n", "first");
    let files = repo.scan("").summary()["files"].clone();
    repo.git("update-index --split-index");
    let is_shared = |entry: fs::DirEntry| entry.file_name().to_string_lossy().starts_with("sharedindex.");
    assert!(fs::read_dir(repo.path(".git")).unwrap().any(|entry| is_shared(entry.unwrap())));
    let ran = repo.scan("");
    assert!(!ran.paths().iter().any(|path| path.contains("index")), "{ran:?}");
    assert_eq!(ran.summary()["files"], files);
}

#[test]
fn what_is_left_out_does_not_count_as_scanned() {
    let repo = Repo::new();
    // Versions that differ little: packed, one is a delta of the other.
    let binary = |end: &str| [&[0, 1, 2][..], "some words of text ".repeat(200).as_bytes(), end.as_bytes()].concat();
    repo.plant("b.txt", "harmless\n", "first").plant("a.bin", binary(&token("bin")), "second").plant("a.bin", binary("gone"), "third");
    let left_out = (binary(&token("bin")).len() + binary("gone").len()) as u64;
    for pack in [false, true] {
        if pack {
            repo.git("gc --quiet");
        }
        let number = |ran: &crate::support::Ran, what: &str| ran.summary()[what].as_u64().unwrap();
        let all = repo.scan("").exits(1);
        assert_eq!((number(&all, "blobs"), number(&all, "commits")), (3, 3));
        for (words, reason, said) in
            [("--no-binary", "binary", "2 binary (--no-binary)"), ("--max-file-size=1K", "too-large", "2 over --max-file-size")]
        {
            let ran = repo.scan(words).says(said);
            assert_eq!(ran.paths(), [""; 0], "{words}");
            assert_eq!((number(&ran, "blobs"), ran.skipped(reason)), (1, 2), "{words}, packed: {pack}");
            assert_eq!(number(&all, "bytes") - number(&ran, "bytes"), left_out, "{words}, packed: {pack}");
        }
    }
}

/// The versions of a file with a few hundred lines, each an edit of the one before; tokens come and go.
fn versions() -> Vec<String> {
    let mut lines: Vec<String> = (0..300).map(|i| format!("setting.{i} = {}", i * 7919 % 1000)).collect();
    let mut versions = Vec::new();
    for i in 0..24_usize {
        lines[i * 11 % 300] = format!("changed.{i} = {i}");
        match i {
            3 => lines.insert(100, format!("one={}", token("one"))),
            8 => lines.insert(5, format!("two={}", token("two"))),
            15 => lines.retain(|l| !l.starts_with("one=")),
            _ => {}
        }
        versions.push(lines.join("\n") + "\n");
    }
    versions
}

/// A repository with all [`versions`], made at once.
fn repo(words: &str) -> Repo {
    let repo = Repo::init(words);
    let mut stream = String::new();
    for (i, text) in versions().iter().enumerate() {
        let who = format!("Ada <ada@example.org> {} +0000", super::BEGIN + i as u64 * super::DAY);
        let subject = format!("v{i}");
        stream.push_str(&format!("commit refs/heads/main\nmark :{}\nauthor {who}\ncommitter {who}\n", i + 1));
        stream.push_str(&format!("data {}\n{subject}\nM 644 inline app.conf\ndata {}\n{text}\n", subject.len(), text.len()));
    }
    stream.push_str(&format!(
        "commit refs/heads/side\ncommitter A <a@x> 1800000000 +0000\ndata 4\nside\nfrom :9\nM 644 inline side.env\ndata 40\n{}\n",
        token("side")
    ));
    repo.feed(["fast-import", "--quiet"], stream.as_bytes());
    repo
}

/// A scan of `repo` with these words finds everything, every delta scanned as if it was none.
#[track_caller]
fn check(repo: &Repo, words: &str) {
    let ran = repo.scan(&format!("--verify-deltas {words}")).exits(1).says(", 0 differ");
    assert_eq!(ran.problems(), [""; 0]);
    let one = told(&ran, &token("one"));
    assert_eq!(one[0], "app.conf:101:5 since v3 until v15");
    assert!(
        one[1].starts_with("since v3 until v15, ") && one[1].ends_with("; live refs/heads/side refs refs/heads/main refs/heads/side"),
        "{one:?}"
    );
    assert!(told(&ran, &token("two"))[0].contains("app.conf:6:5 since v8"));
    assert_eq!(told(&ran, &token("side"))[0], "side.env:1:1 since side");
    assert_eq!(ran.findings().len(), 3);
    let summary = ran.summary();
    assert_eq!((&summary["commits"], &summary["blobs"]), (&25.into(), &25.into()), "{summary}");
}

fn unpacked(repo: &Repo) {
    let folder = repo.path(".git/objects/pack");
    let packs: Vec<_> =
        fs::read_dir(&folder).unwrap().map(|e| e.unwrap().path()).filter(|p| p.extension().is_some_and(|e| e == "pack")).collect();
    let packs: Vec<Vec<u8>> = packs.iter().map(|p| fs::read(p).unwrap()).collect();
    fs::remove_dir_all(&folder).unwrap();
    packs.iter().for_each(|pack| drop(repo.feed(["unpack-objects", "-q"], pack)));
}

#[test]
fn packed_in_many_ways() {
    let repo = repo("");
    check(&repo, "");
    for words in [
        "repack -qadf --depth=4000 --window=50",
        "-c repack.usedeltabaseoffset=false repack -qadf",
        "repack -qadfb --write-midx",
        "repack -qadf --threads=1 --depth=1",
        "commit-graph write --reachable",
        "pack-refs --all",
        "gc -q --aggressive --cruft",
    ] {
        repo.git(words);
        check(&repo, "");
    }
    check(&repo, "-j1");
    check(&repo, "-j4");
}

#[test]
fn loose_and_in_the_midst_of_being_packed() {
    let repo = repo("");
    unpacked(&repo);
    check(&repo, "");
    // Loose and packed at once; then twice packed, a part a third time.
    repo.git("repack -q -a");
    let ran = repo.scan("").exits(1);
    assert_eq!(told(&ran, &token("one")).len(), 2);
    for revision in ["main", "main~9"] {
        let list = repo.git(&format!("rev-list --objects {revision}"));
        let ids: String = list.lines().map(|l| format!("{}\n", &l[..40])).collect();
        repo.feed(["pack-objects", "-q", ".git/objects/pack/pack"], ids.as_bytes());
    }
    repo.git("multi-pack-index write");
    let ran = repo.scan("--verify-deltas").exits(1).says(", 0 differ");
    assert_eq!(told(&ran, &token("one"))[0], "app.conf:101:5 since v3 until v15");
    assert_eq!((ran.findings().len(), ran.problems()), (3, vec![]));
}

#[test]
fn cruft_pack() {
    let repo = repo("");
    repo.git("branch -q -D side");
    repo.git("reflog expire --expire=now --all");
    repo.git("gc -q --cruft --prune=never");
    let packs = fs::read_dir(repo.path(".git/objects/pack")).unwrap();
    assert!(packs.filter_map(Result::ok).any(|e| e.path().extension().is_some_and(|e| e == "mtimes")), "a cruft pack");
    let ran = repo.scan("").exits(1);
    assert_eq!(told(&ran, &token("side"))[0], "side.env:1:1 since side");
    assert_eq!(repo.scan("--reachable").exits(1).findings().len(), 2);
}

#[test]
fn alternates() {
    let repo = repo("");
    repo.git("clone --quiet --shared --bare . shared.git");
    repo.git(&format!("clone --quiet --bare --reference shared.git file://{} again.git", repo.path("").display()));
    for folder in ["shared.git", "again.git"] {
        assert!(repo.path(folder).join("objects/info/alternates").exists());
        let ran = repo.scan(folder).exits(1);
        assert_eq!((ran.findings().len(), ran.problems()), (3, vec![]), "{folder}");
    }
    // Where they have gone, that is said.
    fs::write(repo.path("shared.git/objects/info/alternates"), "/nowhere/objects\n").unwrap();
    let ran = repo.report("--format jsonl shared.git").exits(3);
    assert!(ran.problems().contains(&"unreadable /nowhere/objects".to_owned()), "{ran:?}");
}

#[test]
fn sha_256() {
    let repo = repo("--object-format=sha256");
    check(&repo, "");
    repo.git("repack -qadf --depth=50");
    check(&repo, "");
    unpacked(&repo);
    check(&repo, "");
}

#[test]
fn bare_or_a_working_tree_or_anything_in_one() {
    let repo = repo("");
    repo.git("clone --quiet --bare . bare.git");
    repo.git("worktree add --quiet --force linked side");
    repo.write("linked/deep/er/file", "");
    for path in ["bare.git", "linked", "linked/deep/er", ".git"] {
        let ran = repo.scan(path).exits(1);
        assert_eq!((ran.findings().len(), ran.problems()), (3, vec![]), "{path}");
        let at_head = told(&ran, &token("one"))[0].ends_with("at HEAD");
        assert_eq!(at_head, path.starts_with("linked"), "{path}");
    }
}

/// What only a working tree holds that is on no branch.
#[test]
fn detached_heads_of_working_trees() {
    let repo = Repo::new();
    repo.plant("readme", "hello\n", "first").git("worktree add --quiet --detach linked");
    repo.write("linked/a.env", format!("A={}\n", token("linked")));
    repo.git("-C linked add a.env");
    repo.git("-C linked commit --quiet -m plant");
    let story = |words: &str| repo.story(words, &token("linked"));
    for words in ["", "--reachable"] {
        let lines = story(words);
        assert_eq!(lines[0], "a.env:1:3 since plant", "{words}");
        assert!(lines[1].ends_with("; live worktrees/linked/HEAD refs worktrees/linked/HEAD"), "{lines:?}");
    }
    assert!(story("linked")[1].ends_with(", at HEAD; live HEAD refs HEAD"), "{:?}", story("linked"));
    repo.git("-C linked checkout --quiet main --ignore-other-worktrees");
    repo.git("checkout --quiet --detach");
    repo.plant("b.env", format!("B={}\n", token("main")), "plant in main");
    let lines = repo.story("--reachable linked", &token("main"));
    assert!(lines[1].ends_with("; live main-worktree/HEAD refs main-worktree/HEAD"), "{lines:?}");
    assert!(repo.story("", &token("linked"))[1].ends_with(" days;"), "no ref: {:?}", repo.story("", &token("linked")));
}

#[test]
fn submodule() {
    let outer = Repo::new();
    let inner = repo("");
    outer.run(["submodule".as_ref(), "--quiet".as_ref(), "add".as_ref(), inner.path("").as_os_str(), "sub".as_ref()]);
    outer.commit("with a submodule");
    let of_outer = outer.scan("").exits(0);
    assert_eq!(of_outer.problems(), [""; 0], "what a submodule names is not to be here");
    let of_inner = outer.report("--format jsonl sub").exits(1);
    assert_eq!(of_inner.findings().len(), 3);
}

#[test]
fn nothing_to_scan() {
    let empty = Repo::new();
    let ran = empty.scan("").exits(0);
    assert!(ran.summary()["commits"].is_null(), "{ran:?}");
    let ran = empty.report("").exits(0);
    assert!(ran.last().contains("no commits"), "{}", ran.last());
    let none = crate::support::Tree::clean();
    none.scan("--history").exits(2).says("not in a git repository");
    none.scan("--history gone").exits(2).says("gone: no such file");
    none.scan("--history -").exits(2).says("standard input");
    none.scan("--reachable").exits(2);
}

#[test]
fn history_cut_off_when_it_was_fetched() {
    let full = repo("");
    let url = format!("file://{}", full.path("").display());
    full.git(&format!("clone --quiet --depth 2 {url} shallow"));
    let ran = full.report("--format jsonl shallow").exits(1).says("git fetch --unshallow");
    assert_eq!(ran.problems().len(), 1);
    // Who brought it in may be older than what is here, unless the commit's parent is here too.
    let text = full.report("--color never shallow").out;
    assert!(text.contains("added   at or before 2024-01-23, where history was cut off, by Ada"), "{text}");
    full.git(&format!("clone --quiet --depth 2 --branch side {url} shallow-side"));
    let text = full.report("--color never shallow-side").out;
    assert!(text.contains("added   2027-01-15 by A <a@x> in") && text.contains("added   at or before 2024-01-09"), "{text}");
    let clean = Repo::new();
    for i in 0..4 {
        clean.plant("a", format!("{i}\n"), "a");
    }
    clean.git(&format!("clone --quiet --depth 2 file://{} shallow", clean.path("").display()));
    clean.scan("shallow").exits(3).says("git fetch --unshallow");
}

#[test]
fn partial_clone() {
    let full = repo("");
    full.git("config uploadpack.allowFilter true");
    let url = format!("file://{}", full.path("").display());
    full.git(&format!("clone --quiet --no-checkout --filter=blob:none {url} partial"));
    let ran = full.report("--format jsonl partial").exits(3).says("partial clone").says("git fetch --refetch");
    assert_eq!(ran.problems().len(), 25);
    let blob = full.git("rev-parse side:side.env");
    assert!(ran.problems().contains(&format!("absent object {blob}")), "{ran:?}");
}

#[test]
fn several_repositories() {
    let repo = repo("");
    repo.git("init --quiet other");
    repo.write("other/new.env", format!("A={}\n", token("one")));
    repo.git("-C other add new.env");
    repo.git("-C other commit --quiet -m elsewhere");
    let ran = repo.report("--format jsonl --show-secrets other .git").exits(1);
    let lines = told(&ran, &token("one"));
    assert_eq!(lines[..2], ["other/new.env:1:3 since elsewhere, at HEAD", ".git/app.conf:101:5 since v3 until v15"]);
    assert!(lines[2].starts_with("since elsewhere, ") && lines[2].contains("at HEAD; live "), "{lines:?}");
}

#[test]
fn refs_in_tables() {
    let version = Repo::new().git("version");
    let numbers: Vec<u32> = version.split(['.', ' ']).filter_map(|n| n.parse().ok()).collect();
    if numbers[..2] < [2, 45][..] {
        return;
    }
    let tree = crate::support::Tree::new();
    tree.git("init --quiet --ref-format=reftable");
    tree.scan("--history").exits(2).says("reftable").says("git refs migrate");
}

#[cfg(target_os = "linux")]
#[test]
fn repository_of_somebody_else() {
    // SAFETY: it only returns a number.
    if unsafe { libc::geteuid() } != 0 {
        return;
    }
    let repo = repo("");
    let chown = std::process::Command::new("chown").args(["-R", "65534:65534"]).arg(repo.path("")).status().unwrap();
    assert!(chown.success());
    repo.report("").exits(2).says("safe.directory");
    // Who says so is believed.
    fs::write(
        repo.tree.home().join(".gitconfig"),
        format!("[safe]\n\tdirectory = {}\n", repo.path("").display().to_string().trim_end_matches('/')),
    )
    .unwrap();
    repo.report("").exits(1);
}
