"""`shipledger import bedrock`: model requests from Amazon Bedrock's invocation logs."""

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
from msgspec.structs import replace

from service.cli.imports.bulks import send_in_bulks
from service.cli.imports.requests import Counted, LeftOut, as_text
from service.cli.options import example, service_options
from service.cli.progress import progress_bar
from service.cli.spending import end_import
from service.client import Client, find_address
from service.contracts.token_event import TokenEventIn
from service.imports.bedrock import SOURCE, Skipped
from service.imports.bedrock_reader import find_files, read_requests
from service.imports.requests import token_event


@click.command("bedrock", epilog=example("shipledger import bedrock invocation-logs --dry-run"))
@click.argument("path", metavar="PATH", type=click.Path(path_type=Path, exists=True))
@click.option("--team", help="Team that the tokens belong to.  [default: the key's team, else the default team]")
@click.option("--team-key", metavar="KEY", help="Key of a request's metadata that names its team.")
@click.option("--dry-run", is_flag=True, help="Read and count, and send nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object and nothing else.")
@service_options
def import_bedrock(
    path: Path,
    team: str | None,
    team_key: str | None,
    dry_run: bool,
    as_json: bool,
    url: str | None,
    key: str | None,
) -> None:
    """Import model requests from Amazon Bedrock's logs.

    PATH is a file of invocation logs, or a folder such as a copy of their bucket. Only the counts, model, time and id
    of each request are read; identities, accounts, prompts and answers are not. Requests that agents also report are
    recognised by their id.

    """
    address = None if dry_run else find_address(url, key)
    files = find_files(path)
    size = sum(file.stat().st_size for file in files)
    skipped: Counter[Skipped] = Counter()
    counted, left_out = Counted(), LeftOut()
    # Read all files before sending, so that an incomplete file sends nothing.
    with progress_bar("reading", size, in_bytes=True) as advance:
        for request in read_requests(files, skipped, advance, team_key, left_out.add):
            counted.add(request)

    def events() -> Iterator[TokenEventIn]:
        for request in read_requests(files, Counter(), lambda _: None, team_key):
            yield token_event(request if request.team or not team else replace(request, team=team), SOURCE)

    sent: Counter[str] | None = None
    if address:
        with Client(address) as client:
            sent = send_in_bulks(client, "/api/v1/token-events", events(), counted.requests, "token events")
        left_out.send(address, SOURCE)
    summary: dict[str, Any] = {
        "files": len(files),
        **counted.summary(),
        "without_tokens": skipped[Skipped.WITHOUT_TOKENS],
        "broken_lines": skipped[Skipped.BROKEN],
        "other_lines": skipped[Skipped.OTHER],
        **left_out.summary(),
        **({"sent": sent} if sent is not None else {}),
    }
    click.echo(json.dumps(summary) if as_json else as_text(f"{len(files)} files", summary))
    if address:
        end_import(address, sent["added"] if sent else 0, as_json=as_json)
