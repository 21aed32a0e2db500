//! Commits, read from the bytes of the object: no copy is made of what nobody asks for, and no commit is too odd to be described.

use std::borrow::Cow;

use encoding_rs::Encoding;

use crate::model::{Commit, Date, ObjectId};

/// What a commit object says, as far as anybody here asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct RawCommit<'a> {
    /// The tree it made.
    pub tree: ObjectId,
    /// The commits it was made from, in order.
    pub parents: Vec<ObjectId>,
    /// Seconds since 1970 when it was committed; 0 where it does not say.
    pub committed: i64,
    /// Where the lines end with which it begins, those of tree and parents.
    pub ids_end: usize,
    /// Where in the object the message begins.
    pub message_at: usize,
    /// The message.
    pub message: &'a [u8],
    /// Behind `author`: name, address, seconds and offset.
    author: &'a [u8],
    /// What the text is encoded in, where it says.
    encoding: Option<&'a [u8]>,
}

impl<'a> RawCommit<'a> {
    /// Reads a commit object without its `commit LENGTH` header. `None` where tree or parents are no ids: it is no commit then. Anything else may
    /// be missing or nonsense, as it is in old and in forged repositories.
    pub(super) fn parse(object: &'a [u8], sha256: bool) -> Option<Self> {
        let digits = if sha256 { 64 } else { 40 };
        let id = |hex: &[u8]| ObjectId::parse(hex).filter(|_| hex.len() == digits);
        let (mut tree, mut parents, mut committed) = (None, Vec::new(), None);
        let (mut author, mut encoding): (Option<&[u8]>, Option<&[u8]>) = (None, None);
        let (mut at, mut ids_end) = (0, 0);
        while at < object.len() {
            let end = memchr::memchr(b'\n', &object[at..]).map_or(object.len(), |n| at + n);
            let (begin, line) = (at, &object[at..end]);
            at = (end + 1).min(object.len());
            if line.is_empty() {
                break;
            }
            // Lines that begin with a space continue a signature or another header of that kind, whose name no branch takes.
            let (name, value) = line.split_at(memchr::memchr(b' ', line).unwrap_or(line.len()));
            let value = value.get(1..).unwrap_or_default();
            match name {
                b"tree" if tree.is_none() => tree = Some(id(value)?),
                b"parent" => parents.push(id(value)?),
                b"author" if author.is_none() => author = Some(value),
                b"committer" if committed.is_none() => committed = Some(Signature::of(value).seconds),
                b"encoding" if encoding.is_none() => encoding = Some(value),
                _ => {}
            }
            if ids_end == begin && matches!(name, b"tree" | b"parent") {
                ids_end = at;
            }
        }
        Some(Self {
            tree: tree?,
            parents,
            committed: committed.unwrap_or(0),
            ids_end,
            message_at: at,
            message: &object[at..],
            author: author.unwrap_or_default(),
            encoding,
        })
    }

    /// `bytes` of this commit as text; what does not decode is replaced.
    fn text<'b>(&self, bytes: &'b [u8]) -> Cow<'b, str> {
        match self.encoding.and_then(Encoding::for_label) {
            Some(encoding) => encoding.decode_without_bom_handling(bytes).0,
            None => String::from_utf8_lossy(bytes),
        }
    }
}

/// Who, what and when, for people.
pub(super) fn describe(id: ObjectId, commit: &RawCommit<'_>) -> Commit {
    let author = Signature::of(commit.author);
    Commit {
        committed: commit.committed,
        id,
        author: commit.text(author.name).into_owned(),
        email: commit.text(author.email).into_owned(),
        date: author.date(),
        subject: commit.text(subject(commit.message)).into_owned(),
    }
}

/// A tag as if the tagger had committed it; `None` where it has no tagger, as some of old have not.
pub(super) fn describe_tag(id: ObjectId, object: &[u8]) -> Option<Commit> {
    let (header, message) = object.split_at(memchr::memmem::find(object, b"\n\n").unwrap_or(object.len()));
    let tagger = Signature::of(header.split(|&b| b == b'\n').find_map(|line| line.strip_prefix(b"tagger "))?);
    let text = |bytes| String::from_utf8_lossy(bytes).into_owned();
    Some(Commit {
        committed: tagger.seconds,
        id,
        author: text(tagger.name),
        email: text(tagger.email),
        date: tagger.date(),
        subject: text(subject(message)),
    })
}

/// The subject of `message`: git takes the first line with something in it.
fn subject(message: &[u8]) -> &[u8] {
    message.split(|&b| b == b'\n').map(<[u8]>::trim_ascii).find(|l| !l.is_empty()).unwrap_or_default()
}

/// `Ada <ada@example.org> 1709395260 +0100`, or what is there of it.
struct Signature<'a> {
    name: &'a [u8],
    email: &'a [u8],
    seconds: i64,
    /// Minutes east of Greenwich.
    offset: i64,
}

impl<'a> Signature<'a> {
    /// Takes the line apart as git does: the address from the first `<`, the time behind the last `>`.
    fn of(line: &'a [u8]) -> Self {
        let open = memchr::memchr(b'<', line);
        let name = line[..open.unwrap_or(line.len())].trim_ascii();
        let address = open.map_or(&line[line.len()..], |n| &line[n + 1..]);
        let email = address[..memchr::memchr(b'>', address).unwrap_or(address.len())].trim_ascii();
        let time = memchr::memrchr(b'>', line).map_or(&line[line.len()..], |n| &line[n + 1..]);
        let mut words = time.split(u8::is_ascii_whitespace).filter(|w| !w.is_empty()).map(|w| std::str::from_utf8(w).unwrap_or_default());
        let seconds = words.next().and_then(|w| w.parse().ok()).unwrap_or(0);
        let offset = words.next().map_or(0, minutes);
        Self { name, email, seconds, offset }
    }

    fn date(&self) -> Date {
        Date::new(self.seconds, self.offset)
    }
}

/// `+0130` as minutes; 0 for what cannot be an offset, such as the `+051800` that some old tools wrote.
fn minutes(offset: &str) -> i64 {
    let number: i64 = offset.parse().unwrap_or(0);
    let (hours, rest) = (number / 100, number % 100);
    if hours.abs() < 24 && rest.abs() < 60 { hours * 60 + rest } else { 0 }
}

#[cfg(test)]
mod tests {
    use super::{RawCommit, describe};
    use crate::model::{Commit, ObjectId};
    use proptest::prelude::*;

    const TREE: &str = "4b825dc642cb6eb9a060e54bf8d69288fbee4904";
    const PARENT: &str = "1a3e64c6c4a623626ff0687008732a8e007e2a1c";

    fn id() -> ObjectId {
        ObjectId::parse(PARENT.as_bytes()).unwrap()
    }

    fn described(object: &[u8]) -> Commit {
        describe(id(), &RawCommit::parse(object, false).unwrap())
    }

    fn with_author(line: &str) -> Commit {
        described(format!("tree {TREE}\nauthor {line}\ncommitter C <c@x> 7 +0000\n\nsubject\n").as_bytes())
    }

    #[test]
    fn reads_what_git_writes() {
        let object = format!(
            "tree {TREE}\nparent {PARENT}\nparent {PARENT}\nauthor Ada L <ada@example.org> 1709395260 +0100\n\
             committer Bob <bob@example.org> 1709395999 -0330\ngpgsig -----BEGIN PGP SIGNATURE-----\n \n tree inside\n\
             \x20-----END PGP SIGNATURE-----\n\nFirst line\n\nbody\n"
        );
        let commit = RawCommit::parse(object.as_bytes(), false).unwrap();
        assert_eq!(commit.tree.to_string(), TREE);
        assert_eq!(commit.parents, [id(), id()]);
        assert_eq!(commit.committed, 1_709_395_999);
        assert_eq!(commit.message, b"First line\n\nbody\n");
        assert_eq!(&object.as_bytes()[commit.message_at..], commit.message);
        let told = describe(id(), &commit);
        assert_eq!((told.author.as_str(), told.email.as_str(), told.subject.as_str()), ("Ada L", "ada@example.org", "First line"));
        assert_eq!((told.date.seconds, told.date.text.as_str()), (1_709_395_260, "2024-03-02T17:01:00+01:00"));
    }

    #[test]
    fn ids_are_as_long_as_the_repository_says() {
        let long = format!("tree {}\n\n", "0f".repeat(32));
        assert!(RawCommit::parse(long.as_bytes(), true).is_some());
        assert!(RawCommit::parse(long.as_bytes(), false).is_none());
        assert!(RawCommit::parse(format!("tree {TREE}\n\n").as_bytes(), true).is_none());
        assert!(RawCommit::parse(format!("tree {TREE}\nparent 12\n\n").as_bytes(), false).is_none());
    }

    #[test]
    fn text_is_decoded_as_the_commit_says() {
        let mut object = format!("tree {TREE}\nauthor J").into_bytes();
        object.extend(b"\xfcrgen <j@x> 0 +0000\ncommitter C <c@x> 7 +0000\nencoding ISO-8859-1\n\n\xe4nderung\n");
        assert_eq!((described(&object).author, described(&object).subject), ("Jürgen".to_owned(), "änderung".to_owned()));
        let unknown = String::from_utf8_lossy(&object).replace("ISO-8859-1", "klingon");
        assert_eq!(described(unknown.as_bytes()).author, "J\u{fffd}rgen");
    }

    #[test]
    fn odd_authors_are_taken_as_git_takes_them() {
        let of = |line| {
            let commit = with_author(line);
            format!("{}|{}|{}", commit.author, commit.email, commit.date.text)
        };
        assert_eq!(of("A <a@x> 0 +0000"), "A|a@x|1970-01-01T00:00:00Z");
        assert_eq!(of("A <B> <a@x> 60 -0100"), "A|B|1969-12-31T23:01:00-01:00");
        assert_eq!(of("<a@x> 0 +051800"), "|a@x|1970-01-01T00:00:00Z");
        assert_eq!(of("A <a@x>"), "A|a@x|1970-01-01T00:00:00Z");
        assert_eq!(of("nobody"), "nobody||1970-01-01T00:00:00Z");
        assert_eq!(of("A <a@x 12"), "A|a@x 12|1970-01-01T00:00:00Z");
        assert_eq!(of("A <a@x> 99999999999999999999 +0000"), "A|a@x|1970-01-01T00:00:00Z");
        assert_eq!(of("A <a@x> 9223372036854775807 +2359"), "A|a@x|9999-12-31T23:59:59+23:59");
    }

    #[test]
    fn a_commit_may_have_no_message_and_no_people() {
        let bare = format!("tree {TREE}");
        let commit = RawCommit::parse(bare.as_bytes(), false).unwrap();
        assert_eq!((commit.message_at, commit.message, commit.committed), (bare.len(), &b""[..], 0));
        assert_eq!(described(bare.as_bytes()).subject, "");
        assert_eq!(described(format!("tree {TREE}\n\n\n  \n late \n").as_bytes()).subject, "late");
        assert!(RawCommit::parse(b"", false).is_none());
        assert!(RawCommit::parse(b"\n\nmessage", false).is_none());
    }

    proptest! {
        #[test]
        fn nothing_is_too_odd(bytes in proptest::collection::vec(any::<u8>(), 0..200), line in "\\PC{0,60}") {
            let _ = RawCommit::parse(&bytes, false);
            let mut object = format!("tree {TREE}\nauthor {line}\n").into_bytes();
            object.extend(bytes);
            if let Some(commit) = RawCommit::parse(&object, false) {
                describe(id(), &commit);
                prop_assert!(commit.message_at <= object.len());
            }
        }
    }
}
