"""An organization's policy about layers, replaced as a whole."""

from schema.database import Connection, rows_as_columns
from schema.layers import ORDER, LayerPolicy

_ORDER = """
    INSERT INTO layer_order (organization_id, layers) VALUES ($1, $2)
    ON CONFLICT (organization_id) DO UPDATE SET layers = excluded.layers
"""

_SOURCES = """
    INSERT INTO source_layer (organization_id, source, layer)
    SELECT $1, reported.* FROM unnest($2::text[], $3::text[]) AS reported
"""

_SET_ASIDE = """
    INSERT INTO superseded_source (organization_id, source, team_id)
    SELECT $1, reported.* FROM unnest($2::text[], $3::bigint[]) AS reported
"""


_NOTE = """
    INSERT INTO layer_change (organization_id) VALUES ($1)
    ON CONFLICT (organization_id) DO UPDATE SET judged_to = 0
"""


async def save_policy(connection: Connection, organization_id: int, policy: LayerPolicy) -> None:
    """Let the policy be this one and no other, and note that it has to judge what is counted already."""
    for table in ("layer_order", "source_layer", "superseded_source"):
        await connection.execute(f"DELETE FROM {table} WHERE organization_id = $1", organization_id)  # noqa: S608 - ours
    if policy.order != ORDER:
        await connection.execute(_ORDER, organization_id, list(policy.order))
    if policy.sources:
        await connection.execute(_SOURCES, organization_id, *rows_as_columns(sorted(policy.sources.items())))
    if policy.set_aside:
        await connection.execute(_SET_ASIDE, organization_id, *rows_as_columns(sorted(policy.set_aside)))
    await connection.execute(_NOTE, organization_id)


async def read_team_names(connection: Connection, organization_id: int) -> dict[int, str]:
    """Teams by id."""
    rows = await connection.fetch("SELECT team_id, name FROM team WHERE organization_id = $1", organization_id)
    return {row["team_id"]: row["name"] for row in rows}
