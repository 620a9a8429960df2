"""Families and versions of tags, each way of writing them named."""

import itertools

import pytest

from vocabulary.tag_names import LARGEST, MOST_NUMBERS, Version, is_patch, read_tag

FAMILIES = {
    # the repository itself
    "v1.2.3": ("", (1, 2, 3)),
    "1.2.3": ("", (1, 2, 3)),
    "V1.2": ("", (1, 2)),
    "v1": ("", (1,)),
    "release-1.2.3": ("", (1, 2, 3)),
    "release/v1.2.3": ("", (1, 2, 3)),
    "releases/2.0": ("", (2, 0)),
    "refs/tags/v1.2.3": ("", (1, 2, 3)),
    "REL_15_2": ("", (15, 2)),
    "R_2_5_0": ("", (2, 5, 0)),
    "build-1234": ("build", (1234,)),
    # packages of a repository
    "pkg@1.2.3": ("pkg", (1, 2, 3)),
    "@scope/pkg@1.2.3": ("@scope/pkg", (1, 2, 3)),
    "@scope/other@1.2.3": ("@scope/other", (1, 2, 3)),
    "@scope/p2@10.0.0": ("@scope/p2", (10, 0, 0)),
    "pkg/v1.2.3": ("pkg", (1, 2, 3)),
    "go/deep/pkg/v0.4.0": ("go/deep/pkg", (0, 4, 0)),
    "pkg-v1.2.3": ("pkg", (1, 2, 3)),
    "pkg-1.2.3": ("pkg", (1, 2, 3)),
    "pkg_1.2.3": ("pkg", (1, 2, 3)),
    "pkg-release-1.2.3": ("pkg", (1, 2, 3)),
    "github-api-1.330": ("github-api", (1, 330)),
    "log4j-2.17.1": ("log4j", (2, 17, 1)),
    "oauth2-proxy-7.4.0": ("oauth2-proxy", (7, 4, 0)),
    "pkg-2-1.0.0": ("pkg-2", (1, 0, 0)),
    "curl-8_5_0": ("curl", (8, 5, 0)),
    "go1.21.0": ("go", (1, 21, 0)),
    "jdk-21+35": ("jdk", (21,)),
    # days
    "2026-11-22": ("", (20261122, 0)),
    "v2026.11.22": ("", (20261122, 0)),
    "release-20261122.2": ("", (20261122, 0, 2)),
    "pkg-2026-11-22": ("pkg", (20261122, 0)),
    "2026.1.3": ("", (2026, 1, 3)),
    "20269922": ("", (20269922,)),
    "2026-11": ("", (2026, 11)),
    "v2026-11": ("", (2026, 11)),
    "release-2026-11": ("", (2026, 11)),
    "2026-11-r2": ("", (2026, 11, 2)),
    "2026w47": ("", (2026, 47)),
    "2026-W47": ("", (2026, 47)),
    "pkg-2026q4": ("pkg", (2026, 4)),
    "26.11.1": ("", (26, 11, 1)),
    "2026-11-22T12-30": ("", (20261122, 0, 12, 30)),
    "ubuntu22/20261122.1": ("ubuntu22", (20261122, 0, 1)),
    "ubuntu-20.04/20261122": ("ubuntu-20.04", (20261122, 0)),
    # build metadata behind a version
    "1.2.0-20261122": ("", (1, 2, 0)),
    "v2.0.0+20261122": ("", (2, 0, 0)),
    "v1.2.0-2026-11-22": ("", (1, 2, 0)),
    "1.2.0-2026.11.22": ("", (1, 2, 0)),
    "1.2.3.20261122": ("", (1, 2, 3)),
    "v0.0.0-20261122093000-abcdef123456": ("", (0, 0, 0)),
    "pkg-1.2.0-20261122": ("pkg", (1, 2, 0)),
    "pkg@1.2.0-20261122.2": ("pkg", (1, 2, 0)),
    # platforms and builds behind a version
    "1.2.3-android": ("", (1, 2, 3)),
    "v33.0.0-jre": ("", (33, 0, 0)),
    "1.2.3-linux-amd64": ("", (1, 2, 3)),
    "1.2.3-abcdef1": ("", (1, 2, 3)),
    "3.3a": ("", (3, 3, 0, 1)),
    "1.2.3-a1b2c3d": ("", (1, 2, 3)),
    "v1.2.3-gc0ffee1": ("", (1, 2, 3)),
    "20261122-abc1234": ("", (20261122, 0)),
    "v1.2.3-arm64-v8a": ("", (1, 2, 3)),
    "1.2.3(45)": ("", (1, 2, 3)),
    "v22.20.0-lts-jod": ("", (22, 20, 0)),
    "v1.2.3-4-gabc1234": ("", (1, 2, 3, 4)),
    # words before a version of the repository itself
    "hotfix-1.2.3": ("", (1, 2, 3)),
    "hotfix/v1.2.3": ("", (1, 2, 3)),
    "stable-v1.2.3": ("", (1, 2, 3)),
    "lts/1.2.3": ("", (1, 2, 3)),
}


@pytest.mark.parametrize("tag", FAMILIES)
def test_a_tag_names_its_family_and_its_numbers(tag: str) -> None:
    found = read_tag(tag)
    assert found.version is not None
    assert (found.family, found.version.numbers) == FAMILIES[tag]
    assert not found.version.is_prerelease


@pytest.mark.parametrize(
    "tag", ["latest", "Nightly", "pkg-latest", "edge/app", "refs/tags/stable", "latest-dev", "v1-latest", "1.2-edge"]
)
def test_the_name_of_a_channel_moves(tag: str) -> None:
    assert read_tag(tag).is_moving
    assert read_tag(tag).version is None


@pytest.mark.parametrize("tag", ["banana", "", "@", "v", "v1", "latest-1.2.3", "nightly-2026-11-22", "the-next-thing"])
def test_other_names_do_not_move(tag: str) -> None:
    assert not read_tag(tag).is_moving


@pytest.mark.parametrize("tag", ["latest", "nightly", "stable", "banana", "", "  ", "@", "v", "log4j", "ÄÖ-x"])
def test_a_tag_without_a_version_has_only_a_name(tag: str) -> None:
    assert read_tag(tag).version is None
    assert read_tag(tag).family == ""


PRERELEASES = {
    "v1.4.0-rc.1": ("", (1, 4, 0), ("rc", 1)),
    "1.4.0rc1": ("", (1, 4, 0), ("rc", 1)),
    "1.2.0.dev3": ("", (1, 2, 0), ("dev", 3)),
    "5.0.0-M1": ("", (5, 0, 0), ("m", 1)),
    "1.0-SNAPSHOT": ("", (1, 0), ("snapshot",)),
    "github-api-2.0.0-alpha-1": ("github-api", (2, 0, 0), ("alpha", 1)),
    "@scope/pkg@3.0.0-next.4": ("@scope/pkg", (3, 0, 0), ("next", 4)),
    "pkg/v1.0.0-beta.2+build.7": ("pkg", (1, 0, 0), ("beta", 2)),
    "v2-beta.1": ("", (2,), ("beta", 1)),
    "go1.22rc1": ("go", (1, 22), ("rc", 1)),
    "1.2.0-dev.20261122": ("", (1, 2, 0), ("dev", 20261122)),
    "1.2.3-android-beta.1": ("", (1, 2, 3), ("beta", 1)),
    "2026-11-22-rc1": ("", (20261122, 0), ("rc", 1)),
    "2026-11-beta": ("", (2026, 11), ("beta",)),
    "2.0.0a20261122": ("", (2, 0, 0), ("a", 20261122)),
    "2.0.0-b1234567": ("", (2, 0, 0), ("b", 1234567)),
    "1.2.0-nightly": ("", (1, 2, 0), ("nightly",)),
    "v2-beta": ("", (2,), ("beta",)),
}


@pytest.mark.parametrize("tag", PRERELEASES)
def test_a_prerelease_is_of_the_family_of_its_release(tag: str) -> None:
    found = read_tag(tag)
    assert found.version is not None
    assert (found.family, found.version.numbers, found.version.prerelease) == PRERELEASES[tag]
    assert found.version.is_prerelease


@pytest.mark.parametrize("tag", ["1.2.3.Final", "1.2.3.RELEASE", "1.2.3-ga", "1.2.3+build.5", "v1.2.3"])
def test_what_only_says_that_it_is_released_changes_nothing(tag: str) -> None:
    assert read_tag(tag).version == Version((1, 2, 3))


@pytest.mark.parametrize("tag", ["1.2.3-hotfix.2", "1.2.3.post2", "1.2.3-p2", "1.2.3-patch-2", "1.2.3.SP2"])
def test_a_fix_of_a_release_comes_after_it(tag: str) -> None:
    version = read_tag(tag).version
    assert version == Version((1, 2, 3, 2))
    assert version > Version((1, 2, 3))
    assert not version.is_prerelease


def test_versions_are_ordered_as_semantic_versioning_says() -> None:
    """The example of its §11, and numbers compared as numbers."""
    written = (
        "0.9.10",
        "1.0.0-alpha",
        "1.0.0-alpha.1",
        "1.0.0-alpha.beta",
        "1.0.0-beta",
        "1.0.0-beta.2",
        "1.0.0-beta.11",
        "1.0.0-rc.1",
        "1.0.0",
        "1.0.1",
        "1.2.0",
        "1.10.0",
        "2.0.0-rc.1",
        "2.0.0",
    )
    versions = [read_tag(tag).version for tag in written]
    for earlier, later in itertools.combinations(versions, 2):
        assert earlier is not None
        assert later is not None
        assert earlier < later
        assert not later < earlier
        assert earlier != later


def test_a_missing_number_is_zero() -> None:
    assert Version((1, 2)) == Version((1, 2, 0))
    assert hash(Version((1, 2))) == hash(Version((1, 2, 0)))
    assert Version((1, 2)) < Version((1, 2, 1))
    assert Version((1, 2)) != "1.2"


def test_a_number_beyond_all_others_still_fits_a_column() -> None:
    assert read_tag("v1." + "9" * 5000).version == Version((1, LARGEST))
    assert read_tag(".".join("1" * 5000)).version == Version((1,) * MOST_NUMBERS)


@pytest.mark.parametrize(
    ("numbers", "earlier", "expected"),
    [
        ((1, 2, 4), (1, 2, 3), True),
        ((1, 2, 9), (1, 2, 3), True),
        ((1, 2, 1), (1, 2), True),
        ((1, 2, 3, 1), (1, 2, 3), True),
        ((1, 3, 0), (1, 2, 3), False),
        ((1, 331), (1, 330), False),
        ((2,), (1,), False),
        ((1, 2, 3), (1, 2, 3), False),
        ((1, 2, 2), (1, 2, 3), False),
        ((20261123, 0), (20261122, 0), False),
        ((20261122, 0, 2), (20261122, 0), True),
    ],
)
def test_a_patch_has_the_same_series_and_a_higher_number_after_it(
    numbers: tuple[int, ...], earlier: tuple[int, ...], expected: bool
) -> None:
    assert is_patch(numbers, earlier) is expected
