"""The overview, the help of every command, and how errors look."""

import subprocess
import sys
from importlib.metadata import version

import click
import pytest
from click.testing import CliRunner

from schema.errors import BadInputError, SetUpError
from service.cli import main as cli
from service.cli.main import COMMANDS, Place, main

HEAVY = ("litestar", "sqlalchemy", "asyncpg", "arq", "httpx", "pydantic", "rich", "google.protobuf")


def every_command() -> list[tuple[str, ...]]:
    """Paths of all commands and the commands below them."""
    paths = []
    for name in COMMANDS:
        command = main.get_command(click.Context(main), name)
        paths.append((name,))
        if isinstance(command, click.Group):
            paths += [(name, below) for below in command.commands]
    return paths


@pytest.mark.parametrize("path", every_command(), ids=" ".join)
def test_every_command_explains_itself(path: tuple[str, ...]) -> None:
    result = CliRunner().invoke(main, [*path, "--help"])
    assert result.exit_code == 0
    assert result.output.startswith("Usage: ")
    assert len(result.output.splitlines()) > 4


def test_the_overview_names_every_command_and_loads_nothing_heavy() -> None:
    code = (
        "import sys; from service.cli.main import main; main(['--help'], standalone_mode=False);"
        f"print([name for name in {HEAVY} if name in sys.modules], file=sys.stderr)"
    )
    finished = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)
    assert finished.stderr.strip() == "[]"
    for name in COMMANDS:
        assert f"\n  {name} " in finished.stdout


def test_version_is_printed() -> None:
    assert CliRunner().invoke(main, ["--version"]).output == f"shipledger {version('shipledger')}\n"


@pytest.mark.parametrize(
    ("error", "line"),
    [
        (SetUpError("do this"), "error: do this\n"),
        (BadInputError("is wrong", field="name"), "error: name: is wrong\n"),
    ],
)
def test_an_error_is_one_line_and_status_1(monkeypatch: pytest.MonkeyPatch, error: Exception, line: str) -> None:
    @click.command()
    def fails() -> None:
        raise error

    monkeypatch.setattr(cli, "fails", fails, raising=False)
    monkeypatch.setitem(COMMANDS, "fails", Place("service.cli.main", "fails", "Fail."))
    result = CliRunner().invoke(main, ["fails"])
    assert (result.exit_code, result.stdout, result.stderr) == (1, "", line)


def test_a_command_that_does_not_exist_is_status_2() -> None:
    result = CliRunner().invoke(main, ["nonsense"])
    assert result.exit_code == 2
    assert "No such command 'nonsense'" in result.stderr


@pytest.mark.parametrize("command", ["worker", "service", "migrate", "doctor"])
def test_a_setting_that_cannot_be_used_is_named(monkeypatch: pytest.MonkeyPatch, command: str) -> None:
    monkeypatch.setenv("SHIPLEDGER_SECRET_KEY", "CANARY-short")
    result = CliRunner().invoke(main, [command])
    assert result.exit_code == 1
    assert result.stderr.startswith("error: SHIPLEDGER_SECRET_KEY needs at least 32 characters")
    assert "CANARY" not in result.stderr
