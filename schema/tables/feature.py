"""Features that an organization maps labels to, and the labels that pull requests bear, all as keyed hashes.

Every label is kept, not only those that are mapped: a mapping then holds for what was merged before it, too.
"""

from datetime import datetime

from sqlalchemy import ARRAY, Column, ForeignKeyConstraint, LargeBinary
from sqlmodel import Field, SQLModel

from schema.tables.columns import created_column, hash_column, instant_column, organization_column


class Feature(SQLModel, table=True):
    """A feature by the name that the organization gave it, and the labels that mean it."""

    __tablename__ = "feature"
    __table_args__ = (ForeignKeyConstraint(["organization_id"], ["organization.organization_id"]),)

    organization_id: int = organization_column()
    name: str = Field(primary_key=True)
    labels: list[bytes] = Field(sa_column=Column(ARRAY(LargeBinary), nullable=False))
    created_at: datetime = created_column()


class PullRequestLabels(SQLModel, table=True):
    """The labels of a pull request as of an instant of the forge's clock; the newest word counts."""

    __tablename__ = "pull_request_labels"

    organization_id: int = organization_column()
    artifact_id: bytes = hash_column(primary_key=True)
    labels: list[bytes] = Field(sa_column=Column(ARRAY(LargeBinary), nullable=False))
    reported_at: datetime = instant_column(nullable=False)
