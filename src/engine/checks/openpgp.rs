//! Packets of OpenPGP (RFC 9580, and RFC 4880 before it): which keys hold their secret part, and whether a passphrase protects it.

use super::keys::locked;
use super::structure::{doubt, pass_if};
use super::{Objection, Outcome, container};

/// The tag of the packet that a secret key begins with.
pub const SECRET_KEY: u8 = 5;
const PUBLIC_KEY: u8 = 6;
const SECRET_SUBKEY: u8 = 7;

/// One packet (RFC 9580, 4.2).
#[derive(Clone, Copy, Debug)]
pub struct Packet<'a> {
    /// Its kind.
    pub tag: u8,
    /// Bytes of the body, though its end may be missing.
    len: usize,
    body: &'a [u8],
    rest: &'a [u8],
}

impl<'a> Packet<'a> {
    /// The packet that `bytes` begins with; its end may be missing where `cut` allows.
    pub fn read(bytes: &'a [u8], cut: bool) -> Option<Self> {
        let mut reader = Reader(bytes);
        let first = reader.byte().filter(|first| first & 0x80 != 0)?;
        let (tag, len) = if first & 0x40 != 0 {
            let len = match reader.byte()? {
                len @ 0..192 => usize::from(len),
                high @ 192..224 => ((usize::from(high) - 192) << 8) + usize::from(reader.byte()?) + 192,
                255 => reader.number(4)?,
                _ => return None,
            };
            (first & 0x3f, len)
        } else {
            // Two bits say how many bytes the length has; three that it goes on to the end, as no key does.
            let bytes = 1 << (first & 3);
            (first >> 2 & 15, if bytes < 8 { reader.number(bytes)? } else { return None })
        };
        let rest = reader.0;
        if len > rest.len() {
            return cut.then_some(Self { tag, len, body: rest, rest: &[] });
        }
        Some(Self { tag, len, body: &rest[..len], rest: &rest[len..] })
    }
}

/// What the secret part of a key is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Key {
    /// Not there: on a card, or left out.
    Elsewhere,
    /// Under a passphrase.
    Locked,
    /// There.
    Plain,
}

/// Fields one behind the other.
#[derive(Clone, Copy, Debug)]
pub struct Reader<'a>(pub &'a [u8]);

impl<'a> Reader<'a> {
    /// The next `n` bytes.
    pub fn take(&mut self, n: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(n)?;
        self.0 = rest;
        Some(taken)
    }

    /// The next `n` bytes as a number, the high ones first.
    pub fn number(&mut self, n: usize) -> Option<usize> {
        self.take(n)?.iter().try_fold(0usize, |number, &b| Some(number.checked_mul(256)? | usize::from(b)))
    }

    fn byte(&mut self) -> Option<u8> {
        self.take(1).map(|taken| taken[0])
    }

    /// A number of as many bits as stand before it.
    fn integer(&mut self) -> Option<()> {
        let bits = self.number(2)?;
        let bytes = self.take(bits.div_ceil(8))?;
        let first = bytes.first()?;
        (first.leading_zeros() as usize == bytes.len() * 8 - bits).then_some(())
    }

    fn integers(&mut self, n: usize) -> Option<()> {
        (0..n).try_for_each(|_| self.integer())
    }

    /// A field behind its length of one byte.
    fn counted(&mut self) -> Option<&'a [u8]> {
        let len = self.number(1)?;
        self.take(len).filter(|field| !field.is_empty())
    }
}

/// What all keys begin with: version, time, algorithm.
fn head(reader: &mut Reader<'_>) -> Option<(u8, u8)> {
    /// The years in which keys are made: 1992, when there first was PGP, to 2045.
    const TIMES: std::ops::Range<usize> = 0x2960_0000..0x8f00_0000;
    let version = reader.byte().filter(|version| matches!(version, 4..=6))?;
    reader.number(4).filter(|time| TIMES.contains(time))?;
    let algorithm = reader.byte().filter(|algorithm| matches!(algorithm, 1..=3 | 16..=19 | 22 | 25..=28))?;
    if version > 4 {
        reader.number(4)?;
    }
    Some((version, algorithm))
}

/// Bytes of the keys of RFC 9580 whose lengths are fixed.
const fn fixed(algorithm: u8) -> usize {
    match algorithm {
        26 => 56,
        28 => 57,
        _ => 32,
    }
}

/// What `body`, of a packet with a secret key, holds of it.
fn key(body: &[u8]) -> Option<Key> {
    let mut reader = Reader(body);
    let (version, algorithm) = head(&mut reader)?;
    match algorithm {
        1..=3 => reader.integers(2)?,
        16 => reader.integers(3)?,
        17 => reader.integers(4)?,
        18 => {
            reader.counted()?;
            reader.integer()?;
            reader.counted()?;
        }
        19 | 22 => {
            reader.counted()?;
            reader.integer()?;
        }
        _ => {
            reader.take(fixed(algorithm))?;
        }
    }
    match reader.byte()? {
        0 => plain(reader, version, algorithm).then_some(Key::Plain),
        usage @ 253..=255 => {
            // How long what follows is, the cipher, with 253 its mode, how long the next is.
            reader.take(usize::from(version > 4) + 1 + usize::from(usage == 253) + usize::from(version > 5))?;
            match reader.byte()? {
                0 | 1 | 3 | 4 => Some(Key::Locked),
                // GnuPG's own: no secret part, or one on a card.
                101 => (reader.take(4)?.get(1..) == Some(b"GNU")).then_some(Key::Elsewhere),
                _ => None,
            }
        }
        // A cipher by itself, as in the beginning.
        1..=13 => Some(Key::Locked),
        _ => None,
    }
}

/// Whether `reader` holds the secret numbers of such a key, and nothing else but their sum.
fn plain(mut reader: Reader<'_>, version: u8, algorithm: u8) -> bool {
    if version == 5 && reader.number(4).is_none() {
        return false;
    }
    let all = reader.0;
    let read = match algorithm {
        1..=3 => reader.integers(4),
        16..=19 | 22 => reader.integers(1),
        _ => reader.take(fixed(algorithm)).map(|_| ()),
    };
    let numbers = &all[..all.len() - reader.0.len()];
    let sum = numbers.iter().fold(0u16, |sum, &b| sum.wrapping_add(u16::from(b)));
    read.is_some() && if version > 5 { reader.0.is_empty() } else { reader.0 == sum.to_be_bytes() }
}

/// The most that any of the keys in `bytes` shows of its secret part.
pub fn secrets(bytes: &[u8], cut: bool) -> Option<Key> {
    let packets = std::iter::successors(Packet::read(bytes, cut), |last| Packet::read(last.rest, cut));
    packets.filter(|packet| matches!(packet.tag, SECRET_KEY | SECRET_SUBKEY)).filter_map(|packet| key(packet.body)).max()
}

/// How many bytes the secret key takes that `bytes` begins with, if it does.
pub fn size(bytes: &[u8]) -> Option<usize> {
    let packet = Packet::read(bytes, false).filter(|packet| packet.tag == SECRET_KEY)?;
    key(packet.body).map(|_| bytes.len() - packet.rest.len())
}

/// How many bytes the packet takes that `bytes` begins with, all of which need not be there.
pub fn needed(bytes: &[u8]) -> Option<usize> {
    let packet = Packet::read(bytes, true)?;
    Some(bytes.len() - packet.body.len() - packet.rest.len() + packet.len)
}

/// A secret key without armour: packets, or their base 64.
pub fn bare(value: &[u8]) -> Result<Outcome, Objection> {
    let packets = container::decoded(value);
    if size(&packets).is_none() {
        return pass_if(false, "does not decode to a secret key");
    }
    match secrets(&packets, false) {
        Some(Key::Plain) => Ok(Outcome::Pass),
        Some(Key::Locked) => Ok(locked()),
        _ => doubt("the secret part of the key is elsewhere: a card, or another file"),
    }
}

/// Whether `bytes` begins like a public key.
pub fn is_public(bytes: &[u8]) -> bool {
    Packet::read(bytes, true).is_some_and(|packet| packet.tag == PUBLIC_KEY && head(&mut Reader(packet.body)).is_some())
}

/// Whether `bytes` begins like a secret key.
pub fn is_secret(bytes: &[u8]) -> bool {
    Packet::read(bytes, true).is_some_and(|packet| packet.tag == SECRET_KEY && head(&mut Reader(packet.body)).is_some())
}
