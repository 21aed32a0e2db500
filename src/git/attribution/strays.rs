//! Blobs that no commit has.

use std::collections::{BTreeMap, HashMap};

use super::{Answer, DEEPEST, History, Stray};
use crate::git::ObjectAt;
use crate::git::trees::To;

impl History<'_> {
    /// For each blob the refs that name no commit but this blob itself, or a tree that has it.
    fn named(&mut self) -> Vec<Vec<usize>> {
        let question = self.question;
        let mut named: Vec<Vec<usize>> = vec![Vec::new(); question.blobs.len()];
        let mut others: BTreeMap<ObjectAt, Vec<usize>> = BTreeMap::new();
        for (r, reference) in question.references.iter().enumerate() {
            if let Some(tip) = question.objects.find(&reference.peeled).filter(|tip| self.places.get(*tip).is_none()) {
                others.entry(tip).or_default().push(r);
            }
        }
        for (tip, refs) in others {
            question.blobs.iter().zip(&mut named).filter(|(blob, _)| blob.at == tip).for_each(|(_, named)| named.extend(&refs));
            let held = self.differences(Some(tip), None);
            held.iter().filter_map(|d| d.new).for_each(|blob| named[blob as usize].extend(&refs));
        }
        for refs in &mut named {
            refs.sort_unstable();
            refs.dedup();
        }
        named
    }

    /// Blobs that no commit has, with a path where a tree has them.
    pub(super) fn strays(&mut self, answer: &mut Answer) {
        let mut strays: Vec<usize> = (0..self.seen.len()).filter(|&b| !self.seen[b]).collect();
        if strays.is_empty() {
            return;
        }
        let mut named = self.named();
        if self.question.reachable {
            // What only unreachable commits have is nobody's, unless a ref names it or a tree that has it.
            strays.retain(|b| !named[*b].is_empty());
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
            answer.strays.push(Stray { blob, path, refs: std::mem::take(&mut named[blob]) });
        }
    }
}
