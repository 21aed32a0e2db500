//! From a rule as written to what the engine runs.

use std::borrow::Cow;

use super::analyse::{ByteSet, PatternError, Shape, analyse, value_class};
use super::checks::{Checks, Structure};
use super::container::Container;
use super::file::{PairEntry, RuleEntry};
use super::{MAX_BLOCK, MAX_WINDOW};
use crate::model::grade::Confidence;

/// Fewer bytes than this occur everywhere.
const MIN_ANCHOR: usize = 3;
/// Names of named rules; shorter ones are part of too many words.
const MIN_NAME: usize = 4;
/// What may stand where a name has a hyphen.
const SEPARATORS: [&str; 5] = ["", "-", "_", ".", " "];
/// Letters from which on the begin of a name is rare enough to be looked for by itself …
const RARE: usize = 6;
/// … unless it is one of these words, which are all over source code.
const COMMON: &str = "\
    access account authentication bandwidth better channel client column consumer conversion convert crypto cursor detect digital \
    document encoding engine exchange export flight github google location mailbox message notify package parallel private public readme \
    really recovery redirect refresh registration release request routing search secret security segment select semaphore service simply \
    spaces static storage system testing ticket";
/// How far a value may stand behind the name that a rule needs.
const NAME_REACH: u16 = 96;
/// Bytes to each side that a rule may ask for by `window`: a token in one piece may be that long.
const MAX_ASKED: usize = 8 * 1024;
/// What an author may write between a name and its value is bounded; so is the value.
const MAX_VALUE: usize = 1_000;

/// What a rule with a pattern takes for one line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Line {
    /// A line.
    Plain,
    /// A command, which a backslash at a line's end continues on the next one.
    Command,
    /// A name and its value, each of which may have a name of its own, on one line or two.
    Pair,
}

/// How a rule looks at the window of an anchor.
#[derive(Clone, Debug, PartialEq)]
pub enum Matcher {
    /// A regular expression over part of a line.
    Pattern {
        /// The expression, with its group `secret` and those of [`QUOTED`].
        pattern: Cow<'static, str>,
        /// Bytes before the anchor that belong to the window.
        before: u16,
        /// Bytes behind the anchor's begin that belong to the window.
        after: u16,
        /// What the bytes beside the anchor must look like.
        shape: Shape,
        /// A byte that every match has behind its anchor.
        needs: Option<u8>,
        /// What it takes for one line.
        line: Line,
    },
    /// Everything from the anchor to an end marker.
    Block {
        /// The end marker.
        end: Cow<'static, str>,
    },
    /// A key file, or its base 64, that the anchor stands in.
    Container {
        /// Its kind.
        kind: Container,
    },
    /// A list of codes below the anchor.
    Codes,
    /// Name, operator and value, parsed by code: the generic rules.
    Assignment {
        /// Which of the generic readings of the value applies.
        kind: AssignmentKind,
    },
}

/// The generic readings of an assigned value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AssignmentKind {
    /// Chosen by a person: any characters, need not be random.
    Password,
    /// Made by a machine: a token, key or secret.
    Token,
}

/// What belongs to a rule's secret: an id that names whose it is.
#[derive(Clone, Debug, PartialEq)]
pub struct Pair {
    /// Lines between the two, at most.
    pub within: u8,
    /// How it is told.
    pub half: Half,
}

/// How the other half of a credential is told.
#[derive(Clone, Debug, PartialEq)]
pub enum Half {
    /// One of these rules finds it.
    Rules(Cow<'static, [Cow<'static, str>]>),
    /// No rule does: it is looked for beside the secret only.
    Pattern {
        /// What it is.
        title: Cow<'static, str>,
        /// The expression, with its group `secret`.
        pattern: Cow<'static, str>,
    },
}

/// The groups of a secret between quotes, where a pattern writes `{{quoted:LEAST,MOST}}` or `{{quoted:LEAST,MOST:LEAD}}`: so many characters behind the first
/// one, and `LEAD` before them, between the same quotes.
pub const QUOTED: [&str; 3] = ["secret_single", "secret_double", "secret_escaped"];

/// `pattern` with its quoted arguments written out. Between quotes a shell takes nearly all signs as they are; in double ones a dollar sign or
/// backtick says that something is put in. What begins with an operator is code that puts a command together.
fn quoted_arguments(pattern: &str) -> Cow<'_, str> {
    const OPEN: &str = "{{quoted:";
    let mut rest = pattern;
    let mut expanded = String::new();
    while let Some((before, behind)) = rest.split_once(OPEN)
        && let Some((argument, behind)) = behind.split_once("}}")
    {
        let mut parts = argument.splitn(2, ':');
        let (size, lead) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
        let [single, double, escaped] = QUOTED;
        expanded.push_str(before);
        expanded.push_str(&format!(
            concat!(
                r#"(?:'{lead}(?<{single}>[^'\s$<>{{}}()%`+.\-][^'\s]{{{size}}})'"#,
                r#"|"{lead}(?<{double}>[^"\s$<>{{}}()%`\\+.\-][^"\s$`]{{{size}}})""#,
                r#"|\\"{lead}(?<{escaped}>[^"\s$<>{{}}()%`\\+.\-][^"\s$`\\]{{{size}}})\\")"#
            ),
            lead = lead,
            size = size,
            single = single,
            double = double,
            escaped = escaped,
        ));
        rest = behind;
    }
    if expanded.is_empty() { Cow::Borrowed(pattern) } else { Cow::Owned(expanded + rest) }
}

/// A rule ready for the engine.
#[derive(Clone, Debug, PartialEq)]
pub struct Lowered {
    /// The literals.
    pub anchors: Vec<Vec<u8>>,
    /// The names of a named rule as its author wrote them, a space between them.
    pub names: String,
    /// Whether they, and the pattern, match in any case.
    pub ignore_case: bool,
    /// The look at the window.
    pub matcher: Matcher,
    /// The checks.
    pub checks: Checks,
    /// What belongs to its secret.
    pub pair: Option<Pair>,
}

/// What is wrong with a rule.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RuleError {
    /// Not exactly one of the shapes.
    #[error("a rule has either `anchors` and `pattern`, or `names` and `value`, or `block`, or `container`, or `codes`, or `words`")]
    Form,
    /// The id is not lower-case words joined by hyphens.
    #[error("the id may hold lower-case letters, digits and single hyphens only")]
    Id,
    /// A required text is empty.
    #[error("`{0}` is empty")]
    Empty(&'static str),
    /// The title is no title.
    #[error("the title is longer than 60 characters or ends in a full stop")]
    Title,
    /// An anchor is too short.
    #[error("the anchor {0:?} is shorter than {MIN_ANCHOR} bytes")]
    ShortAnchor(String),
    /// An anchor goes over a line's end.
    #[error("the anchor {0:?} holds a line break: an anchor stands in one line")]
    BrokenAnchor(String),
    /// A name is too short.
    #[error("the name {0:?} is shorter than {MIN_NAME} characters")]
    ShortName(String),
    /// A name has hyphens side by side, or at an end: every one of them would multiply its spellings.
    #[error("the name {0:?} is not made of words joined by single hyphens")]
    Name(String),
    /// The pattern is unusable.
    #[error(transparent)]
    Pattern(#[from] PatternError),
    /// No largest length and no window.
    #[error("a match has no largest length: bound every repetition, or give a `window`")]
    Unbounded,
    /// The window does not hold the longest match.
    #[error("the longest match has {longest} bytes, more than the window of {window} holds: give a `window` (at most {MAX_ASKED})")]
    Window {
        /// Bytes of the longest match.
        longest: usize,
        /// Bytes of the window.
        window: usize,
    },
    /// A call that is none.
    #[error("the call {0:?} is not the name of a function, `(`, and a comma for each argument before the value")]
    Call(String),
    /// A named rule claims too much.
    #[error("a named rule's confidence is at most medium: its value proves nothing by itself")]
    Confidence,
    /// A pair that tells nothing, or too much.
    #[error("`pair` has either `rules`, or `title`, `names` and `value`")]
    Pair,
    /// The value is too broad.
    #[error("the value may be shorter than 6 bytes and no structure check narrows it")]
    Broad,
}

/// Checks `entry` and works out what the engine needs.
pub fn lower(entry: &RuleEntry) -> Result<Lowered, RuleError> {
    documented(entry)?;
    let pair = entry.pair.as_ref().map(pair).transpose()?;
    let checks = entry.checks.checks();
    let has_others = [&entry.words, &entry.anchors, &entry.names].into_iter().any(|texts| !texts.is_empty());
    if !entry.codes.is_empty() && has_others || !entry.calls.is_empty() && entry.names.is_empty() {
        return Err(RuleError::Form);
    }
    if let Some(kind) = entry.container {
        let is_alone = !has_others && entry.codes.is_empty() && entry.pattern.is_none() && entry.value.is_none() && entry.block.is_none();
        return if is_alone { Ok(container(kind, checks, pair)) } else { Err(RuleError::Form) };
    }
    let by_words = |words: &[String], matcher| {
        words.iter().try_for_each(|w| long_enough(w))?;
        let anchors = words.iter().map(|w| w.to_ascii_lowercase().into_bytes()).collect();
        Ok(Lowered { anchors, names: String::new(), ignore_case: true, matcher, checks, pair: None })
    };
    let lowered = match (&entry.pattern, &entry.value, &entry.block) {
        (Some(pattern), None, None) if !entry.anchors.is_empty() && entry.names.is_empty() && entry.words.is_empty() => {
            token(entry, pattern, checks)
        }
        (None, Some(value), None) if !entry.names.is_empty() && entry.anchors.is_empty() && entry.words.is_empty() => {
            named(entry, value, checks)
        }
        (None, None, Some(block)) if entry.anchors.is_empty() && entry.names.is_empty() && entry.words.is_empty() => {
            long_enough(&block.begin)?;
            if block.end.is_empty() {
                return Err(RuleError::Empty("block.end"));
            }
            // Forms write spaces so.
            let mut anchors = vec![block.begin.clone().into_bytes()];
            if block.begin.starts_with('-') && block.begin.contains(' ') {
                anchors.push(block.begin.replace(' ', "+").into_bytes());
            }
            Ok(Lowered {
                anchors,
                names: String::new(),
                ignore_case: false,
                matcher: Matcher::Block { end: block.end.clone().into() },
                checks,
                pair: None,
            })
        }
        (None, None, None) if !entry.words.is_empty() && entry.anchors.is_empty() && entry.names.is_empty() => {
            let kind = if entry.id.get_ref().ends_with("password") { AssignmentKind::Password } else { AssignmentKind::Token };
            by_words(&entry.words, Matcher::Assignment { kind })
        }
        (None, None, None) if !entry.codes.is_empty() => by_words(&entry.codes, Matcher::Codes),
        _ => Err(RuleError::Form),
    };
    let lowered = lowered?;
    // The engine takes a line for the smallest thing that an anchor stands in.
    if let Some(broken) = lowered.anchors.iter().find(|anchor| anchor.iter().any(|b| matches!(b, b'\n' | b'\r'))) {
        return Err(RuleError::BrokenAnchor(String::from_utf8_lossy(broken).into_owned()));
    }
    Ok(Lowered { pair, ..lowered })
}

fn container(kind: Container, checks: Checks, pair: Option<Pair>) -> Lowered {
    let checks = Checks { structure: Some(kind.structure()), ..checks };
    Lowered { anchors: kind.anchors(), names: String::new(), ignore_case: false, matcher: Matcher::Container { kind }, checks, pair }
}

fn pair(entry: &PairEntry) -> Result<Pair, RuleError> {
    let half = match (&entry.title, &entry.value) {
        (None, None) if !entry.rules.is_empty() && entry.names.is_empty() => {
            Half::Rules(entry.rules.iter().map(|id| id.clone().into()).collect())
        }
        (Some(title), Some(value)) if entry.rules.is_empty() && !entry.names.is_empty() => {
            Half::Pattern { title: title.clone().into(), pattern: Names::of(&entry.names, "")?.assigned(value).into() }
        }
        _ => return Err(RuleError::Pair),
    };
    Ok(Pair { within: entry.within, half })
}

fn documented(entry: &RuleEntry) -> Result<(), RuleError> {
    let id = entry.id.get_ref();
    let word = |w: &str| !w.is_empty() && w.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
    if !id.split('-').all(word) {
        return Err(RuleError::Id);
    }
    for (name, text) in [("title", &entry.title), ("impact", &entry.impact), ("remedy", &entry.remedy)] {
        if text.trim().is_empty() {
            return Err(RuleError::Empty(name));
        }
    }
    if entry.title.chars().count() > 60 || entry.title.ends_with('.') {
        return Err(RuleError::Title);
    }
    Ok(())
}

fn long_enough(anchor: &str) -> Result<(), RuleError> {
    if anchor.len() < MIN_ANCHOR { Err(RuleError::ShortAnchor(anchor.to_owned())) } else { Ok(()) }
}

fn token(entry: &RuleEntry, pattern: &str, checks: Checks) -> Result<Lowered, RuleError> {
    let mut anchors = Vec::new();
    for anchor in &entry.anchors {
        long_enough(anchor)?;
        let anchor = if entry.ignore_case { anchor.to_ascii_lowercase() } else { anchor.clone() };
        anchors.push(anchor.into_bytes());
    }
    let expanded = quoted_arguments(pattern);
    let pattern = expanded.as_ref();
    let found = analyse(pattern, &anchors, entry.ignore_case)?;
    let window = entry.window.unwrap_or(MAX_WINDOW).min(MAX_ASKED);
    let (before, after) = match (found.lead, found.longest, entry.window) {
        (Some(lead), Some(longest), _) if longest <= window => (lead, longest),
        (_, Some(longest), None) if longest <= MAX_WINDOW => (longest, longest),
        (_, Some(longest), _) => return Err(RuleError::Window { longest, window }),
        (lead, None, Some(_)) => (lead.unwrap_or(window), window),
        (_, None, None) => return Err(RuleError::Unbounded),
    };
    let before = if checks.named { before.max(NAME_REACH.into()) } else { before };
    let line = if matches!(expanded, Cow::Owned(_)) { Line::Command } else { Line::Plain };
    // One byte more on each side, so that `\b`, `^` and `$` see what really stands there and not the window's edge.
    Ok(Lowered {
        anchors,
        names: String::new(),
        ignore_case: entry.ignore_case,
        matcher: pattern_matcher(pattern.to_owned(), before + 1, after + 1, found.shape, found.needs, line),
        checks,
        pair: None,
    })
}

/// Bytes before a name that are looked at: `checksum/` says that its value is a digest.
const BEFORE_NAME: usize = 9;

fn named(entry: &RuleEntry, value: &str, checks: Checks) -> Result<Lowered, RuleError> {
    if entry.confidence == Confidence::High {
        return Err(RuleError::Confidence);
    }
    let names = Names::of(&entry.names, entry.id.get_ref())?.with_calls(&entry.calls)?;
    let (class, least) = value_class(value)?;
    if least < 6 && !matches!(checks.structure, Some(Structure::UrlCredentials | Structure::BasicAuth)) {
        return Err(RuleError::Broad);
    }
    let pattern = names.assigned(value);
    let longest = analyse(&pattern, &names.anchors, true)?.longest.ok_or(RuleError::Unbounded)?;
    if longest > MAX_VALUE {
        return Err(RuleError::Window { longest, window: MAX_VALUE });
    }
    let shape = Shape {
        before: ByteSet::FULL,
        after: class,
        least: u16::try_from(least.min(24)).unwrap_or(24),
        reach: NAME_REACH + names.rest.min(64) as u16,
    };
    Ok(Lowered {
        anchors: names.anchors,
        names: entry.names.join(" "),
        ignore_case: true,
        matcher: pattern_matcher(pattern, BEFORE_NAME, longest + 1, shape, None, Line::Pair),
        checks,
        pair: None,
    })
}

/// Names of a value, in all their spellings.
struct Names {
    /// What the longest of them begin with: literals to look for.
    anchors: Vec<Vec<u8>>,
    /// A pattern for each.
    patterns: Vec<String>,
    /// Letters of a name that stand behind its anchor, at most.
    rest: usize,
    /// A pattern of the service's own name, for each that is looked for.
    services: Vec<String>,
    /// A pattern for each call that takes the value, up to its quotes.
    calls: Vec<String>,
}

impl Names {
    /// `id` is that of the rule, which begins with the service's name.
    fn of(names: &[String], id: &str) -> Result<Self, RuleError> {
        let id = id.replace('-', "");
        let mut all = Self { anchors: Vec::new(), patterns: Vec::new(), rest: 0, services: Vec::new(), calls: Vec::new() };
        for name in names {
            let name = name.to_ascii_lowercase();
            if name.chars().filter(|&c| c != '-').count() < MIN_NAME {
                return Err(RuleError::ShortName(name));
            }
            let parts: Vec<&str> = name.split('-').collect();
            if parts.contains(&"") {
                return Err(RuleError::Name(name));
            }
            let stem = stem(&parts);
            all.rest = all.rest.max(name.len() - stem.iter().map(|part| part.len()).sum::<usize>());
            let begins = spellings(stem);
            let begin = begins.iter().map(|b| regex_syntax::escape(b)).collect::<Vec<_>>().join("|");
            let rest = parts[stem.len()..].iter().map(|part| format!("[\\-_. ]?{}", regex_syntax::escape(part)));
            all.patterns.push(format!("(?:{begin}){}", rest.collect::<String>()));
            // Where any key of the service is meant, and not one that others stand before.
            if matches!(parts[stem.len()..], ["key" | "token"])
                && !id.ends_with("secret")
                && id.starts_with(&stem.concat())
                && !all.services.contains(&begin)
            {
                all.services.push(begin);
            }
            all.anchors.extend(begins.into_iter().map(String::into_bytes));
        }
        all.tidy();
        Ok(all)
    }

    /// Adds calls: `new Acme(` takes the value first, `Acme.connect(,` as its second argument.
    fn with_calls(mut self, calls: &[String]) -> Result<Self, RuleError> {
        /// An argument before the value, a literal or a name.
        const ARGUMENT: &str = "[ \\t]{0,2}(?:[\"'][^\"'\\r\\n]{0,60}[\"']|[$0-9A-Za-z_.:]{1,40}(?:\\(\\))?)[ \\t]{0,2},";
        /// What the value may be called there, in an object or not.
        const KEYWORD: &str = "[ \\t]{0,2}(?:[\\[{][ \\t]{0,2})?(?:[\"']?[A-Za-z_]{2,24}[\"']?[ \\t]?(?:=>|[:=])[ \\t]?)?";
        for call in calls {
            let (callee, skipped) = call.rsplit_once('(').filter(|(_, skipped)| skipped.bytes().all(|b| b == b',')).unwrap_or_default();
            if !callee.starts_with(|c: char| c.is_ascii_alphabetic()) {
                return Err(RuleError::Call(call.clone()));
            }
            if callee.chars().filter(char::is_ascii_alphanumeric).count() < MIN_NAME {
                return Err(RuleError::ShortName(call.clone()));
            }
            let arguments = ARGUMENT.repeat(skipped.len());
            self.calls.push(format!("\\b(?-i:{}\\(){arguments}{KEYWORD}[\"'`]", regex_syntax::escape(callee)));
            self.anchors.push(format!("{callee}(").to_ascii_lowercase().into_bytes());
            self.rest = self.rest.max(callee.len() + 32 * skipped.len());
        }
        self.tidy();
        Ok(self)
    }

    fn tidy(&mut self) {
        self.anchors.sort_unstable();
        // What begins with another anchor is found with it.
        self.anchors.dedup_by(|longer, anchor| longer.starts_with(anchor));
    }

    /// Name, the rest of the identifier, perhaps a type, operator, opening quotes, value, and no value character behind it. Or the call by which a client
    /// of the service is made, or the command that logs in to it: what these take needs no name.
    fn assigned(&self, value: &str) -> String {
        let services = if self.services.is_empty() {
            String::new()
        } else {
            format!(
                concat!(
                    "|(?i:{})(?:",
                    "[_-]?(?:client|api|sdk)?(?:(?:\\.|::|->)(?:client|api|sdk))?(?:(?:\\.|::|->)(?:new_?|create_?|init(?:ialize)?|configure|setup|connect|login)?(?:client)?)?",
                    "\\((?:[\\w.]{{1,24}}, ?|[\"'][^\"'\\r\\n]{{1,80}}[\"'], ?)?[\"'`]",
                    "|(?:-cli)?(?: (?:auth|login|init|configure|config|set|save|add|token|api[_-]?key)){{1,4}}[ =][\"']?",
                    ")"
                ),
                self.services.join("|")
            )
        };
        let calls = self.calls.iter().map(|call| format!("{call}|")).collect::<String>();
        format!(
            concat!(
                "(?:{calls}(?i:{names})[ \\t\\w.\\-/\\[\\]]{{0,40}}?",
                "(?:[\"'`\\]\\\\]{{0,4}}[ \\t]{{0,8}}(?::[ \\t]{{0,4}}\\w{{1,16}}\\??[ \\t]{{0,8}})?(?:=>|[:.?+|]{{1,3}}=|->|=|:|,|\\(|>|\\)?[ \\t]?(?:\\|\\||\\?[?:])|\\)[ \\t]or|\\|{{1,2}}|\\?\\?|-[ \\t]{{1,4}}[\"'`])[ \\t]{{0,16}}|[ \\t]{{1,4}})",
                "(?:[\"'`(\\\\]|&(?:quot|apos|#39|#34);|\\xe2\\x80[\\x98\\x9c]|\\[\\]byte\\(|\\b(?i:bearer|basic|token|key|apikey)[ \\t=]{{1,2}}){{0,4}}{services})",
                "(?<secret>{value})(?:$|[^0-9A-Za-z_+/\\-])"
            ),
            names = self.patterns.join("|"),
            services = services,
            calls = calls,
            value = value,
        )
    }
}

/// The first parts of a name that are looked for: as few as make a literal that is rare enough. A vendor's many names then share one, which keeps
/// the automaton small; the pattern tells the rest.
fn stem<'n, 'p>(parts: &'p [&'n str]) -> &'p [&'n str] {
    let is_rare =
        |stem: &[&str]| stem.concat().len() >= RARE && !(stem.len() == 1 && COMMON.split_ascii_whitespace().any(|word| word == stem[0]));
    let len = (1..parts.len()).find(|&len| is_rare(&parts[..len])).unwrap_or(parts.len());
    &parts[..len]
}

/// All that `parts` may be written as.
fn spellings(parts: &[&str]) -> Vec<String> {
    let (first, rest) = parts.split_first().expect("a name has a part");
    rest.iter().fold(vec![(*first).to_owned()], |begins, part| {
        begins.iter().flat_map(|begin| SEPARATORS.map(|separator| format!("{begin}{separator}{part}"))).collect()
    })
}

fn pattern_matcher(pattern: String, before: usize, after: usize, shape: Shape, needs: Option<u8>, line: Line) -> Matcher {
    let bounded = |n: usize| u16::try_from(n.min(MAX_BLOCK)).unwrap_or(u16::MAX);
    Matcher::Pattern { pattern: pattern.into(), before: bounded(before), after: bounded(after), shape, needs, line }
}
