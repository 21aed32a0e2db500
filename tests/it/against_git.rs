//! What changed is what git says has changed: the same on random repositories, commit by commit and for the index.

use std::collections::{BTreeMap, BTreeSet};

use keysift::git::{Repository, Step};
use keysift::model::ObjectId;

use crate::support::Tree;

/// Numbers that look random and are the same at every run.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % sides
    }

    /// A path of few names, so that files, folders and renames meet.
    fn path(&mut self) -> String {
        let depth = 1 + self.roll(3);
        let parts: Vec<String> = (0..depth).map(|_| ["a", "a.b", "a-", "b", "c0"][self.roll(5) as usize].to_owned()).collect();
        parts.join("/")
    }

    /// Changes some files: writes, deletes, renames, replaces files by folders and folders by files.
    fn meddle(&mut self, tree: &Tree) {
        for _ in 0..2 + self.roll(6) {
            let path = self.path();
            let full = tree.path(&path);
            match self.roll(6) {
                0 => drop(std::fs::remove_file(&full)),
                1 => drop(std::fs::remove_dir_all(&full).or_else(|_| std::fs::remove_file(&full))),
                2 => {
                    let to = tree.path(self.path());
                    if !to.exists() && !to.starts_with(&full) && to.parent().is_some_and(|p| std::fs::create_dir_all(p).is_ok()) {
                        drop(std::fs::rename(&full, to));
                    }
                }
                _ => {
                    let folder = full.parent().expect("it has one");
                    if std::fs::create_dir_all(folder).is_ok() {
                        drop(std::fs::write(&full, format!("{}\n", self.roll(40))));
                    }
                }
            }
        }
        tree.git("add -A .");
    }
}

/// `git diff-…` in its raw form: the paths whose newer side is a file, with its id.
fn raw(text: &str) -> BTreeMap<String, String> {
    let files = text.lines().filter_map(|line| {
        let (meta, path) = line.trim_start_matches(':').split_once('\t')?;
        let words: Vec<&str> = meta.split(' ').collect();
        // One mode and id for each parent, then those of the newer side.
        let parents = line.bytes().take_while(|&b| b == b':').count();
        let (mode, id) = (words[parents], words[2 * parents + 1]);
        mode.starts_with("10").then(|| (path.to_owned(), id.to_owned()))
    });
    files.collect()
}

/// Files of a commit's tree.
fn files(tree: &Tree, commit: &str) -> BTreeMap<String, String> {
    let listing = tree.git_says(".", &format!("ls-tree -r {commit}"));
    listing.lines().filter_map(|l| l.split_once('\t')).map(|(meta, path)| (path.to_owned(), meta[12..].to_owned())).collect()
}

/// Compares what a step adds with what git says: all of it, but for files that only got another name.
#[track_caller]
fn same(step: &Step, git: &BTreeMap<String, String>, parents: &[BTreeMap<String, String>], now: &BTreeSet<String>) -> usize {
    let ours: BTreeMap<String, String> =
        step.added.iter().map(|a| (String::from_utf8(a.path.clone()).unwrap(), a.blob.to_string())).collect();
    // Modes alone, and what a parent has at that path just so, add nothing.
    let mut expected: BTreeMap<String, String> =
        git.iter().filter(|(path, id)| parents.iter().all(|p| p.get(*path) != Some(id))).map(|(p, i)| (p.clone(), i.clone())).collect();
    let gone: BTreeSet<&String> =
        parents.iter().flat_map(|p| p.iter().filter(|(path, _)| !now.contains(*path)).map(|(_, id)| id)).collect();
    expected.retain(|path, id| parents.iter().any(|p| p.contains_key(path)) || !gone.contains(id));
    assert_eq!(ours, expected);
    for added in &step.added {
        let path = String::from_utf8(added.path.clone()).unwrap();
        let before: Vec<&String> = parents.iter().filter_map(|p| p.get(&path)).collect();
        let ours: Vec<String> = added.before.iter().map(ToString::to_string).collect();
        assert_eq!(ours.iter().collect::<Vec<_>>(), before);
    }
    ours.len()
}

fn walk(seed: u64, settings: &[&str]) -> (usize, usize) {
    let tree = Tree::new();
    let mut dice = Dice(seed);
    tree.git("init -q");
    settings.iter().for_each(|s| tree.git(&format!("config {s}")));
    let (mut staged, mut committed) = (0, 0);
    let mut commits: Vec<String> = Vec::new();
    for round in 0..30 {
        dice.meddle(&tree);
        let repository = Repository::open(&tree.path("")).unwrap();
        let parents: Vec<_> = commits.last().map(|c| files(&tree, c)).into_iter().collect();
        let index: BTreeSet<String> = tree.git_says(".", "ls-files").lines().map(str::to_owned).collect();
        let git = match commits.last() {
            Some(_) => raw(&tree.git_says(".", "diff-index --cached --no-renames --no-abbrev HEAD")),
            None => {
                let listing = tree.git_says(".", "ls-files --stage");
                listing.lines().filter_map(|l| l.split_once('\t')).map(|(meta, path)| (path.to_owned(), meta[7..47].to_owned())).collect()
            }
        };
        let step = repository.staged(&[]).unwrap();
        assert_eq!(
            step.differs,
            if commits.is_empty() {
                !index.is_empty()
            } else {
                !tree.try_git(".", &["diff-index", "--cached", "--quiet", "HEAD"], &[]).status.success()
            },
            "round {round}"
        );
        staged += same(&step, &git, &parents, &index);
        // Most commits are newer than the last one; some clocks are wrong.
        let late = if dice.roll(5) == 0 { 0 } else { round * 3600 };
        let date = format!("{} +0000", 1_767_225_600 + late + dice.roll(7200));
        let dated = [("GIT_COMMITTER_DATE", date.as_str())];
        assert!(tree.try_git(".", &["commit", "-q", "--allow-empty", "-m", "x"], &dated).status.success());
        let mut commit = tree.git_says(".", "rev-parse HEAD");
        let mut of = vec![commits.last().cloned()];
        if round % 3 == 2 {
            // The same tree again, as a merge of what came before.
            let (one, other) = (&commits[dice.roll(commits.len() as u64) as usize], &commits[dice.roll(commits.len() as u64) as usize]);
            if one != other {
                let words = ["commit-tree", &format!("{commit}^{{tree}}"), "-p", one, "-p", other, "-m", "merge"];
                commit = String::from_utf8(tree.try_git(".", &words, &dated).stdout).unwrap().trim().to_owned();
                of = vec![Some(one.clone()), Some(other.clone())];
                tree.git(&format!("update-ref HEAD {commit}"));
            }
        }
        let parents: Vec<_> = of.iter().flatten().map(|p| files(&tree, p)).collect();
        let now: BTreeSet<String> = files(&tree, &commit).into_keys().collect();
        let git = raw(&tree.git_says(".", &format!("diff-tree --root -r -c --no-renames --no-abbrev --no-commit-id {commit}")));
        let step = repository.step(ObjectId::parse(commit.as_bytes()).unwrap()).unwrap();
        committed += same(&step, &git, &parents, &now);
        commits.push(commit);
    }
    for _ in 0..30 {
        let mut some = || commits[dice.roll(commits.len() as u64) as usize].clone();
        let (one, other) = (some(), some());
        let repository = Repository::open(&tree.path("")).unwrap();
        let ours: BTreeSet<String> =
            repository.range(&format!("{one}..{other}")).unwrap().commits.iter().map(ToString::to_string).collect();
        let git: BTreeSet<String> = tree.git_says(".", &format!("rev-list {one}..{other}")).lines().map(str::to_owned).collect();
        assert_eq!(ours, git, "{one}..{other}");
    }
    (staged, committed)
}

#[test]
fn random_repositories() {
    for (seed, settings) in
        [(1, &["index.version 4"][..]), (2, &["core.splitIndex true"]), (3, &["core.untrackedCache true", "index.skipHash true"]), (4, &[])]
    {
        let (staged, committed) = walk(seed, settings);
        assert!(staged > 20 && committed > 20, "{staged} {committed}");
    }
}
