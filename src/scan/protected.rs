//! Values that are protected where they stand: references to where a secret is kept, and ciphertext.
//!
//! Every candidate that the engine drops for one of these reasons is noted, and what several anchors or rules lead to is counted once. Nothing is
//! looked for: a text without such candidates costs nothing.

use std::ops::Range;

use super::{Stats, worker};
use crate::engine::{Match, Observer, Text, Verdict};
use crate::model::Protected;
use crate::rules::Gate;

/// Notes what is protected while a text is scanned, and hands everything on to the statistics.
pub struct Watch<'a> {
    pub stats: &'a mut Stats,
    pub seen: &'a mut Seen,
}

/// Protected values of one text.
#[derive(Debug, Default)]
pub struct Seen(Vec<(usize, usize, Gate)>);

impl Observer for Watch<'_> {
    fn considered(&mut self, rule: u16, verdict: &Verdict) {
        if let Verdict::Drop { objection, span } = verdict
            && matches!(objection.gate, Gate::Reference | Gate::Encrypted)
        {
            self.seen.0.push((span.start, span.end, objection.gate));
        }
        self.stats.considered(rule, verdict);
    }

    fn misshapen(&mut self, rule: u16, at: usize) {
        self.stats.misshapen(rule, at);
    }
}

impl Seen {
    /// Forgets the text before.
    pub fn clear(&mut self) {
        self.0.clear();
    }

    /// Counts those that begin in the own part of `text` and are in no way a match all the same.
    pub fn count(&mut self, text: Text<'_>, matches: &[Match]) -> Protected {
        let mut count = Protected::default();
        // Ciphertext before references, where two rules see one value differently.
        self.0.sort_unstable_by_key(|&(start, end, gate)| (start, std::cmp::Reverse((gate, end))));
        let mut counted: Range<usize> = 0..0;
        for &(start, end, gate) in &self.0 {
            // `${A:${B}}` is one value, whatever its inner part is called.
            let known = counted.contains(&start);
            // Matches are in order and do not overlap.
            let found = || matches.get(matches.partition_point(|m| m.secret.end <= start)).is_some_and(|m| m.secret.start < end);
            if known || !worker::begins_within(text, start) || found() {
                continue;
            }
            counted = start..end;
            match gate {
                Gate::Encrypted => count.encrypted += 1,
                _ => count.references += 1,
            }
        }
        count
    }
}
