"""What every agent is told, and the shapes in which it is told."""

import json
import shlex
from collections.abc import Mapping
from enum import StrEnum
from typing import Any, NamedTuple
from urllib.parse import quote

PLACEHOLDER = "YOUR_INTAKE_KEY"


class Target(NamedTuple):
    """Where an agent reports, with which key, and for which team.

    `commits` asks for links to commits even where an agent tells them only together with its tools' details.
    """

    url: str
    key: str
    team: str
    commits: bool = True


class Form(StrEnum):
    """A file of the agent's own, or lines for a shell."""

    FILE = "file"
    ENVIRONMENT = "environment"


class Part(NamedTuple):
    """One piece of settings: its form, where it belongs, and its text, which ends with a line break."""

    form: Form
    place: str
    text: str


class AgentSettings(NamedTuple):
    """All pieces for one agent, and in words what it sends and what of that is dropped."""

    parts: tuple[Part, ...]
    notes: tuple[str, ...]


def authorization(target: Target) -> str:
    """The header as OTEL_EXPORTER_OTLP_HEADERS spells it."""
    return f"Authorization=Bearer {target.key}"


def resource_attributes(target: Target) -> str:
    """OTEL_RESOURCE_ATTRIBUTES; what it reserves (commas, spaces) is percent-encoded as OpenTelemetry demands."""
    return f"team.id={quote(target.team, safe='/:+')}"


def as_json(settings: Mapping[str, Any]) -> str:
    """A JSON file."""
    return json.dumps(settings, indent=2, ensure_ascii=False) + "\n"


def as_exports(variables: Mapping[str, str]) -> str:
    """Lines for the profile of a POSIX shell."""
    return "".join(f"export {name}={shlex.quote(value)}\n" for name, value in variables.items())
