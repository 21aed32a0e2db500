//! Rules: the built-in ones as constants, a user's from TOML, both the same to the engine.

mod embedded;
pub mod format;
mod lint;
mod load;
pub mod template;

use std::borrow::Cow;
use std::sync::{Arc, OnceLock};

use regex::bytes::{Regex, RegexBuilder};

use crate::model::{Confidence, RuleInfo};
pub use format::{Checks, Gate, Matcher, Pair};
pub use lint::{Lint, lint};
pub use load::{LoadError, Origin, RuleText};

/// Bytes a compiled pattern may take.
const REGEX_SIZE: usize = 4 << 20;

/// A rule as the engine runs it.
#[derive(Debug)]
pub struct Rule {
    /// What reports say about it.
    pub info: Arc<RuleInfo>,
    /// How sure a match is when every check holds.
    pub confidence: Confidence,
    /// Whether many services share this form.
    pub general: bool,
    /// The literals, one of which is in every match.
    pub anchors: Vec<Cow<'static, [u8]>>,
    /// Whether anchors match in any case.
    pub ignore_case: bool,
    /// The look at the window.
    pub matcher: Matcher,
    /// The checks on the value.
    pub checks: Checks,
    /// What belongs to its secret.
    pub pair: Option<Pair>,
    regex: OnceLock<Option<Regex>>,
    half: OnceLock<Option<Regex>>,
}

impl Rule {
    /// How much a match of this rule says about whose credential it is, the most first: one service's form, a form that many share, a name.
    #[must_use]
    pub fn standing(&self) -> u8 {
        match self.matcher {
            Matcher::Assignment { .. } => 2,
            _ if self.general => 1,
            _ => 0,
        }
    }

    /// The compiled pattern of a [`Matcher::Pattern`] rule, compiled at its first use. `None` for other rules.
    pub fn regex(&self) -> Option<&Regex> {
        let compile = || match &self.matcher {
            // Loading has parsed the pattern; only its size could still be refused, and lint and tests compile every rule.
            Matcher::Pattern { pattern, .. } => compile(pattern, self.ignore_case).ok(),
            _ => None,
        };
        self.regex.get_or_init(compile).as_ref()
    }

    /// The compiled pattern of a [`format::Half::Pattern`], compiled at its first use.
    pub fn half(&self) -> Option<&Regex> {
        let compile = || match self.pair.as_ref().map(|pair| &pair.half) {
            Some(format::Half::Pattern { pattern, .. }) => compile(pattern, true).ok(),
            _ => None,
        };
        self.half.get_or_init(compile).as_ref()
    }
}

/// The ids of the rules in the binary.
fn built_in_ids() -> impl Iterator<Item = &'static str> {
    embedded::RULES.iter().map(embedded::Rule::id)
}

/// Compiles as the engine does: bytes, no Unicode classes, bounded size.
pub(crate) fn compile(pattern: &str, ignore_case: bool) -> Result<Regex, regex::Error> {
    RegexBuilder::new(pattern).unicode(false).case_insensitive(ignore_case).size_limit(REGEX_SIZE).build()
}

/// The rules of one run, in a fixed order that breaks ties.
#[derive(Debug)]
pub struct RuleSet {
    rules: Vec<Rule>,
    /// Whether the rules are exactly the built-in ones, for which the automaton is ready-made.
    built_in: bool,
}

impl RuleSet {
    /// The rules in the binary.
    #[must_use]
    pub fn built_in() -> Self {
        Self { rules: embedded::RULES.iter().map(Rule::from).collect(), built_in: true }
    }

    /// The rules in `sources`, after the built-in ones unless `replace` is set; `disable` names rules to leave out.
    ///
    /// # Errors
    /// A file that does not parse or a rule that cannot work, with file and line; an id that occurs twice; a name in `disable` that no rule
    /// has; no rule left.
    pub fn load(sources: &[RuleText], replace: bool, disable: &[String]) -> Result<Self, LoadError> {
        let mut set = if replace { Self { rules: Vec::new(), built_in: false } } else { Self::built_in() };
        load::add(&mut set.rules, sources)?;
        for id in disable {
            let before = set.rules.len();
            set.rules.retain(|r| r.info.id != id.as_str());
            if set.rules.len() == before {
                return Err(LoadError::NoSuchRule(id.clone()));
            }
        }
        if set.rules.is_empty() {
            return Err(LoadError::NoRules);
        }
        set.built_in &= sources.is_empty() && disable.is_empty();
        Ok(set)
    }

    /// The rules in order; a rule's index here is its name within the engine.
    #[must_use]
    pub fn rules(&self) -> &[Rule] {
        &self.rules
    }

    /// The rule of that id.
    #[must_use]
    pub fn get(&self, id: &str) -> Option<&Rule> {
        self.rules.iter().find(|r| r.info.id == id)
    }

    /// The words of the ready-made automaton, where it fits this set.
    pub(crate) fn automaton_words(&self) -> Option<&'static [u32]> {
        self.built_in.then(embedded::automaton)
    }
}
