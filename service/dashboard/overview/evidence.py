"""How sure sums over teams are: their linked share, and the sum of the teams' intervals. Pure.

Errors of teams may all point the same way, so ends are added: the interval holds the truth at least as often as
those of the teams do.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date

from service.api.ledger.intervals import EvidenceTokens, interval_of
from service.dashboard.overview.facts import Evidence, TokenRange
from service.queries.ledger.calibrations import TeamCalibrations

NONE: TeamCalibrations = {}


def evidence_of(rows: Iterable[Mapping[str, int]], calibrations: Mapping[int, TeamCalibrations]) -> Evidence:
    """Return the evidence of all rows: team_id, pull_requests, tokens, repository_tokens, cohort_tokens."""
    total = direct = low = high = 0
    is_known = True
    for row in rows:
        pooled = row["repository_tokens"] + row["cohort_tokens"]
        tokens = EvidenceTokens(row["tokens"] - pooled, row["repository_tokens"], row["cohort_tokens"])
        total += row["tokens"]
        direct += tokens.direct
        interval = interval_of(tokens, row["pull_requests"], calibrations.get(row["team_id"], NONE))
        if interval is None and pooled:
            is_known = False
        low += interval.low if interval else tokens.direct
        high += interval.high if interval else tokens.direct
    return Evidence(total, direct, TokenRange(low, high) if is_known and total else None)


def evidence_by_week(
    rows: Iterable[Mapping[str, int]], calibrations: Mapping[int, TeamCalibrations]
) -> dict[date, Evidence]:
    """Return the evidence of each week."""
    weeks: defaultdict[date, list[Mapping[str, int]]] = defaultdict(list)
    for row in rows:
        weeks[row["week"]].append(row)  # type: ignore[index]  # the week is the row's only date
    return {week: evidence_of(found, calibrations) for week, found in weeks.items()}
