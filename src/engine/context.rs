//! Where a match stands: what the kind of file and the path say for or against it.
//!
//! Matches know no path, so that a blob of history is judged once however many paths it has had; this is the part that is judged a path.

use super::assignment::{Operator, Style};
use super::{Match, Objection};
use crate::model::{Confidence, ReportPath};
use crate::rules::Gate;

/// Kinds of file, by what a bare value in them may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileKind {
    /// Source code: a literal is quoted, a bare word is a name.
    Code,
    /// Configuration, scripts, logs, notes and all else: a bare word may be a value.
    Bare,
    /// Lock files and lists of digests.
    Lock,
}

/// What a path says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PathContext {
    /// The kind of file.
    pub kind: FileKind,
    /// Whether names say that this is a test, fixture, example or documentation.
    pub sample: bool,
}

const CODE: [&str; 56] = [
    "rs", "py", "js", "mjs", "cjs", "jsx", "ts", "tsx", "java", "kt", "kts", "scala", "groovy", "go", "c", "h", "cc", "cpp", "cxx", "hpp",
    "hh", "cs", "fs", "vb", "swift", "m", "mm", "rb", "php", "pl", "pm", "lua", "dart", "r", "jl", "ex", "exs", "erl", "hrl", "hs", "ml",
    "clj", "cljs", "lisp", "el", "vue", "svelte", "sol", "zig", "nim", "pas", "asm", "s", "css", "scss", "less",
];
const LOCK_NAMES: [&str; 14] = [
    "package-lock.json",
    "npm-shrinkwrap.json",
    "yarn.lock",
    "pnpm-lock.yaml",
    "cargo.lock",
    "poetry.lock",
    "pipfile.lock",
    "composer.lock",
    "gemfile.lock",
    "go.sum",
    "uv.lock",
    "packages.lock.json",
    "podfile.lock",
    "flake.lock",
];
const SAMPLE_PARTS: [&str; 20] = [
    "test",
    "tests",
    "testing",
    "testdata",
    "spec",
    "specs",
    "__tests__",
    "fixture",
    "fixtures",
    "mock",
    "mocks",
    "example",
    "examples",
    "sample",
    "samples",
    "demo",
    "doc",
    "docs",
    "vendor",
    "third_party",
];

impl PathContext {
    /// Reads `path`.
    #[must_use]
    pub fn of(path: &ReportPath) -> Self {
        let path = String::from_utf8_lossy(path.as_bytes()).to_ascii_lowercase();
        let name = path.rsplit('/').next().unwrap_or(&path);
        let extension = name.rsplit_once('.').map_or("", |(_, e)| e);
        let kind = if LOCK_NAMES.contains(&name) {
            FileKind::Lock
        } else if CODE.contains(&extension) {
            FileKind::Code
        } else {
            FileKind::Bare
        };
        let stem = name.split('.').next().unwrap_or(name);
        let sample = path.split('/').any(|part| SAMPLE_PARTS.contains(&part))
            || stem.split(['_', '-']).any(|word| matches!(word, "test" | "tests" | "spec" | "example" | "sample" | "mock" | "fixture"))
            || matches!(name.rsplit('.').nth(1), Some("test" | "spec" | "example" | "sample"));
        Self { kind, sample }
    }

    /// The context that speaks least against a match.
    pub const BEST: Self = Self { kind: FileKind::Bare, sample: false };

    /// Judges `found` here: its confidence, or why it is none. `value` is its secret.
    pub fn judge(self, found: &Match, value: &[u8]) -> Result<Confidence, Objection> {
        self.grade(found.confidence, found.assigned, value)
    }

    /// Judges a match by what it needs for that: its own confidence, how its value was written, and the value.
    pub fn grade(self, confidence: Confidence, assigned: Option<Style>, value: &[u8]) -> Result<Confidence, Objection> {
        let Some(style) = assigned else { return Ok(confidence) };
        self.generic(style, value).map(|c| c.min(confidence))
    }

    fn generic(self, style: Style, value: &[u8]) -> Result<Confidence, Objection> {
        let against = |why| Err(Objection::new(Gate::Context, why));
        match self.kind {
            FileKind::Lock => return against("lock files hold digests"),
            FileKind::Code if !style.quoted => return against("a bare word in code is a name, not a value"),
            _ => {}
        }
        if !style.quoted && style.operator == Operator::Argument {
            return against("a bare argument is a name, not a value");
        }
        if !style.strong || !style.alone || self.sample || matches!(style.operator, Operator::Compare | Operator::Argument) || digest(value)
        {
            return Ok(Confidence::Low);
        }
        Ok(Confidence::Medium)
    }
}

/// A UUID or the hex digits of a common digest: without a form of its own that says otherwise, more often an id than a secret.
fn digest(value: &[u8]) -> bool {
    let uuid = value.len() == 36 && [8, 13, 18, 23].iter().all(|&i| value[i] == b'-');
    let hex = value.iter().all(u8::is_ascii_hexdigit);
    uuid || hex && matches!(value.len(), 40 | 64 | 96 | 128)
}

#[cfg(test)]
mod tests {
    use super::{FileKind, PathContext};
    use crate::model::ReportPath;

    #[test]
    fn kinds_of_file() {
        let of = |path: &str| PathContext::of(&ReportPath::new(path.as_bytes()));
        assert_eq!(of("src/main.rs"), PathContext { kind: FileKind::Code, sample: false });
        assert_eq!(of("deploy/.env"), PathContext { kind: FileKind::Bare, sample: false });
        assert_eq!(of("web/package-lock.json").kind, FileKind::Lock);
        for path in ["tests/a.yml", "src/login_test.go", "conf/app.example.ini", "x/login.spec.ts"] {
            assert!(of(path).sample, "{path}");
        }
        assert!(!of("src/latest.rs").sample);
    }
}
