//! The lines for standard error: what could not be looked at, and the one that always comes last.

use std::collections::BTreeSet;

use super::{Report, escape};
use crate::model::{Confidence, Coverage, Protected, Scope, SkipReason};

/// How many problems are named before they are only counted.
const PROBLEMS: usize = 10;

/// A line for each of the first problems, then how many more there are. Nothing where there are none.
#[must_use]
pub fn problem_lines(report: &Report<'_>) -> Vec<String> {
    let problems = &report.summary.problems;
    let mut lines: Vec<String> = problems.iter().take(PROBLEMS).map(|p| escape::line(&format!("problem: {p}"))).collect();
    if let Some(more) = problems.len().checked_sub(PROBLEMS).filter(|&n| n > 0) {
        lines.push(format!("… and {}", count(more as u64, "more problem", "more problems")));
    }
    lines
}

/// The last line of every run: what was found, what was looked at, what was left out and why. `minimum` is the confidence that was asked for.
#[must_use]
pub fn summary_line(report: &Report<'_>, minimum: Confidence) -> String {
    let coverage = &report.summary.coverage;
    let left_out = left_out(report);
    let mut parts = Vec::new();
    if coverage.is_nothing() && report.findings.is_empty() {
        parts.push(match (report.summary.scope, left_out.as_str()) {
            (Scope::Staged { anything: false }, "") => "nothing is staged".to_owned(),
            (Scope::Staged { .. }, "") => "nothing was looked at: what is staged adds no content, or none where you asked".to_owned(),
            (Scope::Commits, "") => "nothing was looked at: there are no commits to look at".to_owned(),
            (Scope::History, "") => "nothing was looked at: the repository holds nothing".to_owned(),
            (Scope::Files, "") => "nothing was looked at: there were no files".to_owned(),
            (_, left_out) => format!("nothing was looked at: {left_out}"),
        });
    } else {
        parts.push(verdict(report));
        parts.push(covered(report.summary.scope, coverage, report.summary.seconds, report.summary.rules as u64));
        parts.extend(Some(left_out).filter(|l| !l.is_empty()));
    }
    parts.extend(protected(report));
    if report.summary.below > 0 {
        parts.push(format!("{} more below --min-confidence {minimum}", grouped(report.summary.below)));
    }
    format!("keysift: {}", parts.join("; "))
}

fn verdict(report: &Report<'_>) -> String {
    let (mut secrets, mut places, mut files) = (0, 0, BTreeSet::new());
    for finding in report.findings {
        secrets += 1;
        places += finding.occurrences.len() as u64;
        files.extend(finding.occurrences.iter().map(|o| &o.path));
    }
    match (secrets, report.summary.problems.is_empty()) {
        (0, true) => "clean".to_owned(),
        (0, false) => "no secrets found, but not everything was looked at".to_owned(),
        _ => {
            let found = format!("{} in {}", count(secrets, "secret", "secrets"), count(files.len() as u64, "file", "files"));
            if places > secrets { format!("{found} ({} places)", grouped(places)) } else { found }
        }
    }
}

fn covered(scope: Scope, coverage: &Coverage, seconds: f64, rules: u64) -> String {
    let of_commits = if coverage.commits == 0 { "no commits".to_owned() } else { count(coverage.commits, "commit", "commits") };
    let commits = || format!("{of_commits}, {}", count(coverage.blobs, "blob", "blobs"));
    let looked_at = match scope {
        Scope::Files => count(coverage.files, "file", "files"),
        Scope::Staged { .. } => count(coverage.files, "staged file", "staged files"),
        Scope::Commits => commits(),
        Scope::History => format!("{}, {}", commits(), count(coverage.files, "file of git's own", "files of git's own")),
    };
    let known = if coverage.known > 0 { format!(" ({} known from an earlier run)", grouped(coverage.known)) } else { String::new() };
    let binary = if coverage.binary > 0 { format!(" ({} binary)", grouped(coverage.binary)) } else { String::new() };
    format!("scanned {looked_at}{known}{binary}, {} in {} with {}", size(coverage.bytes), time(seconds), count(rules, "rule", "rules"))
}

/// What is where it belongs; `None` where nothing is.
fn protected(report: &Report<'_>) -> Option<String> {
    let Protected { references, encrypted } = report.summary.protected()?;
    let references = (references > 0).then(|| count(references, "reference", "references"));
    let encrypted = (encrypted > 0).then(|| format!("{} encrypted", grouped(encrypted)));
    let all: Vec<String> = references.into_iter().chain(encrypted).collect();
    (!all.is_empty()).then(|| format!("protected: {}", all.join(", ")))
}

/// What was not looked at, by reason; empty where that is nothing.
fn left_out(report: &Report<'_>) -> String {
    let skipped = report.summary.coverage.skipped.iter().map(|(&reason, s)| skipped(reason, s.count));
    let problems = report.summary.problems.len() as u64;
    let problems = (problems > 0).then(|| count(problems, "problem", "problems"));
    skipped.chain(problems).collect::<Vec<_>>().join(", ")
}

fn skipped(reason: SkipReason, number: u64) -> String {
    let many = reason.describe();
    let one = match reason {
        SkipReason::Link => "link not followed",
        SkipReason::LinkOutside => "link out of the scanned folder",
        SkipReason::DanglingLink => "dangling link",
        SkipReason::LinkLoop => "link in a loop",
        SkipReason::Special => "pipe, socket or device",
        SkipReason::Submodule => "submodule (a repository of its own)",
        SkipReason::Unmerged => "unmerged path (not staged yet)",
        SkipReason::Excluded | SkipReason::TooLarge | SkipReason::Binary => many,
    };
    count(number, one, many)
}

fn count(number: u64, one: &str, many: &str) -> String {
    format!("{} {}", grouped(number), if number == 1 { one } else { many })
}

/// `78613` as `78,613`.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// Bytes in the largest unit that leaves a number before the point.
#[expect(clippy::cast_precision_loss, reason = "three digits are shown")]
fn size(bytes: u64) -> String {
    if bytes < 1000 {
        return count(bytes, "byte", "bytes");
    }
    let mut value = bytes as f64 / 1000.0;
    let mut units = ["kB", "MB", "GB", "TB", "PB", "EB"].into_iter();
    let mut unit = units.next();
    // What would be rounded up to 1000 belongs to the next unit.
    while value >= 999.5 {
        value /= 1000.0;
        unit = units.next();
    }
    // One digit behind the point only where it tells something.
    format!("{value:.*} {}", usize::from(value < 9.95), unit.unwrap_or("EB"))
}

fn time(seconds: f64) -> String {
    if seconds < 0.0995 {
        format!("{:.0} ms", (seconds * 1000.0).ceil().max(1.0))
    } else if seconds < 9.95 {
        format!("{seconds:.1} s")
    } else if seconds < 119.5 {
        format!("{seconds:.0} s")
    } else {
        format!("{:.0} min", seconds / 60.0)
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::Sample;
    use super::super::{Report, problem_lines, summary_line};
    use super::{grouped, size, time};
    use crate::model::{Confidence, Coverage, Problem, ProblemKind, ReportPath, SkipReason, Summary};

    fn clean() -> Summary {
        let coverage = Coverage { files: 78_613, bytes: 1_310_000_000, ..Coverage::default() };
        Summary { coverage, rules: 412, seconds: 0.94, ..Summary::default() }
    }

    fn line(summary: &Summary) -> String {
        summary_line(&Report { findings: &[], summary, rules: &[] }, Confidence::Medium)
    }

    fn problem(number: usize) -> Problem {
        Problem {
            what: format!("var/log/{number:02}.log"),
            kind: ProblemKind::Unreadable,
            detail: "Permission denied (os error 13)".to_owned(),
        }
    }

    #[test]
    fn says_what_was_found_covered_and_left_out() {
        let sample = Sample::new();
        insta::assert_snapshot!(summary_line(&sample.report(), Confidence::Medium),
            @"keysift: 3 secrets in 4 files (7 places); scanned 78,613 files (41 binary), 1.3 GB in 0.9 s with 412 rules; 12 links not followed, 1 problem; protected: 12 references, 3 encrypted; 4 more below --min-confidence medium");
    }

    #[test]
    fn tells_clean_from_nothing_seen_and_from_not_all_seen() {
        let mut summary = clean();
        insta::assert_snapshot!(line(&summary), @"keysift: clean; scanned 78,613 files, 1.3 GB in 0.9 s with 412 rules");
        summary.problems.push(problem(0));
        insta::assert_snapshot!(line(&summary),
            @"keysift: no secrets found, but not everything was looked at; scanned 78,613 files, 1.3 GB in 0.9 s with 412 rules; 1 problem");
        insta::assert_snapshot!(line(&Summary::default()), @"keysift: nothing was looked at: there were no files");
        let mut summary = Summary::default();
        summary.coverage.skip(SkipReason::Link, ReportPath::new(b"a"));
        summary.coverage.skip(SkipReason::Excluded, ReportPath::new(b"b"));
        summary.problems.push(problem(0));
        insta::assert_snapshot!(line(&summary), @"keysift: nothing was looked at: 1 link not followed, 1 excluded, 1 problem");
    }

    #[test]
    fn names_ten_problems_and_counts_the_rest() {
        let mut summary = Summary { problems: (0..10).map(problem).collect(), ..Summary::default() };
        let lines = |summary: &Summary| problem_lines(&Report { findings: &[], summary, rules: &[] });
        assert_eq!(lines(&summary).len(), 10);
        assert_eq!(lines(&summary)[9], "problem: var/log/09.log: unreadable: Permission denied (os error 13)");
        summary.problems.extend((10..12).map(problem));
        assert_eq!(lines(&summary)[10..], ["… and 2 more problems"]);
    }

    #[test]
    fn numbers_read_well() {
        assert_eq!([0, 999, 1000, 78_613, 1_234_567].map(grouped), ["0", "999", "1,000", "78,613", "1,234,567"]);
        assert_eq!(
            [1, 999, 1000, 9_940, 12_345, 999_499, 999_700, 1_310_000_000].map(size),
            ["1 byte", "999 bytes", "1.0 kB", "9.9 kB", "12 kB", "999 kB", "1.0 MB", "1.3 GB"]
        );
        assert_eq!(size(u64::MAX), "18 EB");
        assert_eq!([0.0, 0.0142, 0.12, 9.94, 42.4, 119.0, 600.0].map(time), ["1 ms", "15 ms", "0.1 s", "9.9 s", "42 s", "119 s", "10 min"]);
    }
}
