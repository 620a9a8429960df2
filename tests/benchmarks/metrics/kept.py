"""Keeps what is known of a filled database beside it, so that a later run can measure it again."""

from datetime import date
from pathlib import Path
from typing import Any

import msgspec

from schema.database import Database
from schema.key_ring import KeyRing
from schema.organization_keys import OrganizationKeys
from tests.benchmarks.metrics.fill import Company
from tests.harness.organization import Organization

NAME = "company.json"


class Kept(msgspec.Struct):
    """The company of a database, its size, and how long rolling up its last days took."""

    organization_id: int
    key: str
    default_team_id: int
    first: date
    last: date
    rows: int
    teams: int
    rolled: dict[str, Any]


def save(folder: Path, company: Company, rows: int, teams: int, rolled: dict[str, Any]) -> None:
    """Write what is known of the database in a folder."""
    made = company.organization
    kept = Kept(made.organization_id, made.key, made.default_team_id, company.first, company.last, rows, teams, rolled)
    (folder / NAME).write_bytes(msgspec.json.encode(kept))


def load(folder: Path) -> Kept | None:
    """Return what is known of the database in a folder; None if it is not filled."""
    path = folder / NAME
    return msgspec.json.decode(path.read_bytes(), type=Kept) if path.exists() else None


async def company_of(kept: Kept, database: Database, master_secret: str) -> Company:
    """Return the company of a database that was filled before."""
    hasher = await OrganizationKeys(database, KeyRing.of(master_secret)).hasher(kept.organization_id)
    organization = Organization(kept.organization_id, kept.key, hasher, kept.default_team_id)
    return Company(organization, kept.first, kept.last)
