//! Reports in files: whole or not at all.

use std::fs::{self, OpenOptions, Permissions};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use tempfile::{Builder, NamedTempFile};

/// Who may read a new report. One that replaces another keeps that one's permissions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Whoever the system's settings (umask) let read new files.
    Usual,
    /// The user alone: for reports with secrets in the clear.
    OwnerOnly,
}

/// Why there is no report, in words that say what to do.
#[derive(Debug, thiserror::Error)]
pub enum OutputError {
    /// The target is a folder.
    #[error("cannot write the report to {}: it is a folder; name a file in it", .0.display())]
    IsFolder(PathBuf),
    /// The target's folder is not there.
    #[error("cannot write the report to {}: the folder {} does not exist; create it first", path.display(), folder.display())]
    NoFolder {
        /// The target.
        path: PathBuf,
        /// Its folder.
        folder: PathBuf,
    },
    /// The report is written beside its target first, and that cannot be done there.
    #[error("cannot write the report to {}: no file can be created in the folder {} ({source}); choose another place or change the folder's permissions", path.display(), folder.display())]
    Beside {
        /// The target.
        path: PathBuf,
        /// Its folder.
        folder: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// Writing failed midway. A file that was there before is as it was.
    #[error("cannot write the report to {}: {source}; a report that was there before is unchanged", path.display())]
    Write {
        /// The target.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// The target is a pipe or a device, and takes no more.
    #[error("cannot write the report to {}: {source}", path.display())]
    Stream {
        /// The target.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
}

/// Objects to a path at which no report can be written: for asking before minutes of scanning are spent on it.
///
/// # Errors
/// It is a folder, or its folder is not there.
pub fn check(path: &Path) -> Result<(), OutputError> {
    if path.is_dir() {
        return Err(OutputError::IsFolder(path.to_owned()));
    }
    let folder = folder_of(path);
    if !folder.is_dir() {
        return Err(OutputError::NoFolder { path: path.to_owned(), folder: folder.to_owned() });
    }
    Ok(())
}

fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or_else(|| Path::new("."))
}

/// Has `write` write to `path`. A file appears, or is replaced, only when all is written and on disk; until then, and for ever after a failure,
/// what was there before stays. A link is replaced, not followed: a repository must not choose, by a link where a report is usually written,
/// which file of the user's we overwrite. Pipes and devices are written to as they are.
///
/// # Errors
/// When the report cannot be written; nothing half written remains.
pub fn to_file(path: &Path, access: Access, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<(), OutputError> {
    check(path)?;
    if is_stream(path) {
        return to_stream(path, write).map_err(|source| OutputError::Stream { path: path.to_owned(), source });
    }
    let folder = folder_of(path);
    let mut file =
        beside(path, folder, access).map_err(|source| OutputError::Beside { path: path.to_owned(), folder: folder.to_owned(), source })?;
    // The temporary file removes itself when it is dropped unpersisted.
    fill(&mut file, write)
        .and_then(|()| file.persist(path).map(drop).map_err(|e| e.error))
        .map_err(|source| OutputError::Write { path: path.to_owned(), source })
}

/// Whether `path` is to be written to, not replaced: what is neither file nor folder, and all under `/dev` and `/proc`, where `/dev/stdout` is a
/// link to a file as soon as the shell redirects it.
fn is_stream(path: &Path) -> bool {
    let special = fs::metadata(path).is_ok_and(|m| !m.is_file() && !m.is_dir());
    special || (cfg!(unix) && ["/dev", "/proc"].iter().any(|top| path.starts_with(top)))
}

fn to_stream(path: &Path, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
    // Appending: a redirected /dev/stdout may hold what other programs wrote before us.
    let mut out = BufWriter::new(OpenOptions::new().append(true).open(path)?);
    write(&mut out)?;
    out.flush()
}

/// An empty temporary file in `folder`, with the permissions that `path` shall have.
fn beside(path: &Path, folder: &Path, access: Access) -> io::Result<NamedTempFile> {
    let mut builder = Builder::new();
    builder.prefix(".keysift-").suffix(".tmp");
    if let Some(permissions) = usual(access) {
        builder.permissions(permissions);
    }
    let file = builder.tempfile_in(folder)?;
    if let Ok(old) = fs::symlink_metadata(path)
        && old.is_file()
    {
        file.as_file().set_permissions(narrowed(&old.permissions(), access))?;
    }
    Ok(file)
}

/// Temporary files are their owner's alone unless told otherwise.
#[cfg(unix)]
fn usual(access: Access) -> Option<Permissions> {
    use std::os::unix::fs::PermissionsExt as _;
    // The system takes the umask off this.
    (access == Access::Usual).then(|| Permissions::from_mode(0o666))
}

#[cfg(not(unix))]
fn usual(_access: Access) -> Option<Permissions> {
    None
}

/// The permissions of the report that is replaced, without the others' part if secrets come into it.
#[cfg(unix)]
fn narrowed(old: &Permissions, access: Access) -> Permissions {
    use std::os::unix::fs::PermissionsExt as _;
    let mask = if access == Access::OwnerOnly { 0o700 } else { 0o777 };
    Permissions::from_mode(old.mode() & mask)
}

#[cfg(not(unix))]
fn narrowed(old: &Permissions, _access: Access) -> Permissions {
    old.clone()
}

fn fill(file: &mut NamedTempFile, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
    let mut out = BufWriter::new(file.as_file_mut());
    write(&mut out)?;
    out.flush()?;
    drop(out);
    file.as_file().sync_all()
}

#[cfg(test)]
mod tests {
    use super::{Access, OutputError, to_file};
    use std::fs;
    use std::io::{self, Write};
    use std::path::Path;

    fn say(words: &'static str) -> impl FnOnce(&mut dyn Write) -> io::Result<()> {
        move |out| out.write_all(words.as_bytes())
    }

    fn names(folder: &Path) -> Vec<String> {
        let mut names: Vec<_> = fs::read_dir(folder).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    #[test]
    fn a_report_is_replaced_whole() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("report.json");
        to_file(&path, Access::Usual, say("a longer first report")).unwrap();
        to_file(&path, Access::Usual, say("second")).unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "second");
        assert_eq!(names(folder.path()), ["report.json"]);
    }

    #[test]
    fn a_failure_leaves_what_was_there_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("report.json");
        fs::write(&path, "before").unwrap();
        let error = to_file(&path, Access::Usual, |out| {
            out.write_all(&[b'x'; 100_000])?;
            Err(io::Error::new(io::ErrorKind::StorageFull, "no space left"))
        });
        let told = error.unwrap_err().to_string();
        assert!(told.contains("report.json: no space left; a report that was there before is unchanged"), "{told}");
        assert_eq!(fs::read_to_string(&path).unwrap(), "before");
        assert_eq!(names(folder.path()), ["report.json"]);
    }

    #[test]
    fn errors_name_the_path_and_what_to_do() {
        let folder = tempfile::tempdir().unwrap();
        let error = to_file(folder.path(), Access::Usual, say("x")).unwrap_err();
        assert!(matches!(error, OutputError::IsFolder(_)) && error.to_string().ends_with("it is a folder; name a file in it"));
        let error = to_file(&folder.path().join("no/report.json"), Access::Usual, say("x")).unwrap_err();
        assert!(matches!(error, OutputError::NoFolder { .. }) && error.to_string().ends_with("does not exist; create it first"));
    }

    #[cfg(unix)]
    mod unix {
        use super::{Access, names, say, to_file};
        use std::fs::{self, Permissions};
        use std::os::unix::fs::{PermissionsExt as _, symlink};
        use std::path::Path;

        fn mode(path: &Path) -> u32 {
            fs::metadata(path).unwrap().permissions().mode() & 0o777
        }

        #[test]
        fn permissions_are_those_of_any_file_and_kept() {
            let folder = tempfile::tempdir().unwrap();
            let (path, any) = (folder.path().join("report"), folder.path().join("any"));
            fs::write(&any, "").unwrap();
            to_file(&path, Access::Usual, say("x")).unwrap();
            assert_eq!(mode(&path), mode(&any));
            fs::set_permissions(&path, Permissions::from_mode(0o640)).unwrap();
            to_file(&path, Access::Usual, say("y")).unwrap();
            assert_eq!(mode(&path), 0o640);
        }

        #[test]
        fn secrets_are_for_the_owner_alone() {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("report");
            to_file(&path, Access::OwnerOnly, say("x")).unwrap();
            assert_eq!(mode(&path), 0o600);
            fs::set_permissions(&path, Permissions::from_mode(0o664)).unwrap();
            to_file(&path, Access::OwnerOnly, say("y")).unwrap();
            assert_eq!(mode(&path), 0o600);
        }

        #[test]
        fn a_planted_link_is_replaced_and_its_target_left_alone() {
            let folder = tempfile::tempdir().unwrap();
            let (path, precious) = (folder.path().join("report"), folder.path().join("precious"));
            fs::write(&precious, "mine").unwrap();
            symlink(&precious, &path).unwrap();
            to_file(&path, Access::Usual, say("x")).unwrap();
            assert_eq!(fs::read_to_string(&precious).unwrap(), "mine");
            assert_eq!(fs::read_to_string(&path).unwrap(), "x");
            assert!(!fs::symlink_metadata(&path).unwrap().is_symlink());
        }

        #[test]
        fn pipes_and_devices_are_written_to() {
            let folder = tempfile::tempdir().unwrap();
            let pipe = folder.path().join("pipe");
            assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
            let reader = std::thread::spawn({
                let pipe = pipe.clone();
                move || fs::read_to_string(pipe).unwrap()
            });
            to_file(&pipe, Access::Usual, say("through")).unwrap();
            assert_eq!(reader.join().unwrap(), "through");
            to_file(Path::new("/dev/null"), Access::Usual, say("x")).unwrap();
            assert_eq!(names(folder.path()), ["pipe"]);
        }
    }
}
