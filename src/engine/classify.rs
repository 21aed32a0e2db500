//! The classifier for generic credentials: name, value and their line, turned into a score.
//!
//! Whole numbers describe a candidate ([`features`]); boosted decision trees, distilled to tables of integers, turn them into
//! log-odds. What the path says is one more feature, the kind of file; a match knows no path, so it carries one score for each kind
//! ([`Scores`]), and [`super::context`] picks. The trees come from `benches/classifier/train.py`, which learns from these very features: it reads
//! what `benches/classifier/candidates.rs` prints. Nothing here depends on anything but the bytes of the line, within [`super::assignment::REACH`].

mod features;
mod language;
mod model;

use super::assignment::{Operator, Quote, ends_with_ignore_case};
use super::context::FileKind;
use features::{F, N, VALUE};
pub use features::{FEATURES, Features, features};
use language::language;
use model::Model;

/// A name with its value and what stands around them, all of one line.
#[derive(Clone, Copy, Debug)]
pub struct Candidate<'a> {
    /// The name.
    pub name: &'a [u8],
    /// The word of the name that led here.
    pub anchor: &'a [u8],
    /// The value.
    pub value: &'a [u8],
    /// What stands before the name, on its line.
    pub before: &'a [u8],
    /// What stands between name and value: the operator with its surroundings.
    pub between: &'a [u8],
    /// What stands behind the value and its quote, on its line.
    pub behind: &'a [u8],
    /// How the value is quoted.
    pub quote: Quote,
    /// The operator.
    pub operator: Operator,
    /// Whether the value ends its line or list element.
    pub alone: bool,
}

/// Bytes before the name that count.
pub const BEFORE: usize = 96;
/// Bytes behind the value that count.
pub const BEHIND: usize = 48;
/// Scores from here on are plausible: low confidence.
pub const LOW: i16 = -192;
/// Scores from here on are medium confidence …
pub const MEDIUM: i16 = 128;
/// … in tests and examples from here on …
pub const SAMPLE_MEDIUM: i16 = 256;
/// … and for UUIDs, which are ids more often than secrets, from here on.
pub const UUID_MEDIUM: i16 = 384;

/// A candidate's log-odds in each kind of file, in 1/256.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Scores([i16; FileKind::SCORED]);

impl Scores {
    /// The score in a file of this kind.
    #[must_use]
    pub fn of(self, kind: FileKind) -> i16 {
        self.0[kind.index()]
    }

    /// The score in a file of this kind, for all of them.
    #[must_use]
    pub fn all_of(self, kind: FileKind) -> Self {
        Self([self.of(kind); FileKind::SCORED])
    }

    /// The highest one.
    #[must_use]
    pub fn best(self) -> i16 {
        self.0.into_iter().max().unwrap_or(i16::MIN)
    }
}

/// The scores of `candidate`, however low.
#[must_use]
pub fn scores(candidate: &Candidate<'_>) -> Scores {
    Model::get().scores(&features(candidate))
}

/// The scores of `candidate`, or what most speaks against it where it is plausible in no kind of file.
pub fn judge(candidate: &Candidate<'_>) -> Result<Scores, &'static str> {
    let features = features(candidate);
    let mut scores = Model::get().scores(&features);
    if scores.0.iter().any(|&score| score < MEDIUM)
        && let Some(least) = chosen(candidate, &features)
    {
        scores.0.iter_mut().zip(least).for_each(|(score, least)| *score = least.max(*score));
    }
    if scores.best() < LOW { Err(against(&features)) } else { Ok(scores) }
}

/// The least scores, by kind of file, of what people choose for a password: a word, or words, with a few digits and signs. The labelled data tells little of
/// it, for its makers have put random letters in place of words.
fn chosen(candidate: &Candidate<'_>, f: &Features) -> Option<[i16; FileKind::SCORED]> {
    const NAMES: [&[u8]; 6] = [b"password", b"passwd", b"passphrase", b"pwd", b"_pass", b"_pw"];
    // `update_password: always`: when, not what.
    const WHEN: [&[u8]; 8] = [b"update", b"change", b"require", b"reset", b"show", b"allow", b"force", b"use"];
    let (name, value) = (candidate.name, candidate.value);
    let quoted = candidate.quote != Quote::None;
    let begins = |verb: &&[u8]| {
        name.get(..verb.len()).is_some_and(|head| head.eq_ignore_ascii_case(verb))
            && !name.get(verb.len()).is_some_and(u8::is_ascii_lowercase)
    };
    let is_named = (NAMES.iter().any(|end| ends_with_ignore_case(name, end)) || quoted && name == b"pass" || name.ends_with(b"Pass"))
        && f.get(F::name_about) == 0
        && f.get(F::name_test) == 0
        && !WHEN.iter().any(begins);
    // A setter or definition takes it as a literal: `setPassword("…")`, `define('DB_PASSWORD', '…')`.
    let is_handed_over = quoted && candidate.operator == Operator::Argument;
    let is_assigned = is_handed_over
        || matches!(candidate.operator, Operator::Assign | Operator::Colon | Operator::Element) && candidate.alone && f.get(F::call) == 0;
    if !is_named || !is_assigned {
        return None;
    }
    if is_common(value) && !is_handed_over && f.get(F::holds_name) == 0 {
        // In prose a variable of the environment alone, as examples set it.
        let is_variable =
            candidate.operator == Operator::Assign && name.iter().all(|b| b.is_ascii_uppercase() || b"_0123456789".contains(b));
        return Some([if quoted { LOW } else { i16::MIN }, LOW, if is_variable { LOW } else { i16::MIN }]);
    }
    let Some(Chosen { digits, signs }) = words_of(value) else {
        return (is_handed_over && is_mixed(value)).then_some([MEDIUM, MEDIUM, LOW]);
    };
    let holds_name = f.get(F::holds_name) + f.get(F::name_holds) > 0 || f.get(F::starts_name) > 3;
    let code = if quoted { LOW } else { i16::MIN };
    match (digits, signs) {
        _ if is_handed_over && holds_name => None,
        (2.., 1..) if quoted && !holds_name => Some([MEDIUM, MEDIUM, LOW]),
        (2.., _) if is_handed_over => Some([LOW, LOW, i16::MIN]),
        _ if is_handed_over => None,
        (2.., _) if holds_name => Some([code, LOW, i16::MIN]),
        (2.., _) if quoted => Some([MEDIUM, MEDIUM, LOW]),
        (2.., _) => Some([code, MEDIUM, LOW]),
        // `mypassword`, `mariadbpw`; what is nothing but the words of a name is one: `new_password`.
        (0, 0) if holds_name && value.len() >= 8 && value.iter().all(u8::is_ascii_lowercase) => Some([i16::MIN, LOW, i16::MIN]),
        _ if holds_name => None,
        (0, 0) => Some([i16::MIN, LOW, i16::MIN]),
        _ => Some([code, LOW, LOW]),
    }
}

/// Whether `value` is one of those that every list of common passwords begins with: a number, or what products are delivered with.
fn is_common(value: &[u8]) -> bool {
    const COMMON: [&[u8]; 16] = [
        b"root",
        b"admin",
        b"toor",
        b"guest",
        b"postgres",
        b"mysql",
        b"oracle",
        b"qwerty",
        b"letmein",
        b"cisco",
        b"nacos",
        b"elastic",
        b"rabbitmq",
        b"minioadmin",
        b"masterkey",
        b"welcome",
    ];
    (4..=10).contains(&value.len()) && value.iter().all(u8::is_ascii_digit) || COMMON.iter().any(|word| value.eq_ignore_ascii_case(word))
}

/// What a password that people choose has beside its words.
struct Chosen {
    /// Digits at its end.
    digits: usize,
    /// Signs before or behind these; not what only joins words.
    signs: usize,
}

/// Reads `value` as a word, or a few joined by signs, with digits and signs at the end: `Summer21!`, `Acme@2019`, `copper-mango.0897`.
fn words_of(value: &[u8]) -> Option<Chosen> {
    const SIGNS: &[u8] = b"!.?*#$@&%+=_-";
    /// Letters of one of several words.
    const LEAST: usize = 3;
    let end = value.iter().rposition(|b| !SIGNS.contains(b)).map_or(0, |i| i + 1);
    let (head, behind) = value.split_at(end);
    let digits = head.iter().rev().take_while(|b| b.is_ascii_digit()).count();
    let words = &head[..head.len() - digits];
    let joint = words.iter().rev().take_while(|b| SIGNS.contains(b)).count();
    let words = &words[..words.len() - joint];
    let parts = words.split(|b| b"_-.".contains(b));
    let (count, are_words) = (parts.clone().count(), parts.clone().all(|part| part.iter().all(u8::is_ascii_alphabetic)));
    let least = if count > 1 {
        LEAST
    } else if digits < 2 {
        5
    } else {
        4
    };
    let is_long_enough = parts.clone().all(|part| part.len() >= least);
    // Words that nothing but joints part are names.
    let is_chosen =
        are_words && is_long_enough && digits <= 4 && behind.len() <= 1 && joint <= 1 && (count == 1 || count <= 4 && digits > 1);
    let is_sign = |b: &&u8| !b"_-.".contains(b);
    let signs = value[words.len()..].iter().filter(|b| !b.is_ascii_digit()).filter(is_sign).count();
    is_chosen.then_some(Chosen { digits, signs })
}

/// Whether letters, digits and signs are mixed as in a password: no word, and no address.
fn is_mixed(value: &[u8]) -> bool {
    let has = |is: fn(&u8) -> bool| value.iter().any(is);
    let is_sign = |b: &u8| b"!.?*#$@&%+=_-^~".contains(b);
    let is_address = memchr::memchr(b'@', value).is_some_and(|at| value[at..].contains(&b'.'));
    (8..=32).contains(&value.len())
        && value.iter().all(|b| b.is_ascii_alphanumeric() || is_sign(b))
        && has(u8::is_ascii_digit)
        && has(u8::is_ascii_lowercase)
        && (has(u8::is_ascii_uppercase) || has(|b| b"!?*#$@&%+^~".contains(b)))
        && !is_address
}

const fn against(f: &Features) -> &'static str {
    if f.get(F::holds_name) + f.get(F::name_holds) > 0 {
        "unlikely: the value repeats the name"
    } else if f.get(F::backslashes) > 2 {
        "unlikely: bytes written as escapes"
    } else if f.get(F::word_share) >= 60 && f.get(F::digits) < 30 {
        "unlikely: the value is made of ordinary words"
    } else if f.get(F::digits_only) > 0 {
        "unlikely: the value is a number"
    } else if f.get(F::length) < 8 {
        "unlikely: the value is short, and nothing else speaks for it"
    } else {
        "unlikely: name, value and line together do not look like a credential"
    }
}

/// What speaks for a value, in words.
#[must_use]
pub fn evidence(name: &[u8], value: &[u8]) -> String {
    let f = alone(name, value);
    let kinds = [
        (F::name_pass, "password"),
        (F::name_secret, "secret"),
        (F::name_token, "token"),
        (F::name_key, "key"),
        (F::name_credential, "credential"),
        (F::name_auth, "authentication"),
    ];
    let kind = kinds.iter().find(|(feature, _)| f.get(*feature) > 0).map_or("password", |(_, word)| word);
    let look = if f.get(F::hex_only) > 0 && f.get(F::length) >= 16 {
        "a value of random-looking hex digits"
    } else if f.get(F::surprise) >= RANDOM && f.get(F::word_share) < 50 {
        "a random-looking value"
    } else if f.get(F::classes) >= 3 {
        "a value of letters, digits and signs as people choose them"
    } else {
        "a value that is no name and no reference"
    };
    format!("{look}; the name says {kind}")
}

/// Whether ordinary words make up most of the letters of `value`.
#[must_use]
pub fn reads_as_words(value: &[u8]) -> bool {
    /// Of its letters, in per cent.
    const MOST: i16 = 60;
    let mut f = Features([0; N]);
    language(&mut f, &value[..value.len().min(VALUE)]);
    // Short words are found in random letters as well.
    f.get(F::word_share) >= MOST && f.get(F::surprise) < RANDOM
}

/// Letters surprise random values by more than this a letter, in sixteenths of a bit.
const RANDOM: i16 = 72;

/// Features of name and value without their line.
fn alone(name: &[u8], value: &[u8]) -> Features {
    features(&Candidate {
        name,
        anchor: name,
        value,
        before: b"",
        between: b"=",
        behind: b"",
        quote: Quote::None,
        operator: Operator::Assign,
        alone: true,
    })
}

#[cfg(test)]
mod tests {
    use super::{LOW, MEDIUM, Scores, evidence, judge, reads_as_words};
    use crate::engine::assignment::read;
    use crate::engine::context::FileKind;
    use crate::rules::format::AssignmentKind;
    use crate::rules::template::fill;

    fn scores(line: &str, seed: &str) -> Result<Scores, &'static str> {
        let line = fill(line, seed).unwrap();
        let lower = line.to_ascii_lowercase();
        let (at, word) = ["passw", "secret", "token", "key"].iter().find_map(|w| lower.find(w).map(|at| (at, w))).unwrap();
        let anchor = at..at + word.len();
        let kind = if *word == "passw" { AssignmentKind::Password } else { AssignmentKind::Token };
        let found = read(line.as_bytes(), &anchor, kind).unwrap_or_else(|why| panic!("{line}: {why}"));
        judge(&found.candidate(line.as_bytes(), word.as_bytes()))
    }

    #[test]
    fn made_values_are_likely_wherever_they_stand() {
        for line in [
            "API_TOKEN={{base62:32}}",
            "client_secret: \"{{base62:40}}\"",
            "\"secret_key\": \"{{base62:44}}=\",",
            "api_key = '{{hex:32}}'",
            "DB_PASSWORD={{any:a-zA-Z0-9!#%:14}}7!aQ",
        ] {
            let likely = (0..50).filter(|seed| {
                let found = scores(line, &seed.to_string()).unwrap_or_default();
                found.of(FileKind::Config) >= MEDIUM && found.of(FileKind::Code) >= LOW
            });
            assert!(likely.count() >= 45, "{line}");
        }
    }

    #[test]
    fn random_letters_do_not_read_as_words() {
        for text in ["green_garden380_gates", "made-of-ordinary-words", "CorrectHorseBatteryStaple"] {
            assert!(reads_as_words(text.as_bytes()), "{text}");
        }
        for template in ["{{base62:16}}", "{{base62:20}}", "{{base62:40}}", "{{base64:24}}"] {
            let read = (0..2000).filter(|seed| reads_as_words(fill(template, &seed.to_string()).unwrap().as_bytes())).count();
            assert!(read <= 2, "{template}: {read}");
        }
    }

    #[test]
    fn what_products_are_delivered_with_is_plausible_and_no_more() {
        for (line, code) in [
            ("MYSQL_ROOT_PASSWORD: {{any:r:1}}oot", false),
            ("password = \"{{any:1-9:6}}\"", true),
            ("POSTGRES_PASSWORD={{any:m:1}}ypassword", false),
        ] {
            let found = scores(line, "any").unwrap();
            assert_eq!((found.of(FileKind::Config), found.of(FileKind::Code) >= LOW), (LOW, code), "{line}");
        }
        assert_eq!(scores("MYSQL_PASSWORD={{any:r:1}}oot", "any").unwrap().of(FileKind::Text), LOW);
        assert!(scores("bind_password: {{any:r:1}}oot", "any").unwrap().of(FileKind::Text) < LOW);
        assert!(scores("password = new_password", "any").is_err());
    }

    #[test]
    fn words_that_people_choose() {
        let score = |line: &str, kind| scores(line, "w").map_or(i16::MIN, |scores| scores.of(kind));
        let (code, config) = (FileKind::Code, FileKind::Config);
        assert!(score("db.password=welcome123", config) >= MEDIUM && score("db.password=welcome123", code) < LOW);
        assert!((LOW..MEDIUM).contains(&score("MYSQL_PASSWORD=wordpress", config)));
        assert!(score("password = 'gardening7'", code) >= LOW && score("password = gardening7", code) < LOW);
        for line in ["update_password: always", "wordpress_password=wordpress", "password = something"] {
            assert!(score(line, code) < LOW, "{line}");
        }
        assert!(score("update_password: always", config) < LOW);
    }

    #[test]
    fn words_and_names_are_not() {
        for line in [
            "password = \"password_field_label\"",
            "secret: \"kubernetes-cluster-secret\"",
            "token = \"identifier_token\"",
            "api_key: \"customer.address.street.number\"",
            "api_key = \"application/vnd.example+json\"",
        ] {
            let unlikely = match scores(line, "") {
                Err(_) => true,
                Ok(found) => found.of(FileKind::Code) < LOW,
            };
            assert!(unlikely, "{line}");
        }
    }

    #[test]
    fn evidence_tells_both_sides() {
        let value = fill("{{base62:32}}", "e").unwrap();
        assert_eq!(evidence(b"DB_PASSWORD", value.as_bytes()), "a random-looking value; the name says password");
        assert_eq!(evidence(b"api_key", &[b'a', b'0'].repeat(16)), "a value of random-looking hex digits; the name says key");
    }
}
