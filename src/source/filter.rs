//! `--include` and `--exclude`.

use std::path::Path;

use globset::{GlobBuilder, GlobSet, GlobSetBuilder};

/// A glob that does not parse.
#[derive(Debug, thiserror::Error)]
#[error("invalid glob {glob:?}: {reason}")]
pub struct FilterError {
    glob: String,
    reason: String,
}

/// Globs over paths relative to the scanned root, in the manner of ignore files: without a slash a glob matches at any depth, and one that
/// matches a folder covers all in it.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    include: Option<GlobSet>,
    exclude: Option<GlobSet>,
}

impl Filter {
    /// Nothing included means everything.
    ///
    /// # Errors
    /// A glob that does not parse.
    pub fn new(include: &[String], exclude: &[String]) -> Result<Self, FilterError> {
        Ok(Self { include: set(include)?, exclude: set(exclude)? })
    }

    /// Whether there are no globs at all: nothing is excluded, all is included.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.include.is_none() && self.exclude.is_none()
    }

    /// Whether `path`, a file or folder, is left out by `--exclude`.
    #[must_use]
    pub fn excludes(&self, path: &Path) -> bool {
        self.exclude.as_ref().is_some_and(|set| set.is_match(path))
    }

    /// Whether the globs let the file `path` through: neither it nor a folder above it is excluded, and it is among what is asked for.
    #[must_use]
    pub fn admits(&self, path: &Path) -> bool {
        !self.excludes_within(path) && self.includes(path)
    }

    /// Whether the file `path`, or a folder above it, is left out by `--exclude`.
    #[must_use]
    pub fn excludes_within(&self, path: &Path) -> bool {
        self.exclude.as_ref().is_some_and(|set| path.ancestors().any(|a| set.is_match(a)))
    }

    /// Whether the file `path` is among those asked for by `--include`: it or a folder above it matches.
    #[must_use]
    pub fn includes(&self, path: &Path) -> bool {
        self.include.as_ref().is_none_or(|set| path.ancestors().any(|a| set.is_match(a)))
    }
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
}
