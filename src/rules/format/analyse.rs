//! What can be known of a pattern without running it: whether an anchor stands in every match, how far a match reaches to each side of
//! it, and which bytes must follow. From the last comes the shape gate, which spares nearly all regex runs.

use regex_syntax::ParserBuilder;
use regex_syntax::hir::{Class, Hir, HirKind, Look};

use super::QUOTED;

/// A set of byte values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ByteSet(pub [u64; 4]);

impl ByteSet {
    /// No byte.
    pub const EMPTY: Self = Self([0; 4]);
    /// Every byte.
    pub const FULL: Self = Self([u64::MAX; 4]);

    /// Whether `byte` is in the set.
    #[inline]
    #[must_use]
    pub const fn contains(&self, byte: u8) -> bool {
        self.0[(byte >> 6) as usize] >> (byte & 63) & 1 == 1
    }

    /// Adds `byte`.
    pub const fn insert(&mut self, byte: u8) {
        self.0[(byte >> 6) as usize] |= 1 << (byte & 63);
    }

    fn union(&mut self, other: &Self) {
        for (mine, theirs) in self.0.iter_mut().zip(other.0) {
            *mine |= theirs;
        }
    }

    fn not_word() -> Self {
        let mut set = Self::EMPTY;
        for byte in 0..=u8::MAX {
            if !is_word(byte) {
                set.insert(byte);
            }
        }
        set
    }
}

/// `\w` without Unicode.
#[must_use]
pub const fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

/// Necessary conditions beside an anchor, cheap enough for every hit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shape {
    /// Bytes that may stand right before the anchor; the start of the text always may.
    pub before: ByteSet,
    /// Bytes of the run right behind the anchor …
    pub after: ByteSet,
    /// … the least length of that run …
    pub least: u16,
    /// … and how many bytes behind the anchor it may begin, on the same line.
    pub reach: u16,
}

impl Shape {
    /// Lets everything pass.
    pub const ANY: Self = Self { before: ByteSet::FULL, after: ByteSet::FULL, least: 0, reach: 0 };
}

/// What [`analyse`] finds out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Analysis {
    /// The furthest an anchor begins behind its match's begin.
    pub lead: Option<usize>,
    /// The longest match, if there is a longest.
    pub longest: Option<usize>,
    /// The shape gate.
    pub shape: Shape,
    /// A byte, no letter or digit, that every match has behind its anchor.
    pub needs: Option<u8>,
}

/// Why a pattern cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PatternError {
    /// It does not parse.
    #[error("the pattern does not parse: {0}")]
    Syntax(String),
    /// A match without any anchor is possible.
    #[error("a match is possible without any of the anchors")]
    NoAnchor,
    /// There is no group `secret`.
    #[error("the pattern has no group (?<secret>…)")]
    NoSecret,
    /// It can match the empty string.
    #[error("the pattern can match nothing at all")]
    Empty,
}

/// Parses `pattern` (over bytes, without Unicode) and relates it to its anchors.
pub fn analyse(pattern: &str, anchors: &[Vec<u8>], ignore_case: bool) -> Result<Analysis, PatternError> {
    let hir = ParserBuilder::new()
        .utf8(false)
        .unicode(false)
        .case_insensitive(ignore_case)
        .build()
        .parse(pattern)
        .map_err(|e| PatternError::Syntax(e.to_string()))?;
    if hir.properties().minimum_len().unwrap_or(0) == 0 {
        return Err(PatternError::Empty);
    }
    if !has_secret(&hir) {
        return Err(PatternError::NoSecret);
    }
    let search = Search { anchors, fold: ignore_case };
    let mut parts = Vec::new();
    search.flatten(&hir, &mut parts);
    let lead = search.lead(&parts).ok_or(PatternError::NoAnchor)?;
    Ok(Analysis { lead: lead.most, longest: hir.properties().maximum_len(), shape: search.shape(&parts), needs: search.needs(&parts) })
}

/// The bytes a run of `pattern` may consist of, and the least length of a match.
pub fn value_class(pattern: &str) -> Result<(ByteSet, usize), PatternError> {
    let hir = ParserBuilder::new().utf8(false).unicode(false).build().parse(pattern).map_err(|e| PatternError::Syntax(e.to_string()))?;
    let mut set = ByteSet::EMPTY;
    bytes_of(&hir, &mut set);
    match hir.properties().minimum_len() {
        Some(least) if least > 0 => Ok((set, least)),
        _ => Err(PatternError::Empty),
    }
}

fn has_secret(hir: &Hir) -> bool {
    match hir.kind() {
        HirKind::Capture(group) => {
            group.name.as_deref().is_some_and(|name| name == "secret" || QUOTED.contains(&name)) || has_secret(&group.sub)
        }
        HirKind::Concat(subs) => subs.iter().any(has_secret),
        HirKind::Alternation(subs) => subs.iter().all(has_secret),
        HirKind::Repetition(rep) => rep.min > 0 && has_secret(&rep.sub),
        _ => false,
    }
}

fn bytes_of(hir: &Hir, set: &mut ByteSet) {
    match hir.kind() {
        HirKind::Literal(literal) => literal.0.iter().for_each(|&b| set.insert(b)),
        HirKind::Class(class) => set.union(&class_set(class)),
        HirKind::Repetition(rep) => bytes_of(&rep.sub, set),
        HirKind::Capture(group) => bytes_of(&group.sub, set),
        HirKind::Concat(subs) | HirKind::Alternation(subs) => subs.iter().for_each(|s| bytes_of(s, set)),
        HirKind::Empty | HirKind::Look(_) => {}
    }
}

fn class_set(class: &Class) -> ByteSet {
    let mut set = ByteSet::EMPTY;
    match class {
        Class::Bytes(class) => {
            for range in class.iter() {
                (range.start()..=range.end()).for_each(|b| set.insert(b));
            }
        }
        Class::Unicode(class) => {
            // With Unicode off only ASCII classes come in this form.
            for range in class.iter() {
                for c in range.start()..=range.end() {
                    match u8::try_from(u32::from(c)) {
                        Ok(b) => set.insert(b),
                        Err(_) => return ByteSet::FULL,
                    }
                }
            }
        }
    }
    set
}

/// One stretch of a flattened pattern.
enum Part<'h> {
    /// One of these strings, exactly.
    Exact(Vec<Vec<u8>>),
    /// A condition without length.
    Look(Look),
    /// Anything else.
    Other(&'h Hir),
}

/// Where anchors begin within a match.
#[derive(Clone, Copy)]
struct Lead {
    /// At most so far behind the match's begin; `None` where there is no bound.
    most: Option<usize>,
}

struct Search<'a> {
    anchors: &'a [Vec<u8>],
    fold: bool,
}

/// More strings than this are not worked out one by one.
const MAX_STRINGS: usize = 96;

impl Search<'_> {
    fn fold(&self, byte: u8) -> u8 {
        if self.fold { byte.to_ascii_lowercase() } else { byte }
    }

    /// All strings of a finite, small language (folded where case does not matter).
    fn strings(&self, hir: &Hir) -> Option<Vec<Vec<u8>>> {
        let mut out = match hir.kind() {
            HirKind::Empty => vec![vec![]],
            HirKind::Literal(literal) => vec![literal.0.iter().map(|&b| self.fold(b)).collect()],
            HirKind::Class(class) => {
                let set = class_set(class);
                let mut bytes: Vec<u8> = (0..=u8::MAX).filter(|&b| set.contains(b)).map(|b| self.fold(b)).collect();
                bytes.sort_unstable();
                bytes.dedup();
                if bytes.len() > 8 {
                    return None;
                }
                bytes.into_iter().map(|b| vec![b]).collect()
            }
            HirKind::Capture(group) => self.strings(&group.sub)?,
            HirKind::Alternation(subs) => {
                let mut all = Vec::new();
                for sub in subs {
                    all.extend(self.strings(sub)?);
                }
                all
            }
            HirKind::Concat(subs) => {
                let mut all = vec![vec![]];
                for sub in subs {
                    all = product(&all, &self.strings(sub)?)?;
                }
                all
            }
            HirKind::Repetition(rep) => {
                let max = rep.max.filter(|&m| m <= 4)?;
                let one = self.strings(&rep.sub)?;
                let mut power = vec![vec![]];
                let mut all = Vec::new();
                for n in 0..=max {
                    if n >= rep.min {
                        all.extend(power.iter().cloned());
                    }
                    if n < max {
                        power = product(&power, &one)?;
                    }
                }
                all
            }
            HirKind::Look(_) => return None,
        };
        out.sort();
        out.dedup();
        (out.len() <= MAX_STRINGS).then_some(out)
    }

    fn flatten<'h>(&self, hir: &'h Hir, parts: &mut Vec<Part<'h>>) {
        match hir.kind() {
            HirKind::Concat(subs) => subs.iter().for_each(|s| self.flatten(s, parts)),
            HirKind::Capture(group) => self.flatten(&group.sub, parts),
            HirKind::Look(look) => parts.push(Part::Look(*look)),
            HirKind::Empty => {}
            _ => match self.strings(hir) {
                Some(strings) => {
                    if let Some(Part::Exact(before)) = parts.last_mut()
                        && let Some(joined) = product(before, &strings)
                    {
                        *before = joined;
                    } else {
                        parts.push(Part::Exact(strings));
                    }
                }
                None => parts.push(Part::Other(hir)),
            },
        }
    }

    /// The first anchor in `text`: its begin and end.
    fn find(&self, text: &[u8]) -> Option<(usize, usize)> {
        (0..text.len()).find_map(|at| {
            let anchor = self.anchors.iter().find(|a| text[at..].starts_with(a))?;
            Some((at, at + anchor.len()))
        })
    }

    /// Where anchors begin, provided that every match has one.
    fn lead(&self, parts: &[Part<'_>]) -> Option<Lead> {
        let mut before = Some(0usize);
        // The strings that end where the next part begins, and `before` without them: what branches have in common stands before them, and an
        // anchor may begin in it.
        let mut common: (Vec<Vec<u8>>, Option<usize>) = (vec![vec![]], before);
        for part in parts {
            match part {
                Part::Look(_) => {}
                Part::Exact(strings) => {
                    let found: Option<Vec<usize>> = strings.iter().map(|s| self.find(s).map(|(at, _)| at)).collect();
                    if let Some(at) = found {
                        let most = at.into_iter().max().unwrap_or(0);
                        return Some(Lead { most: before.and_then(|b| b.checked_add(most)) });
                    }
                    common = (strings.clone(), before);
                    let longest = strings.iter().map(Vec::len).max().unwrap_or(0);
                    before = before.and_then(|b| b.checked_add(longest));
                }
                Part::Other(hir) => {
                    if let Some(inner) = self.lead_within(hir, &common.0) {
                        return Some(Lead { most: common.1.zip(inner.most).and_then(|(b, i)| b.checked_add(i)) });
                    }
                    before = before.zip(hir.properties().maximum_len()).and_then(|(b, n)| b.checked_add(n));
                    common = (vec![vec![]], before);
                }
            }
        }
        None
    }

    /// The same for `hir` behind one of `common`.
    fn lead_within(&self, hir: &Hir, common: &[Vec<u8>]) -> Option<Lead> {
        let behind = |sub: &Hir| {
            let mut parts = vec![Part::Exact(common.to_vec())];
            self.flatten(sub, &mut parts);
            self.lead(&parts)
        };
        match hir.kind() {
            HirKind::Alternation(subs) => {
                let mut most = Some(0);
                for sub in subs {
                    let lead = behind(sub)?;
                    most = most.zip(lead.most).map(|(a, b)| a.max(b));
                }
                Some(Lead { most })
            }
            HirKind::Repetition(rep) if rep.min > 0 => behind(&rep.sub),
            _ => None,
        }
    }

    /// Necessary conditions around the anchor; [`Shape::ANY`] where nothing simple holds.
    fn shape(&self, parts: &[Part<'_>]) -> Shape {
        let mut shape = Shape::ANY;
        let Some(index) = parts.iter().position(|p| matches!(p, Part::Exact(s) if s.iter().all(|s| self.find(s).is_some()))) else {
            return shape;
        };
        let Part::Exact(strings) = &parts[index] else { return shape };
        let places: Vec<(usize, usize, usize)> =
            strings.iter().filter_map(|s| self.find(s).map(|(from, to)| (from, to, s.len()))).collect();
        // A second anchor further on in the same string would need conditions of its own.
        if strings.iter().zip(&places).any(|(s, &(from, _, _))| self.find(&s[from + 1..]).is_some()) {
            return shape;
        }
        if places.iter().all(|&(from, _, _)| from == 0) {
            shape.before = self.before(&parts[..index], strings);
        }
        if places.iter().all(|&(_, to, len)| to == len) {
            (shape.after, shape.least) = run_after(&parts[index + 1..]);
        }
        shape
    }

    /// The rarest sign that every match has behind the part with the anchor: one `memchr` then spares a regex run.
    fn needs(&self, parts: &[Part<'_>]) -> Option<u8> {
        const RAREST_FIRST: &[u8] = b"@^~|!$%;?&+#:=./-_";
        let index = parts.iter().position(|p| matches!(p, Part::Exact(s) if s.iter().all(|s| self.find(s).is_some())))?;
        let behind = &parts[index + 1..];
        RAREST_FIRST
            .iter()
            .copied()
            .find(|sign| behind.iter().any(|p| matches!(p, Part::Exact(strings) if strings.iter().all(|s| s.contains(sign)))))
    }

    fn before(&self, parts: &[Part<'_>], strings: &[Vec<u8>]) -> ByteSet {
        match parts {
            [.., Part::Look(Look::WordAscii)] if strings.iter().all(|s| is_word(s[0])) => ByteSet::not_word(),
            [.., Part::Look(Look::WordStartAscii | Look::WordStartHalfAscii)] => ByteSet::not_word(),
            [Part::Other(hir)] => boundary_class(hir).unwrap_or(ByteSet::FULL),
            _ => ByteSet::FULL,
        }
    }
}

/// The class in `(?:^|[class])`.
fn boundary_class(hir: &Hir) -> Option<ByteSet> {
    let HirKind::Alternation(subs) = hir.kind() else { return None };
    let mut set = ByteSet::EMPTY;
    for sub in subs {
        match sub.kind() {
            HirKind::Look(Look::Start | Look::StartLF) => {}
            HirKind::Class(class) => set.union(&class_set(class)),
            _ => return None,
        }
    }
    Some(set)
}

/// The bytes and the least length of the run at the begin of `parts`, up to the first part that may be absent or is no class.
fn run_after(parts: &[Part<'_>]) -> (ByteSet, u16) {
    /// Longer runs than this filter no better.
    const ENOUGH: usize = 24;
    let mut set = ByteSet::EMPTY;
    let mut least = 0;
    for part in parts {
        if least >= ENOUGH {
            break;
        }
        match part {
            Part::Look(_) => {}
            Part::Exact(strings) => {
                strings.iter().flatten().for_each(|&b| {
                    set.insert(b.to_ascii_lowercase());
                    set.insert(b.to_ascii_uppercase());
                });
                let (shortest, longest) = strings.iter().fold((usize::MAX, 0), |(a, b), s| (a.min(s.len()), b.max(s.len())));
                least += shortest;
                if shortest != longest {
                    break;
                }
            }
            Part::Other(hir) => {
                bytes_of(hir, &mut set);
                let properties = hir.properties();
                least = least.saturating_add(properties.minimum_len().unwrap_or(0));
                if properties.minimum_len() != properties.maximum_len() {
                    break;
                }
            }
        }
    }
    (set, u16::try_from(least.min(ENOUGH)).unwrap_or(0))
}

fn product(left: &[Vec<u8>], right: &[Vec<u8>]) -> Option<Vec<Vec<u8>>> {
    if left.len() * right.len() > MAX_STRINGS {
        return None;
    }
    Some(left.iter().flat_map(|l| right.iter().map(|r| [l.as_slice(), r].concat())).collect())
}

#[cfg(test)]
mod tests {
    use super::{Analysis, PatternError, analyse};

    fn check(pattern: &str, anchors: &[&str]) -> Result<Analysis, PatternError> {
        let anchors: Vec<Vec<u8>> = anchors.iter().map(|a| a.as_bytes().to_vec()).collect();
        analyse(pattern, &anchors, false)
    }

    #[test]
    fn a_prefixed_token() {
        let found = check(r"\b(?<secret>acmd_[0-9a-z]{24})\b", &["acmd_"]).unwrap();
        assert_eq!((found.lead, found.longest), (Some(0), Some(29)));
        assert_eq!(found.shape.least, 24);
        assert!(found.shape.after.contains(b'7') && !found.shape.after.contains(b'A'));
        assert!(found.shape.before.contains(b'=') && !found.shape.before.contains(b'x'));
    }

    #[test]
    fn alternatives_spell_out_their_anchors() {
        let found = check(r"(?:^|[^\w-])(?<secret>gl(?:pat|dt)-[\w-]{20})", &["glpat-", "gldt-"]).unwrap();
        assert_eq!((found.lead, found.needs), (Some(1), None));
        assert!(!found.shape.before.contains(b'-') && found.shape.before.contains(b' '));
        assert_eq!(found.shape.least, 20);
    }

    #[test]
    fn a_sign_that_every_match_has() {
        let found = check(r"http://[^\s:@/]{1,40}:(?<secret>[^\s@/]{4,80})@[\w.-]{1,80}", &["http://"]).unwrap();
        assert_eq!(found.needs, Some(b'@'));
    }

    #[test]
    fn an_anchor_inside_the_match() {
        let found = check(r"\b(?<secret>sk-[0-9A-Za-z]{20}T3Blbk[0-9A-Za-z]{20})\b", &["T3Blbk"]).unwrap();
        assert_eq!((found.lead, found.longest), (Some(23), Some(49)));
    }

    #[test]
    fn matches_without_anchor_are_refused() {
        assert_eq!(check(r"(?<secret>(?:acme|zeta)_[a-z]{9})", &["acme_"]), Err(PatternError::NoAnchor));
        assert_eq!(check(r"(?<secret>[a-z]{9})(?:acme_)?", &["acme_"]), Err(PatternError::NoAnchor));
        assert_eq!(check(r"acme_[a-z]{9}", &["acme_"]), Err(PatternError::NoSecret));
        assert_eq!(check(r"(?<secret>[a-z]*)", &["acme_"]), Err(PatternError::Empty));
    }

    #[test]
    fn lengths_beyond_any_number_are_no_bound() {
        let most = "(?:[a-z]{4294967295}){4294967295}";
        for (before, inside) in [(format!("{most}{most}"), ""), (most.to_owned(), most)] {
            let found = check(&format!("{before}(?:(?:{inside}[0-9]?acmd_)|(?:y?acmd_))(?<secret>x)"), &["acmd_"]).unwrap();
            assert_eq!((found.lead, found.longest), (None, None));
        }
        let found = check(&format!("(?<secret>acmd_[0-9]{{5}}(?:{most}){{9}})"), &["acmd_"]).unwrap();
        assert_eq!((found.longest, found.shape.least), (None, 24));
    }
}
