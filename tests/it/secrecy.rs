//! No output holds a secret that was not asked for.

use std::collections::{BTreeSet, HashSet};

use keysift::rules::RuleText;
use keysift::rules::template::fill;
use serde_json::Value;

use crate::support::{Ran, Tree, filled, token};

/// Values of at least `LONG` bytes must not be told by pieces of this length either. A mask never shows as many in a row.
const PIECE: usize = 12;
const LONG: usize = 16;

/// One of a rule's own samples, filled.
struct Sample {
    id: String,
    text: String,
    path: String,
}

/// Every hit of every built-in rule.
fn samples() -> Vec<Sample> {
    let texts = RuleText::built_in().unwrap();
    let rules = texts.iter().flat_map(|t| &t.file.rules);
    rules
        .flat_map(|rule| {
            let id = rule.id.get_ref();
            rule.hits.iter().enumerate().map(move |(i, hit)| Sample {
                id: id.clone(),
                text: fill(&hit.text, id).unwrap(),
                path: format!("{id}/{i}/{}", hit.path.as_deref().unwrap_or("app.conf")),
            })
        })
        .collect()
}

/// All of them as files, and what is found in these.
fn all_rules() -> (Tree, Secrets) {
    let tree = samples().iter().fold(Tree::new(), |tree, s| tree.file(&s.path, &s.text));
    let secrets = Secrets::of(&tree);
    (tree, secrets)
}

/// What nobody may read: the values, and the pieces of long ones that rule files do not hold themselves.
struct Secrets {
    values: BTreeSet<String>,
    pieces: HashSet<Vec<u8>>,
}

impl Secrets {
    fn new(values: impl IntoIterator<Item = String>) -> Self {
        let values: BTreeSet<String> = values.into_iter().collect();
        let mut pieces: HashSet<Vec<u8>> =
            values.iter().filter(|v| v.len() >= LONG).flat_map(|v| v.as_bytes().windows(PIECE).map(<[u8]>::to_vec)).collect();
        // Prefixes, armour and the like: everybody may read those in the rules.
        for public in RuleText::built_in().unwrap() {
            public.text.as_bytes().windows(PIECE).for_each(|w| {
                pieces.remove(w);
            });
        }
        Self { values, pieces }
    }

    /// Every value that a scan of `tree` finds, from the one report that may tell.
    fn of(tree: &Tree) -> Self {
        let ran = tree.rows("-c low --show-secrets").exits(1);
        Self::new(ran.findings().iter().map(|f| f["secret"].as_str().unwrap().to_owned()))
    }

    #[track_caller]
    fn are_not_in(&self, text: &str, what: &str) {
        for value in self.values.iter().filter(|v| v.len() >= 8) {
            // A password may be a word that text has anyway: those of rules are chosen so that it is not.
            assert!(!text.contains(value.as_str()), "{what} holds {value:?}");
        }
        // As written, and with the line ends of values that have several lines.
        for text in [text, &text.replace("\\n", "\n")] {
            if let Some(piece) = text.as_bytes().windows(PIECE).find(|w| self.pieces.contains(*w)) {
                let piece = String::from_utf8_lossy(piece);
                let line = text.lines().find(|l| l.contains(&*piece)).unwrap_or_default();
                panic!("{what} holds {piece:?} of a secret: {line}");
            }
        }
    }

    #[track_caller]
    fn are_kept(&self, ran: &Ran, what: &str) {
        self.are_not_in(&ran.out, what);
        self.are_not_in(&ran.err, &format!("{what}: standard error"));
    }
}

#[test]
fn every_rule_has_a_secret_to_keep() {
    let (tree, secrets) = all_rules();
    let found: BTreeSet<String> =
        tree.rows("-c low").exits(1).findings().iter().map(|f| f["rule_id"].as_str().unwrap().to_owned()).collect();
    let rules: BTreeSet<String> = samples().into_iter().map(|s| s.id).collect();
    // A few samples hold the secret of another rule too, whose finding it then is.
    assert!(found.len() * 100 >= rules.len() * 95, "missing: {:?}", rules.difference(&found).collect::<Vec<_>>());
    assert!(secrets.values.len() > 1000 && secrets.pieces.len() > 20_000);
}

#[test]
fn no_report_holds_a_secret() {
    let (tree, secrets) = all_rules();
    for what in ["", "--color always", "--stats", "--format json", "--format jsonl", "--format sarif"] {
        secrets.are_kept(&tree.scan(&format!("-c low {what}")).exits(1), what);
    }
}

#[test]
fn sarif_holds_no_secret_even_if_asked() {
    let (tree, secrets) = all_rules();
    secrets.are_kept(&tree.scan("-c low --format sarif --show-secrets").exits(1), "sarif");
}

#[test]
fn explanation_holds_no_secret() {
    let (tree, secrets) = all_rules();
    // One sample of each rule, as many lines as it has.
    let samples: Vec<Sample> = samples().into_iter().filter(|s| s.path.starts_with(&format!("{}/0/", s.id))).collect();
    std::thread::scope(|scope| {
        let (tree, secrets) = (&tree, &secrets);
        for half in samples.chunks(samples.len().div_ceil(2)) {
            scope.spawn(move || {
                for sample in half {
                    let lines = sample.text.lines().count();
                    // The first line, and one within a block.
                    for line in BTreeSet::from([1, lines.min(3)]) {
                        let place = format!("{}:{line}", sample.path);
                        let ran = tree.keysift(&format!("explain {place}")).run();
                        secrets.are_kept(&ran.exits(0), &place);
                    }
                }
            });
        }
    });
}

#[test]
fn secrets_are_shown_where_asked() {
    let secret = token("leak");
    for format in ["text", "json", "jsonl"] {
        let out = Tree::leaky().scan(&format!("--format {format} --show-secrets")).exits(1).out;
        assert!(out.contains(&secret), "{out}");
    }
    assert!(Tree::leaky().scan("--format sarif --show-secrets").exits(1).out.find(&secret).is_none());
}

/// Every format's report of `text` keeps each of `secrets`.
#[track_caller]
fn check(text: impl AsRef<[u8]>, secrets: &[&str]) {
    let tree = Tree::new().file("app.env", text);
    let found = Secrets::of(&tree);
    for secret in secrets {
        assert!(found.values.contains(*secret), "{secret} is not found");
    }
    for format in ["text", "json", "jsonl", "sarif"] {
        found.are_kept(&tree.scan(&format!("-c low --format {format}")).exits(1), format);
    }
}

/// Where messages are not scanned, because only some paths are, and names never are.
#[test]
fn names_are_shown_with_the_secrets_they_hold() {
    let secret = token("name");
    let tree = Tree::new().file(format!("{secret}/deploy.env"), format!("TOKEN={secret}\n"));
    let path = |words: &str| tree.rows(words).exits(1).findings()[0]["occurrences"][0]["path"].as_str().unwrap().to_owned();
    assert!(!path("").contains(&secret));
    assert_eq!(path("--show-secrets"), format!("{secret}/deploy.env"));
    assert!(!tree.scan("--format sarif --show-secrets").exits(1).out.contains(&secret));
}

#[test]
fn what_nothing_was_found_in_is_kept_too() {
    let (one, two, three) = (token(1), token(2), token(3));
    let tree = Tree::new().file(format!("src/{three}.env"), format!("A={one}\n"));
    tree.git("init -q");
    tree.git("add .");
    let author = [("GIT_AUTHOR_NAME", two.as_str())];
    let message = format!("tok {two} DB_PASS={}", filled("{{any:a-zA-Z0-9:10}}7aQ", 4));
    tree.try_git("", &["commit", "-qm", &message], &author);
    for words in ["--range HEAD src/", "--since 2001-01-01 --include src", "--history", "src"] {
        for format in ["text", "json", "jsonl", "sarif"] {
            let ran = tree.scan(&format!("{words} --format {format}")).exits(1);
            for secret in [&one, &two, &three] {
                assert!(!ran.out.contains(secret) && !ran.err.contains(secret), "{words} {format}: {ran:?}");
            }
            assert!(!ran.out.contains("7aQ"), "{words} {format}: {ran:?}");
        }
    }
}

#[test]
fn two_secrets_on_a_line_keep_each_other() {
    let (one, two) = (token(1), filled("sk_live_{{base62:24}}", 2));
    check(format!("A={one} B={two}\n"), &[&one, &two]);
    check(format!("B={two} A={one}\n"), &[&one, &two]);
    check(format!("{one},{two},{one},{two}\n"), &[&one, &two]);
}

#[test]
fn secrets_of_different_confidence_on_a_line_keep_each_other() {
    let (sure, plausible) = (token(1), filled("{{base62:32}}", 2));
    let tree = Tree::new().file("app.env", format!("GH={sure} API_TOKEN={plausible}\n"));
    // The one below the asked confidence is not reported, and is not shown beside the other either.
    let ran = tree.scan("-c high").exits(1).says("1 more below");
    Secrets::new([sure, plausible]).are_kept(&ran, "text");
}

#[test]
fn value_known_from_another_place_is_kept_beside_a_finding() {
    // No rule sees the password in the second line, but the first has given it away.
    let (password, token) = (filled("{{any:a-zA-Z0-9!#%:14}}7!aQ", 1), token(2));
    check(format!("ADMIN_PASSWORD=\"{password}\"\necho {password} | login; export GITHUB_TOKEN={token}\n"), &[&password, &token]);
}

#[test]
fn value_of_a_wrong_type_in_a_configuration_is_not_repeated() {
    let secret = token(1);
    for (text, told) in [
        (format!("exclude = \"{secret}\"\n"), ".keysift.toml:1: invalid type: string, expected"),
        (format!("min-confidence = \"{secret}\"\n"), ".keysift.toml:1: no such value, expected one of `low`, `medium`, `high`"),
        (format!("max-file-size = \"{secret}\"\n"), ".keysift.toml: max-file-size is no file size"),
    ] {
        let ran = Tree::new().file(".keysift.toml", &text).scan("").exits(2).says(told);
        Secrets::new([secret.clone()]).are_kept(&ran, "configuration error");
    }
    let rules = format!("provider = \"Acme\"\n[[rule]]\nseverity = \"{secret}\"\n");
    let ran = Tree::clean().file("rules.toml", rules).scan("--rules rules.toml").exits(2).says("no such value");
    Secrets::new([secret]).are_kept(&ran, "rule file");
}

#[test]
fn repetition_of_a_value_is_kept_wherever_the_excerpt_ends() {
    // A password is found by its name; its repetition has none. The excerpt may begin or end within it.
    let password = filled("{{any:a-zA-Z0-9!#%:40}}7!aQ", 1);
    for gap in (100..170).step_by(7) {
        let filler = "and then ".repeat(40);
        check(format!("DB_PASSWORD={password} {} {password} x\n", &filler[..gap]), &[&password]);
        check(format!("x {password} {} DB_PASSWORD={password}\n", &filler[..gap]), &[&password]);
    }
}

#[test]
fn long_neighbour_is_kept_though_the_excerpt_begins_within_it() {
    let (long, short) = (filled("{{jwt}}", 1), token(2));
    let long = format!("{long}{}", filled("{{base64url:160}}", 3));
    for gap in ["", " and some words between them, ", "; "] {
        check(format!("JWT={long}{gap} GH={short}\n"), &[&short]);
        check(format!("GH={short}{gap} JWT={long}\n"), &[&short]);
    }
}

#[test]
fn secrets_in_one_line_keep_each_other_across_a_seam_of_chunks() {
    // Where the first chunk of 4 MiB hands over to the second, one of two neighbours belongs to either.
    let (one, two) = (token(1), filled("sk_live_{{base62:24}}", 2));
    let seam = (4 << 20) - keysift::engine::REACH;
    for before in [1, 20, 41, 45, 60, 80, 90, 120] {
        let mut text = "some words in a line that never ends; ".repeat(seam / 38 + 1);
        text.truncate(seam - before);
        text.push_str(&format!(" A={one} B={two} "));
        text.push_str(&"the rest of it; ".repeat(10_000));
        check(&text, &[&one, &two]);
    }
}

#[test]
fn password_repeated_across_a_seam_of_chunks_is_kept() {
    let password = filled("{{any:a-zA-Z0-9!#%:20}}7!aQ", 1);
    let seam = (4 << 20) - keysift::engine::REACH;
    for before in [10, 40, 60, 90] {
        let mut text = "some words in a line that never ends; ".repeat(seam / 38 + 1);
        text.truncate(seam - before);
        text.push_str(&format!(" DB_PASSWORD={password} {password} DB_PASSWORD={password} "));
        text.push_str(&"the rest of it; ".repeat(10_000));
        check(&text, &[&password]);
    }
}

#[test]
fn key_on_one_line_with_written_out_line_ends_is_kept() {
    let key = filled("{{pem:RSA PRIVATE KEY}}", 1).replace('\n', "\\n");
    check(format!("{{\"private_key\": \"{key}\\n\", \"x\": 1}}\n"), &[&key]);
}

#[test]
fn secret_in_a_path_is_the_users_own_doing_but_never_its_value_in_a_message() {
    // Paths are shown as they are; nothing else of a file is.
    let secret = token(1);
    let tree = Tree::new().file("app.env", format!("TOKEN={secret}\n"));
    for words in [
        "scan --max-file-size 1 .",
        "scan --exclude app.env",
        "scan --no-binary",
        "explain app.env:9",
        "explain app.env:0",
        "explain app.env",
    ] {
        Secrets::new([secret.clone()]).are_kept(&tree.keysift(words).run(), words);
    }
}

#[test]
fn syntax_error_in_a_configuration_does_not_repeat_the_line() {
    let secret = token(1);
    for text in [format!("key = {secret}\n"), format!("exclude = [\"{secret}\"\nx\n")] {
        let ran = Tree::new().file(".keysift.toml", &text).scan("").exits(2);
        Secrets::new([secret.clone()]).are_kept(&ran, &text);
    }
}

#[test]
fn fingerprint_is_no_hash_that_could_be_guessed_fast() {
    let ran = Tree::leaky().rows("").exits(1);
    let fingerprint = ran.findings()[0]["fingerprint"].clone();
    assert!(fingerprint.as_str().is_some_and(|f| f.starts_with("ks1:") && f.len() == 36));
    assert_eq!(Tree::leaky().rows("").findings()[0]["fingerprint"], fingerprint, "the same value, the same fingerprint");
    let other = Tree::new().file("x", token("other")).rows("");
    assert_ne!(other.findings()[0]["fingerprint"], fingerprint);
    assert_ne!(fingerprint, Value::Null);
}
