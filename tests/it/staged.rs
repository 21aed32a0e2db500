//! `scan --staged`: what the index adds to what the next commit's parents have, and nothing else.

use std::fs;

use crate::support::{Ran, Tree, token};

/// A repository with one commit: `a.env` with an old secret on line 2, and a file without.
fn repository() -> Tree {
    let tree = Tree::new().file("a.env", format!("# old\nOLD={}\n", token("old"))).file("src/notes.txt", "nothing\n");
    tree.git("init -q");
    tree.git("add .");
    tree.git("commit -qm first");
    tree
}

fn staged(tree: &Tree) -> Ran {
    tree.rows("--staged")
}

#[track_caller]
fn finds(tree: &Tree, places: &[&str]) {
    let ran = staged(tree).exits(i32::from(!places.is_empty()));
    let expected: Vec<String> = places.iter().map(|p| format!("github-personal-access-token {p}")).collect();
    assert_eq!(ran.places(), expected, "{ran:?}");
}

#[test]
fn only_what_is_staged_and_only_lines_it_adds() {
    let tree = repository();
    tree.write("untracked.env", format!("T={}\n", token("untracked")));
    tree.write("a.env", format!("# older\nOLD={}\nNEW={}\n", token("old"), token("new")));
    finds(&tree, &[]);
    tree.git("add a.env");
    finds(&tree, &["a.env:3:5"]);
    // What is on disk does not matter any more.
    tree.write("a.env", "clean\n");
    finds(&tree, &["a.env:3:5"]);
    let finding = &staged(&tree).findings()[0];
    assert_eq!(finding["occurrences"][0]["commit"], serde_json::Value::Null);
    assert_eq!(finding["occurrences"][0]["blob"], tree.git_says(".", "rev-parse :a.env"));
}

#[test]
fn nothing_staged_is_said_and_is_0() {
    let tree = repository();
    staged(&tree).exits(0).says("keysift: nothing is staged");
    let ran = tree.scan("--staged --quiet").exits(0);
    assert_eq!(ran.last(), "keysift: nothing is staged");
    tree.git("rm -q src/notes.txt");
    staged(&tree).exits(0).says("what is staged adds no content");
}

#[test]
fn summary_speaks_of_staged_files() {
    let tree = repository();
    tree.write("b.txt", "harmless\n");
    tree.git("add .");
    tree.scan("--staged").exits(0).says("keysift: clean; scanned 1 staged file, 9 bytes in");
    let summary = staged(&tree).summary();
    assert_eq!((&summary["files"], &summary["bytes"]), (&1.into(), &9.into()));
}

#[test]
fn partial_staging_is_what_the_index_has() {
    let tree = repository();
    tree.write("src/notes.txt", format!("nothing\nA={}\n", token("a")));
    tree.git("add .");
    tree.write("src/notes.txt", format!("nothing\nA={}\nB={}\n", token("a"), token("b")));
    finds(&tree, &["src/notes.txt:2:3"]);
}

#[test]
fn before_the_first_commit_everything_staged_is_new() {
    let tree = Tree::new().file("deep/er/a.env", format!("OLD={}\n", token("old")));
    tree.git("init -q");
    staged(&tree).exits(0).says("nothing is staged");
    tree.git("add .");
    finds(&tree, &["deep/er/a.env:1:5"]);
}

#[test]
fn intent_to_add_stages_nothing() {
    let tree = repository();
    tree.write("later.env", format!("T={}\n", token("later")));
    tree.git("add -N later.env");
    staged(&tree).exits(0).says("nothing is staged");
    tree.git("add later.env");
    finds(&tree, &["later.env:1:3"]);
}

#[test]
fn renames_are_no_news_but_what_they_change_is() {
    let tree = repository();
    tree.git("mv a.env b.env");
    staged(&tree).exits(0).says("what is staged adds no content");
    tree.write("b.env", format!("# old\nOLD={}\nNEW={}\n", token("old"), token("new")));
    tree.git("add .");
    finds(&tree, &["b.env:3:5"]);
    // A whole folder.
    let tree = repository();
    tree.write("conf/x/a.env", format!("X={}\n", token("x")));
    tree.write("conf/x/b.env", "b\n");
    tree.git("add .");
    tree.git("commit -qm conf");
    tree.git("mv conf settings");
    tree.write("settings/x/a.env", format!("X={}\nY={}\n", token("x"), token("y")));
    tree.git("add .");
    finds(&tree, &["settings/x/a.env:2:3"]);
    // A copy is a new place.
    let tree = repository();
    tree.write("copy.env", format!("# old\nOLD={}\n", token("old")));
    tree.git("add .");
    finds(&tree, &["copy.env:2:5"]);
}

#[test]
fn moved_lines_and_line_ends_are_no_news() {
    let tree = repository();
    tree.write("a.env", format!("first\n\nOLD={}\r\n# old\r\n", token("old")));
    tree.git("-c core.autocrlf=false add .");
    finds(&tree, &[]);
}

#[test]
fn a_key_is_judged_whole_and_new_where_one_line_of_it_is() {
    let key = crate::support::filled("{{pem:EC PRIVATE KEY}}", "key");
    let lines: Vec<&str> = key.lines().collect();
    let tree = Tree::new().file("key.pem", lines[1..].join("\n") + "\n");
    tree.git("init -q");
    tree.git("add .");
    tree.git("commit -qm first");
    tree.write("key.pem", key.clone() + "\n");
    tree.git("add .");
    assert_eq!(staged(&tree).exits(1).places(), ["private-key-ec key.pem:1:1"]);
    tree.git("commit -qm key");
    tree.write("key.pem", format!("# a comment\n{key}\n"));
    tree.git("add .");
    staged(&tree).exits(0);
}

#[test]
fn a_merge_adds_what_no_side_has() {
    let tree = repository();
    tree.git("checkout -qb side");
    tree.write("a.env", format!("# side\nOLD={}\nSIDE={}\n", token("old"), token("side")));
    tree.write("side.env", format!("S={}\n", token("s")));
    tree.git("add .");
    tree.git("commit -qm side");
    tree.git("checkout -q main");
    tree.write("a.env", format!("# main\nOLD={}\n", token("old")));
    tree.git("commit -qam main");
    assert!(!tree.try_git(".", &["merge", "side"], &[]).status.success(), "a conflict");
    // Unresolved: nothing is staged for the path, and that is said.
    let ran = staged(&tree).exits(0);
    assert_eq!(ran.skipped("unmerged"), 1);
    tree.write("a.env", format!("# both\nOLD={}\nSIDE={}\nEVIL={}\n", token("old"), token("side"), token("evil")));
    tree.git("add .");
    finds(&tree, &["a.env:4:6"]);
}

#[test]
fn the_index_that_git_names_is_read() {
    let tree = repository();
    tree.write("src/notes.txt", format!("T={}\n", token("t")));
    fs::copy(tree.path(".git/index"), tree.path(".git/other")).unwrap();
    let add = tree.try_git(".", &["add", "."], &[("GIT_INDEX_FILE", ".git/other")]);
    assert!(add.status.success());
    staged(&tree).exits(0).says("nothing is staged");
    let ran = tree.keysift("scan --staged").env("GIT_INDEX_FILE", ".git/other").run().exits(1);
    assert!(ran.out.contains("notes.txt"), "{ran:?}");
}

#[test]
fn git_dir_is_heeded() {
    let tree = repository();
    tree.write("b.env", format!("T={}\n", token("t")));
    tree.git("add .");
    let (folder, git) = (tree.path("src"), tree.path(".git"));
    tree.keysift("scan --staged").within(tree.home()).env("GIT_DIR", git.to_str().unwrap()).run().exits(1);
    tree.keysift("scan --staged").within(tree.home()).run().exits(2).says("is not in a git repository");
    tree.keysift("scan --staged").within(folder).run().exits(1);
}

#[test]
fn index_formats_are_all_read() {
    for format in
        ["update-index --index-version 4", "update-index --split-index", "update-index --index-version 3", "update-index --untracked-cache"]
    {
        let tree = repository();
        for i in 0..40 {
            tree.write(format!("many/f{i}"), format!("{i}\n"));
        }
        tree.git("add .");
        tree.git("commit -qm many");
        tree.git(format);
        tree.write("many/f7", format!("7\nT={}\n", token("t")));
        tree.write("many/new", format!("N={}\n", token("n")));
        tree.git("rm -q many/f8");
        tree.git("add .");
        finds(&tree, &["many/f7:2:3", "many/new:1:3"]);
        tree.git("commit -qm more");
        tree.write("a.env", "");
        tree.git("add .");
        finds(&tree, &[]);
    }
}

#[test]
fn a_sparse_index_is_read() {
    let tree = repository();
    tree.write("in/a", "a\n");
    tree.write("out/b", "b\n");
    tree.git("add .");
    tree.git("commit -qm two");
    tree.git("sparse-checkout set --cone --sparse-index in");
    tree.write("in/a", format!("a\nT={}\n", token("t")));
    tree.git("add in");
    finds(&tree, &["in/a:2:3"]);
    assert!(!tree.path("out").exists(), "the checkout is sparse");
}

#[test]
fn a_damaged_index_is_2() {
    for bytes in [&b"DIRC\0\0\0\x02\0\0\0\x09"[..], b"nonsense"] {
        let tree = repository();
        tree.write(".git/index", [bytes, &[0; 40]].concat());
        let ran = tree.scan("--staged").exits(2).says("is no index that git would write");
        assert!(ran.err.contains("git reset"), "{ran:?}");
    }
}

#[test]
fn linked_worktrees_have_an_index_of_their_own() {
    let tree = repository();
    tree.git("worktree add -q ../tree/linked -b linked");
    tree.write("linked/w.env", format!("W={}\n", token("w")));
    tree.git_in("linked", "add .");
    let ran = tree.keysift("scan --staged --format jsonl").within(tree.path("linked")).run().exits(1);
    assert_eq!(ran.paths(), ["w.env"]);
    staged(&tree).exits(0).says("nothing is staged");
}

#[test]
fn submodules_are_counted_and_not_entered() {
    let tree = repository();
    let other = Tree::leaky();
    other.git("init -q");
    other.git("add .");
    other.git("commit -qm leak");
    let url = other.path("");
    tree.git(&format!("submodule add -q {} sub", url.display()));
    let ran = staged(&tree).exits(0);
    assert_eq!(ran.skipped("submodule"), 1);
    assert!(ran.last().contains("1 submodule"), "{ran:?}");
    // Within it, it is a repository like any other.
    tree.write("sub/new.env", format!("S={}\n", token("s")));
    tree.git_in("sub", "add .");
    let ran = tree.keysift("scan --staged --format jsonl").within(tree.path("sub")).run().exits(1);
    assert_eq!(ran.paths(), ["new.env"]);
}

#[cfg(unix)]
#[test]
fn targets_of_links_are_text() {
    let tree = repository();
    std::os::unix::fs::symlink(format!("https://x:{}@github.com/", token("link")), tree.path("link")).unwrap();
    tree.git("add .");
    assert_eq!(staged(&tree).exits(1).paths(), ["link"]);
}

#[test]
fn sha256_repositories_are_read() {
    let tree = Tree::new().file("a/a.env", format!("OLD={}\n", token("old")));
    tree.git("init -q --object-format=sha256");
    tree.git("add .");
    tree.git("commit -qm first");
    tree.write("a/a.env", format!("OLD={}\nNEW={}\n", token("old"), token("new")));
    tree.git("add .");
    finds(&tree, &["a/a.env:2:5"]);
    let blob = staged(&tree).findings()[0]["occurrences"][0]["blob"].as_str().map(str::len);
    assert_eq!(blob, Some(64));
}

/// A hook may go to a folder before it calls keysift; git's variable is relative to the top all the same.
#[test]
fn an_index_named_from_the_top_is_read_from_a_folder_below() {
    let tree = repository();
    tree.write("sub/x.env", format!("T={}\n", token("x")));
    tree.git("add .");
    let within = |index: &str| tree.keysift("hook pre-commit").within(tree.path("sub")).env("GIT_INDEX_FILE", index).run();
    within(".git/index").exits(1).says("sub/x.env");
    within(".git/elsewhere").exits(2).says("there is no such file");
}

#[test]
fn paths_and_globs_narrow_down() {
    let tree = repository();
    for name in ["one.env", "src/two.env", "src/deep/three.env"] {
        tree.write(name, format!("T={}\n", token(name)));
    }
    tree.git("add .");
    let paths = |words: &str| tree.rows(&format!("--staged {words}")).exits(1).paths();
    assert_eq!(paths(""), ["one.env", "src/deep/three.env", "src/two.env"]);
    assert_eq!(paths("src"), ["src/deep/three.env", "src/two.env"]);
    assert_eq!(paths("./src/../one.env src/deep/"), ["one.env", "src/deep/three.env"]);
    assert_eq!(paths("--include three.env"), ["src/deep/three.env"]);
    assert_eq!(paths("--exclude src"), ["one.env"]);
    let within = tree.keysift("scan --staged --format jsonl deep").within(tree.path("src")).run().exits(1);
    assert_eq!(within.paths(), ["src/deep/three.env"]);
    tree.rows("--staged sr").exits(2).says("is neither in the working tree nor at HEAD");
    tree.rows("--staged ../other").exits(2).says("is not in this repository");
    let ran = tree.rows("--staged --max-file-size 10").exits(0);
    assert_eq!(ran.skipped("too-large"), 3);
    tree.scan("--staged --no-ignore").exits(2);
}

#[test]
fn ignored_files_count_once_they_are_staged() {
    let tree = repository();
    tree.write(".gitignore", "*.env\n");
    tree.write("x.env", format!("T={}\n", token("x")));
    tree.git("add -f .gitignore x.env");
    finds(&tree, &["x.env:1:3"]);
}

#[test]
fn configuration_counts_as_for_files() {
    let tree = repository();
    tree.write(".keysift.toml", "exclude = [\"x.env\"]\n");
    tree.write("x.env", format!("T={}\n", token("x")));
    tree.git("add .");
    let ran = staged(&tree).exits(0);
    assert_eq!(ran.skipped("excluded"), 1);
}

#[test]
fn sarif_and_text_know_staged_files() {
    let tree = repository();
    tree.write("src/x.env", format!("T={}\n", token("x")));
    tree.git("add .");
    let ran = tree.scan("--staged --format sarif").exits(1);
    assert!(ran.out.contains("\"src/x.env\""), "{ran:?}");
    let ran = tree.scan("--staged").exits(1);
    assert!(ran.out.contains("src/x.env") && !ran.out.contains(&token("x")), "{ran:?}");
}

/// Runs as nobody does over a repository that root owns, which git and libgit2 distrust.
#[cfg(unix)]
#[test]
fn a_repository_of_somebody_else_is_2_and_says_what_to_do() {
    // SAFETY: it only returns a number.
    if unsafe { libc::geteuid() } != 0 {
        return;
    }
    let tree = repository();
    tree.keysift("scan --staged").unprivileged(&tree).run().exits(2).says("belongs to another user").says("safe.directory");
}

#[test]
fn an_absent_object_is_no_clean_run() {
    let tree = repository();
    tree.write("b.txt", "harmless\n");
    tree.git("add .");
    let blob = tree.git_says(".", "rev-parse :b.txt");
    fs::remove_file(tree.path(format!(".git/objects/{}/{}", &blob[..2], &blob[2..]))).unwrap();
    let ran = staged(&tree).exits(3);
    assert_eq!(ran.problems(), ["absent b.txt"]);
}

/// Thousands of matches on one line of megabytes: the line is judged once.
#[test]
fn a_minified_file_takes_no_longer_than_others() {
    let tree = repository();
    let values = |from: usize| (from..from + 4_000).map(|i| format!("{{t:\"{}\"}},{}", token(i), " ".repeat(700))).collect::<String>();
    tree.write("min.js", format!("first\n{}\n", values(0)));
    tree.git("add .");
    tree.git("commit -qm min");
    tree.write("min.js", format!("changed\n{}\n{}\n", values(0), token("new")));
    tree.git("add .");
    let begin = std::time::Instant::now();
    finds(&tree, &["min.js:3:1"]);
    assert!(begin.elapsed() < std::time::Duration::from_secs(20), "{:?}", begin.elapsed());
}

#[test]
fn a_bare_repository_has_no_index() {
    let tree = Tree::new();
    tree.git("init -q --bare");
    tree.rows("--staged").exits(2).says("a bare repository has nothing staged");
}

#[test]
fn standard_input_is_no_change() {
    repository().rows("--staged -").exits(2).says("not on standard input");
}

#[test]
fn many_files_on_many_threads_are_the_same() {
    let tree = repository();
    for i in 0..200 {
        tree.write(format!("many/{i}.env"), format!("T={}\n", token(i)));
    }
    tree.git("add .");
    let of = |threads: u8| tree.rows(&format!("--staged -j {threads}")).exits(1);
    let findings = of(1).findings();
    assert_eq!(findings.len(), 200);
    assert_eq!(of(4).findings(), findings);
    assert_eq!(of(4).summary()["files"], 200);
}
