"""`shipledger github summaries` and `gitlab summaries`: what pull requests cost, shown at the forge."""

import json

import click

from schema.errors import ShipledgerError
from service.cli.bulks import service_options
from service.cli.options import json_option
from service.client import Client, find_address

PATH = "/api/v1/connections"
HELP = {
    "github": "Show what a pull request cost on a check run of its own, edited in place.\n\n"
    "It needs a GitHub App that may write checks (`create-app --summaries`); GitHub lets no token do that.",
    "gitlab": "Show what a merge request cost in one note on it, edited in place.\n\n"
    "The connection needs an access token with the scope api.",
}


def make_summaries(forge: str) -> click.Command:
    """The command of one forge."""

    @click.command("summaries", help=HELP[forge] + " Whoever sees it there sees the figures, so it is off at first.")
    @click.argument("switch", type=click.Choice(["on", "off"]))
    @click.option("--connection", metavar="ID", help="This one only.  [default: all of the forge]")
    @click.option("--dry-run", is_flag=True, help="Name the connections, change nothing.")
    @json_option
    @service_options
    def summaries(
        switch: str, connection: str | None, dry_run: bool, as_json: bool, url: str | None, key: str | None
    ) -> None:
        with Client(find_address(url, key)) as client:
            known = client.get(PATH)["items"]
            chosen = [each["id"] for each in known if each["forge"] == forge and each["state"] != "deleted"]
            if connection is not None:
                chosen = [each for each in chosen if each == connection]
            if not chosen:
                raise ShipledgerError("there is no such connection")
            for each in [] if dry_run else chosen:
                client.put(f"{PATH}/{each}/summaries", {"enabled": switch == "on"})
        if as_json:
            click.echo(json.dumps({"connections": chosen, "summaries": switch == "on", "dry_run": dry_run}))
            return
        for each in chosen:
            click.echo(f"{each}: {switch}{' (not switched, --dry-run)' if dry_run else ''}")

    return summaries
