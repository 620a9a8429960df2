"""Features, and the labels of pull requests as keyed hashes. Every label is kept, so that later mappings apply too."""

from datetime import datetime

from sqlalchemy import ARRAY, Column, LargeBinary
from sqlmodel import Field

from schema.tables import columns


class Feature(columns.Tenant, table=True):
    """A feature, and the labels that map to it."""

    __table_args__ = (columns.of_organization(),)

    name: str = Field(primary_key=True)
    labels: list[bytes] = Field(sa_column=Column(ARRAY(LargeBinary), nullable=False))
    created_at: datetime = columns.created()


class PullRequestLabels(columns.Tenant, table=True):
    """The labels of a pull request at `reported_at`, the forge's time; the newest report counts."""

    artifact_id: bytes = columns.keyed_hash(primary_key=True)
    labels: list[bytes] = Field(sa_column=Column(ARRAY(LargeBinary), nullable=False))
    reported_at: datetime = columns.instant(nullable=False)
