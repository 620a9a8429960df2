"""`shipledger import litellm`: model requests from a LiteLLM gateway's spend logs."""

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
from service.cli.imports.bulks import send_in_bulks
from service.cli.imports.requests import Counted, LeftOut, as_text
from service.cli.options import example, service_options
from service.cli.progress import progress_bar
from service.cli.spending import end_import
from service.client import Address, Client, find_address
from service.imports.left_out import UnusableRow, unusable_row
from service.imports.litellm import SOURCE, Skipped, SpendLog, UnusableRowError, request_of
from service.imports.litellm_database import SpendLogsTable
from service.imports.litellm_gateway import Gateway
from service.imports.requests import Request, token_event

# Not options, because every user of the machine can read command lines.
KEY_VARIABLE = "SHIPLEDGER_LITELLM_KEY"
DATABASE_VARIABLE = "SHIPLEDGER_LITELLM_DATABASE_URL"

LOOK_BACK = timedelta(days=30)
# Each window is sent at once; then the cursor moves to its end.
LONGEST = timedelta(hours=6)
# A gateway writes its rows in batches, some time after the requests began.
LATE = timedelta(hours=1)


class Window(NamedTuple):
    """A time range; requests that began in it are read together."""

    begins: datetime
    ends: datetime


class SpendLogs(Protocol):
    """A source of spend logs."""

    def read(self, begins: datetime, ends: datetime) -> Iterator[SpendLog | UnusableRow]:
        """Yield the rows of requests that began within a window, and those of which that is not known."""
        ...


class Cursor(msgspec.Struct):
    """The instant up to which everything was imported."""

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
    help="File that stores the progress; the next run continues there.",
)
@click.option("--team", help="Team for requests without one.  [default: the key's team, else the default team]")
@click.option(
    "--every",
    type=click.IntRange(1, 24 * 60),
    metavar="MINUTES",
    help="Pause in minutes between repeated imports; needs --cursor. Stop with Ctrl-C.",
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

    Reads from the gateway at URL, with an admin key from SHIPLEDGER_LITELLM_KEY or from a prompt. Without URL, reads
    the table LiteLLM_SpendLogs in the PostgreSQL at SHIPLEDGER_LITELLM_DATABASE_URL; SELECT is enough. Only the counts,
    model, time, team and id of each request are read. Requests that agents also report are recognised. Requests in
    LiteLLM's own telemetry are not: use either this import or that telemetry.

    """
    if every and (dry_run or not cursor_file):
        raise SetUpError("needs --cursor FILE, and cannot be used with --dry-run", field="every")
    address = None if dry_run else find_address(url, key)
    repeatable = RepeatableImport(opener(gateway), address, cursor_file, team)
    summary = repeatable.run(since)
    show(summary, as_json)
    if address and not every:
        end_import(address, summary["sent"].get("added", 0), as_json=as_json)
    while every:
        time.sleep(every * 60)
        try:
            show(repeatable.run(None), as_json)
        except ShipledgerError as error:
            # The next run continues at the cursor, so nothing is lost.
            click.echo(f"error: {error.field}: {error.detail}" if error.field else f"error: {error.detail}", err=True)


@dataclass(frozen=True, slots=True)
class RepeatableImport:
    """Where to read spend logs, where to send them (None: only count), and where to store the progress."""

    open_logs: Callable[[], AbstractContextManager[SpendLogs]]
    address: Address | None
    cursor_file: Path | None
    team: str | None

    def run(self, since: datetime | None) -> dict[str, Any]:
        """Import everything available and return the counts; raises SetUpError.

        A row that cannot be used is reported by its place, and neither stops the others nor the cursor.
        """
        begins, ends = span(since, self.cursor_file, datetime.now(UTC))
        counted, skipped, sent = Counted(), Counter[Skipped](), Counter[str]()
        left_out = LeftOut()
        windows = list(windows_of(begins, ends))
        with self.open_logs() as logs, progress_bar("reading", len(windows)) as advance:
            for window in windows:
                requests = read(logs, window, skipped, left_out, self.team)
                for request in requests:
                    counted.add(request)
                if self.address:
                    sent.update(send(self.address, requests))
                    if self.cursor_file:
                        write_cursor(self.cursor_file, window.ends)
                advance(1)
        if self.address:
            left_out.send(self.address, SOURCE)
        return {
            "since": begins.isoformat(),
            "until": ends.isoformat(),
            **counted.summary(),
            **{name.value: skipped[name] for name in Skipped},
            **left_out.summary(),
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
    click.echo(json.dumps(summary) if as_json else as_text(f"since {summary['since']}", summary))


def opener(gateway: str | None) -> Callable[[], AbstractContextManager[SpendLogs]]:
    """Return how to open the gateway, or without one the database in the environment; raises SetUpError."""
    if gateway:
        key = os.environ.get(KEY_VARIABLE) or click.prompt("Key of the gateway", hide_input=True, err=True)
        return lambda: Gateway(gateway, key)
    if not (database := os.environ.get(DATABASE_VARIABLE)):
        raise SetUpError(f"pass the gateway's URL, or set {DATABASE_VARIABLE} to its PostgreSQL", field="gateway")
    return lambda: SpendLogsTable(database)


def span(since: datetime | None, cursor_file: Path | None, now: datetime) -> Window:
    """Return the time range to import; raises SetUpError if the cursor cannot be read."""
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
    """Yield consecutive windows."""
    while begins < ends:
        yield Window(begins, min(begins + LONGEST, ends))
        begins += LONGEST


def read(
    logs: SpendLogs, window: Window, skipped: Counter[Skipped], left_out: LeftOut, team: str | None
) -> list[Request]:
    """Return the requests of a window without repeats; rows that cannot be used are added to `left_out`."""
    found: dict[str, Request] = {}
    for number, log in enumerate(logs.read(*window), start=1):
        place = f"row {number} of the six hours after {window.begins:%Y-%m-%d %H:%M} UTC"
        if isinstance(log, UnusableRow):
            left_out.add(log)
            continue
        try:
            request = request_of(log)
        except UnusableRowError as error:
            left_out.add(unusable_row(place, str(error), log.content))
            continue
        if isinstance(request, Skipped):
            skipped[request] += 1
        else:
            found[request.key] = request if request.team else msgspec.structs.replace(request, team=team)
    return list(found.values())


def write_cursor(cursor_file: Path, until: datetime) -> None:
    """Store the progress atomically."""
    new = cursor_file.with_name(f"{cursor_file.name}.new")
    new.write_bytes(msgspec.json.encode(Cursor(until)))
    new.replace(cursor_file)
