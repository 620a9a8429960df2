"""Finds the one artifact of a repository, under any name.

A repository is anchored where it is first seen: by the forge's numeric id if known, else by its name. Every id and name
it is seen under becomes an alias of that anchor. A numeric id is certain; a name only says who has it now, so a name
that moves to another repository is reassigned.
"""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum

from schema.database import Tenant


class AliasKind(StrEnum):
    """What an alias hashes: a repository's name or numeric id, or a commit.

    `commit` was reported for the pull request itself, `pushed_commit` for its branch while it was open.
    """

    REPOSITORY = "repository"
    REPOSITORY_ID = "repository_id"
    COMMIT = "commit"
    PUSHED_COMMIT = "pushed_commit"


_ALIAS = """
    SELECT artifact_id FROM artifact_alias
    WHERE organization_id = $1 AND kind = $2 AND alias = $3
"""


async def find_repository(tenant: Tenant, by_name: bytes) -> bytes | None:
    """Return the artifact id of the repository with this hash of its name, or None."""
    artifact_id: bytes | None = await tenant.fetchval(_ALIAS, AliasKind.REPOSITORY, by_name)
    return artifact_id


async def resolve_repository(
    tenant: Tenant,
    *,
    forge: str,
    by_name: bytes,
    by_id: bytes | None,
    label: str | None,
    seen_at: datetime,
    also: Sequence[bytes] = (),
) -> bytes:
    """Return the artifact id of a repository by the hashes of its name and numeric id; create and alias a new one.

    `also` are hashes of other names that it is cloned by. `seen_at` is the forge's time of the facts: an older payload
    never takes a name from where a newer one put it. `label` is stored only where the organization shows labels.
    """
    named = await tenant.fetchval(_ALIAS, AliasKind.REPOSITORY, by_name)
    known = await tenant.fetchval(_ALIAS, AliasKind.REPOSITORY_ID, by_id) if by_id else None
    others = {alias: await tenant.fetchval(_ALIAS, AliasKind.REPOSITORY, alias) for alias in also}
    called = named or next((each for each in others.values() if each), None)
    anchor: bytes = known or await _free_anchor(tenant, called, by_id) or by_id or by_name
    await tenant.execute(
        """
        INSERT INTO repository AS known (organization_id, artifact_id, forge, label, named_at)
        VALUES ($1, $2, $3,
                CASE WHEN (SELECT show_labels FROM organization WHERE organization_id = $1) THEN $4 END, $5)
        ON CONFLICT (organization_id, artifact_id) DO UPDATE
           SET label = excluded.label, named_at = excluded.named_at
         WHERE known.organization_id = $1 AND (known.named_at IS NULL OR known.named_at < excluded.named_at)
        """,
        anchor,
        forge,
        label,
        seen_at,
    )
    if by_id and known is None:
        await _point(tenant, AliasKind.REPOSITORY_ID, by_id, anchor, seen_at)
    for alias, holder in {**others, by_name: named}.items():
        if holder != anchor:
            await _point(tenant, AliasKind.REPOSITORY, alias, anchor, seen_at)
    return anchor


async def _free_anchor(tenant: Tenant, named: bytes | None, by_id: bytes | None) -> bytes | None:
    """Return the anchor with the name, unless another numeric id already owns it."""
    if named is None or by_id is None:
        return named
    owned = await tenant.fetchval(
        "SELECT true FROM artifact_alias WHERE organization_id = $1 AND kind = $2 AND artifact_id = $3 LIMIT 1",
        AliasKind.REPOSITORY_ID,
        named,
    )
    return None if owned else named


async def _point(tenant: Tenant, kind: AliasKind, alias: bytes, anchor: bytes, seen_at: datetime) -> None:
    """Point an alias to this anchor and no other."""
    await tenant.execute(
        """
        DELETE FROM artifact_alias
        WHERE organization_id = $1 AND kind = $2 AND alias = $3 AND artifact_id <> $4 AND first_seen_at <= $5
        """,
        kind,
        alias,
        anchor,
        seen_at,
    )
    await tenant.execute(
        """
        INSERT INTO artifact_alias (organization_id, kind, alias, artifact_id, first_seen_at)
        SELECT $1, $2::text, $3, $4, $5
        WHERE NOT EXISTS (SELECT FROM artifact_alias WHERE organization_id = $1 AND kind = $2::text AND alias = $3)
        ON CONFLICT DO NOTHING
        """,
        kind,
        alias,
        anchor,
        seen_at,
    )
