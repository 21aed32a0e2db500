//! Opening what a scan of changes looks at: `--staged`, `--range`, `--since` and the hooks.

use std::path::{Component, Path, PathBuf};

use keysift::git::{GitError, Range, RangeError, Repository};
use keysift::model::{ObjectId, Scope};
use keysift::source::{Changes, lies_in};

use super::Failure;

/// Which changes.
#[derive(Clone, Debug)]
pub enum Wanted {
    /// What is staged.
    Staged,
    /// What the commits of a range add.
    Range(String),
    /// What `HEAD` adds to a revision, or since a date.
    Since(String),
}

/// Opens the repository around the working folder, or the one that git's variables name, and finds the changes. `paths` narrow them down; they
/// need not exist any more, for a change may be that they do not, but a name that stands for nothing would make every run clean.
pub fn open(wanted: &Wanted, paths: &[PathBuf]) -> Result<(Changes, Scope), Failure> {
    let repository = repository()?;
    let range = match wanted {
        Wanted::Staged => None,
        Wanted::Range(text) => Some(repository.range(text).map_err(no_range)?),
        Wanted::Since(text) => Some(repository.since(text).map_err(no_range)?),
    };
    let paths = paths.iter().map(|path| named(&repository, range.as_ref(), path)).collect::<Result<Vec<_>, _>>()?;
    let (mut changes, scope) = match range {
        None => {
            let changes = Changes::staged(repository, &merging()).map_err(failure)?;
            let scope = Scope::Staged { anything: changes.anything() };
            (changes, scope)
        }
        Some(range) => (Changes::commits(repository, range), Scope::Commits),
    };
    changes.limits.paths = paths;
    Ok((changes, scope))
}

/// The repository of this process.
pub fn repository() -> Result<Repository, Failure> {
    let here = std::env::current_dir().map_err(|e| Failure::new(format!("the working folder: {e}")))?;
    Repository::from_environment(&here).map_err(failure)
}

/// What `git merge` merges while it has not written that down yet: it names each in a variable.
fn merging() -> Vec<ObjectId> {
    let names = std::env::vars_os().map(|(name, _)| name.to_string_lossy().into_owned());
    names.filter_map(|n| n.strip_prefix("GITHEAD_").and_then(|hex| ObjectId::parse(hex.as_bytes()))).collect()
}

/// What ends a run before it began.
pub fn failure(error: GitError) -> Failure {
    let help = match &error {
        GitError::Bare => "scan what commits add: --range or --since",
        GitError::None(_) => "go into the repository first",
        GitError::Index(_) | GitError::Order => "`git status` may say more; `git reset` writes a new index from HEAD",
        GitError::Absent(_) | GitError::Damaged(_) => "`git fsck` says what else is missing",
        GitError::Owner(_) | GitError::RefTable(_) | GitError::TooMany | GitError::Git(_) => return Failure::new(error),
    };
    Failure::new(error).help(help)
}

/// As [`failure`], for a range.
pub fn no_range(error: RangeError) -> Failure {
    let help = error.help();
    match (error, help) {
        (RangeError::Git(error), _) => failure(error),
        (error, Some(help)) => Failure::new(error).help(help),
        (error, None) => Failure::new(error),
    }
}

/// As [`within`], for what is in the working tree, staged, at `HEAD`, or in a commit of `range` or right before it.
fn named(repository: &Repository, range: Option<&Range>, path: &Path) -> Result<Vec<u8>, Failure> {
    let inner = within(repository, path)?;
    let is_known = || {
        repository.staged_paths().iter().any(|(_, staged)| lies_in(staged, &inner))
            || repository.at_head(&inner).is_ok_and(|found| found.is_some())
            || range.is_some_and(|range| range.commits.iter().any(|&commit| repository.has(commit, &inner)))
    };
    if path.symlink_metadata().is_ok() || is_known() {
        return Ok(inner);
    }
    let what = format!("{} is neither in the working tree nor at HEAD", path.display());
    Err(Failure::new(what).help("name files and folders as they are from here"))
}

/// `path`, given from the working folder, from the top of the repository.
fn within(repository: &Repository, path: &Path) -> Result<Vec<u8>, Failure> {
    if path.as_os_str() == "-" {
        return Err(Failure::new("changes are in the repository, not on standard input").help("leave - out"));
    }
    let outside = || Failure::new(format!("{} is not in this repository", path.display())).help("name paths of the working tree");
    let top = repository.worktree().and_then(|t| t.canonicalize().ok()).ok_or_else(outside)?;
    let here = std::env::current_dir().and_then(|h| h.canonicalize()).map_err(|_| outside())?;
    let mut full = PathBuf::new();
    for part in here.join(path).components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => drop(full.pop()),
            part => full.push(part),
        }
    }
    let inner = full.strip_prefix(&top).map_err(|_| outside())?;
    let parts: Vec<&[u8]> = inner.components().map(|c| c.as_os_str().as_encoded_bytes()).collect();
    Ok(parts.join(&b'/'))
}
