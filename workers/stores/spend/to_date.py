"""Adds what changed to the sums from the first day of a month or year to each later day or month with spend.

A day or month with spend is a point. All sums of a cut are at each point, also those of which nothing was spent on that
day, so that a question needs only the last point before a day.
"""

from schema.database import Tenant
from vocabulary.spend_cuts import CUTS, MEASURES, OF_MODELS, OWNERS, TO_DATE, cut_name

KEY = ("cut", "owner", "grain", "period", "first", "second")
_KEYS, _AMOUNTS = ", ".join(KEY), ", ".join(MEASURES)
_SUMS = ", ".join(f"sum({name})::bigint AS {name}" for name in MEASURES)
_PAIR = 2
_SHARED = [cut_name(cut) for cut in CUTS if len(cut) < _PAIR or not set(cut) & set(OWNERS)]
_CUTS = ", ".join(f"('{cut}')" for cut in _SHARED)
_MODELS = cut_name(OF_MODELS)
# The grain to date, the grain that it is a sum of, and what it begins with.
_SPANS = ", ".join(
    f"('{grain}', {of})" for grain, of in zip(TO_DATE, ("'day', 'month'", "'month', 'year'"), strict=True)
)

_MAKE = """
CREATE TEMPORARY TABLE IF NOT EXISTS spend_point (
    grain text, part text, begins date, period date, last date) ON COMMIT DELETE ROWS
"""

# All points from the first changed one on; `last` is the point before a new one, of which it takes the sums.
_FIND = f"""
INSERT INTO spend_point (grain, part, begins, period, last)
SELECT span.grain, span.part, begins, found.period,
       CASE WHEN NOT found.is_known
            THEN (SELECT period FROM spend_cut
                   WHERE organization_id = $1 AND cut = '' AND owner = '' AND spend_cut.grain = span.grain
                     AND period >= begins AND period < found.period ORDER BY period DESC LIMIT 1) END
  FROM (VALUES {_SPANS}) AS span (grain, part, whole)
 CROSS JOIN LATERAL (
       SELECT period, bool_or(is_known) AS is_known
         FROM (SELECT period, false AS is_known FROM spend_step WHERE spend_step.grain = span.part
                UNION ALL
               SELECT period, true FROM spend_cut
                WHERE organization_id = $1 AND cut = '' AND owner = '' AND spend_cut.grain = span.grain
                  AND period >= (SELECT min(period) FROM spend_step WHERE spend_step.grain = span.part)) AS point
        GROUP BY period) AS found
 CROSS JOIN LATERAL (SELECT date_trunc(span.whole, found.period::timestamp)::date AS begins) AS first
"""  # noqa: S608 - names of ours

# Without OFFSET, the planner reads all sums instead of those of a point.
_COPY = f"""
INSERT INTO spend_cut (organization_id, {_KEYS}, {_AMOUNTS})
SELECT $1::bigint, part.cut, part.owner, point.grain, point.period, known.first, known.second, {_AMOUNTS}
  FROM spend_point AS point
 CROSS JOIN LATERAL (
       SELECT cut, '' AS owner FROM (VALUES {_CUTS}) AS shared (cut)
        UNION ALL
       SELECT '{_MODELS}', first FROM spend_cut
        WHERE organization_id = $1 AND cut = 'provider' AND owner = '' AND grain = point.grain AND period = point.last
       OFFSET 0) AS part
 CROSS JOIN LATERAL (
       SELECT first, second, {_AMOUNTS} FROM spend_cut
        WHERE organization_id = $1 AND cut = part.cut AND owner = part.owner AND grain = point.grain
          AND period = point.last OFFSET 0) AS known
 WHERE point.last IS NOT NULL
 ORDER BY part.cut, part.owner, point.grain, point.period, known.first, known.second
    ON CONFLICT (organization_id, {_KEYS}) DO NOTHING
"""  # noqa: S608 - names of ours

_SUM = f"""
INSERT INTO spend_step ({_KEYS}, {_AMOUNTS})
SELECT step.cut, step.owner, point.grain, point.period, step.first, step.second, {_SUMS}
  FROM spend_step AS step
  JOIN spend_point AS point
    ON point.part = step.grain AND point.period >= step.period
   AND point.begins = date_trunc(CASE step.grain WHEN 'day' THEN 'month' ELSE 'year' END, step.period::timestamp)::date
 WHERE step.cut IN ({", ".join(f"'{cut}'" for cut in (*_SHARED, _MODELS))})
 GROUP BY 1, 2, 3, 4, 5, 6
"""  # noqa: S608 - names of ours


async def add_to_date(tenant: Tenant) -> None:
    """Add to `spend_step`, which has what changed by day and month, what changed to date; copy sums to new points."""
    await tenant.connection.execute(_MAKE)
    await tenant.execute(_FIND)
    await tenant.execute(_COPY)
    await tenant.connection.execute(_SUM)
