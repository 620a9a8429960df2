"""What GitHub tells of an installation, kept: its connection's state, and which backfills begin or end by it."""

from uuid import UUID

from workers.facts.scope import ForgeScope
from workers.forge_access.listed import Listed
from workers.forge_events.model import InstallationFacts, InstallationRepositoriesFacts
from workers.stores.forge import installations
from workers.stores.teams.team_syncs import look_again_if_refused

DELETED = "deleted"


async def store_installation(scope: ForgeScope, connection_id: UUID, facts: InstallationFacts) -> None:
    """Installed, suspended, unsuspended, uninstalled, or given other permissions.

    The ledger of an installation that is gone stays until the organization erases it.
    """
    key = (scope.tenant, connection_id)
    may_ask = await installations.set_state(*key, facts.installation_id, facts.state, facts.reported_at)
    if facts.state == DELETED:
        await installations.end_backfills(*key)
    elif facts.state is None and may_ask:
        await installations.fetch_again_if_refused(*key)
        await look_again_if_refused(*key)


async def store_installation_repositories(
    scope: ForgeScope, connection_id: UUID, host: str, facts: InstallationRepositoriesFacts
) -> None:
    """History is fetched of what was given to the App, and no more of what was taken from it."""
    key = (scope.tenant, connection_id)
    removed = [scope.hasher.repository_by_id(host, number) for number in facts.removed]
    await installations.leave_out(*key, removed)
    added = [
        (scope.hasher.repository_by_id(host, each.forge_id), Listed(each.forge_id, each.path)) for each in facts.added
    ]
    if added and await installations.may_ask(*key, facts.installation_id):
        await installations.fetch_repositories(*key, scope.names, added)
