//! Prints what the classifier is asked about: every candidate for a generic credential in the files named on standard input, a line each.
//!
//! `find FOLDER -type f | cargo run --example candidates > candidates.tsv`; `train.py` reads it. Columns: path, line, rule, kind of file, name,
//! value, features. The first line names the features.

use std::io::{self, BufRead as _, Write as _};
use std::{fs, path::Path};

use keysift::engine::classify::{self, FEATURES};
use keysift::engine::context::PathContext;
use keysift::engine::{Engine, Text};
use keysift::model::ReportPath;
use keysift::rules::RuleSet;

fn main() -> io::Result<()> {
    let engine = Engine::new(RuleSet::built_in());
    let mut scanner = engine.scanner();
    let mut out = io::BufWriter::new(io::stdout().lock());
    writeln!(out, "path\tline\trule\tsample\tname\tvalue\t{}", FEATURES.join("\t"))?;
    for path in io::stdin().lock().lines() {
        let path = path?;
        let Ok(raw) = fs::read(&path) else { continue };
        let (bytes, encoding) = keysift::decode::whole(&raw);
        if encoding == keysift::decode::Encoding::Binary {
            continue;
        }
        let context = PathContext::of(&ReportPath::as_given(Path::new(&path)));
        let (mut line, mut at) = (1, 0);
        let mut seen = 0..0;
        scanner.candidates(Text::whole(&bytes), |rule, found, candidate| {
            // Several words of one name lead to the same value.
            if found.value == seen {
                return;
            }
            seen = found.value.clone();
            if at < found.value.start {
                line += memchr::memchr_iter(b'\n', &bytes[at..found.value.start]).count();
                at = found.value.start;
            }
            let features = classify::features(&candidate);
            let mut row = format!(
                "{path}\t{line}\t{}\t{}\t{}\t{}\t{}",
                engine.rules().rules()[usize::from(rule)].info.id,
                u8::from(context.sample),
                String::from_utf8_lossy(candidate.name),
                String::from_utf8_lossy(candidate.value).replace(['\t', '\n', '\r'], " "),
                context.kind.index(),
            );
            features.values()[1..].iter().for_each(|value| row.push_str(&format!("\t{value}")));
            let lock = context.kind == keysift::engine::context::FileKind::Lock;
            if !lock {
                writeln!(out, "{row}").unwrap_or_default();
            }
        });
    }
    out.flush()
}
