"""Which days have sums, and periods as the single sums that they are made of."""

from bisect import bisect_left
from collections.abc import Callable, Sequence
from datetime import date

from schema.database import Tenant
from service.queries.spend.runs import MOST_DAYS, Run, Span, runs_to_date
from vocabulary.spend_cuts import TO_DATE

_KNOWN_DAYS = """
    SELECT period FROM spend_cut WHERE organization_id = $1 AND cut = '' AND owner = '' AND grain = 'day'
     ORDER BY period
"""


async def single_sums(tenant: Tenant) -> Callable[[Span], list[Run]]:
    """Return a function that cuts a period into runs of one sum each, which begin with the period of that sum.

    Days before and after all spend are left out, so that a period of centuries has no more sums than there are.
    """
    days = [row["period"] for row in await tenant.fetch(_KNOWN_DAYS)]

    def cut(span: Span) -> list[Run]:
        if not days or days[0] > span.last or days[-1] < span.first:
            return []
        held = Span(max(span.first, days[0]), min(span.last, days[-1]))
        # Clipped only where it is far longer: whole months and weeks are fewer sums than their days so far.
        runs = runs_to_date(span if (span.last - span.first).days < MOST_DAYS else held)
        return [single for run in runs for single in _singles(run, days)]

    return cut


def _singles(run: Run, days: Sequence[date]) -> list[Run]:
    """Return the sums of a run; that to date is the last with spend, if any."""
    if run.grain not in TO_DATE:
        return [run._replace(begins=begins) for begins in run.periods()]
    place = bisect_left(days, run.ends) - 1
    if place < 0 or days[place] < run.begins:
        return []
    last = days[place]
    return [run._replace(begins=last if run.grain == "month_to_date" else last.replace(day=1))]
