//! `keysift explain`.

use std::borrow::Cow;
use std::ops::Range;
use std::path::Path;
use std::{env, fs};

use clap::Args;
use keysift::decode::{self, Encoding};
use keysift::engine::checks::{self, Objection};
use keysift::engine::classify::LOW;
use keysift::engine::context::{FileKind, PathContext};
use keysift::engine::weigh::{Weighed, weigh};
use keysift::engine::{Engine, Match, Observer, Text, Verdict, Why, pair};
use keysift::git;
use keysift::model::{Confidence, ReportPath, Secret};
use keysift::report::escape;
use keysift::rules::Gate;
use keysift::source::{Filter, Tree, surroundings};

use super::config::Config;
use super::settings::RuleSettings;
use super::{Exit, Failure, print};

/// Show every rule that looked at a line, and what each gate made of it: form, checks, classifier, file, other rules.
#[derive(Debug, Args)]
pub struct ExplainArgs {
    /// The line, as FILE:LINE.
    #[arg(value_name = "FILE:LINE")]
    place: String,
    #[command(flatten)]
    rules: RuleSettings,
}

/// Keeps what happened on one line.
struct Recorder {
    /// Ids of the rules, by index.
    ids: Vec<Cow<'static, str>>,
    line: Range<usize>,
    misshapen: Vec<u16>,
    verdicts: Vec<(u16, Verdict)>,
    /// What the classifier made of values on the line, by where they begin.
    weighed: Vec<(u16, usize, Weighed)>,
}

impl Observer for Recorder {
    fn considered(&mut self, rule: u16, verdict: &Verdict) {
        let span = match verdict {
            Verdict::Keep(found) => &found.whole,
            // A rule whose two anchors lead to one value, which it reports once.
            Verdict::Drop { objection, .. } if objection.why == Why::Rule(self.ids[usize::from(rule)].clone()) => return,
            Verdict::Drop { span, .. } => span,
        };
        if span.start < self.line.end && span.end > self.line.start {
            self.verdicts.push((rule, verdict.clone()));
        }
    }

    fn misshapen(&mut self, rule: u16, at: usize) {
        if self.line.contains(&at) {
            self.misshapen.push(rule);
        }
    }
}

/// Explains one line.
pub fn run(args: &ExplainArgs) -> Result<Exit, Failure> {
    let usage = || Failure::new(format!("{:?} is not FILE:LINE", args.place)).help("for example: keysift explain config/app.env:12");
    let (file, line) = args.place.rsplit_once(':').ok_or_else(usage)?;
    let number: usize = line.parse().ok().filter(|&n| n > 0).ok_or_else(usage)?;
    let path = Path::new(file);
    let raw = fs::read(path).map_err(|e| Failure::new(format!("{file}: {e}")))?;
    let (bytes, encoding) = decode::whole(&raw);
    let line = nth_line(&bytes, number).ok_or_else(|| Failure::new(format!("{file} has no line {number}")))?;

    let config = args.rules.config()?;
    let engine = Engine::new(args.rules.in_force(&config)?);
    let ids = engine.rules().rules().iter().map(|r| r.info.id.clone()).collect();
    let mut recorder = Recorder { ids, line, misshapen: Vec::new(), verdicts: Vec::new(), weighed: Vec::new() };
    let text = Text { binary: encoding == Encoding::Binary, ..Text::whole(&bytes) };
    engine.scanner().scan(text, &mut Vec::new(), &mut recorder);
    let context = PathContext::of(&ReportPath::as_given(path).inside(&surroundings(path)));
    if !text.binary {
        engine.scanner().candidates(text, |rule, found, candidate| {
            if recorder.line.contains(&found.name.start) {
                recorder.weighed.push((rule, found.value.start, weigh(&candidate, context.kind)));
            }
        });
    }
    let least = config.min_confidence.unwrap_or_default();
    let left_out = left_out(path, raw.len() as u64, &config)?;
    print(&Story { engine: &engine, recorder: &recorder, bytes: &bytes, context: &context, least, left_out }.tell(&args.place))?;
    Ok(Exit::Clean)
}

/// Why a scan of the repository, or of the working folder, leaves the file at `path` of `len` bytes out, if it does.
fn left_out(path: &Path, len: u64, config: &Config) -> Result<Option<String>, Failure> {
    let Ok(path) = path.canonicalize() else { return Ok(None) };
    let Some(folder) = path.parent() else { return Ok(None) };
    let around = || env::current_dir().ok()?.canonicalize().ok().filter(|here| path.starts_with(here));
    let root = git::worktree_of(folder).or_else(around).unwrap_or_else(|| folder.to_owned());
    let filter = Filter::default().configured(&config.exclude, config.folder()).map_err(Failure::new)?.seen_from(&root);
    let named = config.path.as_deref().map_or_else(String::new, |path| escape::line(&path.display().to_string()));
    let why = if filter.excludes_within(path.strip_prefix(&root).unwrap_or(&path)) {
        format!("{named} excludes it")
    } else if config.max_file_size()?.is_some_and(|max| len > max) {
        format!("it is larger than the max-file-size of {named}")
    } else if Tree::new(vec![root]).ignores(&path) {
        "an ignore file names it, and git does not track it; --no-ignore scans it".to_owned()
    } else {
        return Ok(None);
    };
    Ok(Some(why))
}

fn nth_line(bytes: &[u8], number: usize) -> Option<Range<usize>> {
    let start = match number {
        1 => 0,
        n => memchr::memchr_iter(b'\n', bytes).nth(n - 2)? + 1,
    };
    let end = memchr::memchr(b'\n', &bytes[start..]).map_or(bytes.len(), |i| start + i);
    (start < bytes.len()).then_some(start..end)
}

/// What the path says, in words.
fn of_file(context: &PathContext) -> String {
    let kind = match context.kind {
        FileKind::Code => "source code: a literal is quoted, a bare word is a name",
        FileKind::Config => "configuration: what is assigned is a value",
        FileKind::Lock => "a lock file: values without a form of their own are digests",
        FileKind::Text | FileKind::Any => "neither code nor configuration",
    };
    let graded = match context {
        PathContext { vectors: true, .. } => "; test vectors: low confidence at most without a form of its own",
        PathContext { documentation: true, .. } => "; documentation: low confidence at most without a form of its own",
        PathContext { translation: true, .. } => "; texts of an interface",
        PathContext { sample: true, .. } => "; a test, sample or vendored: must convince more",
        _ => "",
    };
    format!("  file     {kind}{graded}\n")
}

/// The classifier's score, what it takes for `value` here, and what moved it.
fn of_classifier(weighed: &Weighed, context: &PathContext, value: &[u8]) -> String {
    let decimal = |score: i32| f64::from(score) / 256.0;
    let medium = context.medium(value).map_or("no score is enough for medium".to_owned(), |m| format!("medium {:.1}", decimal(m.into())));
    let raised =
        weighed.raised.map_or(String::new(), |to| format!("; raised to {:.1}: a word, as people choose for passwords", decimal(to.into())));
    let parts: Vec<String> = weighed.parts.iter().map(|(part, weight)| format!("{part} {:+.1}", decimal(*weight))).collect();
    format!(
        "           classifier: {:.1}, where low takes {:.1} and {medium}; beside a clear case: {}{raised}\n",
        decimal(weighed.score.into()),
        decimal(LOW.into()),
        parts.join(", ")
    )
}

/// What is told of a line.
struct Story<'a> {
    engine: &'a Engine,
    recorder: &'a Recorder,
    bytes: &'a [u8],
    context: &'a PathContext,
    /// What a scan reports is at least this sure.
    least: Confidence,
    /// Why a scan leaves the file out, if it does.
    left_out: Option<String>,
}

impl Story<'_> {
    fn tell(&self, place: &str) -> String {
        let (verdicts, misshapen) = (&self.recorder.verdicts, self.misshapen());
        let mut out = format!("{}\n", escape::line(place));
        if let Some(why) = &self.left_out {
            out.push_str(&format!("  scan     leaves this file out: {why}\n"));
        }
        if !verdicts.is_empty() {
            out.push_str(&of_file(self.context));
        }
        let mut told: Vec<String> = Vec::new();
        for (rule, verdict) in verdicts {
            // Several anchors of one rule on a line often meet the same end.
            if let Some(lines) = self.verdict(*rule, verdict).filter(|lines| !told.contains(lines)) {
                told.push(lines);
            }
        }
        out.push_str(&told.concat());
        for id in &misshapen {
            let shape = Gate::Shape.as_str();
            out.push_str(&format!("  dropped  {id}: {shape}: an anchor stands here, but the bytes beside it cannot belong to a match\n"));
        }
        if verdicts.is_empty() && misshapen.is_empty() {
            out.push_str(&format!("  no rule's anchor occurs on this line ({} rules)\n", self.engine.rules().rules().len()));
        }
        out
    }

    /// What became of a hit; nothing of a match where a later verdict says which rule explains it better.
    fn verdict(&self, rule: u16, verdict: &Verdict) -> Option<String> {
        match verdict {
            Verdict::Drop { objection, span } => Some(self.dropped(rule, objection, span)),
            Verdict::Keep(found) if self.is_beaten(rule, &found.secret) => None,
            Verdict::Keep(found) => Some(match self.context.judge(found, self.bytes) {
                Err(objection) => self.dropped(rule, &objection, &found.secret),
                Ok(confidence) => self.found(rule, found, confidence),
            }),
        }
    }

    fn dropped(&self, rule: u16, objection: &Objection, span: &Range<usize>) -> String {
        format!("  dropped  {}: {objection}\n{}", self.id(rule), self.classified(rule, span))
    }

    fn found(&self, rule: u16, found: &Match, confidence: Confidence) -> String {
        let (text, inner) = found.innermost(self.bytes);
        let (value, whole) = (&text[inner.secret.clone()], &text[inner.whole.clone()]);
        let secret = escape::line(&Secret::new(value).to_string());
        let asked =
            if confidence < self.least { format!("; a scan tells of it with --min-confidence {confidence}") } else { String::new() };
        let mut lines = format!("  found    {}: {secret}, {confidence} confidence{asked}\n", self.id(rule));
        if found.decoded.is_some() {
            lines.push_str(&format!("           read as {}\n", found.decodings().join(", ")));
        }
        for why in checks::evidence(&self.engine.rules().rules()[usize::from(rule)], value, whole, inner.doubt.as_ref()) {
            lines.push_str(&format!("           because {}\n", escape::line(&why)));
        }
        lines.push_str(&self.classified(rule, &found.secret));
        if let Some(partner) = pair::partner(self.engine.rules(), inner.rule, text, &inner.secret) {
            // What is encoded has one place: that of its secret.
            let place = if found.decoded.is_some() { found.secret.start } else { partner.span.start };
            let at = 1 + memchr::memchr_iter(b'\n', &self.bytes[..place]).count();
            lines.push_str(&format!("           pair: {} on line {at}\n", partner.title));
        }
        lines
    }

    /// What the classifier made of the value at `span`, if it was asked.
    fn classified(&self, rule: u16, span: &Range<usize>) -> String {
        let of = self.recorder.weighed.iter().find(|(r, start, _)| *r == rule && *start == span.start);
        of.map(|(.., weighed)| of_classifier(weighed, self.context, &self.bytes[span.clone()])).unwrap_or_default()
    }

    /// Whether another rule explains the bytes of `span` better.
    fn is_beaten(&self, rule: u16, span: &Range<usize>) -> bool {
        let beats = |(r, v): &(u16, Verdict)| {
            *r == rule && matches!(v, Verdict::Drop { objection, span: s } if objection.gate == Gate::Overlap && s == span)
        };
        self.recorder.verdicts.iter().any(beats)
    }

    /// The rules whose anchors stand here without what must stand beside them, each once.
    fn misshapen(&self) -> Vec<&str> {
        let mut ids: Vec<&str> = self.recorder.misshapen.iter().map(|&rule| self.id(rule)).collect();
        ids.sort_unstable();
        ids.dedup();
        ids
    }

    fn id(&self, rule: u16) -> &str {
        &self.recorder.ids[usize::from(rule)]
    }
}
