"""Sessions of agents that a clone names: Git notes of git-ai, and checkpoints of Entire.

git-ai (authorship 3.0.0): `refs/notes/ai` has a note for each commit. Behind the line `---` it is JSON, in which
`sessions` (earlier `prompts`) name the tool and its session id in `agent_id`. Lines before it have paths, and
`human_author` a person: neither is read. A squash or rebase loses notes, so they count for the commits they stand at.

Entire: a commit's trailer `Entire-Checkpoint` names a checkpoint, whose `N/metadata.json` has `session_id` and `agent`.
It is in the branch `entire/checkpoints/v1` or at `refs/entire/checkpoints/<last 2>/<id>`. Prompts beside it are not
read.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any, NamedTuple

import msgspec

from service.contracts.session_evidence import SessionEvidenceIn
from service.imports.git.log import parse_instant
from service.imports.git.reader import LOG, GitRepository

NOTES = "refs/notes/ai"
CHECKPOINTS = ("entire/checkpoints/v1", "remotes/{remote}/entire/checkpoints/v1")
CHECKPOINT_REFS = "refs/entire/checkpoints"
NOTE, CHECKPOINT = "note", "checkpoint"
TIMES_FORMAT, MESSAGES_FORMAT = "%H %ct", "%x01%H %ct%n%B"
# Larger notes and metadata are not those of these tools.
LARGEST = 5_000_000
LONGEST_SESSION = 200

_LISTED = re.compile(r"^([0-9a-f]{40,64}) ([0-9a-f]{40,64})$", re.MULTILINE)
_TRAILER = re.compile(r"^Entire-Checkpoint:[ \t]*([0-9a-f]{12}|[0-9A-Z]{26})[ \t]*$", re.MULTILINE)
_METADATA = re.compile(r"^[0-9]+/metadata\.json$")
_TOOL = re.compile(r"[a-z0-9][a-z0-9._-]{0,49}")
# What git-ai and Entire call agents whose telemetry has another name.
_AGENTS = {
    "claude": "claude-code",
    "claude code": "claude-code",
    "gemini": "gemini-cli",
    "gemini cli": "gemini-cli",
    "github-copilot": "copilot",
    "copilot cli": "copilot",
    "codex cli": "codex",
}


class AgentMark(NamedTuple):
    """A session of an agent made a commit; `source` is how that is known."""

    session: str
    agent: str | None
    commit: str
    committed_at: datetime
    source: str


def read_agent_marks(clone: GitRepository, remote: str) -> list[AgentMark]:
    """Read the sessions that notes and checkpoints of a clone name, each with its commit, once."""
    return list(dict.fromkeys([*_of_notes(clone), *_of_checkpoints(clone, remote)]))


def session_evidence(marks: Iterable[AgentMark], repository: str) -> Iterator[SessionEvidenceIn]:
    """Yield the marks as the API takes them."""
    for mark in marks:
        yield SessionEvidenceIn(
            session=mark.session,
            agent=mark.agent,
            occurred_at=mark.committed_at,
            repository=repository,
            commit=mark.commit,
            event="commit",
            source=mark.source,
        )


def sessions_of_note(note: bytes) -> Iterator[tuple[str, str | None]]:
    """Yield session id and agent of each session in a note of git-ai."""
    _, separator, text = note.partition(b"\n---\n") if not note.startswith(b"---\n") else (b"", b"-", note[4:])
    found = _object(text) if separator and len(note) <= LARGEST else {}
    for sessions in (found.get("sessions"), found.get("prompts")):
        for each in sessions.values() if isinstance(sessions, dict) else ():
            agent = each.get("agent_id") if isinstance(each, dict) else None
            if isinstance(agent, dict) and (session := _session(agent.get("id"))):
                yield session, _agent(agent.get("tool"))


def session_of_metadata(metadata: bytes) -> tuple[str, str | None] | None:
    """Return session id and agent of a checkpoint of Entire."""
    found = _object(metadata) if len(metadata) <= LARGEST else {}
    session = _session(found.get("session_id"))
    return (session, _agent(found.get("agent"))) if session else None


def _of_notes(clone: GitRepository) -> Iterator[AgentMark]:
    listed = clone.attempt("notes", f"--ref={NOTES}", "list") or ""
    notes: defaultdict[str, list[str]] = defaultdict(list)
    for blob, commit in _LISTED.findall(listed):
        notes[blob].append(commit)
    times = _times(clone, [commit for commits in notes.values() for commit in commits])
    for blob, content in clone.read_objects(list(notes)):
        for session, agent in sessions_of_note(content):
            for commit in notes[blob]:
                if commit in times:
                    yield AgentMark(session, agent, commit, times[commit], NOTE)


def _of_checkpoints(clone: GitRepository, remote: str) -> Iterator[AgentMark]:
    text = clone.run(*LOG, "--all", "--grep=^Entire-Checkpoint:", f"--format={MESSAGES_FORMAT}", "--")
    commits: defaultdict[str, list[tuple[str, datetime]]] = defaultdict(list)
    for message in text.split("\x01")[1:]:
        head, _, body = message.partition("\n")
        commit, _, seconds = head.partition(" ")
        for checkpoint in _TRAILER.findall(body):
            commits[checkpoint].append((commit, parse_instant(seconds)))
    if not commits:
        return
    places = dict(_metadata_places(clone, remote, commits))
    for place, content in clone.read_objects(list(places)):
        if found := session_of_metadata(content):
            for commit, committed_at in commits[places[place]]:
                yield AgentMark(*found, commit, committed_at, CHECKPOINT)


def _metadata_places(clone: GitRepository, remote: str, wanted: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield where the metadata of checkpoints are, each with its checkpoint."""
    for name in CHECKPOINTS:
        branch = name.format(remote=remote)
        for path in (clone.attempt("ls-tree", "-r", "--name-only", branch) or "").splitlines():
            first, _, rest = path.partition("/")
            second, _, rest = rest.partition("/")
            if first + second in wanted and _METADATA.match(rest):
                yield f"{branch}:{path}", first + second
    for ref in (clone.attempt("for-each-ref", "--format=%(refname)", CHECKPOINT_REFS) or "").splitlines():
        checkpoint = ref.rpartition("/")[2]
        if checkpoint in wanted:
            for path in (clone.attempt("ls-tree", "-r", "--name-only", ref) or "").splitlines():
                if _METADATA.match(path):
                    yield f"{ref}:{path}", checkpoint


def _times(clone: GitRepository, commits: list[str]) -> dict[str, datetime]:
    """Return when commits were made, as far as the clone has them."""
    if not commits:
        return {}
    only = ("--no-walk=unsorted", "--ignore-missing", "--stdin", f"--format={TIMES_FORMAT}")
    lines = clone.run(*LOG, *only, given="\n".join(commits)).splitlines()
    return {commit: parse_instant(seconds) for commit, _, seconds in (line.partition(" ") for line in lines)}


def _object(text: bytes) -> dict[str, Any]:
    try:
        found = msgspec.json.decode(text)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _session(value: Any) -> str | None:
    return value if isinstance(value, str) and 0 < len(value) <= LONGEST_SESSION and value.isprintable() else None


def _agent(value: Any) -> str | None:
    name = value.strip().lower() if isinstance(value, str) else ""
    name = _AGENTS.get(name, name)
    return name if _TOOL.fullmatch(name) else None
