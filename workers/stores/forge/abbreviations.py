"""Abbreviated commits, stored beside the whole ones, for agents that report only the first digits.

Two commits that share their seven digits link nothing: among a hundred thousand commits that is one in 2,700.
"""

from collections.abc import Iterable

from schema.database import Tenant, rows_as_columns
from schema.identifiers import Hasher, abbreviate_commit

_NOTE = """
INSERT INTO abbreviated_commit (organization_id, abbreviation, commit)
SELECT $1::bigint, reported.* FROM unnest($2::bytea[], $3::bytea[]) AS reported
    ON CONFLICT DO NOTHING
"""


async def note_abbreviations(tenant: Tenant, hasher: Hasher, revisions: Iterable[str]) -> None:
    """Let the first digits of these commits (whole SHAs) lead to them; before windows are marked by their hashes."""
    whole = {revision.lower() for revision in revisions}
    pairs = sorted((hasher.commit(abbreviate_commit(revision)), hasher.commit(revision)) for revision in whole)
    if pairs:
        await tenant.execute(_NOTE, *rows_as_columns(pairs))
