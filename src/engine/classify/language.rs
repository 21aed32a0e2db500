//! How ordinary letters are: by triples, and by words of a language.

use super::features::{F, Features, VALUE};

/// How ordinary the value's letters are: by triples, and by words.
pub fn language(f: &mut Features, value: &[u8]) {
    let table = Language::get();
    let (mut bits, mut triples, mut most) = (0, 0, 0);
    let (mut alnum_bits, mut alnum) = (0, 0);
    let (mut letters, mut vowels, mut consonants, mut longest_consonants, mut runs) = (0, 0, 0, 0, 0);
    let mut before = (EDGE, EDGE);
    // Whether a word covers the letter.
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

/// Letters 0 to 25, and the edge of a word, which everything else is; the table's rows for digits and other signs are not asked for.
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
        const BYTES: &[u8] = include_bytes!("language.bin");
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
