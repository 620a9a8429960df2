"""Imports from the stores of agents: read what is new, send it, and say what it was."""

# ruff: noqa: PLC0415 - what sends is imported when something is sent, so that reading starts at once

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from schema.errors import SetUpError
from service.cli.figures import money, tokens
from service.cli.imports.counted import counted
from service.cli.progress import waiting
from service.imports.stores.preview import Preview
from service.imports.stores.problems import Problems
from service.imports.stores.registry import STORES
from service.imports.stores.stored_request import (
    StoredMark,
    StoredRequest,
    each_once,
    mark_evidence,
    token_event,
)
from service.imports.transcripts.folder_repositories import Repositories
from service.imports.transcripts.folders import TranscriptFile
from service.imports.transcripts.remembered_files import RememberedFiles

if TYPE_CHECKING:
    from service.client import Address


@dataclass(frozen=True)
class Choice:
    """What to import from a store: its folder, the team of the tokens, only before an instant, unchanged files too."""

    folder: Path | None = None
    team: str | None = None
    end: datetime | None = None
    read_all: bool = False


@dataclass
class StoreImport:
    """The import of one store. `address` is None where nothing is to be sent."""

    name: str
    choice: Choice
    address: "Address | None"

    def __post_init__(self) -> None:
        """Find the files; raises SetUpError if there are none."""
        self.files: Sequence[TranscriptFile] = STORES[self.name].find(self.choice.folder)
        if not self.files:
            title = STORES[self.name].title
            raise SetUpError(f"No sessions of {title} were found. Pass their folder: shipledger import {self.name} DIR")
        target = (self.address.url, self.address.key) if self.address else ("nowhere",)
        options = (self.choice.team or "", str(self.choice.end), str(self.choice.folder))
        self.memory = RememberedFiles("store", self.name, *target, *options)
        self.changed: Sequence[TranscriptFile] = self.files
        if self.address and not self.choice.read_all:
            self.changed = self.memory.changed(self.files)
        self.requests: list[StoredRequest] = []
        self.marks: list[StoredMark] = []
        self.problems, self.preview = Problems(), Preview()

    def read(self) -> None:
        """Read the files that changed since the last import, or all of them."""
        store, end = STORES[self.name], self.choice.end
        with waiting(f"Reading sessions of {store.title} …"):
            read = store.read([file.path for file in self.changed], [file.path for file in self.files], self.problems)
            for request in each_once(self._requests(read)):
                if end is None or request.occurred_at < end:
                    self.requests.append(request)
                    self.preview.add(
                        request.session, request.occurred_at, request.model, request.provider, request.tokens
                    )

    def _requests(self, read: Iterable[StoredRequest | StoredMark]) -> Iterator[StoredRequest]:
        """Yield the requests, and keep what says where sessions worked."""
        end = self.choice.end
        for found in read:
            if isinstance(found, StoredRequest):
                yield found
            elif end is None or found.mark.occurred_at < end:
                self.marks.append(found)

    def send(self, address: "Address") -> Counter[str]:
        """Send what was read; a request counts once, whatever was sent before."""
        sent = Counter(received=0, added=0, duplicates=0)
        if self.requests:
            from service.cli.imports.bulks import send_in_bulks
            from service.client import Client

            repositories = Repositories()
            events = (token_event(request, repositories, self.choice.team) for request in self.requests)
            with Client(address) as client:
                sent.update(
                    send_in_bulks(client, "/api/v1/token-events", events, len(self.requests), STORES[self.name].title)
                )
                evidence = [found for mark in self.marks if (found := mark_evidence(mark, repositories))]
                send_in_bulks(client, "/api/v1/session-evidence", evidence, len(evidence), "session evidence")
        if not self.problems.unreadable_files:
            self.memory.keep(self.files)
        return sent

    def summary(self, sent: Mapping[str, int] | None = None) -> dict[str, Any]:
        """Return what was read, and what was sent."""
        return {
            "agent": self.name,
            "files": len(self.changed),
            "unchanged_files": len(self.files) - len(self.changed),
            "unreadable_files": self.problems.unreadable_files,
            "broken_records": self.problems.broken_records,
            "places": self.problems.places,
            **self.preview.summary(),
            **({"sent": dict(sent)} if sent is not None else {}),
        }


def as_text(summary: Mapping[str, Any]) -> str:
    """Format the summary of one store as text."""
    title = STORES[summary["agent"]].title
    if summary["unchanged_files"] and not summary["files"]:
        return f"{title}: {counted(summary['unchanged_files'], 'file')} did not change since the last import"
    lines = [
        f"{title}: {counted(summary['files'], 'file')}",
        f"  {counted(summary['token_events'], 'model request')} with {summary['tokens']['total']:,} tokens",
        f"  in {counted(summary['sessions'], 'session')} on {counted(summary['days'], 'day')}",
        f"  {money(summary['list_cost_usd'])} at list prices",
    ]
    if summary["without_list_price"]:
        lines.append(f"  {counted(summary['without_list_price'], 'request')} of models without a list price")
    if summary["unchanged_files"]:
        lines.append(f"  {counted(summary['unchanged_files'], 'file')} did not change since the last import")
    lines += problem_lines(summary)
    if "sent" not in summary:
        return "\n".join([*lines, "  nothing was sent (--dry-run)"])
    return "\n".join([*lines, f"  sent: {', '.join(f'{count} {name}' for name, count in summary['sent'].items())}"])


def problem_lines(summary: Mapping[str, Any]) -> list[str]:
    """Return what could not be read; nothing if all of it could."""
    number = summary["unreadable_files"] + summary["broken_records"]
    if not number:
        return []
    places = [f"    {place}" for place in summary["places"]]
    more = [f"    and {number - len(places)} more"] if number > len(places) else []
    return [f"  {counted(number, 'record')} could not be read and were skipped:", *places, *more]


def table(summaries: Sequence[Mapping[str, Any]]) -> list[list[str]]:
    """Return a row of figures for each agent."""
    return [
        [
            summary["title"],
            f"{summary['files']:,}",
            f"{summary['sessions']:,}",
            f"{summary['days']:,}",
            tokens(summary["tokens"]["total"]),
            money(summary["list_cost_usd"]),
        ]
        for summary in summaries
    ]
