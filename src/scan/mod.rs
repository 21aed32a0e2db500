//! The only module that knows the others: it introduces sources to the engine and turns matches into findings.

mod collect;
mod history;
mod novelty;
mod pairing;
mod protected;
mod reading;
pub mod rule_test;
mod snippet;
mod stats;
mod veil;
mod worker;

use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use crate::engine::Engine;
use crate::model::{Confidence, Finding, Summary};
use crate::source::{Source, Workers};
use collect::Gathered;
pub use history::{History, Verified};
pub use stats::{RuleStats, Stats};
use veil::Veil;
use worker::ScanWorker;

/// Called by workers with bytes and files done since the last call; must be quick.
pub type Progress = dyn Fn(u64, u64) + Send + Sync;

/// What to look for and how.
pub struct Plan {
    /// The rules, prepared.
    pub engine: Engine,
    /// Findings below this are counted, not returned.
    pub min_confidence: Confidence,
    /// Whether text runs of binary files are scanned.
    pub binary: bool,
    /// Whether names of files, refs and people are told as they are, though a secret stands in them: for reports that show secrets anyway.
    pub names_in_clear: bool,
    /// Threads for what follows the sources.
    pub threads: usize,
    /// Whether to time stages and count rule by rule.
    pub stats: bool,
    /// Hears of progress.
    pub progress: Option<Arc<Progress>>,
    /// Is set as soon as something is found that will be reported, long before the run ends; histories do not tell.
    pub alarm: Option<Arc<AtomicBool>>,
}

impl Plan {
    /// A scan with the rules of `engine`, on one thread, that reports what a scan does unless told otherwise.
    #[must_use]
    pub fn new(engine: Engine) -> Self {
        Self {
            engine,
            min_confidence: Confidence::default(),
            binary: true,
            names_in_clear: false,
            threads: 1,
            stats: false,
            progress: None,
            alarm: None,
        }
    }
}

/// What a run found.
pub struct Outcome {
    /// The findings, in the order of reports.
    pub findings: Vec<Finding>,
    /// What was covered.
    pub summary: Summary,
    /// Where hits and time went.
    pub stats: Stats,
}

/// Runs `sources`, one after the other, and collects.
#[must_use]
pub fn run(plan: &Plan, sources: &[&dyn Source]) -> Outcome {
    run_with_histories(plan, sources, &[])
}

/// Runs `sources`, then scans `histories`, and collects: one finding a secret, wherever it was seen.
#[must_use]
pub fn run_with_histories(plan: &Plan, sources: &[&dyn Source], histories: &[History]) -> Outcome {
    let begin = Instant::now();
    let total = Mutex::new(Gathered::default());
    {
        let workers: &Workers<'_> = &|| Box::new(ScanWorker::new(plan, &total));
        sources.iter().for_each(|source| source.run(workers));
        histories.iter().for_each(|history| history.run(workers));
    }
    let mut gathered = total.into_inner().unwrap_or_else(PoisonError::into_inner);
    histories.iter().for_each(|history| history.gather(plan, &mut gathered));
    // What one place gives away as a secret is none the less one where no rule would see it: in a path, say, or beside another finding.
    let veil = Veil::of(plan, &gathered);
    let mut stats = gathered.stats;
    stats.sources = begin.elapsed();
    let mut summary = Summary {
        coverage: gathered.coverage,
        problems: gathered.problems,
        rules: plan.engine.rules().rules().len(),
        ..Summary::default()
    };
    summary.problems.sort();
    summary.problems.dedup();
    let collecting = Instant::now();
    summary.problems.iter_mut().for_each(|problem| veil.problem(problem));
    veil.coverage(&mut summary.coverage);
    let (findings, below) = collect::findings(plan, &veil, gathered.groups, gathered.exposures, gathered.below);
    summary.below = below + gathered.below_known;
    summary.cache_failure = gathered.cache_failure;
    stats.collecting = collecting.elapsed();
    summary.seconds = begin.elapsed().as_secs_f64();
    Outcome { findings, summary, stats }
}
