"""Reading the overview's facts from rollups, with the queries of the REST endpoints."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, time, timedelta

from schema.identifiers import artifact_text
from service.api.amounts import read_tokens
from service.api.ledger.attributions import show_attribution
from service.api.ledger.team_changes import sum_causes
from service.contracts.attribution import AttributionShown
from service.dashboard.components.fates import fates_of
from service.dashboard.overview.evidence import evidence_by_week, evidence_of
from service.dashboard.overview.facts import Evidence, Happened, OverviewFacts, ReleaseFacts
from service.dashboard.shell.opening import Opened
from service.dashboard.view.periods import Period
from service.http.recent_calibrations import NONE
from service.queries.billing.reconciliation import read_billed_coverage
from service.queries.ledger.attributions import Wanted, read_dearest, read_tokens_of
from service.queries.ledger.changes import list_changes
from service.queries.ledger.releases import WantedReleases, read_parts, read_releases
from service.queries.ledger.watched import read_alerts
from service.queries.spend.buckets import Bucket
from service.queries.spend.merged_sums import MergedSum, read_evidence_of_merges, read_merged_sums
from service.queries.spend.reading import Question, is_settled, read_cells
from service.queries.spend.withheld import why_withheld
from service.queries.tokens.received_weeks import read_received_weeks
from vocabulary.causes.split import Causes

MOST_CELLS = 1_000
DEAREST = 5
# More than are shown, because the dearest by the low end of their interval are.
CANDIDATES = 15
RELEASES = 3
ALERTS = 3
EVENTS = 4
# Of more teams, a week's interval would take longer than the page may.
MOST_WEEKLY_TEAMS = 60


async def read_overview(opened: Opened, *, is_compared: bool) -> OverviewFacts:
    """Read the facts; without a comparison, nothing of an earlier period and no causes."""
    tenant, team_id, period, price = opened.tenant, opened.team_id, opened.view.period, opened.view.price
    reason = await why_withheld(tenant, team_id, opened.thresholds) if team_id is not None else None
    if reason:
        empty = fates_of([], len(period.slots))
        none = [MergedSum()] * len(period.slots)
        return OverviewFacts(empty, empty, none, none, withheld=reason)
    buckets = [Bucket(slot.span, slot.before if is_compared else None) for slot in period.slots]
    cells = await read_cells(tenant, Question(buckets, ("fate",), price, team_id), None, MOST_CELLS)
    links = await read_cells(tenant, Question([Bucket(period.span)], ("evidence",), price, team_id), None, MOST_CELLS)
    spans = [*(bucket.span for bucket in buckets), *(bucket.before for bucket in buckets)]
    kind = f"merged {is_compared}"
    merged = await opened.recall(kind, lambda: read_merged_sums(tenant, spans, team_id=team_id, cost_kind=price))
    by_week = await _evidence(opened, by_week=True) if len(opened.freshness.teams) <= MOST_WEEKLY_TEAMS else []
    causes, change = await _causes(opened) if is_compared else (None, 0)
    return OverviewFacts(
        fates=fates_of(cells, len(buckets)),
        fates_before=fates_of(cells, len(buckets), is_before=True),
        merged=merged[: len(buckets)],
        merged_before=merged[len(buckets) :],
        evidence=await opened.recall("evidence", lambda: _evidence_of_period(opened)),
        weekly=evidence_by_week(by_week, opened.calibrations),
        linked={cell.groups[0]: cell.now.tokens.total for cell in links},
        causes=causes,
        change=change,
        alerts=await read_alerts(tenant, team_id, "open", opened.thresholds, before=None, limit=ALERTS),
        dearest=await _dearest(opened),
        releases=await _releases(opened),
        events=await _events(opened),
        billed=await read_billed_coverage(tenant, *period.span) if team_id is None else (0, 0),
        received=await _received(opened),
        is_settled=await is_settled(tenant, team_id, period.span),
    )


async def _evidence(opened: Opened, *, by_week: bool) -> Sequence[Mapping[str, int]]:
    """Return what was merged by team; only whole weeks are known by evidence."""
    period = opened.view.period
    if not period.is_whole_weeks:
        return []
    last = period.running.last if by_week and period.running else period.span.last
    return await read_evidence_of_merges(
        opened.tenant, period.span.first, last, team_id=opened.team_id, by_week=by_week
    )


async def _evidence_of_period(opened: Opened) -> Evidence:
    return evidence_of(await _evidence(opened, by_week=False), opened.calibrations)


async def _received(opened: Opened) -> int | None:
    """Return the tokens received in the period; only whole weeks are summed."""
    period = opened.view.period
    if not period.is_whole_weeks:
        return None
    return await opened.recall("received", lambda: read_received_weeks(opened.tenant, *period.span, opened.team_id))


async def _causes(opened: Opened) -> tuple[Causes, int]:
    changes = await opened.read_changes()
    return sum_causes(changes), sum(each.nano_usd for each in changes)


async def _dearest(opened: Opened) -> list[AttributionShown]:
    begins, ends = _instants(opened.view.period)
    wanted = Wanted(team_id=opened.team_id, merged_from=begins, merged_to=ends)
    rows = await read_dearest(opened.tenant, wanted, opened.view.price, after=(None, None), limit=CANDIDATES)
    tokens = await read_tokens_of(opened.tenant, [row["artifact_id"] for row in rows], opened.view.price)
    return [
        show_attribution(row, tokens[row["artifact_id"]], opened.calibrations.get(row["team_id"], NONE)) for row in rows
    ]


async def _releases(opened: Opened) -> list[ReleaseFacts]:
    begins, ends = _instants(opened.view.period)
    wanted = WantedReleases(team_id=opened.team_id, begins=begins, ends=ends)
    rows = await read_releases(opened.tenant, wanted, limit=RELEASES)
    parts = await read_parts(opened.tenant, [row["artifact_id"] for row in rows], opened.view.price)
    found = []
    for row in rows:
        shipped = parts[row["artifact_id"]]
        standing, reverted = shipped.standing, shipped.reverted
        found.append(
            ReleaseFacts(
                label=row["label"] or artifact_text(row["artifact_id"])[:11],
                artifact_id=artifact_text(row["artifact_id"]),
                released_at=row["released_at"],
                pull_requests=standing.counts["pull_requests"] if standing.counts else 0,
                nano_usd=sum(part["cost_nano_usd"] for part in standing.tokens),
                tokens=sum(read_tokens(part).total for part in standing.tokens),
                reverted=reverted.counts["pull_requests"] if reverted.counts else 0,
                is_unnamed=row["label"] is None,
            )
        )
    return found


async def _events(opened: Opened) -> list[Happened]:
    rows = await list_changes(opened.tenant, _instants(opened.view.period), opened.team_id, None, MOST_CELLS)
    shown = [row for row in rows if row["to_value"] or row["label"]]
    return [
        Happened(row["occurred_at"].astimezone(UTC).date(), row["label"] or row["to_value"]) for row in shown[-EVENTS:]
    ]


def _instants(period: Period) -> tuple[datetime, datetime]:
    begins = datetime.combine(period.span.first, time(), UTC)
    return begins, datetime.combine(period.span.last, time(), UTC) + timedelta(days=1)
