"""spent beside its key"""

from collections.abc import Sequence

from alembic import op

revision: str = "0012"
down_revision: str | None = "0011"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

SHOWN = (
    *("evidence", "model", "method"),
    *("input_uncached", "cache_read", "cache_write", "output_visible", "output_reasoning", "cost_nano_usd"),
)


def upgrade() -> None:
    # A pull request's rows lie days apart in the table, a page each; the index holds what is shown of them side by side.
    op.create_index(
        "attribution_rollup_spent",
        "attribution_rollup",
        ["organization_id", "artifact_id"],
        postgresql_include=list(SHOWN),
    )
    op.drop_index("attribution_rollup_artifact", table_name="attribution_rollup")


def downgrade() -> None:
    op.create_index("attribution_rollup_artifact", "attribution_rollup", ["organization_id", "artifact_id"])
    op.drop_index("attribution_rollup_spent", table_name="attribution_rollup")
