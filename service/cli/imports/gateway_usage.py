"""`shipledger import gateway-usage`: model requests from a gateway's log files."""

import json
from collections import Counter
from itertools import chain
from pathlib import Path
from typing import Any

import click

from service.cli.imports.bulks import send_in_bulks
from service.cli.imports.requests import LeftOut, left_out_text
from service.cli.options import example, service_options
from service.cli.progress import progress_bar
from service.cli.spending import end_import
from service.client import Client, find_address
from service.imports.gateway_usage import read_requests


@click.command("gateway-usage", epilog=example("shipledger import gateway-usage requests.jsonl --dry-run"))
@click.argument("files", metavar="FILE...", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--dry-run", is_flag=True, help="Read and count, and send nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object and nothing else.")
@service_options
def import_gateway_usage(
    files: tuple[Path, ...], dry_run: bool, as_json: bool, url: str | None, key: str | None
) -> None:
    """Import model requests from a gateway's log files.

    Reads JSON lines or CSV, plain or gzipped, with the fields event_id, occurred_at, model, request_bytes and
    response_bytes, and optionally provider, route, stream, status, team, request_id, input_tokens and output_tokens.
    Other fields are not read. Lines that cannot be used are listed and skipped.

    """
    address = None if dry_run else find_address(url, key)
    counts: Counter[str] = Counter()
    left_out = LeftOut()
    with progress_bar("reading", sum(map(_size, files)), in_bytes=True) as advance:
        for item in chain.from_iterable(read_requests(file, advance, left_out.add_reason) for file in files):
            counts["requests"] += 1
            counts["requests_with_tokens"] += item.tells_tokens
            counts["bytes"] += item.request_bytes + item.response_bytes
    sent: Counter[str] | None = None
    if address:
        with Client(address) as client:
            items = chain.from_iterable(read_requests(file) for file in files)
            sent = send_in_bulks(client, "/api/v1/gateway-usage", items, counts["requests"], "requests")
    summary = {
        "files": len(files),
        **{name: counts[name] for name in ("requests", "requests_with_tokens", "bytes")},
        **left_out.summary(),
        **({"sent": sent} if sent is not None else {}),
    }
    click.echo(json.dumps(summary) if as_json else as_text(summary))
    if address:
        end_import(address, counts["requests"] - sent["duplicates"] if sent else 0, as_json=as_json)


def _size(file: Path) -> int:
    return file.stat().st_size if file.is_file() else 0


def as_text(summary: dict[str, Any]) -> str:
    """Format the summary as text."""
    lines = [
        f"{summary['files']} files with {summary['requests']:,} requests of {summary['bytes']:,} bytes",
        f"  {summary['requests_with_tokens']} requests report their tokens; they calibrate the estimate for the others",
    ]
    lines += left_out_text(summary)
    if "sent" in summary:
        counts = ", ".join(f"{count} {name}" for name, count in summary["sent"].items())
        return "\n".join([*lines, f"  sent: {counts or 'nothing'}"])
    return "\n".join([*lines, "  nothing was sent (--dry-run)"])
