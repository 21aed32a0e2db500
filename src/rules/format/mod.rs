//! The rule format: what a rule file may say, and what it means to the engine.
//!
//! Shared with `build.rs`, which turns the files under `rules/` into constants, so a scan parses no TOML and analyses no pattern.
//! It therefore uses nothing of the crate but [`crate::model::grade`].

pub mod analyse;
pub mod checks;
pub mod container;
pub mod file;
pub mod lower;

pub use analyse::{ByteSet, Shape, value_class};
pub use checks::{Checks, Checksum, Entropy, Gate, Require, Structure};
pub use container::Container;
pub use file::{Miss, RuleEntry, RuleFile};
pub use lower::{AssignmentKind, Half, Line, Lowered, Matcher, Pair, QUOTED, lower};

pub use crate::model::grade::Confidence;

/// Bytes to each side of an anchor that a line rule may look at, at most.
pub const MAX_WINDOW: usize = 1024;

/// Bytes that a block rule may reach beyond its anchor, at most.
pub const MAX_BLOCK: usize = 16 * 1024;
