"""Reads one transcript in blocks. Only records with `"usage"` are decoded, and of a message only the largest."""

import codecs
from collections import Counter, deque
from collections.abc import Callable, Iterator
from typing import BinaryIO

from msgspec import Struct

from service.imports.transcripts.claude_code import (
    SYNTHETIC,
    UNREADABLE,
    Answer,
    InProgress,
    Problem,
    Reason,
    Record,
    Skipped,
    decode_record,
    message_digest,
    parse_record,
    read_odd_record,
    read_record,
    visible_tokens,
)
from service.imports.transcripts.pull_request_links import PullRequestLink, read_link, works_on_a_pull_request
from service.imports.transcripts.shell import ANSWER, Shell
from service.imports.transcripts.spliced_records import split_records
from service.imports.transcripts.usage import total_tokens

BLOCK = 4 * 1024 * 1024
# Longer than any real line. A longer one is read in pieces, which count as broken.
LONGEST_LINE = 64 * 1024 * 1024
# Damaged lines in a row may be one record; more than this are not joined.
LONGEST_DAMAGE = 4 * 1024 * 1024
LONGEST_LINK = 4_000
# A link follows the command that opened its pull request by no more responses than this.
COMMAND_REACH = 3

USAGE, LINK = b'"usage"', b'"pr-link"'
OPENING, CLOSING = ord("{"), ord("}")


class Place(Struct, frozen=True, array_like=True):
    """A problem, and where it is: the byte at which its line or its part of a line begins."""

    byte: int
    problem: Problem


class Transcript:
    """The answers of one transcript, each message once, and what was left out.

    `responses` counts records with an answer, repeated ones too. `in_progress` holds tokens by message.
    """

    def __init__(self, advance: Callable[[int], None]) -> None:
        self.responses = 0
        self.skipped: Counter[Skipped] = Counter()
        self.problems: list[Place] = []
        self.in_progress: dict[bytes, int] = {}
        self._advance = advance
        self._block_begins = 0
        self._best: dict[str, tuple[int, int, Record]] = {}
        self._odd: dict[bytes, Answer] = {}
        self._links: list[tuple[bytes, str | None, bool, str | None]] = []
        self._shell = Shell()
        self._recent: deque[tuple[str, bytes]] = deque(maxlen=COMMAND_REACH)
        self._damage = bytearray()
        self._damage_begins = 0

    def read(self, file: BinaryIO) -> None:
        """Read a whole transcript."""
        tail = b""
        for chunk in blocks(file):
            block = tail + chunk if tail else chunk
            size = block.rfind(b"\n") + 1
            if not size and len(block) >= LONGEST_LINE:
                size = len(block)
            self._read_block(block, size)
            self._block_begins += size
            tail = block[size:]
            self._advance(len(chunk))
        self._read_block(tail, len(tail))
        self._end_damage()

    def answers(self) -> list[Answer]:
        """Return each message once, in the order in which they were first read."""
        answers: dict[bytes, Answer] = {}
        for _, begins, record in self._best.values():
            match read_record(record):
                case Answer() as answer:
                    answers[answer.message] = answer
                case Problem() as problem:
                    self.problems.append(Place(begins, problem))
        for answer in self._odd.values():
            known = answers.get(answer.message)
            if known is None or answer.total > known.total:
                answers[answer.message] = answer
        return list(answers.values())

    def links(self) -> list[PullRequestLink]:
        """Return the pull requests that the transcript names; one named before any answer belongs to the first."""
        first = next(iter(self._best), None)
        if first is None:
            return []
        found = (
            read_link(raw, message_digest(answer or first), own=own, branch=branch)
            for raw, answer, own, branch in self._links
        )
        return [link for link in found if link is not None]

    @property
    def shell(self) -> Shell:
        """What the session did with Git."""
        return self._shell

    def _read_block(self, block: bytes, size: int) -> None:
        find, rfind = block.find, block.rfind
        start = 0
        while start < size:
            end = find(b"\n", start, size)
            if end < 0:
                end = size
            if self._shell.waits and find(ANSWER, start, end) >= 0:
                self._shell.read_answer(block[start:end])
            if rfind(USAGE, start, end) >= 0:
                self._read_usage(block[start:end], self._block_begins + start)
            elif end > start:
                if block[start] != OPENING or block[end - 1] != CLOSING:
                    self._read_odd_line(block[start:end], self._block_begins + start)
                elif self._damage:
                    self._end_damage()
                if end - start < LONGEST_LINK and find(LINK, start, end) >= 0:
                    own = any(works_on_a_pull_request(raw) for _, raw in self._recent)
                    answer = self._recent[-1][0] if self._recent else None
                    self._links.append((block[start:end], answer, own, self._shell.branch))
            start = end + 1

    def _read_usage(self, raw: bytes, begins: int) -> None:
        try:
            record = decode_record(raw)
        except UNREADABLE:
            self._read_odd_usage(raw, begins)
            return
        if self._damage:
            self._end_damage()
        message = record.message
        if message is None or message.usage is None or not message.id or record.timestamp is None:
            self._keep(read_record(record), begins)
        elif record.type == "assistant" and not record.is_api_error_message and message.model != SYNTHETIC:
            total = total_tokens(message.model or "", message.usage)
            if not total:
                return
            self.responses += 1
            self._recent.append((message.id, raw))
            self._shell.read_commands(record, raw)
            known = self._best.get(message.id)
            if known is None or total > known[0]:
                self._best[message.id] = total, begins, record
        else:
            self._keep(read_record(record), begins)

    def _read_odd_usage(self, raw: bytes, begins: int) -> None:
        result = read_odd_record(raw)
        if isinstance(result, Problem) and result.reason == Reason.INCOMPLETE:
            self._add_damage(raw, begins)
        else:
            self._end_damage()
            self._keep(result, begins)

    def _read_odd_line(self, raw: bytes, begins: int) -> None:
        stripped = raw.strip(b" \t\r")
        if stripped and (stripped[0] != OPENING or stripped[-1] != CLOSING):
            self._add_damage(raw, begins)

    def _keep(self, result: Answer | InProgress | Problem | Skipped, begins: int) -> None:
        match result:
            case Answer():
                self.responses += 1
                known = self._odd.get(result.message)
                if known is None or result.total > known.total:
                    self._odd[result.message] = result
                if result.flawed:
                    self.problems.append(Place(begins, Problem(Reason.COUNT)))
            case InProgress():
                self.in_progress[result.message] = max(result.tokens, self.in_progress.get(result.message, 0))
            case Problem():
                self.problems.append(Place(begins, result))
            case Skipped():
                self.skipped[result] += 1

    def _add_damage(self, raw: bytes, begins: int) -> None:
        if self._damage and len(self._damage) + len(raw) > LONGEST_DAMAGE:
            self._end_damage()
        if not self._damage:
            self._damage_begins = begins
        # Blank lines in between are kept, so that places stay those of the file.
        gap = begins - self._damage_begins - len(self._damage)
        self._damage += b"\n" * gap + raw

    def _end_damage(self) -> None:
        """Read the whole records within damaged lines, which may be one record together."""
        if not self._damage:
            return
        raw, self._damage = bytes(self._damage), bytearray()
        for piece in split_records(raw):
            if piece.is_whole:
                self._keep(parse_record(piece.raw), self._damage_begins + piece.begins)
                continue
            begins = self._damage_begins + piece.begins
            for line in piece.raw.split(b"\n"):
                if line.strip(b"\0 \t\r"):
                    self.problems.append(Place(begins, Problem(Reason.INCOMPLETE, visible_tokens(line))))
                begins += len(line) + 1


def blocks(file: BinaryIO) -> Iterator[bytes]:
    """Yield the blocks of a file as UTF-8; some shells write UTF-16, with a mark at the beginning."""
    first = file.read(BLOCK)
    decoder = None
    if first.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        decoder = codecs.getincrementaldecoder("utf-16")("replace")
    block = first
    while block:
        yield decoder.decode(block).encode("utf-8", "replace") if decoder else block
        block = file.read(BLOCK)
