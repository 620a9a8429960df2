"""/api/v1/changes: what explains why curves bend."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Annotated, Any, Literal, TypeAlias

import msgspec
from litestar import delete, get, post
from litestar.di import NamedDependency
from litestar.params import JSONBody, PathParameter, QueryParameter

from schema.database import Database, Tenant
from schema.errors import NotFoundError
from schema.identifiers import Hasher
from schema.organization_keys import OrganizationKeys
from service.api.cursors import DEFAULT_LIMIT, Cursor, Limit, cut, read_cursor
from service.api.parameters import TeamName
from service.api.periods import From, To, read_instants
from service.auth.caller import Caller
from service.auth.guards import requires
from service.auth.visible_team import visible_team
from service.connections.names import LARGEST_ID
from service.contracts.reported.change import (
    Assignment,
    ChangeBatch,
    ChangeIn,
    ChangeList,
    ChangeReceipt,
    ChangeShown,
)
from service.errors import ConflictError, ForbiddenError
from service.queries.ledger.changes import StoredChange, delete_change, is_found, list_changes, save_changes
from service.queries.teams.teams import find_team

OnlySource: TypeAlias = Annotated[
    Literal["found", "mlflow", "langfuse", "registry", "ci"] | None,
    QueryParameter(description="Only changes that this system reported, or that a worker `found`"),
]


@get("/api/v1/changes", guards=[requires("read")], summary="List changes that explain curves", tags=["figures"])
async def show_changes(
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
    team: TeamName = None,
    from_: From = None,
    to: To = None,
    source: OnlySource = None,
    cursor: Cursor = None,
    limit: Limit = DEFAULT_LIMIT,
) -> ChangeList:
    """List what changed: what was sent, and new models and prompt templates that a worker found (`source=found`).

    With `team`, changes of that team and those of all teams. The default period is unlimited. A key of one team does
    not see to which teams chance gave a roll-out.
    """
    period = read_instants(from_, to)
    after = read_cursor(cursor, tuple[datetime, int])
    async with database.organization(caller.organization_id) as tenant:
        team_id = await visible_team(tenant, caller, team)
        rows = await list_changes(tenant, period, team_id, after, limit + 1, source)
    page, next_cursor = cut(rows, limit, lambda row: (row["occurred_at"], row["id"]))
    if caller.team_id is not None:
        page = [{**row, "given": None} for row in page]
    return ChangeList(items=[_shown(dict(row)) for row in page], next_cursor=next_cursor)


@post(
    "/api/v1/changes",
    status_code=200,
    guards=[requires("intake")],
    summary="Send changes that explain curves",
    tags=["intake"],
)
async def take_changes(
    data: JSONBody[ChangeBatch],
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
    organization_keys: NamedDependency[OrganizationKeys],
) -> ChangeReceipt:
    """Store changes, all or none. The same change, or the same `id`, counts once, however often it is sent.

    Values and labels have no spaces and no `@`, so that neither a sentence nor an e-mail address fits. Never write the
    name of a person there. If chance decided which teams get a roll-out, name these and the others (`randomised`):
    `GET /api/v1/effects` then compares them.
    """
    return await store_changes(database, organization_keys, caller, data.items)


async def store_changes(
    database: Database,
    organization_keys: OrganizationKeys,
    caller: Caller,
    items: Sequence[ChangeIn],
    place: str = "items[{}].",
) -> ChangeReceipt:
    """Store changes, all or none; raises NotFoundError or ForbiddenError for a team, with its place."""
    hasher = await organization_keys.hasher(caller.organization_id)
    async with database.organization(caller.organization_id) as tenant:
        teams = await _find_teams(tenant, caller, items, place)
        stored = [_stored(hasher, caller, item, teams) for item in items]
        changed = await save_changes(tenant, stored) if stored else 0
    return ChangeReceipt(received=len(items), changed=changed)


@delete(
    "/api/v1/changes/{change_id:int}",
    guards=[requires("admin")],
    summary="Delete a change that was sent",
    tags=["administration"],
)
async def remove_change(
    change_id: Annotated[int, PathParameter(description="Id of a change")],
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
) -> None:
    """Delete a change that was sent. Changes that a worker found stay, because it would find them again."""
    async with database.organization(caller.organization_id) as tenant:
        found = await is_found(tenant, change_id, caller.team_id) if 0 < change_id <= LARGEST_ID else None
        if found is None:
            raise NotFoundError("no change has this id; list them with GET /api/v1/changes", field="change_id")
        if found:
            raise ConflictError("is a change that a worker found; only sent changes can be deleted", field="change_id")
        await delete_change(tenant, change_id)


async def _find_teams(
    tenant: Tenant, caller: Caller, items: Sequence[ChangeIn], item_place: str
) -> Mapping[str | None, int | None]:
    """Return the team of each name; raises NotFoundError or ForbiddenError, which name the item."""
    teams: dict[str | None, int | None] = {None: caller.team_id}
    for index, item in enumerate(items):
        for place, name in _named_teams(item):
            if name not in teams:
                field = f"{item_place.format(index)}{place}"
                team_id = await find_team(tenant, name, field)
                if caller.team_id not in {None, team_id}:
                    raise ForbiddenError(
                        "this API key is pinned to another team; use a key without a team", field=field
                    )
                teams[name] = team_id
    return teams


def _named_teams(item: ChangeIn) -> Iterator[tuple[str, str]]:
    """Yield the teams that an item names, each with its place in the item."""
    if item.team is not None:
        yield "team", item.team
    for place in ("given", "held_back"):
        for index, name in enumerate(getattr(item.randomised, place, ())):
            yield f"randomised.{place}[{index}]", name


def _stored(hasher: Hasher, caller: Caller, item: ChangeIn, teams: Mapping[str | None, int | None]) -> StoredChange:
    team_id = teams[item.team]
    content = (item.kind, item.occurred_at.astimezone(UTC), team_id, *(getattr(item, name) for name in WORDS))
    # Keys of different teams cannot replace each other's changes.
    identity = ("id", caller.team_id, item.id) if item.id is not None else ("content", *content)
    sides = [
        _ids(getattr(item.randomised, place), teams) if item.randomised else None for place in ("given", "held_back")
    ]
    return StoredChange(hasher.reference("change", msgspec.json.encode(identity)), *content, *sides)


def _ids(names: Sequence[str], teams: Mapping[str | None, int | None]) -> str:
    """Return the sorted ids of teams as PostgreSQL writes an array."""
    return f"{{{','.join(str(team_id) for team_id in sorted(teams[name] or 0 for name in names))}}}"


def _shown(row: dict[str, Any]) -> ChangeShown:
    given, held_back = row.pop("given"), row.pop("held_back")
    return ChangeShown(**row, randomised=Assignment(given=given, held_back=held_back) if given and held_back else None)


WORDS = ("workflow", "from_value", "to_value", "source", "label")
ROUTES = [show_changes, take_changes, remove_change]
