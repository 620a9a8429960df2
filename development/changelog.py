"""Turn the unreleased part of the changelog into a release. Pure."""

import re
from datetime import date

import click

UNRELEASED = "## Unreleased\n"
_NEXT_SECTION = re.compile(r"^## ", re.MULTILINE)


def with_release(changelog: str, version: str, day: date) -> str:
    """Return the changelog with the unreleased part moved to a new section for the version and day.

    Raises ClickException if the unreleased part is missing or empty.
    """
    if changelog.count(UNRELEASED) != 1:
        raise click.ClickException('CHANGELOG.md must have one section "## Unreleased"')
    before, _, after = changelog.partition(UNRELEASED)
    if not _until_next_section(after):
        raise click.ClickException("the section Unreleased in CHANGELOG.md is empty; write what changed")
    return f"{before}{UNRELEASED}\n## {version} ({day.isoformat()})\n{after}"


def release_notes(changelog: str, version: str) -> str:
    """Return the section of a version, without its heading."""
    _, _, after = changelog.partition(f"\n## {version} (")
    return _until_next_section(after.partition("\n")[2])


def _until_next_section(text: str) -> str:
    return _NEXT_SECTION.split(text, maxsplit=1)[0].strip()
