"""The stores of all agents, in the order in which they are shown."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from service.imports.stores import amp, cline, codex, copilot, gemini_cli, kimi, opencode, qwen_code
from service.imports.stores.problems import Problems
from service.imports.stores.stored_request import StoredMark, StoredRequest
from service.imports.transcripts.folders import TranscriptFile


class Store(NamedTuple):
    """What an agent keeps: how it is called, where it is, and how to read the changed ones of all its files."""

    title: str
    find: Callable[[Path | None], list[TranscriptFile]]
    read: Callable[[Sequence[Path], Sequence[Path], Problems], Iterator[StoredRequest | StoredMark]]


# By the name of the command that imports them.
STORES = {
    "codex": Store("Codex", codex.find, codex.read),
    "gemini": Store("Gemini CLI", gemini_cli.find, gemini_cli.read),
    "opencode": Store("OpenCode", opencode.find, opencode.read),
    "copilot": Store("GitHub Copilot CLI", copilot.find, copilot.read),
    "amp": Store("Amp", amp.find, amp.read),
    "cline": Store("Cline", cline.find, cline.read),
    "qwen": Store("Qwen Code", qwen_code.find, qwen_code.read),
    "kimi": Store("Kimi", kimi.find, kimi.read),
}
