"""Reading the list of releases from rollups."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, time, timedelta
from typing import Any, Final

from schema.identifiers import Hasher, artifact_text
from service.api.releases.release_figures import release_fields
from service.contracts.release import ReleaseShown
from service.dashboard.components.costs import ends_of
from service.dashboard.components.listing import ROWS_OF_FILE
from service.dashboard.components.ranking import Ranking, rank_page
from service.dashboard.components.repositories import named_repositories
from service.dashboard.releases.facts import ROWS, ReleasesFacts
from service.dashboard.releases.moving_tags import moving_tags
from service.dashboard.shell.opening import Opened
from service.queries.artifacts.release_lists import (
    ReleasesSum,
    ReleasesWanted,
    list_dearest,
    list_newest,
    read_families,
    sum_releases,
)
from service.queries.ledger.releases import read_parts, read_these
from service.queries.spend.buckets import Bucket
from service.queries.spend.reading import STAGE, Question, read_cells
from service.queries.spend.runs import Span
from service.queries.spend.withheld import why_withheld
from service.queries.teams.teams import read_sizes

# What a release costs is summed over what it ships, so that fewer are read than of pull requests.
FIRST, MOST, MORE = 40, 200, 2
LEAST_FIRST: Final = "least"
MERGED: Final = "merged"
MOST_STAGES: Final = 7


async def read_list(opened: Opened, hasher: Hasher, *, is_compared: bool) -> ReleasesFacts:
    """Read the facts."""
    tenant, period, team_id = opened.tenant, opened.view.period, opened.team_id
    reason = await why_withheld(tenant, team_id, opened.thresholds) if team_id is not None else None
    if reason:
        return ReleasesFacts(withheld=reason)
    repositories = await named_repositories(opened.tenant, hasher, opened.view.value("repository"))
    wanted = _wanted(period.span, team_id, repositories)
    ranking, known = await _rank(opened, wanted)
    shown = [known[each] for each in ranking.artifact_ids if each in known]
    empty = [bytes.fromhex(each.artifact_id[3:]) for each in shown if not each.pull_requests]
    before = None
    if is_compared and period.before is not None:
        before = await _sums(opened, _wanted(period.before, team_id, repositories), "before")
    return ReleasesFacts(
        shown=shown,
        moving={artifact_text(each) for each in moving_tags(await read_families(tenant, empty))} if empty else (),
        has_more=ranking.has_more,
        is_exact=ranking.is_exact,
        sums=await _sums(opened, wanted, "now"),
        sums_before=before,
        waiting_nano_usd=await _waiting(opened) if repositories is None else None,
    )


async def read_shown(opened: Opened, release_ids: Sequence[bytes]) -> dict[bytes, ReleaseShown]:
    """Return releases by id, as the API shows them; none that the viewer may not see."""
    known: Sequence[Mapping[str, Any]] = await read_these(opened.tenant, release_ids)
    rows = [row for row in known if opened.is_shown(row["team_id"])]
    parts = await read_parts(opened.tenant, [row["artifact_id"] for row in rows], opened.view.price)
    sizes, only = await read_sizes(opened.tenant), opened.view.own_team or None
    return {
        row["artifact_id"]: ReleaseShown(
            **release_fields(row, parts[row["artifact_id"]], sizes, opened.calibrations, opened.thresholds, only)
        )
        for row in rows
    }


async def _rank(opened: Opened, wanted: ReleasesWanted) -> tuple[Ranking, dict[bytes, ReleaseShown]]:
    """Return a page of artifact ids, and at least the releases on it; as a file, the first pages."""
    view = opened.view
    take = min(ROWS_OF_FILE, MOST) if opened.suffix else ROWS
    skip = 0 if opened.suffix else (view.page - 1) * ROWS
    if view.value("sort") != LEAST_FIRST:
        found = await list_newest(opened.tenant, wanted, limit=take + 1, offset=skip)
        ranking = Ranking(found[:take], len(found) > take, is_exact=True)
        return ranking, await read_shown(opened, found[:take])
    read = min(max(FIRST, 2 * (skip + take)), MOST)
    while True:
        costs = await list_dearest(opened.tenant, wanted, view.price, read)
        known = await read_shown(opened, [artifact_id for artifact_id, _ in costs])
        least = {artifact_id: ends_of(known[artifact_id]).low for artifact_id, _ in costs}
        page = rank_page(costs, least, read=read, most=MOST, skip=skip, take=take)
        if page is not None:
            return page, known
        read = min(MORE * read, MOST)


async def _sums(opened: Opened, wanted: ReleasesWanted, name: str) -> ReleasesSum:
    async def read() -> ReleasesSum:
        return await sum_releases(opened.tenant, wanted, opened.view.price)

    # What is kept is kept for a period and a team, not for repositories.
    return await (opened.recall(f"releases {name}", read) if wanted.repository_ids is None else read())


async def _waiting(opened: Opened) -> int:
    question = Question([Bucket(opened.view.period.span)], (STAGE,), opened.view.price, opened.team_id)
    cells = await read_cells(opened.tenant, question, None, MOST_STAGES)
    return sum(cell.now.nano_usd for cell in cells if cell.groups[0] == MERGED)


def _wanted(span: Span, team_id: int | None, repositories: Sequence[bytes] | None) -> ReleasesWanted:
    begins = datetime.combine(span.first, time(), UTC)
    return ReleasesWanted(begins, datetime.combine(span.last, time(), UTC) + timedelta(days=1), team_id, repositories)
