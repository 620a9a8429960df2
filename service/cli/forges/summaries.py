"""`shipledger github summaries` and `gitlab summaries`: show the cost of pull requests on the forge."""

import json

import click

from schema.errors import ShipledgerError
from service.cli.options import example, json_option, service_options
from service.client import Client, find_address

PATH = "/api/v1/connections"
HELP = {
    "github": (
        "Show the cost of each pull request in a check run.\n\nThe check run is updated in place. It "
        "needs a GitHub App that may write checks (`create-app --summaries`). A token is not enough."
    ),
    "gitlab": (
        "Show the cost of each merge request in a note.\n\nThe note is updated in place. The connection "
        "needs an access token with the scope api."
    ),
}


def make_summaries(forge: str) -> click.Command:
    """Create the command for one forge."""

    @click.command(
        "summaries",
        epilog=example(f"shipledger {forge} summaries on --dry-run"),
        help=HELP[forge] + " Off by default, because everyone who can read the pull request sees the figures.",
    )
    @click.argument("switch", type=click.Choice(["on", "off"]))
    @click.option("--connection", metavar="ID", help="Only this connection.  [default: all connections to this forge]")
    @click.option("--dry-run", is_flag=True, help="List the connections, and change nothing.")
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
                raise ShipledgerError("this connection does not exist; list connections with: GET /api/v1/connections")
            for each in [] if dry_run else chosen:
                client.put(f"{PATH}/{each}/summaries", {"enabled": switch == "on"})
        if as_json:
            click.echo(json.dumps({"connections": chosen, "summaries": switch == "on", "dry_run": dry_run}))
            return
        for each in chosen:
            click.echo(f"{each}: {switch}{' (not changed, --dry-run)' if dry_run else ''}")

    return summaries
