"""alert channels, deliveries and mutes"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "202611301730"
down_revision: str | None = "202611301720"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "alert_channel",
        sa.Column("organization_id", sa.BigInteger(), nullable=False),
        sa.Column("channel_id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("host", sa.String(), nullable=False),
        sa.Column("team_id", sa.BigInteger(), nullable=False),
        sa.Column("sealed_settings", sa.LargeBinary(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.organization_id"],
        ),
        sa.PrimaryKeyConstraint("organization_id", "channel_id"),
    )
    op.execute("ALTER TABLE alert_channel ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE alert_channel FORCE ROW LEVEL SECURITY")
    op.execute(
        "CREATE POLICY tenant ON alert_channel USING (organization_id = NULLIF(current_setting('shipledger.organization_id', true), '')::bigint OR current_setting('shipledger.operator', true) = 'on')"
    )
    op.create_index(
        "alert_channel_name", "alert_channel", ["organization_id", "name"], unique=True, postgresql_where=None
    )
    op.create_table(
        "alert_mute",
        sa.Column("organization_id", sa.BigInteger(), nullable=False),
        sa.Column("mute_id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("team_id", sa.BigInteger(), nullable=False),
        sa.Column("muted_to", sa.Date(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.organization_id"],
        ),
        sa.PrimaryKeyConstraint("organization_id", "mute_id"),
    )
    op.execute("ALTER TABLE alert_mute ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE alert_mute FORCE ROW LEVEL SECURITY")
    op.execute(
        "CREATE POLICY tenant ON alert_mute USING (organization_id = NULLIF(current_setting('shipledger.organization_id', true), '')::bigint OR current_setting('shipledger.operator', true) = 'on')"
    )
    op.create_table(
        "alert_delivery",
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("next_attempt_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("failure", sa.String(), nullable=True),
        sa.Column("organization_id", sa.BigInteger(), nullable=False),
        sa.Column("delivery_id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("channel_id", sa.BigInteger(), nullable=False),
        sa.Column("alert_id", sa.BigInteger(), nullable=True),
        sa.Column("event", sa.String(), nullable=False),
        sa.Column("state", sa.String(), server_default="waiting", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("delivered_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["organization_id", "channel_id"],
            ["alert_channel.organization_id", "alert_channel.channel_id"],
        ),
        sa.PrimaryKeyConstraint("organization_id", "delivery_id"),
    )
    op.execute("ALTER TABLE alert_delivery ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE alert_delivery FORCE ROW LEVEL SECURITY")
    op.execute(
        "CREATE POLICY tenant ON alert_delivery USING (organization_id = NULLIF(current_setting('shipledger.organization_id', true), '')::bigint OR current_setting('shipledger.operator', true) = 'on')"
    )
    op.create_index(
        "alert_delivery_alert",
        "alert_delivery",
        ["organization_id", "channel_id", "alert_id"],
        unique=False,
        postgresql_where=None,
    )
    op.create_index(
        "alert_delivery_waiting",
        "alert_delivery",
        ["organization_id", "next_attempt_at"],
        unique=False,
        postgresql_where=sa.text("state = 'waiting'"),
    )
    op.add_column(
        "alert", sa.Column("announce_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=True)
    )
    op.create_index(
        "alert_to_announce",
        "alert",
        ["organization_id", "announce_at"],
        unique=False,
        postgresql_where=sa.text("announce_at IS NOT NULL"),
    )


def downgrade() -> None:
    op.drop_index("alert_to_announce", table_name="alert", postgresql_where=sa.text("announce_at IS NOT NULL"))
    op.drop_column("alert", "announce_at")
    op.drop_index("alert_delivery_waiting", table_name="alert_delivery", postgresql_where=sa.text("state = 'waiting'"))
    op.drop_index("alert_delivery_alert", table_name="alert_delivery", postgresql_where=None)
    op.drop_table("alert_delivery")
    op.drop_table("alert_mute")
    op.drop_index("alert_channel_name", table_name="alert_channel", postgresql_where=None)
    op.drop_table("alert_channel")
