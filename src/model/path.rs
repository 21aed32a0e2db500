//! Paths as reports show them.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::path::Path;

/// A path relative to the scanned root, `/` between its parts on every system, any bytes in its names.
///
/// `Display` keeps one line whatever the name holds: bytes that are not UTF-8 show as `\xNN`; reporters escape control characters.
#[derive(Clone)]
pub struct ReportPath {
    bytes: Box<[u8]>,
    /// Bytes of the folders around what is scanned.
    outer: usize,
}

impl ReportPath {
    /// A path from the bytes that a report shall use.
    #[must_use]
    pub fn new(bytes: &[u8]) -> Self {
        Self { bytes: bytes.into(), outer: 0 }
    }

    /// What a commit's message is called.
    pub const COMMIT_MESSAGE: &'static [u8] = b"<commit message>";
    /// What stands before a commit's message.
    pub const COMMIT_HEADER: &'static [u8] = b"<commit header>";
    /// What an annotated tag's message is called.
    pub const TAG_MESSAGE: &'static [u8] = b"<tag message>";
    /// What the list of refs is called.
    pub const REF_NAMES: &'static [u8] = b"<ref names>";

    /// What standard input is called.
    #[must_use]
    pub fn stdin() -> Self {
        Self::new(b"<stdin>")
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
        let bytes = if std::path::MAIN_SEPARATOR == '/' {
            bytes.into()
        } else {
            bytes.iter().map(|&b| if b == b'\\' { b'/' } else { b }).collect()
        };
        Self { bytes, outer: 0 }
    }

    /// The same path, of which the folders up to `outer` only say where the scanned tree happens to lie.
    #[must_use]
    pub fn inside(mut self, outer: &Path) -> Self {
        let outer = Self::as_given(outer).bytes;
        if self.bytes.strip_prefix(&*outer).is_some_and(|inner| inner.starts_with(b"/")) {
            self.outer = outer.len() + 1;
        }
        self
    }

    /// The bytes of the name.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The part of the name that tells what kind of file it is.
    #[must_use]
    pub fn inner(&self) -> &[u8] {
        &self.bytes[self.outer..]
    }
}

// What is around the scanned tree makes no other path of it.
impl PartialEq for ReportPath {
    fn eq(&self, other: &Self) -> bool {
        self.bytes == other.bytes
    }
}

impl Eq for ReportPath {}

impl PartialOrd for ReportPath {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for ReportPath {
    fn cmp(&self, other: &Self) -> Ordering {
        self.bytes.cmp(&other.bytes)
    }
}

impl Hash for ReportPath {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.bytes.hash(state);
    }
}

impl fmt::Display for ReportPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for chunk in self.bytes.utf8_chunks() {
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
        let inner = |path: &str, outer: &str| ReportPath::as_given(Path::new(path)).inside(Path::new(outer)).inner().to_vec();
        assert_eq!(inner("/home/demo/app/tests/a", "/home/demo/app"), b"tests/a");
        assert_eq!(inner("/home/demo/apple/a", "/home/demo/app"), b"/home/demo/apple/a");
        assert_eq!(ReportPath::new(b"caf\xe9.txt").to_string(), "caf\\xe9.txt");
    }
}
