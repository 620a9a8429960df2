"""GET /api/v1/outcomes/study: success and quality against tokens, and prompts ranked by tokens per outcome."""

from typing import Any

import msgspec
from litestar import get
from litestar.di import NamedDependency

from schema.database import Database
from service.api.amounts import usd_each
from service.auth.caller import Caller
from service.auth.guards import requires
from service.auth.visible_team import require_whole_organization
from service.contracts.spend.outcomes import OutcomeReturns, OutcomeStudy, PromptShown
from service.queries.ledger.effects import Study, read_study
from vocabulary.tokens import usd_text


@get("/api/v1/outcomes/study", guards=[requires("read")], summary="Show what tokens do for outcomes", tags=["figures"])
async def show_outcome_study(caller: NamedDependency[Caller], database: NamedDependency[Database]) -> OutcomeStudy:
    """Show success and quality against tokens per outcome, and prompts ranked by tokens per outcome.

    A worker studies the last year, and the prompts of the last 12 weeks, once a day. Outcomes without a
    `prompt_template` belong to the prompt that was the only one in their workflow on that day. Teams with too few
    people are left out.
    """
    require_whole_organization(caller)
    async with database.organization(caller.organization_id) as tenant:
        return shown(await read_study(tenant))


def shown(study: Study | None) -> OutcomeStudy:
    """Return the response."""
    report: dict[str, Any] = msgspec.json.decode(study.outcome_report) if study else {}
    return OutcomeStudy(
        studied_at=study.studied_at if study else None,
        success=_returns(report.get("success")),
        quality=_returns(report.get("quality")),
        prompts=[_prompt(each) for each in report.get("prompts", [])],
    )


def _returns(found: Any) -> OutcomeReturns | None:
    return msgspec.convert(found, OutcomeReturns | None)


def _prompt(found: dict[str, Any]) -> PromptShown:
    nano_usd = found.pop("nano_usd")
    money = {"cost_usd": usd_text(nano_usd), "cost_per_outcome_usd": usd_each(nano_usd, found["outcomes"])}
    return msgspec.convert({**found, **money}, PromptShown)


ROUTES = [show_outcome_study]
