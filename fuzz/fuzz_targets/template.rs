//! Templates of samples: filled or refused, never a crash; the same text and seed give the same.
#![no_main]

use keysift::rules::template::fill;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    assert_eq!(fill(text, "seed"), fill(text, "seed"));
});
