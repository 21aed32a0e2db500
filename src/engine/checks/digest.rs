//! Digests of files, by what stands before them: lists of checksums, lock files and charts hold one beside each name, and names speak of secrets.

use super::public;

/// Endings of files of which digests are told: archives, images, and what builds read and write.
const ENDINGS: [&[u8]; 58] = [
    b"7z", b"apk", b"bin", b"bz2", b"c", b"cc", b"cjs", b"cpp", b"cs", b"css", b"csv", b"deb", b"dll", b"dmg", b"exe", b"gem", b"go",
    b"gz", b"h", b"hpp", b"html", b"img", b"iso", b"jar", b"java", b"jpg", b"js", b"json", b"jsx", b"kt", b"lua", b"md", b"mjs", b"msi",
    b"php", b"pl", b"png", b"py", b"rb", b"rpm", b"rs", b"scss", b"sh", b"so", b"svg", b"swift", b"tar", b"tgz", b"ts", b"tsx", b"txt",
    b"vue", b"wasm", b"whl", b"xml", b"xz", b"zip", b"zst",
];

/// Whether `text` ends as names of files do.
pub fn is_file_name(text: &[u8]) -> bool {
    let Some(dot) = memchr::memrchr(b'.', text) else { return false };
    let ending = &text[dot + 1..];
    dot > 0 && ENDINGS.iter().any(|known| ending.eq_ignore_ascii_case(known))
}

/// Whether `value` is the digest of what is named at the end of `before`: a file, as BSD's tools, OpenSSL, charts and lock files write it.
pub fn is_digest_of(before: &[u8], value: &[u8]) -> bool {
    const LEAST: usize = 32;
    if value.len() < LEAST || !value.iter().all(u8::is_ascii_hexdigit) {
        return false;
    }
    let begin = before.iter().rposition(|b| b.is_ascii_whitespace() || matches!(b, b'"' | b'\'' | b'`' | b'=' | b'(')).map_or(0, |i| i + 1);
    let (address, name) = before.split_at(begin);
    // Annotations by which charts restart what uses a secret that has changed.
    if is_file_name(name) || memchr::memmem::find(name, b"checksum/").is_some() {
        return true;
    }
    // `SHA512 (name) = …` and `MD5(name)= …`.
    let algorithm = address.strip_suffix(b"(").unwrap_or_default().trim_ascii_end();
    let algorithm = &algorithm[algorithm.iter().rposition(u8::is_ascii_whitespace).map_or(0, |i| i + 1)..];
    [&b"sha"[..], b"md5", b"blake"].iter().any(|known| algorithm.get(..known.len()).is_some_and(|a| a.eq_ignore_ascii_case(known)))
}

/// Whether what stands on its line `before` it says that `value` is a digest.
pub fn is_digest(before: &[u8], value: &[u8]) -> bool {
    let end = before
        .iter()
        .rposition(|b| !b.is_ascii_whitespace() && !matches!(b, b'"' | b'\'' | b'`' | b'=' | b':' | b')'))
        .map_or(0, |i| i + 1);
    public::names_digest(before) || is_digest_of(&before[..end], value) || is_made_of(before, value)
}

/// Whether `before` ends in a call that makes a digest of hex digits: `HashSchemeZip.New("`.
fn is_made_of(before: &[u8], value: &[u8]) -> bool {
    const WORDS: [&[u8]; 5] = [b"hash", b"digest", b"checksum", b"sha", b"md5"];
    let call = before.strip_suffix(b"(\"").or_else(|| before.strip_suffix(b"('"));
    let callee =
        call.map(|call| &call[call.iter().rposition(|b| !b.is_ascii_alphanumeric() && !b"_.:".contains(b)).map_or(0, |i| i + 1)..]);
    // `bcrypt.hash("…")`, `sha256("…")`: what makes a digest of a value by itself.
    let is_maker = |callee: &&[u8]| callee.iter().rposition(|b| b".:".contains(b)).is_some_and(|at| is_new(&callee[at + 1..]));
    let is_hex = matches!(value.len(), 32 | 40 | 56 | 64 | 96 | 128) && value.iter().all(u8::is_ascii_hexdigit);
    is_hex
        && callee
            .filter(is_maker)
            .is_some_and(|callee| WORDS.iter().any(|word| callee.windows(word.len()).any(|part| part.eq_ignore_ascii_case(word))))
}

/// Whether a method of this name makes an object.
fn is_new(method: &[u8]) -> bool {
    [&b"new"[..], b"of", b"from", b"fromString", b"parse", b"fromHex", b"valueOf"].iter().any(|known| method.eq_ignore_ascii_case(known))
}

#[cfg(test)]
mod tests {
    use super::is_digest;

    #[test]
    fn digests_of_files() {
        let digest = "0123456789abcdef".repeat(4);
        for before in [
            "\"src/token.py\": \"",
            "private-key.C: ",
            "  \"https://acme.io/x/secret_key.ts\": \"",
            "SHA512 (token) = ",
            "md5(token)= ",
            "checksum/private-key: ",
            "\"h1:",
        ] {
            assert!(is_digest(before.as_bytes(), digest.as_bytes()), "{before}");
        }
        for before in ["PRIVATE_KEY=", "secret.token: ", "connect(key=\"", "\"sha\" (", "see a.py, token=", ""] {
            assert!(!is_digest(before.as_bytes(), digest.as_bytes()), "{before}");
        }
        assert!(is_digest(b"zip := getproviders.HashSchemeZip.New(\"", digest.as_bytes()));
        assert!(!is_digest(b"x = bcrypt.hash(\"", digest.as_bytes()) && !is_digest(b"x = acme.New(\"", digest.as_bytes()));
        assert!(!is_digest(b"token.py: ", b"correct-horse-battery-staple-1234567890"));
    }
}
