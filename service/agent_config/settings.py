"""Parts that the settings of all agents share, and their formats."""

import json
import shlex
from collections.abc import Mapping
from enum import StrEnum
from typing import Any, NamedTuple
from urllib.parse import quote

PLACEHOLDER = "YOUR_INTAKE_KEY"


class Target(NamedTuple):
    """The URL, key and team that an agent reports with.

    `commits` links commits even if the agent only reports them together with tool details.
    """

    url: str
    key: str
    team: str
    commits: bool = True


class Form(StrEnum):
    """The format of settings: the agent's own file, its plugin, or lines for a shell.

    `environment` is for bash, zsh, dash and every other POSIX shell.
    """

    FILE = "file"
    PLUGIN = "plugin"
    ENVIRONMENT = "environment"
    FISH = "fish"


class Part(NamedTuple):
    """One piece of settings: its format, where to put it, and its text, which ends with a line break."""

    form: Form
    place: str
    text: str


class AgentSettings(NamedTuple):
    """All settings of one agent, what links its tokens, and notes about what it sends and what is dropped."""

    parts: tuple[Part, ...]
    linked_by: str
    notes: tuple[str, ...]


def authorization(target: Target) -> str:
    """Return the value of OTEL_EXPORTER_OTLP_HEADERS."""
    return f"Authorization=Bearer {target.key}"


def resource_attributes(target: Target) -> str:
    """Return the value of OTEL_RESOURCE_ATTRIBUTES, with reserved characters percent-encoded."""
    return f"team.id={quote(target.team, safe='/:+')}"


def as_json(settings: Mapping[str, Any]) -> str:
    """Format settings as a JSON file."""
    return json.dumps(settings, indent=2, ensure_ascii=False) + "\n"


def as_fish_exports(variables: Mapping[str, str]) -> str:
    """Format variables as lines for fish."""
    return "".join(f"set -gx {name} {fish_quoted(value)}\n" for name, value in variables.items())


def fish_quoted(text: str) -> str:
    """Return a word of fish, in which only quotes and backslashes are special between single quotes."""
    escaped = text.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"


def as_exports(variables: Mapping[str, str]) -> str:
    """Format variables as export lines for a POSIX shell."""
    return "".join(f"export {name}={shlex.quote(value)}\n" for name, value in variables.items())
