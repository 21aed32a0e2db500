//! What a commit, or the index, adds.

use std::collections::HashSet;
use std::sync::Arc;

use git2::{ErrorCode, ObjectType};

use super::commit::{RawCommit, describe};
use super::compare::{Added, Comparison, Gone};
use super::index::Index;
use super::repository::id_of;
use super::tree_entry::{FILE, FOLDER, LINK, SUBMODULE};
use super::{GitError, Repository};
use crate::model::{Commit, ObjectId};

/// How many files that are gone are known by name, and how many of them are looked into for what may be in a new file.
const GONE_KNOWN: usize = 100_000;
const GONE_READ: usize = 64;
const GONE_BYTES: u64 = 32 << 20;

/// One step of history: a commit, or what is staged to become one.
#[derive(Debug, Default)]
pub struct Step {
    /// The commit; `None` for what is staged.
    pub commit: Option<Arc<Commit>>,
    /// Its message; empty for what is staged.
    pub message: Vec<u8>,
    /// Files whose content none of its parents has at that path.
    pub added: Vec<Added>,
    /// Files that parents have at a path where none is any more: what new files may have been.
    gone: Vec<(Vec<u8>, ObjectId)>,
    /// Submodules that were added or moved to another commit.
    pub submodules: Vec<Vec<u8>>,
    /// Paths in conflict: nothing is staged for them yet.
    pub unmerged: Vec<Vec<u8>>,
    /// Whether there is any difference at all, be it only of modes.
    pub differs: bool,
}

impl Repository {
    /// What is staged, compared with the commits that a commit made of it would have as parents: `HEAD`, what is being merged, and `others`.
    ///
    /// # Errors
    /// The index or an object cannot be read.
    pub fn staged(&self, others: &[ObjectId]) -> Result<Step, GitError> {
        let named = self.named_index();
        let is_named = named.is_some();
        let file = named.unwrap_or_else(|| self.git_dir().join("index"));
        if self.is_bare() && !file.exists() {
            return Err(GitError::Bare);
        }
        let index = Index::read(&file, self.git_dir(), self.is_sha256())?;
        let mut parents: Vec<ObjectId> = Vec::new();
        let head = self.head_or_none()?;
        if head.is_some() && is_named && !file.exists() {
            return Err(GitError::Git(format!("GIT_INDEX_FILE names {}, and there is no such file", file.display())));
        }
        for id in head.into_iter().chain(self.merge_heads()).chain(others.iter().copied()) {
            let tree = self.commit(id, |commit| commit.tree)?;
            if !parents.contains(&tree) {
                parents.push(tree);
            }
        }
        self.settle(None, Vec::new(), self.compare_index(&index, &parents)?)
    }

    /// What a commit adds to what its parents have.
    ///
    /// # Errors
    /// An object is absent or damaged.
    pub fn step(&self, id: ObjectId) -> Result<Step, GitError> {
        let (commit, message, tree, parents) =
            self.commit(id, |raw| (describe(id, raw), raw.message.to_vec(), raw.tree, raw.parents.clone()))?;
        let parents: Vec<ObjectId> = parents.into_iter().map(|p| self.commit(p, |raw| raw.tree)).collect::<Result<_, _>>()?;
        self.settle(Some(Arc::new(commit)), message, self.compare_trees(tree, &parents)?)
    }

    /// What a tree or blob has that a ref or tag of this name names itself, without a commit.
    ///
    /// # Errors
    /// An object is absent or damaged.
    pub fn bare_step(&self, name: &[u8], id: ObjectId) -> Result<Step, GitError> {
        if self.kind(id)? == ObjectType::Tree {
            return self.settle(None, Vec::new(), self.compare_trees(id, &[])?);
        }
        let added = vec![Added { path: name.to_vec(), blob: id, link: false, before: Vec::new() }];
        Ok(Step { added, differs: true, ..Step::default() })
    }

    /// The message of a tag.
    ///
    /// # Errors
    /// It is absent or damaged.
    pub fn tag_message(&self, id: ObjectId) -> Result<Vec<u8>, GitError> {
        let message = |tag: &[u8]| memchr::memmem::find(tag, b"\n\n").map_or_else(Vec::new, |n| tag[n + 2..].to_vec());
        self.object(id, ObjectType::Tag, message)
    }

    /// Whether the commit that is checked out is `id`, or was made from it.
    #[must_use]
    pub fn head_has(&self, id: ObjectId) -> bool {
        let Some(head) = self.head() else { return false };
        head == id || self.between(&[id], &[head]).is_ok_and(|lacking| lacking.commits.is_empty() && lacking.cut.is_empty())
    }

    /// Makes a step of a comparison: files that only got another name are not new.
    fn settle(&self, commit: Option<Arc<Commit>>, message: Vec<u8>, found: Comparison) -> Result<Step, GitError> {
        let Comparison { mut added, gone, submodules, unmerged, differs } = found;
        let mut files = Vec::new();
        if added.iter().any(|a| a.before.is_empty()) {
            files = self.files(gone)?;
            let ids: HashSet<ObjectId> = files.iter().map(|(_, id)| *id).collect();
            added.retain(|a| !a.before.is_empty() || !ids.contains(&a.blob));
        }
        Ok(Step { commit, message, added, gone: files, submodules, unmerged, differs })
    }

    /// The files among `gone`, and those in the folders among them.
    fn files(&self, mut gone: Vec<Gone>) -> Result<Vec<(Vec<u8>, ObjectId)>, GitError> {
        let mut files = Vec::new();
        while let Some(Gone { path, id, folder }) = gone.pop() {
            if !folder {
                files.push((path, id));
                continue;
            }
            if files.len() + gone.len() > GONE_KNOWN {
                continue;
            }
            self.tree(id, |e| {
                if e.kind() != SUBMODULE {
                    let path = [path.as_slice(), b"/", e.name].concat();
                    gone.push(Gone { path, id: e.id(), folder: e.kind() == FOLDER });
                }
            })?;
        }
        Ok(files)
    }

    /// Calls `each` with what was there before `added`: what the parents have at its path; where they have nothing, those files which are gone
    /// that it is most likely to have been.
    ///
    /// # Errors
    /// An object is absent or damaged.
    pub fn before(&self, step: &Step, added: &Added, each: &mut dyn FnMut(&[u8])) -> Result<(), GitError> {
        for &id in &added.before {
            self.blob(id, &mut *each)?;
        }
        if !added.before.is_empty() {
            return Ok(());
        }
        let mut likely: Vec<&(Vec<u8>, ObjectId)> = step.gone.iter().collect();
        likely.sort_by_cached_key(|(path, _)| std::cmp::Reverse(likeness(path, &added.path)));
        let mut left = GONE_BYTES;
        for (_, id) in likely.into_iter().take(GONE_READ) {
            match left.checked_sub(self.blob_len(*id)?) {
                Some(rest) => left = rest,
                None => break,
            }
            self.blob(*id, &mut *each)?;
        }
        Ok(())
    }

    /// The content of the file at `path` in the commit that is checked out.
    ///
    /// # Errors
    /// An object is absent or damaged.
    pub fn at_head(&self, path: &[u8]) -> Result<Option<ObjectId>, GitError> {
        let Some(head) = self.head() else { return Ok(None) };
        let found = self.entry(head, path)?;
        Ok(found.filter(|(kind, _)| matches!(*kind, FILE | LINK)).map(|(_, id)| id))
    }

    /// Whether `commit`, or one of its parents, has a file or folder at `path`, as far as that can be read.
    #[must_use]
    pub fn has(&self, commit: ObjectId, path: &[u8]) -> bool {
        let parents = self.commit(commit, |raw| raw.parents.clone()).unwrap_or_default();
        parents.into_iter().chain([commit]).any(|commit| self.entry(commit, path).is_ok_and(|found| found.is_some()))
    }

    /// What `commit` has at `path`, and what kind of thing it is.
    fn entry(&self, commit: ObjectId, path: &[u8]) -> Result<Option<(u32, ObjectId)>, GitError> {
        let mut at = self.commit(commit, |raw| raw.tree)?;
        let mut parts = path.split(|&b| b == b'/').peekable();
        while let Some(part) = parts.next() {
            let mut found = None;
            self.tree(at, |e| {
                if e.name == part {
                    found = Some((e.kind(), e.id()));
                }
            })?;
            match (found, parts.peek()) {
                (Some((FOLDER, id)), Some(_)) => at = id,
                (found, None) => return Ok(found),
                _ => return Ok(None),
            }
        }
        Ok(None)
    }

    /// Reads a commit.
    pub(super) fn commit<T>(&self, id: ObjectId, read: impl FnOnce(&RawCommit<'_>) -> T) -> Result<T, GitError> {
        let sha256 = self.is_sha256();
        self.object(id, ObjectType::Commit, |bytes| RawCommit::parse(bytes, sha256).map(|raw| read(&raw)))?.ok_or(GitError::Damaged(id))
    }

    /// The commit that is checked out; `None` before the first one. A `HEAD` that cannot be read is no first commit.
    fn head_or_none(&self) -> Result<Option<ObjectId>, GitError> {
        match self.inner().head() {
            Ok(head) => match head.target().and_then(|id| id_of(&id)) {
                Some(id) => self.commit(id, |_| Some(id)),
                None => Ok(None),
            },
            Err(error) if matches!(error.code(), ErrorCode::UnbornBranch | ErrorCode::NotFound) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// The commits that are being merged into `HEAD`.
    fn merge_heads(&self) -> Vec<ObjectId> {
        let list = std::fs::read(self.git_dir().join("MERGE_HEAD")).unwrap_or_default();
        list.split(|&b| b == b'\n').filter_map(|line| ObjectId::parse(line.trim_ascii())).collect()
    }
}

/// How likely a file of one path was given the other: the same name elsewhere, the same folder, the same ending.
fn likeness(one: &[u8], other: &[u8]) -> (bool, bool, bool) {
    let split = |path: &[u8]| memchr::memrchr(b'/', path).map_or(0, |n| n + 1);
    let ((folder, name), (other_folder, other_name)) = (one.split_at(split(one)), other.split_at(split(other)));
    let ending = |name: &[u8]| memchr::memrchr(b'.', name).map(|n| name[n..].to_vec());
    (name == other_name, folder == other_folder, ending(name) == ending(other_name))
}
