//! What is wrong with rule files beyond what loading refuses.

use std::collections::{HashMap, HashSet};

use super::format::{Confidence, Half, Matcher, RuleEntry, lower};
use super::load::RuleText;
use super::{built_in_ids, compile, template};

/// One complaint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lint {
    /// The file.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
    /// The rule.
    pub id: String,
    /// What is wrong and what to do.
    pub message: String,
}

impl std::fmt::Display for Lint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}: {}: {}", self.file, self.line, self.id, self.message)
    }
}

/// Everyday text that no rule may match: a pattern that does is too broad to be of use.
const EVERYDAY: &str = "The quick brown fox jumps over the lazy dog. fn main() { let total = items.iter().map(|i| i.price).sum::<u64>(); }\n\
    https://example.org/docs/index.html?page=2&sort=name#top 2026-01-01T12:00:00Z 127.0.0.1:8080 /usr/local/share/doc/README.md\n\
    <div class=\"container\" id=\"main-content\">Hello, world</div> SELECT name, email FROM users WHERE id = 42;\n";

/// Complaints about `files`, in their order.
#[must_use]
pub fn lint(files: &[RuleText]) -> Vec<Lint> {
    let mut lints = Vec::new();
    let mut seen: HashMap<&str, &RuleText> = HashMap::new();
    for source in files {
        for entry in &source.file.rules {
            let mut say = |message: String| {
                lints.push(Lint { file: source.origin.to_string(), line: source.line(entry), id: entry.id.get_ref().clone(), message });
            };
            if let Some(first) = seen.insert(entry.id.get_ref(), source) {
                say(format!("the id is taken in {}", first.origin));
            }
            rule(source, entry, &mut say);
        }
    }
    let mut known: HashSet<&str> = built_in_ids().collect();
    known.extend(files.iter().flat_map(|f| &f.file.rules).map(|e| e.id.get_ref().as_str()));
    for source in files {
        for entry in &source.file.rules {
            for id in entry.pair.iter().flat_map(|pair| &pair.rules).filter(|id| !known.contains(id.as_str())) {
                let message = format!("`pair` names {id:?}, and no rule has that id");
                lints.push(Lint { file: source.origin.to_string(), line: source.line(entry), id: entry.id.get_ref().clone(), message });
            }
        }
    }
    lints
}

fn rule(source: &RuleText, entry: &RuleEntry, say: &mut impl FnMut(String)) {
    match lower(entry) {
        Err(error) => say(error.to_string()),
        Ok(lowered) => {
            if let Matcher::Pattern { pattern, .. } = &lowered.matcher {
                match compile(pattern, lowered.ignore_case) {
                    Err(error) => say(format!("the pattern does not compile: {error}")),
                    Ok(regex) if regex.is_match(EVERYDAY.as_bytes()) => {
                        say("the pattern matches everyday text: narrow it, or name the service beside the value".to_owned());
                    }
                    Ok(_) => {}
                }
            }
            if let Some(super::Pair { half: Half::Pattern { pattern, .. }, .. }) = &lowered.pair
                && let Err(error) = compile(pattern, true)
            {
                say(format!("the pair's pattern does not compile: {error}"));
            }
            let generic = matches!(lowered.matcher, Matcher::Assignment { .. });
            if !generic && !lowered.ignore_case && entry.confidence == Confidence::High && lowered.anchors.iter().any(|a| a.len() == 3) {
                let checks = &lowered.checks;
                if checks.checksum.is_none() && checks.structure.is_none() {
                    say("an anchor of three bytes alone does not prove anything: lengthen it, add a check, or lower the confidence"
                        .to_owned());
                }
            }
        }
    }
    let docs = entry.docs.as_deref().unwrap_or(&source.file.docs);
    if !docs.starts_with("https://") {
        say("`docs` is no https:// address of a page that describes the token".to_owned());
    }
    if entry.hits.len() < 2 || entry.misses.len() < 2 {
        say(format!("has {} hits and {} misses; give at least two of each", entry.hits.len(), entry.misses.len()));
    }
    for text in entry.hits.iter().map(|h| &h.text).chain(entry.misses.iter().map(|m| &m.text)) {
        if let Err(error) = template::fill(text, entry.id.get_ref()) {
            say(format!("template {text:?}: {error}"));
        }
    }
}
