//! Searching for anchors only where it is not known that there are none.
//!
//! A text is searched as stretches of whole lines. Those known to be plain ([`super::plain`]) are left out, the rest is searched side by side in one buffer,
//! for most are a line or two.

use std::ops::Range;

use super::lanes::Machine;
use super::plain::Plain;

/// Part of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Stretch {
    /// Its bytes.
    pub range: Range<usize>,
    /// Whether no anchor can begin in it and end behind it: it ends where a line or the text does.
    pub ends_line: bool,
}

/// A stretch that is searched.
#[derive(Debug)]
struct Held {
    /// Where it stands in the text.
    text: Range<usize>,
    /// Where it begins in the buffer.
    begin: usize,
    hash: u64,
    /// Whether no anchor was seen in it.
    is_plain: bool,
    ends_line: bool,
}

/// What one thread needs to search, and what it has learnt.
#[derive(Debug, Default)]
pub(super) struct Search {
    buffer: Vec<u8>,
    held: Vec<Held>,
    plain: Plain,
}

impl Search {
    /// Runs `machine` over those of `stretches` of `bytes` that are not known to be plain, and returns how many bytes that were. Calls `admit` with the state that was
    /// entered, the place behind the byte that led there, and the stretch; it says whether an anchor stands there indeed.
    pub fn run(
        &mut self,
        machine: &Machine<'_>,
        bytes: &[u8],
        stretches: &[Stretch],
        mut admit: impl FnMut(u32, usize, &Range<usize>) -> bool,
    ) -> u64 {
        let Self { buffer, held, plain } = self;
        buffer.clear();
        held.clear();
        held.extend(stretches.iter().map(|Stretch { range, ends_line }| {
            let hash = plain.hash(&bytes[range.clone()]);
            Held { text: range.clone(), begin: 0, hash, is_plain: false, ends_line: *ends_line }
        }));
        // Not asked while hashing: the answers come from all over a table, and so they are waited for together.
        held.retain(|s| !(s.ends_line && plain.knows(s.hash)));
        for Held { text, begin, ends_line, is_plain, .. } in &mut *held {
            *begin = buffer.len();
            // It brings along what an anchor at its very end needs; none goes over a line's end.
            let behind = if *ends_line { 0 } else { machine.longest() - 1 };
            buffer.extend_from_slice(&bytes[text.start..(text.end + behind).min(bytes.len())]);
            *is_plain = *ends_line;
        }
        machine.scan(buffer, |entry, end| {
            let stretch = held.partition_point(|s| s.begin < end) - 1;
            let stretch = &mut held[stretch];
            // What only seems to be an anchor, across two neighbours in the buffer, does not stand in the text.
            if admit(entry, end - stretch.begin + stretch.text.start, &stretch.text) {
                stretch.is_plain = false;
            }
        });
        for stretch in held.iter().filter(|s| s.is_plain) {
            plain.remember(stretch.hash);
        }
        buffer.len() as u64
    }
}
