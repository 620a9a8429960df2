"""The ledger depends on the facts, not on their order or on how often they arrive."""

from collections.abc import Awaitable, Callable
from itertools import permutations
from random import Random
from typing import TypeAlias

import pytest

from schema.tables import TENANT_TABLES
from tests.harness.bodies import (
    FORK_REPOSITORY,
    Delivery,
    committed,
    merge_group,
    pull_request,
    push,
    seen_on,
    spent,
    telemetry,
)
from tests.harness.company import Company
from tests.harness.otlp import Body

Row: TypeAlias = tuple[int, str, float, int]
ReadLedger: TypeAlias = Callable[..., Awaitable[list[Row]]]

# The same organization hears it all again, since ties are broken by artifact id, and those hang on its key.
SET_UP = {"organization", "team", "api_key", "connection", "github_app", "installation_claim", "hook_registration"}

LIFE: tuple[Delivery | Body, ...] = (
    push("fix", 10, "c1"),
    pull_request("opened", 1, "fix", 11, "c1", opened=11),
    pull_request("synchronize", 1, "fix", 14, "c2", opened=11, before="c1"),
    pull_request("closed", 1, "fix", 20, "c2", opened=11, merged="m1"),
    telemetry(spent(8, 1), spent(12, 10), spent(15, 100, branch="fix"), spent(13, 1000, None)),
    telemetry(committed(9.5, "c1", branch="fix"), committed(13.5, "c2", branch="fix")),
)

# Branches used again, stacked, forced, queued, forked, reopened, carried over to production; sessions across them.
LIVES: tuple[Delivery | Body, ...] = (
    *LIFE,
    push("fix", 14, "c2"),
    push("main", 20, "m1"),
    merge_group(1, 19, "m1"),
    push("fix", 40, "d1"),
    push("fix", 42, "d2", before="d1"),
    pull_request("opened", 2, "fix", 41, "d1", opened=41),
    pull_request("synchronize", 2, "fix", 42, "d2", opened=41, before="d1"),
    pull_request("closed", 2, "fix", 50, "d2", opened=41),
    pull_request("reopened", 2, "fix", 55, "d2", opened=41),
    push("top", 45, "t1", known=("d2",)),
    pull_request("opened", 3, "top", 46, "t1", opened=46, base="fix"),
    pull_request("edited", 3, "top", 70, "t1", opened=46, base="main"),
    pull_request("opened", 4, "fix", 44, "f1", opened=44, source=FORK_REPOSITORY),
    push("fix", 43, "f1", of=FORK_REPOSITORY),
    pull_request("opened", 5, "main", 5, "base", opened=5, base="production"),
    telemetry(spent(39, 1, "t"), committed(39.5, "d1", "t"), spent(41, 2, "t"), committed(41.5, "d2", "t")),
    telemetry(spent(44, 4, "t"), committed(44.5, "t1", "t"), spent(52, 8, "t", branch="fix")),
    telemetry(spent(30, 16, "u", branch="main"), spent(38, 32, "u", branch="main"), seen_on(38.5, "fix", "u")),
    telemetry(spent(30, 64, "v", branch="main"), spent(47, 128, None), spent(60, 256, "w", branch="gone")),
)


@pytest.fixture
def ledger_of(company: Company) -> ReadLedger:
    """Empty the company, send bodies, run workers after each or once at the end, and return every row."""

    async def read(*reported: Delivery | Body, at_once: bool) -> list[Row]:
        async with company.database.operator() as connection:
            await connection.execute(f"TRUNCATE {', '.join(set(TENANT_TABLES) - SET_UP)}")
        await (company.receive if at_once else company.receive_one_by_one)(*reported)
        await company.drain()
        return await company.rows()

    return read


async def test_every_order_of_a_life_ends_in_the_same_ledger(ledger_of: ReadLedger) -> None:
    expected = await ledger_of(*LIFE, at_once=True)
    linked = [row for row in expected if row[1] != "repository" and row[0]]
    assert linked == [(1, "branch", 15, 100), (1, "commit", 8, 1), (1, "commit", 12, 10)]
    assert sum(tokens for *_, tokens in expected) == 1111
    assert {evidence for _, evidence, *_ in expected} == {"branch", "commit", "repository", "overhead"}
    # Thirty-two of the 720 orders, evenly spread.
    for order in list(permutations(LIFE))[::23]:
        assert await ledger_of(*order, at_once=False) == expected


@pytest.mark.parametrize("seed", range(6))
async def test_every_order_of_overlapping_lives_sent_twice_ends_in_the_same_ledger(
    ledger_of: ReadLedger, seed: int
) -> None:
    expected = await ledger_of(*LIVES, at_once=True)
    assert {number for number, *_ in expected} == {0, 1, 2, 3, 4, 5}
    order = Random(seed)
    shuffled = order.sample(LIVES, len(LIVES))
    assert await ledger_of(*shuffled, at_once=False) == expected
    assert await ledger_of(*shuffled, at_once=True) == expected
    twice = order.sample((*LIVES, *LIVES), 2 * len(LIVES))
    assert await ledger_of(*twice, at_once=seed % 2 == 0) == expected


async def test_overlapping_lives_are_kept_apart(ledger_of: ReadLedger) -> None:
    rows = [row for row in await ledger_of(*LIVES, at_once=True) if row[1] in {"artifact", "commit", "branch"}]
    assert rows == [
        (1, "branch", 15, 100),
        (1, "commit", 8, 1),
        (1, "commit", 12, 10),
        (2, "branch", 30, 16),
        (2, "branch", 38, 32),
        (2, "branch", 52, 8),
        (2, "commit", 39, 1),
        (2, "commit", 41, 2),
        (3, "commit", 44, 4),
    ]
