//! Ids beside the secrets that are reported: where they stand, and that the two are one finding.

use std::collections::{HashMap, HashSet};
use std::ops::Range;
use std::sync::Arc;

use super::collect::{Group, Groups};
use crate::engine::{Match, pair};
use crate::model::{Occurrence, Pair, Position, ReportPath, Secret, Tracker};
use crate::rules::RuleSet;

/// The id beside a secret, at its place.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Pairing {
    start: Position,
    beside: Beside,
}

/// The id beside a secret.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Beside {
    id: Secret,
    /// The rule that finds it elsewhere.
    rule: Option<u16>,
    title: String,
}

impl Beside {
    fn new(found: pair::Partner, text: &[u8]) -> Self {
        Self { id: Secret::new(&text[found.span]), rule: found.rule, title: found.title.to_owned() }
    }

    /// The id beside the secret of `found`, a match in `text`, where both are encoded.
    pub fn encoded(rules: &RuleSet, found: &Match, text: &[u8]) -> Option<Self> {
        let (text, inner) = found.innermost(text);
        pair::partner(rules, inner.rule, text, &inner.secret).map(|partner| Self::new(partner, text))
    }

    /// It stands where its secret does: what is encoded has one place.
    pub const fn at(self, start: Position) -> Pairing {
        Pairing { start, beside: self }
    }
}

/// Tells pairs of one text, secrets in the order of their places.
pub struct Pairs<'r> {
    rules: &'r RuleSet,
    /// Far enough behind that no id is passed.
    tracker: Tracker,
    at: usize,
}

impl<'r> Pairs<'r> {
    /// For a text whose byte at `at` has the position that `tracker`, there, tells: what stands before is not looked at.
    pub const fn new(rules: &'r RuleSet, tracker: Tracker, at: usize) -> Self {
        Self { rules, tracker, at }
    }

    /// The id beside `secret`, which the rule of that index found in `text`.
    pub fn of(&mut self, rule: u16, text: &[u8], secret: &Range<usize>) -> Option<Pairing> {
        let found = pair::partner(self.rules, rule, text, secret)?;
        if found.span.start < self.at {
            return None;
        }
        let behind = pair::begin(secret).max(self.at);
        self.at = behind;
        self.tracker.advance(text, behind);
        let start = self.tracker.clone().advance(text, found.span.start);
        Some(Beside::new(found, text).at(start))
    }
}

impl Pairing {
    /// What a report tells of it; `place` is where its secret stands.
    pub fn tell(self, rules: &RuleSet, place: &Occurrence) -> Pair {
        let Beside { id, rule, title } = self.beside;
        let rule = rule.map(|rule| Arc::from(&*rules.rules()[usize::from(rule)].info.id));
        Pair { title, rule, id, path: place.path.clone(), start: self.start }
    }
}

/// Takes out of `groups` the ids that findings have as their pair, in the file where they have it: the two are one finding. Only the rules that a
/// pair names can find such an id; what looks like a key to some other rule may open something by itself, and stays. `reported` says which groups
/// are findings. An id that stands elsewhere too keeps that place.
pub fn join(groups: &mut Groups, reported: impl Fn(&Group) -> bool) {
    let mut taken: HashMap<(Secret, u16), HashSet<ReportPath>> = HashMap::new();
    for (place, pairing) in groups.values().filter(|g| reported(g)).flat_map(Group::pairs) {
        if let Some(rule) = pairing.beside.rule {
            taken.entry((pairing.beside.id.clone(), rule)).or_default().insert(place.path.clone());
        }
    }
    for ((id, rule), paths) in taken {
        if let Some(group) = groups.get_mut(&id).filter(|g| g.rule() == rule)
            && !group.keep(|place| !paths.contains(&place.path))
        {
            groups.remove(&id);
        }
    }
}
