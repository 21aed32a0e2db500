//! What a report says about a rule.

use std::borrow::Cow;

use super::Severity;

/// The documented side of a rule: everything a reader needs, nothing of how it matches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleInfo {
    /// Stable name, `provider-kind`.
    pub id: Cow<'static, str>,
    /// The service the credential belongs to.
    pub provider: Cow<'static, str>,
    /// What it is, in a few words.
    pub title: Cow<'static, str>,
    /// What its holder can do.
    pub impact: Cow<'static, str>,
    /// What to do now.
    pub remedy: Cow<'static, str>,
    /// Where the vendor describes it.
    pub docs: Cow<'static, str>,
    /// How bad a leak is.
    pub severity: Severity,
}
