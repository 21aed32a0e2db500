//! The command line: one file a command. It sees only what an embedder of the library sees.

mod changes;
mod completions;
mod config;
mod explain;
mod hook;
mod init;
mod progress;
mod rules;
mod scan;
mod settings;
mod target;

use std::io::{self, Write as _};
use std::process::ExitCode;

use clap::{CommandFactory as _, Parser, Subcommand};

/// What the process ends with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// Everything was looked at and nothing was found.
    Clean,
    /// Something was found; the code can be chosen.
    Findings(u8),
    /// Wrong usage or configuration: nothing was scanned.
    Usage,
    /// Nothing was found, but not everything could be looked at.
    Incomplete,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        match exit {
            Exit::Clean => Self::SUCCESS,
            Exit::Findings(code) => Self::from(code),
            Exit::Usage => Self::from(2),
            Exit::Incomplete => Self::from(3),
        }
    }
}

/// A message that ends the run before anything was scanned, with what to do about it.
#[derive(Debug)]
pub struct Failure {
    message: String,
    help: Option<String>,
}

impl Failure {
    /// A failure whose message says all.
    pub fn new(message: impl ToString) -> Self {
        Self { message: message.to_string(), help: None }
    }

    /// The lines that say it.
    pub fn text(&self) -> String {
        let mut text = format!("keysift: error: {}\n", keysift::report::escape::line(&self.message));
        if let Some(help) = &self.help {
            text.push_str(&format!("  help: {}\n", keysift::report::escape::line(help)));
        }
        text
    }

    /// Adds what to do.
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}

/// Finds leaked credentials in source trees, git histories, changes and streams.
///
/// Secrets are masked in every output. Exit codes: 0 clean, 1 findings, 2 wrong usage or configuration (nothing was scanned), 3 nothing
/// found, but not everything could be looked at.
#[derive(Debug, Parser)]
#[command(name = "keysift", version, max_term_width = 100, disable_help_subcommand = true)]
struct Args {
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    Scan(Box<scan::ScanArgs>),
    Hook(hook::HookArgs),
    Init(init::InitArgs),
    Explain(explain::ExplainArgs),
    Rules(rules::RulesArgs),
    Completions(completions::CompletionsArgs),
}

const WELCOME: &str = "\
keysift finds leaked credentials: fast, precise, and quiet about what it finds.

  keysift scan                  scan this folder
  keysift scan app.env logs/    scan files and folders
  some-command | keysift scan - scan a stream
  keysift scan --staged         scan what the next commit adds
  keysift init                  do so at every commit
  keysift explain FILE:LINE     why a line is, or is not, a finding
  keysift rules list            what it looks for
  keysift --help                everything else
";

/// Runs the command line of this process.
pub fn main() -> ExitCode {
    // A panic's text may quote what was being scanned: say where it happened, and no more.
    std::panic::set_hook(Box::new(|info| {
        let place = info.location().map(ToString::to_string).unwrap_or_default();
        // Standard error may be gone; there is nowhere left to say so.
        drop(writeln!(io::stderr(), "keysift: internal error at {place}; please report it"));
    }));
    let args = match Args::try_parse() {
        Ok(args) => args,
        Err(error) => {
            let code = u8::try_from(error.exit_code()).unwrap_or(2);
            drop(error.print());
            return ExitCode::from(code);
        }
    };
    let done = match args.command {
        None => {
            drop(io::stdout().write_all(WELCOME.as_bytes()));
            Ok(Exit::Clean)
        }
        Some(Command::Scan(args)) => scan::run(&args),
        Some(Command::Hook(args)) => hook::run(&args),
        Some(Command::Init(args)) => init::run(&args),
        Some(Command::Explain(args)) => explain::run(&args),
        Some(Command::Rules(args)) => rules::run(&args),
        Some(Command::Completions(args)) => completions::run(&args, &mut Args::command()),
    };
    done.unwrap_or_else(|failure| {
        drop(io::stderr().write_all(failure.text().as_bytes()));
        Exit::Usage
    })
    .into()
}

/// Writes to standard output; a reader that went away is no failure.
pub fn print(text: &str) -> Result<(), Failure> {
    match io::stdout().write_all(text.as_bytes()).and_then(|()| io::stdout().flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(Failure::new(format!("standard output: {error}"))),
        _ => Ok(()),
    }
}
