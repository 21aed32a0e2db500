//! `keysift scan`.

use std::fs::File;
use std::io::{self, IsTerminal, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::{Args, ValueEnum};
use keysift::git::Repository;
use keysift::model::{ReportPath, Scope, system_words};
use keysift::report::output::Access;
use keysift::report::{self, Format, Look, Report, escape};
use keysift::scan::{self, History, Outcome, Plan};
use keysift::source::{Limits, Source, Stream, Tree};

use super::changes::{self, Wanted};
use super::config::Config;
use super::progress::Progress;
use super::settings::{Settings, one_of};
use super::target::Targets;
use super::{Exit, Failure};

/// Scan files, folders, streams, histories or changes for credentials.
#[derive(Debug, Args)]
#[command(
    after_help = "Exit codes: 0 clean, 1 findings, 2 wrong usage or configuration, 3 nothing found but not everything could be looked at."
)]
pub struct ScanArgs {
    /// Files and folders, `-` for standard input; repositories with --history; the working folder where none is given.
    #[arg(value_name = "PATH")]
    paths: Vec<PathBuf>,

    /// Scan everything the repositories hold, in place of files: every blob, message, tag, stash and lost object.
    #[arg(long, help_heading = "History", conflicts_with_all = ["staged", "range", "since", "no_ignore", "follow_links"])]
    history: bool,
    /// With --history: all objects, also those that no ref reaches; the default.
    #[arg(long, requires = "history", conflicts_with = "reachable", help_heading = "History")]
    all_objects: bool,
    /// With --history: report only what HEAD or a ref reaches.
    #[arg(long, requires = "history", help_heading = "History")]
    reachable: bool,
    /// With --history: skip what an earlier run found clean, remembered in this folder [default: the user's cache folder].
    #[arg(long, value_name = "FOLDER", requires = "history", num_args = 0..=1, require_equals = true, help_heading = "History")]
    cache: Option<Option<PathBuf>>,
    /// With --history: scan every object with and without its delta, and fail where the outcome differs.
    #[arg(long, requires = "history", hide = true)]
    verify_deltas: bool,
    /// Scan what is staged, and report what it adds; PATHs narrow it down.
    #[arg(long, help_heading = "Changes", conflicts_with_all = ["range", "since", "no_ignore", "follow_links"])]
    staged: bool,
    /// Scan what commits add: A..B for what B has and A has not, A...B for what B adds since they parted, A for that commit alone.
    #[arg(long, value_name = "RANGE", help_heading = "Changes", conflicts_with_all = ["since", "no_ignore", "follow_links"])]
    range: Option<String>,
    /// Scan what HEAD adds to a revision, or since a date such as 2024-05-01 or `2 weeks ago`.
    #[arg(long, value_name = "REF|DATE", help_heading = "Changes", conflicts_with_all = ["no_ignore", "follow_links"])]
    since: Option<String>,

    /// How the report is written.
    #[arg(short, long, value_name = "FORMAT", default_value_t, help_heading = "Report", value_parser = one_of(Format::ALL, Format::name))]
    format: Format,
    /// Write the report to a file, whole or not at all, instead of to standard output (-).
    #[arg(short, long, value_name = "FILE", help_heading = "Report")]
    output: Option<PathBuf>,
    #[command(flatten)]
    settings: Settings,
    /// Show secrets unmasked, in text, JSON and JSON Lines, in names of files and refs as well; mind where the report goes.
    #[arg(long, help_heading = "Report")]
    show_secrets: bool,
    /// How many further places of a secret the text report lists.
    #[arg(long, value_name = "N", default_value_t = Look::default().occurrences, help_heading = "Report")]
    occurrences: usize,
    /// Colours in the text report.
    #[arg(long, value_name = "WHEN", default_value = "auto", help_heading = "Report")]
    color: ColorArg,
    /// Exit code for findings, in place of 1.
    #[arg(long, value_name = "N", default_value_t = 1, help_heading = "Report")]
    exit_code: u8,
    /// No progress and, unless something could not be looked at, no summary.
    #[arg(short, long, help_heading = "Report")]
    quiet: bool,
    /// Print where hits and time went to standard error.
    #[arg(long, help_heading = "Report")]
    stats: bool,

    /// Scan only files that match this glob, or lie in a folder that does; may be repeated.
    #[arg(long, value_name = "GLOB", help_heading = "Files")]
    include: Vec<String>,
    /// Scan what ignore files name, too.
    #[arg(long, help_heading = "Files")]
    no_ignore: bool,
    /// Follow symbolic links, but never out of the folder that is scanned.
    #[arg(long, help_heading = "Files")]
    follow_links: bool,
}

impl ScanArgs {
    /// Whether the report holds secrets in the clear: none in SARIF does.
    fn shows_secrets(&self) -> bool {
        self.show_secrets && self.format != Format::Sarif
    }

    /// The file that the report goes to, if it is one.
    fn output(&self) -> Option<&Path> {
        self.output.as_deref().filter(|path| path.as_os_str() != "-")
    }

    /// The changes asked for, if it is changes.
    fn changes(&self) -> Option<Wanted> {
        let range = self.range.clone().map(Wanted::Range).or_else(|| self.since.clone().map(Wanted::Since));
        range.or_else(|| self.staged.then_some(Wanted::Staged))
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum ColorArg {
    Auto,
    Always,
    Never,
}

/// Scans and reports.
pub fn run(args: &ScanArgs) -> Result<Exit, Failure> {
    if let Some(output) = args.output() {
        report::output::check(output).map_err(Failure::new)?;
    }
    args.settings.hold_threads();
    let config = args.settings.config()?;
    let histories = if args.history { histories(args, &config)? } else { Vec::new() };
    let (sources, scope, prefix) = if args.history { (Vec::new(), Scope::History, String::new()) } else { sources(args, &config)? };
    let progress = Progress::start(!args.quiet);
    let plan = Plan {
        stats: args.stats,
        names_in_clear: args.shows_secrets(),
        progress: progress.as_ref().map(Progress::callback),
        ..args.settings.plan(&config)?
    };
    let sources: Vec<&dyn Source> = sources.iter().map(AsRef::as_ref).collect();
    let mut outcome = scan::run_with_histories(&plan, &sources, &histories);
    drop(progress);
    outcome.summary.prefix = prefix;
    outcome.summary.scope = scope;
    let rules = plan.engine.rules().infos();
    let report = Report { findings: &outcome.findings, summary: &outcome.summary, rules: &rules };
    Ok(Done { args, config: &config, plan: &plan, outcome: &outcome, report }.told())
}

/// What to scan, what the last line calls it, and the path within the repository that its paths are relative to.
type Selection = (Vec<Box<dyn Source>>, Scope, String);

fn sources(args: &ScanArgs, config: &Config) -> Result<Selection, Failure> {
    let settings = &args.settings;
    let (filter, max_file_size, threads) = (settings.filter(config, &args.include)?, settings.max_file_size(config)?, settings.threads());
    if let Some(wanted) = args.changes() {
        let (mut changes, scope) = changes::open(&wanted, &args.paths)?;
        changes.limits = Limits { filter: filter.of_repository(&changes.repository), max_file_size, threads, ..changes.limits };
        return Ok((vec![Box::new(changes)], scope, String::new()));
    }
    let targets = Targets::of(&args.paths)?;
    let mut sources: Vec<Box<dyn Source>> = Vec::new();
    if !targets.paths.is_empty() {
        sources.push(Box::new(Tree {
            roots: targets.paths.clone(),
            ignore: !args.no_ignore,
            follow_links: args.follow_links,
            max_file_size,
            filter,
            threads,
        }));
    }
    if targets.stdin {
        sources.push(Box::new(Stream { path: ReportPath::stdin(), open: Box::new(|| Box::new(io::stdin())) }));
    }
    for path in &targets.pipes {
        // Whoever names one wants what comes out of it.
        let pipe = Arc::new(File::open(path).map_err(|e| Failure::new(format!("{}: {}", path.display(), system_words(&e))))?);
        sources.push(Box::new(Stream { path: ReportPath::as_given(path), open: Box::new(move || Box::new(Arc::clone(&pipe))) }));
    }
    Ok((sources, Scope::Files, targets.prefix()))
}

fn histories(args: &ScanArgs, config: &Config) -> Result<Vec<History>, Failure> {
    let here = [PathBuf::from(".")];
    let paths = if args.paths.is_empty() { &here[..] } else { &args.paths };
    let open = |path: &PathBuf| {
        if path.as_os_str() == "-" {
            return Err(Failure::new("--history reads repositories, not standard input"));
        }
        if !path.exists() {
            return Err(Failure::new(format!("{}: no such file or folder", path.display())));
        }
        let repository = Repository::open(path).map_err(Failure::new)?;
        if path.is_file() {
            let what = format!("{} is a file, and --history scans whole repositories", path.display());
            return Err(Failure::new(what).help("leave the path out, and narrow the report down with --include"));
        }
        let plain = History::new(repository);
        let name = path.display().to_string();
        Ok(History {
            prefix: if paths.len() > 1 { format!("{}/", name.trim_end_matches('/')) } else { String::new() },
            filter: args.settings.filter(config, &args.include)?.of_repository(&plain.repository),
            max_file_size: args.settings.max_file_size(config)?,
            reachable: args.reachable,
            verify: args.verify_deltas,
            cache: args.cache.as_ref().map(|named| cache_folder(named.as_deref())).transpose()?,
            now: source_date().unwrap_or(plain.now),
            ..plain
        })
    };
    paths.iter().map(open).collect()
}

/// The moment that stands for now where a build asks for reproducible output.
fn source_date() -> Option<i64> {
    std::env::var("SOURCE_DATE_EPOCH").ok()?.parse().ok()
}

/// The folder that `--cache` names, or the user's own.
fn cache_folder(named: Option<&Path>) -> Result<PathBuf, Failure> {
    if let Some(named) = named {
        return Ok(named.to_owned());
    }
    let absolute = |name: &str| std::env::var_os(name).map(PathBuf::from).filter(|p| p.is_absolute());
    let base = if cfg!(windows) {
        absolute("LOCALAPPDATA")
    } else {
        absolute("XDG_CACHE_HOME").or_else(|| Some(absolute("HOME")?.join(".cache")))
    };
    base.map(|base| base.join("keysift"))
        .ok_or_else(|| Failure::new("--cache: there is no folder for caches").help("name one, as in --cache=FOLDER, or set HOME"))
}

/// A scan that is done, and what is to be said of it.
struct Done<'a> {
    args: &'a ScanArgs,
    config: &'a Config,
    plan: &'a Plan,
    outcome: &'a Outcome,
    report: Report<'a>,
}

impl Done<'_> {
    /// Writes the report to where it was asked for, and tells the rest on standard error.
    fn told(&self) -> Exit {
        let failure = self.write().err();
        // Where standard error is gone, the exit code still tells.
        drop(io::stderr().write_all(self.words(failure.as_deref()).as_bytes()));
        match (self.outcome.findings.is_empty(), self.outcome.summary.problems.is_empty() && failure.is_none()) {
            (false, _) => Exit::Findings(self.args.exit_code),
            (true, true) => Exit::Clean,
            (true, false) => Exit::Incomplete,
        }
    }

    fn write(&self) -> Result<(), String> {
        let args = self.args;
        let look = Look {
            show_secrets: args.show_secrets,
            color: args.output().is_none() && color(args.color),
            width: width(),
            occurrences: args.occurrences,
        };
        let reporter = report::reporter(args.format, look);
        if let Some(path) = args.output() {
            let access = if args.show_secrets { Access::OwnerOnly } else { Access::Usual };
            return report::output::to_file(path, access, |out| reporter.write(&self.report, out)).map_err(|e| e.to_string());
        }
        let mut out = io::BufWriter::new(io::stdout().lock());
        match reporter.write(&self.report, &mut out).and_then(|()| out.flush()) {
            // Whoever read the report has seen enough.
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
            other => other.map_err(|e| format!("standard output: {e}: the report is not whole")),
        }
    }

    /// What stands beside the report: statistics, problems, the last line. `failure` is why there is no report.
    fn words(&self, failure: Option<&str>) -> String {
        let (args, summary) = (self.args, &self.outcome.summary);
        let mut text = String::new();
        if args.verify_deltas {
            let verified = self.outcome.stats.verified;
            text.push_str(&format!("keysift: {} objects scanned both ways, {} differ\n", verified.objects, verified.differing));
        }
        if args.stats {
            text.push_str(&stats(self.plan, self.outcome));
        }
        for line in report::problem_lines(&self.report) {
            text.push_str(&format!("{line}\n"));
        }
        if let Some(why) = &summary.cache_failure {
            text.push_str(&format!("keysift: note: nothing was remembered for the next run: {}\n", escape::line(why)));
        }
        if let Some(error) = failure {
            text.push_str(&format!("keysift: error: {}\n", escape::line(error)));
        }
        if !args.quiet || failure.is_some() || summary.coverage.is_nothing() || !summary.problems.is_empty() {
            if let Some(path) = &self.config.path {
                text.push_str(&format!("keysift: settings from {}\n", escape::line(&path.display().to_string())));
            }
            text.push_str(&format!("{}\n", report::summary_line(&self.report, self.plan.min_confidence)));
        }
        text
    }
}

/// Whether standard output gets colours: `--color`, then the usual variables, then whether it is a terminal.
fn color(wish: ColorArg) -> bool {
    match wish {
        ColorArg::Always => true,
        ColorArg::Never => false,
        ColorArg::Auto => wants_color(io::stdout().is_terminal()),
    }
}

/// Whether the usual variables, or the terminal, ask for colours.
pub fn wants_color(is_terminal: bool) -> bool {
    let set = |name| std::env::var_os(name).filter(|v| !v.is_empty());
    if set("NO_COLOR").is_some() {
        return false;
    }
    if set("CLICOLOR_FORCE").is_some_and(|v| v != "0") || set("FORCE_COLOR").is_some_and(|v| v != "0" && v != "false") {
        return true;
    }
    is_terminal && set("CLICOLOR").is_none_or(|v| v != "0") && set("TERM").is_none_or(|v| v != "dumb")
}

/// Columns to write in: the terminal's, within reason.
pub fn width() -> usize {
    std::env::var("COLUMNS").ok().and_then(|c| c.parse().ok()).map_or(80, |c: usize| c.clamp(40, 160))
}

/// The table of `--stats`.
fn stats(plan: &Plan, outcome: &Outcome) -> String {
    let stats = &outcome.stats;
    let mut out = String::new();
    let ms = |d: std::time::Duration| d.as_secs_f64() * 1e3;
    let total = |f: fn(&scan::RuleStats) -> u64| stats.rules.iter().map(f).sum::<u64>();
    let mut line = |text: std::fmt::Arguments<'_>| {
        out.push_str(&format!("{text}\n"));
    };
    line(format_args!("walking, reading and scanning {:10.1} ms wall", ms(stats.sources)));
    line(format_args!("  walking and reading         {:10.1} ms, all threads", ms(stats.reading)));
    line(format_args!("  engine                      {:10.1} ms, all threads", ms(stats.scanning)));
    if stats.searched > 0 {
        line(format_args!("  history: searched for anchors {:10.1} MB", stats.searched as f64 / 1e6));
    }
    for (step, time) in &stats.steps {
        line(format_args!("  history: {step:21} {:8.1} ms wall", ms(*time)));
    }
    line(format_args!("grouping and fingerprints     {:10.1} ms wall", ms(stats.collecting)));
    line(format_args!(
        "anchor hits {}, past the shape gate {}, kept {}",
        total(|r| r.misshapen + r.considered),
        total(|r| r.considered),
        total(|r| r.kept)
    ));
    let megabytes = outcome.summary.coverage.bytes as f64 / 1e6;
    let each = if megabytes > 0.0 { stats.regex_runs as f64 / megabytes } else { 0.0 };
    line(format_args!("regex runs {}, {each:.1} for each MB", stats.regex_runs));
    line(format_args!("{:40} {:>9} {:>9} {:>7}  dropped by", "rule", "hits", "looked at", "kept"));
    let mut rows: Vec<usize> = (0..stats.rules.len()).filter(|&i| stats.rules[i].misshapen + stats.rules[i].considered > 0).collect();
    rows.sort_by_key(|&i| std::cmp::Reverse((stats.rules[i].considered, stats.rules[i].misshapen)));
    for index in rows {
        let (rule, counts) = (&plan.engine.rules().rules()[index], &stats.rules[index]);
        let drops: Vec<String> = counts.dropped.iter().map(|(g, n)| format!("{} {n}", g.as_str())).collect();
        let hits = counts.misshapen + counts.considered;
        line(format_args!("{:40} {hits:>9} {:>9} {:>7}  {}", rule.info.id, counts.considered, counts.kept, drops.join(", ")));
    }
    out
}
