"""Remotes of a clone: which of them is the repository that pull requests go to, and aliases of ssh."""

import re
import subprocess

from service.imports.git.reader import GitRepository

ORIGIN, UPSTREAM = "origin", "upstream"
SECONDS = 10

_SSH = re.compile(r"^(?P<before>(?:ssh://)?(?:[^@/\s]+@)?)(?P<host>[A-Za-z0-9_-]+)(?=[:/])")
_RESOLVED = re.compile(r"^remote\.(?P<remote>.+)\.gh-resolved base$", re.MULTILINE)


def choose_remote(clone: GitRepository) -> tuple[str, str | None]:
    """Return the remote to read, and a note if that is not plain: a fork's `upstream` is where its work is merged."""
    chosen = _RESOLVED.search(clone.config(r"^remote\..*\.gh-resolved$"))
    if chosen and chosen["remote"] != ORIGIN and clone.remote_url(chosen["remote"]):
        remote = chosen["remote"]
        return remote, f"read {remote}, the base of your fork according to gh; to read the fork: --remote {ORIGIN}"
    upstream = clone.remote_url(UPSTREAM)
    if not chosen and upstream and upstream != clone.remote_url(ORIGIN):
        return ORIGIN, f"read {ORIGIN}; if it is your fork of {UPSTREAM}, import that instead: --remote {UPSTREAM}"
    return ORIGIN, None


def resolve_ssh_alias(url: str) -> str:
    """Replace a host that only this machine's ssh settings know by the host that they name."""
    alias = _SSH.match(url)
    if alias is None or ("://" in url and not url.startswith("ssh://")):
        return url
    try:
        settings = subprocess.run(  # noqa: S603 - a fixed program; the name cannot be read as an option
            ["ssh", "-G", alias["host"]],  # noqa: S607 - the user's PATH decides which ssh runs
            capture_output=True,
            check=False,
            timeout=SECONDS,
            text=True,
        )
    except (OSError, subprocess.TimeoutExpired):
        return url
    host = re.search(r"^hostname (\S+)$", settings.stdout, re.MULTILINE)
    return f"{alias['before']}{host[1]}{url[alias.end() :]}" if host else url
