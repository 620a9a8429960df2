"""The bill of materials that is kept with a release."""

import json
import re
from pathlib import Path

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from development.sbom import LOCK, ROOT, project_version, sbom_path, write_sbom

# A package may be locked at several versions, for several versions of Python.
LOCKED = set(re.findall(r"^([a-z0-9][a-z0-9._-]*)(?:\[[^\]]*\])?==([^\s;]+)", (ROOT / LOCK).read_text(), re.MULTILINE))


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = sbom_path(tmp_path_factory.mktemp("dist"), project_version())
    write_sbom(path, project_version())
    return path


def test_it_is_valid_cyclonedx(written: Path) -> None:
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(written.read_text()) is None


def test_it_lists_every_locked_package_with_version_and_hashes(written: Path) -> None:
    bill = json.loads(written.read_text())
    assert len(LOCKED) > 50
    assert {(each["name"], each["version"]) for each in bill["components"]} == LOCKED
    for each in bill["components"]:
        assert each["externalReferences"][0]["hashes"], each["name"]
        assert each["purl"].startswith("pkg:pypi/")


def test_the_release_itself_needs_all_of_them(written: Path) -> None:
    bill = json.loads(written.read_text())
    root = bill["metadata"]["component"]
    assert (root["name"], root["version"]) == ("shipledger", project_version())
    (needed,) = [each["dependsOn"] for each in bill["dependencies"] if each["ref"] == root["bom-ref"]]
    assert len(needed) == len(LOCKED)


def test_the_same_commit_gives_the_same_bytes(written: Path, tmp_path: Path) -> None:
    write_sbom(tmp_path / "again.json", project_version())
    assert (tmp_path / "again.json").read_bytes() == written.read_bytes()
