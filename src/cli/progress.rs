//! A line of progress on a terminal, for runs that take longer than a second.

use std::io::IsTerminal;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::thread::JoinHandle;
use std::time::Duration;

use indicatif::{HumanBytes, HumanCount, ProgressBar, ProgressStyle};

/// Shorter runs show nothing.
const PATIENCE: Duration = Duration::from_secs(1);
const TICK: Duration = Duration::from_millis(120);

/// Counts of the run, and the thread that shows them.
pub struct Progress {
    counts: Arc<Counts>,
    /// Dropped when the run is over, which wakes the thread.
    running: Option<Sender<()>>,
    shower: Option<JoinHandle<()>>,
}

#[derive(Default)]
struct Counts {
    bytes: AtomicU64,
    files: AtomicU64,
}

impl Progress {
    /// Starts, if standard error is a terminal and `wanted`.
    pub fn start(wanted: bool) -> Option<Self> {
        if !wanted || !std::io::stderr().is_terminal() {
            return None;
        }
        let counts = Arc::new(Counts::default());
        let shown = Arc::clone(&counts);
        let (running, over) = mpsc::channel();
        let shower = std::thread::Builder::new().name("progress".to_owned()).spawn(move || show(&shown, &over)).ok();
        Some(Self { counts, running: Some(running), shower })
    }

    /// What workers call.
    pub fn callback(&self) -> Arc<keysift::scan::Progress> {
        let counts = Arc::clone(&self.counts);
        Arc::new(move |bytes, files| {
            counts.bytes.fetch_add(bytes, Ordering::Relaxed);
            counts.files.fetch_add(files, Ordering::Relaxed);
        })
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        drop(self.running.take());
        if let Some(shower) = self.shower.take() {
            drop(shower.join());
        }
    }
}

fn show(counts: &Counts, over: &Receiver<()>) {
    let is_over_within = |time| over.recv_timeout(time) == Err(RecvTimeoutError::Disconnected);
    if is_over_within(PATIENCE) {
        return;
    }
    let bar = ProgressBar::new_spinner();
    if let Ok(style) = ProgressStyle::with_template("{spinner} scanning: {msg} ({elapsed})") {
        bar.set_style(style);
    }
    loop {
        let (files, bytes) = (counts.files.load(Ordering::Relaxed), counts.bytes.load(Ordering::Relaxed));
        bar.set_message(format!("{} files, {}", HumanCount(files), HumanBytes(bytes)));
        bar.tick();
        if is_over_within(TICK) {
            bar.finish_and_clear();
            return;
        }
    }
}
