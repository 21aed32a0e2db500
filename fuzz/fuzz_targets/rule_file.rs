//! Any text as a rule file: it is refused with a line, or it loads, lints and scans. What loads has passed every promise the engine relies on.
#![no_main]

use keysift::engine::{Engine, Silent, Text};
use keysift::rules::{Origin, RuleSet, RuleText, lint};
use libfuzzer_sys::fuzz_target;

const TEXT: &[u8] = b"export ACME_KEY=acmd_0123456789abcdefghijklmn\npassword: \"correct-horse-7\" acmd_\n-----BEGIN KEY-----\nTWFueSBoYW5kcyBtYWtlIGxpZ2h0IHdvcmsu\n";

fuzz_target!(|text: &str| {
    let Ok(parsed) = RuleText::parse(Origin::Path("fuzz.toml".into()), text.to_owned()) else { return };
    let files = [parsed];
    for complaint in lint(&files) {
        assert!(complaint.line > 0 && complaint.line <= text.lines().count().max(1), "{complaint}");
    }
    let Ok(rules) = RuleSet::load(&files, true, &[]) else { return };
    let engine = Engine::new(rules);
    let mut matches = Vec::new();
    for bytes in [TEXT, text.as_bytes()] {
        engine.scanner().scan(Text::whole(bytes), &mut matches, &mut Silent);
    }
});
