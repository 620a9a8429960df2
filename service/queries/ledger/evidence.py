"""Tokens on pull requests by kind of evidence."""

from datetime import date

from schema.database import Tenant
from vocabulary.tokens import TOKEN_KINDS

EVIDENCE = f"""
    SELECT evidence, sum({" + ".join(TOKEN_KINDS)})::bigint AS total
    FROM attribution_rollup
    WHERE organization_id = $1 AND day BETWEEN $2 AND $3 AND artifact_id <> ''
    GROUP BY evidence
"""  # noqa: S608 - composed of constants


async def read_evidence(tenant: Tenant, *, first_day: date, last_day: date) -> dict[str, int]:
    """Return tokens by evidence, without overhead; UTC days are inclusive."""
    rows = await tenant.fetch(EVIDENCE, first_day, last_day)
    return {row["evidence"]: row["total"] for row in rows}
