"""Records changes of teams: repositories and code change teams, and removed teams are deleted."""

from contextlib import suppress
from datetime import UTC, datetime

import asyncpg

from schema.kinds import TeamChangeKind
from workers.facts.author_teams import move_author_teams
from workers.facts.repository_teams import assign_repository
from workers.facts.scope import ForgeScope
from workers.facts.team_code import assign_code_owner
from workers.stores.forge.repositories import find_repository, resolve_repository
from workers.stores.teams.team_changes import TeamChange, delete_team

# An administrator's name for a repository is older than any report of a forge.
BEFORE_ANY_FORGE = datetime(1970, 1, 1, tzinfo=UTC)


async def record_team_change(scope: ForgeScope, change: TeamChange) -> None:
    """Record one change; the scope collects what becomes stale."""
    if change.kind is TeamChangeKind.REMOVAL:
        await _remove(scope, change)
        return
    assert change.subject is not None, "only a removal has no subject"
    if change.kind is TeamChangeKind.CODE_OWNER:
        await assign_code_owner(scope.tenant, scope.changes, change.team_id, change.subject)
        return
    assert change.team_id is not None, "a repository always has a team"
    repository_id = change.subject if change.forge is None else await _resolve(scope, change.subject, change)
    await assign_repository(scope.tenant, scope.changes, change.team_id, repository_id, change.since)


async def _resolve(scope: ForgeScope, by_name: bytes, change: TeamChange) -> bytes:
    """Return the repository of a name that was unknown when the change was made."""
    known = await find_repository(scope.tenant, by_name)
    if known is not None:
        return known
    scope.changes.names.add(by_name)
    return await resolve_repository(
        scope.tenant,
        forge=scope.forge,
        by_name=by_name,
        by_id=None,
        label=change.label,
        seen_at=BEFORE_ANY_FORGE,
    )


async def _remove(scope: ForgeScope, change: TeamChange) -> None:
    """Move a removed team's authored pull requests to its heir; delete the team unless it has a past."""
    assert change.removed_team_id is not None, "a removal names the team"
    assert change.team_id is not None, "a removed team has an heir"
    await move_author_teams(scope.tenant, scope.changes, change.removed_team_id, change.team_id, change.since)
    with suppress(asyncpg.ForeignKeyViolationError):
        async with scope.tenant.transaction():
            await delete_team(scope.tenant, change.removed_team_id)
