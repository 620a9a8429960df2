from datetime import UTC, datetime

import pytest

from workers.forge_events.reading import commit, count, host_of, instant, mapping, whole


@pytest.mark.parametrize(
    "written",
    [
        "2026-03-02T10:00:00Z",
        "2026-03-02 10:00:00 UTC",
        "2026-03-02 12:00:00 +0200",
        "2026-03-02T12:00:00+02:00",
        "2026-03-02T10:00:00",
        "2026-03-02T10:00:00.000Z",
        1772445600,
    ],
)
def test_every_way_forges_write_a_time_is_the_same_instant(written: str | int) -> None:
    assert instant({"at": written}, "at") == datetime(2026, 3, 2, 10, tzinfo=UTC)


@pytest.mark.parametrize("written", [None, "", "soon", True, 0, -5, 10**20, "0001-01-01T00:00:00+14:00", [], {}])
def test_an_invalid_time_reads_as_none(written: object) -> None:
    assert instant({"at": written}, "at") is None


def test_an_all_zero_sha_reads_as_none() -> None:
    assert commit({"sha": "0" * 40}, "sha") is None
    assert commit({"sha": "ABCDEF0123" * 4}, "sha") == "abcdef0123" * 4
    for odd in (None, "abc", "g" * 40, 7):
        assert commit({"sha": odd}, "sha") is None


def test_numbers_are_positive_and_whole() -> None:
    assert whole({"id": 7}, "id") == 7
    for odd in (0, -1, True, 1.5, "7", None):
        assert whole({"id": odd}, "id") is None


def test_a_count_needs_all_its_parts_and_fits_its_column() -> None:
    assert count({"a": 1, "b": 0}, "a", "b") == 1
    assert count({"a": 1}, "a", "b") is None
    assert count({"a": True, "b": 1}, "a", "b") is None
    assert count({"a": 10**12}, "a") == 2**31 - 1


def test_a_path_through_a_value_that_is_not_an_object_is_empty() -> None:
    assert mapping({"a": {"b": {"c": 1}}}, "a", "b") == {"c": 1}
    for payload in ({"a": None}, {"a": "text"}, {"a": []}, {}):
        assert mapping(payload, "a", "b") == {}


def test_a_host_comes_from_the_address_or_from_the_connection() -> None:
    assert host_of("http://Git.Example.com:3000/a/b", "gitlab.com") == "git.example.com"
    for odd in (None, "", "no address", "http://[broken"):
        assert host_of(odd, "gitlab.com") == "gitlab.com"
