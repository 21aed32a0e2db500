//! Values that no operator announces: what programs tell in a sentence, and words that nobody would write but for a credential.

use super::Operator;

/// What a sentence goes on with behind the name of a secret whose value it ends in.
const VERBS: [&str; 14] =
    ["for", "is", "of", "has", "was", "generated", "set", "saved", "created", "issued", "changed", "reset", "received", "updated"];

/// What leads from the name to the value, without a colon.
const LINKS: [&str; 13] = [
    "is ",
    "is: ",
    "was ",
    "- ",
    "– ",
    "— ",
    "is now ",
    "set to ",
    "reset to ",
    "changed to ",
    "updated to ",
    "was set to ",
    "has been set to ",
];

/// What programs and people tell in a sentence that ends in the value: `password is …`, `password for user admin: …`, `password — …`.
pub fn told(tail: &[u8]) -> Option<(Operator, usize)> {
    /// Bytes from the name to the colon.
    const SENTENCE: usize = 64;
    let mut values = LINKS.iter().filter_map(|link| Some((link.len(), tail.strip_prefix(link.as_bytes())?)));
    if let Some((link, _)) = values.find(|(_, value)| mixed_word(value) || random_word(value)) {
        return Some((Operator::Space, link));
    }
    let goes_on = |word: &&str| tail.strip_prefix(word.as_bytes()).is_some_and(|rest| rest.starts_with(b" ") || rest.starts_with(b":"));
    if !VERBS.iter().any(goes_on) {
        return mixed_word(tail).then_some((Operator::Space, 0)).filter(|_| has_sign(tail));
    }
    let head = &tail[..tail.len().min(SENTENCE)];
    // `successfully created... `
    let colon = memchr::memchr(b':', head).or_else(|| memchr::memmem::find(head, b"... ").map(|dots| dots + 2))?;
    let sentence = tail[..colon].iter().all(|b| b.is_ascii_alphanumeric() || b" @._'\"-".contains(b));
    let rest = tail[colon + 1..].strip_prefix(b" ")?;
    let word = rest.trim_ascii_start();
    (sentence && (mixed_word(word) || random_word(word))).then_some((Operator::Colon, colon + 1))
}

/// Whether `tail` is one word, up to the end of its line, with letters and digits in it that no word of a language has.
pub fn mixed_word(tail: &[u8]) -> bool {
    let word = tail.trim_ascii_end();
    let has = |kind: fn(&u8) -> bool| word.iter().any(kind);
    word.len() >= 8
        && word.iter().all(u8::is_ascii_graphic)
        && has(u8::is_ascii_digit)
        && has(u8::is_ascii_alphabetic)
        && (has(u8::is_ascii_uppercase) && has(u8::is_ascii_lowercase) || has_sign(word))
        && !word.contains(&b'(')
}

/// Whether there is a sign that words, names, versions and addresses do without.
fn has_sign(word: &[u8]) -> bool {
    word.iter().any(|b| b"!#$%^&*+~?".contains(b))
}

/// Whether `tail` is one word that nobody chose, up to the end of its line: enough to be a value without any operator.
pub fn random_word(tail: &[u8]) -> bool {
    let word = tail.trim_ascii_end();
    let count = |kind: fn(&u8) -> bool| word.iter().filter(|b| kind(b)).count();
    let made = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.' | b'+' | b'/' | b'=');
    // Fingerprints of keys are upper-case hex digits, ids of commits have forty lower-case ones.
    let hex = word.iter().all(u8::is_ascii_hexdigit);
    word.len() >= 20
        && word.iter().all(made)
        && count(u8::is_ascii_digit) >= 3
        && count(u8::is_ascii_alphabetic) >= 3
        && (!hex || matches!(word.len(), 32 | 64) && count(u8::is_ascii_uppercase) == 0)
}
