"""What a resource says of a branch was true when its process began; what a record or a hook says is true then."""

from itertools import permutations
from typing import Any

import pytest

from tests.harness.bodies import SHOP, Delivery, at, committed, pull_request, push, spent
from tests.harness.company import Company, Ledger
from tests.harness.otlp import Body, claude_logs

Hook = dict[str, Any]
Reported = Delivery | Body | Hook

ON_A: tuple[Delivery, ...] = (push("a", 12, "a1"), pull_request("opened", 1, "a", 13, "a1", opened=13))
ON_B: tuple[Delivery, ...] = (push("b", 18, "b1"), pull_request("opened", 2, "b", 19, "b1", opened=19))


def begun_on(branch: str, *records: Body) -> Body:
    """Return telemetry of a process that began on a branch."""
    on = {"vcs.ref.head.name": branch, "vcs.repository.url.full": SHOP}
    return claude_logs(*records, team=None, **on)


def spent_there(hours: float, tokens: int) -> Body:
    return spent(hours, tokens, repository=None)


def hook(hours: float, **seen: Any) -> Hook:
    """Return an item of session evidence, as a Git hook sends it."""
    return {
        "session": "CANARY-s",
        "agent": "claude-code",
        "occurred_at": at(hours).isoformat(),
        "source": "hook",
        **seen,
    }


async def ledger_of(company: Company, *reported: Reported) -> Ledger:
    for each in reported:
        if isinstance(each, dict) and "session" in each:
            path = "/api/v1/session-evidence"
            answer = await company.client.post(path, json={"items": [each]}, headers=company.organization.headers)
            assert answer.status_code == 200, answer.text
        else:
            await company.receive(each)
        await company.drain()
    return await company.ledger()


SWITCHED: tuple[Reported, ...] = (
    *ON_A,
    begun_on("a", spent_there(9, 1), spent_there(11, 10)),
    hook(15, branch="b", event="checkout"),
    begun_on("a", spent_there(16, 100), spent_there(20, 1000)),
    *ON_B,
)


@pytest.mark.parametrize("order", list(permutations(range(7)))[::700])
async def test_a_session_belongs_to_the_branch_it_began_on_until_it_switches(
    company: Company, order: tuple[int, ...]
) -> None:
    ledger = await ledger_of(company, *(SWITCHED[place] for place in order))
    assert ledger == {(1, "branch"): 11, (2, "branch"): 1100}


MADE_A: tuple[Reported, ...] = (
    *ON_A,
    begun_on("main", spent_there(9, 1), spent_there(11, 10), spent_there(16, 100)),
    hook(10, branch="a", event="checkout"),
    begun_on("main", committed(11.5, "a1", repository=None)),
    push("main", 5, "base"),
)


@pytest.mark.parametrize("order", list(permutations(range(6)))[::120])
async def test_all_of_a_session_that_began_on_main_belongs_to_the_branch_that_it_made(
    company: Company, order: tuple[int, ...]
) -> None:
    ledger = await ledger_of(company, *(MADE_A[place] for place in order))
    assert ledger == {(1, "commit"): 11, (1, "branch"): 100}


async def test_main_on_a_resource_links_nothing_and_main_in_a_hook_is_exploration(company: Company) -> None:
    begun = begun_on("main", spent_there(12, 100))
    ledger = await ledger_of(company, push("main", 5, "base"), *ON_A, begun)
    assert (1, "repository") in ledger
    assert sum(ledger.values()) == 100
    assert await ledger_of(company, hook(11, branch="main", event="start")) == {(0, "overhead"): 100}


async def test_a_pull_request_number_links_what_came_before_and_after(company: Company) -> None:
    begun = begun_on("main", spent_there(9, 1), spent_there(14, 10))
    opened = hook(13, pull_request=1, repository=SHOP, event="push")
    assert await ledger_of(company, *ON_A, begun, opened) == {(1, "artifact"): 11}


async def test_the_branch_that_a_transcript_names_is_where_its_session_began(company: Company) -> None:
    event = {"event_id": "m1", "occurred_at": at(9).isoformat(), "source": "claude-code", "session": "CANARY-s"}
    event |= {"repository": SHOP, "start_branch": "main", "model": "claude-sonnet-4-5", "tokens": {"input_uncached": 7}}
    later = {**event, "event_id": "m2", "occurred_at": at(14).isoformat()}
    answer = await company.client.post(
        "/api/v1/token-events", json={"items": [event, later]}, headers=company.organization.headers
    )
    assert answer.status_code == 200, answer.text
    assert await ledger_of(company, *ON_A, push("main", 5, "base"), hook(10, branch="a", event="commit")) == {
        (1, "branch"): 14
    }
