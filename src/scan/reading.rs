//! Input to buffers that the engine can scan, in constant memory: decoded, with positions, overlapping by what a rule can see.

use std::io::{self, ErrorKind, Read};

use crate::decode::{Encoding, SNIFF, Utf16, sniff};
use crate::engine::{REACH, Text};
use crate::model::{Position, Tracker};

/// Bytes read at once from streams and large files. Files up to this size are scanned in one piece, without overlap.
pub const CHUNK: usize = 4 << 20;

/// A stretch of an input, ready to scan.
pub struct Chunk<'a> {
    /// The bytes and the part of them that counts.
    pub text: Text<'a>,
    /// Where the first byte of the buffer stands.
    pub start: Position,
    /// How many bytes of text, without a byte order mark, come before the buffer.
    pub offset: u64,
    /// How the input was encoded.
    pub encoding: Encoding,
}

/// How an input ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Done {
    /// Bytes read.
    pub bytes: u64,
    /// What it was.
    pub encoding: Encoding,
    /// Whether it grew faster than it could be read and was left.
    pub grew: bool,
    /// Whether `--no-binary` left it out.
    pub left_out: bool,
}

/// Bytes read, in a buffer that keeps its largest size: growing and zeroing one for every file would cost as much as reading it.
#[derive(Default)]
struct Raw {
    bytes: Vec<u8>,
    filled: usize,
}

impl Raw {
    fn filled(&self) -> &[u8] {
        &self.bytes[..self.filled]
    }

    /// Reads up to `wanted` bytes; whether the end was reached. A short read that completes the `expected` number of bytes is the end: asking
    /// again would cost every file a second call.
    fn fill(&mut self, content: &mut dyn Read, wanted: usize, expected: Option<u64>) -> io::Result<bool> {
        if self.bytes.len() < wanted {
            self.bytes.resize(wanted, 0);
        }
        self.filled = 0;
        while self.filled < wanted {
            match content.read(&mut self.bytes[self.filled..wanted]) {
                Ok(0) => return Ok(true),
                Ok(n) => self.filled += n,
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                Err(error) => return Err(error),
            }
            if self.filled < wanted && expected == Some(self.filled as u64) {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

/// Reads inputs one after another into buffers it keeps.
pub struct Reading {
    chunk: usize,
    raw: Raw,
    text: Vec<u8>,
}

impl Reading {
    /// Reads `chunk` bytes at once.
    pub fn new(chunk: usize) -> Self {
        Self { chunk, raw: Raw::default(), text: Vec::new() }
    }

    /// Reads `content` to its end and calls `scan` with one chunk after the other. `len` is the size at opening, if there is one;
    /// `binary` whether binary inputs are wanted.
    pub fn read(&mut self, content: &mut dyn Read, len: Option<u64>, binary: bool, scan: &mut dyn FnMut(Chunk<'_>)) -> io::Result<Done> {
        let first = len.map_or(self.chunk, |n| usize::try_from(n).map_or(self.chunk, |n| n.saturating_add(1).min(self.chunk)));
        let mut last = self.raw.fill(content, first.max(SNIFF), len)?;
        let sniffed = sniff(&self.raw.filled()[..self.raw.filled.min(SNIFF)]);
        let mut done = Done { bytes: self.raw.filled as u64, encoding: sniffed.encoding, grew: false, left_out: false };
        let is_binary = sniffed.encoding == Encoding::Binary;
        if is_binary && !binary {
            done.left_out = true;
            return Ok(done);
        }
        let mut decoder = Utf16::new(sniffed.encoding);
        if last && decoder.is_none() {
            // Nearly every file: one buffer, one scan, no copy.
            let bytes = &self.raw.filled()[sniffed.mark..];
            let text = Text { bytes, from: 0, to: bytes.len(), binary: is_binary };
            scan(Chunk { text, start: Position::START, offset: 0, encoding: sniffed.encoding });
            return Ok(done);
        }
        // A file may grow while it is read, but not for ever.
        let limit = len.map(|n| n.saturating_mul(2).saturating_add(CHUNK as u64));
        self.text.clear();
        let mut from = 0;
        let mut start = Position::START;
        let mut offset = 0;
        let mut skip = sniffed.mark;
        loop {
            let raw = &self.raw.filled()[skip..];
            match &mut decoder {
                Some(decoder) => decoder.decode(raw, last, &mut self.text),
                None => self.text.extend_from_slice(raw),
            }
            skip = 0;
            // What the engine sees of a hit must not depend on where a chunk ends: the last stretch waits for what follows it.
            let to = if last { self.text.len() } else { self.text.len().saturating_sub(REACH) };
            if to > from {
                if !is_zero(&self.text) {
                    let text = Text { bytes: &self.text, from, to, binary: is_binary };
                    scan(Chunk { text, start, offset, encoding: sniffed.encoding });
                }
                let keep = to.saturating_sub(REACH);
                start = Tracker::new(start).advance(&self.text, keep);
                offset += keep as u64;
                self.text.drain(..keep);
                from = to - keep;
            }
            if last {
                return Ok(done);
            }
            if limit.is_some_and(|limit| done.bytes > limit) {
                done.grew = true;
                last = true;
                self.raw.filled = 0;
                continue;
            }
            last = self.raw.fill(content, self.chunk, None)?;
            done.bytes += self.raw.filled as u64;
        }
    }
}

/// Holes of sparse files and images: no anchor has a NUL.
fn is_zero(bytes: &[u8]) -> bool {
    bytes.chunks(4096).all(|c| c.iter().fold(0, |a, b| a | b) == 0)
}
