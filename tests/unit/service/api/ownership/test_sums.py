from datetime import date
from random import Random

import pytest

from schema.vocabulary.tokens import TokenCounts
from service.api.ownership.parts import ALWAYS, Book, Factor, general_factors
from service.api.ownership.sums import (
    UNITS_PER_KG,
    UNITS_PER_KWH,
    Spent,
    Sums,
    add_families,
    reads_of,
    round_together,
    rounded,
)
from service.queries.ledger.overhead import Parts
from service.queries.spend.reading import Amounts

DAY = date(2026, 11, 18)


def factor(part: str, value: int, first_day: date = ALWAYS, provider: str = "", model: str = "") -> Factor:
    return Factor(part, provider, model, first_day, value, value, value, "memo 1")


def test_rounded_amounts_sum_to_the_total_and_differ_by_less_than_one() -> None:
    random = Random(7)
    for _ in range(200):
        amounts = {place: random.randrange(10**9) for place in range(random.randrange(1, 40))}
        total = rounded(sum(amounts.values()))
        found = round_together(amounts, total)
        assert sum(found.values()) == total
        assert all(abs(found[place] * 10**6 - amount) < 10**6 for place, amount in amounts.items())


def test_rounding_bucket_by_bucket_gives_the_same_total_as_all_together() -> None:
    random = Random(8)
    cells = {(bucket, group): random.randrange(10**8) for bucket in range(9) for group in range(7)}
    total = rounded(sum(cells.values()))
    by_bucket = {bucket: sum(each for (place, _), each in cells.items() if place == bucket) for bucket in range(9)}
    buckets = round_together(by_bucket, total)
    groups = [
        round_together({key: each for key, each in cells.items() if key[0] == bucket}, amount)
        for bucket, amount in buckets.items()
    ]
    assert sum(sum(group.values()) for group in groups) == total


def test_sums_that_changed_between_two_reads_are_rounded_by_themselves() -> None:
    assert round_together({"a": 5_000_000, "b": 2_400_000}, 100) == {"a": 5, "b": 2}


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
