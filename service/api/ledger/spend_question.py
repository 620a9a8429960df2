"""A question about spend by at most one dimension: its periods, its team, and the database to ask."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from enum import StrEnum
from typing import NamedTuple

from schema.database import Tenant
from service.api.grouping import read_buckets, read_span
from service.auth.guards import ApiRequest
from service.auth.visible_team import visible_team
from service.contracts.reconciliation import CostKind
from service.http.transactions import open_reading
from service.queries.spend.buckets import Bucket, SpendBucket
from service.queries.spend.reading import Question
from service.queries.spend.runs import Span
from service.queries.teams.comparisons import Thresholds


class AskedPeriod(NamedTuple):
    """The whole period, and its buckets."""

    span: Span
    buckets: list[Bucket]


class Opened(NamedTuple):
    """An organization's data, the question to ask, and what a comparison withholds."""

    tenant: Tenant
    question: Question
    thresholds: Thresholds


def read_asked_period(start: str | None, end: str | None, bucket: SpendBucket) -> AskedPeriod:
    """Return the days of a question, by default up to today. Raises BadInputError."""
    span = read_span(start, end, bucket, datetime.now(UTC).date())
    return AskedPeriod(span, read_buckets(span, bucket, None)[1])


@asynccontextmanager
async def open_question(
    request: ApiRequest, period: AskedPeriod, team: str | None, dimension: StrEnum | None, cost_kind: CostKind
) -> AsyncIterator[Opened]:
    """Open the question of a caller, who may be pinned to a team. Raises NotFoundError or ForbiddenError."""
    reads = request.app.state.reads
    async with open_reading(reads.database) as reading:
        tenant = await reading.organization(request.auth.organization_id)
        team_id = await visible_team(tenant, request.auth, team)
        dimensions = (dimension.value,) if dimension else ()
        yield Opened(tenant, Question(period.buckets, dimensions, cost_kind, team_id), reads.thresholds)
