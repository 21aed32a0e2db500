//! The walk over all objects of one kind: each inflated once, in the order of their deltas.
//!
//! An entry of a pack is whole, or a delta against another entry. Entries and what is built on them form trees (families); a family is walked
//! depth first, so that the base of an entry is at hand when its turn comes. Of the entries built on one base, that with the largest family
//! comes last, and the base's buffer is given up for it: buffers alive at one time then lie on a path of which every step at least halves the
//! family that is left, so there are at most log2(entries) + 2 of them, whatever the depth of the chains.

use std::collections::HashSet;
use std::io::{self, Read};
use std::sync::atomic::{AtomicUsize, Ordering};

use super::children::Children;
use super::delta::{Delta, Steps};
use super::objects::damaged;
use super::pack::{Inflater, Kind, LARGEST, Pack, TOO_LARGE};
use super::{ObjectAt, ObjectSet, Objects};
use crate::model::Problem;

/// Objects that nothing is built on and that are larger than this are handed on as streams.
const STREAMED: u64 = 32 << 20;
/// Bytes that one thread may hold of objects that others are built on, and of one that is being made. A delta of a few hundred bytes can make
/// half a gigabyte of nothing, and so can each of those built on it.
const HELD: u64 = 2 * LARGEST;

/// An object, whole in memory.
pub struct Visit<'a> {
    /// Where it lies. The same object may be visited again where it lies a second time.
    pub at: ObjectAt,
    /// Its content.
    pub bytes: &'a [u8],
    /// What it is built on, if anything.
    pub base: Option<Base<'a>>,
    /// Where the visitor may keep what it has learnt, for objects built on this one; `None` if there are none. Slots are small numbers, used
    /// again when nothing can refer to them any more.
    pub slot: Option<usize>,
}

/// What an object is built on.
#[derive(Clone, Copy)]
pub struct Base<'a> {
    /// Where the visitor was told to keep what it learnt of the base.
    pub slot: usize,
    /// Bytes of the base.
    pub len: usize,
    /// The base's content; empty for a visitor that can do without.
    pub bytes: &'a [u8],
    /// How the object is made of it.
    pub delta: Delta<'a>,
}

/// What a visitor keeps of objects, by their slots, and one more for the object that has none: its buffers are used again all the same.
#[derive(Debug)]
pub struct Slots<T> {
    kept: Vec<T>,
    leaf: T,
}

impl<T: Default> Default for Slots<T> {
    fn default() -> Self {
        Self { kept: Vec::new(), leaf: T::default() }
    }
}

impl<T: Default> Slots<T> {
    /// Takes out what was last kept in `slot`, to be filled anew.
    pub fn take(&mut self, slot: Option<usize>) -> T {
        let Some(slot) = slot else { return std::mem::take(&mut self.leaf) };
        if self.kept.len() <= slot {
            self.kept.resize_with(slot + 1, T::default);
        }
        std::mem::take(&mut self.kept[slot])
    }

    /// Keeps `what` in `slot`.
    pub fn keep(&mut self, slot: Option<usize>, what: T) {
        match slot {
            Some(slot) => self.kept[slot] = what,
            None => self.leaf = what,
        }
    }

    /// What is kept in `slot`.
    #[must_use]
    pub fn get(&self, slot: usize) -> Option<&T> {
        self.kept.get(slot)
    }
}

/// Takes objects, on one thread.
pub trait Visitor: Send {
    /// Whether it looks at the content of bases. If not, an object can be made in its base's place, which spares copying most of it.
    fn sees_bases(&self) -> bool;
    /// Takes an object.
    fn visit(&mut self, object: Visit<'_>);
    /// Takes an object too large for memory, of `size` bytes.
    fn stream(&mut self, at: ObjectAt, size: u64, content: &mut dyn Read);
    /// Hears of an object that could not be read.
    fn problem(&mut self, problem: Problem);
}

/// Trees of deltas of one pack.
pub(super) struct Families {
    /// Entries built on others, by what they are built on; the one with the largest family is the last of its siblings.
    children: Children,
    /// Whole entries by their kind, and the bytes that all of their family takes in the pack, largest first.
    roots: [Vec<(u64, u32)>; Kind::ALL.len()],
}

impl Families {
    /// The families of `pack`, less those members that are not `wanted`; an entry is wanted only with what it is built on.
    ///
    /// All kinds at once: git/git's 640,000 entries take 25 ms of one thread, one kind after the other 64.
    fn of(pack: &Pack, wanted: Option<&[bool]>) -> Self {
        let n = pack.len() as u32;
        let is_wanted = |&i: &u32| pack.kind(i).is_some() && wanted.is_none_or(|w| w[i as usize]);
        let built = || (0..n).filter(is_wanted).filter_map(|i| Some((pack.base(i)?, i)));
        let mut families = Self { children: Children::of(n as usize, built), roots: Default::default() };
        // Weights from the leaves up: what is built on another entry mostly lies behind it, and where it does not parents are put before children.
        let mut weight = vec![0_u64; n as usize];
        let mut weigh = |i: u32| {
            weight[i as usize] += 32 + pack.packed_len(i);
            if let Some(base) = pack.base(i) {
                weight[base as usize] += weight[i as usize];
            }
        };
        if built().all(|(base, i)| base < i) {
            (0..n).rev().filter(is_wanted).for_each(&mut weigh);
        } else {
            let mut order: Vec<u32> = (0..n).filter(|i| is_wanted(i) && pack.base(*i).is_none()).collect();
            let mut at = 0;
            while at < order.len() {
                order.extend_from_slice(families.children_of(order[at]));
                at += 1;
            }
            order.into_iter().rev().for_each(&mut weigh);
        }
        for i in 0..n {
            let siblings = families.children.of_parent_mut(i);
            if siblings.len() > 1
                && let Some(largest) = (0..siblings.len()).max_by_key(|&k| weight[siblings[k] as usize])
            {
                let last = siblings.len() - 1;
                siblings.swap(largest, last);
            }
        }
        for i in (0..n).filter(is_wanted) {
            if let Some(kind) = pack.kind(i).filter(|_| pack.base(i).is_none()) {
                families.roots[kind as usize].push((weight[i as usize], i));
            }
        }
        for roots in &mut families.roots {
            roots.sort_unstable_by_key(|&(weight, i)| (std::cmp::Reverse(weight.max(1 << 12).ilog2()), i));
        }
        families
    }

    /// The families of each of `packs`, of whose objects those in `skip` are left out, unless something of `kind` is built on them that is not. `firsts` are the
    /// numbers of their first objects.
    fn without(packs: &[Pack], firsts: &[u32], kind: Kind, skip: &ObjectSet) -> Vec<Self> {
        packs.iter().zip(firsts).map(|(pack, &first)| Self::of(pack, Some(&wanted(pack, kind, first, skip)))).collect()
    }

    fn children_of(&self, i: u32) -> &[u32] {
        self.children.of_parent(i)
    }

    /// Entries built on `i`, directly or not.
    fn descendants(&self, i: u32) -> Vec<u32> {
        let mut all = self.children_of(i).to_vec();
        let mut at = 0;
        while at < all.len() {
            all.extend_from_slice(self.children_of(all[at]));
            at += 1;
        }
        all
    }
}

/// Which entries of `kind` are to be visited: those not in `skip`, and what they are built on.
fn wanted(pack: &Pack, kind: Kind, number: u32, skip: &ObjectSet) -> Vec<bool> {
    let mut wanted = vec![false; pack.len()];
    for i in 0..pack.len() as u32 {
        if pack.kind(i) != Some(kind) || skip.contains(ObjectAt(number + pack.rank(i))) {
            continue;
        }
        let mut at = Some(i);
        while let Some(i) = at.filter(|&i| !wanted[i as usize]) {
            wanted[i as usize] = true;
            at = pack.base(i);
        }
    }
    wanted
}

impl Objects {
    /// Visits every object of `kind`, on `threads` threads with a visitor each. Objects come in no order but that of their deltas. Those in `skip`
    /// are left out, unless something is built on them that is not.
    pub fn walk<V: Visitor>(&self, kind: Kind, threads: usize, skip: &ObjectSet, visitor: &(dyn Fn() -> V + Sync)) {
        let some;
        let families = if skip.is_empty() {
            self.families.get_or_init(|| self.packs.iter().map(|pack| Families::of(pack, None)).collect())
        } else {
            some = Families::without(&self.packs, &self.firsts, kind, skip);
            &some
        };
        // The largest families of all packs first, loose objects last: the threads then end together.
        let mut work: Vec<(u64, usize, u32)> = Vec::new();
        for (pack, families) in families.iter().enumerate() {
            work.extend(families.roots[kind as usize].iter().map(|&(weight, root)| (weight, pack, root)));
        }
        if families.len() > 1 {
            work.sort_unstable_by_key(|&(weight, pack, root)| (std::cmp::Reverse(weight.max(1 << 12).ilog2()), pack, root));
        }
        let first_loose = self.firsts[self.packs.len()];
        let is_due = |i: &usize| self.loose[*i].kind == kind && !skip.contains(ObjectAt(first_loose + *i as u32));
        let loose: Vec<usize> = (0..self.loose.len()).filter(is_due).collect();
        let next = AtomicUsize::new(0);
        let run = || {
            let mut walker = Walker::new(self, visitor());
            loop {
                let i = next.fetch_add(1, Ordering::Relaxed);
                if let Some(&(_, pack, root)) = work.get(i) {
                    walker.family(pack, &families[pack], root);
                } else if let Some(&i) = loose.get(i - work.len()) {
                    walker.loose(i);
                } else {
                    break;
                }
            }
        };
        if threads > 1 && work.len() + loose.len() > 1 {
            std::thread::scope(|scope| {
                for _ in 1..threads.min(work.len() + loose.len()) {
                    scope.spawn(run);
                }
                run();
            });
        } else {
            run();
        }
        // Entries of no kind hang on something broken; they are told of once, with the blobs.
        if kind == Kind::Blob {
            let mut visitor = visitor();
            for pack in &self.packs {
                let told: HashSet<u32> = pack.broken().iter().map(|(i, _)| *i).collect();
                for i in (0..pack.len() as u32).filter(|i| pack.kind(*i).is_none() && !told.contains(i)) {
                    visitor.problem(damaged(&pack.id(i), "is built on an object that is damaged or not there"));
                }
            }
        }
    }
}

/// One thread of a walk.
struct Walker<'o, V> {
    objects: &'o Objects,
    visitor: V,
    inflater: Inflater,
    /// Inflated deltas go here, and their instructions.
    delta: Vec<u8>,
    steps: Steps,
    /// Contents, by slot.
    contents: Vec<Vec<u8>>,
    free: Vec<usize>,
    path: Vec<Node>,
}

/// An entry some of whose children are still to come.
struct Node {
    entry: u32,
    slot: usize,
    /// Children visited.
    done: usize,
}

/// Where an object that is built on another one is made.
struct Kin {
    /// The slot of its base.
    base: usize,
    /// Whether the base is not needed any more.
    last: bool,
    /// Its own slot.
    slot: usize,
    /// Whether others are built on it.
    has_children: bool,
}

impl<'o, V: Visitor> Walker<'o, V> {
    fn new(objects: &'o Objects, visitor: V) -> Self {
        Self {
            objects,
            visitor,
            inflater: Inflater::new(),
            delta: Vec::new(),
            steps: Steps::default(),
            contents: Vec::new(),
            free: Vec::new(),
            path: Vec::new(),
        }
    }

    fn loose(&mut self, i: usize) {
        let loose = &self.objects.loose[i];
        let at = ObjectAt(self.objects.firsts[self.objects.packs.len()] + i as u32);
        let outcome = if loose.size > STREAMED {
            loose.stream().and_then(|stream| self.stream(at, loose.size, stream))
        } else {
            let slot = self.slot();
            let read = loose.read(&mut self.contents[slot]);
            if read.is_ok() {
                self.visitor.visit(Visit { at, bytes: &self.contents[slot], base: None, slot: None });
            }
            self.free(slot);
            read
        };
        if let Err(why) = outcome {
            self.visitor.problem(damaged(&loose.id, &why));
        }
    }

    /// Hands on an object of `size` bytes as a stream.
    fn stream(&mut self, at: ObjectAt, size: u64, mut content: io::Take<impl Read>) -> Result<(), String> {
        self.visitor.stream(at, size, &mut content);
        if content.limit() > 0 {
            return Ok(()); // The visitor wanted no more, or has noticed where it ends.
        }
        content.set_limit(1);
        match content.read(&mut [0]) {
            Ok(0) => Ok(()),
            Ok(_) => Err("is not of the size it states".to_owned()),
            Err(_) => Err("is damaged".to_owned()),
        }
    }

    /// Says that nothing needs the content of `slot` any more.
    fn free(&mut self, slot: usize) {
        if self.contents[slot].capacity() as u64 > STREAMED {
            self.contents[slot] = Vec::new();
        }
        self.free.push(slot);
    }

    fn slot(&mut self) -> usize {
        self.free.pop().unwrap_or_else(|| {
            self.contents.push(Vec::new());
            self.contents.len() - 1
        })
    }

    fn family(&mut self, number: usize, families: &Families, root: u32) {
        let (pack, first) = (&self.objects.packs[number], self.objects.firsts[number]);
        let Some(entry) = pack.entry(root) else { return };
        let has_children = !families.children_of(root).is_empty();
        if entry.size > STREAMED && !has_children {
            let stream = flate2::bufread::ZlibDecoder::new(entry.deflated).take(entry.size);
            if let Err(why) = self.stream(ObjectAt(first + pack.rank(root)), entry.size, stream) {
                self.lost(pack, families, root, &why);
            }
            return;
        }
        let slot = self.slot();
        if let Err(why) = self.inflater.inflate(entry.deflated, entry.size, &mut self.contents[slot]) {
            self.lost(pack, families, root, why);
            self.free(slot);
            return;
        }
        let at = ObjectAt(first + pack.rank(root));
        self.visitor.visit(Visit { at, bytes: &self.contents[slot], base: None, slot: has_children.then_some(slot) });
        if !has_children {
            self.free(slot);
            return;
        }
        self.path.push(Node { entry: root, slot, done: 0 });
        while let Some(node) = self.path.last_mut() {
            let siblings = families.children_of(node.entry);
            let (base, child) = (node.slot, siblings[node.done]);
            node.done += 1;
            let last = node.done == siblings.len();
            if last {
                self.path.pop();
            }
            let slot = self.slot();
            let has_children = !families.children_of(child).is_empty();
            let kin = Kin { base, last, slot, has_children };
            match self.child(pack, ObjectAt(first + pack.rank(child)), child, &kin) {
                Ok(()) if has_children => self.path.push(Node { entry: child, slot, done: 0 }),
                Ok(()) => self.free(slot),
                Err(why) => {
                    self.lost(pack, families, child, &why);
                    self.free(slot);
                }
            }
            if last {
                self.free(base);
            }
        }
    }

    /// Builds `entry` on its base and hands it on.
    fn child(&mut self, pack: &Pack, at: ObjectAt, entry: u32, kin: &Kin) -> Result<(), String> {
        let packed = pack.entry(entry).ok_or("has a broken header")?;
        self.inflater.inflate(packed.deflated, packed.size, &mut self.delta)?;
        let mut bytes = std::mem::take(&mut self.contents[kin.base]);
        let base_len = bytes.len();
        let sees_bases = self.visitor.sees_bases();
        let outcome = Delta::parse(&self.delta, base_len, &mut self.steps).map_err(|e| e.to_string()).and_then(|delta| {
            let len = delta.result_len() as u64;
            let held = || self.contents.iter().chain([&bytes]).map(|c| c.capacity() as u64).sum::<u64>();
            if len > LARGEST || len > STREAMED && held() + len > HELD {
                return Err(TOO_LARGE.to_owned());
            }
            let mut content = std::mem::take(&mut self.contents[kin.slot]);
            if kin.last && !sees_bases && delta.apply_in_place(&mut bytes) {
                std::mem::swap(&mut content, &mut bytes);
            } else {
                delta.apply(&bytes, &mut content);
            }
            let base = Some(Base { slot: kin.base, len: base_len, bytes: if sees_bases { &bytes } else { &[] }, delta });
            self.visitor.visit(Visit { at, bytes: &content, base, slot: kin.has_children.then_some(kin.slot) });
            self.contents[kin.slot] = content;
            Ok(())
        });
        self.contents[kin.base] = bytes;
        outcome
    }

    /// Tells of an entry that could not be read, and of those built on it.
    fn lost(&mut self, pack: &Pack, families: &Families, entry: u32, why: &str) {
        self.visitor.problem(damaged(&pack.id(entry), why));
        for other in families.descendants(entry) {
            self.visitor.problem(damaged(&pack.id(other), &format!("is built on object {}, which {why}", pack.id(entry))));
        }
    }
}
