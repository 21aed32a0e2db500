//! Matches within encoded text: a run of base64 or hexadecimal digits whose begin is text ([`run`]), or a part of a line with escapes ([`escaped`]), is
//! decoded, and what it says is scanned like any other text; so is what is encoded within, to a depth of three.
//!
//! The place where such text begins is a [`Hit`] like that of an anchor, with `ENCODED` or `ESCAPED` in place of the anchor's number: what comes of it
//! depends on the bytes within its reach and on nothing else, and so it is inherited from text to text like all others (`inherit`).

pub mod escaped;
pub mod run;

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use super::context::FileKind;
use super::{Hit, Match, Scanner, Silent, Text};

/// In place of the number of an anchor: a run begins.
pub(super) const ENCODED: u32 = u32::MAX;
/// In place of the number of an anchor: the first escape of a line.
pub(super) const ESCAPED: u32 = u32::MAX - 1;
/// Bytes around a place that tell whether encoded text begins there, to either side.
pub(super) const SIGHT: usize = if run::SIGHT > escaped::SIGHT { run::SIGHT } else { escaped::SIGHT };
/// How far behind its begin encoded text is looked at, at most, in bytes.
pub(super) const REACH: usize = if run::REACH > escaped::REACH { run::REACH } else { escaped::REACH };
/// How deep encodings are undone one within the other.
pub(super) const DEPTH: u8 = 3;

/// Ways in which text lies within text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum View {
    /// As a run of code.
    Run,
    /// Escaped.
    Escaped,
}

impl Hit {
    /// What begins there, where it is no anchor.
    pub(super) const fn view(&self) -> Option<View> {
        match self.probe {
            ENCODED => Some(View::Run),
            ESCAPED => Some(View::Escaped),
            _ => None,
        }
    }
}

impl View {
    /// How far behind its begin, at `at`, it is looked at.
    pub(super) fn reach(self, bytes: &[u8], at: usize) -> usize {
        match self {
            Self::Run => run::reach(bytes, at),
            Self::Escaped => escaped::reach(bytes, at),
        }
    }
}

/// What hexadecimal `digits` say.
fn hex(digits: &[u8]) -> Option<u32> {
    digits.iter().try_fold(0, |sum, &b| Some(sum << 4 | char::from(b).to_digit(16)?))
}

/// What encoded text says.
#[derive(Clone, PartialEq)]
pub struct Decoded {
    /// The names of the encodings, the outermost first.
    names: &'static [&'static str],
    /// Whether the code is not to be read by eye, so that nobody sees where the secret in it begins and ends.
    opaque: bool,
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

    /// What an excerpt of its text must not show: of a run of code all of it, for what stands beside the secret may be another one.
    #[must_use]
    pub fn hidden(&self) -> &Range<usize> {
        if self.is_opaque() { &self.whole } else { &self.secret }
    }

    fn is_opaque(&self) -> bool {
        self.decoded.as_ref().is_some_and(|decoded| decoded.opaque || decoded.inner.is_opaque())
    }
}

impl Scanner<'_> {
    /// Appends to `found` the matches within the text that lies, in this way, in `text` from `at` on.
    pub(super) fn scan_view(&mut self, text: Text<'_>, at: usize, view: View, found: &mut Vec<Match>) {
        if self.depth == DEPTH {
            return;
        }
        match view {
            View::Run => {
                let Some(view) = run::undo(text.bytes, at) else { return };
                let own = Text { to: view.own, ..Text::whole(&view.text) };
                self.scan_decoded(own, found, |inner, text| Match {
                    at,
                    whole: view.whole(),
                    secret: view.around(&inner.secret),
                    // Files are encoded, hardly ever source: the file around it says nothing of what a bare word is.
                    assigned: inner.assigned.map(|style| style.as_in(FileKind::Config)),
                    decoded: Some(Box::new(Decoded { names: view.coding.names(), opaque: true, text, inner: inner.clone() })),
                    ..inner
                });
            }
            View::Escaped => {
                let Some(view) = escaped::undo(text.bytes, at) else { return };
                let same = Text { binary: text.binary, ..Text::whole(&view.text) };
                self.scan_decoded(same, found, |inner, text| Match {
                    at,
                    whole: view.around(&inner.whole),
                    secret: view.around(&inner.secret),
                    decoded: Some(Box::new(Decoded { names: view.names(), opaque: false, text, inner: inner.clone() })),
                    ..inner
                });
            }
        }
    }

    /// Appends to `found` what `outer` makes of every match in `text`.
    fn scan_decoded(&mut self, text: Text<'_>, found: &mut Vec<Match>, outer: impl Fn(Match, Arc<[u8]>) -> Match) {
        let mut inner = Vec::new();
        let nested = self.nested.get_or_insert_with(|| Box::new(Scanner::nested(self.engine, self.depth + 1)));
        nested.scan(text, &mut inner, &mut Silent);
        if inner.is_empty() {
            return;
        }
        let shared: Arc<[u8]> = text.bytes.into();
        found.extend(inner.into_iter().map(|inner| outer(inner, Arc::clone(&shared))));
    }
}
