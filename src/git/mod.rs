//! Git: repositories, their objects and what became of them. Nothing here executes anything a repository says; nothing here has heard of secrets.

mod ancestry;
mod attribution;
mod changes;
mod children;
mod commit;
mod compare;
mod delta;
mod index;
mod lookup;
mod names;
mod object_map;
mod object_set;
mod objects;
mod pack;
mod range;
mod repository;
mod shared_sets;
mod tree_entry;
mod trees;
mod walk;
mod web;

use std::path::{Path, PathBuf};

pub use attribution::{Answer, CommitNote, CommitNotes, Holding, Introduction, Marked, Message, Question, Stray, Trace, attribute};
pub use changes::Step;
pub use compare::Added;
pub use delta::{Delta, Op, Steps};
pub use index::IndexError;
pub use object_set::ObjectSet;
pub use objects::{ObjectAt, ObjectReader, Objects};
pub use pack::Kind;
pub use range::{Range, RangeError, Update};
pub use repository::{Reference, Repository, TextFiles};
pub use shared_sets::SharedSets;
pub use walk::{Base, Slots, Visit, Visitor};
pub use web::commit_url;

use crate::model::ObjectId;

/// A map whose keys are small numbers, which the usual hash function would be too dear for; its key is random all the same.
type NumberMap<K, V> = std::collections::HashMap<K, V, foldhash::fast::RandomState>;

/// Why a repository could not be asked.
#[derive(Debug, thiserror::Error)]
pub enum GitError {
    /// The repository belongs to somebody else, who could have prepared it.
    #[error("the repository belongs to another user; `git config --global --add safe.directory {}` says that you trust it", .0.display())]
    Owner(PathBuf),
    /// There is no repository.
    #[error("{} is not in a git repository", .0.display())]
    None(PathBuf),
    /// Its refs are stored in a way that libgit2 does not know.
    #[error("{} keeps its refs in a reftable, which keysift cannot read; `git refs migrate --ref-format=files` turns it into files", .0.display())]
    RefTable(PathBuf),
    /// The index cannot be read.
    #[error(transparent)]
    Index(#[from] IndexError),
    /// There is no working tree, and so no index.
    #[error("a bare repository has nothing staged")]
    Bare,
    /// The entries of the index are not in order.
    #[error("the index is not sorted")]
    Order,
    /// An object is not there.
    #[error("object {0} is not there")]
    Absent(ObjectId),
    /// An object is not what it is said to be.
    #[error("object {0} is damaged")]
    Damaged(ObjectId),
    /// More files in one commit than any has.
    #[error("a commit names millions of files: its trees were made to overwhelm")]
    TooMany,
    /// libgit2's own words.
    #[error("{0}")]
    Git(String),
}

/// Files that git tracks in the working tree at `root` (the folder that holds `.git`), as absolute or relative as `root` is.
///
/// # Errors
/// The repository or its index cannot be read.
pub fn tracked_files(root: &Path) -> Result<Vec<PathBuf>, GitError> {
    let repository = Repository::open(root)?;
    let index = repository.inner().index()?;
    // Only regular files: links are not followed, and a submodule is a repository of its own.
    Ok(index.iter().filter(|e| e.mode & tree_entry::KIND == tree_entry::FILE).map(|e| root.join(path_of(&e.path))).collect())
}

/// The top of the working tree that `path` lies in, if it lies in one.
#[must_use]
pub fn worktree_of(path: &Path) -> Option<PathBuf> {
    path.ancestors().find(|a| a.join(".git").exists()).map(Path::to_owned)
}

/// The top of the repository that `path` lies in: of its working tree, or the folder of a bare one.
#[must_use]
pub fn top_of(path: &Path) -> Option<PathBuf> {
    path.ancestors().find(|a| a.join(".git").exists() || is_bare(a)).map(Path::to_owned)
}

/// Whether `folder` is a bare repository, told as git tells it. The `.git` of a working tree is none.
fn is_bare(folder: &Path) -> bool {
    folder.file_name().is_some_and(|name| name != ".git")
        && folder.join("HEAD").is_file()
        && ["objects", "refs"].iter().all(|inner| folder.join(inner).is_dir())
}

/// A path from the bytes that git knows it by.
#[cfg(unix)]
#[must_use]
pub fn path_of(bytes: &[u8]) -> PathBuf {
    use std::os::unix::ffi::OsStrExt;
    std::ffi::OsStr::from_bytes(bytes).into()
}

/// A path from the bytes that git knows it by.
#[cfg(not(unix))]
#[must_use]
pub fn path_of(bytes: &[u8]) -> PathBuf {
    String::from_utf8_lossy(bytes).into_owned().into()
}
