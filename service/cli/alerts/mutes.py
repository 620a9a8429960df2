"""`shipledger alerts mute`: an alert, a rule or a team."""

# ruff: noqa: PLC0415 - the heavy parts are imported when the command runs, so that --help is quick
import json
from datetime import datetime
from typing import Any

import click

from service.cli.items import remove_item
from service.cli.options import example, json_option, service_options

PATH = "/api/v1/alert-mutes"
dry_run_option = click.option("--dry-run", is_flag=True, help="Show what would be muted, and change nothing.")


@click.command(epilog=example("shipledger alerts mute --rule rise --team checkout --to 2026-12-31"))
@click.argument("alert_id", type=int, required=False)
@click.option("--rule", help="Mute this rule, such as rise or budget.")
@click.option("--team", help="Mute this team.")
@click.option(
    "--to",
    "last",
    type=click.DateTime(["%Y-%m-%d"]),
    help="Last UTC day of the mute of a rule or team, as YYYY-MM-DD.  [default: until it is removed]",
)
@dry_run_option
@json_option
@service_options
def mute(
    alert_id: int | None,
    rule: str | None,
    team: str | None,
    last: datetime | None,
    dry_run: bool,
    as_json: bool,
    url: str | None,
    key: str | None,
) -> None:
    """Mute an alert, a rule, a team, or a rule of a team.

    A muted alert is never raised again. Alerts of muted rules and teams are still listed, and not sent.

    """
    if (alert_id is None) is (rule is None and team is None):
        raise click.UsageError("pass the id of an alert, or --rule, --team or both")
    if alert_id is not None and last is not None:
        raise click.UsageError("--to applies to rules and teams; use shipledger alerts snooze for an alert")
    given = {"rule": rule, "team": team, "muted_to": f"{last:%Y-%m-%d}" if last else None}
    body = {name: value for name, value in given.items() if value is not None}
    if dry_run:
        shown: dict[str, Any] = {**given, "alert_id": alert_id}
    else:
        from service.client import Client, find_address

        with Client(find_address(url, key)) as client:
            if alert_id is None:
                shown = client.post(PATH, body)
            else:
                shown = client.post(f"/api/v1/alerts/{alert_id}", {"state": "muted"})
    if as_json:
        click.echo(json.dumps({**shown, "dry_run": dry_run}))
        return
    what = f"alert {alert_id}" if alert_id is not None else _what(given)
    click.echo(f"would mute {what}; nothing was changed (--dry-run)" if dry_run else f"muted {what}")


@click.command(epilog=example("shipledger alerts mutes"))
@json_option
@service_options
def mutes(as_json: bool, url: str | None, key: str | None) -> None:
    """List muted rules and teams."""
    from service.client import Client, find_address

    with Client(find_address(url, key)) as client:
        shown = client.get(PATH)
    if as_json:
        click.echo(json.dumps(shown))
        return
    from service.cli.tables import print_table

    rows = [[each["id"], each["rule"] or "all", each["team"] or "all", each["muted_to"]] for each in shown["items"]]
    print_table(["id", "rule", "team", "to"], rows)


@click.command(epilog=example("shipledger alerts unmute 3"))
@click.argument("mute_id", type=int)
@dry_run_option
@json_option
@service_options
def unmute(mute_id: int, dry_run: bool, as_json: bool, url: str | None, key: str | None) -> None:
    """Remove a mute, by its id from `alerts mutes`."""
    from service.client import Client, find_address

    with Client(find_address(url, key)) as client:
        remove_item(client, PATH, mute_id, "mute", "alerts mutes", dry_run=dry_run, as_json=as_json)


def _what(given: dict[str, str | None]) -> str:
    rule = f"rule {given['rule']}" if given["rule"] else "all rules"
    last = f" to {given['muted_to']}" if given["muted_to"] else ""
    return f"{rule} of {given['team'] or 'all teams'}{last}"
