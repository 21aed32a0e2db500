//! What one run did.

use super::{Coverage, Problem};

/// What kind of place a run looked at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Scope {
    /// Files and streams as they are.
    #[default]
    Tree,
    /// All that repositories hold.
    History,
    /// What some change adds.
    Changes,
}

impl Scope {
    /// The scope's name in reports.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Tree => "tree",
            Self::History => "history",
            Self::Changes => "changes",
        }
    }
}

/// The facts of a run that every report ends with.
#[derive(Clone, Debug, Default)]
pub struct Summary {
    /// What was looked at and what was left out.
    pub coverage: Coverage,
    /// What could not be looked at, sorted.
    pub problems: Vec<Problem>,
    /// Rules in force.
    pub rules: usize,
    /// Secrets found whose confidence is below what was asked for: counted, not reported.
    pub below: u64,
    /// Wall time in seconds. The only thing in a report that differs between two runs over the same tree.
    pub seconds: f64,
    /// The scanned root's path within the repository around it, `/`-separated, empty at its top: SARIF paths are relative to the repository.
    pub prefix: String,
    /// What was looked at.
    pub scope: Scope,
    /// Why what was learnt could not be kept for the next run; this one is whole all the same.
    pub cache_failure: Option<String>,
}
