//! What `build.rs` made of `rules/*.toml`.

use std::borrow::Cow;
use std::sync::{Arc, OnceLock};

use super::format::lower::AssignmentKind;
use super::format::{ByteSet, Checks, Checksum, Container, Entropy, Half, Line, Matcher, Pair, Require, Shape, Structure};
use crate::model::{Confidence, RuleInfo, Severity};

/// A rule as a constant.
pub(crate) struct Rule {
    id: &'static str,
    provider: &'static str,
    title: &'static str,
    impact: &'static str,
    remedy: &'static str,
    docs: &'static str,
    severity: Severity,
    confidence: Confidence,
    anchors: Cow<'static, [Cow<'static, [u8]>]>,
    names: &'static str,
    general: bool,
    ignore_case: bool,
    matcher: Matcher,
    pair: Option<Pair>,
    checks: Checks,
}

impl Rule {
    pub(super) const fn id(&self) -> &'static str {
        self.id
    }
}

include!(concat!(env!("OUT_DIR"), "/rules.rs"));

impl From<&'static Rule> for super::Rule {
    fn from(rule: &'static Rule) -> Self {
        Self {
            info: Arc::new(RuleInfo {
                id: rule.id.into(),
                provider: rule.provider.into(),
                title: rule.title.into(),
                impact: rule.impact.into(),
                remedy: rule.remedy.into(),
                docs: rule.docs.into(),
                severity: rule.severity,
            }),
            confidence: rule.confidence,
            anchors: rule.anchors.to_vec(),
            names: rule.names.into(),
            general: rule.general,
            ignore_case: rule.ignore_case,
            matcher: rule.matcher.clone(),
            checks: rule.checks,
            pair: rule.pair.clone(),
            regex: OnceLock::new(),
            half: OnceLock::new(),
        }
    }
}

/// What the table's pieces are laid out for.
#[repr(align(64))]
struct CacheLine;

/// Bytes laid out so that they can be read as words.
#[repr(C)]
struct Aligned<B: ?Sized> {
    align: [CacheLine; 0],
    bytes: B,
}

static AUTOMATON: &Aligned<[u8]> = &Aligned { align: [], bytes: *include_bytes!(concat!(env!("OUT_DIR"), "/automaton.bin")) };

/// The automaton over the anchors of all built-in rules, in their order.
pub(crate) fn automaton() -> &'static [u32] {
    bytemuck::cast_slice(&AUTOMATON.bytes)
}
