//! What an earlier run learnt: objects with nothing in them, by id; and, while nothing at all has changed, the places of what was found.
//!
//! A file holds no secret and no part of one: what was found is told by object, rule and offset, read again and judged again. It counts only if
//! it is whole, belongs to the user, and comes from the same program with the same rules; a few of the objects it calls clean are scanned
//! each time, and one that is not puts the file aside. Deleting it costs a full scan, nothing else.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::super::Plan;
use super::History;
use super::again::Again;
use super::places::{Place, Story};
use super::sights::{Claim, Sights};
use crate::git::{ObjectAt, ObjectSet, Objects, Reference};
use crate::model::{Commit, Coverage, ObjectId, Problem, ProblemKind, Revision};

/// The first line of a file; its number changes with the format.
const MAGIC: &[u8] = b"keysift history cache 2\n";
/// Objects scanned again on each use.
const SPOT_CHECKS: usize = 48;

/// The cache of one repository.
pub struct Cache {
    path: PathBuf,
    /// What a file must come from to count.
    identity: String,
}

/// What a file holds beside ids.
#[derive(Serialize, Deserialize)]
struct Head {
    identity: String,
    /// How many bytes of ids follow.
    clean: usize,
    replay: Option<Replay>,
}

/// A whole run over a repository in one state.
#[derive(Serialize, Deserialize)]
struct Replay {
    state: String,
    blobs: u64,
    commits: u64,
    bytes: u64,
    binary: u64,
    below: u64,
    absent: Vec<(String, String)>,
    /// Object, rule and offset of a sight of each claim.
    claims: Vec<(String, String, u64)>,
    places: Vec<SavedPlace>,
    stories: Vec<SavedStory>,
    /// Refs by number, for stories.
    sets: Vec<Vec<usize>>,
}

#[derive(Serialize, Deserialize)]
struct SavedPlace {
    claim: u32,
    object: String,
    start: u64,
    path: Vec<u8>,
    commit: Option<String>,
    removed: Option<String>,
    at_head: bool,
}

#[derive(Serialize, Deserialize)]
struct SavedStory {
    claim: u32,
    introduced: Option<String>,
    removed: Option<String>,
    at_head: bool,
    /// Which of the sets of refs.
    live: usize,
    refs: usize,
}

/// What a run leaves for the next one.
pub struct Outcome<'a> {
    /// Objects with nothing in them.
    pub clean: Vec<ObjectAt>,
    pub sights: &'a Sights,
    pub places: &'a [Place],
    pub stories: &'a [Story],
    pub coverage: &'a Coverage,
    pub below: u64,
    pub problems: &'a [Problem],
}

/// What an earlier run over the same state found.
pub struct Replayed {
    pub claims: Vec<Claim>,
    pub places: Vec<Place>,
    pub stories: Vec<Story>,
    pub coverage: Coverage,
    pub below: u64,
    pub problems: Vec<Problem>,
}

/// A file's content, found good.
pub struct Known {
    clean: Vec<u8>,
    replay: Option<Replay>,
}

impl Cache {
    /// The cache of `history` in the folder `dir`.
    pub fn new(dir: &Path, plan: &Plan, history: &History) -> Self {
        let mut hash = Sha256::new();
        // A new build may judge otherwise under the same version.
        let program = std::env::current_exe().and_then(fs::metadata).ok();
        let changed = program.as_ref().and_then(|m| m.modified().ok()).and_then(|t| t.duration_since(UNIX_EPOCH).ok());
        // What is too large is told each time, be it clean or not.
        let limits = (plan.binary, history.max_file_size);
        hash.update(format!("{} {:?} {changed:?} {limits:?}\n", env!("CARGO_PKG_VERSION"), program.map(|m| m.len())));
        for rule in plan.engine.rules().rules() {
            hash.update(format!(
                "{:?} {:?} {} {:?} {} {:?} {:?}\n",
                rule.info.id, rule.confidence, rule.general, rule.anchors, rule.ignore_case, rule.matcher, rule.checks
            ));
        }
        let place = history.repository.common_dir();
        let place = place.canonicalize().unwrap_or_else(|_| place.to_owned());
        let name = hex(&Sha256::digest(place.as_os_str().as_encoded_bytes()));
        Self { path: dir.join(format!("history-{}", &name[..24])), identity: hex(&hash.finalize()) }
    }

    /// What an earlier run knew, if its file counts and its claims hold where they are tried.
    pub fn load(&self, plan: &Plan, objects: &Objects) -> Option<Known> {
        if !is_ours(&self.path) {
            return None;
        }
        let bytes = fs::read(&self.path).ok()?;
        let (content, checksum) = bytes.split_at_checked(bytes.len().checked_sub(32)?)?;
        if Sha256::digest(content).as_slice() != checksum {
            return None;
        }
        let rest = content.strip_prefix(MAGIC)?;
        let (head, ids) = rest.split_at(memchr::memchr(b'\n', rest)? + 1);
        let head: Head = serde_json::from_slice(head).ok()?;
        if head.identity != self.identity || head.clean != ids.len() || ids.len() % objects.id_len() != 0 {
            return None;
        }
        let known = Known { clean: ids.to_vec(), replay: head.replay };
        known.holds(plan, objects).then_some(known)
    }

    /// Writes what `outcome` tells, whole or not at all.
    ///
    /// `state` is [`state`]'s where the run looked at all there is: only then can another one repeat it.
    pub fn save(&self, plan: &Plan, objects: &Objects, state: Option<String>, outcome: &Outcome<'_>) -> io::Result<()> {
        let mut ids: Vec<ObjectId> = outcome.clean.iter().map(|&at| objects.id(at)).collect();
        ids.sort_unstable();
        ids.dedup();
        let mut clean = Vec::with_capacity(ids.len() * objects.id_len());
        ids.iter().for_each(|id| clean.extend_from_slice(id.as_bytes()));
        let head = Head {
            identity: self.identity.clone(),
            clean: clean.len(),
            replay: state.and_then(|state| outcome.replay(plan, objects, state)),
        };
        let mut content = MAGIC.to_vec();
        serde_json::to_writer(&mut content, &head)?;
        content.push(b'\n');
        content.extend_from_slice(&clean);
        let checksum = Sha256::digest(&content);
        content.extend_from_slice(&checksum);
        let folder = self.path.parent().unwrap_or_else(|| Path::new("."));
        private_folder(folder)?;
        let mut file = tempfile::NamedTempFile::new_in(folder)?;
        file.write_all(&content)?;
        file.persist(&self.path)?;
        Ok(())
    }
}

/// Everything that decides what a scan of `history` reports: while it is the same, so is the outcome.
pub fn state(plan: &Plan, history: &History, objects: &Objects, references: &[Reference]) -> String {
    let mut hash = Sha256::new();
    hash.update(format!("{} {} {:?} {:?}\n", plan.min_confidence, history.reachable, history.max_file_size, history.repository.head()));
    objects.identify(&mut |part| hash.update(part));
    for reference in references {
        hash.update(format!("{} {} ", reference.target, reference.peeled));
        hash.update(&reference.name);
        hash.update(b"\n");
    }
    // Names for what is only staged; an index ends with its check sum.
    let index = fs::read(history.repository.git_dir().join("index")).unwrap_or_default();
    hash.update(&index[index.len().saturating_sub(32)..]);
    let mut shallow: Vec<ObjectId> = history.repository.shallow().into_iter().collect();
    shallow.sort_unstable();
    shallow.iter().for_each(|id| hash.update(id.as_bytes()));
    hex(&hash.finalize())
}

impl Known {
    /// The objects that the file calls clean.
    pub fn clean(&self, objects: &Objects) -> ObjectSet {
        ObjectSet::of_ids(objects, &self.clean)
    }

    /// Whether a few of the objects called clean are, chosen anew each time.
    fn holds(&self, plan: &Plan, objects: &Objects) -> bool {
        let id_len = objects.id_len();
        let count = self.clean.len() / id_len;
        let mut chance = SystemTime::now().duration_since(UNIX_EPOCH).map_or(1, |d| d.as_nanos() as u64) | 1;
        let mut again = Again::new(plan, objects);
        (0..SPOT_CHECKS.min(count)).all(|n| {
            // xorshift: which objects are tried must differ, nothing more.
            chance ^= chance << 13;
            chance ^= chance >> 7;
            chance ^= chance << 17;
            let i = if count <= SPOT_CHECKS { n } else { (chance % count as u64) as usize };
            let id = ObjectId::new(&self.clean[i * id_len..(i + 1) * id_len]);
            // What is not in this repository any more says nothing.
            let Some(at) = id.and_then(|id| objects.find(&id)) else { return true };
            // Nor does what cannot be read speak for the file.
            again.is_blank(at) == Some(true)
        })
    }

    /// The outcome of the earlier run, if it was over the same `state`. Everything found is read and judged again; `None` where that shows that
    /// the file is wrong.
    pub fn replay(self, plan: &Plan, history: &History, objects: &Objects, references: &[Reference], state: &str) -> Option<Replayed> {
        let replay = self.replay.filter(|r| r.state == state)?;
        let mut rereader = Rereader { plan, objects, again: Again::new(plan, objects), commits: HashMap::new() };
        let claims: Option<Vec<Claim>> = replay.claims.iter().map(|(id, rule, start)| rereader.claim(id, rule, *start)).collect();
        let claims = claims?;
        let remote = history.repository.remote_url();
        let place = |saved: SavedPlace| {
            let id = ObjectId::parse(saved.object.as_bytes())?;
            let commit = rereader.commits(saved.commit.as_deref())?;
            let url = commit.as_ref().zip(remote.as_deref()).and_then(|(commit, remote)| crate::git::commit_url(remote, &commit.id));
            let revision =
                Revision { commit, blob: Some(id), removed: rereader.commits(saved.removed.as_deref())?, at_head: saved.at_head, url };
            claims.get(saved.claim as usize)?;
            Some(Place { claim: saved.claim, at: objects.find(&id)?, start: saved.start, path: saved.path, revision })
        };
        let places: Option<Vec<Place>> = replay.places.into_iter().map(place).collect();
        let sets: Vec<Arc<[usize]>> = replay.sets.into_iter().map(Arc::from).collect();
        if sets.iter().any(|set| set.iter().any(|&r| r >= references.len())) {
            return None;
        }
        let story = |saved: SavedStory| {
            claims.get(saved.claim as usize)?;
            Some(Story {
                claim: saved.claim,
                introduced: rereader.commits(saved.introduced.as_deref())?,
                removed: rereader.commits(saved.removed.as_deref())?,
                at_head: saved.at_head,
                live: Arc::clone(sets.get(saved.live)?),
                refs: Arc::clone(sets.get(saved.refs)?),
            })
        };
        let (places, stories) = (places?, replay.stories.into_iter().map(story).collect::<Option<Vec<Story>>>()?);
        let absent = |(what, detail)| Problem { what, kind: ProblemKind::Absent, detail };
        Some(Replayed {
            places,
            stories,
            coverage: Coverage {
                blobs: replay.blobs,
                commits: replay.commits,
                bytes: replay.bytes,
                binary: replay.binary,
                known: replay.blobs + replay.commits,
                ..Coverage::default()
            },
            below: replay.below,
            problems: replay.absent.into_iter().map(absent).collect(),
            claims,
        })
    }
}

impl Outcome<'_> {
    /// `None` where another run over the same state could come out otherwise.
    fn replay(&self, plan: &Plan, objects: &Objects, state: String) -> Option<Replay> {
        let rules = plan.engine.rules().rules();
        let lasting = |p: &Problem| p.kind == ProblemKind::Absent;
        if !self.problems.iter().all(lasting) || !self.coverage.skipped.is_empty() {
            return None;
        }
        let mut first: HashMap<u32, (ObjectAt, u64)> = HashMap::new();
        for sight in &self.sights.sights {
            first.entry(sight.claim).or_insert((sight.at, sight.start));
        }
        let claim = |(i, claim): (usize, &Claim)| {
            let (at, start) = first.get(&(i as u32))?;
            Some((objects.id(*at).to_string(), rules[usize::from(claim.rule)].info.id.to_string(), *start))
        };
        let claims: Option<Vec<_>> = self.sights.claims.iter().enumerate().map(claim).collect();
        let id = |commit: &Arc<Commit>| commit.id.to_string();
        let place = |place: &Place| SavedPlace {
            claim: place.claim,
            object: objects.id(place.at).to_string(),
            start: place.start,
            path: place.path.clone(),
            commit: place.revision.commit.as_ref().map(id),
            removed: place.revision.removed.as_ref().map(id),
            at_head: place.revision.at_head,
        };
        let (mut sets, mut numbers) = (Vec::new(), HashMap::new());
        let mut set = |set: &Arc<[usize]>| {
            *numbers.entry(Arc::clone(set)).or_insert_with(|| {
                sets.push(set.to_vec());
                sets.len() - 1
            })
        };
        let story = |story: &Story| SavedStory {
            claim: story.claim,
            introduced: story.introduced.as_ref().map(id),
            removed: story.removed.as_ref().map(id),
            at_head: story.at_head,
            live: set(&story.live),
            refs: set(&story.refs),
        };
        let stories = self.stories.iter().map(story).collect();
        Some(Replay {
            state,
            blobs: self.coverage.blobs,
            commits: self.coverage.commits,
            bytes: self.coverage.bytes,
            binary: self.coverage.binary,
            below: self.below,
            absent: self.problems.iter().map(|p| (p.what.clone(), p.detail.clone())).collect(),
            claims: claims?,
            places: self.places.iter().map(place).collect(),
            stories,
            sets,
        })
    }
}

/// Reads again what a file tells of.
struct Rereader<'a> {
    plan: &'a Plan,
    objects: &'a Objects,
    again: Again<'a>,
    commits: HashMap<ObjectId, Option<Arc<Commit>>>,
}

impl Rereader<'_> {
    fn claim(&mut self, id: &str, rule: &str, start: u64) -> Option<Claim> {
        let at = self.objects.find(&ObjectId::parse(id.as_bytes())?)?;
        let scanned = self.again.scan(at)?;
        let rules = self.plan.engine.rules();
        let found = scanned.at(start).filter(|m| *rules.rules()[usize::from(m.rule)].info.id == *rule)?;
        Some(Claim::of(rules, found, scanned.text))
    }

    /// The commit with this id: `Some(None)` where none is asked for, `None` where it is not there.
    fn commits(&mut self, id: Option<&str>) -> Option<Option<Arc<Commit>>> {
        let Some(id) = id else { return Some(None) };
        let id = ObjectId::parse(id.as_bytes())?;
        if !self.commits.contains_key(&id) {
            let commit = self.objects.find(&id).and_then(|at| self.again.reader().commit(at).ok()?).map(Arc::new);
            self.commits.insert(id, commit);
        }
        self.commits[&id].clone().map(Some)
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a string does not fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// Whether `path` is a file of this user's that nobody else can have written.
#[cfg(unix)]
fn is_ours(path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    // A file made now tells who the user is.
    let user = tempfile::tempfile().and_then(|file| file.metadata()).map(|m| m.uid()).ok();
    path.symlink_metadata().is_ok_and(|m| m.is_file() && Some(m.uid()) == user && m.mode() & 0o022 == 0)
}

#[cfg(not(unix))]
fn is_ours(path: &Path) -> bool {
    path.symlink_metadata().is_ok_and(|m| m.is_file())
}

#[cfg(unix)]
fn private_folder(path: &Path) -> io::Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    fs::DirBuilder::new().recursive(true).mode(0o700).create(path)
}

#[cfg(not(unix))]
fn private_folder(path: &Path) -> io::Result<()> {
    fs::create_dir_all(path)
}
