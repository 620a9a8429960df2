"""`shipledger alert-channel`: where alerts are sent."""

# ruff: noqa: PLC0415 - the heavy parts are imported when the command runs, so that --help is quick
import json
import time
from typing import Any

import click

from service.cli.alerts.add_channel import add
from service.cli.alerts.change_channel import change
from service.cli.items import find_item, show_removed
from service.cli.options import ServiceGroup, example, group_service_options, json_option, service_options

PATH = "/api/v1/alert-channels"
# How long a test waits for the answer of the receiver.
TEST_SECONDS = 30.0
PAUSE_SECONDS = 0.3


@click.group("alert-channel", cls=ServiceGroup, epilog=example("shipledger alert-channel list"))
@group_service_options
def alert_channel() -> None:
    """Send alerts to chats, mailboxes, webhooks and PagerDuty.

    Alerts hold numbers and a link, and nothing about people.

    """


alert_channel.add_command(add)
alert_channel.add_command(change)


@alert_channel.command("list", epilog=example("shipledger alert-channel list"))
@json_option
@service_options
def list_(as_json: bool, url: str | None, key: str | None) -> None:
    """List channels, and whether sending failed."""
    from service.client import Client, find_address

    with Client(find_address(url, key)) as client:
        shown = client.get(PATH)
    if as_json:
        click.echo(json.dumps(shown))
        return
    from service.cli.tables import print_table

    names = ("id", "kind", "name", "team", "host", "delivered_at", "waiting", "dead", "reason")
    heads = ["id", "kind", "name", "team", "host", "delivered", "waiting", "dead", "error"]
    print_table(heads, [[each[name] for name in names] for each in shown["items"]])


@alert_channel.command(epilog=example("shipledger alert-channel remove 2 --dry-run"))
@click.argument("channel_id", type=int)
@click.option("--dry-run", is_flag=True, help="Show the channel, and remove nothing.")
@json_option
@service_options
def remove(channel_id: int, dry_run: bool, as_json: bool, url: str | None, key: str | None) -> None:
    """Delete a channel and its secrets."""
    from service.client import Client, find_address

    with Client(find_address(url, key)) as client:
        found = find_item(client, PATH, channel_id, "channel", "alert-channel list")
        if not dry_run:
            client.delete(f"{PATH}/{channel_id}")
    what = f"channel {channel_id}: {found['name']} at {found['host']}"
    show_removed(what, channel_id, dry_run=dry_run, as_json=as_json)


@alert_channel.command(epilog=example("shipledger alert-channel test 2"))
@click.argument("channel_id", type=int)
@json_option
@service_options
def test(channel_id: int, as_json: bool, url: str | None, key: str | None) -> None:
    """Send a test, and show whether it arrived."""
    from schema.errors import SetUpError
    from service.client import Client, find_address

    with Client(find_address(url, key)) as client:
        delivery = client.post(f"{PATH}/{channel_id}/test", {})
        delivery = _wait(client, delivery)
    if as_json:
        click.echo(json.dumps(delivery))
    if delivery["state"] == "delivered":
        click.echo("the test was delivered", err=as_json)
        return
    if delivery["state"] == "waiting":
        raise SetUpError(
            f"the test waits to be sent: {delivery['reason'] or 'check the workers with: shipledger doctor'}"
        )
    raise SetUpError(f"the test was not delivered: {delivery['reason']}")


def _wait(client: Any, delivery: dict[str, Any]) -> dict[str, Any]:
    """Return the delivery once it ended or failed, or as it is after the wait."""
    deadline = time.monotonic() + TEST_SECONDS
    while delivery["state"] == "waiting" and not delivery["failure"] and time.monotonic() < deadline:
        time.sleep(PAUSE_SECONDS)
        delivery = client.get(f"/api/v1/alert-deliveries/{delivery['id']}")
    return delivery
