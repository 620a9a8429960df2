"""`shipledger import litellm`: model requests from the spend logs of a LiteLLM gateway."""

import json
import os
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import click
import msgspec

from schema.errors import SetUpError, ShipledgerError
from service.cli.bulks import progress_bar, send_in_bulks, service_options
from service.cli.imports.requests import Counted, as_text
from service.cli.options import example
from service.client import Address, Client, find_address
from service.imports.litellm import SOURCE, Skipped, SpendLog, UnusableRowError, request_of
from service.imports.litellm_database import SpendLogsTable
from service.imports.litellm_gateway import Gateway
from service.imports.requests import Request, token_event

# On a command line anybody on the machine could read them.
KEY_VARIABLE = "SHIPLEDGER_LITELLM_KEY"
DATABASE_VARIABLE = "SHIPLEDGER_LITELLM_DATABASE_URL"

LOOK_BACK = timedelta(days=30)
# What is sent together, and what the cursor moves by.
LONGEST = timedelta(hours=6)
# A gateway writes its rows in groups, some time after the requests that they tell of began.
LATE = timedelta(hours=1)


class Window(NamedTuple):
    """When the requests began that are read together."""

    begins: datetime
    ends: datetime


class SpendLogs(Protocol):
    """Where spend logs are read from."""

    def read(self, begins: datetime, ends: datetime) -> Iterator[SpendLog]:
        """Rows of requests that began within a window."""
        ...


class Cursor(msgspec.Struct):
    """How far was imported."""

    until: datetime


@click.command("litellm", epilog=example("shipledger import litellm http://localhost:4000 --dry-run"))
@click.argument("gateway", metavar="[URL]", required=False)
@click.option(
    "--since", type=click.DateTime(["%Y-%m-%d"]), help="First UTC day, as YYYY-MM-DD.  [default: 30 days ago]"
)
@click.option(
    "--cursor",
    "cursor_file",
    type=click.Path(path_type=Path, dir_okay=False),
    help="File that keeps how far was imported; the next run continues there.",
)
@click.option("--team", help="Team for requests without one.  [default: the key's team, else the default team]")
@click.option(
    "--every",
    type=click.IntRange(1, 24 * 60),
    metavar="MINUTES",
    help="Import repeatedly, with this pause, such as 10m; needs --cursor. Ends with Ctrl-C.",
)
@click.option("--dry-run", is_flag=True, help="Read and count, and send nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object and nothing else.")
@service_options
def import_litellm(
    gateway: str | None,
    since: datetime | None,
    cursor_file: Path | None,
    team: str | None,
    every: int | None,
    dry_run: bool,
    as_json: bool,
    url: str | None,
    key: str | None,
) -> None:
    """Import the spend logs of a LiteLLM gateway.

    Reads them from the gateway at URL, with an admin's key from SHIPLEDGER_LITELLM_KEY or from a prompt. Without URL,
    reads the table LiteLLM_SpendLogs of the PostgreSQL in SHIPLEDGER_LITELLM_DATABASE_URL, where SELECT is enough. Only
    counts, model, time, team and id of each request are read. Requests that agents also report are recognised;
    LiteLLM's own telemetry is not, so import or receive, not both.

    """
    if every and (dry_run or not cursor_file):
        raise SetUpError("needs --cursor FILE, and cannot be used with --dry-run", field="every")
    address = None if dry_run else find_address(url, key)
    wanted = Wanted(opener(gateway), address, cursor_file, team)
    show(wanted.run(since), as_json)
    while every:
        time.sleep(every * 60)
        try:
            show(wanted.run(None), as_json)
        except ShipledgerError as error:
            # What was missed is read the next time, from where the cursor stands.
            click.echo(f"error: {error.field}: {error.detail}" if error.field else f"error: {error.detail}", err=True)


@dataclass(frozen=True, slots=True)
class Wanted:
    """A repeatable import: from when, until when (None only counts), and how far it came."""

    open_logs: Callable[[], AbstractContextManager[SpendLogs]]
    address: Address | None
    cursor_file: Path | None
    team: str | None

    def run(self, since: datetime | None) -> dict[str, Any]:
        """Import everything available; returns what was found, in numbers. Raises SetUpError."""
        begins, ends = span(since, self.cursor_file, datetime.now(UTC))
        counted, skipped, sent = Counted(), Counter[Skipped](), Counter[str]()
        windows = list(windows_of(begins, ends))
        with self.open_logs() as logs, progress_bar("reading", len(windows)) as advance:
            for window in windows:
                requests = read(logs, window, skipped, self.team)
                for request in requests:
                    counted.add(request)
                if self.address:
                    sent.update(send(self.address, requests))
                    if self.cursor_file:
                        remember(self.cursor_file, window.ends)
                advance(1)
        return {
            "since": begins.isoformat(),
            "until": ends.isoformat(),
            **counted.summary(),
            **{name.value: skipped[name] for name in Skipped},
            **({"sent": sent} if self.address else {}),
        }


def send(address: Address, requests: Sequence[Request]) -> Counter[str]:
    """Send the requests of a window."""
    if not requests:
        return Counter()
    with Client(address) as client:
        events = (token_event(request, SOURCE) for request in requests)
        return send_in_bulks(client, "/api/v1/token-events", events, len(requests), "token events")


def show(summary: dict[str, Any], as_json: bool) -> None:
    """Print the summary."""
    click.echo(json.dumps(summary) if as_json else as_text(f"from {summary['since']} on", summary))


def opener(gateway: str | None) -> Callable[[], AbstractContextManager[SpendLogs]]:
    """How to open the gateway at an address, or the table in the environment; raises SetUpError."""
    if gateway:
        key = os.environ.get(KEY_VARIABLE) or click.prompt("Key of the gateway", hide_input=True, err=True)
        return lambda: Gateway(gateway, key)
    if not (database := os.environ.get(DATABASE_VARIABLE)):
        raise SetUpError(f"pass the gateway's URL, or set {DATABASE_VARIABLE} to its PostgreSQL", field="gateway")
    return lambda: SpendLogsTable(database)


def span(since: datetime | None, cursor_file: Path | None, now: datetime) -> Window:
    """From when until when to import; raises SetUpError if the cursor cannot be read."""
    begins = since.replace(tzinfo=UTC) if since else now - LOOK_BACK
    if cursor_file and cursor_file.exists() and not since:
        try:
            begins = msgspec.json.decode(cursor_file.read_bytes(), type=Cursor).until.astimezone(UTC) - LATE
        except (OSError, msgspec.MsgspecError, UnicodeError) as error:
            raise SetUpError(
                f"{cursor_file.name} is not a valid cursor ({type(error).__name__}); pass --since YYYY-MM-DD to "
                "start over",
                field="cursor",
            ) from None
    return Window(begins.replace(second=0, microsecond=0), now.replace(second=0, microsecond=0))


def windows_of(begins: datetime, ends: datetime) -> Iterator[Window]:
    """Spans that follow one another."""
    while begins < ends:
        yield Window(begins, min(begins + LONGEST, ends))
        begins += LONGEST


def read(logs: SpendLogs, window: Window, skipped: Counter[Skipped], team: str | None) -> list[Request]:
    """The requests of a window, each once; raises SetUpError if one is invalid, and then none is sent."""
    found: dict[str, Request] = {}
    try:
        for log in logs.read(*window):
            request = request_of(log)
            if isinstance(request, Skipped):
                skipped[request] += 1
            else:
                found[request.request_id] = request if request.team else msgspec.structs.replace(request, team=team)
    except UnusableRowError as error:
        raise SetUpError(
            f"a row from {window.begins:%Y-%m-%d %H:%M} UTC on has an unexpected {error}; nothing of the six hours "
            "from then on was sent",
            field="gateway",
        ) from None
    return list(found.values())


def remember(cursor_file: Path, until: datetime) -> None:
    """Write down how far was imported, completely or not at all."""
    new = cursor_file.with_name(f"{cursor_file.name}.new")
    new.write_bytes(msgspec.json.encode(Cursor(until)))
    new.replace(cursor_file)
