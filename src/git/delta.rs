//! Deltas: an object as copies from another one and inserted bytes.
//!
//! The format is that of `gitformat-pack(5)`, "Deltified representation": two sizes, then instructions. [`Delta::parse`] checks all of them
//! against the base before anything is allocated or copied, so that what follows cannot fail.

use std::ops::Range;

/// A checked delta.
#[derive(Clone, Copy, Debug)]
pub struct Delta<'a> {
    bytes: &'a [u8],
    steps: &'a [Step],
    result: usize,
}

/// The instructions of a delta, read once: a buffer to be used again.
#[derive(Debug, Default)]
pub struct Steps(Vec<Step>);

/// An instruction: from where the next bytes of the result are taken, and how many.
#[derive(Clone, Copy, Debug)]
struct Step {
    /// A place in the base, or for inserted bytes one in the delta.
    from: u32,
    /// The highest bit says that they are inserted.
    len: u32,
}

impl Step {
    const INSERTED: u32 = 1 << 31;

    fn len(self) -> usize {
        (self.len & !Self::INSERTED) as usize
    }

    /// The range of the base that is copied; `None` for inserted bytes.
    fn copied(self) -> Option<Range<usize>> {
        (self.len & Self::INSERTED == 0).then(|| self.range())
    }

    fn range(self) -> Range<usize> {
        self.from as usize..self.from as usize + self.len()
    }
}

/// One instruction: the next bytes of the result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Op<'a> {
    /// This range of the base.
    Copy(Range<usize>),
    /// These bytes.
    Insert(&'a [u8]),
}

/// Why bytes are no delta for their base.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DeltaError {
    /// It ends within an instruction or size.
    #[error("the delta is cut off")]
    Cut,
    /// It is for a base of another size.
    #[error("the delta is for a base of another size")]
    Base,
    /// It copies from beyond its base.
    #[error("the delta copies from beyond its base")]
    Beyond,
    /// It makes more or fewer bytes than it says, or more than an address can hold.
    #[error("the delta does not make the size it states")]
    Size,
    /// It has an instruction that means nothing.
    #[error("the delta has an unknown instruction")]
    Unknown,
}

impl<'a> Delta<'a> {
    /// Reads and checks a delta for a base of `base` bytes; `steps` holds what was read.
    ///
    /// # Errors
    /// It is malformed or does not belong to such a base.
    pub fn parse(bytes: &'a [u8], base: usize, steps: &'a mut Steps) -> Result<Self, DeltaError> {
        let mut rest = bytes;
        if size(&mut rest)? != base as u64 {
            return Err(DeltaError::Base);
        }
        let result = usize::try_from(size(&mut rest)?).map_err(|_| DeltaError::Size)?;
        let mut made: usize = 0;
        steps.0.clear();
        while !rest.is_empty() {
            let step = match next(&mut rest)? {
                Op::Copy(range) if range.end > base => return Err(DeltaError::Beyond),
                // An offset has four bytes, a length three.
                Op::Copy(range) => Step { from: range.start as u32, len: range.len() as u32 },
                Op::Insert(inserted) => {
                    let from = u32::try_from(bytes.len() - rest.len() - inserted.len()).map_err(|_| DeltaError::Size)?;
                    Step { from, len: inserted.len() as u32 | Step::INSERTED }
                }
            };
            made = made.checked_add(step.len()).filter(|&made| made <= result).ok_or(DeltaError::Size)?;
            steps.0.push(step);
        }
        if made != result {
            return Err(DeltaError::Size);
        }
        Ok(Self { bytes, steps: &steps.0, result })
    }

    /// Bytes of the result.
    #[must_use]
    pub fn result_len(&self) -> usize {
        self.result
    }

    /// The instructions, in order of the result.
    pub fn ops(&self) -> impl Iterator<Item = Op<'a>> + use<'a> {
        let bytes = self.bytes;
        self.steps.iter().map(move |step| match step.copied() {
            Some(range) => Op::Copy(range),
            None => Op::Insert(&bytes[step.range()]),
        })
    }

    /// Replaces `out` by the result of applying the delta to `base`, the base it was parsed for.
    pub fn apply(&self, base: &[u8], out: &mut Vec<u8>) {
        out.clear();
        out.reserve(self.result);
        for op in self.ops() {
            match op {
                Op::Copy(range) => out.extend_from_slice(&base[range]),
                Op::Insert(bytes) => out.extend_from_slice(bytes),
            }
        }
    }

    /// Makes the result of `buffer`, which holds the base, where that can be done in place: no range is copied twice, and all in the order in which
    /// they stand in the base. So it is for nearly every edit of a text, and what stands before the edit then need not move. Otherwise `false`, and
    /// nothing has changed.
    pub fn apply_in_place(&self, buffer: &mut Vec<u8>) -> bool {
        let mut end = 0;
        for range in self.steps.iter().filter_map(|step| step.copied()) {
            if range.start < end {
                return false;
            }
            end = range.end;
        }
        if buffer.len() < self.result {
            buffer.resize(self.result, 0);
        }
        // A range that moves to the left overwrites only what lies before its own place, and so nothing that a range behind it needs: those go from
        // left to right. For the same reason those that move to the right go from right to left; and neither kind touches what the other needs.
        let mut at = 0;
        for step in self.steps {
            if let Some(range) = step.copied().filter(|range| at < range.start) {
                buffer.copy_within(range, at);
            }
            at += step.len();
        }
        for step in self.steps.iter().rev() {
            at -= step.len();
            if let Some(range) = step.copied().filter(|range| at > range.start) {
                buffer.copy_within(range, at);
            }
        }
        for step in self.steps {
            if step.copied().is_none() {
                buffer[at..at + step.len()].copy_from_slice(&self.bytes[step.range()]);
            }
            at += step.len();
        }
        buffer.truncate(self.result);
        true
    }
}

/// A size: seven bits a byte, lowest first.
fn size(bytes: &mut &[u8]) -> Result<u64, DeltaError> {
    let mut value = 0;
    let mut shift = 0;
    loop {
        let (&byte, rest) = bytes.split_first().ok_or(DeltaError::Cut)?;
        *bytes = rest;
        if shift > 56 {
            return Err(DeltaError::Size);
        }
        value |= u64::from(byte & 0x7f) << shift;
        shift += 7;
        if byte & 0x80 == 0 {
            return Ok(value);
        }
    }
}

/// The instruction at the begin of `bytes`, which is not empty.
#[inline]
fn next<'a>(bytes: &mut &'a [u8]) -> Result<Op<'a>, DeltaError> {
    let (&code, mut rest) = bytes.split_first().ok_or(DeltaError::Cut)?;
    if code & 0x80 == 0 {
        if code == 0 {
            return Err(DeltaError::Unknown);
        }
        let (inserted, rest) = rest.split_at_checked(usize::from(code)).ok_or(DeltaError::Cut)?;
        *bytes = rest;
        return Ok(Op::Insert(inserted));
    }
    // Each low bit of the code says that the byte of offset or length it stands for follows; the others are zero.
    let mut fields = [0_u8; 8];
    for (bit, field) in fields.iter_mut().take(7).enumerate() {
        if code & (1 << bit) != 0 {
            let (&byte, after) = rest.split_first().ok_or(DeltaError::Cut)?;
            *field = byte;
            rest = after;
        }
    }
    let from = u32::from_le_bytes([fields[0], fields[1], fields[2], fields[3]]) as usize;
    let len = match u32::from_le_bytes([fields[4], fields[5], fields[6], 0]) {
        0 => 0x10000,
        len => len as usize,
    };
    *bytes = rest;
    Ok(Op::Copy(from..from.checked_add(len).ok_or(DeltaError::Beyond)?))
}

#[cfg(test)]
pub mod tests {
    use super::{Delta, DeltaError, Op, Steps};
    use proptest::prelude::*;

    fn put_size(mut value: usize, out: &mut Vec<u8>) {
        while value > 0x7f {
            out.push(value as u8 | 0x80);
            value >>= 7;
        }
        out.push(value as u8);
    }

    /// A delta of `ops` for a base of `base` bytes.
    pub fn encode(base: usize, ops: &[Op<'_>]) -> Vec<u8> {
        let mut out = Vec::new();
        put_size(base, &mut out);
        put_size(
            ops.iter()
                .map(|op| {
                    if let Op::Copy(r) = op {
                        r.len()
                    } else if let Op::Insert(b) = op {
                        b.len()
                    } else {
                        0
                    }
                })
                .sum(),
            &mut out,
        );
        for op in ops {
            match op {
                Op::Insert(bytes) => {
                    out.push(bytes.len() as u8);
                    out.extend_from_slice(bytes);
                }
                Op::Copy(range) => {
                    let from = (range.start as u32).to_le_bytes();
                    let len = if range.len() == 0x10000 { [0; 4] } else { (range.len() as u32).to_le_bytes() };
                    let fields = [from[0], from[1], from[2], from[3], len[0], len[1], len[2]];
                    let code = out.len();
                    out.push(0x80);
                    for (bit, &field) in fields.iter().enumerate().filter(|(_, f)| **f != 0) {
                        out[code] |= 1 << bit;
                        out.push(field);
                    }
                }
            }
        }
        out
    }

    #[test]
    fn copies_and_inserts() {
        let base: Vec<u8> = (0..70_000_u32).map(|i| i as u8).collect();
        let ops = [Op::Copy(0..0x10000), Op::Insert(b"new"), Op::Copy(69_000..69_001), Op::Copy(5..5 + 300)];
        let bytes = encode(base.len(), &ops);
        let mut steps = Steps::default();
        let delta = Delta::parse(&bytes, base.len(), &mut steps).unwrap();
        assert_eq!(delta.ops().collect::<Vec<_>>(), ops);
        let mut out = vec![1];
        delta.apply(&base, &mut out);
        assert_eq!(out, [&base[..0x10000], b"new", &base[69_000..69_001], &base[5..305]].concat());
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        let error = |bytes: &[u8], base| Delta::parse(bytes, base, &mut Steps::default()).unwrap_err();
        assert_eq!(error(&encode(9, &[]), 8), DeltaError::Base);
        assert_eq!(error(&encode(8, &[Op::Copy(5..9)]), 8), DeltaError::Beyond);
        assert_eq!(error(&[8, 2, 1, b'x'], 8), DeltaError::Size);
        assert_eq!(error(&[8, 1, 2, b'x', b'y'], 8), DeltaError::Size);
        assert_eq!(error(&[8, 1, 0], 8), DeltaError::Unknown);
        assert_eq!(error(&[8, 9, 9, b'x'], 8), DeltaError::Cut);
        assert_eq!(error(&[8], 8), DeltaError::Cut);
        assert_eq!(error(&[0xff; 12], 8), DeltaError::Size);
    }

    proptest! {
        #[test]
        fn any_bytes_are_refused_or_make_what_they_state(bytes in proptest::collection::vec(any::<u8>(), 0..60), base in 0..200usize) {
            let content = vec![b'b'; base];
            for bytes in [bytes.clone(), [&[base as u8 & 0x7f][..], &bytes].concat()] {
                if let Ok(delta) = Delta::parse(&bytes, base, &mut Steps::default()) {
                    let mut out = Vec::new();
                    delta.apply(&content, &mut out);
                    prop_assert_eq!(out.len(), delta.result_len());
                }
            }
        }

        #[test]
        fn in_place_or_not_the_result_is_the_same(
            cuts in proptest::collection::vec((0..300_usize, 0..300_usize, proptest::collection::vec(any::<u8>(), 0..40)), 0..8),
            ordered in any::<bool>(),
        ) {
            let base: Vec<u8> = (0..300_u32).map(|i| (i * 7) as u8).collect();
            let mut cuts = cuts;
            if ordered {
                let mut places: Vec<usize> = cuts.iter().flat_map(|c| [c.0, c.1]).collect();
                places.sort_unstable();
                cuts.iter_mut().zip(places.chunks(2)).for_each(|(cut, pair)| (cut.0, cut.1) = (pair[0], pair[1]));
            }
            let mut ops = Vec::new();
            for (from, to, new) in &cuts {
                if from < to {
                    ops.push(Op::Copy(*from..*to));
                }
                if !new.is_empty() {
                    ops.push(Op::Insert(new));
                }
            }
            let bytes = encode(base.len(), &ops);
            let mut steps = Steps::default();
            let delta = Delta::parse(&bytes, base.len(), &mut steps).unwrap();
            let mut plain = Vec::new();
            delta.apply(&base, &mut plain);
            let mut buffer = base.clone();
            if delta.apply_in_place(&mut buffer) {
                prop_assert_eq!(buffer, plain);
            } else {
                prop_assert!(!ordered);
                prop_assert_eq!(buffer, base);
            }
        }
    }
}
