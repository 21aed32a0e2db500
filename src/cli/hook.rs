//! `keysift hook`: what git starts.

use std::collections::HashSet;
use std::io::{self, BufRead as _, IsTerminal as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use clap::{Args, Subcommand, ValueEnum};
use keysift::git::{RangeError, Repository, Update};
use keysift::model::{Finding, ObjectId, ProblemKind, ReportPath, Scope};
use keysift::report::{self, Format, Look, Report};
use keysift::scan::{self, Outcome, Plan};
use keysift::source::{Changes, Limits, Source, Tree};

use super::changes::{self, Wanted};
use super::config::Config;
use super::scan::{wants_color, width};
use super::settings::Settings;
use super::{Exit, Failure};

/// How long after the deadline a run that does not stop by itself is ended.
const GRACE: Duration = Duration::from_millis(300);

/// Scan what a commit or push adds, as a git hook. `keysift init` installs it.
#[derive(Debug, Args)]
#[command(
    after_help = "Hooks write to standard error, and nothing where what they looked at is clean. Any exit code but 0 stops the commit or push: 1 findings, 2 wrong \
                        usage or configuration, 3 not everything could be looked at."
)]
pub struct HookArgs {
    #[command(subcommand)]
    hook: Hook,
    #[command(flatten)]
    settings: Settings,
}

#[derive(Debug, Subcommand)]
#[expect(clippy::enum_variant_names, reason = "these are their names")]
enum Hook {
    /// Scan what is staged.
    PreCommit {
        /// Only these files, where a hook manager names them; the index decides what is in them.
        #[arg(value_name = "FILE")]
        files: Vec<PathBuf>,
    },
    /// Scan what a push brings to the remote; ref lines on standard input, as git gives them.
    PrePush {
        /// The remote's name, as git gives it.
        #[arg(value_name = "REMOTE")]
        remote: Option<String>,
        /// The remote's URL, as git gives it.
        #[arg(value_name = "URL")]
        url: Option<String>,
    },
    /// On a server: scan what a push brings to this repository; ref lines on standard input, as git gives them.
    PreReceive {
        /// Stop after this time, such as 4s or 900ms.
        #[arg(long, value_name = "TIME", value_parser = duration)]
        deadline: Option<Duration>,
        /// What becomes of a push that could not be looked at wholly in that time.
        #[arg(long, value_name = "POLICY", default_value = "refuse", requires = "deadline")]
        on_deadline: Policy,
    },
}

/// What becomes of a push at the deadline.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Policy {
    /// Refuse it: otherwise a push would pass by being large.
    Refuse,
    /// Let it in, unless something was found by then.
    Allow,
}

/// Runs a hook.
pub fn run(args: &HookArgs) -> Result<Exit, Failure> {
    let speaker = Speaker { gitlab: matches!(args.hook, Hook::PreReceive { .. }) && is_gitlab() };
    args.settings.hold_threads();
    let done = match &args.hook {
        Hook::PreCommit { files } => pre_commit(args, files, speaker),
        Hook::PrePush { remote, .. } => pre_push(args, remote.as_deref(), speaker),
        Hook::PreReceive { deadline, on_deadline } => pre_receive(args, *deadline, *on_deadline, speaker),
    };
    let Err(failure) = done else { return done };
    let mut text = failure.text();
    text.push_str(&format!("keysift: {}\n", args.hook.in_spite()));
    speaker.say(&text);
    Ok(Exit::Usage)
}

fn pre_commit(args: &HookArgs, files: &[PathBuf], speaker: Speaker) -> Result<Exit, Failure> {
    // `pre-commit run --from-ref A --to-ref B` names commits, not the index.
    let wanted = match (variable("PRE_COMMIT_FROM_REF"), variable("PRE_COMMIT_TO_REF")) {
        (Some(from), Some(to)) => Wanted::Range(format!("{from}..{to}")),
        _ => Wanted::Staged,
    };
    let (changes, scope) = changes::open(&wanted, files)?;
    let empty = !changes.anything();
    // `pre-commit run --all-files`: the framework shows nothing of a hook that passes, and names no files. Git names its index to the hooks that it starts.
    if empty
        && files.is_empty()
        && variable("PRE_COMMIT").is_some()
        && variable("GIT_INDEX_FILE").is_none()
        && let Some(top) = changes.repository.worktree()
    {
        return args.scan_files(top, speaker);
    }
    let exit = args.scan(changes, scope, Hurry::default(), speaker)?;
    if empty && !files.is_empty() {
        speaker.say("keysift: the files named were not looked at, for nothing of them is staged; `keysift scan FILE…` reads files\n");
    }
    Ok(exit)
}

fn pre_push(args: &HookArgs, remote: Option<&str>, speaker: Speaker) -> Result<Exit, Failure> {
    let repository = changes::repository()?;
    let framework = framework_push(&repository).map_err(changes::no_range)?;
    let named = variable("PRE_COMMIT_REMOTE_NAME");
    let updates = match framework {
        Some(update) => vec![update],
        None => lines(Update::pushed)?,
    };
    if updates.is_empty() {
        speaker.say("keysift: nothing is pushed: standard input has no refs\n");
        return Ok(Exit::Clean);
    }
    let remote = remote.or(named.as_deref()).unwrap_or("origin");
    let range = repository.pushed(&updates, remote).map_err(changes::no_range)?;
    args.scan(Changes::commits(repository, range), Scope::Commits, Hurry::default(), speaker)
}

fn pre_receive(args: &HookArgs, deadline: Option<Duration>, policy: Policy, speaker: Speaker) -> Result<Exit, Failure> {
    let hurry = Hurry { deadline: deadline.and_then(|d| Instant::now().checked_add(d)), policy: Some(policy), ..Hurry::default() };
    if let Some(deadline) = hurry.deadline {
        watch(deadline, policy, speaker, &hurry);
    }
    let updates = lines(Update::received)?;
    let repository = changes::repository()?;
    let range = repository.received(&updates).map_err(changes::no_range)?;
    args.scan(Changes::commits(repository, range), Scope::Commits, hurry, speaker)
}

/// What the pre-commit framework says is pushed: it keeps standard input to itself.
fn framework_push(repository: &Repository) -> Result<Option<Update>, RangeError> {
    let branch = || variable("PRE_COMMIT_REMOTE_NAME").map(|_| variable("PRE_COMMIT_LOCAL_BRANCH").unwrap_or_else(|| "HEAD".to_owned()));
    let Some(tip) = variable("PRE_COMMIT_TO_REF").or_else(branch) else { return Ok(None) };
    let new = repository.revision(&tip)?;
    // An old tip that is not here excludes nothing.
    let old = variable("PRE_COMMIT_FROM_REF").and_then(|from| repository.revision(&from).ok());
    Ok(Some(Update { old: old.unwrap_or(ObjectId::ZERO), new, name: tip.into_bytes() }))
}

/// The ref lines of standard input. A line that git would not write ends the run: what is not understood is not passed over.
fn lines(parse: fn(&[u8]) -> Result<Update, RangeError>) -> Result<Vec<Update>, Failure> {
    if io::stdin().is_terminal() {
        return Err(Failure::new("this hook reads refs from standard input").help("git starts it; `keysift init` installs it"));
    }
    let mut updates = Vec::new();
    for line in io::stdin().lock().split(b'\n') {
        let line = line.map_err(|e| Failure::new(format!("standard input: {e}")))?;
        if !line.trim_ascii().is_empty() {
            updates.push(parse(line.trim_ascii_end()).map_err(changes::no_range)?);
        }
    }
    Ok(updates)
}

/// How long a run may take, and what follows if that is not enough.
#[derive(Debug, Default)]
struct Hurry {
    deadline: Option<Instant>,
    policy: Option<Policy>,
    /// Whether all that time allows was looked at. Held locked by whoever decides how the run ends.
    looked: Arc<Mutex<bool>>,
    /// Whether something was found.
    alarm: Arc<AtomicBool>,
}

impl Hurry {
    /// What was found decides from now on, not the clock: a push must not be let in while its findings are told.
    fn looked(&self) {
        *self.looked.lock().unwrap_or_else(PoisonError::into_inner) = true;
    }
}

/// Ends the process if it has not looked at everything in time: one huge blob can hold a scan up for longer than the server waits.
fn watch(deadline: Instant, policy: Policy, speaker: Speaker, hurry: &Hurry) {
    let (looked, alarm) = (Arc::clone(&hurry.looked), Arc::clone(&hurry.alarm));
    std::thread::spawn(move || {
        std::thread::sleep((deadline + GRACE).saturating_duration_since(Instant::now()));
        let looked = looked.lock().unwrap_or_else(PoisonError::into_inner);
        if *looked {
            return;
        }
        let (words, code) = policy.end(alarm.load(Ordering::Relaxed));
        speaker.say(&format!("keysift: the time allowed was over before all of this push was looked at\n{words}\n"));
        std::process::exit(code);
    });
}

impl Policy {
    /// What is said where the time is over, and the exit code. What was `found` would take longer to tell than there is time.
    const fn end(self, found: bool) -> (&'static str, i32) {
        match self {
            _ if found => ("keysift: what was looked at holds a secret, so it is refused; `keysift scan --range` on your side shows it", 1),
            Self::Refuse => (self.words(), 3),
            Self::Allow => (self.words(), 0),
        }
    }

    const fn words(self) -> &'static str {
        match self {
            Self::Refuse => {
                "keysift: it is refused. Push fewer commits at a time (git push REMOTE COMMIT:BRANCH), or ask whoever runs the server for a longer --deadline"
            }
            Self::Allow => "keysift: it is let in all the same, as this server's --on-deadline says",
        }
    }
}

impl HookArgs {
    fn scan(&self, mut changes: Changes, scope: Scope, hurry: Hurry, speaker: Speaker) -> Result<Exit, Failure> {
        let config = self.settings.config()?;
        changes.limits = Limits {
            filter: self.settings.filter(&config, &[])?.of_repository(&changes.repository),
            max_file_size: self.settings.max_file_size(&config)?,
            threads: self.settings.threads(),
            deadline: hurry.deadline,
            ..changes.limits
        };
        self.run(&config, &changes, scope, hurry, speaker)
    }

    /// Scans the files below `top`, where nothing else is asked for.
    fn scan_files(&self, top: &Path, speaker: Speaker) -> Result<Exit, Failure> {
        let config = self.settings.config()?;
        let tree = Tree {
            filter: self.settings.filter(&config, &[])?,
            max_file_size: self.settings.max_file_size(&config)?,
            threads: self.settings.threads(),
            ..Tree::new(vec![top.to_owned()])
        };
        self.run(&config, &tree, Scope::Files, Hurry::default(), speaker)
    }

    fn run(&self, config: &Config, source: &dyn Source, scope: Scope, hurry: Hurry, speaker: Speaker) -> Result<Exit, Failure> {
        let plan = Plan { alarm: Some(Arc::clone(&hurry.alarm)), ..self.settings.plan(config)? };
        let mut outcome = scan::run(&plan, &[source]);
        hurry.looked();
        outcome.summary.scope = scope;
        Ok(self.tell(&plan, &outcome, hurry.policy, speaker))
    }

    fn tell(&self, plan: &Plan, outcome: &Outcome, policy: Option<Policy>, speaker: Speaker) -> Exit {
        let summary = &outcome.summary;
        let rules = plan.engine.rules().infos();
        let report = Report { findings: &outcome.findings, summary, rules: &rules };
        let look = Look { color: !speaker.gitlab && wants_color(io::stderr().is_terminal()), width: width(), ..Look::default() };
        let mut text = Vec::new();
        // Writing to memory does not fail.
        drop(report::reporter(Format::Text, look).write(&report, &mut text));
        let mut text = String::from_utf8_lossy(&text).into_owned();
        for line in report::problem_lines(&report) {
            text.push_str(&format!("{line}\n"));
        }
        let late = |p: &keysift::model::Problem| p.kind == ProblemKind::Unfinished;
        let exit = match (outcome.findings.is_empty(), policy) {
            (false, _) => Exit::Findings(1),
            (true, _) if summary.problems.is_empty() => Exit::Clean,
            (true, Some(Policy::Allow)) if summary.problems.iter().all(late) => Exit::Clean,
            (true, _) => Exit::Incomplete,
        };
        // Nobody wants to read at every commit that all is well; that nothing was looked at is another matter.
        if exit != Exit::Clean || !summary.problems.is_empty() || summary.coverage.is_nothing() {
            text.push_str(&format!("{}\n", report::summary_line(&report, plan.min_confidence)));
        }
        if exit == Exit::Findings(1) {
            text.push_str(&self.hook.mend(summary.scope, &outcome.findings));
        } else if let (true, Some(policy)) = (summary.problems.iter().any(late), policy) {
            text.push_str(&format!("{}\n", policy.words()));
        } else if exit == Exit::Incomplete {
            text.push_str(&format!("keysift: {}\n", self.hook.in_spite()));
        }
        speaker.say(&text);
        exit
    }
}

impl Hook {
    /// What to do about findings.
    fn mend(&self, scope: Scope, findings: &[Finding]) -> String {
        let text = match self {
            // The pre-commit framework can run it over commits that there are.
            Self::PreCommit { .. } if scope == Scope::Commits => {
                "keysift: a new commit does not take a value out of an old one: change the commit that brought it (git rebase -i COMMIT^). Where it \
                 was pushed already, revoke it first.\n"
            }
            Self::PreCommit { .. } if scope == Scope::Files => {
                "keysift: nothing is staged, so all files were scanned. Revoke what was committed where it was issued, then take it out of the files.\n"
            }
            Self::PreCommit { .. } => {
                "keysift: the commit was stopped; nothing has left this machine. Move the value to where secrets are kept, `git add` the file and \
                 commit again.\nkeysift: if it is none, `keysift explain FILE:LINE` says why it was taken for one.\n"
            }
            Self::PrePush { .. } => {
                return format!("keysift: the push was stopped; nothing has left this machine. {}\n", before_pushing_again(findings));
            }
            Self::PreReceive { .. } => {
                return format!(
                    "keysift: the push was refused, and none of it is kept here. {}\nkeysift: if anybody else may have seen the value, revoke it.\n",
                    before_pushing_again(findings)
                );
            }
        };
        text.to_owned()
    }

    /// How to go on where the trouble is ours.
    fn in_spite(&self) -> &'static str {
        match self {
            Self::PreCommit { .. } => {
                "the commit was stopped because it could not be looked at; `git commit --no-verify` commits without this check"
            }
            Self::PrePush { .. } => {
                "the push was stopped because it could not be looked at; `git push --no-verify` pushes without this check"
            }
            Self::PreReceive { .. } => "the push was refused because it could not be looked at; whoever runs this server can tell more",
        }
    }
}

/// How to take what was found out of what is pushed: commits, tags and names are mended each in its own way.
fn before_pushing_again(findings: &[Finding]) -> String {
    const COMMIT: &str = "A new commit does not take a value out of an old one: change the commit that brought it (git commit --amend, git rebase -i \
                          COMMIT^), then push again.";
    const TAG: &str = "What is in a tag's message goes with the tag alone: delete it (git tag -d TAG), make it anew and push again; where a remote has \
                       it already, delete it there, too (git push REMOTE --delete TAG).";
    const NAME: &str =
        "Everybody who fetches reads the names of branches and tags: give it another one (git branch -m OLD NEW), then push again.";
    let advice = |finding: &Finding| {
        let of = |path: &[u8]| match path {
            ReportPath::TAG_MESSAGE => TAG,
            ReportPath::REF_NAMES => NAME,
            _ => COMMIT,
        };
        finding.occurrences.iter().map(|o| of(o.path.as_bytes())).collect::<Vec<_>>()
    };
    let given: HashSet<&str> = findings.iter().flat_map(advice).collect();
    [COMMIT, TAG, NAME].into_iter().filter(|text| given.contains(text)).collect::<Vec<_>>().join(" ")
}

/// Speaks to whoever commits or pushes.
#[derive(Clone, Copy, Debug)]
struct Speaker {
    /// GitLab shows the lines in its web interface that begin with a word of its own.
    gitlab: bool,
}

impl Speaker {
    fn say(self, text: &str) {
        let text = match self.gitlab {
            true => text.lines().map(|line| format!("GL-HOOK-ERR: {line}\n")).collect(),
            false => text.to_owned(),
        };
        // Where standard error is gone, the exit code still tells.
        drop(io::stderr().write_all(text.as_bytes()));
    }
}

fn is_gitlab() -> bool {
    ["GL_ID", "GL_REPOSITORY", "GL_PROTOCOL", "GL_PROJECT_PATH"].iter().any(|name| variable(name).is_some())
}

/// A variable that is set to something.
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|v| !v.is_empty())
}

/// `4s`, `900ms`, `1m`; a bare number is seconds.
fn duration(text: &str) -> Result<Duration, String> {
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let number: f64 = digits.parse().map_err(|_| format!("{text:?} is no time; write 4s or 900ms"))?;
    let seconds = match &text[digits.len()..] {
        "" | "s" => number,
        "ms" => number / 1000.0,
        "m" => number * 60.0,
        _ => return Err(format!("{text:?} is no time; write 4s or 900ms")),
    };
    Duration::try_from_secs_f64(seconds).map_err(|e| e.to_string())
}

#[cfg(test)]
mod tests {
    use super::{Policy, duration};
    use std::time::Duration;

    #[test]
    fn no_policy_lets_in_what_was_found() {
        let code = |policy: Policy, found| policy.end(found).1;
        assert_eq!((code(Policy::Allow, false), code(Policy::Allow, true)), (0, 1));
        assert_eq!((code(Policy::Refuse, false), code(Policy::Refuse, true)), (3, 1));
    }

    #[test]
    fn times() {
        assert_eq!(duration("4s"), Ok(Duration::from_secs(4)));
        assert_eq!(duration("4.5"), Ok(Duration::from_millis(4500)));
        assert_eq!(duration("900ms"), Ok(Duration::from_millis(900)));
        assert_eq!(duration("1m"), Ok(Duration::from_secs(60)));
        for wrong in ["", "s", "4h", "-1s", "NaN", "inf", "1e400"] {
            assert!(duration(wrong).is_err(), "{wrong}");
        }
    }
}
