//! Key files that are told by their bytes and not by words: what stands in them, and in their base 64.

use serde::Deserialize;

use super::checks::Structure;

/// Kinds of such files.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Container {
    /// A private key as DER (RFC 5958, 8017, 5915).
    Der,
    /// A store of Java's, or PKCS 12 (RFC 7292).
    KeyStore,
    /// Packets of OpenPGP (RFC 9580).
    OpenPgp,
}

impl Container {
    /// What stands in the files themselves. Nothing before it is looked at, and none holds a line's end, as other bytes there may.
    const fn binary(self) -> &'static [&'static [u8]] {
        match self {
            Self::Der => &[
                // The numbers of RSA keys, behind their version: 1,024, 2,048, 3,072 and 4,096 bits.
                &[2, 1, 0, 2, 0x81, 0x81, 0],
                &[2, 1, 0, 2, 0x82, 1, 1, 0],
                &[2, 1, 0, 2, 0x82, 1, 0x81, 0],
                &[2, 1, 0, 2, 0x82, 2, 1, 0],
                // Those of elliptic curves: the number by itself, or something behind it.
                &[0x30, 0x25, 2, 1, 1, 4, 0x20],
                &[0x30, 0x3e, 2, 1, 1, 4, 0x30],
                &[2, 1, 1, 4, 0x20],
                &[2, 1, 1, 4, 0x30],
                &[2, 1, 1, 4, 0x42],
                // Edwards and Montgomery curves: Ed25519, X25519, Ed448, X448.
                &[0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 4, 0x22, 4, 0x20],
                &[0x30, 5, 6, 3, 0x2b, 0x65, 0x6e, 4, 0x22, 4, 0x20],
                &[0x30, 5, 6, 3, 0x2b, 0x65, 0x71, 4, 0x3b, 4, 0x39],
                &[0x30, 5, 6, 3, 0x2b, 0x65, 0x6f, 4, 0x3a, 4, 0x38],
            ],
            Self::KeyStore => &[
                // JKS and JCEKS of version 2, and the bags of PKCS 12, whose full name holds line ends.
                &[0xfe, 0xed, 0xfe, 0xed, 0, 0, 0, 2, 0, 0],
                &[0xce, 0xce, 0xce, 0xce, 0, 0, 0, 2, 0, 0],
                &[6, 11, 0x2a, 0x86, 0x48, 0x86, 0xf7],
            ],
            Self::OpenPgp => &[
                // A secret-key packet, its length, version 4: Ed25519 …
                &[0x94, 0x57, 4],
                &[0x94, 0x58, 4],
                &[0x94, 0x86, 4],
                &[0xc5, 0x57, 4],
                &[0xc5, 0x58, 4],
                &[0xc5, 0x86, 4],
                // … P-256 …
                &[0x94, 0x77, 4],
                &[0x94, 0xa5, 4],
                // … RSA, without a passphrase and with one.
                &[0x95, 1, 0xd8, 4],
                &[0x95, 3, 0x98, 4],
                &[0x95, 3, 0xbe, 4],
                &[0x95, 3, 0xc6, 4],
                &[0x95, 5, 0x58, 4],
                &[0x95, 5, 0x86, 4],
                &[0x95, 7, 0x18, 4],
                &[0x95, 7, 0x3e, 4],
                &[0x95, 7, 0x46, 4],
                &[0xc5, 0xc2, 0xd8, 4],
                &[0xc5, 0xc4, 0x98, 4],
                &[0xc5, 0xc6, 0x58, 4],
            ],
        }
    }

    /// What stands in their base 64, hardly behind its begin.
    const fn base64(self) -> &'static [&'static str] {
        match self {
            // The begins of PKCS 8 (RSA, two curves of NIST's, Edwards and Montgomery curves) and of PKCS 1 and SEC 1, whose lengths move them by a few bits.
            Self::Der => &[
                "IBADANBgkqhkiG9w0BAQEFAASC",
                "IBAAKCAQEA",
                "IBAAKCAgEA",
                "IBAAKCAYEA",
                "IBAAKBg",
                "AgEAMBMGByqGSM49AgEG",
                "AgEAMBAGByqGSM49AgEG",
                "CAQAwEwYHKoZIzj0CAQYI",
                "CAQEEI",
                "MIGkAgEBBD",
                "MIHcAgEBBE",
                "MC4CAQAwBQYDK2V",
            ],
            Self::KeyStore => &["/u3+7QAAAAIAAA", "zs7OzgAAAAIAAA", "IBAzCC", "MIACAQMwgAYJKoZIhvcNAQcB"],
            Self::OpenPgp => &[
                // The names of Ed25519, P-256, P-384 and P-521 in their keys.
                "KwYBBAHaRw8BAQdA", // typos:ignore-line
                "KoZIzj0DAQcCAwQ",
                "K4EEACIDAwQ",
                "K4EEACMEIwQ",
                // The heads of the RSA keys above, and of keys of RFC 9580.
                "lQHYB",
                "lQOYB",
                "lQO+B",
                "lQPGB",
                "lQVYB",
                "lQWGB",
                "lQcYB",
                "lQc+B",
                "lQdGB",
                "xcLYB",
                "xcMGB",
                "xcSYB",
                "xcTGB",
                "xcZYB",
                "xcaGB",
                "xUkE",
                "xUsG",
            ],
        }
    }

    /// The literals to look for.
    #[must_use]
    pub fn anchors(self) -> Vec<Vec<u8>> {
        let base64 = self.base64().iter().map(|literal| literal.as_bytes().to_vec());
        self.binary().iter().map(|literal| literal.to_vec()).chain(base64).collect()
    }

    /// What its value must parse as.
    #[must_use]
    pub const fn structure(self) -> Structure {
        match self {
            Self::Der => Structure::DerPrivateKey,
            Self::KeyStore => Structure::KeyStore,
            Self::OpenPgp => Structure::PgpPackets,
        }
    }
}
