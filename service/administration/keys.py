"""Creating, listing and revoking API keys directly in the database."""

from collections.abc import Iterable
from typing import Any, NamedTuple
from uuid import UUID

from schema.database import Tenant
from schema.errors import BadInputError, NotFoundError
from schema.organization_keys import organization_vault
from schema.settings import Settings
from service.administration.organizations import create_organization, find_organization, opened
from service.auth import api_keys
from service.auth.key_text import Scope
from service.contracts.team import TeamIn
from service.queries.teams.teams import find_team, save_team
from service.telemetry.reading.labels import team_label

FIRST_ORGANIZATION = "default"


class CreatedKey(NamedTuple):
    """The text of a new key, and whether its team was created with it."""

    text: str
    is_new_team: bool


async def create_key(
    settings: Settings, organization: int | None, name: str, scopes: Iterable[str], team: str | None
) -> CreatedKey:
    """Create a key, and also its team and the first organization if they do not exist yet.

    Raises SetUpError if a new organization needs the missing master secret.
    """
    async with opened(settings) as database:
        organization_id = await find_organization(database, organization)
        if organization_id is None:
            vault = organization_vault(settings.secret_key.get_secret_value())
            async with database.operator() as connection:
                organization_id = await create_organization(connection, vault, FIRST_ORGANIZATION)
        async with database.organization(organization_id) as tenant:
            team_id, is_new = await _team(tenant, team) if team is not None else (None, False)
            chosen = [Scope(scope) for scope in scopes]
            _, text = await api_keys.create_key(tenant, name=name, scopes=chosen, team_id=team_id)
            return CreatedKey(text, is_new)


async def _team(tenant: Tenant, name: str) -> tuple[int, bool]:
    """Return the id of a team, by its name or telemetry id, and whether it is new."""
    try:
        return await find_team(tenant, name), False
    except NotFoundError:
        label = team_label(name)
        if label is None:
            raise BadInputError(
                "must be a team name of at most 100 characters, not a mail address", field="--team"
            ) from None
        return await save_team(tenant, TeamIn(name=label))


async def list_keys(settings: Settings, organization: int | None) -> list[dict[str, Any]]:
    """List all keys: id, name, scopes, team, created_at, revoked_at (times as RFC 3339 text)."""
    async with opened(settings) as database:
        organization_id = await find_organization(database, organization)
        if organization_id is None:
            return []
        async with database.organization(organization_id) as tenant:
            rows = await api_keys.list_keys(tenant, limit=10_000)
    return [
        {
            "id": str(row["key_id"]),
            "name": row["name"],
            "scopes": row["scopes"],
            "team": row["team"],
            "created_at": row["created_at"].isoformat(timespec="seconds"),
            "revoked_at": row["revoked_at"] and row["revoked_at"].isoformat(timespec="seconds"),
        }
        for row in rows
    ]


async def revoke_key(settings: Settings, organization: int | None, key_id: UUID) -> None:
    """Revoke a key; raises NotFoundError if the organization has no such key."""
    async with opened(settings) as database:
        organization_id = await find_organization(database, organization)
        if organization_id is not None:
            async with database.organization(organization_id) as tenant:
                if await api_keys.revoke_key(tenant, key_id) is not None:
                    return
    raise NotFoundError("there is no API key with this id; list keys with: shipledger key list")
