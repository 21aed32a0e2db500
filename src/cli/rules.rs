//! `keysift rules`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};
use keysift::rules::format::{Entropy, Half};
use keysift::rules::{Matcher, Rule, RuleSet, RuleText, lint};
use keysift::scan::rule_test;

use super::settings::RuleSettings;
use super::{Exit, Failure, print};

/// List, show, test and lint rules.
#[derive(Debug, Args)]
pub struct RulesArgs {
    #[command(subcommand)]
    command: RulesCommand,
}

#[derive(Debug, Subcommand)]
enum RulesCommand {
    /// Every rule in force: id, severity, confidence, title.
    List {
        /// A line a rule, or a table for a page.
        #[arg(short, long, value_name = "FORMAT", default_value = "text")]
        format: ListFormat,
        #[command(flatten)]
        rules: RuleSettings,
    },
    /// What a rule finds, why it matters and what to do about a leak.
    Show {
        /// The rule's id.
        id: String,
        #[command(flatten)]
        rules: RuleSettings,
    },
    /// Try the rules on their own hits and misses.
    Test {
        /// Only rules whose id begins so.
        id: Option<String>,
        #[command(flatten)]
        which: Which,
    },
    /// Check rule files: anchors, windows, breadth, ids, documentation.
    Lint(Which),
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum ListFormat {
    Text,
    Markdown,
}

#[derive(Debug, Args)]
struct Which {
    /// The rules in this file or folder alone, not the built-in ones; may be repeated.
    #[arg(long, value_name = "PATH")]
    rules: Vec<PathBuf>,
}

impl Which {
    fn texts(&self) -> Result<Vec<RuleText>, Failure> {
        if self.rules.is_empty() {
            return RuleText::built_in().map_err(Failure::new);
        }
        let mut texts = Vec::new();
        for path in &self.rules {
            texts.extend(RuleText::read(path).map_err(Failure::new)?);
        }
        Ok(texts)
    }
}

/// Runs one of the commands.
pub fn run(args: &RulesArgs) -> Result<Exit, Failure> {
    match &args.command {
        RulesCommand::List { format, rules } => {
            let set = rules.in_force(&rules.config()?)?;
            print(&match format {
                ListFormat::Text => list(&set),
                ListFormat::Markdown => table(&set),
            })?;
            Ok(Exit::Clean)
        }
        RulesCommand::Show { id, rules } => {
            let set = rules.in_force(&rules.config()?)?;
            let rule = set.get(id).ok_or_else(|| {
                let near: Vec<&str> = set.rules().iter().map(|r| r.info.id.as_ref()).filter(|r| r.contains(id.as_str())).take(5).collect();
                let help = if near.is_empty() {
                    "`keysift rules list` shows them all".to_owned()
                } else {
                    format!("did you mean {}?", near.join(", "))
                };
                Failure::new(format!("no rule has the id {id:?}")).help(help)
            })?;
            print(&show(rule))?;
            Ok(Exit::Clean)
        }
        RulesCommand::Test { id, which } => test(&which.texts()?, id.as_deref().unwrap_or_default()),
        RulesCommand::Lint(which) => {
            let texts = which.texts()?;
            let lints = lint(&texts);
            let rules: usize = texts.iter().map(|t| t.file.rules.len()).sum();
            let mut out: String = lints.iter().map(|l| format!("{l}\n")).collect();
            out.push_str(&format!("{rules} rules in {} files, {} complaints\n", texts.len(), lints.len()));
            print(&out)?;
            Ok(if lints.is_empty() { Exit::Clean } else { Exit::Findings(1) })
        }
    }
}

fn list(set: &RuleSet) -> String {
    let width = set.rules().iter().map(|r| r.info.id.len()).max().unwrap_or(0);
    let line = |rule: &Rule| format!("{:width$}  {:8}  {:6}  {}\n", rule.info.id, rule.info.severity, rule.confidence, rule.info.title);
    set.rules().iter().map(line).collect()
}

/// The rules as a page: providers in the order of their names, each linked to the page that describes its credential.
fn table(set: &RuleSet) -> String {
    let mut rules: Vec<&Rule> = set.rules().iter().collect();
    rules.sort_by_key(|rule| (rule.info.provider.to_lowercase(), rule.info.id.clone()));
    let mut out = format!(
        "# Rules\n\n<!-- Made by `keysift rules list --format markdown`: change the rules, not this page. -->\n\n{} rules. Severity is how bad a leak is, \
         confidence how sure a finding is when every check holds. `keysift rules show ID` tells more.\n\n\
         | provider | rule | what it finds | severity | confidence |\n|---|---|---|---|---|\n",
        rules.len()
    );
    for rule in rules {
        let info = &rule.info;
        let (provider, title) = (cell(&info.provider), cell(&info.title));
        out.push_str(&format!("| {provider} | [`{}`]({}) | {title} | {} | {} |\n", info.id, info.docs, info.severity, rule.confidence));
    }
    out
}

/// Text that cannot end its cell.
fn cell(text: &str) -> String {
    text.replace('|', "\\|")
}

fn show(rule: &Rule) -> String {
    let info = &rule.info;
    format!(
        "{id}\n{title} ({provider})\n\nSeverity    {severity}\nConfidence  {confidence} when every check holds\n\nHow it is told\n{told}\nWhy it matters\n  {impact}\n\nWhat to do\n  {remedy}\n  Keep the new value in a secret store or the environment: deleting the line leaves the old one in history, and in every clone.\n\nMore\n  {docs}\n",
        id = info.id,
        title = info.title,
        provider = info.provider,
        severity = info.severity,
        confidence = rule.confidence,
        told = told(rule).iter().map(|line| format!("  {line}\n")).collect::<String>(),
        impact = info.impact,
        remedy = info.remedy,
        docs = info.docs,
    )
}

/// How the rule tells its credential, in sentences.
fn told(rule: &Rule) -> Vec<String> {
    let checks = &rule.checks;
    let mut lines = vec![match &rule.matcher {
        Matcher::Pattern { shape, .. } if shape.reach > 0 => {
            format!("A value of its form, on one line with a name such as {}.", some(&names(rule)))
        }
        Matcher::Pattern { .. } => format!("Its own form, with {}.", some(&anchors(rule))),
        Matcher::Block { end } => format!("A block from {} to {end}.", some(&anchors(rule)[..1])),
        Matcher::Container { .. } => "A file that parses as what it is, whatever its name, or the base 64 of one.".to_owned(),
        Matcher::Codes => format!("Four codes or more, all of one form, behind or below {}.", some(&anchors(rule))),
        Matcher::Assignment { .. } => {
            format!("A value that is assigned to a name with {} in it and looks made or chosen to be secret.", some(&anchors(rule)))
        }
    }];
    if checks.checksum.is_some() {
        lines.push("Its check digits must be right, else confidence is low.".to_owned());
    }
    if checks.structure.is_some() {
        lines.push("It must parse as what it is.".to_owned());
    }
    if matches!(rule.matcher, Matcher::Assignment { .. }) {
        lines.push("A classifier weighs name, value and line; the kind of file decides how much it takes.".to_owned());
    } else if !matches!(
        (&rule.matcher, checks.entropy),
        (Matcher::Block { .. } | Matcher::Container { .. } | Matcher::Codes, _) | (_, Entropy::Off)
    ) {
        lines.push("It must be as random as such values are.".to_owned());
    }
    match (checks.allow_placeholder, checks.allow_reference) {
        (false, false) => lines.push("Placeholders, templates and references to secret stores are left out.".to_owned()),
        (true, false) => lines.push("Templates and references to secret stores are left out.".to_owned()),
        _ => {}
    }
    if rule.general {
        lines.push("Many services share this form: a rule for one of them wins.".to_owned());
    }
    if let Some(pair) = &rule.pair {
        let what = match &pair.half {
            Half::Rules(ids) => ids.join(" or "),
            Half::Pattern { title, .. } => title.to_string(),
        };
        lines.push(format!("Within {} lines of its id ({what}) the two are one finding, a grade worse.", pair.within));
    }
    lines
}

fn anchors(rule: &Rule) -> Vec<String> {
    rule.anchors.iter().map(|a| String::from_utf8_lossy(a).into_owned()).collect()
}

/// The names of a named rule, each in one spelling.
fn names(rule: &Rule) -> Vec<String> {
    rule.names.split(' ').map(str::to_owned).collect()
}

/// The first few.
fn some(words: &[String]) -> String {
    const TOLD: usize = 6;
    let told: Vec<String> = words.iter().take(TOLD).map(|w| format!("`{w}`")).collect();
    let more = if words.len() > TOLD { format!(" and {} more", words.len() - TOLD) } else { String::new() };
    format!("{}{more}", told.join(", "))
}

fn test(texts: &[RuleText], prefix: &str) -> Result<Exit, Failure> {
    let result = rule_test::run(texts, prefix).map_err(Failure::new)?;
    let mut out = String::new();
    for failure in &result.failures {
        out.push_str(&format!("{failure}\n"));
    }
    out.push_str(&format!("{} rules, {} hits, {} misses: {} failed\n", result.rules, result.hits, result.misses, result.failures.len()));
    print(&out)?;
    if result.rules == 0 {
        return Err(Failure::new(format!("no rule's id begins with {prefix:?}")).help("`keysift rules list` shows them all"));
    }
    Ok(if result.failures.is_empty() { Exit::Clean } else { Exit::Findings(1) })
}
