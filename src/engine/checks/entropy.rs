//! Randomness of a value, measured against what its own alphabet and length let one expect.

use std::sync::atomic::{AtomicU32, Ordering};

use super::Why;
use crate::rules::format::Entropy;

/// Share of the expected entropy that a value must reach. Short strings vary more: of random ones fewer than one in some ten thousand
/// fall below (simulated for alphabets of 10 to 64).
const fn share(length: usize) -> f32 {
    if length < 24 { 0.72 } else { 0.8 }
}

/// Shorter values say too little either way.
const TOO_SHORT: usize = 8;

/// Shannon entropy of `value`, in bits a byte; 0 for nothing.
pub fn shannon(value: &[u8]) -> f32 {
    let mut counts = [0u32; 256];
    value.iter().for_each(|&b| counts[usize::from(b)] += 1);
    let n = value.len() as f32;
    counts.iter().filter(|&&c| c > 0).map(|&c| c as f32 / n).map(|p| -p * p.log2()).sum()
}

/// The size of the smallest usual alphabet that has every byte of `value`.
fn alphabet(value: &[u8]) -> u32 {
    let all = |kind: fn(&u8) -> bool| value.iter().all(kind);
    if all(u8::is_ascii_digit) {
        10
    } else if all(|b| b.is_ascii_digit() || matches!(b, b'a'..=b'f')) || all(|b| b.is_ascii_digit() || matches!(b, b'A'..=b'F')) {
        16
    } else if all(u8::is_ascii_lowercase) || all(u8::is_ascii_uppercase) {
        26
    } else if all(|b| matches!(b, b'A'..=b'Z' | b'2'..=b'7')) {
        32
    } else if all(|b| b.is_ascii_digit() || b.is_ascii_lowercase()) || all(|b| b.is_ascii_digit() || b.is_ascii_uppercase()) {
        36
    } else {
        62
    }
}

/// The mean Shannon entropy of `n` characters drawn evenly from an alphabet of `size`: log n less the mean of k·log k over n, where a
/// character's count k is binomially distributed.
fn expected(n: usize, size: u32) -> f32 {
    /// Worked out once for each length and alphabet (10, 16, 26, 32, 36, 62); 0 stands for not yet.
    static KNOWN: [[AtomicU32; LENGTHS]; 64] = [const { [const { AtomicU32::new(0) }; LENGTHS] }; 64];
    const LENGTHS: usize = 128;
    let slot = KNOWN.get(size as usize).and_then(|lengths| lengths.get(n));
    if let Some(bits) = slot.map(|s| s.load(Ordering::Relaxed)).filter(|&bits| bits != 0) {
        return f32::from_bits(bits);
    }
    let value = mean_entropy(n, size);
    if let Some(slot) = slot {
        slot.store(value.to_bits(), Ordering::Relaxed);
    }
    value
}

fn mean_entropy(n: usize, size: u32) -> f32 {
    let (n, p) = (n as f64, 1.0 / f64::from(size));
    let mut probability = (1.0 - p).powf(n);
    let mut sum = 0.0;
    let mut k = 0.0;
    while k < n {
        probability *= (n - k) / (k + 1.0) * p / (1.0 - p);
        k += 1.0;
        sum += probability * k * k.log2();
        if k > n * p + 12.0 && probability < 1e-9 {
            break;
        }
    }
    (n.log2() - f64::from(size) * sum / n) as f32
}

/// Objects to a value less random than asked.
pub fn check(asked: Entropy, value: &[u8]) -> Result<(), Why> {
    let least = match asked {
        Entropy::Off => return Ok(()),
        Entropy::AtLeast(bits) => bits,
        Entropy::Alphabet => {
            // Separators are no part of what was drawn at random: a UUID is 32 hex digits.
            let drawn: Vec<u8> = value.iter().copied().filter(u8::is_ascii_alphanumeric).collect();
            if drawn.len() < TOO_SHORT {
                return Ok(());
            }
            let (found, least) = (shannon(&drawn), share(drawn.len()) * expected(drawn.len(), alphabet(&drawn)));
            return if found < least { Err(Why::Entropy { found, least }) } else { Ok(()) };
        }
    };
    let found = shannon(value);
    if found < least { Err(Why::Entropy { found, least }) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::{check, expected, shannon};
    use crate::rules::format::Entropy;
    use crate::rules::template::fill;

    #[test]
    fn known_values() {
        assert!((shannon(b"aabb") - 1.0).abs() < 1e-6);
        assert_eq!(shannon(b""), 0.0);
        // n much larger than the alphabet comes close to its logarithm.
        assert!((expected(10_000, 16) - 4.0).abs() < 0.01);
    }

    #[test]
    fn random_values_pass_whatever_their_alphabet_and_length() {
        for seed in 0..300 {
            let value = fill("{{uuid}}", &seed.to_string()).unwrap();
            assert_eq!(check(Entropy::Alphabet, value.as_bytes()), Ok(()), "{value}");
        }
        for template in ["hex", "HEX", "base36", "base62", "base64url", "digits", "base32", "lower"] {
            for n in [16, 20, 24, 32, 40, 64, 100] {
                for seed in 0..300 {
                    let value = fill(&format!("{{{{{template}:{n}}}}}"), &seed.to_string()).unwrap();
                    assert_eq!(check(Entropy::Alphabet, value.as_bytes()), Ok(()), "{template}:{n} {value}");
                }
            }
        }
    }

    #[test]
    fn regular_values_do_not() {
        for value in ["aaaaaaaaaaaaaaaaaaaaaaaa", "deadbeefdeadbeefdeadbeef", "1111222211112222", "ABABABABABABABABAB"] {
            assert!(check(Entropy::Alphabet, value.as_bytes()).is_err(), "{value}");
        }
    }
}
