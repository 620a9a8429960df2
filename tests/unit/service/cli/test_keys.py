"""Key files are made and changed on the command line, without a database."""

import json
import secrets
from pathlib import Path

import pytest
from click.testing import CliRunner

from key_services.configured import ring_of
from schema.settings import Settings
from service.cli.main import main


@pytest.fixture
def address(tmp_path: Path) -> str:
    file = tmp_path / "wrapping-key"
    file.write_text(secrets.token_hex(32))
    return f"file:{file}"


def said(*arguments: str) -> dict[str, object]:
    finished = CliRunner().invoke(main, ["keys", *arguments, "--json"])
    assert finished.exit_code == 0, finished.output
    found: dict[str, object] = json.loads(finished.stdout)
    return found


def present(file: Path) -> str:
    return ring_of(Settings(key_file=str(file), _env_file=None)).present_id.hex()


def test_a_new_key_only_decrypts_until_it_is_used(tmp_path: Path, address: str) -> None:
    file = tmp_path / "keys.json"
    create = ("create", "--service", address, "--file", str(file))
    assert said(*create, "--dry-run")["dry_run"] is True
    assert not file.exists()
    first, second = said(*create), said(*create)
    assert (first["use"], second["use"]) == ("encrypts", "decrypts")
    assert present(file) == first["key"]
    use = ("use", str(second["key"]), "--file", str(file))
    said(*use, "--dry-run")
    assert json.loads(file.read_text())["keys"][0]["id"] == first["key"]
    assert said(*use)["use"] == "encrypts"
    assert [each["id"] for each in json.loads(file.read_text())["keys"]] == [second["key"], first["key"]]


def test_a_key_that_the_file_lacks_is_refused_with_the_keys_that_it_has(tmp_path: Path, address: str) -> None:
    file = tmp_path / "keys.json"
    made = said("create", "--service", address, "--file", str(file))
    refused = CliRunner().invoke(main, ["keys", "use", "0123456789abcdef", "--file", str(file)])
    assert refused.exit_code == 1
    assert str(made["key"]) in refused.stderr


def test_a_key_service_that_is_unknown_is_refused(tmp_path: Path) -> None:
    refused = CliRunner().invoke(main, ["keys", "create", "--service", "nowhere", "--file", str(tmp_path / "f")])
    assert refused.exit_code == 1
    assert "must begin with one of: file, age, aws-kms" in refused.stderr
