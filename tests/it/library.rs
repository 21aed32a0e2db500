//! The library gives the same answer whichever way bytes and rules come to it.

use std::io::Read;
use std::sync::OnceLock;
use std::time::Instant;

use keysift::engine::{Engine, Match, Silent, Text};
use keysift::git::{Range, Repository};
use keysift::model::{Confidence, Finding, Piece, ProblemKind, ReportPath};
use keysift::rules::template::fill;
use keysift::rules::{RuleSet, RuleText};
use keysift::scan::{Plan, run};
use keysift::source::{Changes, Input, Source, Workers};
use proptest::prelude::*;

use crate::support::{GITHUB, Tree, token};

/// Bytes under a name, given `step` at a time as pipes do.
struct Bytes<'a> {
    bytes: &'a [u8],
    step: usize,
    len: Option<u64>,
}

struct Dribble<'a> {
    rest: &'a [u8],
    step: usize,
}

impl Read for Dribble<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let n = buffer.len().min(self.rest.len()).min(self.step);
        let (now, later) = self.rest.split_at(n);
        buffer[..n].copy_from_slice(now);
        self.rest = later;
        Ok(n)
    }
}

impl Source for Bytes<'_> {
    fn run(&self, workers: &Workers<'_>) {
        let content = &mut Dribble { rest: self.bytes, step: self.step };
        workers().input(Input { path: ReportPath::new(b"app.env"), content, len: self.len, change: None });
    }
}

fn plan() -> &'static Plan {
    static PLAN: OnceLock<Plan> = OnceLock::new();
    PLAN.get_or_init(|| Plan { min_confidence: Confidence::Low, ..Plan::new(Engine::new(RuleSet::built_in())) })
}

/// A finding's rule, value and places.
type Found = (String, Vec<u8>, Vec<(u64, u64)>);

/// What a run finds.
fn found(source: &Bytes<'_>) -> Vec<Found> {
    let of = |f: &Finding| {
        let places = f.occurrences.iter().map(|o| (o.start.line, o.start.column)).collect();
        (f.rule.id.to_string(), f.secret.reveal().to_vec(), places)
    };
    run(plan(), &[source]).findings.iter().map(of).collect()
}

/// Texts with something for most kinds of rule, between fillers of any length.
fn texts() -> impl Strategy<Value = String> {
    let planted = prop::sample::select(vec![
        GITHUB,
        "DB_PASSWORD={{any:a-zA-Z0-9!#%:14}}7!aQ",
        "token: \"{{base62:40}}\"",
        "postgres://app:{{base62:20}}@db.internal/app",
        "{{pem:EC PRIVATE KEY}}",
        "{{jwt}}",
        "datadog_api_key = {{hex:32}}",
        "password = changeme",
    ]);
    let planted = (planted, any::<u16>()).prop_map(|(template, seed)| fill(template, &seed.to_string()).unwrap());
    let filler = prop_oneof![
        "[ -~\n]{0,60}",
        "\\PC{0,40}",
        Just("\n".to_owned()),
        (1usize..30_000).prop_map(|n| "words without end ".repeat(n / 18 + 1)),
        (1usize..2_000).prop_map(|n| "line\n".repeat(n)),
    ];
    prop::collection::vec(prop_oneof![2 => planted, 3 => filler], 1..24).prop_map(|parts| parts.join(" "))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn stream_and_file_are_the_same(text in texts(), step in 1usize..100_000) {
        let bytes = text.as_bytes();
        let whole = found(&Bytes { bytes, step: usize::MAX, len: Some(bytes.len() as u64) });
        prop_assert_eq!(found(&Bytes { bytes, step, len: None }), whole);
    }
}

/// Longer than two chunks of 4 MiB, with something planted around both seams and everywhere else.
#[test]
fn chunked_scan_equals_the_whole_one() {
    let templates = [GITHUB, "DB_PASSWORD={{any:a-zA-Z0-9!#%:14}}7!aQ", "{{pem:RSA PRIVATE KEY}}", "datadog_api_key = {{hex:32}}"];
    let mut text = String::new();
    for i in 0.. {
        if text.len() > 9 << 20 {
            break;
        }
        let at = text.len();
        // Densely where chunks meet, and no gap leads over such a place.
        let seams = [4 << 20, 8 << 20].map(|seam: usize| seam - 60_000..seam + 20_000);
        let next = seams.iter().map(|s| s.start).find(|&s| s > at).unwrap_or(usize::MAX);
        let gap = if seams.iter().any(|s| s.contains(&at)) { 40 + i % 300 } else { (90_000 + i * 31 % 900).min(next - at) };
        let filler = if i % 5 == 0 { "no line ends here " } else { "short lines\n" };
        text.extend(filler.chars().cycle().take(gap));
        text.push_str(&fill(&format!(" {} \n", templates[i % templates.len()]), &i.to_string()).unwrap());
    }
    // The engine's own word on the whole text in one piece.
    let engine = &plan().engine;
    let mut matches = Vec::new();
    engine.scanner().scan(Text::whole(text.as_bytes()), &mut matches, &mut Silent);
    let mut expected: Vec<(String, Vec<u8>)> = matches
        .iter()
        .map(|m: &Match| (engine.rules().rules()[usize::from(m.rule)].info.id.to_string(), text.as_bytes()[m.secret.clone()].to_vec()))
        .collect();
    expected.sort();
    expected.dedup();
    let places = matches.len();
    let chunked = found(&Bytes { bytes: text.as_bytes(), step: 65_536, len: None });
    assert_eq!(chunked.iter().map(|(_, _, places)| places.len()).sum::<usize>(), places);
    let mut values: Vec<(String, Vec<u8>)> = chunked.into_iter().map(|(rule, value, _)| (rule, value)).collect();
    values.sort();
    assert!(values.len() > 400, "{}", values.len());
    assert!(values == expected, "{} findings, not {}", values.len(), expected.len());
}

/// Every sample of every rule, filled: hits, misses, and all of them in one text.
fn samples() -> Vec<String> {
    let texts = RuleText::built_in().unwrap();
    let entries = texts.iter().flat_map(|t| &t.file.rules);
    let mut all: Vec<String> = entries
        .flat_map(|e| e.hits.iter().map(|h| &h.text).chain(e.misses.iter().map(|m| &m.text)).map(|t| fill(t, e.id.get_ref()).unwrap()))
        .collect();
    all.push(all.join("\n"));
    all.push(all.join(" "));
    all
}

/// Both engines find the same in every sample.
#[track_caller]
fn find_the_same(one: &Engine, other: &Engine) {
    let (mut one, mut other) = (one.scanner(), other.scanner());
    for text in samples() {
        let (mut ours, mut theirs) = (Vec::new(), Vec::new());
        one.scan(Text::whole(text.as_bytes()), &mut ours, &mut Silent);
        other.scan(Text::whole(text.as_bytes()), &mut theirs, &mut Silent);
        assert_eq!(ours, theirs, "{}", &text[..text.len().min(400)]);
    }
}

#[test]
fn loaded_rules_find_what_the_built_in_ones_find() {
    let texts = RuleText::built_in().unwrap();
    let loaded = Engine::new(RuleSet::load(&texts, true, &[]).unwrap());
    let built_in = Engine::new(RuleSet::built_in());
    let ids = |e: &Engine| e.rules().rules().iter().map(|r| r.info.id.to_string()).collect::<Vec<_>>();
    assert_eq!(ids(&loaded), ids(&built_in));
    find_the_same(&loaded, &built_in);
}

/// Leaving rules out spares no more than their matches: the ready-made automaton goes on finding their anchors, and nothing comes of it.
#[test]
fn left_out_rules_find_nothing_and_the_others_what_they_found() {
    let texts = RuleText::built_in().unwrap();
    let all: Vec<String> = RuleSet::built_in().rules().iter().map(|r| r.info.id.to_string()).collect();
    // The first and the last, neighbours, and every seventh.
    let disable: Vec<String> =
        all.iter().enumerate().filter(|(i, _)| i % 7 == 0 || i % 50 < 2 || *i == all.len() - 1).map(|(_, id)| id.clone()).collect();
    let ready_made = Engine::new(RuleSet::load(&[], false, &disable).unwrap());
    let built = Engine::new(RuleSet::load(&texts, true, &disable).unwrap());
    assert_eq!(ready_made.rules().rules().len(), all.len() - disable.len());
    find_the_same(&ready_made, &built);
}

#[test]
fn scanner_keeps_nothing_from_one_text_to_the_next() {
    let engine = &plan().engine;
    let mut reused = engine.scanner();
    for text in samples() {
        let (mut ours, mut fresh) = (Vec::new(), Vec::new());
        reused.scan(Text::whole(text.as_bytes()), &mut ours, &mut Silent);
        engine.scanner().scan(Text::whole(text.as_bytes()), &mut fresh, &mut Silent);
        assert_eq!(ours, fresh, "{}", &text[..text.len().min(400)]);
    }
}

/// A match depends on nothing outside its window: what scanning only what changed will rest on.
#[test]
fn matches_do_not_depend_on_distant_bytes() {
    let engine = &plan().engine;
    let mut scanner = engine.scanner();
    let filler = "x y z\n".repeat(keysift::engine::REACH / 6 + 1);
    for text in samples().iter().filter(|t| t.len() < 8_000).step_by(7) {
        let (mut alone, mut amid) = (Vec::new(), Vec::new());
        let padded = format!("\n{text}\n");
        scanner.scan(Text::whole(padded.as_bytes()), &mut alone, &mut Silent);
        let long = format!("{} {filler}{padded}{filler}{}", token(1), token(2));
        let (from, to) = (token(1).len() + 1 + filler.len(), token(1).len() + 1 + filler.len() + padded.len());
        scanner.scan(Text { bytes: long.as_bytes(), from, to, binary: false }, &mut amid, &mut Silent);
        let shift = |r: &std::ops::Range<usize>| r.start - from..r.end - from;
        let amid: Vec<_> = amid.iter().map(|m| (m.rule, shift(&m.secret), shift(&m.whole), m.confidence)).collect();
        let alone: Vec<_> = alone.iter().map(|m| (m.rule, m.secret.clone(), m.whole.clone(), m.confidence)).collect();
        assert_eq!(amid, alone, "{text}");
    }
}

/// The excerpt of a line ends somewhere: perhaps between the parts of a secret's repetition.
#[test]
fn no_excerpt_holds_a_part_of_its_secret() {
    let password = fill("{{any:a-zA-Z0-9!#%:40}}7!aQ", "1").unwrap();
    let filler = "and then some more words ".repeat(20);
    for gap in 80..260 {
        let gap = &filler[..gap];
        for text in [
            format!("x DB_PASSWORD={password} {gap} {password} x {}", token(1)),
            format!("x {password} {gap} DB_PASSWORD={password} {gap} {}", token(2)),
            format!("x {} {gap} DB_PASSWORD={password}", token(3)),
        ] {
            let outcome = run(plan(), &[&Bytes { bytes: text.as_bytes(), step: usize::MAX, len: Some(text.len() as u64) }]);
            assert_eq!(outcome.findings.len(), 2);
            for finding in &outcome.findings {
                let secret = finding.secret.reveal();
                for piece in &finding.snippet.0 {
                    let Piece::Text(shown) = piece else { continue };
                    let leak = shown.as_bytes().windows(6).find(|w| secret.windows(6).any(|s| s == *w));
                    assert_eq!(leak, None, "{shown:?} of {text:?}");
                }
            }
        }
    }
}

#[test]
fn library_is_quiet_and_masks() {
    let text = format!("TOKEN={}", token(1));
    let outcome = run(plan(), &[&Bytes { bytes: text.as_bytes(), step: 7, len: None }]);
    let shown = format!("{:?}", outcome.findings);
    assert!(!shown.contains(&token(1)), "{shown}");
    assert!(shown.contains(&outcome.findings[0].secret.to_string()), "{shown}");
}

/// The problems of a run whose time is over before it begins.
fn late(mut changes: Changes) -> Vec<(ProblemKind, String)> {
    changes.limits.deadline = Some(Instant::now());
    run(plan(), &[&changes]).summary.problems.into_iter().map(|p| (p.kind, p.detail)).collect()
}

#[test]
fn a_deadline_is_a_problem_where_something_was_left_and_only_there() {
    let tree = Tree::new();
    tree.git("init -q");
    let open = || Repository::open(&tree.path("")).unwrap();
    assert_eq!(late(Changes::staged(open(), &[]).unwrap()), []);
    (0..100).for_each(|i| tree.write(format!("{i}"), format!("{i}\n")));
    tree.git("add .");
    let left = |of: &str| vec![(ProblemKind::Unfinished, format!("the time allowed was over; of {of}, 0 were looked at wholly"))];
    assert_eq!(late(Changes::staged(open(), &[]).unwrap()), left("100 files"));
    tree.git("commit -qm first");
    let range = open().range("HEAD").unwrap();
    assert_eq!(late(Changes::commits(open(), range)), left("1 commits"));
    assert_eq!(late(Changes::commits(open(), Range::default())), []);
}
