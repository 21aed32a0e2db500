//! Who brought a blob's content in, who took it out, and which refs hold it: asked for a few blobs, over the whole history.
//!
//! Blobs bear *marks*: numbers that stand for whatever the caller found in them, marks of *things*. Two versions of a file that have the same thing are
//! alike, so it is introduced at a path where a commit has it and none of its parents does, and removed where all parents have it and the commit has
//! not, or where a merge has not what one side brought and no side took away. That is independent of lines and of how often the file changed in
//! between.

mod describer;
mod events;
mod merges;
mod notes;
mod paths;
mod standing;
mod strays;

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap, HashSet};
use std::sync::Arc;

use super::children::Children;
use super::object_map::ObjectMap;
use super::trees::{DEEPEST, TreeGraph, Wanted};
use super::{NumberMap, ObjectAt, Objects, Reference};
use crate::model::{Commit, ObjectId, Problem, ProblemKind};
use describer::Describer;
use events::Events;
pub use notes::{CommitNote, CommitNotes};
use paths::{PathNumber, Paths};

/// A blob or commit that is asked about, and the marks it bears, sorted.
#[derive(Clone, Debug)]
pub struct Marked {
    /// Where it lies.
    pub at: ObjectAt,
    /// Its marks.
    pub marks: Vec<u32>,
}

/// What is asked.
pub struct Question<'a> {
    /// The objects.
    pub objects: &'a Objects,
    /// All commits of the repository, in any order.
    pub commits: Vec<CommitNote>,
    /// Blobs asked about.
    pub blobs: &'a [Marked],
    /// Commits whose own text bears marks.
    pub messages: &'a [Marked],
    /// Refs, and `HEAD`.
    pub references: &'a [Reference],
    /// The commit checked out.
    pub head: Option<ObjectId>,
    /// Whether only commits that a ref or `HEAD` reaches count.
    pub reachable: bool,
    /// Commits whose parents were not fetched, on purpose.
    pub shallow: &'a HashSet<ObjectId>,
    /// For each mark, what it is a mark of: several may be of one thing, and are told apart only for whether they count. Things come and go, not
    /// marks: what is written otherwise is still there.
    pub things: &'a [u32],
    /// Whether a mark counts at a path.
    pub counts: &'a dyn Fn(&[u8], u32) -> bool,
    /// Threads to use.
    pub threads: usize,
}

/// A thing at a path.
#[derive(Clone, Debug)]
pub struct Trace {
    /// The thing.
    pub thing: u32,
    /// The path, `/` between its parts.
    pub path: Vec<u8>,
    /// Whether `HEAD` has it at this path.
    pub at_head: bool,
    /// When it came and went, oldest first.
    pub introductions: Vec<Introduction>,
}

/// A thing that came to a path.
#[derive(Clone, Debug)]
pub struct Introduction {
    /// The commit that brought it.
    pub commit: Arc<Commit>,
    /// The blob, by its place in the question.
    pub blob: usize,
    /// The mark that the blob bears.
    pub mark: u32,
    /// The first commit after that which took it away, of those that `HEAD` has if there are any.
    pub removed: Option<Arc<Commit>>,
}

/// What holds a thing.
#[derive(Clone, Debug, Default)]
pub struct Holding {
    /// Whether `HEAD` has it in its tree, or in its history for marks of messages.
    pub at_head: bool,
    /// Refs whose history has it, by their place in the question, sorted; those of many things are mostly the same.
    pub refs: Arc<[usize]>,
    /// Refs whose tip has it.
    pub live: Arc<[usize]>,
}

/// A commit whose own text bears marks.
#[derive(Clone, Debug)]
pub struct Message {
    /// The commit, where it can be described.
    pub commit: Option<Arc<Commit>>,
    /// Whether `HEAD` has it in its history.
    pub at_head: bool,
}

/// A blob that no commit has.
#[derive(Clone, Debug)]
pub struct Stray {
    /// The blob, by its place in the question.
    pub blob: usize,
    /// Its path in the topmost tree that has it, if a tree has it.
    pub path: Option<Vec<u8>>,
    /// Refs that name it, or a tree that has it, by their place in the question, sorted.
    pub refs: Vec<usize>,
}

/// What came out.
#[derive(Default)]
pub struct Answer {
    /// Sorted by thing and path.
    pub traces: Vec<Trace>,
    /// By thing.
    pub holding: HashMap<u32, Holding>,
    /// The commits of `Question::messages`, in their order; `None` for those that do not count.
    pub messages: Vec<Option<Message>>,
    /// The place of every commit in this answer among all commits: parents before children, otherwise the oldest first.
    pub order: HashMap<ObjectId, usize>,
    /// Blobs outside all commits.
    pub strays: Vec<Stray>,
    /// Objects that are named and not there, trees that cannot be read.
    pub problems: Vec<Problem>,
    /// Objects that are named and not there.
    pub absent: Vec<ObjectId>,
}

/// Answers `question`.
#[must_use]
pub fn attribute(question: Question<'_>) -> Answer {
    let wanted = Wanted::new(question.blobs.iter().map(|b| question.objects.id(b.at)));
    let mut trees = TreeGraph::read(question.objects, &wanted, question.threads);
    let mut answer = Answer { problems: std::mem::take(&mut trees.problems), ..Answer::default() };
    let mut absent: HashSet<ObjectId> = std::mem::take(&mut trees.absent);
    for commit in &question.commits {
        let shallow = || question.shallow.contains(&question.objects.id(commit.at));
        if !commit.absent.is_empty() && !shallow() {
            absent.extend(&commit.absent);
        }
    }
    let named = question.references.iter().flat_map(|r| [r.target, r.peeled]).chain(question.head);
    absent.extend(named.filter(|id| question.objects.find(id).is_none()));
    answer.absent = absent.into_iter().collect();
    answer.absent.sort_unstable();
    if !question.blobs.is_empty() || !question.messages.is_empty() {
        History::new(&question, &trees).answer(&mut answer);
    }
    answer
}

/// Orders `commits`: parents before children, of those that may come next the oldest. Clocks alone do not tell: they go wrong, and a rebase
/// makes many commits in one second.
fn parents_first<'q>(mut commits: Vec<&'q CommitNote>, objects: &Objects) -> Vec<&'q CommitNote> {
    commits.sort_by_cached_key(|c| (c.committed, objects.id(c.at)));
    commits.dedup_by_key(|c| c.at);
    let places = ObjectMap::of(objects, commits.iter().map(|c| c.at));
    let parents = |i: usize| commits[i].parents.iter().filter_map(|p| places.get(*p));
    let mut waiting: Vec<u32> = (0..commits.len()).map(|i| parents(i).count() as u32).collect();
    let children = Children::of(commits.len(), || (0..commits.len()).flat_map(|i| parents(i).map(move |parent| (parent, i as u32))));
    let mut free: BinaryHeap<Reverse<u32>> = (0..commits.len() as u32).filter(|&i| waiting[i as usize] == 0).map(Reverse).collect();
    let mut order = Vec::with_capacity(commits.len());
    while let Some(Reverse(i)) = free.pop() {
        order.push(commits[i as usize]);
        for &child in children.of_parent(i) {
            waiting[child as usize] -= 1;
            if waiting[child as usize] == 0 {
                free.push(Reverse(child));
            }
        }
    }
    // Only forged ids make commits that are their own ancestors.
    order.extend((0..commits.len()).filter(|&i| waiting[i] > 0).map(|i| commits[i]));
    order
}

struct History<'q> {
    question: &'q Question<'q>,
    trees: &'q TreeGraph,
    /// Parents before children, otherwise the oldest first.
    commits: Vec<&'q CommitNote>,
    /// Places in `commits`.
    places: ObjectMap,
    /// The parents of each commit, as places.
    parents: Children,
    paths: Paths,
    /// By thing and path.
    events: NumberMap<(u32, PathNumber), Events>,
    /// By mark and path.
    counts: NumberMap<(u32, PathNumber), bool>,
    seen: Vec<bool>,
    /// How many paths `events` has of each thing.
    paths_of: HashMap<u32, usize>,
    steps: u64,
    /// Whether something was left out because there was too much of it.
    cut: bool,
}

impl<'q> History<'q> {
    fn new(question: &'q Question<'q>, trees: &'q TreeGraph) -> Self {
        // A commit that lies in two packs is one commit.
        let commits = parents_first(question.commits.iter().collect(), question.objects);
        let (places, parents) = Self::placed(question, &commits);
        let mut history = Self {
            question,
            trees,
            commits,
            places,
            parents,
            paths: Paths::default(),
            events: NumberMap::default(),
            counts: NumberMap::default(),
            seen: vec![false; question.blobs.len()],
            paths_of: HashMap::new(),
            steps: 0,
            cut: trees.cut,
        };
        if question.reachable {
            let reached = history.reached(question.references.iter().map(|r| r.peeled).chain(question.head));
            let kept: Vec<&CommitNote> = history.commits.iter().zip(&reached).filter(|(_, r)| **r).map(|(c, _)| *c).collect();
            (history.places, history.parents) = Self::placed(question, &kept);
            history.commits = kept;
        }
        history
    }

    /// Where each of `commits` is among them, and its parents.
    fn placed(question: &Question<'_>, commits: &[&CommitNote]) -> (ObjectMap, Children) {
        let places = ObjectMap::of(question.objects, commits.iter().map(|c| c.at));
        let parents = |(i, commit): (usize, &&CommitNote)| {
            commit.parents.iter().filter_map(|p| places.get(*p)).map(|p| (i as u32, p)).collect::<Vec<_>>()
        };
        let parents = Children::of(commits.len(), || commits.iter().enumerate().flat_map(parents));
        (places, parents)
    }

    fn place(&self, id: &ObjectId) -> Option<usize> {
        self.place_at(self.question.objects.find(id)?)
    }

    fn place_at(&self, at: ObjectAt) -> Option<usize> {
        self.places.get(at).map(|i| i as usize)
    }

    fn parents(&self, i: usize) -> impl Iterator<Item = usize> + '_ {
        self.parents.of_parent(i as u32).iter().map(|&p| p as usize)
    }

    /// Whether one of `tips` reaches each commit.
    fn reached(&self, tips: impl Iterator<Item = ObjectId>) -> Vec<bool> {
        let mut reached = vec![false; self.commits.len()];
        let mut queue: Vec<usize> = tips.filter_map(|id| self.place(&id)).collect();
        while let Some(i) = queue.pop() {
            if !std::mem::replace(&mut reached[i], true) {
                queue.extend(self.parents(i));
            }
        }
        reached
    }

    fn answer(mut self, answer: &mut Answer) {
        for i in 0..self.commits.len() {
            self.compare(i);
        }
        let mut describer = Describer::new(self.question);
        let head = self.question.head.and_then(|id| self.place(&id));
        let at_head = head.map(|i| self.tip(i)).unwrap_or_default();
        let of_head = self.reached(self.question.head.into_iter());
        let mut message = |marked: &Marked| {
            let place = self.place_at(marked.at);
            let counts = place.is_some() || !self.question.reachable;
            let at_head = place.is_some_and(|i| of_head[i]);
            counts.then(|| Message { commit: describer.describe(marked.at), at_head })
        };
        answer.messages = self.question.messages.iter().map(&mut message).collect();
        let dropped = self.dropped(&at_head, &of_head);
        for ((thing, path), events) in &self.events {
            let mut introductions: Vec<Introduction> = Vec::new();
            for &(i, blob, mark) in &events.introduced {
                let Some(commit) = describer.describe(self.commits[i].at) else { continue };
                let after = events.removed.iter().filter(|&&r| r > i).chain(dropped.get(&(*thing, *path, i)));
                let removed = after.clone().find(|&&r| of_head[r]).or_else(|| after.min());
                let removed = removed.and_then(|&r| describer.describe(self.commits[r].at));
                introductions.push(Introduction { commit, blob: blob as usize, mark, removed });
            }
            let at_head = at_head.contains(&(*thing, *path));
            answer.traces.push(Trace { thing: *thing, path: self.path(*path), at_head, introductions });
        }
        answer.order = describer.described().filter_map(|c| Some((c.id, self.place(&c.id)?))).collect();
        answer.problems.append(&mut describer.problems);
        answer.traces.sort_by(|a, b| (a.thing, &a.path).cmp(&(b.thing, &b.path)));
        self.holding(head, &at_head, answer);
        self.strays(answer);
        if self.cut {
            let detail = "trees are too deep, or name the same blobs too often, to follow; paths and commits may be missing".to_owned();
            answer.problems.push(Problem { what: "history".to_owned(), kind: ProblemKind::Object, detail });
        }
    }

    fn path(&self, path: PathNumber) -> Vec<u8> {
        self.joined(&self.paths.names(path))
    }

    fn joined(&self, names: &[u32]) -> Vec<u8> {
        let parts: Vec<&[u8]> = names.iter().map(|&n| self.trees.name(n)).collect();
        parts.join(&b'/')
    }
}
