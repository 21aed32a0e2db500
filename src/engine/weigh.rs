//! What moves the classifier's score of a candidate, for people who ask why.

use super::assignment::{Operator, Quote};
use super::classify::{Candidate, Scores, judge, scores};
use super::context::FileKind;

/// A score with its parts, in the classifier's own unit (1/256 of log-odds).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Weighed {
    /// The score of the trees in that kind of file.
    pub score: i16,
    /// The score it gets instead, where people choose such words for passwords.
    pub raised: Option<i16>,
    /// How much each part adds beside a plain one in its place, the heaviest first.
    pub parts: [(&'static str, i32); 3],
}

/// Weighs `candidate` in a file of this kind: it is scored again with its value, its name and its line each replaced by one that is beyond
/// doubt, and what that changes is that part's doing. The trees themselves tell no such thing: a feature acts together with others.
#[must_use]
pub fn weigh(candidate: &Candidate<'_>, kind: FileKind) -> Weighed {
    /// Random, of the usual length.
    const VALUE: &[u8] = b"k7Qw9ZtR2xVb4LmN8sHd";
    let here = |scores: Scores| if kind == FileKind::Any { scores.best() } else { scores.of(kind) };
    let of = |candidate: &Candidate<'_>| here(scores(candidate));
    let score = of(candidate);
    let raised = judge(candidate).ok().map(here).filter(|&judged| judged > score);
    let plain_line =
        Candidate { before: b"", between: b"=", behind: b"", quote: Quote::None, operator: Operator::Assign, alone: true, ..*candidate };
    let by = |replaced: &Candidate<'_>| i32::from(score) - i32::from(of(replaced));
    let mut parts = [
        ("the value", by(&Candidate { value: VALUE, ..*candidate })),
        ("the name", by(&Candidate { name: b"api_token", anchor: b"token", ..*candidate })),
        ("the line", by(&plain_line)),
    ];
    parts.sort_by_key(|&(_, weight)| -weight.abs());
    Weighed { score, raised, parts }
}
