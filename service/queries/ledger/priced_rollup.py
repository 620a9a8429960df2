"""The rollup of the ledger with costs of each kind."""

from typing import get_args

from service.contracts.reconciliation import CostKind
from vocabulary.tokens import TOKEN_KINDS

_KEYS = "organization_id, team_id, day, artifact_id, evidence, model, workflow"
_KINDS = ", ".join(TOKEN_KINDS)
_NONE = ", ".join(f"0::bigint AS {kind}" for kind in TOKEN_KINDS)

# Tokens come from the rollup, costs from the reconciled ledger. Team-days without a bill cost their list price if the
# kind is effective, and nothing if it is billed.
_PRICED = f"""(
    SELECT {_KEYS}, method, {_KINDS}, {{unreconciled}} AS cost_nano_usd
    FROM attribution_rollup AS rollup WHERE organization_id = $1 {{of}}
    UNION ALL
    SELECT {_KEYS}, NULL::varchar AS method, {_NONE}, {{kind}}_nano_usd
    FROM ledger_cost WHERE organization_id = $1 {{of}}
)"""  # noqa: S608 - composed of constants

_LIST_UNLESS_RECONCILED = """
    CASE WHEN EXISTS (SELECT FROM reconciled_day AS priced
                      WHERE priced.organization_id = $1 AND priced.team_id = rollup.team_id AND priced.day = rollup.day)
         THEN 0 ELSE cost_nano_usd END
"""
_UNRECONCILED = {"effective": _LIST_UNLESS_RECONCILED, "billed": "0::bigint"}


def rollup_of(kind: CostKind, condition: str) -> str:
    """Return a table expression of the rows of the rollup that fulfil a condition, for a LATERAL join.

    A join with all rows of ROLLUP_AT would read all of them.
    """
    if kind == "list":
        return f"(SELECT * FROM attribution_rollup AS rollup WHERE organization_id = $1 AND {condition})"  # noqa: S608
    return _PRICED.format(kind=kind, unreconciled=_UNRECONCILED[kind], of=f"AND {condition}")


# Table expressions with the columns of the rollup; $1 must be the organization.
ROLLUP_AT: dict[CostKind, str] = {
    "list": "attribution_rollup",
    "effective": _PRICED.format(kind="effective", unreconciled=_UNRECONCILED["effective"], of=""),
    "billed": _PRICED.format(kind="billed", unreconciled=_UNRECONCILED["billed"], of=""),
}
COST_KINDS: tuple[CostKind, ...] = get_args(CostKind)
