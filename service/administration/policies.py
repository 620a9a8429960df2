"""Row policies: which rows each role of the database sees.

| policy | role | rows |
|---|---|---|
| `tenant` | owner | of the organization of the transaction, and all in an operator's transaction |
| `application` | application | of the organization of the transaction |
| `sweep` | sweep | all rows of `SWEPT`, to read in a sweep |

The owner's transactions stay as they were before the other roles existed, so that old processes, and installations with
one URL, work as before.
"""

import asyncpg

from service.administration.sql_names import literal, quoted

# Tables that show a sweep which organizations have due rows.
SWEPT = (
    *("alert", "alert_channel", "alert_delivery", "backfill", "backfill_step", "bill", "connection", "delivery"),
    *("effect_study", "enrichment", "gateway_usage", "github_app", "hook_registration", "installation_claim"),
    *("intake_batch", "intake_total", "interval_calibration", "layer_change", "merged_week", "organization"),
    *("provider_account", "reconciled_day", "repair_check", "session_evidence", "session_trail", "settlement"),
    *("spend_day", "spend_watch", "stale_calibration", "stale_gateway_day", "stale_outcome", "stale_price"),
    *("stale_reconciliation", "stale_spend", "stale_week", "summary", "team", "team_change", "team_sync"),
)

# What these tables are asked for is read by key, which the policy must not prevent: its condition is one of the index.
READ_BY_KEY = frozenset({"merged_spend", "spend_cut", "spend_day"})

_OWN = "NULLIF(current_setting('shipledger.organization_id', true), '')::bigint"
_IS_ON = "current_setting('shipledger.operator', true) = 'on'"
# Views for reports run with the owner's rights for every user, so ask for the user.
_IS_OPERATOR = f"{_IS_ON} AND pg_has_role(current_user, {{owner}}, 'USAGE')"
_TENANT = f"organization_id = {_OWN} OR ({_IS_OPERATOR})"
# 1 for the operator, who sees all rows, else NULL, which LEAST and GREATEST ignore: Citus refuses CASE here.
_ONE = f"NULLIF({_IS_OPERATOR}, false)::integer"
_TENANT_BY_KEY = f"""
    organization_id >= LEAST({_OWN}, {_ONE} - 1) AND organization_id <= GREATEST({_OWN}, {_ONE} * 9223372036854775807)
"""

# Tables of organizations whose policy of the owner binds everybody (0), or names another owner.
_OPEN = """
SELECT relname AS name, polname IS NOT NULL AS has_policy, relispartition AS is_partition
  FROM pg_class LEFT JOIN pg_policy ON polrelid = pg_class.oid AND polname = 'tenant'
 WHERE relnamespace = current_schema()::regnamespace AND relkind IN ('r', 'p') AND relname <> 'alembic_version'
   AND (polname IS NULL OR 0 = ANY (polroles)
        OR NOT relispartition AND position(quote_literal($1::text) IN pg_get_expr(polqual, polrelid)) = 0)
 ORDER BY relname
"""

# Tables without a policy for a role. Partitions need none, since only their owner may read them directly.
_UNBOUND = """
SELECT relname AS name FROM pg_class
 WHERE relnamespace = current_schema()::regnamespace AND relkind IN ('r', 'p') AND NOT relispartition
   AND relname <> 'alembic_version' AND ($3::text[] IS NULL OR relname = ANY ($3))
   AND NOT EXISTS (SELECT FROM pg_policy WHERE polrelid = pg_class.oid AND polname = $1
                                           AND polroles = ARRAY[(SELECT oid FROM pg_roles WHERE rolname = $2)])
 ORDER BY relname
"""


async def bind_owner(connection: asyncpg.Connection, owner: str) -> None:
    """Let the owner's policy bind the owner alone."""
    for row in await connection.fetch(_OPEN, owner):
        form = _TENANT_BY_KEY if row["name"] in READ_BY_KEY else _TENANT
        condition = form.format(owner=literal(owner))
        verb = "ALTER" if row["has_policy"] else "CREATE"
        await connection.execute(
            f"{verb} POLICY tenant ON {quoted(row['name'])} TO {quoted(owner)} USING ({condition})"
        )


async def bind_application(connection: asyncpg.Connection, application: str, sweep: str) -> None:
    """Let the application see one organization at a time, and sweeps also the tables that they need."""
    for name, role, tables, definition in (
        ("application", application, None, f"TO {{role}} USING (organization_id = {_OWN})"),
        ("sweep", sweep, list(SWEPT), f"FOR SELECT TO {{role}} USING ({_IS_ON})"),
    ):
        for row in await connection.fetch(_UNBOUND, name, role, tables):
            table = quoted(row["name"])
            # One round trip is one transaction: no moment without a policy.
            await connection.execute(
                f"DROP POLICY IF EXISTS {name} ON {table};"
                f" CREATE POLICY {name} ON {table} {definition.format(role=quoted(role))}"
            )
