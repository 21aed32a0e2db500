//! `scan --history` on repositories that real git makes, and on some that it never would.

mod cache;
mod damage;
mod edits;
mod places;
mod stores;
mod telling;

use std::cell::Cell;
use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::support::{Ran, Tree};

/// 2024-01-01T00:00:00Z: the first commit of every repository is made a day later, and so is each one after it.
const BEGIN: u64 = 1_704_067_200;
const DAY: u64 = 86_400;

/// A repository in a temporary folder, made by real git in a scrubbed environment.
pub struct Repo {
    tree: Tree,
    days: Cell<u64>,
    author: Cell<&'static str>,
}

impl Repo {
    pub fn new() -> Self {
        Self::init("")
    }

    /// With words for `git init`.
    pub fn init(words: &str) -> Self {
        let repo = Self { tree: Tree::new(), days: Cell::new(0), author: Cell::new("Ada") };
        repo.git(&format!("init --quiet {words}"));
        repo
    }

    pub fn path(&self, inner: impl AsRef<Path>) -> PathBuf {
        self.tree.path(inner)
    }

    pub fn write(&self, path: impl AsRef<Path>, content: impl AsRef<[u8]>) -> &Self {
        self.tree.write(path, content);
        self
    }

    /// From now on somebody else commits.
    pub fn by(&self, author: &'static str) -> &Self {
        self.author.set(author);
        self
    }

    /// Writes a file and commits everything.
    pub fn plant(&self, path: &str, content: impl AsRef<[u8]>, message: &str) -> &Self {
        self.write(path, content).commit(message)
    }

    /// Commits everything there is.
    pub fn commit(&self, message: &str) -> &Self {
        self.git("add --all");
        self.run(["commit", "--quiet", "--allow-empty", "--message", message]);
        self
    }

    pub fn remove(&self, path: &str, message: &str) -> &Self {
        std::fs::remove_file(self.path(path)).unwrap();
        self.commit(message)
    }

    /// Runs git with these words; what it says.
    pub fn git(&self, words: &str) -> String {
        self.run(words.split_whitespace())
    }

    pub fn run(&self, args: impl IntoIterator<Item = impl AsRef<OsStr>>) -> String {
        self.feed(args, b"")
    }

    /// Runs git and gives it `input`.
    pub fn feed(&self, args: impl IntoIterator<Item = impl AsRef<OsStr>>, input: &[u8]) -> String {
        let mut command = self.command(args);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("git starts");
        child.stdin.take().expect("piped").write_all(input).expect("git reads");
        let output = child.wait_with_output().expect("git ends");
        assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8_lossy(&output.stdout).trim_end().to_owned()
    }

    /// Like [`Self::run`] where git is to fail, as with a conflict.
    pub fn fails(&self, words: &str) {
        let output = self.command(words.split_whitespace()).output().expect("git runs");
        assert!(!output.status.success(), "git {words}");
    }

    fn command(&self, args: impl IntoIterator<Item = impl AsRef<OsStr>>) -> Command {
        let args: Vec<OsString> = args.into_iter().map(|a| a.as_ref().to_owned()).collect();
        // What makes commits happens on a day of its own.
        if args.first().is_some_and(|a| ["commit", "merge", "notes", "stash"].iter().any(|verb| a == verb)) {
            self.days.set(self.days.get() + 1);
        }
        let day = self.days.get();
        let mut command = Command::new("git");
        command.env_clear().env("HOME", self.tree.home()).env("GIT_CONFIG_NOSYSTEM", "1").current_dir(self.path(""));
        for kept in ["PATH", "SystemRoot", "TEMP", "TMP"] {
            command.envs(std::env::var_os(kept).map(|value| (kept, value)));
        }
        let author = self.author.get();
        for (role, name, zone) in [("AUTHOR", author, "+0130"), ("COMMITTER", "Committer", "+0000")] {
            command.env(format!("GIT_{role}_NAME"), name);
            command.env(format!("GIT_{role}_EMAIL"), format!("{}@example.org", name.to_lowercase().replace(' ', ".")));
            command.env(format!("GIT_{role}_DATE"), format!("@{} {zone}", BEGIN + day * DAY));
        }
        for setting in [
            "init.defaultBranch=main",
            "protocol.file.allow=always",
            "core.autocrlf=false",
            "gc.auto=0",
            "maintenance.auto=false",
            "advice.detachedHead=false",
        ] {
            command.args(["-c", setting]);
        }
        command.args(args);
        command
    }

    /// `keysift scan --history` with these words, as rows with secrets shown.
    pub fn scan(&self, words: &str) -> Ran {
        let ran = self.tree.rows(&format!("--history --show-secrets {words}"));
        self.check_commits(&ran);
        ran
    }

    /// The same in another format, as everybody may see it.
    pub fn report(&self, words: &str) -> Ran {
        self.tree.keysift(&format!("scan --history {words}")).env("SOURCE_DATE_EPOCH", &(BEGIN + 400 * DAY).to_string()).run()
    }

    /// What a scan with these words tells of `secret`: a line for each place, then one for its exposure. Commits go by their subjects.
    pub fn told(&self, words: &str, secret: &str) -> Vec<String> {
        told(&self.scan(words).exits(1), secret)
    }

    /// The same for the repository's objects only: without the places in git's own text files and names of refs.
    pub fn story(&self, words: &str, secret: &str) -> Vec<String> {
        let mut lines = self.told(words, secret);
        lines.retain(|l| !l.starts_with(".git/") && !l.starts_with("<ref names>"));
        lines
    }

    /// Whether every commit in the report is what git itself says of it.
    fn check_commits(&self, ran: &Ran) {
        let mut commits: BTreeMap<String, [String; 4]> = BTreeMap::new();
        let mut note = |row: &Value| {
            let text = |key: &str| row[key].as_str().unwrap_or_default().to_owned();
            commits.insert(text("commit"), ["author", "email", "date", "subject"].map(text));
        };
        for finding in ran.findings() {
            for place in finding["occurrences"].as_array().into_iter().flatten().filter(|o| o["commit"].is_string()) {
                note(place);
            }
            for row in [&finding["exposure"]["introduced"], &finding["exposure"]["removed"]] {
                Some(row).filter(|r| r.is_object()).into_iter().for_each(&mut note);
            }
        }
        // Of tags git's log shows the commits they name.
        let ids: String = commits.keys().map(|id| format!("{id}\n")).collect();
        let kinds = self.feed(["cat-file", "--batch-check=%(objecttype) %(objectname)"], ids.as_bytes());
        for tag in kinds.lines().filter_map(|line| line.strip_prefix("tag ")) {
            commits.remove(tag);
        }
        if commits.is_empty() {
            return;
        }
        let format = "--format=%H%x00%an%x00%ae%x00%aI%x00%s".to_owned();
        let args = ["log", "--no-walk=unsorted", "--encoding=UTF-8"].map(str::to_owned).into_iter().chain([format]);
        let told = self.run(args.chain(commits.keys().cloned()));
        for line in told.lines() {
            let fields: Vec<&str> = line.split('\0').collect();
            assert_eq!(commits[fields[0]], fields[1..], "{}", fields[0]);
        }
    }
}

/// What a report tells of `secret`.
#[track_caller]
pub fn told(ran: &Ran, secret: &str) -> Vec<String> {
    let findings = ran.findings();
    let mut found = findings.iter().filter(|f| f["secret"] == secret);
    let finding = found.next().unwrap_or_else(|| panic!("{secret} is not in {ran:?}"));
    assert!(found.next().is_none(), "{secret} is found twice");
    let mut lines: Vec<String> = finding["occurrences"].as_array().unwrap().iter().map(place).collect();
    let exposure = &finding["exposure"];
    if exposure.is_object() {
        let names = |key: &str| {
            let names: Vec<&str> = exposure[key].as_array().unwrap().iter().filter_map(Value::as_str).collect();
            if names.is_empty() { String::new() } else { format!(" {key} {}", names.join(" ")) }
        };
        lines.push(format!(
            "since {}{}, {} days{};{}{}{}",
            subject(&exposure["introduced"]),
            removal(&exposure["removed"]),
            exposure["days"],
            if exposure["at_head"] == true { ", at HEAD" } else { "" },
            names("live"),
            names("refs"),
            names("tags"),
        ));
    }
    lines
}

fn subject(commit: &Value) -> &str {
    commit["subject"].as_str().unwrap_or_default()
}

fn removal(commit: &Value) -> String {
    if commit.is_object() { format!(" until {}", subject(commit)) } else { String::new() }
}

/// `path:line:column since SUBJECT until SUBJECT, at HEAD`.
fn place(place: &Value) -> String {
    let path = place["path"].as_str().unwrap();
    let since = if place["commit"].is_string() { format!(" since {}", subject(place)) } else { String::new() };
    let decoded = if place["decoded"].is_array() { format!(" {}", place["decoded"]) } else { String::new() };
    let head = if place["at_head"] == true { ", at HEAD" } else { "" };
    format!("{path}:{}:{}{decoded}{since}{}{head}", place["line"], place["column"], removal(&place["removed"]))
}
