//! What the arguments of a scan name.

use std::fs::Metadata;
use std::path::{Path, PathBuf};

use keysift::git;
use keysift::model::system_words;

use super::Failure;

/// Files and folders, and perhaps standard input.
#[derive(Debug, Default)]
pub struct Targets {
    /// Files and folders; each exists.
    pub paths: Vec<PathBuf>,
    /// Whether `-` was among them.
    pub stdin: bool,
    /// Pipes that came open, such as what a shell makes of `<(command)`.
    pub pipes: Vec<PathBuf>,
}

impl Targets {
    /// Sorts `arguments` out; none means the working folder.
    pub fn of(arguments: &[PathBuf]) -> Result<Self, Failure> {
        let mut targets = Self::default();
        for argument in arguments {
            if argument.as_os_str() == "-" {
                targets.stdin = true;
                continue;
            }
            // A link given by name is followed: it is what the user asked for.
            match argument.metadata() {
                Ok(metadata) if is_pipe(argument, &metadata) => targets.pipes.push(argument.clone()),
                Ok(_) => targets.paths.push(argument.clone()),
                Err(error) => {
                    let shown = argument.display();
                    let words = system_words(&error);
                    return Err(
                        Failure::new(format!("{shown}: {words}")).help("name files and folders that exist, or - for standard input")
                    );
                }
            }
        }
        if arguments.is_empty() {
            targets.paths.push(".".into());
        }
        Ok(targets)
    }

    /// The path, within the repository around it, that reported paths are relative to; empty outside of one.
    pub fn prefix(&self) -> String {
        let base = match self.paths.as_slice() {
            [one] if one.is_dir() => one.as_path(),
            [] => return String::new(),
            _ => Path::new("."),
        };
        let Ok(base) = base.canonicalize() else { return String::new() };
        let Some(top) = git::worktree_of(&base) else { return String::new() };
        let inner = base.strip_prefix(&top).unwrap_or_else(|_| Path::new(""));
        inner.components().map(|c| format!("{}/", c.as_os_str().to_string_lossy())).collect()
    }
}

/// Whether `path` is a pipe that this process was given open, as `<(command)` and `/dev/stdin` are: somebody writes to it. One in a folder may have no
/// writer, ever, and would be waited for.
#[cfg(unix)]
fn is_pipe(path: &Path, metadata: &Metadata) -> bool {
    use std::os::unix::fs::FileTypeExt as _;
    metadata.file_type().is_fifo() && ["/dev", "/proc"].iter().any(|top| path.starts_with(top))
}

#[cfg(not(unix))]
fn is_pipe(_: &Path, _: &Metadata) -> bool {
    false
}
