"""Records GitHub's reports about an installation: its connection's state, and its backfills."""

from uuid import UUID

from workers.facts.scope import ForgeScope
from workers.forge_access.listed import Listed
from workers.forge_events.model import InstallationFacts, InstallationRepositoriesFacts
from workers.stores.forge import installations
from workers.stores.teams.team_syncs import retry_if_refused

DELETED = "deleted"


async def store_installation(scope: ForgeScope, connection_id: UUID, facts: InstallationFacts) -> None:
    """Record an installation that was created, suspended, unsuspended or deleted, or whose permissions changed.

    The ledger of a deleted installation stays until the organization erases it.
    """
    key = (scope.tenant, connection_id)
    has_access = await installations.set_state(*key, facts.installation_id, facts.state, facts.reported_at)
    if facts.state == DELETED:
        await installations.end_backfills(*key)
    elif facts.state is None and has_access:
        await installations.repeat_backfill_if_refused(*key)
        await retry_if_refused(*key)


async def store_installation_repositories(
    scope: ForgeScope, connection_id: UUID, host: str, facts: InstallationRepositoriesFacts
) -> None:
    """Start a backfill of repositories added to the installation, and stop those of removed ones."""
    key = (scope.tenant, connection_id)
    removed = [scope.hasher.repository_by_id(host, number) for number in facts.removed]
    await installations.leave_out(*key, removed)
    added = [
        (scope.hasher.repository_by_id(host, each.forge_id), Listed(each.forge_id, each.path)) for each in facts.added
    ]
    if added and await installations.has_access(*key, facts.installation_id):
        await installations.fetch_repositories(*key, scope.names, added)
