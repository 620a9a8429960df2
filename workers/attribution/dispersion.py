"""What a team's own ledger tells of how wrong its estimates will be, whatever the truth is.

Two things do, on simulated teams: the more pull requests share a pool's hour, the less is known of each, and the fewer
of them get hardly anything of the pools, the more of them can be wrong by a lot.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from schema.tokens import TOKEN_KINDS
from workers.attribution.ledger import EVIDENCE_PLACES, AttributionRows

# Less than this part of the mean is hardly anything.
THIN = 0.3


class Dispersion(NamedTuple):
    """Between how many pull requests a pooled token is split, at least 1, and the part, 0 to 1, that gets hardly any.

    `crowding` counts effectively: shares of 0.9 and 0.1 are hardly two. It is the inverse of the mean over pooled
    tokens of the sum of squared shares (Hill's number of order 2, as diversity is counted: Hill 1973, Ecology 54).
    """

    crowding: float
    thin: float


def dispersion_of(rows: AttributionRows, evidence: str, pull_requests: Sequence[bytes]) -> Dispersion | None:
    """That of all tokens pooled by `evidence`, `thin` among these pull requests; None where nothing was pooled."""
    pooled = np.flatnonzero(rows.evidence == EVIDENCE_PLACES[evidence])
    tokens = rows.amounts[pooled, : len(TOKEN_KINDS)].sum(axis=1, dtype=np.float64)
    by_window = np.bincount(rows.window[pooled], tokens, len(rows.windows))
    given = tokens > 0
    met = (tokens[given] ** 2 / by_window[rows.window[pooled]][given]).sum()
    places = {artifact_id: place for place, artifact_id in enumerate(rows.artifacts)}
    held = np.bincount(rows.artifact[pooled], tokens, len(rows.artifacts))
    own = held[[places[each] for each in pull_requests if each in places]]
    if not met or not own.sum():
        return None
    return Dispersion(float(tokens.sum() / met), float((own < THIN * own.mean()).mean()))
