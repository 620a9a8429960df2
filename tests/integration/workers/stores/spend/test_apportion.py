"""Largest remainders in SQL, beside the same method in Python."""

import random
from collections import defaultdict
from fractions import Fraction

import pytest

from schema.database import Database, rows_as_columns
from workers.stores.spend.apportion import apportioned

SOURCE = """(
    SELECT *, sum(weight) OVER (PARTITION BY whole) AS weights
      FROM unnest($1::int[], $2::int[], $3::bigint[], $4::bigint[]) AS given (whole, place, weight, amount))
"""


def parts_of(amount: int, weights: list[int]) -> list[int]:
    exact = [Fraction(amount * weight, sum(weights)) for weight in weights]
    floors = [share.__floor__() for share in exact]
    by_rest = sorted(range(len(weights)), key=lambda place: (floors[place] - exact[place], place))
    for place in by_rest[: amount - sum(floors)]:
        floors[place] += 1
    return floors


@pytest.mark.parametrize("seed", range(4))
async def test_parts_are_largest_remainders_and_sum_to_the_amount(database: Database, seed: int) -> None:
    draw = random.Random(seed)
    wholes = {
        whole: (draw.choice([0, 1, -7, 10**12, draw.randrange(-(10**9), 10**15)]),
                [draw.choice([0, 1, 2, draw.randrange(10**12)]) for _ in range(draw.randrange(1, 9))] + [1])
        for whole in range(40)
    }  # fmt: skip
    rows = [
        (whole, place, weight, amount)
        for whole, (amount, weights) in wholes.items()
        for place, weight in enumerate(weights)
    ]
    query = apportioned(SOURCE, ("amount",), whole=("whole",), ties=("place",))
    found = defaultdict[int, list[int]](list)
    async with database.operator() as connection:
        for row in await connection.fetch(
            f"SELECT whole, amount_part FROM {query} AS parts ORDER BY whole, place", *rows_as_columns(rows)
        ):
            found[row["whole"]].append(row["amount_part"])
    assert dict(found) == {whole: parts_of(amount, weights) for whole, (amount, weights) in wholes.items()}
    assert all(sum(found[whole]) == amount for whole, (amount, _) in wholes.items())
