//! What a run tells the world: one file per format, each with a shape of its own.
//!
//! A [`Report`] is what there is to say, a [`Look`] how; [`reporter`] gives the [`Reporter`] of a [`Format`]. Lines for standard error come from
//! [`summary_line`] and [`problem_lines`], files are written by [`output`]. All text that comes from scanned content goes through [`escape`].

pub mod escape;
mod json;
pub mod output;
mod sarif;
mod summary;
#[cfg(test)]
mod testing;
mod text;

use std::fmt;
use std::io;
use std::sync::Arc;

use crate::model::{Finding, RuleInfo, Secret, Summary};
pub use summary::{problem_lines, summary_line};

/// All that a report may speak of.
#[derive(Clone, Copy, Debug)]
pub struct Report<'a> {
    /// The findings, in the order of the report.
    pub findings: &'a [Finding],
    /// What was covered, and what was not.
    pub summary: &'a Summary,
    /// Every rule in force, whether it found something or not.
    pub rules: &'a [Arc<RuleInfo>],
}

/// How a report shall look. Not every format heeds all of it; SARIF heeds none, for it never holds a secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Look {
    /// Values in the clear instead of masked.
    pub show_secrets: bool,
    /// Text with ANSI colours.
    pub color: bool,
    /// Columns to fit text into.
    pub width: usize,
    /// How many other places of a secret text names before it only counts them.
    pub occurrences: usize,
}

impl Default for Look {
    fn default() -> Self {
        Self { show_secrets: false, color: false, width: 80, occurrences: 3 }
    }
}

impl Look {
    /// The value as this report shows it: masked, unless it was asked for.
    fn secret(&self, secret: &Secret) -> String {
        if self.show_secrets { String::from_utf8_lossy(secret.reveal()).into_owned() } else { secret.to_string() }
    }
}

/// The formats of a report.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Format {
    /// For people.
    #[default]
    Text,
    /// One JSON document.
    Json,
    /// A JSON object a line.
    Jsonl,
    /// SARIF 2.1.0, for code scanning.
    Sarif,
}

impl Format {
    /// Every format, in the order in which help names them.
    pub const ALL: [Self; 4] = [Self::Text, Self::Json, Self::Jsonl, Self::Sarif];

    /// The format's name on the command line.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Json => "json",
            Self::Jsonl => "jsonl",
            Self::Sarif => "sarif",
        }
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// Writes a report in one format.
pub trait Reporter {
    /// Writes all of `report`; the same report gives the same bytes.
    ///
    /// # Errors
    /// What `out` says.
    fn write(&self, report: &Report<'_>, out: &mut dyn io::Write) -> io::Result<()>;
}

/// The reporter of `format`.
#[must_use]
pub fn reporter(format: Format, look: Look) -> Box<dyn Reporter> {
    match format {
        Format::Text => Box::new(text::Text(look)),
        Format::Json => Box::new(json::Json(look)),
        Format::Jsonl => Box::new(json::JsonLines(look)),
        Format::Sarif => Box::new(sarif::Sarif),
    }
}

#[cfg(test)]
mod tests {
    use super::escape::tests::{assert_harmless, nasty};
    use super::testing::{Sample, finding, occurrence, render};
    use super::{Format, Look, Report, problem_lines, summary_line};
    use crate::model::{Confidence, Pair, Piece, Position, Problem, ProblemKind, ReportPath, Secret, Snippet, Summary};
    use proptest::prelude::*;

    #[test]
    fn a_clean_run_is_silence_in_text_and_valid_everywhere_else() {
        let summary = Summary::default();
        let report = Report { findings: &[], summary: &summary, rules: &[] };
        assert_eq!(render(Format::Text, Look::default(), &report), "");
        for format in [Format::Json, Format::Jsonl, Format::Sarif] {
            let written = render(format, Look::default(), &report);
            assert!(written.ends_with('\n'));
            serde_json::from_str::<serde_json::Value>(&written).unwrap();
        }
    }

    #[test]
    fn no_report_holds_a_secret_that_was_not_asked_for() {
        let sample = Sample::new();
        for format in Format::ALL {
            let masked = render(format, Look::default(), &sample.report());
            let shown = render(format, Look { show_secrets: true, ..Look::default() }, &sample.report());
            for secret in sample.one_line_secrets() {
                assert!(!masked.contains(&secret), "{format} holds a secret");
                assert_eq!(shown.contains(&secret), format != Format::Sarif, "{format} asked to show secrets");
            }
        }
    }

    /// Text without our own colours; anything else that looks like one stays and is caught.
    fn without_colour(text: &str) -> String {
        let mut out = String::new();
        let mut rest = text;
        while let Some(at) = rest.find("\x1b[") {
            let end = rest[at..].find('m').expect("a colour ends") + at;
            assert!(rest[at + 2..end].bytes().all(|b| b.is_ascii_digit() || b == b';'), "{:?}", &rest[at..end]);
            out.push_str(&rest[..at]);
            rest = &rest[end + 1..];
        }
        out + rest
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn hostile_content_reaches_no_line_of_ours(
            path in nasty(),
            pieces in (nasty(), nasty(), nasty()),
            secret in nasty(),
            rule in (nasty(), nasty(), nasty()),
            problem in (nasty(), nasty()),
            show_secrets in any::<bool>(),
            width in 0usize..120,
        ) {
            let mut finding = finding("x-key", &rule.0, &secret, vec![occurrence(&path, 3, 9), occurrence(&pieces.1, 4, 1)]);
            let info = std::sync::Arc::make_mut(&mut finding.rule);
            info.remedy = rule.1.into();
            info.docs = rule.2.into();
            finding.evidence = vec![pieces.2.clone()];
            finding.pair = Some(Pair {
                title: rule.0.clone(),
                rule: Some(pieces.0.clone().into()),
                id: Secret::new(secret.as_bytes()),
                path: ReportPath::new(path.as_bytes()),
                start: Position::START,
            });
            let value = || Secret::new(secret.as_bytes());
            finding.snippet =
                Snippet(vec![Piece::Text(pieces.0), Piece::Marked(value()), Piece::Text(pieces.1), Piece::Other(value()), Piece::Text(pieces.2)]);
            let mut summary = Summary::default();
            summary.coverage.skip(crate::model::SkipReason::Link, ReportPath::new(path.as_bytes()));
            summary.problems.push(Problem { what: problem.0, kind: ProblemKind::Unreadable, detail: problem.1 });
            let findings = [finding.clone(), finding];
            let report = Report { findings: &findings, summary: &summary, rules: &[] };
            for format in Format::ALL {
                let look = Look { show_secrets, width, ..Look::default() };
                let plain = render(format, look, &report);
                plain.split('\n').for_each(assert_harmless);
                let coloured = render(format, Look { color: true, ..look }, &report);
                prop_assert_eq!(without_colour(&coloured), plain);
            }
            assert_harmless(&summary_line(&report, Confidence::Medium));
            problem_lines(&report).iter().for_each(|l| assert_harmless(l));
        }
    }
}
