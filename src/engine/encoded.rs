//! Matches within encoded text: a run of base64 or hexadecimal digits whose begin is text ([`run`]) is decoded, and what it says is
//! scanned like any other text; so is what is encoded within, to a depth of [`DEPTH`].
//!
//! The place where such a run begins is a [`Hit`] like that of an anchor, with [`ENCODED`] in place of the anchor's number: what comes of it depends on the
//! bytes of the run and on nothing else, and so it is inherited from text to text like all others ([`super::inherit`]).

pub mod run;

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use super::context::FileKind;
use super::{Match, Scanner, Silent, Text};

/// In place of the number of an anchor.
pub(super) const ENCODED: u32 = u32::MAX;
/// How deep encodings are undone one within the other.
pub(super) const DEPTH: u8 = 3;

/// What encoded text says.
#[derive(Clone, PartialEq)]
pub struct Decoded {
    /// The names of the encodings, the outermost first.
    names: &'static [&'static str],
    /// All that was decoded; matches in one run share it.
    text: Arc<[u8]>,
    /// The match in it.
    inner: Match,
}

impl fmt::Debug for Decoded {
    /// Without the text, which holds secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Decoded").field("names", &self.names).field("inner", &self.inner).finish_non_exhaustive()
    }
}

impl Match {
    /// The secret, decoded; `bytes` is the text of the match.
    #[must_use]
    pub fn value<'a>(&'a self, bytes: &'a [u8]) -> &'a [u8] {
        let (text, found) = self.innermost(bytes);
        &text[found.secret.clone()]
    }

    /// The match as a rule saw it, and the text in which it did: where nothing is encoded, this one in `bytes`.
    #[must_use]
    pub fn innermost<'a>(&'a self, bytes: &'a [u8]) -> (&'a [u8], &'a Self) {
        match &self.decoded {
            None => (bytes, self),
            Some(decoded) => decoded.inner.innermost(&decoded.text),
        }
    }

    /// This match as it stands in `text`, which is `bytes`, its own text, or one that was decoded on the way to its secret.
    #[must_use]
    pub fn within<'a>(&'a self, bytes: &'a [u8], text: &[u8]) -> Option<&'a Self> {
        if std::ptr::eq(bytes, text) {
            return Some(self);
        }
        self.decoded.as_ref().and_then(|decoded| decoded.inner.within(&decoded.text, text))
    }

    /// The names of the encodings that were undone, the outermost first.
    #[must_use]
    pub fn decodings(&self) -> Vec<&'static str> {
        self.decoded.as_ref().map_or_else(Vec::new, |d| d.names.iter().copied().chain(d.inner.decodings()).collect())
    }

    /// What an excerpt of its text must not show: of encoded text all of it, for what stands beside the secret may be another one.
    #[must_use]
    pub fn hidden(&self) -> &Range<usize> {
        if self.decoded.is_some() { &self.whole } else { &self.secret }
    }
}

impl Scanner<'_> {
    /// Appends to `found` the matches within the encoded run that begins at `at`.
    pub(super) fn scan_encoded(&mut self, text: Text<'_>, at: usize, found: &mut Vec<Match>) {
        let Some(view) = run::undo(text.bytes, at) else { return };
        let mut inner = Vec::new();
        let nested = self.nested.get_or_insert_with(|| Box::new(Scanner::nested(self.engine, self.depth + 1)));
        nested.scan(Text::whole(&view.text), &mut inner, &mut Silent);
        if inner.is_empty() {
            return;
        }
        let shared: Arc<[u8]> = view.text.as_slice().into();
        found.extend(inner.into_iter().map(|inner| Match {
            at,
            rule: inner.rule,
            whole: view.whole(),
            secret: view.around(&inner.secret),
            confidence: inner.confidence,
            severity: inner.severity,
            doubt: inner.doubt.clone(),
            // Files are encoded, hardly ever source: the file around it says nothing of what a bare word is.
            assigned: inner.assigned.map(|style| style.as_in(FileKind::Config)),
            decoded: Some(Box::new(Decoded { names: view.coding.names(), text: Arc::clone(&shared), inner })),
        }));
    }
}
