//! The built-in rules hold what their files promise, and users have theirs.

use std::collections::{BTreeMap, BTreeSet};

use keysift::rules::{RuleSet, RuleText, lint};
use keysift::scan::rule_test;

use crate::support::{Tree, filled, token};

fn built_in() -> Vec<RuleText> {
    RuleText::built_in().expect("the built-in rules parse")
}

#[test]
fn every_hit_and_miss_behaves() {
    let tests = rule_test::run(&built_in(), "").unwrap();
    let failures: Vec<String> = tests.failures.iter().map(ToString::to_string).collect();
    assert!(failures.is_empty(), "{} of {} samples:\n{}", failures.len(), tests.hits + tests.misses, failures.join("\n"));
    assert_eq!(tests.rules, RuleSet::built_in().rules().len());
}

#[test]
fn lint_is_clean() {
    let lints: Vec<String> = lint(&built_in()).iter().map(ToString::to_string).collect();
    assert!(lints.is_empty(), "{}", lints.join("\n"));
}

#[test]
fn command_line_agrees() {
    let tree = Tree::new();
    assert!(tree.keysift("rules test github").run().exits(0).out.ends_with(": 0 failed\n"));
    assert!(tree.keysift("rules lint").run().exits(0).out.ends_with(", 0 complaints\n"));
    let list = tree.keysift("rules list").run().exits(0).out;
    assert_eq!(list.lines().count(), RuleSet::built_in().rules().len());
    let show = tree.keysift("rules show github-personal-access-token").run().exits(0).out;
    for part in ["Why it matters", "What to do", "https://docs.github.com/"] {
        assert!(show.contains(part), "{show}");
    }
    tree.keysift("rules show github-personal").run().exits(2).says("did you mean github-personal-access-token?");
    tree.keysift("rules test no-such-rule").run().exits(2).says("no rule's id begins with");
}

/// After a change of rules: `KEYSIFT_UPDATE=1 cargo test --test it table_of_rules`.
#[test]
fn table_of_rules_is_what_the_rules_say() {
    let page = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("rules/README.md");
    let made = Tree::new().keysift("rules list --format markdown").run().exits(0).out;
    if std::env::var_os("KEYSIFT_UPDATE").is_some() {
        std::fs::write(&page, &made).unwrap();
    }
    let committed = std::fs::read_to_string(&page).unwrap().replace("\r\n", "\n");
    let differing = made.lines().zip(committed.lines()).find(|(made, committed)| made != committed);
    assert!(
        made == committed,
        "rules/README.md is out of date ({differing:?}): run KEYSIFT_UPDATE=1 cargo test --test it table_of_rules, and commit it"
    );
}

#[test]
fn show_teaches() {
    let tree = Tree::new();
    let show = |id: &str| tree.keysift(&format!("rules show {id}")).run().exits(0).out;
    for (id, told) in [
        ("github-personal-access-token", "Its own form, with `ghp_`."),
        ("github-personal-access-token", "Its check digits must be right, else confidence is low."),
        ("aws-secret-access-key", "on one line with a name such as `secret-access-key`"),
        ("aws-secret-access-key", "Within 20 lines of its id (aws-access-key-id or aws-temporary-key-id)"),
        ("generic-password", "A classifier weighs name, value and line"),
    ] {
        let shown = show(id);
        assert!(shown.contains(told), "{told:?} is not in {shown}");
    }
    for rule in RuleSet::built_in().rules().iter().step_by(97) {
        assert_whole(&show(&rule.info.id));
    }
}

/// Every part is there and none is empty.
#[track_caller]
fn assert_whole(shown: &str) {
    for part in ["How it is told", "Why it matters", "What to do", "More"] {
        let at = shown.find(&format!("\n{part}\n  ")).unwrap_or_else(|| panic!("{part} is missing in {shown}"));
        assert!(shown[at..].lines().nth(2).is_some_and(|l| l.trim().len() > 15), "{shown}");
    }
}

#[test]
fn ids_are_unique_and_say_what_they_are() {
    let set = RuleSet::built_in();
    let mut seen = BTreeSet::new();
    for rule in set.rules() {
        let id = &*rule.info.id;
        assert!(seen.insert(id), "{id} occurs twice");
        assert!(id.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-'), "{id}");
    }
}

#[test]
fn every_rule_is_documented() {
    for rule in RuleSet::built_in().rules() {
        let info = &rule.info;
        assert!(info.docs.starts_with("https://") && info.docs.len() > 12, "{}: docs", info.id);
        assert!((5..=60).contains(&info.title.chars().count()) && !info.title.ends_with('.'), "{}: title {:?}", info.id, info.title);
        for (what, text) in [("impact", &info.impact), ("remedy", &info.remedy)] {
            assert!(text.len() >= 20 && text.ends_with('.') && !text.contains('\n'), "{}: {what} {text:?}", info.id);
        }
    }
}

#[test]
fn many_providers_are_known() {
    let texts = built_in();
    let providers: BTreeSet<&str> = texts.iter().map(|t| t.file.provider.as_str()).collect();
    assert!(providers.len() >= 80, "{}", providers.len());
    assert_eq!(providers.len(), texts.len(), "one file a provider");
}

/// A rule that no built-in one resembles.
const ACME: &str = r#"provider = "Acme"
docs = "https://acme.example/keys"

[[rule]]
id = "acme-deploy-key"
title = "Acme deploy key"
impact = "The holder can replace running services."
remedy = "Revoke it under Settings, then issue a new one."
severity = "high"
confidence = "high"
anchors = ["acmd_"]
pattern = '''\b(?<secret>acmd_[0-9a-z]{24})\b'''

[[rule.hit]]
text = 'deploy --key acmd_{{base36:24}}'

[[rule.hit]]
text = 'key: acmd_{{base36:24}}'

[[rule.miss]]
text = 'key: acmd_{{base36:23}}'

[[rule.miss]]
text = 'key: acmd_yourdeploykeygoeshere000'
dropped_by = "placeholder"
"#;

/// A tree with one of Acme's keys and one of GitHub's, Acme's rule and this configuration.
fn tree(config: &str) -> Tree {
    let text = format!("a {}\nb {}\n", filled("acmd_{{base36:24}}", 1), token(1));
    Tree::new().file("leak.txt", text).file("own/acme.toml", ACME).file(".keysift.toml", config)
}

#[track_caller]
fn check(config: &str, words: &str, expected: &[&str]) {
    let ran = tree(config).rows(words);
    let rules: Vec<String> = ran.findings().iter().map(|f| f["rule_id"].as_str().unwrap().to_owned()).collect();
    assert_eq!(rules, expected, "{ran:?}");
}

const GITHUB: &str = "github-personal-access-token";

#[test]
fn own_rule_adds_to_the_built_in_ones() {
    check("", "leak.txt", &[GITHUB]);
    check("", "--rules own/acme.toml leak.txt", &["acme-deploy-key", GITHUB]);
    check("", "--rules own leak.txt", &["acme-deploy-key", GITHUB]);
    check("[rules]\npaths = [\"own\"]\n", "leak.txt", &["acme-deploy-key", GITHUB]);
}

#[test]
fn paths_in_a_configuration_are_relative_to_it() {
    let tree = Tree::new().file("conf/settings.toml", "[rules]\npaths = [\"own\"]\n").file("conf/own/acme.toml", ACME);
    tree.write("leak.txt", filled("acmd_{{base36:24}}", 1));
    assert_eq!(tree.places("--config conf/settings.toml leak.txt"), ["acme-deploy-key leak.txt:1:1"]);
    let ran = tree.keysift("scan --format jsonl leak.txt").env("KEYSIFT_CONFIG", "conf/settings.toml").run();
    assert_eq!(ran.places(), ["acme-deploy-key leak.txt:1:1"]);
}

#[test]
fn replace_leaves_the_built_in_rules_out() {
    check("[rules]\nreplace = true\npaths = [\"own\"]\n", "leak.txt", &["acme-deploy-key"]);
    let ran = tree("[rules]\nreplace = true\npaths = [\"own\"]\n").rows("");
    assert_eq!(ran.summary()["rules"], 1);
}

#[test]
fn disable_leaves_a_rule_out() {
    check("[rules]\ndisable = [\"github-personal-access-token\"]\n", "--rules own leak.txt", &["acme-deploy-key"]);
    check("[rules]\ndisable = [\"acme-deploy-key\"]\n", "--rules own leak.txt", &[GITHUB]);
}

#[test]
fn least_confidence_comes_from_the_configuration_unless_said_otherwise() {
    let tree = Tree::new().file("app.env", filled("API_TOKEN={{base62:32}}\n", 1)).file(".keysift.toml", "min-confidence = \"high\"\n");
    tree.scan("").exits(0);
    tree.scan("-c medium").exits(1);
}

#[test]
fn own_rules_are_listed_tested_and_linted() {
    let tree = tree("");
    assert!(tree.keysift("rules list --rules own").run().exits(0).out.contains("\nacme-deploy-key"));
    assert!(tree.keysift("rules show acme-deploy-key --rules own").run().exits(0).out.contains("replace running services"));
    assert_eq!(tree.keysift("rules test --rules own").run().exits(0).out, "1 rules, 2 hits, 2 misses: 0 failed\n");
    assert_eq!(tree.keysift("rules lint --rules own").run().exits(0).out, "1 rules in 1 files, 0 complaints\n");
}

#[test]
fn patterns_that_do_not_compile_are_refused() {
    let plain = r"(?<secret>acmd_[0-9a-z]{24})\b'''";
    let large = r"(?<secret>acmd_(?:[0-9a-z]{1000}){1000}x*)'''";
    let pair = "\npair = { names = [\"acme-account\"], value = '(', title = \"Acme account\" }";
    for pattern in [format!("{large}\nwindow = 8192"), format!("{plain}{pair}")] {
        let ran = Tree::new().file("acme.toml", ACME.replace(plain, &pattern)).scan("--rules acme.toml").exits(2);
        assert!(ran.err.contains("acme.toml:5: rule acme-deploy-key: the pattern does not compile: "), "{ran:?}");
    }
}

#[test]
fn failing_samples_and_lints_have_file_and_line() {
    let tree = Tree::new().file("acme.toml", ACME.replace("base36:23", "base36:24").replace("https://acme", "http://acme"));
    let ran = tree.keysift("rules test --rules acme.toml").run().exits(1);
    assert!(ran.out.starts_with("acme.toml:5: acme-deploy-key: miss is found\n"), "{ran:?}");
    let ran = tree.keysift("rules lint --rules acme.toml").run().exits(1);
    assert!(ran.out.starts_with("acme.toml:5: acme-deploy-key: "), "{ran:?}");
}

/// Each hyphen of a name stands for five ways to join its words: a row of them would be more spellings than any machine can hold.
#[test]
fn names_are_words_joined_by_single_hyphens() {
    for name in ["acme--key", "acme-key-", &format!("{}acme", "-".repeat(40))] {
        let named = ACME
            .replace("anchors = [\"acmd_\"]", &format!("names = [\"{name}\"]"))
            .replace("pattern = '''\\b(?<secret>acmd_[0-9a-z]{24})\\b'''", "value = '[0-9a-f]{32}'")
            .replace("confidence = \"high\"", "confidence = \"medium\"");
        let ran = Tree::new().file("acme.toml", named).keysift("rules lint --rules acme.toml").run().exits(1);
        assert!(ran.out.contains("is not made of words joined by single hyphens"), "{ran:?}");
    }
}

/// A rule that says what to do must not say the same of everything.
#[test]
fn remedies_are_not_copies_across_providers() {
    let texts = built_in();
    let mut by_remedy: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for text in &texts {
        for rule in &text.file.rules {
            by_remedy.entry(&rule.remedy).or_default().insert(&text.file.provider);
        }
    }
    let common: Vec<_> = by_remedy.iter().filter(|(_, providers)| providers.len() > 5).collect();
    assert!(common.is_empty(), "{common:?}");
}

#[test]
fn rules_in_force_are_those_of_the_configuration_that_is_named() {
    let tree = tree("[rules]\ndisable = [\"github-personal-access-token\"]\n").file("own/rules.toml", "[rules]\npaths = [\"acme.toml\"]\n");
    tree.keysift(&format!("rules show {GITHUB}")).run().exits(2);
    tree.keysift(&format!("rules show {GITHUB} --no-config")).run().exits(0);
    assert!(tree.keysift("rules list --config own/rules.toml").run().exits(0).out.contains("\nacme-deploy-key"));
    tree.keysift("rules lint --no-config").run().exits(2);
}

#[test]
fn settings_of_a_hook_stand_before_or_behind_its_name() {
    let tree = tree("[rules]\nreplace = true\n");
    tree.git("init -q");
    tree.git("add leak.txt");
    for words in ["hook --no-config pre-commit", "hook pre-commit --no-config"] {
        tree.keysift(words).run().exits(1);
    }
    tree.keysift("hook pre-commit").run().exits(2);
}

#[test]
fn the_guide_names_every_gate() {
    let guide = std::fs::read_to_string(std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(".github/RULES.md")).unwrap();
    for gate in keysift::rules::Gate::ALL {
        assert!(guide.contains(&format!("`{}`", gate.as_str())), "{}", gate.as_str());
    }
}
