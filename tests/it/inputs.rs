//! Whatever a tree or stream throws at the scanner: it finds, it counts, it never hangs or falls over.

use std::fs::{self, File};
use std::io::{BufWriter, Seek as _, SeekFrom, Write as _};

use crate::support::{Ran, Tree, filled, token};

const TOKEN: &str = "github-personal-access-token";

fn at(place: &str) -> String {
    format!("{TOKEN} {place}")
}

/// One file of these bytes: found at these places, and nothing else said.
#[track_caller]
fn check(bytes: impl AsRef<[u8]>, places: &[&str]) -> Ran {
    let ran = Tree::new().file("f", bytes).rows("");
    let expected: Vec<String> = places.iter().map(|p| at(&format!("f:{p}"))).collect();
    assert_eq!(ran.places(), expected, "{ran:?}");
    assert_eq!(ran.problems(), [""; 0]);
    ran.exits(i32::from(!places.is_empty()))
}

fn utf16(text: &str, order: fn(u16) -> [u8; 2]) -> Vec<u8> {
    text.encode_utf16().flat_map(order).collect()
}

#[test]
fn empty_file_is_clean() {
    let ran = check("", &[]);
    assert_eq!(ran.summary()["files"], 1);
}

#[test]
fn file_of_nothing_but_a_secret() {
    check(token(1), &["1:1"]);
}

#[test]
fn windows_and_old_mac_line_ends() {
    check(format!("a\r\nb\r\nTOKEN={}\r\n", token(1)), &["3:7"]);
    let ran = Tree::new().file("f", format!("a\rTOKEN={}\rb", token(1))).rows("");
    assert_eq!(ran.places().len(), 1);
}

#[test]
fn utf8_mark_takes_no_column() {
    check(format!("\u{feff}{}", token(1)), &["1:1"]);
}

#[test]
fn columns_count_characters() {
    check(format!("größe\n東京 🎉 {}", token(1)), &["2:6"]);
}

#[test]
fn colours_of_a_terminal() {
    let token = token(1);
    // As the bytes themselves, and as source and logs kept as JSON write them.
    check(format!("\x1b[32m{token}\x1b[0m"), &["1:6"]);
    check(format!("\x1b[36mtoken\x1b[39m\x1b[0m = '\x1b[1;33m{token}\x1b[0m'"), &["1:31"]);
    check(format!("echo \"\\033[94m{token}\\033[0m\""), &["1:15"]);
    check(format!(r#"{{"log":"\u001b[32m{token}\u001b[0m"}}"#), &["1:19"]);
    // Names and values that only their place tells apart.
    let value = filled("{{base62:20}}", 1);
    for line in [
        format!("\x1b[36mDB_PASSWORD\x1b[0m=\x1b[33m{value}\x1b[0m"),
        format!("  \x1b[90mdbPassword\x1b[39m: \x1b[32m'{value}'\x1b[39m,"),
        format!("ok \x1b[2mpassword: {value}\x1b[22m"),
    ] {
        let column = line.find(&value).unwrap() + 1;
        let ran = Tree::new().file("run.log", &line).rows("");
        assert_eq!(ran.places(), [format!("generic-password run.log:1:{column}")], "{line:?}");
    }
    // What a colour changes in the middle of is shown to a reader, and is no value.
    check(format!("{}\x1b[1m{}", &token[..12], &token[12..]), &[]);
}

#[test]
fn utf16_in_all_its_forms() {
    let text = format!("# größe und 🎉\nexport TOKEN={}\r\n# end\n", token(1));
    let marked = format!("\u{feff}{text}");
    for (name, bytes) in [
        ("utf-16le", utf16(&text, u16::to_le_bytes)),
        ("utf-16be", utf16(&text, u16::to_be_bytes)),
        ("utf-16le", utf16(&marked, u16::to_le_bytes)),
        ("utf-16be", utf16(&marked, u16::to_be_bytes)),
    ] {
        let ran = check(bytes, &["2:14"]);
        assert_eq!(ran.findings()[0]["occurrences"][0]["decoded"], serde_json::json!([name]));
        assert_eq!(ran.findings()[0]["occurrences"][0]["end_column"], 54);
    }
}

#[test]
fn utf16_with_broken_surrogates_and_an_odd_byte() {
    let mut bytes = utf16("\u{feff}broken: ", u16::to_le_bytes);
    bytes.extend([0x00, 0xd8, 0x20, 0x00]);
    bytes.extend(utf16(&token(1), u16::to_le_bytes));
    bytes.push(b'!');
    check(bytes, &["1:11"]);
}

#[test]
fn large_utf16_keeps_its_lines() {
    let mut text = "filler ünd mehr\n".repeat(300_000);
    text.push_str(&format!("TOKEN={}\n", token(1)));
    check(utf16(&text, u16::to_be_bytes), &["300001:7"]);
}

#[test]
fn invalid_utf8_beside_a_secret() {
    let mut bytes = b"caf\xe9 \xff\xfe\x80 ".to_vec();
    bytes.extend(token(1).into_bytes());
    bytes.extend(b"\xc3\x28 \xf0\x9f");
    let ran = Tree::new().file("f", &bytes).rows("");
    assert_eq!(ran.places().len(), 1, "{ran:?}");
    // Whatever is broken around it, the report is UTF-8 in every format.
    for format in ["text", "json", "sarif"] {
        Tree::new().file("f", &bytes).scan(&format!("--format {format}")).exits(1);
    }
}

#[test]
fn nul_bytes_around_a_secret() {
    let ran = check(format!("\0\0{}\0\0", token(1)), &["1:3"]);
    assert_eq!(ran.summary()["binary"], 1);
}

fn binary() -> Vec<u8> {
    let mut bytes = b"\x7fELF\x02\x01\x01\0".to_vec();
    bytes.extend((0..40_000u32).flat_map(|i| i.wrapping_mul(2_654_435_761).to_le_bytes()));
    bytes.extend([0; 64]);
    bytes.extend(format!("\0https://octo:{}@github.com/\0", token(1)).into_bytes());
    bytes.extend((0..9_000u32).flat_map(|i| i.wrapping_mul(40_503).to_be_bytes()));
    bytes
}

#[test]
fn text_in_a_binary_is_scanned() {
    let ran = Tree::new().file("a.out", binary()).rows("").exits(1);
    assert_eq!((ran.places().len(), &ran.summary()["binary"]), (1, &1.into()), "{ran:?}");
}

#[test]
fn no_binary_leaves_binaries_out_and_counts_them() {
    let ran = Tree::clean().file("a.out", binary()).rows("--no-binary").exits(0).says("1 binary (--no-binary)");
    assert_eq!((ran.skipped("binary"), &ran.summary()["files"]), (1, &1.into()));
}

#[test]
fn no_binary_keeps_utf16() {
    let bytes = utf16(&format!("TOKEN={}\n", token(1)), u16::to_le_bytes);
    assert_eq!(Tree::new().file("f", bytes).places("--no-binary"), [at("f:1:7")]);
}

/// Within the 4 MiB that are read at once, and in constant memory beyond.
const LITTLE: u64 = 200 << 20;

#[track_caller]
fn in_bounded_memory(ran: &Ran) {
    if cfg!(target_os = "linux") {
        assert!((1 << 20..LITTLE).contains(&ran.peak), "{} MB", ran.peak >> 20);
    }
}

#[cfg(unix)]
#[test]
fn secret_at_the_end_of_a_sparse_file_of_2_gb() {
    let tree = Tree::new();
    let mut file = File::create(tree.path("disk.img")).unwrap();
    file.seek(SeekFrom::Start(2_000_000_000)).unwrap();
    file.write_all(token(1).as_bytes()).unwrap();
    let ran = tree.keysift("scan --format jsonl").peak().run().exits(1);
    assert_eq!(ran.places(), [at("disk.img:1:2000000001")]);
    assert_eq!(ran.summary()["bytes"], 2_000_000_040);
    in_bounded_memory(&ran);
}

#[test]
fn secrets_anywhere_in_a_line_of_200_mb() {
    let tree = Tree::new();
    let mut file = BufWriter::new(File::create(tree.path("dump.json")).unwrap());
    let filler = "no news is good news; ".repeat(5_000);
    let mut written = 0;
    let mut expected = Vec::new();
    for part in 0..3 {
        let secret = token(part);
        expected.push(at(&format!("dump.json:1:{}", written + 1)));
        write!(file, "{secret} ").unwrap();
        written += secret.len() + 1;
        while part < 2 && written < 100_000_000 * (part + 1) {
            file.write_all(filler.as_bytes()).unwrap();
            written += filler.len();
        }
    }
    drop(file);
    let ran = tree.keysift("scan --format jsonl").peak().run().exits(1);
    assert_eq!(ran.places(), expected);
    in_bounded_memory(&ran);
}

/// Secrets around every multiple of 4 MiB, where a stream is cut into chunks, and all chunks' overlaps.
#[test]
fn stream_finds_secrets_at_every_seam() {
    let mut text = String::new();
    let mut expected = Vec::new();
    for seam in 1..=2usize {
        for distance in [40_000, 34_900, 17_500, 17_430, 17_408, 17_390, 17_380, 100, 50, 20, 0] {
            let from = (seam * (4 << 20) - distance).max(text.len());
            text.extend(std::iter::repeat_n("stream of words\n", 1 << 18).flat_map(str::chars).take(from - text.len()));
            let line = text.bytes().filter(|&b| b == b'\n').count() + 1;
            let column = text.len() - text.rfind('\n').map_or(0, |n| n + 1) + 2;
            text.push_str(&format!(" {} ", token(text.len())));
            expected.push(at(&format!("<stdin>:{line}:{column}")));
        }
    }
    text.push_str(&"the end\n".repeat(100_000));
    assert!(text.len() > 8 << 20);
    let tree = Tree::new();
    let ran = tree.keysift("scan --format jsonl -").stdin(text).peak().run().exits(1);
    assert_eq!(ran.places(), expected);
    in_bounded_memory(&ran);
}

/// Two rules see one secret, and the seam lies between their anchors: still the one that says most reports it, once.
#[test]
fn rule_of_a_secret_does_not_depend_on_a_seam() {
    let seam = (4 << 20) - keysift::engine::REACH;
    for before in [0, 1, 5, 8, 12, 13, 16, 17, 30, 60] {
        let mut text = "some words in a line\n".repeat(seam / 21 + 1);
        text.truncate(seam - before);
        text.push_str(&format!("\nAPI_TOKEN={}\n", token(1)));
        text.push_str(&"the rest of it\n".repeat(10_000));
        let ran = Tree::new().keysift("scan -c low --format jsonl -").stdin(text).run().exits(1);
        let rules: Vec<_> = ran.findings().iter().map(|f| f["rule_id"].clone()).collect();
        assert_eq!((rules, ran.places().len()), (vec![TOKEN.into()], 1), "{before}: {ran:?}");
    }
}

#[test]
fn stream_of_nothing_is_clean() {
    Tree::new().keysift("scan -").stdin("").run().exits(0).says("keysift: clean; scanned 1 file, 0 bytes");
}

#[test]
fn stream_and_files_together() {
    let tree = Tree::leaky().file("b/other.env", format!("TOKEN={}\n", token(2)));
    let ran = tree.keysift("scan --format jsonl leak.env - b").stdin(format!("x\ny {}\n", token(3))).run().exits(1);
    assert_eq!(ran.places(), [at("<stdin>:2:3"), at("b/other.env:1:7"), at("leak.env:2:7")]);
    assert_eq!(ran.summary()["files"], 3);
}

#[test]
fn one_secret_in_stream_and_file_is_one_finding() {
    let tree = Tree::leaky();
    let ran = tree.keysift("scan --format jsonl leak.env -").stdin(token("leak")).run().exits(1);
    assert_eq!(ran.findings().len(), 1);
    assert_eq!(ran.places(), [at("<stdin>:1:1"), at("leak.env:2:7")]);
}

#[test]
fn folder_of_200_levels() {
    let deep = vec!["d"; 200].join("/");
    let tree = Tree::new().file(format!("{deep}/f"), token(1));
    assert_eq!(tree.places(""), [at(&format!("{deep}/f:1:1"))]);
}

#[test]
fn hundred_thousand_small_files() {
    let tree = Tree::new();
    std::thread::scope(|scope| {
        for half in 0..2 {
            let tree = &tree;
            scope.spawn(move || {
                for folder in 0..100 {
                    let folder = tree.path(format!("{half}/{folder}"));
                    fs::create_dir_all(&folder).unwrap();
                    for file in 0..500 {
                        fs::write(folder.join(file.to_string()), "x").unwrap();
                    }
                }
            });
        }
    });
    tree.write("1/99/499", token(1));
    let ran = tree.rows("").exits(1);
    assert_eq!(ran.summary()["files"], 100_000);
    assert_eq!(ran.places(), [at("1/99/499:1:1")]);
}

/// What never made a scanner slow or wrong: values without an end, nested quotes, half-open blocks, one name after another.
#[test]
fn hostile_text_ends_and_breaks_nothing() {
    let mut texts = vec![
        "password=".repeat(20_000),
        format!("password={}", "A1b!".repeat(50_000)),
        format!("token = \"{}", "\\\"".repeat(50_000)),
        "-----BEGIN RSA PRIVATE KEY-----\n".repeat(5_000),
        format!("-----BEGIN RSA PRIVATE KEY-----{}", "QUJD\n".repeat(50_000)),
        "ghp_".repeat(50_000),
        "eyJ".repeat(50_000),
        "https://a:b@".repeat(20_000),
        "secret".repeat(20_000),
        format!("{}=x", "_".repeat(100_000)),
    ];
    texts.push(texts.concat());
    for (i, text) in texts.into_iter().enumerate() {
        let ran = Tree::new().file("f", text).rows("-c low");
        assert_eq!(ran.problems(), [""; 0], "text {i}");
        assert!(matches!(ran.code, Some(0 | 1)), "text {i}: {ran:?}");
    }
}

#[test]
fn every_byte_before_and_behind_a_secret() {
    // A value ends where its alphabet does; what no token can contain never hides one.
    let mut text = Vec::new();
    let outside: Vec<u8> = (0..=255).filter(|b: &u8| !b.is_ascii_alphanumeric() && *b != b'_' && *b != b'\n').collect();
    for &byte in &outside {
        text.extend([byte]);
        text.extend(token(byte).into_bytes());
        text.extend([byte, b'\n']);
    }
    // Text has no NUL: one would make the file a binary.
    let text: Vec<u8> = text.into_iter().filter(|&b| b != 0).collect();
    let ran = Tree::new().file("f", text).rows("");
    assert_eq!(ran.findings().len(), outside.len());
}

#[cfg(unix)]
mod on_unix {
    use super::*;
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt as _;
    use std::os::unix::fs::symlink;
    use std::os::unix::net::UnixListener;
    use std::path::Path;

    #[test]
    fn links_are_counted_not_followed() {
        let tree = Tree::leaky();
        symlink("leak.env", tree.path("again.env")).unwrap();
        let ran = tree.rows("").exits(1);
        assert_eq!((ran.places(), ran.skipped("link")), (vec![at("leak.env:2:7")], 1));
    }

    #[test]
    fn link_given_by_name_is_followed() {
        let tree = Tree::leaky();
        symlink("leak.env", tree.path("again.env")).unwrap();
        assert_eq!(tree.places("again.env"), [at("again.env:2:7")]);
    }

    #[test]
    fn link_to_a_folder_given_by_name_is_walked() {
        let tree = Tree::new().file("real/leak.env", token(1)).file("real/.gitignore", "*.log\n").file("real/x.log", token(2));
        tree.git_in("real", "init --quiet");
        tree.git_in("real", "add --force x.log");
        symlink("real", tree.path("link")).unwrap();
        assert_eq!(tree.rows("link").paths(), ["leak.env", "x.log"]);
    }

    #[test]
    fn link_within_the_root_is_followed_on_demand() {
        let tree = Tree::leaky();
        symlink("leak.env", tree.path("again.env")).unwrap();
        let ran = tree.rows("--follow-links").exits(1);
        assert_eq!(ran.places(), [at("again.env:2:7"), at("leak.env:2:7")]);
    }

    #[test]
    fn link_out_of_the_root_is_never_followed() {
        let tree = Tree::new().file("outside/leak.env", token(1)).file("root/a", "a");
        symlink("../outside", tree.path("root/folder")).unwrap();
        symlink("../outside/leak.env", tree.path("root/file")).unwrap();
        symlink(tree.path("outside/leak.env"), tree.path("root/absolute")).unwrap();
        for words in ["root", "--follow-links root"] {
            let ran = tree.rows(words).exits(0);
            assert_eq!(ran.summary()["files"], 1);
            let reason = if words == "root" { "link" } else { "link-outside-root" };
            assert_eq!(ran.skipped(reason), 3, "{ran:?}");
        }
    }

    #[test]
    fn link_into_another_scanned_root_is_followed_on_demand() {
        let tree = Tree::new().file("one/leak.env", token(1)).file("two/a", "a");
        symlink("../one/leak.env", tree.path("two/link")).unwrap();
        assert_eq!(tree.places("--follow-links one two"), [at("one/leak.env:1:1"), at("two/link:1:1")]);
    }

    #[test]
    fn dangling_link_is_counted() {
        let tree = Tree::clean();
        symlink("nowhere", tree.path("dangling")).unwrap();
        assert_eq!(tree.rows("").exits(0).skipped("link"), 1);
        assert_eq!(tree.rows("--follow-links").exits(0).skipped("dangling-link"), 1);
    }

    #[test]
    fn links_in_a_loop_end() {
        let tree = Tree::leaky().file("a/b/c", "c");
        symlink("../..", tree.path("a/b/up")).unwrap();
        symlink("self", tree.path("self")).unwrap();
        let ran = tree.rows("--follow-links").exits(1);
        assert_eq!(ran.places(), [at("leak.env:2:7")]);
        assert_eq!(ran.skipped("link-loop"), 1, "{ran:?}");
        assert_eq!(tree.rows("").exits(1).skipped("link"), 2);
    }

    fn fifo(path: &Path) {
        let name = std::ffi::CString::new(path.as_os_str().as_bytes()).unwrap();
        // SAFETY: the name ends with a NUL and outlives the call.
        assert_eq!(unsafe { libc::mkfifo(name.as_ptr(), 0o600) }, 0);
    }

    #[test]
    fn pipes_and_sockets_are_counted_and_hang_nothing() {
        let tree = Tree::leaky();
        fifo(&tree.path("pipe"));
        // Short, for the names of sockets may not be long.
        let _socket = UnixListener::bind(tree.path("s")).unwrap();
        let ran = tree.rows("").exits(1);
        assert_eq!((ran.places().len(), ran.skipped("special-file")), (1, 2), "{ran:?}");
    }

    #[test]
    fn pipe_behind_a_link_hangs_nothing() {
        let tree = Tree::clean();
        fifo(&tree.path("pipe"));
        symlink("pipe", tree.path("link")).unwrap();
        assert_eq!(tree.rows("--follow-links").exits(0).skipped("special-file"), 2);
    }

    #[test]
    fn pipe_given_by_name_hangs_nothing() {
        let tree = Tree::clean();
        fifo(&tree.path("pipe"));
        tree.scan("pipe").says("1 pipe, socket or device");
    }

    #[test]
    fn names_that_are_no_utf8() {
        let tree = Tree::new().file(OsStr::from_bytes(b"caf\xe9/k\xff.env"), token(1));
        assert_eq!(tree.places(""), [at("caf\\xe9/k\\xff.env:1:1")]);
        assert!(tree.scan("").exits(1).out.starts_with("caf\\xe9/k\\xff.env\n"));
        let sarif = tree.scan("--format sarif").exits(1).out;
        assert!(sarif.contains("caf%E9/k%FF.env"), "{sarif}");
    }

    #[test]
    fn names_that_would_drive_a_terminal() {
        let tree = Tree::new().file("a\nb\x1b[2J\u{202e}.env", token(1)).file("\x1b]0;title\x07", "");
        for words in ["", "--stats", "--exclude *title*", "--format json", "--format jsonl", "--format sarif"] {
            let ran = tree.scan(words).exits(1);
            for text in [&ran.out, &ran.err] {
                assert!(!text.chars().any(|c| c.is_control() && c != '\n' || c == '\u{202e}'), "{words}: {text:?}");
            }
        }
        assert!(tree.scan("").out.starts_with("a\\nb\\x1b[2J\\u{202e}.env\n"));
        assert_eq!(tree.rows("").paths(), ["a\nb\x1b[2J\u{202e}.env"]);
    }

    #[test]
    fn explain_neutralises_the_name_it_repeats() {
        let tree = Tree::new().file("a\x1b[2J", token(1));
        let ran = tree.keysift("explain").arg("a\x1b[2J:1").run().exits(0);
        assert!(ran.out.starts_with("a\\x1b[2J:1\n"), "{ran:?}");
        let ran = tree.keysift("explain").arg("b\x1b[2J:1").run().exits(2);
        assert!(!ran.err.contains('\x1b'), "{ran:?}");
    }
}

/// What changes between being listed and being opened, through the library: the first file that is read changes the other.
#[cfg(unix)]
mod races {
    use std::fs;
    use std::os::unix::fs::symlink;
    use std::path::Path;
    use std::sync::Mutex;

    use keysift::model::{Problem, ReportPath, SkipReason};
    use keysift::source::{Input, Source as _, Tree as Files, Worker};

    use crate::support::Tree;

    #[derive(Default)]
    struct Log(Mutex<Vec<String>>);

    struct Meddler<'a> {
        log: &'a Log,
        tree: &'a Tree,
        change: &'a (dyn Fn(&Path) + Sync),
    }

    impl Worker for Meddler<'_> {
        fn commit(&mut self) {}

        fn input(&mut self, input: Input<'_>) {
            let mut text = String::new();
            input.content.read_to_string(&mut text).unwrap();
            self.log.0.lock().unwrap().push(format!("read {}", text.trim()));
            let other = if input.path.as_bytes() == b"one" { "two" } else { "one" };
            (self.change)(&self.tree.path(other));
        }

        fn skip(&mut self, reason: SkipReason, _: ReportPath) {
            self.log.0.lock().unwrap().push(format!("skip {}", reason.as_str()));
        }

        fn problem(&mut self, problem: Problem) {
            self.log.0.lock().unwrap().push(format!("{}: {}", problem.kind.as_str(), problem.detail));
        }
    }

    /// What becomes of the second of two files when the first has been read and `change` is made to the second.
    #[track_caller]
    fn check(change: impl Fn(&Path) + Sync, expected: &str) {
        let tree = Tree::new().file("one", "a file").file("two", "a file");
        let log = Log::default();
        let (borrowed, change): (_, &(dyn Fn(&Path) + Sync)) = (&tree, &change);
        Files::new(vec![tree.path("")]).run(&|| Box::new(Meddler { log: &log, tree: borrowed, change }));
        assert_eq!(log.0.into_inner().unwrap(), ["read a file", expected]);
    }

    #[test]
    fn file_that_vanishes_is_a_problem() {
        check(|other| fs::remove_file(other).unwrap(), "vanished: No such file or directory");
    }

    #[test]
    fn file_that_becomes_a_folder_is_a_problem() {
        let change = |other: &Path| {
            fs::remove_file(other).unwrap();
            fs::create_dir(other).unwrap();
        };
        check(change, "unreadable: was a file, is a folder now");
    }

    #[test]
    fn file_that_becomes_a_pipe_hangs_nothing() {
        let change = |other: &Path| {
            fs::remove_file(other).unwrap();
            std::process::Command::new("mkfifo").arg(other).status().unwrap();
        };
        check(change, "skip special-file");
    }

    #[test]
    fn file_that_becomes_a_link_is_not_followed() {
        let change = |other: &Path| {
            fs::remove_file(other).unwrap();
            symlink("/etc/passwd", other).unwrap();
        };
        check(change, "skip link");
    }
}

#[test]
fn file_that_grows_while_it_is_read_has_an_end() {
    use keysift::engine::Engine;
    use keysift::model::{Confidence, ProblemKind, ReportPath};
    use keysift::rules::RuleSet;
    use keysift::scan::{Plan, run};
    use keysift::source::{Input, Source, Workers};

    /// As `tail -f` sees a log: there is always more.
    struct Endless;
    impl Source for Endless {
        fn run(&self, workers: &Workers<'_>) {
            let path = ReportPath::new(b"endless.log");
            workers().input(Input { path, content: &mut std::io::repeat(b'a'), len: Some(10), change: None });
        }
    }
    let plan = Plan { min_confidence: Confidence::Low, ..Plan::new(Engine::new(RuleSet::built_in())) };
    let outcome = run(&plan, &[&Endless]);
    assert_eq!(outcome.summary.problems.iter().map(|p| p.kind).collect::<Vec<_>>(), [ProblemKind::Grew]);
}

#[test]
fn secrets_of_the_same_value_are_one_finding() {
    let text = filled("a ghp_{{base62:30}}{{crc32_base62:6}}\n", 1);
    let tree = Tree::new().file("a", &text).file("b/c", format!("\n{text}{text}"));
    let ran = tree.rows("").exits(1);
    assert_eq!(ran.findings().len(), 1);
    assert_eq!(ran.places(), [at("a:1:3"), at("b/c:2:3"), at("b/c:3:3")]);
}

/// As `<(command)` is, too. A pipe that only lies in a folder may have no writer, ever.
#[cfg(unix)]
#[test]
fn a_pipe_that_came_open_is_read() {
    let tree = Tree::new();
    let ran = tree.keysift("scan --format jsonl /dev/stdin").stdin(format!("TOKEN={}\n", token(1))).run().exits(1);
    assert_eq!(ran.places(), ["github-personal-access-token /dev/stdin:1:7"]);
}
