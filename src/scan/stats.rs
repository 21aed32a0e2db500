//! Where hits and time go, for `--stats`.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::engine::{Observer, Verdict};
use crate::rules::Gate;

use super::history::Verified;

/// Counts of one rule.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RuleStats {
    /// Hits that the shape gate dropped.
    pub misshapen: u64,
    /// Hits that went on to the pattern or parser.
    pub considered: u64,
    /// Matches that every check let pass.
    pub kept: u64,
    /// Drops behind the shape gate, by gate.
    pub dropped: BTreeMap<Gate, u64>,
}

/// Counts and times of one run.
#[derive(Clone, Debug, Default)]
pub struct Stats {
    /// By the rule's index in its set.
    pub rules: Vec<RuleStats>,
    /// Windows matched with a regular expression.
    pub regex_runs: u64,
    /// Bytes of history searched for anchors: what is new in each object.
    pub searched: u64,
    /// Objects of history scanned with and without knowledge of deltas, where that was asked for.
    pub verified: Verified,
    /// Wall time of the steps of a scan of history.
    pub steps: Vec<(&'static str, Duration)>,
    /// Wall time of walking, reading and scanning.
    pub sources: Duration,
    /// Thread time of reading and decoding, summed over threads; measured only when asked for.
    pub reading: Duration,
    /// Thread time of the engine, summed over threads; measured only when asked for.
    pub scanning: Duration,
    /// Wall time of grouping, fingerprints and sorting.
    pub collecting: Duration,
}

impl Stats {
    /// Counts for `rules` rules.
    #[must_use]
    pub fn new(rules: usize) -> Self {
        Self { rules: vec![RuleStats::default(); rules], ..Self::default() }
    }

    /// Counts a match of `rule`, kept so far, as dropped by `gate`, or as another chunk's where there is none.
    pub fn take_back(&mut self, rule: u16, gate: Option<Gate>) {
        let stats = &mut self.rules[usize::from(rule)];
        stats.kept -= 1;
        if let Some(gate) = gate {
            *stats.dropped.entry(gate).or_default() += 1;
        }
    }

    /// Adds another worker's counts.
    pub fn merge(&mut self, other: &Self) {
        self.searched += other.searched;
        self.regex_runs += other.regex_runs;
        self.rules.resize(self.rules.len().max(other.rules.len()), RuleStats::default());
        for (ours, theirs) in self.rules.iter_mut().zip(&other.rules) {
            ours.misshapen += theirs.misshapen;
            ours.considered += theirs.considered;
            ours.kept += theirs.kept;
            for (gate, count) in &theirs.dropped {
                *ours.dropped.entry(*gate).or_default() += count;
            }
        }
        self.reading += other.reading;
        self.scanning += other.scanning;
    }
}

impl Observer for Stats {
    fn considered(&mut self, rule: u16, verdict: &Verdict) {
        let stats = &mut self.rules[usize::from(rule)];
        match verdict {
            Verdict::Keep(_) => stats.kept += 1,
            // An overlapped match was kept first.
            Verdict::Drop { objection, .. } if objection.gate == Gate::Overlap => {
                self.take_back(rule, Some(Gate::Overlap));
                return;
            }
            Verdict::Drop { objection, .. } => *stats.dropped.entry(objection.gate).or_default() += 1,
        }
        stats.considered += 1;
    }

    fn misshapen(&mut self, rule: u16, _at: usize) {
        self.rules[usize::from(rule)].misshapen += 1;
    }
}
