"""`shipledger budget`: what teams and the organization may spend."""

# ruff: noqa: PLC0415 - the heavy parts are imported when the command runs, so that --help is quick
import json
from collections.abc import Mapping
from typing import Any

import click

from service.cli.options import ServiceGroup, example, group_service_options, json_option, service_options

PATH = "/api/v1/budgets"
PERIODS = ("month", "quarter")
team_option = click.option("--team", help="Name of the team.  [default: the whole organization]")
model_option = click.option("--model", help="Name of a model.  [default: all models]")


@click.group(cls=ServiceGroup, epilog=example("shipledger budget list"))
@group_service_options
def budget() -> None:
    """List and set budgets of a month or quarter.

    Alerts say when 50, 80 and 100 % of a budget are spent, when its hard limit is reached, and when it is likely to be
    exceeded.

    """


@budget.command("list", epilog=example("shipledger budget list --team checkout"))
@click.option("--team", help="Only this team.  [default: all teams and the organization]")
@json_option
@service_options
def list_(team: str | None, as_json: bool, url: str | None, key: str | None) -> None:
    """List budgets."""
    from service.client import Client, find_address

    with Client(find_address(url, key)) as client:
        shown = client.get(PATH, {"team": team} if team else None)
    _show(shown, as_json=as_json)


@budget.command("set", epilog=example("shipledger budget set month 2000 --team checkout"))
@click.argument("period", type=click.Choice(PERIODS))
@click.argument("usd")
@click.option("--hard", "hard_usd", metavar="USD", help="Hard limit above the budget, with an alert of its own.")
@team_option
@model_option
@click.option("--dry-run", is_flag=True, help="Check the budget, and change nothing.")
@json_option
@service_options
def set_(
    usd: str, hard_usd: str | None, dry_run: bool, as_json: bool, url: str | None, key: str | None, **place: str | None
) -> None:
    """Set what may be spent in each month or quarter, in USD."""
    change = {**place, "usd": usd, "hard_usd": hard_usd}
    _change(change, dry_run=dry_run, as_json=as_json, url=url, key=key)


@budget.command(epilog=example("shipledger budget remove month --team checkout"))
@click.argument("period", type=click.Choice(PERIODS))
@team_option
@model_option
@click.option("--dry-run", is_flag=True, help="Show the budgets that would remain, and change nothing.")
@json_option
@service_options
def remove(dry_run: bool, as_json: bool, url: str | None, key: str | None, **place: str | None) -> None:
    """Remove a budget."""
    _change({**place, "usd": None}, dry_run=dry_run, as_json=as_json, url=url, key=key)


def _change(change: dict[str, str | None], *, dry_run: bool, as_json: bool, url: str | None, key: str | None) -> None:
    from service.client import Client, find_address

    money = {name: _checked(change.get(name), hint) for name, hint in (("usd", "USD"), ("hard_usd", "--hard"))}
    with Client(find_address(url, key)) as client:
        if dry_run:
            # A dry run reads only, so that a key without the scope admin may try it.
            shown = client.get(PATH)
            shown["items"] = _after(shown["items"], change, money)
        else:
            shown = client.post(PATH, change)
    _show({**shown, "dry_run": dry_run}, as_json=as_json)
    if dry_run and not as_json:
        click.echo("nothing was changed (--dry-run)")


def _checked(usd: str | None, hint: str) -> str | None:
    """Return an amount as the API shows it; raises BadParameter if it is not one."""
    if usd is None:
        return None
    from decimal import Decimal, InvalidOperation

    from service.contracts.spend.watched import LARGEST_USD
    from vocabulary.tokens import nano_usd, usd_text

    try:
        amount = Decimal(usd)
    except InvalidOperation:
        amount = Decimal(0)
    if not amount.is_finite() or not 0 < amount <= LARGEST_USD:
        raise click.BadParameter(f"must be a number above 0 and at most {LARGEST_USD:,}", param_hint=hint)
    return usd_text(nano_usd(amount))


def _after(
    items: list[dict[str, Any]], change: Mapping[str, str | None], money: Mapping[str, str | None]
) -> list[dict[str, Any]]:
    """Return the budgets as they would be after the change."""
    place = {name: change[name] for name in ("team", "model", "period")}
    kept = [each for each in items if any(each[name] != value for name, value in place.items())]
    return kept if money["usd"] is None else [*kept, {**place, **money}]


def _show(shown: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(shown))
        return
    from service.cli.figures import money
    from service.cli.tables import print_table

    rows = [
        [
            each["team"] or "the organization",
            each["model"] or "all",
            each["period"],
            money(each["usd"]),
            each["hard_usd"] and money(each["hard_usd"]),
        ]
        for each in shown["items"]
    ]
    print_table(["team", "model", "period", "budget", "hard limit"], rows)
