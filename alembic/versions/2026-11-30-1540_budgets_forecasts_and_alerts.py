"""budgets, forecasts and alerts"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "202611301540"
down_revision: str | None = "202611301530"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "alert",
        sa.Column("organization_id", sa.BigInteger(), nullable=False),
        sa.Column("alert_id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("team_id", sa.BigInteger(), nullable=False),
        sa.Column("began_on", sa.Date(), nullable=False),
        sa.Column("found_on", sa.Date(), nullable=False),
        sa.Column("usual_nano_usd", sa.BigInteger(), nullable=False),
        sa.Column("spent_nano_usd", sa.BigInteger(), nullable=False),
        sa.Column("cause", sa.String(), nullable=True),
        sa.Column("state", sa.String(), server_default="open", nullable=False),
        sa.Column("snoozed_to", sa.Date(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("organization_id", "alert_id"),
    )
    op.execute("ALTER TABLE alert ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE alert FORCE ROW LEVEL SECURITY")
    op.execute(
        "CREATE POLICY tenant ON alert USING (organization_id = NULLIF(current_setting('shipledger.organization_id', true), '')::bigint OR current_setting('shipledger.operator', true) = 'on')"
    )
    op.create_index(
        "alert_subject",
        "alert",
        ["organization_id", "kind", "subject", "team_id", "began_on"],
        unique=True,
        postgresql_where=None,
    )
    op.create_table(
        "spend_forecast",
        sa.Column("organization_id", sa.BigInteger(), nullable=False),
        sa.Column("team_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("period", sa.String(), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("made_to", sa.Date(), nullable=False),
        sa.Column("spent_nano_usd", sa.BigInteger(), nullable=False),
        sa.Column("likely_nano_usd", sa.BigInteger(), nullable=False),
        sa.Column("low_nano_usd", sa.BigInteger(), nullable=False),
        sa.Column("high_nano_usd", sa.BigInteger(), nullable=False),
        sa.Column("model", sa.String(), nullable=False),
        sa.Column("exceeded_on", sa.Date(), nullable=True),
        sa.Column("earliest_on", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("organization_id", "team_id", "period"),
    )
    op.execute("ALTER TABLE spend_forecast ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE spend_forecast FORCE ROW LEVEL SECURITY")
    op.execute(
        "CREATE POLICY tenant ON spend_forecast USING (organization_id = NULLIF(current_setting('shipledger.organization_id', true), '')::bigint OR current_setting('shipledger.operator', true) = 'on')"
    )
    op.create_table(
        "spend_watch",
        sa.Column("organization_id", sa.BigInteger(), nullable=False),
        sa.Column("watched_to", sa.Date(), nullable=False),
        sa.Column("watched_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("organization_id"),
    )
    op.execute("ALTER TABLE spend_watch ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE spend_watch FORCE ROW LEVEL SECURITY")
    op.execute(
        "CREATE POLICY tenant ON spend_watch USING (organization_id = NULLIF(current_setting('shipledger.organization_id', true), '')::bigint OR current_setting('shipledger.operator', true) = 'on')"
    )
    op.create_table(
        "budget",
        sa.Column("organization_id", sa.BigInteger(), nullable=False),
        sa.Column("team_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("period", sa.String(), nullable=False),
        sa.Column("nano_usd", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.organization_id"],
        ),
        sa.PrimaryKeyConstraint("organization_id", "team_id", "period"),
    )
    op.execute("ALTER TABLE budget ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE budget FORCE ROW LEVEL SECURITY")
    op.execute(
        "CREATE POLICY tenant ON budget USING (organization_id = NULLIF(current_setting('shipledger.organization_id', true), '')::bigint OR current_setting('shipledger.operator', true) = 'on')"
    )


def downgrade() -> None:
    op.drop_table("budget")
    op.drop_table("spend_watch")
    op.drop_table("spend_forecast")
    op.drop_index("alert_subject", table_name="alert", postgresql_where=None)
    op.drop_table("alert")
