//! Arrows point one way: `cli → scan → {source, decode, engine, report} → {git, rules} → model`.

use std::fs;
use std::path::{Path, PathBuf};

/// A line of code and where it stands.
struct Line {
    /// As `engine/checks/mod.rs`.
    file: String,
    number: usize,
    text: String,
    /// Whether it is a unit test's.
    test: bool,
}

impl Line {
    /// The top module.
    fn module(&self) -> &str {
        self.file.split(['/', '.']).next().unwrap_or_default()
    }

    fn place(&self) -> String {
        format!("src/{}:{}: {}", self.file, self.number, self.text.trim())
    }
}

/// Every line of `src/` that is no comment; `use crate::{a, b}` over several lines is one.
fn code() -> Vec<Line> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut lines = Vec::new();
    for path in files(&root) {
        let file = path.strip_prefix(&root).unwrap().to_str().unwrap().replace('\\', "/");
        let text = fs::read_to_string(&path).unwrap();
        let mut open: Option<Line> = None;
        let mut test = false;
        for (i, line) in text.lines().enumerate().filter(|(_, l)| !l.trim_start().starts_with("//")) {
            // Unit tests are the last thing in a file.
            test |= line.starts_with("mod tests") || line.ends_with("mod tests {");
            let mut line = match open.take() {
                Some(mut begun) => {
                    begun.text.push_str(line.trim());
                    begun
                }
                None => Line { file: file.clone(), number: i + 1, text: line.to_owned(), test },
            };
            let is_use = line.text.trim_start().trim_start_matches("pub ").starts_with("use ");
            if is_use && !line.text.contains(';') {
                open = Some(line);
                continue;
            }
            line.text = line.text.split(" // ").next().unwrap_or_default().to_owned();
            lines.push(line);
        }
    }
    assert!(lines.len() > 3000, "src/ is read");
    lines
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else if path.extension().is_some_and(|e| e == "rs") {
            found.push(path);
        }
    }
    found.sort();
    found
}

/// The modules of ours that a line names from the crate's root, with what of them it names.
fn named(line: &Line) -> Vec<String> {
    let root = if line.module() == "cli" || line.module() == "main" { "keysift::" } else { "crate::" };
    let mut paths = Vec::new();
    for (at, _) in line.text.match_indices(root) {
        let rest = &line.text[at + root.len()..];
        match rest.strip_prefix('{') {
            Some(list) => {
                paths.extend(list.split(['{', '}', ',', ';']).map(|p| p.trim().to_owned()).filter(|p| p.contains("::") || !p.is_empty()))
            }
            None => paths.push(rest.split(|c: char| !c.is_alphanumeric() && c != '_' && c != ':').next().unwrap_or_default().to_owned()),
        }
    }
    paths
}

/// How far from the bottom a module is; modules of one height are siblings. A new module needs a place here.
fn height(module: &str) -> usize {
    match module {
        "recent" => 0,
        "model" => 1,
        "git" | "rules" => 2,
        "source" | "decode" | "engine" | "report" => 3,
        "scan" => 4,
        "cli" | "main" => 5,
        other => panic!("src/{other} has no place in the architecture: give it one in lib.rs and here"),
    }
}

fn assert_none(what: &str, broken: &[String]) {
    assert!(broken.is_empty(), "{what}:\n{}", broken.join("\n"));
}

#[test]
fn arrows_point_down() {
    let mut broken = Vec::new();
    let mut arrows = 0;
    for line in code().iter().filter(|l| l.module() != "lib") {
        for path in named(line) {
            let target = path.split("::").next().unwrap_or_default();
            if target == line.module() {
                continue;
            }
            arrows += 1;
            if height(target) >= height(line.module()) {
                broken.push(line.place());
            }
        }
    }
    assert!(arrows > 50, "arrows are found: {arrows}");
    assert_none("arrows that turned round", &broken);
}

#[test]
fn super_does_not_lead_out_of_a_module() {
    let too_far = |line: &&Line| {
        // A file at `a/b.rs` is two below the root, `a/mod.rs` one; a `mod tests` in it is one more.
        let parts = line.file.trim_end_matches(".rs").split('/').filter(|p| *p != "mod").count();
        let ups = line.text.matches("super::").count();
        let nested = usize::from(line.text.starts_with("    "));
        line.text.trim_start().starts_with("use super::") && line.module() != "lib" && ups >= parts + nested
    };
    assert_none("`super` that leaves its module", &code().iter().filter(too_far).map(Line::place).collect::<Vec<_>>());
}

#[test]
fn rule_format_knows_only_the_grades() {
    let lines = code();
    let within = lines.iter().filter(|l| l.file.starts_with("rules/format/"));
    let broken: Vec<String> = within.filter(|l| named(l).iter().any(|p| !p.starts_with("model::grade"))).map(Line::place).collect();
    assert_none("build.rs shares rules::format, which therefore uses only model::grade", &broken);
}

/// `needle` occurs, unit tests aside, only where `home` says.
#[track_caller]
fn only_in(needle: &str, home: impl Fn(&str) -> bool) {
    let lines = code();
    let found: Vec<&Line> = lines.iter().filter(|l| !l.test && l.text.contains(needle)).collect();
    assert_none(
        &format!("`{needle}` outside of its place"),
        &found.iter().filter(|l| !home(&l.file)).map(|l| l.place()).collect::<Vec<_>>(),
    );
}

#[test]
fn git2_is_known_to_git_alone() {
    only_in("git2::", |file| file.starts_with("git/"));
}

#[test]
fn sarif_library_is_known_to_its_reporter_alone() {
    only_in("serde_sarif", |file| file.starts_with("report/sarif"));
}

#[test]
fn nothing_below_the_command_line_prints_or_exits() {
    for needle in ["println!", "eprintln!", "print!(", "dbg!(", "process::exit", "io::stdout", "io::stderr", "std::env::var", "env::args"] {
        // A process that git has started is told by variables which repository, index and objects are meant.
        let gits = |file: &str| needle == "std::env::var" && file == "git/repository.rs";
        only_in(needle, |file| file.starts_with("cli/") || file == "main.rs" || gits(file));
    }
}

#[test]
fn engine_and_decode_have_no_files_clock_network_or_threads() {
    for needle in ["std::fs", "File::open", "std::time", "Instant::now", "SystemTime", "std::thread", "rayon", "std::path"] {
        only_in(needle, |file| !file.starts_with("engine/") && !file.starts_with("decode/"));
    }
}

#[test]
fn nothing_opens_a_socket_or_starts_a_program() {
    for needle in ["std::net", "TcpStream", "UdpSocket", "std::process::Command", "process::Command"] {
        only_in(needle, |_| false);
    }
}

#[test]
fn git_has_never_heard_of_secrets() {
    let lines = code();
    let heard =
        |l: &&Line| l.file.starts_with("git/") && ["secret", "finding", "rules::"].iter().any(|w| l.text.to_lowercase().contains(w));
    assert_none("git speaks of secrets", &lines.iter().filter(heard).map(Line::place).collect::<Vec<_>>());
}

#[test]
fn findings_and_secrets_do_not_serialize_themselves() {
    only_in("Serialize", |file| !file.starts_with("model/"));
}
