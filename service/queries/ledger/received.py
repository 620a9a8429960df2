"""What arrived and is to count: totals at the door, less what was set aside since another layer tells it."""

from schema.received_weeks import NOT_SUMMED, TOTAL
from schema.tokens import TOKEN_KINDS

_COUNTS = ("requests", *TOKEN_KINDS)

# Columns of `intake_total` without its cost, of the organization $1; both tables have their days by team in their keys.
RECEIVED = f"""(
    SELECT organization_id, team_id, day, {", ".join(_COUNTS)} FROM intake_total WHERE organization_id = $1
    UNION ALL
    SELECT organization_id, team_id, day, {", ".join(f"-{count}" for count in _COUNTS)}
    FROM superseded_total WHERE organization_id = $1
)"""  # noqa: S608 - composed of constants

# Tokens by team and day that the week's `received_tokens` do not hold, of the organization $1; hardly ever any.
UNSUMMED = f"""(
    SELECT team_id, day, {TOTAL} - coalesce(summed_tokens, 0) AS tokens
    FROM intake_total WHERE organization_id = $1 AND {NOT_SUMMED}
    UNION ALL
    SELECT team_id, day, -({TOTAL}) FROM superseded_total WHERE organization_id = $1
)"""  # noqa: S608 - composed of constants
