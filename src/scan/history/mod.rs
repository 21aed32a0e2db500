//! Whole histories: every object of a repository scanned once, at the cost of what is new in it; then, for what was found, who, when and where.

mod again;
mod asking;
mod blobs;
mod cache;
mod places;
mod sights;

use std::io::Read;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use super::collect::Gathered;
use super::{Plan, Stats};
use crate::git::{Kind, ObjectSet, Objects, Reference, Repository, TextFiles};
use crate::model::{Problem, ProblemKind, ReportPath, system_words};
use crate::source::{Filter, Input, Source, Workers};
use asking::Asking;
use blobs::{Manner, ObjectScanner, Total};
use cache::Cache;
use places::Places;

/// A repository whose history is scanned.
#[derive(Debug)]
pub struct History {
    /// The repository.
    pub repository: Repository,
    /// What comes before its paths in reports: empty, or a name and `/`.
    pub prefix: String,
    /// Paths that count.
    pub filter: Filter,
    /// Larger blobs are left out.
    pub max_file_size: Option<u64>,
    /// Whether only what refs reach counts.
    pub reachable: bool,
    /// Whether every object is also scanned without knowledge of deltas, and differences are problems.
    pub verify: bool,
    /// Seconds since 1970 at which exposure ends that has not ended yet.
    pub now: i64,
    /// The folder of a cache of what earlier runs learnt.
    pub cache: Option<PathBuf>,
}

/// How many objects were scanned both ways.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Verified {
    /// Objects built on others.
    pub objects: u64,
    /// Those where the outcome differed.
    pub differing: u64,
}

/// Times one step after the other.
struct Watch {
    begin: Instant,
    steps: Vec<(&'static str, Duration)>,
}

impl Watch {
    fn done(&mut self, step: &'static str) {
        self.steps.push((step, self.begin.elapsed()));
        self.begin = Instant::now();
    }
}

/// The clock's seconds since 1970.
fn now() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |d| i64::try_from(d.as_secs()).unwrap_or(i64::MAX))
}

impl History {
    /// All of `repository`, with its paths as they are.
    #[must_use]
    pub fn new(repository: Repository) -> Self {
        Self {
            repository,
            prefix: String::new(),
            filter: Filter::default(),
            max_file_size: None,
            reachable: false,
            verify: false,
            cache: None,
            now: now(),
        }
    }

    /// Scans it and adds to `gathered` what was found.
    pub(super) fn gather(&self, plan: &Plan, gathered: &mut Gathered) {
        let mut watch = Watch { begin: Instant::now(), steps: Vec::new() };
        match Objects::open(&self.repository) {
            Ok(objects) => self.read(plan, &objects, &mut watch, gathered),
            Err(error) => gathered.problems.push(self.problem(&error.to_string())),
        }
        gathered.stats.steps.extend(watch.steps);
    }

    /// Scans `objects`, or repeats what an earlier run found in the very same.
    fn read(&self, plan: &Plan, objects: &Objects, watch: &mut Watch, gathered: &mut Gathered) {
        gathered.problems.extend_from_slice(objects.problems());
        watch.done("opening packs");
        let references = self.references(objects, gathered);
        watch.done("refs");
        let cache = self.cache.as_deref().filter(|_| !self.verify).map(|dir| Cache::new(dir, plan, self));
        // What was found is repeated, and kept to be, only where no path is left out.
        let state = cache.as_ref().filter(|_| self.filter.is_empty()).map(|_| cache::state(plan, self, objects, &references));
        let mut known = ObjectSet::default();
        if let Some(remembered) = cache.as_ref().and_then(|cache| cache.load(plan, objects)) {
            known = remembered.clean(objects);
            if let Some(state) = &state
                && let Some(replayed) = remembered.replay(plan, self, objects, &references, state)
            {
                watch.done("what an earlier run found");
                gathered.coverage.merge(replayed.coverage);
                gathered.problems.extend(replayed.problems);
                gathered.below_known += replayed.below;
                let places = Places { plan, history: self, objects, references: &references, claims: &replayed.claims };
                places.gather(replayed.places, &replayed.stories, gathered);
                watch.done("lines and details");
                return;
            }
            watch.done("objects known clean");
        }
        let mut total = self.scan(plan, objects, &known, cache.is_some(), watch);
        let problems_before = gathered.problems.len();
        gathered.problems.append(&mut total.problems);
        gathered.stats.merge(&total.stats);
        gathered.stats.verified.objects += total.verified;
        gathered.stats.verified.differing += total.differing;
        if self.repository.is_shallow() {
            let detail = "history was cut off when it was fetched; `git fetch --unshallow` gets the rest".to_owned();
            gathered.problems.push(Problem { what: self.name(), kind: ProblemKind::Absent, detail });
        }
        let mut sights = total.sights;
        let asking = Asking { plan, history: self, objects, references: &references, sights: &mut sights };
        let (places, stories) = asking.ask(total.commits, gathered);
        watch.done("trees and attribution");
        if let Some(cache) = cache {
            total.clean.extend(known.iter());
            let outcome = cache::Outcome {
                clean: total.clean,
                sights: &sights,
                places: &places,
                stories: &stories,
                coverage: &total.coverage,
                below: total.below.len() as u64,
                problems: &gathered.problems[problems_before..],
            };
            if let Err(error) = cache.save(plan, objects, state, &outcome) {
                gathered.cache_failure = Some(system_words(&error));
            }
            watch.done("writing the cache");
        }
        gathered.coverage.merge(total.coverage);
        gathered.below.extend(total.below);
        let finder = Places { plan, history: self, objects, references: &references, claims: &sights.claims };
        finder.gather(places, &stories, gathered);
        watch.done("lines and details");
    }

    /// Scans what is not `known` clean; says which objects are, where that is `collected`.
    fn scan(&self, plan: &Plan, objects: &Objects, known: &ObjectSet, collected: bool, watch: &mut Watch) -> Total {
        let manner = Manner { verify: self.verify, max_size: self.max_file_size, known, collect_clean: collected };
        let total = Mutex::new(Total { stats: Stats::new(plan.engine.rules().rules().len()), ..Total::default() });
        for (kind, step) in [(Kind::Commit, "commits"), (Kind::Tag, "tags"), (Kind::Blob, "blobs")] {
            // Commits are read in any case: their graph is needed.
            let skip = if kind == Kind::Blob { known } else { &ObjectSet::default() };
            objects.walk(kind, plan.threads, skip, &|| ObjectScanner::new(plan, objects, kind, &manner, &total));
            watch.done(step);
        }
        let mut total = total.into_inner().unwrap_or_else(PoisonError::into_inner);
        for at in known.iter().filter(|&at| objects.first(at) == at) {
            match objects.kind(at) {
                Some(Kind::Blob) => total.coverage.blobs += 1,
                Some(Kind::Commit) => total.coverage.commits += 1,
                _ => continue,
            }
            total.coverage.known += 1;
        }
        total
    }

    fn name(&self) -> String {
        self.repository.git_dir().display().to_string()
    }

    fn problem(&self, detail: &str) -> Problem {
        Problem { what: self.name(), kind: ProblemKind::Object, detail: detail.to_owned() }
    }

    /// Refs, and the heads of working trees that are on no branch.
    fn references(&self, objects: &Objects, gathered: &mut Gathered) -> Vec<Reference> {
        for name in self.repository.broken_references().unwrap_or_default() {
            let detail = "is a ref that names nothing git understands".to_owned();
            gathered.problems.push(Problem { what: format!("{}{name}", self.prefix), kind: ProblemKind::Object, detail });
        }
        let mut reader = objects.reader();
        // Libgit2 would read, and hash, the commit of each branch, to learn that it is no tag.
        let mut references = self.repository.references(|id| reader.peel(id)).unwrap_or_else(|error| {
            gathered.problems.push(self.problem(&format!("refs: {error}")));
            Vec::new()
        });
        references.extend(self.repository.detached_heads());
        references.sort();
        references
    }
}

/// What git keeps beside objects: settings, logs, messages and hooks in its folder, and the names of refs.
impl Source for History {
    fn run(&self, workers: &Workers<'_>) {
        let mut worker = workers();
        // A working tree's git folder shows as the folder it is; a bare repository is one.
        let shown = if self.repository.worktree().is_some() { ".git/" } else { "" };
        let shown = |name: &[u8]| ReportPath::new(&[self.prefix.as_bytes(), shown.as_bytes(), name].concat());
        let TextFiles { files, mut unreadable } = self.repository.text_files();
        for (name, path) in files {
            match std::fs::File::open(&path).and_then(|file| Ok((file.metadata()?.len(), file))) {
                Ok((len, mut file)) => worker.input(Input { path: shown(&name), content: &mut file, len: Some(len), change: None }),
                Err(error) => unreadable.push((name, system_words(&error))),
            }
        }
        for (name, detail) in unreadable {
            worker.problem(Problem { what: shown(&name).to_string(), kind: ProblemKind::Unreadable, detail });
        }
        let names: Vec<u8> =
            self.repository.references(|_| None).unwrap_or_default().into_iter().flat_map(|r| [r.name, vec![b'\n']].concat()).collect();
        if !names.is_empty() {
            let path = ReportPath::new(&[self.prefix.as_bytes(), ReportPath::REF_NAMES].concat());
            let len = Some(names.len() as u64);
            let mut content: &[u8] = &names;
            worker.input(Input { path, content: &mut content as &mut dyn Read, len, change: None });
        }
    }
}
