"""Measurement layers: an organization's policy, and what is superseded because another layer counts."""

from datetime import date, datetime

from sqlalchemy import ARRAY, BigInteger, Column, ForeignKeyConstraint, Index, String
from sqlmodel import Field, SQLModel

from schema.tables.columns import (
    TokenColumns,
    created_column,
    hash_column,
    organization_column,
    zero_column,
)


class LayerOrder(SQLModel, table=True):
    """The organization's order of layers, if it is not the default."""

    __tablename__ = "layer_order"
    __table_args__ = (ForeignKeyConstraint(["organization_id"], ["organization.organization_id"]),)

    organization_id: int = organization_column()
    layers: list[str] = Field(sa_column=Column(ARRAY(String), nullable=False))


class SourceLayer(SQLModel, table=True):
    """The layer to which an organization assigned a source."""

    __tablename__ = "source_layer"
    __table_args__ = (ForeignKeyConstraint(["organization_id"], ["organization.organization_id"]),)

    organization_id: int = organization_column()
    source: str = Field(primary_key=True)
    layer: str


class SupersededSource(SQLModel, table=True):
    """A source that another layer supersedes for one team, or for all teams (team 0)."""

    __tablename__ = "superseded_source"
    __table_args__ = (ForeignKeyConstraint(["organization_id"], ["organization.organization_id"]),)

    organization_id: int = organization_column()
    source: str = Field(primary_key=True)
    team_id: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))


class SupersededEvent(SQLModel, table=True):
    """A superseded token event and the event that counts instead, if any. Kept as long as raw events."""

    __tablename__ = "superseded_event"
    __table_args__ = (Index("superseded_event_retention", "organization_id", "superseded_at"),)

    organization_id: int = organization_column()
    event_id: bytes = hash_column(primary_key=True)
    counted_id: bytes | None = hash_column(default=None, nullable=True)
    counted_source: str = Field(description="empty if the whole source is superseded")
    superseded_at: datetime = created_column()


class SupersededTotal(TokenColumns, table=True):
    """Superseded tokens by team, UTC day, source and the source that counts instead. Cost stays 0."""

    __tablename__ = "superseded_total"
    __table_args__ = (ForeignKeyConstraint(["organization_id", "team_id"], ["team.organization_id", "team.team_id"]),)

    organization_id: int = organization_column()
    team_id: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    day: date = Field(primary_key=True)
    source: str = Field(primary_key=True)
    counted_source: str = Field(primary_key=True, description="empty if the whole source is superseded")
    requests: int = zero_column()


class KnownSource(SQLModel, table=True):
    """A source of token events, and roughly when its last event was folded."""

    __tablename__ = "known_source"
    __table_args__ = (ForeignKeyConstraint(["organization_id"], ["organization.organization_id"]),)

    organization_id: int = organization_column()
    source: str = Field(primary_key=True)
    seen_at: datetime = created_column()


class LayerChange(SQLModel, table=True):
    """A change of the layer policy, and the last folded batch to which it was applied."""

    __tablename__ = "layer_change"
    __table_args__ = (ForeignKeyConstraint(["organization_id"], ["organization.organization_id"]),)

    organization_id: int = organization_column()
    judged_to: int = zero_column()
