"""functions of the owner: look-ups that find the organization of a request, and partitions of token events"""

from collections.abc import Sequence

from alembic import op

revision: str = "202612010201"
down_revision: str | None = "202611302401"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

# They run as the owner, so that other roles see the results and never the tables. What they name is looked up in the
# schema of the tables first, and in the caller's temporary tables last. The literal SET LOCAL also reaches the shards of
# Citus; it ends with the function (an option of the function would need a superuser).
FUNCTION = """
CREATE FUNCTION {signature} RETURNS {returns}
LANGUAGE plpgsql SECURITY DEFINER SET search_path = {schema}, pg_temp SET lock_timeout = '3s' AS $function$
#variable_conflict use_column
DECLARE
    before text = coalesce(current_setting('shipledger.operator', true), '');
{declare}
BEGIN
    SET LOCAL shipledger.operator = 'on';
{body}
    PERFORM set_config('shipledger.operator', before, true);
END
$function$
"""

# Look-ups of the application: signature, columns, query.
LOOK_UPS = (
    # Installations of a registered App are excluded: only that App's signature counts for them.
    (
        "find_installation(wanted bigint, at_host text)",
        "organization_id bigint, connection_id uuid, state text",
        """
        SELECT organization_id, connection_id, state::text FROM connection
         WHERE installation_id = wanted AND forge = 'github' AND host = at_host AND registration_id IS NULL
         ORDER BY created_at LIMIT 1""",
    ),
    (
        "find_github_apps(wanted bigint)",
        "organization_id bigint, registration_id uuid, sealed_credentials bytea",
        """
        SELECT organization_id, registration_id, sealed_credentials FROM github_app
         WHERE app_id = wanted AND state = 'registered' ORDER BY organization_id, registration_id""",
    ),
    # 2 organizations stand for several. One without a key is being erased.
    (
        "only_organization()",
        "organizations bigint, organization_id bigint",
        """
        SELECT count(*), CASE WHEN count(*) = 1 THEN min(organization_id) END
          FROM (SELECT organization_id FROM organization WHERE sealed_key <> '' LIMIT 2) AS few""",
    ),
    (
        "find_sealed_key()",
        "organization_id bigint, sealed_key bytea",
        "SELECT organization_id, sealed_key FROM organization WHERE sealed_key <> '' ORDER BY organization_id LIMIT 1",
    ),
    # Groups and domains come in lower case. PostgreSQL may not know the lower case of other letters than ASCII's, so
    # such rules are compared by the caller.
    (
        "find_sign_in_rules(with_provider text, of_groups text[], of_domains text[])",
        "organization_id bigint, name text, provider text, kind text, value text, role text, team_id bigint",
        """
        SELECT rule.organization_id, organization.name::text, rule.provider::text, rule.kind::text, rule.value::text,
               rule.role::text, rule.team_id
          FROM sign_in_rule AS rule
          JOIN organization ON organization.organization_id = rule.organization_id
         WHERE rule.provider = with_provider
           AND (octet_length(rule.value) <> length(rule.value)
                OR lower(rule.value) = ANY (CASE rule.kind WHEN 'group' THEN of_groups ELSE of_domains END))
         ORDER BY rule.organization_id, rule.rule_id""",
    ),
    (
        "count_backlog()",
        "name text, waiting bigint, dead bigint, oldest_seconds double precision",
        """
        SELECT name, waiting, dead, greatest(0, coalesce(extract(epoch FROM now() - oldest), 0))::double precision
          FROM (SELECT 'delivery' AS name,
                       count(*) FILTER (WHERE state = 'waiting') AS waiting,
                       count(*) FILTER (WHERE state = 'dead') AS dead,
                       min(received_at) FILTER (WHERE state = 'waiting') AS oldest
                  FROM delivery WHERE state IN ('waiting', 'dead')
                 UNION ALL
                SELECT 'token_event',
                       coalesce(sum(events) FILTER (WHERE state = 'waiting'), 0)::bigint,
                       coalesce(sum(events) FILTER (WHERE state = 'dead'), 0)::bigint,
                       min(received_at) FILTER (WHERE state = 'waiting')
                  FROM intake_batch WHERE state <> 'processed'
                 UNION ALL
                SELECT 'settlement',
                       count(*) FILTER (WHERE state = 'waiting'),
                       count(*) FILTER (WHERE state = 'dead'),
                       min(next_attempt_at) FILTER (WHERE state = 'waiting' AND NOT refit)
                  FROM settlement WHERE state IN ('waiting', 'dead')) AS counted""",
    ),
)

# The days whose events arrived before their partition existed.
RESTING_DAYS = """
    RETURN QUERY SELECT DISTINCT (received_at AT TIME ZONE 'UTC')::date FROM token_event_rest;"""

SPAN = """\
    name text = to_char(wanted, '"token_event_"YYYY_MM_DD');
    begins timestamptz = wanted::timestamp AT TIME ZONE 'UTC';
    ends timestamptz = (wanted + 1)::timestamp AT TIME ZONE 'UTC';"""

# Nothing more enters the default partition until the new one exists; other transactions release it soon.
MAKE = """
    PERFORM pg_advisory_xact_lock(hashtextextended('token_event_partitions', 0));
    IF NOT EXISTS (SELECT FROM pg_inherits JOIN pg_class ON pg_class.oid = inhrelid
                    WHERE inhparent = 'token_event'::regclass AND relname = name) THEN
        LOCK TABLE token_event_rest IN ACCESS EXCLUSIVE MODE;
        EXECUTE format('CREATE TABLE %I (LIKE token_event INCLUDING DEFAULTS INCLUDING CONSTRAINTS)', name);
        EXECUTE format(
            'WITH moved AS (DELETE FROM token_event_rest WHERE received_at >= $1 AND received_at < $2 RETURNING *)'
            ' INSERT INTO %I SELECT * FROM moved', name) USING begins, ends;
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', name);
        EXECUTE format('CREATE POLICY tenant ON %I TO CURRENT_USER USING ('
            'organization_id = NULLIF(current_setting(''shipledger.organization_id'', true), '''')::bigint'
            ' OR current_setting(''shipledger.operator'', true) = ''on'')', name);
        EXECUTE format(
            'ALTER TABLE token_event ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)', name, begins, ends);
    END IF;"""

DROP = """
    IF ends > now() THEN
        RAISE EXCEPTION 'the day % is not over, so its token events stay', wanted;
    END IF;
    PERFORM pg_advisory_xact_lock(hashtextextended('token_event_partitions', 0));
    EXECUTE format('DROP TABLE IF EXISTS %I', name);
    DELETE FROM token_event_rest WHERE received_at >= begins AND received_at < ends;"""

ANALYZE = """
    EXECUTE format('ANALYZE (SKIP_LOCKED) %I', of_table)
         || coalesce((SELECT ' (' || string_agg(quote_ident(name), ', ') || ')' FROM unnest(of_columns) AS name), '');"""

# Parts of the sweeps that need the owner: signature, result, declarations, statements.
SWEEPS = (
    ("find_resting_days()", "SETOF date", "", RESTING_DAYS),
    ("make_token_event_partition(wanted date)", "void", SPAN, MAKE),
    ("drop_token_event_partition(wanted date)", "void", SPAN, DROP),
    ("refresh_planner_statistics(of_table text, of_columns text[])", "void", "", ANALYZE),
)


def upgrade() -> None:
    schema = op.get_bind().exec_driver_sql("SELECT quote_ident(current_schema())").scalar_one()
    look_ups = [
        (signature, f"TABLE ({columns})", "", f"    RETURN QUERY {query};") for signature, columns, query in LOOK_UPS
    ]
    for signature, returns, declare, body in (*look_ups, *SWEEPS):
        made = FUNCTION.format(signature=signature, returns=returns, schema=schema, declare=declare, body=body)
        op.get_bind().exec_driver_sql(made)
        op.execute(f"REVOKE ALL ON FUNCTION {_name(signature)} FROM PUBLIC")


def downgrade() -> None:
    for signature, *_ in (*SWEEPS, *LOOK_UPS):
        op.execute(f"DROP FUNCTION {_name(signature)}")


def _name(signature: str) -> str:
    """Return the function's name, which is unique."""
    return signature.partition("(")[0]
