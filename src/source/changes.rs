//! What is staged, and what commits add: blobs, with what tells which of their lines are new.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use super::{Change, Filter, Input, Source, Unit, Worker, Workers};
use crate::git::{Added, GitError, Range, Repository, Step, path_of};
use crate::model::{ObjectId, Problem, ProblemKind, ReportPath, Revision, SkipReason};

/// Commits that are compared before the files that they add are read: what is known of them is kept for so long.
const BATCH: usize = 512;
/// Fewer things to do than this are not worth another thread.
const SHARE: usize = 8;

/// Changes of a repository.
#[derive(Debug)]
pub struct Changes {
    /// The repository.
    pub repository: Repository,
    what: What,
    /// How much of them is looked at, and with what means.
    pub limits: Limits,
}

/// How much of the changes is looked at, and with what means.
#[derive(Clone, Debug)]
pub struct Limits {
    /// `--include` and `--exclude`.
    pub filter: Filter,
    /// Only what is at one of these paths, or below it; everything where there are none. From the top of the repository, without `/` at the end.
    pub paths: Vec<Vec<u8>>,
    /// Larger blobs are left out.
    pub max_file_size: Option<u64>,
    /// Threads; at least one.
    pub threads: usize,
    /// When to stop, finished or not.
    pub deadline: Option<Instant>,
}

impl Default for Limits {
    fn default() -> Self {
        Self { filter: Filter::default(), paths: Vec::new(), max_file_size: None, threads: 1, deadline: None }
    }
}

#[derive(Debug)]
enum What {
    Staged(Step),
    Commits(Range),
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

    /// What the commits of a range add, with their messages.
    #[must_use]
    pub fn commits(repository: Repository, range: Range) -> Self {
        Self::new(repository, What::Commits(range))
    }

    fn new(repository: Repository, what: What) -> Self {
        Self { repository, what, limits: Limits::default() }
    }

    /// Whether there is any change, be it one that adds nothing.
    #[must_use]
    pub fn anything(&self) -> bool {
        match &self.what {
            What::Staged(step) => step.differs,
            What::Commits(range) => *range != Range::default(),
        }
    }
}

impl Source for Changes {
    fn run(&self, workers: &Workers<'_>) {
        let mut crew = Crew { changes: self, workers, first: workers(), others: Vec::new() };
        match &self.what {
            What::Staged(step) => crew.staged_files(step),
            What::Commits(range) => crew.range(range),
        }
    }
}

/// Who looks at changes: the thread that was asked to, and as many others as that is worth.
struct Crew<'c, 'w> {
    changes: &'c Changes,
    workers: &'c Workers<'w>,
    first: Box<dyn Worker + 'w>,
    /// Each with a handle of its own; to open one takes longer than to look at a few files.
    others: Vec<(Repository, Box<dyn Worker + 'w>)>,
}

impl<'w> Crew<'_, 'w> {
    fn first(&mut self) -> Hand<'_, 'w> {
        Hand { repository: &self.changes.repository, limits: &self.changes.limits, worker: self.first.as_mut() }
    }

    fn staged_files(&mut self, step: &Step) {
        self.first().step(step);
        let done = self.share(step.added.len(), &|hand, i| hand.file(step, &step.added[i], Unit::File));
        self.first().unfinished("files", step.added.len(), done);
    }

    fn range(&mut self, range: &Range) {
        self.first().beside_commits(range);
        let mut done = 0;
        for batch in range.commits.chunks(BATCH) {
            let steps = Mutex::new(Vec::new());
            let compared = self.share(batch.len(), &|hand, i| {
                if let Some(step) = hand.commit(batch[i]) {
                    steps.lock().unwrap_or_else(PoisonError::into_inner).push(step);
                }
            });
            let steps = steps.into_inner().unwrap_or_else(PoisonError::into_inner);
            let files: Vec<(&Step, &Added)> = steps.iter().flat_map(|s| s.added.iter().map(move |a| (s, a))).collect();
            let read = self.share(files.len(), &|hand, i| {
                let (step, added) = files[i];
                hand.file(step, added, Unit::Blob);
            });
            if compared < batch.len() || read < files.len() {
                break;
            }
            done += batch.len();
        }
        self.first().unfinished("commits", range.commits.len(), done);
    }

    /// Does `job` for every number below `number`, on as many threads as that is worth; for fewer where time runs out. Returns for how many.
    fn share(&mut self, number: usize, job: &(dyn Fn(&mut Hand<'_, 'w>, usize) + Sync)) -> usize {
        let Self { changes: Changes { repository, limits, .. }, workers, first, others } = self;
        while 1 + others.len() < limits.threads.min(number / SHARE) {
            // Fewer threads do as well.
            let Ok(again) = repository.again() else { break };
            others.push((again, workers()));
        }
        let next = &AtomicUsize::new(0);
        let work = move |mut hand: Hand<'_, 'w>| {
            while !hand.is_late() {
                match next.fetch_add(1, Ordering::Relaxed) {
                    i if i < number => job(&mut hand, i),
                    _ => break,
                }
            }
        };
        std::thread::scope(|scope| {
            for (repository, worker) in others.iter_mut().take(number / SHARE) {
                scope.spawn(move || work(Hand { repository, limits, worker: worker.as_mut() }));
            }
            work(Hand { repository, limits, worker: first.as_mut() });
        });
        // A number that is taken is done.
        next.load(Ordering::Relaxed).min(number)
    }
}

/// One thread's means: a handle of the repository and a worker.
struct Hand<'h, 'w> {
    repository: &'h Repository,
    limits: &'h Limits,
    worker: &'h mut (dyn Worker + 'w),
}

impl Hand<'_, '_> {
    /// What belongs to a step as a whole.
    fn step(&mut self, step: &Step) {
        let skipped = step.submodules.iter().map(|p| (SkipReason::Submodule, p));
        for (reason, path) in skipped.chain(step.unmerged.iter().map(|p| (SkipReason::Unmerged, p))) {
            if self.is_named(path) {
                self.worker.skip(reason, ReportPath::new(path));
            }
        }
    }

    /// A file of a step.
    fn file(&mut self, step: &Step, added: &Added, unit: Unit) {
        let path = ReportPath::new(&added.path);
        if !self.is_named(&added.path) || !self.is_wanted(&path) {
            return;
        }
        let change = OneChange { repository: self.repository, step, added, unit };
        if let Err(error) = change.read(path, self.limits.max_file_size, self.worker) {
            self.worker.problem(problem(self.repository, change.name(), &error));
        }
    }

    /// Compares a commit with its parents, and reads its message.
    fn commit(&mut self, id: ObjectId) -> Option<Step> {
        match self.repository.step(id) {
            Ok(step) => {
                self.worker.commit();
                self.step(&step);
                self.message(ReportPath::new(ReportPath::COMMIT_MESSAGE), &step.message, Some(&step), Some(id));
                Some(step)
            }
            Err(error) => {
                self.worker.problem(problem(self.repository, format!("commit {}", id.short()), &error));
                None
            }
        }
    }

    /// The message of the commit or tag `id`; a commit's has its step. The names of refs are in no object.
    fn message(&mut self, path: ReportPath, message: &[u8], step: Option<&Step>, id: Option<ObjectId>) {
        // Whoever asks for some paths does not ask for messages.
        if !message.is_empty() && self.limits.paths.is_empty() && self.is_wanted(&path) {
            let change = Message { repository: self.repository, step, id };
            let mut content = message;
            self.worker.input(Input { path, content: &mut content, len: Some(message.len() as u64), change: Some(&change) });
        }
    }

    /// What a range has beside commits, and the commits that cannot be looked at.
    fn beside_commits(&mut self, range: &Range) {
        for cut in &range.cut {
            let remedy = self.repository.how_to_complete().map(|command| format!("; `{command}` fetches the rest")).unwrap_or_default();
            let detail = format!("this clone is shallow and ends here: what the commit adds to its parents cannot be told{remedy}");
            self.worker.problem(Problem { what: format!("commit {}", cut.short()), kind: ProblemKind::Absent, detail });
        }
        for &tag in &range.tags {
            match self.repository.tag_message(tag) {
                Ok(message) => self.message(ReportPath::new(ReportPath::TAG_MESSAGE), &message, None, Some(tag)),
                Err(error) => self.worker.problem(problem(self.repository, format!("tag {}", tag.short()), &error)),
            }
        }
        self.message(ReportPath::new(ReportPath::REF_NAMES), &range.names.join(&b'\n'), None, None);
        for (name, id) in &range.others {
            match self.repository.bare_step(name, *id) {
                Ok(step) => {
                    self.step(&step);
                    step.added.iter().for_each(|added| self.file(&step, added, Unit::Blob));
                }
                Err(error) => self.worker.problem(problem(self.repository, ReportPath::new(name).to_string(), &error)),
            }
        }
    }

    /// Whether the globs let `path` through; what they exclude is counted.
    fn is_wanted(&mut self, path: &ReportPath) -> bool {
        let relative = path_of(path.as_bytes());
        let excluded = self.limits.filter.excludes_within(&relative);
        if excluded {
            self.worker.skip(SkipReason::Excluded, path.clone());
        }
        !excluded && self.limits.filter.includes(&relative)
    }

    /// Whether `path` is among those asked for.
    fn is_named(&self, path: &[u8]) -> bool {
        self.limits.paths.is_empty() || self.limits.paths.iter().any(|top| lies_in(path, top))
    }

    fn is_late(&self) -> bool {
        self.limits.deadline.is_some_and(|deadline| Instant::now() >= deadline)
    }

    /// Says so where fewer were done than there are.
    fn unfinished(&mut self, what: &str, number: usize, done: usize) {
        if done < number {
            let detail = format!("the time allowed was over; of {number} {what}, {done} were looked at wholly");
            self.worker.problem(Problem { what: format!("these {what}"), kind: ProblemKind::Unfinished, detail });
        }
    }
}

/// A message, or names: all of it is new.
struct Message<'a> {
    repository: &'a Repository,
    /// The commit's; a tag has none.
    step: Option<&'a Step>,
    /// The commit or tag.
    id: Option<ObjectId>,
}

impl Change for Message<'_> {
    fn unit(&self) -> Unit {
        Unit::Message
    }

    fn before(&self, _: &mut dyn FnMut(&[u8])) -> Result<(), Problem> {
        Ok(())
    }

    fn revision(&self) -> Revision {
        let (repository, blob) = (self.repository, self.id);
        match (self.step, self.id) {
            (Some(step), Some(id)) => {
                let (at_head, url) = (repository.head_has(id), repository.commit_url(&id));
                Revision { commit: step.commit.clone(), blob, at_head, url, removed: None }
            }
            _ => Revision { blob, ..Revision::default() },
        }
    }

    fn at_head(&self, _: &mut dyn FnMut(&[u8])) {}
}

/// Whether `path` is `top` or lies in it; all do in the empty one, the repository's own folder.
#[must_use]
pub fn lies_in(path: &[u8], top: &[u8]) -> bool {
    path.strip_prefix(top).is_some_and(|rest| top.is_empty() || rest.is_empty() || rest[0] == b'/')
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
    /// Hands what it has now to `worker`, unless that is larger than `max`.
    fn read(&self, path: ReportPath, max: Option<u64>, worker: &mut dyn Worker) -> Result<(), GitError> {
        let blob = self.added.blob;
        if let Some(max) = max
            && self.repository.blob_len(blob)? > max
        {
            worker.skip(SkipReason::TooLarge, path);
            return Ok(());
        }
        self.repository.blob(blob, |bytes| {
            let mut content = bytes;
            worker.input(Input { path, content: &mut content, len: Some(bytes.len() as u64), change: Some(self) });
        })
    }

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

    fn revision(&self) -> Revision {
        let at_head = self.head() == Some(self.added.blob);
        let commit = self.step.commit.clone();
        let url = commit.as_ref().and_then(|commit| self.repository.commit_url(&commit.id));
        Revision { commit, blob: Some(self.added.blob), at_head, url, removed: None }
    }

    fn at_head(&self, each: &mut dyn FnMut(&[u8])) {
        if let Some(id) = self.head().filter(|&id| id != self.added.blob) {
            // What HEAD has and cannot be read is not there for anybody else either.
            drop(self.repository.blob(id, each));
        }
    }
}

impl OneChange<'_> {
    /// What `HEAD` has at this path. What is only staged, no commit has.
    fn head(&self) -> Option<ObjectId> {
        self.step.commit.as_ref()?;
        self.repository.at_head(&self.added.path).ok().flatten()
    }
}
