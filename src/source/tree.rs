//! Files and folders: the parallel walk.

use std::collections::hash_map::RandomState;
use std::collections::{HashMap, HashSet};
use std::fs::File;
use std::hash::BuildHasher;
use std::io;
use std::path::{Component, Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use ignore::{DirEntry, ParallelVisitor, ParallelVisitorBuilder, WalkBuilder, WalkState};

use super::{Filter, Input, Source, Worker, Workers};
use crate::git;
use crate::model::{Problem, ProblemKind, ReportPath, SkipReason, system_words};

/// Files and folders on disk.
#[derive(Clone, Debug)]
pub struct Tree {
    /// What to walk; each exists.
    pub roots: Vec<PathBuf>,
    /// Whether ignore files count.
    pub ignore: bool,
    /// Whether symbolic links are followed, within the root.
    pub follow_links: bool,
    /// Larger files are left out.
    pub max_file_size: Option<u64>,
    /// `--include` and `--exclude`.
    pub filter: Filter,
    /// Threads; at least one.
    pub threads: usize,
}

impl Tree {
    /// A tree under one root with the settings of a plain `keysift scan`.
    #[must_use]
    pub fn new(roots: Vec<PathBuf>) -> Self {
        Self { roots, ignore: true, follow_links: false, max_file_size: None, filter: Filter::default(), threads: 1 }
    }

    /// Whether ignore files hide `path`, a file below one of the roots and spelled like it, from the walk. What git tracks they do not hide.
    #[must_use]
    pub fn ignores(&self, path: &Path) -> bool {
        let Some(mut builder) = self.walk(&self.roots.iter().collect::<Vec<_>>()).filter(|_| self.ignore) else { return false };
        let wanted = path.to_owned();
        builder.filter_entry(move |entry| wanted.starts_with(entry.path()));
        let is_met = builder.build().any(|entry| entry.is_ok_and(|entry| entry.path() == path));
        let is_tracked = || {
            let top = git::worktree_of(path.parent()?)?;
            Some(git::tracked_files(&top).ok()?.iter().any(|tracked| tracked == path))
        };
        !is_met && !is_tracked().unwrap_or(false)
    }

    /// The walk over `roots`; `None` where there is none.
    fn walk(&self, roots: &[&PathBuf]) -> Option<WalkBuilder> {
        let (first, rest) = roots.split_first()?;
        let mut builder = WalkBuilder::new(first);
        rest.iter().for_each(|root| {
            builder.add(root);
        });
        builder
            .threads(self.threads)
            .follow_links(self.follow_links)
            .hidden(false)
            .ignore(self.ignore)
            .git_ignore(self.ignore)
            .git_global(self.ignore)
            .git_exclude(self.ignore)
            .parents(self.ignore);
        Some(builder)
    }
}

/// The folder around `path`, a scanned root, if it is absolute, above which nothing says what kind of file is in it: the working folder, the top of the
/// repository, or itself; of a file, the folder that it is in. A checkout may lie below anything: `/builds/test`, `/home/ann/demo`.
#[must_use]
pub fn surroundings(path: &Path) -> PathBuf {
    if !path.is_absolute() {
        return PathBuf::new();
    }
    let here = || std::env::current_dir().ok().filter(|here| path.starts_with(here));
    let own = || if path.is_dir() { Some(path) } else { path.parent() };
    here().or_else(|| git::worktree_of(path)).or_else(|| own().map(Path::to_owned)).unwrap_or_default()
}

/// Opens for reading without waiting: a pipe put where a file was must not hang the scan. Nor must a link put there lead out of the root.
#[cfg(unix)]
fn open(path: &Path, link: bool) -> io::Result<File> {
    use std::os::unix::fs::OpenOptionsExt;
    let follow = if link { 0 } else { libc::O_NOFOLLOW };
    File::options().read(true).custom_flags(libc::O_NONBLOCK | libc::O_CLOEXEC | follow).open(path)
}

#[cfg(not(unix))]
fn open(path: &Path, _: bool) -> io::Result<File> {
    File::open(path)
}

/// Whether opening failed because there is a link now.
#[cfg(unix)]
fn is_link_refused(error: &io::Error) -> bool {
    error.raw_os_error() == Some(libc::ELOOP)
}

#[cfg(not(unix))]
fn is_link_refused(_: &io::Error) -> bool {
    false
}

impl Source for Tree {
    fn run(&self, workers: &Workers<'_>) {
        let roots = Roots::new(&self.roots);
        let layers = roots.layers(&self.roots);
        let shared = Shared {
            tree: self,
            filters: self.roots.iter().map(|root| self.filter.seen_from(root)).collect(),
            overlapping: layers.len() > 1,
            roots,
            tracked_repositories: Mutex::default(),
            seen: Mutex::default(),
            hasher: RandomState::new(),
        };
        if self.ignore {
            for root in &self.roots {
                if let Some(top) = root.canonicalize().ok().and_then(|r| git::worktree_of(&r)) {
                    shared.repository(&top, root);
                }
            }
        }
        // One after the other, so that it is no matter of luck which root a file that lies under several is told from.
        for builder in layers.iter().filter_map(|roots| self.walk(roots)) {
            builder.build_parallel().visit(&mut Builder { shared: &shared, workers });
        }
        if self.ignore {
            shared.scan_tracked(workers);
        }
    }
}

/// The scanned roots: the system is asked once a root, not once a path.
struct Roots {
    /// By both their spellings, as given and canonical.
    given: HashMap<PathBuf, PathBuf>,
    /// Their canonical spellings, by those given.
    canonical: HashMap<PathBuf, PathBuf>,
    /// What is around those that are absolute.
    surroundings: HashMap<PathBuf, PathBuf>,
}

impl Roots {
    fn new(roots: &[PathBuf]) -> Self {
        let canonical: HashMap<PathBuf, PathBuf> = roots.iter().filter_map(|r| Some((r.clone(), r.canonicalize().ok()?))).collect();
        // What is given as it is spelled comes last, and so wins.
        let given = canonical.iter().map(|(given, full)| (full.clone(), given.clone()));
        let given = given.chain(roots.iter().map(|r| (r.clone(), r.clone()))).collect();
        let surroundings = roots.iter().filter(|r| r.is_absolute()).map(|r| (r.clone(), surroundings(r))).collect();
        Self { given, canonical, surroundings }
    }

    /// `roots` without those that are given twice, by how many others each lies in: first those that lie in none. What ignore files hide from the walk
    /// over a root may be met in the walk over one within it, so none of them can be left out.
    fn layers<'r>(&self, roots: &'r [PathBuf]) -> Vec<Vec<&'r PathBuf>> {
        let full = |root: &'r PathBuf| self.canonical.get(root).map_or(root.as_path(), PathBuf::as_path);
        let all: HashSet<&Path> = roots.iter().map(full).collect();
        let mut met = HashSet::new();
        let mut layers = Vec::new();
        for root in roots.iter().filter(|&root| met.insert(full(root))) {
            let depth = full(root).ancestors().skip(1).filter(|above| all.contains(above)).count();
            layers.resize_with(layers.len().max(depth + 1), Vec::new);
            layers[depth].push(root);
        }
        layers
    }

    /// `path` as it is spelled whichever root leads to it.
    fn full(&self, path: &Path) -> PathBuf {
        let root = path.ancestors().find_map(|a| self.canonical.get_key_value(a));
        root.and_then(|(given, full)| Some(full.join(path.strip_prefix(given).ok()?))).unwrap_or_else(|| path.to_owned())
    }

    /// Whether `path` lies under a root, in one of its spellings.
    fn hold(&self, path: &Path) -> bool {
        path.ancestors().any(|a| self.given.contains_key(a))
    }

    /// `path` in the walk's spelling, if it lies under a root.
    fn respelled(&self, path: &Path) -> Option<PathBuf> {
        let (spelling, root) = path.ancestors().find_map(|a| self.given.get_key_value(a))?;
        let inner = path.strip_prefix(spelling).ok()?;
        Some(if inner.as_os_str().is_empty() { root.clone() } else { root.join(inner) })
    }
}

/// What the threads of one walk share.
struct Shared<'a> {
    tree: &'a Tree,
    /// Of each root.
    filters: Vec<Filter>,
    roots: Roots,
    /// Whether some root lies in another one.
    overlapping: bool,
    /// Repositories met: the folder that holds `.git`, in the walk's own spelling.
    tracked_repositories: Mutex<Vec<PathBuf>>,
    /// Hashes of the paths visited, to find tracked files that ignore rules hid, and to visit none twice that lies under several roots. Keyed
    /// afresh each run: among a million files the chance that two share a hash, and one hidden file is missed, is below one in ten million, and
    /// nobody can prepare it.
    seen: Mutex<HashSet<u64>>,
    hasher: RandomState,
}

impl Shared<'_> {
    /// The name that a report gives `path`: relative to the root where there is one root, else as given.
    fn name(&self, path: &Path) -> ReportPath {
        match self.tree.roots.as_slice() {
            [root] if path != root => ReportPath::relative(root, path),
            _ => {
                let name = ReportPath::as_given(path);
                match path.ancestors().find_map(|a| self.roots.surroundings.get(a)) {
                    Some(outer) => name.inside(outer),
                    None => name,
                }
            }
        }
    }

    fn problem(&self, path: &Path, kind: ProblemKind, detail: impl ToString) -> Problem {
        Problem { what: self.name(path).to_string(), kind, detail: detail.to_string() }
    }

    /// Opens `path` and hands it to `worker`, if it is what a walk may read. `link` says that it is known for a link, and one to follow.
    fn file(&self, path: &Path, link: bool, worker: &mut dyn Worker) {
        if let Err(error) = self.open_and_scan(path, link, worker) {
            if !link && is_link_refused(&error) {
                worker.skip(SkipReason::Link, self.name(path));
                return;
            }
            let kind = if error.kind() == io::ErrorKind::NotFound { ProblemKind::Vanished } else { ProblemKind::Unreadable };
            worker.problem(self.problem(path, kind, system_words(&error)));
        }
    }

    fn open_and_scan(&self, path: &Path, link: bool, worker: &mut dyn Worker) -> io::Result<()> {
        let mut file = open(path, link)?;
        // What was listed as a file may be something else by now: only the open file tells.
        let metadata = file.metadata()?;
        if !metadata.is_file() {
            if metadata.is_dir() {
                return Err(io::Error::new(io::ErrorKind::IsADirectory, "was a file, is a folder now"));
            }
            worker.skip(SkipReason::Special, self.name(path));
            return Ok(());
        }
        if self.tree.max_file_size.is_some_and(|max| metadata.len() > max) {
            worker.skip(SkipReason::TooLarge, self.name(path));
            return Ok(());
        }
        worker.input(Input { path: self.name(path), content: &mut file, len: Some(metadata.len()), change: None });
        Ok(())
    }

    /// The hash by which it is remembered that `path` was visited, or left out and why.
    fn mark(&self, path: &Path, left_out: Option<SkipReason>) -> u64 {
        if self.overlapping { self.hasher.hash_one((self.roots.full(path), left_out)) } else { self.hasher.hash_one((path, left_out)) }
    }

    /// Whether an earlier walk, over a root around this one, came by here: none other shares a path.
    fn was_met(&self, mark: u64) -> bool {
        self.overlapping && self.seen.lock().unwrap_or_else(PoisonError::into_inner).contains(&mark)
    }

    /// Notes the repository at `top` around the scanned `root`, spelled as the walk spells paths below `root`.
    fn repository(&self, top: &Path, root: &Path) {
        let Ok(canonical) = root.canonicalize() else { return };
        let ups = canonical.strip_prefix(top).map_or(0, |inner| inner.components().count());
        let spelled = if ups == 0 { root.to_owned() } else { top.to_owned() };
        self.tracked_repositories.lock().unwrap_or_else(PoisonError::into_inner).push(spelled);
    }

    /// Scans the files that git tracks and an ignore rule hid from the walk.
    fn scan_tracked(&self, workers: &Workers<'_>) {
        let mut repositories = std::mem::take(&mut *self.tracked_repositories.lock().unwrap_or_else(PoisonError::into_inner));
        repositories.sort();
        repositories.dedup();
        if repositories.is_empty() {
            return;
        }
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let mut worker = workers();
        for repository in repositories {
            let tracked = match git::tracked_files(&repository) {
                Ok(tracked) => tracked,
                Err(error) => {
                    let detail = format!("tracked files that ignore rules name were not looked at: {error}");
                    worker.problem(self.problem(&repository, ProblemKind::Index, detail));
                    continue;
                }
            };
            for path in tracked {
                let Some(path) = self.roots.respelled(&path) else { continue };
                if !self.wanted(&path) || !seen.insert(self.mark(&path, None)) {
                    continue;
                }
                // Deleted in the working tree: there is nothing to look at.
                if self.is_within(&path) && path.symlink_metadata().is_ok_and(|m| m.is_file()) {
                    self.file(&path, false, worker.as_mut());
                }
            }
        }
    }

    /// Whether `path` stays under its root on its way: an index can be made to name a file through a link or upwards, which git itself never does.
    fn is_within(&self, path: &Path) -> bool {
        let Some(root) = self.tree.roots.iter().find(|r| path.starts_with(r)) else { return false };
        let inner = path.strip_prefix(root).unwrap_or(path);
        let straight = inner.components().all(|c| matches!(c, Component::Normal(_)));
        let is_link = |folder: &Path| folder.symlink_metadata().is_ok_and(|m| m.is_symlink());
        straight && !path.ancestors().skip(1).take_while(|a| a != root && a.starts_with(root)).any(is_link)
    }

    fn wanted(&self, path: &Path) -> bool {
        self.is_let_through(path, Filter::admits)
    }

    /// What `says` of `path`, relative to its root, with that root's filter; everything is let through by no filter.
    fn is_let_through(&self, path: &Path, says: fn(&Filter, &Path) -> bool) -> bool {
        let of_root = |(root, filter): (&PathBuf, &Filter)| Some(says(filter, path.strip_prefix(root).ok()?));
        self.tree.filter.is_empty() || self.tree.roots.iter().zip(&self.filters).find_map(of_root).unwrap_or(true)
    }
}

struct Builder<'s, 'w> {
    shared: &'s Shared<'s>,
    workers: &'s Workers<'w>,
}

impl<'s, 'w: 's> ParallelVisitorBuilder<'s> for Builder<'s, 'w> {
    fn build(&mut self) -> Box<dyn ParallelVisitor + 's> {
        Box::new(Visitor { shared: self.shared, worker: (self.workers)(), seen: Vec::new() })
    }
}

/// One thread of the walk.
struct Visitor<'a> {
    shared: &'a Shared<'a>,
    worker: Box<dyn Worker + 'a>,
    seen: Vec<u64>,
}

impl ParallelVisitor for Visitor<'_> {
    fn visit(&mut self, entry: Result<DirEntry, ignore::Error>) -> WalkState {
        match entry {
            Ok(entry) => self.entry(&entry),
            Err(error) => {
                self.failed(&error, None);
                WalkState::Continue
            }
        }
    }
}

impl Drop for Visitor<'_> {
    fn drop(&mut self) {
        self.shared.seen.lock().unwrap_or_else(PoisonError::into_inner).extend(self.seen.drain(..));
    }
}

impl Visitor<'_> {
    fn entry(&mut self, entry: &DirEntry) -> WalkState {
        let tree = self.shared.tree;
        let path = entry.path();
        if entry.depth() > 0 {
            if entry.file_name() == ".git" {
                // Git's own files; what they hold is for the scan of history. They do tell that a repository begins here.
                if tree.ignore
                    && let Some(top) = path.parent()
                {
                    self.shared.tracked_repositories.lock().unwrap_or_else(PoisonError::into_inner).push(top.to_owned());
                }
                return WalkState::Skip;
            }
            if !self.shared.is_let_through(path, |filter, path| !filter.excludes(path)) {
                self.skip(SkipReason::Excluded, path);
                return WalkState::Skip;
            }
        }
        if let Some(error) = entry.error() {
            self.failed(error, Some(path));
        }
        if entry.path_is_symlink() && entry.depth() > 0 {
            if !tree.follow_links {
                self.skip(SkipReason::Link, path);
                return WalkState::Continue;
            }
            if !self.leads_inside(path) {
                self.skip(SkipReason::LinkOutside, path);
                return WalkState::Skip;
            }
        }
        let Some(kind) = entry.file_type() else { return WalkState::Continue };
        if kind.is_dir() {
            return WalkState::Continue;
        }
        if entry.depth() > 0 && !self.shared.is_let_through(path, Filter::includes) {
            return WalkState::Continue;
        }
        if tree.ignore || self.shared.overlapping {
            let mark = self.shared.mark(path, None);
            if self.shared.was_met(mark) {
                return WalkState::Continue;
            }
            self.seen.push(mark);
        }
        if kind.is_file() || (kind.is_symlink() && entry.depth() == 0) {
            self.shared.file(path, entry.path_is_symlink() || entry.depth() == 0, self.worker.as_mut());
        } else {
            self.worker.skip(SkipReason::Special, self.shared.name(path));
        }
        WalkState::Continue
    }

    /// Counts what is left out, once whichever roots lead to it.
    fn skip(&mut self, reason: SkipReason, path: &Path) {
        if self.shared.overlapping {
            let mark = self.shared.mark(path, Some(reason));
            if self.shared.was_met(mark) {
                return;
            }
            self.seen.push(mark);
        }
        self.worker.skip(reason, self.shared.name(path));
    }

    fn leads_inside(&self, path: &Path) -> bool {
        path.canonicalize().is_ok_and(|target| self.shared.roots.hold(&target))
    }

    fn failed(&mut self, error: &ignore::Error, entry: Option<&Path>) {
        match error {
            ignore::Error::Partial(errors) => errors.iter().for_each(|e| self.failed(e, entry)),
            ignore::Error::WithLineNumber { err, .. } | ignore::Error::WithDepth { err, .. } => self.failed(err, entry),
            ignore::Error::WithPath { path, err } => self.failed(err, Some(path)),
            ignore::Error::Loop { child, .. } => {
                // Harmless: everything in the loop is visited where the link leads to.
                self.skip(SkipReason::LinkLoop, child);
            }
            ignore::Error::Io(io) => {
                let path = entry.unwrap_or_else(|| Path::new("?"));
                let dangling = io.kind() == io::ErrorKind::NotFound && path.symlink_metadata().is_ok_and(|m| m.is_symlink());
                if dangling {
                    self.skip(SkipReason::DanglingLink, path);
                    return;
                }
                let kind = if io.kind() == io::ErrorKind::NotFound { ProblemKind::Vanished } else { ProblemKind::Unreadable };
                self.worker.problem(self.shared.problem(path, kind, system_words(io)));
            }
            // A pattern that git would ignore too, and says nothing about: it hides nothing, so nothing is left out.
            ignore::Error::Glob { .. } | ignore::Error::UnrecognizedFileType(_) | ignore::Error::InvalidDefinition => {}
        }
    }
}
