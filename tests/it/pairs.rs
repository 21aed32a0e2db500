//! The id and the secret of one application are one finding.

mod history;
mod staged;

use serde_json::Value;

use crate::support::{Ran, Tree, filled};

/// The two halves of an AWS key, as a profile has them.
const AWS: &str = "[default]\naws_access_key_id = {{aws_key_id}}\naws_secret_access_key = {{base64:37}}9Ka\n";
/// Those of some application.
const APPLICATION: &str = "ACME_APPLICATION_ID=app-4711-0815\nACME_APPLICATION_SECRET={{base62:37}}a7Q\n";

fn aws(seed: impl ToString) -> String {
    filled(AWS, seed)
}

/// What keysift finds, as `rule severity: pair`.
#[track_caller]
fn told(ran: &Ran) -> Vec<String> {
    let text = |v: &Value| v.as_str().unwrap_or_default().to_owned();
    let pair = |f: &Value| match f.get("pair") {
        Some(p) => format!("{} at {}:{}:{}", text(&p["title"]), text(&p["path"]), p["line"], p["column"]),
        None => "alone".to_owned(),
    };
    ran.findings().iter().map(|f| format!("{} {}: {}", text(&f["rule_id"]), text(&f["severity"]), pair(f))).collect()
}

#[test]
fn two_halves_are_one_finding() {
    let ran = Tree::new().file("credentials", aws(1)).rows("");
    assert_eq!(told(&ran), ["aws-secret-access-key critical: AWS access key id at credentials:2:21"]);
    assert_eq!(ran.findings()[0]["pair"]["rule_id"], "aws-access-key-id");
    let ran = Tree::new().file("app.env", filled(APPLICATION, 1)).rows("");
    assert_eq!(told(&ran), ["generic-secret critical: Application id at app.env:1:21"]);
}

#[test]
fn a_secret_alone_keeps_its_grade_and_an_id_alone_is_a_note() {
    let secret = filled(APPLICATION, 1).lines().last().unwrap().to_owned();
    assert_eq!(told(&Tree::new().file("app.env", secret).rows("")), ["generic-secret high: alone"]);
    let id: String = aws(1).lines().take(2).map(|l| format!("{l}\n")).collect();
    assert_eq!(told(&Tree::new().file("credentials", id).rows("")), ["aws-access-key-id low: alone"]);
    let far = aws(1).replace("aws_secret", &format!("{}aws_secret", "#\n".repeat(30)));
    assert_eq!(
        told(&Tree::new().file("credentials", far).rows("")),
        ["aws-access-key-id low: alone", "aws-secret-access-key critical: alone"]
    );
}

#[test]
fn an_id_that_stands_elsewhere_too_keeps_that_place() {
    let id: String = aws(1).lines().take(2).map(|l| format!("{l}\n")).collect();
    let ran = Tree::new().file("a/credentials", aws(1)).file("b/notes.conf", id).rows("");
    assert_eq!(
        ran.places(),
        ["aws-secret-access-key a/credentials:3:25", "aws-access-key-id b/notes.conf:2:21"],
        "the pair's file is named once, by its secret"
    );
}

#[test]
fn the_half_of_what_is_not_reported_is_not_taken() {
    // The secret is public: nothing is reported but the id.
    let file = aws(1).split("aws_secret").next().unwrap().to_owned() + "aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY\n";
    assert_eq!(told(&Tree::new().file("credentials", file).rows("")), ["aws-access-key-id low: alone"]);
}

#[test]
fn a_key_beside_a_secret_may_open_something_by_itself() {
    let file = "acme_api_key: {{hex:32}}\nacme_api_secret: {{base62:37}}a7Q\n";
    let ran = Tree::new().file("app.yml", filled(file, 1)).rows("");
    assert_eq!(told(&ran), ["generic-key high: alone", "generic-secret critical: Application id at app.yml:1:15"]);
}

#[test]
fn an_id_that_its_provider_has_a_rule_for_is_taken_with_its_secret() {
    for file in [
        "FLICKR_API_KEY={{hex:32}}\nFLICKR_API_SECRET={{hex:16}}\n",
        "PLAID_CLIENT_ID={{hex:24}}\nPLAID_SECRET={{hex:30}}\n",
        "MJ_APIKEY_PUBLIC={{hex:32}}\nMJ_APIKEY_PRIVATE={{hex:32}}\n",
        "SCW_ACCESS_KEY=SCW{{BASE36:17}}\nSCW_SECRET_KEY={{uuid}}\n",
    ] {
        let ran = Tree::new().file("app.env", filled(file, 1)).rows("-c low");
        let told = told(&ran);
        assert!(told.len() == 1 && told[0].contains(" at app.env:1:"), "{file}: {told:?}");
    }
}

#[test]
fn a_form_that_proves_itself_is_never_taken_for_an_id() {
    let file = "acme_api_key: sk_live_{{base62:24}}\nacme_api_secret: {{base62:37}}a7Q\n";
    let ran = Tree::new().file("app.yml", filled(file, 1)).rows("");
    assert_eq!(ran.findings().len(), 2, "{ran:?}");
}

#[test]
fn every_pair_has_the_id_before_it_and_the_same_at_any_number_of_threads() {
    let tree = Tree::new();
    for i in 0..40 {
        tree.write(format!("{i:02}/credentials"), format!("{}\n{}", aws(2 * i), aws(2 * i + 1)));
    }
    let one = tree.rows("-j 1");
    assert_eq!(one.findings().len(), 80);
    for finding in one.findings() {
        let line = |v: &Value| v["line"].as_u64().unwrap();
        assert_eq!(line(&finding["pair"]) + 1, line(&finding["occurrences"][0]), "{finding}");
    }
    let findings = |ran: &Ran| ran.findings().iter().map(ToString::to_string).collect::<Vec<_>>();
    assert_eq!(findings(&tree.rows("-j 8")), findings(&one));
}

#[test]
fn pairs_are_found_across_the_pieces_of_a_large_file() {
    let mut file = String::new();
    let mut pairs = 0;
    while file.len() < 9 << 20 {
        file.push_str(&filled(APPLICATION, pairs));
        file.push_str(&"a line that says nothing\n".repeat(1 + pairs % 40));
        pairs += 1;
    }
    let ran = Tree::new().file("app.env", file).rows("");
    assert_eq!(ran.findings().len(), pairs);
    for finding in ran.findings() {
        assert_eq!(finding["pair"]["line"].as_u64().map(|l| l + 1), finding["occurrences"][0]["line"].as_u64(), "{finding}");
        assert_eq!(finding["pair"]["column"], 21);
    }
}

#[test]
fn reports_show_both_and_mask_both() {
    let tree = Tree::new().file("credentials", aws(1));
    let id = aws(1).lines().nth(1).unwrap().rsplit(' ').next().unwrap().to_owned();
    let masked = format!("{}…{}", &id[..4], &id[18..]);
    let text = tree.scan("").out;
    assert!(text.contains(&format!("pair   AWS access key id {masked} at credentials:2:21: the two together")), "{text}");
    let sarif = tree.scan("--format sarif").out;
    assert!(sarif.contains(&format!("It stands beside its id (AWS access key id {masked}, line 2): the two together work.")), "{sarif}");
    let rows = tree.rows("");
    assert_eq!(rows.findings()[0]["pair"]["id"], *masked);
    for report in [text, sarif, rows.out] {
        assert!(!report.contains(&id), "{report}");
    }
    assert_eq!(tree.rows("--show-secrets").findings()[0]["pair"]["id"], *id);
}

#[test]
fn a_rule_of_ones_own_may_have_a_pair() {
    let rule = "provider = \"Acme\"\ndocs = \"https://acme.example\"\n[[rule]]\nid = \"acme-key\"\ntitle = \"Acme key\"\nimpact = \"-\"\nremedy = \"-\"\n\
        severity = \"medium\"\nconfidence = \"high\"\nanchors = [\"acmd_\"]\npattern = '''\\b(?<secret>acmd_[0-9a-z]{24})\\b'''\n";
    let named = "pair = { title = \"Acme tenant\", names = [\"acme-tenant\"], value = '[a-z]{4}-[0-9]{4}', within = 3 }\n";
    let file = filled("acme_tenant: blue-1234\nkey: acmd_{{base36:24}}\n", 1);
    let tree = Tree::new().file("rules/acme.toml", format!("{rule}{named}")).file("app.yml", file);
    assert_eq!(told(&tree.rows("--rules rules app.yml")), ["acme-key high: Acme tenant at app.yml:1:14"]);
    tree.write("rules/acme.toml", format!("{rule}pair = {{ rules = [\"no-such-rule\"] }}\n"));
    let lint = tree.keysift("rules lint --rules rules").run().exits(1);
    assert!(lint.out.contains("`pair` names \"no-such-rule\", and no rule has that id"), "{lint:?}");
    tree.write("rules/acme.toml", format!("{rule}pair = {{ within = 3 }}\n"));
    tree.rows("--rules rules app.yml").exits(2).says("`pair` has either `rules`, or `title`, `names` and `value`");
}
