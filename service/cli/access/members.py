"""`shipledger members`: who may sign in through an identity provider."""

# ruff: noqa: PLC0415 - the heavy parts are imported when the command runs, so that --help is quick
import json

import click

from service.cli.access.dashboard_link import ROLES
from service.cli.options import ServiceGroup, example, group_service_options, json_option, service_options

MEMBERS = "/api/v1/members"
RULES = "/api/v1/sign-in-rules"
PROVIDERS = ("oidc", "github", "gitlab")

role_option = click.option(
    "--role", type=click.Choice(ROLES), default="viewer", show_default=True, help="Role to give."
)
team_option = click.option("--team", help="Team that the role is limited to.  [default: all teams]")


@click.group(cls=ServiceGroup, epilog=example("shipledger members list"))
@group_service_options
def members() -> None:
    """Set who may sign in, and with which role.

    Rules give roles to groups and mail domains of an identity provider. Members are shown as keyed hashes.

    """


@members.command(epilog=example("shipledger members allow --provider oidc --group platform --role admin"))
@click.option("--provider", type=click.Choice(PROVIDERS), required=True, help="Identity provider.")
@click.option("--group", help="Group at the provider; at GitHub an organization, or organization/team.")
@click.option("--domain", help="Domain of verified mail addresses, such as example.com.")
@role_option
@team_option
@json_option
@service_options
def allow(
    provider: str,
    group: str | None,
    domain: str | None,
    role: str,
    team: str | None,
    as_json: bool,
    url: str | None,
    key: str | None,
) -> None:
    """Let a group or mail domain sign in with a role."""
    from service.client import Client, find_address

    if (group is None) is (domain is None):
        raise click.UsageError("use either --group or --domain")
    kind = "domain" if group is None else "group"
    body = {"provider": provider, "kind": kind, "value": group or domain, "role": role, "team": team}
    with Client(find_address(url, key)) as client:
        rule = client.post(RULES, body)
    if as_json:
        click.echo(json.dumps(rule))
        return
    click.echo(f"rule {rule['id']}: {kind} {rule['value']} at {provider} gets the role {role}")


@members.command(epilog=example("shipledger members rules"))
@json_option
@service_options
def rules(as_json: bool, url: str | None, key: str | None) -> None:
    """List the rules. Who fits several gets the highest role."""
    names = ("id", "provider", "kind", "value", "role", "team")
    _show(RULES, names, as_json, url, key)


@members.command(epilog=example("shipledger members disallow 2"))
@click.argument("rule_id", type=click.IntRange(1))
@service_options
def disallow(rule_id: int, url: str | None, key: str | None) -> None:
    """Delete a rule, and sign all members out."""
    from service.client import Client, find_address

    with Client(find_address(url, key)) as client:
        client.delete(f"{RULES}/{rule_id}")
    click.echo(f"deleted rule {rule_id}")


@members.command("list", epilog=example("shipledger members list"))
@json_option
@service_options
def list_(as_json: bool, url: str | None, key: str | None) -> None:
    """List members with their roles, including removed ones."""
    names = ("id", "provider", "role", "team", "is_fixed", "signed_in_at", "removed_at")
    _show(MEMBERS, names, as_json, url, key)


@members.command("set", epilog=example("shipledger members set m1_4f2a... --role auditor"))
@click.argument("member_id")
@role_option
@click.option("--by-rules", is_flag=True, help="Let the rules decide the role again.")
@team_option
@json_option
@service_options
def set_(
    member_id: str, role: str, by_rules: bool, team: str | None, as_json: bool, url: str | None, key: str | None
) -> None:
    """Set a member's role, whatever the rules say."""
    from service.client import Client, find_address

    with Client(find_address(url, key)) as client:
        member = client.put(f"{MEMBERS}/{member_id}", {"role": None if by_rules else role, "team": team})
    if as_json:
        click.echo(json.dumps(member))
        return
    click.echo("the rules decide at the next sign-in" if by_rules else f"{member_id} has the role {role}")


@members.command(epilog=example("shipledger members remove m1_4f2a..."))
@click.argument("member_id")
@service_options
def remove(member_id: str, url: str | None, key: str | None) -> None:
    """Sign a member out, and let them sign in no more."""
    from service.client import Client, find_address

    with Client(find_address(url, key)) as client:
        client.delete(f"{MEMBERS}/{member_id}")
    click.echo(f"removed {member_id}")


def _show(path: str, names: tuple[str, ...], as_json: bool, url: str | None, key: str | None) -> None:
    from service.cli.tables import print_table
    from service.client import Client, find_address

    with Client(find_address(url, key)) as client:
        found = client.items(path)
    if as_json:
        click.echo(json.dumps({"items": found}))
        return
    heads = [name.removeprefix("is_").removesuffix("_at").replace("_", " ") for name in names]
    print_table(heads, [[each[name] for name in names] for each in found])
