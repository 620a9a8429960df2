"""Changes of teams: stored for a worker, and shown as if it had recorded them already."""

from collections.abc import Collection
from datetime import UTC, datetime

from schema.database import Tenant
from schema.kinds import TeamChangeKind

ALL_ALONG = datetime(1970, 1, 1, tzinfo=UTC)

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

# What each thing belongs to: the newest change that waits for a worker, else what is recorded. The rows hold
# `subject` and `team_id`.
HELD_REPOSITORIES, HELD_CODE_OWNERS = (
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

_HELD = {
    TeamChangeKind.REPOSITORY: f"""
        SELECT subject FROM ({HELD_REPOSITORIES}) AS held
        WHERE team_id = $2 AND ($3::bytea[] IS NULL OR subject = ANY($3)) ORDER BY subject
    """,  # noqa: S608 - composed of constants
    TeamChangeKind.CODE_OWNER: f"""
        SELECT subject FROM ({HELD_CODE_OWNERS}) AS held
        WHERE team_id = $2 AND ($3::bytea[] IS NULL OR subject = ANY($3)) ORDER BY subject
    """,  # noqa: S608 - composed of constants
}


async def store_changes(
    tenant: Tenant,
    kind: TeamChangeKind,
    subjects: Collection[bytes],
    team_id: int | None,
    since: datetime = ALL_ALONG,
) -> None:
    """Let things belong to a team, or to none, from an instant on."""
    await tenant.execute(_STORE, kind, sorted(set(subjects)), team_id, since)


async def store_unknown_repository(
    tenant: Tenant, by_name: bytes, team_id: int, since: datetime, *, forge: str, label: str
) -> None:
    """Let a repository that no forge has reported yet, by the hash of its name, belong to a team from an instant on."""
    await tenant.execute(_STORE_NAMED, by_name, team_id, since, forge, label)


async def store_removal(tenant: Tenant, team_id: int, heir: int, since: datetime) -> None:
    """Let a worker finish the removal of a team."""
    await tenant.execute(_STORE_REMOVAL, team_id, heir, since)


async def held_by(
    tenant: Tenant, kind: TeamChangeKind, team_id: int, subjects: Collection[bytes] | None = None
) -> list[bytes]:
    """Return what belongs to a team, of some things or of all."""
    rows = await tenant.fetch(_HELD[kind], team_id, None if subjects is None else list(subjects))
    return [row["subject"] for row in rows]
