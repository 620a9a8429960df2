"""Complete objects of GitHub's REST API: accounts, repositories, commits, Apps. The product reads little of them.

Everything that could identify or quote a person is a canary; URLs are those of github.com.
"""

from typing import Any

from tests.harness.bodies import NOBODY

SITE, API = "https://github.com", "https://api.github.com"

# The ends of a repository's URLs, by their field.
_BELOW_REPOSITORY = {
    "archive": "/{archive_format}{/ref}",
    "assignees": "/assignees{/user}",
    "blobs": "/git/blobs{/sha}",
    "branches": "/branches{/branch}",
    "collaborators": "/collaborators{/collaborator}",
    "comments": "/comments{/number}",
    "commits": "/commits{/sha}",
    "compare": "/compare/{base}...{head}",
    "contents": "/contents/{+path}",
    "contributors": "/contributors",
    "deployments": "/deployments",
    "downloads": "/downloads",
    "events": "/events",
    "forks": "/forks",
    "git_commits": "/git/commits{/sha}",
    "git_refs": "/git/refs{/sha}",
    "git_tags": "/git/tags{/sha}",
    "hooks": "/hooks",
    "issue_comment": "/issues/comments{/number}",
    "issue_events": "/issues/events{/number}",
    "issues": "/issues{/number}",
    "keys": "/keys{/key_id}",
    "labels": "/labels{/name}",
    "languages": "/languages",
    "merges": "/merges",
    "milestones": "/milestones{/number}",
    "notifications": "/notifications{?since,all,participating}",
    "pulls": "/pulls{/number}",
    "releases": "/releases{/id}",
    "stargazers": "/stargazers",
    "statuses": "/statuses/{sha}",
    "subscribers": "/subscribers",
    "subscription": "/subscription",
    "tags": "/tags",
    "teams": "/teams",
    "trees": "/git/trees{/sha}",
}
_COUNTS = ("forks", "forks_count", "open_issues", "open_issues_count", "stargazers_count", "watchers", "watchers_count")


def account(name: str = NOBODY["login"], number: int = NOBODY["id"], kind: str = "User") -> dict[str, Any]:
    """Return a user or an organization."""
    url = f"{API}/users/{name}"
    lists = ("followers", "gists", "organizations", "received_events", "repos", "starred", "subscriptions")
    return {
        "login": name,
        "id": number,
        "node_id": "U_CANARY",
        "avatar_url": f"{SITE}/images/CANARY",
        "gravatar_id": "",
        "url": url,
        "html_url": f"{SITE}/{name}",
        "type": kind,
        "site_admin": False,
        "events_url": f"{url}/events{{/privacy}}",
        "following_url": f"{url}/following{{/other_user}}",
        **{f"{each}_url": f"{url}/{each}" for each in lists},
    }


def organization(name: str, number: int) -> dict[str, Any]:
    """Return an organization as a member sees it in a list."""
    url = f"{API}/orgs/{name}"
    lists = ("repos", "events", "hooks", "issues", "members", "public_members")
    return {
        "login": name,
        "id": number,
        "node_id": "O_CANARY",
        "url": url,
        "avatar_url": f"{SITE}/images/CANARY",
        "description": "CANARY-description",
        **{f"{each}_url": f"{url}/{each}" for each in lists},
    }


def repository(number: int, path: str, moment: str | None) -> dict[str, Any]:
    """Return a repository as its own endpoint shows it; lists have slightly fewer fields."""
    owner, _, name = path.partition("/")
    url = f"{API}/repos/{path}"
    return {
        "id": number,
        "node_id": "R_CANARY",
        "name": name,
        "full_name": path,
        "owner": account(owner, 8, "Organization"),
        "private": True,
        "html_url": f"{SITE}/{path}",
        "description": "CANARY-description",
        "homepage": None,
        "fork": False,
        "url": url,
        **{f"{each}_url": url + below for each, below in _BELOW_REPOSITORY.items()},
        "clone_url": f"{SITE}/{path}.git",
        "git_url": f"git://github.com/{path}.git",
        "ssh_url": f"git@github.com:{path}.git",
        "svn_url": f"{SITE}/{path}",
        "mirror_url": None,
        "language": "Python",
        "license": None,
        "default_branch": "main",
        "size": 1,
        **dict.fromkeys((*_COUNTS, "network_count", "subscribers_count"), 0),
        **{f"has_{each}": False for each in ("discussions", "downloads", "issues", "pages", "projects", "wiki")},
        "archived": False,
        "disabled": False,
        "created_at": moment,
        "updated_at": moment,
        "pushed_at": moment,
    }


def commit(path: str, sha: str, moment: str | None, parents: list[str]) -> dict[str, Any]:
    """Return a commit of a repository."""
    url, page = f"{API}/repos/{path}/commits", f"{SITE}/{path}/commit"
    made = {"name": "CANARY-name", "email": "CANARY@example.org", "date": moment}
    tree = {"sha": sha[::-1], "url": f"{API}/repos/{path}/git/trees/{sha[::-1]}"}
    return {
        "sha": sha,
        "node_id": "C_CANARY",
        "url": f"{url}/{sha}",
        "html_url": f"{page}/{sha}",
        "comments_url": f"{url}/{sha}/comments",
        "author": account(),
        "committer": account(),
        "commit": {
            "author": made,
            "committer": made,
            "message": "CANARY",
            "comment_count": 0,
            "tree": tree,
            "url": f"{API}/repos/{path}/git/commits/{sha}",
        },
        "parents": [{"sha": each, "url": f"{url}/{each}", "html_url": f"{page}/{each}"} for each in parents],
    }


def changed_file(path: str, sha: str) -> dict[str, Any]:
    """Return a file in a comparison."""
    return {
        "sha": sha,
        "filename": "CANARY/path",
        "status": "modified",
        "additions": 1,
        "deletions": 0,
        "changes": 1,
        "blob_url": f"{SITE}/{path}/blob/{sha}/CANARY",
        "raw_url": f"{SITE}/{path}/raw/{sha}/CANARY",
        "contents_url": f"{API}/repos/{path}/contents/CANARY?ref={sha}",
        "patch": "CANARY-code",
    }


def describe_app(number: int, slug: str, page: str, permissions: dict[str, str], events: list[str]) -> dict[str, Any]:
    """Return an App as its owner sees it."""
    return {
        "id": number,
        "slug": slug,
        "node_id": "A_CANARY",
        "owner": account("CANARY-owner", 9, "Organization"),
        "name": "CANARY-name",
        "description": None,
        "external_url": "https://example.org/CANARY",
        "html_url": page,
        "created_at": "2026-03-01T00:00:00Z",
        "updated_at": "2026-03-01T00:00:00Z",
        "permissions": permissions,
        "events": events,
    }
