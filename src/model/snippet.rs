//! The line around a finding, with every secret in it still masked by type.

use super::Secret;

/// A part of a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece {
    /// Text without a secret.
    Text(String),
    /// A secret that another finding reports, or a repetition of this one.
    Other(Secret),
    /// The secret that this finding is about.
    Marked(Secret),
}

/// An excerpt of the line a finding stands on. Reporters turn pieces into text, so no line is ever kept with a bare secret in it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Snippet(pub Vec<Piece>);
