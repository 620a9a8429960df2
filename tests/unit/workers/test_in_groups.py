"""How many bodies of a batch are held at once."""

import uuid
from datetime import UTC, datetime

from workers.jobs.read_ahead import GROUP_BYTES, in_groups
from workers.stores.forge.deliveries import ClaimedDelivery


def claimed(number: int, size: int | None) -> ClaimedDelivery:
    at = datetime(2026, 11, 1, tzinfo=UTC)
    return ClaimedDelivery(number, "push", at, size, uuid.UUID(int=1), "github", "a.b", due_at=at)


def test_bodies_are_held_together_as_far_as_they_are_not_too_large() -> None:
    sizes = [GROUP_BYTES // 2, GROUP_BYTES // 2, None, 1, 3 * GROUP_BYTES, GROUP_BYTES, 5]
    found = in_groups(claimed(number, size) for number, size in enumerate(sizes))
    assert [[each.delivery_id for each in group] for group in found] == [[0, 1, 2], [3], [4], [5], [6]]


def test_no_deliveries_are_no_groups() -> None:
    assert list(in_groups([])) == []
