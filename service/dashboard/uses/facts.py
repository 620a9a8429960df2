"""What the comparisons of models, workflows and prompts show, as read: the input of their pages."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal, NamedTuple, TypeAlias

from service.contracts.effects.iterations import IterationsShown
from service.contracts.effects.study import VersionEffect
from service.contracts.spend.outcomes import PromptShown
from service.dashboard.components.fates import Fates
from service.queries.spend.reading import Amounts

Used: TypeAlias = Literal["model", "workflow"]
# By the parameter that chooses one: the dimension of sums.
DIMENSIONS: Final[Mapping[str, str]] = {"model": "model", "workflow": "workflow", "prompt": "prompt_version"}


class Use(NamedTuple):
    """What a model, workflow or prompt spent, now and before, and the nano-USD of it on merged pull requests."""

    now: Amounts = Amounts()
    before: Amounts = Amounts()
    shipped: int = 0

    def plus(self, other: "Use") -> "Use":
        """Add two uses."""
        return Use(_added(self.now, other.now), _added(self.before, other.before), self.shipped + other.shipped)


class TeamUse(NamedTuple):
    """What a team spent on each model or workflow, in nano-USD."""

    name: str
    parts: Mapping[str, int]

    @property
    def nano_usd(self) -> int:
        """What it spent in all."""
        return sum(self.parts.values())


class TeamUses(NamedTuple):
    """The dearest teams, whether there are `more`, and whether small ones are `hidden`."""

    teams: Sequence[TeamUse] = ()
    more: bool = False
    hidden: bool = False


NO_TEAMS: Final = TeamUses()


@dataclass(frozen=True, slots=True)
class UsesFacts:
    """Uses by name; `by` holds those of other dimensions, `iterations` are by dimension of the study."""

    dimension: Used
    by: Mapping[str, Mapping[str, Use]] = field(default_factory=dict)
    versions: Sequence[VersionEffect] = ()
    iterations: Mapping[str, IterationsShown] = field(default_factory=dict)
    prompts: Sequence[PromptShown] = ()
    is_settled: bool = True
    withheld: str = ""
    teams: TeamUses = NO_TEAMS


@dataclass(frozen=True, slots=True)
class ChosenFacts:
    """One model, workflow or prompt: its fates by slot, all spend to compare it with, and its parts by dimension."""

    parameter: str
    name: str
    fates: Sequence[Fates]
    use: Use
    whole: Use
    by: Mapping[str, Mapping[str, Use]] = field(default_factory=dict)
    versions: Sequence[VersionEffect] = ()
    prompts: Sequence[PromptShown] = ()
    is_settled: bool = True
    withheld: str = ""
    teams: TeamUses = NO_TEAMS


def sum_uses(uses: Mapping[str, Use]) -> Use:
    """Return all uses as one."""
    whole = Use()
    for use in uses.values():
        whole = whole.plus(use)
    return whole


def _added(one: Amounts, other: Amounts) -> Amounts:
    return Amounts(
        one.tokens.plus(other.tokens), *(first + second for first, second in zip(one[1:], other[1:], strict=True))
    )
