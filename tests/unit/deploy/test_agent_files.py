"""deploy/agents holds what agent-config prints, and a plugin that Claude Code finds."""

import json
import tomllib
from pathlib import Path
from typing import Any

import pytest

from service.agent_config import claude_code
from service.agent_config.agent_hooks import FILES
from service.agent_config.settings import PLACEHOLDER, Target

ROOT = Path(__file__).parents[3]
AGENTS = ROOT / "deploy/agents"
PLUGIN = AGENTS / "claude-code"


def read(file: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(file.read_text())
    return found


@pytest.mark.parametrize("name", FILES)
def test_each_file_is_what_the_command_prints(name: str) -> None:
    assert (AGENTS / name).read_text() == FILES[name]


def test_each_file_can_be_read() -> None:
    for name, text in FILES.items():
        if name.endswith(".json"):
            json.loads(text)
        elif name.endswith(".toml"):
            assert set(tomllib.loads(text)["hooks"]) == {"SessionStart", "PostToolUse", "Stop"}


def test_the_marketplace_leads_to_the_plugin() -> None:
    [entry] = read(ROOT / ".claude-plugin/marketplace.json")["plugins"]
    assert (ROOT / entry["source"]).resolve() == PLUGIN
    assert read(PLUGIN / ".claude-plugin/plugin.json")["name"] == entry["name"]


def test_the_fleets_settings_are_those_of_the_command_and_turn_the_plugin_on() -> None:
    managed = read(PLUGIN / "managed-settings.json")
    printed = json.loads(
        claude_code.settings(Target("https://tokens.example.com", PLACEHOLDER, "platform")).parts[0].text
    )
    team = printed["env"].pop("OTEL_RESOURCE_ATTRIBUTES")
    assert team == "team.id=platform"
    assert managed["env"] == printed["env"]
    [plugin] = managed["enabledPlugins"]
    name, marketplace = plugin.split("@")
    assert marketplace in managed["extraKnownMarketplaces"]
    assert marketplace == read(ROOT / ".claude-plugin/marketplace.json")["name"]
    assert name == read(PLUGIN / ".claude-plugin/plugin.json")["name"]
