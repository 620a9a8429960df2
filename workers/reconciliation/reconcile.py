"""Reconciles one day of an organization: charges and ledger by provider and model."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from typing import NamedTuple

from vocabulary.charges import BILLED_KINDS
from vocabulary.model_keys import model_key
from workers.reconciliation.ledger_costs import Charged, ListPrice, at_effective_prices, carried, covered
from workers.reconciliation.model import NO_TOKENS, Charge, Comparison, LedgerShare, ShareCost, SoldModel, Tokens
from workers.reconciliation.prices import PriceList
from workers.reconciliation.split import part_of_day, scaled, split


@dataclass(frozen=True, slots=True)
class ReconciledDay:
    """The result of a day, ordered by provider and model, and by share."""

    comparisons: tuple[Comparison, ...]
    costs: tuple[ShareCost, ...]


class TeamCost(NamedTuple):
    """Costs of a team's shares."""

    list_nano_usd: int
    effective_nano_usd: int
    billed_nano_usd: int


NO_COST = TeamCost(0, 0, 0)


class _Costs(NamedTuple):
    """Nano-USD of charges."""

    listed: int = 0
    contracted: int = 0
    effective: int = 0
    billed: int = 0

    def plus(self, other: "_Costs") -> "_Costs":
        return _Costs(*(before + more for before, more in zip(self, other, strict=True)))


_FREE = _Costs()


@dataclass(slots=True)
class _Amounts:
    """Charges of one model on the day; `costs` are for tokens only."""

    charged: list[Charged] = field(default_factory=lambda: [Charged(0, 0)] * len(BILLED_KINDS))
    costs: _Costs = _FREE
    other: int = 0


@dataclass(slots=True)
class _Priced:
    """The shares of one model with their effective and billed costs."""

    shares: list[LedgerShare]
    effective: list[int]
    billed: list[int]


def reconcile_day(
    day: date,
    charges: Iterable[Charge],
    shares: Iterable[LedgerShare],
    prices: PriceList,
    list_price: ListPrice,
) -> ReconciledDay:
    """Compare and price a day. Each day of a longer charge gets an equal part.

    Billed money of each token kind goes to the ledger as far as telemetry saw the tokens; money without tokens
    (credits, taxes, seats) follows it by provider. The result does not depend on the order of the input.
    """
    amounts = _amounts_of(day, charges)
    groups = _groups_of(shares)
    priced = {
        sold: _Priced(
            group,
            at_effective_prices(day, sold, group, prices, list_price),
            carried(group, amounts[sold].charged if sold in amounts else [Charged(0, 0)] * len(BILLED_KINDS)),
        )
        for sold, group in groups.items()
    }
    for provider in sorted({sold.provider for sold in amounts}):
        _carry_other(
            [each for sold, each in amounts.items() if sold.provider == provider],
            [priced[sold] for sold in sorted(priced) if sold.provider == provider],
        )
    comparisons = [_compare(sold, amounts.get(sold), priced.get(sold)) for sold in sorted({*amounts, *groups})]
    costs = [
        ShareCost(share.key, share.list_nano_usd, effective, billed)
        for each in priced.values()
        for share, effective, billed in zip(each.shares, each.effective, each.billed, strict=True)
    ]
    return ReconciledDay(tuple(comparisons), tuple(sorted(costs, key=lambda cost: cost.key)))


def _amounts_of(day: date, charges: Iterable[Charge]) -> dict[SoldModel, _Amounts]:
    found: dict[SoldModel, _Amounts] = {}
    for charge in charges:
        if not charge.first_day <= day <= charge.last_day:
            continue
        tokens, costs = _of_day(charge, day)
        known = found.setdefault(charge.sold, _Amounts())
        if charge.kind not in BILLED_KINDS:
            known.other += costs.billed
            continue
        kind = BILLED_KINDS.index(charge.kind)
        known.charged[kind] = Charged(known.charged[kind].tokens + tokens, known.charged[kind].billed + costs.billed)
        known.costs = known.costs.plus(costs)
    return found


def _of_day(charge: Charge, day: date) -> tuple[int, _Costs]:
    """Return a day's part of a charge: its tokens and their costs."""

    def part(amount: int) -> int:
        return part_of_day(amount, day, charge.first_day, charge.last_day)

    costs = _Costs(
        listed=part(charge.in_usd(charge.listed)),
        contracted=part(charge.in_usd(charge.contracted)),
        effective=part(charge.in_usd(charge.effective)),
        billed=part(charge.in_usd(charge.billed)),
    )
    return part(charge.tokens), costs


def _groups_of(shares: Iterable[LedgerShare]) -> dict[SoldModel, list[LedgerShare]]:
    groups: defaultdict[SoldModel, list[LedgerShare]] = defaultdict(list)
    for share in sorted(shares, key=lambda share: share.key):
        groups[SoldModel(share.key.provider, model_key(share.key.model))].append(share)
    return groups


def _carry_other(amounts: Sequence[_Amounts], priced: Sequence[_Priced]) -> None:
    """Split a provider's money without tokens over its shares, to the same extent as its token money."""
    other = sum(each.other for each in amounts)
    billed = sum(charged.billed for each in amounts for charged in each.charged)
    carried_so_far = sum(sum(each.billed) for each in priced)
    part = Fraction(carried_so_far, billed) if billed > 0 else Fraction(1)
    weights = _weights(priced)
    if sum(weights) <= 0:
        return
    parts = iter(split(scaled(other, min(max(part, Fraction(0)), Fraction(1))), weights))
    for each in priced:
        each.billed = [before + next(parts) for before in each.billed]


def _weights(priced: Sequence[_Priced]) -> list[int]:
    """Return weights by billed money, or else effective cost, or else tokens."""
    for weights in (
        [max(amount, 0) for each in priced for amount in each.billed],
        [max(amount, 0) for each in priced for amount in each.effective],
    ):
        if sum(weights):
            return weights
    return [sum(share.tokens) for each in priced for share in each.shares]


def _compare(sold: SoldModel, amounts: _Amounts | None, priced: _Priced | None) -> Comparison:
    charged = amounts.charged if amounts else [Charged(0, 0)] * len(BILLED_KINDS)
    costs = amounts.costs if amounts else _FREE
    seen = _sum(share.tokens for share in priced.shares) if priced else NO_TOKENS
    return Comparison(
        sold=sold,
        seen=seen,
        charged=_tokens(each.tokens for each in charged),
        covered_tokens=covered(seen, charged),
        telemetry_list=sum(share.list_nano_usd for share in priced.shares) if priced else 0,
        telemetry_effective=sum(priced.effective) if priced else 0,
        listed=costs.listed,
        contracted=costs.contracted,
        effective=costs.effective,
        billed=costs.billed,
        other=amounts.other if amounts else 0,
        attributed=sum(priced.billed) if priced else 0,
    )


def _sum(tokens: Iterable[Tokens]) -> Tokens:
    return _tokens(map(sum, zip(*tokens, strict=True)))


def _tokens(counts: Iterable[int]) -> Tokens:
    first, second, third, fourth = counts
    return first, second, third, fourth


def totals_by_team(costs: Iterable[ShareCost]) -> Mapping[int, TeamCost]:
    """Return the costs of each team."""
    totals: defaultdict[int, TeamCost] = defaultdict(lambda: NO_COST)
    for cost in costs:
        before = totals[cost.key.team_id]
        totals[cost.key.team_id] = TeamCost(
            before.list_nano_usd + cost.list_nano_usd,
            before.effective_nano_usd + cost.effective_nano_usd,
            before.billed_nano_usd + cost.billed_nano_usd,
        )
    return totals
