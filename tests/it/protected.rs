//! Values that are protected where they stand are counted, exactly.

use serde_json::{Value, json};

use crate::support::{Tree, filled};

/// Three references and two encrypted values, each led to by one anchor or several, and a secret.
const FILE: &str = "aws_secret_access_key: $AWS_SECRET\n\
    api_token: ${{ secrets.API_TOKEN }}\n\
    client_secret: \"vault:secret/app#id\"\n\
    db_password: ENC[AES256_GCM,data:{{base64:16}},iv:{{base64:43}}=,tag:{{base64:22}}==,type:str]\n\
    admin_password: $2b$12${{base62:53}}\n\
    deploy_token: {{base62:17}}{{digits:3}}{{base62:17}}\n";

fn text(seed: impl ToString) -> String {
    // The pipeline's expression is no template of ours.
    FILE.split("${{ secrets.API_TOKEN }}").map(|part| filled(part, seed.to_string())).collect::<Vec<_>>().join("${{ secrets.API_TOKEN }}")
}

fn counts(references: u64, encrypted: u64) -> Value {
    json!({ "references": references, "encrypted": encrypted })
}

#[test]
fn each_value_once_whatever_leads_to_it() {
    let ran = Tree::new().file("app.yml", text(1)).rows("").exits(1).says("; protected: 3 references, 2 encrypted");
    assert_eq!(ran.summary()["protected"], counts(3, 2));
    assert_eq!(ran.findings().len(), 1);
    let tree = Tree::new().file("app.yml", "password: $DB_PASSWORD\n");
    assert!(tree.scan("").exits(0).last().ends_with("; protected: 1 reference"));
    assert_eq!(Tree::clean().rows("").summary()["protected"], counts(0, 0));
    assert!(!Tree::clean().scan("").err.contains("protected"));
}

#[test]
fn sarif_has_the_numbers_of_a_run() {
    let ran = Tree::new().file("app.yml", text(1)).scan("--format sarif");
    let log: Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!(log["runs"][0]["properties"]["protected"], counts(3, 2));
}

#[test]
fn the_same_at_any_number_of_threads() {
    let tree = Tree::new();
    (0..120).for_each(|i| tree.write(format!("{}/app-{i}.yml", i % 7), text(i)));
    for threads in [1, 2, 8] {
        assert_eq!(tree.rows(&format!("-j {threads}")).summary()["protected"], counts(360, 240), "{threads} threads");
    }
}

#[test]
fn a_large_file_is_no_other_than_its_parts() {
    // Read in pieces of 4 MiB that overlap: what stands at a seam is seen twice.
    let mut file = String::new();
    let mut written = 0;
    while file.len() < 13 << 20 {
        file.push_str(&text(written));
        file.push_str(&"filler of some lines that say nothing at all\n".repeat(written % 23));
        written += 1;
    }
    let tree = Tree::new().file("app.yml", file);
    let written = written as u64;
    assert_eq!(tree.rows("").summary()["protected"], counts(3 * written, 2 * written));
}

#[test]
fn what_is_staged_counts_and_versions_do_not() {
    let tree = Tree::new().file("app.yml", text(1));
    tree.git("init -q");
    tree.git("add .");
    assert_eq!(tree.rows("--staged").summary()["protected"], counts(3, 2));
    tree.git("commit -qm first");
    for words in ["--history", "--range HEAD"] {
        let ran = tree.rows(words);
        assert!(ran.summary().get("protected").is_none(), "{ran:?}");
        assert!(!ran.err.contains("protected"), "{ran:?}");
    }
}
