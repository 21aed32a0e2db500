//! What is staged, and what commits add: blobs, with what tells which of their lines are new.

use super::{Change, Filter, Input, Source, Unit, Worker, Workers};
use crate::git::{Added, GitError, Repository, Step, path_of};
use crate::model::{ObjectId, Problem, ProblemKind, ReportPath, Revision, SkipReason};

/// Changes of a repository.
#[derive(Debug)]
pub struct Changes {
    repository: Repository,
    what: What,
    /// `--include` and `--exclude`.
    pub filter: Filter,
    /// Only what is at one of these paths, or below it; everything where there are none. From the top of the repository, without `/` at the end.
    pub paths: Vec<Vec<u8>>,
    /// Larger blobs are left out.
    pub max_file_size: Option<u64>,
    /// Threads; at least one.
    pub threads: usize,
}

#[derive(Debug)]
enum What {
    Staged(Step),
}

impl Changes {
    /// What is staged. `others` are commits that are being merged and that nothing in the repository tells of.
    ///
    /// # Errors
    /// The index, or what it is compared with, cannot be read.
    pub fn staged(repository: Repository, others: &[ObjectId]) -> Result<Self, GitError> {
        let step = repository.staged(others)?;
        Ok(Self::new(repository, What::Staged(step)))
    }

    fn new(repository: Repository, what: What) -> Self {
        Self { repository, what, filter: Filter::default(), paths: Vec::new(), max_file_size: None, threads: 1 }
    }

    /// Whether there is any change, be it one that adds nothing.
    #[must_use]
    pub fn anything(&self) -> bool {
        match &self.what {
            What::Staged(step) => step.differs,
        }
    }

    /// What belongs to a step as a whole.
    fn step(&self, step: &Step, worker: &mut dyn Worker) {
        let skipped = step.submodules.iter().map(|p| (SkipReason::Submodule, p));
        let skipped = skipped.chain(step.unmerged.iter().map(|p| (SkipReason::Unmerged, p)));
        for (reason, path) in skipped.filter(|(_, p)| self.named(p)) {
            worker.skip(reason, ReportPath::new(path));
        }
    }

    /// A file of a step.
    fn file(&self, repository: &Repository, step: &Step, added: &Added, unit: Unit, worker: &mut dyn Worker) {
        let path = ReportPath::new(&added.path);
        if !self.named(&added.path) {
            return;
        }
        let relative = path_of(&added.path);
        if relative.ancestors().any(|a| self.filter.excludes(a)) {
            worker.skip(SkipReason::Excluded, path);
            return;
        }
        if !self.filter.includes(&relative) {
            return;
        }
        let change = OneChange { repository, step, added, unit };
        if let Err(error) = self.blob(path, &change, worker) {
            worker.problem(problem(repository, change.name(), &error));
        }
    }

    fn blob(&self, path: ReportPath, change: &OneChange<'_>, worker: &mut dyn Worker) -> Result<(), GitError> {
        let blob = change.added.blob;
        if let Some(max) = self.max_file_size
            && change.repository.blob_len(blob)? > max
        {
            worker.skip(SkipReason::TooLarge, path);
            return Ok(());
        }
        change.repository.blob(blob, |bytes| {
            let mut content = bytes;
            worker.input(Input { path, content: &mut content, len: Some(bytes.len() as u64), change: Some(change) });
        })
    }

    /// Whether `path` is among those asked for.
    fn named(&self, path: &[u8]) -> bool {
        let below = |p: &Vec<u8>| path.strip_prefix(p.as_slice()).is_some_and(|rest| p.is_empty() || rest.is_empty() || rest[0] == b'/');
        self.paths.is_empty() || self.paths.iter().any(below)
    }
}

impl Source for Changes {
    fn run(&self, workers: &Workers<'_>) {
        let mut worker = workers();
        match &self.what {
            What::Staged(step) => {
                self.step(step, worker.as_mut());
                for added in &step.added {
                    self.file(&self.repository, step, added, Unit::File, worker.as_mut());
                }
            }
        }
    }
}

/// What `error` means for the run, and what to do about it.
fn problem(repository: &Repository, what: String, error: &GitError) -> Problem {
    match error {
        GitError::Absent(_) => {
            let remedy = repository.how_to_complete().map(|command| format!("; this clone is not complete, `{command}` completes it"));
            Problem { what, kind: ProblemKind::Absent, detail: format!("{error}{}", remedy.unwrap_or_default()) }
        }
        _ => Problem { what, kind: ProblemKind::Object, detail: error.to_string() },
    }
}

/// One file of a step.
struct OneChange<'a> {
    repository: &'a Repository,
    step: &'a Step,
    added: &'a Added,
    unit: Unit,
}

impl OneChange<'_> {
    /// Its name in problems.
    fn name(&self) -> String {
        let path = ReportPath::new(&self.added.path);
        self.step.commit.as_ref().map_or_else(|| path.to_string(), |commit| format!("{path} in {}", commit.id.short()))
    }
}

impl Change for OneChange<'_> {
    fn unit(&self) -> Unit {
        self.unit
    }

    fn before(&self, each: &mut dyn FnMut(&[u8])) -> Result<(), Problem> {
        self.repository.before(self.step, self.added, each).map_err(|error| {
            let problem = problem(self.repository, self.name(), &error);
            let detail = format!("what was there before cannot be read, so all of it counts as new: {}", problem.detail);
            Problem { detail, ..problem }
        })
    }

    fn revision(&self, still: &mut dyn FnMut(&[u8]) -> bool) -> Revision {
        // What is staged only, no commit has; HEAD may have what it was before, but not this.
        let at_head = self.step.commit.is_some()
            && match self.repository.at_head(&self.added.path) {
                Ok(Some(id)) => id == self.added.blob || self.repository.blob(id, still).unwrap_or(false),
                _ => false,
            };
        Revision { commit: self.step.commit.clone(), blob: Some(self.added.blob), at_head, ..Revision::default() }
    }
}
