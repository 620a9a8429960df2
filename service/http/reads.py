"""Shared dependencies of endpoints that read: database, organizations' keys, thresholds and grouped queries."""

from dataclasses import dataclass
from typing import TypeAlias

import asyncpg

from schema.database import Database
from schema.organization_keys import OrganizationKeys
from service.http.recent_calibrations import Calibrations
from service.http.shared_reads import SharedReads
from service.queries.ledger.attributions import Key, read_by_key
from service.queries.ledger.merged_weeks import TeamWeeks, read_weeks
from service.queries.teams.comparisons import Thresholds

PullRequestReads: TypeAlias = SharedReads[Key, list[asyncpg.Record]]
WeekReads: TypeAlias = SharedReads[TeamWeeks, list[asyncpg.Record]]


@dataclass(frozen=True, slots=True)
class Reads:
    """Kept in `state.reads` as one object, because each injected parameter of a handler costs time."""

    database: Database
    organization_keys: OrganizationKeys
    pull_requests: PullRequestReads
    weeks: WeekReads
    calibrations: Calibrations
    thresholds: Thresholds


def open_reads(database: Database, organization_keys: OrganizationKeys, thresholds: Thresholds) -> Reads:
    """Create the reads of a running application."""
    pull_requests, weeks = SharedReads(database, read_by_key, lanes=2), SharedReads(database, read_weeks, lanes=3)
    return Reads(database, organization_keys, pull_requests, weeks, Calibrations(database), thresholds)
