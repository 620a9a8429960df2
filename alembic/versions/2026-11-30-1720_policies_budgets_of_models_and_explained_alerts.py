"""policies, budgets of models, and explained alerts"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "202611301720"
down_revision: str | None = "202611301541"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "spend_policy",
        sa.Column("organization_id", sa.BigInteger(), nullable=False),
        sa.Column("team_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("dimension", sa.String(), nullable=False),
        sa.Column("value", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.organization_id"],
        ),
        sa.PrimaryKeyConstraint("organization_id", "team_id", "dimension", "value"),
    )
    op.execute("ALTER TABLE spend_policy ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE spend_policy FORCE ROW LEVEL SECURITY")
    op.execute(
        "CREATE POLICY tenant ON spend_policy USING (organization_id = NULLIF(current_setting('shipledger.organization_id', true), '')::bigint OR current_setting('shipledger.operator', true) = 'on')"
    )
    op.create_table(
        "model_budget",
        sa.Column("organization_id", sa.BigInteger(), nullable=False),
        sa.Column("team_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("model", sa.String(), nullable=False),
        sa.Column("period", sa.String(), nullable=False),
        sa.Column("nano_usd", sa.BigInteger(), nullable=False),
        sa.Column("hard_nano_usd", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.organization_id"],
        ),
        sa.PrimaryKeyConstraint("organization_id", "team_id", "model", "period"),
    )
    op.execute("ALTER TABLE model_budget ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE model_budget FORCE ROW LEVEL SECURITY")
    op.execute(
        "CREATE POLICY tenant ON model_budget USING (organization_id = NULLIF(current_setting('shipledger.organization_id', true), '')::bigint OR current_setting('shipledger.operator', true) = 'on')"
    )
    op.add_column("budget", sa.Column("hard_nano_usd", sa.BigInteger(), nullable=True))
    op.add_column("alert", sa.Column("seen_on", sa.Date(), nullable=True))
    op.add_column("alert", sa.Column("before", sa.Float(), nullable=True))
    op.add_column("alert", sa.Column("after", sa.Float(), nullable=True))
    op.add_column("alert", sa.Column("causes", sa.ARRAY(sa.BigInteger()), nullable=True))
    op.add_column("alert", sa.Column("sentence", sa.String(), server_default="", nullable=False))
    op.add_column("alert", sa.Column("link", sa.String(), server_default="", nullable=False))
    # Forecasts are replaced every day and are few, so the longer key is built at once.
    op.add_column("spend_forecast", sa.Column("of_model", sa.String(), server_default="", nullable=False))
    op.drop_constraint("spend_forecast_pkey", "spend_forecast", type_="primary")
    op.create_primary_key(
        "spend_forecast_pkey", "spend_forecast", ["organization_id", "team_id", "of_model", "period"]
    )


def downgrade() -> None:
    op.execute("DELETE FROM spend_forecast WHERE of_model <> ''")
    op.drop_constraint("spend_forecast_pkey", "spend_forecast", type_="primary")
    op.create_primary_key("spend_forecast_pkey", "spend_forecast", ["organization_id", "team_id", "period"])
    op.drop_column("spend_forecast", "of_model")
    for name in ("link", "sentence", "causes", "after", "before", "seen_on"):
        op.drop_column("alert", name)
    op.drop_column("budget", "hard_nano_usd")
    op.drop_table("model_budget")
    op.drop_table("spend_policy")
