"""The stored layer policy of an organization."""

from schema.database import Tenant
from vocabulary.layers import ORDER, Layer, LayerPolicy

_READ = """
SELECT 'order' AS rule, layer AS source, layer, place AS number
  FROM layer_order, unnest(layers) WITH ORDINALITY AS listed (layer, place) WHERE organization_id = $1
UNION ALL
SELECT 'source', source, layer, 0 FROM source_layer WHERE organization_id = $1
UNION ALL
SELECT 'superseded', source, '', team_id FROM superseded_source WHERE organization_id = $1
 ORDER BY rule, number, source
"""


async def read_policy(tenant: Tenant) -> LayerPolicy:
    """Return the organization's policy, with defaults for what it did not set."""
    rows = await tenant.fetch(_READ)
    return LayerPolicy(
        order=tuple(Layer(row["layer"]) for row in rows if row["rule"] == "order") or ORDER,
        sources={row["source"]: Layer(row["layer"]) for row in rows if row["rule"] == "source"},
        superseded=frozenset((row["source"], row["number"]) for row in rows if row["rule"] == "superseded"),
    )
