//! The checks a rule can name.

use serde::Deserialize;

/// The gates a value passes, by the names that `dropped_by`, `explain` and `--stats` use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Gate {
    /// No anchor of the rule occurs.
    Anchor,
    /// The bytes beside the anchor cannot begin a match.
    Shape,
    /// The pattern does not match in the window.
    Pattern,
    /// The value's check digits are wrong.
    Checksum,
    /// The value does not parse as what it claims to be.
    Structure,
    /// Too regular to be random.
    Entropy,
    /// Lacks a kind of character that such a value always has.
    Require,
    /// A placeholder or documentation dummy.
    Placeholder,
    /// A reference to a secret store, a variable or a template: the right way.
    Reference,
    /// Encrypted at rest: fine.
    Encrypted,
    /// Another rule explains the same bytes better.
    Overlap,
    /// The file's kind or the surroundings speak against it.
    Context,
    /// The classifier of generic credentials finds it unlikely.
    Classifier,
}

impl Gate {
    /// Every gate, in the order in which a value meets them.
    pub const ALL: [Self; 13] = [
        Self::Anchor,
        Self::Shape,
        Self::Pattern,
        Self::Reference,
        Self::Encrypted,
        Self::Placeholder,
        Self::Require,
        Self::Checksum,
        Self::Structure,
        Self::Entropy,
        Self::Context,
        Self::Classifier,
        Self::Overlap,
    ];

    /// The gate's name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Anchor => "anchor",
            Self::Shape => "shape",
            Self::Pattern => "pattern",
            Self::Checksum => "checksum",
            Self::Structure => "structure",
            Self::Entropy => "entropy",
            Self::Require => "require",
            Self::Placeholder => "placeholder",
            Self::Reference => "reference",
            Self::Encrypted => "encrypted",
            Self::Overlap => "overlap",
            Self::Context => "context",
            Self::Classifier => "classifier",
        }
    }
}

/// Check digits that the vendor published or that can be derived.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Checksum {
    /// Last six characters: CRC-32 of what stands between the first `_` and them, in base 62.
    Github,
    /// As GitHub's.
    Npm,
    /// Routable GitLab tokens: `….LLCCCCCCC`, length and CRC-32 in base 36.
    GitlabRoutable,
    /// Matrix access tokens: behind the last `_`, the CRC-32 of all before it, in base 62.
    Matrix,
    /// Grafana service account tokens: behind the last `_`, the CRC-32 of all before it, low byte first, in hex.
    Grafana,
    /// Private Packagist tokens: the last eight hex digits are the CRC-32 of all before them.
    Packagist,
}

/// Forms that decode or parse.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Structure {
    /// Three base64url parts; header and claims are JSON objects.
    Jwt,
    /// An armoured private key whose body parses (PKCS#1, SEC1, PKCS#8, OpenSSH).
    PemPrivateKey,
    /// A private key as DER in base 64, without armour.
    DerPrivateKey,
    /// A store of keys that holds a private or a secret one.
    KeyStore,
    /// An OpenPGP secret key, without armour.
    PgpPackets,
    /// An armoured OpenPGP private key block.
    PgpPrivateKey,
    /// A PuTTY key file.
    PuttyPrivateKey,
    /// An AWS key id, which holds its account number.
    AwsKeyId,
    /// A PyPI token: a version 2 macaroon.
    PypiMacaroon,
    /// A password in the authority part of a URL.
    UrlCredentials,
    /// Base64 of `user:password`.
    BasicAuth,
    /// Base64 of what looks like a password.
    EncodedPassword,
    /// A NATS NKEY seed: base 32 with CRC-16.
    Nkey,
    /// A Bech32 string with a valid checksum.
    Bech32,
    /// A message of NTLM, told by its user; a sample's is doubted.
    Ntlm,
    /// A line `user:hash`, told by its user; a sample's is doubted.
    Htpasswd,
}

/// How random the value must be.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Entropy {
    /// As random as its own alphabet and length let one expect.
    #[default]
    Alphabet,
    /// At least this Shannon entropy, in bits a character.
    AtLeast(f32),
    /// Not a random string: no check.
    Off,
}

/// Kinds of character that must all occur in the value.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Require {
    /// A decimal digit.
    pub digit: bool,
    /// An upper-case letter.
    pub upper: bool,
    /// A lower-case letter.
    pub lower: bool,
}

/// All checks of one rule.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Checks {
    /// Randomness.
    pub entropy: Entropy,
    /// Check digits.
    pub checksum: Option<Checksum>,
    /// Parsing.
    pub structure: Option<Structure>,
    /// Needed kinds of character.
    pub require: Require,
    /// Whether a placeholder may stand (the placeholder check is off).
    pub allow_placeholder: bool,
    /// Whether a reference may stand (the reference check is off).
    pub allow_reference: bool,
    /// Whether the value proves little unless something on its line names it: alone, confidence is low.
    pub named: bool,
}
