from datetime import UTC, datetime

from schema.identifiers import Hasher
from schema.tokens import TokenCounts
from service.telemetry.hashing import LinkHashes, hash_readings
from service.telemetry.normalised import Links, Readings, TokenEvent

HASHER = Hasher(b"key" * 11)


def hashed(links: Links) -> LinkHashes:
    event = TokenEvent(
        source="test",
        identity=("1",),
        occurred_at=datetime(2026, 3, 2, tzinfo=UTC),
        tokens=TokenCounts(1),
        links=links,
    )
    (row,) = hash_readings(HASHER, Readings(events=[event])).events
    return row.links


def test_a_branch_that_a_forge_made_for_a_pull_request_counts_as_its_number() -> None:
    for branch in (f"gh-readonly-queue/main/pr-7-{'a1' * 20}", "7/merge", "refs/merge-requests/7/train"):
        links = hashed(Links(branch=branch))
        assert (links.number, links.branch) == (HASHER.number(7), None)


def test_a_number_that_is_told_outweighs_the_one_in_a_branch() -> None:
    assert hashed(Links(number=8, branch="7/merge")).number == HASHER.number(8)


def test_a_branch_of_people_stays_a_branch() -> None:
    links = hashed(Links(branch="fix/7"))
    assert (links.number, links.branch) == (None, HASHER.branch("fix/7"))
