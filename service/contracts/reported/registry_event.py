"""Webhooks of prompt and model registries, as far as they are read: neither prompts nor names of people."""

from datetime import datetime
from typing import Annotated

from msgspec import Meta, Struct

from schema.contracts.values import Instant
from service.contracts.token_event import EARLIEST, LATEST

MOST_LABELS = 200
Name = Annotated[str, Meta(min_length=1, max_length=1_000)]
At = Annotated[Instant, Meta(description="RFC 3339 time with a UTC offset")]


class LangfusePrompt(Struct, frozen=True, kw_only=True):
    """A version of a prompt."""

    name: Name
    version: Annotated[int, Meta(ge=0)]
    labels: Annotated[list[str], Meta(max_length=MOST_LABELS)] = []


class LangfuseEvent(Struct, frozen=True, kw_only=True):
    """What Langfuse sends when a version of a prompt is created, labelled or deleted. Other fields are not read."""

    id: Annotated[str, Meta(min_length=1, max_length=100, description="Id of the event; it counts once")]
    timestamp: At
    type: str
    action: Annotated[str, Meta(description="`created`, `updated` or `deleted`")]
    prompt: LangfusePrompt

    def __post_init__(self) -> None:
        """Refuse a time that no chart shows."""
        _refuse_far(self.timestamp)


class MlflowAlias(Struct, frozen=True, kw_only=True):
    """The version of a model or prompt that an alias names from now on; other entities lack some of it."""

    name: str = ""
    alias: str = ""
    version: str = ""


class MlflowEvent(Struct, frozen=True, kw_only=True):
    """What MLflow sends when something of its registry changes. Other fields are not read."""

    entity: Annotated[str, Meta(description="`model_version_alias` or `prompt_alias`; others change nothing")]
    action: str
    timestamp: At
    data: MlflowAlias

    def __post_init__(self) -> None:
        """Refuse a time that no chart shows."""
        _refuse_far(self.timestamp)


def _refuse_far(at: datetime) -> None:
    if not EARLIEST <= at < LATEST:
        raise ValueError("has a timestamp that is not between the years 2000 and 2100")
