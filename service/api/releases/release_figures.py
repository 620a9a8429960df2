"""Figures of a release, from the rows of the pull requests that it ships. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any

from schema.identifiers import artifact_text
from service.api.amounts import by_model, evidence_shares, read_tokens, tokens_shown
from service.api.ledger.intervals import doubts_about, interval_of, read_evidence_tokens
from service.contracts.outcomes import OutcomeSums, RevertedShare
from service.contracts.release import TeamShare
from service.queries.ledger.calibrations import TeamCalibrations
from service.queries.ledger.releases import Part, ShippedParts
from service.queries.teams.comparisons import WOULD_REVEAL, Thresholds, too_small
from vocabulary.tokens import sum_tokens, usd_text

SUMS = OutcomeSums.__struct_fields__


def release_fields(
    row: Mapping[str, Any],
    parts: ShippedParts,
    sizes: Mapping[str, int | None],
    calibrations: Mapping[int, TeamCalibrations],
    thresholds: Thresholds,
    only_team: str | None = None,
) -> dict[str, Any]:
    """Return the fields of ReleaseShown.

    `sizes` are people by team name, `calibrations` are by team id, and `only_team` is the team of the caller's key. The
    interval comes from the calibrations of the repository's team.
    """
    standing, tokens = parts.standing, parts.standing.tokens
    by_link, count = read_evidence_tokens(tokens), _count(standing)
    of_team = calibrations.get(row["team_id"], {})
    doubts = doubts_about(by_link, count, of_team)
    return {
        **{name: value for name, value in row.items() if name not in {"team_id", "nano_usd"}},
        "artifact_id": artifact_text(row["artifact_id"]),
        "pull_requests": count,
        "tokens": tokens_shown(sum_tokens(read_tokens(part) for part in tokens)),
        "cost_usd": usd_text(sum(part["cost_nano_usd"] for part in tokens)),
        "by_model": by_model(tokens),
        "by_team": by_team(tokens, sizes, thresholds, only_team),
        "evidence": evidence_shares(tokens),
        "interval": interval_of(by_link, count, of_team),
        "reliable": not doubts,
        "unreliable_because": doubts,
        "reverted": reverted_share(parts.reverted),
        "outcomes": OutcomeSums(**{name: int(standing.counts[name]) if standing.counts else 0 for name in SUMS}),
    }


def reverted_share(part: Part) -> RevertedShare:
    """Return the figures of the reverted pull requests."""
    return RevertedShare(
        pull_requests=_count(part),
        tokens=tokens_shown(sum_tokens(read_tokens(row) for row in part.tokens)),
        cost_usd=usd_text(sum(row["cost_nano_usd"] for row in part.tokens)),
    )


def by_team(
    rows: Sequence[Mapping[str, Any]],
    sizes: Mapping[str, int | None],
    thresholds: Thresholds,
    only_team: str | None,
) -> list[TeamShare]:
    """Return one share per team, largest first; small teams are withheld if there are other teams.

    If only one team were withheld, subtracting the others from the total would reveal it, so the next smallest joins
    it.
    """
    grouped: dict[str, list[Mapping[str, Any]]] = {}
    for row in rows:
        grouped.setdefault(row["team"], []).append(row)
    totals = {team: sum_tokens(read_tokens(row) for row in group) for team, group in grouped.items()}
    ordered = sorted(totals, key=lambda team: (-totals[team].total, team))
    reasons = {team: too_small(team, sizes, thresholds) for team in ordered} if len(ordered) > 1 else {}
    small = {team: reason for team, reason in reasons.items() if reason}
    if len(small) == 1:
        small[next(team for team in reversed(ordered) if team not in small)] = WOULD_REVEAL
    return [
        TeamShare(
            team=team,
            tokens=None if team in small else tokens_shown(totals[team]),
            cost_usd=None if team in small else usd_text(sum(row["cost_nano_usd"] for row in grouped[team])),
            withheld_reason=small.get(team),
        )
        for team in ordered
        if only_team in {None, team}
    ]


def _count(part: Part) -> int:
    return part.counts["pull_requests"] if part.counts else 0
