//! Encodings of whole inputs, undone before matching. The engine sees UTF-8 (or bytes that pass for it); lines and columns stay those of the original.

mod utf16;

pub use utf16::Utf16;

/// How many bytes at the begin of an input tell its encoding.
pub const SNIFF: usize = 8 * 1024;

/// What the first bytes of an input say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sniffed {
    /// The encoding.
    pub encoding: Encoding,
    /// Bytes of the byte order mark, which belongs to no line.
    pub mark: usize,
}

/// Encodings that are told apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// UTF-8, or any other superset of ASCII.
    Ascii,
    /// UTF-16, low byte first.
    Utf16Le,
    /// UTF-16, high byte first.
    Utf16Be,
    /// No text: it has NUL bytes that UTF-16 does not explain.
    Binary,
}

impl Encoding {
    /// The name that a finding's `decoded` bears; `None` where nothing is decoded.
    #[must_use]
    pub const fn decoded(self) -> Option<&'static str> {
        match self {
            Self::Ascii | Self::Binary => None,
            Self::Utf16Le => Some("utf-16le"),
            Self::Utf16Be => Some("utf-16be"),
        }
    }
}

/// Tells the encoding by the begin of an input: [`SNIFF`] bytes, or all where it is shorter.
#[must_use]
pub fn sniff(head: &[u8]) -> Sniffed {
    let found = |encoding, mark| Sniffed { encoding, mark };
    match head {
        [0xff, 0xfe, ..] => return found(Encoding::Utf16Le, 2),
        [0xfe, 0xff, ..] => return found(Encoding::Utf16Be, 2),
        [0xef, 0xbb, 0xbf, ..] => return found(Encoding::Ascii, 3),
        _ => {}
    }
    if memchr::memchr(0, head).is_none() {
        return found(Encoding::Ascii, 0);
    }
    // Text in UTF-16 without a mark: most units are ASCII, so one half of the bytes is mostly NUL and the other has none.
    let units = head.len() / 2;
    let (mut even, mut odd) = (0, 0);
    for unit in head.chunks_exact(2) {
        even += usize::from(unit[0] == 0);
        odd += usize::from(unit[1] == 0);
    }
    let encoding = if units >= 4 && odd * 2 > units && even * 50 <= units {
        Encoding::Utf16Le
    } else if units >= 4 && even * 2 > units && odd * 50 <= units {
        Encoding::Utf16Be
    } else {
        Encoding::Binary
    };
    found(encoding, 0)
}

/// All of a small input, decoded, without its byte order mark; and what it was.
#[must_use]
pub fn whole(raw: &[u8]) -> (Vec<u8>, Encoding) {
    let sniffed = sniff(&raw[..raw.len().min(SNIFF)]);
    let body = &raw[sniffed.mark..];
    let text = match Utf16::new(sniffed.encoding) {
        Some(mut decoder) => {
            let mut text = Vec::new();
            decoder.decode(body, true, &mut text);
            text
        }
        None => body.to_vec(),
    };
    (text, sniffed.encoding)
}

#[cfg(test)]
mod tests {
    use super::{Encoding, sniff};

    fn utf16le(text: &str) -> Vec<u8> {
        text.encode_utf16().flat_map(u16::to_le_bytes).collect()
    }

    #[test]
    fn marks_and_their_absence() {
        assert_eq!(sniff(b"\xff\xfea\0").encoding, Encoding::Utf16Le);
        assert_eq!(sniff(b"\xef\xbb\xbfkey").mark, 3);
        assert_eq!(sniff(&utf16le("key = value")).encoding, Encoding::Utf16Le);
        let swapped: Vec<u8> = utf16le("key = value").chunks(2).flat_map(|c| [c[1], c[0]]).collect();
        assert_eq!(sniff(&swapped).encoding, Encoding::Utf16Be);
        assert_eq!(sniff("schlüssel".as_bytes()).encoding, Encoding::Ascii);
        assert_eq!(sniff(b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0\x03\0>\0").encoding, Encoding::Binary);
        assert_eq!(sniff(&[0; 100]).encoding, Encoding::Binary);
        assert_eq!(sniff(b"").encoding, Encoding::Ascii);
    }
}
