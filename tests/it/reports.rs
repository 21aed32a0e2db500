//! Reports as a pipeline gets them.

use std::collections::BTreeSet;
use std::fs;
use std::io::Read as _;
use std::process::Stdio;

use serde_json::Value;

use crate::support::{Ran, Tree, filled, token};

const FORMATS: [&str; 4] = ["text", "json", "jsonl", "sarif"];

/// A tree with some hundred findings of several rules, of which many stand in several places.
fn many() -> Tree {
    (0..300).fold(Tree::new(), |tree, i| {
        let own = filled("API_TOKEN={{base62:32}}\nurl: postgres://app:{{base62:20}}@db.internal:5432/app\n", i);
        let shared = token(i % 20);
        tree.file(format!("{}/{}/{i}.env", i % 7, i % 3), format!("{own}# {i}\nGH={shared}\nGH2={shared} {}\n", token(i)))
    })
}

/// Wall time is the only thing that differs between two runs.
fn without_time(report: &str) -> String {
    let Some(at) = report.find("\"seconds\":") else { return report.to_owned() };
    let end = report[at..].find('}').expect("an object ends") + at;
    format!("{}{}", &report[..at], &report[end..])
}

#[test]
fn same_bytes_at_any_number_of_threads() {
    let tree = many();
    for format in FORMATS {
        let of = |threads: u8| without_time(&tree.scan(&format!("--format {format} -c low -j {threads}")).exits(1).out);
        let one = of(1);
        assert!(one.len() > 50_000, "{format}: {} bytes", one.len());
        for threads in [2, 8] {
            assert!(of(threads) == one, "{format} differs with {threads} threads");
        }
    }
}

#[test]
fn summary_counts_what_the_report_has() {
    let ran = many().rows("-c low").exits(1);
    let (findings, places) = (ran.findings().len(), ran.places().len());
    assert!(findings > 300 && places > findings, "{findings} {places}");
    let grouped = |n: usize| if n < 1000 { n.to_string() } else { format!("{},{:03}", n / 1000, n % 1000) };
    assert!(
        ran.last().starts_with(&format!("keysift: {} secrets in 300 files ({} places);", grouped(findings), grouped(places))),
        "{}",
        ran.last()
    );
}

fn valid_sarif(ran: &Ran) -> Value {
    let schema = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/sarif-schema-2.1.0.json")).unwrap();
    // One pattern of the schema, for a field that we do not write, has a bracket too many and is none that ECMA 262 allows.
    let schema = serde_json::from_str(&schema.replace("[a-zA-Z]{2}]?$", "[a-zA-Z]{2}$")).unwrap();
    let validator = jsonschema::options().should_validate_formats(true).build(&schema).unwrap();
    let log: Value = serde_json::from_str(&ran.out).unwrap();
    let errors: Vec<String> = validator.iter_errors(&log).map(|e| format!("{}: {e}", e.instance_path())).collect();
    assert_eq!(errors, [""; 0]);
    log
}

#[test]
fn sarif_is_valid() {
    let log = valid_sarif(&many().file("größe #1/key 100%.env", token(1)).scan("--format sarif").exits(1));
    let results = log["runs"][0]["results"].as_array().unwrap();
    assert!(results.len() > 100);
    let uris: Vec<&str> =
        results.iter().filter_map(|r| r["locations"][0]["physicalLocation"]["artifactLocation"]["uri"].as_str()).collect();
    assert!(uris.contains(&"0/0/0.env"), "{uris:?}");
}

#[test]
fn sarif_of_problems_is_valid() {
    let words = if cfg!(target_os = "linux") { "--format sarif . /proc/self/mem" } else { "--format sarif" };
    valid_sarif(&Tree::leaky().scan(words).exits(1));
}

#[test]
fn sarif_paths_are_relative_to_the_repository() {
    let tree = Tree::new().file("sub/deep/leak.env", token(1));
    tree.git("init --quiet");
    for words in ["--format sarif", "--format sarif sub", "--format sarif sub/deep/leak.env sub"] {
        let log = valid_sarif(&tree.scan(words).exits(1));
        let location = &log["runs"][0]["results"][0]["locations"][0]["physicalLocation"];
        assert_eq!(location["artifactLocation"]["uri"], "sub/deep/leak.env", "{words}");
    }
}

#[test]
fn sarif_keeps_its_fingerprint_when_lines_move() {
    let tree = Tree::leaky();
    let of = |tree: &Tree| valid_sarif(&tree.scan("--format sarif"))["runs"][0]["results"][0]["partialFingerprints"].clone();
    let before = of(&tree);
    std::fs::remove_file(tree.path("leak.env")).unwrap();
    tree.write("new/home.yml", format!("\n\n\n   token: {}\n", token("leak")));
    assert_eq!(of(&tree), before);
}

#[test]
fn clean_run_writes_whole_empty_reports() {
    let clean = Tree::clean();
    assert_eq!(clean.scan("").exits(0).out, "");
    let json: Value = serde_json::from_str(&clean.scan("--format json").exits(0).out).unwrap();
    assert_eq!((&json["findings"], &json["summary"]["files"]), (&Value::from(Vec::<Value>::new()), &Value::from(1)));
    let rows = clean.rows("").exits(0);
    assert_eq!((rows.out.lines().count(), rows.findings().len()), (1, 0));
    let log = valid_sarif(&clean.scan("--format sarif").exits(0));
    assert_eq!(log["runs"][0]["results"], Value::from(Vec::<Value>::new()));
}

#[test]
fn json_and_json_lines_say_the_same() {
    let tree = many();
    let json: Value = serde_json::from_str(&tree.scan("--format json").exits(1).out).unwrap();
    assert_eq!(json["findings"].as_array(), Some(&tree.rows("").findings()));
}

#[test]
fn summary_is_the_last_line_on_standard_error_and_nowhere_else() {
    let tree = Tree::leaky();
    for format in FORMATS {
        for words in ["", "--stats", "--output report"] {
            let ran = tree.scan(&format!("--format {format} {words}")).exits(1);
            assert!(ran.last().starts_with("keysift: 1 secret in 1 file; scanned "), "{ran:?}");
            assert!(!ran.out.contains("keysift: "), "{ran:?}");
            assert!(ran.err.ends_with('\n'));
            if words != "--stats" {
                assert_eq!(ran.err.lines().count(), 1, "{ran:?}");
            }
        }
        fs::remove_file(tree.path("report")).unwrap();
    }
}

#[test]
fn quiet_says_nothing_on_standard_error() {
    assert_eq!(Tree::leaky().scan("--quiet").exits(1).err, "");
    assert_eq!(Tree::clean().scan("--quiet").exits(0).err, "");
}

#[cfg(target_os = "linux")]
#[test]
fn quiet_does_not_hide_what_was_not_looked_at() {
    let ran = Tree::clean().scan("--quiet . /proc/self/mem").exits(3).says("problem: /proc/self/mem");
    assert!(ran.last().starts_with("keysift: no secrets found, but not everything was looked at"));
}

fn names(tree: &Tree) -> BTreeSet<String> {
    fs::read_dir(tree.path("")).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect()
}

#[test]
fn output_holds_what_standard_output_would() {
    let tree = Tree::leaky();
    for format in FORMATS {
        let expected = tree.scan(&format!("--format {format}")).exits(1).out;
        let ran = tree.scan(&format!("--format {format} --output ../home/report")).exits(1);
        assert_eq!(ran.out, "");
        assert_eq!(without_time(&fs::read_to_string(tree.home().join("report")).unwrap()), without_time(&expected));
    }
}

#[test]
fn a_dash_is_standard_output() {
    let tree = Tree::leaky();
    assert!(tree.scan("--format json --output -").exits(1).out.contains("github-personal-access-token"));
    assert!(!tree.path("-").exists());
}

#[test]
fn output_replaces_and_leaves_nothing_beside_it() {
    let tree = Tree::leaky().file("report.json", "an older and much longer report\n".repeat(1000));
    let before = names(&tree);
    tree.scan("--format json --output report.json").exits(1);
    let report = fs::read_to_string(tree.path("report.json")).unwrap();
    serde_json::from_str::<Value>(&report).unwrap();
    assert_eq!(names(&tree), before);
}

#[cfg(unix)]
#[test]
fn output_replaces_a_planted_link_and_not_its_target() {
    let tree = Tree::leaky().file("precious", "mine");
    std::os::unix::fs::symlink("precious", tree.path("report.json")).unwrap();
    tree.scan("--format json --output report.json").exits(1);
    assert_eq!(fs::read_to_string(tree.path("precious")).unwrap(), "mine");
    assert!(!tree.path("report.json").is_symlink());
}

/// A report that cannot be finished leaves the older one and no other trace; findings still are findings.
#[cfg(unix)]
#[test]
fn output_that_fails_leaves_what_was_there() {
    use std::os::unix::fs::PermissionsExt as _;
    let tree = Tree::leaky().file("out/report.json", "older");
    fs::set_permissions(tree.path(""), fs::Permissions::from_mode(0o755)).unwrap();
    let before = names(&tree);
    let ran = tree.keysift("scan --format json --output out/report.json").unprivileged(&tree).run();
    // Who is not root owns the folder: then there is nothing to fail.
    if ran.err.contains("cannot write the report") {
        ran.exits(1);
        assert_eq!(fs::read_to_string(tree.path("out/report.json")).unwrap(), "older");
    }
    assert_eq!(names(&tree), before);
}

#[cfg(unix)]
#[test]
fn output_with_secrets_is_its_owners_alone() {
    use std::os::unix::fs::PermissionsExt as _;
    let tree = Tree::leaky();
    tree.scan("--format json --show-secrets --output report.json").exits(1);
    assert_eq!(fs::metadata(tree.path("report.json")).unwrap().permissions().mode() & 0o077, 0);
}

#[test]
fn reader_that_goes_away_is_no_failure() {
    let tree = many();
    for format in FORMATS {
        let command = &mut tree.keysift(&format!("scan --format {format}")).raw();
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        drop(child.stdout.take());
        let mut err = String::new();
        child.stderr.take().unwrap().read_to_string(&mut err).unwrap();
        assert_eq!(child.wait().unwrap().code(), Some(1), "{err}");
        assert!(!err.contains("error") && !err.contains("panic"), "{err}");
    }
}

#[test]
fn reader_of_help_lists_and_scripts_may_go_away() {
    let tree = Tree::leaky();
    for words in ["", "--help", "rules list", "rules show github-personal-access-token", "completions zsh", "explain leak.env:2"] {
        let command = &mut tree.keysift(words).raw();
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        drop(child.stdout.take());
        let output = child.wait_with_output().unwrap();
        assert_eq!((output.status.code(), String::from_utf8_lossy(&output.stderr).as_ref()), (Some(0), ""), "{words}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn full_disk_is_no_success() {
    let full = || fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let message = "standard output: No space left on device";
    let check = |tree: &Tree, words: &str, code| {
        let output = tree.keysift(words).raw().stdin(Stdio::null()).stdout(full()).output().unwrap();
        let err = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(code), "{words}: {err}");
        assert!(err.contains(message), "{words}: {err}");
    };
    for format in FORMATS {
        check(&Tree::leaky(), &format!("scan --quiet --format {format}"), 1);
        if format != "text" {
            check(&Tree::clean(), &format!("scan --quiet --format {format}"), 3);
        }
    }
    check(&Tree::clean(), "rules list", 2);
}

/// Nothing planted may come out as a line that a CI runner obeys.
#[track_caller]
fn obeyed_by_no_runner(ran: &Ran) {
    for line in ran.out.lines().chain(ran.err.lines()) {
        assert!(!line.trim_start().starts_with("::"), "{line}");
        for command in ["##[", "##vso[", "##teamcity["] {
            assert!(!line.to_ascii_lowercase().contains(command), "{line}");
        }
    }
}

#[test]
fn planted_commands_reach_no_ci_runner() {
    let lines = [
        "::error::",
        "  ::set-output name=x::",
        "##vso[task.setvariable variable=x]",
        "##[command]",
        "##teamcity[buildStop]",
        "x ##VSO[a]",
    ];
    let text: String = lines.iter().enumerate().map(|(i, line)| format!("{line} TOKEN={} {line}\n", token(i))).collect();
    let mut tree = Tree::new().file("content", text);
    if cfg!(unix) {
        for (i, name) in
            ["::error::x", " ::warning file=a::b", "##vso[task.complete]", "##teamcity[x]", "a\n::error::b"].into_iter().enumerate()
        {
            tree = tree.file(format!("{name}/f"), token(100 + i)).file(name.replace('\n', "\r\n") + ".bin", [0; 10]);
            tree = tree.file(format!("{name} too"), token(200 + i));
        }
    }
    for format in FORMATS {
        for words in ["", "--show-secrets", "--color always", "--no-binary --stats"] {
            obeyed_by_no_runner(&tree.scan(&format!("--format {format} {words}")).exits(1));
        }
    }
    for line in 1..=lines.len() {
        obeyed_by_no_runner(&tree.keysift(&format!("explain content:{line}")).run().exits(0));
    }
    obeyed_by_no_runner(&tree.keysift("scan").arg("::error::missing").run().exits(2));
    obeyed_by_no_runner(&tree.keysift("explain").arg("::error::missing:1").run().exits(2));
    obeyed_by_no_runner(&tree.keysift("scan --config").arg("::error::missing").run().exits(2));
    obeyed_by_no_runner(&tree.keysift("scan").arg("::error::x").arg("\n::error::y").run().exits(2));
}

#[test]
fn colours_only_where_wanted() {
    let tree = Tree::leaky();
    let coloured = |k: crate::support::Keysift| k.run().exits(1).out.contains('\x1b');
    assert!(!coloured(tree.keysift("scan")));
    assert!(!coloured(tree.keysift("scan").env("CLICOLOR_FORCE", "1").env("NO_COLOR", "1")));
    assert!(coloured(tree.keysift("scan").env("CLICOLOR_FORCE", "1")));
    assert!(coloured(tree.keysift("scan --color always").env("NO_COLOR", "1")));
    for format in ["json", "jsonl", "sarif"] {
        assert!(!coloured(tree.keysift(&format!("scan --color always --format {format}"))));
    }
}

#[test]
fn bare_keysift_and_help_are_friendly() {
    let tree = Tree::leaky();
    let ran = tree.keysift("").run().exits(0);
    assert!(ran.out.contains("keysift scan") && ran.err.is_empty());
    for words in ["--help", "scan --help", "rules --help", "explain -h", "--version"] {
        assert!(!tree.keysift(words).run().exits(0).out.is_empty());
    }
    for shell in ["bash", "zsh", "fish"] {
        assert!(tree.keysift(&format!("completions {shell}")).run().exits(0).out.contains("keysift"));
    }
}

/// What is doubted where one rule sees it may be beyond doubt where another one does: the surest of them stands for the secret.
#[test]
fn a_secret_is_as_sure_as_in_its_surest_place() {
    let password = filled("admin{{digits:4}}", "sure");
    let tree = Tree::new()
        .file("Users.java", format!("users.add(\"ann\", \"{{noop}}{password}\");\n"))
        .file("app.properties", format!("db.password={password}\n"));
    let ran = tree.rows("").exits(1);
    assert_eq!(ran.places(), ["generic-password app.properties:1:13", "generic-password Users.java:1:25"]);
    let alone = Tree::new().file("Users.java", format!("users.add(\"ann\", \"{{noop}}{password}\");\n"));
    assert_eq!(alone.rows("").places(), [""; 0]);
    assert_eq!(alone.rows("-c low").places(), ["spring-noop-password Users.java:1:25"]);
}

/// The first place is the one whose line is shown and whose rule the finding bears.
#[test]
fn the_line_that_is_shown_is_that_of_the_first_place() {
    let secret = filled("{{any:a-zA-Z0-9:10}}7aQ", 1);
    let tree = Tree::new()
        .file("a.env", format!("\n\nDB_PASSWORD={secret}\n"))
        .file("z.py", format!("x = connect(\"postgres://app:{secret}@db.acme.io/app\")\n"));
    let findings = tree.rows("").exits(1).findings();
    let [finding] = findings.as_slice() else { panic!("{findings:?}") };
    let places: Vec<&str> = finding["occurrences"].as_array().unwrap().iter().map(|o| o["path"].as_str().unwrap()).collect();
    assert_eq!((finding["rule_id"].as_str().unwrap(), places.as_slice()), ("postgres-url-password", &["z.py", "a.env"][..]));
    let text = tree.scan("").exits(1).out;
    assert!(text.starts_with("z.py\n") && text.contains("connect(") && text.contains("also   a.env:3:13"), "{text}");
}
