//! What commits change: where a thing is brought in, and where it is taken out.

use std::collections::HashSet;
use std::collections::hash_map::Entry;

use super::paths::{PathNumber, Paths};
use super::{DEEPEST, History};
use crate::git::ObjectAt;
use crate::git::trees::{Lead, To};

/// Steps through trees that one attribution may take. A few kilobytes of trees can name a blob a billion times.
const MOST_STEPS: u64 = 200_000_000;
/// What an entry that leads to a blob costs beyond a step.
const STEPS_OF_ENTRY: u64 = 20;
/// Entries that may differ between two trees.
const MOST_DIFFERENCES: usize = 500_000;
/// Paths that are told of one thing, and of all.
const MOST_PATHS: usize = 10_000;
const MOST_PATHS_OF_ALL: usize = 1_000_000;

/// An entry that two trees have, or one of them.
pub(super) struct Difference {
    pub path: PathNumber,
    pub new: Option<u32>,
    pub old: Option<u32>,
}

/// What happened to a thing at a path.
#[derive(Default)]
pub(super) struct Events {
    /// Commit, blob and mark.
    pub introduced: Vec<(usize, u32, u32)>,
    /// Commits.
    pub removed: Vec<usize>,
    /// Merges that have it from another parent than the first.
    pub merged: Vec<usize>,
    /// Merges whose first parent has it, but not all do, and that have it not.
    pub unmerged: Vec<usize>,
}

impl<'q> History<'q> {
    pub(super) fn marks(&self, blob: Option<u32>) -> &'q [u32] {
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
    pub(super) fn compare(&mut self, i: usize) {
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
            let set = |things: &[(u32, u32)]| things.iter().map(|t| t.0).collect::<HashSet<u32>>();
            let (new_set, old_set) = (set(&new_things), set(&old_things));
            let others: Vec<HashSet<u32>> = others.into_iter().map(|marks| set(&self.things(marks, path))).collect();
            for &(thing, mark) in &new_things {
                if old_set.contains(&thing) {
                    continue;
                }
                let is_new = others.iter().all(|o| !o.contains(&thing));
                let Some(events) = self.events(thing, path) else { continue };
                if is_new {
                    events.introduced.push((i, new.unwrap_or_default(), mark));
                } else if events.merged.last() != Some(&i) {
                    events.merged.push(i);
                }
            }
            for &(thing, _) in &old_things {
                if new_set.contains(&thing) {
                    continue;
                }
                let all_had = others.iter().all(|o| o.contains(&thing));
                let Some(events) = self.events(thing, path) else { continue };
                let list = if all_had { &mut events.removed } else { &mut events.unmerged };
                if list.last() != Some(&i) {
                    list.push(i);
                }
            }
        }
    }

    /// The things that `marks` are marks of, where they count at `path`, each with its mark.
    pub(super) fn things(&mut self, marks: &[u32], path: PathNumber) -> Vec<(u32, u32)> {
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
    pub(super) fn differences(&mut self, new: Option<ObjectAt>, old: Option<ObjectAt>) -> Vec<Difference> {
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
            let take = |leads: &[Lead], at: &mut usize| {
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
}
