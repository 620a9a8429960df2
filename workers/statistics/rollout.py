"""When teams adopted something: agents, a model, a version of a prompt."""

from dataclasses import dataclass, replace

import numpy as np

from workers.statistics.arrays import Mask, Whole

# The week of adoption of a team that never adopted.
NEVER = -1
# A team adopts in the first of LASTING weeks of which it uses the new thing in at least ENOUGH.
LASTING = 4
ENOUGH = 3


@dataclass(frozen=True, slots=True)
class Rollout:
    """Teams of one organization: the week in which each adopted (teams,), NEVER if it did not.

    `observed` (teams, weeks) marks the weeks in which a team's outcomes are known.
    """

    adopted: Whole
    observed: Mask

    @property
    def adopters(self) -> Mask:
        """Return which teams adopted."""
        adopters: Mask = self.adopted != NEVER
        return adopters

    @property
    def since(self) -> Whole:
        """Return the weeks since adoption (teams, weeks), negative before it and for teams that never adopted."""
        since = np.arange(self.observed.shape[1]) - self.adopted[:, None]
        return np.where(self.adopters[:, None], since, NEVER)

    def of_teams(self, teams: Mask) -> "Rollout":
        """Return the rollout of some teams only."""
        return replace(self, adopted=self.adopted[teams], observed=self.observed[teams])


def first_lasting(used: Mask) -> Whole:
    """Return the first week (teams,) from which each team used the new thing lastingly, NEVER if it did not.

    `used` (teams, weeks) marks the weeks in which a team used it.
    """
    weeks = used.shape[1] - LASTING + 1
    if weeks < 1:
        return np.full(len(used), NEVER, dtype=np.int64)
    lasting = used[:, :weeks] & (sum(used[:, k : k + weeks].astype(np.int64) for k in range(LASTING)) >= ENOUGH)
    return np.where(lasting.any(axis=1), lasting.argmax(axis=1), NEVER)
