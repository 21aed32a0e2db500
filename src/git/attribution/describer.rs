//! Commits in words.

use std::collections::HashMap;
use std::sync::Arc;

use super::Question;
use crate::git::objects::damaged;
use crate::git::{ObjectAt, ObjectReader};
use crate::model::{Commit, Problem};

/// Describes commits, each once.
pub(super) struct Describer<'q> {
    question: &'q Question<'q>,
    reader: ObjectReader<'q>,
    known: HashMap<ObjectAt, Option<Arc<Commit>>>,
    /// Commits that could not be read.
    pub problems: Vec<Problem>,
}

impl<'q> Describer<'q> {
    pub fn new(question: &'q Question<'q>) -> Self {
        Self { question, reader: question.objects.reader(), known: HashMap::new(), problems: Vec::new() }
    }

    /// Every commit that was described.
    pub fn described(&self) -> impl Iterator<Item = &Arc<Commit>> {
        self.known.values().flatten()
    }

    /// The commit at `at`; `None` where it is none, or cannot be read.
    pub fn describe(&mut self, at: ObjectAt) -> Option<Arc<Commit>> {
        if let Some(known) = self.known.get(&at) {
            return known.clone();
        }
        let commit = match self.reader.commit(at) {
            Ok(commit) => commit.map(Arc::new),
            Err(why) => {
                self.problems.push(damaged(&self.question.objects.id(at), &why));
                None
            }
        };
        self.known.insert(at, commit.clone());
        commit
    }
}
