//! `explain` shows every gate that looked, and what came of it.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;

use crate::support::{Tree, filled};

#[track_caller]
fn check(path: &str, line: &str, expected: &[&str]) -> String {
    let tree = Tree::new().file(path, format!("# first\n{}\n", filled(line, "explain")));
    let told = tree.keysift(&format!("explain {path}:2")).run().exits(0).out;
    for part in expected {
        assert!(told.contains(part), "{part:?} is not in {told}");
    }
    told
}

#[test]
fn a_generic_value_has_a_score_and_what_moved_it() {
    check(
        "app.env",
        "API_TOKEN={{base62:32}}",
        &[
            "file     configuration: what is assigned is a value\n",
            "found    generic-token: ",
            "medium confidence",
            "classifier: ",
            "the value +",
        ],
    );
    check(
        "app.env",
        "client_secret=my-client-secret",
        &["dropped  generic-secret: classifier: unlikely", "beside a clear case: the value -"],
    );
}

#[test]
fn the_file_says_its_part() {
    check("tests/app.env", "API_TOKEN={{base62:32}}", &["a test, sample or vendored: must convince more", "and medium 1.0"]);
    check(
        "docs/setup.md",
        "API_TOKEN={{base62:32}}",
        &["documentation: low confidence at most without a form of its own", ", low confidence"],
    );
    check("yarn.lock", "token = \"{{base62:32}}\"", &["a lock file", "dropped  generic-token: context: lock files hold digests"]);
}

#[test]
fn what_a_scan_leaves_out_is_said() {
    let token = filled("API_TOKEN={{base62:32}}\n", "explain");
    let tree = Tree::new().file("a.env", &token).file("build/a.env", &token).file("vendor/a.env", &token).file("docs/a.md", &token);
    tree.write(".gitignore", "build\n");
    tree.write(".keysift.toml", "exclude = [\"vendor\"]\nmax-file-size = \"1K\"\n");
    tree.write("large.env", format!("{token}{}", "# nothing here\n".repeat(100)));
    tree.git("init -q");
    let told = |place: &str| tree.keysift(&format!("explain {place}:1")).run().exits(0).out;
    assert!(!told("a.env").contains("  scan "), "{}", told("a.env"));
    assert!(told("build/a.env").contains("  scan     leaves this file out: an ignore file names it"), "{}", told("build/a.env"));
    assert!(told("vendor/a.env").contains("leaves this file out: "), "{}", told("vendor/a.env"));
    assert!(told("vendor/a.env").contains(".keysift.toml excludes it\n"), "{}", told("vendor/a.env"));
    assert!(told("large.env").contains("it is larger than the max-file-size of "), "{}", told("large.env"));
    assert!(told("docs/a.md").contains("low confidence; a scan tells of it with --min-confidence low\n"), "{}", told("docs/a.md"));
    // What git tracks is scanned, whatever ignore files say.
    tree.git("add -f build/a.env");
    assert!(!told("build/a.env").contains("  scan "), "{}", told("build/a.env"));
}

#[test]
fn references_name_the_first_gate_that_dropped_them() {
    check("app.env", "API_TOKEN=$TOKEN", &["dropped  generic-token: reference: a variable: the value is elsewhere"]);
    check("app.env", "API_TOKEN=ENC[AES256_GCM,data:x]", &["dropped  generic-token: encrypted: encrypted by SOPS or eyaml"]);
}

/// A service whose keys have no form to speak of: to know its name must not make its key count for less than that of an unknown service.
#[test]
fn a_named_rule_that_is_unsure_takes_the_grade_of_the_generic_one() {
    let grade = |path: &str, line: &str| {
        let found = Tree::new().file(path, format!("{}\n", filled(line, "grade"))).rows("--min-confidence low").findings();
        format!("{} {}", found[0]["rule_id"], found[0]["confidence"]).replace('"', "")
    };
    assert_eq!(grade("app.env", "FOO_API_KEY={{base62:40}}"), "generic-key medium");
    assert_eq!(grade("app.env", "NIMBLE_API_KEY={{base62:40}}"), "nimble-api-token medium");
    // What the classifier does not take for one stays low, and so does what is public by design.
    assert_eq!(grade("docs/setup.md", "NIMBLE_API_KEY={{base62:40}}"), "nimble-api-token low");
    assert_eq!(grade("app.env", "ALGOLIA_SEARCH_KEY={{hex:32}}"), "algolia-api-key low");
}

#[test]
fn other_rules_and_pairs_are_named() {
    let told = check(
        "credentials",
        "aws_access_key_id = {{aws_key_id}}\naws_secret_access_key = {{base64:37}}9Ka",
        &["found    aws-access-key-id", "because belongs to AWS account"],
    );
    assert!(!told.contains("classifier"), "{told}");
    let tree = Tree::new()
        .file("credentials", filled("aws_access_key_id = {{aws_key_id}}\naws_secret_access_key = {{base64:37}}9Ka\n", "explain"));
    let told = tree.keysift("explain credentials:2").run().exits(0).out;
    for part in [
        "found    aws-secret-access-key: ",
        "pair: AWS access key id on line 1",
        "dropped  generic-secret: overlap: aws-secret-access-key explains the same bytes better",
    ] {
        assert!(told.contains(part), "{part:?} is not in {told}");
    }
}

#[test]
fn a_pair_that_is_encoded_is_named_at_the_place_of_its_code() {
    let profile = filled("aws_access_key_id = {{aws_key_id}}\naws_secret_access_key = {{base64:37}}9Ka\n", "explain");
    let tree = Tree::new().file("secret.yaml", format!("# first\nprofile: {}\n", BASE64_STANDARD.encode(profile)));
    let told = tree.keysift("explain secret.yaml:2").run().exits(0).out;
    for part in ["found    aws-secret-access-key: ", "read as base64\n", "pair: AWS access key id on line 2\n"] {
        assert!(told.contains(part), "{part:?} is not in {told}");
    }
}
