"""Access for the owner of the machine: an API key in the data folder, and a new dashboard link at every start."""

import contextlib
import json
import os
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from schema.database import Database, Tenant
from schema.key_ring import KeyRing
from schema.organization_keys import organization_vault
from service.administration.organizations import FIRST_ORGANIZATION, create_organization
from service.auth.api_keys import create_key
from service.auth.key_text import Scope, parse_key
from service.auth.sign_in import create_sign_in_link
from service.client import Running, read_running, running_file
from service.embedded.data_folder import PRIVATE_FOLDER, DataFolder, write_private
from service.errors import UnauthorizedError

KEY_NAME = "shipledger up"


@dataclass(frozen=True, slots=True)
class Access:
    """A valid key, whether it is new, and the token of a one-time link."""

    api_key: str = field(repr=False)
    is_new: bool
    sign_in_token: str = field(repr=False)


async def grant_access(database_url: str, ring: KeyRing, kept_key: str | None) -> Access:
    """Create the organization and the key if they are missing, and a new sign-in link; needs the owner's URL."""
    database = Database(database_url, pool_size=1)
    await database.open()
    try:
        organization_id = await _first_organization(database, ring)
        async with database.organization(organization_id) as tenant:
            api_key = kept_key if await _works(tenant, kept_key) else None
            is_new = api_key is None
            if api_key is None:
                _, api_key = await create_key(tenant, name=KEY_NAME, scopes=[Scope.OWNER])
            return Access(api_key, is_new, await create_sign_in_link(tenant))
    finally:
        await database.close()


async def _first_organization(database: Database, ring: KeyRing) -> int:
    async with database.operator() as connection:
        found: int | None = await connection.fetchval(
            "SELECT min(organization_id) FROM organization WHERE sealed_key <> ''"
        )
    return found or await create_organization(database, organization_vault(ring), FIRST_ORGANIZATION)


async def _works(tenant: Tenant, key: str | None) -> bool:
    """Return whether a stored key is still valid: it may be revoked, or belong to other data."""
    try:
        parsed = parse_key(key or "")
    except UnauthorizedError:
        return False
    return parsed.organization_id == tenant.organization_id and await tenant.fetchval(
        "SELECT EXISTS (SELECT FROM api_key WHERE organization_id = $1 AND digest = $2 AND revoked_at IS NULL"
        " AND (expires_at IS NULL OR expires_at > now()))",
        parsed.digest,
    )


def kept_key(folder: DataFolder) -> str | None:
    """Read the key of an earlier start."""
    try:
        key = json.loads(folder.credentials.read_text()).get("api_key")
    except (OSError, ValueError, AttributeError):
        return None
    return key if isinstance(key, str) else None


def forget_key(path: Path, organization_id: int) -> None:
    """Delete the key of an erased organization from the files of the stack that runs on a data folder."""
    folder = DataFolder(path)
    announced = [running_file()] if read_running().data == str(folder.path) else []
    for file in (folder.credentials, folder.running, *announced):
        with contextlib.suppress(OSError, ValueError, AttributeError, UnauthorizedError):
            kept = json.loads(file.read_text())
            if parse_key(kept.get("api_key") or "").organization_id == organization_id:
                write_private(file, json.dumps({**kept, "api_key": ""}))


def keep(folder: DataFolder, url: str, api_key: str) -> None:
    """Store URL and key in the data folder, readable only by its owner."""
    write_private(folder.credentials, json.dumps({"url": url, "api_key": api_key}))


def keep_settings(folder: DataFolder, settings: dict[str, str]) -> None:
    """Store the settings that let the owner's commands, such as `doctor`, use the database while the stack runs."""
    write_private(folder.settings, json.dumps(settings))


def announce(folder: DataFolder, url: str, api_key: str, *, is_demo: bool) -> None:
    """Let this user's command line find the running stack; without a home folder it needs --url and --key.

    A stack never takes the command line over from another one that runs, except `up` from a demo.
    """
    mine = Running(url, api_key, str(folder.path), os.getpid(), is_demo)
    with contextlib.suppress(OSError):
        if not folder.running.exists():
            write_private(folder.running, msgspec.json.encode(mine).decode())
        present = read_running()
        if present == mine or (present.url and present.data != mine.data and (is_demo or not present.is_demo)):
            return
        file = running_file()
        file.parent.mkdir(mode=PRIVATE_FOLDER, parents=True, exist_ok=True)
        write_private(file, msgspec.json.encode(mine).decode())


def withdraw(folder: DataFolder) -> None:
    """Delete the settings, and the announcement unless it is that of another stack."""
    folder.settings.unlink(missing_ok=True)
    folder.running.unlink(missing_ok=True)
    with contextlib.suppress(OSError):
        if read_running().data == str(folder.path):
            running_file().unlink()
