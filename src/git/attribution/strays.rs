//! Blobs that no commit has.

use std::collections::{HashMap, HashSet};

use super::{Answer, DEEPEST, History, Stray};
use crate::git::ObjectAt;
use crate::git::trees::To;

impl History<'_> {
    /// Which blobs refs name that are no commits but these blobs themselves, or trees that have them.
    fn named(&mut self) -> Vec<bool> {
        let question = self.question;
        let mut named = vec![false; question.blobs.len()];
        let tips = question.references.iter().filter_map(|r| question.objects.find(&r.peeled));
        let others: HashSet<ObjectAt> = tips.filter(|tip| self.places.get(*tip).is_none()).collect();
        for tip in others {
            question.blobs.iter().zip(&mut named).for_each(|(blob, named)| *named |= blob.at == tip);
            let held = self.differences(Some(tip), None);
            held.iter().filter_map(|d| d.new).for_each(|blob| named[blob as usize] = true);
        }
        named
    }

    /// Blobs that no commit has, with a path where a tree has them.
    pub(super) fn strays(&mut self, answer: &mut Answer) {
        let mut strays: Vec<usize> = (0..self.seen.len()).filter(|&b| !self.seen[b]).collect();
        if self.question.reachable {
            // What only unreachable commits have is nobody's, unless a ref names it or a tree that has it.
            let named = self.named();
            strays.retain(|b| named[*b]);
        }
        if strays.is_empty() {
            return;
        }
        // Names of what leads to each blob and tree, from the trees that have them.
        let mut above: HashMap<To, (ObjectAt, u32)> = HashMap::new();
        for tree in self.trees.leading() {
            for lead in self.trees.leads(tree) {
                let up = above.entry(lead.to).or_insert((tree, lead.name));
                *up = (*up).min((tree, lead.name));
            }
        }
        for blob in strays {
            let mut names = Vec::new();
            let mut at = To::Blob(blob as u32);
            while let Some(&(tree, name)) = above.get(&at) {
                names.push(name);
                at = To::Tree(tree);
                if names.len() > DEEPEST {
                    break;
                }
            }
            names.reverse();
            let path = (!names.is_empty()).then(|| self.joined(&names));
            answer.strays.push(Stray { blob, path });
        }
    }
}
