"""The files that GitHub, GitLab and Git hooks read."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from development.wheels import supported_pythons

ROOT = Path(__file__).resolve().parents[3]
GITHUB = ROOT / ".github" / "workflows" / "ci.yml"
GITLAB = ROOT / ".gitlab-ci.yml"
HOOKS = ROOT / ".pre-commit-config.yaml"


def read(file: Path) -> Any:
    return yaml.safe_load(file.read_text())


@pytest.mark.parametrize(
    ("file", "schema"),
    [
        (GITHUB, ["--builtin-schema", "vendor.github-workflows"]),
        (GITLAB, ["--builtin-schema", "vendor.gitlab-ci", "--data-transform", "gitlab-ci"]),
    ],
)
def test_each_is_as_its_forge_describes_it(file: Path, schema: list[str]) -> None:
    command = [sys.executable, "-m", "check_jsonschema", *schema, str(file)]
    finished = subprocess.run(command, capture_output=True, text=True, check=False)
    assert finished.returncode == 0, finished.stdout


def test_both_forges_run_the_same_script_on_the_same_versions_of_python() -> None:
    github = read(GITHUB)["jobs"]["test"]
    gitlab = read(GITLAB)["test"]
    assert github["steps"][-1]["run"] == ".ci/run"
    assert gitlab["script"] == [".ci/run"]
    assert github["strategy"]["matrix"]["python"] == gitlab["parallel"]["matrix"][0]["PYTHON"] == supported_pythons()
    assert github["container"].replace("${{ matrix.python }}", "$PYTHON") == gitlab["image"]


def test_both_forges_audit_the_packages_and_write_the_bill_of_materials() -> None:
    assert set(read(GITHUB)["jobs"]) == {"test", "packages"}
    steps = [step.get("run") for step in read(GITHUB)["jobs"]["packages"]["steps"]]
    for wanted in ("make audit REQUIRE=1", "make sbom"):
        assert wanted in steps
        assert wanted in read(GITLAB)["packages"]["script"]
    assert read(GITHUB)["jobs"]["packages"]["container"] == read(GITLAB)["packages"]["image"]


def test_hooks_run_what_is_installed_here_and_fetch_nothing() -> None:
    command = [sys.executable, "-m", "pre_commit", "validate-config", str(HOOKS)]
    assert subprocess.run(command, check=False).returncode == 0
    (repository,) = read(HOOKS)["repos"]
    assert repository["repo"] == "local"
    for hook in repository["hooks"]:
        assert hook["language"] == "system"
        assert hook["entry"].startswith(".venv/bin/")
