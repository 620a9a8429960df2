"""Settles a period's days by a named method: first as a preview, then for good."""

from collections import defaultdict
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import date

from schema.database import Database, Tenant
from schema.errors import NotFoundError
from workers.attribution.ledger import Ledger
from workers.attribution.methods import Method
from workers.jobs.settle_days import compute
from workers.resettlement.movement import Movement, compare
from workers.stores.ledger import attributions, resettlements, settlements
from workers.stores.ledger.resettlements import Team
from workers.stores.ledger.settlements import Claim


@dataclass(frozen=True, slots=True)
class Period:
    """Days (UTC, inclusive) of an organization, of one team or all."""

    organization_id: int
    first: date
    last: date
    team: str | None = None


async def find_teams(database: Database, period: Period) -> list[Team]:
    """Return teams with settled days in the period. Raises NotFoundError when there are none."""
    async with database.organization(period.organization_id) as tenant:
        teams = await resettlements.find_teams(tenant, period.first, period.last)
    found = [team for team in teams if period.team in {None, team.name}]
    if not found:
        raise NotFoundError("there are no settled days in this period", field="team" if period.team else "from")
    return found


async def preview(database: Database, period: Period, teams: Sequence[Team], method: Method) -> AsyncIterator[Movement]:
    """Yield the change in each team's totals; writes nothing."""
    for team in teams:
        async with database.organization(period.organization_id) as tenant:
            days = await _days(tenant, period, team)
            before = await resettlements.read_tokens(tenant, team.team_id, days)
            ledger = await compute(tenant, Claim(team.team_id, tuple(days), method.name))
            after = _tokens(ledger)
            states = await resettlements.read_states(tenant, {*before, *after})
            yield compare(team.name, len(days), before, after, states)


async def write(database: Database, period: Period, teams: Sequence[Team], method: Method) -> AsyncIterator[str]:
    """Write the period by the method, one transaction per team; yields each team's name once it is committed."""
    for team in teams:
        async with database.organization(period.organization_id) as tenant:
            days = await _days(tenant, period, team)
            ledger = await compute(tenant, Claim(team.team_id, tuple(days), method.name))
            await attributions.replace(tenant, team.team_id, days, ledger)
            await settlements.complete(tenant, team.team_id, ledger)
        yield team.name


async def _days(tenant: Tenant, period: Period, team: Team) -> list[date]:
    return await resettlements.lock_days(tenant, team.team_id, period.first, period.last)


def _tokens(ledger: Ledger) -> dict[bytes, int]:
    tokens = defaultdict[bytes, int](int)
    for row in ledger.rollup:
        tokens[row.artifact_id] += row.tokens.total
    return dict(tokens)
