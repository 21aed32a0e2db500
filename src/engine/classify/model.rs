//! Boosted trees: from features to log-odds.

use std::sync::OnceLock;

use super::features::{F, Features, N, features};
use super::{Candidate, Scores};
use crate::engine::assignment::{Operator, Quote};

/// A question of a tree: is the feature at most `threshold`?
#[derive(Clone, Copy, Debug)]
struct Cut {
    threshold: i16,
    tree: u8,
    /// The leaves that can still be reached if the answer is not that of the typical candidate.
    kept: u32,
}

/// All questions about one feature.
#[derive(Clone, Debug, Default)]
struct Cuts {
    /// What the typical candidate has.
    typical: i16,
    /// Those with lower thresholds, highest first.
    below: Vec<Cut>,
    /// The others, lowest first.
    above: Vec<Cut>,
}

/// Boosted trees, each of at most 32 leaves, asked feature by feature.
///
/// Walking down 150 trees costs a wrong guess of the processor's for each, 3 µs in all. Here all questions about one feature stand side by side by threshold,
/// each with the leaves of its tree that the answer strikes out. The first leaf that is left in a tree is the one that a walk would have come to
/// (QuickScorer: Lucchese et al., "QuickScorer: a fast algorithm to rank documents with additive ensembles of regression trees", 2015). Which side of a
/// question comes first is free: it is that of a typical candidate, so that only what another candidate answers otherwise costs anything.
#[derive(Debug, Default)]
pub struct Model {
    /// Log-odds before any tree, in 1/4096, as leaves are.
    base: i32,
    /// For each feature its cuts; none for the kind of file.
    cuts: Vec<Cuts>,
    /// Cuts by the kind of file, by tree.
    kind_cuts: Vec<Cut>,
    /// Leaves of every tree from left to right, [`LEAVES`] to a tree.
    leaves: Vec<[i16; LEAVES]>,
}

/// Trees, at most.
const TREES: usize = 256;
/// Leaves of a tree, at most.
const LEAVES: usize = u32::BITS as usize;
/// Numbers from here on are leaves, below it nodes.
const LEAF: u8 = 128;

impl Model {
    /// That of this build.
    pub fn get() -> &'static Self {
        static MODEL: OnceLock<Model> = OnceLock::new();
        MODEL.get_or_init(|| Self::parse(include_bytes!("model.bin"), &typical()).expect("the model of this build is whole"))
    }

    /// Reads what `train.py` writes: features, trees, base; then for each tree its nodes (feature, threshold, where to go on) and leaves. Little-endian.
    fn parse(mut bytes: &[u8], typical: &Features) -> Option<Self> {
        let mut take = |n: usize| {
            let (head, rest) = bytes.split_at_checked(n)?;
            bytes = rest;
            Some(head)
        };
        let short = |b: &[u8]| i16::from_le_bytes([b[0], b[1]]);
        if usize::from(short(take(2)?).unsigned_abs()) != N {
            return None;
        }
        let trees = usize::from(short(take(2)?).unsigned_abs());
        if trees > TREES {
            return None;
        }
        let mut model = Self { base: i32::from_le_bytes(take(4)?.try_into().ok()?), ..Self::default() };
        model.cuts = typical.values().iter().map(|&typical| Cuts { typical, ..Cuts::default() }).collect();
        for tree in 0..trees {
            let count = usize::from(take(1)?[0]);
            let nodes = take(count * 5)?;
            let values = take((count + 1) * 2)?;
            if count >= LEAVES {
                return None;
            }
            // Depth first, the typical side first: the order of the leaves.
            let mut leaves = Vec::new();
            let mut path = vec![Step::Enter(if count == 0 { LEAF } else { 0 })];
            let mut visited = 0;
            while let Some(step) = path.pop() {
                match step {
                    Step::Enter(at) if at >= LEAF => leaves.push(short(values.get(usize::from(at - LEAF) * 2..)?.get(..2)?)),
                    Step::Enter(at) => {
                        let node = nodes.get(usize::from(at) * 5..)?.get(..5)?;
                        visited += 1;
                        if usize::from(node[0]) >= N || visited > count {
                            return None;
                        }
                        let is_above = typical.values()[usize::from(node[0])] > short(&node[1..]);
                        let (first, second) = if is_above { (node[4], node[3]) } else { (node[3], node[4]) };
                        // Taken from the end.
                        path.extend([Step::Enter(second), Step::Leave(at, leaves.len()), Step::Enter(first)]);
                    }
                    Step::Leave(at, first) => {
                        let node = &nodes[usize::from(at) * 5..];
                        let struck = (first..leaves.len()).fold(0, |mask, leaf| mask | 1 << leaf);
                        let cut = Cut { threshold: short(&node[1..]), tree: tree as u8, kept: !struck };
                        let cuts = &mut model.cuts[usize::from(node[0])];
                        if cuts.typical > cut.threshold { cuts.below.push(cut) } else { cuts.above.push(cut) }
                    }
                }
            }
            leaves.resize(LEAVES, 0);
            model.leaves.push(leaves.try_into().ok()?);
        }
        // Trees were read in order, so these are.
        model.kind_cuts = std::mem::take(&mut model.cuts[F::file_kind as usize].above);
        for cuts in &mut model.cuts {
            cuts.below.sort_by_key(|cut| std::cmp::Reverse(cut.threshold));
            cuts.above.sort_by_key(|cut| cut.threshold);
        }
        bytes.is_empty().then_some(model)
    }

    /// Log-odds for every kind of file. The kind is asked for in few trees: what the others say is summed up once.
    pub fn scores(&self, features: &Features) -> Scores {
        let mut left = [u32::MAX; TREES];
        for (cuts, &value) in self.cuts.iter().zip(&features.0) {
            if value > cuts.typical {
                for cut in cuts.above.iter().take_while(|cut| value > cut.threshold) {
                    left[usize::from(cut.tree)] &= cut.kept;
                }
            } else if value < cuts.typical {
                for cut in cuts.below.iter().take_while(|cut| value <= cut.threshold) {
                    left[usize::from(cut.tree)] &= cut.kept;
                }
            }
        }
        let leaf = |tree: usize, left: u32| i32::from(self.leaves[tree][left.trailing_zeros() as usize % LEAVES]);
        let sum = self.base + left[..self.leaves.len()].iter().enumerate().map(|(tree, &left)| leaf(tree, left)).sum::<i32>();
        Scores(std::array::from_fn(|kind| {
            let of_kind = |cuts: &[Cut]| {
                let tree = usize::from(cuts[0].tree);
                let struck = cuts.iter().filter(|cut| kind as i16 > cut.threshold).fold(left[tree], |left, cut| left & cut.kept);
                leaf(tree, struck) - leaf(tree, left[tree])
            };
            let sum = sum + self.kind_cuts.chunk_by(|a, b| a.tree == b.tree).map(of_kind).sum::<i32>();
            (sum / 16).clamp(i32::from(i16::MIN), i32::from(i16::MAX)) as i16
        }))
    }
}

/// What most candidates are like: a token of three dozen characters, quoted, behind a name and an equals sign. The kind of file is the first.
fn typical() -> Features {
    features(&Candidate {
        name: b"api_token",
        anchor: b"token",
        value: b"q7Wk2Zr9-Typical.Mixture_of5-h3Xv8Lt",
        before: b"    ",
        between: b" = ",
        behind: b"",
        quote: Quote::Double,
        operator: Operator::Assign,
        alone: true,
    })
}

/// A step on the way through a tree.
enum Step {
    /// To a node or leaf.
    Enter(u8),
    /// From a node's first side, whose leaves begin at this one, to its second.
    Leave(u8, usize),
}

#[cfg(test)]
mod tests {
    use super::{LEAF, Model, typical};
    use crate::engine::classify::features::{F, Features, N};

    #[test]
    fn the_tables_are_sound_and_small() {
        let model = Model::get();
        assert!(!model.leaves.is_empty());
        let bytes = include_bytes!("model.bin").len() + include_bytes!("language.bin").len();
        assert!(bytes < 300 << 10);
        assert!(Model::parse(&include_bytes!("model.bin")[..100], &typical()).is_none());
    }

    /// The trees of the file, each walked from its first node.
    fn walked(features: &Features, kind: i16) -> i32 {
        let bytes = include_bytes!("model.bin");
        let short = |at: usize| i16::from_le_bytes([bytes[at], bytes[at + 1]]);
        let mut sum = i32::from_le_bytes(bytes[4..8].try_into().unwrap());
        let mut at = 8;
        for _ in 0..short(2) {
            let count = usize::from(bytes[at]);
            let leaves = at + 1 + count * 5;
            let mut go = if count == 0 { LEAF } else { 0 };
            while go < LEAF {
                let node = at + 1 + usize::from(go) * 5;
                let feature = usize::from(bytes[node]);
                let value = if feature == F::file_kind as usize { kind } else { features.0[feature] };
                go = bytes[node + 3 + usize::from(value > short(node + 1))];
            }
            sum += i32::from(short(leaves + usize::from(go - LEAF) * 2));
            at = leaves + (count + 1) * 2;
        }
        sum / 16
    }

    #[test]
    fn asked_feature_by_feature_the_trees_say_what_a_walk_says() {
        let mut state = 7_u32;
        let mut next = |below: u32| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 16) % below
        };
        for _ in 0..500 {
            let mut features = Features([0; N]);
            for value in &mut features.0[1..] {
                let most = [2, 12, 140][next(3) as usize];
                *value = next(most) as i16;
            }
            let scores = Model::get().scores(&features);
            for (kind, &score) in scores.0.iter().enumerate() {
                assert_eq!(i32::from(score), walked(&features, kind as i16));
            }
        }
    }
}
