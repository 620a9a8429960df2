"""Labels of an organization's repositories, pull requests and releases: turned on and off, and counted."""

import asyncpg

from schema.database import Tenant

# The lock under which workers record facts, so that none of them stores a label after labels were turned off.
_LOCK = "SELECT pg_advisory_xact_lock(hashtextextended('deliveries', $1::bigint))"

_SET = "UPDATE organization SET show_labels = $2 WHERE organization_id = $1"

_DELETE_OF_REPOSITORIES = "UPDATE repository SET label = NULL WHERE organization_id = $1 AND label IS NOT NULL"
_DELETE_OF_PULL_REQUESTS = "UPDATE pull_request SET label = NULL WHERE organization_id = $1 AND label IS NOT NULL"
_DELETE_OF_RELEASES = "UPDATE release SET label = NULL WHERE organization_id = $1 AND label IS NOT NULL"
_DELETE_OF_TEAM_CHANGES = "UPDATE team_change SET label = NULL WHERE organization_id = $1 AND label IS NOT NULL"

_COUNT = """
    SELECT (SELECT show_labels FROM organization WHERE organization_id = $1) AS enabled,
           repositories.*, pull_requests.*, releases.*
    FROM (SELECT count(*) AS repositories, count(label) AS labelled_repositories
          FROM repository WHERE organization_id = $1) AS repositories,
         (SELECT count(*) AS pull_requests, count(label) AS labelled_pull_requests
          FROM pull_request WHERE organization_id = $1) AS pull_requests,
         (SELECT count(*) AS releases, count(label) AS labelled_releases
          FROM release WHERE organization_id = $1) AS releases
"""


async def read_labels(tenant: Tenant) -> asyncpg.Record:
    """Return whether labels are `enabled`, and the numbers of artifacts by kind, all and labelled."""
    return await tenant.fetchrow(_COUNT)


async def set_labels(tenant: Tenant, *, enabled: bool) -> None:
    """Turn labels on or off; off also deletes all stored labels."""
    await tenant.execute(_LOCK)
    await tenant.execute(_SET, enabled)
    if not enabled:
        await tenant.execute(_DELETE_OF_REPOSITORIES)
        await tenant.execute(_DELETE_OF_PULL_REQUESTS)
        await tenant.execute(_DELETE_OF_RELEASES)
        await tenant.execute(_DELETE_OF_TEAM_CHANGES)
