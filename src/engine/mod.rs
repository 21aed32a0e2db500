//! Bytes in, matches out: anchors, shape, window, checks. No files, no clock, no network, no threads.

pub mod assignment;
pub mod automaton;
pub mod checks;
pub mod classify;
pub mod context;
mod inherit;
mod lanes;
pub mod pair;
mod scanner;
pub mod weigh;
mod window;

use std::borrow::Cow;
use std::ops::Range;

use crate::model::{Confidence, Severity};
use crate::rules::format::Shape;
use crate::rules::{Matcher, RuleSet};
use automaton::Automaton;
pub use checks::{Objection, Why};
pub use inherit::{Memo, Piece as EditPiece};
pub use scanner::{Observer, Scanner, Silent, Verdict};

/// How far behind or before an anchor any rule looks, in bytes: a buffer that shows this much around a range shows all that matters to it.
pub const REACH: usize = crate::rules::format::MAX_BLOCK + crate::rules::format::MAX_WINDOW;

/// A buffer to scan.
#[derive(Clone, Copy, Debug)]
pub struct Text<'a> {
    /// The bytes.
    pub bytes: &'a [u8],
    /// Only anchors that begin at or behind this offset count …
    pub from: usize,
    /// … and before this one; the rest is context.
    pub to: usize,
    /// Whether only runs of printable ASCII are text.
    pub binary: bool,
}

impl<'a> Text<'a> {
    /// All of `bytes`, as text.
    #[must_use]
    pub const fn whole(bytes: &'a [u8]) -> Self {
        Self { bytes, from: 0, to: bytes.len(), binary: false }
    }
}

/// A rule's match that every check let pass. It knows no path: the same bytes give the same matches wherever they stand.
#[derive(Clone, Debug, PartialEq)]
pub struct Match {
    /// Where the anchor begins that led to it.
    pub at: usize,
    /// Index of the rule in its set.
    pub rule: u16,
    /// All that the pattern matched.
    pub whole: Range<usize>,
    /// What must stay secret.
    pub secret: Range<usize>,
    /// How sure.
    pub confidence: Confidence,
    /// How bad, where the value itself tells.
    pub severity: Option<Severity>,
    /// The check that lowered the confidence, if one did.
    pub doubt: Option<Objection>,
    /// How a generic rule's value was written; `None` for rules with a form of their own.
    pub assigned: Option<assignment::Style>,
}

/// The rules with everything that is built once and shared by all threads.
#[derive(Debug)]
pub struct Engine {
    rules: RuleSet,
    automaton: Automaton,
    probes: Vec<Probe>,
    /// How far from its anchor a rule of one line looks, at most, in bytes.
    line_reach: usize,
}

/// What a hit of one anchor needs at once, side by side in memory.
#[derive(Debug)]
struct Probe {
    shape: Shape,
    literal: Cow<'static, [u8]>,
    rule: u16,
    /// Whether upper and lower case are the same.
    fold: bool,
}

impl Probe {
    /// Bytes of the literal that the automaton has seen.
    fn head(&self) -> usize {
        self.literal.len().min(automaton::HEAD)
    }

    /// Whether the literal stands at `at`; the automaton knows its head, and folds case.
    fn stands(&self, bytes: &[u8], at: usize) -> bool {
        let compared = if self.fold { self.head() } else { 0 };
        bytes.get(at..at + self.literal.len()).is_some_and(|found| {
            let (found, literal) = (&found[compared..], &self.literal[compared..]);
            if self.fold { found.eq_ignore_ascii_case(literal) } else { found == literal }
        })
    }
}

impl Engine {
    /// Prepares `rules`.
    ///
    /// # Panics
    /// With more than 65,535 rules or anchors that exceed the automaton's address space, neither of which a rule set comes near.
    #[must_use]
    pub fn new(rules: RuleSet) -> Self {
        let mut probes = Vec::new();
        for (index, rule) in rules.rules().iter().enumerate() {
            let shape = match &rule.matcher {
                Matcher::Pattern { shape, .. } => *shape,
                Matcher::Block { .. } | Matcher::Assignment { .. } => Shape::ANY,
            };
            let rule_index = u16::try_from(index).expect("fewer than 65,536 rules");
            probes.extend(rule.anchors.iter().map(|literal| Probe {
                shape,
                literal: literal.clone(),
                rule: rule_index,
                fold: rule.ignore_case,
            }));
        }
        let automaton = rules.automaton_words().map_or_else(
            || {
                let literals: Vec<&[u8]> = probes.iter().map(|p| &*p.literal).collect();
                Automaton::build(&literals).expect("the anchors fit the automaton's address space")
            },
            |words| Automaton::from_words(words.into()),
        );
        let reach = |rule: &crate::rules::Rule| match rule.matcher {
            Matcher::Pattern { before, after, .. } => usize::from(before.max(after)),
            Matcher::Assignment { .. } => assignment::REACH,
            Matcher::Block { .. } => 0,
        };
        // And two bytes behind a value, which may go on as a template.
        let line_reach = rules.rules().iter().map(reach).max().unwrap_or(0) + 2;
        Self { rules, automaton, probes, line_reach }
    }

    /// The rules.
    #[must_use]
    pub fn rules(&self) -> &RuleSet {
        &self.rules
    }

    /// A scanner for one thread.
    #[must_use]
    pub fn scanner(&self) -> Scanner<'_> {
        Scanner::new(self)
    }
}
