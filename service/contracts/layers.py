"""Layer policies: which layer counts if several report the same tokens."""

from typing import Annotated, Literal

from msgspec import Meta, Struct, field

from schema.contracts.values import Title
from service.contracts.token_event import Source

LayerName = Literal["agent", "gateway", "provider"]

MAXIMUM_SOURCES = 200


class SupersededIn(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A source that must not count, because another layer reports all its tokens."""

    source: Annotated[Source, Meta(description="Name of the source")]
    team: Annotated[Title, Meta(description="Name of the team; null for every team")] | None = None


class LayersIn(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The whole policy; it replaces the present one."""

    order: Annotated[
        list[LayerName],
        Meta(min_length=3, max_length=3, description="Each layer once, the one that counts first at the beginning"),
    ] = field(default_factory=lambda: ["agent", "gateway", "provider"])
    sources: Annotated[
        dict[Source, LayerName],
        Meta(
            max_length=MAXIMUM_SOURCES,
            description="Layers of your own sources; you need not list agents and known gateways",
        ),
    ] = {}
    superseded: Annotated[
        list[SupersededIn], Meta(max_length=MAXIMUM_SOURCES, description="Sources that must not count")
    ] = []


class LayersShown(Struct, frozen=True, kw_only=True):
    """The present policy, without built-in sources."""

    order: Annotated[list[str], Meta(description="Layers, the one that counts first at the beginning")]
    sources: Annotated[dict[str, str], Meta(description="Layers of your own sources")]
    superseded: Annotated[list[SupersededIn], Meta(description="Sources that must not count")]
