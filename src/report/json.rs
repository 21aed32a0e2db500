//! JSON for programs: a document, or a line for each finding and one for the summary. Both hold the same objects.
//!
//! The document has a finding on each line too, so that two of them can be compared with `diff`.

use std::collections::BTreeMap;
use std::io;

use serde::Serialize;

use super::escape::write_json;
use super::{Look, Report, Reporter};
use crate::model::{Commit, Exposure, Finding, Occurrence, Pair, Problem, Skipped, Summary};

/// `--format json`.
pub struct Json(pub Look);

/// `--format jsonl`.
pub struct JsonLines(pub Look);

impl Reporter for Json {
    fn write(&self, report: &Report<'_>, out: &mut dyn io::Write) -> io::Result<()> {
        out.write_all(b"{\"findings\":[")?;
        for (i, finding) in report.findings.iter().enumerate() {
            out.write_all(if i == 0 { b"\n" } else { b",\n" })?;
            write_json(&FindingRow::new(finding, self.0), out)?;
        }
        out.write_all(if report.findings.is_empty() { b"],\n\"summary\":" } else { b"\n],\n\"summary\":" })?;
        write_json(&SummaryRow::new(report.summary), out)?;
        out.write_all(b"}\n")
    }
}

impl Reporter for JsonLines {
    fn write(&self, report: &Report<'_>, out: &mut dyn io::Write) -> io::Result<()> {
        for finding in report.findings {
            write_json(&FindingRow::new(finding, self.0), out)?;
            out.write_all(b"\n")?;
        }
        write_json(&SummaryRow::new(report.summary), out)?;
        out.write_all(b"\n")
    }
}

/// A finding. Programs rely on the names and their meaning: fields may come, none may go or change.
#[derive(Serialize)]
struct FindingRow<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    rule_id: &'a str,
    title: &'a str,
    severity: &'static str,
    confidence: &'static str,
    secret: String,
    fingerprint: String,
    status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pair: Option<PairRow<'a>>,
    #[serde(skip_serializing_if = "str::is_empty")]
    remedy: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    docs: &'a str,
    occurrences: Vec<OccurrenceRow<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    exposure: Option<ExposureRow<'a>>,
}

/// The id beside a secret.
#[derive(Serialize)]
struct PairRow<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    rule_id: Option<&'a str>,
    title: &'a str,
    id: String,
    path: String,
    line: u64,
    column: u64,
}

#[derive(Serialize)]
struct CommitRow<'a> {
    commit: String,
    author: &'a str,
    email: &'a str,
    date: &'a str,
    subject: &'a str,
}

#[derive(Serialize)]
struct ExposureRow<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    introduced: Option<CommitRow<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    removed: Option<CommitRow<'a>>,
    at_head: bool,
    live: Vec<&'a str>,
    refs: Vec<&'a str>,
    tags: Vec<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    days: Option<u64>,
}

#[derive(Serialize)]
struct OccurrenceRow<'a> {
    path: String,
    line: u64,
    column: u64,
    end_line: u64,
    end_column: u64,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    decoded: &'a [&'static str],
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    commit: Option<CommitRow<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    removed: Option<CommitRow<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    at_head: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    blob: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<&'a str>,
}

#[derive(Serialize)]
struct SummaryRow<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    files: u64,
    bytes: u64,
    binary: u64,
    #[serde(skip_serializing_if = "is_zero")]
    commits: u64,
    #[serde(skip_serializing_if = "is_zero")]
    blobs: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    protected: Option<ProtectedRow>,
    skipped: BTreeMap<&'static str, SkippedRow>,
    problems: Vec<ProblemRow<'a>>,
    rules: usize,
    below: u64,
    version: &'static str,
    seconds: f64,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks so")]
fn is_zero(number: &u64) -> bool {
    *number == 0
}

#[derive(Serialize)]
struct ProtectedRow {
    references: u64,
    encrypted: u64,
}

#[derive(Serialize)]
struct SkippedRow {
    count: u64,
    examples: Vec<String>,
}

#[derive(Serialize)]
struct ProblemRow<'a> {
    what: &'a str,
    kind: &'static str,
    #[serde(skip_serializing_if = "str::is_empty")]
    detail: &'a str,
}

impl<'a> FindingRow<'a> {
    fn new(finding: &'a Finding, look: Look) -> Self {
        Self {
            kind: "finding",
            rule_id: &finding.rule.id,
            title: &finding.rule.title,
            severity: finding.severity.as_str(),
            confidence: finding.confidence.as_str(),
            secret: look.secret(&finding.secret),
            fingerprint: finding.fingerprint.to_string(),
            // There is no way yet to accept one.
            status: "open",
            pair: finding.pair.as_ref().map(|pair| PairRow::new(pair, look)),
            remedy: &finding.rule.remedy,
            docs: &finding.rule.docs,
            occurrences: finding.occurrences.iter().map(OccurrenceRow::new).collect(),
            exposure: finding.exposure.as_ref().map(ExposureRow::new),
        }
    }
}

impl<'a> PairRow<'a> {
    fn new(pair: &'a Pair, look: Look) -> Self {
        Self {
            rule_id: pair.rule.as_deref(),
            title: &pair.title,
            id: look.secret(&pair.id),
            path: pair.path.to_string(),
            line: pair.start.line,
            column: pair.start.column,
        }
    }
}

impl<'a> OccurrenceRow<'a> {
    fn new(occurrence: &'a Occurrence) -> Self {
        let revision = occurrence.revision.as_deref();
        Self {
            path: occurrence.path.to_string(),
            line: occurrence.start.line,
            column: occurrence.start.column,
            end_line: occurrence.end.line,
            end_column: occurrence.end.column,
            decoded: &occurrence.decoded,
            commit: revision.and_then(|r| r.commit.as_deref()).map(CommitRow::new),
            removed: revision.and_then(|r| r.removed.as_deref()).map(CommitRow::new),
            at_head: revision.map(|r| r.at_head),
            blob: revision.and_then(|r| r.blob).map(|id| id.to_string()),
            url: revision.and_then(|r| r.url.as_deref()),
        }
    }
}

impl<'a> CommitRow<'a> {
    fn new(commit: &'a Commit) -> Self {
        Self {
            commit: commit.id.to_string(),
            author: &commit.author,
            email: &commit.email,
            date: &commit.date.text,
            subject: &commit.subject,
        }
    }
}

impl<'a> ExposureRow<'a> {
    fn new(exposure: &'a Exposure) -> Self {
        Self {
            introduced: exposure.introduced.as_deref().map(CommitRow::new),
            removed: exposure.removed.as_deref().map(CommitRow::new),
            at_head: exposure.at_head,
            live: exposure.live.iter().map(|name| &**name).collect(),
            refs: exposure.refs.iter().map(|name| &**name).collect(),
            tags: exposure.tags.iter().map(|name| &**name).collect(),
            days: exposure.introduced.as_ref().map(|_| exposure.days),
        }
    }
}

impl<'a> SummaryRow<'a> {
    fn new(summary: &'a Summary) -> Self {
        let coverage = &summary.coverage;
        Self {
            kind: "summary",
            files: coverage.files,
            bytes: coverage.bytes,
            binary: coverage.binary,
            commits: coverage.commits,
            blobs: coverage.blobs,
            protected: summary.protected().map(|p| ProtectedRow { references: p.references, encrypted: p.encrypted }),
            skipped: coverage.skipped.iter().map(|(reason, skipped)| (reason.as_str(), SkippedRow::new(skipped))).collect(),
            problems: summary.problems.iter().map(ProblemRow::new).collect(),
            rules: summary.rules,
            below: summary.below,
            version: env!("CARGO_PKG_VERSION"),
            seconds: (summary.seconds * 1000.0).round() / 1000.0,
        }
    }
}

impl SkippedRow {
    fn new(skipped: &Skipped) -> Self {
        Self { count: skipped.count, examples: skipped.examples.iter().map(ToString::to_string).collect() }
    }
}

impl<'a> ProblemRow<'a> {
    fn new(problem: &'a Problem) -> Self {
        Self { what: &problem.what, kind: problem.kind.as_str(), detail: &problem.detail }
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{Sample, render, stable};
    use super::super::{Format, Look};
    use serde_json::Value;

    #[test]
    fn rows_have_the_shape_that_programs_know() {
        let rows = render(Format::Jsonl, Look::default(), &Sample::new().report());
        stable().bind(|| insta::assert_snapshot!(rows, @r#"
        {"type":"finding","rule_id":"acme-deploy-key","title":"Acme deploy key","severity":"critical","confidence":"high","secret":"acmd_S…Ycrt","fingerprint":"ks1:[fingerprint]","status":"open","remedy":"Revoke the key under Settings > Keys, issue a new one, and hand it to the service by its environment or a secret store.","docs":"https://acme.example/docs/keys","occurrences":[{"path":"deploy/prod.env","line":12,"column":18,"end_line":12,"end_column":28},{"path":"deploy/old.env","line":40,"column":18,"end_line":40,"end_column":28},{"path":"deploy/old.env","line":80,"column":18,"end_line":80,"end_column":28},{"path":"deploy/old.env","line":120,"column":18,"end_line":120,"end_column":28}]}
        {"type":"finding","rule_id":"private-key","title":"Private key","severity":"high","confidence":"high","secret":"-----BEGIN EC PRIVATE KEY…","fingerprint":"ks1:[fingerprint]","status":"open","pair":{"title":"Acme key id","id":"i3hv…g6","path":"deploy/prod.env","line":29,"column":8},"occurrences":[{"path":"deploy/prod.env","line":30,"column":1,"end_line":32,"end_column":29,"decoded":["utf-16le"]},{"path":"src/café #1/\u202ekey.pem","line":1,"column":1,"end_line":1,"end_column":11}]}
        {"type":"finding","rule_id":"acme-deploy-key","title":"Acme deploy key","severity":"medium","confidence":"medium","secret":"acmd_G…DFSF","fingerprint":"ks1:[fingerprint]","status":"open","remedy":"Revoke the key under Settings > Keys, issue a new one, and hand it to the service by its environment or a secret store.","docs":"https://acme.example/docs/keys","occurrences":[{"path":"src/client.rs","line":7,"column":181,"end_line":7,"end_column":191}]}
        {"type":"summary","files":78613,"bytes":1310000000,"binary":41,"protected":{"references":12,"encrypted":3},"skipped":{"link":{"count":12,"examples":["vendor/a","vendor/b"]}},"problems":[{"what":"var/private.log","kind":"unreadable","detail":"Permission denied (os error 13)"}],"rules":412,"below":4,"version":"[version]","seconds":0.941}
        "#));
    }

    #[test]
    fn a_document_holds_the_same_objects_one_to_a_line() {
        let sample = Sample::new();
        let document = render(Format::Json, Look::default(), &sample.report());
        let rows = render(Format::Jsonl, Look::default(), &sample.report());
        let parsed: Value = serde_json::from_str(&document).unwrap();
        let mut objects = parsed["findings"].as_array().unwrap().clone();
        objects.push(parsed["summary"].clone());
        let from_rows: Vec<Value> = rows.lines().map(|l| serde_json::from_str(l).unwrap()).collect();
        assert_eq!(objects, from_rows);
        assert_eq!(document.lines().count(), rows.lines().count() + 2);
    }
}
