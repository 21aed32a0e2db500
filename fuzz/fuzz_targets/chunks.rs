//! A stream that is read piece by piece gives what one scan of all its bytes gives, wherever the reader cuts it.
#![no_main]

mod common;

use std::collections::BTreeSet;
use std::io::Read;
use std::sync::{Arc, LazyLock};

use common::{PLAN, planted};
use keysift::engine::context::PathContext;
use keysift::engine::{REACH, Silent, Text};
use keysift::model::{Position, ReportPath, Tracker};
use keysift::scan::run;
use keysift::source::{Input, Source, Workers};
use libfuzzer_sys::fuzz_target;

/// What `scan` reads at once.
const CHUNK: usize = 4 << 20;

static FILLER: LazyLock<Vec<u8>> = LazyLock::new(|| b"nothing to see on this line\n".repeat(CHUNK / 14));

/// Bytes as a stream gives them: without a length, not all at once.
struct Dribble(Arc<Vec<u8>>, usize);

impl Read for Dribble {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let rest = &self.0[self.1..];
        let n = rest.len().min(buffer.len()).min(65_521);
        buffer[..n].copy_from_slice(&rest[..n]);
        self.1 += n;
        Ok(n)
    }
}

impl Source for Dribble {
    fn run(&self, workers: &Workers<'_>) {
        let mut content = Dribble(Arc::clone(&self.0), 0);
        workers().input(Input { path: ReportPath::stdin(), content: &mut content, len: None, change: None });
    }
}

type Places = BTreeSet<(Position, Position, Vec<u8>)>;

fn at_once(bytes: &[u8]) -> Places {
    let mut matches = Vec::new();
    PLAN.engine.scanner().scan(Text::whole(bytes), &mut matches, &mut Silent);
    let context = PathContext::of(&ReportPath::stdin());
    let mut tracker = Tracker::new(Position::START);
    let mut places = Places::new();
    for found in matches {
        let value = found.value(bytes);
        let start = tracker.advance(bytes, found.secret.start);
        let end = tracker.clone().advance(bytes, found.secret.end);
        if context.judge(&found, bytes).is_ok() {
            places.insert((start, end, value.to_vec()));
        }
    }
    places
}

fuzz_target!(|data: &[u8]| {
    let Some((offset, data)) = data.split_first_chunk::<2>() else { return };
    // The input begins before the place where the reader cuts, as far as the overlap of two pieces matters.
    let before = CHUNK - usize::from(u16::from_le_bytes(*offset)) % (2 * REACH);
    let mut bytes = FILLER[..before].to_vec();
    bytes.extend(planted(data));
    bytes.extend(&FILLER[..4 * REACH]);

    let outcome = run(&PLAN, &[&Dribble(Arc::new(bytes.clone()), 0)]);
    assert!(outcome.summary.problems.is_empty(), "{:?}", outcome.summary.problems);
    assert_eq!(outcome.summary.coverage.bytes, bytes.len() as u64);
    let mut in_pieces = Places::new();
    for finding in &outcome.findings {
        for place in &finding.occurrences {
            assert!(in_pieces.insert((place.start, place.end, finding.secret.reveal().to_vec())), "one place twice: {place:?}");
        }
    }
    // An id beside its secret is no finding of its own.
    let pairs: BTreeSet<&[u8]> = outcome.findings.iter().filter_map(|f| f.pair.as_ref()).map(|pair| pair.id.reveal()).collect();
    let mut expected = at_once(&bytes);
    expected.retain(|(.., value)| !pairs.contains(&value[..]));
    in_pieces.retain(|(.., value)| !pairs.contains(&value[..]));
    assert_eq!(in_pieces, expected);
});
