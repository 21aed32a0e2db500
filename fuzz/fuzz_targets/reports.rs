//! No report holds a secret that was found, nor a control character that a terminal would act on, whatever was scanned.
#![no_main]

mod common;

use std::io::Cursor;

use common::{PLAN, planted};
use keysift::model::{Confidence, ReportPath};
use keysift::report::{Format, Look, Report, problem_lines, reporter, summary_line};
use keysift::scan::run;
use keysift::source::{Input, Source, Workers};
use libfuzzer_sys::fuzz_target;

/// Shorter values also stand in ordinary words of a report.
const LEAST: usize = 12;

struct Bytes(Vec<u8>);

impl Source for Bytes {
    fn run(&self, workers: &Workers<'_>) {
        let path = ReportPath::new(&self.0[..self.0.len().min(9)]);
        workers().input(Input { path, content: &mut Cursor::new(&self.0), len: Some(self.0.len() as u64), change: None });
    }
}

fuzz_target!(|data: &[u8]| {
    let bytes = planted(data);
    let outcome = run(&PLAN, &[&Bytes(bytes)]);
    assert!(outcome.summary.problems.is_empty(), "{:?}", outcome.summary.problems);
    let rules = PLAN.engine.rules().infos();
    let report = Report { findings: &outcome.findings, summary: &outcome.summary, rules: &rules };
    for format in Format::ALL {
        let mut out = Vec::new();
        reporter(format, Look::default()).write(&report, &mut out).expect("a vector takes all");
        if format == Format::Text {
            out.extend(problem_lines(&report).join("\n").bytes());
            out.extend(summary_line(&report, Confidence::Low).bytes());
        }
        let text = String::from_utf8(out).expect("reports are UTF-8");
        assert!(text.chars().all(|c| c == '\n' || !c.is_control()), "{format}: a control character");
        for finding in &outcome.findings {
            let Ok(secret) = std::str::from_utf8(finding.secret.reveal()) else { continue };
            assert!(secret.len() < LEAST || !text.contains(secret), "{format}: {} in the clear", finding.rule.id);
        }
    }
});
