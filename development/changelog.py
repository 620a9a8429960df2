"""The changelog: its unreleased part becomes a release. Pure."""

import re
from datetime import date

import click

UNRELEASED = "## Unreleased\n"
_NEXT_SECTION = re.compile(r"^## ", re.MULTILINE)


def with_release(changelog: str, version: str, day: date) -> str:
    """The changelog with its unreleased part under a version and day, and an empty unreleased part above.

    Raises ClickException if the unreleased part is missing or empty.
    """
    if changelog.count(UNRELEASED) != 1:
        raise click.ClickException('CHANGELOG.md must have one section "## Unreleased"')
    before, _, after = changelog.partition(UNRELEASED)
    if not _until_next_section(after):
        raise click.ClickException("nothing stands under Unreleased in CHANGELOG.md; write what changed")
    return f"{before}{UNRELEASED}\n## {version} ({day.isoformat()})\n{after}"


def release_notes(changelog: str, version: str) -> str:
    """What stands under a version."""
    _, _, after = changelog.partition(f"\n## {version} (")
    return _until_next_section(after.partition("\n")[2])


def _until_next_section(text: str) -> str:
    return _NEXT_SECTION.split(text, maxsplit=1)[0].strip()
