//! What a run looked at, and what it left out on purpose.

use std::collections::{BTreeMap, BTreeSet};

use super::ReportPath;

/// How many examples of skipped things the summary names.
const EXAMPLES: usize = 5;

/// Why something was left out. None of these is a problem: nothing was there to read, or the user said so.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SkipReason {
    /// A symbolic link, and `--follow-links` is off.
    Link,
    /// A symbolic link that leads out of the scanned root.
    LinkOutside,
    /// A symbolic link to nothing.
    DanglingLink,
    /// A symbolic link to a folder above it: all in it is visited already.
    LinkLoop,
    /// Named by `--exclude`.
    Excluded,
    /// A pipe, socket or device.
    Special,
    /// Larger than `--max-file-size`.
    TooLarge,
    /// Binary, and `--no-binary` is on.
    Binary,
    /// A submodule: a repository of its own.
    Submodule,
    /// A path in conflict, for which nothing is staged yet.
    Unmerged,
}

impl SkipReason {
    /// The reason's name in reports.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Link => "link",
            Self::LinkOutside => "link-outside-root",
            Self::DanglingLink => "dangling-link",
            Self::LinkLoop => "link-loop",
            Self::Excluded => "excluded",
            Self::Special => "special-file",
            Self::TooLarge => "too-large",
            Self::Binary => "binary",
            Self::Submodule => "submodule",
            Self::Unmerged => "unmerged",
        }
    }

    /// The reason in the summary's words, after a number.
    #[must_use]
    pub const fn describe(self) -> &'static str {
        match self {
            Self::Link => "links not followed",
            Self::LinkOutside => "links out of the scanned folder",
            Self::DanglingLink => "dangling links",
            Self::LinkLoop => "links in a loop",
            Self::Excluded => "excluded",
            Self::Special => "pipes, sockets or devices",
            Self::TooLarge => "over --max-file-size",
            Self::Binary => "binary (--no-binary)",
            Self::Submodule => "submodules (repositories of their own)",
            Self::Unmerged => "unmerged paths (not staged yet)",
        }
    }
}

/// Things left out for one reason.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Skipped {
    /// How many.
    pub count: u64,
    /// The first few by name, the same at any thread count.
    pub examples: BTreeSet<ReportPath>,
}

/// Values that were written the right way: no rule may report them, and a team may like to see how many there are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Protected {
    /// References to a secret store, the environment or a template.
    pub references: u64,
    /// Values that are encrypted or hashed where they stand.
    pub encrypted: u64,
}

/// Counts of one run, or of one worker's part of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Coverage {
    /// Files and streams read to their end.
    pub files: u64,
    /// Bytes read from them.
    pub bytes: u64,
    /// Blobs read that are no files.
    pub blobs: u64,
    /// Commits looked at.
    pub commits: u64,
    /// Blobs and commits among them that an earlier run is known to have scanned.
    pub known: u64,
    /// Files scanned only for the text runs in them.
    pub binary: u64,
    /// Values that are protected where they stand.
    pub protected: Protected,
    /// What was left out, by reason.
    pub skipped: BTreeMap<SkipReason, Skipped>,
}

impl Coverage {
    /// Counts one thing left out.
    pub fn skip(&mut self, reason: SkipReason, path: ReportPath) {
        let entry = self.skipped.entry(reason).or_default();
        entry.count += 1;
        entry.examples.insert(path);
        if entry.examples.len() > EXAMPLES {
            entry.examples.pop_last();
        }
    }

    /// Whether nothing at all was looked at.
    #[must_use]
    pub const fn is_nothing(&self) -> bool {
        self.files == 0 && self.commits == 0 && self.blobs == 0
    }

    /// Adds another worker's counts.
    pub fn merge(&mut self, other: Self) {
        self.files += other.files;
        self.bytes += other.bytes;
        self.blobs += other.blobs;
        self.commits += other.commits;
        self.known += other.known;
        self.binary += other.binary;
        self.protected.references += other.protected.references;
        self.protected.encrypted += other.protected.encrypted;
        for (reason, theirs) in other.skipped {
            let ours = self.skipped.entry(reason).or_default();
            ours.count += theirs.count;
            ours.examples.extend(theirs.examples);
            while ours.examples.len() > EXAMPLES {
                ours.examples.pop_last();
            }
        }
    }
}
