//! Private keys in all the ways that they are kept and pasted.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use keysift::model::Fingerprint;

use crate::support::{Tree, filled};

fn key() -> String {
    filled("{{pem:RSA PRIVATE KEY}}", "key")
}

fn file(template: &str) -> Vec<u8> {
    BASE64_STANDARD.decode(filled(template, "file")).unwrap()
}

#[test]
fn copies_of_a_key_are_one_finding() {
    let key = key();
    let tree = Tree::new()
        .file("a.pem", &key)
        .file("b.pem", key.replace('\n', "\r\n"))
        .file("c.json", format!("{{\"k\": \"{}\"}}", key.replace('\n', "\\n")))
        .file("d.yaml", format!("k: |\n  {}\n", key.replace('\n', "\n  ")))
        .file("e.env", format!("K=\"{}\"\n", key.replace('\n', " ")))
        .file("f.js", format!("// {}\n", key.replace('\n', "\n// ")))
        .file("g.txt", format!("k={}", key.replace('+', "%2B").replace('/', "%2F").replace('\n', "%0A").replace(' ', "+")));
    let ran = tree.rows("").exits(1);
    let findings = ran.findings();
    assert_eq!(findings.len(), 1, "{ran:?}");
    assert_eq!(findings[0]["occurrences"].as_array().unwrap().len(), 7, "{ran:?}");
    // That of the key's own file, which people have in their lists.
    assert_eq!(findings[0]["fingerprint"], Fingerprint::of(key.as_bytes()).to_string());
}

#[test]
fn copies_of_a_key_in_history_are_one_finding() {
    let key = key();
    let tree = Tree::new().file("a.pem", &key);
    tree.git("init -q");
    tree.git("add .");
    tree.git("commit -qm a");
    tree.write("a.pem", key.replace('\n', "\r\n"));
    tree.git("commit -qam b");
    let ran = tree.rows("--history").exits(1);
    assert_eq!(ran.findings().len(), 1, "{ran:?}");
    assert_eq!(ran.findings()[0]["fingerprint"], Fingerprint::of(key.as_bytes()).to_string());
}

#[test]
fn key_files_of_bytes() {
    let tree = Tree::new()
        .file("a.jks", file("{{jks}}"))
        .file("b.p12", file("{{p12}}"))
        .file("c.gpg", file("{{pgp}}"))
        .file("d.der", file("{{der:RSA PRIVATE KEY}}"));
    let told = |words: &str| tree.rows(words).places();
    let rules = |places: Vec<String>| places.iter().map(|p| p.split(':').next().unwrap().to_owned()).collect::<Vec<_>>();
    let [jks, p12] = ["private-key-store a.jks", "private-key-store b.p12"].map(str::to_owned);
    let [pgp, der] = ["private-key-pgp-bare c.gpg", "private-key-der d.der"].map(str::to_owned);
    assert_eq!(rules(told("")), [pgp.clone(), der.clone()]);
    assert_eq!(rules(told("-c low")), [jks, p12, pgp, der]);
}

#[test]
fn key_files_of_bytes_in_history_as_each_stands_by_itself() {
    let noise: Vec<u8> = filled("{{base64:6000}}", "noise").into_bytes();
    let key = file("{{der:RSA PRIVATE KEY}}");
    let tree = Tree::new();
    tree.git("init -q");
    // The key stands elsewhere in each version, is cut in one, and whole again.
    for (number, (at, len)) in
        [(100, key.len()), (900, key.len()), (900, key.len() / 2), (2400, key.len()), (2400, key.len() - 100)].iter().enumerate()
    {
        let blob = [&noise[..*at], &[0, 10, 0], &key[..*len], &[10, 0], &noise[*at..], &[number as u8]].concat();
        tree.write("blob.bin", blob);
        tree.git("add .");
        tree.git("commit -qm c");
    }
    tree.git("gc -q --aggressive");
    let ran = tree.rows("--history --verify-deltas").exits(1);
    assert_eq!(ran.problems(), [""; 0]);
    assert_eq!(ran.findings().len(), 1, "{ran:?}");
}
