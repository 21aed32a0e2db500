//! The engine over any bytes, as text and as binary: spans lie in bounds, in order and apart; the same bytes give the same matches; a window
//! in the middle of a buffer finds nothing that the whole does not; what explains a match never fails.
#![no_main]

mod common;

use common::{PLAN, planted};
use keysift::engine::context::PathContext;
use keysift::engine::{Match, Silent, Text, checks};
use keysift::model::ReportPath;
use libfuzzer_sys::fuzz_target;

fn scan(text: Text<'_>) -> Vec<Match> {
    let mut matches = Vec::new();
    PLAN.engine.scanner().scan(text, &mut matches, &mut Silent);
    matches
}

fuzz_target!(|data: &[u8]| {
    let data = &planted(data)[..];
    let context = PathContext::of(&ReportPath::new(&data[..data.len().min(40)]));
    for binary in [false, true] {
        let text = Text { binary, ..Text::whole(data) };
        let matches = scan(text);
        let mut behind = 0;
        for found in &matches {
            assert!(
                found.whole.end <= data.len() && found.whole.start <= found.secret.start && found.secret.end <= found.whole.end,
                "{found:?}"
            );
            assert!(behind <= found.secret.start && found.secret.start < found.secret.end, "behind {behind}: {found:?}");
            behind = found.secret.end;
            let (text, inner) = found.innermost(data);
            let (rule, value) = (&PLAN.engine.rules().rules()[usize::from(found.rule)], found.value(data));
            assert_eq!(value, &text[inner.secret.clone()]);
            let _ = checks::evidence(rule, value, &text[inner.whole.clone()], inner.doubt.as_ref());
            let _ = context.judge(found, data);
        }

        let mut scanner = PLAN.engine.scanner();
        for _ in 0..2 {
            let mut again = Vec::new();
            scanner.scan(text, &mut again, &mut Silent);
            assert_eq!(matches, again);
        }

        let part = Text { from: data.len() / 3, to: data.len() - data.len() / 4, ..text };
        for found in scan(part) {
            // What is escaped is read from before its first escape on.
            let reaches = found.whole.end > part.from && found.whole.start < part.to || found.decoded.is_some();
            assert!(found.secret.end <= data.len() && reaches, "{part:?} {found:?}");
        }
    }
});
