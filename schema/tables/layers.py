"""Measurement layers: an organization's policy, and what is superseded because another layer counts."""

from datetime import datetime

from sqlalchemy import ARRAY, Column, String
from sqlmodel import Field

from schema.tables import columns


class LayerOrder(columns.Tenant, table=True):
    """The organization's order of layers, if it is not the default."""

    __table_args__ = (columns.of_organization(),)

    layers: list[str] = Field(sa_column=Column(ARRAY(String), nullable=False))


class SourceLayer(columns.Tenant, table=True):
    """The layer to which an organization assigned a source."""

    __table_args__ = (columns.of_organization(),)

    source: str = Field(primary_key=True)
    layer: str


class SupersededSource(columns.Tenant, table=True):
    """A source that another layer supersedes for one team, or for all teams (team 0)."""

    __table_args__ = (columns.of_organization(),)

    source: str = Field(primary_key=True)
    team_id: int = columns.count_key()


class SupersededEvent(columns.Tenant, table=True):
    """A superseded token event and the event that counts instead, if any. Kept as long as raw events."""

    __table_args__ = (columns.index("superseded_event_retention", "superseded_at"),)

    event_id: bytes = columns.keyed_hash(primary_key=True)
    counted_id: bytes | None = columns.keyed_hash(default=None, nullable=True)
    counted_source: str = Field(description="empty if the whole source is superseded")
    superseded_at: datetime = columns.created()


class SupersededTotal(columns.TeamDay, columns.TokenColumns, table=True):
    """Superseded tokens by team, UTC day, source and the source that counts instead. Cost stays 0."""

    __table_args__ = (columns.references("team", "team_id"),)

    source: str = Field(primary_key=True)
    counted_source: str = Field(primary_key=True, description="empty if the whole source is superseded")
    requests: int = columns.zero()


class KnownSource(columns.Tenant, table=True):
    """A source of token events, and roughly when its last event was folded."""

    __table_args__ = (columns.of_organization(),)

    source: str = Field(primary_key=True)
    seen_at: datetime = columns.created()


class LayerChange(columns.Tenant, table=True):
    """A change of the layer policy, and the last folded batch to which it was applied."""

    __table_args__ = (columns.of_organization(),)

    judged_to: int = columns.zero()
