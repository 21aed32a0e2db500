//! What merges took away: a side had it, the merge has not, and no commit of its own tells of that.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::History;
use super::paths::PathNumber;

/// A thing that came to a path with a commit.
pub(super) type Arrival = (u32, PathNumber, usize);

/// How a commit stands to arrivals, a bit for each.
#[derive(Clone, Copy, Default)]
struct State {
    /// Those among its ancestors.
    after: u64,
    /// Those whose thing it has at their path.
    here: u64,
    /// Those whose thing has come down to it and was never away.
    kept: u64,
}

impl History<'_> {
    /// The merges that took away what arrived: one parent has kept it, no parent comes after it without it, and the merge has it not. A parent
    /// that comes after it without it has a commit that took it away, and the merge but agrees. Arrivals that `HEAD` still has, or lost by a
    /// commit, are left out; of several merges one that `HEAD` has is told, or else the first.
    pub(super) fn dropped(&self, at_head: &HashSet<(u32, PathNumber)>, of_head: &[bool]) -> HashMap<Arrival, usize> {
        let mut dropped = HashMap::new();
        let is_merge = |i: usize| self.parents(i).nth(1).is_some();
        let Some(first_merge) = (0..self.commits.len()).find(|&i| is_merge(i)) else { return dropped };
        let mut due: Vec<Arrival> = Vec::new();
        for (&(thing, path), events) in &self.events {
            let last = events.introduced.last().map(|e| e.0).filter(|_| at_head.contains(&(thing, path)));
            let removed = events.removed.iter().rev().find(|&&r| of_head[r]);
            let open = events.introduced.iter().map(|e| e.0).filter(|&i| Some(i) != last && removed.is_none_or(|&r| r < i));
            due.extend(open.map(|i| (thing, path, i)));
        }
        due.sort_unstable();
        due.dedup();
        let mut states = vec![State::default(); self.commits.len()];
        // 64 of them go down history together.
        for due in due.chunks(64) {
            let mut arrivals: Vec<(usize, u64)> = due.iter().enumerate().map(|(bit, &(_, _, i))| (i, 1 << bit)).collect();
            let mut bits: BTreeMap<(u32, PathNumber), u64> = BTreeMap::new();
            for (&(thing, path, _), (_, bit)) in due.iter().zip(&arrivals) {
                *bits.entry((thing, path)).or_default() |= bit;
            }
            let mut turns: Vec<(usize, bool, u64)> = Vec::new();
            for (of, bits) in bits {
                let events = &self.events[&of];
                let comes = events.introduced.iter().map(|e| e.0).chain(events.merged.iter().copied());
                turns.extend(comes.map(|i| (i, true, bits)));
                turns.extend(events.removed.iter().chain(&events.unmerged).map(|&i| (i, false, bits)));
            }
            arrivals.sort_unstable();
            turns.sort_unstable();
            let begin = turns.first().map_or(first_merge, |t| t.0);
            let (mut arrivals, mut turns) = (arrivals.into_iter().peekable(), turns.into_iter().peekable());
            states[..begin].fill(State::default());
            for i in begin..self.commits.len() {
                let mut parents = self.parents(i).map(|p| states[p]);
                let mut state = parents.next().unwrap_or_default();
                let mut lost = state.after & !state.kept;
                for parent in parents {
                    lost |= parent.after & !parent.kept;
                    state.after |= parent.after;
                    state.kept |= parent.kept;
                }
                while let Some((_, comes, bits)) = turns.next_if(|t| t.0 == i) {
                    state.here = if comes { state.here | bits } else { state.here & !bits };
                }
                let mut taken = state.kept & !state.here & !lost;
                state.kept &= state.here;
                while let Some((_, bit)) = arrivals.next_if(|a| a.0 == i) {
                    state.after |= bit;
                    state.kept |= bit;
                }
                states[i] = state;
                while taken != 0 && is_merge(i) {
                    let merge = dropped.entry(due[taken.trailing_zeros() as usize]).or_insert(i);
                    if of_head[i] && !of_head[*merge] {
                        *merge = i;
                    }
                    taken &= taken - 1;
                }
            }
        }
        dropped
    }
}
