"""Whose pull requests a repository's are: given to a team, all along or from some day on, and taken back."""

from collections.abc import Sequence
from datetime import UTC, datetime

from schema.database import Connection
from schema.errors import BadInputError
from schema.identifiers import Hasher, RepositoryName
from schema.repositories import find_repository, resolve_repository
from schema.stale_days import days_touched, mark_stale, mark_stale_by_evidence
from schema.stale_weeks import note_repository

# A name told by an administrator is no fact of a forge: whatever a forge says of it is newer.
BEFORE_ANY_FORGE = datetime(1970, 1, 1, tzinfo=UTC)
ALL_ALONG = BEFORE_ANY_FORGE

_HOLD = """
    SELECT coalesce(repository.team_id, standard.team_id) AS team_id
    FROM repository JOIN team AS standard ON standard.organization_id = $1 AND standard.is_default
    WHERE repository.organization_id = $1 AND repository.artifact_id = $2
    FOR UPDATE OF repository
"""

_HOLD_ALL = """
    SELECT FROM repository WHERE organization_id = $1 AND artifact_id = ANY($2::bytea[]) ORDER BY artifact_id FOR UPDATE
"""

_TEAMS_BEFORE = """
    SELECT team_id, until FROM repository_team
    WHERE organization_id = $1 AND repository_id = $2 AND until >= $3 ORDER BY until
"""

_FORGET_LATER = "DELETE FROM repository_team WHERE organization_id = $1 AND repository_id = $2 AND until > $3"

_KEEP_EARLIER = """
    INSERT INTO repository_team (organization_id, repository_id, until, team_id) VALUES ($1, $2, $3, $4)
    ON CONFLICT DO NOTHING
"""

_GIVE = "UPDATE repository SET team_id = $3 WHERE organization_id = $1 AND artifact_id = $2"

_FORGE_OF_HOST = "SELECT forge FROM connection WHERE organization_id = $1 AND host = $2 LIMIT 1"

_SPAN = """
    SELECT min(opened_at) AS first, max(coalesce(closed_at, merged_at, now())) AS last
    FROM pull_request
    WHERE organization_id = $1 AND repository_id = $2
      AND (state = 'open' OR coalesce(merged_at, closed_at, 'infinity') >= $3)
"""


async def give_repositories(
    connection: Connection,
    organization_id: int,
    hasher: Hasher,
    team_id: int,
    names: Sequence[RepositoryName],
    since: datetime = ALL_ALONG,
) -> bool:
    """Let repositories be a team's from an instant on, known or not yet; True when there are days to settle again."""
    given, new_names = [], []
    for name in sorted(set(names), key=str):
        repository_id = await find_repository(connection, organization_id, hasher, name)
        if repository_id is None:
            repository_id = await resolve_repository(
                connection,
                organization_id,
                hasher,
                forge=await forge_of_host(connection, organization_id, name.host),
                name=name,
                forge_id=None,
                seen_at=BEFORE_ANY_FORGE,
            )
            new_names.append(hasher.repository_by_name(name))
        given.append(repository_id)
    await hold_repositories(connection, organization_id, given)
    marked = False
    if new_names:
        marked = await mark_stale_by_evidence(connection, organization_id, repositories=new_names)
    for repository_id in given:
        marked |= await give(connection, organization_id, team_id, repository_id, since)
    return marked


async def hold_repositories(connection: Connection, organization_id: int, repository_ids: Sequence[bytes]) -> None:
    """Hold them all before days are marked for the first, in one order: deliveries hold them, and mark days then."""
    await connection.execute(_HOLD_ALL, organization_id, list(repository_ids))


async def take_repositories(
    connection: Connection,
    organization_id: int,
    hasher: Hasher,
    team_id: int,
    names: Sequence[RepositoryName],
    since: datetime = ALL_ALONG,
) -> bool:
    """Give repositories of a team back to the default team; raises BadInputError for one that the team has not."""
    default_team_id: int = await connection.fetchval(
        "SELECT team_id FROM team WHERE organization_id = $1 AND is_default", organization_id
    )
    marked = False
    for index, name in enumerate(names):
        repository_id = await find_repository(connection, organization_id, hasher, name)
        held = repository_id and await connection.fetchval(_HOLD, organization_id, repository_id)
        if repository_id is None or held != team_id:
            raise BadInputError("is no repository of this team", field=f"remove_repositories[{index}]")
        marked |= await give(connection, organization_id, default_team_id, repository_id, since)
    return marked


async def forge_of_host(connection: Connection, organization_id: int, host: str) -> str:
    """The forge that a host runs: as its connections say, else GitLab where its name says so, else GitHub."""
    known: str | None = await connection.fetchval(_FORGE_OF_HOST, organization_id, host)
    return known or ("gitlab" if "gitlab" in host else "github")


async def give(
    connection: Connection, organization_id: int, team_id: int, repository_id: bytes, since: datetime
) -> bool:
    """Let a known repository be a team's from an instant on; True when there are days to settle again.

    What ended before stays with the teams that had it then.
    """
    key = organization_id, repository_id
    present: int = await connection.fetchval(_HOLD, *key)
    earlier = await connection.fetch(_TEAMS_BEFORE, *key, since)
    later = [row["team_id"] for row in earlier if row["until"] > since]
    if present == team_id and not later:
        return False
    before: int = earlier[0]["team_id"] if earlier else present
    await connection.execute(_FORGET_LATER, *key, since)
    if before != team_id and since > ALL_ALONG:
        await connection.execute(_KEEP_EARLIER, *key, since, before)
    await connection.execute(_GIVE, *key, team_id)
    span = await connection.fetchrow(_SPAN, *key, since)
    if span["first"] is None:
        return False
    first, last = days_touched(span["first"], span["last"])
    teams = {team_id, present, *later}
    await note_repository(connection, organization_id, repository_id, teams, since)
    return await mark_stale(connection, organization_id, from_day=first, to_day=last, team_ids=teams)
