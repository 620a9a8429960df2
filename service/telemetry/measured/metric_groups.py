"""Rows of metric groups: what the series of a group have reported together."""

from collections.abc import Collection, Mapping

from schema.database import Tenant, rows_as_columns
from service.telemetry.measured.nested_growth import NestedGrowth, grow_nested
from service.telemetry.measured.withdrawals import derived_id
from service.telemetry.reading.normalised import Part, TokenSignal
from vocabulary.tokens import TOKEN_KINDS, TokenCounts

_SUMS = NestedGrowth._fields[:-1]
_COLUMNS = (*_SUMS, *TOKEN_KINDS)

FIND = f"""
    SELECT group_id, {", ".join(_COLUMNS)} FROM metric_group WHERE organization_id = $1 AND group_id = ANY($2::bytea[])
"""  # noqa: S608 - fixed names
SAVE = f"""
    INSERT INTO metric_group (organization_id, group_id, {", ".join(_COLUMNS)})
    SELECT $1::bigint, grown.*
      FROM unnest($2::bytea[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[], $7::bigint[],
                  $8::boolean[], $9::boolean[],
                  $10::bigint[], $11::bigint[], $12::bigint[], $13::bigint[], $14::bigint[]) AS grown
    ON CONFLICT (organization_id, group_id) DO UPDATE
    SET seen_at = excluded.seen_at, {", ".join(f"{name} = excluded.{name}" for name in _COLUMNS)}
"""  # noqa: S608 - fixed names


class MetricGroups:
    """The groups of some points, while these are counted."""

    def __init__(self, known: Mapping[bytes, NestedGrowth]) -> None:
        self._known = known
        self._grown: dict[bytes, NestedGrowth] = {}

    def grow(self, group_id: bytes, parts: Mapping[Part, int]) -> TokenCounts:
        """Return the tokens that the growth of the series of a group in one export adds."""
        before = self._grown.get(group_id) or self._known.get(group_id) or NestedGrowth()
        self._grown[group_id], tokens = grow_nested(before, parts)
        return tokens

    async def save(self, tenant: Tenant) -> None:
        """Store what has grown."""
        if self._grown:
            rows = [
                (group_id, *(getattr(group, name) for name in _SUMS), *group.counted)
                for group_id, group in sorted(self._grown.items())
            ]
            await tenant.execute(SAVE, *rows_as_columns(rows))


def metric_group(group: bytes, signal: TokenSignal) -> bytes:
    """Return the id of the group that a signal reports."""
    return derived_id(signal.encode(), group)


async def load_groups(tenant: Tenant, ids: Collection[bytes]) -> MetricGroups:
    """Load the groups with these ids; intake must be locked."""
    rows = await tenant.fetch(FIND, sorted(ids)) if ids else []
    return MetricGroups(
        {
            row["group_id"]: NestedGrowth._make(
                (*(row[name] for name in _SUMS), TokenCounts(*(row[kind] for kind in TOKEN_KINDS)))
            )
            for row in rows
        }
    )
