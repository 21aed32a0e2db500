//! Where a match stands: what the kind of file and the path say for or against it.
//!
//! Matches know no path, so that a blob of history is judged once however many paths it has had; this is the part that is judged a path.

use super::assignment::{Operator, Style, is_bracket, is_uuid};
use super::checks::is_sample;
use super::classify::{LOW, MEDIUM, SAMPLE_MEDIUM, UUID_MEDIUM, reads_as_words};
use super::{Match, Objection};
use crate::model::{Confidence, ReportPath};
use crate::rules::Gate;

/// Kinds of file, by what a bare value in them may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileKind {
    /// Source code: a literal is quoted, a bare word is a name.
    Code,
    /// Configuration and scripts: what is assigned here is a value.
    Config,
    /// Notes, markup, logs and all else.
    Text,
    /// Lock files and lists of digests.
    Lock,
    /// No path is known.
    Any,
}

impl FileKind {
    /// How many kinds the classifier tells apart.
    pub const SCORED: usize = 3;

    /// The number under which the classifier knows this kind.
    #[must_use]
    pub const fn index(self) -> usize {
        match self {
            Self::Code => 0,
            Self::Config => 1,
            Self::Text | Self::Lock | Self::Any => 2,
        }
    }
}

/// What a path says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PathContext {
    /// The kind of file.
    pub kind: FileKind,
    /// Whether names say that this is a test, fixture, example or documentation.
    pub sample: bool,
    /// Whether it holds test vectors, and says so.
    pub vectors: bool,
    /// Whether it is a text of the documentation, which shows values as they look.
    pub documentation: bool,
    /// Whether it holds the texts of an interface in some language.
    pub translation: bool,
}

const CODE: [&str; 56] = [
    "rs", "py", "js", "mjs", "cjs", "jsx", "ts", "tsx", "java", "kt", "kts", "scala", "groovy", "go", "c", "h", "cc", "cpp", "cxx", "hpp",
    "hh", "cs", "fs", "vb", "swift", "m", "mm", "rb", "php", "pl", "pm", "lua", "dart", "r", "jl", "ex", "exs", "erl", "hrl", "hs", "ml",
    "clj", "cljs", "lisp", "el", "vue", "svelte", "sol", "zig", "nim", "pas", "asm", "s", "css", "scss", "less",
];
const CONFIG: [&str; 44] = [
    "yml",
    "yaml",
    "json",
    "jsonc",
    "json5",
    "toml",
    "ini",
    "conf",
    "cfg",
    "cnf",
    "config",
    "properties",
    "env",
    "envrc",
    "xml",
    "plist",
    "tf",
    "tfvars",
    "hcl",
    "sh",
    "bash",
    "zsh",
    "fish",
    "ps1",
    "psm1",
    "bat",
    "cmd",
    "sql",
    "dockerfile",
    "service",
    "netrc",
    "npmrc",
    "pypirc",
    "pgpass",
    "htpasswd",
    "secrets",
    "credentials",
    "gradle",
    "nix",
    "bicep",
    "jinja",
    "j2",
    "csv",
    "ovpn",
];
/// Endings of files from which others are made.
const TEMPLATES: [&str; 9] = ["example", "sample", "template", "tmpl", "dist", "default", "bak", "orig", "erb"];
const LOCK_NAMES: [&str; 16] = [
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
    "deno.lock",
    "module.bazel.lock",
];
/// Folders of samples …
const SAMPLE_PARTS: [&str; 9] = ["testing", "e2e", "demo", "demos", "doc", "docs", "docs_src", "vendor", "third_party"];
/// … and words in the names of folders and files.
const SAMPLE_WORDS: [&str; 13] =
    ["test", "tests", "testdata", "spec", "specs", "example", "examples", "sample", "samples", "mock", "mocks", "fixture", "fixtures"];

/// Bytes of a password that nobody has to keep, where it stands among samples.
const BRIEF: usize = 8;
/// Nobody makes up as many on the spot.
const LONG: usize = 40;

/// Resource bundles of Java.
const BUNDLES: [&str; 6] = ["messages", "message", "labels", "validationmessages", "strings", "resources"];
/// Folders of translations …
const TRANSLATIONS: [&str; 10] = ["i18n", "l10n", "locale", "locales", "lang", "langs", "translation", "translations", "languages", "nls"];
/// … and files that are nothing else.
const CATALOGUES: [&str; 8] = ["po", "pot", "xlf", "xliff", "arb", "resx", "strings", "stringsdict"];

impl PathContext {
    /// Reads `path`.
    #[must_use]
    pub fn of(path: &ReportPath) -> Self {
        let path = String::from_utf8_lossy(path.inner()).to_ascii_lowercase();
        let name = path.rsplit('/').next().unwrap_or(&path);
        let extension = name.rsplit('.').find(|e| !TEMPLATES.contains(e)).unwrap_or("");
        let kind = if LOCK_NAMES.contains(&name) {
            FileKind::Lock
        } else if CODE.contains(&extension) {
            FileKind::Code
        } else if CONFIG.contains(&extension) || name.starts_with(".env") || name.starts_with("dockerfile") || is_dotfile(name) {
            FileKind::Config
        } else {
            FileKind::Text
        };
        let sample = path.split('/').any(|part| SAMPLE_PARTS.contains(&part))
            || path.split(['/', '_', '-', '.']).any(|word| SAMPLE_WORDS.contains(&word));
        let vectors =
            path.split(['/', '_', '-', '.']).any(|word| matches!(word, "vector" | "vectors" | "testvector" | "testvectors" | "wycheproof"));
        // Sites that show documentation: what their settings hold goes to every browser.
        let is_site = name.starts_with("docusaurus.config.") || path.split('/').any(|part| matches!(part, ".vitepress" | ".vuepress"));
        // What machines write, and requests to be sent, show nothing for its looks.
        let is_prose = kind == FileKind::Text && !matches!(extension, "har" | "http" | "rest" | "log" | "tsv" | "ipynb");
        let documentation = is_site || is_prose && path.split('/').any(|part| matches!(part, "doc" | "docs" | "documentation" | "guides"));
        let stem = name.split('.').next().unwrap_or(name);
        let is_bundle = extension == "properties" && (BUNDLES.contains(&stem.split('_').next().unwrap_or(stem)) || names_language(stem));
        let translation = CATALOGUES.contains(&extension)
            || kind == FileKind::Config && (is_language(stem) || stem.split(['-', '_']).any(|word| TRANSLATIONS.contains(&word)))
            || is_bundle
            || kind != FileKind::Code && path.split('/').any(|part| TRANSLATIONS.contains(&part) || part.ends_with(".lproj"))
            || kind == FileKind::Code && holds_texts(&path, stem, extension);
        Self { kind, sample, vectors, documentation, translation }
    }

    /// The context that speaks least against a match.
    pub const BEST: Self = Self { kind: FileKind::Any, sample: false, vectors: false, documentation: false, translation: false };

    /// Judges `found`, a match in `text`, here: its confidence, or why it is none.
    pub fn judge(self, found: &Match, text: &[u8]) -> Result<Confidence, Objection> {
        self.grade(found.confidence, found.assigned, found.value(text))
    }

    /// Judges a match by what it needs for that: its own confidence, how its value was written, and the value.
    pub fn grade(self, confidence: Confidence, assigned: Option<Style>, value: &[u8]) -> Result<Confidence, Objection> {
        let Some(style) = assigned else {
            // What tests and documentation write into URLs and command lines is a word or two.
            let is_shown = confidence == Confidence::Medium && self.sample && (value.len() < BRIEF || is_made_up(value));
            return Ok(if is_shown { Confidence::Low } else { confidence });
        };
        let read = self.generic(style, value);
        if style.seconds { Ok(read.map_or(confidence, |c| c.max(confidence))) } else { read.map(|c| c.min(confidence)) }
    }

    /// The classifier's score from which on an assigned `value` is of medium confidence here; `None` where none is.
    #[must_use]
    pub fn medium(self, value: &[u8]) -> Option<i16> {
        match self {
            // What they show looks like credentials on purpose.
            Self { vectors: true, .. } | Self { documentation: true, .. } => None,
            // Without a form of its own that says otherwise, more often an id than a secret.
            _ if is_uuid(value) => Some(UUID_MEDIUM),
            Self { sample: true, .. } => Some(SAMPLE_MEDIUM),
            _ => Some(MEDIUM),
        }
    }

    fn generic(self, style: Style, value: &[u8]) -> Result<Confidence, Objection> {
        let against = |why| Err(Objection::new(Gate::Context, why));
        if self.kind == FileKind::Lock {
            return against("lock files hold digests");
        }
        if !style.quoted && style.operator == Operator::Argument {
            return against("a bare argument is a name, not a value");
        }
        if self.kind == FileKind::Code && !style.quoted && value.iter().any(is_bracket) {
            return against("an expression of code");
        }
        if self.translation && !has_digit(value) {
            return against("a text of the interface in some language");
        }
        let score = if self.kind == FileKind::Any { style.scores.best() } else { style.scores.of(self.kind) };
        if score < LOW {
            return Err(Objection::new(Gate::Classifier, "unlikely in this kind of file"));
        }
        if self.sample && is_made_up(value) {
            return Ok(Confidence::Low);
        }
        Ok(if self.medium(value).is_some_and(|medium| score >= medium) { Confidence::Medium } else { Confidence::Low })
    }
}

/// Whether the source file at `path` holds the texts of an interface: `lang/en.php`, `lang/en/auth.php`. Packages may be called `lang` as well, and what is
/// compiled for a language.
fn holds_texts(path: &str, stem: &str, extension: &str) -> bool {
    if !matches!(extension, "php" | "py" | "js" | "ts" | "rb" | "lua" | "vue") {
        return false;
    }
    let mut folders = path.rsplit('/').skip(1);
    let is_of_one = stem.len() == 2 || is_language(stem) || folders.next().is_some_and(is_language);
    path.split('/').any(|part| TRANSLATIONS.contains(&part) && (is_of_one || !matches!(part, "lang" | "langs" | "nls")))
}

/// Whether `name` is that of a program's or shell's own settings: `.bash_profile`, `.ftpconfig`.
fn is_dotfile(name: &str) -> bool {
    name.strip_prefix('.').is_some_and(|rest| !rest.contains('.'))
}

/// Whether `stem`, the name of a file without its extension, is that of a language, with a country or not: `de`, `pt-br`. Short names that other files have are
/// none.
fn is_language(stem: &str) -> bool {
    const LANGUAGES: [&str; 32] = [
        "ar", "bg", "ca", "cs", "da", "de", "el", "en", "es", "et", "fa", "fi", "fr", "he", "hr", "hu", "ja", "ko", "lt", "lv", "nb", "nl",
        "pl", "pt", "ro", "ru", "sk", "sv", "tr", "uk", "vi", "zh",
    ];
    let (language, country) = stem.split_once(['-', '_']).unwrap_or((stem, ""));
    LANGUAGES.contains(&language) && (country.is_empty() || country.len() == 2 || matches!(country, "hans" | "hant"))
}

/// Whether the name of a file, without its extension, ends in a language, with a country or not: `login_pt_br`.
fn names_language(stem: &str) -> bool {
    let mut parts = stem.rsplit('_');
    let is_code = |part: Option<&str>| part.is_some_and(|part| part.len() == 2 && part.bytes().all(|b| b.is_ascii_lowercase()));
    is_code(parts.next()) && parts.next().is_some() && !stem.starts_with("application")
}

/// Whether a digit stands in `value`, other than in an escape for a letter (`\u00fc`).
fn has_digit(value: &[u8]) -> bool {
    let mut rest = value;
    while let Some((&first, behind)) = rest.split_first() {
        rest = match behind.strip_prefix(b"u") {
            Some(escape) if first == b'\\' && escape.get(..4).is_some_and(|hex| hex.iter().all(u8::is_ascii_hexdigit)) => &escape[4..],
            _ if first.is_ascii_digit() => return true,
            _ => behind,
        };
    }
    false
}

/// Whether somebody made `value` up on the spot.
fn is_made_up(value: &[u8]) -> bool {
    let digits = value.iter().filter(|b| b.is_ascii_digit()).count();
    is_sample(&value.to_ascii_lowercase()) || value.len() < LONG && digits * 3 <= value.len() && reads_as_words(value)
}

#[cfg(test)]
mod tests {
    use super::{FileKind, PathContext};
    use crate::model::{Confidence, ReportPath};

    #[test]
    fn short_passwords_of_tests() {
        let of = |path: &str, value: &str| {
            let found = PathContext::of(&ReportPath::new(path.as_bytes())).grade(Confidence::Medium, None, value.as_bytes());
            found.unwrap()
        };
        assert_eq!(of("tests/test_url.py", "p,a@ss"), Confidence::Low);
        assert_eq!(of("src/url.py", "p,a@ss"), Confidence::Medium);
        assert_eq!(of("tests/test_url.py", "p,a@ss7Kq2"), Confidence::Medium);
    }

    #[test]
    fn kinds_of_file() {
        let of = |path: &str| PathContext::of(&ReportPath::new(path.as_bytes()));
        assert_eq!(
            of("src/main.rs"),
            PathContext { kind: FileKind::Code, sample: false, vectors: false, documentation: false, translation: false }
        );
        assert_eq!(
            of("deploy/.env"),
            PathContext { kind: FileKind::Config, sample: false, vectors: false, documentation: false, translation: false }
        );
        assert_eq!(of("home/.bash_profile").kind, FileKind::Config);
        assert_eq!(of("web/package-lock.json").kind, FileKind::Lock);
        for path in ["tests/a.yml", "src/login_test.go", "conf/app.example.ini", "x/login.spec.ts", "App.Tests/Login.cs", "unit-tests/a.py"]
        {
            assert!(of(path).sample, "{path}");
        }
        assert!(!of("src/latest.rs").sample && !of("src/specification.rs").sample);
        assert!(of("docs/setup.md").documentation && !of("docs/conf.py").documentation && !of("README.md").documentation);
        assert!(of("tests/vectors/hmac.json").vectors && of("src/aes_test_vectors.rs").vectors && !of("src/vec.rs").vectors);
        assert!(
            of("web/locales/de.json").translation
                && of("po/de.po").translation
                && of("lang/de/auth.php").translation
                && !of("src/lang/de.rs").translation
        );
        assert!(
            of("src/messages_de.properties").translation
                && of("ui/login_pt_BR.properties").translation
                && !of("src/application.properties").translation
                && !of("src/message-broker.properties").translation
        );
        assert!(of("web/assets/de.json").translation && of("texts/pt-BR.yml").translation);
        assert!(!of("deploy/ci.yml").translation && !of("deploy/de/app.yml").translation);
        assert!(of("site/docusaurus.config.js").documentation && !of("docs/session.har").documentation);
        assert!(!super::has_digit(b"Anmeldung\\u00fcber") && super::has_digit(b"\\u00fc7"));
        assert_eq!(of("deploy/app.yml.example").kind, FileKind::Config);
    }
}
