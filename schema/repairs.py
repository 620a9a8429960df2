"""Which checks an organization's connections and Apps have: made when there is a way to ask, ended with it."""

from schema.database import Tenant

# Failed deliveries by a token that was given, of the hooks that it administers, and by an App, of its own; lists by
# whatever lets workers ask.
_WANTED = """
SELECT connection_id AS subject_id, 'deliveries' AS kind FROM connection
 WHERE organization_id = $1 AND state = 'active' AND installation_id IS NULL AND sealed_token IS NOT NULL
 UNION ALL
SELECT registration_id, 'deliveries' FROM github_app WHERE organization_id = $1 AND state = 'registered'
 UNION ALL
SELECT connection_id, listed.kind FROM connection, unnest(ARRAY['releases', 'comparison']) AS listed (kind)
 WHERE organization_id = $1 AND state = 'active' AND (sealed_token IS NOT NULL OR registration_id IS NOT NULL)
"""

_END = f"""
DELETE FROM repair_check
 WHERE organization_id = $1 AND (subject_id, kind) NOT IN (SELECT subject_id, kind FROM ({_WANTED}) AS wanted)
"""  # noqa: S608 - constants above

_BEGIN = f"""
INSERT INTO repair_check (organization_id, subject_id, kind) SELECT $1, wanted.* FROM ({_WANTED}) AS wanted
    ON CONFLICT DO NOTHING
"""  # noqa: S608 - constants above


async def renew_checks(tenant: Tenant) -> None:
    """Begin the checks of what can be asked now, and end those of what cannot be any more."""
    await tenant.execute(_END)
    await tenant.execute(_BEGIN)
