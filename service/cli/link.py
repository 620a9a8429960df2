"""`shipledger link`: git hooks that say which agent session made which commit."""

# ruff: noqa: PLC0415 - the heavy parts are imported when the command runs, so that --help is quick
import json
from pathlib import Path
from typing import Any

import click

from schema.errors import SetUpError
from service.cli.options import example, json_option

REFUSED = 403
NEEDS_KEY = "create a key that can only send with: shipledger key create --scope intake --name link"

repository_option = click.option(
    "--repository",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="Only this clone, such as one with its own core.hooksPath.  [default: all of this user's]",
)
dry_run_option = click.option("--dry-run", is_flag=True, help="Show what would be done, and change nothing.")


@click.group(epilog=example("shipledger link install"))
def link() -> None:
    """Link agent sessions to commits with git hooks.

    Claude Code, Codex and Copilot CLI hand their session id to the commands they run. The hooks send it in the
    background, with repository, branch and commit. Outside of an agent, they send nothing.

    """


@link.command(epilog=example("shipledger link install --dry-run"))
@click.option(
    "--url", metavar="URL", help="URL of the service.  [default: SHIPLEDGER_URL, else the one on this machine]"
)
@click.option("--key", metavar="KEY", help="Intake key.  [default: SHIPLEDGER_API_KEY, else a new one]")
@repository_option
@dry_run_option
@json_option
def install(url: str | None, key: str | None, repository: Path | None, dry_run: bool, as_json: bool) -> None:
    """Install the hooks for this user, before all others.

    Hooks that you or a repository already have still run. Repeat it after an upgrade.

    """
    from service.link import installation, places
    from service.link.one_file import one_file

    place = installation.layout()
    steps = installation.steps_to_install(place, installation.git_version(), repository)
    kept = None if url or key or not _has_settings() else places.settings()
    address = kept or _address(url, key, dry_run=dry_run)
    if not dry_run:
        installation.carry_out(steps, one_file(), repository)
        if kept is None:
            _write_settings(places.settings_file(), address)
    if as_json:
        done = [step._asdict() for step in steps]
        click.echo(json.dumps({"dry_run": dry_run, "steps": done, "url": address["url"]}))
        return
    _show(steps, dry_run=dry_run)
    click.echo(f"{'Would send' if dry_run else 'Sends'} to {address['url']}")
    click.echo("Claude Code, Codex and Copilot CLI are linked by this. For the others: shipledger agent-config AGENT")


@link.command(epilog=example("shipledger link status"))
@json_option
def status(as_json: bool) -> None:
    """Show which hooks run here, what waits, and what to fix."""
    from service.link import installation
    from service.link import status as state

    found = state.status_of(installation.layout(), Path.cwd())
    advice = state.advice_on(found)
    if as_json:
        click.echo(state.as_json(found, advice))
        return
    click.echo(state.as_text(found))
    for line in advice:
        click.echo(line)


@link.command(epilog=example("shipledger link uninstall --dry-run"))
@repository_option
@dry_run_option
@json_option
def uninstall(repository: Path | None, dry_run: bool, as_json: bool) -> None:
    """Remove the hooks; git runs again what it ran before.

    What still waits is sent first, if the service answers.

    """
    from service.link import installation

    place = installation.layout()
    steps = installation.steps_to_uninstall(place, repository)
    if not dry_run:
        left = 0 if repository else _forget_state()
        installation.carry_out(steps, "", repository)
        if left:
            click.echo(f"{left:,} records could not be sent and were deleted", err=True)
    if as_json:
        click.echo(json.dumps({"dry_run": dry_run, "steps": [step._asdict() for step in steps]}))
        return
    _show(steps, dry_run=dry_run)


def _show(steps: list[Any], *, dry_run: bool) -> None:
    linked = [step for step in steps if step.act == "link"]
    for step in steps:
        if step.act != "link":
            click.echo(f"{step.act} {step.target}{f' {step.value}' if step.value else ''}")
        elif step is linked[0]:
            click.echo(f"link {len(linked)} hooks in {Path(step.target).parent}")
    if not steps:
        click.echo("nothing is installed")
    if dry_run:
        click.echo("nothing was changed (--dry-run)")


def _has_settings() -> bool:
    from service.link.places import settings, settings_file

    return settings_file().is_file() and bool(settings()["key"])


def _address(url: str | None, key: str | None, *, dry_run: bool) -> dict[str, str]:
    """Return URL and a key that may only send; makes one if the key at hand may do more."""
    import httpx

    from service.client import Client, find_address
    from service.link.places import is_private

    found = find_address(url, key)
    if not is_private(found.url):
        raise SetUpError(f"--url: {found.url} is not encrypted; use https, or http on this machine")
    headers = {"Authorization": f"Bearer {found.key}"}
    try:
        answer = httpx.get(f"{found.url}/api/v1/teams?limit=1", headers=headers, timeout=10).status_code
    except httpx.HTTPError as error:
        raise SetUpError(f"the service at {found.url} does not answer, so the key could not be checked") from error
    if answer == REFUSED or dry_run:
        return {"url": found.url, "key": found.key}
    with Client(found) as client:
        try:
            made = client.post("/api/v1/keys", {"name": "link", "scopes": ["intake"]})
        except SetUpError as error:
            raise SetUpError(f"--key: this key may do more than send; {NEEDS_KEY}") from error
    return {"url": found.url, "key": made["key"]}


def _write_settings(file: Path, address: dict[str, str]) -> None:
    from service.link.waiting import write_file

    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    write_file(file, json.dumps(address) + "\n")


def _forget_state() -> int:
    """Send what waits, delete it and the settings; return how many records were lost."""
    import shutil

    from service.link.places import settings_file, state_folders
    from service.link.sending import deliver
    from service.link.waiting import waiting

    folder = state_folders()[0]
    left = 0
    if folder.is_dir():
        deliver(folder, patience=0)
        left = len(waiting(folder))
        shutil.rmtree(folder)
    settings_file().unlink(missing_ok=True)
    return left
