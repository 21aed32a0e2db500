//! Found secrets, taken out of everything else that reports repeat: paths, subjects and authors of commits, names of refs, problems.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use aho_corasick::{AhoCorasick, MatchKind};

use super::snippet::LEAST_REPEATED;
use crate::model::{Commit, Coverage, Exposure, Occurrence, Problem, ReportPath, Secret, Snippet};

/// Values shorter than this stay in names, of files or refs: a password may be a word that names have anyway.
const LEAST_IN_NAMES: usize = 12;

/// Knows every value that was found. Where there are more than an automaton can hold, all text it is asked about is left out.
pub struct Veil {
    in_text: Option<AhoCorasick>,
    in_names: Option<AhoCorasick>,
}

/// Names of refs that were asked about: where each lies in memory, for thousands of stories share them, the name itself, which thus goes on lying
/// there, and what is shown.
#[derive(Default)]
pub struct VeiledNames(HashMap<usize, (Arc<str>, Arc<str>)>);

impl Veil {
    pub fn new<'s>(secrets: impl Iterator<Item = &'s Secret> + Clone) -> Self {
        let of = |least: usize| {
            // All that is asked about is one line, which no value of several can repeat.
            let values = secrets.clone().map(Secret::reveal).filter(|v| v.len() >= least && !v.contains(&b'\n'));
            AhoCorasick::builder().match_kind(MatchKind::LeftmostLongest).build(values).ok()
        };
        Self { in_text: of(LEAST_REPEATED), in_names: of(LEAST_IN_NAMES) }
    }

    pub fn snippet(&self, snippet: &mut Snippet) {
        match &self.in_text {
            Some(values) => snippet.mask(values),
            None => *snippet = Snippet::default(),
        }
    }

    pub fn occurrence(&self, occurrence: &mut Occurrence) {
        self.path(&mut occurrence.path);
        // Nearly no revision has anything to hide: nothing is copied for those.
        let Some(revision) = &mut occurrence.revision else { return };
        for commit in revision.commit.iter_mut().chain(&mut revision.removed) {
            self.commit(commit);
        }
        if let Some(url) = &mut revision.url {
            self.name(url);
        }
    }

    pub fn exposure(&self, exposure: &mut Exposure, names: &mut VeiledNames) {
        std::iter::once(&mut exposure.introduced).chain(&mut exposure.removed).for_each(|commit| self.commit(commit));
        for name in exposure.live.iter_mut().chain(&mut exposure.refs).chain(&mut exposure.tags) {
            let (_, veiled) = names.0.entry(Arc::as_ptr(name).cast::<u8>() as usize).or_insert_with(|| {
                let mut text = name.to_string();
                let veiled = if self.name(&mut text) { text.into() } else { Arc::clone(name) };
                (Arc::clone(name), veiled)
            });
            *name = Arc::clone(veiled);
        }
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

    fn commit(&self, commit: &mut Arc<Commit>) {
        let told = [(&commit.subject, &self.in_text), (&commit.author, &self.in_names), (&commit.email, &self.in_names)];
        if told.iter().any(|(text, values)| values.as_ref().is_none_or(|v| v.is_match(text.as_str()))) {
            let commit = Arc::make_mut(commit);
            cover(&self.in_text, &mut commit.subject);
            self.name(&mut commit.author);
            self.name(&mut commit.email);
        }
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
