"""`shipledger overhead`: what running models costs beside their tokens, and how much energy they need."""

# ruff: noqa: PLC0415 - the heavy parts are imported when the command runs, so that --help is quick
import json
from datetime import datetime
from typing import Any

import click

from service.cli.items import check_body, remove_item
from service.cli.options import ServiceGroup, example, group_service_options, json_option, service_options

PATH = "/api/v1/ownership/factors"
PARTS = (
    *("orchestration", "observability", "infrastructure", "energy"),
    *("energy_per_input", "energy_per_output", "carbon_per_kwh"),
)


@click.group(cls=ServiceGroup, epilog=example("shipledger overhead list"))
@group_service_options
def overhead() -> None:
    """Set what running models costs beside their tokens.

    GET /api/v1/ownership shows it apart from token cost, with estimates of energy and carbon.

    """


@overhead.command("list", epilog=example("shipledger overhead list"))
@json_option
@service_options
def list_(as_json: bool, url: str | None, key: str | None) -> None:
    """List factors with their sources; published ones have no id."""
    from service.client import Client, find_address

    with Client(find_address(url, key)) as client:
        items: list[dict[str, Any]] = client.get(PATH)["items"]
    if as_json:
        click.echo(json.dumps({"items": items}))
        return
    from service.cli.tables import print_table

    names = ("id", "part", "low", "value", "high", "unit", "provider", "model", "first_day", "source")
    heads = ["id", "part", "low", "value", "high", "unit", "provider", "model", "from", "source"]
    print_table(heads, [[item[name] or None for name in names] for item in items])


@overhead.command("set", epilog=example("shipledger overhead set energy 0.02 --from 2026-11-01 --source bill-7"))
@click.argument("part", type=click.Choice(PARTS))
@click.argument("value")
@click.option(
    "--from", "first_day", required=True, type=click.DateTime(["%Y-%m-%d"]), help="First UTC day, as YYYY-MM-DD."
)
@click.option("--source", required=True, help="Address of a document (https), or its reference with a number.")
@click.option("--provider", default="", help="Only spend of this provider.  [default: all]")
@click.option("--model", default="", help="Only spend of this model.  [default: all]")
@click.option("--low", help="Lower end, for energy and carbon.  [default: VALUE]")
@click.option("--high", help="Upper end, for energy and carbon.  [default: VALUE]")
@click.option("--dry-run", is_flag=True, help="Check the factor, and change nothing.")
@json_option
@service_options
def set_(
    part: str,
    value: str,
    first_day: datetime,
    dry_run: bool,
    as_json: bool,
    url: str | None,
    key: str | None,
    **item: str | None,
) -> None:
    """Set the factor of PART to VALUE, from a day on.

    Money parts are shares of the token cost: 0.12 adds 12 %. The last three are Wh for 1,000 tokens, and kg CO2e for
    1 kWh.

    """
    item |= {"part": part, "value": value, "first_day": f"{first_day:%Y-%m-%d}"}
    body = {"items": [{name: value for name, value in item.items() if value is not None}]}
    from service.contracts.spend.ownership import FactorBatch

    check_body(body, FactorBatch, strict=False)
    receipt = {"received": 1, "changed": 0}
    if not dry_run:
        from service.client import Client, find_address

        with Client(find_address(url, key)) as client:
            receipt = client.post(PATH, body)
    if as_json:
        click.echo(json.dumps({**receipt, "dry_run": dry_run}))
    elif dry_run:
        click.echo("the factor is valid; nothing was changed (--dry-run)")
    else:
        click.echo("stored the factor" if receipt["changed"] else "the factor was stored before")


@overhead.command("remove", epilog=example("shipledger overhead remove 3"))
@click.argument("factor_id", type=int)
@click.option("--dry-run", is_flag=True, help="Find the factor, and remove nothing.")
@json_option
@service_options
def remove(factor_id: int, dry_run: bool, as_json: bool, url: str | None, key: str | None) -> None:
    """Remove a factor by its id from `overhead list`."""
    from service.client import Client, find_address

    with Client(find_address(url, key)) as client:
        remove_item(client, PATH, factor_id, "factor", "overhead list", dry_run=dry_run, as_json=as_json)
