"""In which order tags are tried as the one that a release follows."""

from datetime import UTC, datetime, timedelta

from workers.forges.previous_tags import Tagged, candidates

START = datetime(2026, 3, 2, tzinfo=UTC)


def tagged(*names: str) -> dict[str, Tagged]:
    """Tags a day apart, each on a commit of its own."""
    return {name: Tagged(name, f"{day:040x}", START + timedelta(days=day)) for day, name in enumerate(names, 1)}


def order(tag: str, tags: dict[str, Tagged]) -> list[str]:
    return [each.name for each in candidates(tags[tag], tags.values())]


def test_the_highest_version_below_comes_first_whenever_it_was_made() -> None:
    tags = tagged("v1.9.0", "v1.10.0", "v1.9.1", "v1.11.0")
    assert order("v1.11.0", tags) == ["v1.10.0", "v1.9.1", "v1.9.0"]


def test_a_prerelease_comes_before_its_release() -> None:
    assert order("v2.0.0", tagged("v1.9.0", "v2.0.0-rc.1", "v2.0.0-rc.2", "v2.0.0"))[0] == "v2.0.0-rc.2"


def test_other_families_are_never_tried() -> None:
    assert order("pkg@1.1.0", tagged("pkg@1.0.0", "other@1.0.5", "v1.0.9", "nightly", "pkg@1.1.0")) == ["pkg@1.0.0"]


def test_newer_tags_are_tried_last() -> None:
    tags = tagged("v1.0.0", "v2.0.0", "v1.5.0", "v3.0.0")
    assert order("v2.0.0", tags) == ["v1.0.0", "v1.5.0", "v3.0.0"]


def test_a_tag_on_the_same_commit_is_no_earlier_one() -> None:
    tags = tagged("v1.2.2", "v1.2.3")
    tags["v1"] = tags["v1.2.3"]._replace(name="v1")
    assert order("v1.2.3", tags) == ["v1.2.2"]


def test_names_without_a_version_are_tried_newest_first() -> None:
    assert order("gamma", tagged("alpha", "beta", "gamma", "delta")) == ["beta", "alpha", "delta"]
