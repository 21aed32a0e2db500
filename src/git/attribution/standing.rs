//! Where a thing still stands: at `HEAD`, on which branches, in which tags.

use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};
use std::ops::Range;
use std::sync::Arc;

use super::events::Difference;
use super::paths::PathNumber;
use super::{Answer, History};
use crate::git::SharedSets;

/// A thing in the tree at hand.
struct Standing {
    /// At how many paths.
    paths: u32,
    /// From which tip on.
    since: usize,
}

impl History<'_> {
    /// Things and paths in the tree of commit `i`.
    pub(super) fn tip(&mut self, i: usize) -> HashSet<(u32, PathNumber)> {
        let mut found = HashSet::new();
        for Difference { path, new, .. } in self.differences(self.commits[i].tree, None) {
            found.extend(self.things(self.marks(new), path).into_iter().map(|(thing, _)| (thing, path)));
        }
        found
    }

    /// The refs at whose tip each thing stands. Tips that lie close together in history have nearly the same tree, so each is compared with
    /// the one before it, and what is noted are the runs of tips that have a thing.
    fn live(&mut self, tips: &[Option<usize>], sets: &mut SharedSets, answer: &mut Answer) {
        let mut references: Vec<usize> = (0..tips.len()).filter(|&r| tips[r].is_some()).collect();
        references.sort_by_key(|&r| (tips[r], r));
        let mut standing: HashMap<u32, Standing> = HashMap::new();
        let mut runs: HashMap<u32, Vec<Range<usize>>> = HashMap::new();
        let mut at_hand = None;
        for (i, &reference) in references.iter().enumerate() {
            let tree = tips[reference].and_then(|tip| self.commits[tip].tree);
            for Difference { path, new, old } in self.differences(tree, at_hand) {
                for (thing, _) in self.things(self.marks(old), path) {
                    if let Entry::Occupied(mut stands) = standing.entry(thing) {
                        stands.get_mut().paths -= 1;
                        if stands.get().paths == 0 {
                            runs.entry(thing).or_default().push(stands.remove().since..i);
                        }
                    }
                }
                for (thing, _) in self.things(self.marks(new), path) {
                    standing.entry(thing).or_insert(Standing { paths: 0, since: i }).paths += 1;
                }
            }
            at_hand = tree;
        }
        for (thing, stands) in standing {
            runs.entry(thing).or_default().push(stands.since..references.len());
        }
        let mut known: HashMap<Vec<Range<usize>>, Arc<[usize]>> = HashMap::new();
        for (thing, runs) in runs {
            let live = known.entry(runs).or_insert_with_key(|runs| {
                let mut live: Vec<usize> = runs.iter().flat_map(|run| &references[run.clone()]).copied().collect();
                live.sort_unstable();
                sets.of(&live)
            });
            answer.holding.entry(thing).or_default().live = Arc::clone(live);
        }
    }

    /// Which refs hold each thing.
    pub(super) fn holding(&mut self, head: Option<usize>, at_head: &HashSet<(u32, PathNumber)>, answer: &mut Answer) {
        let references = self.question.references;
        let tips: Vec<Option<usize>> = references.iter().map(|r| self.place(&r.peeled)).collect();
        let mut sets = SharedSets::default();
        self.live(&tips, &mut sets, answer);
        for (thing, _) in at_head {
            answer.holding.entry(*thing).or_default().at_head = true;
        }
        // Where each thing enters history.
        let mut entries: HashMap<u32, Vec<usize>> = HashMap::new();
        for ((thing, _), events) in &self.events {
            entries.entry(*thing).or_default().extend(events.introduced.iter().map(|e| e.0));
        }
        let mut of_messages = HashSet::new();
        for message in self.question.messages {
            if let Some(i) = self.place_at(message.at) {
                for &mark in &message.marks {
                    let thing = self.question.things[mark as usize];
                    entries.entry(thing).or_default().push(i);
                    of_messages.insert(thing);
                }
            }
        }
        let mut things: Vec<u32> = entries.keys().copied().collect();
        things.sort_unstable();
        let mut bits = vec![0_u64; self.commits.len()];
        // A bit for a thing: 64 of them go down history together.
        for things in things.chunks(64) {
            bits.fill(0);
            for (bit, thing) in things.iter().enumerate() {
                for &i in &entries[thing] {
                    bits[i] |= 1 << bit;
                }
            }
            for i in 0..self.commits.len() {
                let inherited = self.parents(i).fold(0, |all, p| all | bits[p]);
                bits[i] |= inherited;
            }
            for (bit, &thing) in things.iter().enumerate() {
                let has = |tip: Option<usize>| tip.is_some_and(|i| bits[i] >> bit & 1 != 0);
                let holding = answer.holding.entry(thing).or_default();
                let refs: Vec<usize> = (0..tips.len()).filter(|&r| has(tips[r])).collect();
                holding.refs = sets.of(&refs);
                if of_messages.contains(&thing) && has(head) {
                    holding.at_head = true;
                }
            }
        }
    }
}
