"""Changes of teams: stored for a worker, and already visible before it records them."""

from collections.abc import Collection
from datetime import UTC, datetime

from schema.database import Tenant
from schema.kinds import TeamChangeKind

FOR_ALL_TIME = datetime(1970, 1, 1, tzinfo=UTC)

_STORE = """
    INSERT INTO team_change (organization_id, kind, subject, team_id, since)
    SELECT $1::bigint, $2::text, subject, $4::bigint, $5::timestamptz FROM unnest($3::bytea[]) AS subject
"""

_STORE_NAMED = """
    INSERT INTO team_change (organization_id, kind, subject, team_id, since, forge, label)
    SELECT $1::bigint, 'repository', $2, $3, $4, $5, CASE WHEN show_labels THEN $6 END
    FROM organization WHERE organization_id = $1
"""

_STORE_REMOVAL = """
    INSERT INTO team_change (organization_id, kind, removed_team_id, team_id, since) VALUES ($1, 'removal', $2, $3, $4)
"""

# The team of each repository or code owner, as rows of `subject` and `team_id`: from the newest change that waits for a
# worker, otherwise as recorded.
TEAMS_OF_REPOSITORIES, TEAMS_OF_CODE_OWNERS = (
    f"""
    SELECT DISTINCT ON (subject) subject, team_id
    FROM (SELECT {key} AS subject, team_id, 0 AS change_id FROM {table}
          WHERE organization_id = $1 AND team_id IS NOT NULL
          UNION ALL
          SELECT subject, team_id, change_id FROM team_change
          WHERE organization_id = $1 AND kind = '{kind}' AND state = 'waiting') AS known
    ORDER BY subject, change_id DESC
    """  # noqa: S608 - names of ours
    for kind, table, key in (
        (TeamChangeKind.REPOSITORY, "repository", "artifact_id"),
        (TeamChangeKind.CODE_OWNER, "code_owner", "owner"),
    )
)

_SUBJECTS = {
    TeamChangeKind.REPOSITORY: f"""
        SELECT subject FROM ({TEAMS_OF_REPOSITORIES}) AS assigned
        WHERE team_id = $2 AND ($3::bytea[] IS NULL OR subject = ANY($3)) ORDER BY subject
    """,  # noqa: S608 - composed of constants
    TeamChangeKind.CODE_OWNER: f"""
        SELECT subject FROM ({TEAMS_OF_CODE_OWNERS}) AS assigned
        WHERE team_id = $2 AND ($3::bytea[] IS NULL OR subject = ANY($3)) ORDER BY subject
    """,  # noqa: S608 - composed of constants
}


async def store_changes(
    tenant: Tenant,
    kind: TeamChangeKind,
    subjects: Collection[bytes],
    team_id: int | None,
    since: datetime = FOR_ALL_TIME,
) -> None:
    """Assign repositories or code owners to a team, or to no team (None), from `since` on."""
    await tenant.execute(_STORE, kind, sorted(set(subjects)), team_id, since)


async def store_unknown_repository(
    tenant: Tenant, by_name: bytes, team_id: int, since: datetime, *, forge: str, label: str
) -> None:
    """Assign a repository that no forge has reported yet to a team from `since` on; `by_name` is its name's hash."""
    await tenant.execute(_STORE_NAMED, by_name, team_id, since, forge, label)


async def store_removal(tenant: Tenant, team_id: int, heir: int, since: datetime) -> None:
    """Request a worker to finish the removal of a team."""
    await tenant.execute(_STORE_REMOVAL, team_id, heir, since)


async def subjects_of_team(
    tenant: Tenant, kind: TeamChangeKind, team_id: int, subjects: Collection[bytes] | None = None
) -> list[bytes]:
    """Return the repositories or code owners of a team, or those of the given ones that belong to it."""
    rows = await tenant.fetch(_SUBJECTS[kind], team_id, None if subjects is None else list(subjects))
    return [row["subject"] for row in rows]
