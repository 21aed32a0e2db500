//! Who brought a blob's content in, who took it out, and which refs hold it: asked for a few blobs, over the whole history.
//!
//! Blobs bear *marks*: numbers that stand for whatever the caller found in them, marks of *things*. Two versions of a file that have the same thing are
//! alike, so it is introduced at a path where a commit has it and none of its parents does, and removed where all parents have it and the commit has
//! not. That is independent of lines and of how often the file changed in between.

mod notes;
mod paths;

use std::cmp::Reverse;
use std::collections::hash_map::Entry;
use std::collections::{BinaryHeap, HashMap, HashSet};
use std::sync::Arc;

use super::children::Children;
use super::object_map::ObjectMap;
use super::objects::damaged;
use super::trees::{To, TreeGraph, Wanted};
use super::{NumberMap, ObjectAt, ObjectReader, Objects, Reference};
use crate::model::{Commit, ObjectId, Problem, ProblemKind};
pub use notes::{CommitNote, CommitNotes};
use paths::{PathNumber, Paths};

/// Deeper folders are not followed: no file system has them, but a forged repository may.
const DEEPEST: usize = 256;
/// Steps through trees that one attribution may take. A few kilobytes of trees can name a blob a billion times.
const MOST_STEPS: u64 = 200_000_000;
/// What an entry that leads to a blob costs beyond a step.
const STEPS_OF_ENTRY: u64 = 20;
/// Entries that may differ between two trees.
const MOST_DIFFERENCES: usize = 500_000;
/// Paths that are told of one thing, and of all.
const MOST_PATHS: usize = 10_000;
const MOST_PATHS_OF_ALL: usize = 1_000_000;
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
    /// Refs whose history has it, by their place in the question.
    pub refs: Vec<usize>,
    /// Refs whose tip has it.
    pub live: Vec<usize>,
}

/// A blob that no commit has.
#[derive(Clone, Debug)]
pub struct Stray {
    /// The blob, by its place in the question.
    pub blob: usize,
    /// Its path in the topmost tree that has it, if a tree has it.
    pub path: Option<Vec<u8>>,
}

/// What came out.
#[derive(Default)]
pub struct Answer {
    /// Sorted by thing and path.
    pub traces: Vec<Trace>,
    /// By thing.
    pub holding: HashMap<u32, Holding>,
    /// The commits of `Question::messages`, in their order.
    pub messages: Vec<Option<Arc<Commit>>>,
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

/// An entry that two trees have, or one of them.
struct Difference {
    path: PathNumber,
    new: Option<u32>,
    old: Option<u32>,
}

/// What happened to a thing at a path.
#[derive(Default)]
struct Events {
    /// Commit, blob and mark.
    introduced: Vec<(usize, u32, u32)>,
    removed: Vec<usize>,
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
            cut: false,
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
        let mut describer =
            Describer { question: self.question, reader: self.question.objects.reader(), known: HashMap::new(), problems: Vec::new() };
        answer.messages = self.question.messages.iter().map(|m| describer.describe(m.at)).collect();
        let head = self.question.head.and_then(|id| self.place(&id));
        let at_head = head.map(|i| self.tip(i)).unwrap_or_default();
        let of_head = self.reached(self.question.head.into_iter());
        for ((thing, path), events) in &self.events {
            let mut introductions: Vec<Introduction> = Vec::new();
            for &(i, blob, mark) in &events.introduced {
                let Some(commit) = describer.describe(self.commits[i].at) else { continue };
                // Commits are in order.
                let after = events.removed.iter().filter(|&&r| r > i);
                let after = after.clone().find(|&&r| of_head[r]).or_else(|| after.clone().next());
                let removed = after.and_then(|&r| describer.describe(self.commits[r].at));
                introductions.push(Introduction { commit, blob: blob as usize, mark, removed });
            }
            let at_head = at_head.contains(&(*thing, *path));
            answer.traces.push(Trace { thing: *thing, path: self.path(*path), at_head, introductions });
        }
        answer.problems.append(&mut describer.problems);
        let described = describer.known.values().flatten();
        answer.order = described.filter_map(|c| Some((c.id, self.place(&c.id)?))).collect();
        answer.traces.sort_by(|a, b| (a.thing, &a.path).cmp(&(b.thing, &b.path)));
        self.holding(head, &at_head, answer);
        self.strays(answer);
        if self.cut {
            let detail = "trees name the same blobs too often to follow; paths and commits may be missing".to_owned();
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

    fn marks(&self, blob: Option<u32>) -> &'q [u32] {
        blob.map_or(&[], |b| &self.question.blobs[b as usize].marks)
    }

    fn counts(&mut self, mark: u32, path: PathNumber) -> bool {
        if let Some(&known) = self.counts.get(&(mark, path)) {
            return known;
        }
        let counts = (self.question.counts)(&self.path(path), mark);
        if self.counts.len() >= MOST_PATHS_OF_ALL {
            self.counts.clear();
        }
        self.counts.insert((mark, path), counts);
        counts
    }

    /// Notes what commit `i` brought and took.
    fn compare(&mut self, i: usize) {
        let tree = self.commits[i].tree;
        let parents: Vec<Option<ObjectAt>> = self.parents(i).map(|p| self.commits[p].tree).collect();
        let first = parents.first().copied().flatten();
        if tree == first && !parents.is_empty() {
            return;
        }
        for Difference { path, new, old } in self.differences(tree, first) {
            if let Some(new) = new {
                self.seen[new as usize] = true;
            }
            let (new_marks, old_marks) = (self.marks(new), self.marks(old));
            if new_marks == old_marks {
                continue;
            }
            let others: Vec<&[u32]> = parents.iter().skip(1).map(|p| self.marks(self.lookup(*p, path))).collect();
            let (new_things, old_things) = (self.things(new_marks, path), self.things(old_marks, path));
            let others: Vec<Vec<(u32, u32)>> = others.into_iter().map(|marks| self.things(marks, path)).collect();
            let has = |things: &[(u32, u32)], thing: u32| things.iter().any(|t| t.0 == thing);
            for &(thing, mark) in &new_things {
                if !has(&old_things, thing)
                    && others.iter().all(|o| !has(o, thing))
                    && let Some(events) = self.events(thing, path)
                {
                    events.introduced.push((i, new.unwrap_or_default(), mark));
                }
            }
            for &(thing, _) in &old_things {
                if !has(&new_things, thing)
                    && others.iter().all(|o| has(o, thing))
                    && let Some(events) = self.events(thing, path)
                    && events.removed.last() != Some(&i)
                {
                    events.removed.push(i);
                }
            }
        }
    }

    /// The things that `marks` are marks of, where they count at `path`, each with its mark.
    fn things(&mut self, marks: &[u32], path: PathNumber) -> Vec<(u32, u32)> {
        let things = self.question.things;
        marks.iter().filter(|&&mark| self.counts(mark, path)).map(|&mark| (things[mark as usize], mark)).collect()
    }

    /// Where to note what happens to `thing` at `path`; `None` where it stands at too many paths already.
    fn events(&mut self, thing: u32, path: PathNumber) -> Option<&mut Events> {
        let all = self.events.len();
        match self.events.entry((thing, path)) {
            Entry::Occupied(known) => Some(known.into_mut()),
            Entry::Vacant(new) => {
                let paths = self.paths_of.entry(thing).or_default();
                if *paths >= MOST_PATHS || all >= MOST_PATHS_OF_ALL {
                    self.cut = true;
                    return None;
                }
                *paths += 1;
                Some(new.insert(Events::default()))
            }
        }
    }

    /// What differs between two trees among the entries that lead to blobs asked about.
    fn differences(&mut self, new: Option<ObjectAt>, old: Option<ObjectAt>) -> Vec<Difference> {
        let mut all = Vec::new();
        self.differences_in(Paths::ROOT, 0, new, old, &mut all);
        all
    }

    fn differences_in(
        &mut self,
        folder: PathNumber,
        depth: usize,
        new: Option<ObjectAt>,
        old: Option<ObjectAt>,
        out: &mut Vec<Difference>,
    ) {
        if new == old {
            return;
        }
        if depth > DEEPEST || self.steps > MOST_STEPS || out.len() >= MOST_DIFFERENCES {
            self.cut = true;
            return;
        }
        let trees = self.trees;
        let leads = |at: Option<ObjectAt>| at.map_or(&[][..], |at| trees.leads(at));
        let (new, old) = (leads(new), leads(old));
        let (mut i, mut j) = (0, 0);
        while i < new.len() || j < old.len() {
            self.steps += 1;
            let name = match (new.get(i), old.get(j)) {
                (Some(a), Some(b)) => a.name.min(b.name),
                (Some(a), None) => a.name,
                (None, Some(b)) => b.name,
                (None, None) => break,
            };
            let take = |leads: &[super::trees::Lead], at: &mut usize| {
                let to = leads.get(*at).filter(|l| l.name == name).map(|l| l.to);
                *at += usize::from(to.is_some());
                to
            };
            let (a, b) = (take(new, &mut i), take(old, &mut j));
            if a == b {
                continue;
            }
            let Some(path) = self.paths.child(folder, name) else {
                self.cut = true;
                return;
            };
            let blob = |to| if let Some(To::Blob(n)) = to { Some(n) } else { None };
            let tree = |to| if let Some(To::Tree(at)) = to { Some(at) } else { None };
            if blob(a).is_some() || blob(b).is_some() {
                self.steps += STEPS_OF_ENTRY;
                out.push(Difference { path, new: blob(a), old: blob(b) });
            }
            if tree(a).is_some() || tree(b).is_some() {
                self.differences_in(path, depth + 1, tree(a), tree(b), out);
            }
        }
    }

    /// The blob asked about at `path` in `tree`.
    fn lookup(&self, tree: Option<ObjectAt>, path: PathNumber) -> Option<u32> {
        let mut at = tree?;
        let names = self.paths.names(path);
        for (depth, name) in names.iter().enumerate() {
            let leads = self.trees.leads(at);
            match leads[leads.binary_search_by_key(name, |l| l.name).ok()?].to {
                To::Tree(next) => at = next,
                To::Blob(blob) if depth + 1 == names.len() => return Some(blob),
                _ => return None,
            }
        }
        None
    }

    /// Things and paths in the tree of commit `i`.
    fn tip(&mut self, i: usize) -> HashSet<(u32, PathNumber)> {
        let mut found = HashSet::new();
        for Difference { path, new, .. } in self.differences(self.commits[i].tree, None) {
            found.extend(self.things(self.marks(new), path).into_iter().map(|(thing, _)| (thing, path)));
        }
        found
    }

    /// The refs at whose tip each thing stands. Tips that lie close together in history have nearly the same tree, so each is compared with
    /// the one before it.
    fn live(&mut self, tips: &[Option<usize>], answer: &mut Answer) {
        let mut references: Vec<usize> = (0..tips.len()).filter(|&r| tips[r].is_some()).collect();
        references.sort_by_key(|&r| (tips[r], r));
        // At how many paths each thing stands in the tree at hand.
        let mut standing: HashMap<u32, u32> = HashMap::new();
        let mut at_hand = None;
        for reference in references {
            let tree = tips[reference].and_then(|tip| self.commits[tip].tree);
            for Difference { path, new, old } in self.differences(tree, at_hand) {
                for (thing, _) in self.things(self.marks(old), path) {
                    if let Entry::Occupied(mut paths) = standing.entry(thing) {
                        *paths.get_mut() -= 1;
                        if *paths.get() == 0 {
                            paths.remove();
                        }
                    }
                }
                for (thing, _) in self.things(self.marks(new), path) {
                    *standing.entry(thing).or_default() += 1;
                }
            }
            at_hand = tree;
            for &thing in standing.keys() {
                answer.holding.entry(thing).or_default().live.push(reference);
            }
        }
        answer.holding.values_mut().for_each(|holding| holding.live.sort_unstable());
    }

    /// Which refs hold each thing.
    fn holding(&mut self, head: Option<usize>, at_head: &HashSet<(u32, PathNumber)>, answer: &mut Answer) {
        let references = self.question.references;
        let tips: Vec<Option<usize>> = references.iter().map(|r| self.place(&r.peeled)).collect();
        self.live(&tips, answer);
        for (thing, _) in at_head {
            answer.holding.entry(*thing).or_default().at_head = true;
        }
        // Where each thing enters history.
        let mut entries: HashMap<u32, Vec<usize>> = HashMap::new();
        for ((thing, _), events) in &self.events {
            entries.entry(*thing).or_default().extend(events.introduced.iter().map(|e| e.0));
        }
        let mut of_messages = HashSet::new();
        for message in self.question.messages {
            if let Some(i) = self.place_at(message.at) {
                for &mark in &message.marks {
                    let thing = self.question.things[mark as usize];
                    entries.entry(thing).or_default().push(i);
                    of_messages.insert(thing);
                }
            }
        }
        let mut things: Vec<u32> = entries.keys().copied().collect();
        things.sort_unstable();
        let mut bits = vec![0_u64; self.commits.len()];
        // A bit for a thing: 64 of them go down history together.
        for things in things.chunks(64) {
            bits.fill(0);
            for (bit, thing) in things.iter().enumerate() {
                for &i in &entries[thing] {
                    bits[i] |= 1 << bit;
                }
            }
            for i in 0..self.commits.len() {
                let inherited = self.parents(i).fold(0, |all, p| all | bits[p]);
                bits[i] |= inherited;
            }
            for (bit, &thing) in things.iter().enumerate() {
                let has = |tip: Option<usize>| tip.is_some_and(|i| bits[i] >> bit & 1 != 0);
                let holding = answer.holding.entry(thing).or_default();
                holding.refs.extend((0..tips.len()).filter(|&r| has(tips[r])));
                if of_messages.contains(&thing) && has(head) {
                    holding.at_head = true;
                }
            }
        }
    }

    /// Which blobs refs name that are no commits but these blobs themselves, or trees that have them.
    fn named(&mut self) -> Vec<bool> {
        let question = self.question;
        let mut named = vec![false; question.blobs.len()];
        let tips = question.references.iter().filter_map(|r| question.objects.find(&r.peeled));
        let others: HashSet<ObjectAt> = tips.filter(|tip| self.places.get(*tip).is_none()).collect();
        for tip in others {
            question.blobs.iter().zip(&mut named).for_each(|(blob, named)| *named |= blob.at == tip);
            let held = self.differences(Some(tip), None);
            held.iter().filter_map(|d| d.new).for_each(|blob| named[blob as usize] = true);
        }
        named
    }

    /// Blobs that no commit has, with a path where a tree has them.
    fn strays(&mut self, answer: &mut Answer) {
        let mut strays: Vec<usize> = (0..self.seen.len()).filter(|&b| !self.seen[b]).collect();
        if self.question.reachable {
            // What only unreachable commits have is nobody's, unless a ref names it or a tree that has it.
            let named = self.named();
            strays.retain(|b| named[*b]);
        }
        if strays.is_empty() {
            return;
        }
        // Names of what leads to each blob and tree, from the trees that have them.
        let mut above: HashMap<To, (ObjectAt, u32)> = HashMap::new();
        for tree in self.trees.leading() {
            for lead in self.trees.leads(tree) {
                let up = above.entry(lead.to).or_insert((tree, lead.name));
                *up = (*up).min((tree, lead.name));
            }
        }
        for blob in strays {
            let mut names = Vec::new();
            let mut at = To::Blob(blob as u32);
            while let Some(&(tree, name)) = above.get(&at) {
                names.push(name);
                at = To::Tree(tree);
                if names.len() > DEEPEST {
                    break;
                }
            }
            names.reverse();
            let path = (!names.is_empty()).then(|| self.joined(&names));
            answer.strays.push(Stray { blob, path });
        }
    }
}

/// Describes commits, each once.
struct Describer<'q> {
    question: &'q Question<'q>,
    reader: ObjectReader<'q>,
    known: HashMap<ObjectAt, Option<Arc<Commit>>>,
    problems: Vec<Problem>,
}

impl Describer<'_> {
    fn describe(&mut self, at: ObjectAt) -> Option<Arc<Commit>> {
        if let Some(known) = self.known.get(&at) {
            return known.clone();
        }
        let commit = match self.reader.commit(at) {
            Ok(commit) => commit.map(Arc::new),
            Err(why) => {
                self.problems.push(damaged(&self.question.objects.id(at), &why));
                None
            }
        };
        self.known.insert(at, commit.clone());
        commit
    }
}
