"""Rows of the ledger by period and team, with the compared period and the change. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import structs

from service.api.amounts import amounts_shown
from service.contracts.ledger import LedgerItem, LedgerParts
from service.queries.ledger.totals import Ledger, Place
from service.queries.spend.buckets import Bucket
from service.queries.teams.comparisons import withheld_cells

PARTS = LedgerParts.__struct_fields__


def parts_shown(ledger: Ledger) -> dict[str, Any]:
    """Return the parts of a ledger, by name."""
    entries = {part: getattr(ledger, part) for part in PARTS}
    return {part: amounts_shown(entry.tokens, entry.nano_usd) for part, entry in entries.items()}


def nothing_shown() -> dict[str, Any]:
    """Return the parts and the comparison of a ledger that is withheld."""
    return dict.fromkeys((*PARTS, "before", "change"))


def withheld(item: LedgerItem, reason: str) -> LedgerItem:
    """Return a row without its figures."""
    return structs.replace(item, parts=None, before=None, change=None, withheld_reason=reason)


def compared(now: Ledger, before: Ledger | None) -> dict[str, Any]:
    """Return the compared ledger and the change, both None without a comparison."""
    if before is None:
        return {"before": None, "change": None}
    return {
        "before": LedgerParts(**parts_shown(before)),
        "change": LedgerParts(**parts_shown(now.minus(before))),
    }


def ledger_rows(
    now: Mapping[Place, Ledger],
    before: Mapping[Place, Ledger] | None,
    buckets: Sequence[Bucket],
    teams: Mapping[str, str],
    *,
    by_team: bool,
    has_start: bool = True,
    after: Place | None = None,
    most: int | None = None,
) -> dict[Place, LedgerItem]:
    """Return a row for each bucket, and each team if `by_team`; `teams` are withheld teams with reasons.

    `after` and `most` select rows of a page.
    """
    places = sorted({*now, *(before or {})}) if by_team else [(place, "") for place in range(1, len(buckets) + 1)]
    received = {place: now.get(place, Ledger()).received.tokens.total for place in places}
    reasons = withheld_cells(received, teams) if by_team else {}
    rows = {}
    for place in [place for place in places if after is None or place > after][:most]:
        start = buckets[place[0] - 1].span.first if has_start else None
        shown = _figures(now, before, place, is_shown=place not in reasons) | ({"team": place[1]} if by_team else {})
        rows[place] = LedgerItem(period_start=start, withheld_reason=reasons.get(place), **shown)
    return rows


def _figures(
    now: Mapping[Place, Ledger], before: Mapping[Place, Ledger] | None, place: Place, *, is_shown: bool
) -> dict[str, Any]:
    if not is_shown:
        return {"parts": None, "before": None, "change": None}
    ledger = now.get(place, Ledger())
    earlier = None if before is None else before.get(place, Ledger())
    return {"parts": LedgerParts(**parts_shown(ledger)), **compared(ledger, earlier)}
