import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from service import client as client_module
from service.cli.main import main
from service.imports.stores.registry import STORES
from tests.harness.stores.agents_day import write_day
from tests.unit.service.imports.transcripts.test_claude_code import line

VARIABLES = (
    *("SHIPLEDGER_URL", "SHIPLEDGER_API_KEY", "CLAUDE_CONFIG_DIR", "CODEX_HOME", "GEMINI_CLI_HOME", "COPILOT_HOME"),
    *("OPENCODE_DATA_DIR", "AMP_DATA_DIR", "CLINE_DIR", "QWEN_DATA_DIR", "KIMI_SHARE_DIR", "KIMI_CODE_HOME"),
    *("XDG_DATA_HOME", "XDG_CONFIG_HOME"),
)


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine on which nothing runs, and a user's folder."""
    monkeypatch.setattr(client_module, "running_file", lambda: tmp_path / "none.json")
    for variable in VARIABLES:
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    return tmp_path


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["import", *arguments])


def counted(*arguments: str) -> dict[str, Any]:
    result = run(*arguments, "--dry-run", "--json")
    assert result.exit_code == 0, result.output
    summary: dict[str, Any] = json.loads(result.stdout)
    return summary


@pytest.mark.parametrize("name", STORES)
def test_a_dry_run_counts_sessions_days_tokens_and_money(home: Path, name: str) -> None:
    write_day(home, sessions=2, requests=3)

    summary = counted(name)

    assert (summary["sessions"], summary["days"], summary["token_events"]) == (2, 1, 6)
    assert summary["tokens"]["total"] == 6 * 1_080
    assert float(summary["list_cost_usd"]) > 0 or summary["without_list_price"] == 6


def test_days_from_one_on_can_be_left_out(home: Path) -> None:
    write_day(home)

    assert counted("codex", "--before", str(date(2026, 11, 20)))["token_events"] == 0


@pytest.mark.parametrize("name", STORES)
def test_a_machine_without_sessions_is_told_what_to_pass(name: str) -> None:
    result = run(name, "--dry-run")

    assert result.exit_code == 1
    assert f"shipledger import {name} DIR" in result.stderr


def test_all_agents_are_found_and_shown_before_anything_is_sent(home: Path) -> None:
    write_day(home)
    transcript = home / ".claude/projects/CANARY/session.jsonl"
    transcript.parent.mkdir(parents=True)
    transcript.write_bytes(line())

    result = run("agents", "--dry-run")

    assert result.exit_code == 0, result.output
    shown = result.stdout.splitlines()
    assert shown[0].split() == ["files", "sessions", "days", "tokens", "list", "price"]
    titles = ["Claude Code", *(store.title for store in STORES.values())]
    assert [each[: len(title)] for each, title in zip(shown[1:], titles, strict=False)] == titles
    assert shown[-1] == "Nothing was sent (--dry-run)."
    assert "CANARY" not in result.output


def test_all_agents_as_json(home: Path) -> None:
    write_day(home)

    summary = counted("agents")

    assert [each["agent"] for each in summary["agents"]] == list(STORES)
    assert sum(each["tokens"]["total"] for each in summary["agents"]) == 8 * 6 * 1_080


def test_json_asks_nothing(home: Path) -> None:
    write_day(home)

    assert "needs --yes" in run("agents", "--json").stderr


def test_a_machine_without_agents_is_told_so() -> None:
    result = run("agents", "--dry-run")

    assert result.exit_code == 1
    assert "No sessions of any agent were found" in result.stderr
