"""The commands that a Codex session gave to a shell, with their answers, as far as they concern Git."""

from datetime import datetime
from typing import Any

from service.imports.stores import values
from service.imports.transcripts.git_commands import MENTIONS, GitCommand, git_commands
from service.imports.transcripts.git_marks import GitMark, Places
from service.imports.transcripts.times import instant

_CALL, _ANSWER = b'"function_call"', b'"function_call_output"'
SHELLS = frozenset({"bash", "sh", "zsh"})


class RolloutShell:
    """What a session did with Git, in the order of its lines."""

    def __init__(self, session: str, folder: str | None, branch: str | None) -> None:
        self._folder = folder or ""
        self._places = Places(session)
        self._places.begin(self._folder, branch)
        self._waiting: dict[str, list[GitCommand]] = {}

    @property
    def marks(self) -> list[GitMark]:
        """What the session did."""
        return self._places.marks

    def is_wanted(self, line: bytes) -> bool:
        """Return whether a line may be a command that mentions Git, or the answer to one."""
        if self._waiting and _ANSWER in line:
            return True
        return _CALL in line and MENTIONS.search(line) is not None

    def read(self, line: bytes) -> None:
        """Read a command or an answer."""
        record = values.decode(line)
        payload = values.member(record, "payload")
        at, call = instant(values.member(record, "timestamp")), values.text(values.member(payload, "call_id"))
        if call is None or at is None:
            return
        if values.member(payload, "type") == "function_call":
            self._read_command(call, values.decode(values.text(payload.get("arguments")) or "{}"), at)
        elif values.member(payload, "type") == "function_call_output" and call in self._waiting:
            self._places.answer(self._waiting.pop(call), _text(payload.get("output")), at)

    def _read_command(self, call: str, arguments: Any, at: datetime) -> None:
        folder = values.text(values.member(arguments, "workdir")) or self._folder
        self._places.work_in(folder, at)
        given = values.member(arguments, "cmd") or values.member(arguments, "command")
        if isinstance(given, list) and given and str(given[0]).rpartition("/")[2] in SHELLS:
            given = given[-1]
        elif isinstance(given, list):
            given = " ".join(str(word) for word in given)
        if isinstance(given, str) and (commands := git_commands(given, folder)):
            self._waiting[call] = commands


def _text(output: Any) -> str:
    """Return the text of an answer, which may be JSON with an exit code, or a list of texts; empty if it failed."""
    if isinstance(output, list):
        return "\n".join(filter(None, (values.text(values.member(each, "text")) for each in output)))
    text = values.text(output) or ""
    found = values.decode(text) if text.startswith("{") else None
    if found is None:
        return text
    return "" if values.member(found, "metadata", "exit_code") else values.text(found.get("output")) or ""
