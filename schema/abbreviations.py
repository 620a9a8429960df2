"""Abbreviated commits: some agents tell only the first digits of a commit that they made.

Seven digits are hashed like a whole SHA, and where a forge tells of a commit its seven digits are noted beside it.
Seven that two commits of pull requests share say nothing: among a hundred thousand commits one in 2,700 does.
"""

from collections.abc import Iterable

from schema.database import Tenant, rows_as_columns
from schema.identifiers import Hasher

DIGITS = 7

_NOTE = """
INSERT INTO abbreviated_commit (organization_id, abbreviation, commit)
SELECT $1::bigint, reported.* FROM unnest($2::bytea[], $3::bytea[]) AS reported
    ON CONFLICT DO NOTHING
"""


def abbreviated(revision: str) -> str:
    """The digits that a commit is known by where its whole SHA is not told."""
    return revision.lower()[:DIGITS]


async def note_abbreviations(tenant: Tenant, hasher: Hasher, revisions: Iterable[str]) -> None:
    """Let the first digits of these commits (whole SHAs) lead to them; before windows are marked by their hashes."""
    whole = {revision.lower() for revision in revisions}
    pairs = sorted((hasher.commit(abbreviated(revision)), hasher.commit(revision)) for revision in whole)
    if pairs:
        await tenant.execute(_NOTE, *rows_as_columns(pairs))
