//! UTF-16 in pieces: always UTF-8, the same wherever it is cut, and what the standard library makes of it.
#![no_main]

use keysift::decode::{Encoding, SNIFF, Utf16, sniff};
use libfuzzer_sys::fuzz_target;

fn decode(encoding: Encoding, raw: &[u8], piece: usize) -> Vec<u8> {
    let mut decoder = Utf16::new(encoding).expect("an encoding of UTF-16");
    let mut text = Vec::new();
    for piece in raw.chunks(piece) {
        decoder.decode(piece, false, &mut text);
    }
    decoder.decode(&[], true, &mut text);
    text
}

fuzz_target!(|data: &[u8]| {
    let sniffed = sniff(&data[..data.len().min(SNIFF)]);
    assert!(sniffed.mark <= data.len());
    let Some((&first, raw)) = data.split_first() else { return };
    for (encoding, unit) in [(Encoding::Utf16Le, u16::from_le_bytes as fn([u8; 2]) -> u16), (Encoding::Utf16Be, u16::from_be_bytes)] {
        let text = decode(encoding, raw, usize::from(first % 16) + 1);
        assert_eq!(text, decode(encoding, raw, usize::MAX));
        let text = String::from_utf8(text).expect("UTF-8");
        if raw.len().is_multiple_of(2) {
            let units: Vec<u16> = raw.chunks_exact(2).map(|u| unit([u[0], u[1]])).collect();
            assert_eq!(text, String::from_utf16_lossy(&units));
        }
    }
});
