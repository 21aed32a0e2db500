//! What one run did.

use super::{Coverage, Problem};

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
}
