//! keysift on keysift.

use std::path::Path;

use crate::support::Tree;

#[test]
fn this_repository_is_clean() {
    let ran = Tree::new().keysift("scan --format jsonl").within(Path::new(env!("CARGO_MANIFEST_DIR"))).run();
    assert!(ran.summary()["files"].as_u64() > Some(100), "{ran:?}");
    let places = ran.places();
    assert!(places.is_empty(), "{} places:\n{}", places.len(), places.join("\n"));
    ran.exits(0);
}
