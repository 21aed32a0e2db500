//! Which commits some commits reach and others do not.
//!
//! Newest first, as git walks: what is to be excluded is then mostly met before what it excludes, and the walk ends as soon as nothing wanted is
//! left to follow. libgit2's own walk reads all of history for one new commit in a repository with many refs, which a server has no time for.

use std::collections::{BinaryHeap, HashMap, HashSet};

use super::{GitError, Repository};
use crate::model::ObjectId;

/// How many commits older than everything wanted are looked at, after the last wanted one, for clocks that went wrong. Git does the same.
const SLOP: u32 = 5;

/// A walk over ancestors.
pub(super) struct Walk<'r> {
    repository: &'r Repository,
    /// The commits at which a shallow clone ends: they count as having no parents.
    ends: HashSet<ObjectId>,
    seen: HashMap<ObjectId, Seen>,
    /// Commits to go on from, by time.
    queue: BinaryHeap<(i64, ObjectId)>,
    /// How many in the queue are wanted.
    wanted: usize,
    /// Whether something is reached by both.
    met: bool,
}

struct Seen {
    parents: Vec<ObjectId>,
    excluded: bool,
    queued: bool,
}

impl<'r> Walk<'r> {
    pub(super) fn new(repository: &'r Repository) -> Self {
        Self { repository, ends: repository.shallow(), seen: HashMap::new(), queue: BinaryHeap::new(), wanted: 0, met: false }
    }

    /// Notes that `start` is reached, by what is wanted or by what is `excluded`. What is reached by both is excluded.
    ///
    /// # Errors
    /// It is no commit that can be read.
    pub(super) fn reach(&mut self, start: ObjectId, excluded: bool) -> Result<(), GitError> {
        let mut todo = vec![start];
        while let Some(id) = todo.pop() {
            match self.seen.get_mut(&id) {
                None => {
                    let (committed, mut parents) = self.repository.commit(id, |raw| (raw.committed, raw.parents.clone()))?;
                    if self.ends.contains(&id) {
                        parents.clear();
                    }
                    self.seen.insert(id, Seen { parents, excluded, queued: true });
                    self.queue.push((committed, id));
                    self.wanted += usize::from(!excluded);
                }
                Some(seen) if excluded && !seen.excluded => {
                    seen.excluded = true;
                    self.met = true;
                    if seen.queued {
                        self.wanted -= 1;
                    } else {
                        // It went on before it was known to be excluded: so are the commits it went on to.
                        todo.extend_from_slice(&seen.parents);
                    }
                }
                Some(seen) => self.met |= seen.excluded && !excluded,
            }
        }
        Ok(())
    }

    /// The newest commit left, with its time; goes on to its parents.
    pub(super) fn next(&mut self) -> Result<Option<(i64, ObjectId)>, GitError> {
        let Some((committed, id)) = self.queue.pop() else { return Ok(None) };
        let Some(seen) = self.seen.get_mut(&id) else { return Ok(None) };
        seen.queued = false;
        let (parents, excluded) = (seen.parents.clone(), seen.excluded);
        self.wanted -= usize::from(!excluded);
        for parent in parents {
            match self.reach(parent, excluded) {
                // What is excluded need not be there.
                Err(_) if excluded => {}
                other => other?,
            }
        }
        Ok(Some((committed, id)))
    }

    /// All that is reached and not excluded, newest first; and whether anything is reached by both.
    pub(super) fn wanted(mut self) -> Result<(Vec<ObjectId>, bool), GitError> {
        let mut found = Vec::new();
        let mut oldest = i64::MAX;
        let mut slop = SLOP;
        while slop > 0 {
            if self.wanted == 0 {
                match self.queue.peek() {
                    None => break,
                    Some(&(newest, _)) if newest >= oldest => slop = SLOP,
                    Some(_) => slop -= 1,
                }
            } else {
                slop = SLOP;
            }
            let Some((committed, id)) = self.next()? else { break };
            if self.seen.get(&id).is_some_and(|s| !s.excluded) {
                oldest = oldest.min(committed);
                found.push(id);
            }
        }
        found.retain(|id| self.seen.get(id).is_some_and(|s| !s.excluded));
        Ok((found, self.met))
    }
}
