//! Secrets, taken out of everything else that reports repeat: paths, subjects and authors of commits, names of refs, problems. Those that were found
//! elsewhere, and those that stand nowhere else: no scan may have looked at a message, and none looks at names of files. What a commit
//! says is cut to a length that can be repeated thousands of times, and not before: half a secret would be recognised no more.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use aho_corasick::{AhoCorasick, MatchKind};

use super::Plan;
use super::collect::Gathered;
use super::snippet::LEAST_REPEATED;
use crate::engine::context::PathContext;
use crate::engine::{Match, Scanner, Silent, Text};
use crate::model::{Commit, Confidence, Coverage, Exposure, ObjectId, Occurrence, Problem, ReportPath, Secret, Snippet};

/// Values shorter than this stay in names, of files or refs: a password may be a word that names have anyway.
const LEAST_IN_NAMES: usize = 12;
/// Characters of a commit's subject, author and address that are told.
const MOST_TOLD: usize = 300;

/// Knows every value that was found. Where there are more than an automaton can hold, all text it is asked about is left out.
pub struct Veil {
    in_text: Option<AhoCorasick>,
    in_names: Option<AhoCorasick>,
}

/// What was asked about before, and what is shown of it: thousands of findings share it.
#[derive(Default)]
pub struct Veiled {
    commits: HashMap<ObjectId, Arc<Commit>>,
    /// Names of refs.
    names: Shared<str>,
    /// Lists of them.
    lists: Shared<[Arc<str>]>,
}

/// Where each of many lies in memory, the thing itself, which thus goes on lying there, and what is shown.
type Shared<T> = HashMap<usize, (Arc<T>, Arc<T>)>;

/// Looks for secrets in what is told of places.
struct Told<'p> {
    scanner: Scanner<'p>,
    matches: Vec<Match>,
    /// Commits that were looked at, and where names and lists of them lie that were.
    commits: HashSet<ObjectId>,
    names: HashSet<usize>,
    secrets: HashSet<Secret>,
}

impl Told<'_> {
    fn text(&mut self, text: &[u8]) {
        self.matches.clear();
        self.scanner.scan(Text::whole(text), &mut self.matches, &mut Silent);
        let is_sure = |found: &&Match| PathContext::BEST.judge(found, text).is_ok_and(|confidence| confidence >= Confidence::Medium);
        self.secrets.extend(self.matches.iter().filter(is_sure).map(|found| Secret::new(&text[found.secret.clone()])));
    }

    fn commit(&mut self, commit: &Commit) {
        if self.commits.insert(commit.id) {
            [&commit.subject, &commit.author, &commit.email].into_iter().for_each(|text| self.text(text.as_bytes()));
        }
    }

    fn occurrence(&mut self, occurrence: &Occurrence, before: Option<&Occurrence>) {
        if before.is_none_or(|before| before.path != occurrence.path) {
            self.text(occurrence.path.as_bytes());
        }
        let revision = occurrence.revision.iter();
        revision.flat_map(|r| r.commit.iter().chain(&r.removed)).for_each(|commit| self.commit(commit));
    }

    fn exposure(&mut self, exposure: &Exposure) {
        exposure.introduced.iter().chain(&exposure.removed).for_each(|commit| self.commit(commit));
        for list in [&exposure.live, &exposure.refs, &exposure.tags] {
            if self.names.insert(Arc::as_ptr(list).cast::<u8>() as usize) {
                for name in list.iter() {
                    if self.names.insert(Arc::as_ptr(name).cast::<u8>() as usize) {
                        self.text(name.as_bytes());
                    }
                }
            }
        }
    }
}

impl Veil {
    /// Knows what was `gathered`, and what stands in what will be told of it.
    pub fn of(plan: &Plan, gathered: &Gathered) -> Self {
        let (scanner, matches) = (plan.engine.scanner(), Vec::new());
        let mut told = Told { scanner, matches, commits: HashSet::new(), names: HashSet::new(), secrets: HashSet::new() };
        for group in gathered.groups.values() {
            let places = group.occurrences();
            for (i, place) in places.iter().enumerate() {
                told.occurrence(place, i.checked_sub(1).map(|before| &places[before]));
            }
        }
        gathered.exposures.values().for_each(|exposure| told.exposure(exposure));
        for skipped in gathered.coverage.skipped.values() {
            skipped.examples.iter().for_each(|path| told.text(path.as_bytes()));
        }
        for problem in &gathered.problems {
            told.text(problem.what.as_bytes());
            told.text(problem.detail.as_bytes());
        }
        Self::new(gathered.groups.keys().chain(&told.secrets), plan.names_in_clear)
    }

    fn new<'s>(secrets: impl Iterator<Item = &'s Secret> + Clone, names_in_clear: bool) -> Self {
        let of = |least: usize| {
            // All that is asked about is one line, which no value of several can repeat.
            let values = secrets.clone().map(Secret::reveal).filter(|v| v.len() >= least && !v.contains(&b'\n'));
            AhoCorasick::builder().match_kind(MatchKind::LeftmostLongest).build(values).ok()
        };
        Self { in_text: of(LEAST_REPEATED), in_names: of(if names_in_clear { usize::MAX } else { LEAST_IN_NAMES }) }
    }

    pub fn snippet(&self, snippet: &mut Snippet) {
        match &self.in_text {
            Some(values) => snippet.mask(values),
            None => *snippet = Snippet::default(),
        }
    }

    /// All of an occurrence but its commits.
    pub fn occurrence(&self, occurrence: &mut Occurrence) {
        self.path(&mut occurrence.path);
        if let Some(url) = occurrence.revision.as_mut().and_then(|revision| revision.url.as_mut()) {
            self.name(url);
        }
    }

    /// The commits of an occurrence.
    pub fn commits(&self, occurrence: &mut Occurrence, known: &mut Veiled) {
        let Some(revision) = &mut occurrence.revision else { return };
        revision.commit.iter_mut().chain(&mut revision.removed).for_each(|commit| self.commit(commit, known));
    }

    pub fn exposure(&self, exposure: &mut Exposure, known: &mut Veiled) {
        exposure.introduced.iter_mut().chain(&mut exposure.removed).for_each(|commit| self.commit(commit, known));
        let Veiled { names, lists, .. } = known;
        for list in [&mut exposure.live, &mut exposure.refs, &mut exposure.tags] {
            let (_, veiled) = lists.entry(Arc::as_ptr(list).cast::<u8>() as usize).or_insert_with(|| {
                let veiled = list.iter().map(|name| self.ref_name(name, names)).collect();
                (Arc::clone(list), veiled)
            });
            *list = Arc::clone(veiled);
        }
    }

    fn ref_name(&self, name: &Arc<str>, known: &mut Shared<str>) -> Arc<str> {
        let (_, veiled) = known.entry(Arc::as_ptr(name).cast::<u8>() as usize).or_insert_with(|| {
            let mut text = name.to_string();
            let veiled = if self.name(&mut text) { text.into() } else { Arc::clone(name) };
            (Arc::clone(name), veiled)
        });
        Arc::clone(veiled)
    }

    pub fn problem(&self, problem: &mut Problem) {
        self.name(&mut problem.what);
        self.name(&mut problem.detail);
    }

    pub fn coverage(&self, coverage: &mut Coverage) {
        for skipped in coverage.skipped.values_mut() {
            let veiled = |mut path| {
                self.path(&mut path);
                path
            };
            skipped.examples = std::mem::take(&mut skipped.examples).into_iter().map(veiled).collect::<BTreeSet<ReportPath>>();
        }
    }

    fn commit(&self, commit: &mut Arc<Commit>, known: &mut Veiled) {
        let veiled = known.commits.entry(commit.id).or_insert_with(|| {
            let mut veiled = Commit::clone(commit);
            cover(&self.in_text, &mut veiled.subject);
            self.name(&mut veiled.author);
            self.name(&mut veiled.email);
            [&mut veiled.subject, &mut veiled.author, &mut veiled.email].into_iter().for_each(cut);
            Arc::new(veiled)
        });
        *commit = Arc::clone(veiled);
    }

    pub fn path(&self, path: &mut ReportPath) {
        if let Some(veiled) = covered(&self.in_names, path.as_bytes()) {
            *path = ReportPath::new(&veiled);
        }
    }

    /// Whether there was something to hide.
    fn name(&self, text: &mut String) -> bool {
        cover(&self.in_names, text)
    }
}

/// Leaves out what is too long to be told.
fn cut(text: &mut String) {
    if let Some((end, _)) = text.char_indices().nth(MOST_TOLD) {
        text.truncate(end);
        text.push('…');
    }
}

fn cover(values: &Option<AhoCorasick>, text: &mut String) -> bool {
    let veiled = covered(values, text.as_bytes());
    let any = veiled.is_some();
    if let Some(veiled) = veiled {
        *text = String::from_utf8_lossy(&veiled).into_owned();
    }
    any
}

/// `text` with a mask in place of every value; `None` where it has none.
fn covered(values: &Option<AhoCorasick>, text: &[u8]) -> Option<Vec<u8>> {
    let Some(values) = values else { return Some(Vec::new()) };
    let mut found = values.find_iter(text).peekable();
    found.peek()?;
    let (mut veiled, mut at) = (Vec::new(), 0);
    for value in found {
        veiled.extend_from_slice(&text[at..value.start()]);
        veiled.extend_from_slice(Secret::new(&text[value.range()]).to_string().as_bytes());
        at = value.end();
    }
    veiled.extend_from_slice(&text[at..]);
    Some(veiled)
}
