//! Encoded and escaped text within text: what is found is looked at as far as is said and no further, and every span of what it says lies within its code.
#![no_main]

use keysift::engine::encoded::escaped;
use keysift::engine::encoded::run::{REACH, each, reach, undo};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let mut found = Vec::new();
    each(data, 0..data.len(), |at| found.push(at));
    assert!(found.is_sorted());
    for at in found {
        let looked = reach(data, at);
        assert!(looked <= REACH);
        let seen = &data[..data.len().min(at + looked)];
        let (view, of_seen) = (undo(data, at), undo(seen, at));
        assert_eq!(view.as_ref().map(|v| &v.text), of_seen.as_ref().map(|v| &v.text));
        let Some(view) = view else { continue };
        let whole = view.whole();
        for end in 0..=view.text.len() {
            let code = view.around(&(end.saturating_sub(1)..end));
            assert!(whole.start <= code.start && code.end <= whole.end, "{code:?} of {whole:?}");
        }
    }
    for at in (0..data.len()).filter(|&at| escaped::opens(data, at)) {
        let looked = escaped::reach(data, at);
        assert!(looked <= escaped::REACH);
        let (Some(view), Some(of_seen)) = (escaped::undo(data, at), escaped::undo(&data[..data.len().min(at + looked)], at)) else { panic!() };
        assert_eq!(view.text, of_seen.text);
        for end in 1..=view.text.len() {
            let code = view.around(&(end - 1..end));
            assert!(code.start <= code.end && code.end <= at + looked, "{code:?}");
        }
    }
});
