//! `scan --history --cache`: what is remembered, and when it does not count.

use std::fs;
use std::path::PathBuf;

use sha2::{Digest, Sha256};

use super::Repo;
use crate::support::{Ran, token};

/// A repository with a token in its second commit, and a folder for a cache beside it.
fn repo() -> Repo {
    let repo = Repo::new();
    repo.plant("notes.txt", "nothing yet\n", "Begin");
    repo.plant("deploy.env", format!("# deployment\nTOKEN={}\n", token("cached")), "Add deployment");
    repo
}

fn scan(repo: &Repo, words: &str) -> Ran {
    repo.scan(&format!("--cache=../cache {words}"))
}

/// What a run tells, without what it took: bytes of objects that are known are not read.
fn rows(ran: &Ran) -> Vec<String> {
    let mut rows: Vec<serde_json::Value> = ran.findings();
    let mut summary = ran.summary();
    for took in ["seconds", "bytes"] {
        summary[took] = 0.into();
    }
    rows.push(summary);
    rows.iter().map(ToString::to_string).collect()
}

fn file(repo: &Repo) -> PathBuf {
    let folder = repo.path("../cache");
    let mut files: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|e| e.unwrap().path()).collect();
    assert_eq!(files.len(), 1, "{files:?}");
    files.remove(0)
}

fn knew(ran: &Ran) -> bool {
    ran.last().contains("known from an earlier run")
}

#[test]
fn an_unchanged_repository_is_told_again() {
    let repo = repo();
    let plain = repo.scan("").exits(1);
    let first = scan(&repo, "").exits(1);
    assert!(!knew(&first));
    let second = scan(&repo, "").exits(1);
    assert!(knew(&second), "{}", second.last());
    assert_eq!(rows(&plain), rows(&first));
    assert_eq!(rows(&first), rows(&second));
}

#[test]
fn what_one_run_left_out_the_next_one_finds() {
    for less in ["--exclude=*.env", "--include=*.txt"] {
        let repo = repo();
        let plain = repo.scan("").exits(1);
        scan(&repo, less).exits(0);
        scan(&repo, less).exits(0);
        assert_eq!(rows(&scan(&repo, "").exits(1))[0], rows(&plain)[0], "{less}");
        scan(&repo, less).exits(0);
    }
}

#[test]
fn what_is_too_large_is_told_of_each_time() {
    let repo = repo();
    let large = |ran: &Ran| ran.summary()["skipped"]["too-large"]["count"].clone();
    let plain = repo.scan("--max-file-size=5").exits(0);
    assert!(large(&plain).as_u64() > Some(0), "{:?}", plain.summary());
    scan(&repo, "").exits(1);
    assert_eq!(large(&scan(&repo, "--max-file-size=5").exits(0)), large(&plain));
}

#[test]
fn what_is_new_is_found_and_the_rest_is_known() {
    let repo = repo();
    for i in 0..20 {
        repo.plant("notes.txt", format!("{}line {i}\n", "words\n".repeat(200 + i)), "More notes");
    }
    repo.git("repack -adfq");
    scan(&repo, "").exits(1);
    // The new version is built on, or the base of, one that is known.
    repo.plant("notes.txt", format!("{}GH={}\n", "words\n".repeat(230), token("new")), "A note too many");
    repo.git("repack -adfq");
    let ran = scan(&repo, "").exits(1);
    assert!(knew(&ran), "{}", ran.last());
    assert_eq!(ran.findings().len(), 2);
    assert_eq!(rows(&repo.scan("")), rows(&ran));
}

#[test]
fn a_branch_that_moves_changes_the_story() {
    let repo = repo();
    assert_eq!(scan(&repo, "").findings()[0]["exposure"]["at_head"], true);
    repo.remove("deploy.env", "Remove deployment");
    assert_eq!(scan(&repo, "").findings()[0]["exposure"]["at_head"], false);
    repo.git("branch old HEAD~1");
    let finding = scan(&repo, "").findings()[0].clone();
    assert_eq!(finding["exposure"]["live"], serde_json::json!(["refs/heads/old"]));
    assert_eq!(finding["exposure"]["removed"]["subject"], "Remove deployment");
}

#[test]
fn other_grades_and_rules_are_scanned_anew() {
    let repo = repo();
    repo.plant("b.env", "PASSWORD=whale\n", "A weak password");
    scan(&repo, "").exits(1);
    assert_eq!(rows(&scan(&repo, "-c low")), rows(&repo.scan("-c low")));
    let rule = "provider = 'A'\ndocs = 'https://a.example'\n[[rule]]\nid = 'notes'\ntitle = 'Notes'\nimpact = 'x'\nremedy = 'x'\nseverity = 'low'\n\
                confidence = 'high'\nanchors = ['nothing']\npattern = '(?<secret>nothing)'\nchecks = { entropy = 0 }\n";
    repo.write("../r.toml", rule);
    let ran = scan(&repo, "--rules ../r.toml");
    assert!(!knew(&ran) && ran.findings().iter().any(|f| f["rule_id"] == "notes"), "{ran:?}");
}

#[test]
fn a_file_that_is_not_whole_does_not_count() {
    let repo = repo();
    let right = rows(&scan(&repo, ""));
    let whole = fs::read(file(&repo)).unwrap();
    let mut flipped = whole.clone();
    flipped[whole.len() / 2] ^= 1;
    for bytes in [&whole[..whole.len() - 1], &whole[..10], b"", &flipped] {
        fs::write(file(&repo), bytes).unwrap();
        let ran = scan(&repo, "");
        assert!(!knew(&ran), "{}", ran.last());
        assert_eq!(rows(&ran), right);
        assert!(knew(&scan(&repo, "")), "it is written anew");
    }
}

#[test]
fn a_file_that_lies_is_found_out() {
    let repo = Repo::new();
    repo.plant("deploy.env", format!("TOKEN={}\n", token("lied about")), "Add deployment");
    scan(&repo, "").exits(1);
    // Of the two objects, the commit is clean; now the blob is said to be, too.
    let path = file(&repo);
    let bytes = fs::read(&path).unwrap();
    let mut lines = bytes[..bytes.len() - 32].splitn(3, |&b| b == b'\n');
    let (magic, head, ids) = (lines.next().unwrap(), lines.next().unwrap(), lines.next().unwrap());
    let mut head: serde_json::Value = serde_json::from_slice(head).unwrap();
    let hex = repo.git("rev-parse HEAD:deploy.env");
    let id: Vec<u8> = (0..20).map(|i| u8::from_str_radix(&hex[2 * i..2 * i + 2], 16).unwrap()).collect();
    let mut ids: Vec<Vec<u8>> = ids.chunks(20).map(<[u8]>::to_vec).chain([id]).collect();
    ids.sort();
    head["clean"] = (ids.len() * 20).into();
    head["replay"] = serde_json::Value::Null;
    let mut forged = [magic, b"\n", head.to_string().as_bytes(), b"\n", &ids.concat()].concat();
    let sum = Sha256::digest(&forged);
    forged.extend_from_slice(&sum);
    fs::write(&path, forged).unwrap();
    let ran = scan(&repo, "").exits(1);
    assert_eq!(ran.findings().len(), 1);
}

#[test]
fn it_holds_no_secret_and_is_the_users_own() {
    let repo = repo();
    scan(&repo, "").exits(1);
    let bytes = fs::read(file(&repo)).unwrap();
    let secret = token("cached");
    for part in [&secret[..], &secret[4..16]] {
        assert!(memchr::memmem::find(&bytes, part.as_bytes()).is_none());
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = |path: &std::path::Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&file(&repo)), mode(&repo.path("../cache"))), (0o600, 0o700));
        // Whoever could write it could hide a secret.
        fs::set_permissions(file(&repo), fs::Permissions::from_mode(0o666)).unwrap();
        assert!(!knew(&scan(&repo, "")));
    }
}

#[test]
fn a_folder_that_cannot_be_written_is_a_note() {
    let repo = repo();
    repo.write("../in-the-way", "");
    let ran = repo.scan("--cache=../in-the-way/cache").exits(1);
    assert!(ran.err.contains("note: nothing was remembered"), "{}", ran.err);
}
