//! Rules: the built-in ones as constants, a user's from TOML, both the same to the engine.

mod embedded;
pub mod format;
mod lint;
mod load;
pub(crate) mod sums;
pub mod template;

use std::borrow::Cow;
use std::sync::{Arc, OnceLock};

use regex::bytes::{Regex, RegexBuilder};

use crate::model::{Confidence, RuleInfo};
pub use format::{Checks, Gate, Matcher, Pair};
pub use lint::{Lint, lint};
pub use load::{LoadError, Origin, RuleText, unquoted};

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
    /// The names of a named rule as its author wrote them, a space between them; else empty.
    pub names: Cow<'static, str>,
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

    /// The anchors that the rule's values begin with, those that say whose they are.
    pub fn prefixes(&self) -> impl Iterator<Item = Cow<'static, [u8]>> + '_ {
        /// Shorter ones are no one's: `sk-`, `key-`.
        const LEAST: usize = 4;
        let pattern = match &self.matcher {
            Matcher::Pattern { pattern, .. } if !self.ignore_case => pattern.as_ref(),
            _ => "",
        };
        let begins = move |anchor: &[u8]| {
            std::str::from_utf8(anchor).is_ok_and(|anchor| pattern.contains(&format!("(?<secret>{}", regex_syntax::escape(anchor))))
        };
        let telling = |anchor: &[u8]| anchor.len() >= LEAST && anchor.ends_with(b"_") | anchor.ends_with(b"-");
        self.anchors.iter().filter(move |anchor| telling(anchor) && begins(anchor)).cloned()
    }

    /// The fewest bytes that the pattern matches. Parses it: for rare questions.
    pub fn shortest(&self) -> usize {
        let Matcher::Pattern { pattern, .. } = &self.matcher else { return 0 };
        format::value_class(pattern).map_or(0, |(_, least)| least)
    }

    /// The compiled pattern of a [`Matcher::Pattern`] rule, compiled at its first use. `None` for other rules.
    pub fn regex(&self) -> Option<&Regex> {
        let compile = || match &self.matcher {
            // Loading has compiled those of rules of one's own, and tests compile every rule in the binary.
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
    /// Where the rules are all from among the built-in ones, for which the automaton is ready-made: those of them that are left out.
    left_out: Option<Vec<LeftOut>>,
}

/// Built-in rules that are left out, one after the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct LeftOut {
    /// The place in the set of the rule that follows them.
    pub before: usize,
    /// How many anchors they have.
    pub anchors: usize,
}

impl RuleSet {
    /// The rules in the binary.
    #[must_use]
    pub fn built_in() -> Self {
        Self { rules: embedded::RULES.iter().map(Rule::from).collect(), left_out: Some(Vec::new()) }
    }

    /// The rules in `sources`, after the built-in ones unless `replace` is set; `disable` names rules to leave out.
    ///
    /// # Errors
    /// A file that does not parse or a rule that cannot work, with file and line; an id that occurs twice; a name in `disable` that no rule
    /// has; no rule left.
    pub fn load(sources: &[RuleText], replace: bool, disable: &[String]) -> Result<Self, LoadError> {
        let mut set = if replace { Self { rules: Vec::new(), left_out: None } } else { Self::built_in() };
        load::add(&mut set.rules, sources)?;
        if !sources.is_empty() {
            set.left_out = None;
        }
        for id in disable {
            set.disable(id)?;
        }
        if set.rules.is_empty() {
            return Err(LoadError::NoRules);
        }
        Ok(set)
    }

    fn disable(&mut self, id: &str) -> Result<(), LoadError> {
        let at = self.index(id).map(usize::from).ok_or_else(|| LoadError::NoSuchRule(id.to_owned()))?;
        let rule = self.rules.remove(at);
        if let Some(left_out) = &mut self.left_out {
            // What stood further on has moved up; the set has each id once.
            left_out.iter_mut().filter(|gap| gap.before > at).for_each(|gap| gap.before -= 1);
            let place = left_out.partition_point(|gap| gap.before <= at);
            left_out.insert(place, LeftOut { before: at, anchors: rule.anchors.len() });
        }
        Ok(())
    }

    /// The rules in order; a rule's index here is its name within the engine.
    #[must_use]
    pub fn rules(&self) -> &[Rule] {
        &self.rules
    }

    /// What reports say of the rules, in order.
    #[must_use]
    pub fn infos(&self) -> Vec<Arc<RuleInfo>> {
        self.rules.iter().map(|rule| Arc::clone(&rule.info)).collect()
    }

    /// The rule of that id.
    #[must_use]
    pub fn get(&self, id: &str) -> Option<&Rule> {
        self.index(id).map(|index| &self.rules[usize::from(index)])
    }

    /// The place among [`Self::rules`] of the rule of that id: the number that matches bear.
    #[must_use]
    pub fn index(&self, id: &str) -> Option<u16> {
        self.rules.iter().position(|r| r.info.id == id).and_then(|index| u16::try_from(index).ok())
    }

    /// The words of the ready-made automaton, where it fits this set, and the rules whose anchors it finds in vain.
    pub(crate) fn ready_made(&self) -> Option<(&'static [u32], &[LeftOut])> {
        self.left_out.as_deref().map(|left_out| (embedded::automaton(), left_out))
    }
}
