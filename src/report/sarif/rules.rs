//! The rules that a file in SARIF describes.

use std::collections::BTreeMap;

use serde_json::Value;
use serde_sarif::sarif::{MultiformatMessageString, PropertyBag, ReportingConfiguration, ReportingDescriptor};

use super::{level, or};
use crate::model::{Confidence, Finding, RuleInfo, Severity};

/// Characters that GitHub allows in a rule's descriptions.
const DESCRIPTION: usize = 1_024;

/// The rules that found something, each once: GitHub takes a file with a repeated rule for broken.
pub(super) struct Rules<'a> {
    /// With the best confidence of what it found, by id.
    found: BTreeMap<&'a str, (&'a RuleInfo, Confidence)>,
}

impl<'a> Rules<'a> {
    pub(super) fn of(findings: &[&'a Finding]) -> Self {
        let mut found: BTreeMap<&str, (&RuleInfo, Confidence)> = BTreeMap::new();
        for finding in findings {
            let entry = found.entry(&finding.rule.id).or_insert((&finding.rule, finding.confidence));
            entry.1 = entry.1.max(finding.confidence);
        }
        Self { found }
    }

    pub(super) fn index(&self, finding: &Finding) -> i64 {
        let before = self.found.keys().position(|&id| id == finding.rule.id);
        before.and_then(|i| i64::try_from(i).ok()).expect("the rule of every finding is listed")
    }

    pub(super) fn descriptors(&self) -> Vec<ReportingDescriptor> {
        self.found.values().map(|&(rule, confidence)| descriptor(rule, confidence)).collect()
    }
}

fn descriptor(rule: &RuleInfo, confidence: Confidence) -> ReportingDescriptor {
    let title = or(&rule.title, &rule.id);
    let impact = or(&rule.impact, title);
    let mut descriptor = ReportingDescriptor::builder()
        .id(&*rule.id)
        .name(pascal_case(&rule.id))
        .short_description(text(&clip(title)))
        .full_description(text(&clip(impact)))
        .help(help(rule, impact))
        .default_configuration(ReportingConfiguration::builder().level(level(rule.severity).to_string()).build())
        .properties(properties(rule.severity, confidence))
        .build();
    descriptor.help_uri = link(rule).map(str::to_owned);
    descriptor
}

fn help(rule: &RuleInfo, impact: &str) -> MultiformatMessageString {
    let (mut plain, mut markdown) = (vec![impact.to_owned()], vec![format!("**Impact:** {impact}")]);
    if !rule.remedy.is_empty() {
        plain.push(rule.remedy.to_string());
        markdown.push(format!("**What to do:** {}", rule.remedy));
    }
    if let Some(link) = link(rule) {
        plain.push(link.to_owned());
        markdown.push(format!("**Documentation:** <{link}>"));
    }
    MultiformatMessageString::builder().text(plain.join("\n\n")).markdown(markdown.join("\n\n")).build()
}

/// Where the vendor describes it, if that is a link: whoever reads the file may click on it.
fn link(rule: &RuleInfo) -> Option<&str> {
    let is_link = |docs: &&str| docs.starts_with("https://") && docs.bytes().all(|b| b.is_ascii_graphic() && !b"\"<>\\^`{|}".contains(&b));
    Some(&*rule.docs).filter(is_link)
}

fn properties(severity: Severity, confidence: Confidence) -> PropertyBag {
    let precision = match confidence {
        Confidence::High => "very-high",
        Confidence::Medium => "high",
        Confidence::Low => "low",
    };
    // In the middle of GitHub's bands of the same names, as a string because it wants one.
    let score = match severity {
        Severity::Critical => "9.5",
        Severity::High => "8.0",
        Severity::Medium => "5.5",
        Severity::Low => "2.5",
    };
    let more = [("precision", precision), ("security-severity", score)].map(|(name, value)| (name.to_owned(), Value::from(value)));
    let tags = ["security", "secret", "external/cwe/cwe-798"].map(str::to_owned);
    PropertyBag::builder().tags(tags).additional_properties(BTreeMap::from(more)).build()
}

fn text(text: &str) -> MultiformatMessageString {
    MultiformatMessageString::builder().text(text).build()
}

fn clip(text: &str) -> String {
    text.chars().take(DESCRIPTION).collect()
}

/// `acme-deploy-key` as `AcmeDeployKey`: names that people read have this form in SARIF.
fn pascal_case(id: &str) -> String {
    let words = id.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty());
    let name: String = words.flat_map(|w| w.chars().take(1).flat_map(char::to_uppercase).chain(w.chars().skip(1))).collect();
    if name.is_empty() { id.to_owned() } else { name }
}
