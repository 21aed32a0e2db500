//! One thread of the scan of all objects: what is new in each is looked at, the rest inherited from the object it is built on.

use std::collections::HashSet;
use std::io::Read;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Mutex, PoisonError};

use super::super::reading::{CHUNK, Chunk, Reading};
use super::super::{Plan, Stats, worker};
use super::sights::{Claim, Sights};
use crate::decode::{self, Encoding, SNIFF, Sniffed, sniff};
use crate::engine::context::PathContext;
use crate::engine::{EditPiece, Hit, Match, Memo, Scanner, Silent, Text};
use crate::git::{Base, CommitNote, CommitNotes, Kind, ObjectAt, ObjectSet, Objects, Op, Slots, Visit, Visitor};
use crate::model::{Coverage, Problem, ProblemKind, ReportPath, Secret, SkipReason};

/// What all threads together have learnt.
#[derive(Default)]
pub struct Total {
    pub sights: Sights,
    pub commits: Vec<CommitNote>,
    pub coverage: Coverage,
    pub problems: Vec<Problem>,
    pub stats: Stats,
    /// Secrets that no path can lift to the least confidence asked for.
    pub below: HashSet<Secret>,
    /// Objects scanned both ways, and those where the outcome differed.
    pub verified: u64,
    pub differing: u64,
    /// Objects with nothing in them, where anybody wants to know.
    pub clean: Vec<ObjectAt>,
}

/// How objects are scanned.
pub struct Manner<'p> {
    pub verify: bool,
    pub max_size: Option<u64>,
    /// Objects known to have nothing in them.
    pub known: &'p ObjectSet,
    /// Whether to tell which others have nothing in them.
    pub collect_clean: bool,
}

/// Objects that are to be scanned together, at least, in bytes.
const BATCH: usize = 64 << 10;
/// Larger ones are scanned by themselves.
const SMALL: usize = 4 << 10;

/// Small texts on which nothing is built, like most commits.
#[derive(Default)]
struct Batch {
    /// Each object, and where in it its text begins.
    objects: Vec<(ObjectAt, usize)>,
    texts: Vec<u8>,
    /// Where each ends.
    ends: Vec<usize>,
    /// Anchors in them.
    hits: Vec<(usize, Hit)>,
}

/// Scans objects of one kind.
pub struct ObjectScanner<'p> {
    plan: &'p Plan,
    objects: &'p Objects,
    kind: Kind,
    manner: &'p Manner<'p>,
    scanner: Scanner<'p>,
    matches: Vec<Match>,
    batch: Batch,
    /// What is known of objects that others are built on.
    slots: Slots<Known>,
    commits: CommitNotes<'p>,
    reading: Reading,
    own: Total,
    total: &'p Mutex<Total>,
}

/// What is known of a scanned object.
struct Known {
    memo: Memo,
    sniffed: Sniffed,
    /// Whether `memo` is of the object's bytes as they are, behind the byte order mark.
    scanned: bool,
}

impl Default for Known {
    fn default() -> Self {
        Self { memo: Memo::default(), sniffed: Sniffed { encoding: Encoding::Ascii, mark: 0 }, scanned: false }
    }
}

impl<'p> ObjectScanner<'p> {
    pub fn new(plan: &'p Plan, objects: &'p Objects, kind: Kind, manner: &'p Manner<'p>, total: &'p Mutex<Total>) -> Self {
        let own = Total { stats: Stats::new(plan.engine.rules().rules().len()), ..Total::default() };
        Self {
            plan,
            objects,
            kind,
            manner,
            scanner: plan.engine.scanner(),
            matches: Vec::new(),
            batch: Batch::default(),
            slots: Slots::default(),
            commits: CommitNotes::new(objects),
            reading: Reading::new(CHUNK),
            own,
            total,
        }
    }

    fn left_out(&mut self, reason: SkipReason, at: ObjectAt) {
        let name = format!("blob {}", self.objects.id(at));
        self.own.coverage.skip(reason, ReportPath::new(name.as_bytes()));
    }

    /// Scans what was put off.
    fn scan_batch(&mut self) {
        let mut batch = std::mem::take(&mut self.batch);
        let Batch { objects, texts, ends, hits } = &mut batch;
        // Where one of them brings a bug to light, each by itself tells which.
        let together = catch_unwind(AssertUnwindSafe(|| self.scanner.find_all(texts, ends, hits, &mut self.own.stats))).is_ok();
        let (mut hits, mut begin) = (if together { &hits[..] } else { &[] }, 0);
        let mut memo = Memo::default();
        for (i, (&(at, offset), &end)) in objects.iter().zip(&*ends).enumerate() {
            let (of_this, others) = hits.split_at(hits.iter().take_while(|hit| hit.0 == i).count());
            let text = &texts[begin..end];
            if together && of_this.is_empty() {
                self.clean(at, true);
            } else {
                self.safely(at, |this| {
                    if together {
                        this.scanner.scan_found(Text::whole(text), of_this, &mut memo, &mut this.own.stats);
                    } else {
                        this.scanner.scan_for_edits(Text::whole(text), &mut memo, &mut this.own.stats);
                    }
                    this.clean(at, memo.is_blank());
                    this.scanner.settled(&memo, &mut this.matches, &mut Silent);
                    this.note(at, text, offset);
                });
            }
            (hits, begin) = (others, end);
        }
        objects.clear();
        texts.clear();
        ends.clear();
        self.batch = batch;
    }

    /// Runs what scans the object at `at`: a bug that it brings to light must not cost the others. Says whether there was none.
    fn safely(&mut self, at: ObjectAt, scan: impl FnOnce(&mut Self)) -> bool {
        self.matches.clear();
        let done = catch_unwind(AssertUnwindSafe(|| scan(self))).is_ok();
        if !done {
            self.failed(at);
        }
        done
    }

    /// Scans an object in memory, or puts it into the batch; what it leaves for others is in `known`. Its first `ids` bytes are names of objects, which need no
    /// search. Says whether it was not left out.
    fn scan(&mut self, object: &Visit<'_>, ids: usize, known: &mut Known) -> bool {
        known.scanned = false;
        known.sniffed = sniff(&object.bytes[..object.bytes.len().min(SNIFF)]);
        let Sniffed { encoding, mark } = known.sniffed;
        if self.kind == Kind::Blob {
            if self.manner.max_size.is_some_and(|max| object.bytes.len() as u64 > max) {
                self.left_out(SkipReason::TooLarge, object.at);
                return false;
            }
            if encoding == Encoding::Binary {
                if !self.plan.binary {
                    self.left_out(SkipReason::Binary, object.at);
                    return false;
                }
                self.own.coverage.binary += 1;
            }
        }
        if self.manner.known.contains(object.at) {
            known.memo.clear();
            known.scanned = encoding.decoded().is_none();
            return true;
        }
        if encoding.decoded().is_some() {
            let (text, _) = decode::whole(object.bytes);
            self.scanner.scan_for_edits(Text::whole(&text), &mut known.memo, &mut self.own.stats);
            self.scanner.settled(&known.memo, &mut self.matches, &mut Silent);
            self.clean(object.at, known.memo.is_blank());
            self.note(object.at, &text, 0);
            return true;
        }
        let bytes = &object.bytes[mark..];
        let text = Text { binary: encoding == Encoding::Binary, ..Text::whole(bytes) };
        if object.base.is_none() && object.slot.is_none() && !text.binary && bytes.len() <= SMALL {
            let begin = ids.saturating_sub(mark);
            self.batch.objects.push((object.at, begin));
            self.batch.texts.extend_from_slice(&bytes[begin..]);
            self.batch.ends.push(self.batch.texts.len());
            return true;
        }
        known.scanned = true;
        let base = object.base.and_then(|b| Some((b, self.slots.get(b.slot)?))).filter(|(_, k)| k.scanned && k.sniffed == known.sniffed);
        match base {
            Some((base, of_base)) => {
                let base_len = base.len - mark;
                self.scanner.scan_edited(text, &of_base.memo, base_len, || pieces(base, mark), &mut known.memo, &mut self.own.stats);
            }
            None => self.scanner.scan_for_edits(text, &mut known.memo, &mut self.own.stats),
        }
        let edited = base.is_some();
        self.clean(object.at, known.memo.is_blank());
        if !known.memo.is_clean() {
            self.scanner.settled(&known.memo, &mut self.matches, &mut Silent);
        }
        if self.manner.verify && edited {
            self.check(object.at, text);
        }
        self.note(object.at, bytes, 0);
        true
    }

    fn clean(&mut self, at: ObjectAt, clean: bool) {
        if clean && self.manner.collect_clean {
            self.own.clean.push(at);
        }
    }

    /// Compares `self.matches` with those of a scan that knows nothing of deltas.
    fn check(&mut self, at: ObjectAt, text: Text<'_>) {
        let mut plain = Vec::new();
        self.scanner.scan(text, &mut plain, &mut Silent);
        self.own.verified += 1;
        // Of two anchors within one match, either may have led to it.
        let same = |a: &Match, b: &Match| Match { at: 0, ..a.clone() } == Match { at: 0, ..b.clone() };
        if plain.len() != self.matches.len() || !plain.iter().zip(&self.matches).all(|(a, b)| same(a, b)) {
            self.own.differing += 1;
            let detail = format!("scanned as a delta it has {} matches, scanned whole {}", self.matches.len(), plain.len());
            self.trouble(at, ProblemKind::Internal, detail);
        }
    }

    /// Notes `self.matches`, whose spans are in `text`; that begins at `offset` of the object's.
    fn note(&mut self, at: ObjectAt, text: &[u8], offset: usize) {
        if self.matches.is_empty() {
            return;
        }
        let at = self.objects.first(at);
        for found in &self.matches {
            let claim = Claim::of(self.plan.engine.rules(), found, text);
            self.own.note(self.plan, at, claim, (offset + found.secret.start) as u64);
        }
    }

    fn cover(&mut self, at: ObjectAt, bytes: u64) {
        // What is known is counted where all of it is.
        if self.manner.known.contains(at) {
            return;
        }
        match self.kind {
            Kind::Blob => self.own.coverage.blobs += 1,
            Kind::Commit => self.own.coverage.commits += 1,
            Kind::Tree | Kind::Tag => {}
        }
        self.own.coverage.bytes += bytes;
        if let Some(progress) = &self.plan.progress {
            progress(bytes, 1);
        }
    }

    fn trouble(&mut self, at: ObjectAt, kind: ProblemKind, detail: impl Into<String>) {
        self.own.problems.push(Problem::of_object(&self.objects.id(at), kind, detail));
    }

    fn failed(&mut self, at: ObjectAt) {
        // The panic's own text may quote what was scanned: it is not repeated.
        let detail = "keysift failed on this object and went on with the rest; please report it, without the repository";
        self.trouble(at, ProblemKind::Internal, detail);
        self.matches.clear();
        self.scanner = self.plan.engine.scanner();
    }
}

impl Total {
    fn note(&mut self, plan: &Plan, at: ObjectAt, claim: Claim, start: u64) {
        match PathContext::BEST.grade(claim.confidence, claim.assigned, claim.secret.reveal()) {
            Ok(confidence) if confidence >= plan.min_confidence => self.sights.add(at, claim, start),
            Ok(_) => {
                self.below.insert(claim.secret);
            }
            // No path makes it a match.
            Err(_) => {}
        }
    }

    fn merge(&mut self, other: Self) {
        self.sights.merge(other.sights);
        self.commits.extend(other.commits);
        self.coverage.merge(other.coverage);
        self.problems.extend(other.problems);
        self.stats.merge(&other.stats);
        self.below.extend(other.below);
        self.clean.extend(other.clean);
        self.verified += other.verified;
        self.differing += other.differing;
    }
}

impl Drop for ObjectScanner<'_> {
    fn drop(&mut self) {
        self.scan_batch();
        let mut own = std::mem::take(&mut self.own);
        own.stats.searched += self.scanner.searched();
        own.commits = std::mem::replace(&mut self.commits, CommitNotes::new(self.objects)).finish();
        own.stats.regex_runs += self.scanner.regex_runs();
        self.total.lock().unwrap_or_else(PoisonError::into_inner).merge(own);
    }
}

impl Visitor for ObjectScanner<'_> {
    fn sees_bases(&self) -> bool {
        false
    }

    fn visit(&mut self, object: Visit<'_>) {
        let mut ids = 0;
        if self.kind == Kind::Commit {
            match self.commits.read(object.at, object.bytes) {
                Some(end) => ids = end,
                None => self.trouble(object.at, ProblemKind::Object, "is no well-formed commit"),
            }
        }
        let mut known = self.slots.take(object.slot);
        let mut looked = true;
        known.scanned &= self.safely(object.at, |this| looked = this.scan(&object, ids, &mut known));
        self.slots.keep(object.slot, known);
        if self.batch.texts.len() >= BATCH {
            self.scan_batch();
        }
        if looked {
            self.cover(object.at, object.bytes.len() as u64);
        }
    }

    fn stream(&mut self, at: ObjectAt, size: u64, content: &mut dyn Read) {
        if self.manner.max_size.is_some_and(|max| size > max) {
            return self.left_out(SkipReason::TooLarge, at);
        }
        let first = self.objects.first(at);
        let Self { reading, scanner, matches, own, plan, .. } = self;
        let mut scan = |chunk: Chunk<'_>| {
            matches.clear();
            scanner.scan(Text { from: 0, to: chunk.text.bytes.len(), ..chunk.text }, matches, &mut Silent);
            for found in matches.iter().filter(|m| worker::owns(chunk.text, m)) {
                let start = chunk.offset + found.secret.start as u64;
                let claim = Claim::of(plan.engine.rules(), found, chunk.text.bytes);
                own.note(plan, first, claim, start);
            }
        };
        let outcome = catch_unwind(AssertUnwindSafe(|| reading.read(content, Some(size), plan.binary, &mut scan)));
        match outcome {
            Ok(Ok(done)) if done.left_out => self.left_out(SkipReason::Binary, at),
            Ok(Ok(done)) if done.bytes == size => {
                self.own.coverage.binary += u64::from(done.encoding == Encoding::Binary);
                self.cover(at, done.bytes);
            }
            Ok(_) => self.trouble(at, ProblemKind::Object, "is damaged; what comes behind the damage was not looked at"),
            Err(_) => self.failed(at),
        }
    }

    fn problem(&mut self, problem: Problem) {
        self.own.problems.push(problem);
    }
}

/// How the text of an object is made from its base's, both without their byte order marks of `mark` bytes.
fn pieces(base: Base<'_>, mark: usize) -> impl Iterator<Item = EditPiece> {
    let mut skip = mark;
    base.delta.ops().filter_map(move |op| {
        let (len, from) = match op {
            Op::Copy(range) => (range.len(), Some(range.start)),
            Op::Insert(bytes) => (bytes.len(), None),
        };
        let skipped = skip.min(len);
        skip -= skipped;
        let len = len - skipped;
        match from.map(|from| from + skipped) {
            _ if len == 0 => None,
            // A piece of the mark itself, somewhere else: of no use as a copy.
            Some(from) if from < mark => Some(EditPiece::New(len)),
            Some(from) => Some(EditPiece::Copied(from - mark..from - mark + len)),
            None => Some(EditPiece::New(len)),
        }
    })
}
