//! Hand-made findings for the tests of every format. No value is written down: templates make them.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::{Format, Look, Report, reporter};
use crate::model::{
    Confidence, Coverage, Finding, Fingerprint, Occurrence, Pair, Piece, Position, Problem, ProblemKind, Protected, ReportPath, RuleInfo,
    Scope, Secret, Severity, SkipReason, Skipped, Snippet, Summary,
};
use crate::rules::template::fill;

/// Three findings and a summary with something of everything.
pub struct Sample {
    pub findings: Vec<Finding>,
    pub rules: Vec<Arc<RuleInfo>>,
    pub summary: Summary,
}

impl Sample {
    pub fn new() -> Self {
        let findings = vec![token(), private_key(), second_token()];
        let rules = findings.iter().map(|f| Arc::clone(&f.rule)).collect();
        Self { findings, rules, summary: summary() }
    }

    pub fn report(&self) -> Report<'_> {
        Report { findings: &self.findings, summary: &self.summary, rules: &self.rules }
    }

    /// The values that stand on one line, whole.
    pub fn one_line_secrets(&self) -> Vec<String> {
        let values = self.findings.iter().map(|f| String::from_utf8(f.secret.reveal().to_vec()).unwrap());
        values.filter(|v| !v.contains('\n')).collect()
    }
}

/// A finding of a rule without texts, in the places given.
pub fn finding(rule: &str, title: &str, secret: &str, occurrences: Vec<Occurrence>) -> Finding {
    let secret = Secret::new(secret.as_bytes());
    let rule = RuleInfo {
        id: rule.to_owned().into(),
        provider: "Acme".into(),
        title: title.to_owned().into(),
        impact: "".into(),
        remedy: "".into(),
        docs: "".into(),
        severity: Severity::High,
    };
    Finding {
        severity: rule.severity,
        rule: Arc::new(rule),
        confidence: Confidence::High,
        fingerprint: Fingerprint::of(secret.reveal()),
        secret,
        pair: None,
        evidence: Vec::new(),
        snippet: Snippet::default(),
        occurrences,
        exposure: None,
    }
}

/// A place ten columns wide.
pub fn occurrence(path: &str, line: u64, column: u64) -> Occurrence {
    Occurrence {
        path: ReportPath::new(path.as_bytes()),
        start: Position { line, column },
        end: Position { line, column: column + 10 },
        decoded: Vec::new(),
        revision: None,
    }
}

pub fn render(format: Format, look: Look, report: &Report<'_>) -> String {
    let mut out = Vec::new();
    reporter(format, look).write(report, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

/// What may change without the shape of a report changing.
pub fn stable() -> insta::Settings {
    let mut settings = insta::Settings::clone_current();
    settings.add_filter("ks1:[0-9a-f]{32}", "ks1:[fingerprint]");
    settings.add_filter("[0-9a-f]{16}:1", "[hash]:1");
    settings.add_filter(&env!("CARGO_PKG_VERSION").replace('.', r"\."), "[version]");
    settings
}

fn acme() -> RuleInfo {
    RuleInfo {
        id: "acme-deploy-key".into(),
        provider: "Acme Cloud".into(),
        title: "Acme deploy key".into(),
        impact: "The holder can replace every running service of the account, and read the variables they start with.".into(),
        remedy: "Revoke the key under Settings > Keys, issue a new one, and hand it to the service by its environment or a secret store."
            .into(),
        docs: "https://acme.example/docs/keys".into(),
        severity: Severity::Critical,
    }
}

fn token() -> Finding {
    let value = fill("acmd_{{base62:32}}", "report").unwrap();
    let mut places = vec![occurrence("deploy/prod.env", 12, 18)];
    places.extend((1..4).map(|n| occurrence("deploy/old.env", n * 40, 18)));
    let mut found = finding("acme-deploy-key", "", &value, places);
    found.rule = Arc::new(acme());
    found.severity = Severity::Critical;
    found.evidence = vec!["form of Acme Cloud (acmd_…)".to_owned(), "its check digits are right".to_owned()];
    let other = fill("{{base62:20}}", "other").unwrap();
    found.snippet = Snippet(vec![
        Piece::Text("\tACME_DEPLOY_KEY=".to_owned()),
        Piece::Marked(found.secret.clone()),
        Piece::Text(" DB=".to_owned()),
        Piece::Other(Secret::new(other.as_bytes())),
        Piece::Text("\u{1b}[0m # rotate".to_owned()),
    ]);
    found
}

fn private_key() -> Finding {
    let value = fill("-----BEGIN EC PRIVATE KEY-----\n{{base64:64}}\n-----END EC PRIVATE KEY-----", "report").unwrap();
    let mut place = occurrence("deploy/prod.env", 30, 1);
    place.end = Position { line: 32, column: 29 };
    place.decoded = vec!["utf-16le"];
    let copy = occurrence("src/caf\u{e9} #1/\u{202e}key.pem", 1, 1);
    let mut found = finding("private-key", "Private key", &value, vec![place, copy]);
    Arc::make_mut(&mut found.rule).impact = "The holder can act as the key's owner.".into();
    found.evidence = vec!["the key parses".to_owned()];
    found.pair = Some(Pair {
        title: "Acme key id".to_owned(),
        rule: None,
        id: Secret::new(fill("{{base36:24}}", "id").unwrap().as_bytes()),
        path: ReportPath::new(b"deploy/prod.env"),
        start: Position { line: 29, column: 8 },
    });
    found.snippet = Snippet(vec![Piece::Marked(found.secret.clone()), Piece::Text("\" # end".to_owned())]);
    found
}

fn second_token() -> Finding {
    let value = fill("acmd_{{base62:32}}", "second").unwrap();
    let mut found = finding("acme-deploy-key", "", &value, vec![occurrence("src/client.rs", 7, 181)]);
    found.rule = Arc::new(acme());
    found.severity = Severity::Medium;
    found.confidence = Confidence::Medium;
    found.evidence = vec!["form of Acme Cloud (acmd_…)".to_owned(), "but the file is a test".to_owned()];
    found.snippet = Snippet(vec![
        Piece::Text(format!("    let 鍵 = Client::new({}\"", "\"https://acme.example\", ".repeat(6))),
        Piece::Marked(found.secret.clone()),
        Piece::Text("\").with_timeout(Duration::from_secs(30)).with_retries(5).build()?;".to_owned()),
    ]);
    found
}

fn summary() -> Summary {
    let links = ["vendor/a", "vendor/b"].map(|p| ReportPath::new(p.as_bytes()));
    let skipped = [(SkipReason::Link, Skipped { count: 12, examples: BTreeSet::from(links) })];
    let protected = Protected { references: 12, encrypted: 3 };
    Summary {
        scope: Scope::Files,
        coverage: Coverage { files: 78_613, bytes: 1_310_000_000, binary: 41, protected, skipped: skipped.into(), ..Coverage::default() },
        problems: vec![Problem {
            what: "var/private.log".to_owned(),
            kind: ProblemKind::Unreadable,
            detail: "Permission denied (os error 13)".to_owned(),
        }],
        rules: 412,
        below: 4,
        seconds: 0.9412,
        prefix: "services/api".to_owned(),
        ..Summary::default()
    }
}
