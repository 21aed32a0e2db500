//! Many sightings, one finding a secret.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::ops::Range;

use rayon::prelude::*;

use super::pairing::{self, Pairing};
use super::snippet::{self, snippet};
use super::veil::{Veil, Veiled};
use super::{Plan, Stats};
use crate::engine::checks::armour;
use crate::engine::{Match, REACH, checks};
use crate::model::{Confidence, Coverage, Exposure, Finding, Fingerprint, Occurrence, Problem, Secret, Severity, Snippet};
use crate::rules::{Rule, RuleSet};

/// A match at its place.
pub struct Sighting {
    pub rule: u16,
    pub confidence: Confidence,
    pub severity: Option<Severity>,
    pub occurrence: Occurrence,
    /// The id beside it.
    pub pairing: Option<Pairing>,
}

/// What a report needs beyond places, made only for the sighting that stands for its secret.
#[derive(Clone, Debug, Default)]
pub struct Details {
    pub evidence: Vec<String>,
    pub snippet: Snippet,
}

impl Details {
    /// Those of `found`, a match of `rule` and one of `matches` in `bytes`, of which `hidden` tells what must not be shown. What was encoded is shown as it
    /// reads once it is decoded.
    pub fn of(rule: &Rule, found: &Match, bytes: &[u8], matches: &[Match], hidden: &[Range<usize>]) -> Self {
        let (text, inner) = found.innermost(bytes);
        let evidence = checks::evidence(rule, &text[inner.secret.clone()], &text[inner.whole.clone()], inner.doubt.as_ref());
        if found.decoded.is_none() {
            return Self { evidence, snippet: snippet(bytes, &found.secret, hidden) };
        }
        // Those that may lie in the same encoded text: matches are in order.
        let first = matches.partition_point(|m| m.secret.end + REACH < found.secret.start);
        let near = matches[first..].iter().take_while(|m| m.secret.start <= found.secret.end + REACH);
        let hidden = snippet::hidden(near.filter_map(|m| m.within(bytes, text)));
        Self { evidence, snippet: snippet(text, &inner.secret, &hidden) }
    }
}

/// All sightings of one secret.
#[derive(Debug)]
pub struct Group {
    /// Whose rule and details stand for the secret: the surest, the rule that says most, the first. What is beyond doubt in one place is no less so because a
    /// rule that says more has doubts in another.
    rank: Rank,
    rule: u16,
    confidence: Confidence,
    severity: Option<Severity>,
    details: Details,
    occurrences: Vec<Occurrence>,
    /// Ids beside it, each with the secret's own place.
    pairs: Vec<(Occurrence, Pairing)>,
}

impl Group {
    pub const fn rule(&self) -> u16 {
        self.rule
    }

    pub fn pairs(&self) -> &[(Occurrence, Pairing)] {
        &self.pairs
    }

    /// Adds what is known of the same secret elsewhere.
    fn join(&mut self, theirs: Self) {
        let mut occurrences = std::mem::take(&mut self.occurrences);
        occurrences.extend_from_slice(&theirs.occurrences);
        let mut pairs = std::mem::take(&mut self.pairs);
        pairs.extend_from_slice(&theirs.pairs);
        if theirs.rank < self.rank {
            *self = theirs;
        }
        (self.occurrences, self.pairs) = (occurrences, pairs);
    }

    /// Puts the places in order: the one whose line is shown, whose rule the finding bears, then the others.
    fn order(&mut self) {
        self.occurrences.sort_unstable();
        self.occurrences.dedup();
        if let Ok(stands) = self.occurrences.binary_search(&self.rank.3) {
            self.occurrences[..=stands].rotate_right(1);
        }
    }

    /// Places, as they were seen.
    pub fn occurrences(&self) -> &[Occurrence] {
        &self.occurrences
    }

    /// Keeps some of the places; whether any are left.
    pub fn keep(&mut self, wanted: impl Fn(&Occurrence) -> bool) -> bool {
        self.occurrences.retain(&wanted);
        if !wanted(&self.rank.3) {
            // The line of a place that is told elsewhere.
            self.details.snippet = Snippet::default();
        }
        !self.occurrences.is_empty()
    }
}

type Rank = (std::cmp::Reverse<Confidence>, u8, u16, Occurrence);

/// Groups by value.
pub type Groups = HashMap<Secret, Group>;

/// What one worker, or all together, have learnt.
#[derive(Debug, Default)]
pub struct Gathered {
    pub groups: Groups,
    /// What holds secrets of history.
    pub exposures: HashMap<Secret, Exposure>,
    /// Secrets of history that no path lifts to the least confidence asked for.
    pub below: HashSet<Secret>,
    /// How many more there are that an earlier run counted.
    pub below_known: u64,
    /// Why a cache could not be written.
    pub cache_failure: Option<String>,
    pub coverage: Coverage,
    pub problems: Vec<Problem>,
    pub stats: Stats,
}

impl Gathered {
    /// Adds a sighting; `details` is called only where this one stands for its secret so far.
    pub fn add(&mut self, rules: &RuleSet, secret: &[u8], sighting: Sighting, details: impl FnOnce() -> Details) {
        let standing = rules.rules()[usize::from(sighting.rule)].standing();
        let rank = (std::cmp::Reverse(sighting.confidence), standing, sighting.rule, sighting.occurrence.clone());
        let Sighting { rule, confidence, severity, occurrence, pairing } = sighting;
        let pair = pairing.map(|pairing| (occurrence.clone(), pairing));
        match self.groups.get_mut(&Secret::new(secret)) {
            Some(group) => {
                if rank < group.rank {
                    (group.rank, group.rule, group.confidence, group.severity, group.details) =
                        (rank, rule, confidence, severity, details());
                }
                group.occurrences.push(occurrence);
                group.pairs.extend(pair);
            }
            None => {
                let pairs = pair.into_iter().collect();
                let group = Group { rank, rule, confidence, severity, details: details(), occurrences: vec![occurrence], pairs };
                self.groups.insert(Secret::new(secret), group);
            }
        }
    }

    /// Notes what holds `secret`; where two repositories do, the older story stands and the refs of both are named.
    pub fn expose(&mut self, secret: &Secret, exposure: Exposure) {
        expose(&mut self.exposures, secret, exposure);
    }

    /// Adds what another worker has learnt.
    pub fn merge(&mut self, other: Self) {
        for (secret, theirs) in other.groups {
            match self.groups.get_mut(&secret) {
                Some(ours) => ours.join(theirs),
                None => {
                    self.groups.insert(secret, theirs);
                }
            }
        }
        for (secret, exposure) in other.exposures {
            self.expose(&secret, exposure);
        }
        self.below.extend(other.below);
        self.coverage.merge(other.coverage);
        self.problems.extend(other.problems);
        self.stats.merge(&other.stats);
    }
}

/// What all copies of a key in armour share, if `secret` is one that is not as its own file has it.
fn plain(secret: &Secret) -> Option<Secret> {
    match armour::plain(secret.reveal()) {
        Cow::Borrowed(_) => None,
        Cow::Owned(plain) => Some(Secret::new(&plain)),
    }
}

/// Makes one of the copies of a key that are written differently; it is shown as the one that stands for all.
fn join_copies(groups: &mut Groups, exposures: &mut HashMap<Secret, Exposure>, below: &mut HashSet<Secret>) {
    let copies: Vec<(Secret, Secret)> = groups.keys().filter_map(|copy| Some((copy.clone(), plain(copy)?))).collect();
    let mut first: HashMap<Secret, Secret> = HashMap::new();
    for (copy, plain) in copies {
        let known = first.get(&plain).unwrap_or(&plain).clone();
        let stands = match (groups.remove(&copy), groups.remove(&known)) {
            (Some(mut group), Some(other)) => {
                let stands = if other.rank < group.rank { &known } else { &copy }.clone();
                group.join(other);
                groups.insert(stands.clone(), group);
                stands
            }
            (Some(group), None) => {
                groups.insert(copy.clone(), group);
                copy.clone()
            }
            _ => continue,
        };
        for exposure in [exposures.remove(&copy), exposures.remove(&known)].into_iter().flatten() {
            expose(exposures, &stands, exposure);
        }
        first.insert(plain, stands);
    }
    below.retain(|secret| plain(secret).is_none_or(|plain| !first.contains_key(&plain)));
}

fn expose(exposures: &mut HashMap<Secret, Exposure>, secret: &Secret, exposure: Exposure) {
    match exposures.get_mut(secret) {
        Some(known) => known.join(exposure),
        None => {
            exposures.insert(secret.clone(), exposure);
        }
    }
}

/// Findings in the order of reports, and how many secrets are below the least confidence. What a finding tells of beside its secret goes
/// behind `veil`.
pub fn findings(
    plan: &Plan,
    veil: &Veil,
    mut groups: Groups,
    mut exposures: HashMap<Secret, Exposure>,
    mut below: HashSet<Secret>,
) -> (Vec<Finding>, u64) {
    join_copies(&mut groups, &mut exposures, &mut below);
    below.retain(|secret| !groups.contains_key(secret));
    pairing::join(&mut groups, |group| group.confidence >= plan.min_confidence);
    let all = groups.len() + below.len();
    let wanted = groups.into_iter().filter(|(_, g)| g.confidence >= plan.min_confidence);
    let mut known = Veiled::default();
    let wanted: Vec<(Secret, Group, Option<Exposure>)> = wanted
        .map(|(secret, mut group)| {
            let mut exposure = exposures.remove(&secret);
            exposure.iter_mut().for_each(|exposure| veil.exposure(exposure, &mut known));
            group.order();
            group.occurrences.iter_mut().for_each(|occurrence| veil.commits(occurrence, &mut known));
            (secret, group, exposure)
        })
        .collect();
    let below = (all - wanted.len()) as u64;
    let rules = plan.engine.rules().rules();
    let finish = |(secret, mut group, exposure): (Secret, Group, Option<Exposure>)| {
        group.occurrences.iter_mut().for_each(|occurrence| veil.occurrence(occurrence));
        veil.snippet(&mut group.details.snippet);
        let rule = &rules[usize::from(group.rule)];
        // Any of them raises it; the first is told.
        let pair = group.pairs.into_iter().min().map(|(place, pairing)| {
            let mut pair = pairing.tell(plan.engine.rules(), &place);
            veil.path(&mut pair.path);
            pair
        });
        let severity = group.severity.unwrap_or(rule.info.severity);
        Finding {
            rule: rule.info.clone(),
            severity: if pair.is_some() { severity.raised() } else { severity },
            pair,
            confidence: group.confidence,
            fingerprint: Fingerprint::of(&armour::plain(secret.reveal())),
            secret,
            evidence: group.details.evidence,
            snippet: group.details.snippet,
            occurrences: group.occurrences,
            exposure,
        }
    };
    // Fingerprints are slow on purpose: worth all cores where there are many, not worth waking them for a few.
    let mut findings: Vec<Finding> = if plan.threads > 1 && wanted.len() > 8 {
        wanted.into_par_iter().map(finish).collect()
    } else {
        wanted.into_iter().map(finish).collect()
    };
    findings.sort_by(|a, b| (&a.occurrences, &a.rule.id, &a.secret).cmp(&(&b.occurrences, &b.rule.id, &b.secret)));
    (findings, below)
}
