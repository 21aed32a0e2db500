//! What the classifier looks at: whole numbers that describe a candidate, each a feature of its own.

use std::sync::OnceLock;

use super::language::language;
use super::{BEFORE, Candidate};
use crate::engine::assignment::is_uuid;

/// Bytes of a value that count.
pub const VALUE: usize = 96;

/// Describes the features in order; the first one is the kind of file, which [`features`] leaves out.
macro_rules! features {
    ($($name:ident)*) => {
        /// A feature.
        #[derive(Clone, Copy)]
        #[allow(missing_docs, non_camel_case_types, clippy::upper_case_acronyms)]
        pub enum F { $($name),* }
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
pub const N: usize = FEATURES.len();

/// A candidate in numbers; the file's kind is left at 0.
#[derive(Clone, Debug)]
pub struct Features(pub [i16; N]);

impl Features {
    /// The numbers, in the order of [`FEATURES`].
    #[must_use]
    pub const fn values(&self) -> &[i16] {
        &self.0
    }

    /// Sets `feature` to `value`, cut to what fits.
    pub const fn set(&mut self, feature: F, value: usize) {
        self.0[feature as usize] = if value > 30_000 { 30_000 } else { value as i16 };
    }

    /// Sets `feature` to whether something is so.
    pub const fn flag(&mut self, feature: F, value: bool) {
        self.0[feature as usize] = value as i16;
    }

    /// The value of `feature`.
    pub const fn get(&self, feature: F) -> i16 {
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
    let anchor_end = lower.windows(anchor.len().max(1)).rposition(|w| w == anchor).map_or(lower.len(), |at| at + anchor.len());
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
    f.flag(F::uuid, is_uuid(value));
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

/// Whether `part` is in `text`: both are so short that to prepare a search would take longer than this one.
fn holds(text: &[u8], part: &[u8]) -> bool {
    text.windows(part.len()).any(|w| w == part)
}

/// What value and name have in common.
fn against_name(f: &mut Features, name: &[u8], value: &[u8]) {
    let (mut a, mut b) = ([0; 48], [0; 48]);
    let (a, b) = (squeeze(name, &mut a), squeeze(value, &mut b));
    if a.is_empty() || b.is_empty() {
        return;
    }
    f.flag(F::name_holds, holds(a, b));
    f.flag(F::holds_name, holds(b, a));
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
