"""`shipledger audit`: what administrators did."""

# ruff: noqa: PLC0415 - the heavy parts are imported when the command runs, so that --help is quick
import json
from pathlib import Path

import click

from service.cli.options import example, json_option, service_options

PATH = "/api/v1/audit"
NAMES = ("acted_at", "actor", "action", "subject")


@click.command(epilog=example("shipledger audit --from 2026-11-01 --output audit.csv"))
@click.option("--from", "first", metavar="DAY", help="First UTC day or time.  [default: the beginning]")
@click.option("--to", "last", metavar="DAY", help="Last UTC day or time.  [default: now]")
@click.option("--output", type=click.Path(path_type=Path, dir_okay=False), help="CSV file to write.")
@json_option
@service_options
def audit(
    first: str | None, last: str | None, output: Path | None, as_json: bool, url: str | None, key: str | None
) -> None:
    """Show what administrators did, newest first.

    Keys and members are shown by their ids, never by name. Needs a key with the scope audit or admin.

    """
    from service.cli.tables import print_table
    from service.client import Client, find_address

    period = {name: value for name, value in {"from": first, "to": last}.items() if value}
    with Client(find_address(url, key)) as client:
        if output is not None:
            size = client.download(PATH, {**period, "format": "csv"}, output)
            click.echo(f"wrote {output} ({size} bytes)")
            return
        found = client.items(PATH, period)
    if as_json:
        click.echo(json.dumps({"items": found}))
    else:
        print_table(["time", "by", "action", "of"], [[each[name] for name in NAMES] for each in found])
