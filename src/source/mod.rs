//! Where bytes come from. A source drives its own threads and pushes inputs to workers, which read and scan them.

mod changes;
mod filter;
mod tree;

use std::io::Read;

pub use changes::{Changes, Limits, lies_in};
pub use filter::{Filter, FilterError};
pub use tree::{Tree, surroundings};

use crate::model::{Problem, ReportPath, Revision, SkipReason};

/// Something to read and scan.
pub struct Input<'a> {
    /// Its name in reports.
    pub path: ReportPath,
    /// Its bytes.
    pub content: &'a mut dyn Read,
    /// How many bytes there were when it was opened; `None` for a stream.
    pub len: Option<u64>,
    /// For what a change made: only what it adds counts. All of it counts where there is none.
    pub change: Option<&'a dyn Change>,
}

/// What tells the lines that a change adds from those that were there before. Nothing of it is asked about an input in which nothing is found.
pub trait Change {
    /// What the input counts as.
    fn unit(&self) -> Unit;
    /// Calls `each` with every content that was there before.
    ///
    /// # Errors
    /// Some of it cannot be read.
    fn before(&self, each: &mut dyn FnMut(&[u8])) -> Result<(), Problem>;
    /// Whose change it is; at `HEAD` where that has the input just as it is.
    fn revision(&self) -> Revision;
    /// Calls `each` with what `HEAD` has in place of the input, if that is something else.
    fn at_head(&self, each: &mut dyn FnMut(&[u8]));
}

/// What an input counts as in the summary.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// A file.
    File,
    /// A blob of a commit.
    Blob,
    /// A message: a part of the commit, which counts itself.
    Message,
}

/// Takes what a source finds. One a thread; it merges what it has learnt when it is dropped.
pub trait Worker: Send {
    /// Reads and scans `input`.
    fn input(&mut self, input: Input<'_>);
    /// Counts a commit whose changes are looked at.
    fn commit(&mut self);
    /// Counts something left out on purpose.
    fn skip(&mut self, reason: SkipReason, path: ReportPath);
    /// Notes something that should have been scanned and was not.
    fn problem(&mut self, problem: Problem);
}

/// Makes workers, one for each thread of a source.
pub type Workers<'a> = dyn Fn() -> Box<dyn Worker + 'a> + Sync + 'a;

/// Somewhere bytes come from.
pub trait Source {
    /// Pushes everything to workers, on as many threads as the source sees fit, and returns when all is done.
    fn run(&self, workers: &Workers<'_>);
}

/// Standard input, or any other stream.
pub struct Stream {
    /// Its name in reports.
    pub path: ReportPath,
    /// Makes the reader; called once a run.
    pub open: Box<dyn Fn() -> Box<dyn Read>>,
}

impl Source for Stream {
    fn run(&self, workers: &Workers<'_>) {
        let mut reader = (self.open)();
        workers().input(Input { path: self.path.clone(), content: &mut reader, len: None, change: None });
    }
}
