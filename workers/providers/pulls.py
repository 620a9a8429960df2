"""How each provider's reports are pulled: address, days per request, and how long days are corrected."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from schema.settings import Settings
from workers.providers import anthropic, copilot, cursor, openai
from workers.providers.reports import Report, ReportRequest


@dataclass(frozen=True, slots=True)
class Pull:
    """How one provider's reports are pulled.

    With `always_derives`, the report is the only source of the provider's tokens, so they always become windows; other
    reports do so only for an account of one team.
    """

    read: Callable[[ReportRequest], Awaitable[Report]]
    base_url: Callable[[Settings], str]
    span: timedelta
    hourly_span: timedelta
    corrected: timedelta = timedelta(days=3)
    interval: timedelta = timedelta(hours=1)
    always_derives: bool = False

    def ends(self, first: date, tomorrow: date, *, hourly: bool) -> date:
        """Return the exclusive end of the days to read from `first`; `tomorrow` once that reaches today.

        All days that may still be corrected are read at once, so that the cursor rests exactly at the first of them.
        """
        span = self.hourly_span if hourly else self.span
        if first + max(span, self.corrected) >= tomorrow:
            return tomorrow
        return min(first + span, tomorrow - self.corrected)

    def next_day(self, first: date, end: date, tomorrow: date) -> date:
        """Return where to continue after the days from `first` up to `end`."""
        return max(end - self.corrected, first) if end == tomorrow else end


PULLS: Mapping[str, Pull] = {
    "anthropic": Pull(
        anthropic.read_report,
        lambda settings: settings.anthropic_url,
        span=timedelta(days=31),
        hourly_span=timedelta(days=7),
    ),
    "openai": Pull(
        openai.read_report,
        lambda settings: settings.openai_url,
        span=timedelta(days=31),
        hourly_span=timedelta(days=7),
    ),
    "github-copilot": Pull(
        copilot.read_report,
        lambda _: copilot.URL,
        span=timedelta(days=7),
        hourly_span=timedelta(days=7),
        # A day's report takes some days to appear.
        corrected=timedelta(days=7),
        interval=timedelta(hours=6),
    ),
    "cursor": Pull(
        cursor.read_report,
        lambda _: cursor.URL,
        span=timedelta(days=1),
        hourly_span=timedelta(days=1),
        always_derives=True,
    ),
}
