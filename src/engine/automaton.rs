//! The heads of all anchors of all rules as one case-folded Aho–Corasick automaton, laid out for the loop in `lanes`.
//!
//! Aho and Corasick, "Efficient string matching: an aid to bibliographic search", 1975. It is built here and not by the crate `aho-corasick`, straight
//! into its layout: whoever adds a rule of their own waits for that at each start, 18 ms with 10,000 literals, where that crate's DFA and a pass that
//! laid it out anew took 245. Tests compare the two. Shared with `build.rs`, which lays out the table of the built-in rules at build time.
//!
//! A step costs what its load costs, so the table is laid out for the processor's first cache, in which it competes with the text. An entry has 16
//! bits: the number of the next state, of which one bit tells a match, so that several lanes can share one test. A row is cut into pieces of
//! four entries, and the pieces of all rows for the same bytes make a *plane*: the first is for the bytes that text is mostly made of. In each, the states
//! come in the order of how often a sample of text enters them: nine of ten steps are made from 500 of 40,000 states, and eight of those share a cache line.
//! Against entries of 32 bits in pieces of a line, breadth first, 91 MB of C take 2.1 instead of 2.4 cycles a byte, and the table is a third in size.
//!
//! Only the first bytes of a literal are in the automaton, [`HEAD`] or as many as the numbers of states allow: the rest is compared at a hit. Shorter heads
//! make for more hits that come to nothing: eight bytes cost 6 % of a scan, six 35 %.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

/// Bytes of a literal that the automaton looks for, at most.
pub const HEAD: usize = 10;

/// Escapes of what stands before secrets, behind the anchors of rules: `:`, `=`, `/`, quotes, `&`, `@`, a space, brackets, and the sign itself escaped.
pub const ESCAPES: [&str; 21] = [
    "%3a", "%3d", "%2f", "%22", "%27", "%26", "%40", "%20", "%3c", "%7b", "%25", r"\u003", r"\u002", r"\/", r"\x3a", r"\x3d", r"\x22",
    r"\x26", r"\x27", "&lt;", "&#",
];

/// Classes of bytes in one plane of the table. As many entries take eight bytes, which a number of a state can be scaled by within the load.
pub const PIECE: usize = 4;
/// Plain states, and match states, at most: one bit of an entry tells them apart.
const HALF: usize = 1 << 15;
/// Bytes of text, the most frequent ones first, counted over the Linux kernel and a dozen projects in other languages. Line ends and tabs are in no
/// head and share the first class with all other such bytes.
const FREQUENT: &[u8] = b" etrsanioldc_pumfhgbwvkxy0/.-(),=:1'\"2";
/// Text of many kinds: prose, commands, settings, reports.
const SAMPLE: &[u8] = include_bytes!("../../README.md");

/// Words of the header: states, start, match flag, first entry, longest head, number of match states, number of outputs.
const HEADER: usize = 7;
/// Words of the class map.
const CLASSES: usize = 64;
/// Words of a cache line: the table begins at one.
const LINE: usize = 16;

/// The automaton, in one slice of words that can come from the binary itself.
#[derive(Clone, Debug)]
pub struct Automaton {
    words: Cow<'static, [u32]>,
    class: [u8; 256],
}

/// What the scanning loop needs, borrowed from an [`Automaton`].
#[derive(Clone, Copy, Debug)]
pub struct Tables<'a> {
    /// Transitions: `table[PIECE * (entry - base) + column(class)]` is the next entry.
    pub(super) table: &'a [u16],
    /// Entries of one plane.
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
    /// Where in the table the entries for `class` begin.
    #[must_use]
    pub fn column(&self, class: u8) -> usize {
        let class = usize::from(class);
        class / PIECE * self.plane + class % PIECE
    }
}

/// A node of the tree of all heads, which is a state of the automaton.
#[derive(Clone, Copy, Debug, Default)]
struct Node {
    /// The class of the byte that leads to it.
    class: u8,
    /// Whether a head ends here: one that begins at the root, or one that begins later.
    matches: bool,
    /// Its first child, and the next one of its parent's; the root where there is none.
    child: u32,
    sibling: u32,
    /// Where its own bytes but for the first ones lead: as few of these as possible.
    fail: u32,
}

/// The root of the tree, and the number of none.
const ROOT: u32 = 0;

/// The tree of all heads, and how to go on where it has no branch.
#[derive(Debug)]
struct Trie {
    nodes: Vec<Node>,
    /// The root's children by their class, of which it has many.
    first: [u32; 256],
    /// Where each head ends.
    ends: Vec<u32>,
    /// All nodes but the root, by their depth.
    by_depth: Vec<u32>,
}

impl Trie {
    /// The tree of `heads`, which are sorted, with the bytes' classes.
    fn of<'h>(heads: impl Iterator<Item = &'h Vec<u8>>, class: &[u8; 256]) -> Self {
        let mut trie = Self { nodes: vec![Node::default()], first: [ROOT; 256], ends: Vec::new(), by_depth: Vec::new() };
        for head in heads {
            let mut at = ROOT;
            for &byte in head {
                let class = class[usize::from(byte)];
                at = match trie.child(at, class) {
                    ROOT => trie.add(at, class),
                    child => child,
                };
            }
            trie.nodes[at as usize].matches = true;
            trie.ends.push(at);
        }
        trie.link();
        trie
    }

    fn node(&self, number: u32) -> &Node {
        &self.nodes[number as usize]
    }

    /// A node's child by its class, or the root.
    fn child(&self, of: u32, class: u8) -> u32 {
        if of == ROOT {
            return self.first[usize::from(class)];
        }
        let mut at = self.node(of).child;
        while at != ROOT && self.node(at).class != class {
            at = self.node(at).sibling;
        }
        at
    }

    /// Where `class` leads from a node.
    fn next(&self, mut from: u32, class: u8) -> u32 {
        loop {
            let child = self.child(from, class);
            if child != ROOT || from == ROOT {
                return child;
            }
            from = self.node(from).fail;
        }
    }

    fn add(&mut self, parent: u32, class: u8) -> u32 {
        let number = self.nodes.len() as u32;
        if parent == ROOT {
            self.first[usize::from(class)] = number;
        }
        let sibling = std::mem::replace(&mut self.nodes[parent as usize].child, number);
        self.nodes.push(Node { class, sibling, ..Node::default() });
        number
    }

    /// Fills in what follows from nodes that are less deep.
    fn link(&mut self) {
        let mut done = 0;
        let mut parent = ROOT;
        loop {
            let Node { fail, mut child, .. } = *self.node(parent);
            while child != ROOT {
                let own = *self.node(child);
                let fail = if parent == ROOT { ROOT } else { self.next(fail, own.class) };
                self.nodes[child as usize].fail = fail;
                self.nodes[child as usize].matches |= self.node(fail).matches;
                self.by_depth.push(child);
                child = own.sibling;
            }
            let Some(&next) = self.by_depth.get(done) else { break };
            (parent, done) = (next, done + 1);
        }
    }

    /// The states in the order of the table, plain ones first and of these the ones that a scan is mostly in; and how many are plain.
    fn in_order(&self, class: &[u8; 256]) -> (Vec<u32>, usize) {
        let mut entered = vec![0_u32; self.nodes.len()];
        let mut at = ROOT;
        for &byte in SAMPLE {
            at = self.next(at, class[usize::from(byte)]);
            entered[at as usize] += 1;
        }
        let mut order = vec![ROOT];
        order.extend(&self.by_depth);
        // Those that are never entered stay in the order of their depth.
        order.sort_by_key(|&state| (self.node(state).matches, std::cmp::Reverse(entered[state as usize])));
        let plain = order.partition_point(|&state| !self.node(state).matches);
        (order, plain)
    }
}

/// Literals by what the automaton looks for of them; those with the same head are one to it.
type Heads = BTreeMap<Vec<u8>, Vec<u32>>;

/// The heads of at most `longest` bytes of `literals`.
fn heads_of(literals: &[&[u8]], longest: usize) -> Heads {
    let mut heads = Heads::new();
    for (id, literal) in (0..).zip(literals).filter(|(_, literal)| !literal.is_empty()) {
        heads.entry(literal[..literal.len().min(longest)].to_ascii_lowercase()).or_default().push(id);
    }
    heads
}

/// The class of each byte, of which those that occur in no head share the first; and how many classes there are.
fn classes(heads: &Heads) -> ([u8; 256], usize) {
    let occurs: BTreeSet<u8> = heads.keys().flatten().copied().collect();
    let frequent = FREQUENT.iter().filter(|b| occurs.contains(b));
    let mut class = [0; 256];
    let mut count = 1;
    for &byte in frequent.chain(occurs.iter().filter(|b| !FREQUENT.contains(b))) {
        // Upper case occurs in no head, so there are never more than 231 classes.
        class[usize::from(byte)] = count as u8;
        class[usize::from(byte.to_ascii_uppercase())] = count as u8;
        count += 1;
    }
    (class, count)
}

impl Automaton {
    /// Builds the automaton over the heads of `literals`, and [`ESCAPES`] behind them; their indices name them in [`Automaton::outputs`].
    #[must_use]
    pub fn build<L: AsRef<[u8]>>(literals: &[L]) -> Self {
        let literals: Vec<&[u8]> = literals.iter().map(AsRef::as_ref).chain(ESCAPES.iter().map(|escape| escape.as_bytes())).collect();
        let mut longest = HEAD;
        loop {
            let heads = heads_of(&literals, longest);
            let (class, classes) = classes(&heads);
            let trie = Trie::of(heads.keys(), &class);
            let (order, plain) = trie.in_order(&class);
            // Heads of one byte always fit.
            if longest == 1 || plain.max(order.len() - plain) <= HALF {
                return Self::lay_out(&heads, &class, classes, &trie, &order, plain);
            }
            longest -= 1;
        }
    }

    /// Writes down the automaton of `trie`: of its states, in `order`, the first `plain` ones are no matches.
    fn lay_out(heads: &Heads, class: &[u8; 256], classes: usize, trie: &Trie, order: &[u32], plain: usize) -> Self {
        let states = order.len();
        // Plain states end right below the flag, match states begin at it: one bit tells them apart and the table has no gap.
        let flag = plain.max(states - plain).next_power_of_two();
        let base = flag - plain;
        let mut row = vec![0; states];
        for (number, &state) in order.iter().enumerate() {
            row[state as usize] = number;
        }
        let entry = |state: u32| (base + row[state as usize]) as u16;

        let mut head_of: Vec<Option<&[u32]>> = vec![None; states];
        for (&end, literals) in trie.ends.iter().zip(heads.values()) {
            head_of[end as usize] = Some(literals);
        }
        let (mut ends, mut outputs) = (vec![0_u32], Vec::<u32>::new());
        for &state in &order[plain..] {
            let mut at = state;
            while at != ROOT {
                outputs.extend(head_of[at as usize].into_iter().flatten());
                at = trie.node(at).fail;
            }
            ends.push(outputs.len() as u32);
        }

        let longest = heads.keys().map(Vec::len).max().unwrap_or(1);
        let counts = [states, base + row[ROOT as usize], flag, base, longest, states - plain, outputs.len()];
        let mut words: Vec<u32> = counts.iter().map(|&count| count as u32).collect();
        words.extend(class.chunks_exact(4).map(|c| u32::from_le_bytes([c[0], c[1], c[2], c[3]])));
        words.extend(ends);
        words.extend(outputs);
        let table = words.len().next_multiple_of(LINE);
        words.resize(table + classes.div_ceil(PIECE) * states * PIECE / 2, 0);
        let (pieces, _) = bytemuck::cast_slice_mut::<u32, u16>(&mut words[table..]).as_chunks_mut::<PIECE>();
        // What a state does not say itself is as where it fails to, which is less deep.
        for &state in std::iter::once(&ROOT).chain(&trie.by_depth) {
            let node = trie.node(state);
            let (own, fail) = (row[state as usize], row[node.fail as usize]);
            for plane in pieces.chunks_exact_mut(states) {
                plane[own] = if state == ROOT { [entry(ROOT); PIECE] } else { plane[fail] };
            }
            let mut child = node.child;
            while child != ROOT {
                let class = usize::from(trie.node(child).class);
                pieces[class / PIECE * states + own][class % PIECE] = entry(child);
                child = trie.node(child).sibling;
            }
        }
        Self::from_words(words.into())
    }

    /// Takes what [`Automaton::to_bytes`] gave, on a machine of that order of bytes, unchanged.
    #[must_use]
    pub(super) fn from_words(words: Cow<'static, [u32]>) -> Self {
        let mut class = [0; 256];
        for (four, word) in class.chunks_exact_mut(4).zip(&words[HEADER..HEADER + CLASSES]) {
            four.copy_from_slice(&word.to_le_bytes());
        }
        Self { words, class }
    }

    /// The automaton as bytes, for a machine whose lowest byte comes first, or last.
    #[allow(dead_code, reason = "the build script writes them down")]
    pub fn to_bytes(&self, lowest_first: bool) -> Vec<u8> {
        let (head, table) = self.words.split_at(self.table());
        let head = head.iter().flat_map(|w| if lowest_first { w.to_le_bytes() } else { w.to_be_bytes() });
        let table =
            bytemuck::cast_slice::<u32, u16>(table).iter().flat_map(|e| if lowest_first { e.to_le_bytes() } else { e.to_be_bytes() });
        head.chain(table).collect()
    }

    /// Where the table begins.
    fn table(&self) -> usize {
        (HEADER + CLASSES + self.words[5] as usize + 1 + self.words[6] as usize).next_multiple_of(LINE)
    }

    /// What the scanning loop needs.
    #[must_use]
    pub fn tables(&self) -> Tables<'_> {
        Tables {
            table: bytemuck::cast_slice(&self.words[self.table()..]),
            plane: self.words[0] as usize * PIECE,
            class: &self.class,
            start: self.words[1],
            flag: self.words[2],
            base: self.words[3],
            longest: self.longest(),
        }
    }

    /// Bytes of the longest head: of a longer literal as many are looked for. 1 where there is none.
    #[must_use]
    pub fn longest(&self) -> usize {
        self.words[4] as usize
    }

    /// The literals whose heads end where a scan is in the match state `entry`.
    #[must_use]
    pub fn outputs(&self, entry: u32) -> &[u32] {
        let state = (entry - self.words[2]) as usize;
        let ends = HEADER + CLASSES;
        let outputs = ends + self.words[5] as usize + 1;
        let (from, to) = (self.words[ends + state] as usize, self.words[ends + state + 1] as usize);
        &self.words[outputs + from..outputs + to]
    }
}
