//! What a tree, or the index, has that no parent has.

use std::cmp::Ordering;
use std::collections::HashMap;

use super::index::{Entry, Index, Known};
use super::tree_entry::{FOLDER, KIND, LINK, SUBMODULE, TreeEntry, entries};
use super::{GitError, Repository};
use crate::model::ObjectId;

/// More files and folders than this in one comparison are an attack: a few small trees can name one another billions of times.
const MOST: usize = 4_000_000;

/// A file whose content no parent has at its path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Added {
    /// Its path from the top of the repository.
    pub path: Vec<u8>,
    /// Its content.
    pub blob: ObjectId,
    /// Whether it is a symbolic link, and the content where it leads.
    pub link: bool,
    /// What the parents have at this path; empty where none has a file there.
    pub before: Vec<ObjectId>,
}

/// Something of a parent's that is at its path no more: perhaps it was renamed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Gone {
    pub path: Vec<u8>,
    pub id: ObjectId,
    pub folder: bool,
}

/// What a comparison shows.
#[derive(Debug, Default)]
pub(super) struct Comparison {
    /// New content.
    pub added: Vec<Added>,
    /// What is there no more.
    pub gone: Vec<Gone>,
    /// Submodules that were added or moved to another commit.
    pub submodules: Vec<Vec<u8>>,
    /// Paths in conflict: nothing is staged for them yet.
    pub unmerged: Vec<Vec<u8>>,
    /// Whether there is any difference at all, be it only of modes.
    pub differs: bool,
}

/// A folder to compare: where it is, and what the parents have there.
struct Folder<'i> {
    /// Its path with a slash behind it; empty at the top.
    prefix: Vec<u8>,
    side: Side<'i>,
    parents: Vec<ObjectId>,
}

/// The newer side of a folder.
enum Side<'i> {
    Tree(ObjectId),
    /// Entries that all begin with the prefix.
    Index(&'i [Entry], Option<&'i Known>),
}

/// What parents have at one name.
#[derive(Default)]
struct There {
    files: Vec<ObjectId>,
    folders: Vec<ObjectId>,
    submodules: Vec<ObjectId>,
    modes: Vec<u32>,
    /// Whether the newer side has this name as well: as a file, as a folder.
    kept: (bool, bool),
}

/// What parents have in a folder, by name.
#[derive(Default)]
struct Names(HashMap<Vec<u8>, There>);

impl Names {
    fn at(&mut self, name: Vec<u8>) -> &mut There {
        self.0.entry(name).or_default()
    }

    fn learn(&mut self, entry: TreeEntry<'_>) {
        let at = self.at(entry.name.to_vec());
        let list = match entry.kind() {
            FOLDER => &mut at.folders,
            SUBMODULE => &mut at.submodules,
            _ => &mut at.files,
        };
        list.push(entry.id());
        at.modes.push(entry.mode);
    }
}

/// Calls `gone` with the entries of the tree `before` that are not in `after` just as they are, and `new` the other way round. Both go in step,
/// for trees are sorted; in one that is not, some equal entries are given to both. `None` for what is no tree.
fn differing(
    before: &[u8],
    after: &[u8],
    id_len: usize,
    gone: &mut dyn FnMut(TreeEntry<'_>),
    new: &mut dyn FnMut(TreeEntry<'_>),
) -> Option<()> {
    let (mut before, mut after) = (entries(before, id_len), entries(after, id_len));
    let (mut old, mut now) = (before.next(), after.next());
    loop {
        let order = match (old, now) {
            (None, None) => return Some(()),
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (Some(old), Some(now)) => {
                let (old, now) = (old?, now?);
                if old.name == now.name { Ordering::Equal } else { old.sort_key().cmp(now.sort_key()) }
            }
        };
        if order == Ordering::Equal && old == now {
            (old, now) = (before.next(), after.next());
            continue;
        }
        if order != Ordering::Greater {
            gone(old??);
            old = before.next();
        }
        if order != Ordering::Less {
            new(now??);
            now = after.next();
        }
    }
}

/// Compares, folder by folder.
struct Comparing<'r, 'i> {
    repository: &'r Repository,
    index: Option<&'i Index>,
    todo: Vec<Folder<'i>>,
    /// Folders compared and files found so far.
    steps: usize,
    found: Comparison,
}

impl Repository {
    /// What the tree `new` has that none of `parents`, trees all, has at the same path.
    ///
    /// # Errors
    /// A tree is absent or damaged.
    pub(super) fn compare_trees(&self, new: ObjectId, parents: &[ObjectId]) -> Result<Comparison, GitError> {
        self.compare(Side::Tree(new), None, parents)
    }

    /// What the index has that none of `parents` has.
    ///
    /// # Errors
    /// A tree is absent or damaged.
    pub(super) fn compare_index(&self, index: &Index, parents: &[ObjectId]) -> Result<Comparison, GitError> {
        self.compare(Side::Index(&index.entries, index.known.as_ref()), Some(index), parents)
    }

    fn compare(&self, side: Side<'_>, index: Option<&Index>, parents: &[ObjectId]) -> Result<Comparison, GitError> {
        let top = Folder { prefix: Vec::new(), side, parents: parents.to_vec() };
        let mut comparing = Comparing { repository: self, index, todo: vec![top], steps: 0, found: Comparison::default() };
        while let Some(folder) = comparing.todo.pop() {
            comparing.step()?;
            comparing.folder(folder)?;
        }
        let mut found = comparing.found;
        found.added.sort_by(|a, b| a.path.cmp(&b.path));
        // They come from a hash table.
        found.gone.sort_by(|a, b| (&a.path, a.id).cmp(&(&b.path, b.id)));
        Ok(found)
    }
}

impl<'i> Comparing<'_, 'i> {
    fn step(&mut self) -> Result<(), GitError> {
        self.steps += 1;
        if self.steps > MOST { Err(GitError::TooMany) } else { Ok(()) }
    }

    fn folder(&mut self, folder: Folder<'i>) -> Result<(), GitError> {
        // What a parent has as it is, nobody changed. An empty list of parents is a folder that is all new.
        let known = match &folder.side {
            Side::Tree(id) => Some(*id),
            Side::Index(_, known) => known.and_then(|k| k.tree).map(|(id, _)| id),
        };
        if known.is_some_and(|id| folder.parents.contains(&id)) {
            return Ok(());
        }
        self.found.differs |= matches!(folder.side, Side::Tree(_));
        let mut there = Names::default();
        match (folder.side, folder.parents.as_slice()) {
            // Nearly every commit: most of what a folder has is as it was.
            (Side::Tree(id), &[parent]) => {
                let mut new = Vec::new();
                let done = self.repository.tree_bytes(parent, |before| {
                    self.repository.tree_bytes(id, |after| {
                        differing(before, after, id.as_bytes().len(), &mut |old| there.learn(old), &mut |e| {
                            new.push((e.mode, e.name.to_vec(), e.id()))
                        })
                    })
                })??;
                done.ok_or(GitError::Damaged(id))?;
                self.listed(&folder.prefix, new, &mut there)?;
            }
            (Side::Tree(id), parents) => {
                self.parents(parents, &mut there)?;
                let mut all = Vec::new();
                self.repository.tree(id, |e| all.push((e.mode, e.name.to_vec(), e.id())))?;
                self.listed(&folder.prefix, all, &mut there)?;
            }
            (Side::Index(entries, known), parents) => {
                self.parents(parents, &mut there)?;
                self.indexed(&folder.prefix, entries, known, &mut there)?;
            }
        }
        // A folder that became a file is gone, and so is a file that became a folder.
        for (name, at) in there.0 {
            let path = [folder.prefix.as_slice(), &name].concat();
            if !at.kept.0 {
                self.found.gone.extend(at.files.iter().map(|&id| Gone { path: path.clone(), id, folder: false }));
                self.found.differs |= !at.files.is_empty() || (!at.submodules.is_empty() && !at.kept.1);
            }
            if !at.kept.1 {
                self.found.gone.extend(at.folders.iter().map(|&id| Gone { path: path.clone(), id, folder: true }));
                self.found.differs |= !at.folders.is_empty();
            }
        }
        Ok(())
    }

    fn parents(&self, parents: &[ObjectId], there: &mut Names) -> Result<(), GitError> {
        parents.iter().try_for_each(|&parent| self.repository.tree(parent, |entry| there.learn(entry)))
    }

    fn listed(&mut self, prefix: &[u8], entries: Vec<(u32, Vec<u8>, ObjectId)>, there: &mut Names) -> Result<(), GitError> {
        entries.into_iter().try_for_each(|(mode, name, id)| {
            let path = [prefix, &name].concat();
            self.entry(path, mode, id, there.at(name))
        })
    }

    /// The entries of one folder in the index, and of those below it.
    fn indexed(&mut self, prefix: &[u8], mut entries: &'i [Entry], known: Option<&'i Known>, there: &mut Names) -> Result<(), GitError> {
        let Some(index) = self.index else { return Ok(()) };
        while let Some((entry, rest)) = entries.split_first() {
            let path = index.name(entry);
            let Some(inner) = path.get(prefix.len()..) else { return Err(GitError::Order) };
            let Some(slash) = memchr::memchr(b'/', inner) else {
                entries = rest;
                let at = there.at(inner.to_vec());
                if entry.stage != 0 {
                    at.kept.0 = true;
                    self.found.differs = true;
                    if self.found.unmerged.last().is_none_or(|l| l != path) {
                        self.found.unmerged.push(path.to_vec());
                    }
                } else if !entry.intended {
                    self.entry(path.to_vec(), entry.mode, entry.id, at)?;
                }
                continue;
            };
            let at = there.at(inner[..slash].to_vec());
            if slash + 1 == inner.len() {
                // A sparse index has whole folders as entries.
                entries = rest;
                self.entry(path[..path.len() - 1].to_vec(), FOLDER, entry.id, at)?;
                continue;
            }
            let child = known.and_then(|k| k.child(&inner[..slash]));
            let below = &path[..prefix.len() + slash + 1];
            // A wrong number must not hide entries: the folder ends where its name does.
            let number = match child.and_then(|c| c.tree) {
                Some((_, n)) if n > 0 && self.ends(entries, n, below) => n,
                _ => entries.partition_point(|e| index.name(e).starts_with(below)),
            };
            let (inside, behind) = entries.split_at(number.max(1));
            entries = behind;
            at.kept.1 = true;
            let child = child.filter(|c| c.tree.is_none_or(|(_, n)| n == number));
            let side = Side::Index(inside, child);
            self.todo.push(Folder { prefix: below.to_vec(), side, parents: at.folders.clone() });
        }
        Ok(())
    }

    /// Whether exactly the first `number` of `entries` lie in the folder `below`.
    fn ends(&self, entries: &[Entry], number: usize, below: &[u8]) -> bool {
        let Some(index) = self.index else { return false };
        let inside = |i: usize| entries.get(i).is_some_and(|e| index.name(e).starts_with(below));
        inside(number - 1) && !inside(number)
    }

    fn entry(&mut self, path: Vec<u8>, mode: u32, id: ObjectId, at: &mut There) -> Result<(), GitError> {
        match mode & KIND {
            FOLDER => {
                at.kept.1 = true;
                if !at.folders.contains(&id) {
                    self.found.differs = true;
                    let prefix = [path.as_slice(), b"/"].concat();
                    self.todo.push(Folder { prefix, side: Side::Tree(id), parents: at.folders.clone() });
                }
            }
            SUBMODULE => {
                at.kept.0 = true;
                if !at.submodules.contains(&id) {
                    self.found.differs = true;
                    self.found.submodules.push(path);
                }
            }
            kind => {
                at.kept.0 = true;
                self.found.differs |= !at.modes.contains(&mode);
                if !at.files.contains(&id) {
                    self.found.differs = true;
                    self.found.added.push(Added { path, blob: id, link: kind == LINK, before: at.files.clone() });
                    self.step()?;
                }
            }
        }
        Ok(())
    }
}
