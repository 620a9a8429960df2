"""`shipledger alerts`: list and answer what is unusual about spend."""

# ruff: noqa: PLC0415 - the heavy parts are imported when the command runs, so that --help is quick
import json
from datetime import date, datetime
from typing import Any

import click

from service.cli.alerts.mutes import mute, mutes, unmute
from service.cli.items import read_all
from service.cli.options import ServiceGroup, example, group_service_options, json_option, service_options

PATH = "/api/v1/alerts"
STATES = ("open", "acknowledged", "resolved", "snoozed", "muted")
# As much as somebody reads; `--json` prints every alert.
MOST_ALERTS = 50
dry_run_option = click.option("--dry-run", is_flag=True, help="Show the alert, and change nothing.")


@click.group(cls=ServiceGroup, epilog=example("shipledger alerts list --state open"))
@group_service_options
def alerts() -> None:
    """List and answer alerts about spend."""


@alerts.command("list", epilog=example("shipledger alerts list --state open --team checkout"))
@click.option("--state", type=click.Choice(STATES), help="Only alerts in this state.  [default: all]")
@click.option("--team", help="Only alerts about this team.  [default: all teams]")
@json_option
@service_options
def list_(state: str | None, team: str | None, as_json: bool, url: str | None, key: str | None) -> None:
    """List alerts, newest first."""
    from service.client import Client, find_address

    query = {name: value for name, value in (("state", state), ("team", team)) if value}
    with Client(find_address(url, key)) as client:
        items = read_all(client, PATH, query, None if as_json else MOST_ALERTS)
    if as_json:
        click.echo(json.dumps({"items": items}))
        return
    from service.cli.tables import print_table

    print_table(
        ["id", "found", "state", "alert"],
        [[each["id"], each["found_on"], _state(each), each["sentence"]] for each in items],
    )


@alerts.command(epilog=example("shipledger alerts show 7"))
@click.argument("alert_id", type=int)
@json_option
@service_options
def show(alert_id: int, as_json: bool, url: str | None, key: str | None) -> None:
    """Show an alert, and where it was sent."""
    from service.client import Client, find_address

    with Client(find_address(url, key)) as client:
        alert = client.get(f"{PATH}/{alert_id}")
        sent = read_all(client, "/api/v1/alert-deliveries", {"alert_id": str(alert_id)})
    if as_json:
        click.echo(json.dumps({**alert, "deliveries": sent}))
        return
    click.echo("\n".join([*as_lines(alert), *(_sent_line(each) for each in reversed(sent))]))


@alerts.command(epilog=example("shipledger alerts acknowledge 7"))
@click.argument("alert_id", type=int)
@dry_run_option
@json_option
@service_options
def acknowledge(alert_id: int, dry_run: bool, as_json: bool, url: str | None, key: str | None) -> None:
    """Say that somebody takes care of an alert."""
    _answer(alert_id, {"state": "acknowledged"}, dry_run=dry_run, as_json=as_json, url=url, key=key)


@alerts.command(epilog=example("shipledger alerts resolve 7"))
@click.argument("alert_id", type=int)
@dry_run_option
@json_option
@service_options
def resolve(alert_id: int, dry_run: bool, as_json: bool, url: str | None, key: str | None) -> None:
    """Say that an alert is over."""
    _answer(alert_id, {"state": "resolved"}, dry_run=dry_run, as_json=as_json, url=url, key=key)


@alerts.command(epilog=example("shipledger alerts snooze 7 --to 2026-12-31"))
@click.argument("alert_id", type=int)
@click.option(
    "--to", "last", required=True, type=click.DateTime(["%Y-%m-%d"]), help="Last UTC day of silence, as YYYY-MM-DD."
)
@dry_run_option
@json_option
@service_options
def snooze(alert_id: int, last: datetime, dry_run: bool, as_json: bool, url: str | None, key: str | None) -> None:
    """Send an alert again after a day."""
    change = {"state": "snoozed", "snoozed_to": f"{last:%Y-%m-%d}"}
    _answer(alert_id, change, dry_run=dry_run, as_json=as_json, url=url, key=key)


alerts.add_command(mute)
alerts.add_command(mutes)
alerts.add_command(unmute)


def _answer(
    alert_id: int, change: dict[str, str], *, dry_run: bool, as_json: bool, url: str | None, key: str | None
) -> None:
    from service.client import Client, find_address

    with Client(find_address(url, key)) as client:
        # A dry run reads only, so that a key without the scope admin may try it.
        alert = client.get(f"{PATH}/{alert_id}") if dry_run else client.post(f"{PATH}/{alert_id}", change)
    if as_json:
        click.echo(json.dumps({**alert, "dry_run": dry_run}))
        return
    lines = as_lines(alert)
    if dry_run:
        lines.append(f"would be {change['state']}; nothing was changed (--dry-run)")
    click.echo("\n".join(lines))


def as_lines(alert: dict[str, Any]) -> list[str]:
    """Format an alert as lines."""
    return [alert["sentence"], f"  alert {alert['id']}, {_state(alert)}, found on {_day(alert['found_on'])}"]


def _state(alert: dict[str, Any]) -> str:
    return f"snoozed to {alert['snoozed_to']}" if alert["state"] == "snoozed" else str(alert["state"])


def _day(text: str) -> str:
    day = date.fromisoformat(text)
    return f"{day.day} {day:%b %Y}"


def _sent_line(delivery: dict[str, Any]) -> str:
    reason = f": {delivery['reason']}" if delivery["reason"] else ""
    return f"  {delivery['event']} to {delivery['channel']}: {delivery['state']}{reason}"
