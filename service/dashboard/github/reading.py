"""Reading the facts of the GitHub page: Apps, installations and the newest backfills."""

from schema.database import Tenant
from schema.settings import Settings
from service.api.forge.backfills import backfill_shown
from service.api.forge.github_apps import app_shown
from service.dashboard.github.page import GithubFacts, Installations
from service.queries.forge.backfills import read_backfills
from service.queries.forge.connections import count_installations
from service.queries.forge.github_apps import read_registrations

MOST = 10


async def read_github(tenant: Tenant, settings: Settings) -> GithubFacts:
    """Read the organization's Apps, installations and backfills as the API shows them."""
    apps = await read_registrations(tenant, limit=MOST)
    installations = await count_installations(tenant)
    backfills = await read_backfills(tenant, limit=MOST)
    return GithubFacts(
        tuple(app_shown(settings, tenant.organization_id, row) for row in apps),
        tuple(Installations(**row) for row in installations),
        tuple(backfill_shown(tenant.organization_id, row) for row in backfills),
    )
