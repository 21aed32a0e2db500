//! Ids beside the secrets that are reported: where they stand, and that the two are one finding.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use super::collect::{Group, Groups};
use crate::engine::pair;
use crate::model::{Occurrence, Pair, Position, ReportPath, Secret, Tracker};
use crate::rules::RuleSet;

/// The id beside a secret, at its place.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Pairing {
    start: Position,
    id: Secret,
    /// The rule that finds it elsewhere.
    rule: Option<u16>,
    title: String,
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
        Some(Pairing { start, id: Secret::new(&text[found.span]), rule: found.rule, title: found.title.to_owned() })
    }
}

impl Pairing {
    /// What a report tells of it; `place` is where its secret stands.
    pub fn tell(self, rules: &RuleSet, place: &Occurrence) -> Pair {
        let rule = self.rule.map(|rule| Arc::from(&*rules.rules()[usize::from(rule)].info.id));
        Pair { title: self.title, rule, id: self.id, path: place.path.clone(), start: self.start }
    }
}

/// Takes out of `groups` the ids that findings have as their pair, in the file where they have it: the two are one finding. Only the rules that a
/// pair names can find such an id; what looks like a key to some other rule may open something by itself, and stays. `reported` says which groups
/// are findings. An id that stands elsewhere too keeps that place.
pub fn join(groups: &mut Groups, reported: impl Fn(&Group) -> bool) {
    let mut taken: HashMap<(Secret, u16), Vec<ReportPath>> = HashMap::new();
    for (place, pairing) in groups.values().filter(|g| reported(g)).flat_map(Group::pairs) {
        if let Some(rule) = pairing.rule {
            taken.entry((pairing.id.clone(), rule)).or_default().push(place.path.clone());
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
