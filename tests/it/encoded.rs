//! Text within text: base64, hexadecimal digits and escapes are undone, and what they say is scanned like all else.

use base64::Engine as _;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD};

use crate::support::{GITHUB, Tree, filled, token};

fn base64(text: impl AsRef<[u8]>) -> String {
    BASE64_STANDARD.encode(text)
}

fn hex(text: &str) -> String {
    text.bytes().map(|b| format!("{b:02x}")).collect()
}

/// Settings with a secret in them.
fn settings(seed: &str) -> String {
    filled(&format!("HOST=db.internal\nTOKEN={GITHUB}\n"), seed)
}

/// One file of this text: the GitHub token is found there, read so.
#[track_caller]
fn check(name: &str, text: &str, place: &str, decoded: &[&str]) {
    let ran = Tree::new().file(name, text).rows("").exits(1);
    assert_eq!(ran.places(), [format!("github-personal-access-token {name}:{place}")], "{text}");
    assert_eq!(ran.findings()[0]["occurrences"][0]["decoded"], serde_json::json!(decoded));
}

#[test]
fn base64_of_either_alphabet_and_hex() {
    let settings = settings("1");
    check("secret.yaml", &format!("kind: Secret\ndata:\n  app.env: {}\n", base64(&settings)), "3:42", &["base64"]);
    check("f.json", &format!(r#"{{"env": "{}"}}"#, BASE64_URL_SAFE_NO_PAD.encode(&settings)), "1:40", &["base64"]);
    check("f.txt", &format!("env={}\n", hex(&settings)), "1:51", &["hex"]);
    check("f.sh", &format!("echo {} | base64 -d > .env\n", base64(&settings)), "1:36", &["base64"]);
    check("url.txt", &format!("data:text/plain;base64,{}", base64(&settings)), "1:54", &["base64"]);
    check("log.json", &format!("\"first\\n{}\"", base64(&settings)), "1:39", &["base64"]);
}

#[test]
fn a_command_of_powershell() {
    let command = format!("$env:TOKEN = '{}'; ./deploy.ps1", token(1));
    let units: Vec<u8> = command.encode_utf16().flat_map(u16::to_le_bytes).collect();
    check("run.bat", &format!("powershell -EncodedCommand {}\r\n", base64(units)), "1:65", &["base64", "utf-16le"]);
}

/// A line of a log in which each of these is found, read so.
#[track_caller]
fn check_line(line: &str, expected: &[(&str, usize, &[&str])]) {
    let ran = Tree::new().file("run.log", format!("begin\n{line}\nend\n")).rows("");
    let places: Vec<String> = expected.iter().map(|(rule, column, _)| format!("{rule} run.log:2:{column}")).collect();
    assert_eq!(ran.places(), places, "{line}");
    for (finding, (.., decoded)) in ran.findings().iter().zip(expected) {
        let told = &finding["occurrences"][0]["decoded"];
        assert!(*told == serde_json::json!(decoded) || decoded.is_empty() && told.is_null(), "{line}: {told}");
    }
}

#[test]
fn urls_within_urls() {
    let (token, password) = (token(1), filled("{{base62:20}}", 1));
    check_line(&format!("GET /login?next=%2Fcb%3Ftoken%3D{token}"), &[("github-personal-access-token", 33, &["percent-encoding"])]);
    check_line(&format!("to=https%3A%2F%2Fann%3A{password}%40git.internal%2Fx"), &[("http-url-password", 24, &["percent-encoding"])]);
    check_line(
        &format!("to=https%253A%252F%252Fann%253A{password}%2540git.internal"),
        &[("http-url-password", 32, &["percent-encoding", "percent-encoding"])],
    );
    check_line(&format!("body=%7B%22password%22%3A%22{password}%22%7D"), &[("generic-password", 29, &["percent-encoding"])]);
}

#[test]
fn strings_as_json_and_javascript_write_them() {
    let (token, password) = (token(1), filled("{{base62:20}}", 1));
    check_line(&format!(r#"{{"cmd":"env TOKEN\u003d{token} \u0026\u0026 ./run"}}"#), &[("github-personal-access-token", 24, &["escapes"])]);
    check_line(&format!(r#"{{"url":"https:\/\/ann:{password}@git.internal\/x"}}"#), &[("http-url-password", 23, &["escapes"])]);
    check_line(&format!(r"run('password\x3d{password}')"), &[("generic-password", 18, &["escapes"])]);
    // Base64 with a slash that is escaped: the secret is what it stands for.
    let slash = filled("{{base64:17}}", 1).replace(['+', '/'], "a") + "/" + &filled("{{base64:22}}", 2).replace(['+', '/'], "b");
    let written = slash.replace('/', r"\/");
    let tree = Tree::new()
        .file("a.json", format!(r#"{{"aws_secret_access_key": "{written}"}}"#))
        .file("b.env", format!("AWS_SECRET_ACCESS_KEY={slash}\n"));
    let ran = tree.rows("").exits(1);
    assert_eq!(ran.places(), ["aws-secret-access-key a.json:1:28", "aws-secret-access-key b.env:1:23"]);
    assert_eq!(ran.findings().len(), 1);
}

#[test]
fn markup_within_markup() {
    let password = filled("{{base62:20}}", 1);
    check_line(&format!("<m>&lt;password&gt;{password}&lt;/password&gt;</m>"), &[("generic-password", 20, &["entities"])]);
    check_line(&format!("<env>DB_PASSWORD&#61;{password}</env>"), &[("generic-password", 22, &["entities"])]);
}

#[test]
fn what_stands_plain_beside_escapes_is_plain() {
    let token = token(1);
    check_line(&format!("GET /x%20y%3D?token={token}"), &[("github-personal-access-token", 21, &[])]);
    let tree = Tree::new().file("run.log", format!("GET /x%20y%3D?token={token}&next=%2Fcb%3Ftoken%3D{}\n", crate::support::token(2)));
    let ran = tree.scan("").exits(1);
    assert!(ran.out.contains("read as percent-encoding"), "{}", ran.out);
    assert!(ran.out.contains("/x%20y%3D?token=ghp_"), "{}", ran.out);
}

#[test]
fn one_in_the_other() {
    let inner = format!("{{\"settings\": \"{}\"}}", base64(settings("1")));
    check("f.yaml", &format!("all: {}\n", base64(&inner)), "1:64", &["base64", "base64"]);
    let three = format!("{{\"once more\": \"{}\"}}", base64(&inner));
    check("f.yaml", &format!("all: {}\n", base64(&three)), "1:103", &["base64", "base64", "base64"]);
    // And no further.
    let four = format!("{{\"and again\": \"{}\"}}", base64(&three));
    Tree::new().file("f.yaml", format!("all: {}\n", base64(four))).rows("").exits(0);
}

#[test]
fn folded_lines() {
    let text = format!("Dear colleague,\n\nthese are the new settings, keep them for yourself:\n{}\nYours\n", settings("1"));
    let code = base64(text);
    let lines: Vec<&str> = code.as_bytes().chunks(76).map(|line| std::str::from_utf8(line).unwrap()).collect();
    check("mail.eml", &format!("Content-Transfer-Encoding: base64\r\n\r\n{}\r\n", lines.join("\r\n")), "4:47", &["base64"]);
    check("secret.yaml", &format!("data:\n  mail: |\n    {}\n", lines.join("\n    ")), "4:51", &["base64"]);
}

#[test]
fn a_secret_is_the_same_however_it_is_written() {
    let tree = Tree::new()
        .file("a.env", settings("1"))
        .file("b.yaml", format!("data: {}\n", base64(settings("1"))))
        .file("c.txt", hex(&settings("1")));
    let ran = tree.rows("").exits(1);
    assert_eq!(ran.findings().len(), 1);
    assert_eq!(ran.places().len(), 3, "{:?}", ran.places());
}

#[test]
fn keys_in_a_kubeconfig() {
    for (kind, rule) in [("RSA PRIVATE KEY", "private-key-rsa"), ("EC PRIVATE KEY", "private-key-ec"), ("PRIVATE KEY", "private-key-pkcs8")]
    {
        let key = filled(&format!("{{{{pem:{kind}}}}}"), 1);
        let tree = Tree::new().file("config", format!("users:\n- user:\n    client-key-data: {}\n", base64(&key)));
        assert_eq!(tree.places(""), [format!("{rule} config:3:22")]);
    }
}

#[test]
fn excerpts_show_what_was_read_and_no_secret_beside() {
    let other = filled("{{base62:24}}", 2);
    let inner = base64(format!("password = \"{other}\" # of the other one\n"));
    let text = format!("{{\"token\": \"{}\", \"other settings\": \"{inner}\"}}", token(1));
    let ran = Tree::new().file("f.yaml", format!("plain: {} all: {}\n", token(3), base64(&text))).scan("").exits(1);
    let said = format!("{}{}", ran.out, ran.err);
    for part in ["read as base64\n", "read as base64, base64\n", "{\"token\": \"ghp_"] {
        assert!(said.contains(part), "{said}");
    }
    // Neither themselves nor as they are written, on any level.
    let code = base64(&text);
    for secret in [token(1), token(3), other.clone(), inner.clone(), code] {
        for part in [&secret[..16], &secret[secret.len() - 16..]] {
            assert!(!said.contains(part), "{part} of {secret} in {}", said);
        }
    }
}

#[test]
fn who_brought_it_in() {
    let tree = Tree::new().file("secret.yaml", "kind: Secret\ndata:\n  motto: d2hhdCBnbGl0dGVycyBpcyBub3QgZ29sZA==\n");
    tree.git("init -q");
    tree.git("add .");
    tree.git("commit -qm first");
    let line = |seed| format!("  app.env: {}\n", base64(settings(seed)));
    tree.write("secret.yaml", format!("kind: Secret\ndata:\n{}", line("1")));
    tree.git("commit -qam second");
    tree.write("secret.yaml", "kind: Secret\ndata:\n");
    tree.git("commit -qam third");
    let second = tree.git_says(".", "rev-parse HEAD~1");
    for words in ["--history", "--history --cache", "--history --cache", "--range HEAD~2..HEAD"] {
        let ran = tree.rows(words).exits(1);
        assert_eq!(ran.places(), ["github-personal-access-token secret.yaml:3:42"], "{words}");
        let occurrence = &ran.findings()[0]["occurrences"][0];
        assert_eq!((&occurrence["commit"], &occurrence["decoded"]), (&second.clone().into(), &serde_json::json!(["base64"])), "{words}");
    }
    tree.write("secret.yaml", format!("kind: Secret\ndata:\n{}{}", line("2"), "  more: text\n"));
    tree.git("add .");
    assert_eq!(tree.places("--staged"), ["github-personal-access-token secret.yaml:3:42"]);
    tree.git("commit -qm fourth");
    tree.write("secret.yaml", format!("kind: Secret\ndata:\n{}{}", line("2"), "  more: text of today\n"));
    tree.git("add .");
    tree.rows("--staged").exits(0);
}

#[test]
fn why_a_line_is_found() {
    let tree = Tree::new().file("f.yaml", format!("env: {}\n", base64(settings("1"))));
    let said = tree.keysift("explain f.yaml:1").run().out;
    assert!(said.contains("found    github-personal-access-token") && said.contains("read as base64"), "{said}");
}

#[test]
fn an_id_encoded_with_its_secret_is_one_finding_with_it() {
    let keys = filled("[default]\naws_access_key_id = {{aws_key_id}}\naws_secret_access_key = {{base64:37}}9Ka\n", 1);
    let tree = Tree::new().file("secret.yaml", format!("data:\n  credentials: {}\n", base64(keys)));
    tree.git("init -q");
    tree.git("add .");
    tree.git("commit -qm first");
    for words in ["", "--history", "--history --cache", "--history --cache"] {
        let ran = tree.rows(words).exits(1);
        assert_eq!(ran.places(), ["aws-secret-access-key secret.yaml:2:116"], "{words}");
        let finding = &ran.findings()[0];
        assert_eq!((&finding["severity"], &finding["pair"]["rule_id"]), (&"critical".into(), &"aws-access-key-id".into()), "{words}");
        assert_eq!((&finding["pair"]["line"], &finding["pair"]["column"]), (&2.into(), &116.into()));
    }
}

#[test]
fn escapes_in_binary_data_lead_to_tokens_and_to_no_plain_passwords() {
    let password = filled("{{base62:20}}", 1);
    let text = format!("\0\u{1}go?token%3D{}&password%3D{password}\0", token(1));
    assert_eq!(Tree::new().file("a.bin", text).places(""), ["github-personal-access-token a.bin:1:14"]);
}
