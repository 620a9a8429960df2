"""`shipledger digest`: the digest of the last full week."""

# ruff: noqa: PLC0415 - the heavy parts are imported when the command runs, so that --help is quick
import json

import click

from service.cli.options import example, json_option, service_options


@click.command("digest", epilog=example("shipledger digest --send 2 --dry-run"))
@click.option("--send", "channel_id", type=int, metavar="CHANNEL", help="Send it to the channel with this id, at once.")
@click.option("--dry-run", is_flag=True, help="Show what would be sent, and send nothing.")
@json_option
@service_options
def digest(channel_id: int | None, dry_run: bool, as_json: bool, url: str | None, key: str | None) -> None:
    """Show the digest of the last full week.

    Channels get it on Monday morning (UTC) after `shipledger alert-channel change ID --digest`.

    """
    from service.cli.alerts.add_channel import PATH
    from service.client import Client, find_address

    sent = None
    with Client(find_address(url, key)) as client:
        shown = client.get("/api/v1/digest")
        if channel_id is not None and not dry_run:
            sent = client.post(f"{PATH}/{channel_id}/digest", {})
    if as_json:
        click.echo(json.dumps({**shown, "delivery": sent, "dry_run": dry_run}))
        return
    click.echo(f"{shown['title']}\n{shown['sentence']}")
    for fact in shown["facts"]:
        click.echo(f"  {fact['name']}: {fact['text']}")
    if sent is not None:
        click.echo(f"queued as delivery {sent['id']}; see: shipledger alert-channel list")
    elif channel_id is not None:
        click.echo("nothing was sent (--dry-run)")
