"""The command on a machine on which nothing runs."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from service import client as client_module
from service.agent_config.agents import AGENTS
from service.cli.main import main

GOLDEN = Path(__file__).resolve().parents[1] / "agent_config/golden"
UNUSED = "http://127.0.0.1:1"


@pytest.fixture(autouse=True)
def running(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where a running service would have written its address; it has not."""
    file = tmp_path / "running.json"
    monkeypatch.setattr(client_module, "running_file", lambda: file)
    for variable in ("SHIPLEDGER_URL", "SHIPLEDGER_API_KEY"):
        monkeypatch.delenv(variable, raising=False)
    return file


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["agent-config", *arguments])


def printed(*arguments: str) -> dict[str, Any]:
    result = run(*arguments, "--json")
    assert result.exit_code == 0, result.output
    reported: dict[str, Any] = json.loads(result.stdout)
    return reported


def refusal(*arguments: str) -> str:
    result = run(*arguments)
    assert (result.exit_code, result.stdout) == (1, "")
    assert len(result.stderr.splitlines()) == 1
    return result.stderr


def test_a_file_can_be_written_as_it_is_printed() -> None:
    result = run("claude-code", "--team", "platform", "--url", "https://tokens.example.com", "--format", "file")
    agreed = (GOLDEN / "claude-code__file.txt").read_text()
    assert result.stdout == agreed.replace("sl1_1_KEY", "YOUR_INTAKE_KEY")
    assert all(line.startswith("# ") for line in result.stderr.splitlines())


@pytest.mark.parametrize("agent", AGENTS)
def test_without_a_format_everything_is_printed_with_its_place_and_what_is_dropped(agent: str) -> None:
    reported = printed(agent, "--team", "platform")
    output = run(agent, "--team", "platform").stdout
    for part in reported["parts"]:
        # Few use fish; its lines are printed on request.
        assert (f"# {part['place']}\n{part['text']}" in output) is (part["form"] != "fish")
    for note in reported["notes"]:
        assert f"# {note}\n" in output
    assert "on arrival" in output


def test_without_a_key_a_placeholder_stands_in_its_place_with_the_command_that_makes_one() -> None:
    assert printed("codex", "--team", "our team", "--url", UNUSED)["key"] == {
        "printed": False,
        "reason": "replace YOUR_INTAKE_KEY with an intake key",
        "command": "shipledger key create --scope intake --name codex --team 'our team'",
    }
    output = run("codex", "--team", "our team", "--url", UNUSED).output
    assert "create one with: shipledger key create --scope intake --name codex --team 'our team'" in output


def test_the_key_of_the_service_that_runs_here_is_never_printed(running: Path) -> None:
    running.write_text(json.dumps({"url": "http://127.0.0.1:9999", "api_key": "sl1_1_ADMINISTRATOR"}))
    for agent in AGENTS:
        output = run(agent, "--team", "platform").output
        assert "http://127.0.0.1:9999" in output
        assert "ADMINISTRATOR" not in output


def test_a_key_that_cannot_be_checked_is_not_printed() -> None:
    key = f"sl1_1_{'k' * 43}"
    reported = printed("gemini", "--team", "platform", "--url", UNUSED, "--key", key)
    assert "could not be checked" in reported["key"]["reason"]
    assert key not in json.dumps(reported)


def test_an_address_of_this_machine_alone_is_pointed_out() -> None:
    assert any("works only on this machine" in note for note in printed("copilot", "--team", "platform")["notes"])
    elsewhere = printed("copilot", "--team", "platform", "--url", "https://tokens.example.com")
    assert not any("works only on this machine" in note for note in elsewhere["notes"])


def test_a_team_whose_name_needs_an_encoding_is_pointed_out() -> None:
    assert any("pinned" in note for note in printed("codex", "--team", "our team")["notes"])
    assert not any("pinned" in note for note in printed("codex", "--team", "our-team")["notes"])


def test_commits_can_be_left_out_for_the_sake_of_commands() -> None:
    assert "export OTEL_LOG_TOOL_DETAILS=1\n" in run("claude-code", "--team", "platform").stdout
    assert "export OTEL_LOG_TOOL_DETAILS=0\n" in run("claude-code", "--team", "platform", "--no-commits").stdout


def test_what_cannot_be_printed_is_one_clear_line() -> None:
    assert "codex has no settings of the format plugin" in refusal("codex", "--team", "platform", "--format", "plugin")
    assert "--team: must be a team name" in refusal("codex", "--team", "ada@example.com")
    assert "malformed" in refusal("codex", "--team", "platform", "--key", "secret")
    assert "http://" in refusal("codex", "--team", "platform", "--url", "tokens.example.com")
