"""The tables. Importing this package registers all of them with SQLModel's metadata."""

from sqlmodel import SQLModel

from schema.tables import (
    backfill,
    billing,
    enrichment,
    feature,
    forge,
    gateway,
    github_app,
    hook_registration,
    intake,
    layers,
    ledger,
    measured,
    organization,
    outcomes,
    reconciled,
    repair,
    summary,
    team_sync,
    token_events,
    usage,
)

METADATA = SQLModel.metadata
TENANT_TABLES = tuple(sorted(METADATA.tables))

__all__ = [
    "METADATA",
    "TENANT_TABLES",
    "backfill",
    "billing",
    "enrichment",
    "feature",
    "forge",
    "gateway",
    "github_app",
    "hook_registration",
    "intake",
    "layers",
    "ledger",
    "measured",
    "organization",
    "outcomes",
    "reconciled",
    "repair",
    "summary",
    "team_sync",
    "token_events",
    "usage",
]
