"""Layers as JSON: which of them counts where several tell the same tokens."""

from typing import Annotated, Literal

from msgspec import Meta, Struct

from schema.contracts.token_event import Source
from schema.contracts.values import Title

LayerName = Literal["agent", "gateway", "provider"]

MAXIMUM_SOURCES = 200


class SetAsideIn(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A source that is not to count, of one team or of every team (null), since another layer tells all of it."""

    source: Source
    team: Title | None = None


class LayersIn(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The whole policy: it takes the place of the one before.

    `order` names each layer once, the one that counts first. `sources` says to which layer sources of your own belong;
    agents and known gateways need not be told.
    """

    order: Annotated[tuple[LayerName, ...], Meta(min_length=3, max_length=3)] = ("agent", "gateway", "provider")
    sources: Annotated[dict[Source, LayerName], Meta(max_length=MAXIMUM_SOURCES)] = {}
    set_aside: Annotated[list[SetAsideIn], Meta(max_length=MAXIMUM_SOURCES)] = []


class LayersShown(Struct, frozen=True, kw_only=True):
    """The policy as it stands: what was told of it, and nothing that is known anyway."""

    order: list[str]
    sources: dict[str, str]
    set_aside: list[SetAsideIn]
