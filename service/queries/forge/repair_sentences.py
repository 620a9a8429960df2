"""What repair cannot do for some connections, and what would let it, in sentences. Pure."""

from typing import NamedTuple

from schema.failures import Failure
from service.queries.forge.repair_limits import RepairLimits

REMEDY = "give them an access token: PUT /api/v1/connections/{id}/token"


class Limit(NamedTuple):
    """What is not done, and what to do about it."""

    says: str
    remedy: str


def limits_of(reported: RepairLimits) -> list[Limit]:
    """The most grave first; none where everything that is lost can be brought back."""
    found = []
    if reported.webhooks_only:
        found.append(
            Limit(
                f"{_of(reported.webhooks_only, reported.connections)} without an access token: deliveries that fail "
                "are not asked for again, tags that were pushed together are not found, and nothing is compared at "
                "night",
                REMEDY,
            )
        )
    if reported.not_offered:
        found.append(
            Limit(
                f"{_of(reported.not_offered, reported.connections)} whose failed deliveries cannot be listed",
                Failure.DELIVERIES_NOT_OFFERED.remedy,
            )
        )
    return found


def _of(count: int, of: int) -> str:
    return f"{count} of {of} connection{'s' * (of != 1)}"
