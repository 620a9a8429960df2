"""Layer policies: which layer counts if several report the same tokens."""

from typing import Annotated, Literal

from msgspec import Meta, Struct

from schema.contracts.values import Title
from service.contracts.token_event import Source

LayerName = Literal["agent", "gateway", "provider"]

MAXIMUM_SOURCES = 200


class SupersededIn(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A source that must not count, for one team or every team (null), because another layer reports all its tokens."""

    source: Source
    team: Title | None = None


class LayersIn(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The whole policy; it replaces the present one.

    `order` names each layer once, the one that counts first. `sources` maps your own sources to layers; you need not
    list agents and known gateways.
    """

    order: Annotated[tuple[LayerName, ...], Meta(min_length=3, max_length=3)] = ("agent", "gateway", "provider")
    sources: Annotated[dict[Source, LayerName], Meta(max_length=MAXIMUM_SOURCES)] = {}
    superseded: Annotated[list[SupersededIn], Meta(max_length=MAXIMUM_SOURCES)] = []


class LayersShown(Struct, frozen=True, kw_only=True):
    """The present policy, without built-in sources."""

    order: list[str]
    sources: dict[str, str]
    superseded: list[SupersededIn]
