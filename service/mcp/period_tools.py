"""Tools about periods: spend, its change, where it went, and how sure that is."""

from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from pydantic import Field

from service.mcp import sentences
from service.mcp.parameters import Caller, Compare, First, Found, Last, Team
from service.mcp.service_requests import Asked, Service


class PeriodTools:
    """Questions about periods; without days, about this month so far."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self.all = (
            self.spend,
            self.cost_per_pull_request,
            self.why_spend_changed,
            self.where_tokens_went,
            self.how_sure,
        )

    def spend(
        self,
        context: Caller,
        first_day: First = None,
        last_day: Last = None,
        group_by: Annotated[
            str,
            Field(
                description="Up to two of team, repository, model, provider, workflow, feature, fate, evidence, "
                "context_tier and prompt_version, separated by a comma"
            ),
        ] = "team",
        bucket: Annotated[
            Literal["total", "day", "week", "month", "quarter"], Field(description="Length of each period")
        ] = "total",
        compare: Compare = "previous",
        team: Team = None,
    ) -> Found:
        """Say what was spent in a period (default: this month), by team or other dimensions, and what changed."""

        def question(asked: Asked) -> tuple[str, dict[str, Any]]:
            cut = {"group_by": group_by, "bucket": bucket, "compare": compare, "team": team}
            found = asked.get("/api/v1/spend", {**_period(first_day, last_day), **cut})
            return sentences.spend(found, group_by), found

        return self._service.answer(context, question)

    def cost_per_pull_request(
        self,
        context: Caller,
        first_day: First = None,
        last_day: Last = None,
        group_by: Annotated[
            str, Field(description="Up to two of team, repository, model, workflow, feature and evidence")
        ] = "team",
        compare: Compare = None,
        team: Team = None,
    ) -> Found:
        """Say what a merged pull request cost in a period (default: this month), by team or other dimensions."""

        def question(asked: Asked) -> tuple[str, dict[str, Any]]:
            cut = {"group_by": group_by, "bucket": "total", "compare": compare, "team": team}
            found = asked.get("/api/v1/metrics/tokens-per-pr", {**_period(first_day, last_day), **cut})
            return sentences.merged(found, group_by), found

        return self._service.answer(context, question)

    def why_spend_changed(
        self,
        context: Caller,
        first_day: First = None,
        last_day: Last = None,
        compare: Annotated[
            str, Field(description="previous, year, or a range of days such as 2026-09-01..2026-09-30")
        ] = "previous",
        team: Team = None,
    ) -> Found:
        """Say why spend changed between two periods: requests, tokens per request, models, caching and prices.

        The default is the last four full weeks against the four before.
        """

        def question(asked: Asked) -> tuple[str, dict[str, Any]]:
            query = {"from": first_day, "to": last_day, "compare": compare, "team": team}
            found = asked.get("/api/v1/spend/change", query)
            return str(found["sentence"]), found

        return self._service.answer(context, question)

    def where_tokens_went(
        self, context: Caller, first_day: First = None, last_day: Last = None, team: Team = None
    ) -> Found:
        """Say where every token of a period went: merged, open or abandoned pull requests, or none of them."""

        def question(asked: Asked) -> tuple[str, dict[str, Any]]:
            found = asked.get("/api/v1/ledger", {**_period(first_day, last_day), "team": team})
            return sentences.ledger(found), found

        return self._service.answer(context, question)

    def how_sure(self, context: Caller, first_day: First = None, last_day: Last = None, team: Team = None) -> Found:
        """Say how far the figures of a period can be trusted: linked, priced, billed and late tokens."""

        def question(asked: Asked) -> tuple[str, dict[str, Any]]:
            found = asked.get("/api/v1/coverage", {**_period(first_day, last_day), "team": team})
            return sentences.sureness(found), found

        return self._service.answer(context, question)


def _period(first_day: str | None, last_day: str | None) -> dict[str, str | None]:
    """Return the days asked for; without any, this month so far."""
    if first_day or last_day:
        return {"from": first_day, "to": last_day}
    today = datetime.now(UTC).date()
    return {"from": today.replace(day=1).isoformat(), "to": today.isoformat()}
