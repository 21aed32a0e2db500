//! `keysift init`: puts hooks in place, and touches nobody else's.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use clap::Args;
use keysift::git::Repository;
use keysift::report::escape;

use super::changes::repository;
use super::{Exit, Failure, print};

/// What a hook of ours has on its second line.
const MARK: &str = "# Installed by `keysift init`; `keysift init --uninstall` takes it out again.";

/// Install git hooks in this repository: before a commit, and if asked for before a push; on a server, when a push arrives.
///
/// A hook that is there already is left as it is, and so is whatever husky, lefthook or pre-commit manage: what to add to it is printed.
#[derive(Debug, Args)]
#[command(after_help = "Exit codes: 0 the hooks are in place, 2 wrong usage, 3 something is left for you to do, and was printed.")]
pub struct InitArgs {
    /// Scan what a push brings to the remote, too.
    #[arg(long)]
    pre_push: bool,
    /// Take out the hooks that `keysift init` has installed.
    #[arg(long)]
    uninstall: bool,
}

/// Installs, or takes out.
pub fn run(args: &InitArgs) -> Result<Exit, Failure> {
    let repository = repository()?;
    let place = Place::of(&repository)?;
    let hooks: &[Hook] = match (repository.is_bare(), args.pre_push || args.uninstall) {
        (true, _) => &[Hook::PreReceive],
        (false, true) => &[Hook::PreCommit, Hook::PrePush],
        (false, false) => &[Hook::PreCommit],
    };
    let mut exit = Exit::Clean;
    let mut text = String::new();
    for &hook in hooks {
        let done = if args.uninstall { place.uninstall(hook)? } else { place.install(hook)? };
        if matches!(done, Done::Advice(_)) {
            exit = Exit::Incomplete;
        }
        text.push_str(done.text());
        text.push('\n');
    }
    print(&text)?;
    Ok(exit)
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::enum_variant_names, reason = "these are their names")]
enum Hook {
    PreCommit,
    PrePush,
    PreReceive,
}

impl Hook {
    const fn name(self) -> &'static str {
        match self {
            Self::PreCommit => "pre-commit",
            Self::PrePush => "pre-push",
            Self::PreReceive => "pre-receive",
        }
    }

    /// What a manager's file calls, with the arguments that git gives.
    fn call(self) -> String {
        let arguments = if self == Self::PrePush { r#" "$@""# } else { "" };
        format!("keysift hook {}{arguments}", self.name())
    }

    /// Lines for a hook of somebody else's, and where they go.
    fn lines(self) -> (String, &'static str) {
        match self {
            // Git tells the refs once, and whatever else is in there wants them, too: Git LFS, say.
            Self::PrePush | Self::PreReceive => {
                let call = self.call();
                let lines = format!(
                    "refs=$(cat)\nif [ -n \"$refs\" ]; then\n    printf '%s\\n' \"$refs\" | {call} || exit $?\nfi\nexec <<END\n$refs\nEND"
                );
                (lines, "Add these lines at its top, below the first one")
            }
            Self::PreCommit => (format!("{} || exit $?", self.call()), "Add this line to it, above any `exec` or `exit`"),
        }
    }

    /// The whole hook.
    fn script(self, keysift: &Path) -> String {
        let program = quoted(keysift);
        let name = self.name();
        let way_out = match self {
            Self::PreCommit => "; git commit --no-verify commits without it",
            Self::PrePush => "; git push --no-verify pushes without it",
            Self::PreReceive => "",
        };
        format!(
            "#!/bin/sh\n{MARK}\nkeysift={program}\n\
             [ -x \"$keysift\" ] || keysift=$(command -v keysift) || {{\n\
             \x20   echo 'keysift: the program is not installed any more{way_out}' >&2\n\
             \x20   exit 2\n\
             }}\n\
             exec \"$keysift\" hook {name} \"$@\"\n"
        )
    }
}

/// A path for a shell.
fn quoted(path: &Path) -> String {
    // Git's own shell understands `/` on every system.
    let text = path.to_string_lossy();
    let text = if cfg!(windows) { text.replace('\\', "/") } else { text.into_owned() };
    format!("'{}'", text.replace('\'', r"'\''"))
}

/// What became of a hook.
enum Done {
    /// It is as asked for.
    Done(String),
    /// What the user has to do.
    Advice(String),
}

impl Done {
    fn text(&self) -> &str {
        match self {
            Self::Done(text) | Self::Advice(text) => text,
        }
    }
}

/// Where hooks go, and who else has a say there.
struct Place {
    folder: PathBuf,
    keysift: PathBuf,
    manager: Option<Manager>,
    /// Whether the folder belongs to this repository alone.
    own: bool,
}

/// Programs that manage hooks, and the file that each is told by.
#[derive(Clone, Debug)]
enum Manager {
    Husky(PathBuf),
    Lefthook(PathBuf),
    PreCommit(PathBuf),
    /// One that only needs to be told a command.
    Other(PathBuf),
}

impl Manager {
    fn of(top: &Path, folder: &Path) -> Option<Self> {
        let is_husky = |folder: &&Path| folder.file_name().is_some_and(|name| name == ".husky");
        let husky = top.join(".husky");
        if let Some(husky) = folder.ancestors().find(is_husky).or(husky.is_dir().then_some(&husky)) {
            return Some(Self::Husky(husky.to_owned()));
        }
        // <https://lefthook.dev/configuration/>.
        let endings = ["yml", "yaml", "toml", "json", "jsonc"];
        let begins = ["lefthook.", ".lefthook.", ".config/lefthook.", "lefthook-local.", ".lefthook-local."];
        let names = endings.iter().flat_map(|e| begins.map(|n| format!("{n}{e}")));
        if let Some(file) = names.map(|n| top.join(n)).find(|f| f.is_file()) {
            return Some(Self::Lefthook(file));
        }
        let file = top.join(".pre-commit-config.yaml");
        if file.is_file() {
            return Some(Self::PreCommit(file));
        }
        // <https://github.com/toplenboren/simple-git-hooks#additional-configuration-options>, <https://github.com/sds/overcommit#configuration>.
        let names = [".simple-git-hooks.cjs", ".simple-git-hooks.js", "simple-git-hooks.cjs", "simple-git-hooks.js"];
        let names = names.into_iter().chain([".simple-git-hooks.json", "simple-git-hooks.json", ".overcommit.yml"]);
        let package = top.join("package.json");
        let in_package = || fs::read(&package).is_ok_and(|text| memchr::memmem::find(&text, b"\"simple-git-hooks\": {").is_some());
        names.map(|name| top.join(name)).find(|f| f.is_file()).or_else(|| in_package().then(|| package.clone())).map(Self::Other)
    }

    /// The command that makes git call the manager, where that takes one.
    fn installs(&self, hook: Hook) -> Option<String> {
        match self {
            Self::Lefthook(_) => Some("lefthook install".to_owned()),
            Self::PreCommit(_) => Some(format!("pre-commit install{}", if hook == Hook::PrePush { " --hook-type pre-push" } else { "" })),
            Self::Husky(_) | Self::Other(_) => None,
        }
    }

    /// The file to add to for `hook`.
    fn file(&self, hook: Hook) -> PathBuf {
        match self {
            Self::Husky(folder) => folder.join(hook.name()),
            Self::Lefthook(file) | Self::PreCommit(file) | Self::Other(file) => file.clone(),
        }
    }

    /// Whether its file calls keysift at this hook already.
    fn calls(&self, hook: Hook) -> bool {
        let text = fs::read(self.file(hook)).unwrap_or_default();
        let ids = match hook {
            Hook::PreCommit => ["keysift", "keysift-system"],
            Hook::PrePush => ["keysift-push", "keysift-push-system"],
            Hook::PreReceive => return false,
        };
        let id = |line: &[u8]| {
            let entry = std::str::from_utf8(line).ok()?.trim_start_matches(['-', '{', ' ']);
            let id = entry.strip_prefix("id:")?.split(['#', ',', '}']).next()?.trim().trim_matches(['"', '\'']);
            ids.contains(&id).then_some(())
        };
        calls(&text, hook) || matches!(self, Self::PreCommit(_)) && text.split(|&b| b == b'\n').any(|line| id(line).is_some())
    }

    fn advice(&self, hook: Hook) -> String {
        let (name, call) = (hook.name(), hook.call());
        let install = self.installs(hook).unwrap_or_default();
        match self {
            Self::Other(_) => format!("let its {name} run this command:\n\n{call}\n"),
            Self::Husky(_) if hook == Hook::PrePush => format!("add these lines at its top:\n\n{}\n", hook.lines().0),
            Self::Husky(_) => format!("add this line:\n\n{call}\n"),
            Self::Lefthook(_) => {
                let (call, stdin) = match hook {
                    Hook::PrePush => ("keysift hook pre-push {1} {2}", "\n      use_stdin: true"),
                    _ => (call.as_str(), ""),
                };
                format!("add this, then run `{install}`:\n\n{name}:\n  commands:\n    keysift:\n      run: {call}{stdin}\n")
            }
            Self::PreCommit(_) => {
                let id = if hook == Hook::PrePush { "keysift-push-system" } else { "keysift-system" };
                format!(
                    "add this under `repos:`, then run `{install}`:\n\n  - repo: {}\n    rev: v{}\n    hooks:\n      - id: {id}\n",
                    env!("CARGO_PKG_REPOSITORY"),
                    env!("CARGO_PKG_VERSION")
                )
            }
        }
    }
}

impl Place {
    fn of(repository: &Repository) -> Result<Self, Failure> {
        let folder = repository.hooks_dir();
        let keysift = std::env::current_exe().map_err(|e| Failure::new(format!("keysift does not know where it is: {e}")))?;
        let manager = repository.worktree().and_then(|top| Manager::of(top, &folder));
        let inside = |top: &Path| is_inside(&folder, top);
        let own = inside(repository.common_dir()) || repository.worktree().is_some_and(inside);
        Ok(Self { folder, keysift, manager, own })
    }

    fn install(&self, hook: Hook) -> Result<Done, Failure> {
        let file = self.folder.join(hook.name());
        if let Some(manager) = &self.manager {
            let own = shown(&file);
            let shown = shown(&manager.file(hook));
            if manager.calls(hook) {
                return Ok(match manager.installs(hook).filter(|_| !file.exists()) {
                    Some(command) => Done::Advice(format!("{shown} calls keysift, but git does not call it yet: run `{command}`")),
                    None => Done::Done(format!("{shown} calls keysift already")),
                });
            }
            if fs::read(&file).is_ok_and(|there| bears_mark(&there)) {
                return Ok(Done::Done(format!("{own} is in place already; where {shown} takes hooks over, {}", manager.advice(hook))));
            }
            return Ok(Done::Advice(format!("hooks are managed by {shown}; nothing was changed. In it, {}", manager.advice(hook))));
        }
        let script = hook.script(&self.keysift);
        let shown = shown(&file);
        match fs::read(&file) {
            Ok(there) if !is_executable(&file) && (bears_mark(&there) || calls(&there, hook)) && !is_ours(&there, &script) => {
                Ok(Done::Advice(format!("{shown} calls keysift, but git does not run it, for it is not executable: `chmod +x {shown}`")))
            }
            Ok(there) if there == script.as_bytes() && is_executable(&file) => Ok(Done::Done(format!("{shown} is in place already"))),
            Ok(there) if is_ours(&there, &script) => {
                self.write(&file, &script).map(|()| Done::Done(format!("{shown} was brought up to date")))
            }
            Ok(there) if bears_mark(&there) => {
                Ok(Done::Done(format!("{shown} is in place, with changes that are not ours; it was left as it is")))
            }
            Ok(there) if calls(&there, hook) => Ok(Done::Done(format!("{shown} calls keysift already"))),
            Ok(_) => {
                let (lines, place) = hook.lines();
                Ok(Done::Advice(format!("{shown} is there already; nothing was changed. {place}:\n\n{lines}\n")))
            }
            // A folder, or a link to nothing: not ours to replace.
            Err(_) if file.is_symlink() => Err(Failure::new(format!("{shown} is a link to nothing: remove it, or make what it leads to"))),
            Err(error) if file.symlink_metadata().is_ok() => Err(Failure::new(format!("{shown}: {error}"))),
            // `/dev/null`, mostly.
            Err(_) if self.folder.exists() && !self.folder.is_dir() => Ok(Done::Advice(format!(
                "core.hooksPath is {}, which is no folder: git runs no hooks here, and nothing was changed. `git config --show-origin core.hooksPath` \
                 says where that is set; take it out there, then run `keysift init` again",
                self.folder.display()
            ))),
            Err(_) if !self.own => {
                let what = if self.folder.is_symlink() { "the folder of hooks is a link that" } else { "core.hooksPath" };
                Ok(Done::Advice(format!(
                    "{what} leads out of this repository, to hooks that other repositories share; nothing was changed. For all of them, make an \
                     executable file {shown} with:\n\n{script}"
                )))
            }
            Err(_) => self.write(&file, &script).map(|()| Done::Done(format!("{shown} was installed: it scans {}", hook.scans()))),
        }
    }

    fn uninstall(&self, hook: Hook) -> Result<Done, Failure> {
        let done = self.take_out(hook)?;
        Ok(match self.manager.as_ref().filter(|m| m.calls(hook)) {
            Some(manager) => {
                Done::Advice(format!("{}\n{} calls keysift; take that out of it yourself", done.text(), shown(&manager.file(hook))))
            }
            None => done,
        })
    }

    fn take_out(&self, hook: Hook) -> Result<Done, Failure> {
        let file = self.folder.join(hook.name());
        let shown_file = shown(&file);
        match fs::read(&file) {
            Ok(there) if is_ours(&there, &hook.script(&self.keysift)) => {
                fs::remove_file(&file).map_err(|e| Failure::new(format!("{shown_file}: {e}")))?;
                Ok(Done::Done(format!("{shown_file} was taken out")))
            }
            Ok(there) if bears_mark(&there) => Ok(Done::Advice(format!(
                "{shown_file} has changes that are not ours, and was left as it is; take our lines out of it yourself, or remove it"
            ))),
            Ok(there) if calls(&there, hook) => {
                Ok(Done::Advice(format!("{shown_file} is not ours; take the line with `keysift hook {}` out of it yourself", hook.name())))
            }
            _ => Ok(Done::Done(format!("there is no {} hook of ours", hook.name()))),
        }
    }

    /// Writes a hook whole or not at all: git may start it at any moment.
    fn write(&self, file: &Path, script: &str) -> Result<(), Failure> {
        let failed = |e: std::io::Error| Failure::new(format!("{}: {e}", shown(file)));
        fs::create_dir_all(&self.folder).map_err(failed)?;
        let mut beside = tempfile::NamedTempFile::new_in(&self.folder).map_err(failed)?;
        beside.write_all(script.as_bytes()).map_err(failed)?;
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            beside.as_file().set_permissions(fs::Permissions::from_mode(0o755)).map_err(failed)?;
        }
        beside.persist(file).map_err(|e| failed(e.error))?;
        Ok(())
    }
}

impl Hook {
    const fn scans(self) -> &'static str {
        match self {
            Self::PreCommit => "what is staged, at every commit",
            Self::PrePush => "what a push brings to the remote, at every push",
            Self::PreReceive => "what a push brings, at every push",
        }
    }
}

/// Whether this is a hook that `keysift init` wrote, perhaps from another place, and nobody has changed: `script` is what it would write now.
fn is_ours(hook: &[u8], script: &str) -> bool {
    let but_program = |text: &str| text.lines().filter(|line| !line.starts_with("keysift=")).map(str::to_owned).collect::<Vec<_>>();
    std::str::from_utf8(hook).is_ok_and(|hook| but_program(hook) == but_program(script))
}

/// Whether `keysift init` wrote some of this.
fn bears_mark(hook: &[u8]) -> bool {
    memchr::memmem::find(hook, MARK.as_bytes()).is_some()
}

/// Whether somebody else's hook has been told to call keysift, and not in a comment.
fn calls(file: &[u8], hook: Hook) -> bool {
    let call = format!("keysift hook {}", hook.name());
    let is_comment = |line: &[u8]| line.trim_ascii_start().starts_with(b"#");
    file.split(|&b| b == b'\n').any(|line| !is_comment(line) && memchr::memmem::find(line, call.as_bytes()).is_some())
}

/// Whether git would run the hook in `file`.
#[cfg(unix)]
fn is_executable(file: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    file.metadata().is_ok_and(|metadata| metadata.permissions().mode() & 0o111 != 0)
}

#[cfg(not(unix))]
fn is_executable(_: &Path) -> bool {
    true
}

/// Whether `path`, whose last parts need not exist, lies in `top`.
fn is_inside(path: &Path, top: &Path) -> bool {
    let Ok(top) = top.canonicalize() else { return false };
    path.ancestors().find_map(|a| a.canonicalize().ok()).is_some_and(|p| p.starts_with(top))
}

/// A path for people: from the working folder, where it lies in it.
fn shown(path: &Path) -> String {
    let here = std::env::current_dir().and_then(|h| h.canonicalize()).unwrap_or_default();
    escape::line(&path.strip_prefix(&here).unwrap_or(path).display().to_string())
}
