//! DER (X.690): tags and lengths.

/// Tag, bytes of the head, bytes of the content.
fn head(bytes: &[u8]) -> Option<(u8, usize, usize)> {
    let (&tag, rest) = bytes.split_first()?;
    let (&first, rest) = rest.split_first()?;
    match first {
        0..=0x7f => Some((tag, 2, usize::from(first))),
        0x81..=0x83 => {
            let digits = rest.get(..usize::from(first & 3))?;
            Some((tag, 2 + digits.len(), digits.iter().fold(0, |len, &b| len << 8 | usize::from(b))))
        }
        _ => None,
    }
}

/// Tag, content, rest; the content may be cut where `cut` allows.
pub fn der(bytes: &[u8], cut: bool) -> Option<(u8, &[u8], &[u8])> {
    let (tag, head, len) = head(bytes)?;
    let rest = &bytes[head..];
    if len > rest.len() {
        return cut.then_some((tag, rest, &[][..]));
    }
    Some((tag, &rest[..len], &rest[len..]))
}

/// The content of the element of kind `tag` that `bytes` begins with, and the rest.
pub fn element(tag: u8, bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    der(bytes, false).filter(|found| found.0 == tag).map(|(_, content, rest)| (content, rest))
}

/// How many bytes the element takes that `bytes` begins with; not all of them need to be there.
pub fn size(bytes: &[u8]) -> Option<usize> {
    head(bytes).map(|(_, head, len)| head + len)
}
