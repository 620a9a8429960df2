"""`shipledger alert-channel add`: a command for each kind of channel."""

# ruff: noqa: PLC0415 - the heavy parts are imported when the command runs, so that --help is quick
import json
import os
from collections.abc import Callable
from typing import Any, TypeVar

import click

from service.cli.items import check_body
from service.cli.options import ServiceGroup, example, group_service_options, json_option, service_options

PATH = "/api/v1/alert-channels"
# Not an option, because every user of the machine can read command lines.
SECRET_VARIABLE = "SHIPLEDGER_ALERT_SECRET"  # noqa: S105 - the name of a variable
COMMAND = "shipledger alert-channel add"

Command = TypeVar("Command", bound=Callable[..., Any])


def channel_options(command: Command) -> Command:
    """Add the options that all kinds of channels share."""
    dry_run = click.option("--dry-run", is_flag=True, help="Check the channel, and store nothing.")
    name = click.option("--name", help="Name of the channel, no person's.  [default: its kind]")
    team = click.option("--team", help="Send only alerts of this team.  [default: all alerts]")
    return name(team(dry_run(json_option(service_options(command)))))


@click.group(cls=ServiceGroup, epilog=example(f"{COMMAND} slack --name finops"))
@group_service_options
def add() -> None:
    """Add a channel; try it with `shipledger alert-channel test`."""


@add.command(epilog=example(f"{COMMAND} slack --name finops"))
@channel_options
def slack(**options: Any) -> None:
    """Send alerts to Slack, or to a chat with webhooks like Slack's.

    The URL of the incoming webhook is read from SHIPLEDGER_ALERT_SECRET, or from a prompt.

    """
    _add({"kind": "slack", "url": read_secret("URL of the webhook")}, **options)


@add.command(epilog=example(f"{COMMAND} teams --team checkout"))
@channel_options
def teams(**options: Any) -> None:
    """Send alerts to Microsoft Teams, by a webhook of Workflows.

    Its URL is read from SHIPLEDGER_ALERT_SECRET, or from a prompt.

    """
    _add({"kind": "teams", "url": read_secret("URL of the webhook")}, **options)


@add.command(epilog=example(f"{COMMAND} webhook https://hooks.example.com/in"))
@click.argument("address", metavar="URL")
@channel_options
def webhook(address: str, **options: Any) -> None:
    """Send alerts as signed webhooks (Standard Webhooks).

    The signing secret (whsec_ and base64) is read from SHIPLEDGER_ALERT_SECRET; otherwise one is generated and printed.

    """
    secret = os.environ.get(SECRET_VARIABLE)
    _add({"kind": "webhook", "url": address, **({"secret": secret} if secret else {})}, **options)


@add.command(epilog=example(f"{COMMAND} pagerduty --name on-call"))
@click.option("--address", metavar="URL", help="URL of the Events API.  [default: that of PagerDuty in the US]")
@channel_options
def pagerduty(address: str | None, **options: Any) -> None:
    """Trigger and resolve incidents at PagerDuty (Events API v2).

    The integration key is read from SHIPLEDGER_ALERT_SECRET, or from a prompt.

    """
    channel = {"kind": "pagerduty", "routing_key": read_secret("Integration key")}
    _add({**channel, **({"url": address} if address else {})}, **options)


@add.command(epilog=example(f"{COMMAND} email smtp.b.co --from a@b.co --to c@b.co"))
@click.argument("server", metavar="SERVER")
@click.option("--from", "sender", required=True, metavar="MAIL", help="Address that mails come from.")
@click.option(
    "--to", "recipients", required=True, multiple=True, metavar="MAIL", help="Address to send to. Repeatable."
)
@click.option("--port", type=click.IntRange(1, 65_535), help="Port of the server.  [default: 587, with tls 465]")
@click.option(
    "--encryption",
    type=click.Choice(["starttls", "tls", "none"]),
    default="starttls",
    show_default=True,
    help="STARTTLS, TLS from the first byte, or none.",
)
@click.option("--user", help="User at the server; its password is asked for.  [default: without a login]")
@channel_options
def email(
    server: str,
    sender: str,
    recipients: tuple[str, ...],
    port: int | None,
    encryption: str,
    user: str | None,
    **options: Any,
) -> None:
    """Send alerts by e-mail through an SMTP server.

    The password of --user is read from SHIPLEDGER_ALERT_SECRET, or from a prompt. Addresses are stored encrypted.

    """
    channel: dict[str, Any] = {"kind": "email", "smtp_host": server, "sender": sender, "recipients": [*recipients]}
    channel["encryption"] = encryption
    if port is not None:
        channel["smtp_port"] = port
    if user is not None:
        channel |= {"user": user, "password": read_secret("Password")}
    _add(channel, **options)


def read_secret(prompt: str) -> str:
    """Return what unlocks a channel, from the environment or a prompt."""
    return os.environ.get(SECRET_VARIABLE) or str(click.prompt(prompt, hide_input=True, err=True))


def _add(
    channel: dict[str, Any],
    *,
    name: str | None,
    team: str | None,
    dry_run: bool,
    as_json: bool,
    url: str | None,
    key: str | None,
) -> None:
    body = channel | {field: value for field, value in (("name", name), ("team", team)) if value is not None}
    if dry_run:
        from service.connections.alert_channels import check_channel
        from service.contracts.alerts.channels import NewAlertChannel

        # Whether the service allows http is only known there.
        check_channel(check_body(body, NewAlertChannel), allow_private=True)
        valid = {"kind": channel["kind"], "dry_run": True}
        click.echo(json.dumps(valid) if as_json else "the channel is valid; nothing was stored (--dry-run)")
        return
    from service.client import Client, find_address

    with Client(find_address(url, key)) as client:
        made = client.post(PATH, body)
    if as_json:
        click.echo(json.dumps({**made, "dry_run": False}))
        return
    click.echo(f"added channel {made['id']}: {made['name']} at {made['host']}")
    show_secret(made)
    click.echo(f"Next: shipledger alert-channel test {made['id']}", err=True)


def show_secret(channel: dict[str, Any]) -> None:
    """Print the signing secret of a webhook if it was generated just now."""
    if channel["secret"]:
        click.echo(f"signing secret, shown only now: {channel['secret']}")
