//! What git knows of the objects in which something was seen: asked once, for all of them.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use super::super::Plan;
use super::super::collect::Gathered;
use super::History;
use super::places::{Place, Story};
use super::sights::{Claim, Sight, Sights};
use crate::git::{self, Answer, Kind, Marked, ObjectAt, ObjectReader, Objects, Question, Reference};
use crate::model::{Commit, ObjectId, Problem, ProblemKind, ReportPath, Revision, Secret};

/// Everything that an attribution needs.
pub struct Asking<'a> {
    pub plan: &'a Plan,
    pub history: &'a History,
    pub objects: &'a Objects,
    pub references: &'a [Reference],
    pub sights: &'a mut Sights,
}

impl Asking<'_> {
    /// Whether the sights of `claim` count at `path`.
    fn counts(&self, claim: &Claim, path: &[u8]) -> bool {
        self.history.filter.admits(&git::path_of(path)) && claim.grade(path).is_ok_and(|confidence| confidence >= self.plan.min_confidence)
    }

    /// Asks git who brought in what was seen: its places, and the story of each secret.
    pub fn ask(self, commits: Vec<git::CommitNote>, gathered: &mut Gathered) -> (Vec<Place>, Vec<Story>) {
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
        let things = self.things();
        let counts = |path: &[u8], claim: u32| self.counts(&self.sights.claims[claim as usize], path);
        let answer = git::attribute(Question {
            objects: self.objects,
            commits,
            blobs: &blobs,
            messages: &messages,
            references: self.references,
            head,
            reachable: self.history.reachable,
            shallow: &shallow,
            things: &things,
            counts: &counts,
            threads: self.plan.threads,
        });
        gathered.problems.extend(answer.problems.iter().cloned());
        self.absent(&answer.absent, gathered);
        let (places, held) = self.places(&answer, &blobs, &messages, &tags);
        (places, self.stories(&answer, &messages, held))
    }

    /// For each claim the first one to the same secret: a secret that is quoted otherwise is no other.
    fn things(&self) -> Vec<u32> {
        let mut first: HashMap<&Secret, u32> = HashMap::new();
        let claims = self.sights.claims.iter().enumerate();
        claims.map(|(i, claim)| *first.entry(&claim.secret).or_insert(i as u32)).collect()
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

    /// Where each claim stands, and who holds those that no commit has.
    fn places(&self, answer: &Answer, blobs: &[Marked], messages: &[Marked], tags: &[Marked]) -> (Vec<Place>, Vec<Held>) {
        let mut told = Told::new(self);
        told.brought_in(answer, blobs);
        told.astray(answer, blobs);
        told.messages(answer, messages);
        told.tags(tags);
        (told.places, told.held)
    }

    /// For each annotated tag the refs that lead to it, by number.
    fn refs_of_tags(&self) -> HashMap<ObjectId, Vec<usize>> {
        let mut reader = self.objects.reader();
        let mut refs_of: HashMap<ObjectId, Vec<usize>> = HashMap::new();
        for (r, reference) in self.references.iter().enumerate().filter(|(_, r)| r.target != r.peeled) {
            let inner = reader.chain(&reference.target).unwrap_or_default();
            for tag in std::iter::once(reference.target).chain(inner) {
                refs_of.entry(tag).or_default().push(r);
            }
        }
        refs_of
    }

    /// What holds each secret, and how long it has stood.
    fn stories(&self, answer: &Answer, messages: &[Marked], held: Vec<Held>) -> Vec<Story> {
        let mut by_secret: HashMap<&Secret, Chapters> = HashMap::new();
        let place = |commit: &Commit| answer.order.get(&commit.id).copied();
        let secret = |mark: u32| &self.sights.claims[mark as usize].secret;
        for trace in &answer.traces {
            let chapters = by_secret.entry(secret(trace.thing)).or_insert_with(|| Chapters::of(trace.thing));
            for introduction in &trace.introductions {
                chapters.introduced.insert(place(&introduction.commit), Arc::clone(&introduction.commit));
                chapters.removed.extend(introduction.removed.clone().map(|commit| (place(&commit), commit)));
            }
        }
        for (marked, message) in messages.iter().zip(&answer.messages) {
            let Some(commit) = message.as_ref().and_then(|m| m.commit.as_ref()) else { continue };
            for &mark in &marked.marks {
                let chapters = by_secret.entry(secret(mark)).or_insert_with(|| Chapters::of(mark));
                chapters.introduced.insert(place(commit), Arc::clone(commit));
            }
        }
        for (thing, holding) in &answer.holding {
            if let Some(chapters) = by_secret.get_mut(secret(*thing)) {
                chapters.at_head = holding.at_head;
                (chapters.live, chapters.refs) = (Arc::clone(&holding.live), Arc::clone(&holding.refs));
            }
        }
        for Held { claim, since, refs } in held {
            let chapters = by_secret.entry(secret(claim)).or_insert_with(|| Chapters::of(claim));
            chapters.tagged = chapters.tagged.take().into_iter().chain(since).min();
            chapters.others.extend(refs);
        }
        by_secret.into_values().filter_map(Chapters::story).collect()
    }
}

/// Places, as they come to be known.
struct Told<'t> {
    asking: &'t Asking<'t>,
    reader: ObjectReader<'t>,
    /// Where commits can be looked at.
    remote: Option<String>,
    places: Vec<Place>,
    held: Vec<Held>,
}

impl<'t> Told<'t> {
    fn new(asking: &'t Asking<'t>) -> Self {
        let (reader, remote) = (asking.objects.reader(), asking.history.repository.remote_url());
        Self { asking, reader, remote, places: Vec::new(), held: Vec::new() }
    }

    fn url(&self, commit: &Commit) -> Option<String> {
        git::commit_url(self.remote.as_deref()?, &commit.id)
    }

    /// Who made the tag `at` that place, and when. One that cannot be read has been named.
    fn tagged(&mut self, at: ObjectAt) -> Option<Arc<Commit>> {
        self.reader.commit(at).ok().flatten().map(Arc::new)
    }

    fn put(&mut self, claim: u32, at: ObjectAt, path: &[u8], revision: &Revision) {
        for sight in self.asking.sights_of(at, claim) {
            self.places.push(Place { claim, at, start: sight.start, path: path.to_vec(), revision: revision.clone() });
        }
    }

    /// What commits brought to paths.
    fn brought_in(&mut self, answer: &Answer, blobs: &[Marked]) {
        for trace in &answer.traces {
            // One commit may have brought it in twice, seen by two rules: in what order they are told is chance.
            let last = trace.introductions.last().map(|i| i.commit.id);
            for introduction in &trace.introductions {
                let at = blobs[introduction.blob].at;
                let still = trace.at_head && (Some(introduction.commit.id) == last || introduction.removed.is_none());
                let revision = Revision {
                    url: self.url(&introduction.commit),
                    commit: Some(Arc::clone(&introduction.commit)),
                    blob: Some(self.asking.objects.id(at)),
                    removed: introduction.removed.clone().filter(|_| !still),
                    at_head: still,
                };
                self.put(introduction.mark, at, &trace.path, &revision);
            }
        }
    }

    /// What no commit has: it is staged, a ref names it, or nothing does.
    fn astray(&mut self, answer: &Answer, blobs: &[Marked]) {
        let asking = self.asking;
        let staged = if answer.strays.is_empty() { Vec::new() } else { asking.history.repository.staged_paths() };
        for stray in &answer.strays {
            let marked = &blobs[stray.blob];
            let id = asking.objects.id(marked.at);
            let to_be = staged.get(staged.partition_point(|s| s.0 < id)).filter(|s| s.0 == id).map(|s| s.1.clone());
            let path = stray.path.clone().or(to_be).unwrap_or_else(|| format!("<blob {}>", id.short()).into_bytes());
            let tags = stray.refs.iter().map(|&r| &asking.references[r]).filter(|r| r.target != r.peeled);
            let since = tags.filter_map(|r| self.tagged(asking.objects.find(&r.target)?)).min();
            for &mark in &marked.marks {
                if asking.counts(&asking.sights.claims[mark as usize], &path) {
                    self.put(mark, marked.at, &path, &Revision { blob: Some(id), ..Revision::default() });
                    self.held.push(Held { claim: mark, since: since.clone(), refs: stray.refs.clone() });
                }
            }
        }
    }

    /// What the messages of commits hold.
    fn messages(&mut self, answer: &Answer, messages: &[Marked]) {
        for (marked, message) in messages.iter().zip(&answer.messages) {
            let Some(message) = message else { continue };
            let revision = Revision {
                url: message.commit.as_deref().and_then(|commit| self.url(commit)),
                commit: message.commit.clone(),
                blob: Some(self.asking.objects.id(marked.at)),
                removed: None,
                at_head: message.at_head,
            };
            for &mark in &marked.marks {
                self.put(mark, marked.at, ReportPath::COMMIT_MESSAGE, &revision);
            }
        }
    }

    /// What the messages of tags hold.
    fn tags(&mut self, tags: &[Marked]) {
        let refs_of = if tags.is_empty() { HashMap::new() } else { self.asking.refs_of_tags() };
        for marked in tags {
            let id = self.asking.objects.id(marked.at);
            let refs = refs_of.get(&id).cloned().unwrap_or_default();
            if self.asking.history.reachable && refs.is_empty() {
                continue;
            }
            let since = self.tagged(marked.at);
            for &mark in &marked.marks {
                self.put(mark, marked.at, ReportPath::TAG_MESSAGE, &Revision { blob: Some(id), ..Revision::default() });
                self.held.push(Held { claim: mark, since: since.clone(), refs: refs.clone() });
            }
        }
    }
}

/// A claim in what no commit has.
struct Held {
    claim: u32,
    /// The tag that brought it in, if one tells when.
    since: Option<Arc<Commit>>,
    /// Refs that hold it, by number.
    refs: Vec<usize>,
}

/// What all marks of a secret tell.
struct Chapters {
    claim: u32,
    /// Commits by their place in history.
    introduced: BTreeMap<Option<usize>, Arc<Commit>>,
    removed: BTreeMap<Option<usize>, Arc<Commit>>,
    at_head: bool,
    /// Refs by number.
    live: Arc<[usize]>,
    refs: Arc<[usize]>,
    /// The oldest tag that has it where no commit does.
    tagged: Option<Arc<Commit>>,
    /// Refs that hold it, but not by a commit.
    others: BTreeSet<usize>,
}

impl Chapters {
    fn of(claim: u32) -> Self {
        let (introduced, removed, live, refs, others) = Default::default();
        Self { claim, introduced, removed, at_head: false, live, refs, tagged: None, others }
    }

    /// `None` where nothing is known: of what is only staged, or left over.
    fn story(mut self) -> Option<Story> {
        let introduced = self.introduced.into_values().next().into_iter().chain(self.tagged).min();
        if introduced.is_none() && self.others.is_empty() {
            return None;
        }
        if !self.others.is_empty() {
            self.others.extend(&*self.refs);
            self.refs = self.others.into_iter().collect();
        }
        Some(Story {
            claim: self.claim,
            introduced,
            removed: self.removed.into_values().next_back(),
            at_head: self.at_head,
            live: self.live,
            refs: self.refs,
        })
    }
}
