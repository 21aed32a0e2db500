//! The scan that several targets run, and credentials to plant in their inputs.

use std::sync::LazyLock;

use keysift::engine::Engine;
use keysift::model::Confidence;
use keysift::rules::RuleSet;
use keysift::rules::template::fill;
use keysift::scan::Plan;

/// A scan with the built-in rules that reports whatever they find.
pub static PLAN: LazyLock<Plan> = LazyLock::new(|| Plan { min_confidence: Confidence::Low, ..Plan::new(Engine::new(RuleSet::built_in())) });

/// Credentials of many kinds, made from templates: no corpus needs to hold anything that looks live.
static PLANTS: LazyLock<Vec<String>> = LazyLock::new(|| {
    let templates = [
        "ghp_{{base62:30}}{{crc32_base62:6}}",
        "{{aws_key_id}}",
        "aws_secret_access_key={{base64:40}}",
        "{{jwt}}",
        "{{pem:RSA PRIVATE KEY}}",
        "postgres://app:{{base62:14}}@db.acme.io:5432/app",
        "Authorization: Basic {{basic}}",
        "password = \"{{base62:7}}!{{digits:4}}\"",
    ];
    templates.iter().map(|t| fill(t, "fuzz").expect("a well-formed template")).collect()
});

/// Replaces each byte from 1 to 8 by a credential, unless the first byte is odd: mutation then works on what stands around and within them.
pub fn planted(data: &[u8]) -> Vec<u8> {
    let Some((first, rest)) = data.split_first() else { return Vec::new() };
    if first % 2 == 1 {
        return rest.to_vec();
    }
    let mut out = Vec::with_capacity(data.len());
    for &byte in rest {
        match byte {
            1..=8 => out.extend(PLANTS[usize::from(byte) - 1].bytes()),
            byte => out.push(byte),
        }
    }
    out
}
