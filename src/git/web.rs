//! Where a commit is shown on the web.

use crate::model::ObjectId;

/// Hosts that everybody knows. What goes on behind such a name is somebody else's (`github.com.example.net`).
const PUBLIC: [&str; 4] = ["github.com", "gitlab.com", "bitbucket.org", "codeberg.org"];

/// The page of commit `id` in the repository that is fetched from `remote`; `None` unless the host is known to be GitHub, GitLab, Bitbucket or
/// Gitea (Forgejo), by its name, or Bitbucket by its paths. Credentials in `remote` do not get into the address.
#[must_use]
pub fn commit_url(remote: &str, id: &ObjectId) -> Option<String> {
    let (host, path) = host_and_path(remote)?;
    let path = path.trim_matches('/');
    let path = path.strip_suffix(".git").unwrap_or(path);
    // What a page's address cannot hold as it is would be somebody's attempt at something.
    let plain = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._~/:+".contains(&b));
    let goes_on = |public: &str| host.contains(&format!("{public}.")) || host.contains(&format!("{public}-"));
    if !plain(path) || !plain(&host) || path.split('/').count() < 2 || PUBLIC.into_iter().any(goes_on) {
        return None;
    }
    let host_is = |word: &str| host.split(['.', ':', '-']).any(|part| part == word);
    let page = if ["github", "gitea", "forgejo", "codeberg"].into_iter().any(host_is) {
        "commit"
    } else if host_is("gitlab") {
        "-/commit"
    } else if host == "bitbucket.org" {
        "commits"
    } else {
        // A Bitbucket of a company's own; over HTTP its paths tell.
        let inner = path.strip_prefix("scm/").or_else(|| host_is("bitbucket").then_some(path))?;
        let (project, repository) = inner.split_once('/').filter(|(_, repository)| !repository.contains('/'))?;
        return Some(format!("https://{host}/projects/{project}/repos/{repository}/commits/{id}"));
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
            "ssh" | "git" | "git+ssh" => Some((host_of_pages(host.split(':').next()?)?, path)),
            _ => None,
        };
    }
    // `git@host:path`; with a slash before the colon it is a path of this machine.
    let (authority, path) = remote.split_once(':').filter(|(authority, _)| !authority.contains('/'))?;
    Some((host_of_pages(&without_user(authority))?, path))
}

/// The host of the pages for a host of ssh; `None` for what is but a name in somebody's settings of ssh.
fn host_of_pages(host: &str) -> Option<String> {
    // `ssh.github.com` and `altssh.gitlab.com` are for firewalls that let only port 443 through, `github.com-work` for a second key.
    let is_of = |public: &&str| {
        let through = host.strip_suffix(*public).is_some_and(|before| before == "ssh." || before == "altssh.");
        through || host.strip_prefix(*public).is_some_and(|behind| behind.starts_with('-') && !behind.contains('.'))
    };
    let public = PUBLIC.into_iter().find(is_of);
    public.or_else(|| host.contains('.').then_some(host)).map(str::to_owned)
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
            ("ssh://git@ssh.github.com:443/acme/app.git", Some("https://github.com/acme/app/commit/ID")),
            ("ssh://git@altssh.bitbucket.org:443/acme/app.git", Some("https://bitbucket.org/acme/app/commits/ID")),
            ("git@github.com-work:acme/app.git", Some("https://github.com/acme/app/commit/ID")),
            ("git@github-work:acme/app.git", None),
            ("https://github.com-work/acme/app.git", None),
            ("https://github.com.evil.com/acme/app.git", None),
            ("git@github.com.evil.com:acme/app.git", None),
            ("git@github.com-x.evil.com:acme/app.git", None),
            ("git@github.example.org:acme/app.git", Some("https://github.example.org/acme/app/commit/ID")),
            ("https://code.example.org/scm/PRJ/app.git", Some("https://code.example.org/projects/PRJ/repos/app/commits/ID")),
            ("https://code.example.org:8443/scm/~ann/app.git", Some("https://code.example.org:8443/projects/~ann/repos/app/commits/ID")),
            ("ssh://git@bitbucket.example.org:7999/PRJ/app.git", Some("https://bitbucket.example.org/projects/PRJ/repos/app/commits/ID")),
            ("https://gitlab.example.org/scm/group/app.git", Some("https://gitlab.example.org/scm/group/app/-/commit/ID")),
            ("https://code.example.org/scm/repo/space/app", None),
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
