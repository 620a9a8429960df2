"""Reading what is connected so far."""

from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Any

from schema.database import Tenant
from schema.layer_policies import read_policy
from service.api.ledger.attributions import show_attribution
from service.connections.names import ConnectionName
from service.dashboard.set_up.facts import Account, Connected, MergeFigure, SetUpFacts
from service.dashboard.set_up.steps import EVIDENCE, linked_share
from service.dashboard.shell.opening import Opened
from service.failures import failure_sentence
from service.http.recent_calibrations import NONE
from service.queries.billing.provider_accounts import list_accounts
from service.queries.ledger.attributions import Wanted, read_pull_requests, read_tokens_of
from service.queries.spend.buckets import Bucket
from service.queries.spend.reading import Question, read_cells
from service.queries.spend.runs import Span
from service.queries.tokens.double_counted import read_double_counting
from service.queries.tokens.recent_requests import read_known_sources, read_recent_requests
from service.queries.upkeep.set_up import find_newest_figure, read_set_up, read_trials
from vocabulary.tokens import nano_usd

LATELY = timedelta(weeks=8)
MOST_CELLS = 100
MOST_CONNECTIONS = 20


async def read_connected(opened: Opened) -> SetUpFacts:
    """Read the facts; links are those of the last weeks with data."""
    tenant = opened.tenant
    set_up = await read_set_up(tenant)
    last = min(opened.freshness.last_day or opened.view.today, opened.view.today)
    question = Question([Bucket(Span(last - LATELY, last))], ("evidence",))
    links = await read_cells(tenant, question, None, MOST_CELLS)
    heard = {each.source: each.heard_at for each in await read_recent_requests(tenant) if each.source}
    known = await read_known_sources(tenant)
    accounts = [row for row in await list_accounts(tenant) if row["state"] != "closed"]
    return SetUpFacts(
        connections=tuple(_connected(tenant, row) for row in await read_trials(tenant, MOST_CONNECTIONS)),
        pull_requests=set_up.pull_requests,
        has_requests=set_up.has_requests,
        sources={name: heard.get(name, at) for name, at in {**heard, **known}.items()},
        accounts=tuple(
            Account(row["provider"], row["next_day"] - timedelta(days=1), failure_sentence(row["failure"]) or "")
            for row in accounts
        ),
        has_bills=set_up.has_bills,
        teams=set_up.teams,
        teams_without_size=set_up.teams_without_size,
        evidence={cell.groups[0]: cell.now.tokens.total for cell in links if cell.groups[0] != "overhead"},
        double_counting=tuple(await read_double_counting(tenant, await read_policy(tenant))),
        first=await _first(opened),
        channels=set_up.channels,
    )


def _connected(tenant: Tenant, row: Mapping[str, Any]) -> Connected:
    access = "running" if row["is_tried"] else "failed" if row["failure"] else "works" if row["succeeded_at"] else ""
    return Connected(
        row["forge"],
        row["host"],
        str(ConnectionName(tenant.organization_id, row["connection_id"])),
        row["is_app"],
        row["last_delivery_at"],
        access,
        failure_sentence(row["failure"]) or "",
    )


async def _first(opened: Opened) -> MergeFigure | None:
    artifact_id = await find_newest_figure(opened.tenant)
    if artifact_id is None:
        return None
    rows = await read_pull_requests(opened.tenant, Wanted(artifact_id=artifact_id), limit=1)
    tokens = (await read_tokens_of(opened.tenant, [artifact_id]))[artifact_id]
    if not rows or not tokens:
        return None
    shown = show_attribution(rows[0], tokens, opened.calibrations.get(rows[0]["team_id"], NONE))
    return MergeFigure(
        shown.artifact_id,
        shown.label,
        nano_usd(Decimal(shown.cost_usd)),
        shown.tokens.total,
        linked_share({kind: getattr(shown.evidence, kind) for kind in EVIDENCE}),
        (shown.interval.low, shown.interval.high) if shown.interval else None,
    )
