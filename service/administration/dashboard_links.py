"""Dashboard links, created directly in the database."""

from datetime import timedelta

from schema.settings import Settings
from service.administration.organizations import find_or_create_organization, opened
from service.audit.store import OPERATOR, record_act
from service.auth.roles import Role
from service.auth.sign_in import create_sign_in_link
from service.queries.teams.teams import find_team


async def create_dashboard_link(
    settings: Settings, organization: int | None, role: Role, team: str | None, lifetime: timedelta
) -> str:
    """Create a link that signs in once, and the first organization if there is none; returns the link's token."""
    async with opened(settings) as database:
        organization_id = await find_or_create_organization(database, settings, organization)
        async with database.organization(organization_id) as tenant:
            team_id = await find_team(tenant, team, field="--team") if team else None
            await record_act(tenant, OPERATOR, "shipledger dashboard-link", role)
            return await create_sign_in_link(tenant, role, team_id, lifetime)
