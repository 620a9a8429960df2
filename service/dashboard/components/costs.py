"""What a pull request or a release cost: its figure, its interval, and how it was linked. Pure."""

from decimal import Decimal
from typing import Final, NamedTuple, Protocol

from service.contracts.amounts import TokensShown
from service.contracts.attribution import EvidenceShares, Interval
from service.dashboard.charts.bars import Segment, whole_bar
from service.dashboard.numbers.sureness import Shown, figure, nothing
from service.dashboard.numbers.units import count_text, usd_text
from vocabulary.intervals import RELIABLE_SHARE
from vocabulary.tokens import nano_usd

EVIDENCE: Final = ("artifact", "commit", "branch", "repository", "cohort")
DIRECT: Final = EVIDENCE[:3]
SHORT_ID: Final = 11
EN_DASH: Final = "\N{EN DASH}"


class Costed(Protocol):
    """What the API shows of a pull request or a release."""

    @property
    def tokens(self) -> TokensShown:
        """All tokens attributed to it."""

    @property
    def cost_usd(self) -> str:
        """Their cost."""

    @property
    def evidence(self) -> EvidenceShares:
        """How they were linked."""

    @property
    def interval(self) -> Interval | None:
        """Bounds of the tokens."""

    @property
    def reliable(self) -> bool:
        """Whether the figure can stand alone: enough is linked, or it sums enough pull requests."""


class Ends(NamedTuple):
    """What something cost at least and at most, and in one figure, in nano-USD; None if unknown."""

    low: float
    high: float | None
    point: float | None


def ends_of(each: Costed) -> Ends:
    """Return the ends of an interval; without one, it cost at least what is linked to it."""
    cost, direct = nano_of(each), direct_share(each)
    if not each.tokens.total:
        return Ends(cost, None, None)
    if each.interval is None:
        return Ends(cost * direct, cost if direct == 1 else None, cost if direct == 1 else None)
    low, high = (cost * end / each.tokens.total for end in (each.interval.low, each.interval.high))
    return Ends(low, high, cost if each.reliable else None)


def nano_of(each: Costed) -> int:
    """Return the cost in nano-USD."""
    return nano_usd(Decimal(each.cost_usd))


def direct_share(each: Costed) -> float:
    """Return the share of the tokens that is linked directly."""
    # Shares are fractions, whose sum may miss 1 by their rounding.
    return round(float(sum(getattr(each.evidence, kind) for kind in DIRECT)), 9)


def sure_share(each: Costed) -> float:
    """Return the share by which a figure is as sure as it looks; a sum of many pull requests is sure enough."""
    return max(direct_share(each), RELIABLE_SHARE) if each.reliable else direct_share(each)


def evidence_bar(each: Costed) -> list[Segment]:
    """Return the bar of how the tokens were linked."""
    return whole_bar({kind: round(getattr(each.evidence, kind) * each.tokens.total) for kind in EVIDENCE})


def name_of(label: str | None, artifact_id: str) -> str:
    """Return the label, or the beginning of the id where labels are off."""
    return label or f"{artifact_id[:SHORT_ID]}…"


def cost_shown(each: Costed) -> Shown:
    """Return the cost as sure as it is."""
    ends = ends_of(each)
    if not each.tokens.total and not ends.low:
        return nothing("no tokens are attributed to it")
    low, high = (None, None) if each.interval is None else (ends.low, ends.high)
    return figure(nano_of(each), low, high, sure_share(each))


def cost_phrase(each: Costed) -> str:
    """Return the cost within a sentence: `$25.02`, `between $10 and $30`, `at least $4`."""
    shown = cost_shown(each)
    if not shown.is_known:
        return "nothing that was seen"
    if each.reliable:
        return shown.text
    if each.interval is None:
        return f"at least {usd_text(ends_of(each).low)}"
    low, dash, high = shown.text.partition(EN_DASH)
    return f"between {low} and ${high}" if dash else f"about {low}"


def tokens_shown(each: Costed) -> Shown:
    """Return the tokens as sure as they are."""
    if not each.tokens.total:
        return nothing("no tokens are attributed to it")
    low, high = (None, None) if each.interval is None else (each.interval.low, each.interval.high)
    return figure(each.tokens.total, low, high, sure_share(each), count_text)
