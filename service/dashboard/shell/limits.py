"""Limits of who may see one team only: each page is that of the team, and names no other."""

from dataclasses import replace

from schema.database import Tenant
from service.dashboard.view.view import View
from service.errors import ForbiddenError
from service.queries.teams.teams import read_team_name
from service.queries.upkeep.freshness import Freshness


async def limit_to_team(tenant: Tenant, team_id: int, view: View, freshness: Freshness) -> tuple[View, Freshness]:
    """Return the view of the team, and what every page shows without other teams; raises ForbiddenError."""
    name = await read_team_name(tenant, team_id)
    if view.team not in {"", name}:
        raise ForbiddenError(f"your role is limited to the team {name}")
    values = {**view.values, "team": name} if "team" in view.allowed else view.values
    return replace(view, values=values, own_team=name), freshness._replace(teams=(name,), open_alerts=0)
