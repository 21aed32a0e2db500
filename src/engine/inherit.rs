//! Scanning a text that is an edit of another one: only what is new is looked at, the rest is inherited.
//!
//! Versions of a file differ in a few lines, and git stores them so: as copies from a base and inserted bytes. What becomes of an anchor's hit
//! depends on the bytes that its rule may look at. Where all of those were copied in one piece, the verdict of the base holds, moved by the
//! piece's offset. All other hits lie in *dirty* stretches: lines that an insertion or a seam between two pieces touches, cut on long lines
//! to the furthest reach of any rule. Some hits look over lines: blocks (armoured keys), and names whose own line says that the value stands on
//! the one below. Those are kept even where nothing was made of them, and judged again when not all of their reach was copied in one piece.
//!
//! What is new in one version is mostly new in others as well: stretches known to be plain are not searched again ([`super::search`]).
//!
//! Measured on git/git (262,343 blobs, 203,352 commits, 8.3 GB): 1.2 GB are new, 0.7 GB of these are searched for anchors (`--stats`). `keysift scan
//! --history --verify-deltas` scans every object both ways: over six public histories, 581,271 objects built on others, none came out otherwise.
//!
//! Not making those texts at all on which nothing is built and whose touched lines are plain was tried: 72,600 of 121,000 such texts need not be made,
//! but writing down the lines costs more than moving bytes does; blobs took 6 % longer.

use std::ops::Range;

use super::encoded::{self, ENCODED, run};
use super::scanner::{Hit, Observer};
use super::search::Stretch;
use super::{Engine, Match, Scanner, Text, assignment, codes, continued, paired};
use crate::rules::Matcher;
use crate::rules::format::{Line, MAX_BLOCK};

/// What a scan leaves for the texts made from its own.
#[derive(Clone, Debug, Default)]
pub struct Memo {
    /// The match of every hit that had one, before overlaps are resolved, ordered by anchor.
    candidates: Vec<Match>,
    /// Every hit that looks over lines, whatever came of it, in order.
    far: Vec<Hit>,
}

impl Memo {
    /// Whether the text has no match.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.candidates.is_empty()
    }

    /// Whether it has none and could not get one by an edit elsewhere: not even the begin of a block or a name without its value.
    #[must_use]
    pub fn is_blank(&self) -> bool {
        self.candidates.is_empty() && self.far.is_empty()
    }

    /// Makes it that of a blank text.
    pub fn clear(&mut self) {
        self.candidates.clear();
        self.far.clear();
    }
}

/// A piece of an edited text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece {
    /// Copied from this range of the base.
    Copied(Range<usize>),
    /// So many new bytes.
    New(usize),
}

impl Piece {
    fn len(&self) -> usize {
        match self {
            Self::Copied(range) => range.len(),
            Self::New(len) => *len,
        }
    }
}

impl Scanner<'_> {
    /// Scans all of `text` and leaves in `memo` what its edits need.
    pub fn scan_for_edits(&mut self, text: Text<'_>, memo: &mut Memo, observer: &mut impl Observer) {
        self.find_hits(text, observer);
        self.note_hits(text, memo, observer);
    }

    /// Replaces `hits` by those in each of several texts, with the text's number. `texts` has them one behind the other, and each ends where `ends` says: searching
    /// many short ones together costs half of searching each.
    pub fn find_all(&mut self, texts: &[u8], ends: &[usize], hits: &mut Vec<(usize, Hit)>, observer: &mut impl Observer) {
        hits.clear();
        self.searched += texts.len() as u64;
        let (engine, found) = (self.engine, &mut self.hits);
        let mut next = 0;
        while let Some(at) = run::inside(&texts[next..]).map(|i| next + i) {
            let text = ends.partition_point(|&e| e <= at);
            let begin = if text == 0 { 0 } else { ends[text - 1] };
            next = ends[text];
            run::each(&texts[begin..next], 0..next - begin, |at| hits.push((text, Hit { at, probe: ENCODED })));
        }
        self.machine.scan(texts, |entry, end| {
            let text = ends.partition_point(|&e| e < end);
            let begin = if text == 0 { 0 } else { ends[text - 1] };
            let bytes = &texts[begin..ends[text]];
            found.clear();
            // What only seems to be an anchor, across two neighbours, begins before this one.
            engine.admit(bytes, entry, end - begin, &(0..bytes.len()), found, observer);
            hits.extend(found.drain(..).map(|hit| (text, hit)));
        });
        hits.sort_unstable();
    }

    /// Does the same as [`Self::scan_for_edits`] for a text of which [`Self::find_all`] has found `hits`.
    pub fn scan_found(&mut self, text: Text<'_>, hits: &[(usize, Hit)], memo: &mut Memo, observer: &mut impl Observer) {
        self.hits.clear();
        self.hits.extend(hits.iter().map(|&(_, hit)| hit));
        self.note_hits(text, memo, observer);
    }

    /// Leaves in `memo` what `self.hits` say of `text`.
    fn note_hits(&mut self, text: Text<'_>, memo: &mut Memo, observer: &mut impl Observer) {
        memo.clear();
        memo.far.extend(self.hits.iter().filter(|hit| self.engine.looks_over_lines(text.bytes, hit)));
        self.consider(text, true, &mut memo.candidates, observer);
    }

    /// Scans `text`, which `pieces` make from a text of `base_len` bytes that left `base`. The outcome in `memo` is that of
    /// [`Self::scan_for_edits`].
    pub fn scan_edited<P: Iterator<Item = Piece>>(
        &mut self,
        text: Text<'_>,
        base: &Memo,
        base_len: usize,
        pieces: impl Fn() -> P,
        memo: &mut Memo,
        observer: &mut impl Observer,
    ) {
        let engine = self.engine;
        let dirty = dirty(text.bytes, base_len, engine.line_reach, pieces());
        if dirty.iter().map(|d| d.range.len()).sum::<usize>() * 4 > text.bytes.len() * 3 {
            return self.scan_for_edits(text, memo, observer);
        }
        memo.clear();
        self.find_dirty_hits(text, &dirty, observer);
        memo.far.extend(self.hits.iter().filter(|hit| engine.looks_over_lines(text.bytes, hit)));
        if !base.candidates.is_empty() || !base.far.is_empty() {
            self.hits.extend(inherit(engine, base, pieces(), &dirty, text.bytes, base_len, memo));
            self.hits.sort_unstable();
        }
        let inherited = memo.candidates.len();
        self.consider(text, true, &mut memo.candidates, observer);
        if inherited > 0 && memo.candidates.len() > inherited || !memo.candidates.is_sorted_by_key(|m| m.at) {
            memo.candidates.sort_by_key(|m| (m.at, m.rule));
        }
        memo.far.sort_unstable();
        memo.far.dedup();
    }

    /// Appends to `matches` what a plain scan of the text that left `memo` finds.
    pub fn settled(&self, memo: &Memo, matches: &mut Vec<Match>, observer: &mut impl Observer) {
        let first = matches.len();
        matches.extend_from_slice(&memo.candidates);
        self.settle(matches, first, observer);
    }

    /// Fills `self.hits`, in order, with those that begin in a dirty stretch.
    fn find_dirty_hits(&mut self, text: Text<'_>, dirty: &[Stretch], observer: &mut impl Observer) {
        let Self { engine, machine, search, hits, searched, .. } = self;
        hits.clear();
        *searched +=
            search.run(machine, text.bytes, dirty, |entry, end, stretch| engine.admit(text.bytes, entry, end, stretch, hits, observer));
        hits.extend(search.encoded.iter().map(|&at| Hit { at, probe: ENCODED }));
        hits.sort_unstable();
    }
}

impl Engine {
    /// Whether `hit` looks further than at its line.
    fn looks_over_lines(&self, bytes: &[u8], hit: &Hit) -> bool {
        hit.view().is_some() || self.reach_over_lines(bytes, hit).is_some()
    }

    /// Whether `hit` looks at more than the `room` bytes from its begin on.
    fn looks_beyond(&self, bytes: &[u8], hit: &Hit, room: usize) -> bool {
        // How far a view goes takes a look at all of it: asked only where it matters.
        let may = hit.view().is_none() || room < encoded::REACH;
        may && self.reach_over_lines(bytes, hit).is_some_and(|reach| reach > room)
    }

    /// How far behind its begin `hit` looks, if not only at its line. Its line alone tells, so that this holds wherever the line is copied to.
    fn reach_over_lines(&self, bytes: &[u8], hit: &Hit) -> Option<usize> {
        if let Some(view) = hit.view() {
            return Some(view.reach(bytes, hit.at));
        }
        let probe = &self.probes[hit.probe as usize];
        let len = probe.literal.len();
        match self.rules.rules()[usize::from(probe.rule)].matcher {
            Matcher::Block { .. } | Matcher::Container { .. } => Some(len + MAX_BLOCK + 2),
            Matcher::Codes => Some(len + codes::REACH),
            Matcher::Assignment { .. } => assignment::reach_below(bytes, &(hit.at..hit.at + len)),
            Matcher::Pattern { line, after, .. } => {
                let after = usize::from(after);
                let goes_on = match line {
                    Line::Plain => false,
                    Line::Command => continued::goes_on(bytes, hit.at, after),
                    Line::Pair => paired::goes_on(bytes, &(hit.at..hit.at + len)),
                };
                goes_on.then_some(after + 2)
            }
        }
    }
}

/// The dirty stretches of a text, in order and apart from each other.
fn dirty(bytes: &[u8], base_len: usize, reach: usize, pieces: impl Iterator<Item = Piece>) -> Vec<Stretch> {
    let mut all: Vec<Stretch> = Vec::new();
    let mut add = |from: usize, to: usize| {
        if let Some(last) = all.last()
            && last.ends_line
            && to < last.range.end
        {
            return;
        }
        let least = from.saturating_sub(reach);
        let start = memchr::memrchr2(b'\n', b'\r', &bytes[least..from]).map_or(least, |i| least + i + 1);
        let most = (to + reach).min(bytes.len());
        let line_end = memchr::memchr2(b'\n', b'\r', &bytes[to..most]);
        let end = line_end.map_or(most, |i| to + i + 1);
        let ends_line = line_end.is_some() || most == bytes.len();
        match all.last_mut() {
            Some(last) if start <= last.range.end => {
                if end >= last.range.end {
                    (last.range.end, last.ends_line) = (end, ends_line);
                }
            }
            _ => all.push(Stretch { range: start..end, ends_line }),
        }
    };
    let mut at = 0;
    // Where the base would go on, had the piece before been longer.
    let mut next = Some(0);
    for piece in pieces {
        match &piece {
            Piece::Copied(range) => {
                if next != Some(range.start) {
                    add(at, at);
                }
                next = Some(range.end);
            }
            Piece::New(len) => {
                add(at, at + len);
                next = None;
            }
        }
        at += piece.len();
    }
    // The end of a text is a seam, too, unless it is the end of the base.
    if next != Some(base_len) {
        add(at, at);
    }
    all
}

/// Moves what `base` knows of copied pieces to `memo`. Returns the hits that must be judged again.
fn inherit(
    engine: &Engine,
    base: &Memo,
    pieces: impl Iterator<Item = Piece>,
    dirty: &[Stretch],
    bytes: &[u8],
    base_len: usize,
    memo: &mut Memo,
) -> Vec<Hit> {
    let mut hits: Vec<Hit> = Vec::new();
    let is_dirty = |at: usize| {
        let k = dirty.partition_point(|d| d.range.end <= at);
        dirty.get(k).is_some_and(|d| d.range.start <= at)
    };
    let mut at = 0;
    for piece in pieces {
        if let Piece::Copied(range) = &piece {
            let moved = |old: usize| old - range.start + at;
            let first_again = hits.len();
            let first = base.far.partition_point(|h| h.at < range.start);
            for hit in base.far[first..].iter().take_while(|h| h.at < range.end) {
                let new = Hit { at: moved(hit.at), probe: hit.probe };
                if is_dirty(new.at) {
                    continue;
                }
                memo.far.push(new);
                let both_end = range.end == base_len && at + range.len() == bytes.len();
                if !both_end && engine.looks_beyond(bytes, &new, range.end - hit.at) {
                    hits.push(new);
                }
            }
            let first = base.candidates.partition_point(|m| m.at < range.start);
            for found in base.candidates[first..].iter().take_while(|m| m.at < range.end) {
                let new = moved(found.at);
                // Of the piece, for it is clean where it matters; and those are in order.
                let is_judged_again = || {
                    let again = &hits[first_again..];
                    again[again.partition_point(|h| h.at < new)..].iter().take_while(|h| h.at == new).any(|h| match h.view() {
                        Some(_) => found.decoded.is_some(),
                        None => found.decoded.is_none() && engine.probes[h.probe as usize].rule == found.rule,
                    })
                };
                if is_dirty(new) || is_judged_again() {
                    continue;
                }
                // What a clean hit looks at lies within the piece.
                let shift = |r: &Range<usize>| r.start + at - range.start..r.end + at - range.start;
                memo.candidates.push(Match { at: new, whole: shift(&found.whole), secret: shift(&found.secret), ..found.clone() });
            }
        }
        at += piece.len();
    }
    hits
}

#[cfg(test)]
mod tests {
    use std::sync::OnceLock;

    use super::{Memo, Piece};
    use crate::engine::{Engine, Match, Silent, Text};
    use crate::rules::template::fill;
    use crate::rules::{Origin, RuleSet, RuleText};
    use base64::Engine as _;
    use base64::prelude::BASE64_STANDARD;
    use proptest::prelude::*;

    /// Rules that look as far as rules may.
    const FAR: &str = r#"
        provider = "Far"
        docs = "https://far.example"
        [[rule]]
        id = "far-behind"
        title = "Far behind"
        impact = "-"
        remedy = "-"
        severity = "high"
        anchors = ["farkey"]
        pattern = 'farkey[ -~]{0,990}value(?<secret>[0-9a-f]{16})'
        window = 1024
        [[rule.hit]]
        text = 'farkey value{{hex:16}}'
        [[rule]]
        id = "far-before"
        title = "Far before"
        impact = "-"
        remedy = "-"
        severity = "high"
        anchors = ["yekraf"]
        pattern = '(?<secret>[0-9a-f]{16})value[ -~]{0,990}yekraf'
        window = 1024
        [[rule.hit]]
        text = '{{hex:16}}value yekraf'
    "#;

    /// The rules there are, and those of [`FAR`].
    fn engines() -> &'static [Engine; 2] {
        static ENGINES: OnceLock<[Engine; 2]> = OnceLock::new();
        ENGINES.get_or_init(|| {
            let far = RuleText::parse(Origin::BuiltIn("far"), FAR.to_owned()).unwrap();
            [Engine::new(RuleSet::built_in()), Engine::new(RuleSet::load(&[far], true, &[]).unwrap())]
        })
    }

    /// Texts with a secret each, written as rules read them.
    const SAMPLES: &[&str] = &[
        "TOKEN=ghp_{{base62:30}}{{crc32_base62:6}}\n",
        "ghp_{{base62:30}}{{crc32_base62:6}}",
        "password = \"{{any:a-zA-Z0-9!#%:14}}7!aQ\"\n",
        "DB_PASSWORD={{any:a-zA-Z0-9!#%:14}}7!aQ\n",
        "postgres://app:{{base62:20}}@db.internal/app\n",
        "datadog_api_key = {{hex:32}}\n",
        "aws_secret_access_key = {{base64:40}}\n",
        "<apiToken>\n    {{base62:40}}\n</apiToken>\n",
        "DEPLOY_TOKEN =\r\n  '{{base62:40}}'\r\n",
        "- name: DB_PASSWORD\n  value: \"{{any:a-zA-Z0-9!#%:14}}7!aQ\"\n",
        "- name: DATADOG_API_KEY\n  value: \"{{hex:32}}\"\n- {name: DATADOG_API_KEY, value: {{hex:32}}}\n",
        // What is above a name's line says nothing of it.
        "name:\nDB_PASSWORD\n  value: \"{{any:a-zA-Z0-9!#%:14}}7!aQ\"\n",
        "badge\n?token={{base62:40}}\nchecksum/\n  password: {{hex:32}}\n",
        "deployToken: |\n  {{base62:40}}\n",
        "DBPassword:\n  NoEcho: true\n  Type: String\n  Default: {{any:a-zA-Z0-9!#%:14}}7!aQ\n",
        "<name>db.password</name>\n<description>of it</description>\n<value>{{base62:20}}</value>\n",
        "{{pem:EC PRIVATE KEY}}\n",
        "name,login,password\nwiki,ann,{{base62:20}}\nmail,bob,{{base62:20}}\nshop,eve,{{base62:20}}\n",
        "INSERT INTO users (name, password) VALUES\n('ann', '{{base62:20}}'), ('bob', '{{base62:20}}'),\n('eve', '{{base62:20}}');\n",
        "curl -X POST \\\n  -u 'ci:{{base62:20}}' \\\r\n  https://git.internal\n",
        "docker login \\\r\n\t-u ci\\\n -p {{base62:20}} \\\n",
        "DB_PASSWORD:\n  description: \"of the shop\"\n  value: \"{{base62:20}}\"\n",
        "\"db_password\": {\n  \"sensitive\": true,\n  \"type\": \"string\",\n  \"value\": \"{{base62:20}}\"\n}\n",
        "args:\n  - --api-token\n  - {{base62:40}}\npasswords:\n  - \"{{base62:20}}\"\n",
        "users = {\n  \"ann\": \"{{base62:12}}7aQ9\",\n  \"bob\": \"{{base62:12}}7aQ9\",\n}\nauth = (\"ann\", \"{{base62:12}}7aQ9\")\n",
        "deploy_tokens:\n  ci: {{base62:40}}\n  # the other one\n  live: {{base62:40}}\n",
        "api_keys: [\"{{base62:40}}\", \"{{base62:40}}\"]\n<add value=\"{{base62:40}}\" key=\"apiToken\" />\n",
        "INSERT INTO users (name, password) VALUES ('ann', '{{base62:20}}'),\n ('bob', '{{base62:20}}');\n",
        "| name | password |\n|---|---|\n| ann | {{base62:20}} |\n| bob | {{base62:20}} |\n",
        "go?to=https%3A%2F%2Fapp%3A{{base62:20}}%40git.internal%2Fx",
        r#"{"cmd": "env TOKEN\u003dghp_{{base62:30}}{{crc32_base62:6}} \u0026\u0026 run", "url": "postgres:\/\/app:{{base62:20}}@db.internal\/app"}"#,
    ];

    /// What texts are made of: something for each kind of rule, whole and in halves, and what stands between.
    fn fragment() -> impl Strategy<Value = Vec<u8>> {
        let samples = prop::sample::select(SAMPLES);
        let whole = (samples.clone(), 0..5).prop_map(|(s, seed): (&str, i32)| fill(s, &seed.to_string()).unwrap().into_bytes());
        let half = (samples, 0..5, 0.0..1.0, any::<bool>()).prop_map(|(s, seed, at, first): (&str, i32, f64, bool)| {
            let text = fill(s, &seed.to_string()).unwrap().into_bytes();
            let at = (text.len() as f64 * at) as usize;
            if first { text[..at].to_vec() } else { text[at..].to_vec() }
        });
        let encoded = (whole.clone(), prop::sample::select(vec!["\n", "\n  ", ""]), any::<bool>()).prop_map(|(text, fold, hex)| {
            let said = [b"what follows is a secret:\n".as_slice(), &text].concat();
            if hex {
                return said.iter().map(|b| format!("{b:02x}")).collect::<String>().into_bytes();
            }
            let code = BASE64_STANDARD.encode(said);
            let lines: Vec<&[u8]> = code.as_bytes().chunks(64).collect();
            lines.join(fold.as_bytes())
        });
        let half_encoded = (encoded.clone(), 0.0..1.0, any::<bool>()).prop_map(|(code, at, first): (Vec<u8>, f64, bool)| {
            let at = (code.len() as f64 * at) as usize;
            if first { code[..at].to_vec() } else { code[at..].to_vec() }
        });
        let small = prop::sample::select(vec![
            "\n",
            "\r",
            "\r\n",
            "\0",
            "{{",
            "${",
            "\"",
            " ",
            "=",
            "ghp_",
            "password",
            "-----BEGIN EC PRIVATE KEY-----\n",
            "-----END EC PRIVATE KEY-----\n",
            "é",
            ": ",
            "%3A%2F%2F",
            "go%3Fto%3D",
            "\\/",
            "\\u003d",
            "\\\n",
            "| ",
            "- ",
            "&lt;",
            "api_key",
            "x",
        ])
        .prop_map(|s| s.as_bytes().to_vec());
        let lines = (1..60usize).prop_map(|n| b"nothing to see on this line, whatever you do\n".repeat(n));
        let long = (1..900usize).prop_map(|n| b"x1, y; ".repeat(n));
        let far = (0..1020usize, any::<bool>()).prop_map(|(n, behind)| {
            let (filler, hex) = ("z".repeat(n), fill("{{hex:16}}", "far").unwrap());
            if behind { format!("farkey{filler}value{hex}") } else { format!("{hex}value{filler}yekraf") }.into_bytes()
        });
        let run = (1..3000usize).prop_map(|n| b"q".repeat(n));
        prop_oneof![6 => whole, 2 => half, 2 => encoded, 1 => half_encoded, 3 => small, 5 => lines, 1 => long, 1 => run, 2 => far]
    }

    /// What becomes of a segment of the base.
    #[derive(Clone, Debug)]
    enum Edit {
        Keep,
        Drop,
        Before(Vec<u8>),
        Twice,
        AfterNext,
    }

    /// Where a text is cut, and what becomes of what follows.
    type Edits = Vec<(f64, Edit)>;

    fn edits() -> impl Strategy<Value = Edits> {
        let edit = prop_oneof![
            5 => Just(Edit::Keep),
            2 => Just(Edit::Drop),
            4 => fragment().prop_map(Edit::Before),
            1 => Just(Edit::Twice),
            1 => Just(Edit::AfterNext),
        ];
        prop::collection::vec((0.0..1.0, edit), 1..7)
    }

    /// The base cut into segments of which each is edited: the new text and how it is made.
    fn edited(base: &[u8], edits: &[(f64, Edit)]) -> (Vec<u8>, Vec<Piece>) {
        let mut cuts: Vec<usize> = edits.iter().map(|e| (base.len() as f64 * e.0) as usize).collect();
        cuts.sort_unstable();
        let ends = cuts[1..].iter().copied().chain([base.len()]);
        let mut segments: Vec<_> = cuts.iter().copied().zip(ends).map(|(from, to)| from..to).zip(edits.iter().map(|e| &e.1)).collect();
        segments.insert(0, (0..cuts[0], &Edit::Keep));
        for i in 1..segments.len() - 1 {
            if matches!(segments[i].1, Edit::AfterNext) {
                segments.swap(i, i + 1);
            }
        }
        let (mut text, mut pieces) = (Vec::new(), Vec::new());
        for (range, edit) in segments {
            if let Edit::Before(new) = edit {
                text.extend_from_slice(new);
                pieces.push(Piece::New(new.len()));
            }
            let times = match edit {
                Edit::Drop => 0,
                Edit::Twice => 2,
                _ => 1,
            };
            for _ in 0..times {
                text.extend_from_slice(&base[range.clone()]);
                pieces.push(Piece::Copied(range.clone()));
            }
        }
        pieces.retain(|p| p.len() > 0);
        (text, pieces)
    }

    /// The text whose bytes in `range` are replaced by `new`, and how it is made.
    fn replaced(base: &[u8], range: std::ops::Range<usize>, new: &[u8]) -> (Vec<u8>, Vec<Piece>) {
        let text = [&base[..range.start], new, &base[range.end..]].concat();
        let mut pieces = vec![Piece::Copied(0..range.start), Piece::New(new.len()), Piece::Copied(range.end..base.len())];
        pieces.retain(|p| p.len() > 0);
        (text, pieces)
    }

    /// Matches of a text that left `memo`, but for the anchor: of two within one match, either may have led to it.
    fn settled(engine: &Engine, memo: &Memo) -> Vec<Match> {
        let mut matches = Vec::new();
        engine.scanner().settled(memo, &mut matches, &mut Silent);
        matches.into_iter().map(|m| Match { at: 0, ..m }).collect()
    }

    /// Scans `base` and what each of `steps` makes of what the one before has left: as an edit, as if it was new, and plainly.
    fn check<S>(
        engine: &Engine,
        base: &[u8],
        steps: &[S],
        edit: impl Fn(&[u8], &S) -> (Vec<u8>, Vec<Piece>),
        binary: bool,
    ) -> Result<(), TestCaseError> {
        fn text(bytes: &[u8], binary: bool) -> Text<'_> {
            Text { binary, ..Text::whole(bytes) }
        }
        let mut scanner = engine.scanner();
        let mut base = base.to_vec();
        let mut memo = Memo::default();
        scanner.scan_for_edits(text(&base, binary), &mut memo, &mut Silent);
        for step in steps {
            let (next, pieces) = edit(&base, step);
            let (mut from_base, mut alone, mut plain) = (Memo::default(), Memo::default(), Vec::new());
            scanner.scan_edited(text(&next, binary), &memo, base.len(), || pieces.iter().cloned(), &mut from_base, &mut Silent);
            scanner.scan_for_edits(text(&next, binary), &mut alone, &mut Silent);
            scanner.scan(text(&next, binary), &mut plain, &mut Silent);
            plain.iter_mut().for_each(|m| m.at = 0);
            prop_assert_eq!(settled(engine, &alone), plain);
            prop_assert_eq!(settled(engine, &from_base), settled(engine, &alone));
            prop_assert_eq!(&from_base.far, &alone.far);
            // What comes next builds on what was inherited, not on what was found anew.
            (base, memo) = (next, from_base);
        }
        Ok(())
    }

    /// The first of two anchors that lead to one match is led to another one by what was inserted before it; the second one, further away, is not.
    #[test]
    fn an_edit_may_take_a_match_from_one_of_its_anchors() {
        let far = |filler: usize| fill(&format!("{{{{hex:16}}}}value{}yekraf", "z".repeat(filler)), &filler.to_string()).unwrap();
        let (before, blocks) = ("x1, y; ".repeat(304), [584, 452, 476, 822].map(far).concat());
        let base = format!("{before}{blocks}").into_bytes();
        let inserted = Edit::Before(far(0).into_bytes());
        for at in (0..584).step_by(7) {
            let at = (before.len() + at) as f64 / base.len() as f64;
            check(
                &engines()[1],
                &base,
                &[vec![(at, Edit::Keep), (0.0, inserted.clone())]],
                |base, edits: &Vec<_>| edited(base, edits),
                false,
            )
            .unwrap();
        }
    }

    /// A secret that one byte anywhere makes or breaks: before it, in it and behind it, there and back.
    #[test]
    fn each_byte_of_a_sample_may_change() {
        for sample in SAMPLES {
            let text = fill(sample, "byte").unwrap().into_bytes();
            for at in 0..text.len() {
                let back = text[at..=at].to_vec();
                check(&engines()[0], &text, &[b"z".to_vec(), back], |base, new: &Vec<u8>| replaced(base, at..at + 1, new), false)
                    .unwrap_or_else(|e| panic!("byte {at} of {sample}: {e}"));
            }
        }
    }

    #[test]
    fn an_edit_is_scanned_as_if_it_was_new() {
        let base = prop::collection::vec(fragment(), 1..40).prop_map(|f| f.concat());
        let cases = std::env::var("PROPTEST_CASES").ok().and_then(|n| n.parse().ok()).unwrap_or(3000);
        let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig::with_cases(cases));
        let inputs = (base, prop::collection::vec(edits(), 1..5), prop::bool::weighted(0.2), prop::bool::weighted(0.3));
        let test = |(base, steps, binary, far): (Vec<u8>, Vec<Edits>, bool, bool)| {
            check(&engines()[usize::from(far)], &base, &steps, |base, edits: &Vec<_>| edited(base, edits), binary)
        };
        runner.run(&inputs, test).unwrap();
    }
}
