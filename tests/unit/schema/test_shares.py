"""What one organization may hold at a time."""

import asyncio

import pytest

from schema.shares import Shares


async def test_what_exceeds_a_share_waits_in_order_and_delays_no_other_organization() -> None:
    shares, order = Shares(2), []

    async def use(organization_id: int, name: str) -> None:
        async with shares.hold(organization_id):
            order.append(name)
            await asyncio.sleep(0)

    names = ["first", "second", "third", "fourth"]
    await asyncio.gather(*(use(1, name) for name in names), use(2, "other"))
    assert order == ["first", "second", "other", "third", "fourth"]


async def test_an_amount_waits_for_as_much_and_one_beyond_the_share_is_held_alone() -> None:
    shares = Shares(10)
    await shares.take(1, 4)
    large = asyncio.create_task(shares.hold(1, 50).__aenter__())
    await asyncio.sleep(0)
    assert not large.done()
    # Smaller ones do not overtake it.
    assert not shares.try_take(1, 1)
    shares.give_back(1, 4)
    await large
    assert not shares.try_take(1, 1)


@pytest.mark.parametrize("is_admitted", [False, True])
async def test_a_cancelled_caller_holds_nothing(*, is_admitted: bool) -> None:
    shares = Shares(1)
    await shares.take(1)
    cancelled, next_one = asyncio.create_task(shares.take(1)), asyncio.create_task(shares.take(1))
    await asyncio.sleep(0)
    if is_admitted:
        shares.give_back(1)
    cancelled.cancel()
    await asyncio.gather(cancelled, return_exceptions=True)
    if not is_admitted:
        shares.give_back(1)
    await next_one
    assert not shares.try_take(1)


async def test_an_amount_of_0_is_given_back_like_any_other() -> None:
    shares = Shares(10)
    await asyncio.gather(shares.take(1, 0), shares.take(1, 0), shares.take(1, 10))
    for amount in (10, 0, 0):
        shares.give_back(1, amount)
    assert shares.try_take(1, 10)
