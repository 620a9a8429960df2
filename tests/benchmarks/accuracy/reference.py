"""Reader of folders in the reference format: token_events.csv.gz and pull_requests.csv.gz."""

import csv
import gzip
import zlib
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

from service.simulation.reference_files import (
    PULL_REQUEST_COLUMNS,
    PULL_REQUESTS,
    TOKEN_EVENT_COLUMNS,
    TOKEN_EVENTS,
)
from service.simulation.truth import PullRequestTruth, TeamTruth, TokenEvent

Value = TypeVar("Value")


class ReferenceFolderError(Exception):
    """The folder is invalid; the message is one line."""


class Row:
    """One line of a file; raises ReferenceFolderError with file, line and column if a value cannot be read."""

    def __init__(self, path: Path, line: int, values: dict[str, str | None]) -> None:
        self._path, self._line, self._values = path, line, values

    def read(self, column: str, kind: Callable[[str], Value]) -> Value:
        """Return the value of a column, converted by `kind`."""
        text = self._values[column]
        if text is None:
            raise ReferenceFolderError(f"{self._path}, line {self._line}: ends before {column}")
        try:
            return kind(text)
        except (ValueError, KeyError, OverflowError) as error:
            raise ReferenceFolderError(f"{self._path}, line {self._line}: {column} is {text!r}") from error

    def read_or(self, column: str, kind: Callable[[str], Value], *, default: Value) -> Value:
        """Return the value of a column that a file may leave out, or else `default`."""
        return self.read(column, kind) if column in self._values else default


def read_reference(folder: Path) -> list[TeamTruth]:
    """Return all teams of the folder, by number; raises ReferenceFolderError."""
    if not folder.is_dir():
        raise ReferenceFolderError(f"{folder}: no such folder")
    token_events = defaultdict[int, list[TokenEvent]](list)
    pull_requests = defaultdict[int, list[PullRequestTruth]](list)
    for row in _rows(folder / TOKEN_EVENTS, TOKEN_EVENT_COLUMNS):
        token_events[row.read("team", _whole)].append(_token_event(row))
    for row in _rows(folder / PULL_REQUESTS, PULL_REQUEST_COLUMNS):
        pull_requests[row.read("team", _whole)].append(_pull_request(row))
    if not any(each.merged for team in pull_requests.values() for each in team):
        raise ReferenceFolderError(
            f"{folder / PULL_REQUESTS}: no pull request is merged, so there is nothing to measure"
        )
    return [TeamTruth(team, tuple(token_events[team]), tuple(pull_requests[team])) for team in sorted(pull_requests)]


def _rows(path: Path, columns: tuple[str, ...]) -> Iterator[Row]:
    if not path.is_file():
        raise ReferenceFolderError(f"{path}: no such file")
    try:
        with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
            reader = csv.DictReader(file)
            missing = [column for column in columns if column not in (reader.fieldnames or ())]
            if missing:
                raise ReferenceFolderError(f"{path}: column {', '.join(missing)} is missing")
            for values in reader:
                yield Row(path, reader.line_num, values)
    except (OSError, EOFError, UnicodeDecodeError, csv.Error, zlib.error) as error:
        raise ReferenceFolderError(f"{path}: not a gzip file of comma-separated values ({error})") from error


def _token_event(row: Row) -> TokenEvent:
    return TokenEvent(
        hour=row.read("hour", _whole),
        session=row.read("session", _whole),
        link_rank=row.read("link_rank", float),
        repository=row.read("repository", _whole),
        pull_request=row.read("pull_request", _whole_or_none),
        tokens=row.read("tokens", _count),
        stale=row.read_or("stale", _yes_or_no, default=False),
        stamp=row.read_or("stamp", _whole_or_none, default=None),
    )


def _pull_request(row: Row) -> PullRequestTruth:
    number = row.read("pull_request", _whole)
    return PullRequestTruth(
        pull_request=number,
        repository=row.read("repository", _whole),
        opened_hour=row.read("opened_hour", _whole_or_none),
        closed_hour=row.read("closed_hour", _whole_or_none),
        merged=row.read("merged", _yes_or_no),
        changed_lines=row.read("changed_lines", _count),
        commit_hours=tuple(row.read("commit_hours", lambda text: sorted(_whole(hour) for hour in text.split()))),
        tokens=row.read("tokens", _count),
        branch=number,
        is_bot=row.read_or("bot", _yes_or_no, default=False),
    )


def _whole(text: str) -> int:
    """Return an integer, also from text such as 31.0."""
    try:
        return int(text)
    except ValueError:
        number = float(text)
        if number != int(number):
            raise
        return int(number)


def _count(text: str) -> int:
    if (number := _whole(text)) < 0:
        raise ValueError("negative")
    return number


def _whole_or_none(text: str) -> int | None:
    return _whole(text) if text else None


def _yes_or_no(text: str) -> bool:
    return {"1": True, "0": False, "true": True, "false": False, "1.0": True, "0.0": False}[text.lower()]
