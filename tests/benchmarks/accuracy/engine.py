"""Asks the engine itself, for the whole period of a team, and compares what went in with what came out."""

from collections import defaultdict
from collections.abc import Sequence

import numpy as np

from schema.tokens import sum_tokens
from service.simulation.truth import TeamTruth
from tests.benchmarks.accuracy.engine_inputs import artifact_id, facts, windows
from tests.benchmarks.accuracy.estimate import Estimate
from tests.benchmarks.accuracy.settings import Setting
from workers.attribution.evidence import EvidenceIndex, Explored, Link
from workers.attribution.ledger import Ledger
from workers.attribution.methods import Method
from workers.attribution.model import Facts, Window
from workers.attribution.overhead import exploratory_share
from workers.attribution.settle import settle


def estimate_tokens(team: TeamTruth, setting: Setting, method: Method) -> Estimate:
    """What the engine attributes to each pull request of the team, by the method."""
    given, known = windows(team, setting), facts(team)
    ledger = settle(given, known, _exploratory_share(given, known), method)
    attributed = defaultdict[bytes, int](int)
    for row in ledger.rollup:
        attributed[row.artifact_id] += row.tokens.total
    return Estimate(
        tokens={
            each.pull_request: attributed[artifact_id(team.team, each.pull_request)] for each in team.pull_requests
        },
        intervals=None,
        conservation_error=_conservation_error(given, ledger),
    )


def _exploratory_share(given: Sequence[Window], known: Facts) -> float:
    """As the team's own linked sessions tell it."""
    index = EvidenceIndex(known)
    matches = [(window.tokens.total, index.match(window)) for window in given]
    explored = sum(tokens for tokens, match in matches if isinstance(match, Explored))
    linked = [tokens for tokens, match in matches if isinstance(match, Link | Explored)]
    return exploratory_share(explored, sum(linked), len(linked))


def _conservation_error(given: Sequence[Window], ledger: Ledger) -> int:
    """Tokens of any kind and nano-USD by which windows differ from rows or from the rollup, added up."""
    tokens, cost = sum_tokens(window.tokens for window in given), sum(window.cost_nano_usd for window in given)
    amounts = np.array([*tokens, cost])
    return sum(int(np.abs(rows.amounts.sum(axis=0) - amounts).sum()) for rows in (ledger.rows, ledger.rollup))
