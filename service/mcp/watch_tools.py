"""Tools about budgets, forecasts and alerts."""

from typing import Annotated, Any, Literal

from pydantic import Field

from service.mcp import sentences
from service.mcp.parameters import Caller, Found, Limit, Team
from service.mcp.service_requests import Asked, Service


class WatchTools:
    """Questions about what will be spent, and what is unusual."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self.all = (self.budgets_and_forecasts, self.alerts)

    def budgets_and_forecasts(self, context: Caller, team: Team = None) -> Found:
        """Say what will be spent by the end of the month and quarter, and which budgets will be exceeded."""

        def question(asked: Asked) -> tuple[str, dict[str, Any]]:
            forecasts = asked.items("/api/v1/forecasts", {"team": team})
            budgets = asked.items("/api/v1/budgets", {"team": team})
            return sentences.forecast(forecasts, team), {"forecasts": forecasts, "budgets": budgets}

        return self._service.answer(context, question)

    def alerts(
        self,
        context: Caller,
        state: Annotated[
            Literal["open", "acknowledged", "resolved", "snoozed", "muted"] | None,
            Field(description="Only alerts in this state; null for all"),
        ] = "open",
        team: Team = None,
        limit: Limit = 20,
    ) -> Found:
        """List what is unusual about spend, the newest first: rises with their causes, budgets, policies, silence."""

        def question(asked: Asked) -> tuple[str, dict[str, Any]]:
            found = asked.get("/api/v1/alerts", {"state": state, "team": team, "limit": limit})
            return sentences.alerts(found["items"]), found

        return self._service.answer(context, question)
