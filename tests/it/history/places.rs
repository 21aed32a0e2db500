//! A secret is found wherever git keeps anything, and its story is told right.

use std::collections::BTreeSet;

use keysift::model::Fingerprint;

use super::Repo;
use crate::support::{filled, token};

fn env(seed: &str) -> String {
    format!("# settings\nTOKEN={}\n", token(seed))
}

/// `--history` of a repository tells this of `token("x")`.
#[track_caller]
fn check(repo: &Repo, expected: &[&str]) {
    assert_eq!(repo.story("", &token("x")), expected);
}

#[test]
fn file_deleted_later() {
    let repo = Repo::new();
    repo.plant("readme", "hello\n", "first").by("Bob").plant("conf/a.env", env("x"), "plant").by("Eve").remove("conf/a.env", "drop");
    check(&repo, &["conf/a.env:2:7 since plant until drop", "since plant until drop, 1 days; refs refs/heads/main"]);
}

#[test]
fn file_at_head() {
    let repo = Repo::new();
    repo.plant("readme", "hello\n", "first").plant("a.env", env("x"), "plant").plant("a.env", env("x") + "MORE=1\n", "touch");
    let lines = repo.story("", &token("x"));
    assert_eq!(lines[0], "a.env:2:7 since plant, at HEAD");
    assert!(
        lines[1].starts_with("since plant, ") && lines[1].ends_with(" days, at HEAD; live refs/heads/main refs refs/heads/main"),
        "{lines:?}"
    );
}

#[test]
fn only_on_another_branch() {
    let repo = Repo::new();
    repo.plant("readme", "hello\n", "first").git("switch --quiet --create side");
    repo.plant("a.env", env("x"), "plant").git("switch --quiet main");
    repo.plant("b", "more\n", "second").git("tag v1");
    let lines = repo.story("", &token("x"));
    assert_eq!(lines[0], "a.env:2:7 since plant");
    assert!(lines[1].ends_with(" days; live refs/heads/side refs refs/heads/side"), "{lines:?}");
}

#[test]
fn only_in_the_resolution_of_a_merge() {
    let repo = Repo::new();
    repo.plant("a.env", "a=1\n", "first").git("switch --quiet --create side");
    repo.plant("a.env", "a=2\n", "side").git("switch --quiet main");
    repo.plant("a.env", "a=3\n", "main");
    repo.fails("merge --quiet side");
    repo.plant("a.env", env("x"), "merge").plant("a.env", "a=4\n", "drop").git("tag v1");
    check(&repo, &["a.env:2:7 since merge until drop", "since merge until drop, 1 days; refs refs/heads/main tags v1"]);
}

#[test]
fn clean_merge_introduces_nothing() {
    let repo = Repo::new();
    repo.plant("readme", "hello\n", "first").git("switch --quiet --create side");
    repo.plant("a.env", env("x"), "plant").git("switch --quiet main");
    repo.plant("b", "more\n", "second").git("merge --quiet --no-ff -m merge side");
    repo.remove("a.env", "drop").git("branch --quiet -D side");
    check(&repo, &["a.env:2:7 since plant until drop", "since plant until drop, 3 days; refs refs/heads/main"]);
}

#[test]
fn dropped_by_a_merge() {
    let repo = Repo::new();
    repo.plant("readme", "hello\n", "first").git("switch --quiet --create side");
    repo.plant("a.env", env("x"), "plant").git("switch --quiet main");
    repo.plant("b", "more\n", "second").git("merge --quiet --no-commit --no-ff side");
    repo.git("rm --quiet --force a.env");
    repo.commit("merge").git("branch --quiet -D side");
    check(&repo, &["a.env:2:7 since plant until merge", "since plant until merge, 3 days; refs refs/heads/main"]);
    // The same, seen from the side.
    repo.git("switch --quiet --create other main^2");
    repo.git("merge --quiet --no-commit --no-ff main^1");
    repo.git("rm --quiet --force a.env");
    repo.commit("other merge").git("branch --quiet -D main");
    repo.git("reflog expire --expire=now --all");
    assert_eq!(repo.story("--reachable", &token("x"))[0], "a.env:2:7 since plant until other merge");
}

/// A side's own commit took it away: the merges that keep it so, in either direction, did not.
#[test]
fn merges_that_keep_a_deletion() {
    for (ours, theirs) in [("main", "side"), ("side", "main")] {
        let repo = Repo::new();
        repo.plant("a.env", env("x"), "plant").git("switch --quiet --create side");
        repo.plant("b", "more\n", "on the side").git("switch --quiet main");
        repo.remove("a.env", "drop").git(&format!("switch --quiet {ours}"));
        repo.git(&format!("merge --quiet --no-ff -m merge {theirs}"));
        repo.plant("c", "more\n", "last").git(&format!("branch --quiet -D {theirs}"));
        check(&repo, &["a.env:2:7 since plant until drop", &format!("since plant until drop, 2 days; refs refs/heads/{ours}")]);
    }
}

#[test]
fn brought_back_and_dropped_by_a_merge() {
    let repo = Repo::new();
    repo.plant("a.env", env("x"), "plant").remove("a.env", "drop").git("switch --quiet --create side");
    repo.plant("a.env", env("x"), "again").git("switch --quiet main");
    repo.plant("b", "more\n", "other").git("merge --quiet --strategy ours -m merge side");
    repo.git("branch --quiet -D side");
    check(
        &repo,
        &["a.env:2:7 since plant until drop", "a.env:2:7 since again until merge", "since plant until merge, 4 days; refs refs/heads/main"],
    );
}

/// Days go on where a branch still has it, and end where only a tag does.
#[test]
fn removed_but_on_another_branch() {
    let repo = Repo::new();
    repo.plant("a.env", env("x"), "plant").git("branch rel");
    repo.remove("a.env", "drop").git("tag v1 rel");
    let days = |expected: u64, now: &str| {
        let ran = repo.report("--format jsonl").exits(1);
        assert_eq!(ran.findings()[0]["exposure"]["days"], expected);
        assert_eq!(ran.findings()[0]["exposure"]["removed"]["subject"], "drop");
        let text = repo.report("--color never").exits(1).out;
        assert!(text.contains(now), "{text}");
    };
    days(399, "still at the tip of rel, for 399 days");
    repo.git("branch --quiet -D rel");
    days(1, "in history only");
}

/// What one commit brought in stays or goes as one, whichever rules see it: the branch that dropped it was merged without that.
#[test]
fn two_rules_tell_one_fate() {
    let repo = Repo::new();
    let secret = filled("{{base62:20}}", "fate");
    let text = format!("DB_PASSWORD={secret}\nDB_URL=postgres://app:{secret}@db.internal.corp/app\n");
    repo.plant("a.env", text, "plant").git("switch --quiet --create side");
    repo.remove("a.env", "drop").git("switch --quiet main");
    repo.plant("b", "more\n", "second").git("merge --quiet --strategy ours -m merge side");
    let lines = repo.story("", &secret);
    assert_eq!(lines[..2], ["a.env:2:23 since plant, at HEAD", "a.env:1:13 since plant, at HEAD"], "{lines:?}");
}

#[test]
fn octopus_and_several_roots() {
    let repo = Repo::new();
    repo.plant("readme", "hello\n", "first");
    for (branch, content) in [("one", env("x")), ("two", env("y")), ("three", env("z"))] {
        repo.git(&format!("switch --quiet --orphan {branch}"));
        repo.plant(&format!("{branch}.env"), content, &format!("plant {branch}"));
        repo.git("switch --quiet main");
        repo.git(&format!("merge --quiet --allow-unrelated-histories -m with-{branch} {branch}"));
    }
    // Each of three parents has something that the others have not.
    for (branch, seed) in [("four", "u"), ("five", "v")] {
        repo.git(&format!("switch --quiet --create {branch} main~1"));
        repo.plant(&format!("{branch}.env"), env(seed), &format!("plant {branch}"));
    }
    repo.git("switch --quiet main");
    repo.git("merge --quiet -m octopus four five");
    for (branch, seed) in [("one", "x"), ("two", "y"), ("three", "z"), ("four", "u"), ("five", "v")] {
        let lines = repo.story("", &token(seed));
        assert_eq!(lines[0], format!("{branch}.env:2:7 since plant {branch}, at HEAD"));
        assert!(lines[1].contains(", at HEAD; live ") && lines[1].contains(&format!(" refs/heads/{branch}")), "{lines:?}");
    }
}

#[test]
fn message_of_a_commit() {
    let repo = Repo::new();
    repo.plant("readme", "hello\n", "first");
    repo.commit(&format!("Use the token\n\nIt is\n  {} indeed", token("x"))).plant("b", "b", "last");
    let lines = repo.story("", &token("x"));
    assert_eq!(lines[0], "<commit message>:4:3 since Use the token, at HEAD");
    assert!(lines[1].starts_with("since Use the token, ") && lines[1].ends_with("at HEAD; refs refs/heads/main"), "{lines:?}");
}

/// The same words in two messages are told each by its own commit.
#[test]
fn messages_of_commits_that_head_has_not() {
    let repo = Repo::new();
    let words = |first: &str| format!("{first}\n\nIt is {}", token("x"));
    repo.commit(&words("mine")).git("switch --quiet --orphan other");
    repo.commit(&words("other")).commit(&words("lost")).git("reset --quiet --hard HEAD~1");
    repo.git("switch --quiet main");
    let lines = repo.story("", &token("x"));
    let places = ["since mine, at HEAD", "since other", "since lost"].map(|since| format!("<commit message>:3:7 {since}"));
    assert_eq!(lines[..3], places);
    assert_eq!(repo.story("--reachable", &token("x"))[..2], places[..2]);
    assert!(repo.story("--reachable", &token("x"))[2].starts_with("since mine, "), "no third place");
}

/// Messages are searched many at once.
#[test]
fn messages_of_many_commits() {
    let repo = Repo::new();
    let mut stream = String::new();
    for i in 0..600 {
        // One message ends with a token, the next one begins with what could go on with it.
        let end = if i % 7 == 3 { format!("see {}", token(i)) } else { "nothing".to_owned() };
        let message = format!("0123{i}\n\n{}{end}", "as was said before\n".repeat(i % 31));
        stream +=
            &format!("commit refs/heads/main\ncommitter A <a@b.example> {} +0000\ndata {}\n{message}\n", 1_700_000_000 + i, message.len());
    }
    repo.feed(["fast-import", "--quiet"], stream.as_bytes());
    let found: BTreeSet<String> = repo.scan("").findings().iter().map(|f| f["secret"].as_str().unwrap().to_owned()).collect();
    assert_eq!(found, (0..600).filter(|i| i % 7 == 3).map(token).collect());
    assert_eq!(repo.story("", &token(52))[0], format!("<commit message>:{}:5 since 012352, at HEAD", 3 + 52 % 31));
}

#[test]
fn message_of_a_tag() {
    let repo = Repo::new();
    repo.plant("readme", "hello\n", "first");
    repo.run(["tag", "-a", "v1", "-m", &format!("Release\n\n{}", token("x"))]);
    repo.run(["tag", "-a", "v1-signed", "-m", "A tag of a tag", "v1"]);
    for words in ["", "--reachable", "--cache=../cache", "--cache=../cache"] {
        let lines = repo.story(words, &token("x"));
        assert_eq!(lines[0], "<tag message>:3:1", "{words}");
        assert!(lines[1].starts_with("since Release, ") && lines[1].ends_with(" days; tags v1 v1-signed"), "{lines:?}");
    }
    let text = repo.report("--color never").exits(1).out;
    for line in ["added   2024-01-02 by Committer <committer@example.org> in ", "held by   2 tags (v1, v1-signed)"] {
        assert!(text.contains(line), "{text}");
    }
    // One that nothing leads to.
    repo.git("tag -d v1 v1-signed");
    assert!(repo.story("", &token("x"))[1].ends_with(" days;"));
    repo.scan("--reachable").exits(0);
}

#[test]
fn note() {
    let repo = Repo::new();
    repo.plant("readme", "hello\n", "first");
    repo.run(["notes", "add", "-m", &env("x"), "HEAD"]);
    let lines = repo.story("", &token("x"));
    let head = repo.git("rev-parse HEAD");
    assert_eq!(lines[0], format!("{head}:2:7 since Notes added by 'git notes add'"));
    assert!(lines[1].ends_with("; live refs/notes/commits refs refs/notes/commits"), "{lines:?}");
}

#[test]
fn stash_with_index_and_untracked_files() {
    let repo = Repo::new();
    repo.plant("a.env", "a=1\n", "first");
    repo.write("staged.env", env("staged")).git("add staged.env");
    repo.write("staged.env", "gone again\n").write("a.env", env("tracked")).write("new.env", env("untracked"));
    repo.git("stash push --quiet --include-untracked");
    for (seed, path, subject) in [
        ("tracked", "a.env", "WIP on main"),
        ("staged", "staged.env", "index on main"),
        ("untracked", "new.env", "untracked files on main"),
    ] {
        let lines = repo.story("", &token(seed));
        assert!(lines[0].starts_with(&format!("{path}:2:7 since {subject}")), "{lines:?}");
        assert!(lines.last().unwrap().contains(" refs refs/stash"), "{lines:?}");
    }
}

/// A repository with something that only a reflog leads to, that nothing at all leads to, and with loose ends.
fn lost() -> Repo {
    let repo = Repo::new();
    repo.plant("readme", "hello\n", "first").plant("a.env", env("expired"), "expired").git("reset --quiet --hard HEAD~1");
    repo.git("reflog expire --expire=now --all");
    repo.plant("a.env", env("reflog"), "reset away").git("reset --quiet --hard HEAD~1");
    repo.feed(["hash-object", "-w", "--stdin"], env("dangling").as_bytes());
    repo.write("dir/b.env", env("tree")).git("add dir/b.env");
    repo.git("write-tree");
    repo.git("rm --quiet --cached dir/b.env");
    std::fs::remove_file(repo.path("dir/b.env")).unwrap();
    repo.write("c.env", env("index")).git("add c.env");
    repo.write("c.env", "gone again\n");
    repo
}

#[test]
fn what_no_ref_leads_to() {
    let repo = lost();
    let story = |seed| repo.story("", &token(seed)).join("; ");
    assert!(story("expired").starts_with("a.env:2:7 since expired; since expired, "), "{}", story("expired"));
    assert!(story("reflog").starts_with("a.env:2:7 since reset away; since reset away, "), "{}", story("reflog"));
    assert!(story("expired").ends_with(" days;"), "no ref: {}", story("expired"));
    assert!(story("dangling").starts_with("<blob ") && story("dangling").ends_with(">:2:7"), "{}", story("dangling"));
    assert_eq!(story("tree"), "dir/b.env:2:7");
    assert_eq!(story("index"), "c.env:2:7");
}

#[test]
fn reachable_leaves_out_what_no_ref_leads_to() {
    let repo = lost();
    repo.plant("c.env", "gone again\n", "without").plant("head.env", env("head"), "at head");
    let found = |words| {
        let secrets = repo.scan(words).exits(1).findings();
        secrets.iter().map(|f| f["secret"].as_str().unwrap().to_owned()).collect::<std::collections::BTreeSet<_>>()
    };
    assert_eq!(found("--reachable"), [token("head")].into());
    assert_eq!(found(""), ["head", "expired", "reflog", "dangling", "tree", "index"].map(token).into());
}

#[test]
fn names_of_refs() {
    let repo = Repo::new();
    repo.plant("readme", "hello\n", "first").git(&format!("branch {}", token("x")));
    repo.git(&format!("tag {}", token("y")));
    let lines = repo.told("", &token("x"));
    assert!(lines.iter().any(|l| l.starts_with("<ref names>:")), "{lines:?}");
    assert!(repo.told("", &token("y")).iter().any(|l| l.starts_with("<ref names>:")));
}

#[cfg(unix)]
/// The lists of refs are shared: a list for each secret would take some 400 MB.
#[test]
fn many_secrets_on_many_refs() {
    let repo = Repo::new();
    let secrets: Vec<String> = (0..1000).map(|i| format!("TOKEN={}\n", token(i))).collect();
    repo.plant("a.env", secrets.concat(), "all");
    let head = repo.git("rev-parse HEAD");
    let refs: String = ["heads", "tags"]
        .iter()
        .flat_map(|kind| (0..4000).map(move |i| (kind, i)))
        .fold(String::new(), |refs, (kind, i)| refs + &format!("{head} refs/{kind}/r{i:04}\n"));
    repo.write(".git/packed-refs", format!("# pack-refs with: peeled fully-peeled sorted \n{refs}"));
    let ran = repo.tree.keysift("scan --history --color never").peak().run().exits(1);
    assert_eq!(ran.out.matches("4000 tags (").count(), 1000, "{}", ran.err);
    assert!(ran.peak < 200 << 20, "{} MB", ran.peak >> 20);
}

#[test]
fn target_of_a_link() {
    let repo = Repo::new();
    std::os::unix::fs::symlink(format!("../{}/x", token("x")), repo.path("link")).unwrap();
    repo.commit("plant").remove("link", "drop");
    check(&repo, &["link:1:4 since plant until drop", "since plant until drop, 1 days; refs refs/heads/main"]);
}

#[test]
fn addresses_with_credentials() {
    let repo = Repo::new();
    let url = |seed: &str| format!("https://oauth2:{}@github.com/acme/app.git", token(seed));
    repo.plant(".gitmodules", format!("[submodule \"a\"]\n\tpath = a\n\turl = {}\n", url("x")), "plant").plant(".gitmodules", "", "drop");
    check(&repo, &[".gitmodules:3:23 since plant until drop", "since plant until drop, 1 days; refs refs/heads/main"]);
    repo.git(&format!("remote add origin {}", url("y")));
    let lines = repo.told("", &token("y"));
    assert!(lines.len() == 1 && lines[0].starts_with(".git/config:"), "{lines:?}");
    // The page of the commit is that of the remote, without what is secret in its address.
    let ran = repo.scan("").exits(1);
    let urls: Vec<String> = ran.findings().iter().filter_map(|f| f["occurrences"][0]["url"].as_str().map(str::to_owned)).collect();
    assert_eq!(urls, [format!("https://github.com/acme/app/commit/{}", repo.git("rev-parse HEAD~1"))]);
}

#[test]
fn tag_on_a_blob_and_on_a_tree() {
    let repo = Repo::new();
    repo.plant("readme", "hello\n", "first");
    let blob = repo.feed(["hash-object", "-w", "--stdin"], env("x").as_bytes());
    let inner = repo.feed(["hash-object", "-w", "--stdin"], env("y").as_bytes());
    let tree = repo.feed(["mktree"], format!("100644 blob {inner}\tin tree.env\n").as_bytes());
    repo.run(["tag", "blob", &blob]);
    repo.run(["tag", "-a", "-m", "annotated", "tree", &tree]);
    for words in ["", "--reachable"] {
        let ran = repo.scan(words).exits(1);
        // Nobody tells since when.
        let x = [format!("<blob {}>:2:7", &blob[..10]), "since , null days; tags blob".to_owned()];
        assert_eq!(super::told(&ran, &token("x")), x, "{words}");
        let y = super::told(&ran, &token("y"));
        assert_eq!(y[0], "in tree.env:2:7", "{words}");
        assert!(y[1].starts_with("since annotated, ") && y[1].ends_with(" days; tags tree"), "{y:?}");
    }
    let text = repo.report("--color never").exits(1).out;
    assert!(text.contains("now   in tags only\n  held by   1 tag (blob)") && !text.contains("left over"), "{text}");
}

#[test]
fn renamed_file_has_two_places() {
    let repo = Repo::new();
    repo.plant("old.env", env("x"), "plant").git("mv old.env new.env");
    repo.commit("rename").remove("new.env", "drop");
    check(
        &repo,
        &[
            "old.env:2:7 since plant until rename",
            "new.env:2:7 since rename until drop",
            "since plant until drop, 2 days; refs refs/heads/main",
        ],
    );
}

#[test]
fn one_secret_in_two_files_is_one_finding() {
    let repo = Repo::new();
    repo.write("b.env", format!("\n\n{}", env("x"))).plant("a.env", env("x"), "plant").remove("a.env", "drop");
    let lines = repo.story("", &token("x"));
    assert_eq!(&lines[..2], ["a.env:2:7 since plant until drop", "b.env:4:7 since plant, at HEAD"]);
    assert!(
        lines[2].starts_with("since plant, ") && lines[2].ends_with(", at HEAD; live refs/heads/main refs refs/heads/main"),
        "{lines:?}"
    );
}

#[test]
fn secret_that_comes_back() {
    let repo = Repo::new();
    repo.plant("a.env", env("x"), "plant").plant("a.env", "a=1\n", "drop").plant("a.env", format!("\n{}", env("x")), "again");
    repo.plant("b", "b", "other").plant("a.env", "a=2\n", "drop again");
    check(
        &repo,
        &[
            "a.env:2:7 since plant until drop",
            "a.env:3:7 since again until drop again",
            "since plant until drop again, 4 days; refs refs/heads/main",
        ],
    );
}

#[test]
fn secret_that_is_written_otherwise_stays() {
    let repo = Repo::new();
    let value = filled("{{any:a-zA-Z0-9!#%:14}}7!aQ", "rewritten");
    // Each of these is read by another operator, or between other quotes.
    repo.plant("a.yml", format!("password: {value}\n"), "plant").plant("a.yml", format!("password: \"{value}\"\n"), "quote");
    repo.plant("a.yml", format!("password = '{value}'\n"), "assign").plant("a.yml", "a: 1\n", "drop");
    let told = repo.story("", &value);
    assert_eq!(told, ["a.yml:1:11 since plant until drop", "since plant until drop, 3 days; refs refs/heads/main"]);
}

#[test]
fn commits_of_one_second_and_of_wrong_clocks_keep_their_order() {
    for dates in [[7, 7, 7, 7], [9, 7, 5, 3]] {
        for seed in 0..6 {
            let repo = Repo::new();
            let mut stream = String::new();
            let contents = [format!("seed {seed}\n"), env("x"), env("x") + "more\n", "gone\n".to_owned()];
            for (i, (content, day)) in contents.iter().zip(dates).enumerate() {
                let subject = ["first", "plant", "touch", "drop"][i];
                stream.push_str(&format!(
                    "commit refs/heads/main\nmark :{}\nauthor A <a@x> {day}000000 +0000\ncommitter A <a@x> {day}000000 +0000\ndata {}\n{subject}\nM 644 inline a.env\ndata {}\n{content}\n",
                    i + 1,
                    subject.len(),
                    content.len(),
                ));
            }
            repo.feed(["fast-import", "--quiet"], stream.as_bytes());
            check(&repo, &["a.env:2:7 since plant until drop", "since plant until drop, 0 days; refs refs/heads/main"]);
        }
    }
}

#[test]
fn utf_16_with_every_version() {
    let repo = Repo::new();
    let utf16 = |text: &str, mark: &[u8]| [mark, &text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<_>>()].concat();
    let filler = "nothing to see here, line after line\r\n".repeat(40);
    for (i, mark) in [&b"\xff\xfe"[..], b""].into_iter().enumerate() {
        repo.plant("a.reg", utf16(&format!("{filler}no={i}\r\n"), mark), &format!("first {i}"));
        repo.plant("a.reg", utf16(&format!("{filler}TOKEN={}\r\n", token(i)), mark), &format!("plant {i}"));
    }
    repo.plant("a.reg", "", "drop").git("repack --quiet -adf");
    for i in 0..2 {
        let next = if i == 0 { "first 1" } else { "drop" };
        assert_eq!(repo.story("--verify-deltas", &token(i))[0], format!("a.reg:41:7 [\"utf-16le\"] since plant {i} until {next}"));
    }
}

#[test]
fn byte_order_mark_that_comes_and_goes() {
    let repo = Repo::new();
    let filler = "nothing to see here, line after line\n".repeat(40);
    let versions = [
        ("", String::new()),
        ("\u{feff}", env("one")),
        ("", env("one")),
        ("\u{feff}", env("one") + &env("two")),
        ("\u{feff}", env("two")),
        ("", env("two")),
    ];
    for (i, (mark, text)) in versions.into_iter().enumerate() {
        repo.plant("a.env", format!("{mark}{text}{filler}"), &format!("v{i}"));
    }
    repo.git("repack --quiet -adf --depth=20");
    let ran = repo.scan("--verify-deltas").exits(1).says(", 0 differ");
    assert_eq!(super::told(&ran, &token("one"))[0], "a.env:2:7 since v1 until v4");
    assert_eq!(super::told(&ran, &token("two"))[0], "a.env:4:7 since v3, at HEAD");
}

#[test]
fn key_in_armour_edited_from_version_to_version() {
    let repo = Repo::new();
    let filler: String = (0..200).map(|i| format!("line {i} of something else\n")).collect();
    let key = |seed: &str| filled("{{pem:EC PRIVATE KEY}}", seed);
    let one = key("one");
    let lines: Vec<&str> = one.lines().collect();
    let cut = lines.len() - 1;
    // The end is away from the rest, comes nearer, a line in the middle is another one, the begin is gone.
    let headless = lines[1..].join("\n");
    let apart = format!("{}\n{filler}{}\n", lines[..cut].join("\n"), lines[cut]);
    let two = key("two");
    for (i, text) in
        [&apart, &format!("{one}\n"), &format!("{headless}\n"), &format!("{one}\n"), &format!("{two}\n"), &apart].iter().enumerate()
    {
        repo.plant("key.pem", format!("{filler}{text}{filler}"), &format!("v{i}"));
    }
    repo.git("repack --quiet -adf --depth=20");
    let ran = repo.scan("--verify-deltas").exits(1).says(", 0 differ");
    let find = |key: &str| {
        let findings = ran.findings();
        // Whatever stands between its lines, it is the same key.
        let fingerprint = Fingerprint::of(key.as_bytes()).to_string();
        let found = findings.iter().find(|f| f["fingerprint"] == *fingerprint).unwrap_or_else(|| panic!("{ran:?}"));
        super::told(&ran, found["secret"].as_str().unwrap())
    };
    let places = find(&one);
    for place in ["key.pem:201:1 since v0 until v1", "key.pem:201:1 since v1 until v2", "key.pem:201:1 since v3 until v4"] {
        assert!(places.iter().any(|p| p == place), "{places:?}");
    }
    assert_eq!(find(&two)[0], "key.pem:201:1 since v4 until v5");
}

#[test]
fn lines_that_end_otherwise() {
    let repo = Repo::new();
    let text = format!("a=1\n{}b=2\n", env("x"));
    repo.plant("a.env", &text, "plant").plant("a.env", text.replace('\n', "\r\n"), "crlf");
    repo.plant("a.env", text.replace('\n', "\r"), "cr").plant("a.env", "", "drop").git("repack --quiet -adf");
    let ran = repo.scan("--verify-deltas").exits(1).says(", 0 differ");
    assert_eq!(super::told(&ran, &token("x"))[0], "a.env:3:7 since plant until drop");
}

#[test]
fn names_in_latin_1_and_paths_of_any_bytes() {
    let repo = Repo::new();
    let blob = repo.feed(["hash-object", "-w", "--stdin"], env("x").as_bytes());
    let path = b"caf\xe9/a b\tc.env";
    let entry = [format!("100644 {blob} 0\t").as_bytes(), path, b"\0"].concat();
    repo.feed(["update-index", "-z", "--index-info"], &entry);
    let tree = repo.git("write-tree");
    let commit = [
        format!("tree {tree}\nauthor J").as_bytes(),
        b"\xfcrgen <j@x> 1000000000 -0700\ncommitter J\xfcrgen <j@x> 1000000000 -0700\nencoding ISO-8859-1\n\ngr\xfc\xdfe\n",
    ]
    .concat();
    let commit = repo.feed(["hash-object", "-t", "commit", "-w", "--stdin"], &commit);
    repo.git(&format!("update-ref refs/heads/main {commit}"));
    let ran = repo.scan("").exits(1);
    let place = &ran.findings()[0]["occurrences"][0];
    assert_eq!(
        (&place["author"], &place["date"], &place["subject"]),
        (&"Jürgen".into(), &"2001-09-08T18:46:40-07:00".into(), &"grüße".into())
    );
    assert_eq!((&place["line"], &place["commit"]), (&2.into(), &commit.as_str().into()));
    let path = place["path"].as_str().unwrap();
    assert!(path.starts_with("caf") && path.contains("a b"), "{path:?}");
}

#[test]
fn globs_count_as_for_files() {
    let repo = Repo::new();
    repo.plant("vendor/a.env", env("x"), "plant");
    assert_eq!(repo.story("--exclude other", &token("x"))[0], "vendor/a.env:2:7 since plant, at HEAD");
    repo.scan("--exclude vendor").exits(0);
    repo.scan("--include *.txt").exits(0);
}

/// It would be taken for what the scan is narrowed down to.
#[test]
fn a_file_of_a_repository_is_2() {
    let repo = Repo::new();
    repo.plant("sub/a.env", "x=1\n", "plant");
    repo.tree.rows("--history sub/a.env").exits(2).says("--include");
    repo.tree.rows("--history .git").exits(0);
}
