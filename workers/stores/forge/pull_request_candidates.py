"""Facts from forges that a team's windows could refer to: the candidate pull requests."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, time, timedelta

from schema.database import Tenant
from schema.team_of import team_at
from workers.attribution.evidence import OPENING_HORIZON
from workers.attribution.methods import Method
from workers.attribution.model import Facts, PullRequest
from workers.attribution.window_columns import Windows
from workers.stores.forge.repositories import AliasKind
from workers.stores.forge.trunks import find_trunks

REPOSITORY_NAMES = (AliasKind.REPOSITORY,)
COMMITS = (AliasKind.COMMIT, AliasKind.PUSHED_COMMIT)

_ALIASES = """
SELECT alias, artifact_id, min(first_seen_at) AS since FROM artifact_alias
 WHERE organization_id = $1 AND kind = ANY($2::text[]) AND alias = ANY($3::bytea[])
 GROUP BY alias, artifact_id
"""

# The same for commits, and for the first digits of commits.
_COMMITS = """
SELECT reported.hash, reported.commit, alias.artifact_id, min(alias.first_seen_at) AS since
  FROM (SELECT hash, hash AS commit FROM unnest($3::bytea[]) AS hash
        UNION ALL
        SELECT abbreviation, commit FROM abbreviated_commit
         WHERE organization_id = $1 AND abbreviation = ANY($3::bytea[])) AS reported
  JOIN artifact_alias AS alias
    ON alias.organization_id = $1 AND alias.kind = ANY($2::text[]) AND alias.alias = reported.commit
 GROUP BY reported.hash, reported.commit, alias.artifact_id
"""

# `linked` are pull requests that a hash names, of any team; `near` were worked on around the days, or were open and not
# asleep. Of these, only those of the team and of repositories that windows name are used, and none by bots.
_TEAM = team_at(
    "life.repository_id",
    "coalesce(life.ended_at, 'infinity')",
    "default_team.team_id",
    "life.owner",
    "life.author_team_id",
)
_PULL_REQUESTS = f"""
WITH life AS NOT MATERIALIZED (
    SELECT pull_request.*,
           CASE WHEN state = 'open' THEN NULL ELSE COALESCE(merged_at, closed_at) END AS ended_at
      FROM pull_request WHERE organization_id = $1
), linked AS (
    SELECT artifact_id FROM life WHERE artifact_id = ANY($3::bytea[])
    UNION
    SELECT artifact_id FROM life WHERE number = ANY($4::bytea[])
    UNION
    SELECT artifact_id FROM life
     WHERE head_branch = ANY($5::bytea[]) AND (ended_at IS NULL OR ended_at >= $7) AND opened_at < $11
), near AS (
    SELECT artifact_id FROM activity WHERE organization_id = $1 AND occurred_at >= $8 AND occurred_at < $9
    UNION
    SELECT artifact_id FROM life
     WHERE (ended_at IS NULL OR ended_at >= $7) AND opened_at < $9
       AND (opened_at >= $10 OR EXISTS (
            SELECT FROM activity
             WHERE activity.organization_id = $1 AND activity.artifact_id = life.artifact_id
               AND occurred_at >= $10 AND occurred_at < $9))
)
SELECT life.artifact_id, life.repository_id, life.number, life.head_repository_id, life.head_branch, life.base_branch,
       life.changed_lines, life.changed_files, life.opened_at, life.ended_at,
       {_TEAM} = $2 AS in_team
  FROM life
  JOIN repository ON repository.organization_id = $1 AND repository.artifact_id = life.repository_id
  JOIN team AS default_team ON default_team.organization_id = $1 AND default_team.is_default
 WHERE life.artifact_id IN (SELECT artifact_id FROM linked)
    OR (life.artifact_id IN (SELECT artifact_id FROM near) AND life.is_bot IS NOT TRUE
        AND (life.ended_at IS NULL OR life.ended_at >= $7)
        AND ({_TEAM} = $2
             OR life.repository_id = ANY($6::bytea[]) OR life.head_repository_id = ANY($6::bytea[])))
"""  # noqa: S608 - composed of constants

# Reviews are others' work, and a merge follows the work: neither shows that an agent worked on the pull request.
_ACTIVITY = """
SELECT artifact_id, occurred_at FROM activity
 WHERE organization_id = $1 AND artifact_id = ANY($2::bytea[]) AND kind IN ('commit', 'push', 'open')
 ORDER BY occurred_at
"""


async def load_exploratory_share(tenant: Tenant) -> float:
    """Return the organization's share of unlinked tokens that counts as exploration."""
    return float(await tenant.fetchval("SELECT exploratory_share FROM organization WHERE organization_id = $1"))


async def load(tenant: Tenant, team_id: int, span: tuple[date, date], windows: Windows, method: Method) -> Facts:
    """Load every pull request that these windows could belong to, on all of the team's days in the span.

    Each comes with all its activity, so that its life looks the same from every day.
    """
    evidence = windows.evidence_values
    named = await _aliases(tenant, REPOSITORY_NAMES, (each.repository for each in evidence))
    repositories = {name: frozenset(meant) for name, meant in named.items()}
    commits = await _commits(tenant, (each.commit for each in evidence))
    start, end = (datetime.combine(day, time(), UTC) for day in span)
    reach, asleep = timedelta(hours=method.reach), timedelta(hours=method.asleep)
    rows = await tenant.fetch(
        _PULL_REQUESTS,
        team_id,
        _known((each.artifact for each in evidence), *commits.values()),
        _known(each.number for each in evidence),
        _known(each.branch for each in evidence),
        _known((), *repositories.values()),
        start,
        start - reach,
        end + reach,
        start - asleep,
        end + OPENING_HORIZON,
    )
    activity = defaultdict[bytes, list[datetime]](list)
    for row in await tenant.fetch(_ACTIVITY, [row["artifact_id"] for row in rows]):
        activity[row["artifact_id"]].append(row["occurred_at"])
    pull_requests = tuple(PullRequest(**row, activity=tuple(activity[row["artifact_id"]])) for row in rows)
    places = {row["repository_id"] for row in rows}.union(*repositories.values())
    holders = set().union(*commits.values())
    heads = (row["head_branch"] for row in rows if row["artifact_id"] in holders)
    branches = _known((each.branch for each in evidence), heads)
    trunks = await find_trunks(tenant, places, branches)
    return Facts(pull_requests, commits, repositories, trunks)


async def _aliases(
    tenant: Tenant, kinds: Sequence[AliasKind], hashes: Iterable[bytes | None]
) -> dict[bytes, dict[bytes, datetime]]:
    """Return the artifacts that each hash refers to, and since when."""
    meant = defaultdict[bytes, dict[bytes, datetime]](dict)
    for row in await tenant.fetch(_ALIASES, kinds, _known(hashes)):
        meant[row["alias"]][row["artifact_id"]] = row["since"]
    return dict(meant)


async def _commits(tenant: Tenant, hashes: Iterable[bytes | None]) -> dict[bytes, dict[bytes, datetime]]:
    """Return the pull requests that each commit refers to, and since when; ambiguous first digits are left out."""
    meant = defaultdict[bytes, dict[bytes, dict[bytes, datetime]]](lambda: defaultdict(dict))
    for row in await tenant.fetch(_COMMITS, COMMITS, _known(hashes)):
        meant[row["hash"]][row["commit"]][row["artifact_id"]] = row["since"]
    return {reported: next(iter(commits.values())) for reported, commits in meant.items() if len(commits) == 1}


def _known(*hashes: Iterable[bytes | None]) -> list[bytes]:
    """Return the distinct hashes."""
    return sorted({each for group in hashes for each in group if each is not None})
