//! Places: a file as a URI, and the region in it.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_encode};
use serde_sarif::sarif::{ArtifactLocation, Location, PhysicalLocation, Region};

use crate::model::{Occurrence, ReportPath};

/// Everything but what a path in a URI may hold as it is. A colon, too, is encoded: in a first part it would end a scheme.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b'/');

pub(super) fn location(occurrence: &Occurrence, prefix: &str) -> Location {
    let number = |n: u64| i64::try_from(n).unwrap_or(i64::MAX);
    let region = Region::builder()
        .start_line(number(occurrence.start.line))
        .start_column(number(occurrence.start.column))
        .end_line(number(occurrence.end.line))
        .end_column(number(occurrence.end.column))
        .build();
    let artifact = ArtifactLocation::builder().uri(uri(&occurrence.path, prefix)).build();
    Location::builder().physical_location(PhysicalLocation::builder().artifact_location(artifact).region(region).build()).build()
}

/// The path relative to the repository, as a URI; paths from the root of the file system keep to themselves.
fn uri(path: &ReportPath, prefix: &str) -> String {
    let bytes = path.as_bytes();
    if bytes.starts_with(b"/") {
        return format!("file://{}", percent_encode(bytes, ENCODED));
    }
    if cfg!(windows) && bytes.get(1..3) == Some(b":/") {
        return format!("file:///{}", percent_encode(bytes, ENCODED));
    }
    if *path == ReportPath::stdin() {
        return percent_encode(bytes, ENCODED).to_string();
    }
    let mut parts: Vec<&[u8]> = Vec::new();
    for part in prefix.as_bytes().split(|&b| b == b'/').chain(bytes.split(|&b| b == b'/')) {
        match part {
            b"" | b"." => {}
            b".." if parts.last().is_some_and(|&p| p != b"..") => drop(parts.pop()),
            _ => parts.push(part),
        }
    }
    percent_encode(&parts.join(&b'/'), ENCODED).to_string()
}

#[cfg(test)]
mod tests {
    use super::uri;
    use crate::model::ReportPath;

    #[test]
    fn paths_become_uris_of_the_repository() {
        let of = |path: &[u8], prefix: &str| uri(&ReportPath::new(path), prefix);
        assert_eq!(of(b"src/a b#1.rs", ""), "src/a%20b%231.rs");
        assert_eq!(of(b"a.env", "services/api"), "services/api/a.env");
        assert_eq!(of(b"../web/./a.env", "services/api"), "services/web/a.env");
        assert_eq!(of(b"../../a.env", "api"), "../a.env");
        assert_eq!(of(b"caf\xe9:1.txt", ""), "caf%E9%3A1.txt");
        assert_eq!(of("日".as_bytes(), ""), "%E6%97%A5");
        assert_eq!(of(b"<stdin>", "services/api"), "%3Cstdin%3E");
        assert_eq!(of(b"/etc/app.env", "services/api"), "file:///etc/app.env");
    }
}
