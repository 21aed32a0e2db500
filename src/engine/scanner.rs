//! One thread's way through a text.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::Range;

use super::checks::{self, Objection};
use super::colour::{self, Uncoloured};
use super::encoded::{ENCODED, ESCAPED, escaped, run};
use super::lanes::Machine;
use super::search::Search;
use super::window::{line_window, reach};
use super::{Engine, Match, Probe, Text, assignment, classify, codes, continued, paired};
use crate::model::{Confidence, Severity};
use crate::rules::format::{Line, MAX_BLOCK, QUOTED, Shape};
use crate::rules::{Gate, Matcher};

/// What became of one hit of an anchor.
#[derive(Clone, Debug, PartialEq)]
pub enum Verdict {
    /// It is a match.
    Keep(Match),
    /// It is none, and the gate that says so. The span is the value where one was seen, else the anchor.
    Drop {
        /// The gate and its reason.
        objection: Objection,
        /// What it objects to.
        span: Range<usize>,
    },
}

/// Learns what becomes of every hit: for statistics and explanations. Its methods do nothing unless written.
pub trait Observer {
    /// An anchor of `rule` was hit and passed the shape gate.
    fn considered(&mut self, rule: u16, verdict: &Verdict) {
        let _ = (rule, verdict);
    }
    /// An anchor of `rule` was hit at `at` and the shape gate dropped it.
    fn misshapen(&mut self, rule: u16, at: usize) {
        let _ = (rule, at);
    }
}

/// The observer that does not care.
#[derive(Debug)]
pub struct Silent;

impl Observer for Silent {}

/// An anchor in a text, one that passed the shape gate, or the begin of encoded or escaped text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Hit {
    /// Where the anchor begins.
    pub(super) at: usize,
    /// Which anchor; [`ENCODED`] or [`ESCAPED`] where it is none but the begin of encoded or escaped text.
    pub(super) probe: u32,
}

/// No match.
const NONE: usize = usize::MAX;

/// Scans texts one after another with reused buffers. One a thread.
#[derive(Debug)]
pub struct Scanner<'e> {
    pub(super) engine: &'e Engine,
    pub(super) machine: Machine<'e>,
    pub(super) hits: Vec<Hit>,
    /// The last match of each rule, in the text at hand.
    last: Vec<usize>,
    touched: Vec<u16>,
    pub(super) search: Search,
    pub(super) searched: u64,
    /// How often a rule's expression was run.
    runs: u64,
    /// How deep in encodings the texts lie.
    pub(super) depth: u8,
    /// Scans what is encoded in the texts.
    pub(super) nested: Option<Box<Self>>,
}

impl<'e> Scanner<'e> {
    pub(super) fn new(engine: &'e Engine) -> Self {
        Self::nested(engine, 0)
    }

    /// For texts that lie so deep in encodings.
    pub(super) fn nested(engine: &'e Engine, depth: u8) -> Self {
        Self {
            engine,
            machine: Machine::new(&engine.automaton.tables()),
            hits: Vec::new(),
            last: vec![NONE; engine.rules.rules().len()],
            touched: Vec::new(),
            search: Search::default(),
            searched: 0,
            runs: 0,
            depth,
            nested: None,
        }
    }

    /// Bytes it has searched for anchors so far.
    #[must_use]
    pub fn searched(&self) -> u64 {
        self.searched
    }

    /// How many windows it has matched with a regular expression so far.
    #[must_use]
    pub fn regex_runs(&self) -> u64 {
        self.runs + self.nested.as_ref().map_or(0, |nested| nested.regex_runs())
    }

    /// The engine it runs.
    #[must_use]
    pub fn engine(&self) -> &'e Engine {
        self.engine
    }

    /// Appends the matches in `text` to `matches`, ordered by where their secret begins, no two of them overlapping.
    pub fn scan(&mut self, text: Text<'_>, matches: &mut Vec<Match>, observer: &mut impl Observer) {
        let first = matches.len();
        self.find_hits(text, observer);
        self.consider(text, false, matches, observer);
        self.settle(matches, first, observer);
    }

    /// Appends the match of each of `self.hits`, in order. Every hit is judged by itself: what becomes of it depends on the bytes its rule may
    /// look at and on nothing else, which is what lets [`super::inherit`] carry it from text to text. A match that several anchors lead to is appended
    /// once, or for `each` of them: an edit may take it from one and leave it to another.
    pub(super) fn consider(&mut self, text: Text<'_>, each: bool, matches: &mut Vec<Match>, observer: &mut impl Observer) {
        let hits = std::mem::take(&mut self.hits);
        let mut within = Vec::new();
        for hit in &hits {
            if let Some(view) = hit.view() {
                self.scan_view(text, hit.at, view, &mut within);
                for found in within.drain(..) {
                    self.keep(found.rule, Verdict::Keep(found), each, matches, observer);
                }
                continue;
            }
            let probe = &self.engine.probes[hit.probe as usize];
            let anchor = hit.at..hit.at + probe.literal.len();
            let verdict = consider(self.engine, probe.rule, text, &anchor, &mut self.runs);
            self.keep(probe.rule, verdict, each, matches, observer);
            if !text.binary && matches!(self.engine.rules.rules()[usize::from(probe.rule)].matcher, Matcher::Assignment { .. }) {
                let mut others = assignment::others(text.bytes, &anchor);
                // Where another table begins, its own names lead on: a file of nothing but names costs no more than its size.
                while let Some(other) = others
                    .next(text.bytes)
                    .filter(|(_, row)| !(row.is_heading(text.bytes) && self.engine.names(&text.bytes[row.line.clone()])))
                {
                    let verdict = judge(self.engine, probe.rule, text, &anchor, Some(other), &mut self.runs);
                    self.keep(probe.rule, verdict, each, matches, observer);
                }
            }
        }
        self.hits = hits;
        for rule in self.touched.drain(..) {
            self.last[usize::from(rule)] = NONE;
        }
    }

    /// Appends the match of `verdict`, if it is one that `matches` has not.
    #[inline]
    fn keep(&mut self, rule: u16, verdict: Verdict, each: bool, matches: &mut Vec<Match>, observer: &mut impl Observer) {
        if let Verdict::Keep(found) = &verdict {
            let last = &mut self.last[usize::from(rule)];
            // A second anchor within the same match says nothing new.
            let same = |known: &Match| {
                known.whole == found.whole && known.secret == found.secret && known.decoded.is_some() == found.decoded.is_some()
            };
            if matches.get(*last).is_some_and(same) {
                if each && let Verdict::Keep(found) = verdict {
                    matches.push(found);
                }
                return;
            }
            if *last == NONE {
                self.touched.push(rule);
            }
            *last = matches.len();
        }
        observer.considered(rule, &verdict);
        if let Verdict::Keep(found) = verdict {
            matches.push(found);
        }
    }

    /// Gives `each` every assignment in `text` that the classifier is asked about, with its rule: what it is trained on.
    pub fn candidates(&mut self, text: Text<'_>, mut each: impl FnMut(u16, &assignment::Found, classify::Candidate<'_>)) {
        self.find_hits(text, &mut Silent);
        for hit in self.hits.iter().filter(|hit| hit.view().is_none()) {
            let probe = &self.engine.probes[hit.probe as usize];
            let rule = &self.engine.rules.rules()[usize::from(probe.rule)];
            let Matcher::Assignment { kind } = rule.matcher else { continue };
            let anchor = hit.at..hit.at + probe.literal.len();
            if assignment::is_holder(&text.bytes[anchor.clone()]) {
                continue;
            }
            let Ok(found) = assignment::read(text.bytes, &anchor, kind) else { continue };
            let judged = || checks::judge(rule, &text.bytes[found.value.clone()], &text.bytes[found.whole()]);
            if !is_template(&text.bytes[found.value.end..]) && judged().is_ok() {
                each(probe.rule, &found, found.candidate(text.bytes, &probe.literal));
            }
        }
    }

    /// Fills `self.hits`, in order, with what passes the shape gate.
    pub(super) fn find_hits(&mut self, text: Text<'_>, observer: &mut impl Observer) {
        let (bytes, from) = (text.bytes, text.from);
        let Self { engine, machine, hits, .. } = self;
        // An anchor that begins before `to` may end behind it.
        let to = (text.to + machine.longest() - 1).min(bytes.len());
        self.searched += (to - from) as u64;
        hits.clear();
        machine.scan(&bytes[from..to], |entry, end| {
            engine.admit(bytes, entry, from + end, &(from..text.to), hits, observer);
        });
        run::each(bytes, from..text.to, |at| hits.push(Hit { at, probe: ENCODED }));
        hits.sort_unstable();
    }

    /// Of matches whose secrets overlap, keeps the one whose rule says most.
    pub(super) fn settle(&self, matches: &mut Vec<Match>, first: usize, observer: &mut impl Observer) {
        if matches.len() - first < 2 {
            return;
        }
        let rules = self.engine.rules.rules();
        // What stands plain needs no decoding.
        let rank = |m: &Match| (rules[usize::from(m.rule)].standing(), std::cmp::Reverse(m.confidence), m.rule, m.decoded.is_some());
        let mut ours = matches.split_off(first);
        // The last two decide between matches of one rule that are alike but for their surroundings.
        ours.sort_by_key(|m| (m.secret.start, m.secret.end, m.rule, std::cmp::Reverse(m.confidence), m.whole.start));
        // Nearly always.
        if ours.is_sorted_by(|a, b| a.secret.end <= b.secret.start) {
            matches.append(&mut ours);
            return;
        }
        // The best first: what overlaps one that is beaten itself may stay.
        ours.sort_by_key(rank);
        // Those that stay, by where their secrets begin.
        let mut kept: BTreeMap<usize, Match> = BTreeMap::new();
        for found in ours {
            let Some((_, winner)) = kept.range_mut(..found.secret.end).next_back().filter(|(_, m)| m.secret.end > found.secret.start)
            else {
                kept.insert(found.secret.start, found);
                continue;
            };
            let why = checks::Why::Rule(rules[usize::from(winner.rule)].info.id.clone());
            let dropped = Verdict::Drop { objection: Objection { gate: Gate::Overlap, why }, span: found.secret.clone() };
            observer.considered(found.rule, &dropped);
            self.second(winner, &found);
        }
        matches.extend(kept.into_values());
    }
}

impl Scanner<'_> {
    /// Makes `winner`, which a rule of low confidence found by a service's name or by a form that many share, as sure as `loser` is of the same value: that the
    /// name is also a word of the language, and the form not always a credential's, takes nothing from what `…_TOKEN = "…"` tells by itself. Not where the value is public by design, which a general rule cannot know.
    fn second(&self, winner: &mut Match, loser: &Match) {
        let rule = &self.engine.rules.rules()[usize::from(winner.rule)];
        let is_unsure = winner.confidence == Confidence::Low && winner.doubt.is_none() && winner.assigned.is_none();
        let is_secret = (!rule.names.is_empty() || rule.general) && rule.info.severity > Severity::Low;
        if !is_unsure || !is_secret || winner.secret != loser.secret || loser.doubt.is_some() {
            return;
        }
        match loser.assigned {
            Some(style) => winner.assigned = Some(style.seconding()),
            None => winner.confidence = loser.confidence,
        }
    }
}

impl Engine {
    /// Adds to `hits` the anchors that end at `end`, begin in `range` and pass the shape gate. Says whether any stands there, whatever its shape.
    #[inline]
    pub(super) fn admit(
        &self,
        bytes: &[u8],
        entry: u32,
        end: usize,
        range: &Range<usize>,
        hits: &mut Vec<Hit>,
        observer: &mut impl Observer,
    ) -> bool {
        let mut any = false;
        for &id in self.automaton.outputs(entry) {
            let probe = &self.probes[id as usize];
            let head = probe.literal.len().min(self.automaton.longest());
            let Some(at) = end.checked_sub(head).filter(|at| range.contains(at)) else { continue };
            if !probe.stands(bytes, at, head) {
                continue;
            }
            any = true;
            if probe.rule == Probe::ESCAPE {
                if escaped::opens(bytes, at) {
                    hits.push(Hit { at, probe: ESCAPED });
                }
            } else if admits(&probe.shape, bytes, at, at + probe.literal.len()) {
                hits.push(Hit { at, probe: id });
            } else {
                observer.misshapen(probe.rule, at);
            }
        }
        any
    }
}

/// The shape gate: a few nanoseconds that spare nearly all regex runs.
#[inline]
fn admits(shape: &Shape, bytes: &[u8], at: usize, end: usize) -> bool {
    if at > 0 && !shape.before.contains(bytes[at - 1]) && !colour::ends_at(bytes, at) {
        return false;
    }
    let least = usize::from(shape.least);
    if shape.reach == 0 {
        return bytes.get(end..end + least).is_some_and(|run| run.iter().all(|&b| shape.after.contains(b)));
    }
    let mut run = 0;
    for &b in &bytes[end..(end + usize::from(shape.reach) + least).min(bytes.len())] {
        run = if shape.after.contains(b) { run + 1 } else { 0 };
        if run >= least {
            return true;
        }
        if b == b'\n' {
            // Not what stands there: that is not for the name's line to tell.
            return paired::goes_on(bytes, &(at..end));
        }
    }
    false
}

/// Whether a value goes on as a template behind its end.
fn is_template(behind: &[u8]) -> bool {
    behind.starts_with(b"{{") || behind.starts_with(b"${")
}

/// Whether what stands at `secret` is a variable whose method is called: `keySHA256Value.AsString()`.
fn is_member(bytes: &[u8], secret: &Range<usize>) -> bool {
    /// Bytes of a method's name.
    const LONGEST: usize = 40;
    let Some(member) = bytes[secret.end..].strip_prefix(b".") else { return false };
    let len = member.iter().take(LONGEST).take_while(|&&b| b.is_ascii_alphanumeric() || b == b'_').count();
    member[0..len].first().is_some_and(u8::is_ascii_alphabetic) && member.get(len) == Some(&b'(')
}

/// Whether what stands at `secret` begins a quoted value of which it is only a part. An ampersand, a slash or an escape may end it all the same: URLs are quoted.
fn goes_on(bytes: &[u8], secret: &Range<usize>) -> bool {
    let is_quoted = secret.start.checked_sub(1).is_some_and(|i| matches!(bytes[i], b'"' | b'\'' | b'`'));
    is_quoted && bytes.get(secret.end).is_some_and(|b| b"?!@#$^*~".contains(b))
}

/// In what a rule judges a hit.
enum Seen {
    /// In the text itself.
    Text,
    /// In a copy of its line: without colours, or with what belongs to it from the lines below.
    Copy(Uncoloured),
    /// Nowhere: its line ends with a name, and what follows is not its value.
    Nothing,
}

/// In what a rule with `matcher` judges `anchor`.
fn seen(matcher: &Matcher, text: Text<'_>, anchor: &Range<usize>) -> Seen {
    let (before, after) = match matcher {
        Matcher::Pattern { before, after, .. } => (usize::from(*before), usize::from(*after)),
        Matcher::Assignment { .. } => (assignment::REACH, assignment::REACH),
        Matcher::Block { .. } | Matcher::Container { .. } | Matcher::Codes => return Seen::Text,
    };
    // A rule that sees one byte before its anchor is to see the one before the sequence.
    let line = line_window(text.bytes, anchor, reach(text.bytes.len(), anchor, before + colour::LONGEST, after), false);
    if text.binary {
        return Seen::Text;
    }
    let to = reach(text.bytes.len(), anchor, 0, after).end;
    let joined = match matcher {
        Matcher::Pattern { line: Line::Command, .. } if continued::goes_on(text.bytes, anchor.start, after) => {
            continued::joined(text.bytes, line.start, to)
        }
        Matcher::Pattern { line: Line::Pair, .. } => match paired::joined(text.bytes, anchor, line.start, to) {
            None if paired::goes_on(text.bytes, anchor) => return Seen::Nothing,
            joined => joined,
        },
        _ => None,
    };
    joined.or_else(|| Uncoloured::of(text.bytes, line)).map_or(Seen::Text, Seen::Copy)
}

/// What becomes of one hit.
fn consider(engine: &Engine, index: u16, text: Text<'_>, anchor: &Range<usize>, runs: &mut u64) -> Verdict {
    let rule = &engine.rules.rules()[usize::from(index)];
    let unmatched = |why, span| Verdict::Drop { objection: Objection { gate: Gate::Pattern, why }, span };
    // Told before anything is looked at: such words are all over code.
    if matches!(rule.matcher, Matcher::Assignment { .. }) && assignment::is_holder(&text.bytes[anchor.clone()]) {
        return unmatched(checks::Why::Text("it may hold log-ins, and is none"), anchor.clone());
    }
    let line = match seen(&rule.matcher, text, anchor) {
        Seen::Text => return judge(engine, index, text, anchor, None, runs),
        Seen::Copy(line) => line,
        Seen::Nothing => return unmatched(checks::Why::NoMatch, anchor.clone()),
    };
    let coloured = |span| unmatched(checks::Why::Text("an escape sequence of a terminal, or the end of a line, stands within it"), span);
    let Some(inside) = line.inside(anchor) else { return coloured(anchor.clone()) };
    match judge(engine, index, Text::whole(&line.bytes), &inside, None, runs) {
        Verdict::Keep(found) => {
            let secret = line.outside(&found.secret);
            if secret.len() != found.secret.len() {
                return coloured(secret);
            }
            Verdict::Keep(Match { at: anchor.start, whole: line.outside(&found.whole), secret, ..found })
        }
        Verdict::Drop { objection, span } => Verdict::Drop { objection, span: line.outside(&span) },
    }
}

/// What a rule's matcher found around an anchor.
struct Found {
    /// Where its line begins, as far as the rule sees it.
    line: usize,
    whole: Range<usize>,
    secret: Range<usize>,
    /// Where it is a value under a name.
    assigned: Option<assignment::Found>,
}

/// What becomes of one hit, or of one of the `other` values that it leads to.
fn judge(
    engine: &Engine,
    index: u16,
    text: Text<'_>,
    anchor: &Range<usize>,
    other: Option<(assignment::Part, assignment::Row)>,
    runs: &mut u64,
) -> Verdict {
    let found = match match_at(engine, index, text, anchor, other, runs) {
        Ok(found) => found,
        Err((objection, span)) => return Verdict::Drop { objection, span },
    };
    match weigh(engine, index, text.bytes, anchor, &found) {
        Ok((checks::Judgement { confidence, severity, doubt }, assigned)) => {
            let Found { whole, secret, .. } = found;
            Verdict::Keep(Match { at: anchor.start, rule: index, whole, secret, confidence, severity, doubt, assigned, decoded: None })
        }
        Err(objection) => Verdict::Drop { objection, span: found.secret },
    }
}

/// Window and match of one hit; else why there is none, and the span that this is said of.
fn match_at(
    engine: &Engine,
    index: u16,
    text: Text<'_>,
    anchor: &Range<usize>,
    other: Option<(assignment::Part, assignment::Row)>,
    runs: &mut u64,
) -> Result<Found, (Objection, Range<usize>)> {
    let rule = &engine.rules.rules()[usize::from(index)];
    let bytes = text.bytes;
    let none = |gate, why| (Objection { gate, why }, anchor.clone());
    match &rule.matcher {
        Matcher::Pattern { before, after, needs, .. } => {
            let around = reach(bytes.len(), anchor, usize::from(*before), usize::from(*after));
            let window = line_window(bytes, anchor, around, text.binary);
            if needs.is_some_and(|sign| memchr::memchr(sign, &bytes[anchor.end.min(window.end)..window.end]).is_none()) {
                return Err(none(Gate::Pattern, checks::Why::NoMatch));
            }
            *runs += 1;
            let (whole, secret) = rule
                .regex()
                .and_then(|regex| find(regex, bytes, &window, anchor))
                .ok_or_else(|| none(Gate::Pattern, checks::Why::NoMatch))?;
            Ok(Found { line: window.start, whole, secret, assigned: None })
        }
        Matcher::Block { end } => {
            let limit = (anchor.end + MAX_BLOCK).min(bytes.len());
            let end = if bytes[anchor.clone()].contains(&b'+') { end.replace(' ', "+").into() } else { Cow::Borrowed(&**end) };
            let len = checks::armour::block(&bytes[anchor.start..limit], anchor.len(), end.as_bytes())
                .ok_or_else(|| none(Gate::Pattern, checks::Why::NoBlock))?;
            let block = anchor.start..anchor.start + len;
            Ok(Found { line: anchor.start, whole: block.clone(), secret: block, assigned: None })
        }
        Matcher::Container { kind } => {
            let limit = (anchor.end + MAX_BLOCK).min(bytes.len());
            let value = checks::container::locate(&bytes[..limit], anchor, *kind)
                .ok_or_else(|| none(Gate::Pattern, checks::Why::Text("no such file around these bytes")))?;
            Ok(Found { line: value.start, whole: value.clone(), secret: value, assigned: None })
        }
        Matcher::Codes => {
            let list = codes::list(bytes, anchor.end)
                .filter(|_| !text.binary)
                .ok_or_else(|| none(Gate::Pattern, checks::Why::Text("no list of codes follows")))?;
            Ok(Found { line: anchor.start, whole: anchor.start..list.end, secret: list, assigned: None })
        }
        Matcher::Assignment { .. } if text.binary => Err(none(Gate::Context, checks::Why::Text("names and values are read in text only"))),
        Matcher::Assignment { kind } => {
            let row_value = other.as_ref().map(|(_, row)| row.value.clone());
            let read = match other {
                None => assignment::read(bytes, anchor, *kind),
                Some((part, row)) => assignment::read_other(bytes, anchor, *kind, part, row),
            };
            match read {
                Ok(found) => Ok(Found {
                    line: anchor.start.min(found.value.start),
                    whole: found.whole(),
                    secret: found.value.clone(),
                    assigned: Some(found),
                }),
                Err(objection) => {
                    // Who counts what is protected wants the value, which several anchors may lead to.
                    let protected = matches!(objection.gate, Gate::Reference | Gate::Encrypted);
                    let span = if protected { row_value.clone().or_else(|| assignment::assigned(bytes, anchor)) } else { None };
                    Err((objection, span.or(row_value).unwrap_or_else(|| anchor.clone())))
                }
            }
        }
    }
}

/// The checks of what was found at a hit: how sure and how bad it is, and how it is assigned.
fn weigh(
    engine: &Engine,
    index: u16,
    bytes: &[u8],
    anchor: &Range<usize>,
    found: &Found,
) -> Result<(checks::Judgement, Option<assignment::Style>), Objection> {
    let rule = &engine.rules.rules()[usize::from(index)];
    let Found { line, whole, secret, assigned } = found;
    let objection = |gate, why| Err(Objection { gate, why: checks::Why::Text(why) });
    if is_template(&bytes[secret.end..]) {
        return objection(Gate::Reference, "a template: the value goes on elsewhere");
    }
    let before = &bytes[*line..secret.start];
    let value = &bytes[secret.clone()];
    if !rule.names.is_empty() && is_member(bytes, secret) {
        return objection(Gate::Reference, "a variable of code, of which a member is taken");
    }
    if assigned.is_none() && checks::is_digest(before, value) {
        return objection(Gate::Context, "what stands before it says that it is a digest");
    }
    let mut judgement = checks::judge(rule, value, &bytes[whole.clone()])?;
    if rule.checks.named && !checks::is_named(before) {
        judgement.doubt("nothing on its line names it, and alone it may be public by design");
    }
    if !rule.names.is_empty() && goes_on(bytes, secret) {
        judgement.doubt("its quotes hold more than the form has");
    }
    let Some(assigned) = assigned else { return Ok((judgement, None)) };
    let anchor = &bytes[anchor.clone()];
    let candidate = assigned.candidate(bytes, anchor);
    let is_issued = anchor.eq_ignore_ascii_case(b"token") || anchor.eq_ignore_ascii_case(b"key");
    if let Some(why) = checks::is_feigned(&bytes[assigned.name.clone()]) {
        judgement.doubt(why);
    } else if engine.is_cut(value) {
        judgement.doubt("begins like a token of a known form, and ends before one could");
    } else if let Some(why) = checks::broken(value).or_else(|| checks::encodes_words(value)) {
        judgement.doubt(why);
    } else if is_issued && let Some(why) = checks::outlandish(candidate.name, value) {
        judgement.doubt(why);
    }
    match classify::judge(&candidate) {
        Ok(scores) => Ok((judgement, Some(assigned.style(scores)))),
        Err(why) => objection(Gate::Classifier, why),
    }
}

/// The match in `window` that contains `anchor`, and its secret.
fn find(regex: &regex::bytes::Regex, bytes: &[u8], window: &Range<usize>, anchor: &Range<usize>) -> Option<(Range<usize>, Range<usize>)> {
    let hay = &bytes[window.clone()];
    let mut from = 0;
    while from <= hay.len() {
        let captures = regex.captures_at(hay, from)?;
        let whole = captures.get(0)?.range();
        if window.start + whole.start > anchor.start {
            return None;
        }
        if window.start + whole.end >= anchor.end {
            let secret = captures.name("secret").or_else(|| QUOTED.iter().find_map(|group| captures.name(group)))?.range();
            let shift = |r: Range<usize>| r.start + window.start..r.end + window.start;
            return Some((shift(whole), shift(secret)));
        }
        from = whole.end.max(from + 1);
    }
    None
}

#[cfg(test)]
mod tests {
    use super::{goes_on, is_member};
    use crate::engine::context::PathContext;
    use crate::engine::{Engine, Silent, Text};
    use crate::model::{Confidence, ReportPath};
    use crate::rules::template::fill;
    use crate::rules::{Origin, RuleSet, RuleText};

    /// A rule of low confidence makes nothing less sure than it was without that rule, unless it knows that the value is public.
    #[test]
    fn the_generic_rules_second_what_is_little_sure() {
        let of = |severity: &str, text: &str, path: &str| {
            let rule = format!(
                "provider = \"Few\"\ndocs = \"https://few.example\"\n[[rule]]\nid = \"few-key\"\ntitle = \"Few\"\nimpact = \"-\"\nremedy = \"-\"\n\
                 severity = \"{severity}\"\nconfidence = \"low\"\nnames = [\"few-words\"]\nvalue = '[0-9a-z]{{32}}'\n"
            );
            let rules = RuleSet::load(&[RuleText::parse(Origin::BuiltIn("few"), rule).unwrap()], false, &[]).unwrap();
            let (engine, text) = (Engine::new(rules), fill(text, "few").unwrap());
            let mut matches = Vec::new();
            engine.scanner().scan(Text::whole(text.as_bytes()), &mut matches, &mut Silent);
            let [found] = &*matches else { panic!("{matches:?}") };
            let graded = PathContext::of(&ReportPath::new(path.as_bytes())).judge(found, text.as_bytes());
            (engine.rules().rules()[usize::from(found.rule)].info.id.to_string(), graded.unwrap())
        };
        // The same for a form that many share.
        let default = of("high", r#"flag.String("password", "{{base62:12}}#7aQ", "of the database")"#, "main.go");
        assert_eq!(default, ("flag-default-password".to_owned(), Confidence::Medium));
        let few = |confidence| ("few-key".to_owned(), confidence);
        assert_eq!(of("high", "FEW_WORDS_API_KEY={{base36:32}}\n", ".env"), few(Confidence::Medium));
        assert_eq!(of("high", "FEW_WORDS_API={{base36:32}}\n", ".env"), few(Confidence::Low));
        assert_eq!(of("high", "FEW_WORDS_API_KEY={{base36:32}}\n", "yarn.lock"), few(Confidence::Low));
        assert_eq!(of("low", "FEW_WORDS_API_KEY={{base36:32}}\n", ".env"), few(Confidence::Low));
    }

    /// Of three in a row the middle one is beaten by the last: it beats the first no more.
    #[test]
    fn what_is_beaten_beats_nothing() {
        let rule = |id: &str, anchor: &str, pattern: &str, confidence: &str| {
            format!(
                "[[rule]]\nid = \"{id}\"\ntitle = \"Chain\"\nimpact = \"-\"\nremedy = \"-\"\nseverity = \"high\"\n\
                 confidence = \"{confidence}\"\nanchors = [\"{anchor}\"]\npattern = '(?<secret>{pattern})'\n"
            )
        };
        let rules = [
            "provider = \"Chain\"\ndocs = \"https://chain.example\"\n".to_owned(),
            rule("chain-first", "aaa-", "aaa-[a-z]{6}", "low"),
            rule("chain-middle", "bbb-", "bbb-[a-z]{6}", "medium"),
            rule("chain-last", "ccc-", "ccc-[a-z]{6}", "high"),
        ];
        let rules = RuleSet::load(&[RuleText::parse(Origin::BuiltIn("chain"), rules.concat()).unwrap()], true, &[]).unwrap();
        let engine = Engine::new(rules);
        let found = |text: &str| {
            let mut matches = Vec::new();
            engine.scanner().scan(Text::whole(text.as_bytes()), &mut matches, &mut Silent);
            matches.iter().map(|m| (m.secret.clone(), engine.rules().rules()[usize::from(m.rule)].info.id.to_string())).collect::<Vec<_>>()
        };
        let of = |range, id: &str| (range, id.to_owned());
        assert_eq!(found("aaa-xyzbbb-zzzccc-qwertz"), [of(0..10, "chain-first"), of(14..24, "chain-last")]);
    }

    #[test]
    fn a_method_of_a_variable() {
        let is_member = |text: &str| is_member(text.as_bytes(), &(4..8));
        assert!(is_member("key=abcd.AsString()") && is_member("key=abcd.get(0)"));
        assert!(!is_member("key=abcd.efgh") && !is_member("key=abcd. So (it is)") && !is_member("key=abcd.(x)") && !is_member("key=abcd"));
    }

    #[test]
    fn a_quoted_value_longer_than_its_form() {
        let goes_on = |text: &str| goes_on(text.as_bytes(), &(5..9));
        assert!(goes_on("key='abcd?efgh'"));
        assert!(!goes_on("key='abcd'") && !goes_on("key='abcd&x=1'") && !goes_on("key= abcd?x") && !goes_on("key='abcd"));
    }
}
