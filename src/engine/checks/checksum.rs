//! Check digits.

use super::Outcome;
use crate::rules::format::Checksum;
use crate::rules::sums::{crc32_base36, crc32_base62};

/// Works `value`'s check digits out again.
pub fn check(checksum: Checksum, value: &[u8]) -> Outcome {
    let right = match checksum {
        // <https://github.blog/engineering/platform-security/behind-githubs-new-authentication-token-formats/>
        Checksum::Github | Checksum::Npm => prefixed_crc32(value),
        Checksum::GitlabRoutable => gitlab_routable(value),
        Checksum::Matrix => behind_last_underscore(value, |head| {
            let sum = crc32_base62(head, 6);
            // Synapse writes the highest digit first, the Matrix Authentication Service the lowest.
            [sum.clone(), sum.chars().rev().collect()]
        }),
        Checksum::Grafana => behind_last_underscore(value, |head| [hex(crc32fast::hash(head).swap_bytes()), String::new()]),
        Checksum::Packagist => {
            value.len() > 8 && {
                let (head, digits) = value.split_at(value.len() - 8);
                hex(crc32fast::hash(head)).as_bytes() == digits
            }
        }
    };
    Outcome::check_digits(right)
}

fn hex(sum: u32) -> String {
    format!("{sum:08x}")
}

/// Whether what stands behind the last `_` is one of the sums of what stands before it.
fn behind_last_underscore(value: &[u8], sums: impl Fn(&[u8]) -> [String; 2]) -> bool {
    memchr::memrchr(b'_', value).is_some_and(|at| {
        let digits = &value[at + 1..];
        // Grafana sums what stands before the underscore, as Matrix does.
        !digits.is_empty() && sums(&value[..at]).iter().any(|sum| sum.as_bytes() == digits)
    })
}

/// `prefix_` body, and six base-62 digits of the body's CRC-32.
fn prefixed_crc32(value: &[u8]) -> bool {
    let Some(at) = value.iter().position(|&b| b == b'_') else { return false };
    let body = &value[at + 1..];
    body.len() > 6 && {
        let (body, digits) = body.split_at(body.len() - 6);
        crc32_base62(body, 6).as_bytes() == digits
    }
}

/// `payload.VVLLLCCCCCCC`-like: the last seven characters are the CRC-32, in base 36, of all before them.
/// <https://handbook.gitlab.com/handbook/engineering/architecture/design-documents/cells/routable_tokens/>
fn gitlab_routable(value: &[u8]) -> bool {
    value.len() > 7 && {
        let (head, digits) = value.split_at(value.len() - 7);
        crc32_base36(head).as_bytes() == digits
    }
}

#[cfg(test)]
mod tests {
    use super::{Outcome, check};
    use crate::rules::format::Checksum;
    use crate::rules::template::fill;

    /// The sums are those of Python's zlib, written in other bases.
    #[test]
    fn check_digits_worked_out_elsewhere() {
        let body = |times: usize| "Ab3".repeat(times);
        for (checksum, token) in [
            (Checksum::Github, format!("ghp_{}1ka48H", body(10))),
            (Checksum::Npm, format!("npm_{}1ka48H", body(10))),
            (Checksum::Matrix, format!("syt_{}_{}_4Lyp5b", body(3), body(7))),
            (Checksum::Matrix, format!("syt_{}_{}_b5pyL4", body(3), body(7))),
            (Checksum::Grafana, format!("glsa_{}_6746743d", body(11))),
            (Checksum::Packagist, format!("packagist_ort_{}7b0150f0", body(20).to_lowercase())),
            (Checksum::GitlabRoutable, format!("glpat-{}.01.1c0sns7tq", body(16))),
        ] {
            assert!(matches!(check(checksum, token.as_bytes()), Outcome::Pass), "{checksum:?} {token}");
            let altered = token.replacen("Ab3", "Ab4", 1).replacen("ab3", "ab4", 1);
            assert!(matches!(check(checksum, altered.as_bytes()), Outcome::Doubt(_)), "{checksum:?} {altered}");
        }
    }

    #[test]
    fn generated_tokens_pass_and_altered_ones_do_not() {
        for (checksum, template) in [
            (Checksum::Github, "ghp_{{base62:30}}{{crc32_base62:6}}"),
            (Checksum::Npm, "npm_{{base62:30}}{{crc32_base62:6}}"),
            (Checksum::GitlabRoutable, "{{gitlab_routable:glpat-}}"),
            (Checksum::Matrix, "syt_{{base64url:8}}_{{base62:20}}_{{token_crc32:base62}}"),
            (Checksum::Grafana, "glsa_{{base62:32}}_{{token_crc32:hex-le}}"),
            (Checksum::Packagist, "packagist_ort_{{hex:60}}{{token_crc32:hex}}"),
        ] {
            let mut token = fill(template, "seed").unwrap().into_bytes();
            assert!(matches!(check(checksum, &token), Outcome::Pass));
            token[12] = if token[12] == b'x' { b'y' } else { b'x' };
            assert!(matches!(check(checksum, &token), Outcome::Doubt(_)));
        }
    }
}
