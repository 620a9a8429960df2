"""Cuts periods into single sums, for queries that look up each of them."""

from collections.abc import Callable

from schema.database import Tenant
from service.queries.spend.runs import Run, Span, runs_of

_DAY = """
    (SELECT period FROM spend_cut WHERE organization_id = $1 AND cut = '' AND owner = '' AND grain = 'day'
      ORDER BY period {order} LIMIT 1)
"""
_KNOWN_DAYS = f"SELECT {_DAY.format(order='')} AS first, {_DAY.format(order='DESC')} AS last"


async def single_sums(tenant: Tenant) -> Callable[[Span], list[Run]]:
    """Return a function that cuts a period into runs of one sum each.

    Days before and after all spend are left out, so that a period of centuries has no more sums than there are.
    """
    known = await tenant.fetchrow(_KNOWN_DAYS)

    def cut(span: Span) -> list[Run]:
        if known["first"] is None or known["first"] > span.last or known["last"] < span.first:
            return []
        held = Span(max(span.first, known["first"]), min(span.last, known["last"]))
        # Clipped only where it is far longer: whole months and weeks are fewer sums than their days so far.
        runs = runs_of(span if (span.last - span.first).days < MOST_DAYS else held)
        return [Run(run.grain, begins, run.ends, run.sign) for run in runs for begins in run.periods()]

    return cut


# Ten years.
MOST_DAYS = 3_660
