"""What a digest says of a week, read from sums that workers keep. The API shows it, and a worker sends it."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from typing import Any

from schema.database import Tenant
from schema.identifiers import artifact_text
from vocabulary.causes.sentence import Change
from vocabulary.causes.split import USUAL_PRICES, ModelUse, Use, split_change
from vocabulary.digest import WEEK, Dear, Week
from vocabulary.intervals import RELIABLE_SHARE
from vocabulary.spend_cuts import OF_MODELS, cut_name
from vocabulary.tokens import TOKEN_KINDS, TokenCounts

MOST_DEAREST = 3
# Enough of an id to find it.
NAME_LENGTH = 11

_KINDS = ", ".join(TOKEN_KINDS)
_TOTAL = " + ".join(TOKEN_KINDS)
_USES = f"""
SELECT cell.first::bigint AS team_id, used.provider, cell.second AS model, cell.period, cell.requests,
       cell.list_nano_usd, {", ".join(f"cell.{kind}" for kind in TOKEN_KINDS)}
  FROM (SELECT DISTINCT first AS provider FROM spend_cut
         WHERE organization_id = $1 AND cut = 'provider' AND owner = '' AND grain = 'month') AS used
  JOIN spend_cut AS cell
    ON cell.organization_id = $1 AND cell.cut = '{cut_name(OF_MODELS)}' AND cell.owner = used.provider
   AND cell.grain = 'week' AND cell.period = ANY($2::date[])
 ORDER BY team_id, provider, model
"""  # noqa: S608 - composed of constants

# Small requests in the standard tier, since the latest day.
_PRICES = f"""
SELECT sold.provider, sold.model, price.*
  FROM unnest($2::text[], $3::text[]) AS sold (provider, model)
 CROSS JOIN LATERAL (
       SELECT {_KINDS} FROM event_price
        WHERE organization_id = $1 AND provider = sold.provider AND model = sold.model AND service_tier = ''
        ORDER BY begins_at DESC, from_input LIMIT 1) AS price
"""  # noqa: S608 - composed of constants

_LINKED = f"""
SELECT coalesce(sum({_TOTAL}), 0)::bigint AS tokens,
       coalesce(sum({_TOTAL}) FILTER (WHERE first IN ('artifact', 'commit', 'branch')), 0)::bigint AS linked
  FROM spend_cut
 WHERE organization_id = $1 AND cut = 'evidence' AND owner = '' AND grain = 'week' AND period = $2
"""  # noqa: S608 - composed of constants

_MERGED = f"""
SELECT count(*) AS merged, coalesce(sum(list_nano_usd), 0)::bigint AS nano_usd,
       count(*) FILTER (WHERE linked_tokens < {RELIABLE_SHARE} * tokens) AS unreliable
  FROM pull_request_spend
 WHERE organization_id = $1 AND state = 'merged' AND merged_at >= $2 AND merged_at < $3
"""  # noqa: S608 - composed of constants

_DEAREST = f"""
SELECT spent.artifact_id, pull_request.label, spent.list_nano_usd,
       spent.linked_tokens >= {RELIABLE_SHARE} * spent.tokens AS is_reliable
  FROM pull_request_spend AS spent
  JOIN pull_request ON pull_request.organization_id = $1 AND pull_request.artifact_id = spent.artifact_id
 WHERE spent.organization_id = $1 AND spent.state = 'merged' AND spent.merged_at >= $2 AND spent.merged_at < $3
   AND spent.list_nano_usd > 0
 ORDER BY spent.list_nano_usd DESC, spent.artifact_id LIMIT {MOST_DEAREST}
"""  # noqa: S608 - composed of constants

_UNSETTLED = """
SELECT EXISTS (SELECT 1 FROM settlement
                WHERE organization_id = $1 AND state = 'waiting' AND NOT refit AND day >= $2 AND day < $3)
    OR EXISTS (SELECT 1 FROM stale_spend WHERE organization_id = $1 AND day >= $2 AND day < $3)
"""


async def read_week(tenant: Tenant, monday: date) -> Week:
    """Return what is known of the week that begins on a Monday (UTC)."""
    ends = monday + WEEK
    begins_at, ends_at = (datetime.combine(day, time(), UTC) for day in (monday, ends))
    linked = await tenant.fetchrow(_LINKED, monday)
    merged = await tenant.fetchrow(_MERGED, begins_at, ends_at)
    dearest = await tenant.fetch(_DEAREST, begins_at, ends_at)
    return Week(
        monday=monday,
        changes=await _read_changes(tenant, monday),
        tokens=linked["tokens"],
        linked_tokens=linked["linked"],
        merged=merged["merged"],
        merged_nano_usd=merged["nano_usd"],
        unreliable=merged["unreliable"],
        dearest=[
            Dear(
                row["label"] or artifact_text(row["artifact_id"])[:NAME_LENGTH],
                row["list_nano_usd"],
                row["is_reliable"],
            )
            for row in dearest
        ],
        is_settled=not await tenant.fetchval(_UNSETTLED, monday, ends),
    )


async def _read_changes(tenant: Tenant, monday: date) -> list[Change]:
    """Return the change of each team from the week before, without the team's name."""
    rows = await tenant.fetch(_USES, [monday - WEEK, monday])
    sold = sorted({(row["provider"], row["model"]) for row in rows})
    found = await tenant.fetch(_PRICES, [each[0] for each in sold], [each[1] for each in sold])
    prices = {(row["provider"], row["model"]): tuple(float(row[kind]) for kind in TOKEN_KINDS) for row in found}
    teams: dict[int, dict[tuple[str, str], ModelUse]] = {}
    for row in rows:
        key = (row["provider"], row["model"])
        # A kind without a price cannot be compared with the others.
        price = prices.get(key, USUAL_PRICES)
        models = teams.setdefault(row["team_id"], {})
        known = models.get(key, ModelUse(prices=price if all(price) else USUAL_PRICES))
        models[key] = known._replace(after=_use(row)) if row["period"] == monday else known._replace(before=_use(row))
    return [_change(models) for models in teams.values()]


def _use(row: Mapping[str, Any]) -> Use:
    return Use(row["requests"], TokenCounts(*(row[kind] for kind in TOKEN_KINDS)), row["list_nano_usd"])


def _change(models: Mapping[tuple[str, str], ModelUse]) -> Change:
    before, after = (sum(getattr(use, when).nano_usd for use in models.values()) for when in ("before", "after"))
    named = [(model, use) for (_, model), use in models.items()]
    return Change(None, before, after, split_change(models.values()), named)
