//! Any bytes are refused as a delta, or make exactly what they state.
#![no_main]

use keysift::git::{Delta, Op, Steps};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Some((&len, data)) = data.split_first() else { return };
    let base: Vec<u8> = (0..len).collect();
    // As it is, and as a delta for this very base.
    let fitting = [&[len & 0x7f, 1][usize::from(len > 0x7f)..], data].concat();
    for bytes in [data, &fitting] {
        let mut steps = Steps::default();
        let Ok(delta) = Delta::parse(bytes, base.len(), &mut steps) else { continue };
        if delta.result_len() > 64 << 20 {
            continue;
        }
        let mut made = vec![1, 2, 3];
        delta.apply(&base, &mut made);
        assert_eq!(made.len(), delta.result_len());
        let mut buffer = base.clone();
        let in_place = delta.apply_in_place(&mut buffer);
        assert_eq!(buffer, if in_place { &made[..] } else { &base[..] });
        let mut at = 0;
        for op in delta.ops() {
            let piece = match op {
                Op::Copy(range) => &base[range],
                Op::Insert(bytes) => bytes,
            };
            assert_eq!(&made[at..at + piece.len()], piece);
            at += piece.len();
        }
        assert_eq!(at, made.len());
    }
});
