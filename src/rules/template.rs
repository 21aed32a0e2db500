//! Templates of credentials: the samples in rule files are filled from a seed, so that no text in the repository looks live.

use base64::Engine as _;
use base64::prelude::{BASE64_STANDARD, BASE64_STANDARD_NO_PAD, BASE64_URL_SAFE_NO_PAD};

use super::sums::{BASE36, BASE62, BECH32, base36, bech32_sum, crc16, crc24, crc32_base36, crc32_base62};

/// Characters that one template may ask for.
const MAX_LENGTH: usize = 64 * 1024;

/// Why a template cannot be filled.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TemplateError {
    /// `{{` without `}}`.
    #[error("an opening {{{{ has no closing }}}}")]
    Unclosed,
    /// No template of that name.
    #[error("no template is called {0:?}")]
    Unknown(String),
    /// The length is no number, or a very large one.
    #[error("{0:?} needs a length of at most {MAX_LENGTH}, as in {{{{base62:20}}}}")]
    Length(String),
    /// An alphabet without characters.
    #[error("{0:?} names no characters")]
    Alphabet(String),
}

const BASE64: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const BASE64URL: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
const BASE36_UPPER: &[u8; 36] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
const BASE32: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// Fills `text`; the same `seed` and text give the same result on every machine. `{{ … }}` whose content is no bare word, such as a
/// reference in somebody's template language, stands for itself.
///
/// # Errors
/// A malformed template.
///
/// ```
/// use keysift::rules::template::fill;
/// let token = fill("acmd_{{base36:24}}", "acme-deploy-key").unwrap();
/// assert_eq!(token.len(), 29);
/// assert_eq!(fill("${{ secrets.KEY }}", "x").unwrap(), "${{ secrets.KEY }}");
/// ```
pub fn fill(text: &str, seed: &str) -> Result<String, TemplateError> {
    let mut random = Random::new(seed, text);
    let mut out = String::with_capacity(text.len() + 64);
    let mut last = String::new();
    let mut rest = text;
    // Of several braces in a row the innermost two open a template.
    while let Some(at) = rest.find("{{") {
        let at = at + rest[at..].bytes().take_while(|&b| b == b'{').count() - 2;
        out.push_str(&rest[..at]);
        let inner = &rest[at + 2..];
        let end = inner.find("}}").ok_or(TemplateError::Unclosed)?;
        let call = &inner[..end];
        let name = call.split(':').next().unwrap_or_default();
        if !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_') {
            last = match call.strip_prefix("token_crc32:") {
                Some(form) => token_crc32(&out, form).ok_or_else(|| TemplateError::Unknown(call.to_owned()))?,
                None => expand(call, &last, &mut random)?,
            };
            out.push_str(&last);
        } else {
            out.extend(["{{", call, "}}"]);
        }
        rest = &inner[end + 2..];
    }
    out.push_str(rest);
    Ok(out)
}

fn expand(call: &str, last: &str, random: &mut Random) -> Result<String, TemplateError> {
    let (name, argument) = call.split_once(':').unwrap_or((call, ""));
    let length =
        |argument: &str| argument.parse::<usize>().ok().filter(|&n| n <= MAX_LENGTH).ok_or_else(|| TemplateError::Length(call.to_owned()));
    let alphabet: &[u8] = match name {
        "base62" => BASE62,
        "base64" => BASE64,
        "base64url" => BASE64URL,
        "base36" => BASE36,
        "BASE36" => BASE36_UPPER,
        "base32" => BASE32,
        "hex" => b"0123456789abcdef",
        "HEX" => b"0123456789ABCDEF",
        "digits" => b"0123456789",
        "lower" => &BASE36[10..],
        "upper" => &BASE36_UPPER[10..],
        "alpha" => &BASE62[10..],
        "any" => {
            let (alphabet, n) = argument.rsplit_once(':').ok_or_else(|| TemplateError::Length(call.to_owned()))?;
            let bytes = ranges(alphabet.as_bytes());
            if bytes.is_empty() {
                return Err(TemplateError::Alphabet(call.to_owned()));
            }
            return Ok(random.of(&bytes, length(n)?));
        }
        "uuid" => return Ok(uuid(random)),
        "crc32_base62" => return Ok(crc32_base62(last.as_bytes(), length(argument)?)),
        "jwt" => return Ok(jwt(random)),
        "pem" => return Ok(pem(argument, random)),
        "der" => return Ok(pem(argument, random).lines().filter(|line| !line.starts_with("-----")).collect()),
        "pem_base64" => return Ok(BASE64_STANDARD.encode(pem(argument, random))),
        "pgp" => return Ok(BASE64_STANDARD.encode(pgp_packet(random))),
        "jks" => return Ok(BASE64_STANDARD.encode(jks(random))),
        "p12" => return Ok(BASE64_STANDARD.encode(p12(random))),
        "putty" => return Ok(putty(random)),
        "aws_key_id" => return Ok(aws_key_id(random)),
        "basic" => {
            let pair = format!("{}:{}", random.of(&BASE36[10..], 6), random.of(BASE62, 14));
            return Ok(BASE64_STANDARD.encode(pair));
        }
        "nkey" => return Ok(nkey(argument.bytes().next().unwrap_or(b'U'), random)),
        "pypi" => return Ok(pypi(random)),
        "bech32" => return Ok(bech32(argument, random)),
        "gitlab_routable" => return Ok(gitlab_routable(argument, random)),
        _ => return Err(TemplateError::Unknown(call.to_owned())),
    };
    Ok(random.of(alphabet, length(argument)?))
}

/// `a-z_` as its bytes; a hyphen at either end stands for itself.
fn ranges(spec: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut i = 0;
    while i < spec.len() {
        if i + 2 < spec.len() && spec[i + 1] == b'-' {
            out.extend(spec[i]..=spec[i + 2]);
            i += 3;
        } else {
            out.push(spec[i]);
            i += 1;
        }
    }
    out
}

/// CRC-32, in the form asked for, of the token that `out` ends with: what stands behind the last space, quote or operator, less an underscore
/// that parts it from its check digits.
fn token_crc32(out: &str, form: &str) -> Option<String> {
    let token = out.rsplit([' ', '"', '\'', '=', ':', '\n']).next().unwrap_or(out);
    let sum = crc32fast::hash(token.strip_suffix('_').unwrap_or(token).as_bytes());
    match form {
        "base62" => Some(crc32_base62(token.strip_suffix('_').unwrap_or(token).as_bytes(), 6)),
        "hex" => Some(format!("{sum:08x}")),
        "hex-le" => Some(format!("{:08x}", sum.swap_bytes())),
        _ => None,
    }
}

/// SplitMix64: small, well spread, and the same everywhere.
struct Random(u64);

impl Random {
    fn new(seed: &str, text: &str) -> Self {
        // FNV-1a over both, so that two samples of one rule differ.
        let hash = seed
            .bytes()
            .chain([0])
            .chain(text.bytes())
            .fold(0xcbf2_9ce4_8422_2325_u64, |h, b| (h ^ u64::from(b)).wrapping_mul(0x0100_0000_01b3));
        Self(hash)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn bytes(&mut self, n: usize) -> Vec<u8> {
        (0..n).map(|_| (self.next() >> 32) as u8).collect()
    }

    /// `n` characters; as a real token would, with every kind of character that its alphabet has where there is room for them.
    fn of(&mut self, alphabet: &[u8], n: usize) -> String {
        let kinds: [fn(&u8) -> bool; 3] = [u8::is_ascii_digit, u8::is_ascii_uppercase, u8::is_ascii_lowercase];
        loop {
            let out: Vec<u8> = (0..n).map(|_| alphabet[(self.next() >> 16) as usize % alphabet.len()]).collect();
            // Many kinds in few places may take for ever; an alphabet with one digit among hundreds of letters too.
            if n < 12 || alphabet.len() > 100 || kinds.iter().all(|k| out.iter().any(k) || !alphabet.iter().any(k)) {
                return String::from_utf8_lossy(&out).into_owned();
            }
        }
    }
}

fn uuid(random: &mut Random) -> String {
    let mut b = random.bytes(16);
    b[6] = b[6] & 0x0f | 0x40;
    b[8] = b[8] & 0x3f | 0x80;
    let hex: String = b.iter().map(|b| format!("{b:02x}")).collect();
    format!("{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..])
}

fn jwt(random: &mut Random) -> String {
    let header = BASE64_URL_SAFE_NO_PAD.encode(br#"{"alg":"HS256","typ":"JWT"}"#);
    let claims = format!(r#"{{"sub":"{}","iat":17{:08}}}"#, random.of(b"0123456789", 10), random.next() % 100_000_000);
    let claims = BASE64_URL_SAFE_NO_PAD.encode(claims);
    format!("{header}.{claims}.{}", BASE64_URL_SAFE_NO_PAD.encode(random.bytes(32)))
}

/// A key id: prefix, then base 32 of random bits, of which one half of the space belongs to ids that hold an account.
fn aws_key_id(random: &mut Random) -> String {
    format!("AKIA{}{}", random.of(b"QRSTUVWXYZ234567", 1), random.of(BASE32, 15))
}

fn pypi(random: &mut Random) -> String {
    // Macaroon v2: version, location, identifier, end of section, signature.
    let mut body = vec![2, 1, 8];
    body.extend(b"pypi.org");
    let id = uuid(random);
    body.extend([2, id.len() as u8]);
    body.extend(id.as_bytes());
    body.extend([0, 0, 6, 32]);
    body.extend(random.bytes(32));
    format!("pypi-{}", BASE64_URL_SAFE_NO_PAD.encode(body))
}

/// A NATS seed: two prefix bytes that spell `S` and the kind, 32 random bytes, CRC-16 (XMODEM), in base 32.
fn nkey(kind: u8, random: &mut Random) -> String {
    let public = BASE32.iter().position(|&c| c == kind).unwrap_or(20) as u8;
    // Five bits of `S`, five of the kind, six of zero.
    let mut raw = vec![18 << 3 | public >> 2, (public & 3) << 6];
    raw.extend(random.bytes(32));
    raw.extend(crc16(&raw).to_le_bytes());
    base32(&raw)
}

fn base32(bytes: &[u8]) -> String {
    let mut out = String::new();
    let (mut buffer, mut bits) = (0u32, 0);
    for &b in bytes {
        buffer = buffer << 8 | u32::from(b);
        bits += 8;
        while bits >= 5 {
            bits -= 5;
            out.push(char::from(BASE32[(buffer >> bits) as usize & 31]));
        }
        buffer &= (1 << bits) - 1;
    }
    if bits > 0 {
        out.push(char::from(BASE32[(buffer << (5 - bits)) as usize & 31]));
    }
    out
}

/// Bech32 (BIP 173) of 32 random bytes under the human-readable part `hrp`; upper case where that is.
fn bech32(hrp: &str, random: &mut Random) -> String {
    let lower = hrp.to_ascii_lowercase();
    let bytes = random.bytes(32);
    let mut values = Vec::new();
    let (mut buffer, mut bits) = (0u32, 0);
    for b in bytes {
        buffer = (buffer << 8 | u32::from(b)) & 0xfff;
        bits += 8;
        while bits >= 5 {
            bits -= 5;
            values.push((buffer >> bits) as u8 & 31);
        }
    }
    if bits > 0 {
        values.push((buffer << (5 - bits)) as u8 & 31);
    }
    let sum = bech32_sum(lower.as_bytes(), values.iter().copied().chain([0; 6])) ^ 1;
    values.extend((0..6).map(|i| (sum >> (5 * (5 - i))) as u8 & 31));
    let data: String = values.iter().map(|&v| char::from(BECH32[usize::from(v)])).collect();
    let out = format!("{lower}1{data}");
    if hrp.bytes().any(|b| b.is_ascii_uppercase()) { out.to_ascii_uppercase() } else { out }
}

/// `PREFIX` + base64url payload + `.` + two base-36 digits of its length + seven of the CRC-32 over all before.
fn gitlab_routable(prefix: &str, random: &mut Random) -> String {
    let payload = BASE64_URL_SAFE_NO_PAD.encode(random.bytes(36));
    let head = format!("{prefix}{payload}.01.{}", base36(payload.len() as u32, 2));
    format!("{head}{}", crc32_base36(head.as_bytes()))
}

/// DER: tag, length, content.
fn der(tag: u8, content: &[u8]) -> Vec<u8> {
    let mut out = vec![tag];
    match content.len() {
        n @ 0..128 => out.push(n as u8),
        n @ 128..256 => out.extend([0x81, n as u8]),
        n => out.extend([0x82, (n >> 8) as u8, n as u8]),
    }
    out.extend(content);
    out
}

fn integer(random: &mut Random, n: usize) -> Vec<u8> {
    let mut bytes = random.bytes(n);
    bytes[0] = bytes[0] & 0x7f | 0x40;
    der(2, &bytes)
}

fn rsa(random: &mut Random) -> Vec<u8> {
    let mut body = vec![2, 1, 0];
    // The high bit of a modulus is set: a zero before it tells that it is no sign.
    let mut modulus = random.bytes(129);
    (modulus[0], modulus[1]) = (0, modulus[1] | 0x80);
    body.extend(der(2, &modulus));
    for n in [3, 128, 64, 64, 64, 64, 64] {
        body.extend(integer(random, n));
    }
    der(0x30, &body)
}

fn ec(random: &mut Random) -> Vec<u8> {
    let mut body = vec![2, 1, 1];
    body.extend(der(4, &random.bytes(32)));
    body.extend(der(0xa0, &[6, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 7]));
    der(0x30, &body)
}

fn ssh_string(bytes: &[u8]) -> Vec<u8> {
    [&(bytes.len() as u32).to_be_bytes(), bytes].concat()
}

/// An armoured key of the kind `label` with random numbers: well-formed, and no key to anything.
fn pem(label: &str, random: &mut Random) -> String {
    let body = match label {
        "RSA PRIVATE KEY" => rsa(random),
        "DSA PRIVATE KEY" => {
            let mut body = vec![2, 1, 0];
            for n in [128, 20, 128, 128, 20] {
                body.extend(integer(random, n));
            }
            der(0x30, &body)
        }
        "EC PRIVATE KEY" => ec(random),
        "OPENSSH PRIVATE KEY" => {
            let mut body = b"openssh-key-v1\0".to_vec();
            for part in [&b"none"[..], b"none", b""] {
                body.extend(ssh_string(part));
            }
            body.extend(1u32.to_be_bytes());
            body.extend(ssh_string(&random.bytes(51)));
            body.extend(ssh_string(&random.bytes(136)));
            body
        }
        "ENCRYPTED PRIVATE KEY" => {
            // PKCS#5 PBES2 and the encrypted bytes.
            locked_key(&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 5, 0x0d], random)
        }
        "PGP PRIVATE KEY BLOCK" => return pgp(random),
        _ => {
            let inner = ec(random);
            let algorithm = der(0x30, &[6, 7, 0x2a, 0x86, 0x48, 0xce, 0x3d, 2, 1, 6, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 7]);
            der(0x30, &[&[2, 1, 0][..], &algorithm, &der(4, &inner)].concat())
        }
    };
    let width = if label.starts_with("OPENSSH") { 70 } else { 64 };
    format!("-----BEGIN {label}-----\n{}\n-----END {label}-----", wrapped(&body, width))
}

fn wrapped(body: &[u8], width: usize) -> String {
    let text = BASE64_STANDARD.encode(body);
    text.as_bytes().chunks(width).map(String::from_utf8_lossy).collect::<Vec<_>>().join("\n")
}

fn pgp(random: &mut Random) -> String {
    let body = pgp_packet(random);
    let crc = BASE64_STANDARD_NO_PAD.encode(&crc24(&body).to_be_bytes()[1..]);
    format!("-----BEGIN PGP PRIVATE KEY BLOCK-----\n\n{}\n={crc}\n-----END PGP PRIVATE KEY BLOCK-----", wrapped(&body, 64))
}

/// A version 4 secret-key packet (RFC 4880, 5.5.3) of RSA in the old format, without a passphrase: random numbers behind their lengths, and the sum of the
/// secret ones.
fn pgp_packet(random: &mut Random) -> Vec<u8> {
    let number = |random: &mut Random, n: usize| {
        let mut bytes = random.bytes(n);
        bytes[0] |= 0x80;
        [&(n as u16 * 8).to_be_bytes()[..], &bytes].concat()
    };
    // 2024, and RSA.
    let mut packet = vec![4, 0x66, 1, 2, 3, 1];
    packet.extend(number(random, 256));
    packet.extend([0, 17, 1, 0, 1]);
    let secret: Vec<u8> = [256, 128, 128, 128].into_iter().flat_map(|n| number(random, n)).collect();
    packet.push(0);
    packet.extend(&secret);
    packet.extend(secret.iter().fold(0u16, |sum, &b| sum.wrapping_add(u16::from(b))).to_be_bytes());
    [&[0x95][..], &(packet.len() as u16).to_be_bytes(), &packet].concat()
}

/// A private key under a password, as PKCS 8 (RFC 5958) and as the protector that Java's stores have.
fn locked_key(protector: &[u8], random: &mut Random) -> Vec<u8> {
    let algorithm = der(0x30, &[&der(6, protector)[..], &der(0x30, &random.bytes(40))].concat());
    der(0x30, &[algorithm, der(4, &random.bytes(320))].concat())
}

/// A store of Java's, version 2, with one private key and no certificates.
fn jks(random: &mut Random) -> Vec<u8> {
    let key = locked_key(&[0x2b, 6, 1, 4, 1, 0x2a, 2, 0x11, 1, 1], random);
    let mut store = vec![0xfe, 0xed, 0xfe, 0xed, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 1, 0, 5];
    store.extend(b"alias");
    store.extend(1_700_000_000_000u64.to_be_bytes());
    store.extend((key.len() as u32).to_be_bytes());
    store.extend(key);
    store.extend([0; 4]);
    store.extend(random.bytes(20));
    store
}

/// PKCS 12 (RFC 7292) with one bag, of a key under a password.
fn p12(random: &mut Random) -> Vec<u8> {
    const DATA: &[u8] = &[6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 7, 1];
    const BAG: &[u8] = &[6, 11, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 12, 10, 1, 2];
    let data = |content: &[u8]| der(0x30, &[DATA, &der(0xa0, &der(4, content))].concat());
    let key = locked_key(&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 5, 0x0d], random);
    let bag = der(0x30, &[BAG, &der(0xa0, &key)].concat());
    let safe = data(&der(0x30, &data(&der(0x30, &bag))));
    der(0x30, &[&[2, 1, 3][..], &safe].concat())
}

fn putty(random: &mut Random) -> String {
    let public = wrapped(&random.bytes(51), 64);
    let private = wrapped(&random.bytes(36), 64);
    let mac: String = random.of(b"0123456789abcdef", 64);
    format!(
        "PuTTY-User-Key-File-3: ssh-ed25519\nEncryption: none\nComment: key\nPublic-Lines: 2\n{public}\nPrivate-Lines: 1\n{private}\nPrivate-MAC: {mac}\n"
    )
}

#[cfg(test)]
mod tests {
    use super::fill;

    #[test]
    fn the_same_seed_the_same_text() {
        let text = "{{base62:30}} {{uuid}} {{jwt}} {{pem:RSA PRIVATE KEY}}";
        assert_eq!(fill(text, "a"), fill(text, "a"));
        assert_ne!(fill(text, "a"), fill(text, "b"));
    }

    #[test]
    fn lengths_and_alphabets() {
        let of = |t: &str| fill(t, "seed").unwrap();
        assert_eq!(of("{{any:a-c_-:50}}").trim_matches(|c| "abc_-".contains(c)), "");
        assert_eq!(of("{{HEX:8}}").len(), 8);
        assert_eq!(of("{{nkey:U}}").len(), 58);
        assert!(of("{{nkey:U}}").starts_with("SU"));
        assert!(of("{{bech32:AGE-SECRET-KEY-}}").starts_with("AGE-SECRET-KEY-1"));
        assert_eq!(of("a {{ not.ours }} {b}"), "a {{ not.ours }} {b}");
        for wrong in ["{{any::5}}", "{{any:z-a:5}}", "{{hex:99999999999999}}"] {
            assert!(fill(wrong, "s").is_err(), "{wrong}");
        }
        assert!(fill("{{base62}}", "s").is_err() && fill("{{base62:3", "s").is_err() && fill("{{nothing:3}}", "s").is_err());
    }
}
