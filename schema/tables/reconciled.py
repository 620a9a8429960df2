"""Bills reconciled with telemetry, and the cost of the ledger according to them; derived again when either changes."""

from datetime import date, datetime

from sqlmodel import Field

from schema.tables import columns


class Reconciliation(columns.Tenant, table=True):
    """Telemetry and bill of one day (UTC), provider and model. Money is nano-USD.

    `other_nano_usd` is billed without tokens: credits, taxes, seats. `attributed_nano_usd` is the part of the bill in
    the ledger; the rest is for tokens that telemetry did not see.
    """

    day: date = Field(primary_key=True)
    provider: str = Field(primary_key=True)
    model: str = Field(primary_key=True, description="a key of vocabulary/model_keys.py")
    seen_input_uncached: int = columns.zero()
    seen_cache_read: int = columns.zero()
    seen_cache_write: int = columns.zero()
    seen_output: int = columns.zero()
    charged_input_uncached: int = columns.zero()
    charged_cache_read: int = columns.zero()
    charged_cache_write: int = columns.zero()
    charged_output: int = columns.zero()
    covered_tokens: int = columns.zero()
    telemetry_list_nano_usd: int = columns.zero()
    telemetry_effective_nano_usd: int = columns.zero()
    list_nano_usd: int = columns.zero()
    contracted_nano_usd: int = columns.zero()
    effective_nano_usd: int = columns.zero()
    billed_nano_usd: int = columns.zero()
    other_nano_usd: int = columns.zero()
    attributed_nano_usd: int = columns.zero()


class EffectivePrice(columns.Tenant, table=True):
    """What a provider charged for tokens of one kind in a billing period; the unit price is money over tokens."""

    period_start: date = Field(primary_key=True)
    provider: str = Field(primary_key=True)
    model: str = Field(primary_key=True)
    kind: str = Field(primary_key=True)
    tokens: int = columns.count(nullable=False)
    list_nano_usd: int = columns.count(nullable=False)
    contracted_nano_usd: int = columns.count(nullable=False)
    effective_nano_usd: int = columns.count(nullable=False)
    billed_nano_usd: int = columns.count(nullable=False)


class LedgerCost(columns.TeamDay, columns.CostColumns, table=True):
    """The rollup's rows, by provider too, and their cost."""

    __table_args__ = (columns.index("ledger_cost_day", "day"), columns.index("ledger_cost_artifact", "artifact_id"))

    artifact_id: bytes = columns.keyed_hash(primary_key=True)
    evidence: str = Field(primary_key=True)
    provider: str = Field(primary_key=True)
    model: str = Field(primary_key=True)
    workflow: str = Field(primary_key=True)


class ReconciledDay(columns.TeamDay, columns.CostColumns, table=True):
    """One priced team and day: the settlement that was priced, and the cost of its ledger."""

    __table_args__ = (columns.references("team", "team_id"),)

    settled_at: datetime | None = columns.instant(default=None, nullable=True)
