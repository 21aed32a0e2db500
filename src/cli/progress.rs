//! A line of progress on a terminal, for runs that take longer than a second.

use std::io::IsTerminal;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use indicatif::{HumanBytes, HumanCount, ProgressBar, ProgressStyle};

/// Shorter runs show nothing.
const PATIENCE: Duration = Duration::from_secs(1);
const TICK: Duration = Duration::from_millis(120);

/// Counts of the run, and the thread that shows them.
pub struct Progress {
    counts: Arc<Counts>,
    shower: Option<JoinHandle<()>>,
}

#[derive(Default)]
struct Counts {
    bytes: AtomicU64,
    files: AtomicU64,
    over: AtomicBool,
    lock: Mutex<()>,
    wake: Condvar,
}

impl Progress {
    /// Starts, if standard error is a terminal and `wanted`.
    pub fn start(wanted: bool) -> Option<Self> {
        if !wanted || !std::io::stderr().is_terminal() {
            return None;
        }
        let counts = Arc::new(Counts::default());
        let shown = Arc::clone(&counts);
        let shower = std::thread::Builder::new().name("progress".to_owned()).spawn(move || show(&shown)).ok();
        Some(Self { counts, shower })
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
        self.counts.over.store(true, Ordering::Relaxed);
        self.counts.wake.notify_all();
        if let Some(shower) = self.shower.take() {
            drop(shower.join());
        }
    }
}

fn show(counts: &Counts) {
    let pause = |time| {
        let guard = counts.lock.lock().unwrap_or_else(PoisonError::into_inner);
        if !counts.over.load(Ordering::Relaxed) {
            drop(counts.wake.wait_timeout(guard, time));
        }
        counts.over.load(Ordering::Relaxed)
    };
    if pause(PATIENCE) {
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
        if pause(TICK) {
            bar.finish_and_clear();
            return;
        }
    }
}
