"""Sentences about missed webhooks that cannot be recovered, each with a remedy. Pure."""

from typing import NamedTuple

from schema.failures import Failure
from service.failures import EXPLANATIONS
from service.queries.forge.repair_limits import RepairLimits

REMEDY = "give them an access token: PUT /api/v1/connections/{id}/token"


class Limit(NamedTuple):
    """A limitation and its remedy."""

    says: str
    remedy: str


def limits_of(limits: RepairLimits) -> list[Limit]:
    """Return the limitations, most important first; empty if everything missed can be recovered."""
    found = []
    if limits.webhooks_only:
        found.append(
            Limit(
                f"{_of(limits.webhooks_only, limits.connections)} without an access token: failed deliveries are not "
                "requested again, tags pushed together are not found, and nothing is compared at night",
                REMEDY,
            )
        )
    if limits.not_offered:
        found.append(
            Limit(
                f"{_of(limits.not_offered, limits.connections)} whose failed deliveries cannot be listed",
                EXPLANATIONS[Failure.DELIVERIES_NOT_OFFERED].remedy,
            )
        )
    return found


def _of(count: int, of: int) -> str:
    return f"{count} of {of} connection{'s' * (of != 1)}"
