"""`shipledger agent-config`: the settings that make an agent report here, with links and without content."""

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
from service.cli.options import json_option

if TYPE_CHECKING:
    from service.client import Address

LOCAL_HOSTS = ("127.0.0.1", "localhost", "::1")
ASK_SECONDS = 5.0
OK, UNAUTHORIZED, FORBIDDEN = 200, 401, 403


@click.command("agent-config")
@click.argument("agent", type=click.Choice(list(AGENTS)))
@click.option("--team", required=True, help="Name of the team whose tokens they are.")
@click.option(
    "--url", metavar="URL", help="The service or a collector; else SHIPLEDGER_URL, else the one running here."
)
@click.option("--key", metavar="KEY", help="An intake key; else SHIPLEDGER_API_KEY, else a placeholder is printed.")
@click.option(
    "--format",
    "form",
    type=click.Choice([form.value for form in Form]),
    help="Print only the agent's file, or only the lines for a shell.  [default: everything]",
)
@click.option(
    "--commits/--no-commits",
    default=True,
    show_default=True,
    help="Link commits where an agent tells them only with its tools' details (Claude Code).",
)
@json_option
def agent_config(
    agent: str, team: str, url: str | None, key: str | None, form: str | None, commits: bool, as_json: bool
) -> None:
    """Print the settings that make an agent report tokens, repository and commits here, and no content.

    A key that may do more than take in telemetry is never printed: a placeholder stands in its place, and the command
    that makes a key for it.
    """
    from service.client import KEY_VARIABLE, find_address
    from service.telemetry.reading.labels import team_label

    if (label := team_label(team)) is None:
        raise BadInputError("is no name of a team: it has up to 100 letters and is no mail address", field="--team")
    # Never the key of the service that runs here, which may do everything.
    address = find_address(url, key or os.environ.get(KEY_VARIABLE) or PLACEHOLDER)
    doubt = _doubt(address)
    target = Target(address.url, PLACEHOLDER if doubt else address.key, label, commits)
    settings = AGENTS[agent](target)
    notes = [*settings.notes, *_advice(target)]
    remedy = _key_command(agent, label) if doubt else None
    if as_json:
        click.echo(json.dumps(_as_object(agent, target, settings, notes, doubt, remedy), ensure_ascii=False))
        return
    warnings = [*([f"{doubt}; make one with: {remedy}"] if doubt else []), *notes]
    if form is None:
        click.echo("\n".join(f"# {part.place}\n{part.text}" for part in settings.parts))
        click.echo("\n".join(f"# {line}" for line in warnings))
        return
    texts = [part.text for part in settings.parts if part.form == form]
    if not texts:
        raise BadInputError(f"{agent} has no {form} for these settings; leave it out", field="--format")
    click.echo("".join(texts), nl=False)
    for line in warnings:
        click.echo(f"# {line}", err=True)


def _doubt(address: "Address") -> str | None:
    """Why a key is not to be printed, or None for one that does nothing but take in; the service itself is asked."""
    from service.auth.key_text import parse_key

    if address.key == PLACEHOLDER:
        return f"{PLACEHOLDER} stands for an intake key"
    parse_key(address.key)
    if (status := _status_of_reading(address)) == FORBIDDEN:
        return None
    if status == OK:
        return f"{PLACEHOLDER} stands for an intake key, because yours may do more"
    if status == UNAUTHORIZED:
        raise SetUpError(
            f"the service at {address.url} does not know this API key; make one with: shipledger key create"
        )
    return f"{PLACEHOLDER} stands for an intake key; yours could not be checked at {address.url}"


def _status_of_reading(address: "Address") -> int | None:
    """What the service answers when the key asks for something that an intake key may not see; None for silence."""
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
    if urlsplit(target.url).hostname in LOCAL_HOSTS:
        advice.append(f"{target.url} answers on this machine only; give --url for agents on others.")
    if quote(target.team, safe="/:+") != target.team:
        advice.append("Not every agent undoes the encoding of this team's name: use a key that is pinned to the team.")
    return advice


def _as_object(
    agent: str, target: Target, settings: AgentSettings, notes: list[str], doubt: str | None, remedy: str | None
) -> dict[str, object]:
    return {
        "agent": agent,
        "team": target.team,
        "url": target.url,
        "key": {"printed": doubt is None, "why_not": doubt, "make_one_with": remedy},
        "parts": [part._asdict() for part in settings.parts],
        "notes": notes,
    }
