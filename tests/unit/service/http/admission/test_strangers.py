import asyncio
import hashlib
from typing import Any

import pytest

from schema.errors import TooManyRequestsError
from service.http.admission.strangers import BURST_SECONDS, TRIES_AT_ONCE, Strangers

ADDRESS = "203.0.113.9"


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def scope(path: str = "/api/v1/ledger", **headers: str) -> Any:
    raw = [(name.encode(), value.encode()) for name, value in headers.items()]
    return {"path": path, "headers": raw, "client": (ADDRESS, 4711)}


def waiting(clock: Clock) -> Strangers:
    """Strangers of whom one address must wait."""
    strangers = Strangers(2, 60, clock)
    for _ in range(2 * BURST_SECONDS + 1):
        strangers.count(ADDRESS)
    return strangers


def test_an_address_must_wait_after_too_many_requests_and_then_may_go_on() -> None:
    clock = Clock()
    strangers = waiting(clock)
    assert strangers.refuses(scope())
    assert not strangers.refuses({**scope(), "client": ("203.0.113.10", 1)})
    clock.now += 1
    assert not strangers.refuses(scope())
    assert strangers.waiting == {}


@pytest.mark.parametrize("path", ["/health/live", "/health/ready", "/webhooks/github", "/webhooks/gitlab/1-00"])
def test_load_balancers_and_forges_are_always_answered(path: str) -> None:
    assert not waiting(Clock()).refuses(scope(path))


def test_who_sends_a_key_or_a_known_session_does_not_wait() -> None:
    strangers = waiting(Clock())
    assert not strangers.refuses(scope(authorization="Bearer sl1_"))
    assert strangers.refuses(scope(cookie="a=b; shipledger_session=1-token"))
    strangers.remember_session(hashlib.sha256(b"1-token").digest())
    assert not strangers.refuses(scope(cookie="a=b; shipledger_session=1-token"))


def test_only_many_failures_hold_an_address_up() -> None:
    clock = Clock()
    strangers = Strangers(0, 2, clock)
    strangers.require_few_failures(ADDRESS)
    for _ in range(2):
        strangers.fail(ADDRESS)
    with pytest.raises(TooManyRequestsError) as raised:
        strangers.require_few_failures(ADDRESS)
    assert raised.value.seconds == 30
    strangers.require_few_failures("203.0.113.10")
    clock.now += 30
    strangers.require_few_failures(ADDRESS)


def test_without_limits_nobody_waits() -> None:
    strangers = Strangers(0, 0)
    for _ in range(1000):
        strangers.count(ADDRESS)
        strangers.fail(ADDRESS)
    strangers.require_few_failures(ADDRESS)
    assert strangers.waiting == {}


async def test_keys_sent_at_once_are_looked_up_a_few_at_a_time_until_their_address_failed_too_often() -> None:
    strangers, under_way, most, tried = Strangers(0, 5, Clock()), 0, 0, 0

    async def wrong_key() -> None:
        nonlocal under_way, most, tried
        async with strangers.trying(ADDRESS):
            under_way, tried = under_way + 1, tried + 1
            most = max(most, under_way)
            await asyncio.sleep(0)
            under_way -= 1
            strangers.fail(ADDRESS)

    answers = await asyncio.gather(*(wrong_key() for _ in range(50)), return_exceptions=True)

    assert most == TRIES_AT_ONCE
    assert 5 <= tried < 5 + TRIES_AT_ONCE
    assert sum(isinstance(answer, TooManyRequestsError) for answer in answers) == 50 - tried
