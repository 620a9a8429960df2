"""`shipledger prices`: prices that you negotiated, instead of list prices."""

# ruff: noqa: PLC0415 - the heavy parts are imported when the command runs, so that --help is quick
import csv
import json
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from service.cli.options import ServiceGroup, example, group_service_options, json_option, service_options

PATH = "/api/v1/prices"
KINDS = (
    *("input_uncached", "cache_read", "cache_write", "cache_write_1h"),
    *("output", "output_reasoning", "web_search", "code_execution"),
)
COLUMNS = ("model", "kind", "usd", "first_day", "last_day", "provider", "service_tier")
NEEDED = COLUMNS[:4]
DAY = click.DateTime(["%Y-%m-%d"])
dry_run_option = click.option("--dry-run", is_flag=True, help="Check the prices, and change nothing.")


@click.group(cls=ServiceGroup, epilog=example("shipledger prices list"))
@group_service_options
def prices() -> None:
    """List and set the prices that you negotiated.

    Everything else costs the list price of its provider.

    """


@prices.command("list", epilog=example("shipledger prices list"))
@json_option
@service_options
def list_(as_json: bool, url: str | None, key: str | None) -> None:
    """List contract prices by model."""
    from service.client import Client, find_address

    items: list[dict[str, Any]] = []
    cursor: str | None = ""
    with Client(find_address(url, key)) as client:
        while cursor is not None:
            page = client.get(PATH, {"cursor": cursor} if cursor else None)
            items += page["items"]
            cursor = page["next_cursor"]
    if as_json:
        click.echo(json.dumps({"items": items}))
        return
    from service.cli.tables import print_table

    heads = ["id", "model", "kind", "USD", "from", "to", "provider", "tier"]
    names = ("id", "model", "kind", "usd", "first_day", "last_day", "provider", "service_tier")
    print_table(heads, [[item[name] or None for name in names] for item in items])


@prices.command("set", epilog=example("shipledger prices set claude-opus-4-8 output 20 --from 2026-11-01"))
@click.argument("model")
@click.argument("kind", type=click.Choice(KINDS))
@click.argument("usd")
@click.option(
    "--from", "first_day", required=True, type=click.DateTime(["%Y-%m-%d"]), help="First UTC day, as YYYY-MM-DD."
)
@click.option("--to", "last_day", type=click.DateTime(["%Y-%m-%d"]), help="Last UTC day, as YYYY-MM-DD.")
@click.option("--provider", default="", help="Who sells the model, such as anthropic.  [default: everyone]")
@click.option("--tier", "service_tier", default="", help="Service tier, such as batch.  [default: standard]")
@dry_run_option
@json_option
@service_options
def set_(
    model: str,
    kind: str,
    usd: str,
    first_day: datetime,
    last_day: datetime | None,
    provider: str,
    service_tier: str,
    dry_run: bool,
    as_json: bool,
    url: str | None,
    key: str | None,
) -> None:
    """Set the price of MODEL for KIND, in USD per million tokens.

    Web searches and code executions are priced for each. A worker prices earlier tokens again.

    """
    item = {
        "model": model,
        "kind": kind,
        "usd": usd,
        "first_day": f"{first_day:%Y-%m-%d}",
        "last_day": f"{last_day:%Y-%m-%d}" if last_day else None,
        "provider": provider,
        "service_tier": service_tier,
    }
    _send([item], dry_run=dry_run, as_json=as_json, url=url, key=key)


@prices.command("import", epilog=example("shipledger prices import prices.csv --dry-run"))
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@dry_run_option
@json_option
@service_options
def import_(file: Path, dry_run: bool, as_json: bool, url: str | None, key: str | None) -> None:
    """Set all prices of a CSV FILE, or none.

    Columns: model, kind, usd and first_day; optional: last_day, provider and service_tier.

    """
    _send(_read(file), dry_run=dry_run, as_json=as_json, url=url, key=key)


@prices.command("remove", epilog=example("shipledger prices remove 12"))
@click.argument("price_id", type=int)
@json_option
@service_options
def remove(price_id: int, as_json: bool, url: str | None, key: str | None) -> None:
    """Remove a price by its id from `prices list`."""
    from service.client import Client, find_address

    with Client(find_address(url, key)) as client:
        client.delete(f"{PATH}/{price_id}")
    click.echo(json.dumps({"removed": price_id}) if as_json else f"removed price {price_id}")


def _read(file: Path) -> list[dict[str, str | None]]:
    """Read the rows of a CSV file; raises ClickException that names the line."""
    try:
        with file.open(encoding="utf-8-sig", newline="") as text:
            rows = csv.DictReader(text)
            names = [name.strip() for name in rows.fieldnames or []]
            if missing := [name for name in NEEDED if name not in names]:
                raise click.ClickException(f"{file.name} has no column {missing[0]}; columns: {', '.join(COLUMNS)}")
            if unknown := [name for name in names if name not in COLUMNS]:
                raise click.ClickException(f"{file.name}: unknown column {unknown[0]}; columns: {', '.join(COLUMNS)}")
            found = [{name.strip(): (value or "").strip() for name, value in row.items()} for row in rows]
    except (OSError, UnicodeError, csv.Error) as error:
        raise click.ClickException(f"{file.name} is not readable as CSV in UTF-8: {error}") from None
    return [{**row, "last_day": row.get("last_day") or None} for row in found]


def _send(
    items: list[dict[str, str | None]], *, dry_run: bool, as_json: bool, url: str | None, key: str | None
) -> None:
    import msgspec

    from service.contracts.price import PriceBatch

    try:
        msgspec.convert({"items": items}, PriceBatch, strict=False)
    except msgspec.ValidationError as error:
        raise click.ClickException(str(error)) from None
    receipt = {"received": len(items), "changed": 0}
    if not dry_run:
        from service.client import Client, find_address

        with Client(find_address(url, key)) as client:
            receipt = client.post(PATH, {"items": items})
    if as_json:
        click.echo(json.dumps({**receipt, "dry_run": dry_run}))
    elif dry_run:
        click.echo(f"{len(items)} prices are valid; nothing was changed (--dry-run)")
    else:
        click.echo(f"{receipt['changed']} of {receipt['received']} prices changed; earlier tokens are priced again")
