//! Which commits names stand for: refs, ids, and the ancestors of what these name.
//!
//! libgit2 would know, but it reads objects on the way, and one that is cut off where it lies loose keeps it busy for ever (1.9: inflating gets no further, and
//! it asks again and again). So every loose object is looked at before libgit2 sees it, and the usual names are read here.

use std::fs;
use std::path::Path;

use git2::{ObjectType, Oid};

use super::objects::{MOST_TAGS, inflates, tagged};
use super::pack::Pack;
use super::repository::id_of;
use super::{GitError, Repository};
use crate::model::ObjectId;

impl Repository {
    /// Whether libgit2 can read the object `id` to its end, or say that it cannot: where it lies loose, it must inflate. What lies in packs is no danger,
    /// and read before what lies loose in the same folder.
    ///
    /// # Errors
    /// It is damaged.
    pub(super) fn sound(&self, id: ObjectId) -> Result<(), GitError> {
        let name = id.to_string();
        let (folder, file) = name.split_at(2);
        for dir in self.object_dirs() {
            let path = dir.join(folder).join(file);
            if fs::metadata(&path).is_ok() && !inflates(&path) && !is_packed(dir, &id, self.is_sha256()) {
                return Err(GitError::Damaged(id));
            }
        }
        Ok(())
    }

    /// The commit that `name` stands for: a ref, an id or the begin of one, and then any number of `~2` and `^2`. `None` for other names, and where there is no
    /// such commit.
    ///
    /// # Errors
    /// An object on the way is damaged, or a ref names one that is not there.
    pub(super) fn resolve(&self, name: &str) -> Result<Option<ObjectId>, GitError> {
        let (base, mut steps) = name.split_at(name.find(['~', '^']).unwrap_or(name.len()));
        if [base, steps].iter().any(|part| part.contains([':', '{'])) {
            return Ok(None);
        }
        let base = if matches!(base, "" | "@") { "HEAD" } else { base };
        let by_id = ObjectId::parse(base.as_bytes());
        let mut at = match by_id.is_none().then(|| self.referenced(base)).flatten() {
            // Where what a ref names is not there, the name is not to blame.
            Some(id) => self.commit_of(id)?,
            None => match by_id.or_else(|| self.abbreviated(base)) {
                Some(id) => known(self.commit_of(id))?.flatten(),
                None => None,
            },
        };
        while let (Some(id), Some(step)) = (at, steps.chars().next()) {
            steps = &steps[step.len_utf8()..];
            let digits = steps.bytes().take_while(u8::is_ascii_digit).count();
            let Ok(number) = (if digits == 0 { Ok(1) } else { steps[..digits].parse::<usize>() }) else { return Ok(None) };
            steps = &steps[digits..];
            at = match (step, number) {
                ('~', generations) => self.ancestor(id, generations)?,
                ('^', 0) => Some(id),
                ('^', parent) => self.parent(id, parent - 1)?,
                _ => return Ok(None),
            };
        }
        Ok(at)
    }

    /// What the tag `id` names in the end, as far as it is there; `None` where it is no tag.
    pub(super) fn peel(&self, id: &ObjectId) -> Option<ObjectId> {
        let mut named = None;
        for _ in 0..MOST_TAGS {
            let at = named.unwrap_or(*id);
            // What is none, as nearly all that refs name, need not be read.
            if !matches!(self.kind(at), Ok(ObjectType::Tag)) {
                break;
            }
            match self.object(at, ObjectType::Tag, tagged) {
                Ok(Some(next)) => named = Some(next),
                _ => break,
            }
        }
        named
    }

    /// What the ref of this name, perhaps without its folders, names.
    fn referenced(&self, name: &str) -> Option<ObjectId> {
        let reference = self.inner().resolve_reference_from_short_name(name).ok()?;
        reference.resolve().ok()?.target().and_then(|id| id_of(&id))
    }

    /// The one object whose id begins with these digits.
    fn abbreviated(&self, digits: &str) -> Option<ObjectId> {
        let is_short = digits.len() >= 4 && digits.bytes().all(|b| b.is_ascii_hexdigit());
        let short = Oid::from_str(digits).ok().filter(|_| is_short)?;
        self.inner().odb().ok()?.exists_prefix(short, digits.len()).ok().and_then(|id| id_of(&id))
    }

    /// The commit that `id` is, or that it names as a tag; `None` where that is something else.
    fn commit_of(&self, id: ObjectId) -> Result<Option<ObjectId>, GitError> {
        let id = self.peel(&id).unwrap_or(id);
        self.sound(id)?;
        if self.kind(id)? != ObjectType::Commit {
            return Ok(None);
        }
        self.commit(id, |_| Some(id))
    }

    fn parent(&self, id: ObjectId, number: usize) -> Result<Option<ObjectId>, GitError> {
        let Some(parent) = self.commit(id, |raw| raw.parents.get(number).copied())? else { return Ok(None) };
        known(self.commit(parent, |_| parent))
    }

    fn ancestor(&self, mut id: ObjectId, generations: usize) -> Result<Option<ObjectId>, GitError> {
        for _ in 0..generations {
            match self.parent(id, 0)? {
                Some(parent) => id = parent,
                None => return Ok(None),
            }
        }
        Ok(Some(id))
    }
}

/// Whether a pack of this folder of objects holds `id`.
fn is_packed(dir: &Path, id: &ObjectId, sha256: bool) -> bool {
    let packs = fs::read_dir(dir.join("pack")).into_iter().flatten().flatten().map(|entry| entry.path());
    packs
        .filter(|path| path.extension().is_some_and(|e| e == "idx"))
        .any(|path| Pack::open(&path, sha256).is_ok_and(|p| p.find(id).is_some()))
}

/// Nothing, where it is not there: a shallow clone, or a name from elsewhere.
fn known<T>(found: Result<T, GitError>) -> Result<Option<T>, GitError> {
    match found {
        Err(GitError::Absent(_)) => Ok(None),
        found => found.map(Some),
    }
}
