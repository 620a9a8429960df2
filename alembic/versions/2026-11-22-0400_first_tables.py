"""first tables"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0001"
down_revision: str | None = None
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


TABLES = (
    "activity",
    "api_key",
    "artifact_alias",
    "attribution",
    "attribution_rollup",
    "branch_commit",
    "connection",
    "delivery",
    "intake_total",
    "interval_calibration",
    "organization",
    "pull_request",
    "release",
    "release_pull_request",
    "remembered_event",
    "repository",
    "session_evidence",
    "settlement",
    "sign_in_link",
    "team",
    "team_telemetry",
    "token_event",
    "token_window",
)

# Row-level security also binds the owner (FORCE), so that one forgotten condition cannot show one company another's rows.
# `shipledger.operator` opens all of them to the few transactions that look for whose a request is, and to sweeps.
POLICY = """
CREATE POLICY tenant ON {table}
USING (
    organization_id = NULLIF(current_setting('shipledger.organization_id', true), '')::bigint
    OR current_setting('shipledger.operator', true) = 'on'
)
"""


def upgrade() -> None:
    op.create_table(
        "artifact_alias",
        sa.Column("organization_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("alias", sa.LargeBinary(), nullable=False),
        sa.Column("artifact_id", sa.LargeBinary(), nullable=False),
        sa.Column("first_seen_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("organization_id", "kind", "alias", "artifact_id"),
    )
    op.create_index("artifact_alias_artifact", "artifact_alias", ["organization_id", "artifact_id"], unique=False)
    op.create_table(
        "branch_commit",
        sa.Column("organization_id", sa.BigInteger(), nullable=False),
        sa.Column("repository_id", sa.LargeBinary(), nullable=False),
        sa.Column("branch", sa.LargeBinary(), nullable=False),
        sa.Column("commit", sa.LargeBinary(), nullable=False),
        sa.Column("committed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("pushed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("organization_id", "repository_id", "branch", "commit"),
    )
    op.create_table(
        "organization",
        sa.Column("organization_id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("sealed_key", sa.LargeBinary(), nullable=False),
        sa.Column("show_labels", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("exploratory_share", sa.Float(), server_default="0.2", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("organization_id"),
    )
    op.create_table(
        "remembered_event",
        sa.Column("organization_id", sa.BigInteger(), nullable=False),
        sa.Column("event_id", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("organization_id", "event_id"),
    )
    op.create_table(
        "session_evidence",
        sa.Column("artifact", sa.LargeBinary(), nullable=True),
        sa.Column("number", sa.LargeBinary(), nullable=True),
        sa.Column("commit", sa.LargeBinary(), nullable=True),
        sa.Column("branch", sa.LargeBinary(), nullable=True),
        sa.Column("repository", sa.LargeBinary(), nullable=True),
        sa.Column("organization_id", sa.BigInteger(), nullable=False),
        sa.Column("evidence_id", sa.LargeBinary(), nullable=False),
        sa.Column("session", sa.LargeBinary(), nullable=False),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("state", sa.String(), server_default="waiting", nullable=False),
        sa.PrimaryKeyConstraint("organization_id", "evidence_id"),
    )
    op.create_index("session_evidence_retention", "session_evidence", ["received_at"], unique=False)
    op.create_index(
        "session_evidence_session", "session_evidence", ["organization_id", "session", "occurred_at"], unique=False
    )
    op.create_index(
        "session_evidence_waiting",
        "session_evidence",
        ["organization_id"],
        unique=False,
        postgresql_where=sa.text("state = 'waiting'"),
    )
    op.create_table(
        "connection",
        sa.Column("organization_id", sa.BigInteger(), nullable=False),
        sa.Column("connection_id", sa.Uuid(), nullable=False),
        sa.Column("forge", sa.String(), nullable=False),
        sa.Column("host", sa.String(), nullable=False),
        sa.Column("installation_id", sa.BigInteger(), nullable=True),
        sa.Column("sealed_secret", sa.LargeBinary(), nullable=True),
        sa.Column("state", sa.String(), server_default="active", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("last_delivery_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.organization_id"],
        ),
        sa.PrimaryKeyConstraint("organization_id", "connection_id"),
    )
    op.create_index(
        "connection_installation",
        "connection",
        ["installation_id"],
        unique=False,
        postgresql_where=sa.text("installation_id IS NOT NULL"),
    )
    op.create_index(
        "connection_installation_key",
        "connection",
        ["organization_id", "forge", "host", "installation_id"],
        unique=True,
        postgresql_where=sa.text("installation_id IS NOT NULL"),
    )
    op.create_table(
        "sign_in_link",
        sa.Column("organization_id", sa.BigInteger(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.organization_id"],
        ),
        sa.PrimaryKeyConstraint("organization_id", "digest"),
    )
    op.create_table(
        "team",
        sa.Column("organization_id", sa.BigInteger(), nullable=False),
        sa.Column("team_id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=True),
        sa.Column("is_default", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.organization_id"],
        ),
        sa.PrimaryKeyConstraint("organization_id", "team_id"),
    )
    op.create_index(
        "team_default_key", "team", ["organization_id"], unique=True, postgresql_where=sa.text("is_default")
    )
    op.create_index("team_name_key", "team", ["organization_id", "name"], unique=True)
    op.create_table(
        "api_key",
        sa.Column("organization_id", sa.BigInteger(), nullable=False),
        sa.Column("key_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("scopes", postgresql.ARRAY(sa.String()), nullable=False),
        sa.Column("team_id", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["organization_id", "team_id"],
            ["team.organization_id", "team.team_id"],
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.organization_id"],
        ),
        sa.PrimaryKeyConstraint("organization_id", "key_id"),
    )
    op.create_index("api_key_digest_key", "api_key", ["organization_id", "digest"], unique=True)
    op.create_table(
        "attribution",
        sa.Column("input_uncached", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("cache_read", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("cache_write", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("output_visible", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("output_reasoning", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("cost_nano_usd", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("organization_id", sa.BigInteger(), nullable=False),
        sa.Column("team_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("hour", sa.DateTime(timezone=True), nullable=False),
        sa.Column("window_id", sa.LargeBinary(), nullable=False),
        sa.Column("artifact_id", sa.LargeBinary(), nullable=False),
        sa.Column("evidence", sa.String(), nullable=False),
        sa.Column("method", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id", "team_id"],
            ["team.organization_id", "team.team_id"],
        ),
        sa.PrimaryKeyConstraint("organization_id", "team_id", "day", "hour", "window_id", "artifact_id"),
    )
    op.create_index("attribution_artifact", "attribution", ["organization_id", "artifact_id"], unique=False)
    op.create_table(
        "attribution_rollup",
        sa.Column("input_uncached", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("cache_read", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("cache_write", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("output_visible", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("output_reasoning", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("cost_nano_usd", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("organization_id", sa.BigInteger(), nullable=False),
        sa.Column("team_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("artifact_id", sa.LargeBinary(), nullable=False),
        sa.Column("evidence", sa.String(), nullable=False),
        sa.Column("model", sa.String(), nullable=False),
        sa.Column("workflow", sa.String(), nullable=False),
        sa.Column("method", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id", "team_id"],
            ["team.organization_id", "team.team_id"],
        ),
        sa.PrimaryKeyConstraint("organization_id", "team_id", "day", "artifact_id", "evidence", "model", "workflow"),
    )
    op.create_index(
        "attribution_rollup_artifact", "attribution_rollup", ["organization_id", "artifact_id"], unique=False
    )
    op.create_index("attribution_rollup_day", "attribution_rollup", ["organization_id", "day"], unique=False)
    op.create_table(
        "delivery",
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("next_attempt_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("failure", sa.String(), nullable=True),
        sa.Column("organization_id", sa.BigInteger(), nullable=False),
        sa.Column("delivery_id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("connection_id", sa.Uuid(), nullable=False),
        sa.Column("deduplication_key", sa.String(), nullable=False),
        sa.Column("event", sa.String(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("sealed_body", sa.LargeBinary(), nullable=True),
        sa.Column("state", sa.String(), server_default="waiting", nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("processed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["organization_id", "connection_id"],
            ["connection.organization_id", "connection.connection_id"],
        ),
        sa.PrimaryKeyConstraint("organization_id", "delivery_id"),
    )
    op.create_index(
        "delivery_deduplication_key", "delivery", ["organization_id", "connection_id", "deduplication_key"], unique=True
    )
    op.create_index(
        "delivery_retention",
        "delivery",
        ["processed_at"],
        unique=False,
        postgresql_where=sa.text("sealed_body IS NOT NULL"),
    )
    op.create_index(
        "delivery_waiting",
        "delivery",
        ["organization_id", "next_attempt_at", "delivery_id"],
        unique=False,
        postgresql_where=sa.text("state = 'waiting'"),
    )
    op.create_table(
        "intake_total",
        sa.Column("input_uncached", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("cache_read", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("cache_write", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("output_visible", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("output_reasoning", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("cost_nano_usd", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("organization_id", sa.BigInteger(), nullable=False),
        sa.Column("team_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("requests", sa.BigInteger(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id", "team_id"],
            ["team.organization_id", "team.team_id"],
        ),
        sa.PrimaryKeyConstraint("organization_id", "team_id", "day"),
    )
    op.create_table(
        "repository",
        sa.Column("organization_id", sa.BigInteger(), nullable=False),
        sa.Column("artifact_id", sa.LargeBinary(), nullable=False),
        sa.Column("forge", sa.String(), nullable=False),
        sa.Column("team_id", sa.BigInteger(), nullable=True),
        sa.Column("label", sa.String(), nullable=True),
        sa.Column("named_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id", "team_id"],
            ["team.organization_id", "team.team_id"],
        ),
        sa.PrimaryKeyConstraint("organization_id", "artifact_id"),
    )
    op.create_table(
        "settlement",
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("next_attempt_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("failure", sa.String(), nullable=True),
        sa.Column("input_uncached", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("cache_read", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("cache_write", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("output_visible", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("output_reasoning", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("cost_nano_usd", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("organization_id", sa.BigInteger(), nullable=False),
        sa.Column("team_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("state", sa.String(), server_default="waiting", nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("method", sa.String(), nullable=True),
        sa.Column("depends_from", sa.Date(), nullable=True),
        sa.Column("depends_to", sa.Date(), nullable=True),
        sa.Column("refit", sa.Boolean(), server_default="false", nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id", "team_id"],
            ["team.organization_id", "team.team_id"],
        ),
        sa.PrimaryKeyConstraint("organization_id", "team_id", "day"),
    )
    op.create_table(
        "interval_calibration",
        sa.Column("organization_id", sa.BigInteger(), nullable=False),
        sa.Column("team_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("evidence", sa.String(), nullable=False),
        sa.Column("pull_requests", sa.Integer(), nullable=False),
        sa.Column("offset_tokens", sa.BigInteger(), nullable=False),
        sa.Column("low", sa.Float(), nullable=False),
        sa.Column("high", sa.Float(), nullable=False),
        sa.Column("measured", sa.Integer(), server_default="0", nullable=False),
        sa.Column("method", sa.String(), nullable=False),
        sa.Column("calibrated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id", "team_id"],
            ["team.organization_id", "team.team_id"],
        ),
        sa.PrimaryKeyConstraint("organization_id", "team_id", "evidence", "pull_requests"),
    )
    op.create_index(
        "settlement_stale",
        "settlement",
        ["organization_id", "next_attempt_at"],
        unique=False,
        postgresql_where=sa.text("state = 'waiting'"),
    )
    op.create_table(
        "team_telemetry",
        sa.Column("organization_id", sa.BigInteger(), nullable=False),
        sa.Column("telemetry_id", sa.String(), nullable=False),
        sa.Column("team_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id", "team_id"],
            ["team.organization_id", "team.team_id"],
        ),
        sa.PrimaryKeyConstraint("organization_id", "telemetry_id"),
    )
    op.create_table(
        "token_event",
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("next_attempt_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("failure", sa.String(), nullable=True),
        sa.Column("artifact", sa.LargeBinary(), nullable=True),
        sa.Column("number", sa.LargeBinary(), nullable=True),
        sa.Column("commit", sa.LargeBinary(), nullable=True),
        sa.Column("branch", sa.LargeBinary(), nullable=True),
        sa.Column("repository", sa.LargeBinary(), nullable=True),
        sa.Column("input_uncached", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("cache_read", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("cache_write", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("output_visible", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("output_reasoning", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("cost_nano_usd", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("organization_id", sa.BigInteger(), nullable=False),
        sa.Column("event_id", sa.LargeBinary(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("team_id", sa.BigInteger(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("provider", sa.String(), nullable=False),
        sa.Column("model", sa.String(), nullable=False),
        sa.Column("workflow", sa.String(), nullable=False),
        sa.Column("prompt_template", sa.String(), nullable=False),
        sa.Column("context_tier", sa.String(), nullable=False),
        sa.Column("session", sa.LargeBinary(), nullable=True),
        sa.Column("state", sa.String(), server_default="waiting", nullable=False),
        sa.Column("window_id", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(
            ["organization_id", "team_id"],
            ["team.organization_id", "team.team_id"],
        ),
        sa.PrimaryKeyConstraint("organization_id", "event_id"),
    )
    op.create_index("token_event_retention", "token_event", ["received_at"], unique=False)
    op.create_index(
        "token_event_session",
        "token_event",
        ["organization_id", "session", "occurred_at"],
        unique=False,
        postgresql_where=sa.text("session IS NOT NULL"),
    )
    op.create_index(
        "token_event_waiting",
        "token_event",
        ["organization_id", "next_attempt_at"],
        unique=False,
        postgresql_where=sa.text("state = 'waiting'"),
    )
    op.create_table(
        "token_window",
        sa.Column("artifact", sa.LargeBinary(), nullable=True),
        sa.Column("number", sa.LargeBinary(), nullable=True),
        sa.Column("commit", sa.LargeBinary(), nullable=True),
        sa.Column("branch", sa.LargeBinary(), nullable=True),
        sa.Column("repository", sa.LargeBinary(), nullable=True),
        sa.Column("input_uncached", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("cache_read", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("cache_write", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("output_visible", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("output_reasoning", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("cost_nano_usd", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("organization_id", sa.BigInteger(), nullable=False),
        sa.Column("team_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("hour", sa.DateTime(timezone=True), nullable=False),
        sa.Column("window_id", sa.LargeBinary(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("provider", sa.String(), nullable=False),
        sa.Column("model", sa.String(), nullable=False),
        sa.Column("model_family", sa.String(), nullable=False),
        sa.Column("context_tier", sa.String(), nullable=False),
        sa.Column("workflow", sa.String(), nullable=False),
        sa.Column("prompt_template", sa.String(), nullable=False),
        sa.Column("requests", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("unpriced_tokens", sa.BigInteger(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id", "team_id"],
            ["team.organization_id", "team.team_id"],
        ),
        sa.PrimaryKeyConstraint("organization_id", "team_id", "hour", "window_id"),
    )
    op.create_index(
        "token_window_artifact",
        "token_window",
        ["organization_id", "artifact"],
        unique=False,
        postgresql_where=sa.text("artifact IS NOT NULL"),
    )
    op.create_index(
        "token_window_branch",
        "token_window",
        ["organization_id", "branch"],
        unique=False,
        postgresql_where=sa.text("branch IS NOT NULL"),
    )
    op.create_index(
        "token_window_commit",
        "token_window",
        ["organization_id", "commit"],
        unique=False,
        postgresql_where=sa.text("commit IS NOT NULL"),
    )
    op.create_index(
        "token_window_number",
        "token_window",
        ["organization_id", "number"],
        unique=False,
        postgresql_where=sa.text("number IS NOT NULL"),
    )
    op.create_table(
        "pull_request",
        sa.Column("organization_id", sa.BigInteger(), nullable=False),
        sa.Column("artifact_id", sa.LargeBinary(), nullable=False),
        sa.Column("repository_id", sa.LargeBinary(), nullable=False),
        sa.Column("number", sa.LargeBinary(), nullable=False),
        sa.Column("head_repository_id", sa.LargeBinary(), nullable=True),
        sa.Column("head_branch", sa.LargeBinary(), nullable=True),
        sa.Column("base_branch", sa.LargeBinary(), nullable=True),
        sa.Column("state", sa.String(), server_default="open", nullable=False),
        sa.Column("draft", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("merged_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("changed_lines", sa.Integer(), nullable=True),
        sa.Column("changed_files", sa.Integer(), nullable=True),
        sa.Column("label", sa.String(), nullable=True),
        sa.Column("forge_updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id", "repository_id"],
            ["repository.organization_id", "repository.artifact_id"],
        ),
        sa.PrimaryKeyConstraint("organization_id", "artifact_id"),
    )
    op.create_index(
        "pull_request_branch", "pull_request", ["organization_id", "head_branch", "head_repository_id"], unique=False
    )
    op.create_index("pull_request_merged", "pull_request", ["organization_id", "merged_at"], unique=False)
    op.create_index(
        "pull_request_number_key", "pull_request", ["organization_id", "repository_id", "number"], unique=True
    )
    op.create_table(
        "release",
        sa.Column("organization_id", sa.BigInteger(), nullable=False),
        sa.Column("artifact_id", sa.LargeBinary(), nullable=False),
        sa.Column("repository_id", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("released_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("commit", sa.LargeBinary(), nullable=True),
        sa.Column("label", sa.String(), nullable=True),
        sa.Column("forge_updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id", "repository_id"],
            ["repository.organization_id", "repository.artifact_id"],
        ),
        sa.PrimaryKeyConstraint("organization_id", "artifact_id"),
    )
    op.create_index("release_repository", "release", ["organization_id", "repository_id", "released_at"], unique=False)
    op.create_table(
        "activity",
        sa.Column("organization_id", sa.BigInteger(), nullable=False),
        sa.Column("artifact_id", sa.LargeBinary(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("reference", sa.LargeBinary(), nullable=False),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id", "artifact_id"],
            ["pull_request.organization_id", "pull_request.artifact_id"],
        ),
        sa.PrimaryKeyConstraint("organization_id", "artifact_id", "kind", "reference"),
    )
    op.create_index("activity_time", "activity", ["organization_id", "occurred_at"], unique=False)
    op.create_table(
        "release_pull_request",
        sa.Column("organization_id", sa.BigInteger(), nullable=False),
        sa.Column("release_id", sa.LargeBinary(), nullable=False),
        sa.Column("pull_request_id", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id", "release_id"],
            ["release.organization_id", "release.artifact_id"],
        ),
        sa.PrimaryKeyConstraint("organization_id", "release_id", "pull_request_id"),
    )
    op.create_index(
        "release_pull_request_pull_request",
        "release_pull_request",
        ["organization_id", "pull_request_id"],
        unique=False,
    )
    for table in TABLES:
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(POLICY.format(table=table))


def downgrade() -> None:
    op.drop_index("release_pull_request_pull_request", table_name="release_pull_request")
    op.drop_table("release_pull_request")
    op.drop_index("activity_time", table_name="activity")
    op.drop_table("activity")
    op.drop_index("release_repository", table_name="release")
    op.drop_table("release")
    op.drop_index("pull_request_number_key", table_name="pull_request")
    op.drop_index("pull_request_merged", table_name="pull_request")
    op.drop_index("pull_request_branch", table_name="pull_request")
    op.drop_table("pull_request")
    op.drop_index("token_window_number", table_name="token_window", postgresql_where=sa.text("number IS NOT NULL"))
    op.drop_index("token_window_commit", table_name="token_window", postgresql_where=sa.text("commit IS NOT NULL"))
    op.drop_index("token_window_branch", table_name="token_window", postgresql_where=sa.text("branch IS NOT NULL"))
    op.drop_index("token_window_artifact", table_name="token_window", postgresql_where=sa.text("artifact IS NOT NULL"))
    op.drop_table("token_window")
    op.drop_index("token_event_waiting", table_name="token_event", postgresql_where=sa.text("state = 'waiting'"))
    op.drop_index("token_event_session", table_name="token_event", postgresql_where=sa.text("session IS NOT NULL"))
    op.drop_index("token_event_retention", table_name="token_event")
    op.drop_table("token_event")
    op.drop_table("team_telemetry")
    op.drop_index("settlement_stale", table_name="settlement", postgresql_where=sa.text("state = 'waiting'"))
    op.drop_table("settlement")
    op.drop_table("interval_calibration")
    op.drop_table("repository")
    op.drop_table("intake_total")
    op.drop_index("delivery_waiting", table_name="delivery", postgresql_where=sa.text("state = 'waiting'"))
    op.drop_index("delivery_retention", table_name="delivery", postgresql_where=sa.text("sealed_body IS NOT NULL"))
    op.drop_index("delivery_deduplication_key", table_name="delivery")
    op.drop_table("delivery")
    op.drop_index("attribution_rollup_day", table_name="attribution_rollup")
    op.drop_index("attribution_rollup_artifact", table_name="attribution_rollup")
    op.drop_table("attribution_rollup")
    op.drop_index("attribution_artifact", table_name="attribution")
    op.drop_table("attribution")
    op.drop_index("api_key_digest_key", table_name="api_key")
    op.drop_table("api_key")
    op.drop_index("team_name_key", table_name="team")
    op.drop_index("team_default_key", table_name="team", postgresql_where=sa.text("is_default"))
    op.drop_table("team")
    op.drop_table("sign_in_link")
    op.drop_index(
        "connection_installation_key", table_name="connection", postgresql_where=sa.text("installation_id IS NOT NULL")
    )
    op.drop_index(
        "connection_installation", table_name="connection", postgresql_where=sa.text("installation_id IS NOT NULL")
    )
    op.drop_table("connection")
    op.drop_index(
        "session_evidence_waiting", table_name="session_evidence", postgresql_where=sa.text("state = 'waiting'")
    )
    op.drop_index("session_evidence_session", table_name="session_evidence")
    op.drop_index("session_evidence_retention", table_name="session_evidence")
    op.drop_table("session_evidence")
    op.drop_table("remembered_event")
    op.drop_table("organization")
    op.drop_table("branch_commit")
    op.drop_index("artifact_alias_artifact", table_name="artifact_alias")
    op.drop_table("artifact_alias")
