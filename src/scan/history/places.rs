//! From sights in objects to sightings at places: paths, commits, lines.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use rayon::prelude::*;

use super::super::collect::{Details, Gathered, Sighting};
use super::super::{Plan, snippet::snippet};
use super::sights::{Claim, Sight, Sights};
use super::{COMMIT_HEADER, COMMIT_MESSAGE, History, TAG_MESSAGE};
use crate::decode;
use crate::engine::context::PathContext;
use crate::engine::{Match, Silent, Text, checks};
use crate::git::{self, Answer, Holding, Kind, Marked, ObjectAt, Objects, Question, Reference};
use crate::model::{
    Commit, Confidence, Exposure, ObjectId, Occurrence, Position, Problem, ProblemKind, ReportPath, Revision, Secret, Tracker,
};

/// An occurrence whose line is still to be found.
struct Pending {
    claim: u32,
    at: ObjectAt,
    start: u64,
    path: ReportPath,
    revision: Revision,
}

/// Everything that the places of one repository's sights are made from.
pub struct Places<'a> {
    pub plan: &'a Plan,
    pub history: &'a History,
    pub objects: &'a Objects,
    pub references: &'a [Reference],
    pub sights: Sights,
}

impl Places<'_> {
    /// Whether the sights of `claim` count at `path`, and how sure they are there.
    fn grade(&self, claim: &Claim, path: &[u8]) -> Option<Confidence> {
        let filter = &self.history.filter;
        if !filter.is_empty() {
            let path = git::path_of(path);
            if path.ancestors().any(|a| filter.excludes(a)) || !filter.includes(&path) {
                return None;
            }
        }
        let context = PathContext::of(&ReportPath::new(path));
        context.grade(claim.confidence, claim.assigned, claim.secret.reveal()).ok().filter(|&c| c >= self.plan.min_confidence)
    }

    /// Asks git who brought in what was seen, and adds it all to `gathered`.
    pub fn gather(mut self, commits: Vec<git::CommitNote>, gathered: &mut Gathered) {
        self.sights.sights.sort_unstable();
        self.sights.sights.dedup();
        let (mut blobs, mut messages, mut tags): (Vec<Marked>, Vec<Marked>, Vec<Marked>) = Default::default();
        for seen in self.sights.sights.chunk_by(|a, b| a.at == b.at) {
            let mut marks: Vec<u32> = seen.iter().map(|s| s.claim).collect();
            marks.dedup();
            let marked = Marked { at: seen[0].at, marks };
            match self.objects.kind(marked.at) {
                Some(Kind::Blob) => blobs.push(marked),
                Some(Kind::Commit) => messages.push(marked),
                _ => tags.push(marked),
            }
        }
        let shallow = self.history.repository.shallow();
        let head = self.history.repository.head();
        let counts = |path: &[u8], claim: u32| self.grade(&self.sights.claims[claim as usize], path).is_some();
        let answer = git::attribute(Question {
            objects: self.objects,
            commits,
            blobs: &blobs,
            messages: &messages,
            references: self.references,
            head,
            reachable: self.history.reachable,
            shallow: &shallow,
            counts: &counts,
            sha256: self.history.repository.is_sha256(),
            threads: self.plan.threads,
        });
        gathered.problems.extend(answer.problems.iter().cloned());
        self.absent(&answer.absent, gathered);
        let pending = self.pending(&answer, &blobs, &messages, &tags);
        let occurrences = self.locate(&pending, gathered);
        self.add(&pending, occurrences, gathered);
        self.exposures(&answer, gathered);
    }

    fn absent(&self, absent: &[ObjectId], gathered: &mut Gathered) {
        /// More are only counted.
        const NAMED: usize = 100;
        let partial = self.objects.is_partial();
        let detail =
            if partial { "was not fetched: this is a partial clone; `git fetch --refetch --no-filter` gets all" } else { "is not there" };
        let problem = |what: String| Problem { what, kind: ProblemKind::Absent, detail: detail.to_owned() };
        gathered.problems.extend(absent.iter().take(NAMED).map(|id| problem(format!("object {id}"))));
        if absent.len() > NAMED {
            gathered.problems.push(problem(format!("{} more objects, each of which", absent.len() - NAMED)));
        }
    }

    fn sights_of(&self, at: ObjectAt, claim: u32) -> &[Sight] {
        let sights = &self.sights.sights;
        let first = sights.partition_point(|s| (s.at, s.claim) < (at, claim));
        let len = sights[first..].partition_point(|s| (s.at, s.claim) == (at, claim));
        &sights[first..first + len]
    }

    fn name(&self, path: &[u8]) -> ReportPath {
        let mut name = self.history.prefix.clone().into_bytes();
        name.extend_from_slice(path);
        ReportPath::new(&name)
    }

    fn pending(&self, answer: &Answer, blobs: &[Marked], messages: &[Marked], tags: &[Marked]) -> Vec<Pending> {
        let remote = self.history.repository.remote_url();
        let url = |commit: &Commit| remote.as_deref().and_then(|remote| git::commit_url(remote, &commit.id));
        let mut pending = Vec::new();
        let mut put = |claim: u32, at: ObjectAt, path: &ReportPath, revision: Revision| {
            for sight in self.sights_of(at, claim) {
                pending.push(Pending { claim, at, start: sight.start, path: path.clone(), revision: revision.clone() });
            }
        };
        for trace in &answer.traces {
            let path = self.name(&trace.path);
            let last = trace.introductions.len().saturating_sub(1);
            for (i, introduction) in trace.introductions.iter().enumerate() {
                let at = blobs[introduction.blob].at;
                let still = trace.at_head && (i == last || introduction.removed.is_none());
                let revision = Revision {
                    url: url(&introduction.commit),
                    commit: Some(Arc::clone(&introduction.commit)),
                    blob: Some(self.objects.id(at)),
                    removed: introduction.removed.clone().filter(|_| !still),
                    at_head: still,
                };
                put(trace.mark, at, &path, revision);
            }
        }
        let staged = if answer.strays.is_empty() { Vec::new() } else { self.history.repository.staged() };
        for stray in &answer.strays {
            let marked = &blobs[stray.blob];
            let id = self.objects.id(marked.at);
            let to_be = staged.get(staged.partition_point(|s| s.0 < id)).filter(|s| s.0 == id).map(|s| s.1.clone());
            let path = stray.path.clone().or(to_be).unwrap_or_else(|| format!("<blob {}>", id.short()).into_bytes());
            for &mark in &marked.marks {
                if self.grade(&self.sights.claims[mark as usize], &path).is_some() {
                    put(mark, marked.at, &self.name(&path), Revision { blob: Some(id), ..Revision::default() });
                }
            }
        }
        for (marked, commit) in messages.iter().zip(&answer.messages) {
            for &mark in &marked.marks {
                let holding = answer.holding.get(&mark);
                let held = |h: &Holding| h.at_head || !h.refs.is_empty();
                if self.history.reachable && !holding.is_some_and(held) {
                    continue;
                }
                let revision = Revision {
                    url: commit.as_ref().and_then(|c| url(c)),
                    commit: commit.clone(),
                    blob: Some(self.objects.id(marked.at)),
                    removed: None,
                    at_head: holding.is_some_and(|h| h.at_head),
                };
                put(mark, marked.at, &self.name(COMMIT_MESSAGE), revision);
            }
        }
        for marked in tags {
            let id = self.objects.id(marked.at);
            if self.history.reachable && self.references.iter().all(|r| r.target != id) {
                continue;
            }
            for &mark in &marked.marks {
                put(mark, marked.at, &self.name(TAG_MESSAGE), Revision { blob: Some(id), ..Revision::default() });
            }
        }
        // By object, so that each is read once.
        pending.sort_by_key(|p| (p.at, p.start));
        pending
    }

    /// The occurrence of each of `pending`, which is sorted by object and place in it; `None` where the object cannot be read again.
    fn locate(&self, pending: &[Pending], gathered: &mut Gathered) -> Vec<Option<Occurrence>> {
        let groups: Vec<&[Pending]> = pending.chunk_by(|a, b| a.at == b.at).collect();
        let locator = Locator { objects: self.objects, claims: &self.sights.claims, header: self.name(COMMIT_HEADER) };
        let reader = || (self.objects.reader(), Vec::new());
        let locate = |(reader, bytes): &mut (git::ObjectReader<'_>, Vec<u8>), group: &[Pending]| match reader.read(group[0].at, bytes) {
            Ok(()) => locator.positions(bytes, group),
            Err(_) => vec![None; group.len()],
        };
        // Waking all cores is worth it for many.
        let located: Vec<Vec<Option<Occurrence>>> = if groups.len() > 64 && self.plan.threads > 1 {
            let objects = self.objects;
            groups.into_par_iter().map_init(|| (objects.reader(), Vec::new()), locate).collect()
        } else {
            let mut reader = reader();
            groups.into_iter().map(|group| locate(&mut reader, group)).collect()
        };
        let located: Vec<Option<Occurrence>> = located.into_iter().flatten().collect();
        for (place, _) in pending.iter().zip(&located).filter(|(_, l)| l.is_none()) {
            let what = format!("object {}", self.objects.id(place.at));
            let detail = "has a secret but could not be read again to tell its line".to_owned();
            gathered.problems.push(Problem { what, kind: ProblemKind::Object, detail });
        }
        located
    }

    /// Adds every sighting, oldest first, so that details are made for hardly more than those that stand for their secrets.
    fn add(&self, pending: &[Pending], occurrences: Vec<Option<Occurrence>>, gathered: &mut Gathered) {
        let mut all: Vec<(&Pending, Occurrence)> = pending.iter().zip(occurrences).filter_map(|(p, o)| Some((p, o?))).collect();
        all.sort_by(|a, b| (&a.1, a.0.claim).cmp(&(&b.1, b.0.claim)));
        let rules = self.plan.engine.rules();
        let mut details =
            DetailMaker { places: self, reader: self.objects.reader(), scanner: self.plan.engine.scanner(), bytes: Vec::new() };
        for (place, occurrence) in all {
            let claim = &self.sights.claims[place.claim as usize];
            // The context was found good enough when the place was made.
            let path = occurrence.path.as_bytes();
            let path = path.strip_prefix(self.history.prefix.as_bytes()).unwrap_or(path);
            let Some(confidence) = self.grade_or_own(claim, path) else { continue };
            let sighting = Sighting { rule: claim.rule, confidence, severity: claim.severity, occurrence };
            gathered.add(rules, claim.secret.reveal(), sighting, || details.make(place));
        }
    }

    fn grade_or_own(&self, claim: &Claim, path: &[u8]) -> Option<Confidence> {
        let context = PathContext::of(&ReportPath::new(path));
        context.grade(claim.confidence, claim.assigned, claim.secret.reveal()).ok()
    }

    /// What holds each secret, and how long it has stood.
    fn exposures(&self, answer: &Answer, gathered: &mut Gathered) {
        let mut by_secret: HashMap<&Secret, Story> = HashMap::new();
        let place = |commit: &Commit| answer.order.get(&commit.id).copied();
        for trace in &answer.traces {
            let story = by_secret.entry(&self.sights.claims[trace.mark as usize].secret).or_default();
            for introduction in &trace.introductions {
                story.introduced.insert(place(&introduction.commit), Arc::clone(&introduction.commit));
                story.removed.extend(introduction.removed.clone().map(|commit| (place(&commit), commit)));
            }
        }
        for (marked, commit) in self.messages_of(answer) {
            for mark in marked {
                let story = by_secret.entry(&self.sights.claims[mark as usize].secret).or_default();
                story.introduced.extend(commit.clone().map(|commit| (place(&commit), commit)));
            }
        }
        for (mark, holding) in &answer.holding {
            if let Some(story) = by_secret.get_mut(&self.sights.claims[*mark as usize].secret) {
                story.at_head |= holding.at_head;
                story.live.extend(&holding.live);
                story.refs.extend(&holding.refs);
            }
        }
        let now = now();
        for (secret, story) in by_secret {
            if let Some(exposure) = story.tell(self.references, now)
                && gathered.groups.contains_key(secret)
            {
                gathered.expose(secret, exposure);
            }
        }
    }

    /// Marks of commit messages with their commits.
    fn messages_of<'b>(&'b self, answer: &'b Answer) -> impl Iterator<Item = (Vec<u32>, Option<Arc<Commit>>)> + 'b {
        let in_commits = self.sights.sights.chunk_by(|a, b| a.at == b.at).filter(|s| self.objects.kind(s[0].at) == Some(Kind::Commit));
        in_commits.zip(&answer.messages).map(|(sights, commit)| (sights.iter().map(|s| s.claim).collect(), commit.clone()))
    }
}

/// Finds lines and columns.
struct Locator<'a> {
    objects: &'a Objects,
    claims: &'a [Claim],
    /// What a commit's header is called.
    header: ReportPath,
}

impl Locator<'_> {
    fn positions(&self, bytes: &[u8], group: &[Pending]) -> Vec<Option<Occurrence>> {
        let (text, encoding) = decode::whole(bytes);
        let kind = self.objects.kind(group[0].at);
        // The header of a commit or tag ends at the first empty line.
        let message = match kind {
            Some(Kind::Commit | Kind::Tag) => memchr::memmem::find(&text, b"\n\n").map_or(text.len(), |i| i + 2),
            _ => 0,
        };
        let mut tracker = Tracker::new(Position::START);
        let mut in_message = false;
        let locate = |place: &Pending| {
            let start = usize::try_from(place.start).ok()?;
            let end = start + self.claims[place.claim as usize].secret.reveal().len();
            if end > text.len() {
                return None;
            }
            let mut path = place.path.clone();
            if message > 0 && start >= message && !in_message {
                tracker = Tracker::new(Position::START).starting_at(message);
                in_message = true;
            } else if message > 0 && start < message && kind == Some(Kind::Commit) {
                path = self.header.clone();
            }
            let first = tracker.advance(&text, start);
            let behind = tracker.clone().advance(&text, end);
            let revision = Some(Box::new(place.revision.clone()));
            Some(Occurrence { revision, path, start: first, end: behind, decoded: encoding.decoded().into_iter().collect() })
        };
        group.iter().map(locate).collect()
    }
}

/// What is known of one secret over all its marks.
#[derive(Default)]
struct Story {
    /// Commits by their place in history.
    introduced: BTreeMap<Option<usize>, Arc<Commit>>,
    removed: BTreeMap<Option<usize>, Arc<Commit>>,
    at_head: bool,
    live: BTreeSet<usize>,
    refs: BTreeSet<usize>,
}

impl Story {
    fn tell(self, references: &[Reference], now: i64) -> Option<Exposure> {
        const TAGS: &[u8] = b"refs/tags/";
        let introduced = self.introduced.into_values().next()?;
        let name = |&r: &usize| String::from_utf8_lossy(&references[r].name).into_owned();
        let is_tag = |r: &usize| references[*r].name.starts_with(TAGS);
        let live: Vec<String> = self.live.iter().filter(|r| !is_tag(r)).map(name).collect();
        let removed = self.removed.into_values().next_back().filter(|_| !self.at_head && live.is_empty());
        let until = removed.as_ref().map_or(now, |r| r.committed);
        let seconds = u64::try_from(until.saturating_sub(introduced.committed)).unwrap_or(0);
        Some(Exposure {
            introduced,
            removed,
            at_head: self.at_head,
            live,
            refs: self.refs.iter().filter(|r| !is_tag(r)).map(name).collect(),
            tags: self.refs.iter().filter(|r| is_tag(r)).map(|r| name(r).split_off(TAGS.len())).collect(),
            days: seconds / 86_400,
        })
    }
}

/// Seconds since 1970: `SOURCE_DATE_EPOCH` where a build asks for reproducible output, else the clock.
fn now() -> i64 {
    let fixed = std::env::var("SOURCE_DATE_EPOCH").ok().and_then(|v| v.parse().ok());
    fixed.unwrap_or_else(|| SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |d| d.as_secs() as i64))
}

/// Makes what a report needs beyond places, from the object itself: it is read and scanned again.
struct DetailMaker<'a> {
    places: &'a Places<'a>,
    reader: git::ObjectReader<'a>,
    scanner: crate::engine::Scanner<'a>,
    bytes: Vec<u8>,
}

impl DetailMaker<'_> {
    fn make(&mut self, place: &Pending) -> Details {
        let Places { plan, sights, .. } = self.places;
        let claim = &sights.claims[place.claim as usize];
        if self.reader.read(place.at, &mut self.bytes).is_err() {
            return Details::default();
        }
        let (text, encoding) = decode::whole(&self.bytes);
        let mut matches: Vec<Match> = Vec::new();
        let view = Text { binary: encoding == decode::Encoding::Binary, ..Text::whole(&text) };
        self.scanner.scan(view, &mut matches, &mut Silent);
        let start = place.start as usize;
        let Some(found) = matches.iter().find(|m| m.secret.start == start && m.rule == claim.rule) else { return Details::default() };
        let spans: Vec<_> = matches.iter().map(|m| m.secret.clone()).collect();
        let rule = &plan.engine.rules().rules()[usize::from(claim.rule)];
        Details {
            evidence: checks::evidence(rule, &text[found.secret.clone()], &text[found.whole.clone()], found.doubt.as_ref()),
            snippet: snippet(&text, &found.secret, &spans),
        }
    }
}
