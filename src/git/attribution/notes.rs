//! What commits say of themselves, taken down while they are read for something else.

use crate::git::lookup::LookUps;
use crate::git::{ObjectAt, Objects};
use crate::model::ObjectId;

/// What a commit says of itself, as numbers.
#[derive(Clone, Debug)]
pub struct CommitNote {
    pub(super) at: ObjectAt,
    pub(super) tree: Option<ObjectAt>,
    pub(super) parents: Vec<ObjectAt>,
    pub(super) committed: i64,
    /// Ids that it names and that are not there.
    pub(super) absent: Vec<ObjectId>,
}

/// Takes note of commits, one after the other.
pub struct CommitNotes<'o> {
    objects: &'o Objects,
    notes: Vec<CommitNote>,
    /// What was named by which note, and whether it is the tree.
    named: LookUps<(usize, bool)>,
}

impl<'o> CommitNotes<'o> {
    /// None yet.
    #[must_use]
    pub fn new(objects: &'o Objects) -> Self {
        Self { objects, notes: Vec::new(), named: LookUps::default() }
    }

    /// Reads the content of the commit at `at`, and says where the ids end with which it begins; `None` where it is none.
    pub fn read(&mut self, at: ObjectAt, bytes: &[u8]) -> Option<usize> {
        let commit = self.objects.parse(bytes)?;
        // Where it lies twice, one place stands for both.
        let at = self.objects.first(at);
        let parents = Vec::with_capacity(commit.parents.len());
        self.notes.push(CommitNote { at, tree: None, parents, committed: commit.committed, absent: Vec::new() });
        let number = self.notes.len() - 1;
        let mut due = self.named.ask(commit.tree, (number, true));
        for parent in commit.parents {
            due = self.named.ask(parent, (number, false));
        }
        if due {
            self.look_up();
        }
        Some(commit.ids_end)
    }

    fn look_up(&mut self) {
        self.named.answer(self.objects, |(number, is_tree), id, found| {
            let note = &mut self.notes[number];
            match found {
                None => note.absent.push(*id),
                Some(at) if is_tree => note.tree = Some(at),
                Some(at) => note.parents.push(at),
            }
        });
    }

    /// All of them.
    #[must_use]
    pub fn finish(mut self) -> Vec<CommitNote> {
        self.look_up();
        self.notes
    }
}
