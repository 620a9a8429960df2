"""Tokens and reported outcomes side by side: by team, workflow and week, and by prompt and day."""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import Any

import numpy as np
from asyncpg import Record

from schema.database import Tenant
from vocabulary.tokens import TOKEN_KINDS
from workers.statistics.arrays import Real, Whole
from workers.statistics.outcomes.outcome_returns import OutcomeWeeks
from workers.statistics.outcomes.prompts import PromptDays

WEEKS = timedelta(weeks=52)
# Older prompts say little about those of today.
DAYS = timedelta(weeks=12)
MILLION = 10**6

_TOKENS = " + ".join(TOKEN_KINDS)
_ACHIEVED = """
       sum(number) AS outcomes, coalesce(sum(successes), 0) AS successes,
       coalesce(sum(number) FILTER (WHERE successes IS NOT NULL), 0) AS with_success,
       coalesce(sum(reported.quality::numeric * number), 0) AS quality,
       coalesce(sum(number) FILTER (WHERE reported.quality IS NOT NULL), 0) AS with_quality
"""
# Beside other teams, teams with too few people are left out.
_LARGE = """
SELECT team_id FROM team
 WHERE organization_id = $1
   AND (coalesce(size >= $3, true)
        OR NOT EXISTS (SELECT FROM merged_week WHERE merged_week.organization_id = $1
                          AND merged_week.team_id <> team.team_id AND received_tokens > 0))
"""

_WEEKS = f"""
WITH large AS ({_LARGE}), spent AS (
    SELECT team_id, workflow, date_trunc('week', day::timestamp)::date AS week, sum({_TOKENS}) AS tokens
      FROM spend_day JOIN large USING (team_id)
     WHERE organization_id = $1 AND day >= $2 GROUP BY 1, 2, 3
), achieved AS (
    SELECT team_id, workflow, date_trunc('week', hour AT TIME ZONE 'UTC')::date AS week, {_ACHIEVED}
      FROM reported_outcome AS reported
     WHERE organization_id = $1 AND hour >= $2::date::timestamp AT TIME ZONE 'UTC' GROUP BY 1, 2, 3
)
SELECT * FROM spent JOIN achieved USING (team_id, workflow, week) WHERE tokens > 0 AND outcomes > 0
"""  # noqa: S608 - names of ours

# Outcomes without a prompt belong to the only one that the team used in the workflow on that day, if it used one.
_PROMPTS = f"""
WITH large AS ({_LARGE}), spent AS (
    SELECT team_id, day, workflow, prompt_template AS prompt, sum({_TOKENS}) AS tokens, sum(list_nano_usd) AS nano_usd
      FROM spend_day JOIN large USING (team_id)
     WHERE organization_id = $1 AND day >= $2 GROUP BY 1, 2, 3, 4
), alone AS (
    SELECT team_id, day, workflow, min(prompt) AS prompt FROM spent GROUP BY 1, 2, 3 HAVING count(*) = 1
), achieved AS (
    SELECT team_id, day, workflow, coalesce(nullif(prompt_template, ''), alone.prompt, '') AS prompt, {_ACHIEVED}
      FROM reported_outcome AS reported
     CROSS JOIN LATERAL (SELECT (hour AT TIME ZONE 'UTC')::date AS day) AS at
      JOIN large USING (team_id)
      LEFT JOIN alone USING (team_id, day, workflow)
     WHERE organization_id = $1 AND hour >= $2::date::timestamp AT TIME ZONE 'UTC' GROUP BY 1, 2, 3, 4
), both_sides AS (
    SELECT workflow, prompt, day, sum(coalesce(tokens, 0)) AS tokens, sum(coalesce(nano_usd, 0)) AS nano_usd,
           sum(coalesce(outcomes, 0)) AS outcomes, sum(coalesce(successes, 0)) AS successes,
           sum(coalesce(with_success, 0)) AS with_success, sum(coalesce(quality, 0)) AS quality,
           sum(coalesce(with_quality, 0)) AS with_quality
      FROM spent FULL JOIN achieved USING (team_id, day, workflow, prompt)
     WHERE prompt <> '' GROUP BY 1, 2, 3
)
SELECT *, sum(outcomes) OVER (PARTITION BY workflow, prompt) AS ever FROM both_sides
"""  # noqa: S608 - names of ours

_AMOUNTS = ("tokens", "outcomes", "successes", "with_success", "quality", "with_quality")


async def load_weeks(tenant: Tenant, today: date, least_people: int) -> OutcomeWeeks:
    """Load a year of weeks with tokens and outcomes."""
    rows = await tenant.fetch(_WEEKS, today - WEEKS, least_people)
    return OutcomeWeeks(
        _codes((row["team_id"], row["workflow"]) for row in rows),
        _codes(row["team_id"] for row in rows),
        _codes(row["week"] for row in rows),
        **_amounts(rows),
    )


async def load_prompts(tenant: Tenant, today: date, least_people: int) -> PromptDays:
    """Load the days of the prompts that have outcomes."""
    rows = [row for row in await tenant.fetch(_PROMPTS, today - DAYS, least_people) if row["ever"]]
    return PromptDays(
        tuple(row["workflow"] for row in rows),
        tuple(row["prompt"] for row in rows),
        nano_usd=_numbers(rows, "nano_usd"),
        **_amounts(rows),
    )


def _amounts(rows: Sequence[Record]) -> dict[str, Real]:
    amounts = {name: _numbers(rows, name) for name in _AMOUNTS}
    return {**amounts, "quality": amounts["quality"] / MILLION}


def _numbers(rows: Sequence[Record], column: str) -> Real:
    return np.array([float(row[column]) for row in rows], dtype=np.float64)


def _codes(values: Iterable[Any]) -> Whole:
    """Return a number for each value."""
    listed = list(values)
    places = {value: place for place, value in enumerate(sorted(set(listed)))}
    return np.array([places[value] for value in listed], dtype=np.int64)
