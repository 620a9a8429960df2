"""Tokens known only as sums, added to windows: from a provider's reports, or from bytes of a gateway.

Each origin records what it added before (`derived_window`), and only the difference is applied. So an origin may report
a span again at any time, in any order, twice or corrected. Its tokens enter the intake totals in the same transaction,
so the ledger balances with derived tokens as without.

Derived tokens of a team and day are withdrawn as soon as measured tokens of the same source, or of the provider that
the source is named for, are folded.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from typing import TypeAlias

from schema.database import Tenant, rows_as_columns
from vocabulary.basis import Basis
from vocabulary.tokens import TOKEN_KINDS, TokenCounts
from workers.attribution.derived import DerivedTokens, WindowKey, contributions, difference, key_of
from workers.attribution.model import Evidence
from workers.attribution.windows import Change, Dimensions, Place, Surcharges
from workers.prices.listed import Sold, Used
from workers.prices.units import Price, price_of_sum
from workers.stores.ledger.invalidate_days import lock_folding
from workers.stores.ledger.settlements import TeamDay, mark_days
from workers.stores.tokens import token_windows
from workers.stores.tokens.contract_prices import PriceList, load_price_list

# From the first instant up to but not including the second, both on a full hour.
Span: TypeAlias = tuple[datetime, datetime]

_BEFORE = """
SELECT laid.*, kept.source, kept.provider, kept.model, kept.context_tier, kept.workflow, kept.prompt_template,
       kept.service_tier, kept.guardrail, kept.size_from, kept.artifact, kept.number, kept.commit, kept.branch,
       kept.repository, kept.basis
  FROM derived_window AS laid
  JOIN token_window AS kept
    ON kept.organization_id = $1 AND kept.team_id = laid.team_id AND kept.hour = laid.hour
   AND kept.window_id = laid.window_id
 WHERE laid.organization_id = $1 AND laid.origin = $2 AND laid.hour >= $3 AND laid.hour < $4
   AND ($5::bigint IS NULL OR laid.team_id = $5)
"""

_FINER = """
SELECT DISTINCT team_id, (hour AT TIME ZONE 'UTC')::date AS day FROM token_window
 WHERE organization_id = $1 AND basis = 'measured' AND hour >= $3 AND hour < $4 AND (source = $2 OR provider = $2)
"""

_GIVING_WAY = """
SELECT DISTINCT laid.origin, laid.team_id, touched.day
  FROM unnest($2::bigint[], $3::date[]) AS touched (team_id, day)
  JOIN derived_window AS laid
    ON laid.organization_id = $1 AND laid.team_id = touched.team_id
   AND laid.hour >= touched.day::timestamp AT TIME ZONE 'UTC'
   AND laid.hour < (touched.day + 1)::timestamp AT TIME ZONE 'UTC'
  JOIN token_window AS kept
    ON kept.organization_id = $1 AND kept.team_id = laid.team_id AND kept.hour = laid.hour
   AND kept.window_id = laid.window_id AND kept.basis = 'derived'
 WHERE EXISTS (SELECT FROM token_window AS finer
                WHERE finer.organization_id = $1 AND finer.team_id = laid.team_id AND finer.basis = 'measured'
                  AND finer.hour >= touched.day::timestamp AT TIME ZONE 'UTC'
                  AND finer.hour < (touched.day + 1)::timestamp AT TIME ZONE 'UTC'
                  AND (finer.source = kept.source OR finer.provider = kept.source))
"""

_FORGET = """
DELETE FROM derived_window AS laid
 USING unnest($3::bigint[], $4::timestamptz[], $5::bytea[]) AS changed (team_id, hour, window_id)
 WHERE laid.organization_id = $1 AND laid.origin = $2
   AND laid.team_id = changed.team_id AND laid.hour = changed.hour AND laid.window_id = changed.window_id
"""

_SAVE = """
INSERT INTO derived_window (
       organization_id, origin, team_id, hour, window_id,
       input_uncached, cache_read, cache_write, output_visible, output_reasoning,
       cost_nano_usd, requests, unpriced_tokens, cache_write_1h, web_searches, code_executions, piece_cost_nano_usd)
SELECT $1, $2, laid.*
  FROM unnest($3::bigint[], $4::timestamptz[], $5::bytea[],
              $6::bigint[], $7::bigint[], $8::bigint[], $9::bigint[], $10::bigint[],
              $11::bigint[], $12::bigint[], $13::bigint[], $14::bigint[], $15::bigint[], $16::bigint[],
              $17::bigint[]) AS laid
"""

_ADD_TOTALS = """
INSERT INTO intake_total AS total (
       organization_id, team_id, day, requests,
       input_uncached, cache_read, cache_write, output_visible, output_reasoning)
SELECT $1, added.*
  FROM unnest($2::bigint[], $3::date[], $4::bigint[],
              $5::bigint[], $6::bigint[], $7::bigint[], $8::bigint[], $9::bigint[]) AS added
    ON CONFLICT (organization_id, team_id, day) DO UPDATE SET
       requests = total.requests + excluded.requests,
       input_uncached = total.input_uncached + excluded.input_uncached,
       cache_read = total.cache_read + excluded.cache_read,
       cache_write = total.cache_write + excluded.cache_write,
       output_visible = total.output_visible + excluded.output_visible,
       output_reasoning = total.output_reasoning + excluded.output_reasoning
"""


async def replace(
    tenant: Tenant, origin: str, span: Span, rows: Iterable[DerivedTokens], team_id: int | None = None
) -> set[TeamDay]:
    """Replace an origin's tokens within a span; return the team-days that changed and must be settled.

    With a team, tokens of other teams stay. This runs in the caller's transaction, and other writers of the
    organization's windows wait for its commit; wake `settle_days` afterwards. Raises ValueError for rows outside the
    span or team.
    """
    rows, (begins, ends) = list(rows), span
    if any(not begins <= row.hour < ends or team_id not in {None, row.team_id} for row in rows):
        raise ValueError("derived tokens are outside the span or team that they replace")
    after = contributions(rows, partial(_price, await load_price_list(tenant)))
    await lock_folding(tenant)
    before = await _load(tenant, origin, span, team_id)
    days = await _apply(tenant, origin, before, after)
    if days:
        await mark_days(tenant, days)
    return days


async def find_finer(tenant: Tenant, source: str, span: Span) -> set[TeamDay]:
    """Return team-days with measured tokens of a source, or of the provider of that name. Needs `lock_folding`."""
    return {TeamDay(row["team_id"], row["day"]) for row in await tenant.fetch(_FINER, source, *span)}


async def give_way(tenant: Tenant, changed: Collection[TeamDay]) -> None:
    """Withdraw derived tokens of these team-days where measured tokens of the same source have arrived.

    Needs `lock_folding`; runs before the days are marked for settlement.
    """
    team_days = [day.team_id for day in changed], [day.day for day in changed]
    giving_way: defaultdict[tuple[str, date], set[int]] = defaultdict(set)
    for origin, team_id, day in await tenant.fetch(_GIVING_WAY, *team_days):
        giving_way[origin, day].add(team_id)
    for (origin, day), team_ids in sorted(giving_way.items()):
        derived = await _load(tenant, origin, span_of(day, day + timedelta(days=1)))
        withdrawn = {key: change for key, change in derived.items() if change.place.team_id in team_ids}
        await _apply(tenant, origin, withdrawn, {})


def span_of(first: date, end: date) -> Span:
    """Return the hours of UTC days from `first` up to but not including `end`."""
    return datetime.combine(first, time(), UTC), datetime.combine(end, time(), UTC)


async def _apply(
    tenant: Tenant, origin: str, before: Mapping[WindowKey, Change], after: Mapping[WindowKey, Change]
) -> set[TeamDay]:
    changes = difference(before, after)
    if changes:
        await token_windows.apply(tenant, changes)
        await _save(tenant, origin, [key_of(change.place) for change in changes], after)
        await _add_totals(tenant, changes)
    return {TeamDay(change.place.team_id, change.place.hour.date()) for change in changes}


def _price(prices: PriceList, row: DerivedTokens) -> Price | None:
    dimensions, extra = row.dimensions, row.surcharges
    sold = Sold(dimensions.provider, dimensions.model, dimensions.service_tier)
    used = Used(row.tokens, extra.cache_write_1h, extra.web_searches, extra.code_executions)
    return price_of_sum(used, prices.unit_prices(sold, row.hour), requests=row.requests)


async def _load(tenant: Tenant, origin: str, span: Span, team_id: int | None = None) -> dict[WindowKey, Change]:
    derived: dict[WindowKey, Change] = {}
    for row in await tenant.fetch(_BEFORE, origin, *span, team_id):
        place = Place(
            team_id=row["team_id"],
            hour=row["hour"].astimezone(UTC),
            window_id=row["window_id"],
            dimensions=Dimensions(*(row[name] for name in Dimensions._fields)),
            evidence=Evidence(*(row[name] for name in Evidence._fields)),
            basis=Basis(row["basis"]),
        )
        tokens = TokenCounts(*(row[kind] for kind in TOKEN_KINDS))
        derived[key_of(place)] = Change(
            place,
            row["requests"],
            tokens,
            row["cost_nano_usd"],
            row["unpriced_tokens"],
            surcharges=Surcharges(*(row[name] for name in Surcharges._fields)),
        )
    return derived


async def _save(tenant: Tenant, origin: str, changed: Collection[WindowKey], after: Mapping[WindowKey, Change]) -> None:
    await tenant.execute(_FORGET, origin, *rows_as_columns(list(changed)))
    rows = [
        (*key, *derived.tokens, derived.cost_nano_usd, derived.requests, derived.unpriced_tokens, *derived.surcharges)
        for key in changed
        if (derived := after.get(key))
    ]
    if rows:
        await tenant.execute(_SAVE, origin, *rows_as_columns(rows))


async def _add_totals(tenant: Tenant, changes: Sequence[Change]) -> None:
    totals: defaultdict[tuple[int, date], tuple[int, TokenCounts]] = defaultdict(lambda: (0, TokenCounts()))
    for change in changes:
        key = change.place.team_id, change.place.hour.date()
        requests, tokens = totals[key]
        totals[key] = requests + change.requests, tokens.plus(change.tokens)
    rows = [(*key, requests, *tokens) for key, (requests, tokens) in sorted(totals.items())]
    await tenant.execute(_ADD_TOTALS, *rows_as_columns(rows))
