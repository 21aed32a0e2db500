//! Pairs in histories: told from the blob in which the secret stands, whatever it was stored as.

use super::{APPLICATION, aws};
use crate::support::{Ran, Tree, filled};

const SECRET: &str = "aws-secret-access-key critical: AWS access key id at";

/// What is told, sorted: commits of one second have no order that a test could know.
#[track_caller]
fn told(ran: &Ran) -> Vec<String> {
    let mut told = super::told(ran);
    told.sort();
    told
}

fn commit(tree: &Tree, path: &str, text: &str) {
    tree.write(path, text);
    tree.git("add .");
    tree.git("commit -qm change");
}

fn repository() -> Tree {
    let tree = Tree::new();
    tree.git("init -q");
    tree
}

#[test]
fn halves_that_came_together_or_one_after_the_other() {
    let tree = repository();
    commit(&tree, "one/credentials", &aws(1));
    let id: String = aws(2).lines().take(2).map(|l| format!("{l}\n")).collect();
    commit(&tree, "two/credentials", &id);
    assert_eq!(told(&tree.rows("--history")), ["aws-access-key-id low: alone".to_owned(), format!("{SECRET} one/credentials:2:21")]);
    commit(&tree, "two/credentials", &aws(2));
    let expected = [format!("{SECRET} one/credentials:2:21"), format!("{SECRET} two/credentials:2:21")];
    assert_eq!(told(&tree.rows("--history")), expected);
    // As deltas of each other, and with what an earlier run knew.
    (0..6).for_each(|i| commit(&tree, "two/credentials", &format!("{}\n# {i}\n{}", "# nothing\n".repeat(300), aws(2))));
    tree.git("gc -q --aggressive --prune=now");
    let words = "--history --verify-deltas";
    assert_eq!(told(&tree.rows(words)), expected);
    let cache = tree.home().join("cache");
    for _ in 0..2 {
        let ran = tree.keysift("scan --history --format jsonl").arg(format!("--cache={}", cache.display())).run();
        assert_eq!(told(&ran), expected);
    }
    assert_eq!(told(&tree.rows("--history -j 1")), expected);
}

#[test]
fn halves_that_never_stood_together_are_two_findings() {
    let tree = repository();
    let lines: Vec<String> = aws(1).lines().map(|l| format!("{l}\n")).collect();
    commit(&tree, "credentials", &lines[..2].concat());
    commit(&tree, "credentials", &[&lines[..1], &lines[2..]].concat().concat());
    let told = told(&tree.rows("--history"));
    assert_eq!(told, ["aws-access-key-id low: alone", "aws-secret-access-key critical: alone"]);
}

#[test]
fn a_message_may_have_a_pair_too() {
    let tree = repository();
    tree.write("a.txt", "a");
    tree.git("add .");
    let message = format!("Set it up\n\n{}", filled(APPLICATION, 1));
    assert!(tree.try_git(".", &["commit", "-qm", &message], &[]).status.success());
    // Git leaves a copy.
    std::fs::remove_file(tree.path(".git/COMMIT_EDITMSG")).unwrap();
    assert_eq!(told(&tree.rows("--history")), ["generic-secret critical: Application id at <commit message>:3:21"]);
}
