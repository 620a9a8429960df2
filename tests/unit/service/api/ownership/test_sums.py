from datetime import date
from random import Random

import pytest

from service.api.ownership.parts import ALWAYS, Book, Factor, general_factors
from service.api.ownership.sums import (
    UNITS_PER_KG,
    UNITS_PER_KWH,
    Rounding,
    Spent,
    Sums,
    add_families,
    reads_of,
    rounded,
)
from service.contracts.spend.ownership import MONEY_PARTS
from service.queries.ledger.overhead import Parts
from service.queries.spend.reading import Amounts
from vocabulary.tokens import TokenCounts

DAY = date(2026, 11, 18)


def factor(part: str, value: int, first_day: date = ALWAYS, provider: str = "", model: str = "") -> Factor:
    return Factor(part, provider, model, first_day, value, value, value, "memo 1")


def test_rounded_rows_sum_to_the_rounded_total_in_every_cut_and_differ_by_less_than_one() -> None:
    random = Random(7)
    for _ in range(100):
        cells = [{part: random.randrange(10**9) for part in MONEY_PARTS} for _ in range(random.randrange(1, 40))]
        for size in (1, 3, len(cells)):
            groups = [cells[place : place + size] for place in range(0, len(cells), size)]
            rows = [{part: sum(each[part] for each in group) for part in MONEY_PARTS} for group in groups]
            rounding = Rounding()
            shown = [rounding.next(row) for row in rows]
            for part in MONEY_PARTS:
                assert sum(each[part] for each in shown) == rounded(sum(each[part] for each in cells))
                assert all(abs(a[part] * 10**6 - b[part]) < 10**6 for a, b in zip(shown, rows, strict=True))


def test_a_page_goes_on_from_the_sums_before_it() -> None:
    rows = [dict.fromkeys(MONEY_PARTS, 333_333) for _ in range(10)]
    whole, first = Rounding(), Rounding()
    together = [whole.next(row) for row in rows]
    begun = [first.next(row) for row in rows[:4]]
    rest = Rounding([int(str(amount)) for amount in first.sums.values()])

    assert begun + [rest.next(row) for row in rows[4:]] == together
    assert sum(each["energy"] for each in together) == 3


def test_the_latest_factor_of_a_provider_holds_before_one_of_all() -> None:
    book = Book(
        [
            factor("energy", 1),
            factor("energy", 2, date(2026, 1, 1)),
            factor("energy", 3, date(2026, 6, 1), provider="openai"),
            factor("energy", 4, date(2026, 12, 1), provider="openai"),
        ]
    )
    held = {name: book.find("energy", name, DAY) for name in ("openai", "anthropic")}
    assert {name: each.value for name, each in held.items() if each} == {"openai": 3, "anthropic": 2}
    assert (book.find("energy", "openai", date(2026, 3, 1)) or held["openai"]) == book.factors[1]
    assert book.find("orchestration", "", DAY) is None
    assert book.changes(date(2026, 1, 1), date(2026, 11, 30)) == [date(2026, 6, 1)]
    assert book.changes(date(2026, 1, 1), date(2026, 11, 30), {"orchestration"}) == []
    assert [each.value for each in book.held(date(2026, 5, 1), date(2026, 7, 1))] == [2, 3]


def test_spend_is_read_by_the_dimension_of_each_part() -> None:
    book = Book([factor("energy", 1, provider="openai"), factor("carbon_per_kwh", 1, model="gpt-5")])
    assert reads_of(book) == {
        "": ("orchestration", "observability", "infrastructure"),
        "provider": ("energy",),
        "model": ("energy and carbon",),
    }


def test_money_is_the_exact_product_of_cost_and_factor() -> None:
    sums = Sums()
    book = Book([factor("infrastructure", 123_456), *general_factors(Parts(50_000, 0, 7))])
    add_families(
        sums, Spent(DAY, "", Amounts(nano_usd=1_000_001)), book, ("infrastructure", "orchestration", "energy"), ""
    )
    assert sums.money == {
        "orchestration": 50_000 * 1_000_001,
        "observability": 0,
        "infrastructure": 123_456 * 1_000_001,
        "energy": 7 * 1_000_001,
    }


def test_energy_and_carbon_follow_the_published_factors_and_only_high_counts_cached_input() -> None:
    sums = Sums()
    tokens = TokenCounts(6_000, 100_000, 4_000, 500, 500)
    book = Book(general_factors(None))
    add_families(sums, Spent(DAY, "", Amounts(tokens)), book, ("energy and carbon",), "")
    energy = [each / UNITS_PER_KWH * 1000 for each in sums.energy]
    assert energy == pytest.approx([0.12, 10 * 0.22 + 0.602, 110 * 0.397 + 2.608])
    carbon = [each / UNITS_PER_KG * 1000 for each in sums.carbon]
    assert carbon == pytest.approx([0.12 * 0.096, 2.802 * 0.481, 46.278 * 0.713])
