"""Which version a release gets, and the release itself in a scratch repository."""

import subprocess
import sys
import zipfile
from datetime import date
from pathlib import Path

import click
import pytest

from development.release import choose_version, make_plan

ROOT = Path(__file__).resolve().parents[3]
CHANGELOG = "# Changelog\n\n## Unreleased\n\n### Added\n- Everything.\n"


def test_the_present_version_is_released_while_it_has_no_tag() -> None:
    assert choose_version(None, "0.1.0", []) == "0.1.0"
    assert choose_version("0.2.0", "0.1.0", ["v0.1.0", "nightly"]) == "0.2.0"
    assert choose_version("0.10.0", "0.9.0", ["v0.9.0"]) == "0.10.0"


@pytest.mark.parametrize(
    ("wanted", "problem"),
    [
        (None, "0.1.0 is already released; set the next version"),
        ("0.1.0", "must be newer than 0.1.0"),
        ("0.0.9", "must be newer than 0.1.0"),
        ("1.0", "three numbers"),
        ("v1.0.0", "three numbers"),
    ],
)
def test_a_version_that_cannot_follow_is_refused(wanted: str | None, problem: str) -> None:
    with pytest.raises(click.ClickException, match=problem):
        choose_version(wanted, "0.1.0", ["v0.1.0"])


def test_only_the_version_of_the_project_is_changed() -> None:
    project = (ROOT / "pyproject.toml").read_text()
    plan = make_plan("7.8.9", project, CHANGELOG, [], date(2026, 12, 1))
    changed = [
        after for before, after in zip(project.splitlines(), plan.project.splitlines(), strict=True) if before != after
    ]
    assert changed == ['version = "7.8.9"']


def git(repository: Path, *arguments: str) -> str:
    identity = ("-c", "user.name=Tester", "-c", "user.email=tester@example.com")
    finished = subprocess.run(
        ["git", *identity, *arguments], cwd=repository, check=True, capture_output=True, text=True
    )
    return finished.stdout.strip()


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A small repository with what a wheel is made of."""
    for role in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{role}_NAME", "Tester")
        monkeypatch.setenv(f"GIT_{role}_EMAIL", "tester@example.com")
    for name in ("pyproject.toml", "README.md", "LICENSE", ".gitignore"):
        (tmp_path / name).write_bytes((ROOT / name).read_bytes())
    for package in ("key_services", "schema", "service", "vocabulary", "workers"):
        (tmp_path / package).mkdir()
        (tmp_path / package / "__init__.py").write_text("")
    (tmp_path / "alembic").mkdir()
    (tmp_path / "alembic" / "env.py").write_text("")
    (tmp_path / "CHANGELOG.md").write_text(CHANGELOG)
    git(tmp_path, "init", "--quiet", "--initial-branch=main")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "--quiet", "--message", "make: begin")
    return tmp_path


def release(repository: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    code = f"import sys; sys.path.insert(0, {str(ROOT)!r}); from development.release import main; main()"
    return subprocess.run(
        [sys.executable, "-c", code, *arguments], cwd=repository, capture_output=True, text=True, check=False
    )


def test_a_release_is_committed_and_tagged_with_its_notes_and_its_wheel_kept(repository: Path) -> None:
    finished = release(repository, "0.3.0")
    assert finished.returncode == 0, finished.stderr
    assert git(repository, "log", "-1", "--format=%s") == "release: 0.3.0"
    assert git(repository, "status", "--porcelain") == ""
    assert "### Added\n- Everything." in git(repository, "for-each-ref", "refs/tags/v0.3.0", "--format=%(contents)")
    assert git(repository, "rev-parse", "v0.3.0^{commit}") == git(repository, "rev-parse", "HEAD")
    assert 'version = "0.3.0"' in (repository / "pyproject.toml").read_text()
    assert "## 0.3.0 (" in (repository / "CHANGELOG.md").read_text()
    with zipfile.ZipFile(repository / "dist" / "shipledger-0.3.0-py3-none-any.whl") as wheel:
        assert "Version: 0.3.0\n" in wheel.read("shipledger-0.3.0.dist-info/METADATA").decode()


def test_a_dry_run_shows_the_release_and_changes_nothing(repository: Path) -> None:
    before = git(repository, "rev-parse", "HEAD")
    finished = release(repository, "0.3.0", "--dry-run")
    assert finished.returncode == 0, finished.stderr
    for shown in ("v0.3.0", "shipledger-0.3.0-py3-none-any.whl", "- Everything."):
        assert shown in finished.stdout
    assert (git(repository, "rev-parse", "HEAD"), git(repository, "tag"), git(repository, "status", "-s")) == (
        before,
        "",
        "",
    )
    assert not (repository / "dist").exists()


def test_a_changed_work_tree_is_refused(repository: Path) -> None:
    (repository / "schema" / "new.py").write_text("")
    finished = release(repository, "0.3.0")
    assert finished.returncode == 1
    assert "commit or remove these changes first:\n?? schema/new.py" in finished.stderr
    assert git(repository, "tag") == ""
