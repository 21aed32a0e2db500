//! Values that say where a secret is, not what it is: the right way, never a finding.

use std::sync::OnceLock;

use aho_corasick::{AhoCorasick, AhoCorasickKind};

/// Openings of template and variable syntax; what follows names a value that is elsewhere.
const OPENINGS: [&[u8]; 19] =
    [b"${", b"$(", b"{{", b"{%", b"#{", b"%{", b"<%", b"%(", b"[[", b"@{", b"@@", b"$[", b"((", b"<<", b"{$", b"`", b"__ENV", b"&{", b"~{"];

/// Schemes and prefixes of secret stores.
const STORES: [&[u8]; 32] = [
    b"vault:",
    b"op://",
    b"arn:aws",
    b"ssm:",
    b"aws-sm:",
    b"awssm:",
    b"secretsmanager:",
    b"projects/",
    b"gcp-secret",
    b"gcpsm",
    b"keyvault",
    b"@Microsoft.KeyVault",
    b"https://kv-",
    b"env:",
    b"env.",
    b"ENV[",
    b"ref+",
    b"secret://",
    b"secrets.",
    b"doppler:",
    b"akv:",
    b"conjur:",
    b"sm://",
    b"berglas://",
    b"infisical://",
    b"akeyless:",
    b"bw://",
    b"keepassxc://",
    b"keeper://",
    b"pass://",
    b"teller://",
    b"parameterstore:",
];

/// Openings of templates within a value.
const INSIDE: [&[u8]; 5] = [b"${", b"{{", b"<%=", b"#{", b"$("];

/// Look-ups that programs write where a value could stand.
const LOOKUPS: [&[u8]; 14] = [
    b"process.env",
    b"os.environ",
    b"os.getenv",
    b"getenv",
    b"System.getenv",
    b"ENV[",
    b"env(",
    b"Environment.GetEnvironmentVariable",
    b"config(",
    b"config.",
    b"secrets.",
    b"settings.",
    b"var.",
    b"vault.azure.net",
];

/// Why `value` is a reference, if it is one.
pub fn objection(value: &[u8]) -> Option<&'static str> {
    let first = *value.first()?;
    if first == b'$' && value.get(1).is_some_and(|b| b.is_ascii_alphabetic() || *b == b'_') && is_name(&value[1..]) {
        return Some("a variable: the value is elsewhere");
    }
    // `$BASE_URL/path`, `$HOST:$PORT`: upper case, as environment variables are; `$ecret` is a password.
    let variable = value[1..].iter().take_while(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || **b == b'_').count();
    if first == b'$' && variable >= 3 && matches!(value.get(1 + variable), Some(b'/' | b':' | b'.' | b'-' | b'$' | b',' | b';')) {
        return Some("a variable: the value is elsewhere");
    }
    if !first.is_ascii_alphanumeric() && OPENINGS.iter().any(|o| value.starts_with(o)) {
        return Some("a template: the value is filled in elsewhere");
    }
    let last = value[value.len() - 1];
    if value.len() > 2
        && (first == b'<' && last == b'>'
            || first == b'%' && last == b'%'
            || first == b'{' && last == b'}' && is_name(&value[1..value.len() - 1]))
    {
        return Some("a template: the value is filled in elsewhere");
    }
    let inside = first_inside(value);
    if inside.is_some_and(|which| which < INSIDE.len()) {
        return Some("a template: part of the value is filled in elsewhere");
    }
    if STORES.iter().any(|s| s[0].eq_ignore_ascii_case(&first) && starts_with_ignore_case(value, s)) {
        return Some("a reference to a secret store");
    }
    inside.map(|_| "looked up at run time")
}

/// The first of [`INSIDE`] and [`LOOKUPS`], in this order, that `value` holds. All are searched for at once: this is asked of every value.
fn first_inside(value: &[u8]) -> Option<usize> {
    static FINDER: OnceLock<Option<AhoCorasick>> = OnceLock::new();
    // Nineteen short literals always build; without a finder nothing would be a reference, which the tests would show.
    let finder = FINDER.get_or_init(|| AhoCorasick::builder().kind(Some(AhoCorasickKind::DFA)).build(INSIDE.iter().chain(&LOOKUPS)).ok());
    finder.as_ref()?.find_overlapping_iter(value).map(|found| found.pattern().as_usize()).min()
}

fn starts_with_ignore_case(value: &[u8], prefix: &[u8]) -> bool {
    value.get(..prefix.len()).is_some_and(|v| v.eq_ignore_ascii_case(prefix))
}

fn is_name(value: &[u8]) -> bool {
    value.iter().all(|&b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b':' | b'-'))
}

#[cfg(test)]
mod tests {
    use super::objection;

    #[test]
    fn references_of_every_common_kind() {
        for value in [
            "${{ secrets.API_KEY }}",
            "$BASE_URL/path#key",
            "$(API_KEY)",
            "$API_KEY",
            "${DB_PASSWORD:-none}",
            "{{ .Values.token }}",
            "{{Secrets.Name}}",
            "<%= ENV['X'] %>",
            "#{ENV['X']}",
            "%(token)s",
            "%TOKEN%",
            "<your-token>",
            "vault:secret/data/app#key",
            "op://vault/item/field",
            "((credhub-name))",
            "arn:aws:secretsmanager:us-east-1:000000000000:secret:name",
            "@Microsoft.KeyVault(SecretUri=https://x)",
            "process.env.TOKEN",
            "projects/p/secrets/s/versions/latest",
            "os.environ['TOKEN']",
            "{password}",
            "ref+awsssm://path",
            "@@TOKEN@@",
        ] {
            assert!(objection(value.as_bytes()).is_some(), "{value}");
        }
    }

    #[test]
    fn values_are_not_references() {
        for value in ["hunter2", "pa$$word1", "a{b}c", "x<y>z1", "$ecret!pass"] {
            assert!(objection(value.as_bytes()).is_none(), "{value}");
        }
    }
}
