"""The overhead multiplier of an organization, stored in millionths so that sums are exact."""

from decimal import Decimal
from typing import NamedTuple

from schema.database import Tenant
from service.contracts.reconciliation import MILLIONTH, Overhead

MILLION = 1_000_000

_READ = "SELECT orchestration, observability, power FROM overhead_multiplier WHERE organization_id = $1"

_SAVE = """
    INSERT INTO overhead_multiplier (organization_id, orchestration, observability, power) VALUES ($1, $2, $3, $4)
    ON CONFLICT (organization_id) DO UPDATE SET
        orchestration = excluded.orchestration, observability = excluded.observability, power = excluded.power
"""


class Parts(NamedTuple):
    """The parts of the overhead multiplier, in millionths of a cost."""

    orchestration: int = 0
    observability: int = 0
    power: int = 0

    def of(self, nano_usd: int) -> int:
        """Return the overhead of a cost; each part is rounded half up to nano-USD, so that parts sum to the total."""
        return sum((nano_usd * part + MILLION // 2) // MILLION for part in self)


async def read_overhead(tenant: Tenant) -> Parts | None:
    """Return the parts; None if they were never set."""
    row = await tenant.fetchrow(_READ)
    return Parts(**row) if row else None


async def save_overhead(tenant: Tenant, overhead: Overhead) -> Parts:
    """Replace the overhead multiplier."""
    parts = Parts(*(int(part / MILLIONTH) for part in (overhead.orchestration, overhead.observability, overhead.power)))
    await tenant.execute(_SAVE, *parts)
    return parts


def share_text(part: int) -> str:
    """Format millionths as a plain decimal."""
    return f"{(Decimal(part) * MILLIONTH).normalize():f}"
