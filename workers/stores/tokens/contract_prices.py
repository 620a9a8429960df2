"""Prices that an organization negotiated, as they are stored."""

from datetime import UTC, datetime

from schema.database import Tenant
from vocabulary.price_kinds import PriceKind
from workers.prices.contract import ContractPrice, with_contract
from workers.prices.listed import Sold
from workers.prices.units import UnitPrices, unit_prices

_LOAD = f"SELECT {', '.join(ContractPrice._fields)} FROM contract_price WHERE organization_id = $1"  # noqa: S608 - ours


class PriceList:
    """Unit prices of an organization: its contract prices, else list prices."""

    def __init__(self, contract: list[ContractPrice]) -> None:
        self._contract = contract

    def unit_prices(self, sold: Sold, occurred_at: datetime) -> list[UnitPrices]:
        """Return prices by request size, smallest first; an empty list for what has no price."""
        listed = unit_prices(sold, occurred_at)
        if not self._contract:
            return listed
        return with_contract(listed, self._contract, sold, occurred_at.astimezone(UTC).date())


async def load_price_list(tenant: Tenant) -> PriceList:
    """Load the organization's prices."""
    rows = await tenant.fetch(_LOAD)
    return PriceList([ContractPrice(**{**row, "kind": PriceKind(row["kind"])}) for row in rows])
