//! `--include` and `--exclude`, and what a configuration excludes.

use std::borrow::Cow;
use std::path::{Path, PathBuf};

use globset::{GlobBuilder, GlobSet, GlobSetBuilder};

use crate::git::Repository;

/// A glob that does not parse.
#[derive(Debug, thiserror::Error)]
#[error("invalid glob {glob:?}: {reason}")]
pub struct FilterError {
    glob: String,
    reason: String,
}

/// Globs over paths relative to the scanned root, in the manner of ignore files: without a slash a glob matches at any depth, and one that
/// matches a folder covers all in it. Those of a configuration are over paths relative to its folder, whichever part of it is scanned.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    include: Option<GlobSet>,
    exclude: Option<GlobSet>,
    configured: Option<Configured>,
}

/// What a configuration excludes.
#[derive(Clone, Debug)]
struct Configured {
    globs: GlobSet,
    /// The configuration's folder.
    folder: PathBuf,
    root: Root,
}

/// Where the scanned root lies, seen from the folder of the configuration.
#[derive(Clone, Debug)]
enum Root {
    /// Below it by this path, or there.
    Below(PathBuf),
    /// Above it: this is the way back.
    Above(PathBuf),
    /// Elsewhere: globs are over paths relative to the root.
    Elsewhere,
}

impl Configured {
    fn matches(&self, path: &Path) -> bool {
        let path = match &self.root {
            Root::Below(way) if !way.as_os_str().is_empty() => Cow::Owned(way.join(path)),
            Root::Above(way) => Cow::Borrowed(path.strip_prefix(way).unwrap_or(path)),
            Root::Below(_) | Root::Elsewhere => Cow::Borrowed(path),
        };
        self.globs.is_match(&*path)
    }
}

impl Filter {
    /// Nothing included means everything.
    ///
    /// # Errors
    /// A glob that does not parse.
    pub fn new(include: &[String], exclude: &[String]) -> Result<Self, FilterError> {
        Ok(Self { include: set(include)?, exclude: set(exclude)?, configured: None })
    }

    /// Excludes also what a configuration in `folder` does.
    ///
    /// # Errors
    /// A glob that does not parse.
    pub fn configured(self, exclude: &[String], folder: &Path) -> Result<Self, FilterError> {
        let configured = set(exclude)?.map(|globs| Configured { globs, folder: whole(folder), root: Root::Elsewhere });
        Ok(Self { configured, ..self })
    }

    /// The same for paths relative to `root`.
    #[must_use]
    pub fn seen_from(&self, root: &Path) -> Self {
        let mut seen = self.clone();
        if let Some(configured) = &mut seen.configured {
            let root = whole(root);
            let below = root.strip_prefix(&configured.folder).map(|way| Root::Below(way.to_owned()));
            let above = || configured.folder.strip_prefix(&root).map(|way| Root::Above(way.to_owned()));
            configured.root = below.or_else(|_| above()).unwrap_or(Root::Elsewhere);
        }
        seen
    }

    /// The same for paths relative to the top of `repository`. One without a working tree is in no place that a configuration could speak of.
    #[must_use]
    pub fn of_repository(self, repository: &Repository) -> Self {
        match repository.worktree() {
            Some(top) => self.seen_from(top),
            None => self,
        }
    }

    /// Whether there are no globs at all: nothing is excluded, all is included.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.include.is_none() && self.exclude.is_none() && self.configured.is_none()
    }

    /// Whether `path`, a file or folder, is excluded.
    #[must_use]
    pub fn excludes(&self, path: &Path) -> bool {
        self.exclude.as_ref().is_some_and(|set| set.is_match(path)) || self.configured.as_ref().is_some_and(|c| c.matches(path))
    }

    /// Whether the globs let the file `path` through: neither it nor a folder above it is excluded, and it is among what is asked for.
    #[must_use]
    pub fn admits(&self, path: &Path) -> bool {
        !self.excludes_within(path) && self.includes(path)
    }

    /// Whether the file `path`, or a folder above it and below the root, is excluded.
    #[must_use]
    pub fn excludes_within(&self, path: &Path) -> bool {
        let is_below_root = |a: &&Path| !a.as_os_str().is_empty();
        !self.is_empty() && path.ancestors().take_while(is_below_root).any(|a| self.excludes(a))
    }

    /// Whether the file `path` is among those asked for by `--include`: it or a folder above it matches.
    #[must_use]
    pub fn includes(&self, path: &Path) -> bool {
        self.include.as_ref().is_none_or(|set| path.ancestors().any(|a| set.is_match(a)))
    }
}

/// `path` without links and detours, as far as it exists.
fn whole(path: &Path) -> PathBuf {
    let path = if path.as_os_str().is_empty() { Path::new(".") } else { path };
    path.canonicalize().unwrap_or_else(|_| path.to_owned())
}

fn set(globs: &[String]) -> Result<Option<GlobSet>, FilterError> {
    if globs.is_empty() {
        return Ok(None);
    }
    let mut builder = GlobSetBuilder::new();
    for glob in globs {
        let failed = |e: globset::Error| FilterError { glob: glob.clone(), reason: e.kind().to_string() };
        let refused = |reason: &str| Err(FilterError { glob: glob.clone(), reason: reason.to_owned() });
        let plain = glob.trim_start_matches("./").trim_end_matches('/');
        if plain.trim().is_empty() {
            return refused("it matches nothing; is a variable empty?");
        }
        if plain.starts_with('!') {
            return refused("a glob cannot be negated");
        }
        let full = match plain.strip_prefix('/') {
            Some(anchored) => anchored.to_owned(),
            None if plain.contains('/') => plain.to_owned(),
            None => format!("**/{plain}"),
        };
        builder.add(GlobBuilder::new(&full).literal_separator(true).build().map_err(failed)?);
    }
    builder.build().map(Some).map_err(|e| FilterError { glob: globs.join(", "), reason: e.to_string() })
}

#[cfg(test)]
mod tests {
    use super::Filter;
    use std::path::Path;

    #[test]
    fn what_matches_nothing_is_refused() {
        for glob in ["", " ", "/", "./", "!vendor", "["] {
            assert!(Filter::new(&[], &[glob.to_owned()]).is_err(), "{glob:?}");
        }
    }

    #[test]
    fn globs_in_the_manner_of_ignore_files() {
        let of = |g: &str| Filter::new(&[], &[g.to_owned()]).unwrap();
        assert!(of("*.min.js").excludes(Path::new("web/a.min.js")));
        assert!(of("vendor/").excludes(Path::new("a/vendor")));
        assert!(of("docs/*.md").excludes(Path::new("docs/a.md")));
        assert!(!of("docs/*.md").excludes(Path::new("docs/sub/a.md")));
        assert!(!of("/vendor").excludes(Path::new("a/vendor")));
        let only = Filter::new(&["src".to_owned(), "*.env".to_owned()], &[]).unwrap();
        assert!(
            only.includes(Path::new("src/deep/a.rs")) && only.includes(Path::new("x/prod.env")) && !only.includes(Path::new("README.md"))
        );
        assert!(Filter::new(&["a[".to_owned()], &[]).is_err());
    }

    #[test]
    fn globs_of_a_configuration_are_relative_to_its_folder() {
        let folder = tempfile::tempdir().unwrap();
        let at = |path: &str| folder.path().join(path);
        for path in ["top/src", "elsewhere"] {
            std::fs::create_dir_all(at(path)).unwrap();
        }
        let filter = Filter::default().configured(&["src/vendor".to_owned(), "*.min.js".to_owned()], &at("top")).unwrap();
        let excludes = |root: &str, path: &str| filter.seen_from(&at(root)).excludes_within(Path::new(path));
        assert!(excludes("top", "src/vendor/a") && !excludes("top", "vendor/a"));
        assert!(excludes("top/src", "vendor/a") && !excludes("top/src", "src/vendor/a"));
        assert!(excludes("", "top/src/vendor/a") && !excludes("", "top/vendor/a"));
        // Of a tree that the configuration is not about by its place, only by name.
        assert!(excludes("elsewhere", "src/vendor/a"));
        for root in ["", "top", "top/src", "elsewhere"] {
            assert!(excludes(root, "x/a.min.js"), "{root}");
        }
        // Who names a folder wants it scanned.
        let filter = Filter::default().configured(&["src".to_owned()], &at("top")).unwrap();
        assert!(!filter.seen_from(&at("top/src")).excludes_within(Path::new("a")));
    }
}
