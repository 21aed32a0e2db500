//! The checks on a value: pure, and each says why it objects.

pub mod armour;
mod asn1;
mod checksum;
pub(super) mod container;
mod digest;
mod encrypted;
mod entropy;
mod keys;
mod login;
mod ntlm;
mod openpgp;
mod placeholder;
mod public;
mod reference;
mod structure;

use std::borrow::Cow;
use std::fmt;

use super::assignment::is_uuid;
use crate::model::{Confidence, Severity};
use crate::rules::format::{Entropy, Require};
use crate::rules::{Gate, Matcher, Rule};

pub(super) use digest::{is_digest, is_digest_of, is_file_name};
pub(super) use encrypted::objection as encrypted;
pub(super) use login::is_sample;
pub(super) use placeholder::objection as placeholder;
pub(super) use public::objection as public;
pub(super) use reference::objection as reference;

/// A gate and its reason.
#[derive(Clone, Debug, PartialEq)]
pub struct Objection {
    /// The gate.
    pub gate: Gate,
    /// Its reason.
    pub why: Why,
}

impl Objection {
    pub(super) const fn new(gate: Gate, why: &'static str) -> Self {
        Self { gate, why: Why::Text(why) }
    }
}

impl fmt::Display for Objection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.gate.as_str(), self.why)
    }
}

/// A reason; it never holds any of the value. Text is made only when somebody reads it.
#[derive(Clone, Debug, PartialEq)]
pub enum Why {
    /// A fixed sentence.
    Text(&'static str),
    /// The pattern does not match.
    NoMatch,
    /// No armoured body follows.
    NoBlock,
    /// Entropy found and needed, in bits a character.
    Entropy {
        /// Measured.
        found: f32,
        /// Needed.
        least: f32,
    },
    /// The rule that explains the bytes better.
    Rule(Cow<'static, str>),
}

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => f.write_str(text),
            Self::NoMatch => f.write_str("the pattern does not match around this anchor"),
            Self::NoBlock => f.write_str("no armoured body follows"),
            Self::Entropy { found, least } => write!(f, "{found:.1} bits a character where a random value has at least {least:.1}"),
            Self::Rule(id) => write!(f, "{id} explains the same bytes better"),
        }
    }
}

/// What the checks say of a value they let pass.
#[derive(Clone, Debug, PartialEq)]
pub struct Judgement {
    /// The rule's confidence, or less.
    pub confidence: Confidence,
    /// What lowered it.
    pub doubt: Option<Objection>,
    /// A severity that the value itself tells.
    pub severity: Option<Severity>,
}

impl Judgement {
    /// Lowers the confidence: the value is what its rule says, and something speaks against its being of use.
    pub(super) fn doubt(&mut self, why: &'static str) {
        self.confidence = Confidence::Low;
        self.doubt = Some(Objection::new(Gate::Context, why));
    }
}

/// Whether something names what stands behind `before` on its line: an operator, or a word that keys are called by.
pub(super) fn is_named(before: &[u8]) -> bool {
    const WORDS: [&[u8]; 7] = [b"key", b"token", b"api", b"google", b"maps", b"firebase", b"gcp"];
    let has = |word: &[u8]| before.windows(word.len()).any(|w| w.eq_ignore_ascii_case(word));
    before.iter().any(|b| matches!(b, b'=' | b':' | b'(')) || WORDS.into_iter().any(has)
}

/// Why a made value is not whole: bytes have two hex digits, of random letters many lie beyond `f`, and a signed token has a signature.
pub(super) fn broken(value: &[u8]) -> Option<&'static str> {
    const LEAST: usize = 24;
    if structure::is_unsigned(value) {
        return Some("a JWT without a signature: it proves nothing to anyone");
    }
    if is_uuid(value) {
        let strangers = value.iter().filter(|b| b.is_ascii_alphabetic() && !b.is_ascii_hexdigit()).count();
        return (1..=2).contains(&strangers).then_some("a UUID but for a letter: altered");
    }
    let strangers = value.iter().filter(|b| !b.is_ascii_hexdigit()).count();
    let digits = value.iter().filter(|b| b.is_ascii_digit()).count();
    if value.len() < LEAST || digits < 4 || digits == value.len() {
        None
    } else if strangers == 0 && value.len() % 2 == 1 {
        Some("an odd number of hex digits: a part of a value")
    } else if strangers == 1 && value.iter().all(u8::is_ascii_alphanumeric) {
        Some("hex digits but for one letter: altered")
    } else {
        None
    }
}

/// Why a value in base 64 is not random: it is a text, and one that people write where a credential is to come, or in ordinary words.
pub(super) fn encodes_words(value: &[u8]) -> Option<&'static str> {
    // What is a private key, the rule for these finds.
    if value.starts_with(b"LS0tLS1CRUdJTi") {
        return Some("base 64 of armour that holds no key");
    }
    let text = structure::base64_text(value)?;
    let is_sample = placeholder(&text).is_some() || is_sample(&text.to_ascii_lowercase());
    (is_sample || super::classify::reads_as_words(&text)).then_some("base 64 of ordinary words")
}

/// Why a value is not real, if `name` says so.
pub(super) fn is_feigned(name: &[u8]) -> Option<&'static str> {
    const WORDS: [&[u8]; 7] = [b"fake", b"dummy", b"mock", b"bogus", b"invalid", b"example", b"sample"];
    let has = |word: &[u8]| name.windows(word.len()).any(|w| w.eq_ignore_ascii_case(word));
    WORDS.into_iter().any(has).then_some("its name says that it is made up")
}

/// Why nobody issues `value` as the key or token that `name` says it is: what travels in headers and URLs is made of characters that need no quotes
/// there. Secrets that a program keeps to itself, to sign or encrypt with, may hold any.
pub(super) fn outlandish(name: &[u8], value: &[u8]) -> Option<&'static str> {
    const OWN: [&[u8]; 9] = [b"secret", b"sign", b"crypt", b"cookie", b"session", b"hash", b"hmac", b"jwt", b"master"];
    let is_own = OWN.iter().any(|word| name.windows(word.len()).any(|w| w.eq_ignore_ascii_case(word)));
    let is_strange = |(i, &b): (usize, &u8)| match b {
        // `%2B` and `\/` are what other notations make of base 64.
        b'%' => !value.get(i + 1..i + 3).is_some_and(|hex| hex.iter().all(u8::is_ascii_hexdigit)),
        b'\\' => !value.get(i + 1).is_some_and(|b| matches!(b, b'/' | b'n' | b'r' | b'u')),
        _ => b"^&#$?*()[]{}<>;,`".contains(&b),
    };
    (!is_own && value.iter().enumerate().any(is_strange)).then_some("holds signs that no service puts into a key or token")
}

/// Bytes of a value that is random by its form and made of words all the same: in shorter ones they turn up by chance.
const LEAST_WORDS: usize = 16;

/// What one check says.
enum Outcome {
    /// Nothing against it.
    Pass,
    /// Something that makes it unlikely: low confidence.
    Doubt(Objection),
    /// A real credential that opens nothing without another one: milder, and low confidence.
    Locked(Objection),
}

impl Outcome {
    /// What right or wrong check digits mean. Wrong ones leave a doubt, not a drop: an altered token still shows where a real one stood.
    const fn check_digits(right: bool) -> Self {
        if right { Self::Pass } else { Self::Doubt(Objection::new(Gate::Checksum, "its check digits are wrong: altered or made up")) }
    }
}

/// Passes `value`, found within `whole`, through the gates of `rule`.
pub fn judge(rule: &Rule, value: &[u8], whole: &[u8]) -> Result<Judgement, Objection> {
    let checks = &rule.checks;
    let mut judgement = Judgement { confidence: rule.confidence, doubt: None, severity: None };
    let block = matches!(rule.matcher, Matcher::Block { .. } | Matcher::Container { .. } | Matcher::Codes);
    if !block {
        if !checks.allow_reference {
            refuse(Gate::Reference, reference(value))?;
            refuse(Gate::Encrypted, encrypted(value))?;
        }
        if !checks.allow_placeholder {
            refuse(Gate::Placeholder, placeholder(value))?;
        }
        require(checks.require, value)?;
    }
    let outcomes = [
        checks.checksum.map(|checksum| checksum::check(checksum, value)),
        checks.structure.map(|structure| structure::check(structure, value, whole)).transpose()?,
    ];
    for outcome in outcomes.into_iter().flatten() {
        match outcome {
            Outcome::Pass => {}
            Outcome::Doubt(objection) => {
                judgement.confidence = Confidence::Low;
                judgement.doubt = Some(objection);
            }
            Outcome::Locked(objection) => {
                judgement.severity = Some(Severity::Medium);
                judgement.confidence = Confidence::Low;
                judgement.doubt = Some(objection);
            }
        }
    }
    if !block && checks.entropy != Entropy::Off && !matches!(rule.matcher, Matcher::Assignment { .. }) {
        // A fixed prefix says nothing about the rest.
        let random = rule.anchors.iter().find_map(|a| value.strip_prefix(&**a)).unwrap_or(value);
        entropy::check(checks.entropy, random).map_err(|why| Objection { gate: Gate::Entropy, why })?;
        let letters = random.iter().filter(|b| b.is_ascii_alphabetic()).count();
        if random.len() >= LEAST_WORDS && letters * 3 >= random.len() * 2 && super::classify::reads_as_words(random) {
            judgement.doubt("made of ordinary words");
        }
    }
    Ok(judgement)
}

fn refuse(gate: Gate, why: Option<&'static str>) -> Result<(), Objection> {
    why.map_or(Ok(()), |why| Err(Objection::new(gate, why)))
}

fn require(require: Require, value: &[u8]) -> Result<(), Objection> {
    let lacks = |wanted: bool, kind: fn(&u8) -> bool| wanted && !value.iter().any(kind);
    let why = if lacks(require.digit, u8::is_ascii_digit) {
        "no digit, and such a value always has one"
    } else if lacks(require.upper, u8::is_ascii_uppercase) {
        "no upper-case letter, and such a value always has one"
    } else if lacks(require.lower, u8::is_ascii_lowercase) {
        "no lower-case letter, and such a value always has one"
    } else {
        return Ok(());
    };
    Err(Objection::new(Gate::Require, why))
}

/// What speaks for a value that [`judge`] let pass, in words for a reader; none of the value itself.
#[must_use]
pub fn evidence(rule: &Rule, value: &[u8], whole: &[u8], doubt: Option<&Objection>) -> Vec<String> {
    let mut words = Vec::new();
    match &rule.matcher {
        Matcher::Pattern { shape, .. } if shape.reach > 0 => {
            words.push(format!("{} is named beside a value of its form", rule.info.provider))
        }
        Matcher::Pattern { .. } => {
            if let Some(anchor) = rule.anchors.iter().filter(|a| value.starts_with(a)).max_by_key(|a| a.len()) {
                words.push(format!("form of {} ({}…)", rule.info.provider, String::from_utf8_lossy(anchor)));
            } else {
                words.push(format!("form of {}", rule.info.provider));
            }
        }
        Matcher::Block { .. } | Matcher::Container { .. } => {}
        Matcher::Codes => words.push("a list of codes, all of one form, below words that say what they are".to_owned()),
        Matcher::Assignment { .. } => {
            let name = whole.iter().position(|&b| !super::assignment::name_byte(b)).unwrap_or(whole.len());
            words.push(super::classify::evidence(&whole[..name], value));
        }
    }
    let doubted = |gate| doubt.is_some_and(|d| d.gate == gate);
    if rule.checks.checksum.is_some() && !doubted(Gate::Checksum) {
        words.push("its check digits are right".to_owned());
    }
    if let Some(structure) = rule.checks.structure
        && !doubted(Gate::Structure)
        && let Some(told) = structure::describe(structure, value, whole)
    {
        words.push(told);
    }
    if let Some(doubt) = doubt {
        words.push(format!("but {}", doubt.why));
    }
    words
}

#[cfg(test)]
mod tests {
    use super::{broken, encodes_words, is_named, outlandish};
    use crate::rules::template::fill;

    #[test]
    fn signs_that_no_service_puts_into_a_token() {
        let judged = |name: &str, value: &str| outlandish(name.as_bytes(), value.as_bytes()).is_some();
        for value in ["x9^Kq2#mW7", "a1b2%zzc3", "k3y?part;two", "w[0]e5"] {
            assert!(judged("API_KEY", value), "{value}");
            assert!(!judged("SIGNING_KEY", value) && !judged("django_secret_key", value), "{value}");
        }
        for value in ["3q2+7w==", "3q2%2B7w%3D%3D", "3q2\\/7w", "12|aZ9_k-3.x~y", "user@realm!id=7"] {
            assert!(!judged("api_token", value), "{value}");
        }
    }

    #[test]
    fn words_in_base_64() {
        use base64::Engine as _;
        let encoded = |text: &str| encodes_words(base64::prelude::BASE64_STANDARD.encode(text).as_bytes()).is_some();
        assert!(encoded("super-secret-key") && encoded("privateKey\n") && encoded("0123456789abcdef"));
        assert!(!encoded(&fill("{{base62:24}}", "b").unwrap()) && encodes_words(b"x").is_none());
    }

    #[test]
    fn what_names_a_value() {
        for before in ["key=", "  maps: '", "google ", "init(\"", "the Firebase one is "] {
            assert!(is_named(before.as_bytes()), "{before}");
        }
        for before in ["", "  ", "\"", "- ", "see also "] {
            assert!(!is_named(before.as_bytes()), "{before}");
        }
    }

    #[test]
    fn made_values_that_are_not_whole() {
        let value = |template: &str| fill(template, "broken").unwrap();
        for template in ["{{hex:39}}", "{{hex:15}}z{{hex:16}}", "g{{hex:7}}-{{hex:4}}-{{hex:4}}-{{hex:4}}-{{hex:12}}"] {
            assert!(broken(value(template).as_bytes()).is_some(), "{template}");
        }
        for template in ["{{hex:40}}", "{{base36:32}}", "{{base62:40}}", "{{uuid}}", "{{digits:25}}"] {
            assert_eq!(broken(value(template).as_bytes()), None, "{template}");
        }
    }
}
