//! 0 clean, 1 findings, 2 wrong usage or configuration with nothing scanned, 3 not everything could be looked at.

use crate::support::{Ran, Tree, token};

const RULE: &str = r#"provider = "Acme"
docs = "https://acme.example"
[[rule]]
id = "acme-key"
title = "Acme key"
impact = "Everything."
remedy = "Revoke it."
severity = "high"
"#;

/// A run that must refuse: exit code 2, a message, an empty report, and no word of having scanned.
#[track_caller]
fn refused(ran: Ran, message: &str) -> Ran {
    let ran = ran.exits(2).says(message);
    assert_eq!(ran.out, "");
    assert!(!ran.err.contains("scanned"), "{ran:?}");
    ran
}

#[track_caller]
fn refused_with_config(config: &str, message: &str) -> Ran {
    refused(Tree::leaky().file(".keysift.toml", config).scan(""), message)
}

#[test]
fn clean_is_0() {
    Tree::clean().scan("").exits(0).says("keysift: clean");
}

#[test]
fn findings_are_1() {
    Tree::leaky().scan("").exits(1).says("keysift: 1 secret in 1 file");
}

#[test]
fn findings_below_the_asked_confidence_are_0_and_counted() {
    let tree = Tree::new().file("app.env", format!("API_TOKEN={}\n", crate::support::filled("{{base62:32}}", 1)));
    tree.scan("").exits(1);
    tree.scan("-c high").exits(0).says("1 more below --min-confidence high");
}

#[test]
fn exit_code_replaces_1() {
    Tree::leaky().scan("--exit-code 42").exits(42);
    Tree::leaky().scan("--exit-code 0").exits(0);
}

#[test]
fn exit_code_leaves_clean_alone() {
    Tree::clean().scan("--exit-code 42").exits(0);
}

#[test]
fn exit_code_leaves_usage_alone() {
    refused(Tree::leaky().scan("--exit-code 42 no/such/folder"), "no/such/folder");
}

#[cfg(target_os = "linux")]
#[test]
fn exit_code_leaves_trouble_alone() {
    Tree::clean().scan("--exit-code 42 /proc/self/mem").exits(3);
}

#[test]
fn unknown_flag_is_2() {
    refused(Tree::leaky().scan("--no-such-flag"), "--no-such-flag");
}

#[test]
fn unknown_format_is_2() {
    refused(Tree::leaky().scan("--format yaml"), "yaml");
}

#[test]
fn no_threads_is_2() {
    refused(Tree::leaky().scan("-j 0"), "0");
}

#[test]
fn missing_path_is_2() {
    refused(Tree::leaky().scan(". no/such/folder"), "no/such/folder: No such file or directory").says("\n  help: ");
}

#[test]
fn wrong_glob_is_2() {
    refused(Tree::leaky().scan("--exclude a["), "invalid glob");
}

#[test]
fn wrong_size_is_2() {
    for size in ["ten", "10X", "-1", "99999999999T", ""] {
        refused(Tree::leaky().keysift("scan").arg(format!("--max-file-size={size}")).run(), "is no file size").says("\n  help: ");
    }
}

#[test]
fn broken_configuration_is_2_with_file_and_line() {
    refused_with_config("# settings\nexclude = 5\n", ".keysift.toml:2: ").says("\n  help: ");
}

#[test]
fn misspelt_setting_is_2_with_file_and_line() {
    refused_with_config("\n[rules]\ndisabled = []\n", ".keysift.toml:3: unknown field `disabled`").says("\n  help: ");
}

#[test]
fn unfinished_configuration_is_2_with_file_and_line() {
    refused_with_config("exclude = [\n\"a\"\n", ".keysift.toml:").says("\n  help: ");
}

#[test]
fn configuration_that_is_no_text_is_2() {
    let tree = Tree::leaky().file(".keysift.toml", b"exclude = [\"\xff\xfe\xfd\"]\n");
    refused(tree.scan(""), ".keysift.toml: neither UTF-8 nor UTF-16 text");
}

#[test]
fn missing_configuration_is_2() {
    refused(Tree::leaky().scan("--config no.toml"), "no.toml: no such configuration file").says("\n  help: ");
    refused(Tree::leaky().keysift("scan").env("KEYSIFT_CONFIG", "no.toml").run(), "no.toml: no such configuration file");
}

#[test]
fn broken_rule_file_is_2_with_file_and_line() {
    let tree = Tree::leaky().file("rules/acme.toml", "provider = \"Acme\"\ndocs = 7\n");
    refused(tree.scan("--rules rules"), "acme.toml:2: ");
}

#[test]
fn rule_that_cannot_work_is_2_with_file_and_line() {
    let tree = Tree::leaky().file("rules/acme.toml", format!("{RULE}anchors = [\"acme_\"]\npattern = '(?<secret>acme_['\n"));
    refused(tree.scan("--rules rules/acme.toml"), "acme.toml:4: rule acme-key: ");
}

#[test]
fn anchor_over_a_line_is_2_with_file_and_line() {
    let tree =
        Tree::leaky().file("rules/acme.toml", format!("{RULE}anchors = [\"acme\\n_\"]\npattern = 'acme\\n_(?<secret>[0-9]{{9}})'\n"));
    refused(tree.scan("--rules rules/acme.toml"), "holds a line break");
}

#[test]
fn rule_id_that_is_taken_is_2_with_file_and_line() {
    let rule = RULE.replace("acme-key", "github-personal-access-token");
    let tree = Tree::leaky().file("acme.toml", format!("{rule}anchors = [\"acme_\"]\npattern = '(?<secret>acme_[0-9]{{9}})'\n"));
    refused(tree.scan("--rules acme.toml"), "acme.toml:4: rule github-personal-access-token: this id is taken");
}

#[test]
fn rule_folder_without_rules_is_2() {
    let tree = Tree::leaky().file("rules/README.md", "soon\n");
    refused(tree.scan("--rules rules"), "rules: no .toml rule files");
}

#[test]
fn no_rules_left_is_2() {
    refused_with_config("[rules]\nreplace = true\n", "no rules are left");
}

#[test]
fn disabling_an_unknown_rule_is_2() {
    refused_with_config("[rules]\ndisable = [\"no-such-rule\"]\n", "no rule has the id \"no-such-rule\"");
}

#[test]
fn output_into_a_missing_folder_is_2() {
    refused(Tree::leaky().scan("--output no/such/report.json"), "the folder no/such does not exist; create it first");
}

#[test]
fn output_onto_a_folder_is_2() {
    refused(Tree::leaky().file("out/x", "").scan("--output out"), "the report to out: it is a folder; name a file in it");
}

/// A file that opens and then fails to read, for root as well.
#[cfg(target_os = "linux")]
#[test]
fn unreadable_file_without_findings_is_3() {
    let ran = Tree::clean().scan(". /proc/self/mem").exits(3).says("problem: /proc/self/mem: unreadable: ");
    assert!(ran.last().starts_with("keysift: no secrets found, but not everything was looked at"), "{ran:?}");
}

#[cfg(target_os = "linux")]
#[test]
fn findings_win_over_problems() {
    Tree::leaky().scan(". /proc/self/mem").exits(1).says("problem: /proc/self/mem: unreadable: ").says("1 problem");
}

#[cfg(unix)]
mod permissions {
    use super::*;
    use std::fs::{Permissions, set_permissions};
    use std::os::unix::fs::PermissionsExt as _;

    fn locked(path: &str) -> Tree {
        let tree = Tree::clean().file("dir/inner.env", format!("TOKEN={}\n", token(1))).file("open/a.txt", "fine");
        set_permissions(tree.path(""), Permissions::from_mode(0o755)).unwrap();
        set_permissions(tree.path(path), Permissions::from_mode(0o000)).unwrap();
        tree
    }

    #[track_caller]
    fn check(path: &str) {
        let tree = locked(path);
        let ran = tree.keysift("scan --format jsonl").unprivileged(&tree).run();
        // Before anything can fail: else the folder cannot be removed.
        set_permissions(tree.path(path), Permissions::from_mode(0o755)).unwrap();
        let ran = ran.exits(3).says("Permission denied");
        assert_eq!(ran.problems(), [format!("unreadable {path}")]);
        assert!(ran.summary()["files"].as_u64().unwrap() >= 2, "the rest is scanned: {ran:?}");
    }

    #[test]
    fn forbidden_file_is_3() {
        check("dir/inner.env");
    }

    #[test]
    fn forbidden_folder_is_3() {
        check("dir");
    }

    #[test]
    fn forbidden_configuration_is_2() {
        let tree = Tree::leaky().file(".keysift.toml", "");
        set_permissions(tree.path(""), Permissions::from_mode(0o755)).unwrap();
        set_permissions(tree.path(".keysift.toml"), Permissions::from_mode(0o000)).unwrap();
        refused(tree.keysift("scan").unprivileged(&tree).run(), ".keysift.toml: Permission denied");
    }
}
