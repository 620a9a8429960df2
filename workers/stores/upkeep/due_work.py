"""Finds organizations with due rows, by the same conditions as claims."""

from collections.abc import Mapping, Sequence
from datetime import timedelta

from schema.database import Connection
from schema.errors import SetUpError
from schema.queue import Job
from schema.received_weeks import NOT_SUMMED
from workers.stores.alerts import deliveries as alert_deliveries
from workers.stores.alerts import digests
from workers.stores.billing import provider_usage
from workers.stores.forge import (
    backfills,
    deliveries,
    enrichments,
    github_apps,
    imports,
    registrations,
    repairs,
    summaries,
)
from workers.stores.ledger import calibrations, effect_studies, settlements, spend_watch
from workers.stores.teams import team_changes, team_syncs
from workers.stores.tokens import intake_batches

_REFIT_PAUSE, _RECONCILIATION_PAUSE, _ESTIMATE_PAUSE, _FIRST_REPAIR_PAUSE = (f"${n}::interval" for n in range(1, 5))

# A day that is settled repeatedly is priced again only after this pause.
RECONCILIATION_PAUSE = timedelta(minutes=1)

# A new connection has nothing to repair yet.
FIRST_REPAIR_PAUSE = timedelta(minutes=5)

_OF = "organization.organization_id"

_UNPRICED = f"""
SELECT 1 FROM settlement
  LEFT JOIN reconciled_day AS priced
    ON priced.organization_id = {_OF} AND priced.team_id = settlement.team_id AND priced.day = settlement.day
 WHERE settlement.organization_id = {_OF} AND settlement.state = 'processed'
   AND settlement.settled_at <= now() - {_RECONCILIATION_PAUSE}
   AND priced.settled_at IS DISTINCT FROM settlement.settled_at
   AND EXISTS (SELECT 1 FROM bill WHERE bill.organization_id = {_OF})
"""  # noqa: S608 - fixed names

_UNCHECKED_CONNECTION = f"""
SELECT 1 FROM connection AS unchecked
 WHERE unchecked.organization_id = {_OF} AND unchecked.state = 'active'
   AND (unchecked.sealed_token IS NOT NULL OR unchecked.registration_id IS NOT NULL)
   AND unchecked.created_at <= now() - {_FIRST_REPAIR_PAUSE}
   AND NOT EXISTS (SELECT 1 FROM repair_check AS known
                    WHERE known.organization_id = {_OF} AND known.subject_id = unchecked.connection_id)
"""  # noqa: S608 - fixed names

_UNCHECKED_APP = f"""
SELECT 1 FROM github_app AS unchecked
 WHERE unchecked.organization_id = {_OF} AND unchecked.state = 'registered'
   AND unchecked.registered_at <= now() - {_FIRST_REPAIR_PAUSE}
   AND NOT EXISTS (SELECT 1 FROM repair_check AS known
                    WHERE known.organization_id = {_OF} AND known.subject_id = unchecked.registration_id)
"""  # noqa: S608 - fixed names


def _marked(table: str, condition: str = "true") -> str:
    return f"SELECT 1 FROM {table} WHERE {table}.organization_id = {_OF} AND {condition}"  # noqa: S608 - fixed names


# A job is due when any of its queries finds a row: one lookup in a partial index per organization, however many rows
# wait there.
_FINDS: Mapping[Job, Sequence[str]] = {
    Job.PROCESS_DELIVERIES: [
        deliveries.QUEUE.due_rows("1", organization=_OF),
        imports.QUEUE.due_rows("1", organization=_OF),
    ],
    Job.RECORD_TEAM_CHANGES: [team_changes.QUEUE.due_rows("1", organization=_OF)],
    Job.FOLD_TOKEN_EVENTS: [
        intake_batches.QUEUE.due_rows("1", organization=_OF),
        _marked("session_trail", "state = 'waiting'"),
        _marked("session_evidence", "state = 'waiting'"),
        _marked("layer_change"),
    ],
    Job.REPRICE_WINDOWS: [_marked("stale_price")],
    Job.SETTLE_DAYS: [
        settlements.QUEUE.due_rows("1", organization=_OF, refit_pause=_REFIT_PAUSE),
        _marked("stale_week"),
        _marked("intake_total", NOT_SUMMED),
    ],
    Job.CALIBRATE_INTERVALS: [calibrations.due_teams(_OF)],
    Job.RECONCILE_DAYS: [_marked("stale_reconciliation"), _UNPRICED],
    Job.ROLL_UP_SPEND: [_marked("stale_spend"), _marked("stale_outcome")],
    Job.PULL_PROVIDER_USAGE: [provider_usage.QUEUE.due_rows("1", organization=_OF)],
    Job.BACKFILL: [backfills.QUEUE.due_rows("1", organization=_OF), backfills.UNFETCHED.format(organization=_OF)],
    Job.ENRICH: [enrichments.QUEUE.due_rows("1", organization=_OF)],
    Job.ESTIMATE_GATEWAY_TOKENS: [
        _marked("stale_gateway_day", f"noted_at <= now() - {_ESTIMATE_PAUSE}"),
        _marked("gateway_usage", "state = 'waiting'"),
    ],
    Job.SET_UP_GITHUB_APPS: [
        github_apps.CODES.due_rows("1", organization=_OF),
        github_apps.INSTALLATIONS.due_rows("1", organization=_OF),
    ],
    Job.REGISTER_HOOKS: [registrations.QUEUE.due_rows("1", organization=_OF)],
    Job.REPAIR: [repairs.QUEUE.due_rows("1", organization=_OF), _UNCHECKED_CONNECTION, _UNCHECKED_APP],
    Job.WRITE_SUMMARIES: [summaries.QUEUE.due_rows("1", organization=_OF)],
    Job.SYNC_TEAMS: [team_syncs.QUEUE.due_rows("1", organization=_OF)],
    Job.STUDY_EFFECTS: [effect_studies.due(_OF)],
    Job.WATCH_SPEND: [spend_watch.due(_OF)],
    Job.DELIVER_ALERTS: [
        alert_deliveries.QUEUE.due_rows("1", organization=_OF),
        _marked("alert", "announce_at <= now()"),
        _marked("alert_channel", digests.DUE),
    ],
}


def _any(finds: Sequence[str]) -> str:
    return " OR ".join(f"EXISTS ({each})" for each in finds)


_COLUMNS = ", ".join(f'{_any(finds)} AS "{job}"' for job, finds in _FINDS.items())
# An organization without a key is being erased.
_DUE = f"SELECT organization_id, {_COLUMNS} FROM organization WHERE sealed_key <> ''"  # noqa: S608 - fixed names


# Another role sees no organization, and would wait for ever.
_MAY_SWEEP = "SELECT has_function_privilege('find_resting_days()', 'EXECUTE')"


async def find_due(
    connection: Connection, refit_pause: timedelta, estimate_pause: timedelta = timedelta()
) -> list[tuple[Job, int]]:
    """Return jobs with due rows, each with its organization; needs a sweep. Raises SetUpError for another role."""
    rows = await connection.fetch(_DUE, refit_pause, RECONCILIATION_PAUSE, estimate_pause, FIRST_REPAIR_PAUSE)
    if not rows and not await connection.fetchval(_MAY_SWEEP):
        raise SetUpError(
            "this role of the database may not look for work of all organizations; set SHIPLEDGER_WORKER_DATABASE_URL"
            " to the role of workers; see docs/security.md"
        )
    return [(job, row["organization_id"]) for row in rows for job in _FINDS if row[job]]
