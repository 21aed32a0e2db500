//! Rule files from disk.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};
use std::{fs, io};

use super::format::{Half, Matcher, RuleEntry, RuleFile, lower};
use super::{Rule, compile};
use crate::model::RuleInfo;

/// Where a rule file's text comes from, for messages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// A file on disk.
    Path(PathBuf),
    /// A file in the binary.
    BuiltIn(&'static str),
}

impl std::fmt::Display for Origin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Path(path) => write!(f, "{}", path.display()),
            Self::BuiltIn(name) => write!(f, "built-in {name}"),
        }
    }
}

/// A parsed rule file and its text.
#[derive(Clone, Debug)]
pub struct RuleText {
    /// Where it comes from.
    pub origin: Origin,
    /// Its text, to tell lines from offsets.
    pub text: String,
    /// What it says.
    pub file: RuleFile,
}

/// Why rules could not be loaded. Every message names the file and, where there is one, the line.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// A file or folder could not be read.
    #[error("{}: {error}", path.display())]
    Read {
        /// The file or folder.
        path: PathBuf,
        /// The system's words.
        error: io::Error,
    },
    /// A folder has no rule files.
    #[error("{}: no .toml rule files in this folder", .0.display())]
    NoFiles(PathBuf),
    /// Not TOML, or not of the rule format.
    #[error("{source_file}:{line}: {message}")]
    Parse {
        /// The file.
        source_file: String,
        /// The line, from 1.
        line: usize,
        /// What is wrong.
        message: String,
    },
    /// Parses, but cannot work.
    #[error("{source_file}:{line}: rule {id}: {message}")]
    Rule {
        /// The file.
        source_file: String,
        /// The line of the rule's id, from 1.
        line: usize,
        /// The rule.
        id: String,
        /// What is wrong.
        message: String,
    },
    /// A rule to disable that is not there.
    #[error("no rule has the id {0:?}: `keysift rules list` shows them all")]
    NoSuchRule(String),
    /// Nothing to look for.
    #[error("no rules are left: every scan would be clean; enable some, or leave out `replace`")]
    NoRules,
}

/// The message of a parser of TOML without the values that it quotes: one of them may be a secret in the wrong place.
#[must_use]
pub fn unquoted(message: &str) -> String {
    // `unknown variant `x`, expected one of …`, `invalid type: string "x", expected …`
    for (open, close, told) in [("unknown variant `", "`, expected", "no such value"), ("string \"", "\", expected", "string")] {
        if let Some((before, rest)) = message.split_once(open) {
            let expected = rest.rsplit_once(close).map(|(_, expected)| format!(", expected{expected}"));
            return format!("{before}{told}{}", expected.unwrap_or_default());
        }
    }
    message.to_owned()
}

impl RuleText {
    /// Parses `text`.
    pub fn parse(origin: Origin, text: String) -> Result<Self, LoadError> {
        match toml::from_str(&text) {
            Ok(file) => Ok(Self { origin, text, file }),
            Err(error) => Err(LoadError::Parse {
                line: line_of(&text, error.span().map_or(0, |s| s.start)),
                message: unquoted(error.message()),
                source_file: origin.to_string(),
            }),
        }
    }

    /// The rule files in `path`: itself, or every `*.toml` in the folder and those below, by name.
    pub fn read(path: &Path) -> Result<Vec<Self>, LoadError> {
        let failed = |path: &Path| {
            let path = path.to_owned();
            |error| LoadError::Read { path, error }
        };
        let mut paths = Vec::new();
        if fs::metadata(path).map_err(failed(path))?.is_dir() {
            let mut folders = vec![path.to_owned()];
            while let Some(folder) = folders.pop() {
                for entry in fs::read_dir(&folder).map_err(failed(&folder))? {
                    let entry = entry.map_err(failed(&folder))?;
                    // A link to a folder is not one: it may lead back.
                    if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                        folders.push(entry.path());
                    } else if entry.path().extension().is_some_and(|e| e == "toml") {
                        paths.push(entry.path());
                    }
                }
            }
            paths.sort();
            if paths.is_empty() {
                return Err(LoadError::NoFiles(path.to_owned()));
            }
        } else {
            paths.push(path.to_owned());
        }
        paths.into_iter().map(|p| fs::read_to_string(&p).map_err(failed(&p)).and_then(|t| Self::parse(Origin::Path(p), t))).collect()
    }

    /// The rule files in the binary, parsed.
    pub fn built_in() -> Result<Vec<Self>, LoadError> {
        super::embedded::TEXTS.iter().map(|&(name, text)| Self::parse(Origin::BuiltIn(name), text.to_owned())).collect()
    }

    /// The line of a rule's id, from 1.
    #[must_use]
    pub fn line(&self, entry: &RuleEntry) -> usize {
        line_of(&self.text, entry.id.span().start)
    }

    /// An error about one rule of this file.
    #[must_use]
    pub fn error(&self, entry: &RuleEntry, message: impl ToString) -> LoadError {
        LoadError::Rule {
            source_file: self.origin.to_string(),
            line: self.line(entry),
            id: entry.id.get_ref().clone(),
            message: message.to_string(),
        }
    }
}

fn line_of(text: &str, offset: usize) -> usize {
    text.as_bytes()[..offset.min(text.len())].iter().filter(|&&b| b == b'\n').count() + 1
}

/// Adds the rules of `sources` to `rules`.
pub(super) fn add(rules: &mut Vec<Rule>, sources: &[RuleText]) -> Result<(), LoadError> {
    let mut seen: HashMap<String, String> = rules.iter().map(|r| (r.info.id.to_string(), "the built-in rules".to_owned())).collect();
    for source in sources {
        for entry in &source.file.rules {
            let lowered = lower(entry).map_err(|e| source.error(entry, e))?;
            let id = entry.id.get_ref();
            if let Some(first) = seen.insert(id.clone(), source.origin.to_string()) {
                return Err(source.error(entry, format!("this id is taken by {first}; choose another, or disable that rule")));
            }
            // Without its pattern a rule would find nothing and say nothing.
            let refused = |error| source.error(entry, format!("the pattern does not compile: {error}"));
            let regex = match &lowered.matcher {
                Matcher::Pattern { pattern, .. } => Some(compile(pattern, lowered.ignore_case).map_err(refused)?),
                _ => None,
            };
            let half = match lowered.pair.as_ref().map(|pair| &pair.half) {
                Some(Half::Pattern { pattern, .. }) => Some(compile(pattern, true).map_err(refused)?),
                _ => None,
            };
            rules.push(Rule {
                info: Arc::new(RuleInfo {
                    id: id.clone().into(),
                    provider: source.file.provider.clone().into(),
                    title: entry.title.clone().into(),
                    impact: entry.impact.clone().into(),
                    remedy: entry.remedy.clone().into(),
                    docs: entry.docs.as_ref().unwrap_or(&source.file.docs).clone().into(),
                    severity: entry.severity,
                }),
                confidence: entry.confidence,
                general: entry.general,
                anchors: lowered.anchors.into_iter().map(Into::into).collect(),
                names: lowered.names.into(),
                ignore_case: lowered.ignore_case,
                matcher: lowered.matcher,
                checks: lowered.checks,
                pair: lowered.pair,
                regex: OnceLock::from(regex),
                half: OnceLock::from(half),
            });
        }
    }
    Ok(())
}
