//! Histories made at random: a scan by deltas finds what a scan of every version of every file finds, and who brought it in.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use keysift::engine::Engine;
use keysift::model::{Confidence, ReportPath};
use keysift::rules::RuleSet;
use keysift::scan::{Plan, run};
use keysift::source::{Input, Source, Workers};
use proptest::prelude::*;
use serde_json::Value;

use super::Repo;
use crate::support::{GITHUB, filled};

const PATHS: [&str; 3] = ["a.env", "dir/b.conf", "dir/deep/c.yml"];

/// One change to a file. Places are fractions of its lines.
#[derive(Clone, Debug)]
enum Edit {
    Insert(f64, String),
    Delete(f64, usize),
    Replace(f64, String),
    Move(f64, usize, f64),
    Repeat(f64, usize),
    /// All ends of lines become the other ones.
    Flip,
    /// Cut off at a byte, wherever that is.
    Truncate(f64),
    /// Not in the working tree any more.
    Remove,
    /// As another file is now.
    Copy(usize),
}

fn content() -> impl Strategy<Value = String> {
    let planted = prop::sample::select(vec![
        format!("TOKEN={GITHUB}\n"),
        "url = postgres://app:{{base62:20}}@db.internal/app\n".to_owned(),
        "DD_API_KEY = {{hex:32}}\n".to_owned(),
        format!("\x1b[36mtoken\x1b[0m: \x1b[32m{GITHUB}\x1b[0m\n"),
        "const char *DB_PASSWORD\n    = \"{{base62:20}}\";\n".to_owned(),
        "variable \"api_token\" {\n  type    = string\n  default = \"{{base62:20}}\"\n}\n".to_owned(),
        "name,login,password\nwiki,ann,{{base62:20}}\nmail,bob,{{base62:20}}\n".to_owned(),
        "mail,eve,{{base62:20}}\n".to_owned(),
        format!("recovery codes:\n{}", "{{hex:5}}-1{{hex:4}}\n".repeat(5)),
        "{{pem:EC PRIVATE KEY}}\n".to_owned(),
        "GET /go?to=https%3A%2F%2Fapp%3A{{base62:20}}%40git.internal%2Fx\n".to_owned(),
        format!(r#"{{"cmd": "env TOKEN\u003d{GITHUB} \u0026\u0026 run"}}"#) + "\n",
    ]);
    let planted = (planted, 0..4).prop_map(|(text, seed)| filled(&text, seed));
    let encoded = (0..4, prop::sample::select(vec!["", "\n", "\n  "])).prop_map(|(seed, fold)| {
        let text = filled(
            &format!("These are the settings of today.\nTOKEN={GITHUB}\nurl = postgres://app:{{{{base62:20}}}}@db.internal/app\n"),
            seed,
        );
        let code = BASE64_STANDARD.encode(text);
        let lines: Vec<&str> = code.as_bytes().chunks(64).map(|line| std::str::from_utf8(line).expect("ASCII")).collect();
        format!("  settings: {}\n", lines.join(fold))
    });
    let half = (0..4, any::<bool>()).prop_map(|(seed, first)| {
        let key = filled("{{pem:EC PRIVATE KEY}}\n", seed);
        let middle = key.len() / 2;
        if first { key[..middle].to_owned() } else { key[middle..].to_owned() }
    });
    let lines =
        (0..1000usize, 1..40usize).prop_map(|(from, n)| (from..from + n).map(|i| format!("setting.{i} = {}\n", i * 7919 % 1000)).collect());
    let long = (0..4, 0..20_000usize).prop_map(|(seed, at)| {
        let filler = "a, b; c ".repeat(2500);
        format!("{}TOKEN={} {}\n", &filler[..at], filled(GITHUB, seed), &filler[at..])
    });
    prop_oneof![4 => planted, 1 => encoded, 1 => half, 3 => lines, 1 => long]
}

fn edit() -> impl Strategy<Value = Edit> {
    let place = || 0.0..1.0;
    prop_oneof![
        6 => (place(), content()).prop_map(|(at, new)| Edit::Insert(at, new)),
        2 => (place(), 1..6usize).prop_map(|(at, n)| Edit::Delete(at, n)),
        3 => (place(), content()).prop_map(|(at, new)| Edit::Replace(at, new)),
        2 => (place(), 1..30usize, place()).prop_map(|(from, n, to)| Edit::Move(from, n, to)),
        1 => (place(), 1..30usize).prop_map(|(at, n)| Edit::Repeat(at, n)),
        1 => Just(Edit::Flip),
        1 => place().prop_map(Edit::Truncate),
        1 => Just(Edit::Remove),
        1 => (0..PATHS.len()).prop_map(Edit::Copy),
    ]
}

/// Files by path.
type Files = BTreeMap<&'static str, String>;

impl Edit {
    fn apply(&self, path: &'static str, files: &mut Files) {
        let start = || (0..120).map(|i| format!("line {i} of {path}\n")).collect::<String>();
        let text = files.remove(path).unwrap_or_else(start);
        let mut lines: Vec<&str> = text.split_inclusive('\n').collect();
        let place = |lines: &[&str], at: f64| (lines.len() as f64 * at) as usize;
        let some = |lines: &[&str], at, n: usize| {
            let from = place(lines, at);
            from..(from + n).min(lines.len())
        };
        match self {
            Self::Insert(at, new) => lines.insert(place(&lines, *at), new),
            Self::Delete(at, n) => drop(lines.drain(some(&lines, *at, *n))),
            Self::Replace(at, new) => {
                let range = some(&lines, *at, 1);
                lines.splice(range, [&**new]);
            }
            Self::Move(from, n, to) => {
                let range = some(&lines, *from, *n);
                let moved: Vec<&str> = lines.drain(range).collect();
                let to = place(&lines, *to);
                lines.splice(to..to, moved);
            }
            Self::Repeat(at, n) => {
                let range = some(&lines, *at, *n);
                let again = lines[range.clone()].to_vec();
                lines.splice(range.start..range.start, again);
            }
            Self::Flip => {
                let other = if text.contains('\r') { text.replace('\r', "") } else { text.replace('\n', "\r\n") };
                files.insert(path, other);
                return;
            }
            Self::Truncate(at) => {
                let at = (text.len() as f64 * at) as usize;
                files.insert(path, text[..at].to_owned());
                return;
            }
            Self::Remove => return,
            Self::Copy(other) => {
                let other = files.get(PATHS[*other]).cloned().unwrap_or(text);
                files.insert(path, other);
                return;
            }
        }
        let text = lines.concat();
        files.insert(path, text);
    }
}

struct Bytes<'a>(&'a str, &'a str);

impl Source for Bytes<'_> {
    fn run(&self, workers: &Workers<'_>) {
        let len = Some(self.1.len() as u64);
        workers().input(Input { path: ReportPath::new(self.0.as_bytes()), content: &mut self.1.as_bytes(), len, change: None });
    }
}

/// The secrets in a file, by a scan that knows nothing of git.
fn secrets(path: &str, text: &str) -> BTreeSet<String> {
    static PLAN: OnceLock<Plan> = OnceLock::new();
    let plan = PLAN.get_or_init(|| Plan { min_confidence: Confidence::Medium, ..Plan::new(Engine::new(RuleSet::built_in())) });
    run(plan, &[&Bytes(path, text)]).findings.iter().map(|f| String::from_utf8_lossy(f.secret.reveal()).into_owned()).collect()
}

/// What all copies of a key have in common: lines of a file may get other ends, or others between them.
fn plain(secret: &str) -> String {
    String::from_utf8_lossy(&keysift::engine::checks::armour::plain(secret.as_bytes())).into_owned()
}

/// What is to be found. When a key came is left open: a text may hold two copies of it, and the plain scan shows one.
fn told(path: &str, secret: &str, subject: &str) -> (String, String, String) {
    let subject = if secret.starts_with("-----BEGIN") { "" } else { subject };
    (path.to_owned(), plain(secret), subject.to_owned())
}

/// Path, secret and the number of the commit that brought it there.
type Found = BTreeSet<(String, String, String)>;

fn check(edits: &[(usize, Edit)], window: u32, depth: u32) -> Result<(), TestCaseError> {
    let repo = Repo::new();
    let (mut files, mut stream, mut expected) = (Files::new(), String::new(), Found::new());
    let mut known: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    for (i, (path, edit)) in edits.iter().enumerate() {
        let path = PATHS[*path];
        edit.apply(path, &mut files);
        let change = match files.get(path) {
            Some(text) => format!("M 644 inline {path}\ndata {}\n{text}\n", text.len()),
            None => format!("D {path}\n"),
        };
        let subject = format!("v{i}");
        stream.push_str(&format!(
            "commit refs/heads/main\ncommitter A <a@x> {} +0000\ndata {}\n{subject}\n{change}",
            1_700_000_000 + i / 3,
            subject.len()
        ));
        let now = files.get(path).map(|text| secrets(path, text)).unwrap_or_default();
        let before = known.insert(path, now.clone()).unwrap_or_default();
        expected.extend(now.difference(&before).map(|secret| told(path, secret, &subject)));
    }
    repo.feed(["fast-import", "--quiet"], stream.as_bytes());
    repo.git(&format!("repack -qadf --window={window} --depth={depth}"));
    let ran = repo.report("--format jsonl --show-secrets --verify-deltas");
    prop_assert!(ran.err.contains(", 0 differ") && ran.problems().is_empty(), "{}", ran.err);
    let mut found = Found::new();
    for finding in ran.findings() {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        for place in finding["occurrences"].as_array().into_iter().flatten() {
            found.insert(told(&text(&place["path"]), &text(&finding["secret"]), &text(&place["subject"])));
        }
    }
    prop_assert_eq!(found, expected);
    // What a plain scan of the last commit finds stands at HEAD, nothing else does.
    for finding in ran.findings() {
        let secret = finding["secret"].as_str().unwrap_or_default();
        let at_head = known.values().flatten().any(|known| plain(known) == plain(secret));
        prop_assert_eq!(finding["exposure"]["at_head"].as_bool(), Some(at_head), "{}", secret);
        prop_assert_eq!(finding["exposure"]["removed"].is_object(), !at_head, "{}", finding);
    }
    Ok(())
}

/// A few cases suffice to notice what was broken; `PROPTEST_CASES` asks for more.
fn config() -> ProptestConfig {
    let cases = std::env::var("PROPTEST_CASES").ok().and_then(|n| n.parse().ok()).unwrap_or(12);
    ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn deltas_find_what_versions_have(
        edits in prop::collection::vec((0..PATHS.len(), edit()), 5..60),
        window in 2..60u32,
        depth in 1..80u32,
    ) {
        check(&edits, window, depth)?;
    }
}
