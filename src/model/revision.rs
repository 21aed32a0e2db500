//! Where in a repository's history a secret stands.

use std::cmp::Ordering;
use std::sync::Arc;

use super::{Date, ObjectId};

/// Who changed what when. Two of one id are one, however long what they say is.
#[derive(Clone, Debug)]
pub struct Commit {
    /// When it was committed: what orders commits.
    pub committed: i64,
    /// Its id.
    pub id: ObjectId,
    /// The author's name.
    pub author: String,
    /// The author's address.
    pub email: String,
    /// When the author says to have written it.
    pub date: Date,
    /// The message's first line.
    pub subject: String,
}

impl Ord for Commit {
    fn cmp(&self, other: &Self) -> Ordering {
        (self.committed, self.id).cmp(&(other.committed, other.id))
    }
}

impl PartialOrd for Commit {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Commit {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Commit {}

/// The place of an occurrence in history.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Revision {
    /// The commit that brought the secret to this path; `None` where no commit holds it, as with what is only staged.
    pub commit: Option<Arc<Commit>>,
    /// The blob, commit or tag object that holds it.
    pub blob: Option<ObjectId>,
    /// The commit that took the secret from this path.
    pub removed: Option<Arc<Commit>>,
    /// Whether `HEAD` still has it at this path.
    pub at_head: bool,
    /// The commit on the web, where the remote tells.
    pub url: Option<String>,
}

/// How long a secret has stood in history, and what holds it. Secrets that the same refs hold share the lists of these.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exposure {
    /// The commit that brought it in, the oldest one where there are several; the tag, as if the tagger had committed it, for what no commit has.
    /// `None` where a plain tag holds what no commit has: nobody tells since when.
    pub introduced: Option<Arc<Commit>>,
    /// Whether history was cut off at that commit when it was fetched, so that an older one may have brought it in.
    pub or_before: bool,
    /// The last commit that took it out, unless `HEAD` still has it.
    pub removed: Option<Arc<Commit>>,
    /// Whether `HEAD` still has it.
    pub at_head: bool,
    /// Full names of the refs, but tags, at whose tip it still stands, sorted.
    pub live: Arc<[Arc<str>]>,
    /// Full names of the refs, but tags, whose history has it, sorted.
    pub refs: Arc<[Arc<str>]>,
    /// Names of the tags whose history has it, sorted.
    pub tags: Arc<[Arc<str>]>,
    /// Whole days from introduction to removal, or to now where `HEAD` or the tip of another ref still has it.
    pub days: u64,
}

impl Exposure {
    /// Joins what another repository tells of the same secret: the older introduction stands, and all refs are named.
    pub fn join(&mut self, other: Self) {
        if other.introduced.is_some() && (self.introduced.is_none() || other.introduced < self.introduced) {
            self.introduced = other.introduced;
            self.or_before = other.or_before;
        }
        self.at_head |= other.at_head;
        self.days = self.days.max(other.days);
        for (ours, theirs) in [(&mut self.live, other.live), (&mut self.refs, other.refs), (&mut self.tags, other.tags)] {
            let mut all: Vec<Arc<str>> = ours.iter().chain(&*theirs).cloned().collect();
            all.sort();
            all.dedup();
            *ours = all.into();
        }
        let gone = self.removed.take().zip(other.removed).map(|(a, b)| a.max(b));
        self.removed = gone.filter(|_| !self.at_head);
    }
}
