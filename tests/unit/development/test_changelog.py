"""How the unreleased part of the changelog becomes a release."""

from datetime import date

import click
import pytest

from development.changelog import release_notes, with_release

DAY = date(2026, 12, 1)
HEAD = "# Changelog\n\n"
OLDER = "## 0.1.0 (2026-11-30)\n\n### Added\n- Everything.\n"


def test_what_is_unreleased_gets_version_and_day_and_an_empty_part_stands_above() -> None:
    changelog = f"{HEAD}## Unreleased\n\n### Fixed\n- A lock.\n\n{OLDER}"
    released = with_release(changelog, "0.2.0", DAY)
    assert released == f"{HEAD}## Unreleased\n\n## 0.2.0 (2026-12-01)\n\n### Fixed\n- A lock.\n\n{OLDER}"
    assert release_notes(released, "0.2.0") == "### Fixed\n- A lock."
    assert release_notes(released, "0.1.0") == "### Added\n- Everything."


@pytest.mark.parametrize(
    ("changelog", "problem"),
    [
        (f"{HEAD}## Unreleased\n\n{OLDER}", "the section Unreleased in CHANGELOG.md is empty"),
        (f"{HEAD}## Unreleased\n", "the section Unreleased in CHANGELOG.md is empty"),
        (f"{HEAD}{OLDER}", "must have one section"),
    ],
)
def test_a_release_without_changes_is_refused(changelog: str, problem: str) -> None:
    with pytest.raises(click.ClickException, match=problem):
        with_release(changelog, "0.2.0", DAY)
