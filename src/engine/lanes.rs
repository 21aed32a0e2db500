//! The loop every scanned byte passes through: the anchors' automaton run over five stretches of the buffer at once.
//!
//! A DFA step is a load that depends on the load before it, so a single run waits for the cache most of the time. Independent runs fill that
//! time. Measured over 91 MB of C source with 10,000 anchors on one core: one lane 0.6 GB/s, four 1.6, five 1.7 and six no more (their
//! states no longer fit the registers); `aho-corasick`'s own DFA over 745 anchors ran at 0.54 GB/s, the automaton it picks by itself at
//! 0.21. The hits are the same: `tests` compares both on random texts.

use std::marker::PhantomData;

use super::automaton::{PIECE, Tables};

/// Stretches scanned at once.
const LANES: usize = 5;
/// Steps of each lane between two looks at the match flag.
const STEPS: usize = 8;

/// The automaton with, for each byte, the address that a piece is counted from: a step is two loads and no arithmetic.
#[derive(Clone, Debug)]
pub struct Machine<'a> {
    /// Address of the piece of state 0, were there one, and in it of the entry for each byte: out of bounds by itself, in bounds with any state's
    /// number of pieces added.
    columns: [*const u16; 256],
    start: u32,
    flag: u32,
    /// Bytes of the longest head; 1 where there is none.
    longest: usize,
    table: PhantomData<&'a [u16]>,
}

// SAFETY: the addresses are used for nothing but reading the table, which is borrowed as `table` says, and `&[u16]` is `Send` and `Sync`.
unsafe impl Send for Machine<'_> {}
// SAFETY: as above.
unsafe impl Sync for Machine<'_> {}

impl<'a> Machine<'a> {
    /// A machine for `tables`.
    #[must_use]
    pub fn new(tables: &Tables<'a>) -> Self {
        let origin = tables.table.as_ptr().wrapping_sub(PIECE * tables.base as usize);
        let columns = tables.class.map(|class| origin.wrapping_add(tables.column(class)));
        Self { columns, start: tables.start, flag: tables.flag, longest: tables.longest, table: PhantomData }
    }

    /// Runs the automaton over `bytes` and calls `hit(entry, end)` for every match state entered, `end` being the offset behind the byte that
    /// led there. Hits of one lane come in order; lanes interleave.
    pub fn scan(&self, bytes: &[u8], mut hit: impl FnMut(u32, usize)) {
        let warm_up = self.longest - 1;
        let lane = bytes.len() / LANES;
        if lane < 4 * warm_up + 32 {
            self.run(self.start, bytes, 0, &mut hit);
            return;
        }
        // A literal that ends in a lane may begin before it: the lane enters its stretch in the state that those bytes lead to. What ends
        // before the stretch is the lane's before, so the warm-up reports nothing.
        let mut states = [self.start; LANES];
        for (k, state) in states.iter_mut().enumerate().skip(1) {
            *state = self.run(self.start, &bytes[k * lane - warm_up..k * lane], 0, &mut |_, _| {});
        }
        let lanes: [&[u8]; LANES] = std::array::from_fn(|k| &bytes[k * lane..(k + 1) * lane]);
        self.run_lanes(&mut states, lanes, &mut hit);
        self.run(states[LANES - 1], &bytes[LANES * lane..], LANES * lane, &mut hit);
    }

    /// Bytes of the longest head; 1 where there is none.
    #[must_use]
    pub fn longest(&self) -> usize {
        self.longest
    }

    #[inline(always)]
    fn step(&self, entry: u32, byte: u8) -> u32 {
        // SAFETY: `Automaton::build` alone makes tables. Every entry in one, and the start entry, is `base` plus the number of a piece of the first
        // plane of the table, and every plane has as many pieces. So `column` and as many pieces as `entry` says lead to an entry of that piece: aligned,
        // initialised and within the allocation that `origin` was derived from, which `table` borrows. The tests `every_entry_stays_inside` and
        // `the_embedded_table_is_sound` check those facts for a small table and for the one in the binary.
        u32::from(unsafe { *self.columns[usize::from(byte)].wrapping_add(PIECE * entry as usize) })
    }

    fn run(&self, mut entry: u32, bytes: &[u8], offset: usize, hit: &mut impl FnMut(u32, usize)) -> u32 {
        for (i, &byte) in bytes.iter().enumerate() {
            entry = self.step(entry, byte);
            if entry & self.flag != 0 {
                hit(entry, offset + i + 1);
            }
        }
        entry
    }

    /// Runs `lanes`, which all have the same length and follow each other in the buffer.
    fn run_lanes(&self, states: &mut [u32; LANES], lanes: [&[u8]; LANES], hit: &mut impl FnMut(u32, usize)) {
        let lane = lanes[0].len();
        let blocks = lanes.map(|l| l.as_chunks::<STEPS>().0);
        let mut next = 0;
        while let Some(at) = self.run_plain(states, &blocks, next) {
            // One block in dozens: walking it again costs less than keeping every state of every block.
            self.again(states, blocks.map(|b| &b[at]), lane, at * STEPS, hit);
            next = at + 1;
        }
        let at = lane / STEPS * STEPS;
        for (k, rest) in lanes.iter().enumerate() {
            states[k] = self.run(states[k], &rest[at..], k * lane + at, hit);
        }
    }

    /// Runs `blocks` of all lanes from `next` on, to the first in which a match state is entered: returns that, and leaves in `states` what they were
    /// before it. A function by itself, so that all states stay in registers.
    #[inline(never)]
    #[expect(clippy::needless_range_loop, reason = "the lanes take the same step together")]
    fn run_plain(&self, states: &mut [u32; LANES], blocks: &[&[[u8; STEPS]]; LANES], next: usize) -> Option<usize> {
        let mut now = *states;
        for at in next..blocks[0].len() {
            // Spelled out: `map` over the array is a call here, and a tenth of the loop.
            let mut words = [
                u64::from_le_bytes(blocks[0][at]),
                u64::from_le_bytes(blocks[1][at]),
                u64::from_le_bytes(blocks[2][at]),
                u64::from_le_bytes(blocks[3][at]),
                u64::from_le_bytes(blocks[4][at]),
            ];
            let before = now;
            let mut any = 0;
            for _ in 0..STEPS {
                for k in 0..LANES {
                    now[k] = self.step(now[k], words[k] as u8);
                    words[k] >>= 8;
                    any |= now[k];
                }
            }
            if any & self.flag != 0 {
                *states = before;
                return Some(at);
            }
        }
        *states = now;
        None
    }

    #[cold]
    #[inline(never)]
    #[expect(clippy::needless_range_loop, reason = "the lanes take the same step together")]
    fn again(&self, states: &mut [u32; LANES], block: [&[u8; STEPS]; LANES], lane: usize, at: usize, hit: &mut impl FnMut(u32, usize)) {
        for i in 0..STEPS {
            for k in 0..LANES {
                states[k] = self.step(states[k], block[k][i]);
                if states[k] & self.flag != 0 {
                    hit(states[k], k * lane + at + i + 1);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::automaton::{Automaton, HEAD, PIECE};
    use super::Machine;
    use aho_corasick::AhoCorasick;
    use proptest::prelude::*;

    fn automaton(words: &[&str]) -> Automaton {
        Automaton::build(words)
    }

    fn by_lanes(automaton: &Automaton, text: &[u8]) -> Vec<(usize, u32)> {
        let mut found = Vec::new();
        Machine::new(&automaton.tables()).scan(text, |entry, end| found.extend(automaton.outputs(entry).iter().map(|&id| (end, id))));
        found.sort_unstable();
        found
    }

    fn by_reference(words: &[&str], text: &[u8]) -> Vec<(usize, u32)> {
        heads_by_reference(words, HEAD, text)
    }

    fn heads_by_reference(words: &[&str], longest: usize, text: &[u8]) -> Vec<(usize, u32)> {
        let heads = words.iter().map(|w| &w[..w.len().min(longest)]);
        let reference = AhoCorasick::builder().ascii_case_insensitive(true).build(heads).unwrap();
        let mut found: Vec<(usize, u32)> = reference.find_overlapping_iter(text).map(|m| (m.end(), m.pattern().as_u32())).collect();
        found.sort_unstable();
        found
    }

    const WORDS: [&str; 9] = ["akia", "token", "ken", "ghp_", "to", "aab", "nto", "tokentokentoken", "tokentokentoxxx"];

    #[test]
    fn hits_at_every_seam() {
        let automaton = automaton(&WORDS);
        for n in 0..1200 {
            let mut text = vec![b'.'; n];
            text.extend(b"xToKeNtoken");
            text.extend(vec![b'.'; 1200 - n]);
            assert_eq!(by_lanes(&automaton, &text), by_reference(&WORDS, &text), "at {n}");
        }
    }

    #[test]
    fn every_entry_stays_inside() {
        let automaton = automaton(&WORDS);
        assert_sound(&automaton);
    }

    #[test]
    fn the_embedded_table_is_sound() {
        let words = crate::rules::RuleSet::built_in().ready_made().unwrap().0;
        assert_sound(&Automaton::from_words(words.into()));
    }

    /// What `step` relies on.
    fn assert_sound(automaton: &Automaton) {
        let tables = automaton.tables();
        let furthest = tables.class.iter().map(|&class| tables.column(class)).max().unwrap();
        for entry in tables.table.iter().map(|&entry| u32::from(entry)).chain([tables.start]) {
            assert!(entry >= tables.base);
            assert!((entry - tables.base) as usize * PIECE + furthest < tables.table.len());
        }
    }

    #[test]
    fn no_literals_no_hits() {
        assert_eq!(by_lanes(&automaton(&[]), &[b'a'; 5000]), []);
    }

    #[test]
    fn more_match_states_than_plain_ones() {
        let words: Vec<String> = (0..16).map(|i| format!("fc-{i:x}")).collect();
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let text = words.join(" ").into_bytes();
        let automaton = automaton(&words);
        assert_sound(&automaton);
        assert_eq!(by_lanes(&automaton, &text), by_reference(&words, &text));
        assert_eq!(by_lanes(&automaton, &text).len(), 16);
    }

    #[test]
    fn too_many_states_shorten_the_heads() {
        // 50,000 words that part early, and one that is longer than the heads then are.
        let mut seed = 7_u64;
        let mut word = || {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (0..9).map(|i| char::from(b'a' + (seed >> (20 + 4 * i)) as u8 % 16)).collect::<String>()
        };
        let words: Vec<String> = (0..50_000).map(|_| word()).collect();
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let automaton = automaton(&words);
        assert!((2..HEAD - 1).contains(&automaton.longest()), "{}", automaton.longest());
        assert_sound(&automaton);
        let text = (0..300).map(|i| words[i * 101]).collect::<Vec<_>>().join("zz").into_bytes();
        let found = by_lanes(&automaton, &text);
        assert!(found.len() >= 300);
        assert_eq!(found, heads_by_reference(&words, automaton.longest(), &text));
    }

    proptest! {
        #[test]
        fn the_lanes_agree_with_aho_corasick(text in proptest::collection::vec(proptest::sample::select(b"aAkKiIbtToOeEnNghp_. \n\xff".to_vec()), 0..4000)) {
            prop_assert_eq!(by_lanes(&automaton(&WORDS), &text), by_reference(&WORDS, &text));
        }
    }
}
