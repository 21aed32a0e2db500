//! `.keysift.toml`.

use std::path::{Path, PathBuf};
use std::{env, fs, io};

use keysift::decode;
use keysift::git;
use keysift::model::Confidence;
use keysift::rules::{self, RuleSet, RuleText};
use serde::Deserialize;

use super::Failure;
use super::settings::bytes;

/// The file's name.
pub const NAME: &str = ".keysift.toml";

/// A configuration file.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Config {
    /// As `--min-confidence`.
    pub min_confidence: Option<Confidence>,
    /// As `--exclude`, but relative to this file; both count.
    #[serde(default)]
    pub exclude: Vec<String>,
    /// As `--max-file-size`.
    pub max_file_size: Option<String>,
    /// Rules of one's own.
    #[serde(default)]
    pub rules: RulesConfig,
    /// Where the file is.
    #[serde(skip)]
    pub path: Option<PathBuf>,
}

/// The `[rules]` table.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct RulesConfig {
    /// Rule files or folders of them, relative to the configuration file.
    #[serde(default)]
    pub paths: Vec<PathBuf>,
    /// Ids of rules to leave out.
    #[serde(default)]
    pub disable: Vec<String>,
    /// Leave all built-in rules out.
    #[serde(default)]
    pub replace: bool,
}

impl Config {
    /// Reads the file named by `--config`, else by `KEYSIFT_CONFIG`, else the first `.keysift.toml` in this folder or one above it, up to the top of
    /// the repository; outside of one, in this folder alone. Never one from a scanned folder elsewhere, nor from above, where others may write:
    /// whoever wrote it must not decide what is found here.
    pub fn find(named: Option<&Path>, disregard: bool) -> Result<Self, Failure> {
        if let Some(path) = named {
            return Self::read(path);
        }
        if disregard {
            return Ok(Self::default());
        }
        if let Some(path) = env::var_os("KEYSIFT_CONFIG").filter(|p| !p.is_empty()) {
            return Self::read(Path::new(&path));
        }
        let here = env::current_dir().map_err(|e| Failure::new(format!("the working folder: {e}")))?;
        let top = git::top_of(&here).unwrap_or_else(|| here.clone());
        let mut files = here.ancestors().take_while(|folder| folder.starts_with(&top)).map(|folder| folder.join(NAME));
        files.find(|path| path.symlink_metadata().is_ok()).map_or_else(|| Ok(Self::default()), |path| Self::read(&path))
    }

    fn read(path: &Path) -> Result<Self, Failure> {
        let shown = path.display();
        let bytes = fs::read(path).map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => {
                Failure::new(format!("{shown}: no such configuration file")).help("check --config or KEYSIFT_CONFIG")
            }
            _ => Failure::new(format!("{shown}: {error}")),
        })?;
        // UTF-8, or the UTF-16 that PowerShell redirects into files.
        let text =
            String::from_utf8(decode::whole(&bytes).0).map_err(|_| Failure::new(format!("{shown}: neither UTF-8 nor UTF-16 text")))?;
        let mut config: Self = toml::from_str(&text).map_err(|error| {
            let line = error.span().map_or(1, |s| text[..s.start.min(text.len())].matches('\n').count() + 1);
            Failure::new(format!("{shown}:{line}: {}", rules::unquoted(error.message())))
                .help("a configuration has min-confidence, exclude, max-file-size, and [rules] with paths, disable and replace")
        })?;
        config.path = Some(path.to_owned());
        Ok(config)
    }

    /// The folder that paths in it are relative to.
    pub fn folder(&self) -> &Path {
        self.path.as_deref().and_then(Path::parent).unwrap_or_else(|| Path::new(""))
    }

    /// Larger files are left out.
    pub fn max_file_size(&self) -> Result<Option<u64>, Failure> {
        // What stands there is not repeated: it may have got into the wrong place.
        let named = || self.path.as_deref().map(|path| path.display().to_string()).unwrap_or_default();
        let told = |_| {
            Failure::new(format!("{}: max-file-size is no file size", named())).help("write bytes, or a number with K, M or G, such as 10M")
        };
        self.max_file_size.as_deref().map(|size| bytes(size).map_err(told)).transpose()
    }

    /// The rules that the configuration and `--rules` ask for.
    pub fn rules(&self, extra: &[PathBuf]) -> Result<RuleSet, Failure> {
        let base = self.folder();
        let mut texts = Vec::new();
        for path in self.rules.paths.iter().map(|p| base.join(p)).chain(extra.iter().cloned()) {
            texts.extend(RuleText::read(&path).map_err(Failure::new)?);
        }
        RuleSet::load(&texts, self.rules.replace, &self.rules.disable).map_err(Failure::new)
    }
}
