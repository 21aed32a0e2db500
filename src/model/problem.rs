//! What could not be looked at, and why.

use std::fmt;
use std::io;

use super::ObjectId;

/// One thing that was to be scanned and was not, or not wholly. A run with problems and without findings ends with exit code 3.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Problem {
    /// The path or object.
    pub what: String,
    /// The kind of trouble.
    pub kind: ProblemKind,
    /// In the system's or library's words, and what to do; may be empty.
    pub detail: String,
}

impl Problem {
    /// Trouble with an object of a repository.
    #[must_use]
    pub fn of_object(id: &ObjectId, kind: ProblemKind, detail: impl Into<String>) -> Self {
        Self { what: format!("object {id}"), kind, detail: detail.into() }
    }
}

/// Kinds of trouble, stable names for machines.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ProblemKind {
    /// A file or folder that could not be opened or read.
    Unreadable,
    /// A file that was listed but gone when its turn came.
    Vanished,
    /// A file that grew faster than it could be read.
    Grew,
    /// The repository's list of tracked files could not be read.
    Index,
    /// An object of a repository that is damaged or absent.
    Object,
    /// A part of history that was not fetched.
    Absent,
    /// What the time allowed was not enough for.
    Unfinished,
    /// The scanner itself failed on this input; the rest was scanned.
    Internal,
}

impl ProblemKind {
    /// The kind's name in reports.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Unreadable => "unreadable",
            Self::Vanished => "vanished",
            Self::Grew => "grew",
            Self::Index => "index",
            Self::Object => "object",
            Self::Absent => "absent",
            Self::Unfinished => "unfinished",
            Self::Internal => "internal",
        }
    }
}

/// The system's words for `error`, without its number.
#[must_use]
pub fn system_words(error: &io::Error) -> String {
    let text = error.to_string();
    text.split(" (os error").next().unwrap_or(&text).to_owned()
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.what, self.kind.as_str())?;
        if !self.detail.is_empty() {
            write!(f, ": {}", self.detail)?;
        }
        Ok(())
    }
}
