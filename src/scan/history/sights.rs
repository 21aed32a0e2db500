//! What was seen in which object, before anybody knows its paths.

use std::collections::HashMap;

use crate::engine::assignment::Style;
use crate::engine::context::PathContext;
use crate::engine::{Match, Objection};
use crate::git::ObjectAt;
use crate::model::{Confidence, Position, ReportPath, Secret, Severity};
use crate::rules::RuleSet;
use crate::scan::pairing::{Beside, Pairing};

/// A secret as one rule sees it. It knows no path and no object.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Claim {
    pub rule: u16,
    pub secret: Secret,
    pub confidence: Confidence,
    pub severity: Option<Severity>,
    pub assigned: Option<Style>,
    /// How it is written, where it is encoded.
    pub code: Option<Box<Code>>,
}

/// A secret as it is written, encoded.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Code {
    /// The encodings, the outermost first.
    pub names: Vec<&'static str>,
    /// The id that is encoded with it.
    pub beside: Option<Beside>,
    written: Secret,
}

impl Claim {
    /// What `found`, a match in `text`, claims.
    pub fn of(rules: &RuleSet, found: &Match, text: &[u8]) -> Self {
        let code = || {
            let (names, beside) = (found.decodings(), Beside::encoded(rules, found, text));
            Box::new(Code { names, beside, written: Secret::new(&text[found.secret.clone()]) })
        };
        Self {
            rule: found.rule,
            secret: Secret::new(found.value(text)),
            confidence: found.confidence,
            severity: found.severity,
            assigned: found.assigned,
            code: found.decoded.as_ref().map(|_| code()),
        }
    }

    /// What stands in the text.
    pub fn written(&self) -> &[u8] {
        self.code.as_ref().map_or(&self.secret, |code| &code.written).reveal()
    }

    /// The id beside it, where it begins at `start`: `plain` tells that of a secret that stands as it is.
    pub fn pairing(&self, start: Position, plain: impl FnOnce() -> Option<Pairing>) -> Option<Pairing> {
        match &self.code {
            None => plain(),
            Some(code) => code.beside.clone().map(|id| id.at(start)),
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
