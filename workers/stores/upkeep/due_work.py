"""Which organizations have rows that a worker should see to now."""

from datetime import timedelta

from schema.database import Connection
from schema.queue import Job
from schema.received_weeks import NOT_SUMMED

# One look into a partial index for each organization, however many rows wait there.
_DUE = f"""
SELECT organization_id,
       EXISTS (SELECT FROM delivery AS waiting
                WHERE waiting.organization_id = organization.organization_id
                  AND waiting.state = 'waiting' AND waiting.next_attempt_at <= now()
                  AND (waiting.event LIKE 'installation%'
                       OR NOT EXISTS (SELECT FROM connection AS resting
                                       WHERE resting.organization_id = organization.organization_id
                                         AND resting.connection_id = waiting.connection_id
                                         AND resting.state = 'suspended'))) AS deliveries,
       EXISTS (SELECT FROM intake_batch AS waiting
                WHERE waiting.organization_id = organization.organization_id
                  AND waiting.state = 'waiting' AND waiting.next_attempt_at <= now())
       OR EXISTS (SELECT FROM session_trail AS waiting
                   WHERE waiting.organization_id = organization.organization_id
                     AND waiting.state = 'waiting')
       OR EXISTS (SELECT FROM session_evidence AS waiting
                   WHERE waiting.organization_id = organization.organization_id
                     AND waiting.state = 'waiting')
       OR EXISTS (SELECT FROM layer_change AS noted
                   WHERE noted.organization_id = organization.organization_id) AS token_events,
       EXISTS (SELECT FROM settlement AS waiting
                WHERE waiting.organization_id = organization.organization_id
                  AND waiting.state = 'waiting' AND waiting.next_attempt_at <= now()
                  AND (NOT waiting.refit OR waiting.settled_at <= now() - $1::interval))
       OR EXISTS (SELECT FROM stale_week AS noted
                   WHERE noted.organization_id = organization.organization_id)
       OR EXISTS (SELECT FROM intake_total AS grown
                   WHERE grown.organization_id = organization.organization_id AND {NOT_SUMMED}) AS settlements,
       EXISTS (SELECT FROM stale_reconciliation AS noted
                WHERE noted.organization_id = organization.organization_id)
       OR (EXISTS (SELECT FROM bill WHERE bill.organization_id = organization.organization_id)
           AND EXISTS (SELECT FROM settlement
                         LEFT JOIN reconciled_day AS priced
                           ON priced.organization_id = settlement.organization_id
                          AND priced.team_id = settlement.team_id AND priced.day = settlement.day
                        WHERE settlement.organization_id = organization.organization_id
                          AND settlement.state = 'processed' AND settlement.settled_at <= now() - $2::interval
                          AND priced.settled_at IS DISTINCT FROM settlement.settled_at)) AS reconciliations,
       EXISTS (SELECT FROM provider_account AS waiting
                WHERE waiting.organization_id = organization.organization_id
                  AND waiting.state = 'waiting' AND waiting.next_attempt_at <= now()) AS provider_reports,
       EXISTS (SELECT FROM backfill_step AS waiting
                WHERE waiting.organization_id = organization.organization_id
                  AND waiting.state = 'waiting' AND waiting.next_attempt_at <= now()
                  AND NOT EXISTS (SELECT FROM backfill
                                    JOIN connection AS resting
                                      ON resting.organization_id = organization.organization_id
                                     AND resting.connection_id = backfill.connection_id
                                   WHERE backfill.organization_id = organization.organization_id
                                     AND backfill.backfill_id = waiting.backfill_id AND resting.state = 'suspended'))
       AND NOT EXISTS (SELECT FROM backfill_step AS taken
                        WHERE taken.organization_id = organization.organization_id
                          AND taken.state = 'waiting' AND taken.leased_until > now()) AS backfills,
       EXISTS (SELECT FROM enrichment AS waiting
                 LEFT JOIN connection AS resting
                   ON resting.organization_id = organization.organization_id
                  AND resting.connection_id = waiting.connection_id AND resting.state = 'suspended'
                WHERE waiting.organization_id = organization.organization_id
                  AND waiting.state = 'waiting' AND waiting.next_attempt_at <= now()
                  AND resting.connection_id IS NULL)
       AND NOT EXISTS (SELECT FROM enrichment AS taken
                        WHERE taken.organization_id = organization.organization_id
                          AND taken.state = 'waiting' AND taken.leased_until > now()) AS enrichments,
       EXISTS (SELECT FROM stale_gateway_day AS noted
                WHERE noted.organization_id = organization.organization_id AND noted.noted_at <= now() - $3::interval)
       OR EXISTS (SELECT FROM gateway_usage AS waiting
                   WHERE waiting.organization_id = organization.organization_id
                     AND waiting.state = 'waiting') AS gateway_tokens,
       EXISTS (SELECT FROM github_app AS waiting
                WHERE waiting.organization_id = organization.organization_id
                  AND waiting.state = 'waiting' AND waiting.next_attempt_at <= now())
       OR EXISTS (SELECT FROM installation_claim AS waiting
                   WHERE waiting.organization_id = organization.organization_id
                     AND waiting.state = 'waiting' AND waiting.next_attempt_at <= now()) AS github_apps,
       EXISTS (SELECT FROM hook_registration AS waiting
                WHERE waiting.organization_id = organization.organization_id
                  AND waiting.state IN ('waiting', 'registered', 'removing')
                  AND waiting.next_attempt_at <= now()) AS hooks,
       EXISTS (SELECT FROM repair_check AS waiting
                WHERE waiting.organization_id = organization.organization_id AND waiting.next_attempt_at <= now())
       OR EXISTS (SELECT FROM connection AS unchecked
                   WHERE unchecked.organization_id = organization.organization_id AND unchecked.state = 'active'
                     AND (unchecked.sealed_token IS NOT NULL OR unchecked.registration_id IS NOT NULL)
                     AND unchecked.created_at <= now() - $4::interval
                     AND NOT EXISTS (SELECT FROM repair_check AS known
                                      WHERE known.organization_id = organization.organization_id
                                        AND known.subject_id = unchecked.connection_id))
       OR EXISTS (SELECT FROM github_app AS unchecked
                   WHERE unchecked.organization_id = organization.organization_id AND unchecked.state = 'registered'
                     AND unchecked.registered_at <= now() - $4::interval
                     AND NOT EXISTS (SELECT FROM repair_check AS known
                                      WHERE known.organization_id = organization.organization_id
                                        AND known.subject_id = unchecked.registration_id)) AS repairs,
       EXISTS (SELECT FROM summary AS waiting
                 JOIN connection AS shown
                   ON shown.organization_id = organization.organization_id
                  AND shown.connection_id = waiting.connection_id
                WHERE waiting.organization_id = organization.organization_id
                  AND waiting.state = 'waiting' AND waiting.next_attempt_at <= now()
                  AND shown.state = 'active' AND shown.summaries) AS summaries,
       EXISTS (SELECT FROM team_sync AS waiting
                 JOIN connection AS asked
                   ON asked.organization_id = organization.organization_id
                  AND asked.connection_id = waiting.connection_id
                WHERE waiting.organization_id = organization.organization_id AND asked.state = 'active'
                  AND (waiting.dry_run_at <= now()
                       OR (waiting.enabled AND waiting.next_attempt_at <= now()))) AS team_syncs
  FROM organization
"""  # noqa: S608 - names of ours

# A day that is being settled again and again is priced again only after it had this long to come to rest.
RECONCILIATION_PAUSE = timedelta(minutes=1)

# What was connected a moment ago has nothing to repair.
FIRST_REPAIR_PAUSE = timedelta(minutes=5)

_JOB_OF = {
    "deliveries": Job.PROCESS_DELIVERIES,
    "token_events": Job.FOLD_TOKEN_EVENTS,
    "settlements": Job.SETTLE_DAYS,
    "reconciliations": Job.RECONCILE_DAYS,
    "provider_reports": Job.PULL_PROVIDER_USAGE,
    "backfills": Job.BACKFILL,
    "enrichments": Job.ENRICH,
    "gateway_tokens": Job.ESTIMATE_GATEWAY_TOKENS,
    "github_apps": Job.SET_UP_GITHUB_APPS,
    "hooks": Job.REGISTER_HOOKS,
    "repairs": Job.REPAIR,
    "summaries": Job.WRITE_SUMMARIES,
    "team_syncs": Job.SYNC_TEAMS,
}


async def find_due(
    connection: Connection, refit_pause: timedelta, estimate_pause: timedelta = timedelta()
) -> list[tuple[Job, int]]:
    """Jobs with rows due, and the organization of each; needs an operator's transaction."""
    rows = await connection.fetch(_DUE, refit_pause, RECONCILIATION_PAUSE, estimate_pause, FIRST_REPAIR_PAUSE)
    return [(job, row["organization_id"]) for row in rows for column, job in _JOB_OF.items() if row[column]]
