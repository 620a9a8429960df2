"""Reading the list of pull requests from rollups."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

from schema.identifiers import Hasher
from schema.kinds import PullRequestState
from service.api.ledger.attributions import show_attribution
from service.contracts.attribution import AttributionShown
from service.dashboard.components.fates import FATES
from service.dashboard.components.listing import ROWS, ROWS_OF_FILE
from service.dashboard.components.ranking import Ranking
from service.dashboard.components.repositories import named_repositories
from service.dashboard.pull_requests.facts import ListFacts, Search
from service.dashboard.pull_requests.finding import read_sought
from service.dashboard.pull_requests.ranking import FIRST, MORE, MOST, rank
from service.dashboard.shell.opening import Opened
from service.http.recent_calibrations import NONE
from service.queries.artifacts.pull_request_lists import (
    ListWanted,
    Order,
    find_numbered,
    find_repositories,
    list_pull_requests,
    sum_held,
)
from service.queries.ledger.attributions import read_these, read_tokens_of
from service.queries.ledger.percentiles import read_steps
from service.queries.spend.buckets import Bucket
from service.queries.spend.merged_sums import read_evidence_of_merges, read_linked_share, read_merged_sums
from service.queries.spend.reading import Question, read_cells
from service.queries.spend.withheld import why_withheld

MERGED_FIRST = "merged"


async def read_list(opened: Opened, hasher: Hasher, *, is_compared: bool) -> ListFacts:
    """Read the facts of the list, or of what a search finds."""
    tenant, team_id = opened.tenant, opened.team_id
    reason = await why_withheld(tenant, team_id, opened.thresholds) if team_id is not None else None
    if reason:
        return ListFacts(withheld=reason)
    search, found, repositories = await _search(opened, hasher)
    if search in {Search.NOTHING, Search.PULL_REQUESTS}:
        shown = await _show(opened, found)
        return ListFacts(shown, search=search if shown else Search.NOTHING)
    wanted = await _wanted(opened, hasher, repositories)
    ranking = await _rank(opened, wanted)
    is_merged = wanted.state is PullRequestState.MERGED
    is_part = wanted.repository_ids is not None or wanted.model is not None
    facts = ListFacts(
        shown=await _show(opened, ranking.artifact_ids),
        has_more=ranking.has_more,
        is_exact=ranking.is_exact,
        search=search,
    )
    if not is_merged:
        return await _with_held(opened, wanted, facts, is_part=is_part)
    return facts if is_part else await _with_sums(opened, facts, is_compared=is_compared)


async def _search(opened: Opened, hasher: Hasher) -> tuple[Search | None, Sequence[bytes], Sequence[bytes] | None]:
    """Return what a search found: pull requests, or repositories that limit the list."""
    text = opened.view.value("q")
    if not text:
        return None, (), None
    sought = read_sought(text)
    if sought.artifact_id is not None:
        found = list(await read_these(opened.tenant, [sought.artifact_id]))
        return (Search.PULL_REQUESTS if found else Search.NOTHING), found, None
    repositories = None
    if sought.has_repository:
        names = [hasher.repository_by_name(name) for name in sought.repositories]
        repositories = await find_repositories(opened.tenant, names, sought.label)
    if sought.number is None:
        return (Search.REPOSITORIES if repositories else Search.NOTHING), (), repositories
    found = await find_numbered(opened.tenant, hasher.number(sought.number), repositories, ROWS)
    return (Search.PULL_REQUESTS if found else Search.NOTHING), found, None


async def _wanted(opened: Opened, hasher: Hasher, searched: Sequence[bytes] | None) -> ListWanted:
    view = opened.view
    named = await named_repositories(opened.tenant, hasher, opened.view.value("repository"))
    repositories = searched if named is None else named
    if named is not None and searched is not None:
        repositories = [each for each in named if each in searched]
    begins = datetime.combine(view.period.span.first, time(), UTC)
    return ListWanted(
        state=PullRequestState(view.value("state")),
        team_id=opened.team_id,
        repository_ids=repositories,
        model=view.value("model") or None,
        # What is open has not ended.
        ended_from=None if view.value("state") == PullRequestState.OPEN else begins,
        ended_to=datetime.combine(view.period.span.last, time(), UTC) + timedelta(days=1),
    )


async def _rank(opened: Opened, wanted: ListWanted) -> Ranking:
    """Return a page of artifact ids; as a file, the first pages."""
    view = opened.view
    take = ROWS_OF_FILE if opened.suffix else ROWS
    skip = 0 if opened.suffix else (view.page - 1) * ROWS
    if view.value("sort") == MERGED_FIRST:
        rows = await list_pull_requests(opened.tenant, wanted, Order.MERGED, view.price, limit=take + 1, offset=skip)
        return Ranking([each.artifact_id for each in rows[:take]], len(rows) > take, is_exact=True)
    read = min(max(FIRST, 2 * (skip + take)), MOST)
    while True:
        rows = await list_pull_requests(opened.tenant, wanted, Order.COST, view.price, limit=read)
        if (ranking := rank(rows, opened.calibrations, read=read, skip=skip, take=take)) is not None:
            return ranking
        read = min(MORE * read, MOST)


async def _show(opened: Opened, artifact_ids: Sequence[bytes]) -> list[AttributionShown]:
    rows = await read_these(opened.tenant, artifact_ids)
    tokens = await read_tokens_of(opened.tenant, artifact_ids, opened.view.price)
    return [
        show_attribution(rows[each], tokens.get(each, ()), opened.calibrations.get(rows[each]["team_id"], NONE))
        for each in artifact_ids
        if each in rows and opened.is_shown(rows[each]["team_id"])
    ]


async def _with_held(opened: Opened, wanted: ListWanted, facts: ListFacts, *, is_part: bool) -> ListFacts:
    """Add what open pull requests hold, or what of the period's spend was abandoned."""
    if wanted.state is PullRequestState.OPEN:
        if wanted.model is not None:
            return facts
        return replace(facts, held=await sum_held(opened.tenant, wanted, opened.view.price))
    if is_part:
        return facts
    question = Question([Bucket(opened.view.period.span)], ("fate",), opened.view.price, opened.team_id)
    cells = await read_cells(opened.tenant, question, None, len(FATES))
    spent = sum(cell.now.nano_usd for cell in cells if cell.groups[0] == PullRequestState.ABANDONED)
    return replace(facts, ended_nano_usd=spent)


async def _with_sums(opened: Opened, facts: ListFacts, *, is_compared: bool) -> ListFacts:
    """Add the sums of all pull requests merged in the period."""
    tenant, team_id, period, price = opened.tenant, opened.team_id, opened.view.period, opened.view.price
    spans = [period.span, period.before if is_compared else None]
    merged, before = await read_merged_sums(tenant, spans, team_id=team_id, cost_kind=price)
    linked = None
    if team_id is None:
        linked = await read_linked_share(tenant, period.span)
    elif period.is_whole_weeks:
        rows = await read_evidence_of_merges(tenant, *period.span, team_id=team_id, by_week=False)
        tokens = sum(row["tokens"] for row in rows)
        pooled = sum(row["repository_tokens"] + row["cohort_tokens"] for row in rows)
        linked = (tokens - pooled) / tokens if tokens else None
    return replace(
        facts,
        merged=merged,
        merged_before=before if is_compared else None,
        linked_share=linked,
        steps=await read_steps(tenant, team_id=team_id, span=period.span, cost_kind=price),
    )
