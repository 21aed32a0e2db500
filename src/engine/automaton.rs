//! The heads of all anchors of all rules as one case-folded Aho–Corasick DFA, laid out for the loop in `lanes`.
//!
//! `aho-corasick` builds the automaton; this module only renumbers its states into a table of `u32` entries, each the byte offset of a row, in
//! which one bit tells a match state, so that several lanes can share one test. Shared with `build.rs`, which lays the table of the built-in
//! rules out at build time.
//!
//! A step costs what its load costs, so the table is laid out for the processor's cache. A row is cut into pieces of one cache line, and the pieces
//! of all rows for the same bytes make a *plane*: the first is for the bytes that text is mostly made of. Of a state near the root, where a scan spends
//! its time, little more than that piece is in the cache, side by side with those of its neighbours. Against whole rows one behind the other, 180 MB of
//! C take 10 % less CPU time, reading included.
//!
//! Only the first [`HEAD`] bytes of a literal are in the automaton: the rest is compared at a hit. That halves the table (6,000 anchors: 6.7 MB
//! instead of 12.3), and shortens what each lane must read before its own stretch.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use aho_corasick::automaton::{Automaton as _, StateID};
use aho_corasick::dfa::DFA;
use aho_corasick::{Anchored, MatchKind, StartKind};

/// Bytes of a literal that the automaton looks for.
pub const HEAD: usize = 12;

/// Escapes of what stands before secrets, behind the anchors of rules: `:`, `=`, `/`, quotes, `&`, `@`, a space, brackets, and the sign itself escaped.
pub const ESCAPES: [&str; 21] = [
    "%3a", "%3d", "%2f", "%22", "%27", "%26", "%40", "%20", "%3c", "%7b", "%25", r"\u003", r"\u002", r"\/", r"\x3a", r"\x3d", r"\x22",
    r"\x26", r"\x27", "&lt;", "&#",
];

/// Classes of bytes in one plane of the table: a cache line of words.
pub const PLANE: usize = 16;
/// Log of the bytes that a state takes in one plane.
const SHIFT: u32 = (PLANE * size_of::<u32>()).trailing_zeros();
/// Bytes of text, the most frequent ones first, counted over the Linux kernel and a dozen projects in other languages. Line ends and tabs are in no
/// head and share the first class with all other such bytes.
const FREQUENT: &[u8] = b" etrsanioldc_pumfhgbwvkxy0/.-(),=:1'\"2";

/// Words of the header: states, start, match flag, first entry, longest head, number of match states, number of outputs.
const HEADER: usize = 7;
/// Words of the class map.
const CLASSES: usize = 64;

/// The automaton, in one slice of words that can come from the binary itself.
#[derive(Clone, Debug)]
pub struct Automaton {
    words: Cow<'static, [u32]>,
    class: [u8; 256],
}

/// Numbers of states: they are looked up for every transition there is, and state ids are small enough to index.
#[derive(Default)]
struct Numbers(Vec<u32>);

impl Numbers {
    /// Not a number: there are never so many states.
    const NONE: u32 = u32::MAX;

    fn get(&self, state: StateID) -> Option<u32> {
        self.0.get(state.as_usize()).copied().filter(|&n| n != Self::NONE)
    }

    fn set(&mut self, state: StateID, number: u32) {
        if self.0.len() <= state.as_usize() {
            self.0.resize(state.as_usize() + 1, Self::NONE);
        }
        self.0[state.as_usize()] = number;
    }
}

/// What the scanning loop needs, borrowed from an [`Automaton`].
#[derive(Clone, Copy, Debug)]
pub struct Tables<'a> {
    /// Transitions: the word `(entry - base) / 4 + column(class)` is the next entry.
    pub(super) table: &'a [u32],
    /// Words of one plane.
    pub(super) plane: usize,
    /// Each byte's class; upper and lower case share theirs.
    pub(super) class: &'a [u8; 256],
    /// The entry of the start state.
    pub(super) start: u32,
    /// The bit that only entries of match states have.
    pub(super) flag: u32,
    /// The entry of the first state of the table.
    pub(super) base: u32,
    /// Bytes of the longest head; 1 where there is none.
    pub(super) longest: usize,
}

impl Tables<'_> {
    /// Where in the table the words for `class` begin.
    #[must_use]
    pub fn column(&self, class: u8) -> usize {
        let class = usize::from(class);
        class / PLANE * self.plane + class % PLANE
    }
}

impl Automaton {
    /// Builds the automaton over the heads of `literals`, and [`ESCAPES`] behind them; their indices name them in [`Automaton::outputs`].
    ///
    /// # Errors
    /// More states than `aho-corasick` can number.
    pub fn build<L: AsRef<[u8]>>(literals: &[L]) -> Result<Self, aho_corasick::BuildError> {
        // Literals with the same head are one to the automaton.
        let mut sharing: BTreeMap<Vec<u8>, Vec<u32>> = BTreeMap::new();
        let literals = literals.iter().map(AsRef::as_ref).chain(ESCAPES.iter().map(|escape| escape.as_bytes()));
        for (id, literal) in (0..).zip(literals) {
            sharing.entry(literal[..literal.len().min(HEAD)].to_ascii_lowercase()).or_default().push(id);
        }
        let (heads, members): (Vec<Vec<u8>>, Vec<Vec<u32>>) = sharing.into_iter().unzip();
        let dfa = DFA::builder()
            .ascii_case_insensitive(true)
            .match_kind(MatchKind::Standard)
            .start_kind(StartKind::Unanchored)
            .prefilter(false)
            .build(&heads)?;

        let mut class = [0u8; 256];
        let mut representatives = vec![None];
        let occurs: BTreeSet<u8> = heads.iter().flatten().copied().collect();
        let frequent = FREQUENT.iter().filter(|b| occurs.contains(b));
        for &byte in frequent.chain(occurs.iter().filter(|b| !FREQUENT.contains(b))) {
            class[usize::from(byte)] = u8::try_from(representatives.len()).unwrap_or(u8::MAX);
            class[usize::from(byte.to_ascii_uppercase())] = class[usize::from(byte)];
            representatives.push(Some(byte));
        }
        representatives[0] = (0..=u8::MAX).find(|&b| class[usize::from(b)] == 0);

        // Breadth first, so that the states near the root, where a scan spends its time, lie together.
        let start = dfa.start_state(Anchored::No).expect("an unanchored start state was asked for");
        let mut order = vec![start];
        let mut numbers = Numbers::default();
        numbers.set(start, 0);
        let mut next = 0;
        while next < order.len() {
            for byte in representatives.iter().flatten() {
                let to = dfa.next_state(Anchored::No, order[next], *byte);
                if numbers.get(to).is_none() {
                    numbers.set(to, 0);
                    order.push(to);
                }
            }
            next += 1;
        }
        // Plain states end right below the flag, match states begin at it: one bit tells them apart and the table has no gap.
        let (matching, plain): (Vec<StateID>, Vec<StateID>) = order.iter().partition(|&&s| dfa.is_match(s));
        // The bit must be that of every match state, so there may not be more of these than it counts.
        let flag = (plain.len().max(matching.len()) as u32).next_power_of_two();
        let base = flag - plain.len() as u32;
        for (&state, number) in plain.iter().chain(&matching).zip(base..) {
            numbers.set(state, number);
        }
        let entry = |state| numbers.get(state).expect("every state that is reached has a number") << SHIFT;

        let mut ends = vec![0u32];
        let mut outputs: Vec<u32> = Vec::new();
        for &state in &matching {
            outputs.extend((0..dfa.match_len(state)).flat_map(|i| members[dfa.match_pattern(state, i).as_usize()].iter().copied()));
            ends.push(outputs.len() as u32);
        }
        let longest = heads.iter().map(Vec::len).max().unwrap_or(1);
        let states = (plain.len() + matching.len()) as u32;
        let mut words =
            vec![states, entry(start), flag << SHIFT, base << SHIFT, longest as u32, matching.len() as u32, outputs.len() as u32];
        words.extend(class.chunks_exact(4).map(|c| u32::from_le_bytes([c[0], c[1], c[2], c[3]])));
        words.extend(ends);
        words.extend(outputs);
        words.resize(words.len().next_multiple_of(PLANE), 0);
        for bytes in representatives.chunks(PLANE) {
            for &state in plain.iter().chain(&matching) {
                let row = words.len();
                words.resize(row + PLANE, entry(start));
                for (word, byte) in words[row..].iter_mut().zip(bytes) {
                    let to = byte.map_or(start, |b| dfa.next_state(Anchored::No, state, b));
                    *word = entry(to);
                }
            }
        }
        Ok(Self::from_words(words.into()))
    }

    /// Takes what [`Automaton::words`] gave, unchanged.
    #[must_use]
    pub(super) fn from_words(words: Cow<'static, [u32]>) -> Self {
        let mut class = [0; 256];
        for (four, word) in class.chunks_exact_mut(4).zip(&words[HEADER..HEADER + CLASSES]) {
            four.copy_from_slice(&word.to_le_bytes());
        }
        Self { words, class }
    }

    /// The automaton as words.
    #[allow(dead_code, reason = "the build script writes them down")]
    pub fn words(&self) -> impl Iterator<Item = u32> + '_ {
        self.words.iter().copied()
    }

    /// What the scanning loop needs.
    #[must_use]
    pub fn tables(&self) -> Tables<'_> {
        let matching = self.words[5] as usize;
        let table = (HEADER + CLASSES + matching + 1 + self.words[6] as usize).next_multiple_of(PLANE);
        Tables {
            table: &self.words[table..],
            plane: self.words[0] as usize * PLANE,
            class: &self.class,
            start: self.words[1],
            flag: self.words[2],
            base: self.words[3],
            longest: self.words[4] as usize,
        }
    }

    /// The literals whose heads end where a scan is in the match state `entry`.
    #[must_use]
    pub fn outputs(&self, entry: u32) -> &[u32] {
        let state = ((entry - self.words[2]) >> SHIFT) as usize;
        let ends = HEADER + CLASSES;
        let outputs = ends + self.words[5] as usize + 1;
        let (from, to) = (self.words[ends + state] as usize, self.words[ends + state + 1] as usize);
        &self.words[outputs + from..outputs + to]
    }
}
