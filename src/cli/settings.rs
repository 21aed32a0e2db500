//! What several commands are told in the same words, and what becomes of it.

use std::path::PathBuf;

use clap::Args;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use keysift::engine::Engine;
use keysift::model::Confidence;
use keysift::rules::RuleSet;
use keysift::scan::Plan;
use keysift::source::Filter;

use super::Failure;
use super::config::Config;

/// Which rules are in force.
//
// All of these are global, so that a command with commands of its own takes them before and after their names.
#[derive(Debug, Args)]
pub struct RuleSettings {
    /// Add the rules in this file or folder; may be repeated.
    #[arg(long, value_name = "PATH", global = true, help_heading = "Settings")]
    rules: Vec<PathBuf>,
    /// Read this configuration instead of the .keysift.toml of the working folder or one above it in the repository.
    #[arg(long, value_name = "FILE", global = true, help_heading = "Settings")]
    config: Option<PathBuf>,
    /// Read no configuration.
    #[arg(long, conflicts_with = "config", global = true, help_heading = "Settings")]
    no_config: bool,
}

impl RuleSettings {
    /// The rules that the options and the configuration ask for.
    pub fn in_force(&self, config: &Config) -> Result<RuleSet, Failure> {
        config.rules(&self.rules)
    }

    /// The configuration.
    pub fn config(&self) -> Result<Config, Failure> {
        Config::find(self.config.as_deref(), self.no_config)
    }
}

/// How a scan is done, whatever it looks at.
#[derive(Debug, Args)]
pub struct Settings {
    /// Report findings at least this sure [default: medium].
    #[arg(short = 'c', long, value_name = "LEVEL", global = true, help_heading = "Report", value_parser = one_of(Confidence::ALL, Confidence::as_str))]
    min_confidence: Option<Confidence>,
    /// Leave larger files out: bytes, or with K, M or G.
    #[arg(long, value_name = "SIZE", global = true, help_heading = "Files")]
    max_file_size: Option<String>,
    /// Leave binary files out; otherwise the runs of text in them are scanned.
    #[arg(long, global = true, help_heading = "Files")]
    no_binary: bool,
    /// Leave out files and folders that match this glob; may be repeated.
    #[arg(long, value_name = "GLOB", global = true, help_heading = "Files")]
    exclude: Vec<String>,
    #[command(flatten)]
    rules: RuleSettings,
    /// Threads [default: one a core].
    #[arg(short = 'j', long, value_name = "N", global = true, help_heading = "Settings", value_parser = clap::value_parser!(u16).range(1..=256))]
    threads: Option<u16>,
}

impl Settings {
    /// The configuration, which the methods below are given: what the options say wins, or adds to it.
    pub fn config(&self) -> Result<Config, Failure> {
        self.rules.config()
    }

    /// What to look for and how.
    pub fn plan(&self, config: &Config) -> Result<Plan, Failure> {
        Ok(Plan {
            min_confidence: self.min_confidence.or(config.min_confidence).unwrap_or_default(),
            binary: !self.no_binary,
            threads: self.threads(),
            ..Plan::new(Engine::new(self.rules.in_force(config)?))
        })
    }

    /// What `--include`, `--exclude` and the configuration let through.
    pub fn filter(&self, config: &Config, include: &[String]) -> Result<Filter, Failure> {
        let filter = Filter::new(include, &self.exclude).map_err(Failure::new)?;
        filter.configured(&config.exclude, config.folder()).map_err(Failure::new)
    }

    /// Larger files are left out.
    pub fn max_file_size(&self, config: &Config) -> Result<Option<u64>, Failure> {
        self.max_file_size.as_deref().map_or_else(|| config.max_file_size(), |size| bytes(size).map(Some))
    }

    /// Holds those threads to `--threads` that all work shares, from packs' indices to places in a report. Before any of that.
    pub fn hold_threads(&self) {
        if let Some(threads) = self.threads {
            // Fails only where they run already, and with as many as were asked for.
            let _ = rayon::ThreadPoolBuilder::new().num_threads(threads.into()).build_global();
        }
    }

    /// How many threads there are to be.
    pub fn threads(&self) -> usize {
        self.threads.map_or_else(|| std::thread::available_parallelism().map_or(1, Into::into), usize::from)
    }
}

/// Takes the name of one of `all`; help and errors list the names.
pub fn one_of<T, const N: usize>(all: [T; N], name: fn(T) -> &'static str) -> impl TypedValueParser<Value = T>
where
    T: Copy + Send + Sync + 'static,
{
    PossibleValuesParser::new(all.map(name))
        .try_map(move |given| all.into_iter().find(|&value| name(value) == given).ok_or("no such value"))
}

/// `10M` as bytes.
pub fn bytes(size: &str) -> Result<u64, Failure> {
    let wrong = || Failure::new(format!("{size:?} is no file size")).help("write bytes, or a number with K, M or G, such as 10M");
    let text = size.trim();
    let (digits, unit) = text.split_at(text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len()));
    let power = match unit.trim_start().to_ascii_lowercase().as_str() {
        "" | "b" => 0,
        "k" | "kb" | "kib" => 1,
        "m" | "mb" | "mib" => 2,
        "g" | "gb" | "gib" => 3,
        _ => return Err(wrong()),
    };
    digits.parse::<u64>().ok().and_then(|n| n.checked_mul(1024_u64.pow(power))).ok_or_else(wrong)
}

#[cfg(test)]
mod tests {
    use super::bytes;

    #[test]
    fn sizes() {
        for (text, expected) in [("40", 40), ("40B", 40), ("10k", 10 << 10), ("10 KB", 10 << 10), ("50M", 50 << 20), (" 2GiB ", 2 << 30)] {
            assert_eq!(bytes(text).ok(), Some(expected), "{text}");
        }
        for wrong in ["", "M", "-1", "+1", "1.5M", "10KiiiBB", "10i", "10KM", "1T", "99999999999G"] {
            assert!(bytes(wrong).is_err(), "{wrong}");
        }
    }
}
