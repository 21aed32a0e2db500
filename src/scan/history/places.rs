//! From places in objects to sightings: lines and columns, and what a report tells beside them.

use std::collections::{HashMap, HashSet};
use std::ops::Range;
use std::sync::Arc;

use rayon::prelude::*;

use super::super::Plan;
use super::super::collect::{Details, Gathered, Sighting};
use super::super::pairing::{Pairing, Pairs};
use super::super::reading::{CHUNK, Chunk, Reading};
use super::History;
use super::again::Again;
use super::sights::Claim;
use crate::decode;
use crate::git::{self, Kind, ObjectAt, Objects, Reference};
use crate::model::{Commit, Exposure, ObjectId, Occurrence, Position, Problem, ProblemKind, ReportPath, Revision, Tracker};
use crate::rules::RuleSet;

/// An occurrence whose line is still to be found.
#[derive(Clone, Debug)]
pub struct Place {
    /// Its place among the claims.
    pub claim: u32,
    pub at: ObjectAt,
    /// Where the secret begins in the object's text.
    pub start: u64,
    /// Within the repository.
    pub path: Vec<u8>,
    pub revision: Revision,
}

/// What is known of one secret over all its places.
#[derive(Clone, Debug)]
pub struct Story {
    /// A claim to the secret.
    pub claim: u32,
    /// The oldest commit that brought it in, or tag.
    pub introduced: Option<Arc<Commit>>,
    /// The latest that took it out.
    pub removed: Option<Arc<Commit>>,
    pub at_head: bool,
    /// Refs whose tip has it, by number, sorted.
    pub live: Arc<[usize]>,
    /// Refs whose history has it.
    pub refs: Arc<[usize]>,
}

/// Everything that occurrences are made from.
pub struct Places<'a> {
    pub plan: &'a Plan,
    pub history: &'a History,
    pub objects: &'a Objects,
    pub references: &'a [Reference],
    pub claims: &'a [Claim],
}

impl Places<'_> {
    /// Adds `places` and `stories` to `gathered`.
    pub fn gather(&self, mut places: Vec<Place>, stories: &[Story], gathered: &mut Gathered) {
        // By object, so that each is read once.
        places.sort_by_key(|p| (p.at, p.start));
        let occurrences = self.locate(&places, gathered);
        self.add(&places, occurrences, gathered);
        let (mut names, now) = (Names::of(self.references), self.history.now);
        let shallow = self.history.repository.shallow();
        for story in stories {
            let secret = &self.claims[story.claim as usize].secret;
            if gathered.groups.contains_key(secret) {
                gathered.expose(secret, story.tell(&mut names, &shallow, now));
            }
        }
    }

    /// The occurrence of each of `places`, which is sorted by object and place in it, and the id beside it; `None` where the object cannot be
    /// read again.
    fn locate(&self, places: &[Place], gathered: &mut Gathered) -> Vec<Option<Located>> {
        let groups: Vec<&[Place]> = places.chunk_by(|a, b| a.at == b.at).collect();
        let rules = self.plan.engine.rules();
        let locator = Locator { objects: self.objects, claims: self.claims, rules, prefix: &self.history.prefix };
        let reader = || (self.objects.reader(), Vec::new());
        let locate = |(reader, bytes): &mut (git::ObjectReader<'_>, Vec<u8>), group: &[Place]| match reader.read(group[0].at, bytes) {
            Ok(()) => locator.positions(bytes, group),
            Err(_) => locator.positions_in_stream(group),
        };
        // Waking all cores is worth it for many.
        let located: Vec<Vec<Option<Located>>> = if groups.len() > 64 && self.plan.threads > 1 {
            let objects = self.objects;
            groups.into_par_iter().map_init(|| (objects.reader(), Vec::new()), locate).collect()
        } else {
            let mut reader = reader();
            groups.into_iter().map(|group| locate(&mut reader, group)).collect()
        };
        let located: Vec<Option<Located>> = located.into_iter().flatten().collect();
        for (place, _) in places.iter().zip(&located).filter(|(_, l)| l.is_none()) {
            let detail = "has a secret but could not be read again to tell its line";
            gathered.problems.push(Problem::of_object(&self.objects.id(place.at), ProblemKind::Object, detail));
        }
        located
    }

    /// Adds every sighting, oldest first, so that details are made for hardly more than those that stand for their secrets.
    fn add(&self, places: &[Place], located: Vec<Option<Located>>, gathered: &mut Gathered) {
        let mut all: Vec<(&Place, Located)> = places.iter().zip(located).filter_map(|(p, l)| Some((p, l?))).collect();
        all.sort_by(|a, b| (&a.1.0, a.0.claim).cmp(&(&b.1.0, b.0.claim)));
        let rules = self.plan.engine.rules();
        let mut again = Again::new(self.plan, self.objects);
        for (place, (occurrence, pairing)) in all {
            let claim = &self.claims[place.claim as usize];
            // The context was found good enough when the place was made.
            let Ok(confidence) = claim.grade(&place.path) else { continue };
            let sighting = Sighting { rule: claim.rule, confidence, severity: claim.severity, occurrence, pairing };
            gathered.add(rules, claim.secret.reveal(), sighting, || details(self.plan, claim, place, &mut again));
        }
    }
}

/// Where a secret stands, and the id beside it.
type Located = (Occurrence, Option<Pairing>);

/// Finds lines and columns.
struct Locator<'a> {
    objects: &'a Objects,
    claims: &'a [Claim],
    rules: &'a RuleSet,
    /// What comes before paths.
    prefix: &'a str,
}

impl Locator<'_> {
    fn positions(&self, bytes: &[u8], group: &[Place]) -> Vec<Option<Located>> {
        let (text, encoding) = decode::whole(bytes);
        let kind = self.objects.kind(group[0].at);
        // The header of a commit or tag ends at the first empty line.
        let message = match kind {
            Some(Kind::Commit | Kind::Tag) => memchr::memmem::find(&text, b"\n\n").map_or(text.len(), |i| i + 2),
            _ => 0,
        };
        let mut tracker = Tracker::new(Position::START);
        let mut in_message = false;
        let mut pairs = Pairs::new(self.rules, tracker.clone(), 0);
        let locate = |place: &Place| {
            let start = usize::try_from(place.start).ok()?;
            let claim = &self.claims[place.claim as usize];
            let secret = claim.written();
            let end = start.checked_add(secret.len())?;
            // What a cache told may not be so.
            if text.get(start..end)? != secret {
                return None;
            }
            let mut path: &[u8] = &place.path;
            if message > 0 && start >= message && !in_message {
                tracker = Tracker::new(Position::START).starting_at(message);
                pairs = Pairs::new(self.rules, tracker.clone(), message);
                in_message = true;
            } else if message > 0 && start < message && kind == Some(Kind::Commit) {
                path = ReportPath::COMMIT_HEADER;
            }
            let first = tracker.advance(&text, start);
            let behind = tracker.clone().advance(&text, end);
            let pairing = claim.pairing(first, || pairs.of(claim.rule, &text, &(start..end)));
            Some((self.occurrence(place, path, first..behind, encoding), pairing))
        };
        group.iter().map(locate).collect()
    }

    /// The same for an object too large for memory.
    fn positions_in_stream(&self, group: &[Place]) -> Vec<Option<Located>> {
        let mut found = vec![None; group.len()];
        let mut next = 0;
        let mut locate = |chunk: Chunk<'_>| {
            let bytes = chunk.text.bytes;
            let mut pairs = Pairs::new(self.rules, Tracker::new(chunk.start), 0);
            while let Some(place) = group.get(next) {
                let claim = &self.claims[place.claim as usize];
                let secret = claim.written();
                let start = place.start.checked_sub(chunk.offset).and_then(|start| usize::try_from(start).ok());
                let end = start.and_then(|start| start.checked_add(secret.len()));
                // Further on: what stands in this chunk's own part has all around it that matters.
                if start.is_some_and(|start| start >= chunk.text.to) || end.is_some_and(|end| end > bytes.len()) {
                    break;
                }
                if let Some(span) = start.zip(end).map(|(start, end)| start..end)
                    && bytes[span.clone()] == *secret
                {
                    let mut tracker = Tracker::new(chunk.start);
                    let first = tracker.advance(bytes, span.start);
                    let behind = tracker.advance(bytes, span.end);
                    let pairing = claim.pairing(first, || pairs.of(claim.rule, bytes, &span));
                    found[next] = Some((self.occurrence(place, &place.path, first..behind, chunk.encoding), pairing));
                }
                next += 1;
            }
        };
        // What cannot be read to its end has been named already.
        drop(self.objects.stream(group[0].at, |content, size| Reading::new(CHUNK).read(content, Some(size), true, &mut locate)));
        found
    }

    fn occurrence(&self, place: &Place, path: &[u8], span: Range<Position>, encoding: decode::Encoding) -> Occurrence {
        let within = self.claims[place.claim as usize].code.iter().flat_map(|code| code.names.iter().copied());
        Occurrence {
            revision: Some(Box::new(place.revision.clone())),
            path: ReportPath::new(&[self.prefix.as_bytes(), path].concat()),
            start: span.start,
            end: span.end,
            decoded: encoding.decoded().into_iter().chain(within).collect(),
        }
    }
}

/// Names of refs as reports show them, made once, and once the lists of them: thousands of secrets may name thousands of refs.
struct Names {
    all: Vec<Name>,
    /// By the refs' numbers.
    lists: HashMap<Arc<[usize]>, NameLists>,
}

/// Names of some refs.
#[derive(Clone)]
struct NameLists {
    tags: Arc<[Arc<str>]>,
    others: Arc<[Arc<str>]>,
}

enum Name {
    Tag(Arc<str>),
    Other(Arc<str>),
}

impl Names {
    fn of(references: &[Reference]) -> Self {
        let name = |r: &Reference| {
            let name = String::from_utf8_lossy(&r.name);
            name.strip_prefix("refs/tags/").map_or_else(|| Name::Other(name.as_ref().into()), |tag| Name::Tag(tag.into()))
        };
        Self { all: references.iter().map(name).collect(), lists: HashMap::new() }
    }

    fn of_refs(&mut self, numbers: &Arc<[usize]>) -> NameLists {
        let make = || {
            let tag = |&r: &usize| if let Name::Tag(name) = &self.all[r] { Some(Arc::clone(name)) } else { None };
            let other = |&r: &usize| if let Name::Other(name) = &self.all[r] { Some(Arc::clone(name)) } else { None };
            NameLists { tags: numbers.iter().filter_map(tag).collect(), others: numbers.iter().filter_map(other).collect() }
        };
        self.lists.entry(Arc::clone(numbers)).or_insert_with(make).clone()
    }
}

impl Story {
    fn tell(&self, names: &mut Names, shallow: &HashSet<ObjectId>, now: i64) -> Exposure {
        let removed = self.removed.clone().filter(|_| !self.at_head);
        let (live, refs) = (names.of_refs(&self.live).others, names.of_refs(&self.refs));
        // By the dates that are told: a commit that was rebased keeps its author's date, and is no younger for it.
        let until = removed.as_ref().filter(|_| live.is_empty()).map_or(now, |r| r.date.seconds);
        let since = self.introduced.as_ref().map_or(until, |i| i.date.seconds);
        let seconds = u64::try_from(until.saturating_sub(since)).unwrap_or(0);
        Exposure {
            introduced: self.introduced.clone(),
            or_before: self.introduced.as_ref().is_some_and(|i| shallow.contains(&i.id)),
            removed,
            at_head: self.at_head,
            live,
            refs: refs.others,
            tags: refs.tags,
            days: seconds / 86_400,
        }
    }
}

/// Makes what a report needs beyond places, from the object itself.
fn details(plan: &Plan, claim: &Claim, place: &Place, again: &mut Again<'_>) -> Details {
    let Some(scanned) = again.scan(place.at) else { return Details::default() };
    let Some(found) = scanned.at(place.start).filter(|m| m.rule == claim.rule) else { return Details::default() };
    let rule = &plan.engine.rules().rules()[usize::from(claim.rule)];
    Details::of(rule, found, scanned.text, scanned.matches, scanned.hidden)
}
