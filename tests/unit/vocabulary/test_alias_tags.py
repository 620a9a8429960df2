"""Which short versions stand for longer ones."""

from datetime import UTC, datetime, timedelta

from vocabulary.alias_tags import Tagged, find_aliases
from vocabulary.tag_names import read_tag

START = datetime(2026, 3, 2, tzinfo=UTC)


def aliases(*tags: str) -> set[str]:
    """Return the aliases of tags as `name commit`, each set a minute after the one before."""
    family = []
    for minute, written in enumerate(tags):
        name, commit = written.split()
        version = read_tag(name).version
        assert version is not None
        family.append(Tagged(name, version.numbers, commit, START + timedelta(minutes=minute)))
    return find_aliases(family)


def test_a_short_version_beside_its_first_longer_one_is_an_alias() -> None:
    assert aliases("v1 a", "v1.0.0 b") == {"v1"}
    assert aliases("v1.2 a", "v1.2.0 b", "v1.2.1 c") == {"v1.2"}


def test_a_short_version_that_was_set_after_a_longer_one_is_an_alias() -> None:
    assert aliases("v1.1.0 a", "v1 b") == {"v1"}


def test_a_short_version_on_the_commit_of_a_longer_one_is_an_alias() -> None:
    assert aliases("v1 a", "v1.1.0 a") == {"v1"}


def test_a_short_version_is_a_release_before_its_patches() -> None:
    assert aliases("1.2 a", "1.2.1 b", "1.2.2 c", "1.3 d") == set()


def test_versions_of_one_number_alone_are_releases() -> None:
    assert aliases("v1 a", "v2 b", "v3 c") == set()


def test_a_longer_version_of_another_series_says_nothing() -> None:
    assert aliases("v1 a", "v2.0.0 a", "v3 b") == set()
