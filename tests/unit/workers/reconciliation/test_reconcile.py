import random
from datetime import date
from decimal import Decimal
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from vocabulary.charges import BILLED_KINDS, ChargeKind
from workers.reconciliation.model import Charge, Comparison, LedgerShare, ShareCost, ShareKey, SoldModel
from workers.reconciliation.prices import PriceList, effective_prices
from workers.reconciliation.reconcile import ReconciledDay, reconcile_day, totals_by_team

DAY, PERIOD = date(2026, 11, 18), date(2026, 11, 1)
SONNET = SoldModel("anthropic", "claude-sonnet-4-5")


def charge(kind: ChargeKind = ChargeKind.OUTPUT, **values: Any) -> Charge:
    basis = {
        "period_start": PERIOD,
        "first_day": DAY,
        "last_day": DAY,
        "sold": SONNET,
        "tokens": 0,
        "listed": 0,
        "contracted": 0,
        "effective": 0,
        "billed": 0,
        "exchange_rate": Decimal(1),
    }
    return Charge(**{**basis, "kind": kind, **values})


def share(
    artifact: str, *tokens: int, listed: int = 0, team: int = 1, model: str = "claude-sonnet-4-5-20250929"
) -> LedgerShare:
    key = ShareKey(team, artifact.encode(), "commit", "anthropic", model, "")
    filled = (*tokens, 0, 0, 0, 0)
    return LedgerShare(key, (filled[0], filled[1], filled[2], filled[3]), listed)


def list_price(_: SoldModel, kind: ChargeKind) -> int:
    return {"input_uncached": 3, "cache_read": 1, "cache_write": 4, "output": 15}[kind]


def reconcile(charges: list[Charge], shares: list[LedgerShare]) -> ReconciledDay:
    return reconcile_day(DAY, charges, shares, PriceList(effective_prices(charges)), list_price)


def costs(day: ReconciledDay) -> dict[str, tuple[int, int, int]]:
    return {
        cost.key.artifact_id.decode(): (cost.list_nano_usd, cost.effective_nano_usd, cost.billed_nano_usd)
        for cost in day.costs
    }


def test_a_negotiated_price_prices_the_ledger_and_the_whole_bill_is_carried() -> None:
    bill = charge(tokens=1000, listed=15_000, contracted=13_500, effective=13_500, billed=13_500)
    day = reconcile([bill], [share("one", 0, 0, 0, 400, listed=6_000), share("two", 0, 0, 0, 600, listed=9_000)])
    assert costs(day) == {"one": (6_000, 5_400, 5_400), "two": (9_000, 8_100, 8_100)}
    (row,) = day.comparisons
    assert (row.covered_tokens, row.telemetry_list, row.telemetry_effective, row.attributed) == (
        1000,
        15_000,
        13_500,
        13_500,
    )


def test_billed_tokens_missing_from_telemetry_stay_off_the_ledger() -> None:
    day = reconcile([charge(tokens=1000, effective=10_000, billed=10_000)], [share("one", 0, 0, 0, 250, listed=3_750)])
    assert costs(day) == {"one": (3_750, 2_500, 2_500)}
    (row,) = day.comparisons
    assert (row.covered_tokens, row.billed - row.attributed) == (250, 7_500)


def test_more_tokens_than_billed_carry_the_bill_and_no_more() -> None:
    day = reconcile([charge(tokens=100, effective=1_000, billed=1_000)], [share("one", 0, 0, 0, 150, listed=2_250)])
    assert costs(day) == {"one": (2_250, 1_500, 1_000)}
    assert day.comparisons[0].covered_tokens == 100


def test_credits_and_taxes_go_with_the_tokens_of_their_provider() -> None:
    bill = [
        charge(tokens=1000, effective=10_000, billed=10_000),
        charge(
            ChargeKind.OTHER,
            sold=SoldModel("anthropic", ""),
            billed=-3_000,
            first_day=PERIOD,
            last_day=date(2026, 11, 30),
        ),
    ]
    day = reconcile(bill, [share("one", 0, 0, 0, 500), share("two", 0, 0, 0, 500)])
    assert costs(day) == {"one": (0, 5_000, 4_950), "two": (0, 5_000, 4_950)}
    assert {row.sold.model: (row.billed, row.other, row.attributed) for row in day.comparisons} == {
        "": (0, -100, 0),
        "claude-sonnet-4-5": (10_000, 0, 9_900),
    }


def test_commitments_are_paid_once_and_used_later() -> None:
    bill = charge(tokens=1000, listed=15_000, contracted=15_000, effective=9_000, billed=0)
    day = reconcile([bill], [share("one", 0, 0, 0, 1000, listed=15_000)])
    assert costs(day) == {"one": (15_000, 9_000, 0)}


def test_kinds_that_no_bill_prices_cost_what_the_list_says() -> None:
    bill = charge(tokens=100, effective=1_000, billed=1_000)
    day = reconcile([bill], [share("one", 100, 0, 0, 100, listed=1_800)])
    assert costs(day) == {"one": (1_800, 300 + 1_000, 1_000)}


def test_without_a_bill_effective_is_list_and_nothing_is_billed() -> None:
    day = reconcile([], [share("one", 7, 7, 7, 7, listed=161), share("two", 1, listed=3)])
    assert costs(day) == {"one": (161, 161, 0), "two": (3, 3, 0)}


def test_a_price_holds_from_its_billing_period_on_until_the_next() -> None:
    prices = PriceList(
        effective_prices(
            [
                charge(tokens=10, effective=100),
                charge(tokens=10, effective=50, period_start=date(2026, 12, 1)),
                charge(ChargeKind.CACHE_READ, tokens=0, effective=50),
            ]
        )
    )
    assert prices.per_token(date(2026, 10, 31), SONNET, ChargeKind.OUTPUT) is None
    assert prices.per_token(date(2026, 11, 1), SONNET, ChargeKind.OUTPUT) == 10
    assert prices.per_token(date(2026, 12, 1), SONNET, ChargeKind.OUTPUT) == 5
    assert prices.per_token(date(2027, 6, 1), SONNET, ChargeKind.OUTPUT) == 5
    assert prices.per_token(date(2026, 12, 1), SONNET, ChargeKind.CACHE_READ) is None


def test_other_currencies_count_at_their_rate() -> None:
    bill = charge(tokens=1000, effective=10_000, billed=10_000, exchange_rate=Decimal("1.0825"))
    assert costs(reconcile([bill], [share("one", 0, 0, 0, 1000)])) == {"one": (0, 10_825, 10_825)}


MODELS = ("claude-sonnet-4-5", "claude-opus-4-1", "gpt-5")
MONEY = st.integers(-(10**14), 10**14)
charges = st.lists(
    st.builds(
        charge,
        kind=st.sampled_from(list(ChargeKind)),
        sold=st.builds(SoldModel, st.sampled_from(["anthropic", "aws"]), st.sampled_from([*MODELS, ""])),
        first_day=st.sampled_from([PERIOD, date(2026, 11, 17), DAY]),
        last_day=st.sampled_from([DAY, date(2026, 11, 30)]),
        tokens=st.integers(-(10**9), 10**12),
        effective=MONEY,
        billed=MONEY,
        exchange_rate=st.sampled_from([Decimal(1), Decimal("1.0825"), Decimal("0.0067")]),
    ),
    max_size=12,
)
shares = st.lists(
    st.tuples(
        st.integers(1, 3),
        st.sampled_from(MODELS),
        st.tuples(*[st.integers(0, 10**10)] * len(BILLED_KINDS)),
        st.integers(0, 10**13),
    ),
    max_size=12,
)


@given(charges=charges, drawn=shares, seed=st.integers())
def test_money_is_conserved_in_every_cut_and_in_any_order(
    charges: list[Charge], drawn: list[tuple[int, str, tuple[int, ...], int]], seed: int
) -> None:
    given_shares = [
        share(f"pull-{place}", *tokens, listed=listed, team=team, model=model)
        for place, (team, model, tokens, listed) in enumerate(drawn)
    ]
    day = reconcile(charges, given_shares)
    assert len(day.costs) == len(given_shares)
    assert sum(cost.list_nano_usd for cost in day.costs) == sum(each.list_nano_usd for each in given_shares)
    for provider in ("anthropic", "aws"):
        rows = [row for row in day.comparisons if row.sold.provider == provider]
        of_provider = [cost for cost in day.costs if cost.key.provider == provider]
        assert sum(row.telemetry_effective for row in rows) == sum(cost.effective_nano_usd for cost in of_provider)
        assert sum(row.attributed for row in rows) == sum(cost.billed_nano_usd for cost in of_provider)
    assert all(sum(row.seen) >= 0 and row.covered_tokens <= sum(row.seen) for row in day.comparisons)
    totals = totals_by_team(day.costs)
    assert sum(total[1] for total in totals.values()) == sum(cost.effective_nano_usd for cost in day.costs)
    order = random.Random(seed)
    again = reconcile(order.sample(charges, len(charges)), order.sample(given_shares, len(given_shares)))
    assert again == day


@given(charges=charges)
def test_the_days_of_a_bill_sum_to_it(charges: list[Charge]) -> None:
    prices = PriceList({})
    days = {date(2026, 11, number) for number in range(1, 31)}
    rows: list[Comparison] = [
        row for day in days for row in reconcile_day(day, charges, [], prices, list_price).comparisons
    ]
    assert sum(row.billed + row.other for row in rows) == sum(each.in_usd(each.billed) for each in charges)
    costs: list[ShareCost] = [
        cost for day in days for cost in reconcile_day(day, charges, [], prices, list_price).costs
    ]
    assert costs == []
