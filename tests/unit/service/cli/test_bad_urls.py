"""A URL that cannot be one stops each command with one line that names where it came from."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from service.cli.main import main

SECRET = "a secret of the tests, long enough to be one"


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    monkeypatch.setenv("SHIPLEDGER_SECRET_KEY", SECRET)
    monkeypatch.delenv("DATABASE_URL", raising=False)
    return monkeypatch


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, arguments)


@pytest.mark.parametrize(
    "command",
    [["service"], ["worker"], ["migrate"], ["up", "--json"], ["doctor"], ["key", "list"], ["organization", "list"]],
)
@pytest.mark.parametrize(
    ("variable", "value", "remedy"),
    [
        ("DATABASE_URL", "mysql://CANARY@localhost/x", "must begin with postgresql://"),
        ("DATABASE_URL", "postgresql://u@localhost:5432", "must end with the name of one database"),
        ("REDIS_URL", "localhost:6379", "must begin with redis://"),
        ("SHIPLEDGER_PUBLIC_URL", "ledger.example.com", "must be a web address that begins with https://"),
    ],
)
def test_a_bad_setting_stops_every_command_by_name(
    environment: pytest.MonkeyPatch, tmp_path: Path, command: list[str], variable: str, value: str, remedy: str
) -> None:
    environment.setenv("DATABASE_URL", "postgresql://u@localhost/x")
    environment.setenv(variable, value)
    data = ["--data", str(tmp_path / "data")] if command[0] == "up" else []
    result = run(*command, *data)
    assert result.exit_code == 1
    assert result.output.startswith(f"error: {variable} {remedy}")
    assert result.output.count("\n") == 1
    assert "CANARY" not in result.output
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize(
    "command", [["teams", "list"], ["ledger"], ["doctor"], ["agent-config", "codex", "--team", "a"]]
)
@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("ledger.example.com", "begins with https://"),
        ("https://me:CANARY@ledger.example.com", "without a user"),
        ("https://ledger.example.com?x=1", "without a query"),
        ("http://::1:8787", "valid host"),
    ],
)
def test_a_bad_address_of_the_service_is_named_by_its_option_or_variable(
    environment: pytest.MonkeyPatch, command: list[str], url: str, reason: str
) -> None:
    by_option = run(*command, "--url", url)
    environment.setenv("SHIPLEDGER_URL", url)
    by_variable = run(*command)
    for result, source in ((by_option, "--url"), (by_variable, "SHIPLEDGER_URL")):
        assert result.exit_code == 1
        assert result.output.startswith(f"error: {source} must be a web address")
        assert reason in result.output
        assert "CANARY" not in result.output
