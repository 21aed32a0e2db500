//! Armoured keys: a block lies within its text and holds its own first line; opening one never fails and never gives more than it got.
#![no_main]

use keysift::engine::checks::armour::{block, open};
use libfuzzer_sys::fuzz_target;

const BEGIN: &[u8] = b"-----BEGIN RSA PRIVATE KEY-----";
const END: &[u8] = b"-----END RSA PRIVATE KEY-----";

fuzz_target!(|data: &[u8]| {
    assert!(open(data).body.len() <= data.len());
    let text = [BEGIN, data].concat();
    if let Some(len) = block(&text, BEGIN.len(), END) {
        assert!((BEGIN.len()..=text.len()).contains(&len), "{len} of {}", text.len());
        assert!(open(&text[..len]).body.len() <= len);
    }
});
