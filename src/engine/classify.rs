//! The classifier for generic credentials: name, value and their line, turned into a score.
//!
//! A few dozen whole numbers describe a candidate ([`features`]); boosted decision trees, distilled to tables of integers, turn them into
//! log-odds. What the path says is one more feature, the kind of file; a match knows no path, so it carries one score for each kind
//! ([`Scores`]), and [`super::context`] picks. The trees come from `benches/classifier/train.py`, which learns from these very features: it reads
//! what `benches/classifier/candidates.rs` prints. Nothing here depends on anything but the bytes of the line, within [`super::assignment::REACH`].

use std::sync::OnceLock;

use super::assignment::{Operator, Quote};
use super::context::FileKind;

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
/// Bytes of a value that count.
const VALUE: usize = 96;

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

    /// The highest one.
    #[must_use]
    pub fn best(self) -> i16 {
        self.0.into_iter().max().unwrap_or(i16::MIN)
    }
}

/// Describes the features in order; the first one is the kind of file, which [`features`] leaves out.
macro_rules! features {
    ($($name:ident)*) => {
        #[derive(Clone, Copy)]
        #[allow(non_camel_case_types, clippy::upper_case_acronyms)]
        enum F { $($name),* }
        /// The features' names, in order.
        pub const FEATURES: &[&str] = &[$(stringify!($name)),*];
    };
}

features! {
    file_kind
    name_pass name_secret name_token name_key name_api name_access name_auth name_private name_client name_user name_db name_admin
    name_session name_sign name_encrypt name_test name_public name_about name_confirm name_hash name_env name_credential name_nonce
    name_length name_words name_capitals name_lower name_dollar name_dotted name_dashed name_tail name_plural name_digit
    length digits upper lower signs others distinct longest_run classes transitions hex_length hex_only digits_only
    lower_only upper_only letters_only base64_alphabet base32_alphabet padded underscores dashes dots slashes colons spaces brackets
    backslashes ats dollars plusses percents commas commercial first_class last_class trailing_digits entropy entropy_share
    surprise surprise_most surprise_alnum word_letters word_share word_longest uncovered vowels consonants case_changes letter_runs
    uuid holds_name name_holds starts_name edit_name sequence typed keyboardless number_prefix identifier camel
    quote operator spaced_before spaced_after call between_length alone behind_class behind_length behind_call behind_brace
    before_length before_indent before_class before_comment before_diff before_keyword before_call before_quote before_test before_prose
    other_pairs same_line_user
}

/// How many there are.
const N: usize = FEATURES.len();

/// A candidate in numbers; the file's kind is left at 0.
#[derive(Clone, Debug)]
pub struct Features([i16; N]);

impl Features {
    /// The numbers, in the order of [`FEATURES`].
    #[must_use]
    pub const fn values(&self) -> &[i16] {
        &self.0
    }

    const fn set(&mut self, feature: F, value: usize) {
        self.0[feature as usize] = if value > 30_000 { 30_000 } else { value as i16 };
    }

    const fn flag(&mut self, feature: F, value: bool) {
        self.0[feature as usize] = value as i16;
    }

    const fn get(&self, feature: F) -> i16 {
        self.0[feature as usize]
    }
}

/// The class of a byte, for what stands beside name and value.
const fn class(byte: Option<&u8>) -> usize {
    match byte {
        None => 0,
        Some(b'a'..=b'z') => 1,
        Some(b'A'..=b'Z') => 2,
        Some(b'0'..=b'9') => 3,
        Some(b' ' | b'\t') => 4,
        Some(b'"' | b'\'' | b'`') => 5,
        Some(b',' | b';') => 6,
        Some(b'(' | b'[' | b'{') => 7,
        Some(b')' | b']' | b'}') => 8,
        Some(b'.') => 9,
        Some(b'<' | b'>') => 10,
        Some(b'\\') => 11,
        Some(b'&' | b'?' | b'|') => 12,
        Some(b'$' | b'@' | b'%') => 13,
        Some(b'-' | b'+' | b'*' | b'/' | b'=' | b'#' | b'!' | b':') => 14,
        Some(b'_') => 15,
        Some(_) => 16,
    }
}

/// Words, in order, and the feature that each of them sets.
struct Words<const LEN: usize> {
    words: [(&'static [u8], F); LEN],
    /// Where the words of each first letter begin.
    first: [u8; 27],
}

impl<const LEN: usize> Words<LEN> {
    const fn new(words: [(&'static [u8], F); LEN]) -> Self {
        let mut first = [0; 27];
        let mut i = 0;
        while i < LEN {
            // The next letter's words begin behind this one.
            let mut letter = (words[i].0[0] - b'a') as usize + 1;
            while letter < 27 {
                first[letter] = i as u8 + 1;
                letter += 1;
            }
            i += 1;
        }
        Self { words, first }
    }

    /// Sets the features of the words that `lower` holds.
    fn mark(&self, f: &mut Features, lower: &[u8]) {
        for (i, byte) in lower.iter().enumerate().filter(|(_, b)| b.is_ascii_lowercase()) {
            let letter = usize::from(byte - b'a');
            for (word, feature) in &self.words[usize::from(self.first[letter])..usize::from(self.first[letter + 1])] {
                // A loop: a call to compare a few bytes costs more than these.
                if lower.len() - i >= word.len() && word.iter().zip(&lower[i..]).all(|(a, b)| a == b) {
                    f.flag(*feature, true);
                }
            }
        }
    }
}

/// What names say.
static NAME_WORDS: Words<88> = Words::new([
    (b"access", F::name_access),
    (b"account", F::name_user),
    (b"admin", F::name_admin),
    (b"aes", F::name_encrypt),
    (b"again", F::name_confirm),
    (b"api", F::name_api),
    (b"app", F::name_client),
    (b"auth", F::name_auth),
    (b"bearer", F::name_access),
    (b"cache", F::name_public),
    (b"cipher", F::name_encrypt),
    (b"client", F::name_client),
    (b"code", F::name_nonce),
    (b"config", F::name_env),
    (b"confirm", F::name_confirm),
    (b"consumer", F::name_client),
    (b"cookie", F::name_session),
    (b"cred", F::name_credential),
    (b"crypt", F::name_encrypt),
    (b"crypt", F::name_hash),
    (b"database", F::name_db),
    (b"db", F::name_db),
    (b"default", F::name_env),
    (b"digest", F::name_hash),
    (b"dummy", F::name_test),
    (b"env", F::name_env),
    (b"example", F::name_test),
    (b"expected", F::name_test),
    (b"fake", F::name_test),
    (b"field", F::name_about),
    (b"file", F::name_about),
    (b"foreign", F::name_public),
    (b"ftp", F::name_db),
    (b"hash", F::name_hash),
    (b"hmac", F::name_sign),
    (b"index", F::name_public),
    (b"invalid", F::name_test),
    (b"key", F::name_key),
    (b"kind", F::name_about),
    (b"label", F::name_about),
    (b"ldap", F::name_db),
    (b"login", F::name_user),
    (b"mail", F::name_db),
    (b"master", F::name_admin),
    (b"md5", F::name_hash),
    (b"mock", F::name_test),
    (b"mongo", F::name_db),
    (b"name", F::name_about),
    (b"new", F::name_confirm),
    (b"nonce", F::name_nonce),
    (b"old", F::name_confirm),
    (b"option", F::name_env),
    (b"partition", F::name_public),
    (b"pass", F::name_pass),
    (b"path", F::name_about),
    (b"pg", F::name_db),
    (b"policy", F::name_about),
    (b"postgres", F::name_db),
    (b"primary", F::name_public),
    (b"priv", F::name_private),
    (b"prompt", F::name_about),
    (b"public", F::name_public),
    (b"pwd", F::name_pass),
    (b"redis", F::name_db),
    (b"repeat", F::name_confirm),
    (b"root", F::name_admin),
    (b"salt", F::name_nonce),
    (b"sample", F::name_test),
    (b"scope", F::name_about),
    (b"secret", F::name_secret),
    (b"session", F::name_session),
    (b"sha", F::name_hash),
    (b"sid", F::name_session),
    (b"sign", F::name_sign),
    (b"smtp", F::name_db),
    (b"sort", F::name_public),
    (b"sql", F::name_db),
    (b"ssh", F::name_db),
    (b"state", F::name_about),
    (b"test", F::name_test),
    (b"timestamp", F::name_nonce),
    (b"token", F::name_token),
    (b"type", F::name_about),
    (b"url", F::name_about),
    (b"user", F::name_user),
    (b"verif", F::name_confirm),
    (b"verifier", F::name_nonce),
    (b"wrong", F::name_test),
]);

/// What stands before a name.
static LINE_WORDS: Words<25> = Words::new([
    (b"assert", F::before_test),
    (b"const", F::before_keyword),
    (b"def ", F::before_keyword),
    (b"define", F::before_keyword),
    (b"e.g", F::before_test),
    (b"email", F::same_line_user),
    (b"equal", F::before_test),
    (b"example", F::before_test),
    (b"expect", F::before_test),
    (b"final", F::before_keyword),
    (b"host", F::same_line_user),
    (b"invalid", F::before_test),
    (b"let ", F::before_keyword),
    (b"login", F::same_line_user),
    (b"mock", F::before_test),
    (b"my ", F::before_keyword),
    (b"private", F::before_keyword),
    (b"public", F::before_keyword),
    (b"should", F::before_test),
    (b"static", F::before_keyword),
    (b"string ", F::before_keyword),
    (b"test", F::before_test),
    (b"user", F::same_line_user),
    (b"val ", F::before_keyword),
    (b"var ", F::before_keyword),
]);

/// Describes `candidate`.
#[must_use]
pub fn features(candidate: &Candidate<'_>) -> Features {
    let mut f = Features([0; N]);
    name(&mut f, candidate);
    value(&mut f, candidate);
    surroundings(&mut f, candidate);
    f
}

fn name(f: &mut Features, candidate: &Candidate<'_>) {
    let name = candidate.name;
    let mut buffer = [0; 192];
    let lower = lower_case(name, &mut buffer);
    NAME_WORDS.mark(f, lower);
    let (mut words, mut letters, mut upper) = (0, 0usize, 0usize);
    let mut last = b'_';
    for &b in name {
        let begins = b.is_ascii_alphabetic() && (!last.is_ascii_alphabetic() || b.is_ascii_uppercase() && last.is_ascii_lowercase());
        words += usize::from(begins);
        letters += usize::from(b.is_ascii_alphabetic());
        upper += usize::from(b.is_ascii_uppercase());
        last = b;
    }
    f.set(F::name_length, name.len());
    f.set(F::name_words, words);
    f.flag(F::name_capitals, upper == letters);
    f.flag(F::name_lower, upper == 0);
    f.flag(F::name_dollar, matches!(name.first(), Some(b'$' | b'@')));
    f.flag(F::name_dotted, name.contains(&b'.'));
    f.flag(F::name_dashed, name.contains(&b'-'));
    let mut anchor = [0; 32];
    let anchor = lower_case(candidate.anchor, &mut anchor);
    let anchor_end = memchr::memmem::rfind(lower, anchor).map_or(lower.len(), |at| at + anchor.len());
    f.set(F::name_tail, lower.len() - anchor_end);
    f.flag(F::name_plural, lower.last() == Some(&b's') && !lower.ends_with(b"pass"));
    f.flag(F::name_digit, name.last().is_some_and(u8::is_ascii_digit));
}

fn lower_case<'a>(text: &[u8], buffer: &'a mut [u8]) -> &'a [u8] {
    let len = text.len().min(buffer.len());
    buffer[..len].copy_from_slice(&text[..len]);
    buffer[..len].make_ascii_lowercase();
    &buffer[..len]
}

/// Binary logarithms of how often a character can occur in a value.
static LOGS: OnceLock<[f32; VALUE + 1]> = OnceLock::new();

fn value(f: &mut Features, candidate: &Candidate<'_>) {
    f.set(F::length, candidate.value.len());
    let value = &candidate.value[..candidate.value.len().min(VALUE)];
    let n = value.len();
    let mut counts = [0u8; 256];
    let (mut digits, mut upper, mut lower, mut signs, mut others) = (0, 0, 0, 0, 0);
    let (mut run, mut longest_run, mut transitions, mut case_changes, mut sequence, mut longest_sequence) = (1, 1, 0, 0, 1, 1);
    let mut typed = 0;
    for (i, &b) in value.iter().enumerate() {
        counts[usize::from(b)] = counts[usize::from(b)].saturating_add(1);
        match b {
            b'0'..=b'9' => digits += 1,
            b'A'..=b'Z' => upper += 1,
            b'a'..=b'z' => lower += 1,
            b'!'..=b'~' | b' ' => signs += 1,
            _ => others += 1,
        }
        if i > 0 {
            let last = value[i - 1];
            run = if b == last { run + 1 } else { 1 };
            sequence = if b.is_ascii_alphanumeric() && b == last.wrapping_add(1) { sequence + 1 } else { 1 };
            longest_run = longest_run.max(run);
            longest_sequence = longest_sequence.max(sequence);
            transitions += usize::from(kind_of(b) != kind_of(last));
            case_changes +=
                usize::from(b.is_ascii_lowercase() && last.is_ascii_uppercase() || b.is_ascii_uppercase() && last.is_ascii_lowercase());
            typed += usize::from(neighbours(last, b));
        }
    }
    let distinct = counts.iter().filter(|&&c| c > 0).count();
    let all = |kind: fn(&u8) -> bool| value.iter().all(kind);
    let count = |wanted: u8| usize::from(counts[usize::from(wanted)]);
    let lower_hex = all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f')) || all(|b| matches!(b, b'0'..=b'9' | b'A'..=b'F'));
    f.set(F::digits, digits * 100 / n.max(1));
    f.set(F::upper, upper * 100 / n.max(1));
    f.set(F::lower, lower * 100 / n.max(1));
    f.set(F::signs, signs);
    f.set(F::others, others);
    f.set(F::distinct, distinct);
    f.set(F::longest_run, longest_run);
    let classes = [digits, upper, lower, signs].iter().filter(|&&c| c > 0).count();
    f.set(F::classes, classes);
    f.set(F::transitions, transitions);
    f.set(F::case_changes, case_changes);
    f.flag(F::hex_only, lower_hex);
    let common = matches!(candidate.value.len(), 32 | 40 | 48 | 64 | 96 | 128);
    f.set(F::hex_length, if lower_hex && common { candidate.value.len() } else { 0 });
    f.flag(F::digits_only, digits == n);
    f.flag(F::lower_only, lower == n);
    f.flag(F::upper_only, upper == n);
    f.flag(F::letters_only, upper + lower == n);
    f.flag(F::base64_alphabet, all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/' | b'=')));
    f.flag(F::base32_alphabet, all(|b| matches!(b, b'A'..=b'Z' | b'2'..=b'7')));
    f.flag(F::padded, value.last() == Some(&b'='));
    f.set(F::underscores, count(b'_'));
    f.set(F::dashes, count(b'-'));
    f.set(F::dots, count(b'.'));
    f.set(F::slashes, count(b'/'));
    f.set(F::colons, count(b':'));
    f.set(F::spaces, count(b' '));
    f.set(F::brackets, b"()[]{}<>".iter().map(|&b| count(b)).sum());
    f.set(F::backslashes, count(b'\\'));
    f.set(F::ats, count(b'@'));
    f.set(F::dollars, count(b'$'));
    f.set(F::plusses, count(b'+'));
    f.set(F::percents, count(b'%'));
    f.set(F::commas, count(b',') + count(b';') + count(b'|'));
    f.set(F::commercial, count(b'!') + count(b'#') + count(b'&') + count(b'*') + count(b'^') + count(b'?') + count(b'~'));
    f.set(F::first_class, class(value.first()));
    f.set(F::last_class, class(value.last()));
    f.set(F::trailing_digits, value.iter().rev().take_while(|b| b.is_ascii_digit()).count());
    let logs = LOGS.get_or_init(|| std::array::from_fn(|n| (n as f32).log2()));
    let entropy: f32 = counts.iter().filter(|&&c| c > 0).map(|&c| f32::from(c) * (logs[n] - logs[usize::from(c)])).sum();
    let most = logs[n] * n as f32;
    f.set(F::entropy, (entropy * 16.0 / n.max(1) as f32) as usize);
    f.set(F::entropy_share, if n > 1 { (entropy * 100.0 / most) as usize } else { 0 });
    f.set(F::sequence, longest_sequence);
    f.set(F::typed, typed);
    f.flag(F::uuid, n == 36 && [8, 13, 18, 23].iter().all(|&i| value[i] == b'-'));
    f.flag(F::number_prefix, value.starts_with(b"0x") || value.starts_with(b"0X"));
    f.flag(
        F::identifier,
        all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.' | b':' | b'/')) && !value[0].is_ascii_digit(),
    );
    let camel = value.windows(3).filter(|w| w[0].is_ascii_lowercase() && w[1].is_ascii_uppercase() && w[2].is_ascii_lowercase()).count();
    f.set(F::camel, camel);
    f.flag(F::keyboardless, !value.iter().any(u8::is_ascii_alphanumeric));
    language(f, value);
    against_name(f, candidate.name, value);
}

const fn kind_of(b: u8) -> u8 {
    match b {
        b'0'..=b'9' => 0,
        b'A'..=b'Z' => 1,
        b'a'..=b'z' => 2,
        _ => 3,
    }
}

/// Whether the second key lies to the right of the first, on a row of the keyboard.
fn neighbours(a: u8, b: u8) -> bool {
    /// What stands to the right of each letter.
    const RIGHT: [u8; 26] = *b"snvfrghjokl;,mp[wtdyibecux";
    let (a, b) = (a.to_ascii_lowercase(), b.to_ascii_lowercase());
    a.is_ascii_lowercase() && b.is_ascii_lowercase() && RIGHT[usize::from(a - b'a')] == b
}

/// How ordinary the value's letters are: by triples, and by words.
fn language(f: &mut Features, value: &[u8]) {
    let table = Language::get();
    let (mut bits, mut triples, mut most) = (0, 0, 0);
    let (mut alnum_bits, mut alnum) = (0, 0);
    let (mut letters, mut vowels, mut consonants, mut longest_consonants, mut runs) = (0, 0, 0, 0, 0);
    let mut before = (EDGE, EDGE);
    // Letters that no word covers.
    let mut covered = [false; VALUE];
    let mut longest_word = 0;
    for i in 0..=value.len() {
        let byte = value.get(i).copied().unwrap_or(b' ');
        let letter = letter(byte);
        // A capital behind a small letter begins a word: it does not surprise.
        let hump = i > 0 && byte.is_ascii_uppercase() && value[i - 1].is_ascii_lowercase();
        if hump {
            before = (EDGE, EDGE);
        }
        if letter < 26 {
            letters += 1;
            runs += usize::from(before.1 == EDGE);
            let vowel = matches!(byte.to_ascii_lowercase(), b'a' | b'e' | b'i' | b'o' | b'u' | b'y');
            vowels += usize::from(vowel);
            consonants = if vowel { 0 } else { consonants + 1 };
            longest_consonants = longest_consonants.max(consonants);
            if before.1 != EDGE || before.0 == EDGE {
                let surprise = table.surprise(before, letter);
                bits += surprise;
                triples += 1;
                most = most.max(surprise);
            }
            before = (before.1, letter);
        } else {
            consonants = 0;
            if before.1 != EDGE {
                bits += table.surprise(before, EDGE);
                triples += 1;
            }
            before = (EDGE, EDGE);
        }
        if i < value.len() {
            alnum_bits += if letter < 26 { 0 } else { 16 };
            alnum += 1;
        }
    }
    let mut at = 0;
    while at < value.len() {
        let len = table.longest_word(&value[at..]);
        if len > 0 {
            covered[at..at + len].fill(true);
            longest_word = longest_word.max(len);
        }
        at += 1;
    }
    let word_letters = covered[..value.len()].iter().filter(|&&c| c).count();
    f.set(F::surprise, bits / triples.max(1));
    f.set(F::surprise_most, most);
    f.set(F::surprise_alnum, (bits + alnum_bits) / alnum.max(1));
    f.set(F::word_letters, word_letters);
    f.set(F::word_share, word_letters * 100 / letters.max(1));
    f.set(F::word_longest, longest_word);
    f.set(F::uncovered, letters - word_letters);
    f.set(F::vowels, vowels * 100 / letters.max(1));
    f.set(F::consonants, longest_consonants);
    f.set(F::letter_runs, runs);
}

/// What value and name have in common.
fn against_name(f: &mut Features, name: &[u8], value: &[u8]) {
    let (mut a, mut b) = ([0; 48], [0; 48]);
    let (a, b) = (squeeze(name, &mut a), squeeze(value, &mut b));
    if a.is_empty() || b.is_empty() {
        return;
    }
    f.flag(F::name_holds, a.len() >= b.len() && memchr::memmem::find(a, b).is_some());
    f.flag(F::holds_name, b.len() >= a.len() && memchr::memmem::find(b, a).is_some());
    let common = a.iter().zip(b).take_while(|(x, y)| x == y).count();
    f.set(F::starts_name, common);
    f.set(F::edit_name, if b.len() <= 24 && a.len() <= 24 { distance(a, b) * 100 / a.len().max(b.len()) } else { 100 });
}

/// The letters of `text`, in lower case.
fn squeeze<'a>(text: &[u8], buffer: &'a mut [u8; 48]) -> &'a [u8] {
    let mut len = 0;
    for b in text.iter().filter(|b| b.is_ascii_alphabetic()).take(48) {
        buffer[len] = b.to_ascii_lowercase();
        len += 1;
    }
    &buffer[..len]
}

/// How many letters must be put in, taken out or changed to make `b` of `a`; both are short.
fn distance(a: &[u8], b: &[u8]) -> usize {
    let mut row = [0usize; 25];
    (0..=b.len()).for_each(|j| row[j] = j);
    for (i, x) in a.iter().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let changed = diagonal + usize::from(x != y);
            diagonal = row[j + 1];
            row[j + 1] = changed.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}

fn surroundings(f: &mut Features, candidate: &Candidate<'_>) {
    let Candidate { before, between, behind, .. } = candidate;
    f.set(F::quote, candidate.quote as usize);
    f.set(F::operator, candidate.operator as usize);
    f.flag(F::alone, candidate.alone);
    f.set(F::between_length, between.len());
    let sign = between.iter().position(|b| matches!(b, b'=' | b':' | b'(' | b',' | b'>'));
    f.flag(F::spaced_before, sign.is_some_and(|i| i > 0 && between[i - 1] == b' '));
    f.flag(F::spaced_after, sign.is_some_and(|i| between.get(i + 1) == Some(&b' ')));
    f.flag(F::call, between.contains(&b'('));
    let rest = behind.trim_ascii_start();
    f.set(F::behind_class, class(rest.first()));
    f.set(F::behind_length, behind.len());
    f.flag(F::behind_call, rest.first() == Some(&b')'));
    f.flag(F::behind_brace, rest.contains(&b'}'));
    let trimmed = before.trim_ascii_start();
    f.set(F::before_length, trimmed.len());
    f.set(F::before_indent, before.len() - trimmed.len());
    f.set(F::before_class, class(before.last()));
    let comment = [&b"#"[..], b"//", b"/*", b"*", b"--", b"<!--", b";", b"%"].iter().any(|sign| trimmed.starts_with(sign));
    f.flag(F::before_comment, comment);
    f.flag(F::before_diff, matches!(before.first(), Some(b'+' | b'-')));
    let mut buffer = [0; BEFORE];
    let lower = lower_case(trimmed, &mut buffer);
    LINE_WORDS.mark(f, lower);
    f.flag(F::before_call, trimmed.contains(&b'('));
    f.flag(F::before_quote, matches!(before.last(), Some(b'"' | b'\'')));
    f.set(F::before_prose, trimmed.split(|&b| b == b' ').filter(|w| w.len() > 1 && w.iter().all(u8::is_ascii_alphabetic)).count());
    f.set(F::other_pairs, before.iter().chain(*behind).filter(|&&b| matches!(b, b'=' | b':')).count());
}

/// Letters 0 to 25, a digit, the edge of a word, anything else.
const SIDE: usize = 29;
const EDGE: usize = 27;

const fn letter(b: u8) -> usize {
    match b {
        b'a'..=b'z' => (b - b'a') as usize,
        b'A'..=b'Z' => (b - b'A') as usize,
        _ => EDGE,
    }
}

/// What is ordinary: `benches/classifier/language.py` writes it.
struct Language {
    /// How much a letter surprises behind two others, in sixteenths of a bit.
    triples: &'static [u8],
    /// A Bloom filter of words of four to twelve letters.
    words: &'static [u8],
}

impl Language {
    const BITS: u32 = 1 << 19;
    const HASHES: u32 = 5;
    const LEAST: usize = 4;
    const MOST: usize = 12;

    const fn get() -> Self {
        const BYTES: &[u8] = include_bytes!("classify/language.bin");
        let (triples, words) = BYTES.split_at(SIDE * SIDE * SIDE);
        Self { triples, words }
    }

    fn surprise(&self, before: (usize, usize), letter: usize) -> usize {
        usize::from(self.triples[(before.0 * SIDE + before.1) * SIDE + letter])
    }

    /// The length of the longest word that `text` begins with; 0 for none.
    fn longest_word(&self, text: &[u8]) -> usize {
        let mut hash: u32 = 0x811c_9dc5;
        let mut longest = 0;
        for (i, byte) in text.iter().take(Self::MOST).enumerate() {
            if !byte.is_ascii_alphabetic() {
                break;
            }
            hash = (hash ^ u32::from(byte.to_ascii_lowercase())).wrapping_mul(0x0100_0193);
            if i + 1 >= Self::LEAST && self.holds(hash) {
                longest = i + 1;
            }
        }
        longest
    }

    fn holds(&self, hash: u32) -> bool {
        let step = (hash >> 15).wrapping_mul(0x9e37_79b1) | 1;
        (0..Self::HASHES).all(|i| {
            let slot = hash.wrapping_add(i.wrapping_mul(step)) % Self::BITS;
            self.words[(slot / 8) as usize] >> (slot % 8) & 1 == 1
        })
    }
}

/// A question of a tree: is the feature at most `threshold`?
#[derive(Clone, Copy, Debug)]
struct Cut {
    threshold: i16,
    tree: u8,
    /// The leaves that can still be reached if it is more.
    kept: u32,
}

/// Boosted trees, each of at most 32 leaves, asked feature by feature.
///
/// Walking down 150 trees costs a wrong guess of the processor's for each, 3 µs in all. Here all questions about one feature stand side by side by threshold:
/// those that are answered by "more" come first, and each of them strikes out the leaves of its other side. The first leaf that is left in a tree
/// is the one that a walk would have come to (QuickScorer: Lucchese et al., "QuickScorer: a fast algorithm to rank documents with additive ensembles of
/// regression trees", 2015). It takes a third of the time.
#[derive(Debug, Default)]
struct Model {
    /// Log-odds before any tree, in 1/4096, as leaves are.
    base: i32,
    /// For each feature the cuts, by threshold; none for the kind of file.
    cuts: Vec<Vec<Cut>>,
    /// Cuts by the kind of file, by tree.
    kind_cuts: Vec<Cut>,
    /// Leaves of every tree from left to right, [`LEAVES`] to a tree.
    leaves: Vec<[i16; LEAVES]>,
}

/// Trees, at most.
const TREES: usize = 256;
/// Leaves of a tree, at most.
const LEAVES: usize = u32::BITS as usize;
/// Numbers from here on are leaves, below it nodes.
const LEAF: u8 = 128;

impl Model {
    fn get() -> &'static Self {
        static MODEL: OnceLock<Model> = OnceLock::new();
        MODEL.get_or_init(|| Self::parse(include_bytes!("classify/model.bin")).unwrap_or_default())
    }

    /// Reads what `train.py` writes: features, trees, base; then for each tree its nodes (feature, threshold, where to go on) and leaves. Little-endian.
    fn parse(mut bytes: &[u8]) -> Option<Self> {
        let mut take = |n: usize| {
            let (head, rest) = bytes.split_at_checked(n)?;
            bytes = rest;
            Some(head)
        };
        let short = |b: &[u8]| i16::from_le_bytes([b[0], b[1]]);
        if usize::from(short(take(2)?).unsigned_abs()) != N {
            return None;
        }
        let trees = usize::from(short(take(2)?).unsigned_abs());
        if trees > TREES {
            return None;
        }
        let mut model = Self { base: i32::from_le_bytes(take(4)?.try_into().ok()?), ..Self::default() };
        model.cuts.resize(N, Vec::new());
        for tree in 0..trees {
            let count = usize::from(take(1)?[0]);
            let nodes = take(count * 5)?;
            let values = take((count + 1) * 2)?;
            if count >= LEAVES {
                return None;
            }
            // Depth first, the side of "at most" first: leaves come from left to right.
            let mut leaves = Vec::new();
            let mut path = vec![Step::Enter(if count == 0 { LEAF } else { 0 })];
            let mut visited = 0;
            while let Some(step) = path.pop() {
                match step {
                    Step::Enter(at) if at >= LEAF => leaves.push(short(values.get(usize::from(at - LEAF) * 2..)?.get(..2)?)),
                    Step::Enter(at) => {
                        let node = nodes.get(usize::from(at) * 5..)?.get(..5)?;
                        visited += 1;
                        if usize::from(node[0]) >= N || visited > count {
                            return None;
                        }
                        // Taken from the end.
                        path.extend([Step::Enter(node[4]), Step::Leave(at, leaves.len()), Step::Enter(node[3])]);
                    }
                    Step::Leave(at, first) => {
                        let node = &nodes[usize::from(at) * 5..];
                        let left = (first..leaves.len()).fold(0, |mask, leaf| mask | 1 << leaf);
                        model.cuts[usize::from(node[0])].push(Cut { threshold: short(&node[1..]), tree: tree as u8, kept: !left });
                    }
                }
            }
            leaves.resize(LEAVES, 0);
            model.leaves.push(leaves.try_into().ok()?);
        }
        // Trees were read in order, so these are.
        model.kind_cuts = std::mem::take(&mut model.cuts[F::file_kind as usize]);
        model.cuts.iter_mut().for_each(|cuts| cuts.sort_by_key(|cut| cut.threshold));
        bytes.is_empty().then_some(model)
    }

    /// Log-odds for every kind of file. The kind is asked for in few trees: what the others say is summed up once.
    fn scores(&self, features: &Features) -> Scores {
        let mut left = [u32::MAX; TREES];
        for (cuts, &value) in self.cuts.iter().zip(&features.0) {
            for cut in cuts.iter().take_while(|cut| value > cut.threshold) {
                left[usize::from(cut.tree)] &= cut.kept;
            }
        }
        let leaf = |tree: usize, left: u32| i32::from(self.leaves[tree][left.trailing_zeros() as usize % LEAVES]);
        let sum = self.base + left[..self.leaves.len()].iter().enumerate().map(|(tree, &left)| leaf(tree, left)).sum::<i32>();
        Scores(std::array::from_fn(|kind| {
            let of_kind = |cuts: &[Cut]| {
                let tree = usize::from(cuts[0].tree);
                let struck = cuts.iter().filter(|cut| kind as i16 > cut.threshold).fold(left[tree], |left, cut| left & cut.kept);
                leaf(tree, struck) - leaf(tree, left[tree])
            };
            let sum = sum + self.kind_cuts.chunk_by(|a, b| a.tree == b.tree).map(of_kind).sum::<i32>();
            (sum / 16).clamp(i32::from(i16::MIN), i32::from(i16::MAX)) as i16
        }))
    }
}

/// A step on the way through a tree.
enum Step {
    /// To a node or leaf.
    Enter(u8),
    /// From a node's first side, whose leaves begin at this one, to its second.
    Leave(u8, usize),
}

/// The scores of `candidate`, however low.
#[must_use]
pub fn scores(candidate: &Candidate<'_>) -> Scores {
    Model::get().scores(&features(candidate))
}

/// The scores of `candidate`, or what most speaks against it where it is plausible in no kind of file.
pub fn judge(candidate: &Candidate<'_>) -> Result<Scores, &'static str> {
    let features = features(candidate);
    let scores = Model::get().scores(&features);
    if scores.best() < LOW { Err(against(&features)) } else { Ok(scores) }
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
    f.get(F::word_share) >= MOST
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
    use super::{F, FEATURES, Features, LEAF, LOW, MEDIUM, Model, N, Scores, evidence, judge};
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
    fn the_tables_are_sound_and_small() {
        let model = Model::get();
        assert!(!model.leaves.is_empty() && N == FEATURES.len());
        let bytes = include_bytes!("classify/model.bin").len() + include_bytes!("classify/language.bin").len();
        assert!(bytes < 300 << 10);
        assert!(Model::parse(&include_bytes!("classify/model.bin")[..100]).is_none());
    }

    /// The trees of the file, each walked from its first node.
    fn walked(features: &Features, kind: i16) -> i32 {
        let bytes = include_bytes!("classify/model.bin");
        let short = |at: usize| i16::from_le_bytes([bytes[at], bytes[at + 1]]);
        let mut sum = i32::from_le_bytes(bytes[4..8].try_into().unwrap());
        let mut at = 8;
        for _ in 0..short(2) {
            let count = usize::from(bytes[at]);
            let leaves = at + 1 + count * 5;
            let mut go = if count == 0 { LEAF } else { 0 };
            while go < LEAF {
                let node = at + 1 + usize::from(go) * 5;
                let feature = usize::from(bytes[node]);
                let value = if feature == F::file_kind as usize { kind } else { features.0[feature] };
                go = bytes[node + 3 + usize::from(value > short(node + 1))];
            }
            sum += i32::from(short(leaves + usize::from(go - LEAF) * 2));
            at = leaves + (count + 1) * 2;
        }
        sum / 16
    }

    #[test]
    fn asked_feature_by_feature_the_trees_say_what_a_walk_says() {
        let mut state = 7_u32;
        let mut next = |below: u32| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 16) % below
        };
        for _ in 0..500 {
            let mut features = Features([0; N]);
            for value in &mut features.0[1..] {
                let most = [2, 12, 140][next(3) as usize];
                *value = next(most) as i16;
            }
            let scores = Model::get().scores(&features);
            for (kind, &score) in scores.0.iter().enumerate() {
                assert_eq!(i32::from(score), walked(&features, kind as i16));
            }
        }
    }

    #[test]
    fn evidence_tells_both_sides() {
        let value = fill("{{base62:32}}", "e").unwrap();
        assert_eq!(evidence(b"DB_PASSWORD", value.as_bytes()), "a random-looking value; the name says password");
        assert_eq!(evidence(b"api_key", &[b'a', b'0'].repeat(16)), "a value of random-looking hex digits; the name says key");
    }
}
