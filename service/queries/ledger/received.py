"""Received tokens: totals at intake, minus tokens superseded by another layer."""

from schema.received_weeks import NOT_SUMMED, TOTAL
from vocabulary.tokens import TOKEN_KINDS

_COUNTS = ("requests", *TOKEN_KINDS)

# The columns of `intake_total` except its cost, for the organization $1; the keys of both tables contain team and day.
RECEIVED = f"""(
    SELECT organization_id, team_id, day, {", ".join(_COUNTS)} FROM intake_total WHERE organization_id = $1
    UNION ALL
    SELECT organization_id, team_id, day, {", ".join(f"-{count}" for count in _COUNTS)}
    FROM superseded_total WHERE organization_id = $1
)"""  # noqa: S608 - composed of constants

# The same of all teams together, without requests: sums by day, and what they lack yet, which is usually few rows.
RECEIVED_BY_DAY = f"""(
    SELECT day, {", ".join(TOKEN_KINDS)} FROM received_day WHERE organization_id = $1
    UNION ALL
    SELECT day, {", ".join(f"{kind} - coalesce(summed_{kind}, 0)" for kind in TOKEN_KINDS)}
    FROM intake_total WHERE organization_id = $1 AND {NOT_SUMMED}
    UNION ALL
    SELECT day, {", ".join(f"-{kind}" for kind in TOKEN_KINDS)} FROM superseded_total WHERE organization_id = $1
)"""  # noqa: S608 - composed of constants

# Tokens by team and day that are not yet in the week's `received_tokens`, for the organization $1; usually few rows.
UNSUMMED = f"""(
    SELECT team_id, day, {TOTAL} - coalesce(summed_tokens, 0) AS tokens
    FROM intake_total WHERE organization_id = $1 AND {NOT_SUMMED}
    UNION ALL
    SELECT team_id, day, -({TOTAL}) FROM superseded_total WHERE organization_id = $1
)"""  # noqa: S608 - composed of constants

# The same by kind, which sums of days, weeks and months lack yet.
UNSUMMED_KINDS = f"""(
    SELECT team_id, day, {", ".join(f"{kind} - coalesce(summed_{kind}, 0) AS {kind}" for kind in TOKEN_KINDS)}
    FROM intake_total WHERE organization_id = $1 AND {NOT_SUMMED}
    UNION ALL
    SELECT team_id, day, {", ".join(f"-{kind}" for kind in TOKEN_KINDS)}
    FROM superseded_total WHERE organization_id = $1
)"""  # noqa: S608 - composed of constants

# Tokens of each team in the runs $7 to $11, without UNSUMMED_KINDS.
RECEIVED_BY_TEAM = f"""(
    SELECT bucket, team_id, {", ".join(f"{kind} * sign AS {kind}" for kind in TOKEN_KINDS)}
    FROM unnest($7::int[], $8::text[], $9::date[], $10::date[], $11::int[]) AS run (bucket, grain, begins, ends, sign)
    CROSS JOIN LATERAL (
        SELECT team_id, {", ".join(TOKEN_KINDS)} FROM received_cut
        WHERE run.grain <> 'day' AND organization_id = $1 AND grain = run.grain
          AND period >= run.begins AND period < run.ends
        UNION ALL
        SELECT team_id, {", ".join(f"coalesce(summed_{kind}, 0)" for kind in TOKEN_KINDS)} FROM intake_total
        WHERE run.grain = 'day' AND organization_id = $1 AND day >= run.begins AND day < run.ends OFFSET 0
    ) AS known
)"""  # noqa: S608 - composed of constants
