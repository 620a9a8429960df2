"""The statements that a work queue composes for each kind of row."""

import re
from datetime import timedelta

import pytest

from schema.settings import Settings
from workers.stores.alerts import deliveries as alert_deliveries
from workers.stores.billing import provider_usage
from workers.stores.forge import backfills, deliveries, enrichments, github_apps, registrations, repairs, summaries
from workers.stores.ledger import settlements
from workers.stores.teams import team_changes, team_syncs
from workers.stores.tokens import intake_batches
from workers.work_queue import Retry, WorkQueue

QUEUES = (
    *(deliveries.QUEUE, intake_batches.QUEUE, settlements.QUEUE, backfills.QUEUE, enrichments.QUEUE, summaries.QUEUE),
    *(provider_usage.QUEUE, github_apps.CODES, github_apps.INSTALLATIONS, registrations.QUEUE, repairs.QUEUE),
    *(team_changes.QUEUE, team_syncs.QUEUE, alert_deliveries.QUEUE),
)
every_queue = pytest.mark.parametrize("queue", QUEUES, ids=lambda queue: queue.kind.value)


@every_queue
def test_the_sweep_finds_rows_by_the_condition_of_the_claim(queue: WorkQueue) -> None:
    parameters = dict.fromkeys(queue.parameters, "$2::interval")
    claimed = queue.due_rows("1", **parameters)
    assert queue.due_rows("1", organization="organization.organization_id", **parameters) == claimed.replace(
        "= $1", "= organization.organization_id"
    )


@every_queue
def test_a_change_is_of_one_organization_and_of_rows_by_their_keys(queue: WorkQueue) -> None:
    change = queue.updating("failure = NULL")
    assert f"WHERE {queue.rows.table}.organization_id = $1" in change
    assert [int(place) for place in re.findall(r"\$(\d+)::", change)] == list(range(2, 2 + len(queue.rows.key)))


def test_where_forges_want_one_request_after_another_nothing_is_due_beside_a_lease() -> None:
    assert "leased_until > now()" in backfills.QUEUE.due_rows("1")
    assert "leased_until > now()" in enrichments.QUEUE.due_rows("1")
    assert "leased_until" not in summaries.QUEUE.due_rows("1")


def test_a_pause_is_exact_unless_the_retry_has_jitter() -> None:
    assert {Retry(timedelta(hours=1)).draw() for _ in range(100)} == {1.0}


def test_work_that_is_given_up_in_the_end_comes_back_at_different_moments() -> None:
    drawn = {Retry.of(Settings()).draw() for _ in range(100)}
    assert len(drawn) > 1
    assert all(0.75 <= each <= 1.25 for each in drawn)
