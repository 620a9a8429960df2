"""What commands do with items of the API: check a new one, read all, remove one."""

# ruff: noqa: PLC0415 - the heavy parts are imported when the command runs, so that --help is quick
import json
from collections.abc import Mapping
from typing import Any, TypeVar

import click

Contract = TypeVar("Contract")


def check_body(body: Mapping[str, Any], contract: type[Contract], *, strict: bool = True) -> Contract:
    """Return a body as a contract of the API; raises ClickException if it does not fulfil it."""
    import msgspec

    try:
        return msgspec.convert(body, contract, strict=strict)
    except msgspec.ValidationError as error:
        raise click.ClickException(str(error)) from None


def read_all(client: Any, path: str, query: Mapping[str, str], most: int | None = None) -> list[dict[str, Any]]:
    """Return the items of all pages, or the first `most`."""
    items: list[dict[str, Any]] = []
    cursor: str | None = ""
    while cursor is not None and (most is None or len(items) < most):
        page = client.get(path, {**query, **({"cursor": cursor} if cursor else {})})
        items += page["items"]
        cursor = page["next_cursor"]
    return items[:most]


def find_item(client: Any, path: str, identifier: int, kind: str, command: str) -> dict[str, Any]:
    """Return an item of a list; raises SetUpError that names the command which lists them."""
    from schema.errors import SetUpError

    found = next((each for each in read_all(client, path, {}) if each["id"] == identifier), None)
    if found is None:
        raise SetUpError(f"{kind} {identifier} does not exist; list them with: shipledger {command}")
    return found


def remove_item(
    client: Any, path: str, identifier: int, kind: str, command: str, *, dry_run: bool, as_json: bool
) -> None:
    """Remove an item, and say so; in a dry run only find it. `command` lists the items."""
    if dry_run:
        find_item(client, path, identifier, kind, command)
    else:
        client.delete(f"{path}/{identifier}")
    show_removed(f"{kind} {identifier}", identifier, dry_run=dry_run, as_json=as_json)


def show_removed(what: str, identifier: int, *, dry_run: bool, as_json: bool) -> None:
    """Say what was removed, or would be."""
    if as_json:
        click.echo(json.dumps({"removed": identifier, "dry_run": dry_run}))
    else:
        click.echo(f"would remove {what}; nothing was changed (--dry-run)" if dry_run else f"removed {what}")
