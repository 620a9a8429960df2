"""Reading what is connected so far."""

from datetime import date, timedelta

from schema.database import Tenant
from schema.layer_policies import read_policy
from service.dashboard.set_up.facts import SetUpFacts
from service.queries.ledger.evidence import read_evidence
from service.queries.tokens.double_counted import read_double_counting
from service.queries.upkeep.set_up import read_set_up

LATELY = timedelta(weeks=8)


async def read_connected(tenant: Tenant, today: date) -> SetUpFacts:
    """Read the facts; links are those of the last weeks with data."""
    set_up = await read_set_up(tenant)
    last = min(set_up.last_day or today, today)
    policy = await read_policy(tenant)
    return SetUpFacts(
        set_up.connections,
        set_up.pull_requests,
        set_up.token_requests,
        set_up.teams_without_size,
        set_up.silent_connections,
        await read_evidence(tenant, first_day=last - LATELY, last_day=last),
        tuple(await read_double_counting(tenant, policy)),
    )
