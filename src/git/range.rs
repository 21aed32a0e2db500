//! Which commits a range, a date or a push stands for.

use std::collections::HashSet;

use git2::{ErrorCode, ObjectType};

use super::ancestry::Walk;
use super::objects::tagged;
use super::repository::id_of;
use super::{GitError, Repository};
use crate::model::ObjectId;

/// Clocks differ: commits are looked through until they are older than a date by this many seconds.
const CLOCKS: i64 = 7 * 86_400;

/// What to look at: commits, and what else a push brings.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Range {
    /// The commits.
    pub commits: Vec<ObjectId>,
    /// Commits of the range at which a shallow clone ends: their parents were not fetched, so what they add cannot be told.
    pub cut: Vec<ObjectId>,
    /// Annotated tags.
    pub tags: Vec<ObjectId>,
    /// Trees and blobs that a ref or tag names itself, each with the ref's name.
    pub others: Vec<(Vec<u8>, ObjectId)>,
    /// Full names of refs that are new to the receiving side.
    pub names: Vec<Vec<u8>>,
}

/// Why there is no such range.
#[derive(Debug, thiserror::Error)]
pub enum RangeError {
    /// A name that stands for nothing here.
    #[error("there is no revision {name:?} in this clone")]
    Unknown {
        /// The name.
        name: String,
        /// What to do.
        help: String,
    },
    /// No name at all: of a variable, mostly, that is not set.
    #[error("{0:?} names no revision where one is needed: is a variable empty?")]
    Empty(String),
    /// All zeros: what git and CI services write for "none".
    #[error("{0:?} is no revision: all zeros stand for none, as before the first push of a branch")]
    Zero(String),
    /// Something that is no commit.
    #[error("{0:?} is not a commit")]
    NoCommit(String),
    /// Neither a revision nor a date.
    #[error("{name:?} is neither a revision in this clone nor a date")]
    NoDate {
        /// The name.
        name: String,
        /// What to do.
        help: String,
    },
    /// Two revisions that share no history, as far as this clone knows it.
    #[error("{one} and {other} have no commit in common in this clone")]
    Unrelated {
        /// One revision.
        one: String,
        /// The other.
        other: String,
        /// What to do.
        help: Option<String>,
    },
    /// A line of a hook's input.
    #[error("{0:?} is no line that git gives to this hook")]
    Line(String),
    /// The repository could not be asked.
    #[error(transparent)]
    Git(#[from] GitError),
}

impl RangeError {
    /// What to do about it, if there is something to say.
    #[must_use]
    pub fn help(&self) -> Option<String> {
        match self {
            Self::Unknown { help, .. } | Self::NoDate { help, .. } => Some(help.clone()),
            Self::Unrelated { help, .. } => help.clone(),
            Self::Zero(_) => Some("name what the branch was made from: --since origin/main, say".to_owned()),
            Self::Empty(name) if name.ends_with('/') => Some(format!("name a branch, such as {name}main")),
            Self::Empty(_) => Some("name both sides, such as origin/main..HEAD".to_owned()),
            Self::NoCommit(_) | Self::Line(_) | Self::Git(_) => None,
        }
    }
}

impl From<git2::Error> for RangeError {
    fn from(error: git2::Error) -> Self {
        Self::Git(error.into())
    }
}

/// A ref that a push sets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Update {
    /// What it named before; zeros where it is new.
    pub old: ObjectId,
    /// What it shall name; zeros where it is deleted.
    pub new: ObjectId,
    /// Its name on the receiving side.
    pub name: Vec<u8>,
}

impl Update {
    /// A line that git gives to a `pre-push` hook: local ref, local id, remote ref, remote id. The local ref is what the user typed, and may hold
    /// spaces.
    ///
    /// # Errors
    /// It is no such line.
    pub fn pushed(line: &[u8]) -> Result<Self, RangeError> {
        let mut words = line.rsplitn(4, |&b| b == b' ');
        let (old, name, new) = (words.next(), words.next(), words.next());
        Self::of(old, new, name.filter(|_| words.next().is_some()), line)
    }

    /// A line that git gives to a `pre-receive` hook: old id, new id, ref.
    ///
    /// # Errors
    /// It is no such line.
    pub fn received(line: &[u8]) -> Result<Self, RangeError> {
        let mut words = line.splitn(3, |&b| b == b' ');
        let (old, new, name) = (words.next(), words.next(), words.next());
        Self::of(old, new, name, line)
    }

    fn of(old: Option<&[u8]>, new: Option<&[u8]>, name: Option<&[u8]>, line: &[u8]) -> Result<Self, RangeError> {
        let update = (|| Some(Self { old: ObjectId::parse(old?)?, new: ObjectId::parse(new?)?, name: name?.to_vec() }))();
        update.ok_or_else(|| RangeError::Line(String::from_utf8_lossy(line).into_owned()))
    }
}

impl Repository {
    /// `A..B`: what B has and A has not. `A...B`: the same, but A and B must have a commit in common: what B adds since they parted. `A`: that
    /// one commit. Without B it is `HEAD`; without A there is an error, not a range that is mostly empty: nobody writes that but by mistake.
    ///
    /// # Errors
    /// A name stands for nothing, or history is missing.
    pub fn range(&self, text: &str) -> Result<Range, RangeError> {
        let or_head = |name: &str| self.revision(if name.is_empty() { "HEAD" } else { name });
        if text.is_empty() || text.starts_with("..") {
            return Err(RangeError::Empty(text.to_owned()));
        }
        if let Some((one, other)) = text.split_once("...") {
            let (base, tip) = (self.revision(one)?, or_head(other)?);
            let (commits, is_related) = self.told_apart(&[tip], &[base])?;
            if !is_related {
                let help = self.how_to_complete().map(|command| format!("this clone is not complete: `{command}` fetches the rest"));
                return Err(RangeError::Unrelated { one: one.to_owned(), other: other.to_owned(), help });
            }
            return Ok(self.known(commits));
        }
        if let Some((base, tip)) = text.split_once("..") {
            let (base, tip) = (self.revision(base)?, or_head(tip)?);
            return self.between(&[tip], &[base]);
        }
        Ok(self.known(vec![self.revision(text)?]))
    }

    /// What `HEAD` has and the revision `text` has not, or what was committed since the date `text`.
    ///
    /// # Errors
    /// It is neither, or history is missing.
    pub fn since(&self, text: &str) -> Result<Range, RangeError> {
        if text.is_empty() {
            return Err(RangeError::Empty(text.to_owned()));
        }
        let head = self.revision("HEAD")?;
        match self.revision(text) {
            Ok(base) => self.between(&[head], &[base]),
            Err(RangeError::Unknown { name, help }) => match seconds(text) {
                Some(seconds) => self.after(head, seconds),
                None if text.bytes().any(|b| b.is_ascii_whitespace()) => {
                    let help = "a date is 2024-05-01, yesterday or 2 weeks ago, for example".to_owned();
                    Err(RangeError::NoDate { name, help })
                }
                None => Err(RangeError::NoDate { name, help }),
            },
            Err(error) => Err(error),
        }
    }

    /// What a push brings to `remote`, a remote's name or URL: what its remote-tracking refs, and the refs that are set, do not have already. All
    /// of history where nothing is known about the remote.
    ///
    /// # Errors
    /// History cannot be read.
    pub fn pushed(&self, updates: &[Update], remote: &str) -> Result<Range, RangeError> {
        let folders = self.tracking(remote);
        let refs = self.references(|id| self.peel(id))?;
        let known = refs.iter().filter(|r| folders.iter().any(|f| r.name.starts_with(f)));
        let there: Vec<ObjectId> = known.map(|r| r.peeled).chain(updates.iter().map(|u| u.old)).collect();
        self.brought(updates, &there, &HashSet::new())
    }

    /// What a push brings to this repository: what no ref of it has yet.
    ///
    /// # Errors
    /// History cannot be read.
    pub fn received(&self, updates: &[Update]) -> Result<Range, RangeError> {
        let refs = self.references(|id| self.peel(id))?;
        let there: Vec<ObjectId> = refs.iter().map(|r| r.peeled).collect();
        self.brought(updates, &there, &refs.iter().map(|r| r.target).collect())
    }

    /// What `updates` bring to somebody who has the commits `there`, and `objects`.
    fn brought(&self, updates: &[Update], there: &[ObjectId], objects: &HashSet<ObjectId>) -> Result<Range, RangeError> {
        let (mut tips, mut tags, mut others) = (Vec::new(), Vec::new(), Vec::new());
        let mut known_tags = objects.clone();
        for update in updates.iter().filter(|u| !u.new.is_zero()) {
            let mut id = update.new;
            loop {
                match self.kind(id)? {
                    ObjectType::Commit => tips.push(id),
                    ObjectType::Tag => {
                        if known_tags.insert(id) {
                            tags.push(id);
                        }
                        id = self.object(id, ObjectType::Tag, tagged)?.ok_or(GitError::Damaged(id))?;
                        continue;
                    }
                    _ if !objects.contains(&id) => others.push((update.name.clone(), id)),
                    _ => {}
                }
                break;
            }
        }
        let new = updates.iter().filter(|u| u.old.is_zero() && !u.new.is_zero());
        let names = new.map(|u| u.name.clone()).collect();
        Ok(Range { tags, others, names, ..self.between(&tips, there)? })
    }

    /// Commits that `tips` reach and `bases` do not. Bases that are not here, or no commits, exclude nothing.
    pub(super) fn between(&self, tips: &[ObjectId], bases: &[ObjectId]) -> Result<Range, RangeError> {
        Ok(self.known(self.told_apart(tips, bases)?.0))
    }

    /// The same commits, and whether there is one that both reach.
    fn told_apart(&self, tips: &[ObjectId], bases: &[ObjectId]) -> Result<(Vec<ObjectId>, bool), RangeError> {
        let mut walk = Walk::new(self);
        let bases: HashSet<ObjectId> = bases.iter().copied().collect();
        for base in bases {
            // A tip that cannot be read says so itself.
            drop(walk.reach(base, true));
        }
        for &tip in tips {
            walk.reach(tip, false)?;
        }
        Ok(walk.wanted()?)
    }

    /// Commits that `head` reaches, committed at or after `seconds`.
    fn after(&self, head: ObjectId, seconds: i64) -> Result<Range, RangeError> {
        let mut walk = Walk::new(self);
        walk.reach(head, false)?;
        let mut commits = Vec::new();
        while let Some((committed, id)) = walk.next()? {
            if committed >= seconds {
                commits.push(id);
            } else if committed < seconds.saturating_sub(CLOCKS) {
                break;
            }
        }
        Ok(self.known(commits))
    }

    /// A range of these commits, without those whose parents a shallow clone lacks.
    fn known(&self, commits: Vec<ObjectId>) -> Range {
        let ends = self.shallow();
        let (cut, commits) = commits.into_iter().partition(|id| ends.contains(id));
        Range { commits, cut, ..Range::default() }
    }

    /// The commit that `name` stands for.
    ///
    /// # Errors
    /// It stands for none here.
    pub fn revision(&self, name: &str) -> Result<ObjectId, RangeError> {
        if ObjectId::parse(name.as_bytes()).is_some_and(|id| id.is_zero()) {
            return Err(RangeError::Zero(name.to_owned()));
        }
        // As in `origin/$BRANCH` with nothing set: no ref's name ends so.
        if name.ends_with('/') {
            return Err(RangeError::Empty(name.to_owned()));
        }
        if let Some(commit) = self.resolve(name)? {
            return Ok(commit);
        }
        let object = self.inner().revparse_single(name).map_err(|error| match error.code() {
            ErrorCode::NotFound | ErrorCode::InvalidSpec | ErrorCode::Ambiguous => {
                RangeError::Unknown { name: name.to_owned(), help: self.how_to_get(name) }
            }
            _ => error.into(),
        })?;
        let commit = object.peel(ObjectType::Commit).map_err(|_| RangeError::NoCommit(name.to_owned()))?;
        id_of(&commit.id()).ok_or_else(|| RangeError::NoCommit(name.to_owned()))
    }

    /// The command that should bring the revision `name`.
    fn how_to_get(&self, name: &str) -> String {
        let remotes = self.remotes();
        let Some(usual) = remotes.first() else {
            return "there is no remote to fetch it from; `git log --oneline --all` shows what there is".to_owned();
        };
        let base = name.split(['~', '^', '@', ':']).next().unwrap_or(name);
        let unshallow = if self.is_shallow() { "--unshallow " } else { "" };
        if base != name && self.inner().revparse_single(if base.is_empty() { "HEAD" } else { base }).is_ok() {
            return match self.how_to_complete() {
                Some(command) => format!("history is cut off in this clone: `{command}` fetches the rest"),
                None => format!("{base:?} is here, but not what {name:?} asks of it"),
            };
        }
        if ObjectId::parse(base.as_bytes()).is_some() {
            return format!("`git fetch {unshallow}{usual} {base}` brings it, if the remote still has it");
        }
        let full = base.strip_prefix("refs/remotes/").unwrap_or(base);
        let is_remote = |name: &str| remotes.iter().any(|r| r == name);
        let (remote, branch) = full.split_once('/').filter(|(r, _)| is_remote(r)).unwrap_or((usual, base));
        let branch = branch.strip_prefix("refs/heads/").unwrap_or(branch);
        let advice = format!("`git fetch {unshallow}{remote} +refs/heads/{branch}:refs/remotes/{remote}/{branch}` brings that branch");
        if full.split_once('/').is_some_and(|(r, _)| is_remote(r)) {
            return advice;
        }
        format!("{advice} as {remote}/{branch}; `git fetch {unshallow}{remote} tag {branch}` brings a tag")
    }

    /// The folders of refs that track a remote, given by name or by URL.
    fn tracking(&self, remote: &str) -> Vec<Vec<u8>> {
        let is_meant = |found: &git2::Remote<'_>| {
            found.name().ok().flatten() == Some(remote)
                || found.url().ok() == Some(remote)
                || found.pushurl().ok().flatten() == Some(remote)
        };
        let meant = self.remotes().into_iter().filter_map(|n| self.inner().find_remote(&n).ok()).filter(is_meant);
        let mut folders = Vec::new();
        for found in meant {
            // A remote without refspecs of its own, and one that mirrors, whose refs are not told from ours.
            let own = found.refspecs().filter_map(|s| s.dst().ok().map(|d| d.trim_end_matches('*').as_bytes().to_vec()));
            folders.extend(own.filter(|f| f.starts_with(b"refs/remotes/")));
        }
        folders
    }
}

/// A date as seconds since 1970. Only words that dates are made of: what looks for pairs of a number and a unit would take a branch called
/// `one-second-fix` for a date, and find nothing newer than a second.
fn seconds(text: &str) -> Option<i64> {
    const WORDS: &str = " ago last now today yesterday second minute hour day week month year one two three four five six seven eight nine \
                         ten jan feb mar apr may jun jul aug sep oct nov dec january february march april june july august september \
                         october november december mon tue wed thu fri sat sun t z utc gmt ";
    let is_known = |word: &str| {
        let word = word.to_ascii_lowercase();
        let word = word.strip_suffix('s').filter(|w| w.len() > 2).unwrap_or(&word);
        WORDS.contains(&format!(" {word} "))
    };
    let mut words = text.split(|c: char| !c.is_ascii_alphabetic()).filter(|w| !w.is_empty());
    if !text.is_ascii() || text.contains('/') || !words.all(is_known) {
        return None;
    }
    gix_date::parse(text, Some(gix_date::Zoned::now())).ok().map(|time| time.seconds)
}

#[cfg(test)]
mod tests {
    use super::{Update, seconds};

    #[test]
    fn dates_are_told_from_names() {
        assert_eq!(seconds("2024-05-01"), Some(1_714_521_600));
        assert_eq!(seconds("2024-05-01T10:00:00+02:00"), Some(1_714_550_400));
        assert_eq!(seconds("@1714521600"), Some(1_714_521_600));
        let (day, weeks) = (seconds("yesterday").unwrap(), seconds("2 weeks ago").unwrap());
        assert!((day - weeks - 13 * 86_400).abs() < 10);
        assert!(seconds("3.days.ago").is_some());
        for name in ["one-second-fix", "2-day-fix", "main", "origin/2.days", "v1.2", "", "HEAD~2", "1234", "feature-1-month-x"] {
            assert_eq!(seconds(name), None, "{name}");
        }
    }

    #[test]
    fn lines_of_hooks() {
        let (a, b) = ("1".repeat(40), "2".repeat(40));
        let update = Update::pushed(format!("HEAD^{{/some words}} {a} refs/heads/x {b}").as_bytes()).unwrap();
        assert_eq!((update.new.to_string(), update.old.to_string(), update.name), (a.clone(), b.clone(), b"refs/heads/x".to_vec()));
        let update = Update::received(format!("{a} {b} refs/heads/x").as_bytes()).unwrap();
        assert_eq!((update.old.to_string(), update.new.to_string()), (a.clone(), b));
        for line in ["", "x", &a, &format!("{a} {a}"), &format!("{a} {a} x"), &format!("x {a} y {a}0")] {
            assert!(Update::pushed(line.as_bytes()).is_err(), "{line}");
        }
        assert!(Update::received(format!("{a} {a}").as_bytes()).is_err());
    }
}
