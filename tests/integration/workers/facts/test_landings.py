"""Pull requests that a push to their base branch merged, though their forge calls them closed, in any order."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import permutations
from typing import Any

import pytest

from schema.identifiers import RepositoryName
from schema.kinds import PullRequestState
from tests.integration.workers.stored_facts import StoredFacts
from workers.context import WorkerContext
from workers.facts.record import ForgeFacts, record_facts
from workers.facts.recording import recording
from workers.forge_events.model import LandedFacts, PullRequestFacts, PushFacts, RepositoryFacts

AT = datetime(2026, 3, 2, 9, tzinfo=UTC)
CLOSED = AT + timedelta(hours=3)
SHOP = RepositoryFacts(RepositoryName("github.com", "octo/shop"), 7, AT)


def pull_request(state: PullRequestState, at: datetime, head: str | None = "a" * 40) -> PullRequestFacts:
    return PullRequestFacts(
        repository=SHOP,
        number=1,
        state=state,
        opened_at=AT,
        updated_at=at,
        head_branch="topic",
        base_branch="main",
        closed_at=at if state is not PullRequestState.OPEN else None,
        head=head,
    )


def push(*landed: LandedFacts, at: datetime = CLOSED, branch: str = "main") -> PushFacts:
    return PushFacts(SHOP, branch, landed[-1].sha, at, (), landed)


OPENED, ABANDONED = pull_request(PullRequestState.OPEN, AT), pull_request(PullRequestState.ABANDONED, CLOSED)
BY_COMMIT, BY_NUMBER = push(LandedFacts("a" * 40)), push(LandedFacts("b" * 40, (1,)))


async def record(context: WorkerContext, stored: StoredFacts, *facts: ForgeFacts) -> dict[str, Any]:
    """Record each on its own; return the pull request."""
    for each in facts:
        async with recording(context, stored.organization.organization_id) as opened:
            await record_facts(opened.scope("github"), [each])
    [row] = await stored.fetch("SELECT * FROM pull_request WHERE organization_id = $1")
    return dict(row)


def state(row: dict[str, Any]) -> tuple[str, datetime | None, str | None]:
    return row["state"], row["merged_at"], row["landed_by"]


@pytest.mark.parametrize("order", list(permutations([OPENED, ABANDONED, BY_COMMIT])), ids=str)
async def test_a_closed_pull_request_whose_head_was_pushed_to_its_base_is_merged(
    worker_context: WorkerContext, stored: StoredFacts, order: Sequence[ForgeFacts]
) -> None:
    assert state(await record(worker_context, stored, *order)) == ("merged", CLOSED, "commit")


@pytest.mark.parametrize("order", list(permutations([OPENED, ABANDONED, BY_NUMBER])), ids=str)
async def test_a_message_that_names_its_number_merges_it_too_and_this_is_recorded(
    worker_context: WorkerContext, stored: StoredFacts, order: Sequence[ForgeFacts]
) -> None:
    assert state(await record(worker_context, stored, *order)) == ("merged", CLOSED, "number")


async def test_the_commit_is_surer_than_the_number(worker_context: WorkerContext, stored: StoredFacts) -> None:
    assert state(await record(worker_context, stored, BY_NUMBER, BY_COMMIT, ABANDONED))[2] == "commit"
    assert state(await record(worker_context, stored, BY_COMMIT))[2] == "commit"


@pytest.mark.parametrize(
    "elsewhere",
    [
        push(LandedFacts("a" * 40), branch="other"),
        push(LandedFacts("b" * 40, (2,))),
        push(LandedFacts("b" * 40, (1,)), at=CLOSED + timedelta(days=2)),
        push(LandedFacts("a" * 40), at=AT - timedelta(days=1)),
    ],
    ids=["another branch", "another number", "named long after", "before it was opened"],
)
async def test_what_was_pushed_elsewhere_or_at_another_time_leaves_it_closed(
    worker_context: WorkerContext, stored: StoredFacts, elsewhere: PushFacts
) -> None:
    assert state(await record(worker_context, stored, elsewhere, OPENED, ABANDONED))[0] == "abandoned"


async def test_one_that_is_opened_again_is_open(worker_context: WorkerContext, stored: StoredFacts) -> None:
    again = pull_request(PullRequestState.OPEN, CLOSED + timedelta(hours=1))
    row = await record(worker_context, stored, OPENED, BY_COMMIT, ABANDONED, again)
    assert (row["state"], row["merged_at"], row["closed_at"]) == ("open", None, None)


async def test_a_merge_of_the_forge_stays_what_the_forge_reports(
    worker_context: WorkerContext, stored: StoredFacts
) -> None:
    merged = pull_request(PullRequestState.MERGED, CLOSED)
    assert (await record(worker_context, stored, OPENED, BY_COMMIT, merged))["landed_by"] is None
