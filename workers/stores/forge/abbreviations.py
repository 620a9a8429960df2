"""Abbreviated commits, stored besides full ones for agents that report only the first digits.

Two commits with the same seven digits link nothing: among a hundred thousand commits that is one in 2,700.
"""

from collections.abc import Iterable

from schema.database import Tenant, rows_as_columns
from schema.identifiers import Hasher, abbreviate_commit

_NOTE = """
INSERT INTO abbreviated_commit (organization_id, abbreviation, commit)
SELECT $1::bigint, reported.* FROM unnest($2::bytea[], $3::bytea[]) AS reported
    ON CONFLICT DO NOTHING
"""


async def store_abbreviations(tenant: Tenant, hasher: Hasher, revisions: Iterable[str]) -> None:
    """Map the first digits of these full SHAs to the commits; call before windows are marked by hash."""
    whole = {revision.lower() for revision in revisions}
    pairs = sorted((hasher.commit(abbreviate_commit(revision)), hasher.commit(revision)) for revision in whole)
    if pairs:
        await tenant.execute(_NOTE, *rows_as_columns(pairs))
