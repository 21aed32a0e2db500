//! Findings: one secret under one rule, wherever it occurs.

use std::sync::Arc;

use super::{Confidence, Exposure, Fingerprint, Position, ReportPath, Revision, RuleInfo, Secret, Severity, Snippet};

/// One secret under one rule, with all its occurrences. It has no `Serialize`: each report format owns its shape, and [`Secret`] masks itself.
#[derive(Clone, Debug)]
pub struct Finding {
    /// The rule that found it.
    pub rule: Arc<RuleInfo>,
    /// How bad; the rule's grade unless the value itself says otherwise.
    pub severity: Severity,
    /// How sure.
    pub confidence: Confidence,
    /// The value.
    pub secret: Secret,
    /// Which secret this is, whatever its line, file or commit.
    pub fingerprint: Fingerprint,
    /// What stands beside it and names whose it is: both together work.
    pub pair: Option<Pair>,
    /// Why we believe it: what was checked, in words.
    pub evidence: Vec<String>,
    /// The line of the first occurrence.
    pub snippet: Snippet,
    /// Every place it stands, in the order of the report.
    pub occurrences: Vec<Occurrence>,
    /// Where history stands with it; `None` outside scans of history and of ranges.
    pub exposure: Option<Exposure>,
}

/// The id that belongs to a secret.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Pair {
    /// What it is.
    pub title: String,
    /// The rule that finds it elsewhere, if one does.
    pub rule: Option<Arc<str>>,
    /// The id. It is no secret, but nothing that a report must spell out either.
    pub id: Secret,
    /// The file both stand in.
    pub path: ReportPath,
    /// Its first character.
    pub start: Position,
}

/// One place where a secret stands. The end is the position behind its last character.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Occurrence {
    /// Where in a repository's history, for what was read from one. It comes first, so that occurrences sort oldest first.
    pub revision: Option<Box<Revision>>,
    /// The file, relative to the scanned root.
    pub path: ReportPath,
    /// First character.
    pub start: Position,
    /// Behind the last character.
    pub end: Position,
    /// Encodings undone to see it, outermost first, by the names that reports give them: `base64`, `utf-16le`, `percent-encoding` …
    pub decoded: Vec<&'static str>,
}
