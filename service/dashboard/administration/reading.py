"""Reading who may get in, what administrators did, and what workers gave up on."""

from typing import Final

from schema.settings import Settings
from service.api.access.shared_links import link_fields
from service.audit.store import list_acts
from service.auth.api_keys import list_keys
from service.auth.members.rules import list_rules
from service.auth.members.store import list_members
from service.auth.roles import Role
from service.auth.shared_links import list_shared_links, view_vault
from service.contracts.access.links import SharedLinkShown
from service.dashboard.administration.facts import AdministrationFacts, Settled
from service.dashboard.shell.opening import Opened
from service.queries.forge.labels import are_labels_on
from service.queries.upkeep.dead_letters import list_dead_letters

# Of more, the page shows some and names the command that lists all.
MOST: Final = 1_000
MOST_ACTS: Final = 50
MOST_EXPORTED: Final = 10_000


async def read_administration(opened: Opened, settings: Settings, role: Role) -> AdministrationFacts:
    """Read what the role may see; a file holds more acts than the page."""
    tenant = opened.tenant
    acts = await list_acts(tenant, limit=MOST_EXPORTED if opened.suffix else MOST_ACTS)
    settled = Settled(
        settings.delivery_retention, settings.token_event_retention, settings.session_lifetime, settings.session_idle
    )
    members = await list_members(tenant, limit=MOST)
    if opened.suffix or not role.includes(Role.ADMIN):
        return AdministrationFacts(role, tenant.organization_id, settled, members, acts)
    vault = view_vault(settings)
    links = await list_shared_links(tenant, limit=MOST)
    return AdministrationFacts(
        role,
        tenant.organization_id,
        settled,
        members,
        acts,
        rules=await list_rules(tenant, limit=MOST),
        keys=await list_keys(tenant, limit=MOST),
        links=[SharedLinkShown(**link_fields(vault, tenant.organization_id, row)) for row in links],
        letters=await list_dead_letters(tenant, limit=MOST),
        has_labels=await are_labels_on(tenant),
    )
