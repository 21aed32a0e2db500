//! Plain values that every other module speaks in: no files, no rules, no formats.

mod coverage;
mod date;
mod finding;
mod fingerprint;
pub mod grade;
mod object_id;
mod path;
mod position;
mod problem;
mod revision;
mod rule;
mod secret;
mod snippet;
mod summary;

pub use coverage::{Coverage, Protected, SkipReason, Skipped};
pub use date::Date;
pub use finding::{Finding, Occurrence, Pair};
pub use fingerprint::Fingerprint;
pub use grade::{Confidence, Severity};
pub use object_id::ObjectId;
pub use path::ReportPath;
pub use position::{Position, Tracker};
pub use problem::{Problem, ProblemKind, system_words};
pub use revision::{Commit, Exposure, Revision};
pub use rule::RuleInfo;
pub use secret::Secret;
pub use snippet::{Piece, Snippet};
pub use summary::{Scope, Summary};
