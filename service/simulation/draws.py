"""Random draws of a simulation, all from one seeded source."""

import math
import random
from datetime import datetime, timedelta
from typing import TypeVar
from uuid import UUID

Choice = TypeVar("Choice")

SATURDAY = 5
REDRAWN = 8
DAY_BEGINS, DAY_ENDS = 8, 19
# About one start in twelve is at night or on a weekend.
OFF_HOURS_SHARE = 0.08


class Draws(random.Random):
    """A seeded random source; the same seed gives the same company on every machine."""

    def heavy(self, median: float, spread: float) -> float:
        """Draw from a log-normal distribution: half are under the median, a few are many times as large."""
        return median * math.exp(self.gauss(0.0, spread))

    def count(self, mean: float) -> int:
        """Draw from a Poisson distribution (Knuth's multiplication, which suits small means)."""
        threshold, product, drawn = math.exp(-mean), self.random(), 0
        while product > threshold:
            product *= self.random()
            drawn += 1
        return drawn

    def weighted(self, shares: dict[Choice, float]) -> Choice:
        """Draw a key with the probability of its share."""
        return self.choices(list(shares), weights=list(shares.values()))[0]

    def working_instant(self, begins: datetime, span: timedelta, zone: float = 0.0) -> datetime:
        """Draw an instant within the span or soon after it, nearly always in the working hours of a zone."""
        instant = begins + span * self.random()
        if self.random() < OFF_HOURS_SHARE:
            return instant
        # Draw weekends again, because moving them to Monday would make Mondays too busy.
        for _ in range(REDRAWN):
            if (instant + timedelta(hours=zone)).weekday() < SATURDAY:
                break
            instant = begins + span * self.random()
        return to_working_time(instant, self, zone)

    def sha(self) -> str:
        """Draw a commit id."""
        return f"{self.getrandbits(160):040x}"

    def uuid(self) -> str:
        """Draw a UUID, version 4."""
        return str(UUID(int=self.getrandbits(128), version=4))


def to_working_time(instant: datetime, draws: Draws, zone: float = 0.0) -> datetime:
    """Return the instant if it is in working hours, otherwise a time in the next working day; never an earlier one.

    `zone` is the offset from UTC in hours.
    """
    ahead = timedelta(hours=zone)
    local = instant + ahead
    if local.weekday() < SATURDAY and DAY_BEGINS <= local.hour < DAY_ENDS:
        return instant
    day = local.replace(hour=0, minute=0, second=0, microsecond=0)
    if local.hour >= DAY_ENDS:
        day += timedelta(days=1)
    while day.weekday() >= SATURDAY:
        day += timedelta(days=1)
    return day + timedelta(hours=draws.triangular(DAY_BEGINS, DAY_ENDS, 11.0)) - ahead
