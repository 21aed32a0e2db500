//! UTF-16 to UTF-8, in pieces of any size.

use encoding_rs::{Decoder, UTF_16BE, UTF_16LE};

use super::Encoding;

/// Decodes a stream of UTF-16. Unpaired surrogates and an odd last byte become U+FFFD.
pub struct Utf16(Decoder);

impl Utf16 {
    /// A decoder for `encoding`; `None` unless that is UTF-16. The byte order mark must have been taken off.
    #[must_use]
    pub fn new(encoding: Encoding) -> Option<Self> {
        let encoding = match encoding {
            Encoding::Utf16Le => UTF_16LE,
            Encoding::Utf16Be => UTF_16BE,
            Encoding::Ascii | Encoding::Binary => return None,
        };
        Some(Self(encoding.new_decoder_without_bom_handling()))
    }

    /// Appends `raw`, decoded, to `text`; `last` says that nothing follows.
    pub fn decode(&mut self, raw: &[u8], last: bool, text: &mut Vec<u8>) {
        // Three bytes of UTF-8 a unit at most, and room for what was left over.
        let written = text.len();
        text.resize(written + raw.len() / 2 * 3 + 16, 0);
        let (_, read, len, _) = self.0.decode_to_utf8(raw, &mut text[written..], last);
        debug_assert_eq!(read, raw.len(), "the buffer holds the worst case");
        text.truncate(written + len);
    }
}

#[cfg(test)]
mod tests {
    use super::Utf16;
    use crate::decode::Encoding;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn pieces_decode_as_the_whole(text in "\\PC{0,80}", size in 1usize..9) {
            let raw: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
            let mut decoder = Utf16::new(Encoding::Utf16Be).unwrap();
            let mut out = Vec::new();
            for piece in raw.chunks(size) {
                decoder.decode(piece, false, &mut out);
            }
            decoder.decode(&[], true, &mut out);
            prop_assert_eq!(String::from_utf8(out).unwrap(), text);
        }

        #[test]
        fn any_bytes_give_utf8(raw in proptest::collection::vec(any::<u8>(), 0..200)) {
            let mut out = Vec::new();
            Utf16::new(Encoding::Utf16Le).unwrap().decode(&raw, true, &mut out);
            prop_assert!(String::from_utf8(out).is_ok());
        }
    }
}
