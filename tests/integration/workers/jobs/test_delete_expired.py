"""What is forgotten, when, and what must be proven before."""

from uuid import uuid4

import pytest

from tests.integration.workers.stored_facts import StoredFacts
from workers.context import WorkerContext
from workers.jobs.delete_expired import delete_expired


async def value(stored: StoredFacts, query: str) -> object:
    """The first column of the one row of a query about the organization ($1)."""
    (row,) = await stored.fetch(query)
    return next(iter(row.values()))


async def add_delivery(stored: StoredFacts, state: str, processed: str, tried: str = "now()") -> None:
    connection_id = uuid4()
    await stored.execute(
        "INSERT INTO connection (organization_id, connection_id, forge, host) VALUES ($1, $2, 'github', 'github.com')",
        connection_id,
    )
    await stored.execute(
        "INSERT INTO delivery (organization_id, connection_id, deduplication_key, event, sealed_body, state,"
        f" processed_at, next_attempt_at) VALUES ($1, $2, 'key', 'push', 'sealed', $3, {processed}, {tried})",
        connection_id,
        state,
    )


async def bodies(stored: StoredFacts) -> object:
    return await value(stored, "SELECT count(*) FROM delivery WHERE organization_id = $1 AND sealed_body IS NOT NULL")


async def test_the_sealed_name_of_a_dead_letter_goes_a_day_after_its_last_try(
    worker_context: WorkerContext, stored: StoredFacts
) -> None:
    await add_delivery(stored, "waiting", "NULL")
    for name, tried in (("new", "23 hours"), ("old", "25 hours")):
        await stored.execute(
            "INSERT INTO enrichment (organization_id, artifact_id, subject, repository_id, connection_id, sealed_name,"
            " state, next_attempt_at) SELECT $1, $2, 'release', $2, connection_id, 'sealed', 'dead',"
            f" now() - interval '{tried}' FROM connection WHERE organization_id = $1",
            stored.name(name),
        )
    await delete_expired(worker_context)
    kept = await stored.fetch(
        "SELECT artifact_id FROM enrichment WHERE organization_id = $1 AND sealed_name IS NOT NULL"
    )
    assert [row["artifact_id"] for row in kept] == [stored.name("new")]


@pytest.mark.parametrize("state", ["processed", "ignored"])
async def test_a_body_is_forgotten_a_day_after_its_delivery_was_seen_to(
    worker_context: WorkerContext, stored: StoredFacts, state: str
) -> None:
    await add_delivery(stored, state, "now() - interval '23 hours'")
    await delete_expired(worker_context)
    assert await bodies(stored) == 1
    await stored.execute("UPDATE delivery SET processed_at = now() - interval '25 hours' WHERE organization_id = $1")
    await delete_expired(worker_context)
    assert await bodies(stored) == 0
    assert await value(stored, "SELECT count(*) FROM delivery WHERE organization_id = $1") == 1


async def test_a_body_that_waits_is_kept_and_a_dead_letter_s_goes_a_day_after_its_last_try(
    worker_context: WorkerContext, stored: StoredFacts
) -> None:
    await add_delivery(stored, "waiting", "NULL", "now() - interval '9 days'")
    await add_delivery(stored, "dead", "NULL", "now() - interval '23 hours'")
    await delete_expired(worker_context)
    assert await bodies(stored) == 2
    await stored.execute("UPDATE delivery SET next_attempt_at = now() - interval '25 hours' WHERE organization_id = $1")
    await delete_expired(worker_context)
    assert await value(stored, "SELECT state FROM delivery WHERE organization_id = $1 AND sealed_body IS NOT NULL") == (
        "waiting"
    )


async def test_links_that_open_nothing_any_longer_are_forgotten(
    worker_context: WorkerContext, stored: StoredFacts
) -> None:
    for digest, hours in ((b"old", -1), (b"good", 1)):
        await stored.execute(
            "INSERT INTO sign_in_link (organization_id, digest, expires_at)"
            f" VALUES ($1, $2, now() + interval '{hours} hours')",
            digest,
        )
        await stored.execute(
            "INSERT INTO dashboard_session (organization_id, digest, role, actor, expires_at)"
            f" VALUES ($1, $2, 'viewer', 'link', now() + interval '{hours} hours')",
            digest,
        )
        await stored.execute(
            "INSERT INTO shared_link (organization_id, link_id, digest, sealed_view, created_by, expires_at)"
            f" VALUES ($1, gen_random_uuid(), $2, '', 'operator', now() - interval '{90 * 24 - hours} hours')",
            digest,
        )
    await delete_expired(worker_context)
    for table in ("sign_in_link", "dashboard_session", "shared_link"):
        assert await value(stored, f"SELECT digest FROM {table} WHERE organization_id = $1") == b"good", table


@pytest.mark.parametrize(
    ("table", "columns", "kept", "gone"),
    [
        ("measurement", "measurement_id", "'\\x01'", "71 hours/73 hours"),
        ("token_tally", "tally_id", "'\\x01'", "71 hours/73 hours"),
        ("reported_request", "report_id", "'\\x01'", "89 days/91 days"),
        ("metric_series", "series_id, value, moment", "'\\x01', 5, 6", "89 days/91 days"),
    ],
)
async def test_series_and_spans_are_kept_as_long_as_they_may_be_repeated(
    table: str, columns: str, kept: str, gone: str, worker_context: WorkerContext, stored: StoredFacts
) -> None:
    young, old = gone.split("/")
    await stored.execute(
        f"INSERT INTO {table} (organization_id, {columns}, seen_at) VALUES ($1, {kept}, now() - interval '{young}')"
    )
    await delete_expired(worker_context)
    assert await value(stored, f"SELECT count(*) FROM {table} WHERE organization_id = $1") == 1
    await stored.execute(f"UPDATE {table} SET seen_at = now() - interval '{old}' WHERE organization_id = $1")
    await delete_expired(worker_context)
    assert await value(stored, f"SELECT count(*) FROM {table} WHERE organization_id = $1") == 0
