//! The report for people: by file, one secret after the other, with its line, why we believe it, and what to do.
//!
//! ```text
//! deploy/prod.env
//!
//!  critical   Acme deploy key
//!     12:18   acme-deploy-key, high confidence
//!
//!        12 | ACME_DEPLOY_KEY=acmd_0…x9Qz
//!           |                 ^^^^^^^^^^^
//!
//!       why   form of Acme Cloud (acmd_…); its check digits are right
//!    impact   The holder can replace every running service of the account.
//!        do   Revoke the key under Settings > Keys, then issue a new one.
//!      docs   https://acme.example/docs/keys
//! ```
//!
//! Labels end on one column and all text begins on another, so the eye finds its way without colour.

mod excerpt;
mod line;

use std::collections::{BTreeMap, HashMap};
use std::io;
use std::sync::Arc;

use anstyle::{AnsiColor, Style};

use super::{Look, Report, Reporter};
use crate::model::{Commit, Finding, Occurrence, ReportPath, Scope, Severity};
use excerpt::Excerpt;
use line::{Line, wrap};

/// Columns of the labels at least; positions may need more.
const LABELS: usize = 9;
/// Between a label and its text: spaces, or the bar beside a source line.
const GAP: usize = 3;
/// Narrower than this, nothing is worth fitting.
const LEAST_WIDTH: usize = 40;

const PLAIN: Style = Style::new();
const BOLD: Style = Style::new().bold();
const DIM: Style = Style::new().dimmed();

/// `--format text`.
pub struct Text(pub Look);

impl Reporter for Text {
    fn write(&self, report: &Report<'_>, out: &mut dyn io::Write) -> io::Result<()> {
        let findings: Vec<&Finding> = report.findings.iter().collect();
        let labels = findings.iter().map(|f| f.occurrences.first().map_or(0, |o| place(o).len() + 1)).fold(LABELS, usize::max);
        let mut page = Page { look: self.0, scope: report.summary.scope, labels, explained: HashMap::new(), gap: false, out };
        for (i, (path, group)) in by_file(&findings).into_iter().enumerate() {
            page.gap = i > 0;
            page.heading(path)?;
            for finding in group {
                page.gap = true;
                page.finding(finding)?;
            }
        }
        Ok(())
    }
}

/// The findings under the file of their first occurrence, both in the order of the report.
fn by_file<'a>(findings: &[&'a Finding]) -> Vec<(Option<&'a ReportPath>, Vec<&'a Finding>)> {
    let mut groups: Vec<(Option<&ReportPath>, Vec<&Finding>)> = Vec::new();
    let mut known: BTreeMap<Option<&ReportPath>, usize> = BTreeMap::new();
    for &finding in findings {
        let path = finding.occurrences.first().map(|o| &o.path);
        let index = *known.entry(path).or_insert(groups.len());
        if index == groups.len() {
            groups.push((path, Vec::new()));
        }
        groups[index].1.push(finding);
    }
    groups
}

fn place(occurrence: &Occurrence) -> String {
    format!("{}:{}", occurrence.start.line, occurrence.start.column)
}

const fn style_of(severity: Severity) -> Style {
    match severity {
        Severity::Critical => AnsiColor::Red.on_default().bold(),
        Severity::High => AnsiColor::Red.on_default(),
        Severity::Medium => AnsiColor::Yellow.on_default(),
        Severity::Low => AnsiColor::Blue.on_default(),
    }
}

/// `2024-03-02, after 3 days, by Ada <ada@example.org> in 3f2a1b9c0d: Add deploy script`; `when` is what stands behind the day.
fn deed(commit: &Commit, when: &str) -> String {
    let day = commit.date.day();
    format!("{day}{when} by {} <{}> in {}: {}", commit.author, commit.email, commit.id.short(), commit.subject)
}

/// `deploy/old.env:40:18`, and in which commit.
fn other_place(occurrence: &Occurrence) -> String {
    let place = format!("{}:{}", occurrence.path, place(occurrence));
    match occurrence.revision.as_deref().and_then(|r| r.commit.as_deref()) {
        Some(commit) => format!("{place} in {}", commit.id.short()),
        None => place,
    }
}

/// A ref as people call it.
fn short(name: &str) -> &str {
    ["refs/heads/", "refs/remotes/", "refs/"].iter().find_map(|prefix| name.strip_prefix(prefix)).unwrap_or(name)
}

/// The first few of `names`, and how many more there are.
fn some(names: &[Arc<str>], short: impl Fn(&str) -> &str) -> String {
    const NAMED: usize = 3;
    let mut text = names.iter().take(NAMED).map(|n| short(n)).collect::<Vec<_>>().join(", ");
    if let Some(more) = names.len().checked_sub(NAMED).filter(|&n| n > 0) {
        text.push_str(&format!(" and {more} more"));
    }
    text
}

/// Where the text goes and what has been said already.
struct Page<'a, 'o> {
    look: Look,
    scope: Scope,
    /// Columns of the labels.
    labels: usize,
    /// The place at which a rule's remedy was told, by rule.
    explained: HashMap<&'a str, String>,
    /// Whether an empty line comes before the next one, if there is a next one.
    gap: bool,
    out: &'o mut dyn io::Write,
}

impl<'a> Page<'a, '_> {
    fn heading(&mut self, path: Option<&ReportPath>) -> io::Result<()> {
        let path = path.map(ToString::to_string).unwrap_or_default();
        self.line(&Line::new().with(BOLD.underline(), &path))
    }

    fn finding(&mut self, finding: &'a Finding) -> io::Result<()> {
        let severity = style_of(finding.severity);
        let title = self.label(finding.severity.as_str(), severity).with(BOLD, &finding.rule.title);
        self.line(&title)?;
        let first = finding.occurrences.first();
        let position = self.label(&first.map(place).unwrap_or_default(), PLAIN);
        let about = position.with(PLAIN, &finding.rule.id).with(DIM, &format!(", {} confidence", finding.confidence));
        self.line(&match first {
            Some(o) if !o.decoded.is_empty() => about.with(DIM, &format!(", read as {}", o.decoded.join(", "))),
            _ => about,
        })?;
        self.source(finding)?;
        self.story(finding)?;
        self.pair(finding)?;
        self.why(finding)?;
        self.what_to_do(finding)?;
        self.also(finding)
    }

    /// The line the secret stands on, and a mark beneath it.
    fn source(&mut self, finding: &Finding) -> io::Result<()> {
        let Some(first) = finding.occurrences.first() else { return Ok(()) };
        let excerpt = Excerpt::new(finding, first, self.look);
        if excerpt.is_empty() {
            return Ok(());
        }
        let excerpt = excerpt.fit(self.text_width());
        let severity = style_of(finding.severity);
        let labels = self.labels;
        let gutter = |number: &str| Line::new().with(DIM, &format!("{number:>labels$} | "));
        self.gap = true;
        let source = excerpt
            .runs()
            .into_iter()
            .fold(gutter(&first.start.line.to_string()), |line, (marked, text)| line.with(if marked { severity } else { PLAIN }, &text));
        self.line(&source)?;
        if let Some((before, width)) = excerpt.mark() {
            self.line(&gutter("").with(severity, &format!("{}{}", " ".repeat(before), "^".repeat(width))))?;
        }
        self.gap = true;
        Ok(())
    }

    /// Who brought it in, whether it is still there, what holds it, and where to look.
    fn story(&mut self, finding: &Finding) -> io::Result<()> {
        let revision = finding.occurrences.first().and_then(|o| o.revision.as_deref());
        let Some(exposure) = &finding.exposure else {
            return match revision.map(|r| (&r.commit, r.blob)) {
                Some((Some(commit), _)) => {
                    self.note("added", &deed(commit, ""))?;
                    self.note("link", revision.and_then(|r| r.url.as_deref()).unwrap_or_default())
                }
                Some((None, Some(id))) if self.scope == Scope::History => {
                    self.note("commit", &format!("none; object {id} is staged or left over"))
                }
                _ => Ok(()),
            };
        };
        if let Some(introduced) = &exposure.introduced {
            let (before, when) = if exposure.or_before { ("at or before ", ", where history was cut off,") } else { ("", "") };
            self.note("added", &format!("{before}{}", deed(introduced, when)))?;
        }
        let (after_days, for_days) = match exposure.days {
            0 => ("the same day".to_owned(), "since today".to_owned()),
            1 => ("after 1 day".to_owned(), "for 1 day".to_owned()),
            days => (format!("after {days} days"), format!("for {days} days")),
        };
        let tips = some(&exposure.live, short);
        let nowhere = if exposure.refs.is_empty() && !exposure.tags.is_empty() { "in tags only" } else { "in history only" };
        match (&exposure.removed, exposure.live.is_empty()) {
            _ if exposure.at_head => {
                self.note("now", &format!("at HEAD, {for_days}"))?;
            }
            (Some(removed), true) => {
                self.note("removed", &deed(removed, &format!(", {after_days},")))?;
                self.note("now", nowhere)?;
            }
            (Some(removed), false) => {
                self.note("removed", &deed(removed, ""))?;
                self.note("now", &format!("still at the tip of {tips}, {for_days}"))?;
            }
            (None, false) => self.note("now", &format!("not at HEAD, but at the tip of {tips}"))?,
            (None, true) => self.note("now", nowhere)?,
        }
        let mut holders = Vec::new();
        if !exposure.refs.is_empty() {
            holders.push(some(&exposure.refs, short));
        }
        if !exposure.tags.is_empty() {
            let noun = if exposure.tags.len() == 1 { "tag" } else { "tags" };
            holders.push(format!("{} {noun} ({})", exposure.tags.len(), some(&exposure.tags, |t| t)));
        }
        let held = if holders.is_empty() { "no ref: a reflog or nothing at all leads to it".to_owned() } else { holders.join(" and ") };
        self.note("held by", &held)?;
        self.note("link", revision.and_then(|r| r.url.as_deref()).unwrap_or_default())
    }

    /// The id beside the secret.
    fn pair(&mut self, finding: &Finding) -> io::Result<()> {
        let Some(pair) = &finding.pair else { return Ok(()) };
        let place = format!("{}:{}:{}", pair.path, pair.start.line, pair.start.column);
        self.note(
            "pair",
            &format!("{} {} at {place}: the two together work, so this is graded worse", pair.title, self.look.secret(&pair.id)),
        )
    }

    fn why(&mut self, finding: &Finding) -> io::Result<()> {
        self.note("why", &finding.evidence.join("; "))
    }

    /// What the leak means and what to do, in full once a rule; later findings of the rule point there.
    fn what_to_do(&mut self, finding: &'a Finding) -> io::Result<()> {
        let rule = &finding.rule;
        if let Some(told) = self.explained.get(&*rule.id) {
            let told = format!("as for {told}, above");
            return self.note("do", &told);
        }
        self.note("impact", &rule.impact)?;
        self.note("do", &rule.remedy)?;
        self.note("docs", &rule.docs)?;
        if let Some(first) = finding.occurrences.first().filter(|_| !rule.remedy.is_empty()) {
            self.explained.insert(&rule.id, format!("{}:{}", first.path, first.start.line));
        }
        Ok(())
    }

    /// The other places.
    fn also(&mut self, finding: &Finding) -> io::Result<()> {
        let others = finding.occurrences.get(1..).unwrap_or_default();
        let named = &others[..others.len().min(self.look.occurrences)];
        let mut lines: Vec<String> = named.iter().map(other_place).collect();
        match (others.len() - named.len(), named.is_empty()) {
            (0, _) => {}
            (1, true) => lines.push("1 other place".to_owned()),
            (more, true) => lines.push(format!("{more} other places")),
            (more, false) => lines.push(format!("+{more} more")),
        }
        self.labelled("also", lines)
    }

    /// `text` wrapped, behind a label; nothing where it is empty.
    fn note(&mut self, label: &str, text: &str) -> io::Result<()> {
        self.labelled(label, wrap(text, self.text_width()))
    }

    fn labelled(&mut self, label: &str, lines: Vec<String>) -> io::Result<()> {
        for (i, text) in lines.into_iter().enumerate() {
            let line = self.label(if i == 0 { label } else { "" }, DIM).with(PLAIN, &text);
            self.line(&line)?;
        }
        Ok(())
    }

    fn label(&self, label: &str, style: Style) -> Line {
        let before = self.labels.saturating_sub(label.len());
        Line::new().with(PLAIN, &" ".repeat(before)).with(style, label).with(PLAIN, &" ".repeat(GAP))
    }

    fn text_width(&self) -> usize {
        self.look.width.max(LEAST_WIDTH) - self.labels.min(LEAST_WIDTH / 2) - GAP
    }

    fn line(&mut self, line: &Line) -> io::Result<()> {
        if std::mem::take(&mut self.gap) {
            self.out.write_all(b"\n")?;
        }
        line.write(self.out, self.look.color)
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{Sample, finding, occurrence, render};
    use super::super::{Format, Look, Report};
    use crate::model::{Finding, Piece, Snippet, Summary};

    /// The report of `findings`.
    pub(super) fn text(findings: &[Finding], look: Look) -> String {
        render(Format::Text, look, &Report { findings, summary: &Summary::default(), rules: &[] })
    }

    #[test]
    fn a_report_reads_well_in_eighty_columns() {
        insta::assert_snapshot!(render(Format::Text, Look { occurrences: 2, ..Look::default() }, &Sample::new().report()), @r#"
        deploy/prod.env

         critical   Acme deploy key
            12:18   acme-deploy-key, high confidence

               12 |     ACME_DEPLOY_KEY=acmd_S…Ycrt DB=CyOf…88\x1b[0m # rotate
                  |                     ^^^^^^^^^^^

              why   form of Acme Cloud (acmd_…); its check digits are right
           impact   The holder can replace every running service of the account, and
                    read the variables they start with.
               do   Revoke the key under Settings > Keys, issue a new one, and hand it
                    to the service by its environment or a secret store.
             docs   https://acme.example/docs/keys
             also   deploy/old.env:40:18
                    deploy/old.env:80:18
                    +1 more

             high   Private key
             30:1   private-key, high confidence, read as utf-16le

               30 | -----BEGIN EC PRIVATE KEY…
                  | ^^^^^^^^^^^^^^^^^^^^^^^^^^

             pair   Acme key id i3hv…g6 at deploy/prod.env:29:8: the two together work,
                    so this is graded worse
              why   the key parses
           impact   The holder can act as the key's owner.
             also   src/café #1/\u{202e}key.pem:1:1

        src/client.rs

           medium   Acme deploy key
            7:181   acme-deploy-key, medium confidence

                7 | ….example", "https://acme.example", "acmd_G…DFSF").with_timeout(Dur…
                  |                                      ^^^^^^^^^^^

              why   form of Acme Cloud (acmd_…); but the file is a test
               do   as for deploy/prod.env:12, above
        "#);
    }

    #[test]
    fn colours_say_how_bad_it_is() {
        let sample = Sample::new();
        let coloured = text(&sample.findings[2..], Look { color: true, occurrences: 0, ..Look::default() });
        insta::assert_snapshot!(coloured.escape_debug().to_string().replace(r"\n", "\n"), @r#"
        \u{1b}[1m\u{1b}[4msrc/client.rs\u{1b}[0m

           \u{1b}[33mmedium\u{1b}[0m   \u{1b}[1mAcme deploy key\u{1b}[0m
            7:181   acme-deploy-key\u{1b}[2m, medium confidence\u{1b}[0m

        \u{1b}[2m        7 | \u{1b}[0m….example\", \"https://acme.example\", \"\u{1b}[33macmd_G…DFSF\u{1b}[0m\").with_timeout(Dur…
        \u{1b}[2m          | \u{1b}[0m\u{1b}[33m                                     ^^^^^^^^^^^\u{1b}[0m

              \u{1b}[2mwhy\u{1b}[0m   form of Acme Cloud (acmd_…); but the file is a test
           \u{1b}[2mimpact\u{1b}[0m   The holder can replace every running service of the account, and
                    read the variables they start with.
               \u{1b}[2mdo\u{1b}[0m   Revoke the key under Settings > Keys, issue a new one, and hand it
                    to the service by its environment or a secret store.
             \u{1b}[2mdocs\u{1b}[0m   https://acme.example/docs/keys
        "#);
    }

    #[test]
    fn other_places_are_counted_when_they_are_many() {
        let places = |n: u64| (1..=n).map(|l| occurrence("a", l, 1)).collect::<Vec<_>>();
        let also = |n, occurrences| {
            let written = text(&[finding("x", "X", "s", places(n))], Look { occurrences, ..Look::default() });
            written.lines().skip(4).map(|l| l.trim_start().to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(also(1, 2), [""; 0]);
        assert_eq!(also(3, 2), ["also   a:2:1", "a:3:1"]);
        assert_eq!(also(5, 2), ["also   a:2:1", "a:3:1", "+2 more"]);
        assert_eq!(also(2, 0), ["also   1 other place"]);
        assert_eq!(also(5, 0), ["also   4 other places"]);
    }

    #[test]
    fn empty_lines_stand_between_things_only() {
        let mut found = finding("x", "X", "hunter2", vec![occurrence("a", 1, 1)]);
        found.snippet = Snippet(vec![Piece::Marked(found.secret.clone())]);
        let bare = finding("x", "X", "hunter2", vec![occurrence("b", 1, 1)]);
        let written = text(&[found.clone(), bare, found], Look::default());
        assert!(!written.contains("\n\n\n") && !written.starts_with('\n') && !written.ends_with("\n\n"), "{written}");
    }
}
