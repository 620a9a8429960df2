"""`make release`: date the changelog's unreleased part, set the version, build the wheel, commit and tag.

The wheel is built from a copy of HEAD, before anything is changed.
"""

import os
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import tomllib
import zipfile
from dataclasses import dataclass
from datetime import UTC, date, datetime
from io import BytesIO
from pathlib import Path

import click

from development.changelog import release_notes, with_release
from development.sbom import sbom_path, write_sbom

VERSION = re.compile(r"(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)")
_WRITTEN_VERSION = re.compile(r'^version = "[^"]*"$', re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Plan:
    """A planned release: its version, and the new contents of both files."""

    version: str
    project: str
    changelog: str

    @property
    def tag(self) -> str:
        """Return the name of the tag."""
        return f"v{self.version}"

    @property
    def files(self) -> dict[str, str]:
        """Return the new contents by path."""
        return {"pyproject.toml": self.project, "CHANGELOG.md": self.changelog}


def choose_version(wanted: str | None, present: str, tags: list[str]) -> str:
    """Return the version to release: `wanted`, or the present one if it has no tag.

    Raises ClickException if it is already released, or not newer than the newest release.
    """
    released = [tag[1:] for tag in tags if tag.startswith("v") and VERSION.fullmatch(tag[1:])]
    if wanted is None and present in released:
        raise click.ClickException(f"{present} is already released; set the next version: make release VERSION=X.Y.Z")
    version = wanted or present
    if VERSION.fullmatch(version) is None:
        raise click.ClickException(f"the version must be three numbers such as 1.2.3, not {version!r}")
    if released and _numbers(version) <= max(map(_numbers, released)):
        newest = max(released, key=_numbers)
        raise click.ClickException(f"the version must be newer than {newest}, the newest release, not {version}")
    return version


def make_plan(wanted: str | None, project: str, changelog: str, tags: list[str], day: date) -> Plan:
    """Plan a release from the present contents of both files."""
    version = choose_version(wanted, tomllib.loads(project)["project"]["version"], tags)
    return Plan(
        version,
        _WRITTEN_VERSION.sub(f'version = "{version}"', project, count=1),
        with_release(changelog, version, day),
    )


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(number) for number in version.split("."))


def build_wheel(plan: Plan, folder: Path) -> Path:
    """Build the wheel of HEAD with the plan's files in an existing folder; return its path."""
    committed = subprocess.run(["git", "archive", "HEAD"], check=True, capture_output=True)  # noqa: S607 - any git
    with tempfile.TemporaryDirectory(prefix="shipledger-release-") as source:
        with tarfile.open(fileobj=BytesIO(committed.stdout)) as archive:
            archive.extractall(source, filter="data")
        for path, text in plan.files.items():
            Path(source, path).write_text(text)
        subprocess.run(
            [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(folder)],
            check=True,
            cwd=source,
            capture_output=True,
            env={**os.environ, "SOURCE_DATE_EPOCH": _git("log", "-1", "--format=%ct")},
        )
    wheel = folder / f"shipledger-{plan.version}-py3-none-any.whl"
    with zipfile.ZipFile(wheel) as packed:
        if "schema/_alembic/env.py" not in packed.namelist():
            raise click.ClickException("the wheel does not contain the migrations")
    return wheel


def _git(*arguments: str, text: str | None = None) -> str:
    command = ["git", *arguments]
    finished = subprocess.run(command, input=text, capture_output=True, text=True, check=False)
    if finished.returncode:
        raise click.ClickException(f"{' '.join(command[:2])} failed: {finished.stderr.strip()}")
    return finished.stdout.strip()


def _commit_and_tag(plan: Plan) -> None:
    for path, content in plan.files.items():
        Path(path).write_text(content)
    _git("commit", "--quiet", "--message", f"release: {plan.version}", *plan.files)
    notes = f"{plan.version}\n\n{release_notes(plan.changelog, plan.version)}\n"
    _git("tag", "--annotate", plan.tag, "--cleanup=verbatim", "--file=-", text=notes)


@click.command()
@click.argument("version", required=False)
@click.option("--dry-run", is_flag=True, help="Build the wheel in a temporary folder and show the notes.")
def main(version: str | None, *, dry_run: bool) -> None:
    """Release HEAD.

    Example: python -m development.release 0.2.0 --dry-run
    """
    if changed := _git("status", "--porcelain"):
        raise click.ClickException(f"commit or remove these changes first:\n{changed}")
    tags = _git("tag", "--list").splitlines()
    day = datetime.now(UTC).date()
    plan = make_plan(version, Path("pyproject.toml").read_text(), Path("CHANGELOG.md").read_text(), tags, day)
    with tempfile.TemporaryDirectory(prefix="shipledger-wheel-") as folder:
        wheel = build_wheel(plan, Path(folder))
        click.echo(f"{plan.tag}: {wheel.name}, {wheel.stat().st_size // 1000} kB")
        if dry_run:
            click.echo(release_notes(plan.changelog, plan.version))
            click.echo("Nothing was changed. Without DRY_RUN=1 this commits, tags, and stores the wheel in dist/.")
            return
        _commit_and_tag(plan)
        Path("dist").mkdir(exist_ok=True)
        kept = shutil.move(wheel, Path("dist", wheel.name))
        materials = sbom_path(Path("dist"), plan.version)
        write_sbom(materials, plan.version)
    click.echo(f"Committed and tagged; {kept} and {materials} are kept. Publish with: git push --follow-tags")


if __name__ == "__main__":
    main()
