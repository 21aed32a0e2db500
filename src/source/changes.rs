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
    repository: Repository,
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

impl Limits {
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
        if !self.named(&added.path) || !self.wanted(&path, worker) {
            return;
        }
        let change = OneChange { repository, step, added, unit };
        if let Err(error) = self.blob(path, &change, worker) {
            worker.problem(problem(repository, change.name(), &error));
        }
    }

    /// Whether the globs let `path` through; what they exclude is counted.
    fn wanted(&self, path: &ReportPath, worker: &mut dyn Worker) -> bool {
        if self.filter.is_empty() {
            return true;
        }
        let relative = path_of(path.as_bytes());
        if relative.ancestors().any(|a| self.filter.excludes(a)) {
            worker.skip(SkipReason::Excluded, path.clone());
            return false;
        }
        self.filter.includes(&relative)
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
        match &self.what {
            What::Staged(step) => self.staged_files(step, workers),
            What::Commits(range) => self.range(range, workers),
        }
    }
}

/// One thread's means: a handle of the repository and a worker.
struct Hand<'w> {
    repository: Repository,
    worker: Box<dyn Worker + 'w>,
}

impl Changes {
    fn staged_files(&self, step: &Step, workers: &Workers<'_>) {
        let mut worker = workers();
        self.limits.step(step, worker.as_mut());
        if step.added.len() < SHARE * SHARE {
            for added in &step.added {
                self.limits.file(&self.repository, step, added, Unit::File, worker.as_mut());
            }
            return;
        }
        drop(worker);
        let Some(mut hands) = self.first_hand(workers) else { return };
        let limits = &self.limits;
        self.share(&mut hands, workers, step.added.len(), &|hand, i| {
            limits.file(&hand.repository, step, &step.added[i], Unit::File, hand.worker.as_mut());
        });
    }

    fn first_hand<'w>(&self, workers: &Workers<'w>) -> Option<Vec<Hand<'w>>> {
        match self.repository.again() {
            Ok(repository) => Some(vec![Hand { repository, worker: workers() }]),
            Err(error) => {
                workers().problem(problem(&self.repository, "the repository".to_owned(), &error));
                None
            }
        }
    }

    fn range(&self, range: &Range, workers: &Workers<'_>) {
        let Some(mut hands) = self.first_hand(workers) else { return };
        let limits = &self.limits;
        limits.beside_commits(range, &mut hands[0]);
        let mut done = 0;
        for batch in range.commits.chunks(BATCH) {
            let steps = Mutex::new(Vec::new());
            self.share(&mut hands, workers, batch.len(), &|hand, i| {
                if let Some(step) = limits.commit(batch[i], hand) {
                    steps.lock().unwrap_or_else(PoisonError::into_inner).push(step);
                }
            });
            let steps = steps.into_inner().unwrap_or_else(PoisonError::into_inner);
            let files: Vec<(&Step, &Added)> = steps.iter().flat_map(|s| s.added.iter().map(move |a| (s, a))).collect();
            self.share(&mut hands, workers, files.len(), &|hand, i| {
                let (step, added) = files[i];
                limits.file(&hand.repository, step, added, Unit::Blob, hand.worker.as_mut());
            });
            if limits.is_late() {
                break;
            }
            done += batch.len();
        }
        if limits.is_late() {
            let detail = format!("the time allowed was over; of {} commits, {done} were looked at wholly", range.commits.len());
            hands[0].worker.problem(Problem { what: "these commits".to_owned(), kind: ProblemKind::Unfinished, detail });
        }
    }

    /// Does `job` for every number below `number`, on as many threads as that is worth.
    fn share<'w>(&self, hands: &mut Vec<Hand<'w>>, workers: &Workers<'w>, number: usize, job: &(dyn Fn(&mut Hand<'w>, usize) + Sync)) {
        while hands.len() < self.limits.threads.min(number / SHARE) {
            // Fewer threads do as well.
            let Ok(repository) = self.repository.again() else { break };
            hands.push(Hand { repository, worker: workers() });
        }
        let (next, limits) = (AtomicUsize::new(0), &self.limits);
        let work = |hand: &mut Hand<'w>| {
            while !limits.is_late() {
                match next.fetch_add(1, Ordering::Relaxed) {
                    i if i < number => job(hand, i),
                    _ => break,
                }
            }
        };
        match hands.as_mut_slice() {
            [] => {}
            [one] => work(one),
            [first, rest @ ..] => std::thread::scope(|scope| {
                for hand in rest.iter_mut().take(number / SHARE) {
                    scope.spawn(|| work(hand));
                }
                work(first);
            }),
        }
    }
}

impl Limits {
    /// What a range has beside commits, and the commits that cannot be looked at.
    fn beside_commits(&self, range: &Range, hand: &mut Hand<'_>) {
        for cut in &range.cut {
            let remedy = hand.repository.how_to_complete().map(|command| format!("; `{command}` fetches the rest")).unwrap_or_default();
            let detail = format!("this clone is shallow and ends here: what the commit adds to its parents cannot be told{remedy}");
            hand.worker.problem(Problem { what: format!("commit {}", cut.short()), kind: ProblemKind::Absent, detail });
        }
        for &tag in &range.tags {
            match hand.repository.tag_message(tag) {
                Ok(message) => self.message(ReportPath::tag_message(), &message, &Message::Tag(tag), hand.worker.as_mut()),
                Err(error) => hand.worker.problem(problem(&hand.repository, format!("tag {}", tag.short()), &error)),
            }
        }
        for (name, id) in &range.others {
            match hand.repository.bare_step(name, *id) {
                Ok(step) => {
                    self.step(&step, hand.worker.as_mut());
                    for added in &step.added {
                        self.file(&hand.repository, &step, added, Unit::Blob, hand.worker.as_mut());
                    }
                }
                Err(error) => hand.worker.problem(problem(&hand.repository, ReportPath::new(name).to_string(), &error)),
            }
        }
    }

    /// Compares a commit with its parents, and reads its message.
    fn commit(&self, id: ObjectId, hand: &mut Hand<'_>) -> Option<Step> {
        match hand.repository.step(id) {
            Ok(step) => {
                hand.worker.commit();
                self.step(&step, hand.worker.as_mut());
                let message = Message::Commit { repository: &hand.repository, step: &step, id };
                self.message(ReportPath::commit_message(), &step.message, &message, hand.worker.as_mut());
                Some(step)
            }
            Err(error) => {
                hand.worker.problem(problem(&hand.repository, format!("commit {}", id.short()), &error));
                None
            }
        }
    }

    fn message(&self, path: ReportPath, message: &[u8], change: &Message<'_>, worker: &mut dyn Worker) {
        // Whoever asks for some paths does not ask for messages.
        if !message.is_empty() && self.paths.is_empty() && self.wanted(&path, worker) {
            let mut content = message;
            worker.input(Input { path, content: &mut content, len: Some(message.len() as u64), change: Some(change) });
        }
    }

    fn is_late(&self) -> bool {
        self.deadline.is_some_and(|deadline| Instant::now() >= deadline)
    }
}

/// A message: all of it is new.
enum Message<'a> {
    Commit { repository: &'a Repository, step: &'a Step, id: ObjectId },
    Tag(ObjectId),
}

impl Change for Message<'_> {
    fn unit(&self) -> Unit {
        Unit::Message
    }

    fn before(&self, _: &mut dyn FnMut(&[u8])) -> Result<(), Problem> {
        Ok(())
    }

    fn revision(&self) -> Revision {
        match self {
            Self::Commit { repository, step, id } => {
                let url = repository.commit_url(id);
                Revision { commit: step.commit.clone(), blob: Some(*id), at_head: repository.head_has(*id), url, removed: None }
            }
            Self::Tag(id) => Revision { blob: Some(*id), ..Revision::default() },
        }
    }

    fn at_head(&self, _: &mut dyn FnMut(&[u8])) {}
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
