"""What teams used each model for in two periods, and the prices that its tokens last had."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import NamedTuple, TypeAlias

from schema.database import Tenant, rows_as_columns
from service.queries.spend.known_days import single_sums
from service.queries.spend.runs import Span
from vocabulary.causes.split import USUAL_PRICES, ModelUse, Use
from vocabulary.spend_cuts import OF_MODELS, cut_name
from vocabulary.tokens import TOKEN_KINDS, TokenCounts


class Sold(NamedTuple):
    """A model as a provider sells it."""

    provider: str
    model: str


Uses: TypeAlias = Mapping[Sold, ModelUse]

_AMOUNTS = ("requests", *TOKEN_KINDS, "list_nano_usd")
_PERIODS = ("before", "after")
# A sum between two periods that adjoin is added to one and subtracted from the other.
_RUNS = "unnest($2::text[], $3::date[], $4::int[], $5::int[]) AS run (grain, period, before, after)"
_SUMS = ", ".join(f"whole_sum({column} * {period}) AS {period}_{column}" for period in _PERIODS for column in _AMOUNTS)
_USED = " OR ".join(f"whole_sum({column} * {period}) <> 0" for period in _PERIODS for column in _AMOUNTS)

_OF_TEAMS = ("requests", "tokens", "list_nano_usd")
_CHANGES = f"""
    SELECT first::bigint AS team_id, whole_sum(list_nano_usd * (after - before)) AS nano_usd
    FROM {_RUNS}
    CROSS JOIN LATERAL (
        SELECT first, requests, {" + ".join(TOKEN_KINDS)} AS tokens, list_nano_usd FROM spend_cut
        WHERE organization_id = $1 AND cut = 'team' AND owner = '' AND grain = run.grain AND period = run.period
        OFFSET 0
    ) AS cell
    GROUP BY 1
    HAVING {" OR ".join(f"whole_sum({column} * {period}) <> 0" for period in _PERIODS for column in _OF_TEAMS)}
"""  # noqa: S608 - composed of constants

# For one provider, the sums of all teams stand together by period, and by team in it. The teams $6, which are sorted,
# belong to the groups $7.
_USES = f"""
    SELECT place, provider, model, {_SUMS}
    FROM (SELECT DISTINCT first AS provider FROM spend_cut
          WHERE organization_id = $1 AND cut = 'provider' AND owner = '' AND grain = 'month') AS used
    CROSS JOIN {_RUNS}
    CROSS JOIN LATERAL (
        SELECT place, model, {", ".join(f"whole_sum({column}) AS {column}" for column in _AMOUNTS)}
        FROM (SELECT ($7::int[])[width_bucket(first::bigint, $6::bigint[])] AS place, second AS model,
                     {", ".join(_AMOUNTS)}
              FROM spend_cut
              WHERE organization_id = $1 AND cut = '{cut_name(OF_MODELS)}' AND owner = used.provider
                AND grain = run.grain AND period = run.period {{team}} OFFSET 0) AS known
        GROUP BY 1, 2 OFFSET 0
    ) AS cell
    WHERE place IS NOT NULL
    GROUP BY 1, 2, 3
    HAVING {_USED}
"""  # noqa: S608 - composed of constants
_ALL_USES = _USES.format(team="")
_TEAM_USES = _USES.format(team="AND first = ($6::bigint[])[1]::text")

# Small requests in the standard tier, since the latest day.
_PRICES = f"""
    SELECT sold.provider, sold.model, price.*
    FROM unnest($2::text[], $3::text[]) AS sold (provider, model)
    CROSS JOIN LATERAL (
        SELECT {", ".join(TOKEN_KINDS)} FROM event_price
        WHERE organization_id = $1 AND provider = sold.provider AND model = sold.model AND service_tier = ''
        ORDER BY begins_at DESC, from_input LIMIT 1
    ) AS price
"""  # noqa: S608 - composed of constants


class WeightedSum(NamedTuple):
    """A sum of one grain and period, and how often each of the two compared periods has it."""

    grain: str
    period: date
    before: int
    after: int


async def find_sums(tenant: Tenant, before: tuple[date, date], after: tuple[date, date]) -> list[WeightedSum]:
    """Return the sums of two periods, each from one UTC day to another, inclusive."""
    cut = await single_sums(tenant)
    weights: dict[tuple[str, date], list[int]] = {}
    for place, days in enumerate((before, after)):
        for run in cut(Span(*days)):
            weights.setdefault((run.grain, run.begins), [0, 0])[place] += run.sign
    return [WeightedSum(*key, *both) for key, both in weights.items() if any(both)]


async def read_changes(tenant: Tenant, sums: Sequence[WeightedSum]) -> dict[int, int]:
    """Return by how many nano-USD each team that used anything changed, by its id."""
    if not sums:
        return {}
    return {row["team_id"]: row["nano_usd"] for row in await tenant.fetch(_CHANGES, *rows_as_columns(sums))}


async def read_uses(tenant: Tenant, sums: Sequence[WeightedSum], groups: Sequence[Sequence[int]]) -> list[Uses]:
    """Return what each group of teams (their ids) used."""
    uses: list[dict[Sold, ModelUse]] = [{} for _ in groups]
    places = sorted((team_id, place) for place, group in enumerate(groups) for team_id in group)
    if not sums or not places:
        return list(uses)
    statement = _ALL_USES if len(places) > 1 else _TEAM_USES
    # The planner would sort thousands of sums for few groups.
    async with tenant.planner(enable_sort="off"):
        rows = await tenant.fetch(statement, *rows_as_columns(sums), *rows_as_columns(places))
    prices = await _read_prices(tenant, {Sold(row["provider"], row["model"]) for row in rows})
    for place, provider, model, *amounts in rows:
        sold = Sold(provider, model)
        before, after = _use(amounts[: len(_AMOUNTS)]), _use(amounts[len(_AMOUNTS) :])
        uses[place][sold] = ModelUse(before, after, prices.get(sold, USUAL_PRICES))
    return list(uses)


def _use(amounts: Sequence[int]) -> Use:
    requests, *tokens, nano_usd = amounts
    return Use(requests, TokenCounts(*tokens), nano_usd)


async def _read_prices(tenant: Tenant, models: set[Sold]) -> dict[Sold, tuple[float, ...]]:
    rows = await tenant.fetch(_PRICES, [each.provider for each in models], [each.model for each in models])
    prices = {Sold(row["provider"], row["model"]): tuple(float(row[kind]) for kind in TOKEN_KINDS) for row in rows}
    # A kind without a price cannot be compared with the others.
    return {sold: kinds for sold, kinds in prices.items() if all(kinds)}
