"""`shipledger alert-channel change`: name, team, address and secrets of a channel."""

# ruff: noqa: PLC0415 - the heavy parts are imported when the command runs, so that --help is quick
import json
from typing import Any

import click

from service.cli.alerts.add_channel import PATH, read_secret, show_secret
from service.cli.items import check_body, find_item
from service.cli.options import example, json_option, service_options

# The secret of each kind of channel, and how to ask for it.
SECRETS = {
    "slack": ("url", "URL of the webhook"),
    "teams": ("url", "URL of the webhook"),
    "webhook": ("secret", "Signing secret"),
    "pagerduty": ("routing_key", "Integration key"),
    "email": ("password", "Password"),
}


@click.command(epilog=example("shipledger alert-channel change 2 --team checkout"))
@click.argument("channel_id", type=int)
@click.option("--name", help="Name of the channel, no person's.")
@click.option("--team", help="Send only alerts of this team.")
@click.option("--all-teams", is_flag=True, help="Send the alerts of all teams.")
@click.option("--secret", is_flag=True, help="Read a new secret from SHIPLEDGER_ALERT_SECRET, or from a prompt.")
@click.option("--new-secret", is_flag=True, help="Generate a new signing secret of a webhook, and print it.")
@click.option("--address", "url_of_channel", metavar="URL", help="URL of a webhook, or of PagerDuty's Events API.")
@click.option("--server", "smtp_host", metavar="SERVER", help="Mail server.")
@click.option("--port", "smtp_port", type=click.IntRange(1, 65_535), help="Port of the mail server.")
@click.option("--encryption", type=click.Choice(["starttls", "tls", "none"]), help="Encryption of the mail server.")
@click.option("--user", help="User at the mail server; use --secret for its password.")
@click.option("--from", "sender", metavar="MAIL", help="Address that mails come from.")
@click.option("--to", "recipients", multiple=True, metavar="MAIL", help="Address to send to. Repeatable.")
@click.option("--digest/--no-digest", default=None, help="Send the digest of each week, or stop.  [default: as it is]")
@click.option("--dry-run", is_flag=True, help="Check the change, and store nothing.")
@json_option
@service_options
def change(
    channel_id: int,
    all_teams: bool,
    secret: bool,
    new_secret: bool,
    url_of_channel: str | None,
    recipients: tuple[str, ...],
    dry_run: bool,
    as_json: bool,
    url: str | None,
    key: str | None,
    **fields: Any,
) -> None:
    """Change a channel. What is left out stays as it is.

    The secret is the URL of a chat's webhook, the signing secret, the integration key, or the password.

    """
    from service.client import Client, find_address
    from service.contracts.alerts.channels import AlertChannelChange

    given = {**fields, "url": url_of_channel, "recipients": [*recipients] or None}
    body: dict[str, Any] = {name: value for name, value in given.items() if value is not None}
    if all_teams:
        body["team"] = None
    if new_secret:
        body["secret"] = None
    if all_teams and fields["team"]:
        raise click.UsageError("pass --team or --all-teams, not both")
    if not body and not secret:
        raise click.UsageError("name what to change, for example --name or --team")
    with Client(find_address(url, key)) as client:
        known = find_item(client, PATH, channel_id, "channel", "alert-channel list")
        if secret:
            name, prompt = SECRETS[known["kind"]]
            body[name] = read_secret(prompt)
        check_body(body, AlertChannelChange)
        shown = known if dry_run else client.patch(f"{PATH}/{channel_id}", body)
    if as_json:
        click.echo(json.dumps({**shown, "dry_run": dry_run}))
        return
    what = f"channel {channel_id}: {shown['name']} at {shown['host']}"
    click.echo(f"would change {what}; nothing was changed (--dry-run)" if dry_run else f"changed {what}")
    show_secret(shown)
