//! `keysift rules`.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use keysift::rules::{Rule, RuleSet, RuleText, lint};
use keysift::scan::rule_test;

use super::config::Config;
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
    List(Which),
    /// What a rule finds, why it matters and what to do about a leak.
    Show {
        /// The rule's id.
        id: String,
        #[command(flatten)]
        which: Which,
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

#[derive(Debug, Args)]
struct Which {
    /// A rule file or a folder of them; may be repeated. `list` and `show` add them to the built-in rules, `test` and `lint` take them alone.
    #[arg(long, value_name = "PATH")]
    rules: Vec<PathBuf>,
}

impl Which {
    fn in_force(&self) -> Result<RuleSet, Failure> {
        Config::find(None, false)?.rules(&self.rules)
    }

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
        RulesCommand::List(which) => list(&which.in_force()?),
        RulesCommand::Show { id, which } => {
            let set = which.in_force()?;
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

fn list(set: &RuleSet) -> Result<Exit, Failure> {
    let width = set.rules().iter().map(|r| r.info.id.len()).max().unwrap_or(0);
    let mut out = String::new();
    for rule in set.rules() {
        out.push_str(&format!("{:width$}  {:8}  {:6}  {}\n", rule.info.id, rule.info.severity, rule.confidence, rule.info.title));
    }
    print(&out)?;
    Ok(Exit::Clean)
}

fn show(rule: &Rule) -> String {
    let info = &rule.info;
    format!(
        "{id}\n{title} ({provider})\n\nSeverity    {severity}\nConfidence  {confidence} when every check holds\n\nWhy it matters\n  {impact}\n\nWhat to do\n  {remedy}\n\nMore\n  {docs}\n",
        id = info.id,
        title = info.title,
        provider = info.provider,
        severity = info.severity,
        confidence = rule.confidence,
        impact = info.impact,
        remedy = info.remedy,
        docs = info.docs,
    )
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
