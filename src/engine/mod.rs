//! Bytes in, matches out: anchors, shape, window, checks. No files, no clock, no network, no threads.

pub mod assignment;
mod automaton;
pub mod checks;
pub mod classify;
mod codes;
mod colour;
pub mod context;
mod continued;
pub mod encoded;
mod inherit;
mod lanes;
pub mod pair;
mod paired;
mod scanner;
mod search;
pub mod weigh;
mod window;

use std::borrow::Cow;
use std::ops::Range;

use aho_corasick::{AhoCorasick, AhoCorasickKind};

use crate::model::{Confidence, Severity};
use crate::rules::format::Shape;
use crate::rules::{Matcher, RuleSet};
use automaton::Automaton;
pub use checks::{Objection, Why};
pub use encoded::Decoded;
pub use inherit::{Memo, Piece as EditPiece};
pub use scanner::{Hit, Observer, Scanner, Silent, Verdict};

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
    /// All that the pattern matched; where that was encoded, all of the code.
    pub whole: Range<usize>,
    /// What must stay secret, as it is written.
    pub secret: Range<usize>,
    /// How sure.
    pub confidence: Confidence,
    /// How bad, where the value itself tells.
    pub severity: Option<Severity>,
    /// The check that lowered the confidence, if one did.
    pub doubt: Option<Objection>,
    /// How a generic rule's value was written; `None` for rules with a form of their own.
    pub assigned: Option<assignment::Style>,
    /// What it says once it is decoded, where it is encoded.
    pub decoded: Option<Box<Decoded>>,
}

/// The rules with everything that is built once and shared by all threads.
#[derive(Debug)]
pub struct Engine {
    rules: RuleSet,
    automaton: Automaton,
    probes: Vec<Probe>,
    /// What tokens of a form of their own begin with, and the rule that knows the form.
    prefixes: Vec<(Cow<'static, [u8]>, u16)>,
    /// What names credentials that have no form of their own.
    words: AhoCorasick,
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
    /// In place of a rule: the literal escapes something, which is not of a rule but of all.
    const ESCAPE: u16 = u16::MAX;

    /// What stands nowhere: in place of an anchor whose rule is left out.
    const NONE: Self = Self { shape: Shape::ANY, literal: Cow::Borrowed(b""), rule: u16::MAX, fold: false };

    /// Whether the literal stands at `at`; the automaton knows its first `head` bytes, and folds case.
    fn stands(&self, bytes: &[u8], at: usize, head: usize) -> bool {
        let compared = if self.fold { head } else { 0 };
        !self.literal.is_empty()
            && bytes.get(at..at + self.literal.len()).is_some_and(|found| {
                let (found, literal) = (&found[compared..], &self.literal[compared..]);
                if self.fold { found.eq_ignore_ascii_case(literal) } else { found == literal }
            })
    }
}

impl Engine {
    /// Prepares `rules`.
    ///
    /// # Panics
    /// With more than 65,535 rules, which no rule set comes near.
    #[must_use]
    pub fn new(rules: RuleSet) -> Self {
        let ready_made = rules.ready_made();
        let mut left_out = ready_made.map(|(_, left_out)| left_out).unwrap_or_default().iter().peekable();
        let mut probes = Vec::new();
        let mut none_before = |index: usize, probes: &mut Vec<Probe>| {
            while let Some(gap) = left_out.next_if(|gap| gap.before <= index) {
                probes.extend((0..gap.anchors).map(|_| Probe::NONE));
            }
        };
        for (index, rule) in rules.rules().iter().enumerate() {
            let shape = |anchor: &[u8]| match &rule.matcher {
                Matcher::Pattern { shape, .. } => *shape,
                Matcher::Assignment { .. } => assignment::shape(anchor),
                Matcher::Container { .. } => checks::container::shape(anchor),
                Matcher::Block { .. } | Matcher::Codes => Shape::ANY,
            };
            none_before(index, &mut probes);
            let rule_index = u16::try_from(index).expect("fewer than 65,536 rules");
            probes.extend(rule.anchors.iter().map(|literal| Probe {
                shape: shape(literal),
                literal: literal.clone(),
                rule: rule_index,
                fold: rule.ignore_case,
            }));
        }
        none_before(usize::MAX, &mut probes);
        let escapes = probes.len();
        probes.extend(automaton::ESCAPES.iter().map(|escape| Probe {
            shape: Shape::ANY,
            literal: Cow::Borrowed(escape.as_bytes()),
            rule: Probe::ESCAPE,
            fold: true,
        }));
        let automaton = ready_made.map_or_else(
            || {
                let literals: Vec<&[u8]> = probes[..escapes].iter().map(|p| &*p.literal).collect();
                Automaton::build(&literals)
            },
            |(words, _)| Automaton::from_words(words.into()),
        );
        let reach = |rule: &crate::rules::Rule| match rule.matcher {
            Matcher::Pattern { before, after, .. } => usize::from(before.max(after)),
            Matcher::Assignment { .. } => assignment::REACH,
            Matcher::Container { .. } => checks::container::BEFORE,
            Matcher::Block { .. } | Matcher::Codes => 0,
        };
        // And two bytes behind a value, which may go on as a template, or a sequence that colours it.
        let line_reach = rules.rules().iter().map(reach).max().unwrap_or(0).max(encoded::SIGHT) + 2 + colour::LONGEST;
        let prefixes = (0..).zip(rules.rules()).flat_map(|(index, rule)| rule.prefixes().map(move |prefix| (prefix, index))).collect();
        let names =
            rules.rules().iter().filter(|rule| matches!(rule.matcher, Matcher::Assignment { .. })).flat_map(|rule| rule.anchors.iter());
        let words = AhoCorasick::builder()
            .ascii_case_insensitive(true)
            .kind(Some(AhoCorasickKind::NoncontiguousNFA))
            .build(names)
            .expect("a few hundred words");
        Self { rules, automaton, probes, prefixes, words, line_reach }
    }

    /// Whether `text` has a word that names credentials.
    fn names(&self, text: &[u8]) -> bool {
        self.words.is_match(text)
    }

    /// Whether `value` begins like the tokens of some form and is shorter than every one of them.
    fn is_cut(&self, value: &[u8]) -> bool {
        let rules = self.rules.rules();
        let mut forms = self.prefixes.iter().filter(|(prefix, _)| value.starts_with(prefix)).peekable();
        // Others may spell the same prefix as one of several, which says nothing of whose it is, and know a shorter form.
        let is_known =
            |prefix: &[u8]| rules.iter().any(|rule| rule.anchors.iter().any(|a| **a == *prefix) && rule.shortest() <= value.len());
        forms.peek().is_some() && forms.all(|(prefix, rule)| value.len() < rules[usize::from(*rule)].shortest() && !is_known(prefix))
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

#[cfg(test)]
mod tests {
    use super::context::PathContext;
    use super::{Engine, Silent, Text};
    use crate::model::{Confidence, ReportPath};
    use crate::rules::RuleSet;
    use crate::rules::template::fill;

    #[test]
    fn tokens_that_end_too_soon() {
        let engine = Engine::new(RuleSet::built_in());
        let cut = |template: &str| engine.is_cut(fill(template, "cut").unwrap().as_bytes());
        assert!(cut("ghp_{{base62:20}}"));
        assert!(!cut("ghp_{{base62:60}}"));
        assert!(!cut("{{base62:30}}"));
        // Several vendors' keys begin so, and not all rules write the prefix first in their pattern.
        assert!(cut("sk_live_{{base62:12}}") && !cut("sk_live_{{base62:42}}"));
    }

    #[test]
    fn a_name_that_is_also_a_word_takes_nothing_from_the_rest() {
        let engine = Engine::new(RuleSet::built_in());
        let check = |template: &str, path: &str, expected: Option<Confidence>| {
            let text = fill(template, "second").unwrap();
            let mut found = Vec::new();
            engine.scanner().scan(Text::whole(text.as_bytes()), &mut found, &mut Silent);
            let path = PathContext::of(&ReportPath::new(path.as_bytes()));
            let judged = found.first().and_then(|found| path.judge(found, text.as_bytes()).ok());
            assert_eq!(judged, expected, "{text}");
        };
        check("ENIGMA_TOKEN = \"{{base62:37}}aQ7\"", "a.py", Some(Confidence::Medium));
        check("enigma-io: {{base62:37}}aQ7", "a.txt", Some(Confidence::Low));
        // What is public by design stays what it is.
        check("pusher_key: {{hex:19}}7", "a.yml", Some(Confidence::Low));
    }
}
