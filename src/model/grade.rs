//! How bad and how sure: the two grades every finding carries.

use std::fmt;

/// How bad it is if the value is live.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Public by design, or harmless alone.
    Low,
    /// Limited or scoped access.
    Medium,
    /// Other people's data, or sending in someone's name.
    High,
    /// Control of an account, a cloud, a code base, or money.
    Critical,
}

/// How sure we are that the value is a credential. By default findings of the middle grade and above are reported.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Confidence {
    /// Plausible: the wide net of an audit.
    Low,
    /// Form, or context and value, agree.
    #[default]
    Medium,
    /// The form proves it: prefix and checksum, a key that parses.
    High,
}

impl Severity {
    /// The next worse one, if there is one.
    #[must_use]
    pub const fn raised(self) -> Self {
        match self {
            Self::Low => Self::Medium,
            Self::Medium => Self::High,
            Self::High | Self::Critical => Self::Critical,
        }
    }

    /// The grade's name in reports and rule files.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Critical => "critical",
        }
    }
}

impl Confidence {
    /// Every grade, the least first.
    pub const ALL: [Self; 3] = [Self::Low, Self::Medium, Self::High];

    /// The grade's name in reports and rule files.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
        }
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl fmt::Display for Confidence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}
