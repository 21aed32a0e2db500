//! Turns `rules/*.toml` into constants and the anchors' automaton into a table, so that a scan starts without parsing or building either.

use std::error::Error;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs};

#[path = "src/engine/automaton.rs"]
#[allow(dead_code)]
mod automaton;
#[path = "src/rules/format/mod.rs"]
#[allow(dead_code, unused_imports)]
mod format;
#[path = "src/model/grade.rs"]
#[allow(dead_code)]
pub mod grade;

mod model {
    pub use crate::grade;
}

use automaton::Automaton;
use format::{ByteSet, Entropy, Half, Lowered, Matcher, Pair, RuleFile, lower};

fn main() -> Result<(), Box<dyn Error>> {
    let folder = Path::new("rules");
    println!("cargo::rerun-if-changed=rules");
    let mut files: Vec<PathBuf> = fs::read_dir(folder)?.map(|e| e.map(|e| e.path())).collect::<Result<_, _>>()?;
    files.retain(|f| f.extension().is_some_and(|e| e == "toml"));
    files.sort();

    let mut rules = String::from("pub(crate) static RULES: &[Rule] = &[\n");
    let mut texts = String::from("pub(crate) static TEXTS: &[(&str, &str)] = &[\n");
    let mut literals = Vec::new();
    let mut wrong = Vec::new();
    for file in &files {
        let name = file.file_name().and_then(|n| n.to_str()).ok_or("a rule file's name is not UTF-8")?;
        let text = fs::read_to_string(file)?;
        let parsed: RuleFile = toml::from_str(&text).map_err(|e| format!("rules/{name}: {e}"))?;
        for entry in &parsed.rules {
            let id = entry.id.get_ref();
            let lowered = match lower(entry) {
                Ok(lowered) => lowered,
                Err(error) => {
                    wrong.push(format!("rules/{name}: {id}: {error}"));
                    continue;
                }
            };
            emit(&mut rules, &parsed, entry, &lowered)?;
            literals.extend(lowered.anchors.iter().cloned());
        }
        let full = fs::canonicalize(file)?;
        writeln!(texts, "    ({name:?}, include_str!({:?})),", full.display().to_string())?;
    }
    if !wrong.is_empty() {
        return Err(wrong.join("\n").into());
    }
    rules.push_str("];\n");
    texts.push_str("];\n");

    let lowest_first = env::var("CARGO_CFG_TARGET_ENDIAN")? == "little";
    let bytes = Automaton::build(&literals).to_bytes(lowest_first);

    let out = PathBuf::from(env::var("OUT_DIR")?);
    fs::write(out.join("rules.rs"), rules + &texts)?;
    fs::write(out.join("automaton.bin"), bytes)?;
    Ok(())
}

/// Writes one rule as a constant expression.
fn emit(out: &mut String, file: &RuleFile, entry: &format::RuleEntry, lowered: &Lowered) -> std::fmt::Result {
    let checks = &lowered.checks;
    let entropy = match checks.entropy {
        Entropy::Alphabet => "Entropy::Alphabet".to_owned(),
        Entropy::AtLeast(bits) => format!("Entropy::AtLeast({bits:?})"),
        Entropy::Off => "Entropy::Off".to_owned(),
    };
    let checksum = checks.checksum.map_or("None".to_owned(), |c| format!("Some(Checksum::{c:?})"));
    let structure = checks.structure.map_or("None".to_owned(), |s| format!("Some(Structure::{s:?})"));
    let matcher = match &lowered.matcher {
        Matcher::Pattern { pattern, before, after, shape, needs, line } => format!(
            "Matcher::Pattern {{ pattern: Cow::Borrowed({pattern:?}), before: {before}, after: {after}, shape: Shape {{ before: {}, after: {}, least: {}, reach: {} }}, needs: {needs:?}, line: Line::{line:?} }}",
            set(&shape.before),
            set(&shape.after),
            shape.least,
            shape.reach,
        ),
        Matcher::Block { end } => format!("Matcher::Block {{ end: Cow::Borrowed({end:?}) }}"),
        Matcher::Container { kind } => format!("Matcher::Container {{ kind: Container::{kind:?} }}"),
        Matcher::Codes => "Matcher::Codes".to_owned(),
        Matcher::Assignment { kind } => format!("Matcher::Assignment {{ kind: AssignmentKind::{kind:?} }}"),
    };
    let pair = lowered.pair.as_ref().map_or("None".to_owned(), |Pair { within, half }| match half {
        Half::Rules(ids) => {
            let ids: Vec<String> = ids.iter().map(|id| format!("Cow::Borrowed({id:?})")).collect();
            format!("Some(Pair {{ within: {within}, half: Half::Rules(Cow::Borrowed(&[{}])) }})", ids.join(", "))
        }
        Half::Pattern { title, pattern } => format!(
            "Some(Pair {{ within: {within}, half: Half::Pattern {{ title: Cow::Borrowed({title:?}), pattern: Cow::Borrowed({pattern:?}) }} }})"
        ),
    });
    let anchors: Vec<String> = lowered.anchors.iter().map(|a| format!("Cow::Borrowed(&{a:?})")).collect();
    writeln!(
        out,
        "    Rule {{ id: {id:?}, provider: {provider:?}, title: {title:?}, impact: {impact:?}, remedy: {remedy:?}, docs: {docs:?}, \
         severity: Severity::{severity:?}, confidence: Confidence::{confidence:?}, anchors: Cow::Borrowed(&[{anchors}]), names: {names:?}, general: {general}, ignore_case: {ci}, \
         matcher: {matcher}, pair: {pair}, checks: Checks {{ entropy: {entropy}, checksum: {checksum}, structure: {structure}, require: Require {{ digit: {d}, \
         upper: {u}, lower: {l} }}, allow_placeholder: {ap}, allow_reference: {ar}, named: {named} }} }},",
        id = entry.id.get_ref(),
        provider = file.provider,
        title = entry.title,
        impact = entry.impact,
        remedy = entry.remedy,
        docs = entry.docs.as_ref().unwrap_or(&file.docs),
        severity = entry.severity,
        confidence = entry.confidence,
        anchors = anchors.join(", "),
        names = lowered.names,
        general = entry.general,
        ci = lowered.ignore_case,
        d = checks.require.digit,
        u = checks.require.upper,
        l = checks.require.lower,
        ap = checks.allow_placeholder,
        ar = checks.allow_reference,
        named = checks.named,
    )
}

fn set(set: &ByteSet) -> String {
    format!("ByteSet({:?})", set.0)
}
