//! Values that stand where a credential is to be filled in, and dummies of documentation.

use std::sync::OnceLock;

use aho_corasick::{AhoCorasick, AhoCorasickKind};

/// Words that nobody's random value holds but every template does. Shorter ones would turn up in random text.
const WORDS: [&[u8]; 46] = [
    b"example",
    b"sample",
    b"placeholder",
    b"dummy",
    b"changeme",
    b"change-me",
    b"change_me",
    b"change.me",
    b"changeit",
    b"replace",
    b"redacted",
    b"[masked]",
    b"<masked>",
    b"your-",
    b"your_",
    b"yourapi",
    b"yourkey",
    b"yourtoken",
    b"yoursecret",
    b"yourpassword",
    b"your.",
    b"insert",
    b"goeshere",
    b"goes-here",
    b"goes_here",
    b"_here",
    b"-here",
    b"xxxx",
    b"****",
    b"....",
    b"fakekey",
    b"fake-",
    b"fake_",
    b"notreal",
    b"not-real",
    b"not_real",
    b"invalid",
    b"undefined",
    b"<token",
    b"todos",
    b"todo-",
    b"todo_",
    b"-todo",
    b"_todo",
    b"tbd-",
    b"deadbeef",
];

/// Values that standards and vendors publish, which turn up wherever somebody copied their text. Those of services are put together
/// here, so that no scanner takes them for a leak of ours.
const PUBLISHED: [&str; 48] = [
    // RFC 7617 (and 2617 with a space less), and the user and password that everybody tries it with.
    "QWxhZGRpbjpvcGVuIHNlc2FtZQ==",
    "QWxhZGRpbjpvcGVuc2VzYW1l",
    "dXNlcm5hbWU6cGFzc3dvcmQ=",
    "dXNlcjpwYXNzd29yZA==",
    // RFC 6749 and 6750: client secret, tokens, code.
    "7Fjfp0ZBr1KtDRbnfVdmIw",
    "czZCaGRSa3F0Mzo3RmpmcDBaQnIxS3REUmJuZlZkbUl3", // typos:ignore-line
    "czZCaGRSa3F0MzpnWDFmQmF0M2JW",
    "gX1fBat3bV",
    "2YotnFZFEjr1zCsicMWpAA",
    "tGzv3JOkF0XG5Qx2TlKWIA",
    "SplxlOBeZQQYbYS6WxSbIA",
    "mF_9.B5f-4.1JqM",
    "A3ddj3w",
    // RFC 5849: keys, tokens, their secrets, and parameters of its first requests.
    "kd94hf93k423kf44",
    "pfkkdhi9sl3r4s00",
    "dpf43f3p2l4k3l03",
    "hh5s93j4hdidpola",
    "hdhd0244k9j7ao03",
    "hfdp7dh39dks9884",
    "nnch734d00sl2jdk",
    "9djdj82h48djs9d2",
    "kkk9d7dh3k39sjv7",
    // RFC 7636: verifier and challenge.
    "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk",
    "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
    // RFC 7009, and the draft of OAuth's MAC tokens.
    "45ghiukldjahdnhzdauz",
    "h480djs93hd8",
    // RFC 7515 and 7519.
    "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow",
    // RFC 6455, and the seed of every introduction to one-time passwords.
    "dGhlIHNhbXBsZSBub25jZQ==",
    "x3JJHMbDL1EzLkh9GBhXDw==",
    "258EAFA5-E914-47DA-95CA-C5AB0DC85B11",
    "JBSWY3DPEHPK3PXP",
    // Test keys that Stripe's documentation shows to everybody.
    concat!("sk_test_", "4eC39HqLyjWDarjtT1zdp7dc"),
    concat!("sk_test_", "BQokikJOvBiI2HlWgH4olfQ2"),
    // The keys of Azure's emulators, the same on every machine.
    concat!("Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq", "/K1SZFPTOtr/KBHBeksoGMGw=="),
    concat!("C2y6yDjf5/R+ob0N8A7Cgv30VRDJIWEHLM+4QDU5DE2nQ9nDuVTqobD4b8mGGyPMbIZnqyMsEcaGQy67", "XIw/Jw=="),
    // Digests of nothing, `password`, `admin`, `test`, `123456` and `foo`: MD5, SHA-1, SHA-256.
    "d41d8cd98f00b204e9800998ecf8427e",
    "da39a3ee5e6b4b0d3255bfef95601890afd80709",
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "5f4dcc3b5aa765d61d8327deb882cf99",
    "5baa61e4c9b93f3f0682250b6cf8331b7ee68fd8",
    "5e884898da28047151d0e56f8dc6292773603d0d6aabbdd62a11ef721d1542d8",
    "21232f297a57a5a743894a0e4a801fc3",
    "d033e22ae348aeb5660fc2140aec35850c4da997",
    "098f6bcd4621d373cade4e832627b4f6",
    "e10adc3949ba59abbe56e057f20f883e",
    "0beec7b5ea3f0fdbc95d0dd47f3c5bc275da8a33",
    // Firebase's guides.
    concat!("AIzaSy", "DOCAbC123dEf456GhI789jKl01-MnO"),
    // Twitter's guide to signing requests.
    "kAcSOqF21Fu85e7zjz7ZN2U4ZRhfV3WpwPAoE3Z7kBw",
];

/// The claims of jwt.io's samples, in base 64: John Doe with a time, and as an administrator.
const SAMPLE_CLAIMS: [&[u8]; 2] = [
    b".eyJzdWIiOiIxMjM0NTY3ODkwIiwibmFtZSI6IkpvaG4gRG9lIiwiaWF0Ijox",
    b".eyJzdWIiOiIxMjM0NTY3ODkwIiwibmFtZSI6IkpvaG4gRG9lIiwiYWRtaW4iOnRydW",
];

/// Shorter values may repeat a block by chance, and people's passwords do.
const LEAST_REPEATED: usize = 16;
/// A run of this many equal characters is filler.
const RUN: usize = 7;
/// A run of this many characters, each the successor of the one before, was typed.
const SEQUENCE: usize = 8;

/// Why `value` is a placeholder, if it is one.
pub fn objection(value: &[u8]) -> Option<&'static str> {
    if value.iter().all(|&b| b.eq_ignore_ascii_case(&value[0])) {
        return Some("one character repeated");
    }
    let (mut equal, mut up, mut down) = (1, 1, 1);
    for pair in value.windows(2) {
        equal = if pair[0] == pair[1] { equal + 1 } else { 1 };
        up = if successor(pair[0]) == Some(pair[1]) { up + 1 } else { 1 };
        down = if successor(pair[1]) == Some(pair[0]) { down + 1 } else { 1 };
        if equal >= RUN && value.len() < 200 {
            return Some("filled up with one character");
        }
        if up >= SEQUENCE || down >= SEQUENCE {
            return Some("a typed sequence");
        }
    }
    if value.len() >= SEQUENCE + 2 && is_interleaved(value) {
        return Some("two typed sequences in turns");
    }
    const TYPED: [&[u8]; 4] = [b"abc123", b"abcdef", b"123456", b"abc"];
    if value.len() < 16 && TYPED.iter().any(|end| value.strip_suffix(*end).is_some_and(|head| matches!(head.last(), Some(b'_' | b'-')))) {
        return Some("a prefix and a typed sequence");
    }
    if is_name(value) {
        return Some("the name of a value in its place");
    }
    if is_metasyntactic(value) {
        return Some("words that stand for nothing");
    }
    if value.len() >= LEAST_REPEATED && repeats(value) {
        return Some("one block, over and over");
    }
    // What services ask for as the password beside a token that is the user name.
    if [&b"api_token"[..], b"x-oauth-basic", b"x-token-auth"].iter().any(|word| value.eq_ignore_ascii_case(word)) {
        return Some("the word that stands for a password beside a token");
    }
    if PUBLISHED.iter().any(|known| known.as_bytes() == value) {
        return Some("published in documentation: the same everywhere");
    }
    if value.starts_with(b"eyJ") && SAMPLE_CLAIMS.iter().any(|claims| memchr::memmem::find(value, claims).is_some()) {
        return Some("the sample token of jwt.io");
    }
    if value.ends_with(b"...") || !value.is_ascii() && memchr::memmem::find(value, "…".as_bytes()).is_some() {
        return Some("cut short with an ellipsis");
    }
    if has_word(value) {
        return Some("a placeholder or documentation dummy");
    }
    None
}

/// Whether `value` is one block at least three times, twice if it is long, or most of it one of a few characters: base 64 of `xxxx…` is `eHh4eHh4…`.
fn repeats(value: &[u8]) -> bool {
    /// Characters of a block that may stand among others.
    const SHORT: usize = 4;
    /// Bytes of a block that two prove to be one.
    const LONG: usize = 16;
    let whole = |period: usize| value[period..] == value[..value.len() - period];
    let most = |period: usize| {
        let (mut run, mut longest) = (0, 0);
        for (a, b) in value.iter().zip(&value[period..]) {
            run = if a == b { run + 1 } else { 0 };
            longest = longest.max(run);
        }
        longest + period >= LEAST_REPEATED && (longest + period) * 5 >= value.len() * 3
    };
    (1..=value.len() / 3).any(whole) || (LONG..=value.len() / 2).any(whole) || (1..=SHORT).any(most)
}

/// Whether every other character is the successor of the one before, in any case: `A1B2C3D4E5`.
fn is_interleaved(value: &[u8]) -> bool {
    let follows = |a: u8, b: u8| successor(a.to_ascii_lowercase()) == Some(b.to_ascii_lowercase());
    value.len() < 64 && value.windows(3).all(|w| follows(w[0], w[2]))
}

/// Whether `value` is written as variables of an environment are, and named after a credential: `USER_PASSWORD`.
fn is_name(value: &[u8]) -> bool {
    const ENDS: [&[u8]; 4] = [b"PASSWORD", b"PASSWD", b"SECRET", b"TOKEN"];
    value.iter().all(|&b| b.is_ascii_uppercase() || matches!(b, b'_' | b'-')) && ENDS.iter().any(|end| value.ends_with(end))
}

/// Whether `value` is two or more of the words that programmers write where any word would do: `foobar`, `foo-bar-baz`.
fn is_metasyntactic(value: &[u8]) -> bool {
    const WORDS: [&[u8]; 5] = [b"foo", b"bar", b"baz", b"quux", b"qux"];
    let (mut rest, mut words) = (value, 0);
    while let Some(word) = WORDS.iter().find(|word| rest.get(..word.len()).is_some_and(|w| w.eq_ignore_ascii_case(word))) {
        rest = &rest[word.len()..];
        rest = rest.strip_prefix(b"-").or_else(|| rest.strip_prefix(b"_")).unwrap_or(rest);
        words += 1;
    }
    words > 1 && rest.iter().all(u8::is_ascii_digit)
}

/// The next digit or letter in its own case; after 9 comes 0, as people type it.
fn successor(b: u8) -> Option<u8> {
    match b {
        b'9' => Some(b'0'),
        b'0'..=b'8' | b'a'..=b'y' | b'A'..=b'Y' => Some(b + 1),
        _ => None,
    }
}

/// Whether `value` holds one of [`WORDS`] in lower, upper or title case: mixed case is chance, and in a long value a short word is.
fn has_word(value: &[u8]) -> bool {
    static FINDER: OnceLock<Option<AhoCorasick>> = OnceLock::new();
    // Forty short literals always build; without a finder nothing would be a placeholder, which the tests would show.
    let finder =
        FINDER.get_or_init(|| AhoCorasick::builder().ascii_case_insensitive(true).kind(Some(AhoCorasickKind::DFA)).build(WORDS).ok());
    let tells = |word: &[u8]| one_case(word) && (value.len() <= 200 || word.len() >= 7 && word.iter().all(u8::is_ascii_alphabetic));
    finder.as_ref().is_some_and(|f| f.find_overlapping_iter(value).any(|found| tells(&value[found.range()])))
}

fn one_case(word: &[u8]) -> bool {
    let upper = word.iter().filter(|b| b.is_ascii_uppercase()).count();
    let letters = word.iter().filter(|b| b.is_ascii_alphabetic()).count();
    upper == 0 || upper == letters || (upper == 1 && word[0].is_ascii_uppercase())
}

#[cfg(test)]
mod tests {
    use super::objection;

    #[test]
    fn what_people_write_for_fill_this_in() {
        for value in [
            "xxxxxxxxxxxxxxxx",
            "AKIAIOSFODNN7EXAMPLE",
            "your-api-key-here",
            "changeme",
            "ghp_xxxxxxxxxxxxxxxx",
            "sk_live_0000000000000000",
            "1234567890",
            "acmd_yourdeploykeygoeshere000",
            "abcdefghijklmnop",
            "REPLACE_ME",
            "87654321",
            "tok_..........",
            "a1b2c3d4a1b2c3d4a1b2c3d4a1b2c3d4",
            "A1B2C3D4E5F6A1B2C3D4E5F6A1B2C3D4E5F6A1B2",
            "q7w2k9x4m1z8v3n6q7w2k9x4m1z8v3n6",
            "MGE6eHh4eHh4eHh4eHh4eHh4eHh4",
            "a1B2c3D4e5F6",
            "foobarbazqux",
            "FOO_BAR1",
            "PASSWORD",
            "APP_USER_PASSWORD",
            "tok_abc123",
            "7Fjfp0ZBr1KtDRbnfVdmIw",
        ] {
            assert!(objection(value.as_bytes()).is_some(), "{value}");
        }
    }

    #[test]
    fn random_values_pass() {
        for seed in 0..2000 {
            let value = crate::rules::template::fill("{{base62:40}}", &seed.to_string()).unwrap();
            assert_eq!(objection(value.as_bytes()), None, "{value}");
        }
    }
}
