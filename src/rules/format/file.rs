//! A rule file as it is written. `.github/RULES.md` explains every field to authors.

use serde::Deserialize;

use super::checks::{Checks, Checksum, Entropy, Gate, Require, Structure};
use super::container::Container;
use crate::model::grade::{Confidence, Severity};

/// One provider's file.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RuleFile {
    /// The service's name.
    pub provider: String,
    /// The page that states the tokens' form.
    pub docs: String,
    /// The rules.
    #[serde(rename = "rule", default)]
    pub rules: Vec<RuleEntry>,
}

/// One rule as written.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RuleEntry {
    /// Stable name, with its place in the file.
    pub id: toml::Spanned<String>,
    /// What it is.
    pub title: String,
    /// What the holder can do.
    pub impact: String,
    /// What to do.
    pub remedy: String,
    /// Overrides the file's page.
    pub docs: Option<String>,
    /// How bad.
    pub severity: Severity,
    /// How sure when all checks hold.
    #[serde(default = "medium")]
    pub confidence: Confidence,
    /// Literals of a token rule.
    #[serde(default)]
    pub anchors: Vec<String>,
    /// The pattern of a token rule.
    pub pattern: Option<String>,
    /// Whether many services share this form, so that a rule for one of them explains the same bytes better.
    #[serde(default)]
    pub general: bool,
    /// Whether anchors and pattern match in any case.
    #[serde(default)]
    pub ignore_case: bool,
    /// Bytes to each side, for patterns without a largest length.
    pub window: Option<usize>,
    /// Names of a named rule.
    #[serde(default)]
    pub names: Vec<String>,
    /// Calls that take the value of a named rule as an argument without a name.
    #[serde(default)]
    pub calls: Vec<String>,
    /// The value's pattern in a named rule.
    pub value: Option<String>,
    /// Begin and end of a block rule.
    pub block: Option<BlockEntry>,
    /// The kind of key file that a container rule tells.
    pub container: Option<Container>,
    /// What stands above a list of codes.
    #[serde(default)]
    pub codes: Vec<String>,
    /// The words of a generic rule, whose parsing is code.
    #[serde(default)]
    pub words: Vec<String>,
    /// What names the application that the secret belongs to.
    pub pair: Option<PairEntry>,
    /// The checks beyond the standard ones.
    #[serde(default)]
    pub checks: ChecksEntry,
    /// Texts in which the rule finds its credential.
    #[serde(rename = "hit", default)]
    pub hits: Vec<Hit>,
    /// Texts in which it finds none.
    #[serde(rename = "miss", default)]
    pub misses: Vec<Miss>,
}

const fn medium() -> Confidence {
    Confidence::Medium
}

/// Begin and end literals of a block.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BlockEntry {
    /// The first line's fixed part.
    pub begin: String,
    /// The last line's fixed part.
    pub end: String,
}

/// The other half of a credential, as written: the rules that find it, or its names and form.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PairEntry {
    /// Ids of rules.
    #[serde(default)]
    pub rules: Vec<String>,
    /// What it is, where no rule finds it.
    pub title: Option<String>,
    /// Its names, as in a named rule.
    #[serde(default)]
    pub names: Vec<String>,
    /// Its pattern, as in a named rule.
    pub value: Option<String>,
    /// Lines between the two, at most.
    #[serde(default = "twenty")]
    pub within: u8,
}

const fn twenty() -> u8 {
    20
}

/// Checks as written.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChecksEntry {
    entropy: Option<f32>,
    checksum: Option<Checksum>,
    structure: Option<Structure>,
    #[serde(default)]
    require: Vec<Kind>,
    #[serde(default)]
    allow: Vec<Allow>,
    #[serde(default)]
    named: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Kind {
    Digit,
    Upper,
    Lower,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Allow {
    Placeholder,
    Reference,
}

impl ChecksEntry {
    /// What the engine needs of it.
    pub fn checks(&self) -> Checks {
        Checks {
            entropy: match self.entropy {
                None => Entropy::Alphabet,
                Some(least) if least > 0.0 => Entropy::AtLeast(least),
                Some(_) => Entropy::Off,
            },
            checksum: self.checksum,
            structure: self.structure,
            require: Require {
                digit: self.require.contains(&Kind::Digit),
                upper: self.require.contains(&Kind::Upper),
                lower: self.require.contains(&Kind::Lower),
            },
            allow_placeholder: self.allow.contains(&Allow::Placeholder),
            allow_reference: self.allow.contains(&Allow::Reference),
            named: self.named,
        }
    }
}

/// A text, as a template, that holds a credential of the rule.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Hit {
    /// The template.
    pub text: String,
    /// The file it stands in, where that matters.
    pub path: Option<String>,
}

/// A text, as a template, that holds none, and the first gate that says so.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Miss {
    /// The template.
    pub text: String,
    /// The file it stands in, where that matters.
    pub path: Option<String>,
    /// The gate; not checked where absent.
    pub dropped_by: Option<Gate>,
}
