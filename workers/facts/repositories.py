"""Records repositories: one artifact each, under any name."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import timedelta

from schema.database import rows_as_columns
from schema.identifiers import RepositoryName
from workers.facts.scope import ForgeScope
from workers.forge_events.model import NamingFacts, RepositoryFacts
from workers.stores.forge.repositories import AliasKind, find_repository, resolve_repository
from workers.stores.forge.trunks import Trunk

_ALIASES = """
SELECT kind, alias, artifact_id FROM artifact_alias
 WHERE organization_id = $1 AND kind IN ('repository', 'repository_id') AND alias = ANY($2::bytea[])
"""

# A repository that was named before labels were turned on gets its label when the same is reported again.
_RENAME = """
UPDATE repository SET label = CASE WHEN $2 THEN reported.label END, named_at = reported.named_at
  FROM unnest($3::bytea[], $4::text[], $5::timestamptz[]) AS reported (artifact_id, label, named_at)
 WHERE repository.organization_id = $1 AND repository.artifact_id = reported.artifact_id
   AND (repository.named_at IS NULL OR repository.named_at < reported.named_at
        OR ($2 AND repository.label IS NULL AND repository.named_at = reported.named_at))
"""

# Only the newest report counts: by now, the repository has the newest reported name.
_SET_DEFAULT_BRANCHES = """
WITH reported AS (
    SELECT reported.*, repository.default_branch AS before
      FROM unnest($2::bytea[], $3::bytea[], $4::timestamptz[]) AS reported (artifact_id, branch, reported_at)
      JOIN repository ON repository.organization_id = $1 AND repository.artifact_id = reported.artifact_id
)
UPDATE repository SET default_branch = reported.branch FROM reported
 WHERE repository.organization_id = $1 AND repository.artifact_id = reported.artifact_id
   AND repository.default_branch IS DISTINCT FROM reported.branch
   AND (repository.default_branch IS NULL OR repository.named_at <= reported.reported_at)
RETURNING repository.artifact_id, reported.before, reported.branch
"""


async def find_repositories(scope: ForgeScope, reported: Iterable[RepositoryFacts]) -> None:
    """Find or create the anchor of each repository; each name may have only one id."""
    by_name = defaultdict[RepositoryName, list[RepositoryFacts]](list)
    for facts in reported:
        by_name[facts.name].append(facts)
    newest = {name: max(facts, key=lambda each: each.seen_at) for name, facts in by_name.items()}
    known = await _known(scope, newest)
    for name, facts in newest.items():
        scope.anchors[name] = known.get(name) or await _resolve(scope, facts)
    oldest_first = sorted(known, key=lambda name: newest[name].seen_at)
    await _rename(scope, {known[name]: newest[name] for name in oldest_first})
    await _set_default_branches(scope, by_name)


async def _rename(scope: ForgeScope, reported: dict[bytes, RepositoryFacts]) -> None:
    """Record that known repositories still have their names."""
    rows: list[tuple[object, ...]] = [
        (anchor, str(facts.name).replace("\0", ""), facts.seen_at)
        for anchor, facts in sorted(reported.items(), key=lambda each: each[0])
    ]
    if rows:
        await scope.tenant.execute(_RENAME, scope.shows_labels, *rows_as_columns(rows))


async def _known(scope: ForgeScope, reported: dict[RepositoryName, RepositoryFacts]) -> dict[RepositoryName, bytes]:
    """Return repositories known by all their names and, if reported, by the same id."""
    also = {name: [scope.hasher.repository_by_name(each) for each in facts.also] for name, facts in reported.items()}
    by_name = {name: scope.hasher.repository_by_name(name) for name in reported}
    by_id = {
        name: scope.hasher.repository_by_id(name.host, facts.forge_id)
        for name, facts in reported.items()
        if facts.forge_id is not None
    }
    asked = {*by_name.values(), *by_id.values(), *(alias for aliases in also.values() for alias in aliases)}
    rows = await scope.tenant.fetch(_ALIASES, sorted(asked))
    found = {(row["kind"], row["alias"]): row["artifact_id"] for row in rows}
    anchors = {name: found.get((AliasKind.REPOSITORY, alias)) for name, alias in by_name.items()}
    return {
        name: anchor
        for name, anchor in anchors.items()
        if anchor is not None
        and (name not in by_id or found.get((AliasKind.REPOSITORY_ID, by_id[name])) == anchor)
        and all(found.get((AliasKind.REPOSITORY, alias)) == anchor for alias in also[name])
    }


async def _resolve(scope: ForgeScope, reported: RepositoryFacts) -> bytes:
    """Return the artifact of a repository that is new or renamed."""
    name, number = reported.name, reported.forge_id
    by_name = scope.hasher.repository_by_name(name)
    by_id = None if number is None else scope.hasher.repository_by_id(name.host, number)
    also = [scope.hasher.repository_by_name(each) for each in reported.also]
    known = {alias: await find_repository(scope.tenant, alias) for alias in (by_name, *also)}
    anchor = await resolve_repository(
        scope.tenant,
        forge=scope.forge,
        by_name=by_name,
        by_id=by_id,
        label=str(name),
        seen_at=reported.seen_at,
        also=also,
    )
    scope.changes.names.update(alias for alias, before in known.items() if before != anchor)
    return anchor


async def _set_default_branches(scope: ForgeScope, reported: dict[RepositoryName, list[RepositoryFacts]]) -> None:
    with_branch = [each for facts in reported.values() for each in facts if each.default_branch is not None]
    oldest_first = sorted(with_branch, key=lambda each: each.seen_at)
    latest = {scope.anchors[facts.name]: facts for facts in oldest_first}
    rows: list[tuple[object, ...]] = [
        (anchor, scope.hasher.branch(facts.default_branch or ""), facts.seen_at)
        for anchor, facts in sorted(latest.items(), key=lambda each: each[0])
    ]
    if not rows:
        return
    arguments = rows_as_columns(rows)
    for row in await scope.tenant.fetch(_SET_DEFAULT_BRANCHES, *arguments):
        branches = (each for each in (row["before"], row["branch"]) if each is not None)
        scope.changes.trunks.update(Trunk(row["artifact_id"], each) for each in branches)


async def store_naming(scope: ForgeScope, reported: NamingFacts) -> None:
    """Record the former names first, so that the current one is the newest."""
    repository = reported.repository
    for name in reported.former:
        before = repository.seen_at - timedelta(microseconds=1)
        await find_repositories(scope, [RepositoryFacts(name, repository.forge_id, before)])
    await find_repositories(scope, [repository])
