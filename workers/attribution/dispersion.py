"""Properties of a team's ledger that predict how wrong its estimates are.

On simulated teams there are three: the more pull requests share a pool's hour, the less is known about each; the fewer
of them get almost nothing from the pools, the more of them can be wrong by a lot; and the less closely activity follows
tokens, the less it tells.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from vocabulary.tokens import TOKEN_KINDS
from workers.attribution.ledger import EVIDENCE_PLACES, AttributionRows

# Below this part of the mean, a pull request gets almost nothing.
THIN = 0.3


class Dispersion(NamedTuple):
    """How many pull requests share a pooled token, at least 1, and which part (0 to 1) of them gets almost nothing.

    `closeness` is the correlation of activity and tokens; None if it is unknown.

    `crowding` is an effective number: shares of 0.9 and 0.1 are hardly two. It is the inverse of the mean over pooled
    tokens of the sum of squared shares (Hill's number of order 2: Hill 1973, Ecology 54).
    """

    crowding: float
    thin: float
    closeness: float | None = None


def dispersion_of(rows: AttributionRows, evidence: str, pull_requests: Sequence[bytes]) -> Dispersion | None:
    """Return the dispersion of tokens pooled by `evidence`, `thin` among these pull requests; None without any."""
    pooled = np.flatnonzero(rows.evidence == EVIDENCE_PLACES[evidence])
    tokens = rows.amounts[pooled, : len(TOKEN_KINDS)].sum(axis=1, dtype=np.float64)
    by_window = np.bincount(rows.window[pooled], tokens, len(rows.windows))
    nonzero = tokens > 0
    squares = (tokens[nonzero] ** 2 / by_window[rows.window[pooled]][nonzero]).sum()
    places = {artifact_id: place for place, artifact_id in enumerate(rows.artifacts)}
    totals = np.bincount(rows.artifact[pooled], tokens, len(rows.artifacts))
    own = totals[[places[each] for each in pull_requests if each in places]]
    if not squares or not own.sum():
        return None
    return Dispersion(float(tokens.sum() / squares), float((own < THIN * own.mean()).mean()))
