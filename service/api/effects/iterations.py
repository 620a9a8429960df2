"""GET /api/v1/iterations: how often merged pull requests were pushed again, reviewed, reverted and fixed."""

from datetime import UTC, datetime, timedelta
from typing import Annotated

import msgspec
from litestar import get
from litestar.di import NamedDependency
from litestar.params import QueryParameter

from schema.database import Database, Tenant
from schema.errors import BadInputError
from schema.settings import Settings
from service.api.effects.iteration_sentence import NOT_STUDIED, TOO_FEW, figures_sentence, group_sentence
from service.api.grouping import read_span
from service.api.parameters import TeamName
from service.api.periods import From, To
from service.auth.caller import Caller
from service.auth.guards import requires
from service.auth.visible_team import visible_team
from service.contracts.effects.iterations import (
    IterationDimension,
    IterationFigures,
    IterationGroup,
    IterationRates,
    IterationsFound,
    IterationsShown,
    RateShown,
)
from service.queries.ledger.effects import Study, read_study
from service.queries.ledger.iterations import Reworked, read_reworked
from service.queries.spend.buckets import SpendBucket
from service.queries.spend.runs import Span
from service.queries.spend.withheld import why_withheld
from service.queries.teams.comparisons import Thresholds, thresholds_of

SIX_DAYS = timedelta(days=6)


@get("/api/v1/iterations", guards=[requires("read")], summary="Show how often work was reworked", tags=["figures"])
async def show_iterations(
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
    settings: NamedDependency[Settings],
    team: TeamName = None,
    from_: From = None,
    to: To = None,
    group_by: Annotated[
        IterationDimension | None,
        QueryParameter(description="Compare pull requests by what most of their tokens were spent with"),
    ] = None,
) -> IterationsShown:
    """Show pushes after opening, review rounds, reverts and fix releases for each merged pull request.

    Without `group_by`, the pull requests merged in a period (default: the last 12 weeks) are summed; recent ones may
    still be reverted. With `group_by`, groups of the last half year are compared within the same team and four weeks,
    for pull requests of the same size, as a worker studied them today; teams with too few people or pull requests are
    left out, so that no figure is about a single team. `ai_share` are thirds by output tokens for each changed line.
    """
    if group_by is not None:
        for field, value in (("team", team), ("from", from_), ("to", to)):
            if value is not None:
                raise BadInputError("does not apply to group_by, which compares teams over half a year", field=field)
        async with database.organization(caller.organization_id) as tenant:
            return groups_shown(await read_study(tenant), group_by)
    span = read_span(from_, to, SpendBucket.TOTAL, datetime.now(UTC).date())
    async with database.organization(caller.organization_id) as tenant:
        return await read_period(tenant, span, await visible_team(tenant, caller, team), thresholds_of(settings))


async def read_period(tenant: Tenant, span: Span, team_id: int | None, thresholds: Thresholds) -> IterationsShown:
    """Return the sums of a period."""
    reason = None if team_id is None else await why_withheld(tenant, team_id, thresholds)
    found = await read_reworked(tenant, *span, team_id)
    total, bots = (None if reason else figures_of(found.get(is_bot, Reworked())) for is_bot in (False, True))
    return IterationsShown(
        sentence=figures_sentence(total) if total else f"Withheld: {reason}.",
        first_day=span.first,
        last_day=span.last,
        studied_at=None,
        total=total,
        bots=bots,
        items=[],
    )


def figures_of(reworked: Reworked) -> IterationFigures:
    """Return sums with their ratios."""
    number, *counts = reworked
    rates = [RateShown(total=count, each=count / number if number else None, low=None, high=None) for count in counts]
    names = IterationRates.__struct_fields__
    return IterationFigures(pull_requests=number, rates=IterationRates(**dict(zip(names, rates, strict=True))))


class _Report(msgspec.Struct):
    iterations: IterationsFound | None = None


def groups_shown(study: Study | None, dimension: str) -> IterationsShown:
    """Return the groups of a study, the reference first."""
    report = msgspec.json.decode(study.report, type=_Report | None) if study else None
    found = report.iterations if report else None
    items = with_sentences(dimension, found.dimensions[dimension]) if found else []
    total = None
    if found and found.total.rates is not None and found.total.pull_requests is not None:
        total = IterationFigures(pull_requests=found.total.pull_requests, rates=found.total.rates)
    sentences = [each.sentence for each in items if each.sentence]
    return IterationsShown(
        sentence=sentences[0] if sentences else TOO_FEW if found else NOT_STUDIED,
        first_day=found.first_week if found else None,
        last_day=found.last_week + SIX_DAYS if found else None,
        studied_at=study.studied_at if study and found else None,
        total=total,
        bots=None,
        items=items,
    )


def with_sentences(dimension: str, groups: list[IterationGroup]) -> list[IterationGroup]:
    """Return groups with their comparison in words."""
    return [msgspec.structs.replace(each, sentence=group_sentence(dimension, each, groups[0].group)) for each in groups]


ROUTES = [show_iterations]
