//! `keysift hook`, started by git itself.

use std::fs;
use std::path::Path;
use std::process::Output;

use crate::support::{Tree, filled, token};

/// A repository with one commit and the hooks of `keysift init --pre-push` in place.
fn repository() -> Tree {
    hooked("init -q")
}

fn hooked(init: &str) -> Tree {
    let tree = Tree::new().file("a.txt", "harmless\n");
    tree.git(init);
    tree.keysift("init --pre-push").run().exits(0);
    tree.git("add .");
    tree.git("commit -qm first");
    tree
}

/// What git, and with it the hook, said.
fn said(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).expect("UTF-8")
}

/// Runs git in the tree; it must be stopped by a hook that speaks of `path`.
#[track_caller]
fn stopped(tree: &Tree, words: &[&str], path: &str) -> String {
    let output = tree.try_git(".", words, &[]);
    let said = said(&output);
    assert!(!output.status.success() && said.contains(path) && said.contains("was stopped"), "{output:?}");
    assert!(!said.contains("--no-verify"), "not the first advice: {said}");
    said
}

/// Runs git in the tree; it must pass, with the hook silent.
#[track_caller]
fn passes(tree: &Tree, words: &[&str]) {
    let output = tree.try_git(".", words, &[]);
    let said = said(&output);
    assert!(output.status.success() && !said.contains("keysift"), "{output:?}");
}

fn leak(tree: &Tree, path: &str) {
    tree.write(path, format!("T={}\n", token(path)));
}

fn head(tree: &Tree) -> String {
    tree.git_says(".", "rev-parse HEAD")
}

#[test]
fn a_commit_is_stopped_and_none_is_made() {
    let tree = repository();
    let before = head(&tree);
    leak(&tree, "b.env");
    tree.git("add .");
    let said = stopped(&tree, &["commit", "-qm", "x"], "b.env");
    assert!(!said.contains(&token("b.env")) && said.contains("1:3") && said.contains("scanned 1 staged file"), "{said}");
    assert_eq!(head(&tree), before);
    tree.write("b.env", "clean\n");
    stopped(&tree, &["commit", "-qm", "x"], "b.env");
    tree.git("add .");
    passes(&tree, &["commit", "-qm", "x"]);
}

#[test]
fn commit_a_and_commit_file_have_an_index_of_their_own() {
    let tree = repository();
    leak(&tree, "a.txt");
    stopped(&tree, &["commit", "-qam", "x"], "a.txt");
    stopped(&tree, &["commit", "-qm", "x", "a.txt"], "a.txt");
    // What is staged beside the file that is committed is not committed.
    leak(&tree, "other.env");
    tree.git("add other.env");
    tree.write("a.txt", "changed\n");
    passes(&tree, &["commit", "-qm", "x", "a.txt"]);
    stopped(&tree, &["commit", "-qm", "x"], "other.env");
}

#[test]
fn a_first_commit_is_stopped() {
    let tree = Tree::new();
    tree.git("init -q");
    tree.keysift("init").run().exits(0);
    leak(&tree, "b.env");
    tree.git("add .");
    stopped(&tree, &["commit", "-qm", "x"], "b.env");
}

#[test]
fn an_old_secret_does_not_stop_a_commit_and_a_message_of_its_own_is_given_where_nothing_is_staged() {
    let tree = repository();
    leak(&tree, "b.env");
    tree.git("add .");
    tree.git("commit -qnm leak");
    tree.write("b.env", format!("# more\nT={}\n", token("b.env")));
    passes(&tree, &["commit", "-qam", "x"]);
    let empty = tree.try_git(".", &["commit", "-q", "--allow-empty", "-m", "empty"], &[]);
    assert!(empty.status.success());
    assert_eq!(said(&empty), "keysift: nothing is staged\n");
}

#[test]
fn linked_worktrees_and_folders_below_the_top() {
    let tree = repository();
    tree.git("worktree add -q ../tree/linked -b linked");
    leak(&tree, "linked/w.env");
    tree.git_in("linked", "add .");
    let output = tree.try_git("linked", &["commit", "-qm", "x"], &[]);
    assert!(!output.status.success() && said(&output).contains("w.env"), "{output:?}");
    tree.git("worktree remove --force linked");
    leak(&tree, "deep/er/b.env");
    tree.git("add .");
    let output = tree.try_git("deep/er", &["commit", "-qm", "x"], &[]);
    assert!(!output.status.success() && said(&output).contains("deep/er/b.env"), "{output:?}");
}

#[test]
fn merges_are_judged_against_all_parents() {
    let tree = repository();
    tree.git("checkout -qb side");
    leak(&tree, "side.env");
    tree.write("a.txt", "side\n");
    tree.git("add .");
    tree.git("commit -qnm side");
    tree.git("checkout -q main");
    tree.write("a.txt", "main\n");
    tree.git("commit -qam main");
    assert!(!tree.try_git(".", &["merge", "-q", "side"], &[]).status.success(), "a conflict");
    tree.write("a.txt", format!("both\nE={}\n", token("evil")));
    tree.git("add .");
    let said = stopped(&tree, &["commit", "-qm", "merge"], "a.txt");
    assert!(!said.contains("side.env"), "{said}");
    tree.write("a.txt", "both\n");
    tree.git("add .");
    passes(&tree, &["commit", "-qm", "merge"]);
}

#[test]
fn a_merge_without_conflict_brings_nothing_of_its_own() {
    let tree = repository();
    fs::copy(tree.path(".git/hooks/pre-commit"), tree.path(".git/hooks/pre-merge-commit")).unwrap();
    tree.git("checkout -qb side");
    leak(&tree, "side.env");
    tree.git("add .");
    tree.git("commit -qnm side");
    tree.git("checkout -q main");
    tree.write("b.txt", "main\n");
    tree.git("add .");
    tree.git("commit -qm main");
    let merge = tree.try_git(".", &["merge", "-q", "--no-edit", "side"], &[]);
    assert!(merge.status.success(), "{merge:?}");
}

#[test]
fn configuration_counts() {
    let tree = repository();
    tree.write(".keysift.toml", "exclude = [\"*.env\"]\n");
    leak(&tree, "b.env");
    tree.git("add .");
    let commit = tree.try_git(".", &["commit", "-qm", "x"], &[]);
    assert!(commit.status.success(), "{commit:?}");
    tree.write(".keysift.toml", "nonsense = 1\n");
    tree.write("c.txt", "c\n");
    tree.git("add .");
    let commit = tree.try_git(".", &["commit", "-qm", "x"], &[]);
    assert!(!commit.status.success() && said(&commit).contains(".keysift.toml:1") && said(&commit).contains("--no-verify"), "{commit:?}");
}

#[test]
fn trouble_of_ours_names_the_way_round() {
    let tree = repository();
    tree.write("b.txt", "harmless\n");
    tree.git("add .");
    let blob = tree.git_says(".", "rev-parse :b.txt");
    fs::remove_file(tree.path(format!(".git/objects/{}/{}", &blob[..2], &blob[2..]))).unwrap();
    let ran = tree.keysift("hook pre-commit").run().exits(3).says("b.txt: absent");
    assert!(ran.err.contains("git commit --no-verify") && ran.out.is_empty(), "{ran:?}");
    tree.keysift("hook pre-commit").within(tree.home()).run().exits(2).says("not in a git repository");
    tree.keysift("hook pre-commit --no-such-flag").run().exits(2);
}

#[test]
fn file_names_are_a_filter() {
    let tree = repository();
    leak(&tree, "b.env");
    leak(&tree, "c.env");
    tree.git("add .");
    let ran = tree.keysift("hook pre-commit c.env").run().exits(1);
    assert!(ran.err.contains("c.env") && !ran.err.contains("b.env"), "{ran:?}");
    tree.keysift("hook pre-commit a.txt").run().exits(0);
    tree.git("commit -qnm leaks");
    tree.keysift("hook pre-commit c.env").run().exits(0).says("nothing is staged").says("the files named were not looked at");
}

/// The framework shows nothing of a hook that passes: over files with a leak it must not.
#[test]
fn run_by_hand_over_all_files_it_reads_them() {
    let tree = repository();
    leak(&tree, "sub/b.env");
    tree.git("add .");
    tree.git("commit -qnm leaks");
    let by_hand = || tree.keysift("hook pre-commit").env("PRE_COMMIT", "1");
    by_hand().run().exits(1).says("sub/b.env").says("nothing is staged, so all files were scanned");
    by_hand().within(tree.path("sub")).run().exits(1).says("sub/b.env");
    // Git has started it: a commit of nothing new is none of that.
    by_hand().env("GIT_INDEX_FILE", ".git/index").run().exits(0).says("nothing is staged");
    tree.write(".keysift.toml", "exclude = [\"sub\"]\n");
    by_hand().run().exits(0);
}

#[test]
fn the_pre_commit_framework_may_name_a_range() {
    let tree = repository();
    leak(&tree, "b.env");
    tree.git("add .");
    tree.git("commit -qnm leak");
    let run = |from: &str| tree.keysift("hook pre-commit").env("PRE_COMMIT_FROM_REF", from).env("PRE_COMMIT_TO_REF", "HEAD").run();
    let ran = run("HEAD~1").exits(1).says("b.env");
    assert!(!ran.err.contains("the commit was stopped"), "{ran:?}");
    run("HEAD").exits(0).says("there are no commits");
}

// Pushes.

/// A repository with hooks, and an empty bare one that `origin` names.
fn pair() -> Tree {
    let tree = repository();
    tree.git("init -q --bare ../origin.git");
    tree.git(&format!("remote add origin {}", tree.path("../origin.git").display()));
    tree.git("push -q origin main");
    tree
}

fn commit_leak(tree: &Tree, path: &str) {
    leak(tree, path);
    tree.git(&format!("add {path}"));
    tree.git(&format!("commit -qnm {path}"));
}

#[test]
fn a_push_is_stopped_for_what_the_remote_has_not() {
    let tree = pair();
    commit_leak(&tree, "b.env");
    let said = stopped(&tree, &["push", "-q", "origin", "main"], "b.env");
    assert!(said.contains("git rebase") && said.contains("1 commit, 1 blob"), "{said}");
    // Gone from the tree, but not from what is pushed.
    tree.git("rm -q b.env");
    tree.git("commit -qm gone");
    stopped(&tree, &["push", "-q", "origin", "main"], "b.env");
    tree.git("push -q --no-verify origin main");
    // What the remote has is its own affair, also on another branch.
    tree.write("c.txt", "c\n");
    tree.git("add c.txt");
    tree.git("commit -qm c");
    passes(&tree, &["push", "-q", "origin", "main"]);
    tree.git("checkout -qb topic");
    tree.write("d.txt", "d\n");
    tree.git("add d.txt");
    tree.git("commit -qm d");
    passes(&tree, &["push", "-q", "origin", "topic"]);
}

#[test]
fn a_new_branch_brings_what_no_branch_of_the_remote_has() {
    let tree = pair();
    tree.git("checkout -qb topic");
    commit_leak(&tree, "b.env");
    stopped(&tree, &["push", "-q", "origin", "topic"], "b.env");
    // Another remote has nothing yet: all of history is new to it.
    tree.git("push -q --no-verify origin topic");
    tree.git("init -q --bare ../public.git");
    tree.git(&format!("remote add public {}", tree.path("../public.git").display()));
    stopped(&tree, &["push", "-q", "public", "topic"], "b.env");
    // Also where it is named by its URL alone; a URL that a remote has is that remote.
    let url = tree.path("../public.git").display().to_string();
    stopped(&tree, &["push", "-q", &url, "topic"], "b.env");
    let known = tree.path("../origin.git").display().to_string();
    let output = tree.try_git(".", &["push", "-q", &known, "topic:other"], &[]);
    assert!(output.status.success(), "{output:?}");
}

#[test]
fn several_refs_deletions_and_tags() {
    let tree = pair();
    tree.git("branch clean");
    tree.git("checkout -qb dirty");
    commit_leak(&tree, "b.env");
    stopped(&tree, &["push", "-q", "origin", "clean", "dirty"], "b.env");
    tree.git("push -q --no-verify origin dirty");
    let output = tree.try_git(".", &["push", "-q", "origin", ":dirty"], &[]);
    assert!(output.status.success(), "{output:?}");
    tree.git("checkout -q main");
    let message = format!("release\n\ntoken={}\n", token("tag"));
    assert!(tree.try_git(".", &["tag", "-a", "v1", "-m", &message], &[]).status.success());
    let said = stopped(&tree, &["push", "-q", "origin", "v1"], "<tag message>");
    assert!(said.contains("3:7") && said.contains("git tag -d TAG") && !said.contains("git rebase"), "{said}");
    // A tag of a commit that no branch has.
    tree.git("checkout -q --detach");
    commit_leak(&tree, "t.env");
    tree.git("tag light");
    stopped(&tree, &["push", "-q", "origin", "light"], "t.env");
    // A tag of a blob.
    leak(&tree, "blob");
    let blob = tree.git_says(".", "hash-object -w blob");
    tree.git(&format!("tag blob {blob}"));
    stopped(&tree, &["push", "-q", "origin", "blob"], "refs/tags/blob");
}

/// Names are told to everybody who fetches.
#[test]
fn names_of_new_refs_are_looked_at() {
    let tree = pair();
    let name = format!("fix-{}", token("branch"));
    tree.git(&format!("branch {name}"));
    let said = stopped(&tree, &["push", "-q", "origin", &name], "<ref names>");
    assert!(said.contains("git branch -m") && !said.contains("git rebase") && said.contains("1 secret in 1 file"), "{said}");
    // Among others, and with commits of their own.
    tree.git("checkout -qb topic");
    commit_leak(&tree, "b.env");
    tree.git("tag light");
    let said = stopped(&tree, &["push", "-q", "origin", "topic", "light", &format!("main:{name}")], "<ref names>");
    assert!(said.contains("b.env") && said.contains("git rebase") && said.contains("git branch -m"), "{said}");
    // One that the remote has is its own affair, and so is one that goes.
    tree.git(&format!("push -q --no-verify origin main:{name}"));
    tree.git("checkout -q main");
    tree.write("c.txt", "c\n");
    tree.git("add c.txt");
    tree.git("commit -qm c");
    let pushed = tree.try_git(".", &["push", "-q", "origin", &format!("main:{name}")], &[]);
    assert!(pushed.status.success(), "{pushed:?}");
    let deleted = tree.try_git(".", &["push", "-q", "origin", &format!(":{name}")], &[]);
    assert!(deleted.status.success(), "{deleted:?}");
}

#[test]
fn a_forced_push_brings_what_the_old_tip_had_not() {
    let tree = pair();
    commit_leak(&tree, "old.env");
    tree.git("push -q --no-verify origin main");
    assert!(tree.try_git(".", &["commit", "-qn", "--amend", "-m", "again"], &[]).status.success());
    tree.write("c.txt", "c\n");
    tree.git("add c.txt");
    tree.git("commit -qm c");
    // The amended commit has another id, so it is new, and so is what it adds.
    stopped(&tree, &["push", "-qf", "origin", "main"], "old.env");
    tree.git("reset -q --hard HEAD~2");
    commit_leak(&tree, "new.env");
    let said = stopped(&tree, &["push", "-qf", "origin", "main"], "new.env");
    assert!(!said.contains("old.env"), "{said}");
}

#[test]
fn an_old_tip_that_is_not_here_is_no_obstacle() {
    let tree = pair();
    commit_leak(&tree, "b.env");
    let line = format!("refs/heads/main {} refs/heads/main {}\n", head(&tree), "1".repeat(40));
    let push = |words: &str| tree.keysift(&format!("hook pre-push {words}"));
    let ran = push("origin url").stdin(line).run().exits(1);
    assert!(ran.err.contains("scanned 1 commit"), "{ran:?}");
    push("origin url").stdin("").run().exits(0).says("nothing is pushed");
    push("origin url").stdin("what is this\n").run().exits(2).says("no line that git gives").says("git push --no-verify");
    let absent = format!("x {} y {}\n", "2".repeat(40), "0".repeat(40));
    push("origin url").stdin(absent).run().exits(2).says("is not there");
}

#[test]
fn pushes_under_the_pre_commit_framework() {
    let tree = pair();
    commit_leak(&tree, "b.env");
    let old = tree.git_says(".", "rev-parse HEAD~1");
    let push = || tree.keysift("hook pre-push").env("PRE_COMMIT", "1").env("PRE_COMMIT_REMOTE_NAME", "origin");
    push().env("PRE_COMMIT_FROM_REF", &old).env("PRE_COMMIT_TO_REF", &head(&tree)).run().exits(1).says("b.env");
    push().env("PRE_COMMIT_LOCAL_BRANCH", "refs/heads/main").run().exits(1).says("scanned 1 commit,");
    push().env("PRE_COMMIT_FROM_REF", &old).env("PRE_COMMIT_TO_REF", &old).run().exits(0);
    push().env("PRE_COMMIT_TO_REF", "nope").run().exits(2).says("no revision");
}

// Servers.

/// A repository, and a bare one that `origin` names and whose pre-receive hook calls keysift with `words`.
fn server(init: &str, words: &str) -> Tree {
    let tree = Tree::new().file("a.txt", "harmless\n");
    tree.git(&format!("init -q {init}"));
    tree.git("add .");
    tree.git("commit -qm first");
    tree.git(&format!("init -q --bare {init} ../origin.git"));
    tree.git(&format!("remote add origin {}", tree.path("../origin.git").display()));
    tree.keysift("init").within(tree.path("../origin.git")).run().exits(0);
    let hook = tree.path("../origin.git/hooks/pre-receive");
    let script = fs::read_to_string(&hook).unwrap().replace("hook pre-receive", &format!("hook pre-receive {words}"));
    fs::write(&hook, script).unwrap();
    tree.git("push -q origin main");
    tree
}

#[track_caller]
fn refused(tree: &Tree, words: &[&str], variables: &[(&str, &str)]) -> String {
    let output = tree.try_git(".", words, variables);
    let said = said(&output);
    assert!(!output.status.success() && said.contains("pre-receive hook declined"), "{output:?}");
    said
}

fn objects(tree: &Tree) -> usize {
    fn count(folder: &Path) -> usize {
        fs::read_dir(folder).unwrap().map(|e| e.unwrap().path()).map(|p| if p.is_dir() { count(&p) } else { 1 }).sum()
    }
    count(&tree.path("../origin.git/objects"))
}

#[test]
fn a_server_refuses_what_is_in_quarantine() {
    let tree = server("", "");
    let before = objects(&tree);
    commit_leak(&tree, "b.env");
    let said = refused(&tree, &["push", "-q", "origin", "main"], &[]);
    assert!(said.contains("remote: b.env") && said.contains("the push was refused") && said.contains("scanned 1 commit, 1 blob"), "{said}");
    assert!(!said.contains(&token("b.env")) && !said.contains("GL-HOOK-ERR") && !said.contains("--no-verify"), "{said}");
    assert_eq!(objects(&tree), before);
    // A new branch from the same commit, and a fixed one.
    refused(&tree, &["push", "-q", "origin", "main:refs/heads/other"], &[]);
    tree.git("reset -q --hard HEAD~1");
    tree.write("c.txt", "c\n");
    tree.git("add c.txt");
    tree.git("commit -qm c");
    passes(&tree, &["push", "-q", "origin", "main"]);
    tree.git("push -q origin main:gone");
    let deletion = tree.try_git(".", &["push", "-q", "origin", ":gone"], &[]);
    assert!(deletion.status.success(), "{deletion:?}");
}

#[test]
fn a_large_push_comes_as_a_pack() {
    let tree = server("", "");
    for i in 0..150 {
        tree.write(format!("many/{i}"), format!("{i}\n"));
    }
    tree.write("many/77", format!("K={}\n", token(77)));
    tree.git("add .");
    tree.git("commit -qm many");
    let said = refused(&tree, &["push", "-q", "origin", "main"], &[]);
    assert!(said.contains("many/77") && said.contains("150 blobs"), "{said}");
}

#[test]
fn servers_with_long_ids() {
    let tree = server("--object-format=sha256", "");
    commit_leak(&tree, "b.env");
    refused(&tree, &["push", "-q", "origin", "main"], &[]);
    let clean = hooked("init -q --object-format=sha256");
    clean.git("init -q --bare --object-format=sha256 ../origin.git");
    clean.git(&format!("remote add origin {}", clean.path("../origin.git").display()));
    passes(&clean, &["push", "-q", "origin", "main"]);
    commit_leak(&clean, "b.env");
    stopped(&clean, &["push", "-q", "origin", "main"], "b.env");
}

#[test]
fn gitlab_shows_lines_with_its_word() {
    let tree = server("", "");
    commit_leak(&tree, "b.env");
    let said = refused(&tree, &["push", "-q", "origin", "main"], &[("GL_ID", "user-1")]);
    assert!(said.contains("GL-HOOK-ERR: b.env") && said.contains("GL-HOOK-ERR: keysift: the push was refused"), "{said}");
}

#[test]
fn tags_notes_and_merges_on_a_server() {
    let tree = server("", "");
    let message = format!("release {}\n", token("tag"));
    assert!(tree.try_git(".", &["tag", "-a", "v1", "-m", &message], &[]).status.success());
    let said = refused(&tree, &["push", "-q", "origin", "v1"], &[]);
    assert!(said.contains("<tag message>"), "{said}");
    assert!(said.contains("git push REMOTE --delete TAG"), "{said}");
    let said = refused(&tree, &["push", "-q", "origin", &format!("main:refs/heads/{}", token("branch"))], &[]);
    assert!(said.contains("<ref names>") && said.contains("git branch -m"), "{said}");
    let note = format!("see {}", token("note"));
    assert!(tree.try_git(".", &["notes", "add", "-m", &note], &[]).status.success());
    refused(&tree, &["push", "-q", "origin", "refs/notes/commits"], &[]);
    tree.write("a.txt", "x\n");
    let text = format!("deploy with {}", token("message"));
    assert!(tree.try_git(".", &["commit", "-qam", &text], &[]).status.success());
    let said = refused(&tree, &["push", "-q", "origin", "main"], &[]);
    assert!(said.contains("<commit message>"), "{said}");
}

#[test]
fn the_deadline_has_a_policy() {
    for (policy, code) in [("", 3), ("--on-deadline refuse", 3), ("--on-deadline allow", 0)] {
        let tree = server("", "");
        commit_leak(&tree, "b.env");
        let git_dir = tree.path(".git");
        let line = format!("{} {} refs/heads/new\n", "0".repeat(40), head(&tree));
        tree.git("update-ref -d refs/heads/main");
        tree.git("update-ref -d refs/remotes/origin/main");
        let ran = tree.keysift(&format!("hook pre-receive --deadline 0s {policy}")).within(git_dir).stdin(line).run().exits(code);
        assert!(ran.err.contains("unfinished") || ran.err.contains("time allowed was over"), "{ran:?}");
        assert!(ran.err.contains(if code == 0 { "let in all the same" } else { "Push fewer commits" }), "{ran:?}");
    }
    let tree = server("", "--deadline 60s --on-deadline allow");
    commit_leak(&tree, "b.env");
    refused(&tree, &["push", "-q", "origin", "main"], &[]);
    tree.keysift("hook pre-receive --on-deadline allow").run().exits(2);
    tree.keysift("hook pre-receive --deadline soon").run().exits(2);
}

#[test]
fn a_hook_that_never_gets_its_input_ends_at_the_deadline() {
    use std::process::Stdio;
    let tree = repository();
    let mut command = tree.keysift("hook pre-receive --deadline 200ms").raw();
    let mut child = command.stdin(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    // Held open: waiting would close it.
    let _input = child.stdin.take();
    let begin = std::time::Instant::now();
    assert_eq!(child.wait().unwrap().code(), Some(3));
    assert!(begin.elapsed() < std::time::Duration::from_secs(20));
}

#[test]
fn findings_that_take_long_to_tell_still_stop_a_push_at_the_deadline() {
    use std::io::{Read as _, Write as _};
    use std::process::Stdio;
    use std::time::{Duration, Instant};
    let tree = repository();
    // More than a pipe holds: telling it waits for the reader.
    for i in 0..200 {
        tree.write(format!("{i}.env"), format!("TOKEN={}\n", token(i)));
    }
    tree.git("add .");
    tree.git("commit -qnm x");
    let line = format!("{} {} refs/heads/new\n", "0".repeat(40), head(&tree));
    tree.git("update-ref -d refs/heads/main");
    let told_after = |seconds: u64| {
        let mut command =
            tree.keysift(&format!("hook pre-receive --deadline {seconds}s --on-deadline allow")).within(tree.path(".git")).raw();
        let mut child = command.stdin(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let begin = Instant::now();
        child.stdin.take().unwrap().write_all(line.as_bytes()).unwrap();
        let mut stderr = child.stderr.take().unwrap();
        let mut said = vec![0];
        stderr.read_exact(&mut said).unwrap();
        let is_in_time = begin.elapsed() < Duration::from_secs(seconds);
        // Nobody reads on until long after the deadline.
        std::thread::sleep((Duration::from_secs(seconds + 1)).saturating_sub(begin.elapsed()));
        stderr.read_to_end(&mut said).unwrap();
        (is_in_time, child.wait().unwrap().code(), String::from_utf8(said).unwrap())
    };
    // A slow machine gets more time.
    let (_, code, said) = [2, 8, 32].into_iter().map(told_after).find(|told| told.0).expect("it finds them in half a minute");
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("199.env") && said.contains("the push was refused") && !said.contains("let in all the same"), "{said}");
}

#[test]
fn no_value_is_in_what_a_hook_says() {
    let tree = server("", "");
    let password = filled("{{any:a-zA-Z0-9!#%:18}}7!aQ", 1);
    tree.write("b.env", format!("DB_PASSWORD={password}\nT={}\n", token(1)));
    tree.git("add .");
    let staged = tree.keysift("hook pre-commit").run().exits(1);
    tree.git("commit -qnm x");
    let pushed = refused(&tree, &["push", "-q", "origin", "main"], &[]);
    for text in [&staged.err, &pushed] {
        assert!(text.contains("b.env") && !text.contains(&password) && !text.contains(&token(1)), "{text}");
    }
}

#[test]
fn submodules_have_hooks_of_their_own() {
    let tree = repository();
    let other = Tree::clean();
    other.git("init -q");
    other.git("add .");
    other.git("commit -qm first");
    tree.git(&format!("submodule add -q {} sub", other.path("").display()));
    tree.keysift("init").within(tree.path("sub")).run().exits(0);
    leak(&tree, "sub/s.env");
    tree.git_in("sub", "add .");
    let output = tree.try_git("sub", &["commit", "-qm", "x"], &[]);
    assert!(!output.status.success() && said(&output).contains("s.env"), "{output:?}");
    // The commit around it has a submodule to count, and nothing to read.
    let output = tree.try_git(".", &["commit", "-qm", "x"], &[]);
    assert!(output.status.success() && said(&output).is_empty(), "{output:?}");
}
