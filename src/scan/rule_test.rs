//! Rules tried on the hits and misses of their own files.

use std::collections::BTreeSet;
use std::fmt;

use crate::engine::context::PathContext;
use crate::engine::{Engine, Match, Observer, Text, Verdict};
use crate::model::{Confidence, ReportPath};
use crate::rules::{Gate, LoadError, RuleSet, RuleText, template};

/// What the trial of some rules gave.
#[derive(Debug, Default)]
pub struct RuleTests {
    /// Rules tried.
    pub rules: usize,
    /// Hits tried.
    pub hits: usize,
    /// Misses tried.
    pub misses: usize,
    /// What went wrong.
    pub failures: Vec<TestFailure>,
}

/// A sample that did not behave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TestFailure {
    /// The file.
    pub file: String,
    /// The line of the rule, from 1.
    pub line: usize,
    /// The rule.
    pub id: String,
    /// The sample, as a template.
    pub sample: String,
    /// What happened instead.
    pub message: String,
}

impl fmt::Display for TestFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}: {}\n    {}", self.file, self.line, self.id, self.message, self.sample.replace('\n', "\n    "))
    }
}

/// What became of one rule's hits in one sample.
#[derive(Default)]
struct Gates {
    rule: u16,
    gates: BTreeSet<Gate>,
}

impl Observer for Gates {
    fn considered(&mut self, rule: u16, verdict: &Verdict) {
        if rule != self.rule {
            return;
        }
        match verdict {
            Verdict::Drop { objection, .. } => drop(self.gates.insert(objection.gate)),
            Verdict::Keep(found) => self.gates.extend(found.doubt.as_ref().map(|d| d.gate)),
        }
    }

    fn misshapen(&mut self, rule: u16, _at: usize) {
        if rule == self.rule {
            self.gates.insert(Gate::Shape);
        }
    }
}

/// Tries the rules of `texts` whose ids begin with `prefix`, all of `texts` being in force.
///
/// # Errors
/// A rule that cannot be loaded.
pub fn run(texts: &[RuleText], prefix: &str) -> Result<RuleTests, LoadError> {
    let engine = Engine::new(RuleSet::load(texts, true, &[])?);
    let mut tests = RuleTests::default();
    let entries = texts.iter().flat_map(|t| t.file.rules.iter().map(move |e| (t, e)));
    for (index, (text, entry)) in entries.enumerate().filter(|(_, (_, e))| e.id.get_ref().starts_with(prefix)) {
        tests.rules += 1;
        tests.hits += entry.hits.len();
        tests.misses += entry.misses.len();
        let trial = Trial { engine: &engine, index: u16::try_from(index).unwrap_or(u16::MAX), id: entry.id.get_ref() };
        let hits = entry.hits.iter().map(|h| (&h.text, trial.hit(&h.text, h.path.as_deref(), entry.confidence)));
        let misses = entry.misses.iter().map(|m| (&m.text, trial.miss(&m.text, m.path.as_deref(), m.dropped_by)));
        for (sample, message) in hits.chain(misses) {
            if let Some(message) = message {
                tests.failures.push(TestFailure {
                    file: text.origin.to_string(),
                    line: text.line(entry),
                    id: entry.id.get_ref().clone(),
                    sample: sample.clone(),
                    message,
                });
            }
        }
    }
    Ok(tests)
}

/// What a sample gave.
struct Scanned {
    /// Every rule's matches.
    matches: Vec<Match>,
    /// The confidence that the matches of the rule on trial have where they stand.
    ours: Vec<Confidence>,
    /// The gates that spoke about the rule on trial.
    gates: BTreeSet<Gate>,
}

struct Trial<'a> {
    engine: &'a Engine,
    index: u16,
    id: &'a str,
}

impl Trial<'_> {
    /// Fills and scans a sample.
    fn scan(&self, sample: &str, path: Option<&str>) -> Result<Scanned, String> {
        let text = template::fill(sample, self.id).map_err(|e| e.to_string())?;
        let mut gates = Gates { rule: self.index, gates: BTreeSet::new() };
        let mut matches = Vec::new();
        self.engine.scanner().scan(Text::whole(text.as_bytes()), &mut matches, &mut gates);
        let context = PathContext::of(&ReportPath::new(path.unwrap_or("app.conf").as_bytes()));
        let mut ours = Vec::new();
        for found in matches.iter().filter(|m| m.rule == self.index) {
            match context.judge(found, text.as_bytes()) {
                Ok(confidence) => ours.push(confidence),
                Err(objection) => drop(gates.gates.insert(objection.gate)),
            }
        }
        Ok(Scanned { matches, ours, gates: gates.gates })
    }

    fn hit(&self, sample: &str, path: Option<&str>, least: Confidence) -> Option<String> {
        let Scanned { matches, ours, gates } = match self.scan(sample, path) {
            Ok(scanned) => scanned,
            Err(message) => return Some(message),
        };
        if ours.iter().any(|&c| c >= least) {
            return None;
        }
        let others: Vec<&str> = matches.iter().map(|m| self.engine.rules().rules()[usize::from(m.rule)].info.id.as_ref()).collect();
        Some(format!("hit not found with {least} confidence (gates: {}; found: {})", names(&gates), others.join(", ")))
    }

    fn miss(&self, sample: &str, path: Option<&str>, expected: Option<Gate>) -> Option<String> {
        let Scanned { ours, mut gates, .. } = match self.scan(sample, path) {
            Ok(scanned) => scanned,
            Err(message) => return Some(message),
        };
        let doubted = gates.iter().any(|g| matches!(g, Gate::Checksum | Gate::Structure));
        if ours.iter().any(|&c| c > Confidence::Low || !doubted && expected != Some(Gate::Context)) {
            return Some("miss is found".to_owned());
        }
        if gates.is_empty() {
            gates.insert(Gate::Anchor);
        }
        // Which of the two notices that a value does not match is the engine's business.
        let form = |g: &Gate| matches!(g, Gate::Shape | Gate::Pattern);
        let as_expected = |e: Gate| gates.contains(&e) || form(&e) && gates.iter().any(form);
        match expected {
            Some(expected) if !as_expected(expected) => Some(format!("miss is dropped by {}, not by {}", names(&gates), expected.as_str())),
            _ => None,
        }
    }
}

fn names(gates: &BTreeSet<Gate>) -> String {
    gates.iter().map(|g| g.as_str()).collect::<Vec<_>>().join(", ")
}
