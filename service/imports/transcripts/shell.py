"""The commands that a transcript gives to a shell, together with their answers, as far as they concern Git."""

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from service.imports.transcripts.claude_code import MAXIMUM_IDENTIFIER, UNREADABLE, Record
from service.imports.transcripts.git_commands import MENTIONS, GitCommand, git_commands
from service.imports.transcripts.git_marks import GitMark, Places
from service.imports.transcripts.times import instant

TOOL, ANSWER = b'"tool_use"', b'"tool_use_id"'
# Commands whose answers have not come; more are never under way.
MOST_WAITING = 100


class Shell:
    """What the sessions of a transcript did with Git, in the order of its lines."""

    def __init__(self) -> None:
        self._places: dict[str, Places] = {}
        self._waiting: dict[str, tuple[str, list[GitCommand]]] = {}
        self._latest: Places | None = None

    @property
    def waits(self) -> bool:
        """Whether the answer to a command is expected."""
        return bool(self._waiting)

    @property
    def branch(self) -> str | None:
        """The branch on which Git last showed the session; None if only the branch of its start is known."""
        return self._latest.last if self._latest and self._latest.marks else None

    def read_commands(self, record: Record, raw: bytes) -> None:
        """Read the commands of a response."""
        session = record.session_id
        if not session or len(session) > MAXIMUM_IDENTIFIER:
            return
        places = self._places.get(session)
        if places is None:
            places = self._places[session] = Places(session)
        self._latest = places
        places.begin(record.cwd or "", record.git_branch)
        if places.worktrees and (at := instant(record.timestamp)):
            places.work_in(record.cwd, at)
        if TOOL not in raw or MENTIONS.search(raw) is None or len(self._waiting) >= MOST_WAITING:
            return
        for identity, command in _commands(raw):
            if commands := git_commands(command, record.cwd or ""):
                self._waiting[identity] = session, commands

    def read_answer(self, raw: bytes) -> None:
        """Read the answer to a command."""
        try:
            record = msgspec.json.decode(raw)
        except UNREADABLE:
            return
        message = record.get("message") if isinstance(record, dict) else None
        at = instant(record.get("timestamp")) if message else None
        for block in _blocks(message):
            identity = block.get("tool_use_id")
            if block.get("type") != "tool_result" or identity not in self._waiting:
                continue
            session, commands = self._waiting.pop(identity)
            if at and not block.get("is_error"):
                self._places[session].answer(commands, _text(block, record.get("toolUseResult")), at)

    def marks(self) -> list[GitMark]:
        """Return what the sessions did."""
        return [mark for places in self._places.values() for mark in places.marks]

    def worktrees(self) -> dict[str, str]:
        """Return the folders from which the sessions made worktrees."""
        return {made: base for places in self._places.values() for made, base in places.worktrees.items()}


def _commands(raw: bytes) -> Iterator[tuple[str, str]]:
    try:
        record = msgspec.json.decode(raw)
    except UNREADABLE:
        return
    for block in _blocks(record.get("message")):
        given = block.get("input")
        command = given.get("command") if isinstance(given, dict) else None
        if block.get("type") == "tool_use" and isinstance(block.get("id"), str) and isinstance(command, str):
            yield block["id"], command


def _blocks(message: Any) -> Iterator[Mapping[str, Any]]:
    content = message.get("content") if isinstance(message, dict) else None
    return (block for block in content if isinstance(block, dict)) if isinstance(content, list) else iter(())


def _text(block: Mapping[str, Any], result: Any) -> str:
    content = block.get("content")
    parts: list[Any] = (
        [content] if isinstance(content, str) else [each.get("text") for each in _blocks({"content": content})]
    )
    if isinstance(result, dict):
        parts.append(result.get("stderr"))
    return "\n".join(part for part in parts if isinstance(part, str))
