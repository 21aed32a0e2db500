//! A value that must not be shown, and the one door to it.

use std::fmt;

/// First lines of armoured blocks: public words that tell which kind of key it is.
const ARMOUR: [&str; 4] = ["-----BEGIN ", "-----BEGIN+", "---- BEGIN ", "PuTTY-User-Key-File-"];

/// The bytes of a credential. `Debug` and `Display` mask it; [`Secret::reveal`] is the only way to the value.
///
/// ```
/// let secret = keysift::model::Secret::new(b"tok_0123456789abcdefghijklmnopqrstuv");
/// assert_eq!(secret.to_string(), "tok_01…stuv");
/// assert_eq!(format!("{secret:?}"), "Secret(tok_01…stuv)");
/// assert_eq!(keysift::model::Secret::new(b"hunter2").to_string(), "********");
/// ```
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Secret(Box<[u8]>);

impl Secret {
    /// Takes the value in.
    #[must_use]
    pub fn new(value: &[u8]) -> Self {
        Self(value.into())
    }

    /// The value itself. Every caller is a place where a secret may get out: there are few, and each has a reason.
    #[must_use]
    pub fn reveal(&self) -> &[u8] {
        &self.0
    }
}

/// How many characters a mask may show at each end: at most a third of the value, nothing of short ones.
const fn shown(characters: usize) -> (usize, usize) {
    match characters {
        0..20 => (0, 0),
        20..32 => (4, 2),
        _ => (6, 4),
    }
}

impl fmt::Display for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Of a file of bytes there is nothing to read.
        let Ok(text) = std::str::from_utf8(&self.0) else { return f.write_str("********") };
        let first = text.lines().next().unwrap_or_default();
        if ARMOUR.iter().any(|a| first.starts_with(a)) {
            // Only the armour's own words: a key on one line with escaped newlines has its body right behind them.
            let header = first.find("KEY").map_or(10, |k| k + 3).min(48);
            let header: String = first.chars().take(header).collect();
            return write!(f, "{header}…");
        }
        // Of a list, whether of words or of codes, each item is a secret of its own.
        let divides = |c: char| c.is_whitespace() || matches!(c, ',' | '"' | '\'');
        let of = |item: Option<&str>| shown(item.map_or(0, |item| item.chars().count()));
        let (head, tail) = (of(text.split(divides).next()).0, of(text.rsplit(divides).next()).1);
        if head == 0 || tail == 0 {
            return f.write_str("********");
        }
        let count = text.chars().count();
        for c in text.chars().take(head) {
            write!(f, "{c}")?;
        }
        f.write_str("…")?;
        for c in text.chars().skip(count - tail) {
            write!(f, "{c}")?;
        }
        Ok(())
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Secret({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::Secret;

    #[test]
    fn short_values_show_nothing_not_even_their_length() {
        for value in ["", "a", "correct horse!", "123456789012345", "abcdefghijklmnopqrs"] {
            assert_eq!(Secret::new(value.as_bytes()).to_string(), "********");
        }
    }

    #[test]
    fn a_mask_shows_at_most_a_third() {
        for n in 20..200 {
            let value = "k".repeat(n);
            let shown = Secret::new(value.as_bytes()).to_string().chars().filter(|&c| c == 'k').count();
            assert!(shown * 3 <= n, "{shown} of {n}");
        }
    }

    #[test]
    fn of_lists_nothing_is_shown() {
        for list in [
            "1a2b3-4c5d6\n7e8f9-0a1b2\n3c4d5-6e7f8",
            "6060 7104\t 2. 3195 5459",
            "word after word after word",
            "'8f3a', '9c2e', '7b1d', '0a4f'",
        ] {
            assert_eq!(Secret::new(list.as_bytes()).to_string(), "********", "{list}");
        }
    }

    #[test]
    fn armour_shows_its_kind_only() {
        let block = "-----BEGIN EC PRIVATE KEY-----\nMHcCAQEE\n-----END EC PRIVATE KEY-----";
        assert_eq!(Secret::new(block.as_bytes()).to_string(), "-----BEGIN EC PRIVATE KEY…");
        let one_line = block.replace('\n', "\\n");
        assert_eq!(Secret::new(one_line.as_bytes()).to_string(), "-----BEGIN EC PRIVATE KEY…");
    }
}
