"""Creating, listing and revoking API keys directly in the database."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from schema.database import Tenant
from schema.errors import BadInputError, NotFoundError
from schema.settings import Settings
from service.administration.organizations import find_or_create_organization, find_organization, opened
from service.audit.store import OPERATOR, record_act
from service.auth import api_keys
from service.auth.key_text import Scope
from service.contracts.team import TeamIn
from service.queries.teams.teams import find_team, save_team
from service.telemetry.reading.labels import team_label

TIMES = ("created_at", "last_used_at", "expires_at", "revoked_at")


class CreatedKey(NamedTuple):
    """The text of a new key, and whether its team was created with it."""

    text: str
    is_new_team: bool


async def create_key(
    settings: Settings,
    organization: int | None,
    name: str,
    scopes: Iterable[str],
    team: str | None,
    lifetime: timedelta | None = None,
) -> CreatedKey:
    """Create a key, and also its team and the first organization if they do not exist yet.

    Raises SetUpError if a new organization needs the missing master secret.
    """
    async with opened(settings) as database:
        organization_id = await find_or_create_organization(database, settings, organization)
        async with database.organization(organization_id) as tenant:
            team_id, is_new = await _team(tenant, team) if team is not None else (None, False)
            chosen = [Scope(scope) for scope in scopes]
            expires_at = None if lifetime is None else datetime.now(UTC) + lifetime
            key_id, text = await api_keys.create_key(
                tenant, name=name, scopes=chosen, team_id=team_id, expires_at=expires_at
            )
            await record_act(tenant, OPERATOR, "shipledger key create", str(key_id))
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
    """List all keys: id, name, scopes, team, and `TIMES` as RFC 3339 text."""
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
            **{name: row[name] and row[name].isoformat(timespec="seconds") for name in TIMES},
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
                    await record_act(tenant, OPERATOR, "shipledger key revoke", str(key_id))
                    return
    raise NotFoundError("there is no API key with this id; list keys with: shipledger key list")
