//! What was seen in which object, before anybody knows its paths.

use std::collections::HashMap;

use crate::engine::assignment::Style;
use crate::engine::context::PathContext;
use crate::engine::{Match, Objection};
use crate::git::ObjectAt;
use crate::model::{Confidence, ReportPath, Secret, Severity};

/// A secret as one rule sees it. It knows no path and no object.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Claim {
    pub rule: u16,
    pub secret: Secret,
    pub confidence: Confidence,
    pub severity: Option<Severity>,
    pub assigned: Option<Style>,
}

impl Claim {
    pub fn of(found: &Match, value: &[u8]) -> Self {
        Self {
            rule: found.rule,
            secret: Secret::new(value),
            confidence: found.confidence,
            severity: found.severity,
            assigned: found.assigned,
        }
    }

    /// How sure it is at `path`, or why it is nothing there.
    pub fn grade(&self, path: &[u8]) -> Result<Confidence, Objection> {
        PathContext::of(&ReportPath::new(path)).grade(self.confidence, self.assigned, self.secret.reveal())
    }
}

/// A claim in an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Sight {
    pub at: ObjectAt,
    /// Place of the claim in [`Sights::claims`].
    pub claim: u32,
    /// Where the secret begins in the object's text, decoded and without a byte order mark.
    pub start: u64,
}

/// Claims, each once, and where they were seen.
#[derive(Debug, Default)]
pub struct Sights {
    pub claims: Vec<Claim>,
    numbers: HashMap<Claim, u32>,
    pub sights: Vec<Sight>,
}

impl Sights {
    /// Notes `claim` in the object at `at`.
    pub fn add(&mut self, at: ObjectAt, claim: Claim, start: u64) {
        let claim = self.number(claim);
        self.sights.push(Sight { at, claim, start });
    }

    fn number(&mut self, claim: Claim) -> u32 {
        if let Some(&number) = self.numbers.get(&claim) {
            return number;
        }
        let number = self.claims.len() as u32;
        self.claims.push(claim.clone());
        self.numbers.insert(claim, number);
        number
    }

    /// Adds what another thread has seen.
    pub fn merge(&mut self, other: Self) {
        let numbers: Vec<u32> = other.claims.into_iter().map(|claim| self.number(claim)).collect();
        self.sights.extend(other.sights.into_iter().map(|s| Sight { claim: numbers[s.claim as usize], ..s }));
    }
}
