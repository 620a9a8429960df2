"""What explains curves: changes that clients send or workers find, and the first uses that they are found by."""

from datetime import date, datetime

from sqlalchemy import ARRAY, BigInteger, Column
from sqlmodel import Field

from schema.tables import columns


class Change(columns.Tenant, table=True):
    """A change of a team, or of all (null), `found` or sent; of a roll-out by chance also the teams of both sides."""

    __table_args__ = (
        columns.of_organization(),
        columns.references("team", "team_id"),
        columns.index("change_identity", "identity", unique=True),
        columns.index("change_occurred_at", "occurred_at", "change_id"),
    )

    change_id: int = columns.serial_key()
    identity: bytes = columns.keyed_hash(description="hash of the client's id, or of the content")
    kind: str
    occurred_at: datetime = columns.instant(nullable=False)
    team_id: int | None = columns.count(default=None, nullable=True)
    workflow: str
    from_value: str
    to_value: str
    source: str
    label: str
    found: bool = columns.flag()
    given: list[int] | None = Field(default=None, sa_column=Column(ARRAY(BigInteger), nullable=True))
    held_back: list[int] | None = Field(default=None, sa_column=Column(ARRAY(BigInteger), nullable=True))


class FirstUse(columns.Tenant, table=True):
    """The first UTC day on which a team used a model, or a prompt template in a workflow (`kind`)."""

    team_id: int = columns.count_key()
    kind: str = Field(primary_key=True)
    workflow: str = Field(primary_key=True)
    value: str = Field(primary_key=True)
    first_day: date
