//! Paths as reports show them.

use std::fmt;
use std::path::Path;

/// A path relative to the scanned root, `/` between its parts on every system, any bytes in its names.
///
/// `Display` keeps one line whatever the name holds: bytes that are not UTF-8 show as `\xNN`; reporters escape control characters.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ReportPath(Box<[u8]>);

impl ReportPath {
    /// A path from the bytes that a report shall use.
    #[must_use]
    pub fn new(bytes: &[u8]) -> Self {
        Self(bytes.into())
    }

    /// What standard input is called.
    #[must_use]
    pub fn stdin() -> Self {
        Self::new(b"<stdin>")
    }

    /// What the message of a commit is called.
    #[must_use]
    pub fn commit_message() -> Self {
        Self::new(b"<commit message>")
    }

    /// What the message of an annotated tag is called.
    #[must_use]
    pub fn tag_message() -> Self {
        Self::new(b"<tag message>")
    }

    /// `path` as found under `root`; the root itself where both are the same file.
    #[must_use]
    pub fn relative(root: &Path, path: &Path) -> Self {
        let inner = match path.strip_prefix(root) {
            Ok(inner) if !inner.as_os_str().is_empty() => inner,
            _ => path,
        };
        Self::as_given(inner)
    }

    /// `path` in the words of whoever named it, without a leading `./`.
    #[must_use]
    pub fn as_given(path: &Path) -> Self {
        let path = path.strip_prefix("./").ok().filter(|p| !p.as_os_str().is_empty()).unwrap_or(path);
        let bytes = path.as_os_str().as_encoded_bytes();
        if std::path::MAIN_SEPARATOR == '/' {
            Self(bytes.into())
        } else {
            Self(bytes.iter().map(|&b| if b == b'\\' { b'/' } else { b }).collect())
        }
    }

    /// The bytes of the name.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Display for ReportPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for chunk in self.0.utf8_chunks() {
            f.write_str(chunk.valid())?;
            for byte in chunk.invalid() {
                write!(f, "\\x{byte:02x}")?;
            }
        }
        Ok(())
    }
}

impl fmt::Debug for ReportPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::ReportPath;
    use std::path::Path;

    #[test]
    fn relative_to_its_root_and_as_given() {
        let relative = |root: &str, path: &str| ReportPath::relative(Path::new(root), Path::new(path)).to_string();
        assert_eq!(relative(".", "./src/a.rs"), "src/a.rs");
        assert_eq!(relative("/srv/app", "/srv/app/b.env"), "b.env");
        assert_eq!(relative("notes.txt", "notes.txt"), "notes.txt");
        assert_eq!(ReportPath::as_given(Path::new("./a")).to_string(), "a");
        assert_eq!(ReportPath::as_given(Path::new(".")).to_string(), ".");
        assert_eq!(ReportPath::new(b"caf\xe9.txt").to_string(), "caf\\xe9.txt");
    }
}
