"""`python -m tests.benchmarks.statistics.pyfixest_reference`: record what pyfixest finds, for the unit tests.

It needs pyfixest, which is not among the requirements: with what it brings it takes 560 MB.
"""

import importlib
import json
from importlib.metadata import version
from pathlib import Path
from typing import Any

import click
import numpy as np

from tests.benchmarks.statistics.simulated import Setting, simulate
from workers.statistics.verdict import Outcome

ROOT = Path(__file__).parents[3]
RECORDED = ROOT / "tests/unit/workers/statistics/pyfixest.json"
SETTING = Setting("recorded", teams=12, weeks=20, lift=0.3)


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """Write a small panel and the results of pyfixest for it."""
    organization = simulate(SETTING, np.random.default_rng(1))
    outcome, since = organization.outcomes[Outcome.MERGED], organization.rollout.since
    use = np.round(np.random.default_rng(2).normal(size=outcome.shape), 3)
    recorded = {
        "pyfixest": version("pyfixest"),
        "adopted": organization.rollout.adopted.tolist(),
        "merged": outcome.astype(int).tolist(),
        "use": use.tolist(),
        **_results(outcome, since, use),
    }
    RECORDED.write_text(json.dumps(recorded) + "\n")
    click.echo(f"{RECORDED.relative_to(ROOT)}: pyfixest {recorded['pyfixest']}")


def _results(outcome: Any, since: Any, use: Any) -> dict[str, Any]:
    """Return coefficients and errors of the panel, and what is expected of adopted team-weeks without adoption."""
    fixest, pandas = importlib.import_module("pyfixest"), importlib.import_module("pandas")
    teams, weeks = (places.ravel() for places in np.indices(outcome.shape))
    rows = pandas.DataFrame(
        {"y": outcome.ravel(), "adopted": (since >= 0).astype(float).ravel(), "use": use.ravel()}
        | {"team": teams, "week": weeks}
    )
    small = {"vcov": {"CRV1": "team"}, "ssc": fixest.ssc(k_adj=False)}
    panel = fixest.fepois("y ~ adopted + use | team + week", rows, **small)
    # Every adopted team-week has a coefficient of its own, so that the fixed effects come from the others alone.
    rows["cell"] = np.where(rows.adopted == 1, np.arange(1, len(rows) + 1), 0)
    saturated = fixest.fepois("y ~ i(cell, ref=0) | team + week", rows[(rows.adopted == 0) | (rows.y > 0)], **small)
    logs = saturated.coef().to_numpy()
    return {
        "coefficients": panel.coef().tolist(),
        "errors": panel.se().tolist(),
        "adopted_logs": logs.tolist(),
    }


if __name__ == "__main__":
    main()
