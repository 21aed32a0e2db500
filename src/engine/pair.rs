//! Pairs: what names an application, beside the secret that lets one act as it.
//!
//! An id alone opens nothing, and a secret whose application nobody knows is hard to use. Both together work. Ids without a rule of their own are
//! looked for here only, near a secret that is reported: elsewhere they cost nothing and mean nothing.

use std::ops::Range;

use super::{REACH, assignment, checks};
use crate::model::Severity;
use crate::rules::format::{Half, Pair};
use crate::rules::{Matcher, Rule, RuleSet};

/// Bytes to each side of a secret in which its other half is looked for, whatever the lines.
const AROUND: usize = 4 << 10;
const _: () = assert!(AROUND < REACH, "a chunk shows this much around what it reports");

/// Where a pair is told by its names alone: so many lines between them at most.
const BY_NAME: u8 = 10;

/// Nothing before this is looked at for the id that belongs to `secret`.
#[must_use]
pub const fn begin(secret: &Range<usize>) -> usize {
    secret.start.saturating_sub(AROUND)
}

/// The other half of a credential.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Partner<'r> {
    /// What it is.
    pub title: &'r str,
    /// The rule that finds it elsewhere, if one does.
    pub rule: Option<u16>,
    /// Where it stands.
    pub span: Range<usize>,
}

/// The id that belongs to `secret`, which the rule of that index found in `text`.
#[must_use]
pub fn partner<'r>(rules: &'r RuleSet, rule: u16, text: &[u8], secret: &Range<usize>) -> Option<Partner<'r>> {
    let rule = &rules.rules()[usize::from(rule)];
    let Some(Pair { within, half }) = &rule.pair else {
        return by_name(rules, rule, text, secret);
    };
    let near = Near { text, secret, within: *within };
    let partner = match half {
        Half::Rules(ids) => {
            let found = ids.iter().filter_map(|id| {
                let index = rules.index(id)?;
                let other = &rules.rules()[usize::from(index)];
                let (key, span) = near.nearest(|line, each| ids_of(other, text, line, each))?;
                Some((key, Partner { title: &other.info.title, rule: Some(index), span }))
            });
            found.min_by_key(|(key, _)| *key).map(|(_, partner)| partner)
        }
        Half::Pattern { title, .. } => {
            let regex = rule.half()?;
            let (_, span) = near.nearest(|line, each| matches_of(regex, text, line, each))?;
            Some(Partner { title, rule: None, span })
        }
    };
    partner.or_else(|| by_name(rules, rule, text, secret))
}

/// Where an id stands, as far as it decides between several: lines away, how little its line begins like the secret's, whether behind, offset.
/// Ids usually come first, and `A_ID` belongs to `A_SECRET`.
type Key = (usize, std::cmp::Reverse<usize>, bool, usize);

/// The surroundings of a secret.
struct Near<'a> {
    text: &'a [u8],
    secret: &'a Range<usize>,
    /// Lines to each side.
    within: u8,
}

impl Near<'_> {
    /// The nearest of the spans that `find` tells of each line, which must not be the secret itself.
    fn nearest(&self, find: impl Fn(Range<usize>, &mut dyn FnMut(Range<usize>))) -> Option<(Key, Range<usize>)> {
        let Self { text, secret, .. } = self;
        let own = self.line(secret.start);
        let mut best: Option<(Key, Range<usize>)> = None;
        for (away, line) in self.lines() {
            let alike = alike(&text[line.clone()], &text[own.clone()]);
            find(line, &mut |span: Range<usize>| {
                let apart = span.end <= secret.start || secret.end <= span.start;
                if !apart || text[span.clone()] == text[(*secret).clone()] {
                    return;
                }
                let key = (away, std::cmp::Reverse(alike), span.start > secret.start, span.start);
                if best.as_ref().is_none_or(|(known, _)| key < *known) {
                    best = Some((key, span));
                }
            });
        }
        best
    }

    /// The line that holds `at`, as far as it is looked at.
    fn line(&self, at: usize) -> Range<usize> {
        let (from, to) = (self.secret.start.saturating_sub(AROUND), (self.secret.end + AROUND).min(self.text.len()));
        let start = memchr::memrchr(b'\n', &self.text[from..at]).map_or(from, |i| from + i + 1);
        let end = memchr::memchr(b'\n', &self.text[at..to]).map_or(to, |i| at + i);
        start..end
    }

    /// The lines around the secret and how far each is from it, its own first.
    fn lines(&self) -> Vec<(usize, Range<usize>)> {
        let (from, to) = (self.secret.start.saturating_sub(AROUND), (self.secret.end + AROUND).min(self.text.len()));
        let own = self.line(self.secret.start);
        let (mut up, mut down) = (own.start, self.line(self.secret.end.max(self.secret.start)).end);
        let mut lines = vec![(0, own.start..down)];
        for away in 1..=usize::from(self.within) {
            if up > from {
                let line = self.line(up - 1);
                up = line.start;
                lines.push((away, line));
            }
            if down < to {
                let line = self.line(down + 1);
                down = line.end;
                lines.push((away, line));
            }
        }
        lines
    }
}

/// How many bytes two lines share at their begin, indentation aside.
fn alike(a: &[u8], b: &[u8]) -> usize {
    a.trim_ascii_start().iter().zip(b.trim_ascii_start()).take_while(|(a, b)| a == b).count()
}

/// The values that `rule` finds on a line.
fn ids_of(rule: &Rule, text: &[u8], line: Range<usize>, each: &mut dyn FnMut(Range<usize>)) {
    // No match without an anchor; an expression that is not needed is not compiled, which takes longer than all else here.
    let stands = |anchor: &[u8]| text[line.clone()].windows(anchor.len()).any(|w| w.eq_ignore_ascii_case(anchor));
    if !rule.anchors.iter().any(|anchor| stands(anchor)) {
        return;
    }
    if let (Some(regex), Matcher::Pattern { .. }) = (rule.regex(), &rule.matcher) {
        for captures in regex.captures_iter(&text[line.clone()]) {
            if let Some(id) = captures.name("secret")
                && let Some(whole) = captures.get(0)
                && checks::judge(rule, id.as_bytes(), whole.as_bytes()).is_ok()
            {
                each(line.start + id.start()..line.start + id.end());
            }
        }
    }
}

/// What `regex` finds on a line.
fn matches_of(regex: &regex::bytes::Regex, text: &[u8], line: Range<usize>, each: &mut dyn FnMut(Range<usize>)) {
    for captures in regex.captures_iter(&text[line.clone()]) {
        if let Some(id) = captures.name("secret").filter(|id| is_literal(id.as_bytes())) {
            each(line.start + id.start()..line.start + id.end());
        }
    }
}

fn is_literal(value: &[u8]) -> bool {
    checks::reference(value).is_none() && checks::placeholder(value).is_none() && checks::encrypted(value).is_none()
}

/// Whether `value` is the name of a package, as apps are called: `com.acme.app`.
fn is_package(value: &[u8]) -> bool {
    let is_name = |part: &[u8]| !part.is_empty() && part.iter().all(|b| b.is_ascii_lowercase() || *b == b'_');
    value.split(|&b| b == b'.').count() > 2 && value.split(|&b| b == b'.').all(is_name)
}

/// `CLIENT_ID` beside `CLIENT_SECRET`, `account_sid` beside `auth_token`: what is assigned to the secret's own name, but for its last word.
fn by_name<'r>(rules: &'r RuleSet, secrets: &Rule, text: &[u8], secret: &Range<usize>) -> Option<Partner<'r>> {
    /// An id has at most so many bytes.
    const MOST: usize = 128;
    let near = Near { text, secret, within: BY_NAME };
    let own = near.line(secret.start);
    let wanted = |name| names_of_ids(&squeezed(&text[name]));
    let wanted = words(text, own.start..secret.start).map(wanted).filter(|wanted| !wanted.is_empty()).last()?;
    let (_, span) = near.nearest(|line, each| {
        for name in words(text, line).filter(|name| name.len() <= 64 && wanted.contains(&squeezed(&text[name.clone()]))) {
            let Some(value) = assignment::assigned(text, &name) else { continue };
            let bytes = &text[value.clone()];
            let quoted = matches!(text[value.start - 1], b'"' | b'\'' | b'`');
            let made = quoted || bytes.iter().any(u8::is_ascii_digit);
            if made
                && (3..=MOST).contains(&bytes.len())
                && !bytes.iter().any(u8::is_ascii_whitespace)
                && is_literal(bytes)
                && !is_package(bytes)
            {
                each(value);
            }
        }
    })?;
    // An id that a rule knows is that rule's.
    let line = near.line(span.start);
    let knows = |rule: &Rule| {
        let mut known = false;
        ids_of(rule, text, line.clone(), &mut |id| known |= id == span);
        known
    };
    let ids = rules.rules().iter().filter_map(|rule| match &rule.pair {
        Some(Pair { half: Half::Rules(ids), .. }) => Some(ids.iter()),
        _ => None,
    });
    // What its provider calls a low matter is an id, whether a pair names it or not.
    let is_note = |rule: &Rule| rule.info.provider == secrets.info.provider && rule.info.severity == Severity::Low;
    let notes = rules.rules().iter().filter(|rule| is_note(rule)).map(|rule| &rule.info.id);
    let known = ids.flatten().map(AsRef::as_ref).chain(notes.map(AsRef::as_ref));
    let rule = known.filter_map(|id: &str| rules.index(id)).find(|&index| knows(&rules.rules()[usize::from(index)]));
    let title = rule.map_or("Application id", |index| &rules.rules()[usize::from(index)].info.title);
    Some(Partner { title, rule, span })
}

/// Runs of bytes that names are made of.
fn words(text: &[u8], within: Range<usize>) -> impl Iterator<Item = Range<usize>> + '_ {
    let mut at = within.start;
    std::iter::from_fn(move || {
        at += text[at..within.end].iter().position(|&b| assignment::name_byte(b))?;
        let len = text[at..within.end].iter().take_while(|&&b| assignment::name_byte(b)).count();
        at += len;
        Some(at - len..at)
    })
}

/// A name without what separates its words, in lower case.
fn squeezed(name: &[u8]) -> Vec<u8> {
    name.iter().filter(|b| b.is_ascii_alphanumeric()).map(u8::to_ascii_lowercase).collect()
}

/// The names, squeezed, of the id that belongs to a secret of that name.
fn names_of_ids(secret: &[u8]) -> Vec<Vec<u8>> {
    if let Some(stem) = secret.strip_suffix(b"authtoken") {
        return vec![[stem, b"accountsid"].concat()];
    }
    for (private, public) in [(&b"private"[..], &[&b"public"[..]][..]), (b"privatekey", &[b"publickey", b"apikey"])] {
        if let Some(stem) = secret.strip_suffix(private) {
            return public.iter().map(|end| [stem, end].concat()).collect();
        }
    }
    let Some(at) = memchr::memmem::rfind(secret, b"secret") else { return Vec::new() };
    let (stem, tail) = (&secret[..at], &secret[at + 6..]);
    let ends: &[&str] = match (stem.is_empty(), tail) {
        (true, b"") => &["clientid", "appid", "applicationid", "accesskey", "accesskeyid", "keyid"],
        (true, b"key" | b"accesskey") => &["accesskey", "accesskeyid", "keyid"],
        // `API_KEY` beside `API_KEY_SECRET`.
        (false, b"") if stem.ends_with(b"key") => &["", "id"],
        (false, b"") => &["id", "clientid", "key", "keyid"],
        (false, b"key" | b"value" | b"accesskey") => &["id", "keyid", "apikey", "accesskey", "accesskeyid"],
        _ => &[],
    };
    ends.iter().map(|end| [stem, end.as_bytes()].concat()).collect()
}

#[cfg(test)]
mod tests {
    use super::partner;
    use crate::engine::{Engine, Silent, Text};
    use crate::rules::RuleSet;
    use crate::rules::template::fill;

    /// What stands beside the first secret of `text` of which it is told that it is one, in lines joined by `|`.
    fn check(template: &str) -> Option<String> {
        let text = fill(&template.replace('|', "\n"), "pair").unwrap();
        let engine = Engine::new(RuleSet::built_in());
        let mut matches = Vec::new();
        engine.scanner().scan(Text::whole(text.as_bytes()), &mut matches, &mut Silent);
        let found = matches.iter().find_map(|m| partner(engine.rules(), m.rule, text.as_bytes(), &m.secret));
        found.map(|p| format!("{}: {}", p.title, &text[p.span]))
    }

    #[test]
    fn ids_are_told_by_their_names() {
        for line in [
            "APPLICATION_ID=app-4711|APPLICATION_SECRET={{base62:37}}a7",
            "client_secret: \"{{base62:37}}a7\"|client_id: \"app-4711\"",
            "{\"clientId\": \"app-4711\", \"clientSecret\": \"{{base62:37}}a7\"}",
            "<add key=\"AcmeClientId\" value=\"app-4711\" />|<add key=\"AcmeClientSecret\" value=\"{{base62:37}}a7\" />",
            "https://acme.io/?client_id=app-4711&client_secret={{base62:37}}a7",
            "consumer_key = 'app-4711'|consumer_secret = '{{base62:37}}a7'",
            "ACME_API_KEY=app-4711|ACME_SECRET_KEY={{base62:37}}a7",
            "acmeApiKey: app-4711|acmeApiKeySecret: {{base62:37}}a7",
            "ACME_CLIENT_ID=app-4711|ACME_SECRET={{base62:37}}a7",
            "ACME_PUBLIC_KEY=app-4711|ACME_PRIVATE_KEY={{base62:37}}a7",
            "A_ID=other-1|A_NAME=x|B_ID=app-4711|B_SECRET={{base62:37}}a7|C_ID=third-2",
        ] {
            assert_eq!(check(line).as_deref(), Some("Application id: app-4711"), "{line}");
        }
    }

    #[test]
    fn what_is_no_pair() {
        for line in [
            "CLIENT_SECRET={{base62:37}}a7",
            "CLIENT_ID=$CLIENT_ID|CLIENT_SECRET={{base62:37}}a7",
            "CLIENT_ID=your-client-id-here|CLIENT_SECRET={{base62:37}}a7",
            "client_id = load_id|client_secret = \"{{base62:37}}a7\"",
            "OTHER_ID=app-4711|CLIENT_SECRET={{base62:37}}a7",
            "applicationId \"net.acme.app\"|applicationSecret = \"{{base62:37}}a7\"",
            "CLIENT_ID=app-4711||||||||||||CLIENT_SECRET={{base62:37}}a7",
        ] {
            assert_eq!(check(line), None, "{line}");
        }
    }

    #[test]
    fn rules_say_what_belongs_to_their_secret() {
        let text =
            "[prod]|aws_access_key_id = {{aws_key_id}}|aws_secret_access_key = {{base64:37}}9Ka|[dev]|aws_access_key_id = {{aws_key_id}}";
        let filled = fill(&text.replace('|', "\n"), "pair").unwrap();
        let first = filled.lines().nth(1).and_then(|line| line.rsplit(' ').next()).unwrap();
        assert_eq!(check(text), Some(format!("AWS access key id: {first}")));
        for (line, title) in [
            ("TWILIO_ACCOUNT_SID=AC{{hex:32}}|TWILIO_AUTH_TOKEN={{hex:32}}", "Twilio account SID"),
            ("account_sid = \"AC{{hex:32}}\"|auth_token = \"{{hex:32}}\"", "Twilio account SID"),
            ("ALGOLIA_APP_ID={{BASE36:10}}|ALGOLIA_ADMIN_KEY={{hex:32}}", "Algolia application id"),
            ("DD_API_KEY={{hex:32}}|DD_APP_KEY={{hex:40}}", "Datadog API key"),
            ("ARM_CLIENT_ID={{uuid}}|ARM_CLIENT_SECRET={{base62:3}}8Q~{{base62:34}}", "Entra application id"),
        ] {
            let told = check(line).unwrap_or_default();
            assert!(told.starts_with(title), "{line}: {told}");
        }
    }
}
