"""Whose reports can be pulled, and how: where they are, how many days at once, and how long they are corrected."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from schema.settings import Settings
from workers.providers import anthropic, copilot, cursor, openai
from workers.providers.reports import Asked, Report


@dataclass(frozen=True, slots=True)
class Pull:
    """How one provider's reports are pulled.

    `always_derives` says that nothing but its report tells of its tokens, so that they are some team's in any case;
    other reports are laid into windows only where the account is told to be a team's.
    """

    read: Callable[[Asked], Awaitable[Report]]
    base_url: Callable[[Settings], str]
    span: timedelta
    hourly_span: timedelta
    corrected: timedelta = timedelta(days=3)
    interval: timedelta = timedelta(hours=1)
    always_derives: bool = False

    def ends(self, first: date, tomorrow: date, *, hourly: bool) -> date:
        """Up to and without which day to read from `first` on; `tomorrow` once that reaches the present day.

        What may still be corrected is read at once, so that the cursor can rest where it begins, and not before.
        """
        span = self.hourly_span if hourly else self.span
        if first + max(span, self.corrected) >= tomorrow:
            return tomorrow
        return min(first + span, tomorrow - self.corrected)

    def next_day(self, first: date, end: date, tomorrow: date) -> date:
        """Where to read on, once the days from `first` up to `end` were read."""
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
        # A day's report takes some days to be made.
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
