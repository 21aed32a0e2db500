//! One thread of a scan: reads inputs, runs the engine over them, keeps what it finds.

use std::cell::OnceCell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::Ordering;
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use super::collect::{Details, Gathered, Sighting};
use super::novelty::{LastLine, Novelty};
use super::pairing::{Beside, Pairs};
use super::protected::{Seen, Watch};
use super::reading::{CHUNK, Chunk, Reading};
use super::snippet::hidden;
use super::{Plan, Stats};
use crate::decode::Encoding;
use crate::engine::context::PathContext;
use crate::engine::{Match, Scanner, Text};
use crate::model::{Occurrence, Problem, ProblemKind, ReportPath, SkipReason, Tracker, system_words};
use crate::source::{Change, Input, Unit, Worker};

/// A worker; merges what it has gathered into the total when it is dropped.
pub struct ScanWorker<'p> {
    plan: &'p Plan,
    total: &'p Mutex<Gathered>,
    reading: Reading,
    scanning: Scanning<'p>,
}

/// The part of a worker that looks at chunks.
struct Scanning<'p> {
    plan: &'p Plan,
    scanner: Scanner<'p>,
    matches: Vec<Match>,
    protected: Seen,
    gathered: Gathered,
}

impl<'p> ScanWorker<'p> {
    pub fn new(plan: &'p Plan, total: &'p Mutex<Gathered>) -> Self {
        let gathered = Gathered { stats: Stats::new(plan.engine.rules().rules().len()), ..Gathered::default() };
        let scanning = Scanning { plan, scanner: plan.engine.scanner(), matches: Vec::new(), protected: Seen::default(), gathered };
        Self { plan, total, reading: Reading::new(CHUNK), scanning }
    }
}

impl Drop for ScanWorker<'_> {
    fn drop(&mut self) {
        let mut gathered = std::mem::take(&mut self.scanning.gathered);
        gathered.stats.regex_runs += self.scanning.scanner.regex_runs();
        self.total.lock().unwrap_or_else(PoisonError::into_inner).merge(gathered);
    }
}

impl Worker for ScanWorker<'_> {
    fn input(&mut self, input: Input<'_>) {
        let Input { path, content, len, change } = input;
        let place = Place { path, context: OnceCell::new(), novelty: change.map(Novelty::new) };
        let (reading, scanning, plan) = (&mut self.reading, &mut self.scanning, self.plan);
        let begin = plan.stats.then(Instant::now);
        let before = scanning.gathered.stats.scanning;
        // A bug that one input brings to light must not cost the others.
        let outcome =
            catch_unwind(AssertUnwindSafe(|| reading.read(content, len, plan.binary, &mut |chunk| scanning.chunk(&place, &chunk))));
        let coverage = &mut scanning.gathered.coverage;
        match outcome {
            Ok(Ok(done)) if done.left_out => coverage.skip(SkipReason::Binary, place.path),
            Ok(Ok(done)) => {
                match change.map_or(Unit::File, Change::unit) {
                    Unit::File => coverage.files += 1,
                    Unit::Blob => coverage.blobs += 1,
                    Unit::Message => {}
                }
                coverage.bytes += done.bytes;
                coverage.binary += u64::from(done.encoding == Encoding::Binary);
                if done.grew {
                    let detail = "grew while it was read; what came last was not looked at".to_owned();
                    scanning.gathered.problems.push(Problem { what: place.path.to_string(), kind: ProblemKind::Grew, detail });
                }
                if let Some(progress) = &plan.progress {
                    progress(done.bytes, 1);
                }
            }
            Ok(Err(error)) => {
                let detail = system_words(&error);
                scanning.gathered.problems.push(Problem { what: place.path.to_string(), kind: ProblemKind::Unreadable, detail });
            }
            Err(_) => {
                // The panic's own text may quote what was scanned: it is not repeated.
                let detail = "keysift failed on this input and went on with the rest; please report it, without the file".to_owned();
                scanning.gathered.problems.push(Problem { what: place.path.to_string(), kind: ProblemKind::Internal, detail });
                scanning.matches.clear();
                scanning.scanner = plan.engine.scanner();
            }
        }
        if let Some(begin) = begin {
            let stats = &mut scanning.gathered.stats;
            stats.reading += begin.elapsed().saturating_sub(stats.scanning - before);
        }
    }

    fn commit(&mut self) {
        self.scanning.gathered.coverage.commits += 1;
    }

    fn skip(&mut self, reason: SkipReason, path: ReportPath) {
        self.scanning.gathered.coverage.skip(reason, path);
    }

    fn problem(&mut self, problem: Problem) {
        self.scanning.gathered.problems.push(problem);
    }
}

/// Where a chunk comes from.
struct Place<'a> {
    path: ReportPath,
    /// Read off the path at the first match: most files have none.
    context: OnceCell<PathContext>,
    /// What is new in it, where it is a change.
    novelty: Option<Novelty<'a>>,
}

/// Whether a match is one of this chunk's own part. By the secret, not by the anchor: rules that see one secret have anchors on both sides of a
/// seam, and only one of them may report it.
pub fn owns(text: Text<'_>, found: &Match) -> bool {
    begins_within(text, found.secret.start)
}

/// Whether something that begins at `start` is the business of this chunk, not of a neighbour.
pub fn begins_within(text: Text<'_>, start: usize) -> bool {
    (text.from..text.to).contains(&start)
}

impl Scanning<'_> {
    /// Scans one chunk: all of its buffer, for what the neighbours report decides between overlapping matches and must not show in excerpts. The
    /// chunk reports the secrets that begin in its own part.
    fn chunk(&mut self, place: &Place<'_>, chunk: &Chunk<'_>) {
        let begin = self.plan.stats.then(Instant::now);
        self.matches.clear();
        let buffer = Text { from: 0, to: chunk.text.bytes.len(), ..chunk.text };
        self.protected.clear();
        let mut watch = Watch { stats: &mut self.gathered.stats, seen: &mut self.protected };
        self.scanner.scan(buffer, &mut self.matches, &mut watch);
        let protected = self.protected.count(chunk.text, &self.matches);
        self.gathered.coverage.protected.references += protected.references;
        self.gathered.coverage.protected.encrypted += protected.encrypted;
        if !self.matches.is_empty() {
            self.sightings(place, chunk);
        }
        if let Some(begin) = begin {
            self.gathered.stats.scanning += begin.elapsed();
        }
    }

    fn sightings(&mut self, place: &Place<'_>, chunk: &Chunk<'_>) {
        let bytes = chunk.text.bytes;
        let rules = self.plan.engine.rules();
        let spans = hidden(&self.matches);
        let mut tracker = Tracker::new(chunk.start);
        let mut pairs = Pairs::new(rules, tracker.clone(), 0);
        let mut line = LastLine::default();
        for found in &self.matches {
            if !owns(chunk.text, found) {
                self.gathered.stats.take_back(found.rule, None);
                continue;
            }
            let value = found.value(bytes);
            let rule = &rules.rules()[usize::from(found.rule)];
            let start = tracker.advance(bytes, found.secret.start);
            let end = tracker.clone().advance(bytes, found.secret.end);
            let context = place.context.get_or_init(|| PathContext::of(&place.path));
            let confidence = match context.judge(found, bytes) {
                Ok(confidence) => confidence,
                Err(objection) => {
                    self.gathered.stats.take_back(found.rule, Some(objection.gate));
                    continue;
                }
            };
            if let Some(novelty) = &place.novelty
                && !novelty.is_new(bytes, &found.secret, &mut line, &mut self.gathered.problems)
            {
                self.gathered.stats.take_back(found.rule, None);
                continue;
            }
            if let Some(alarm) = self.plan.alarm.as_ref().filter(|_| confidence >= self.plan.min_confidence) {
                alarm.store(true, Ordering::Relaxed);
            }
            let occurrence = Occurrence {
                path: place.path.clone(),
                start,
                end,
                decoded: chunk.encoding.decoded().into_iter().chain(found.decodings()).collect(),
                revision: place.novelty.as_ref().map(|n| Box::new(n.revision(&bytes[found.secret.clone()]))),
            };
            // As in histories, where nothing else is asked about.
            let pairing = match &found.decoded {
                _ if confidence < self.plan.min_confidence => None,
                None => pairs.of(found.rule, bytes, &found.secret),
                Some(_) => Beside::encoded(rules, found, bytes).map(|id| id.at(start)),
            };
            let sighting = Sighting { rule: found.rule, confidence, severity: found.severity, occurrence, pairing };
            self.gathered.add(rules, value, sighting, || Details::of(rule, found, bytes, &self.matches, &spans));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::reading::{Chunk, Reading};
    use super::owns;
    use crate::engine::{Engine, Match, Silent, Text};
    use crate::model::Tracker;
    use crate::rules::RuleSet;
    use crate::rules::template::fill;
    use base64::Engine as _;
    use base64::prelude::BASE64_STANDARD;
    use proptest::prelude::*;
    use std::io::Read;

    /// A reader that gives a few bytes at a time, as pipes do.
    struct Dribble<'a>(&'a [u8]);

    impl Read for Dribble<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
            let n = buffer.len().min(self.0.len()).min(7919);
            buffer[..n].copy_from_slice(&self.0[..n]);
            self.0 = &self.0[n..];
            Ok(n)
        }
    }

    fn places(chunk: usize, text: &[u8]) -> Vec<(u16, u64, u64)> {
        let engine = Engine::new(RuleSet::built_in());
        let mut scanner = engine.scanner();
        let mut found = Vec::new();
        let mut scan = |c: Chunk<'_>| {
            let mut matches: Vec<Match> = Vec::new();
            let buffer = Text { from: 0, to: c.text.bytes.len(), ..c.text };
            scanner.scan(buffer, &mut matches, &mut Silent);
            let mut tracker = Tracker::new(c.start);
            for m in matches.into_iter().filter(|m| owns(c.text, m)) {
                let at = tracker.advance(c.text.bytes, m.secret.start);
                found.push((m.rule, at.line, at.column));
            }
        };
        Reading::new(chunk).read(&mut Dribble(text), None, true, &mut scan).unwrap();
        found
    }

    #[test]
    fn chunks_of_any_size_find_the_same() {
        let mut text = String::new();
        for i in 0..400 {
            text.push_str(&fill(&format!("line {i} ghp_{{{{base62:30}}}}{{{{crc32_base62:6}}}} ö\n"), "c").unwrap());
            text.push_str(&"filler ".repeat(i % 60));
        }
        text.push_str(&"no newline ".repeat(30_000));
        text.push_str(&fill("ghp_{{base62:30}}{{crc32_base62:6}}", "end").unwrap());
        let whole = places(64 << 20, text.as_bytes());
        assert_eq!(whole.len(), 401);
        for chunk in [8 * 1024, 9_973, 40_000, 65_536, 300_000] {
            assert_eq!(places(chunk, text.as_bytes()), whole, "chunks of {chunk}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn any_text_in_any_chunks(parts in proptest::collection::vec((0..8usize, 0..9_000usize, any::<bool>(), any::<u16>()), 1..40), chunk in 1..80_000usize) {
            // Some secrets are seen by two rules, whose anchors a seam may part.
            let templates = [
                "API_TOKEN=ghp_{{base62:30}}{{crc32_base62:6}}",
                "DB_PASSWORD={{any:a-zA-Z0-9!#%:14}}7!aQ",
                "{{pem:RSA PRIVATE KEY}}",
                "secret_token: 'sk_live_{{base62:24}}'",
                "postgres://app:{{base62:20}}@db.internal/app",
                "{{jwt}}",
            ];
            let mut text = String::new();
            for (template, gap, lines, seed) in parts {
                let filler = if lines { "words in lines\n" } else { "words without end " };
                text.extend(filler.chars().cycle().take(gap));
                let seed = seed.to_string();
                let sample = templates.get(template).map_or_else(
                    || BASE64_STANDARD.encode(fill(&format!("the settings for today: {}", templates[template - 6]), &seed).unwrap()),
                    |template| fill(template, &seed).unwrap(),
                );
                text.extend([" ", &sample, " "]);
            }
            prop_assert_eq!(places(chunk, text.as_bytes()), places(64 << 20, text.as_bytes()));
        }
    }
}
