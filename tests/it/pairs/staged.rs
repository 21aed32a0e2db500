//! Pairs in what is staged and in what commits add: the secret must be new, its id may have been there.

use super::{aws, told};
use crate::support::Tree;

#[test]
fn a_new_secret_beside_an_old_id() {
    let id: String = aws(1).lines().take(2).map(|l| format!("{l}\n")).collect();
    let tree = Tree::new().file("credentials", &id);
    tree.git("init -q");
    tree.git("add .");
    assert_eq!(told(&tree.rows("--staged")), ["aws-access-key-id low: alone"]);
    tree.git("commit -qm first");
    tree.write("credentials", aws(1));
    tree.git("add .");
    let expected = ["aws-secret-access-key critical: AWS access key id at credentials:2:21"];
    assert_eq!(told(&tree.rows("--staged")), expected);
    tree.git("commit -qm second");
    assert_eq!(told(&tree.rows("--range HEAD")), expected);
    assert_eq!(told(&tree.rows("--range HEAD~1..HEAD")), expected);
}

#[test]
fn both_new() {
    let tree = Tree::new().file("credentials", aws(1));
    tree.git("init -q");
    tree.git("add .");
    assert_eq!(told(&tree.rows("--staged")), ["aws-secret-access-key critical: AWS access key id at credentials:2:21"]);
}
