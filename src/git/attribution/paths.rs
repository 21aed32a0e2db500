//! Paths as numbers: comparing and keeping them costs as much as a number does.

use super::NumberMap;

/// Paths that are known at all, folders among them.
const MOST_KNOWN_PATHS: usize = 4_000_000;

/// Paths by number. A path is the one of the folder it lies in, and a name.
#[derive(Default)]
pub struct Paths {
    numbers: NumberMap<(PathNumber, u32), PathNumber>,
    /// Folder and name of each path but the first, the root.
    steps: Vec<(PathNumber, u32)>,
}

/// The number of a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PathNumber(u32);

impl Paths {
    /// The path of the root.
    pub const ROOT: PathNumber = PathNumber(0);

    /// The path of `name` in `folder`; `None` where there are too many.
    pub fn child(&mut self, folder: PathNumber, name: u32) -> Option<PathNumber> {
        if let Some(&known) = self.numbers.get(&(folder, name)) {
            return Some(known);
        }
        if self.steps.len() >= MOST_KNOWN_PATHS {
            return None;
        }
        self.steps.push((folder, name));
        let number = PathNumber(self.steps.len() as u32);
        self.numbers.insert((folder, name), number);
        Some(number)
    }

    /// The names that make up `path`.
    pub fn names(&self, mut path: PathNumber) -> Vec<u32> {
        let mut names = Vec::new();
        while path != Self::ROOT {
            let (folder, name) = self.steps[path.0 as usize - 1];
            names.push(name);
            path = folder;
        }
        names.reverse();
        names
    }
}
