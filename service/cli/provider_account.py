"""`shipledger provider-account`: provider accounts whose usage and cost reports the workers fetch."""

import csv
import json
import os
from datetime import datetime
from pathlib import Path
from typing import Any, get_args
from uuid import UUID

import click

from schema.errors import SetUpError
from service.cli.options import ServiceGroup, example, group_service_options, json_option, service_options
from service.cli.tables import print_table
from service.client import Client, find_address
from service.contracts.provider_account import Provider

PATH = "/api/v1/provider-accounts"
# Not an option, because every user of the machine can read command lines.
KEY_VARIABLE = "SHIPLEDGER_PROVIDER_KEY"
EXAMPLE_ID = "3f0c8e5e-7c53-4c0e-9f0e-8f9d8c0b7a61"
COLUMNS = ("id", "provider", "team", "next_day", "state", "reason")


@click.group("provider-account", cls=ServiceGroup, epilog=example("shipledger provider-account list"))
@group_service_options
def provider_account() -> None:
    """Fetch usage and costs from providers every hour.

    Also for agents that send no telemetry.

    """


@provider_account.command(epilog=example("shipledger provider-account add anthropic"))
@click.argument("provider", type=click.Choice(get_args(Provider)))
@click.option(
    "--since", type=click.DateTime(["%Y-%m-%d"]), help="First UTC day, as YYYY-MM-DD.  [default: 30 days ago]"
)
@click.option(
    "--team", help="Team that all tokens of this account belong to; they count if nothing else measured them."
)
@click.option(
    "--teams",
    "members",
    type=click.Path(path_type=Path, dir_okay=False, exists=True),
    help="CSV file of mail,team for reports by mail address; only keyed hashes are stored.",
)
@click.option(
    "--scope", metavar="orgs/NAME", help="Owner of a github-copilot account, as ORGANIZATION or enterprises/NAME."
)
@click.option("--base-url", metavar="URL", help="URL of the provider's API.  [default: the provider's usual one]")
@json_option
@service_options
def add(
    provider: str,
    since: datetime | None,
    team: str | None,
    members: Path | None,
    scope: str | None,
    base_url: str | None,
    as_json: bool,
    url: str | None,
    key: str | None,
) -> None:
    """Add an account and start fetching its reports.

    A first fetch tries the key. The key is read from SHIPLEDGER_PROVIDER_KEY, or from a prompt.

    """
    options = {
        "since": since.date() if since else None,
        "team": team,
        "teams": read_members(members) if members else None,
        "scope": scope,
        "base_url": base_url,
    }
    address = find_address(url, key)
    body = {
        "provider": provider,
        "key": read_key(),
        **{name: value for name, value in options.items() if value is not None},
    }
    with Client(address) as client:
        made = client.post(PATH, body)
    if as_json:
        click.echo(json.dumps(made))
    else:
        click.echo(f"added {made['id']}; {provider} is fetched every hour")
    _require_working(made["trial"], provider, made["id"])


def _require_working(trial: dict[str, Any], provider: str, account_id: object) -> None:
    """Say that the key works; raises SetUpError if it does not."""
    if trial["state"] == "works":
        click.echo("the key works", err=True)
    elif trial["state"] == "running":
        click.echo(trial["reason"], err=True)
    else:
        raise SetUpError(
            f"{provider} could not be fetched: {trial['reason']} Try another key with: shipledger provider-account "
            f"renew {account_id}"
        )


@provider_account.command(epilog=example(f"shipledger provider-account renew {EXAMPLE_ID}"))
@click.argument("account_id", type=click.UUID)
@click.option(
    "--since",
    type=click.DateTime(["%Y-%m-%d"]),
    help="First UTC day to fetch again, as YYYY-MM-DD.  [default: continue]",
)
@service_options
def renew(account_id: UUID, since: datetime | None, url: str | None, key: str | None) -> None:
    """Replace the key of an account, try it, and resume fetching.

    The key is read from SHIPLEDGER_PROVIDER_KEY, or from a prompt.

    """
    address = find_address(url, key)
    body = {"key": read_key(), **({"since": since.date()} if since else {})}
    with Client(address) as client:
        trial = client.put(f"{PATH}/{account_id}/key", body)
    click.echo(f"renewed {account_id}")
    _require_working(trial, "the provider", account_id)


@provider_account.command("list", epilog=example("shipledger provider-account list"))
@json_option
@service_options
def list_(as_json: bool, url: str | None, key: str | None) -> None:
    """List accounts with the next day to fetch, and errors."""
    with Client(find_address(url, key)) as client:
        shown = client.get(PATH)
    if as_json:
        click.echo(json.dumps(shown))
    else:
        print_table(list(COLUMNS), [[each[column] for column in COLUMNS] for each in shown["items"]])


@provider_account.command(epilog=example(f"shipledger provider-account teams {EXAMPLE_ID} t.csv"))
@click.argument("account_id", type=click.UUID)
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, exists=True))
@service_options
def teams(account_id: UUID, file: Path, url: str | None, key: str | None) -> None:
    """Set the team of each mail address in an account's reports.

    FILE is a CSV of mail,team. Only keyed hashes of the addresses are stored.

    """
    members = read_members(file)
    with Client(find_address(url, key)) as client:
        client.put(f"{PATH}/{account_id}/teams", {"teams": members})
    click.echo(f"set the team of {len(members)} mail addresses")


@provider_account.command(epilog=example(f"shipledger provider-account remove {EXAMPLE_ID}"))
@click.argument("account_id", type=click.UUID)
@service_options
def remove(account_id: UUID, url: str | None, key: str | None) -> None:
    """Delete an account's key and stop fetching its reports.

    The fetched reports stay.

    """
    with Client(find_address(url, key)) as client:
        client.delete(f"{PATH}/{account_id}")
    click.echo(f"removed {account_id}")


def read_key() -> str:
    """Read the key of an account from the environment, or from a prompt."""
    return os.environ.get(KEY_VARIABLE) or str(click.prompt("Key", hide_input=True, err=True))


def read_members(file: Path) -> dict[str, str]:
    """Read teams by mail address; raises SetUpError that names the line, but not its content."""
    members: dict[str, str] = {}
    try:
        with file.open(encoding="utf-8-sig", newline="") as text:
            for number, row in enumerate(csv.reader(text), start=1):
                match [cell.strip() for cell in row]:
                    case [mail, team] if "@" in mail and team:
                        members[mail.lower()] = team
                    case [head, *_] if number == 1 and "@" not in head:
                        continue
                    case cells if any(cells):
                        raise SetUpError(
                            f"line {number} of {file.name} is not mail,team; write for example: "
                            "name@example.com,platform",
                            field="teams",
                        )
    except (OSError, UnicodeError, csv.Error) as error:
        raise SetUpError(f"{file.name} cannot be read as CSV: {type(error).__name__}", field="teams") from None
    return members
