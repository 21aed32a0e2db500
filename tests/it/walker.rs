//! Which files of a tree are scanned.

use crate::support::{Tree, filled, token};

/// A tree with a secret in each of these files.
fn leaks(paths: &[&str]) -> Tree {
    paths.iter().fold(Tree::new(), |tree, path| tree.file(path, token(path)))
}

/// The same as a new git repository.
fn repository(paths: &[&str]) -> Tree {
    let tree = leaks(paths);
    tree.git("init --quiet");
    tree
}

#[track_caller]
fn check(tree: &Tree, words: &str, expected: &[&str]) {
    let ran = tree.rows(words);
    assert_eq!(ran.paths(), expected, "{ran:?}");
    assert_eq!(ran.problems(), [""; 0]);
}

#[test]
fn everything_outside_of_a_repository() {
    check(&leaks(&["a", "b/c", "node_modules/d"]), "", &["a", "b/c", "node_modules/d"]);
}

#[test]
fn hidden_files_and_folders() {
    check(&leaks(&[".env", ".config/x", ".a/.b"]), "", &[".a/.b", ".config/x", ".env"]);
}

/// However often a file is named or walked over, it is scanned and counted once.
#[test]
fn roots_within_each_other() {
    let tree = repository(&["a", "src/b", "src/in/c", "build/d", "kept/t"]).file(".gitignore", "build/\nt\n");
    tree.git("add -f kept/t");
    let once = |words: &str, files: u64, expected: &[&str]| {
        let ran = tree.rows(words);
        assert_eq!(ran.paths(), expected, "{words}: {ran:?}");
        assert_eq!((ran.places().len(), &ran.summary()["files"]), (expected.len(), &files.into()), "{words}: {ran:?}");
        ran
    };
    let all = ["a", "kept/t", "src/b", "src/in/c"];
    // The ignore file is one, too.
    let bytes = once("", 5, &all).summary()["bytes"].clone();
    for words in [". src", "src/in . src/in", ". ./src src/ src/b", ". kept", ". ."] {
        assert_eq!(once(words, 5, &all).summary()["bytes"], bytes, "{words}");
    }
    once("src src", 2, &["src/b", "src/in/c"]);
    once("src src/in", 2, &["src/b", "src/in/c"]);
    // Whoever names what an ignore file names wants it scanned.
    once(". build", 6, &["a", "build/d", "kept/t", "src/b", "src/in/c"]);
    // What is left out is counted once, too; but a file that is named is scanned.
    assert_eq!(once(". src --exclude in", 4, &["a", "kept/t", "src/b"]).skipped("excluded"), 1);
    once("src src/in/c --exclude c", 2, &["src/b", "src/in/c"]);
}

#[test]
fn gitignore_counts_in_a_repository() {
    let tree = repository(&["a.log", "b.env", "build/c"]).file(".gitignore", "*.log\nbuild/\n");
    check(&tree, "", &["b.env"]);
}

#[test]
fn gitignore_counts_only_in_a_repository() {
    check(&leaks(&["a.log"]).file(".gitignore", "*.log\n"), "", &["a.log"]);
}

#[test]
fn gitignores_of_folders_above_and_below_count() {
    let tree = repository(&["sub/a.log", "sub/b.tmp", "sub/c"]).file(".gitignore", "*.log\n").file("sub/.gitignore", "*.tmp\n");
    check(&tree, "", &["sub/c"]);
    check(&tree, "sub", &["c"]);
}

#[test]
fn exceptions_in_gitignore_count() {
    let tree = repository(&["a.env", "b.env"]).file(".gitignore", "*.env\n!b.env\n");
    check(&tree, "", &["b.env"]);
}

#[test]
fn exclude_file_of_the_repository_counts() {
    let tree = repository(&["a.log", "b"]).file(".git/info/exclude", "*.log\n");
    check(&tree, "", &["b"]);
}

#[test]
fn ignore_file_counts_everywhere() {
    check(&leaks(&["a.log", "b"]).file(".ignore", "*.log\n"), "", &["b"]);
}

#[test]
fn no_ignore_scans_what_is_ignored() {
    let tree = repository(&["a.log", "build/c", "d"]).file(".gitignore", "*.log\nbuild/\n").file(".ignore", "d\n");
    check(&tree, "--no-ignore", &["a.log", "build/c", "d"]);
}

#[test]
fn tracked_file_that_an_ignore_rule_names_is_scanned() {
    let tree = repository(&["tracked.log", "untracked.log"]).file(".gitignore", "*.log\n");
    tree.git("add --force tracked.log");
    check(&tree, "", &["tracked.log"]);
    assert_eq!(tree.rows("").summary()["files"], 2, "each once");
}

#[test]
fn tracked_file_in_an_ignored_folder_is_scanned() {
    let tree = repository(&["build/in/tracked", "build/in/untracked"]).file(".gitignore", "build/\n");
    tree.git("add --force build/in/tracked");
    check(&tree, "", &["build/in/tracked"]);
    check(&tree, "build", &["in/tracked", "in/untracked"]);
}

#[test]
fn tracked_files_of_a_scanned_subfolder_are_scanned() {
    let tree = repository(&["a.log", "sub/b.log", "sub/c.log", "sub/deep/d.log"]).file(".gitignore", "*.log\n");
    tree.git("add --force a.log sub/b.log sub/deep/d.log");
    check(&tree, "sub", &["b.log", "deep/d.log"]);
    check(&tree, "./sub/", &["b.log", "deep/d.log"]);
    check(&tree, "sub a.log", &["a.log", "sub/b.log", "sub/deep/d.log"]);
}

#[test]
fn tracked_files_of_the_working_folder_are_scanned() {
    let tree = repository(&["a.log", "sub/b.log", "sub/c.log"]).file(".gitignore", "*.log\n");
    tree.git("add --force a.log sub/b.log");
    let ran = tree.keysift("scan --format jsonl").within(tree.path("sub")).run();
    assert_eq!(ran.paths(), ["b.log"], "{ran:?}");
}

#[test]
fn tracked_files_heed_include_and_exclude() {
    let tree = repository(&["a.log", "b.log", "x/c.log"]).file(".gitignore", "*.log\n");
    tree.git("add --force a.log b.log x/c.log");
    check(&tree, "--exclude b.log --exclude x", &["a.log"]);
    check(&tree, "--include b.log", &["b.log"]);
}

#[test]
fn tracked_file_that_was_deleted_is_no_problem() {
    let tree = repository(&["a.log"]).file(".gitignore", "*.log\n").file("b", "b");
    tree.git("add --force a.log");
    std::fs::remove_file(tree.path("a.log")).unwrap();
    tree.scan("").exits(0);
}

#[test]
fn git_folder_is_never_scanned() {
    let tree = repository(&["a"]).file(".git/description", token(1)).file(".git/hooks/x", token(2));
    check(&tree, "", &["a"]);
    check(&tree, "--no-ignore", &["a"]);
}

#[test]
fn nested_repository_has_its_own_rules_and_index() {
    let tree = repository(&["inner/a.log", "inner/b.tmp", "inner/c.tmp", "d.log"])
        .file(".gitignore", "*.log\n")
        .file("inner/.gitignore", "*.tmp\n");
    tree.git_in("inner", "init --quiet");
    tree.git_in("inner", "add --force b.tmp");
    // The outer rules end where another repository begins.
    check(&tree, "", &["inner/a.log", "inner/b.tmp"]);
}

#[test]
fn worktree_knows_its_tracked_files() {
    let tree = Tree::new().file("main/.gitignore", "*.log\n").file("main/a.log", token(1));
    tree.git_in("main", "init --quiet");
    tree.git_in("main", "add --force a.log .gitignore");
    tree.git_in("main", "commit --quiet --message=first");
    tree.git_in("main", "worktree add --quiet ../other");
    tree.write("other/b.log", token(2));
    check(&tree, "other", &["a.log"]);
}

#[test]
fn include_takes_only_what_matches() {
    let tree = leaks(&["a.env", "b.txt", "src/c.txt", "src/deep/d.txt", "e/src.txt"]);
    check(&tree, "--include *.env", &["a.env"]);
    check(&tree, "--include src", &["src/c.txt", "src/deep/d.txt"]);
    check(&tree, "--include *.env --include e", &["a.env", "e/src.txt"]);
}

#[test]
fn exclude_leaves_out_and_counts() {
    let tree = leaks(&["a.env", "b.txt", "vendor/c.txt", "x/vendor/d.txt"]);
    check(&tree, "--exclude vendor --exclude *.env", &["b.txt"]);
    assert_eq!(tree.rows("--exclude vendor --exclude *.env").says("3 excluded").skipped("excluded"), 3);
}

#[test]
fn configuration_excludes_too() {
    let tree = leaks(&["a.env", "b.txt", "c"]).file(".keysift.toml", "exclude = [\"*.env\"]\n");
    check(&tree, "--exclude *.txt", &["c"]);
    check(&tree, "--no-config", &["a.env", "b.txt", "c"]);
}

#[test]
fn globs_of_a_configuration_mean_the_same_whichever_folder_is_scanned() {
    let tree = repository(&["src/vendor/a", "src/b", "vendor/c"]).file(".keysift.toml", "exclude = [\"src/vendor\"]\n");
    check(&tree, "", &["src/b", "vendor/c"]);
    check(&tree, "src vendor", &["src/b", "vendor/c"]);
    check(&tree, "src", &["b"]);
    let within = |folder: &str, words: &str| tree.keysift(words).within(tree.path(folder)).run().exits(1).paths();
    assert_eq!(within("src", "scan --format jsonl"), ["b"]);
    // What is named is wanted.
    check(&tree, "src/vendor", &["a"]);
    tree.git("add .");
    for words in ["--staged", "--history"] {
        assert_eq!(within("src", &format!("scan --format jsonl {words}")), ["src/b", "vendor/c"], "{words}");
    }
    // A configuration within the repository is for its own folder.
    tree.write("vendor/.keysift.toml", "exclude = [\"/c\"]\n");
    assert_eq!(within("vendor", "scan --format jsonl --staged"), ["src/b", "src/vendor/a"]);
}

/// Where a checkout lies says nothing of the files in it.
#[test]
fn folders_above_a_repository_do_not_grade_what_is_in_it() {
    let tree = Tree::new();
    let content = filled("API_TOKEN={{base62:32}}\n", "graded");
    for path in ["tests/app/x.env", "tests/app/docs/x.md", "examples/y.env"] {
        tree.write(path, &content);
    }
    tree.git("init -q tests/app");
    let grade = |file: &str, folder: &str| {
        let file = tree.path(file).display().to_string();
        let ran = tree.keysift(&format!("scan -c low --format jsonl {file}")).within(tree.path(folder)).run().exits(1);
        let explained = tree.keysift(&format!("explain {file}:1")).within(tree.path(folder)).run().exits(0).out;
        let grade = ran.findings()[0]["confidence"].as_str().unwrap().to_owned();
        assert!(explained.contains(&format!(", {grade} confidence")), "{explained}");
        grade
    };
    for folder in ["tests/app", "examples"] {
        assert_eq!(grade("tests/app/x.env", folder), "medium", "{folder}");
        assert_eq!(grade("tests/app/docs/x.md", folder), "low", "{folder}");
    }
    // Outside of any repository the file's own name is all there is.
    assert_eq!(grade("examples/y.env", "tests/app"), "medium");
}

#[test]
fn configuration_of_a_scanned_folder_elsewhere_has_no_say() {
    let tree = leaks(&["theirs/a"]).file("theirs/.keysift.toml", "exclude = [\"*\"]\n");
    check(&tree, "theirs", &["a"]);
}

#[test]
fn configuration_of_the_repository_counts_in_its_folders() {
    let tree = repository(&["sub/a.env", "sub/b"]).file(".keysift.toml", "exclude = [\"*.env\"]\n");
    let ran = tree.keysift("scan --format jsonl").within(tree.path("sub")).run().says("keysift: settings from ");
    assert_eq!(ran.paths(), ["b"]);
}

#[test]
fn configuration_above_a_repository_has_no_say_nor_above_what_is_none() {
    let tree = leaks(&["plain/a.env", "bare.git/hooks/a.env", "repository/sub/a.env"]).file(".keysift.toml", "exclude = [\"*.env\"]\n");
    tree.git("init -q --bare bare.git");
    tree.git("init -q repository");
    for folder in ["plain", "bare.git/hooks", "repository/sub"] {
        let ran = tree.keysift("scan --format jsonl").within(tree.path(folder)).run();
        assert_eq!(ran.paths(), ["a.env"], "{folder}: {ran:?}");
    }
    tree.write("bare.git/.keysift.toml", "exclude = [\"*.env\"]\n");
    tree.keysift("scan").within(tree.path("bare.git/hooks")).run().exits(0).says("settings from ");
}

#[test]
fn max_file_size_leaves_out_and_counts() {
    let tree = leaks(&["small"]).file("large", format!("{}{}", token(1), " ".repeat(2000)));
    check(&tree, "--max-file-size 1k", &["small"]);
    assert_eq!(tree.rows("--max-file-size 1k").says("1 over --max-file-size").skipped("too-large"), 1);
    check(&tree, "--max-file-size 2KiB", &["large", "small"]);
    check(&tree.file(".keysift.toml", "max-file-size = \"40\"\n"), "", &["small"]);
}

#[test]
fn several_roots_keep_their_names() {
    let tree = leaks(&["one/a", "two/b", "c", "three/d"]);
    check(&tree, "one two c", &["c", "one/a", "two/b"]);
    check(&tree, "./one c", &["c", "one/a"]);
}

#[test]
fn file_given_by_name_is_scanned_though_ignored() {
    let tree = repository(&["a.log"]).file(".gitignore", "*.log\n");
    check(&tree, "a.log", &["a.log"]);
}

#[test]
fn nothing_to_look_at_is_said() {
    let ran = Tree::new().scan("").exits(0);
    assert_eq!(ran.last(), "keysift: nothing was looked at: there were no files");
    let ran = leaks(&["a"]).scan("--exclude a").exits(0);
    assert_eq!(ran.last(), "keysift: nothing was looked at: 1 excluded");
}

#[test]
fn broken_repository_is_a_problem_and_the_rest_is_scanned() {
    let tree = repository(&["a"]).file(".git/index", "DIRC nonsense");
    let ran = tree.rows("").exits(1);
    assert_eq!((ran.paths(), ran.problems()), (vec!["a".to_owned()], vec!["index .".to_owned()]), "{ran:?}");
}

/// Who sends an archive with a `.git` folder chooses what its index says.
#[cfg(unix)]
mod hostile_index {
    use super::*;
    use std::fs;

    /// A repository at `repo`, beside `outside/leak`, with an index that names `path`.
    fn tree(path: &str) -> Tree {
        let tree = leaks(&["outside/leak"]).file("repo/.gitignore", "*\n");
        tree.git_in("repo", "init --quiet");
        // As long as the path to be, for the index knows lengths.
        let innocent = "a".repeat(path.len());
        tree.write(format!("repo/{innocent}"), "a");
        tree.git_in("repo", &format!("add --force {innocent}"));
        let mut index = fs::read(tree.path("repo/.git/index")).unwrap();
        let at = index.windows(path.len()).position(|w| w == innocent.as_bytes()).expect("the index has the name");
        index[at..at + path.len()].copy_from_slice(path.as_bytes());
        let body = index.len() - 20;
        let sum = sha1(&index[..body]);
        index[body..].copy_from_slice(&sum);
        fs::write(tree.path("repo/.git/index"), index).unwrap();
        fs::remove_file(tree.path(format!("repo/{innocent}"))).unwrap();
        tree
    }

    /// As RFC 3174 has it: a hostile index is signed like any other.
    fn sha1(bytes: &[u8]) -> [u8; 20] {
        let mut padded = bytes.to_vec();
        padded.push(0x80);
        padded.resize((padded.len() + 8).next_multiple_of(64) - 8, 0);
        padded.extend((bytes.len() as u64 * 8).to_be_bytes());
        let mut h: [u32; 5] = [0x6745_2301, 0xefcd_ab89, 0x98ba_dcfe, 0x1032_5476, 0xc3d2_e1f0];
        for block in padded.chunks_exact(64) {
            let mut w: Vec<u32> = block.chunks_exact(4).map(|c| u32::from_be_bytes([c[0], c[1], c[2], c[3]])).collect();
            (16..80).for_each(|i| w.push((w[i - 3] ^ w[i - 8] ^ w[i - 14] ^ w[i - 16]).rotate_left(1)));
            let [mut a, mut b, mut c, mut d, mut e] = h;
            for (i, word) in w.iter().enumerate() {
                let (f, k) = match i {
                    0..20 => (b & c | !b & d, 0x5a82_7999),
                    20..40 => (b ^ c ^ d, 0x6ed9_eba1),
                    40..60 => (b & c | b & d | c & d, 0x8f1b_bcdc),
                    _ => (b ^ c ^ d, 0xca62_c1d6),
                };
                let next = a.rotate_left(5).wrapping_add(f).wrapping_add(e).wrapping_add(k).wrapping_add(*word);
                (a, b, c, d, e) = (next, a, b.rotate_left(30), c, d);
            }
            for (sum, part) in h.iter_mut().zip([a, b, c, d, e]) {
                *sum = sum.wrapping_add(part);
            }
        }
        let mut out = [0; 20];
        out.chunks_exact_mut(4).zip(h).for_each(|(o, part)| o.copy_from_slice(&part.to_be_bytes()));
        out
    }

    #[test]
    fn path_through_a_link_leads_nowhere() {
        let tree = tree("link/leak");
        std::os::unix::fs::symlink("../outside", tree.path("repo/link")).unwrap();
        assert_eq!(tree.rows("repo").paths(), [""; 0]);
        assert_eq!(tree.rows("repo outside").paths(), ["outside/leak"]);
    }

    #[test]
    fn path_upwards_leads_nowhere() {
        assert_eq!(tree("../outside/leak").rows("repo").paths(), [""; 0]);
        assert_eq!(tree("x/../../outside/leak").rows("repo").paths(), [""; 0]);
    }

    #[test]
    fn absolute_path_leads_nowhere() {
        let outside = leaks(&["leak"]);
        let path = outside.path("leak").to_str().unwrap().to_owned();
        assert_eq!(tree(&path).rows("repo").paths(), [""; 0]);
    }

    #[test]
    fn innocent_path_still_leads_to_its_file() {
        let tree = tree("folder/leak").file("repo/folder/leak", token(1));
        assert_eq!(tree.rows("repo").paths(), ["folder/leak"]);
    }
}
