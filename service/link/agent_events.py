"""What hooks of coding agents say: where a session starts, works and stops, and which pull request it created.

The hook's JSON holds prompts, commands and output. Only session, folder, the git command and the address of a created
pull request are read. Part of the one file (Python 3.8).
"""

from __future__ import annotations

import json
import os
import re
import shlex
import time
from pathlib import Path
from typing import Any

from service.link.git_facts import git, repository_of
from service.link.waiting import PLUGIN, Seen, evidence, last_place, remember, rename

# A commit older than this was not made by the command that has just ended.
FRESH_SECONDS = 120
_PULL_REQUEST = re.compile(
    r"^(?:remote:)?\s*https?://([^\s/]+)/(\S+?)/(?:pull|-/merge_requests)/(\d{1,9})/?\s*$", re.MULTILINE
)
_CREATES = re.compile(r"\b(?:gh\s+pr|glab\s+mr)\s+create\b|\bmerge_request\.create\b")
_EVENTS = {"commit": "commit", "push": "push"}
_MOVES = frozenset(
    ["am", "checkout", "cherry-pick", "merge", "pull", "rebase", "reset", "revert", "switch", "worktree"]
)


def items_of(folder: Path, agent: str, kind: str, body: dict[str, Any]) -> list[dict[str, Any]]:
    """Return what a hook of the kind `start`, `tool` or `stop` says; `folder` holds what is known of the session."""
    session = _text(body, "session_id", "sessionId", "conversation_id", "conversationId")
    roots = body.get("workspace_roots") or [""]
    cwd = _text(body, "cwd", "directory") or str(roots[0])
    if not session or not cwd:
        return []
    if (made := os.environ.get("SHIPLEDGER_SESSION_ID")) and made != session and kind == "start":
        rename(folder, made, session)
    if kind == "tool":
        return _of_command(folder, agent, session, cwd, _command(body), _printed(body))
    known = last_place(folder, session) if kind == "stop" else None
    place = known[0] if known and Path(known[0]).is_dir() else _git_folder(cwd)
    item = _seen(folder, agent, session, place, "start" if kind == "start" else "turn_end")
    return [item] if item else []


def _of_command(folder: Path, agent: str, session: str, cwd: str, command: str, output: str) -> list[dict[str, Any]]:
    items = []
    where, verb = git_command(command, cwd)
    if verb and where:
        place = _git_folder(where)
        item = _seen(folder, agent, session, place, _EVENTS.get(verb, "checkout"))
        items += [item] if item else []
    if _CREATES.search(command) and (found := _PULL_REQUEST.findall(output)):
        host, path, number = found[-1]
        seen = Seen("", f"{host.lower()}/{path}", pull_request=int(number))
        created = evidence(PLUGIN, agent, session, time.time(), seen)
        items += [created] if created else []
    return items


def _seen(folder: Path, agent: str, session: str, place: str, event: str) -> dict[str, Any] | None:
    """Return that a session is in a git folder now; None if its last record says the same."""
    branch = git(f"--git-dir={place}", "symbolic-ref", "-q", "--short", "HEAD") if place else ""
    if not branch:
        return None
    head, _, made = git(f"--git-dir={place}", "log", "-1", "--format=%H %ct").partition(" ")
    known = last_place(folder, session)
    is_new = made.isdigit() and time.time() - int(made) <= FRESH_SECONDS and (known is None or head != known[2])
    if event == "commit" and not is_new:
        event = "checkout"
    if known and event in {"checkout", "push"} and known[:2] == (place, branch):
        return None
    remember(folder, session, place, branch, head)
    commit = head if event == "commit" else ""
    seen = Seen(event, repository_of(place, "", branch), branch, commit)
    return evidence(PLUGIN, agent, session, time.time(), seen)


def git_command(command: str, cwd: str) -> tuple[str, str]:
    """Return folder and verb of the last git command that moves or commits; empty where a shell would be needed."""
    where, found = cwd, ("", "")
    for part in re.split(r"&&|\|\||[;\n|]", command):
        try:
            words = shlex.split(part, comments=True)
        except ValueError:
            words = part.split()
        while words and re.fullmatch(r"[A-Za-z_]\w*=.*|command|time|sudo|\(", words[0]):
            words = words[1:]
        if not words:
            continue
        if words[0] in {"cd", "pushd"}:
            where = _joined(where, words[1]) if len(words) > 1 else ""
        elif Path(words[0]).name == "git":
            folder, verb = _git_words(words[1:], where)
            if verb in _EVENTS or verb in _MOVES:
                found = (folder, verb)
    return found


def _git_words(words: list[str], where: str) -> tuple[str, str]:
    while words and words[0].startswith("-"):
        if words[0] in {"-C", "-c"} and len(words) > 1:
            where = _joined(where, words[1]) if words[0] == "-C" else where
            words = words[1:]
        elif words[0].startswith(("--git-dir", "--work-tree")):
            where = ""
        words = words[1:]
    return where, words[0] if words else ""


def _joined(where: str, path: str) -> str:
    if re.search(r"[$`*?]", path) or path == "-" or not (where or path.startswith(("/", "~"))):
        return ""
    # By the text alone, as a shell does; a folder may be gone by now.
    return os.path.normpath(Path(where or "/") / Path(path).expanduser())


def _git_folder(where: str) -> str:
    return git("-C", where, "rev-parse", "--absolute-git-dir") if Path(where).is_dir() else ""


def _command(body: dict[str, Any]) -> str:
    arguments = next((body[name] for name in ("tool_input", "toolArgs", "tool_args", "args") if name in body), body)
    if isinstance(arguments, str):
        try:
            arguments = json.loads(arguments)
        except ValueError:
            return ""
    command = arguments.get("command", "") if isinstance(arguments, dict) else ""
    if isinstance(command, list):
        return str(command[-1]) if command and command[0] in {"bash", "sh", "zsh"} else shlex.join(map(str, command))
    return str(command)


def _printed(body: dict[str, Any]) -> str:
    """Return the text that a command printed, wherever the agent puts it."""
    names = ("tool_response", "tool_result", "toolResult", "tool_output", "output")
    return "\n".join(_texts(next((body[name] for name in names if name in body), "")))


def _texts(value: Any) -> list[str]:
    if isinstance(value, str):
        with_lines = value.replace("\\n", "\n")
        return [with_lines]
    if isinstance(value, dict):
        return [text for each in value.values() for text in _texts(each)]
    return [text for each in value for text in _texts(each)] if isinstance(value, list) else []


def _text(body: dict[str, Any], *names: str) -> str:
    return next((body[name] for name in names if isinstance(body.get(name), str)), "")
