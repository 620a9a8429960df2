"""Budgets that are spent or will be exceeded, as alerts."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import NamedTuple

from workers.alert_rules.alert import WHOLE_ORGANIZATION, Alert, Kind
from workers.alert_rules.words import day_text, dollars, link, percent, period_text
from workers.statistics.leading_causes import Candidate
from workers.statistics.spend_watch import EVERYTHING, burnt, period_days

PERIODS = ("month", "quarter")


class BudgetKey(NamedTuple):
    """Whose spend is limited, on which model (empty for all), in each month or quarter."""

    team_id: int
    model: str
    period: str


class Budget(NamedTuple):
    """What should be spent at most, and a hard limit above it, in nano-USD."""

    soft: int
    hard: int | None = None


class Expected(NamedTuple):
    """What was spent of a period, what is likely at its end, and when each limit of the budget is exceeded."""

    spent: int
    likely: int | None = None
    soft_on: date | None = None
    hard_on: date | None = None


def budget_alerts(
    key: BudgetKey, budget: Budget, expected: Expected, until: date, teams: Mapping[int, str]
) -> Iterator[Alert]:
    """Yield the largest share of a budget that is spent, that its hard limit is reached, and what will be exceeded."""
    alert = _Writer(key, expected, until, teams)
    for share in burnt(expected.spent, budget.soft)[-1:]:
        yield alert.spent(f"{share} %", budget.soft)
    if budget.hard is not None and expected.spent >= budget.hard:
        yield alert.spent("hard limit", budget.hard)
    if expected.soft_on and expected.spent < budget.soft:
        yield alert.exceeded("forecast", budget.soft, expected.soft_on)
    if budget.hard is not None and expected.hard_on and expected.spent < budget.hard:
        yield alert.exceeded("hard forecast", budget.hard, expected.hard_on)


class _Writer(NamedTuple):
    """Writes the alerts of one budget."""

    key: BudgetKey
    expected: Expected
    until: date
    teams: Mapping[int, str]

    def spent(self, name: str, limit: int) -> Alert:
        """Return that a share of a limit is spent."""
        spent = self.expected.spent
        share = f"{percent(spent / limit)} of its {'hard limit' if name == 'hard limit' else 'budget'}"
        said = f"{self._whose()} has spent {dollars(spent)}, {share} of {dollars(limit)} for {self._what()}."
        return self._alert(name, limit, spent, said)

    def exceeded(self, name: str, limit: int, day: date) -> Alert:
        """Return that a limit will be exceeded on a day."""
        likely = self.expected.likely or 0
        kind = "hard limit" if name.startswith("hard") else "budget"
        said = (
            f"{self._whose()} will exceed its {kind} of {dollars(limit)} for {self._what()} on {day_text(day)}; "
            f"{dollars(likely)} are likely at its end."
        )
        return self._alert(name, limit, likely, said)

    def _alert(self, name: str, limit: int, amount: int, said: str) -> Alert:
        team = self.teams.get(self.key.team_id)
        first, last = period_days(self.key.period, self.until)
        subject = Candidate("model", self.key.model) if self.key.model else EVERYTHING
        prefix = f"model {self.key.model} " if self.key.model else ""
        return Alert(
            kind=Kind.BUDGET,
            subject=f"{prefix}{self.key.period} {name}",
            team_id=self.key.team_id,
            began_on=first,
            found_on=self.until,
            usual_nano_usd=limit,
            spent_nano_usd=amount,
            sentence=said,
            # Pages show no days to come.
            link=link(subject, first, min(last, self.until), team),
        )

    def _whose(self) -> str:
        return "The organization" if self.key.team_id == WHOLE_ORGANIZATION else f"Team {self.teams[self.key.team_id]}"

    def _what(self) -> str:
        period = period_text(self.key.period, period_days(self.key.period, self.until)[0])
        return f"model {self.key.model} in {period}" if self.key.model else period
