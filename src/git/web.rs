//! Where a commit is shown on the web.

use crate::model::ObjectId;

/// The page of commit `id` in the repository that is fetched from `remote`; `None` unless the host is known to be GitHub, GitLab, Bitbucket or
/// Gitea (Forgejo), by its name. Credentials in `remote` do not get into the address.
#[must_use]
pub fn commit_url(remote: &str, id: &ObjectId) -> Option<String> {
    let (host, path) = host_and_path(remote)?;
    let path = path.trim_matches('/');
    let path = path.strip_suffix(".git").unwrap_or(path);
    // What a page's address cannot hold as it is would be somebody's attempt at something.
    let plain = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._~/:+".contains(&b));
    if !plain(path) || !plain(&host) || path.split('/').count() < 2 {
        return None;
    }
    let host_is = |word: &str| host.split(['.', ':', '-']).any(|part| part == word);
    let page = if host_is("github") {
        "commit"
    } else if host_is("gitlab") {
        "-/commit"
    } else if host_is("bitbucket") {
        "commits"
    } else if host_is("gitea") || host_is("forgejo") || host_is("codeberg") {
        "commit"
    } else {
        return None;
    };
    Some(format!("https://{host}/{path}/{page}/{id}"))
}

/// Host (with a port only where it is one of a web server) and path of a remote's address.
fn host_and_path(remote: &str) -> Option<(String, &str)> {
    let without_user = |authority: &str| authority.rsplit('@').next().unwrap_or_default().to_ascii_lowercase();
    if let Some((scheme, rest)) = remote.split_once("://") {
        let (authority, path) = rest.split_once('/')?;
        let host = without_user(authority);
        return match scheme {
            "http" | "https" => Some((host, path)),
            // The port of ssh or git is not that of the pages.
            "ssh" | "git" | "git+ssh" => Some((host.split(':').next()?.to_owned(), path)),
            _ => None,
        };
    }
    // `git@host:path`; with a slash before the colon it is a path of this machine.
    let (authority, path) = remote.split_once(':')?;
    (!authority.contains('/')).then(|| (without_user(authority), path))
}

#[cfg(test)]
mod tests {
    use super::commit_url;
    use crate::model::ObjectId;

    #[test]
    fn the_ways_remotes_are_written() {
        let id = ObjectId::parse(&[b'a'; 40]).unwrap();
        let url = |remote: &str| commit_url(remote, &id).map(|url| url.replace(&id.to_string(), "ID"));
        for (remote, expected) in [
            ("https://github.com/acme/app.git", Some("https://github.com/acme/app/commit/ID")),
            ("https://user:pass@github.com/acme/app", Some("https://github.com/acme/app/commit/ID")),
            ("git@github.com:acme/app.git", Some("https://github.com/acme/app/commit/ID")),
            ("ssh://git@gitlab.example.org:2222/group/sub/app.git", Some("https://gitlab.example.org/group/sub/app/-/commit/ID")),
            ("git@bitbucket.org:acme/app.git", Some("https://bitbucket.org/acme/app/commits/ID")),
            ("https://codeberg.org/acme/app", Some("https://codeberg.org/acme/app/commit/ID")),
            ("https://git.example.org/acme/app", None),
            ("/srv/github/app.git", None),
            ("../app", None),
            ("https://github.com/acme", None),
            ("https://github.com/acme/app?x=\u{1b}[2J", None),
        ] {
            assert_eq!(url(remote).as_deref(), expected, "{remote}");
        }
    }
}
