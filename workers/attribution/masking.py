"""Hides links, so that what the engine would have made of those tokens can be compared with what is known of them.

Of the windows whose tokens are linked, or known to be exploration, a part loses its links and becomes pooled; windows
that never were linked are left out. What is hidden is chosen by pull request and day, since a session lasts for hours:
hiding single windows would leave the rest of the session to tell.
"""

import hashlib
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from typing import NamedTuple

from workers.attribution.evidence import EvidenceIndex, Explored, Link
from workers.attribution.model import OVERHEAD, REPOSITORY, Evidence, Facts, Window

_SCALE = 1 << 64


class Masked(NamedTuple):
    """Windows to settle, and the tokens hidden among them by pull request; exploration under OVERHEAD."""

    windows: list[Window]
    hidden: dict[bytes, int]


def mask(windows: Iterable[Window], facts: Facts, hidden_share: float, evidence: str) -> Masked:
    """Hide `hidden_share` (0 to 1) of the links.

    With `evidence` REPOSITORY hidden windows keep the repository that they name, with COHORT they keep nothing.
    """
    index = EvidenceIndex(facts)
    kept: list[Window] = []
    hidden = defaultdict[bytes, int](int)
    for window in windows:
        match = index.match(window)
        if not isinstance(match, Link | Explored):
            continue
        owner = match.artifact_id if isinstance(match, Link) else OVERHEAD
        if _draw(owner, window) < hidden_share:
            hidden[owner] += window.tokens.total
            left = Evidence(repository=window.evidence.repository) if evidence == REPOSITORY else Evidence()
            kept.append(replace(window, evidence=left))
        else:
            kept.append(window)
    return Masked(kept, dict(hidden))


def _draw(owner: bytes, window: Window) -> float:
    """A number from 0 to 1 that is the same for a pull request's whole day, in every run."""
    named = owner or window.evidence.repository or b""
    digest = hashlib.sha256(named + window.hour.date().isoformat().encode()).digest()
    return int.from_bytes(digest[:8], "big") / _SCALE
