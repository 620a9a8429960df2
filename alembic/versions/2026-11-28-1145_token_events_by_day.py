"""token events by day, in batches, with the trails of their sessions"""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0020"
down_revision: str | None = "0019"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

TABLES = ("token_event", "intake_batch", "session_trail", "event_price", "raw_validation")
KINDS = ("input_uncached", "cache_read", "cache_write", "output_visible", "output_reasoning")
EVIDENCE = ("artifact", "number", "commit", "branch", "repository")
LABELS = ("source", "provider", "model", "workflow", "prompt_template", "context_tier")
DAYS_AHEAD = 7

POLICY = """
CREATE POLICY tenant ON {table}
USING (
    organization_id = NULLIF(current_setting('shipledger.organization_id', true), '')::bigint
    OR current_setting('shipledger.operator', true) = 'on'
)
"""

# Events that are still here are taken out of their windows again, and are counted anew as they are now.
TAKE_BACK = f"""
UPDATE token_window AS kept
   SET requests = kept.requests - counted.requests,
       cost_nano_usd = kept.cost_nano_usd - counted.cost_nano_usd,
       unpriced_tokens = CASE WHEN kept.unpriced_tokens = 0 THEN 0
                              ELSE kept.unpriced_tokens - counted.unpriced_tokens END,
       {", ".join(f"{kind} = kept.{kind} - counted.{kind}" for kind in KINDS)}
  FROM (SELECT organization_id, team_id, window_id, count(*) AS requests, sum(cost_nano_usd) AS cost_nano_usd,
               coalesce(sum({" + ".join(KINDS)}) FILTER (WHERE cost_nano_usd = 0), 0) AS unpriced_tokens,
               {", ".join(f"sum({kind}) AS {kind}" for kind in KINDS)}
          FROM token_event_before WHERE window_id IS NOT NULL GROUP BY 1, 2, 3) AS counted
 WHERE kept.organization_id = counted.organization_id AND kept.team_id = counted.team_id
   AND kept.window_id = counted.window_id
"""  # noqa: S608 - names of ours

# What windows hold of events that are gone already counts as validated when they were deleted.
OPEN_RECORDS = f"""
INSERT INTO raw_validation (
       organization_id, received_on, day, source, requests, {", ".join(KINDS)}, deleted_at)
SELECT organization_id, DATE '2000-01-01', (hour AT TIME ZONE 'UTC')::date, source, sum(requests),
       {", ".join(f"sum({kind})" for kind in KINDS)}, now()
  FROM token_window WHERE basis = 'measured' GROUP BY 1, 2, 3, 4
"""  # noqa: S608 - names of ours

# Of each organization and day one batch; what could not be counted is tried again.
MAKE_BATCHES = """
INSERT INTO intake_batch (organization_id, received_at, events)
SELECT organization_id, min(received_at), count(*)
  FROM token_event_before GROUP BY organization_id, (received_at AT TIME ZONE 'UTC')::date
"""
MOVE = f"""
INSERT INTO token_event (
       organization_id, event_id, received_at, batch_id, occurred_at, team_id, session,
       {", ".join((*LABELS, *EVIDENCE, *KINDS))})
SELECT event.organization_id, event_id, batch.received_at, batch.batch_id, occurred_at, team_id, session,
       {", ".join((*LABELS, *EVIDENCE, *KINDS))}
  FROM token_event_before AS event JOIN intake_batch AS batch USING (organization_id)
 WHERE (batch.received_at AT TIME ZONE 'UTC')::date = (event.received_at AT TIME ZONE 'UTC')::date
"""  # noqa: S608 - names of ours


def upgrade() -> None:
    op.add_column("token_window", sa.Column("failed_requests", sa.BigInteger(), server_default="0", nullable=False))
    op.add_column("token_window", sa.Column("timed_requests", sa.BigInteger(), server_default="0", nullable=False))
    op.add_column("token_window", sa.Column("duration_ms", sa.BigInteger(), server_default="0", nullable=False))
    op.execute("SET LOCAL shipledger.operator = 'on'")
    op.rename_table("token_event", "token_event_before")
    op.execute("ALTER INDEX token_event_session RENAME TO token_event_before_session")
    op.execute("ALTER TABLE token_event_before RENAME CONSTRAINT token_event_pkey TO token_event_before_pkey")
    _make_tables()
    _make_partitions()
    for table in TABLES:
        _protect(table)
    op.execute(TAKE_BACK)
    op.execute(
        "DELETE FROM token_window WHERE requests = 0 AND cost_nano_usd = 0 AND "
        + " AND ".join(f"{kind} = 0" for kind in KINDS)
    )
    op.execute(OPEN_RECORDS)
    op.execute(MAKE_BATCHES)
    op.execute(MOVE)
    op.drop_table("token_event_before")


def _make_tables() -> None:
    op.create_table(
        "token_event",
        sa.Column("organization_id", sa.BigInteger(), nullable=False),
        sa.Column("event_id", sa.LargeBinary(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("batch_id", sa.BigInteger(), nullable=False),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("team_id", sa.BigInteger(), nullable=False),
        *(sa.Column(name, sa.String(), nullable=False) for name in LABELS),
        sa.Column("session", sa.LargeBinary(), nullable=True),
        sa.Column("request", sa.LargeBinary(), nullable=True),
        sa.Column("duration_ms", sa.BigInteger(), nullable=True),
        sa.Column("failed", sa.Boolean(), server_default="false", nullable=False),
        *(sa.Column(name, sa.LargeBinary(), nullable=True) for name in EVIDENCE),
        *(sa.Column(name, sa.BigInteger(), server_default="0", nullable=False) for name in KINDS),
        sa.PrimaryKeyConstraint("organization_id", "event_id", "received_at"),
        postgresql_partition_by="RANGE (received_at)",
    )
    op.create_index("token_event_batch", "token_event", ["organization_id", "batch_id"])
    op.create_index("token_event_occurred", "token_event", ["organization_id", "occurred_at"])
    op.create_index(
        "token_event_session",
        "token_event",
        ["organization_id", "session", "occurred_at"],
        postgresql_where=sa.text("session IS NOT NULL"),
    )
    op.create_table(
        "intake_batch",
        sa.Column("organization_id", sa.BigInteger(), nullable=False),
        sa.Column("batch_id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("events", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(), server_default="waiting", nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("next_attempt_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("failure", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("organization_id", "batch_id"),
    )
    op.create_index(
        "intake_batch_open",
        "intake_batch",
        ["organization_id", "next_attempt_at"],
        postgresql_where=sa.text("state <> 'processed'"),
    )
    op.create_index("intake_batch_received", "intake_batch", ["organization_id", "received_at"])
    op.create_table(
        "session_trail",
        sa.Column("organization_id", sa.BigInteger(), nullable=False),
        sa.Column("session", sa.LargeBinary(), nullable=False),
        sa.Column("trail", sa.LargeBinary(), nullable=False),
        sa.Column("places", postgresql.ARRAY(sa.LargeBinary()), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("state", sa.String(), server_default="processed", nullable=False),
        sa.PrimaryKeyConstraint("organization_id", "session"),
        # Rows are written again and again in place.
        postgresql_with={"fillfactor": 60},
    )
    op.create_index("session_trail_received", "session_trail", ["organization_id", "received_at"])
    op.create_index("session_trail_places", "session_trail", ["places"], postgresql_using="gin")
    op.create_index(
        "session_trail_waiting",
        "session_trail",
        ["organization_id"],
        postgresql_where=sa.text("state = 'waiting'"),
    )
    op.create_table(
        "event_price",
        sa.Column("organization_id", sa.BigInteger(), nullable=False),
        sa.Column("provider", sa.String(), nullable=False),
        sa.Column("model", sa.String(), nullable=False),
        sa.Column("begins_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("from_input", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("to_input", sa.BigInteger(), nullable=False),
        sa.Column("is_listed", sa.Boolean(), server_default="false", nullable=False),
        *(sa.Column(name, sa.BigInteger(), server_default="0", nullable=False) for name in ("request", *KINDS)),
        sa.Column("used_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("organization_id", "provider", "model", "begins_at", "from_input"),
    )
    amounts = ("requests", *KINDS)
    op.create_table(
        "raw_validation",
        sa.Column("organization_id", sa.BigInteger(), nullable=False),
        sa.Column("received_on", sa.Date(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        *(
            sa.Column(name, sa.BigInteger(), server_default="0", nullable=False)
            for name in (
                *(*amounts, "uncounted_requests"),
                *(f"told_{name}" for name in amounts),
                *(f"derived_{name}" for name in amounts),
            )
        ),
        sa.Column("validated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("organization_id", "received_on", "day", "source"),
    )


def _make_partitions() -> None:
    today = datetime.now(UTC).date()
    received = op.get_bind().execute(
        sa.text("SELECT DISTINCT (received_at AT TIME ZONE 'UTC')::date FROM token_event_before")
    )
    days = {row[0] for row in received} | {today + timedelta(days=ahead) for ahead in range(DAYS_AHEAD + 1)}
    for day in sorted(days):
        partition = f"token_event_{day:%Y_%m_%d}"
        op.execute(
            f"CREATE TABLE {partition} PARTITION OF token_event"
            f" FOR VALUES FROM ('{_midnight(day)}') TO ('{_midnight(day + timedelta(days=1))}')"
        )
        _protect(partition)
    op.execute("CREATE TABLE token_event_rest PARTITION OF token_event DEFAULT")
    _protect("token_event_rest")


def _midnight(day: date) -> str:
    return f"{day.isoformat()} 00:00:00+00"


def _protect(table: str) -> None:
    op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
    op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
    op.execute(POLICY.format(table=table))


# The one way back is a backup: which window each event was counted in is not stored any more, and older code that
# guessed it would count events twice or move tokens that it never counted.
def downgrade() -> None:
    raise NotImplementedError("token events no longer say where each of them is counted")
