"""Hides links, so that the engine's estimate without them can be compared with the known tokens.

A part of the windows whose tokens are linked, or known to be exploration, loses its links and becomes pooled; windows
that were never linked are left out. Windows are hidden by pull request and day, because a session lasts for hours, and
the rest of a session would reveal a single hidden window.
"""

import hashlib
from dataclasses import replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from vocabulary.tokens import TOKEN_KINDS
from workers.attribution.evidence import EvidenceIndex
from workers.attribution.matches import match_windows
from workers.attribution.model import OVERHEAD, REPOSITORY, Evidence, Facts
from workers.attribution.window_columns import HOURS_A_DAY, Windows

_SCALE = 1 << 64


class Masked(NamedTuple):
    """Windows to settle, and the tokens hidden in them by pull request; exploration is under OVERHEAD."""

    windows: Windows
    hidden: dict[bytes, int]


def mask(windows: Windows, facts: Facts, hidden_share: float, evidence: str) -> Masked:
    """Hide the part `hidden_share` (0 to 1) of the links.

    With `evidence` REPOSITORY, hidden windows keep the repository they name; with COHORT they keep nothing.
    """
    artifacts = (OVERHEAD, *sorted(each.artifact_id for each in facts.pull_requests))
    places = {artifact_id: place for place, artifact_id in enumerate(artifacts)}
    matches = match_windows(windows, EvidenceIndex(facts), places)
    known = np.flatnonzero(matches.pool < 0)
    hidden = _draw(artifacts, matches.artifact[known], windows.hour[known] // HOURS_A_DAY) < hidden_share

    stripped = tuple(
        Evidence(repository=each.repository) if evidence == REPOSITORY else Evidence()
        for each in windows.evidence_values
    )
    kept = replace(
        windows,
        window_ids=tuple(windows.window_ids[index] for index in known.tolist()),
        hour=windows.hour[known],
        amounts=windows.amounts[known],
        evidence=windows.evidence[known] + np.where(hidden, len(stripped), 0),
        evidence_values=(*windows.evidence_values, *stripped),
        label=windows.label[known],
    )
    tokens = kept.amounts[hidden, : len(TOKEN_KINDS)].sum(axis=1)
    sums = np.zeros(len(artifacts), dtype=np.int64)
    np.add.at(sums, matches.artifact[known][hidden], tokens)
    owners = np.unique(matches.artifact[known][hidden]).tolist()
    return Masked(kept, {artifacts[owner]: int(sums[owner]) for owner in owners})


def _draw(artifacts: tuple[bytes, ...], owner: NDArray[np.int64], day: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return pseudorandom numbers (windows,) from 0 to 1, equal for a pull request's day in every run."""
    pairs, position = np.unique(np.stack([owner, day], axis=1), axis=0, return_inverse=True)
    numbers = [_number(artifacts[place], number) for place, number in pairs.tolist()]
    return np.array(numbers, dtype=np.float64)[position.reshape(-1)]


def _number(artifact_id: bytes, day: int) -> float:
    digest = hashlib.sha256(artifact_id + day.to_bytes(8, "big", signed=True)).digest()
    return int.from_bytes(digest[:8], "big") / _SCALE
