//! `keysift init`, and the ids for the pre-commit framework.

use std::fs;

use crate::support::{Tree, token};

fn repository() -> Tree {
    let tree = Tree::clean();
    tree.git("init -q");
    tree
}

fn hook(tree: &Tree, name: &str) -> String {
    fs::read_to_string(tree.path(".git/hooks").join(name)).unwrap_or_default()
}

/// Asserts that a commit of something new is stopped by keysift.
#[track_caller]
fn stops(tree: &Tree) {
    tree.write("leak.env", format!("T={}\n", token("leak")));
    tree.git("add leak.env");
    let output = tree.try_git(".", &["commit", "-qm", "x"], &[]);
    assert!(!output.status.success() && String::from_utf8_lossy(&output.stderr).contains("leak.env"), "{output:?}");
}

#[test]
fn twice_is_as_once() {
    let tree = repository();
    let ran = tree.keysift("init").run().exits(0);
    assert!(ran.out.contains(".git/hooks/pre-commit was installed"), "{ran:?}");
    let first = hook(&tree, "pre-commit");
    let ran = tree.keysift("init").run().exits(0);
    assert!(ran.out.contains("in place already"), "{ran:?}");
    assert_eq!(hook(&tree, "pre-commit"), first);
    assert_eq!(hook(&tree, "pre-push"), "");
    tree.keysift("init --pre-push").run().exits(0);
    assert!(hook(&tree, "pre-push").contains("hook pre-push"));
    stops(&tree);
}

#[test]
fn a_hook_of_an_older_keysift_is_brought_up_to_date() {
    let tree = repository();
    tree.keysift("init").run().exits(0);
    let first = hook(&tree, "pre-commit");
    tree.write(".git/hooks/pre-commit", first.replacen("keysift='", "keysift='/elsewhere", 1));
    let ran = tree.keysift("init").run().exits(0);
    assert!(ran.out.contains("up to date"), "{ran:?}");
    assert_eq!(hook(&tree, "pre-commit"), first);
}

#[test]
fn a_hook_of_ours_with_changes_of_the_users_own_stays_as_it_is() {
    let tree = repository();
    tree.keysift("init").run().exits(0);
    let edited = hook(&tree, "pre-commit").replace("exec ", "true || exit 1\nexec ");
    tree.write(".git/hooks/pre-commit", &edited);
    assert!(tree.keysift("init").run().exits(0).out.contains("it was left as it is"));
    assert!(tree.keysift("init --uninstall").run().exits(3).out.contains("take our lines out of it yourself"));
    assert_eq!(hook(&tree, "pre-commit"), edited);
    stops(&tree);
}

/// Git tells what is pushed once, and the other hook needs it as well.
#[test]
fn the_advice_for_a_push_hook_works_and_leaves_the_other_one_its_input() {
    let tree = repository();
    let other = "#!/bin/sh\n# ours\nwc -l | tr -d ' ' >>\"$(git rev-parse --git-dir)/lines\"\n";
    tree.write(".git/hooks/pre-push", other);
    let ran = tree.keysift("init --pre-push").run().exits(3);
    let advice = ran.out.split_once("below the first one:\n\n").expect("advice").1.trim_end();
    let keysift = format!("'{}' hook", env!("CARGO_BIN_EXE_keysift"));
    let both = other.replace("# ours", &advice.replace("keysift hook", &keysift));
    tree.write(".git/hooks/pre-push", both);
    assert!(std::process::Command::new("chmod").arg("+x").arg(tree.path(".git/hooks/pre-push")).status().unwrap().success());
    tree.git("init -q --bare remote.git");
    let push = |refs: &str| tree.try_git(".", &["push", "-q", "remote.git", refs], &[]).status.success();
    tree.git("add .");
    tree.git("commit -q --no-verify -m clean");
    assert!(push("HEAD:refs/heads/one") && push("HEAD:refs/heads/one"));
    let lines = || fs::read_to_string(tree.path(".git/lines")).unwrap_or_default();
    assert!(lines().starts_with("1\n"), "{}", lines());
    let before = lines();
    tree.write("leak.env", format!("T={}\n", token("pushed")));
    tree.git("add leak.env");
    tree.git("commit -q --no-verify -m leak");
    assert!(!push("HEAD:refs/heads/two"));
    assert_eq!(lines(), before);
}

#[test]
fn a_hook_of_somebody_else_stays_as_it_is() {
    let tree = repository();
    tree.write(".git/hooks/pre-commit", "#!/bin/sh\nexit 0\n");
    let ran = tree.keysift("init").run().exits(3);
    assert!(ran.out.contains("nothing was changed") && ran.out.contains("\nkeysift hook pre-commit || exit $?\n"), "{ran:?}");
    assert_eq!(hook(&tree, "pre-commit"), "#!/bin/sh\nexit 0\n");
    tree.write(".git/hooks/pre-commit", "#!/bin/sh\nkeysift hook pre-commit || exit $?\nexit 0\n");
    executable(&tree);
    tree.keysift("init").run().exits(0);
    tree.keysift("init --uninstall").run().exits(3);
    assert!(hook(&tree, "pre-commit").contains("exit 0"));
}

#[test]
fn taken_out_is_what_was_installed_and_no_more() {
    let tree = repository();
    tree.write(".git/hooks/pre-push", "#!/bin/sh\nexit 0\n");
    tree.keysift("init").run().exits(0);
    tree.keysift("init --uninstall").run().exits(0);
    assert_eq!(hook(&tree, "pre-commit"), "");
    assert_eq!(hook(&tree, "pre-push"), "#!/bin/sh\nexit 0\n");
    tree.keysift("init --uninstall").run().exits(0);
}

#[test]
fn hooks_path_is_heeded() {
    let tree = repository();
    tree.git("config core.hooksPath .githooks");
    tree.keysift("init").run().exits(0);
    assert!(tree.path(".githooks/pre-commit").is_file() && hook(&tree, "pre-commit").is_empty());
    stops(&tree);
    // From a folder below, it is the same place.
    tree.write("sub/x", "x");
    let ran = tree.keysift("init").within(tree.path("sub")).run().exits(0);
    assert!(ran.out.contains("in place already"), "{ran:?}");
    // Hooks that other repositories share are theirs, too.
    let tree = repository();
    fs::create_dir(tree.home().join("hooks")).unwrap();
    tree.git("config --global core.hooksPath ~/hooks");
    let ran = tree.keysift("init").run().exits(3);
    assert!(ran.out.contains("other repositories share") && ran.out.contains("hook pre-commit"), "{ran:?}");
    assert!(fs::read_dir(tree.home().join("hooks")).unwrap().next().is_none());
    assert_eq!(hook(&tree, "pre-commit"), "");
}

#[cfg(unix)]
#[test]
fn hooks_that_are_switched_off_stay_so() {
    let tree = repository();
    tree.git("config core.hooksPath /dev/null");
    let ran = tree.keysift("init").run().exits(3);
    assert!(ran.out.contains("git runs no hooks here") && ran.out.contains("--show-origin") && !ran.out.contains("#!/bin/sh"), "{ran:?}");
    tree.keysift("init --uninstall").run().exits(0);
}

#[cfg(unix)]
#[test]
fn a_folder_of_hooks_that_is_a_link_out_of_the_repository_is_left_alone() {
    let tree = repository();
    let shared = tree.home().join("hooks");
    fs::create_dir(&shared).unwrap();
    fs::remove_dir_all(tree.path(".git/hooks")).unwrap();
    std::os::unix::fs::symlink(&shared, tree.path(".git/hooks")).unwrap();
    let ran = tree.keysift("init").run().exits(3);
    assert!(ran.out.contains("the folder of hooks is a link") && !ran.out.contains("core.hooksPath"), "{ran:?}");
    assert!(fs::read_dir(&shared).unwrap().next().is_none());
}

#[test]
fn linked_worktrees_share_hooks() {
    let tree = repository();
    tree.git("add .");
    tree.git("commit -qm first");
    tree.git("worktree add -q ../tree/linked -b linked");
    tree.keysift("init").within(tree.path("linked")).run().exits(0);
    assert!(hook(&tree, "pre-commit").contains("hook pre-commit"));
    stops(&tree);
}

#[test]
fn managers_are_told_not_overwritten() {
    for (file, content, line) in [
        (".husky/_/husky.sh", "", "\nkeysift hook pre-commit\n"),
        ("lefthook.yml", "", "      run: keysift hook pre-commit\n"),
        (".pre-commit-config.yaml", "repos: []\n", "      - id: keysift-system\n"),
    ] {
        let tree = repository().file(file, content);
        let ran = tree.keysift("init").run().exits(3);
        assert!(ran.out.contains(line) && ran.out.contains("nothing was changed"), "{ran:?}");
        assert_eq!((hook(&tree, "pre-commit"), fs::read_to_string(tree.path(file)).unwrap()), (String::new(), content.to_owned()));
        // Done as told: nothing is left to do.
        let told = if file.starts_with(".husky") { ".husky/pre-commit" } else { file };
        tree.write(told, format!("{content}{line}"));
        if !file.starts_with(".husky") {
            let ran = tree.keysift("init").run().exits(3);
            assert!(ran.out.contains("git does not call it yet: run `"), "{ran:?}");
            tree.write(".git/hooks/pre-commit", "#!/bin/sh\nexec the manager\n");
        }
        tree.keysift("init").run().exits(0);
        tree.keysift("init --pre-push").run().exits(3);
        tree.keysift("init --uninstall").run().exits(3);
    }
}

#[test]
fn what_is_commented_out_is_not_called() {
    for (file, comment, call) in [
        (".pre-commit-config.yaml", "#  - id: keysift-system\n", "      - id: keysift-system  # ours\n"),
        (".husky/pre-commit", "# keysift hook pre-commit\n", "npx lint && keysift hook pre-commit\n"),
        (".git/hooks/pre-commit", "#!/bin/sh\n# keysift hook pre-commit\n", "#!/bin/sh\nkeysift hook pre-commit || exit $?\n"),
    ] {
        let tree = repository().file(file, comment);
        let ran = tree.keysift("init").run().exits(3);
        assert!(ran.out.contains("nothing was changed"), "{ran:?}");
        tree.write(file, call);
        if !file.starts_with(".git") {
            tree.write(".git/hooks/pre-commit", "#!/bin/sh\nexec the manager\n");
        }
        executable(&tree);
        tree.keysift("init").run().exits(0);
    }
}

/// Makes what stands for git's hook one that git runs.
fn executable(tree: &Tree) {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let file = tree.path(".git/hooks/pre-commit");
        fs::set_permissions(file, fs::Permissions::from_mode(0o755)).unwrap();
    }
}

#[cfg(unix)]
#[test]
fn a_hook_that_git_does_not_run_is_none() {
    use std::os::unix::fs::PermissionsExt as _;
    let tree = repository();
    let file = tree.path(".git/hooks/pre-commit");
    // Ours is mended, somebody else's is told.
    tree.keysift("init").run().exits(0);
    fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).unwrap();
    tree.keysift("init").run().exits(0);
    stops(&tree);
    fs::write(&file, "#!/bin/sh\nkeysift hook pre-commit || exit $?\n").unwrap();
    fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).unwrap();
    let ran = tree.keysift("init").run().exits(3);
    assert!(ran.out.contains("is not executable"), "{ran:?}");
}

#[test]
fn ids_are_read_in_all_their_spellings() {
    for entry in
        ["- id: \"keysift-system\"", "- id: 'keysift'", "- {id: keysift-system}", "- {id: keysift, stages: [manual]}", "- id: keysift  "]
    {
        let tree = repository().file(".pre-commit-config.yaml", format!("repos:\n  - repo: x\n    hooks:\n      {entry}\n"));
        let ran = tree.keysift("init").run().exits(3);
        assert!(ran.out.contains("run `pre-commit install`"), "{entry}: {ran:?}");
    }
}

#[test]
fn managers_that_take_a_command_are_told_it() {
    for (file, content) in [
        ("package.json", "{\"simple-git-hooks\": {\"pre-commit\": \"npx lint\"}}\n"),
        (".simple-git-hooks.json", "{\"pre-commit\": \"npx lint\"}\n"),
        (".overcommit.yml", "PreCommit:\n"),
    ] {
        let tree = repository().file(file, content);
        let ran = tree.keysift("init").run().exits(3);
        assert!(ran.out.contains(file) && ran.out.contains("run this command:\n\nkeysift hook pre-commit\n"), "{ran:?}");
        tree.write(file, format!("{content}keysift hook pre-commit\n"));
        tree.keysift("init").run().exits(0);
    }
}

#[test]
fn hooks_of_ours_are_taken_out_though_a_manager_calls_keysift() {
    let tree = repository();
    tree.keysift("init").run().exits(0);
    tree.write(".pre-commit-config.yaml", "      - id: keysift\n");
    let ran = tree.keysift("init --uninstall").run().exits(3);
    assert!(ran.out.contains("was taken out") && ran.out.contains("take that out of it yourself"), "{ran:?}");
    assert_eq!(hook(&tree, "pre-commit"), "");
}

/// Done as told, a hook that was there and ours both get the refs.
#[cfg(unix)]
#[test]
fn lines_for_a_pre_receive_hook_leave_it_its_refs() {
    use std::os::unix::fs::PermissionsExt as _;
    let tree = repository();
    tree.git("add .");
    tree.git("commit -qm first");
    tree.git("init -q --bare ../server.git");
    let file = tree.path("../server.git/hooks/pre-receive");
    fs::write(&file, "#!/bin/sh\n").unwrap();
    fs::set_permissions(&file, fs::Permissions::from_mode(0o755)).unwrap();
    let ran = tree.keysift("init").within(tree.path("../server.git")).run().exits(3);
    let lines = ran.out.split_once(":\n\n").unwrap().1.replace("keysift hook", &format!("'{}' hook", env!("CARGO_BIN_EXE_keysift")));
    fs::write(&file, format!("#!/bin/sh\n{lines}\nwhile read old new name; do echo \"policy saw $name\" >&2; done\n")).unwrap();
    let pushed = tree.try_git(".", &["push", "../server.git", "HEAD:refs/heads/clean"], &[]);
    let said = String::from_utf8_lossy(&pushed.stderr).into_owned();
    assert!(pushed.status.success() && said.contains("policy saw refs/heads/clean"), "{said}");
    tree.write("leak.env", format!("T={}\n", token("leak")));
    tree.git("add .");
    tree.git("commit -qm leak");
    let pushed = tree.try_git(".", &["push", "../server.git", "HEAD:refs/heads/leak"], &[]);
    let said = String::from_utf8_lossy(&pushed.stderr).into_owned();
    assert!(!pushed.status.success() && said.contains("leak.env") && !said.contains("policy saw"), "{said}");
}

#[test]
fn husky_below_the_top_is_told_there() {
    let tree = repository().file("front/.husky/_/husky.sh", "");
    tree.git("config core.hooksPath front/.husky/_");
    let ran = tree.keysift("init").run().exits(3);
    assert!(ran.out.contains("front/.husky/pre-commit"), "{ran:?}");
    tree.write("front/.husky/pre-commit", "keysift hook pre-commit\n");
    tree.keysift("init").run().exits(0);
}

#[test]
fn a_hook_of_ours_stays_in_place_beside_a_manager() {
    let tree = repository();
    tree.keysift("init").run().exits(0);
    tree.write(".pre-commit-config.yaml", "repos: []\n");
    let ran = tree.keysift("init").run().exits(0);
    assert!(ran.out.contains("is in place already; where .pre-commit-config.yaml takes hooks over"), "{ran:?}");
    tree.keysift("init --uninstall").run().exits(0);
    assert_eq!(hook(&tree, "pre-commit"), "");
}

#[test]
fn a_keysift_that_is_gone_is_said() {
    let tree = repository();
    tree.keysift("init").run().exits(0);
    let script = hook(&tree, "pre-commit").replace(env!("CARGO_BIN_EXE_keysift"), "/nowhere/it's/keysift");
    tree.write(".git/hooks/pre-commit", script.replace("it's", "its"));
    tree.git("add .");
    let output = tree.try_git(".", &["commit", "-qm", "x"], &[]);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!output.status.success() && said.contains("not installed any more") && said.contains("--no-verify"), "{output:?}");
}

#[test]
fn outside_of_a_repository_is_2() {
    Tree::new().keysift("init").run().exits(2).says("not in a git repository");
}

/// The ids that the repository offers run commands that there are, and read the index rather than files.
#[test]
fn ids_for_the_pre_commit_framework() {
    let text = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/.pre-commit-hooks.yaml")).unwrap();
    let values =
        |key: &str| text.lines().filter_map(|l| l.trim_start_matches("- ").trim().strip_prefix(key)).map(str::trim).collect::<Vec<_>>();
    assert_eq!(values("id:"), ["keysift", "keysift-system", "keysift-push", "keysift-push-system"]);
    assert_eq!(values("language:"), ["rust", "system", "rust", "system"]);
    assert_eq!(values("pass_filenames:"), ["false"; 4]);
    let tree = repository();
    tree.git("add .");
    tree.git("commit -qm first");
    for entry in values("entry:") {
        let words = entry.strip_prefix("keysift ").unwrap();
        tree.keysift(words).stdin("").run().exits(0);
    }
}
