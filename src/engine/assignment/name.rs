//! Names of credentials: where they begin and end, and which of them only look like it.

use std::ops::Range;

use super::MAX_NAME;
use super::members::{self, is_holder};
use super::operator::COMPARISONS;
use crate::engine::checks::{Objection, Why};
use crate::rules::Gate;
use crate::rules::format::{ByteSet, Shape};

/// Whether `b` may stand in a name.
pub const fn name_byte(b: u8) -> bool {
    b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.' | b'$' | b'@')
}

/// The name around `anchor`.
pub fn name(bytes: &[u8], anchor: &Range<usize>) -> Range<usize> {
    let before = &bytes[anchor.start.saturating_sub(MAX_NAME)..anchor.start];
    let start = anchor.start - before.iter().rev().take_while(|&&b| name_byte(b)).count();
    let after = &bytes[anchor.end..(anchor.end + MAX_NAME).min(bytes.len())];
    let end = anchor.end + after.iter().take_while(|&&b| name_byte(b)).count();
    start..end - comparison(&bytes[anchor.end..(end + 1).min(bytes.len())])
}

/// Bytes of the method at the end of a name that compares what it stands for.
fn comparison(tail: &[u8]) -> usize {
    // Nearly no name is called.
    if tail.last() != Some(&b'(') {
        return 0;
    }
    COMPARISONS.iter().find(|call| tail.ends_with(call)).map_or(0, |call| call.len() - 1)
}

/// Objects to names of what is no secret.
pub fn named(bytes: &[u8], anchor: &Range<usize>, name: &Range<usize>) -> Result<(), Objection> {
    opens_nothing(&bytes[name.start..anchor.end])?;
    let is_public = || ends_with_ignore_case(&bytes[..name.start], b"public ");
    if anchor.start == name.start && bytes[anchor.clone()].eq_ignore_ascii_case(b"key") && is_public() {
        return Err(Objection { gate: Gate::Context, why: Why::Text("a public key") });
    }
    about(&bytes[name.clone()], &bytes[anchor.end..name.end])
}

/// What may stand behind `anchor`: no letter that no continuation in `whole_word` begins with, so that `keyboard` and `passing` cost next to nothing, nor
/// `author`, which every commit says; none at all behind words too short to tell (`_pw`).
pub fn shape(anchor: &[u8]) -> Shape {
    const CONTINUE: &[u8] = b"acdhikoprstuvw";
    if is_holder(anchor) {
        return members::shape();
    }
    let Some(last) = anchor.last().filter(|b| b.is_ascii_alphabetic()) else { return Shape::ANY };
    // `passw` and `kennw` may go on as `passwort`.
    let continues = |byte| CONTINUE.contains(&byte) && (byte != b'o' || last.eq_ignore_ascii_case(&b'w'));
    let mut after = ByteSet::EMPTY;
    for byte in 0..=u8::MAX {
        let may_follow = if anchor.starts_with(b"_") { !byte.is_ascii_alphabetic() } else { !byte.is_ascii_lowercase() || continues(byte) };
        if may_follow {
            after.insert(byte);
        }
    }
    Shape { after, least: 1, ..Shape::ANY }
}

/// Words that are joined with `key`, and the like, to one word.
const COMPOUNDS: [&[u8]; 25] = [
    b"admin",
    b"api",
    b"access",
    b"app",
    b"auth",
    b"client",
    b"crypt",
    b"database",
    b"db",
    b"encryption",
    b"ftp",
    b"license",
    b"mail",
    b"master",
    b"private",
    b"proxy",
    b"root",
    b"secret",
    b"server",
    b"signing",
    b"smtp",
    b"sql",
    b"ssh",
    b"sudo",
    b"user",
];

/// Whether `text` ends in the word `end`: `NextToken`, `LIFECYCLE_ACTION`, not `transaction`.
fn ends_with_word(text: &[u8], end: &[u8]) -> bool {
    ends_with_ignore_case(text, end) && {
        let (before, word) = text.split_at(text.len() - end.len());
        before.last().is_none_or(|b| !b.is_ascii_alphabetic() || b.is_ascii_lowercase() && word[0].is_ascii_uppercase())
    }
}

/// Whether `text` ends in `end`, in any case.
pub fn ends_with_ignore_case(text: &[u8], end: &[u8]) -> bool {
    text.len() >= end.len() && text[text.len() - end.len()..].eq_ignore_ascii_case(end)
}

/// Objects to anchors that are part of another word: `bypass_`, `_keyboard`, `tokenizer`.
pub fn whole_word(bytes: &[u8], anchor: &Range<usize>, name: &Range<usize>) -> Result<(), Objection> {
    /// Words of this length are themselves wherever they stand: `dbpassword`, `authtoken`.
    const CLEAR: usize = 5;
    let word = &bytes[anchor.clone()];
    let letters = word.iter().filter(|b| b.is_ascii_alphabetic()).count();
    let part = || Objection { gate: Gate::Context, why: Why::Text("part of another word") };
    // Written in one case, or with a capital first: others are chance, in base 64.
    let title = word[0].is_ascii_uppercase() && word[1..].iter().all(|b| !b.is_ascii_uppercase());
    let one_case = || word.iter().all(|b| !b.is_ascii_uppercase()) || word.iter().all(|b| !b.is_ascii_lowercase());
    if letters < CLEAR && !title && !one_case() {
        return Err(part());
    }
    // Palau, in names of locales.
    if word == b"_PW" && anchor.start - name.start == 2 && bytes[name.start..anchor.start].iter().all(u8::is_ascii_lowercase) {
        return Err(part());
    }
    // `user:password@host:5432`: what follows the sign is a place.
    if bytes[anchor.end..name.end].contains(&b'@') {
        return Err(Objection { gate: Gate::Context, why: Why::Text("part of an address") });
    }
    let before = bytes[name.start..anchor.start].last();
    let joined = before.is_some_and(|b| b.is_ascii_lowercase() == word[0].is_ascii_lowercase() && b.is_ascii_alphabetic());
    // `nkey`, `pkey`: one letter that says which kind.
    let prefixed = anchor.start - name.start == 1 && word.eq_ignore_ascii_case(b"key");
    // `apikey`, `SECRETKEY`: what people write in one word.
    let compound = || COMPOUNDS.iter().any(|first| ends_with_ignore_case(&bytes[name.start..anchor.start], first));
    if joined && !prefixed && letters < CLEAR && word[0].is_ascii_alphabetic() && !compound() {
        return Err(part());
    }
    // What follows in the same word.
    let last = word[word.len() - 1];
    let rest = &bytes[anchor.end..name.end];
    let keyword = word.eq_ignore_ascii_case(b"key") && rest.get(..4).is_some_and(|w| w.eq_ignore_ascii_case(b"word"));
    if keyword {
        return Err(part());
    }
    let continued = rest.iter().take_while(|b| b.is_ascii_alphabetic() && b.is_ascii_lowercase() == last.is_ascii_lowercase()).count();
    if last.is_ascii_alphabetic() && continued > 0 {
        let mut lower = [0; 8];
        let Some(lower) = lower.get_mut(..continued) else { return Err(part()) };
        lower.copy_from_slice(&rest[..continued]);
        lower.make_ascii_lowercase();
        #[rustfmt::skip]
        let known = matches!(
            &*lower,
            b"ord" | b"ords" | b"ort" | b"d" | b"rd" | b"s" | b"key" | b"keys" | b"id" | b"val" | b"value" | b"str" | b"string" | b"text"
            | b"pass" | b"hash" | b"code" | b"word" | b"prod" | b"dev" | b"test" | b"user" | b"admin" | b"root" | b"salt" | b"data"
        );
        if !known {
            return Err(part());
        }
    }
    Ok(())
}

/// Objects to the names of keys that open nothing.
fn opens_nothing(name: &[u8]) -> Result<(), Objection> {
    const OPEN: [&[u8]; 54] = [
        b"websocket",
        // Where a list goes on, and which request this is.
        b"continuation",
        b"next",
        b"page",
        b"pagination",
        b"idempotency",
        b"clientrequest",
        b"change",
        b"action",
        b"public",
        b"pub",
        b"dkim",
        // The name of an assembly, shortened.
        b"publickey",
        b"instrumentation",
        // The name of a project at SonarQube, which other services' keys of projects are not.
        b"sonar.project",
        b"sonar_project",
        b"sonarproject",
        // To answer one message with, once.
        b"reply",
        // Records, parts of data, and what a page shows to everybody.
        b"tokenization",
        b"author",
        b"chunk",
        b"cursor",
        b"dataset",
        b"gtm",
        b"price",
        b"recaptcha",
        b"variant",
        b"primary",
        b"foreign",
        b"sort",
        b"partition",
        b"cache",
        b"lookup",
        b"shortcut",
        b"recv",
        b"known",
        b"registry",
        b"object",
        b"row",
        b"map",
        b"hot",
        b"i18n",
        b"trans",
        b"translation",
        b"group",
        b"unique",
        b"index",
        b"press",
        b"csrf",
        b"xsrf",
        b"site",
        b"authenticity",
        b"requestverification",
        b"antiforgery",
    ];
    // Of WebAuthn: <https://www.w3.org/TR/webauthn-3/#dom-publickeycredentialrequestoptions-allowcredentials>.
    let lists_ids = |verb: &[u8]| name.get(..verb.len()).is_some_and(|head| head.eq_ignore_ascii_case(verb));
    if ends_with_ignore_case(name, b"credential") && (lists_ids(b"allow") || lists_ids(b"exclude")) {
        return Err(Objection { gate: Gate::Context, why: Why::Text("ids of credentials that a browser may use") });
    }
    let Some(len) = [&b"key"[..], b"token"].iter().find(|word| ends_with_ignore_case(name, word)).map(|word| word.len()) else {
        return Ok(());
    };
    let head = &name[..name.len() - len];
    let head = head.strip_suffix(b"_").or_else(|| head.strip_suffix(b"-")).unwrap_or(head);
    // `publicResourceKey`; in capitals it is how frameworks call what they hand to browsers, which may be a secret all the same.
    let is_public = head.starts_with(b"public") || memchr::memmem::find(head, b"Public").is_some();
    if is_public || OPEN.iter().any(|word| ends_with_word(head, word)) {
        return Err(Objection { gate: Gate::Context, why: Why::Text("the name of a key that opens nothing") });
    }
    Ok(())
}

/// Whether a name that ends in `word` is about a secret and holds none. `word` is in lower case.
fn is_about(word: &[u8]) -> bool {
    #[rustfmt::skip]
    return matches!(
        word,
        b"alg" | b"algorithm" | b"alias" | b"arn" | b"attempts" | b"attribute" | b"callback" | b"challenge" | b"change" | b"changed" | b"checksum"
        | b"class" | b"column" | b"count" | b"created" | b"description" | b"details" | b"digest" | b"dir" | b"directory" | b"eight" | b"element" | b"enabled"
        | b"encoder" | b"endpoint" | b"env" | b"error" | b"exists" | b"expiration" | b"expired" | b"expires" | b"expiry" | b"field"
        | b"fields" | b"file" | b"filename" | b"fingerprint" | b"format" | b"four" | b"guid" | b"hash" | b"header" | b"help" | b"hint" | b"hostname" | b"id" | b"ids"
        | b"index" | b"input" | b"issuer" | b"ize" | b"ized" | b"izer" | b"kind" | b"label" | b"len" | b"length" | b"less" | b"limit"
        | b"link" | b"list" | b"location" | b"max" | b"md5" | b"message" | b"method" | b"min" | b"mode" | b"name" | b"nonce" | b"names" | b"param"
        | b"parameter" | b"path" | b"pattern" | b"placeholder" | b"policy" | b"prefix" | b"prompt" | b"provider" | b"public" | b"ref" | b"regex"
        | b"required" | b"scope" | b"scopes" | b"selector" | b"sha" | b"signature" | b"size" | b"state" | b"status" | b"stdin" | b"store"
        | b"strength" | b"timeout" | b"timestamp" | b"title" | b"tooltip" | b"ttl" | b"type" | b"uri" | b"url" | b"urls" | b"username" | b"valid"
        | b"validator" | b"version" | b"visible"
    );
}

/// Objects to names whose last word tells that the value is something about a secret.
fn about(name: &[u8], tail: &[u8]) -> Result<(), Objection> {
    /// Longer words are not in the list.
    const LONGEST: usize = 16;
    let listed = |word: &[u8]| {
        let mut lower = [0; LONGEST];
        word.len() <= LONGEST && {
            lower[..word.len()].copy_from_slice(word);
            lower.make_ascii_lowercase();
            is_about(&lower[..word.len()])
        }
    };
    // `encrypted_key`, `sealed_password`: what may stand in a file. What is called `_unencrypted`, SOPS leaves as it is.
    let is_past = |word: &[u8]| {
        [&b"crypted"[..], b"hashed", b"sealed", b"wrapped"].iter().any(|past| {
            ends_with_ignore_case(word, past)
                && ![&b"unen"[..], b"de", b"un"].iter().any(|no| ends_with_ignore_case(&word[..word.len() - past.len()], no))
        })
    };
    // All end so, and hardly any other name does.
    let past = name.windows(2).enumerate().filter(|(_, end)| end[1] | 0x20 == b'd' && end[0] | 0x20 == b'e');
    if past.map(|(at, _)| &name[..at + 2]).any(is_past) {
        return Err(Objection { gate: Gate::Context, why: Why::Text("the name says that the value is encrypted or hashed") });
    }
    if listed(last_word(name)) || listed(tail) {
        return Err(Objection { gate: Gate::Context, why: Why::Text("the name speaks about a secret, it does not hold one") });
    }
    Ok(())
}

/// Objects to methods that are handed the name of a key, not the key: `containsKey("…")`, of which `head` is what stands before `anchor`.
pub fn takes_value(head: &[u8], anchor: &[u8]) -> Result<(), Objection> {
    const VERBS: [&[u8]; 7] = [b"contains", b"has", b"get", b"find", b"remove", b"delete", b"lookup"];
    let method = &head[head.iter().rposition(|&b| b == b'.').map_or(0, |i| i + 1)..];
    let method = method.strip_suffix(b"_").unwrap_or(method);
    if anchor.eq_ignore_ascii_case(b"key") && VERBS.iter().any(|verb| method.eq_ignore_ascii_case(verb)) {
        return Err(Objection { gate: Gate::Context, why: Why::Text("a method that takes the name of a key") });
    }
    Ok(())
}

/// The last word of `camelCase`, `snake_case`, `kebab-case` or `dotted.names`, without digits at its end.
fn last_word(name: &[u8]) -> &[u8] {
    let end = name.iter().rposition(|b| b.is_ascii_alphabetic()).map_or(0, |i| i + 1);
    let name = &name[..end];
    let mut start = name.len();
    while start > 0 && name[start - 1].is_ascii_alphabetic() {
        start -= 1;
        // A capital behind a small letter begins a word.
        if name[start].is_ascii_uppercase() && start > 0 && name[start - 1].is_ascii_lowercase() {
            break;
        }
    }
    &name[start..]
}

#[cfg(test)]
mod tests {
    use super::{ends_with_word, opens_nothing, shape, whole_word};

    #[test]
    fn the_shape_lets_through_what_is_a_whole_word() {
        for anchor in ["key", "passw", "token", "auth", "_pw"] {
            for next in 0..=u8::MAX {
                let text = [b"x_", anchor.as_bytes(), &[next, b'_']].concat();
                let at = 2..2 + anchor.len();
                let continued = ["ord", "d", "s", "key", "id", "value", "text", "pass", "hash", "code", "word", "user", "admin", "root"];
                let begins = continued.iter().any(|word| word.as_bytes()[0] == next && (next != b'o' || anchor == "passw"));
                let is_word = begins || whole_word(&text, &at, &(0..at.end + 1)).is_ok();
                let is_let = shape(anchor.as_bytes()).after.contains(next);
                assert!(is_let || !is_word || anchor == "_pw" || next == b'@', "{anchor} {next}");
            }
        }
        let author = b"author_";
        assert!(whole_word(author, &(0..4), &(0..7)).is_err() && !shape(b"auth").after.contains(b'o'));
    }

    #[test]
    fn keys_that_open_nothing() {
        for name in [
            "sonar.projectKey",
            "SONAR_PROJECT_KEY",
            "tokenizationKey",
            "replyToken",
            "primaryKey",
            "NEXT_TOKEN",
            "csrf-token",
            "LifecycleActionToken",
            "ChangeToken",
        ] {
            assert!(opens_nothing(name.as_bytes()).is_err(), "{name}");
        }
        for name in ["TRANSACTION_KEY", "exchangeToken", "wordpress_token", "context_key"] {
            assert!(opens_nothing(name.as_bytes()).is_ok(), "{name}");
        }
        assert!(ends_with_word(b"action", b"action") && !ends_with_word(b"", b"action"));
    }
}
