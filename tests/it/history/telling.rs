//! What reports of histories say, that they say it the same way each time, and what they keep to themselves.

use super::Repo;
use crate::support::{filled, token};

/// A repository with secrets in many places, among them texts that reports repeat: subjects, names, refs, paths.
fn talkative() -> (Repo, Vec<String>) {
    let repo = Repo::new();
    let secrets: Vec<String> = (0..14).map(token).collect();
    let s = |i: usize| &secrets[i];
    let leak = |i: usize| format!("TOKEN={}\n", s(i));
    repo.plant("a.env", leak(0), &format!("Use {}\n\nand {}", s(1), s(2)));
    repo.run(["tag", "-a", "v1", "-m", &format!("with {}", s(3))]);
    repo.plant(&format!("dir {}/{}.env", s(4), s(4)), leak(4), "a path that tells");
    repo.remove(&format!("dir {}/{}.env", s(4), s(4)), "and does not any more");
    repo.git(&format!("branch {}", s(5)));
    repo.git(&format!("switch --quiet --create side/{}", s(6)));
    repo.plant("b.env", leak(7), "on a branch that tells");
    repo.git(&format!("tag {}", s(8)));
    repo.git(&format!("remote add origin https://oauth2:{}@gitlab.com/acme/app.git", s(9)));
    let author = format!("A {} <{}@example.org>", s(10), s(10));
    repo.plant("c.env", leak(10), "x").run(["commit", "--quiet", "--amend", "--author", &author, "--no-edit"]);
    repo.write("d.env", leak(11)).git("add d.env");
    repo.feed(["hash-object", "-w", "--stdin"], leak(12).as_bytes());
    repo.feed(["hash-object", "-w", "--stdin"], leak(13).as_bytes());
    repo.git("repack -q -a -d");
    // No git would name this one any more.
    repo.write(format!(".git/refs/heads/{}", s(12)), "broken\n");
    (repo, secrets)
}

#[test]
fn no_report_holds_a_secret() {
    let (repo, secrets) = talkative();
    let shown = repo.report("--format jsonl --show-secrets").exits(1);
    for secret in &secrets {
        assert!(shown.findings().iter().any(|f| f["secret"] == secret.as_str()), "{secret} is not found");
    }
    for format in ["text --occurrences 100 --stats", "json", "jsonl", "sarif", "sarif --show-secrets", "text -c high", "jsonl ."] {
        let ran = repo.report(&format!("--format {format}")).exits(1);
        for (i, secret) in secrets.iter().enumerate() {
            for (text, what) in [(&ran.out, "the report"), (&ran.err, "standard error")] {
                let line = text.lines().find(|l| l.contains(&secret[4..20]));
                assert_eq!(line, None, "{format}: {what} holds secret {i}");
            }
        }
    }
}

#[test]
fn what_a_commit_says_is_cut_behind_its_mask() {
    let repo = Repo::new();
    // Every way in which a token, and the mask in its place, can lie across the cut; and a thousand of them in one line.
    let secrets: Vec<String> = (0..50).map(token).collect();
    for (i, secret) in secrets.iter().enumerate() {
        repo.commit(&format!("{} {secret} and more", "ö".repeat(255 + i)));
    }
    let many: Vec<String> = (50..1050).map(token).collect();
    repo.run([
        "commit",
        "--quiet",
        "--allow-empty",
        "-m",
        &many.join(" "),
        "--author",
        &format!("{} <{}@x>", "n".repeat(400), "a".repeat(400)),
    ]);
    let ran = repo.tree.keysift("scan --history --format jsonl").run().exits(1);
    let findings = ran.findings();
    assert_eq!(findings.len(), 1050);
    for secret in secrets.iter().chain(&many) {
        assert!(!ran.out.contains(&secret[4..12]), "{secret}");
    }
    for finding in findings {
        // Git's logs repeat subjects, and are of no commit.
        for commit in finding["occurrences"].as_array().unwrap().iter().filter(|o| o["commit"].is_string()) {
            let length = |field: &str| commit[field].as_str().unwrap().chars().count();
            assert!(length("subject") > 260 && ["subject", "author", "email"].iter().all(|field| length(field) <= 301), "{commit}");
        }
    }
    assert!(ran.out.contains(&format!("\"{}…\"", "n".repeat(300))));
}

#[test]
fn address_of_a_commit_holds_no_credentials() {
    let (repo, _) = talkative();
    for finding in repo.report("--format jsonl --show-secrets").exits(1).findings() {
        for place in finding["occurrences"].as_array().unwrap() {
            if let Some(url) = place["url"].as_str() {
                assert!(url.starts_with("https://gitlab.com/acme/app/-/commit/"), "{url}");
            }
        }
    }
}

#[test]
fn same_bytes_at_any_number_of_threads_and_each_time() {
    let repo = Repo::new();
    let mut stream = String::new();
    for i in 0..400 {
        let (branch, path) = (["main", "a", "b"][i % 3], format!("{}/{}.env", i % 5, i % 11));
        let text = format!("{}TOKEN={}\nAPI_TOKEN={}\n", "line\n".repeat(i % 70), token(i % 40), filled("{{base62:32}}", i % 90));
        stream.push_str(&format!("commit refs/heads/{branch}\ncommitter A <a@x> {} +0000\ndata 1\nx\n", 1_700_000_000 + i / 7));
        stream.push_str(&format!("M 644 inline {path}\ndata {}\n{text}\n", text.len()));
    }
    repo.feed(["fast-import", "--quiet"], stream.as_bytes());
    for repack in [None, Some("repack -qadf --depth=100")] {
        repack.map(|words| repo.git(words));
        for format in ["json -c low", "text", "sarif"] {
            let of = |threads: u8| {
                let out = repo.report(&format!("--format {format} -j{threads}")).exits(1).out;
                let at = out.find("\"seconds\":").unwrap_or(out.len());
                out[..at].to_owned()
            };
            let one = of(1);
            assert!(one.len() > 10_000, "{format}: {} bytes", one.len());
            for threads in [4, 4, 1] {
                assert!(of(threads) == one, "{format} differs with {threads} threads");
            }
        }
    }
}

#[test]
fn story_for_people() {
    let repo = Repo::new();
    repo.plant("readme.md", "# app\n", "First steps");
    repo.plant("deploy/prod.env", format!("# production\nGITHUB_TOKEN={}\n", token("prod")), "Add deploy script");
    repo.git("tag v1.0");
    repo.by("Bob").plant("ci.yml", format!("env:\n  TOKEN: {}\n", token("ci")), "CI");
    repo.remove("deploy/prod.env", "Read the token from the vault");
    repo.git("switch --quiet --create try main~1");
    repo.by("Eve").plant("try.sh", format!("curl -H \"Authorization: token {}\" https://api.github.com\n", token("try")), "Try something");
    repo.git("switch --quiet main");
    repo.commit(&format!("Rotate\n\nThe old one was {}", token("message")));
    repo.plant("lost.env", format!("TOKEN={}\n", token("lost")), "Lost").git("reset --quiet --hard HEAD~1");
    repo.feed(["hash-object", "-w", "--stdin"], format!("TOKEN={}\n", token("dangling")).as_bytes());
    let ran = repo.report("--color never").exits(1);
    let mut settings = insta::Settings::clone_current();
    settings.add_filter(r"in [\d.]+ m?s with [\d,]+ rules", "in [TIME] with [N] rules");
    settings.add_filter(r"\b\d+ kB\b|\b\d\.\d kB\b", "[SIZE]");
    settings.add_filter(r"\d+ files of", "[N] files of");
    settings.bind(|| insta::assert_snapshot!(format!("{}\n{}", ran.out, ran.err)));
}
