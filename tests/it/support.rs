//! What tests share: a folder, the real binary in a scrubbed environment, and what it said.

use std::ffi::OsStr;
use std::fs;
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use keysift::rules::template::fill;
use serde_json::Value;
use tempfile::TempDir;

/// Longer than any run takes: whatever has not ended by then hangs.
const PATIENCE: Duration = Duration::from_secs(240);

/// What most tests mean by "a secret": its check digits prove it.
pub const GITHUB: &str = "ghp_{{base62:30}}{{crc32_base62:6}}";

/// A GitHub token, another one for each seed.
pub fn token(seed: impl ToString) -> String {
    filled(GITHUB, seed)
}

/// A template, filled.
pub fn filled(template: &str, seed: impl ToString) -> String {
    fill(template, &seed.to_string()).expect("the template is well-formed")
}

/// A temporary folder with a tree to scan, and an empty home beside it.
pub struct Tree {
    folder: TempDir,
}

impl Tree {
    pub fn new() -> Self {
        let folder = tempfile::Builder::new().prefix("keysift-it-").tempdir().expect("a temporary folder");
        fs::create_dir(folder.path().join("home")).expect("a home");
        fs::create_dir(folder.path().join("tree")).expect("a tree");
        Self { folder }
    }

    /// A tree with a GitHub token at `leak.env:2:7`.
    pub fn leaky() -> Self {
        Self::new().file("leak.env", format!("# deployment\nTOKEN={}\n", token("leak")))
    }

    /// A tree without any secret.
    pub fn clean() -> Self {
        Self::new().file("notes.txt", "nothing to see here\n")
    }

    /// Writes a file, and the folders above it.
    pub fn file(self, path: impl AsRef<Path>, content: impl AsRef<[u8]>) -> Self {
        self.write(path, content);
        self
    }

    pub fn write(&self, path: impl AsRef<Path>, content: impl AsRef<[u8]>) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().expect("a file has a folder")).expect("folders");
        fs::write(path, content).expect("a file");
    }

    /// The full path of something in the tree.
    pub fn path(&self, inner: impl AsRef<Path>) -> PathBuf {
        self.folder.path().join("tree").join(inner)
    }

    pub fn home(&self) -> PathBuf {
        self.folder.path().join("home")
    }

    /// A command of keysift's in this tree, its words separated by spaces.
    pub fn keysift(&self, words: &str) -> Keysift {
        let binary = PathBuf::from(env!("CARGO_BIN_EXE_keysift"));
        Keysift { command: self.command(&binary).args(words.split_whitespace()), stdin: None, peak: false }
    }

    /// `keysift scan` with these words, run.
    pub fn scan(&self, words: &str) -> Ran {
        self.keysift(&format!("scan {words}")).run()
    }

    /// `keysift scan --format jsonl` with these words, run.
    pub fn rows(&self, words: &str) -> Ran {
        self.scan(&format!("--format jsonl {words}"))
    }

    /// What keysift finds, as `rule path:line:column`.
    pub fn places(&self, words: &str) -> Vec<String> {
        self.rows(words).places()
    }

    /// Runs git in the tree: its own settings, a fixed person and time.
    pub fn git(&self, words: &str) {
        self.git_in(".", words);
    }

    pub fn git_in(&self, folder: &str, words: &str) {
        let ran = self.try_git(folder, &words.split_whitespace().collect::<Vec<_>>(), &[]);
        assert!(ran.status.success(), "git {words}: {}", String::from_utf8_lossy(&ran.stderr));
    }

    /// What git prints, without the end of its last line.
    pub fn git_says(&self, folder: &str, words: &str) -> String {
        let ran = self.try_git(folder, &words.split_whitespace().collect::<Vec<_>>(), &[]);
        assert!(ran.status.success(), "git {words}: {}", String::from_utf8_lossy(&ran.stderr));
        String::from_utf8(ran.stdout).expect("UTF-8").trim_end().to_owned()
    }

    /// Runs git, which may fail.
    pub fn try_git(&self, folder: &str, words: &[&str], variables: &[(&str, &str)]) -> Output {
        let mut command = self.command(Path::new("git")).0;
        let who = ["AUTHOR", "COMMITTER"].into_iter().flat_map(|role| {
            [("NAME", "Ada"), ("EMAIL", "ada@example.org"), ("DATE", "2026-01-01T00:00:00Z")]
                .map(|(key, value)| (format!("GIT_{role}_{key}"), value))
        });
        let settings = ["init.defaultBranch=main", "protocol.file.allow=always", "advice.detachedHead=false"];
        command.envs(who).env("GIT_CONFIG_NOSYSTEM", "1").envs(variables.iter().copied());
        command.args(settings.iter().flat_map(|s| ["-c", s])).args(words);
        command.current_dir(self.path(folder)).stdin(Stdio::null()).output().expect("git runs")
    }

    fn command(&self, program: &Path) -> Words {
        let mut command = Command::new(program);
        command.env_clear().env("HOME", self.home()).current_dir(self.path(""));
        for kept in ["PATH", "SystemRoot", "TEMP", "TMP"] {
            if let Some(value) = std::env::var_os(kept) {
                command.env(kept, value);
            }
        }
        Words(command)
    }
}

/// A command under construction.
struct Words(Command);

impl Words {
    fn args(mut self, words: impl IntoIterator<Item = impl AsRef<OsStr>>) -> Self {
        self.0.args(words);
        self
    }
}

/// A run of keysift to be.
pub struct Keysift {
    command: Words,
    stdin: Option<Vec<u8>>,
    peak: bool,
}

impl Keysift {
    /// An argument that may hold anything.
    pub fn arg(mut self, word: impl AsRef<OsStr>) -> Self {
        self.command = self.command.args([word]);
        self
    }

    pub fn env(mut self, name: &str, value: &str) -> Self {
        self.command.0.env(name, value);
        self
    }

    pub fn within(mut self, folder: impl AsRef<Path>) -> Self {
        self.command.0.current_dir(folder);
        self
    }

    pub fn stdin(mut self, bytes: impl Into<Vec<u8>>) -> Self {
        self.stdin = Some(bytes.into());
        self
    }

    /// Notes how much memory the run takes at most.
    pub fn peak(mut self) -> Self {
        self.peak = true;
        self
    }

    /// The command itself, for what nothing here covers.
    pub fn raw(self) -> Command {
        self.command.0
    }

    /// As a user who may read only what all may: root may read everything, so what is unreadable is so for others only.
    #[cfg(unix)]
    pub fn unprivileged(mut self, tree: &Tree) -> Self {
        use std::os::unix::fs::PermissionsExt as _;
        use std::os::unix::process::CommandExt as _;
        // SAFETY: it only returns a number.
        if unsafe { libc::geteuid() } != 0 {
            return self;
        }
        // Where the build folder is, that user may not be allowed to go.
        let binary = tree.folder.path().join("keysift");
        fs::copy(env!("CARGO_BIN_EXE_keysift"), &binary).expect("a copy of the binary");
        for path in [tree.folder.path(), &tree.home(), &binary] {
            fs::set_permissions(path, fs::Permissions::from_mode(0o755)).expect("permissions");
        }
        let args: Vec<_> = self.command.0.get_args().map(OsStr::to_owned).collect();
        let folder = self.command.0.get_current_dir().map(Path::to_owned);
        self.command = tree.command(&binary).args(args);
        self.command.0.uid(65534).gid(65534);
        if let Some(folder) = folder {
            self.command.0.current_dir(folder);
        }
        self
    }

    pub fn run(self) -> Ran {
        let Self { command: Words(mut command), stdin, peak } = self;
        let input = if stdin.is_some() { Stdio::piped() } else { Stdio::null() };
        let mut child = started(command.stdin(input).stdout(Stdio::piped()).stderr(Stdio::piped()));
        let (mut out, mut err) = (child.stdout.take().expect("piped"), child.stderr.take().expect("piped"));
        let pipe = child.stdin.take();
        let high = AtomicU64::new(0);
        std::thread::scope(|scope| {
            if let (Some(mut pipe), Some(bytes)) = (pipe, stdin) {
                // A run that needs no more of it may close it early.
                scope.spawn(move || drop(pipe.write_all(&bytes)));
            }
            let out = scope.spawn(move || {
                let mut bytes = Vec::new();
                out.read_to_end(&mut bytes).map(|_| bytes)
            });
            let err = scope.spawn(move || {
                let mut bytes = Vec::new();
                err.read_to_end(&mut bytes).map(|_| bytes)
            });
            let code = wait(&mut child, peak.then_some(&high));
            let read =
                |handle: std::thread::ScopedJoinHandle<'_, std::io::Result<Vec<u8>>>| handle.join().expect("no panic").expect("readable");
            let (out, err) = (read(out), String::from_utf8(read(err)).expect("standard error is UTF-8"));
            Ran { code, out: String::from_utf8(out).expect("a report is UTF-8"), err, peak: high.load(Ordering::Relaxed) }
        })
    }
}

/// Starts it. A copy of the binary is busy while a process that another test has just started still holds it open for writing.
fn started(command: &mut Command) -> Child {
    loop {
        match command.spawn() {
            Err(error) if error.kind() == std::io::ErrorKind::ExecutableFileBusy => std::thread::sleep(Duration::from_millis(5)),
            other => return other.expect("keysift starts"),
        }
    }
}

/// The exit code; kills what hangs.
fn wait(child: &mut Child, peak: Option<&AtomicU64>) -> Option<i32> {
    let begin = Instant::now();
    let mut pause = Duration::from_micros(500);
    loop {
        if let Some(status) = child.try_wait().expect("a child can be waited for") {
            return status.code();
        }
        if begin.elapsed() > PATIENCE {
            drop(child.kill());
            panic!("keysift hangs");
        }
        if let Some(peak) = peak {
            peak.fetch_max(high_water(child.id()), Ordering::Relaxed);
        }
        std::thread::sleep(pause);
        pause = (pause * 2).min(Duration::from_millis(4));
    }
}

/// The most memory a process has had so far, in bytes, where the system tells.
fn high_water(pid: u32) -> u64 {
    // For a moment a child still is what started it, with all that holds.
    if fs::read_link(format!("/proc/{pid}/exe")).ok() == std::env::current_exe().ok() {
        return 0;
    }
    let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let line = status.lines().find_map(|l| l.strip_prefix("VmHWM:"));
    line.and_then(|l| l.trim().trim_end_matches(" kB").parse::<u64>().ok()).unwrap_or(0) * 1024
}

/// What a run left behind.
#[derive(Debug)]
pub struct Ran {
    /// `None` where a signal ended it.
    pub code: Option<i32>,
    pub out: String,
    pub err: String,
    /// Bytes of memory at most, where that was asked for.
    pub peak: u64,
}

impl Ran {
    /// Asserts the exit code.
    #[track_caller]
    pub fn exits(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "{self:?}");
        self
    }

    /// Asserts that standard error has `text`.
    #[track_caller]
    pub fn says(self, text: &str) -> Self {
        assert!(self.err.contains(text), "{text:?} is not in {self:?}");
        self
    }

    /// The rows of a JSON Lines report.
    #[track_caller]
    fn rows(&self, kind: &str) -> Vec<Value> {
        let parse = |line| serde_json::from_str(line).unwrap_or_else(|e| panic!("{e} in {self:?}"));
        self.out.lines().map(parse).filter(|row: &Value| row["type"] == kind).collect()
    }

    #[track_caller]
    pub fn findings(&self) -> Vec<Value> {
        self.rows("finding")
    }

    #[track_caller]
    pub fn summary(&self) -> Value {
        self.rows("summary").pop().unwrap_or_else(|| panic!("no summary in {self:?}"))
    }

    /// How many were left out for this reason.
    #[track_caller]
    pub fn skipped(&self, reason: &str) -> u64 {
        self.summary()["skipped"][reason]["count"].as_u64().unwrap_or(0)
    }

    /// The kinds of the problems, sorted as in the summary, with what each is about.
    #[track_caller]
    pub fn problems(&self) -> Vec<String> {
        let text = |v: &Value| v.as_str().unwrap_or_default().to_owned();
        self.summary()["problems"].as_array().into_iter().flatten().map(|p| format!("{} {}", text(&p["kind"]), text(&p["what"]))).collect()
    }

    /// Every occurrence as `rule path:line:column`, in the report's order.
    #[track_caller]
    pub fn places(&self) -> Vec<String> {
        let of = |f: &Value| {
            let rule = f["rule_id"].as_str().unwrap_or_default().to_owned();
            let occurrences = f["occurrences"].as_array().cloned().unwrap_or_default();
            occurrences.into_iter().map(move |o| format!("{rule} {}:{}:{}", o["path"].as_str().unwrap_or_default(), o["line"], o["column"]))
        };
        self.findings().iter().flat_map(of).collect()
    }

    /// The paths with findings, sorted, each once.
    #[track_caller]
    pub fn paths(&self) -> Vec<String> {
        let findings = self.findings();
        let occurrences = findings.iter().filter_map(|f| f["occurrences"].as_array()).flatten();
        let mut paths: Vec<String> = occurrences.filter_map(|o| o["path"].as_str().map(str::to_owned)).collect();
        paths.sort();
        paths.dedup();
        paths
    }

    /// The last line on standard error.
    pub fn last(&self) -> &str {
        self.err.lines().last().unwrap_or_default()
    }
}
