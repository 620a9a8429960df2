"""`shipledger policy`: which providers, models and regions teams may use."""

# ruff: noqa: PLC0415 - the heavy parts are imported when the command runs, so that --help is quick
import json
from collections.abc import Mapping, Sequence
from typing import Any

import click

from service.cli.items import check_body
from service.cli.options import ServiceGroup, example, group_service_options, json_option, service_options

dry_run_option = click.option("--dry-run", is_flag=True, help="Check the policy, and change nothing.")

PATH = "/api/v1/policies"
LISTS = ("providers", "models", "regions")


@click.group(cls=ServiceGroup, epilog=example("shipledger policy list"))
@group_service_options
def policy() -> None:
    """Set which providers, models and regions teams may use.

    An alert is raised for spend outside a policy. Nothing is blocked.

    """


@policy.command("set", epilog=example("shipledger policy set --team web --provider anthropic --model 'claude-*'"))
@click.option("--provider", "providers", multiple=True, help="Provider that is allowed; repeatable.")
@click.option("--model", "models", multiple=True, help="Model that is allowed, with * for any letters; repeatable.")
@click.option("--region", "regions", multiple=True, help="Region that is allowed; `unknown` for none; repeatable.")
@click.option("--team", help="Name of the team.  [default: all teams without a list of their own]")
@dry_run_option
@json_option
@service_options
def set_(
    team: str | None,
    dry_run: bool,
    as_json: bool,
    url: str | None,
    key: str | None,
    **allowed: Sequence[str],
) -> None:
    """Replace the policy of a team, or of the organization."""
    if not any(allowed.values()):
        raise click.UsageError("allow something with --provider, --model or --region, or run shipledger policy remove")
    body = {"team": team, **{name: list(values) for name, values in allowed.items()}}
    from service.contracts.spend.policy import PolicyIn

    check_body(body, PolicyIn)
    if not dry_run:
        _send(body, url, key)
    if as_json:
        click.echo(json.dumps({**body, "dry_run": dry_run}))
    else:
        click.echo(
            "the policy is valid; nothing was stored (--dry-run)" if dry_run else f"set the policy of {_whose(team)}"
        )


@policy.command("list", epilog=example("shipledger policy list --team web"))
@click.option("--team", help="Only the policy of this team, and that of the organization.")
@json_option
@service_options
def list_(team: str | None, as_json: bool, url: str | None, key: str | None) -> None:
    """List policies."""
    from service.client import Client, find_address

    with Client(find_address(url, key)) as client:
        items: list[dict[str, Any]] = client.get(PATH, {"team": team} if team else {})["items"]
    if as_json:
        click.echo(json.dumps({"items": items}))
        return
    from service.cli.tables import print_table

    rows = [[item["team"] or "all others", *(" ".join(item[name]) or "all" for name in LISTS)] for item in items]
    print_table(["team", *LISTS], rows)


@policy.command("remove", epilog=example("shipledger policy remove --team web"))
@click.option("--team", help="Name of the team.  [default: the organization]")
@dry_run_option
@json_option
@service_options
def remove(team: str | None, dry_run: bool, as_json: bool, url: str | None, key: str | None) -> None:
    """Remove the policy of a team, or of the organization."""
    if not dry_run:
        _send({"team": team}, url, key)
    if as_json:
        click.echo(json.dumps({"removed": _whose(team), "dry_run": dry_run}))
    else:
        click.echo(f"{'would remove' if dry_run else 'removed'} the policy of {_whose(team)}")


def _send(body: Mapping[str, Any], url: str | None, key: str | None) -> None:
    from service.client import Client, find_address

    with Client(find_address(url, key)) as client:
        client.post(PATH, dict(body))


def _whose(team: str | None) -> str:
    return f"team {team}" if team else "the organization"
