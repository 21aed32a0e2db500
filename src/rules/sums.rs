//! The check sums that tokens carry: templates write them, the engine's checks work them out again.

/// Digits, upper case, lower case.
pub const BASE62: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
/// Digits and lower case.
pub const BASE36: &[u8; 36] = b"0123456789abcdefghijklmnopqrstuvwxyz";
/// The digits of Bech32 (BIP 173).
pub const BECH32: &[u8; 32] = b"qpzry9x8gf2tvdw0s3jn54khce6mua7l";

/// CRC-32 of `bytes` in base 62, zero-padded: the check digits of GitHub's and npm's tokens.
#[must_use]
pub fn crc32_base62(bytes: &[u8], width: usize) -> String {
    written(crc32fast::hash(bytes), BASE62, width)
}

/// CRC-32 of `bytes` in base 36, in seven digits: the end of GitLab's routable tokens.
#[must_use]
pub fn crc32_base36(bytes: &[u8]) -> String {
    base36(crc32fast::hash(bytes), 7)
}

/// Base 36, lower case, zero-padded.
#[must_use]
pub fn base36(number: u32, width: usize) -> String {
    written(number, BASE36, width)
}

/// The last `width` digits of `number`.
fn written(mut number: u32, digits: &[u8], width: usize) -> String {
    let mut out = vec![b'0'; width];
    for digit in out.iter_mut().rev() {
        *digit = digits[number as usize % digits.len()];
        number /= digits.len() as u32;
    }
    String::from_utf8_lossy(&out).into_owned()
}

/// CRC-16/XMODEM, as NKEYs use it.
#[must_use]
pub fn crc16(bytes: &[u8]) -> u16 {
    bytes
        .iter()
        .fold(0, |crc, &b| (0..8).fold(crc ^ (u16::from(b) << 8), |c: u16, _| if c & 0x8000 == 0 { c << 1 } else { (c << 1) ^ 0x1021 }))
}

/// CRC-24 of OpenPGP armour (RFC 4880, 6.1).
#[must_use]
pub fn crc24(bytes: &[u8]) -> u32 {
    bytes.iter().fold(0xb7_04ce, |crc, &b| {
        (0..8).fold(crc ^ (u32::from(b) << 16), |c, _| {
            let next = c << 1;
            if next & 0x100_0000 == 0 { next } else { next ^ 0x186_4cfb }
        })
    }) & 0xff_ffff
}

/// The Bech32 polynomial over human-readable part and data; 1 for a valid string (BIP 173).
#[must_use]
pub fn bech32_sum(hrp: &[u8], data: impl IntoIterator<Item = u8>) -> u32 {
    const GENERATOR: [u32; 5] = [0x3b6a_57b2, 0x2650_8e6d, 0x1ea1_19fa, 0x3d42_33dd, 0x2a14_62b3];
    let expanded = hrp.iter().map(|b| b >> 5).chain([0]).chain(hrp.iter().map(|b| b & 31));
    expanded.chain(data).fold(1, |sum: u32, value| {
        let top = sum >> 25;
        let next = (sum & 0x1ff_ffff) << 5 ^ u32::from(value);
        GENERATOR.iter().enumerate().filter(|&(i, _)| top >> i & 1 == 1).fold(next, |n, (_, g)| n ^ g)
    })
}

#[cfg(test)]
mod tests {
    use super::{BECH32, base36, bech32_sum, crc16, crc24, crc32_base36, crc32_base62};

    /// The check values of the catalogue of CRCs, and what Python's zlib makes of the same text, written in other bases.
    #[test]
    fn sums_by_values_worked_out_elsewhere() {
        assert_eq!(crc16(b"123456789"), 0x31c3);
        assert_eq!(crc24(b"123456789"), 0x21_cf02);
        assert_eq!(crc32_base62(b"123456789", 6), "3jZRME");
        assert_eq!(crc32_base62(b"a", 6), "4GEHKN");
        assert_eq!(crc32_base62(b"", 6), "000000");
        assert_eq!(crc32_base36(b"123456789"), "1kl8mjq");
        assert_eq!(base36(48, 2), "1c");
    }

    /// BIP 173's valid strings and invalid ones.
    #[test]
    fn bech32_by_the_examples_of_its_description() {
        let is_valid = |text: &str| {
            let (hrp, data) = text.rsplit_once('1').unwrap();
            let digit = |b| BECH32.iter().position(|&digit| digit == b).unwrap() as u8;
            bech32_sum(hrp.as_bytes(), data.bytes().map(digit)) == 1
        };
        assert!(is_valid("a12uel5l") && is_valid("abcdef1qpzry9x8gf2tvdw0s3jn54khce6mua7lmqqqxw") && is_valid("?1ezyfcl"));
        assert!(!is_valid("a12uel5q") && !is_valid("b12uel5l"));
    }
}
