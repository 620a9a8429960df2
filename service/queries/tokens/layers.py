"""An organization's layer policy, which is replaced as a whole."""

from schema.database import Tenant, rows_as_columns
from vocabulary.layers import ORDER, LayerPolicy

_ORDER = """
    INSERT INTO layer_order (organization_id, layers) VALUES ($1, $2)
    ON CONFLICT (organization_id) DO UPDATE SET layers = excluded.layers
"""

_SOURCES = """
    INSERT INTO source_layer (organization_id, source, layer)
    SELECT $1, item.* FROM unnest($2::text[], $3::text[]) AS item
"""

_SUPERSEDE = """
    INSERT INTO superseded_source (organization_id, source, team_id)
    SELECT $1, item.* FROM unnest($2::text[], $3::bigint[]) AS item
"""


_REQUEST_CHECK = """
    INSERT INTO layer_change (organization_id) VALUES ($1)
    ON CONFLICT (organization_id) DO UPDATE SET judged_to = 0
"""


async def save_policy(tenant: Tenant, policy: LayerPolicy) -> None:
    """Replace the policy, and request a worker to apply it to tokens that are already counted."""
    for table in ("layer_order", "source_layer", "superseded_source"):
        await tenant.execute(f"DELETE FROM {table} WHERE organization_id = $1")  # noqa: S608 - ours
    if policy.order != ORDER:
        await tenant.execute(_ORDER, list(policy.order))
    if policy.sources:
        await tenant.execute(_SOURCES, *rows_as_columns(sorted(policy.sources.items())))
    if policy.superseded:
        await tenant.execute(_SUPERSEDE, *rows_as_columns(sorted(policy.superseded)))
    await tenant.execute(_REQUEST_CHECK)


async def read_team_names(tenant: Tenant) -> dict[int, str]:
    """Return team names by id."""
    rows = await tenant.fetch("SELECT team_id, name FROM team WHERE organization_id = $1")
    return {row["team_id"]: row["name"] for row in rows}
