"""Features, and the labels of pull requests as keyed hashes. Every label is kept, so that later mappings apply too."""

from datetime import datetime

from sqlalchemy import ARRAY, Column, ForeignKeyConstraint, LargeBinary
from sqlmodel import Field, SQLModel

from schema.tables.columns import created_column, hash_column, instant_column, organization_column


class Feature(SQLModel, table=True):
    """A feature, and the labels that map to it."""

    __tablename__ = "feature"
    __table_args__ = (ForeignKeyConstraint(["organization_id"], ["organization.organization_id"]),)

    organization_id: int = organization_column()
    name: str = Field(primary_key=True)
    labels: list[bytes] = Field(sa_column=Column(ARRAY(LargeBinary), nullable=False))
    created_at: datetime = created_column()


class PullRequestLabels(SQLModel, table=True):
    """The labels of a pull request at `reported_at`, the forge's time; the newest report counts."""

    __tablename__ = "pull_request_labels"

    organization_id: int = organization_column()
    artifact_id: bytes = hash_column(primary_key=True)
    labels: list[bytes] = Field(sa_column=Column(ARRAY(LargeBinary), nullable=False))
    reported_at: datetime = instant_column(nullable=False)
