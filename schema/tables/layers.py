"""Layers: what an organization decided about them, and what was set aside because another layer tells it better."""

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
    """Which layer of an organization counts first, where it is not the usual one."""

    __tablename__ = "layer_order"
    __table_args__ = (ForeignKeyConstraint(["organization_id"], ["organization.organization_id"]),)

    organization_id: int = organization_column()
    layers: list[str] = Field(sa_column=Column(ARRAY(String), nullable=False))


class SourceLayer(SQLModel, table=True):
    """The layer that an organization says a source belongs to."""

    __tablename__ = "source_layer"
    __table_args__ = (ForeignKeyConstraint(["organization_id"], ["organization.organization_id"]),)

    organization_id: int = organization_column()
    source: str = Field(primary_key=True)
    layer: str


class SupersededSource(SQLModel, table=True):
    """A source that does not count, of one team or (team 0) of all, since another layer tells all of it."""

    __tablename__ = "superseded_source"
    __table_args__ = (ForeignKeyConstraint(["organization_id"], ["organization.organization_id"]),)

    organization_id: int = organization_column()
    source: str = Field(primary_key=True)
    team_id: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))


class SupersededEvent(SQLModel, table=True):
    """A token event that counts in no window, and the one that counts in its place; none where a source is set aside.

    Lives as long as raw events do.
    """

    __tablename__ = "superseded_event"
    __table_args__ = (Index("superseded_event_retention", "organization_id", "superseded_at"),)

    organization_id: int = organization_column()
    event_id: bytes = hash_column(primary_key=True)
    counted_id: bytes | None = hash_column(default=None, nullable=True)
    counted_source: str = Field(description="empty where a source is set aside")
    superseded_at: datetime = created_column()


class SupersededTotal(TokenColumns, table=True):
    """Tokens received that count nowhere, by team and UTC day, and by what counts in their place. Cost stays 0 here."""

    __tablename__ = "superseded_total"
    __table_args__ = (ForeignKeyConstraint(["organization_id", "team_id"], ["team.organization_id", "team.team_id"]),)

    organization_id: int = organization_column()
    team_id: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    day: date = Field(primary_key=True)
    source: str = Field(primary_key=True)
    counted_source: str = Field(primary_key=True, description="empty where a source is set aside")
    requests: int = zero_column()


class KnownSource(SQLModel, table=True):
    """A source of token events, and about when the last of them was counted: whether there are several layers."""

    __tablename__ = "known_source"
    __table_args__ = (ForeignKeyConstraint(["organization_id"], ["organization.organization_id"]),)

    organization_id: int = organization_column()
    source: str = Field(primary_key=True)
    seen_at: datetime = created_column()


class LayerChange(SQLModel, table=True):
    """That the policy about layers changed, and up to which counted batch it has judged anew what still lives."""

    __tablename__ = "layer_change"
    __table_args__ = (ForeignKeyConstraint(["organization_id"], ["organization.organization_id"]),)

    organization_id: int = organization_column()
    judged_to: int = zero_column()
