//! What one run did.

use super::{Coverage, Problem, Protected};

/// What a run was asked to look at: its last line speaks of it in these words.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Scope {
    /// Files and streams.
    #[default]
    Files,
    /// What is staged.
    Staged {
        /// Whether anything is.
        anything: bool,
    },
    /// What some commits add.
    Commits,
    /// All that repositories hold.
    History,
}

impl Scope {
    /// The scope's name in reports.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Files => "tree",
            Self::Staged { .. } => "staged",
            Self::Commits => "commits",
            Self::History => "history",
        }
    }
}

/// The facts of a run that every report ends with.
#[derive(Clone, Debug, Default)]
pub struct Summary {
    /// What was asked for.
    pub scope: Scope,
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
    /// Why what was learnt could not be kept for the next run; this one is whole all the same.
    pub cache_failure: Option<String>,
}

impl Summary {
    /// How many values are protected where they stand; `None` where a value is met in many versions, so that a number would say nothing.
    #[must_use]
    pub const fn protected(&self) -> Option<Protected> {
        match self.scope {
            Scope::Files | Scope::Staged { .. } => Some(self.coverage.protected),
            Scope::Commits | Scope::History => None,
        }
    }
}
