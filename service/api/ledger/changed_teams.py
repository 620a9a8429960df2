"""Reads why spend changed between two periods, of a team or of all."""

from datetime import date
from typing import TypeAlias

from schema.database import Tenant
from service.api.ledger.team_changes import TeamChange, group_teams, team_change
from service.queries.spend.model_uses import find_sums, read_changes, read_uses
from service.queries.teams.comparisons import Thresholds
from service.queries.teams.teams import read_named_sizes

# A first and a last UTC day.
Days: TypeAlias = tuple[date, date]


async def read_team_changes(
    tenant: Tenant, before: Days, after: Days, team_id: int | None, thresholds: Thresholds
) -> list[TeamChange]:
    """Return the changes of a team, or of all that used anything: apart or, if small or many, together."""
    sums = await find_sums(tenant, before, after)
    teams = await read_named_sizes(tenant)
    changed = await read_changes(tenant, sums) if team_id is None else {team_id: 0}
    ids = {teams[each][0]: each for each in changed}
    groups = group_teams({name: changed[each] for name, each in ids.items()}, dict(teams.values()), thresholds)
    uses = await read_uses(tenant, sums, [[ids[name] for name in group.teams] for group in groups])
    return [team_change(group, models) for group, models in zip(groups, uses, strict=True) if models]
