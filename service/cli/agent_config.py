"""`shipledger agent-config`: settings that send an agent's telemetry here, with links and without content."""

# ruff: noqa: PLC0415 - the heavy parts are imported when the command runs, so that --help is quick
import json
import os
import shlex
from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit

import click

from schema.errors import BadInputError, SetUpError
from service.agent_config.agents import AGENTS
from service.agent_config.settings import PLACEHOLDER, AgentSettings, Form, Target
from service.cli.options import example, json_option
from vocabulary.ip_addresses import is_loopback

if TYPE_CHECKING:
    from service.client import Address

ASK_SECONDS = 5.0
OK, UNAUTHORIZED, FORBIDDEN = 200, 401, 403


@click.command("agent-config", epilog=example("shipledger agent-config claude-code --team checkout"))
@click.argument("agent", type=click.Choice(list(AGENTS)))
@click.option("--team", required=True, help="Name of the team that the tokens belong to.")
@click.option(
    "--url",
    metavar="URL",
    help="URL that agents send to: the service or a collector.  [default: SHIPLEDGER_URL, else the service on this "
    "machine]",
)
@click.option("--key", metavar="KEY", help="Intake key.  [default: SHIPLEDGER_API_KEY, else a placeholder]")
@click.option(
    "--format",
    "form",
    type=click.Choice([form.value for form in Form]),
    help="Part to print: the agent's file or plugin, or lines for a shell.  [default: all but fish]",
)
@click.option(
    "--commits/--no-commits",
    default=True,
    show_default=True,
    help="Also turn on tool details, which Claude Code needs to report commits.",
)
@json_option
def agent_config(
    agent: str, team: str, url: str | None, key: str | None, form: str | None, commits: bool, as_json: bool
) -> None:
    """Print the settings that send an agent's telemetry here.

    The agent then reports tokens, repository and commits, but no content. Prints only an intake key. For any other key
    it prints a placeholder, and the command that creates an intake key.

    """
    from service.client import KEY_VARIABLE, find_address
    from service.telemetry.reading.labels import team_label

    if (label := team_label(team)) is None:
        raise BadInputError("must be a team name of at most 100 characters, not a mail address", field="--team")
    # PLACEHOLDER instead of the local service's own key, which has all scopes.
    address = find_address(url, key or os.environ.get(KEY_VARIABLE) or PLACEHOLDER)
    reason = _reason_to_hide_key(address)
    target = Target(address.url, PLACEHOLDER if reason else address.key, label, commits)
    settings = AGENTS[agent](target)
    notes = [f"Linked by {settings.linked_by}.", *settings.notes, *_advice(target)]
    remedy = _key_command(agent, label) if reason else None
    if as_json:
        click.echo(json.dumps(_as_object(agent, target, settings, notes, reason, remedy), ensure_ascii=False))
        return
    warnings = [*([f"{reason}; create one with: {remedy}"] if reason else []), *notes]
    if form is None:
        shown = [part for part in settings.parts if part.form != Form.FISH]
        click.echo("\n".join(f"# {part.place}\n{part.text}" for part in shown))
        click.echo("\n".join(f"# {line}" for line in warnings))
        return
    texts = [part.text for part in settings.parts if part.form == form]
    if not texts:
        raise BadInputError(f"{agent} has no settings of the format {form}; leave out --format", field="--format")
    click.echo("".join(texts), nl=False)
    for line in warnings:
        click.echo(f"# {line}", err=True)


def _reason_to_hide_key(address: "Address") -> str | None:
    """Return why the key must not be printed, or None if the service accepts it as an intake key."""
    from service.auth.key_text import parse_key

    if address.key == PLACEHOLDER:
        return f"replace {PLACEHOLDER} with an intake key"
    parse_key(address.key)
    if (status := _status_of_reading(address)) == FORBIDDEN:
        return None
    if status == OK:
        return f"replace {PLACEHOLDER} with an intake key, because yours may do more than send telemetry"
    if status == UNAUTHORIZED:
        raise SetUpError(
            f"the service at {address.url} does not know this API key; create one with: shipledger key create"
        )
    return f"replace {PLACEHOLDER} with an intake key; yours could not be checked at {address.url}"


def _status_of_reading(address: "Address") -> int | None:
    """Return the status of a request that an intake key may not make; None if the service does not answer."""
    import httpx

    headers = {"Authorization": f"Bearer {address.key}"}
    try:
        return httpx.get(f"{address.url}/api/v1/teams?limit=1", headers=headers, timeout=ASK_SECONDS).status_code
    except httpx.HTTPError:
        return None


def _key_command(agent: str, team: str) -> str:
    return f"shipledger key create --scope intake --name {agent} --team {shlex.quote(team)}"


def _advice(target: Target) -> list[str]:
    advice = []
    if is_loopback(urlsplit(target.url).hostname or ""):
        advice.append(f"{target.url} works only on this machine; pass --url for agents on other machines")
    if quote(target.team, safe="/:+") != target.team:
        advice.append("Some agents cannot decode this team name; use a key that is pinned to the team")
    return advice


def _as_object(
    agent: str, target: Target, settings: AgentSettings, notes: list[str], reason: str | None, remedy: str | None
) -> dict[str, object]:
    return {
        "agent": agent,
        "team": target.team,
        "url": target.url,
        "key": {"printed": reason is None, "reason": reason, "command": remedy},
        "parts": [part._asdict() for part in settings.parts],
        "linked_by": settings.linked_by,
        "notes": notes,
    }
