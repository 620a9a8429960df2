"""Tables whose rows wait for a worker, with their keys and jobs."""

from collections.abc import Mapping
from enum import StrEnum
from typing import NamedTuple

from schema.queue import Job


class WorkKind(StrEnum):
    """Kinds of rows that wait for a worker."""

    DELIVERY = "delivery"
    TEAM_CHANGE = "team-change"
    TOKEN_EVENT = "token-event"  # noqa: S105 - AI tokens, no password
    SETTLEMENT = "settlement"
    BACKFILL = "backfill"
    ENRICHMENT = "enrichment"
    SUMMARY = "summary"
    PROVIDER_ACCOUNT = "provider-account"
    GITHUB_APP = "github-app"
    INSTALLATION = "installation"
    HOOK = "hook"
    REPAIR = "repair"
    TEAM_SYNC = "team-sync"
    ALERT_DELIVERY = "alert-delivery"


class WorkRows(NamedTuple):
    """A table, the columns of its key except the organization, with their types, and the job."""

    table: str
    key: Mapping[str, str]
    job: Job


ROWS: Mapping[WorkKind, WorkRows] = {
    WorkKind.DELIVERY: WorkRows("delivery", {"delivery_id": "bigint"}, Job.PROCESS_DELIVERIES),
    WorkKind.TEAM_CHANGE: WorkRows("team_change", {"change_id": "bigint"}, Job.RECORD_TEAM_CHANGES),
    WorkKind.TOKEN_EVENT: WorkRows("intake_batch", {"batch_id": "bigint"}, Job.FOLD_TOKEN_EVENTS),
    WorkKind.SETTLEMENT: WorkRows("settlement", {"team_id": "bigint", "day": "date"}, Job.SETTLE_DAYS),
    WorkKind.BACKFILL: WorkRows("backfill_step", {"backfill_id": "uuid", "repository": "bytea"}, Job.BACKFILL),
    WorkKind.ENRICHMENT: WorkRows("enrichment", {"artifact_id": "bytea"}, Job.ENRICH),
    WorkKind.SUMMARY: WorkRows("summary", {"artifact_id": "bytea"}, Job.WRITE_SUMMARIES),
    WorkKind.PROVIDER_ACCOUNT: WorkRows("provider_account", {"account_id": "uuid"}, Job.PULL_PROVIDER_USAGE),
    WorkKind.GITHUB_APP: WorkRows("github_app", {"registration_id": "uuid"}, Job.SET_UP_GITHUB_APPS),
    WorkKind.INSTALLATION: WorkRows(
        "installation_claim", {"registration_id": "uuid", "installation_id": "bigint"}, Job.SET_UP_GITHUB_APPS
    ),
    WorkKind.HOOK: WorkRows("hook_registration", {"connection_id": "uuid"}, Job.REGISTER_HOOKS),
    WorkKind.REPAIR: WorkRows("repair_check", {"subject_id": "uuid", "kind": "text"}, Job.REPAIR),
    WorkKind.TEAM_SYNC: WorkRows("team_sync", {"connection_id": "uuid"}, Job.SYNC_TEAMS),
    WorkKind.ALERT_DELIVERY: WorkRows("alert_delivery", {"delivery_id": "bigint"}, Job.DELIVER_ALERTS),
}
