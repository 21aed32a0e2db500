//! A repository, opened: where its objects lie, what its refs are called and point to.

use std::cell::OnceCell;
use std::collections::HashSet;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use git2::{ErrorCode, ObjectType, RepositoryOpenFlags};

use super::objects::listed;
use super::tree_entry::{TreeEntry, entries};
use super::{GitError, path_of};
use crate::model::{ObjectId, ReportPath, system_words};

/// What git calls a remote that nobody gave a name.
const ORIGIN: &str = "origin";

/// An opened repository. Nothing it says is executed: libgit2 knows no hooks, and no filter, driver or monitor is ever asked for.
pub struct Repository {
    inner: git2::Repository,
    /// Whether git's variables count, as for a process that git has started.
    environment: bool,
    /// Folders that hold objects, once asked for.
    object_dirs: OnceCell<Vec<PathBuf>>,
}

/// A ref and what it names.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Reference {
    /// Full name, such as `refs/heads/main`; any bytes.
    pub name: Vec<u8>,
    /// What it points to: a commit, or the tag object of an annotated tag.
    pub target: ObjectId,
    /// What is left when tags are peeled off.
    pub peeled: ObjectId,
}

/// Files of git's own that hold text.
#[derive(Debug, Default)]
pub struct TextFiles {
    /// Their names below the shared folder, and where they lie; sorted.
    pub files: Vec<(Vec<u8>, PathBuf)>,
    /// Names of what could not be looked into, and why.
    pub unreadable: Vec<(Vec<u8>, String)>,
}

impl Repository {
    /// The repository that `path` lies in: a working tree or anything in it, or a bare repository. Variables such as `GIT_DIR` do not count.
    ///
    /// # Errors
    /// There is none, it belongs to somebody else, or it cannot be read.
    pub fn open(path: &Path) -> Result<Self, GitError> {
        let none: [&std::ffi::OsStr; 0] = [];
        let inner = git2::Repository::open_ext(path, RepositoryOpenFlags::empty(), none).map_err(|e| GitError::opening(path, &e))?;
        Ok(Self { inner, environment: false, object_dirs: OnceCell::new() })
    }

    /// The repository that git's variables name (`GIT_DIR`, `GIT_INDEX_FILE`, `GIT_OBJECT_DIRECTORY` …), else the one around `path`: for hooks.
    ///
    /// # Errors
    /// As for [`Self::open`].
    pub fn from_environment(path: &Path) -> Result<Self, GitError> {
        let none: [&std::ffi::OsStr; 0] = [];
        let named = variable("GIT_DIR").map(PathBuf::from);
        // Where a path is given, libgit2 disregards GIT_DIR but not the other variables.
        let (path, flags) = match &named {
            Some(folder) => (folder.as_path(), RepositoryOpenFlags::NO_SEARCH | RepositoryOpenFlags::NO_DOTGIT),
            None => (path, RepositoryOpenFlags::empty()),
        };
        let flags = flags | RepositoryOpenFlags::FROM_ENV;
        let inner = git2::Repository::open_ext(path, flags, none).map_err(|e| GitError::opening(path, &e))?;
        Ok(Self { inner, environment: true, object_dirs: OnceCell::new() })
    }

    /// The same repository, opened once more: a handle is for one thread.
    ///
    /// # Errors
    /// As for [`Self::open`].
    pub fn again(&self) -> Result<Self, GitError> {
        if self.environment { Self::from_environment(self.git_dir()) } else { Self::open(self.git_dir()) }
    }

    /// libgit2's handle, for the rest of this module.
    pub(super) fn inner(&self) -> &git2::Repository {
        &self.inner
    }

    /// The folder of this working tree's own git files.
    #[must_use]
    pub fn git_dir(&self) -> &Path {
        self.inner.path()
    }

    /// The folder that all its working trees share.
    #[must_use]
    pub fn common_dir(&self) -> &Path {
        self.inner.commondir()
    }

    /// The top of the working tree, unless the repository is bare.
    #[must_use]
    pub fn worktree(&self) -> Option<&Path> {
        self.inner.workdir()
    }

    /// Whether ids are SHA-256.
    #[must_use]
    pub fn is_sha256(&self) -> bool {
        self.inner.object_format() == git2::ObjectFormat::Sha256
    }

    /// Folders that hold objects: the repository's own, those of a push in quarantine, and the alternates of each, once each. An alternate may
    /// have gone.
    #[must_use]
    pub fn object_dirs(&self) -> &[PathBuf] {
        self.object_dirs.get_or_init(|| self.find_object_dirs())
    }

    fn find_object_dirs(&self) -> Vec<PathBuf> {
        let variable = |name| self.environment.then(|| variable(name)).flatten();
        let own = variable("GIT_OBJECT_DIRECTORY").map_or_else(|| self.common_dir().join("objects"), PathBuf::from);
        let mut queue: Vec<PathBuf> = vec![own];
        let listed: Option<OsString> = variable("GIT_ALTERNATE_OBJECT_DIRECTORIES");
        queue.extend(listed.iter().flat_map(std::env::split_paths));
        let mut dirs: Vec<PathBuf> = Vec::new();
        let mut seen = HashSet::new();
        // Alternates may name alternates, and each other.
        while let Some(dir) = queue.pop() {
            if !seen.insert(dir.canonicalize().unwrap_or_else(|_| dir.clone())) {
                continue;
            }
            let list = std::fs::read(dir.join("info/alternates")).unwrap_or_default();
            let lines = list.split(|&b| b == b'\n').map(<[u8]>::trim_ascii_end).filter(|l| !l.is_empty() && !l.starts_with(b"#"));
            queue.extend(lines.map(|line| dir.join(path_of(line))));
            dirs.push(dir);
        }
        dirs.sort();
        dirs
    }

    /// The index that git's variable names instead of the working tree's own. Git goes to the top of the working tree before it looks there; a hook may have gone elsewhere since.
    pub(super) fn named_index(&self) -> Option<PathBuf> {
        let named = PathBuf::from(self.environment.then(|| variable("GIT_INDEX_FILE")).flatten()?);
        Some(self.worktree().map_or(named.clone(), |top| top.join(named)))
    }

    /// Calls `read` with an object of this kind.
    pub(super) fn object<T>(&self, id: ObjectId, kind: ObjectType, read: impl FnOnce(&[u8]) -> T) -> Result<T, GitError> {
        self.sound(id)?;
        let odb = self.inner.odb()?;
        let object = odb.read(oid_of(&id)?).map_err(|e| GitError::reading(id, &e))?;
        if object.kind() != kind {
            return Err(GitError::Damaged(id));
        }
        Ok(read(object.data()))
    }

    /// Calls `read` with a tree as it is stored.
    pub(super) fn tree_bytes<T>(&self, id: ObjectId, read: impl FnOnce(&[u8]) -> T) -> Result<T, GitError> {
        self.object(id, ObjectType::Tree, read)
    }

    /// Calls `each` with every entry of a tree.
    pub(super) fn tree(&self, id: ObjectId, mut each: impl FnMut(TreeEntry<'_>)) -> Result<(), GitError> {
        self.tree_bytes(id, |bytes| {
            for entry in entries(bytes, id.as_bytes().len()) {
                each(entry.ok_or(GitError::Damaged(id))?);
            }
            Ok(())
        })?
    }

    /// Calls `read` with the content of a blob.
    ///
    /// # Errors
    /// It is absent or damaged.
    pub fn blob<T>(&self, id: ObjectId, read: impl FnOnce(&[u8]) -> T) -> Result<T, GitError> {
        self.object(id, ObjectType::Blob, read)
    }

    /// What an object is, which costs less than to read it.
    pub(super) fn kind(&self, id: ObjectId) -> Result<ObjectType, GitError> {
        let header = self.inner.odb()?.read_header(oid_of(&id)?);
        header.map(|(_, kind)| kind).map_err(|_| GitError::Absent(id))
    }

    /// How many bytes a blob has, which costs less than to read it.
    ///
    /// # Errors
    /// It is absent or damaged.
    pub fn blob_len(&self, id: ObjectId) -> Result<u64, GitError> {
        let header = self.inner.odb()?.read_header(oid_of(&id)?);
        header.map(|(len, _)| len as u64).map_err(|e| GitError::reading(id, &e))
    }

    /// Whether there is no working tree, as on a server.
    #[must_use]
    pub fn is_bare(&self) -> bool {
        self.inner.is_bare()
    }

    /// The folder that git runs hooks from: `core.hooksPath`, which is relative to where hooks run, else the one that all working trees share.
    #[must_use]
    pub fn hooks_dir(&self) -> PathBuf {
        let config = self.inner.config().and_then(|mut c| c.snapshot());
        let set = config.and_then(|c| c.get_path("core.hooksPath")).ok().filter(|p| !p.as_os_str().is_empty());
        let base = self.worktree().unwrap_or_else(|| self.git_dir());
        set.map_or_else(|| self.common_dir().join("hooks"), |path| base.join(path))
    }

    /// Every ref that names an object, sorted by name; what it names may not be there. `peel` tells what a tag names, `None` for what is no tag.
    ///
    /// # Errors
    /// The refs cannot be listed.
    pub fn references(&self, mut peel: impl FnMut(&ObjectId) -> Option<ObjectId>) -> Result<Vec<Reference>, GitError> {
        let mut all = Vec::new();
        for reference in self.inner.references().map_err(GitError::from)? {
            let Ok(reference) = reference else { continue };
            // What a symbolic ref points to is listed itself.
            let Some(target) = reference.target().and_then(|id| id_of(&id)) else { continue };
            let peeled = reference.target_peel().and_then(|id| id_of(&id)).or_else(|| peel(&target)).unwrap_or(target);
            all.push(Reference { name: reference.name_bytes().to_vec(), target, peeled });
        }
        all.sort();
        Ok(all)
    }

    /// Names of refs that say nothing git understands, sorted.
    ///
    /// # Errors
    /// The refs cannot be listed.
    pub fn broken_references(&self) -> Result<Vec<String>, GitError> {
        // Packed refs stand in one file, of which libgit2 takes all or nothing.
        let files = self.text_files().files.into_iter().filter_map(|(name, _)| String::from_utf8(name).ok());
        let refs = files.filter(|name| name.starts_with("refs/") && git2::Reference::is_valid_name(name));
        Ok(refs.filter(|name| self.inner.find_reference(name).is_err()).collect())
    }

    /// The commit that is checked out, which may not be there; `None` before the first commit.
    #[must_use]
    pub fn head(&self) -> Option<ObjectId> {
        self.inner.head().ok()?.target().and_then(|id| id_of(&id))
    }

    /// Commits that working trees have checked out by themselves and not by a branch, named as git names them: `HEAD` is this tree's,
    /// `main-worktree/HEAD` the main one's, `worktrees/NAME/HEAD` that of a linked one.
    #[must_use]
    pub fn detached_heads(&self) -> Vec<Reference> {
        let common = self.common_dir();
        let mut trees = vec![(self.git_dir().to_owned(), "HEAD".to_owned()), (common.to_owned(), "main-worktree/HEAD".to_owned())];
        // Where there are no linked trees there is no such folder.
        for entry in listed(&common.join("worktrees"), |_| {}) {
            trees.push((entry.path(), format!("worktrees/{}/HEAD", entry.file_name().to_string_lossy())));
        }
        let mut seen = HashSet::new();
        let detached = trees.into_iter().filter_map(|(folder, name)| {
            let id = ObjectId::parse(std::fs::read(folder.join("HEAD")).ok()?.trim_ascii_end())?;
            let is_new = seen.insert(folder.canonicalize().unwrap_or(folder));
            is_new.then(|| Reference { name: name.into_bytes(), target: id, peeled: id })
        });
        detached.collect()
    }

    /// What is staged: objects and the paths they are to have, sorted. None where the index cannot be read.
    #[must_use]
    pub fn staged_paths(&self) -> Vec<(ObjectId, Vec<u8>)> {
        let entries = self.inner.index().map(|index| index.iter().filter_map(|e| Some((id_of(&e.id)?, e.path))).collect());
        let mut staged: Vec<_> = entries.unwrap_or_default();
        staged.sort();
        staged
    }

    /// Names of the remotes, the usual one first: `origin`, or else what comes first.
    pub(super) fn remotes(&self) -> Vec<String> {
        let names = self.inner.remotes().ok();
        let mut names: Vec<String> = names.iter().flat_map(|names| names.iter().flatten().flatten()).map(ToOwned::to_owned).collect();
        names.sort_by_key(|name| name != ORIGIN);
        names
    }

    /// Where `origin`, or else the only remote, is fetched from: a link to one of several could be wrong.
    #[must_use]
    pub fn remote_url(&self) -> Option<String> {
        let names = self.remotes();
        let usual = names.first().filter(|name| *name == ORIGIN || names.len() == 1)?;
        self.inner.find_remote(usual).ok()?.url().ok().map(ToOwned::to_owned)
    }

    /// The command that brings what this clone lacks; `None` where it should lack nothing.
    #[must_use]
    pub fn how_to_complete(&self) -> Option<String> {
        let names = self.remotes();
        let config = self.inner.config().ok()?;
        let promises = |name: &&String| config.get_bool(&format!("remote.{name}.promisor")).unwrap_or(false);
        if let Some(name) = names.iter().find(promises) {
            return Some(format!("git fetch --refetch --no-filter {name}"));
        }
        let usual = names.first().map_or(ORIGIN, String::as_str);
        self.is_shallow().then(|| format!("git fetch --unshallow {usual}"))
    }

    /// Where a commit is shown on the web, as far as the remote tells.
    #[must_use]
    pub fn commit_url(&self, id: &ObjectId) -> Option<String> {
        super::web::commit_url(&self.remote_url()?, id)
    }

    /// Whether history was cut off when it was fetched.
    #[must_use]
    pub fn is_shallow(&self) -> bool {
        self.inner.is_shallow()
    }

    /// The commits at which a shallow clone ends: their parents were not fetched, on purpose.
    #[must_use]
    pub fn shallow(&self) -> HashSet<ObjectId> {
        let list = std::fs::read(self.common_dir().join("shallow")).unwrap_or_default();
        list.split(|&b| b == b'\n').filter_map(|line| ObjectId::parse(line.trim_ascii())).collect()
    }

    /// Files of git's own that people or programs write text into: settings, logs, messages, hooks, lists of refs. Objects, indexes and working trees are none of these; links are not followed.
    #[must_use]
    pub fn text_files(&self) -> TextFiles {
        let mut all = TextFiles::default();
        let shown = |path: &Path| ReportPath::as_given(path.strip_prefix(self.common_dir()).unwrap_or(path)).as_bytes().to_vec();
        let mut folders = vec![self.common_dir().to_owned()];
        if !self.git_dir().starts_with(self.common_dir()) {
            folders.push(self.git_dir().to_owned());
        }
        while let Some(folder) = folders.pop() {
            // A submodule's repository has objects of its own.
            let is_repository = folder.join("HEAD").exists();
            for entry in listed(&folder, |error| all.unreadable.push((shown(&folder), system_words(error)))) {
                let (name, path) = (entry.file_name(), entry.path());
                let kind = match entry.file_type() {
                    Ok(kind) => kind,
                    Err(error) => {
                        all.unreadable.push((shown(&path), system_words(&error)));
                        continue;
                    }
                };
                let bytes = name.as_encoded_bytes();
                let is_index = name == "index" || bytes.starts_with(b"index.") || bytes.starts_with(b"sharedindex.");
                let is_text = !is_index && !bytes.ends_with(b".sample");
                if kind.is_dir() && !(is_repository && (name == "objects" || name == "lfs")) {
                    folders.push(path);
                } else if kind.is_file() && is_text {
                    all.files.push((shown(&path), path));
                }
            }
        }
        all.files.sort();
        all
    }
}

impl std::fmt::Debug for Repository {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Repository").field(&self.git_dir()).finish()
    }
}

/// A variable of git's that is set to something.
fn variable(name: &str) -> Option<OsString> {
    std::env::var_os(name).filter(|v| !v.is_empty())
}

/// Our id as libgit2's.
pub(super) fn oid_of(id: &ObjectId) -> Result<git2::Oid, GitError> {
    Ok(git2::Oid::from_bytes(id.as_bytes())?)
}

/// libgit2's id as ours.
pub(super) fn id_of(id: &git2::Oid) -> Option<ObjectId> {
    ObjectId::new(id.as_bytes())
}

impl GitError {
    fn opening(path: &Path, error: &git2::Error) -> Self {
        match error.code() {
            // As git wants it named: in full, and the top of the working tree.
            ErrorCode::Owner => {
                let path = path.canonicalize().unwrap_or_else(|_| path.to_owned());
                Self::Owner(super::worktree_of(&path).unwrap_or(path))
            }
            ErrorCode::NotFound => Self::None(path.to_owned()),
            _ if error.message().ends_with("extensions.refstorage") => Self::RefTable(path.to_owned()),
            _ => Self::Git(error.message().to_owned()),
        }
    }

    fn reading(id: ObjectId, error: &git2::Error) -> Self {
        if error.code() == ErrorCode::NotFound { Self::Absent(id) } else { Self::Damaged(id) }
    }
}

impl From<git2::Error> for GitError {
    fn from(error: git2::Error) -> Self {
        Self::Git(error.message().to_owned())
    }
}
