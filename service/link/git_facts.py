"""What git says of a folder, without starting hooks. Standard library of Python 3.8: part of the one file."""

from __future__ import annotations

import os
import re
import subprocess

_REMOTE_URL = re.compile(r"(?:https?|ssh|git)(?:\+ssh)?://(?:[^/]*@)?([A-Za-z0-9._-]+)(?::\d+)?[:/]+(.+)")
_SSH_REMOTE = re.compile(r"(?:[^@/\s]+@)?([A-Za-z0-9._-]+):(?!//)(.+)")


def git(*arguments: str) -> str:
    """Return what a git command prints; empty if it fails."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    return _output(["git", *arguments], environment)


def repository_of(folder: str, remote: str, branch: str) -> str:
    """Return host/owner/name of a git folder's remote: the one pushed to, else the branch's, else the usual one."""
    if re.search(r"[:/]", remote):
        return reduced(remote)
    lines = git(f"--git-dir={folder}", "config", "--get-regexp", r"^(remote|branch)\.").splitlines()
    read = dict(line.partition(" ")[::2] for line in lines)
    of_branch = (read.get(f"branch.{branch}.{key}", "") for key in ("pushremote", "remote"))
    pushed, fetched = of_branch
    names = [remote, pushed, read.get("remote.pushdefault", ""), fetched, "origin"]
    names += [key[len("remote.") : -len(".url")] for key in read if key.startswith("remote.") and key.endswith(".url")]
    known = next((name for name in names if name and f"remote.{name}.url" in read), "")
    return reduced(git(f"--git-dir={folder}", "ls-remote", "--get-url", known)) if known else ""


def reduced(url: str) -> str:
    """Return host/owner/name of a remote's URL, without credentials and port; empty for what is on this machine."""
    match = _REMOTE_URL.fullmatch(url) or _SSH_REMOTE.fullmatch(url)
    if not match:
        return ""
    host, path = match[1].lower(), re.sub(r"(?:\.git)?/*$", "", match[2]).strip("/")
    if "." not in host and host != "localhost" and not url.startswith("http"):  # a name in the settings of ssh
        known = re.search(r"^hostname (\S+)$", _output(["ssh", "-G", host], None), re.MULTILINE)
        host = known[1].lower() if known else host
    return f"{host}/{path}" if ("." in host or host == "localhost") and "/" in path else ""


def _output(command: list[str], environment: dict[str, str] | None) -> str:
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=5, check=True, env=environment)
    except (OSError, ValueError, subprocess.SubprocessError):
        return ""
    return done.stdout.strip()
