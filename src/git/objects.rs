//! Every object a repository holds: all packs and loose files of all its object folders, each object once.

use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use flate2::bufread::ZlibDecoder;

use super::commit::{RawCommit, describe, describe_tag};
use super::delta::{Delta, Steps};
use super::pack::{Inflater, Kind, LARGEST, Pack, TOO_LARGE};
use super::walk::Families;
use super::{GitError, Repository};
use crate::model::{Commit, ObjectId, Problem, ProblemKind, system_words};

/// Where an object lies: in a pack (by its place in the index), or loose. Orders and hashes cheaply; two places may hold the same object,
/// [`Objects::find`] always names the same one of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ObjectAt(pub(super) u32);

/// The objects of a repository.
pub struct Objects {
    pub(super) packs: Vec<Pack>,
    /// For each pack, the number of its first entry; behind the last, that of the first loose object.
    pub(super) firsts: Vec<u32>,
    /// Loose objects, sorted by id.
    pub(super) loose: Vec<Loose>,
    /// Trees of deltas of each pack, made at the first walk.
    pub(super) families: OnceLock<Vec<Families>>,
    problems: Vec<Problem>,
    promisor: bool,
    sha256: bool,
}

/// An object in a file of its own.
pub(super) struct Loose {
    pub id: ObjectId,
    pub path: PathBuf,
    pub kind: Kind,
    pub size: u64,
}

impl Objects {
    /// Maps all packs of `repository` and lists its loose objects. What cannot be opened is among [`Self::problems`].
    ///
    /// # Errors
    /// There are more objects than can be numbered.
    pub fn open(repository: &Repository) -> Result<Self, GitError> {
        let (packs, firsts, loose, problems) = Default::default();
        let (families, promisor, sha256) = (OnceLock::new(), false, repository.is_sha256());
        let mut objects = Self { packs, firsts, loose, families, problems, promisor, sha256 };
        for dir in repository.object_dirs() {
            // An alternate that has gone, with all it held.
            if let Err(error) = fs::metadata(dir) {
                objects.unreadable(dir, &error);
            }
            objects.packs_in(&dir.join("pack"));
            objects.loose_in(dir);
        }
        objects.loose.sort_by(|a, b| (a.id, &a.path).cmp(&(b.id, &b.path)));
        objects.loose.dedup_by(|a, b| a.id == b.id);
        let mut first: u32 = 0;
        let too_many = || GitError::Git("more objects than can be numbered".to_owned());
        for pack in &objects.packs {
            objects.firsts.push(first);
            first = first.checked_add(pack.len() as u32).ok_or_else(too_many)?;
        }
        objects.firsts.push(first);
        u32::try_from(objects.loose.len()).ok().and_then(|n| first.checked_add(n)).filter(|&n| n < u32::MAX).ok_or_else(too_many)?;
        Ok(objects)
    }

    /// What could not be opened.
    #[must_use]
    pub fn problems(&self) -> &[Problem] {
        &self.problems
    }

    /// Whether the repository was cloned in part: objects may be absent, and fetched when asked for.
    #[must_use]
    pub fn is_partial(&self) -> bool {
        self.promisor
    }

    /// Bytes of an id.
    #[must_use]
    pub fn id_len(&self) -> usize {
        if self.sha256 { 32 } else { 20 }
    }

    /// A commit, read from its content; `None` where it is none.
    pub(super) fn parse<'b>(&self, commit: &'b [u8]) -> Option<RawCommit<'b>> {
        RawCommit::parse(commit, self.sha256)
    }

    /// Gives `take` what tells this set of objects from any other: the check sums of packs, the ids of loose objects.
    pub fn identify(&self, take: &mut dyn FnMut(&[u8])) {
        for pack in &self.packs {
            take(&pack.identity());
        }
        self.loose.iter().for_each(|loose| take(loose.id.as_bytes()));
    }

    /// How many objects there are, with those that lie in two places counted twice.
    #[must_use]
    pub fn len(&self) -> usize {
        self.firsts.last().map_or(0, |&n| n as usize) + self.loose.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Where the object with this id lies.
    #[must_use]
    pub fn find(&self, id: &ObjectId) -> Option<ObjectAt> {
        self.places(*id).next()
    }

    /// Replaces `places` by what [`Self::find`] says of each of `ids`.
    pub(super) fn find_all(&self, ids: &[ObjectId], places: &mut Vec<Option<ObjectAt>>) {
        places.clear();
        places.resize(ids.len(), None);
        for (pack, first) in self.packs.iter().zip(&self.firsts) {
            pack.touch(ids.iter().zip(&*places).filter(|(_, place)| place.is_none()).map(|(id, _)| id));
            for (id, place) in ids.iter().zip(&mut *places).filter(|(_, place)| place.is_none()) {
                *place = pack.find(id).map(|rank| ObjectAt(first + rank));
            }
        }
        for (id, place) in ids.iter().zip(places).filter(|(_, place)| place.is_none()) {
            *place = self.find_loose(id);
        }
    }

    /// Everywhere the object with this id lies.
    fn places(&self, id: ObjectId) -> impl Iterator<Item = ObjectAt> + '_ {
        let packed = self.packs.iter().zip(&self.firsts).filter_map(move |(pack, first)| Some(ObjectAt(first + pack.find(&id)?)));
        packed.chain(std::iter::once_with(move || self.find_loose(&id)).flatten())
    }

    fn find_loose(&self, id: &ObjectId) -> Option<ObjectAt> {
        let i = self.loose.binary_search_by(|l| l.id.cmp(id)).ok()?;
        Some(ObjectAt(self.firsts.last()? + i as u32))
    }

    /// The one place that stands for all where the object at `at` lies in several: that which [`Self::find`] names.
    #[must_use]
    pub fn first(&self, at: ObjectAt) -> ObjectAt {
        if self.packs.len() + usize::from(!self.loose.is_empty()) < 2 { at } else { self.find(&self.id(at)).unwrap_or(at) }
    }

    /// The other places of the object at `at`: one copy may be damaged and another one sound.
    fn others(&self, at: ObjectAt) -> impl Iterator<Item = ObjectAt> + '_ {
        self.places(self.id(at)).filter(move |other| *other != at)
    }

    /// The id of the object at `at`.
    #[must_use]
    pub fn id(&self, at: ObjectAt) -> ObjectId {
        match self.place(at) {
            Place::Packed(pack, rank) => pack.id_ranked(rank),
            Place::Loose(loose) => loose.id,
        }
    }

    /// What the object at `at` is, unless that cannot be told.
    #[must_use]
    pub fn kind(&self, at: ObjectAt) -> Option<Kind> {
        let here = |at| match self.place(at) {
            Place::Packed(pack, rank) => pack.kind(pack.ranked(rank)?),
            Place::Loose(loose) => Some(loose.kind),
        };
        here(at).or_else(|| self.others(at).find_map(here))
    }

    pub(super) fn place(&self, at: ObjectAt) -> Place<'_> {
        let pack = self.firsts.partition_point(|&first| first <= at.0) - 1;
        match self.packs.get(pack) {
            Some(held) => Place::Packed(held, at.0 - self.firsts[pack]),
            None => Place::Loose(&self.loose[(at.0 - self.firsts[pack]) as usize]),
        }
    }

    /// Calls `take` with the content of the object at `at` as a stream, and its size. `None` where it is built on another object, or damaged.
    pub fn stream<T>(&self, at: ObjectAt, take: impl FnOnce(&mut dyn Read, u64) -> T) -> Option<T> {
        match self.place(at) {
            Place::Loose(loose) => Some(take(&mut loose.stream().ok()?, loose.size)),
            Place::Packed(pack, rank) => {
                let entry = pack.ranked(rank).filter(|&i| pack.kind(i).is_some() && pack.base(i).is_none())?;
                let entry = pack.entry(entry)?;
                Some(take(&mut ZlibDecoder::new(entry.deflated).take(entry.size), entry.size))
            }
        }
    }

    /// A reader of single objects, for one thread.
    #[must_use]
    pub fn reader(&self) -> ObjectReader<'_> {
        ObjectReader { objects: self, inflater: Inflater::new(), delta: Vec::new(), steps: Steps::default(), other: Vec::new() }
    }

    fn packs_in(&mut self, dir: &Path) {
        let mut names: Vec<PathBuf> = self.listed(dir).iter().map(fs::DirEntry::path).collect();
        names.sort();
        for path in &names {
            let extension = path.extension().unwrap_or_default();
            self.promisor |= extension == "promisor";
            let has = |other| names.binary_search(&path.with_extension(other)).is_ok();
            // A pack that is being written has no index yet, and is not part of the repository before it has one.
            if extension == "pack" && !has("idx") && path.file_name().is_some_and(|n| n.as_encoded_bytes().starts_with(b"pack-")) {
                self.pack_problem(path, "has no index; `git index-pack` makes one");
            }
            if extension != "idx" {
                continue;
            }
            match Pack::open(path, self.sha256) {
                Ok(pack) => {
                    for (i, why) in pack.broken() {
                        self.problems.push(damaged(&pack.id(*i), why));
                    }
                    self.packs.push(pack);
                }
                Err(error) => self.pack_problem(&path.with_extension("pack"), &error.to_string()),
            }
        }
    }

    fn loose_in(&mut self, dir: &Path) {
        // The first two are the folder's name.
        let digits = 2 * self.id_len() - 2;
        for fan in 0..=255_u8 {
            let prefix = format!("{fan:02x}");
            for entry in self.listed(&dir.join(&prefix)) {
                let name = entry.file_name();
                let Some(id) = name.to_str().filter(|n| n.len() == digits).and_then(|n| ObjectId::parse(format!("{prefix}{n}").as_bytes()))
                else {
                    continue; // a temporary file of git's
                };
                let path = entry.path();
                match loose_header(&path) {
                    Ok((kind, size)) => self.loose.push(Loose { id, path, kind, size }),
                    Err(why) => self.problems.push(damaged(&id, &why)),
                }
            }
        }
    }

    fn listed(&mut self, folder: &Path) -> Vec<fs::DirEntry> {
        listed(folder, |error| self.unreadable(folder, error))
    }

    fn unreadable(&mut self, path: &Path, error: &io::Error) {
        let what = path.display().to_string();
        self.problems.push(Problem { what, kind: ProblemKind::Unreadable, detail: system_words(error) });
    }

    fn pack_problem(&mut self, path: &Path, why: &str) {
        let what = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        self.problems.push(Problem { what, kind: ProblemKind::Object, detail: format!("{why}; none of its objects was looked at") });
    }
}

/// What lies in `folder`, nothing where there is no such folder. Where that cannot be told, wholly or of one entry, `failed` learns why.
pub(super) fn listed(folder: &Path, mut failed: impl FnMut(&io::Error)) -> Vec<fs::DirEntry> {
    match fs::read_dir(folder) {
        Ok(entries) => readable(entries, failed),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
        Err(error) => {
            failed(&error);
            Vec::new()
        }
    }
}

fn readable<T>(entries: impl Iterator<Item = io::Result<T>>, mut failed: impl FnMut(&io::Error)) -> Vec<T> {
    entries.filter_map(|entry| entry.map_err(|error| failed(&error)).ok()).collect()
}

/// Tags of tags are rare, and more than this are a joke.
pub(super) const MOST_TAGS: usize = 64;

/// What a tag names.
pub(super) fn tagged(tag: &[u8]) -> Option<ObjectId> {
    ObjectId::parse(tag.strip_prefix(b"object ")?.split(|&b| b == b'\n').next()?)
}

/// A problem with an object.
pub(super) fn damaged(id: &ObjectId, why: &str) -> Problem {
    Problem::of_object(id, ProblemKind::Object, why)
}

/// Where an object lies.
pub(super) enum Place<'o> {
    /// A pack and the object's rank in it.
    Packed(&'o Pack, u32),
    Loose(&'o Loose),
}

fn open_loose(path: &Path) -> Result<ZlibDecoder<io::BufReader<fs::File>>, String> {
    let file = fs::File::open(path).map_err(|e| system_words(&e))?;
    Ok(ZlibDecoder::new(io::BufReader::with_capacity(8 * 1024, file)))
}

/// Kind and size of a loose object, as `<kind> <size>\0` before its content says.
fn read_header(stream: &mut impl Read) -> Result<(Kind, u64), String> {
    let mut header = [0; 32];
    let mut len = 0;
    while len < header.len() {
        stream.read_exact(&mut header[len..=len]).map_err(|_| "is damaged")?;
        if header[len] == 0 {
            break;
        }
        len += 1;
    }
    let parsed = || {
        let header = std::str::from_utf8(&header[..len]).ok()?;
        let (kind, size) = header.split_once(' ')?;
        Some((Kind::named(kind.as_bytes())?, size.parse().ok()?))
    };
    parsed().ok_or_else(|| "has no header of an object".to_owned())
}

/// Whether the loose object at `path` is whole.
pub(super) fn inflates(path: &Path) -> bool {
    let whole = || {
        let mut stream = open_loose(path)?;
        let (_, size) = read_header(&mut stream)?;
        io::copy(&mut stream.take(size + 1), &mut io::sink()).map(|read| read == size).map_err(|e| e.to_string())
    };
    whole().unwrap_or(false)
}

fn loose_header(path: &Path) -> Result<(Kind, u64), String> {
    read_header(&mut open_loose(path)?)
}

impl Loose {
    /// Its content as a stream, to be read to `self.size`.
    pub fn stream(&self) -> Result<io::Take<impl Read + use<>>, String> {
        let mut stream = open_loose(&self.path)?;
        read_header(&mut stream)?;
        Ok(stream.take(self.size))
    }

    /// Replaces `out` by its content.
    pub fn read(&self, out: &mut Vec<u8>) -> Result<(), String> {
        out.clear();
        if self.size > LARGEST {
            return Err(TOO_LARGE.to_owned());
        }
        let mut stream = open_loose(&self.path)?;
        read_header(&mut stream)?;
        stream.take(self.size + 1).read_to_end(out).map_err(|_| "is damaged")?;
        if out.len() as u64 != self.size {
            return Err("is not of the size it states".to_owned());
        }
        Ok(())
    }
}

/// Reads objects one at a time, in any order.
pub struct ObjectReader<'o> {
    objects: &'o Objects,
    inflater: Inflater,
    delta: Vec<u8>,
    steps: Steps,
    other: Vec<u8>,
}

impl ObjectReader<'_> {
    /// The commit at `at`, or the tag as if the tagger had committed it; `None` where it is neither, or tells no tagger.
    ///
    /// # Errors
    /// As for [`Self::read`].
    pub fn commit(&mut self, at: ObjectAt) -> Result<Option<Commit>, String> {
        let mut bytes = Vec::new();
        self.read(at, &mut bytes)?;
        let id = self.objects.id(at);
        if self.objects.kind(at) == Some(Kind::Tag) {
            return Ok(describe_tag(id, &bytes));
        }
        Ok(self.objects.parse(&bytes).map(|raw| describe(id, &raw)))
    }

    /// What the tag `id` names in the end, as far as it is there; `None` where it is no tag.
    pub fn peel(&mut self, id: &ObjectId) -> Option<ObjectId> {
        self.chain(id)?.pop()
    }

    /// What the tag `id` names, what that names if it is a tag too, and so on; nothing where it is no tag, `None` where one cannot be read.
    pub fn chain(&mut self, id: &ObjectId) -> Option<Vec<ObjectId>> {
        let mut bytes = Vec::new();
        let mut named = Vec::new();
        for _ in 0..MOST_TAGS {
            let Some(at) = self.objects.find(named.last().unwrap_or(id)).filter(|&at| self.objects.kind(at) == Some(Kind::Tag)) else {
                break;
            };
            self.read(at, &mut bytes).ok()?;
            named.push(tagged(&bytes)?);
        }
        Some(named)
    }

    /// Replaces `out` by the content of the object at `at`, or that of another copy where this one is damaged.
    ///
    /// # Errors
    /// It, or one it is built on, is damaged; the text says how.
    pub fn read(&mut self, at: ObjectAt, out: &mut Vec<u8>) -> Result<(), String> {
        let objects = self.objects;
        self.read_copy(at, out).or_else(|why| objects.others(at).find_map(|other| self.read_copy(other, out).ok()).ok_or(why))
    }

    fn read_copy(&mut self, at: ObjectAt, out: &mut Vec<u8>) -> Result<(), String> {
        let (pack, entry) = match self.objects.place(at) {
            Place::Loose(loose) => return loose.read(out),
            Place::Packed(pack, rank) => (pack, pack.ranked(rank).ok_or("has no entry in its pack")?),
        };
        let mut chain = vec![entry];
        while let Some(base) = pack.base(chain[chain.len() - 1]) {
            if chain.len() > pack.len() {
                return Err("is built on itself".to_owned());
            }
            chain.push(base);
        }
        let root = chain[chain.len() - 1];
        if let Ok(k) = pack.foreign().binary_search_by_key(&root, |(i, _)| *i) {
            let (_, id) = &pack.foreign()[k];
            let base = self.objects.find(id).filter(|b| *b != at).ok_or("is built on an object that is not there")?;
            let Place::Loose(loose) = self.objects.place(base) else { return Err("is built on an object of another pack".to_owned()) };
            loose.read(out)?;
        } else {
            let root = pack.entry(root).ok_or("has a broken header")?;
            self.inflater.inflate(root.deflated, root.size, out)?;
            chain.pop();
        }
        while let Some(i) = chain.pop() {
            let entry = pack.entry(i).ok_or("has a broken header")?;
            self.inflater.inflate(entry.deflated, entry.size, &mut self.delta)?;
            let delta = Delta::parse(&self.delta, out.len(), &mut self.steps).map_err(|e| e.to_string())?;
            if delta.result_len() as u64 > LARGEST {
                return Err(TOO_LARGE.to_owned());
            }
            if !delta.apply_in_place(out) {
                delta.apply(out, &mut self.other);
                std::mem::swap(out, &mut self.other);
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::{listed, readable};
    use std::io;

    #[test]
    fn what_cannot_be_listed_is_told() {
        let mut failed = Vec::new();
        let entries = [Ok("a"), Err(io::Error::other("bad sector")), Ok("b")];
        assert_eq!(readable(entries.into_iter(), |error| failed.push(error.to_string())), ["a", "b"]);
        assert_eq!(failed, ["bad sector"]);
        let file = tempfile::NamedTempFile::new().unwrap();
        let mut kinds = Vec::new();
        assert!(listed(file.path(), |error| kinds.push(error.kind())).is_empty());
        assert!(listed(&file.path().with_extension("none"), |error| kinds.push(error.kind())).is_empty());
        assert_eq!(kinds, [io::ErrorKind::NotADirectory]);
    }
}
