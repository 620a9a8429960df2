"""The plain answer for one outcome."""

from dataclasses import dataclass
from enum import StrEnum

from workers.statistics.estimates import Estimate

# At least this many adopters and as many comparison teams.
LEAST_TEAMS = 5
# A study that could not have seen a change of this share says nothing about its absence.
LEAST_PRECISE = 0.5


class Answer(StrEnum):
    """Whether adopters ship more."""

    MORE = "more"
    LESS = "less"
    NO_DIFFERENCE = "no_difference"
    CANNOT_TELL = "cannot_tell"


class Outcome(StrEnum):
    """What is compared: the chain from tokens to what stays shipped."""

    TOKENS = "tokens"
    MERGED = "merged"
    RELEASED = "released"
    UNREVERTED = "unreverted"


@dataclass(frozen=True, slots=True)
class Verdict:
    """An answer and its words, such as "no difference seen (would have seen ±12 %)"."""

    answer: Answer
    words: str


def judge(outcome: Outcome, adopters: int, comparisons: int, total: Estimate | None, differed: str | None) -> Verdict:
    """Return the verdict on the total effect; `differed` says how adopters differed already before adoption."""
    if min(adopters, comparisons) < LEAST_TEAMS:
        return cannot_tell(_too_few(adopters, comparisons))
    if total is None:
        return cannot_tell("nothing before adoption to compare with")
    if differed:
        return cannot_tell(differed)
    return judge_estimate(outcome, total)


def judge_estimate(outcome: Outcome, total: Estimate) -> Verdict:
    """Return the verdict on an effect that enough comparable teams stand behind."""
    if total.is_rise or total.is_fall:
        answer = Answer.MORE if total.is_rise else Answer.LESS
        return Verdict(answer, f"{_verb(outcome)} {answer}: {change_words(total)}")
    if total.smallest_visible > LEAST_PRECISE:
        return cannot_tell(f"only a change of {_percent(total.smallest_visible)} would have shown")
    return Verdict(Answer.NO_DIFFERENCE, f"no difference seen (would have seen ±{_percent(total.smallest_visible)})")


def change_words(total: Estimate) -> str:
    """Return an effect with its interval, such as "+14 % (+3 to +26 %)"."""
    return f"{_signed(total.change)} % ({range_words(total)})"


def range_words(total: Estimate) -> str:
    """Return the interval of an effect, such as "+3 to +26 %"."""
    return f"{_signed(total.low)} to {_signed(total.high)} %"


def cannot_tell(reason: str) -> Verdict:
    """Return the verdict that the data cannot say, and why."""
    return Verdict(Answer.CANNOT_TELL, f"cannot tell: {reason}")


def _too_few(adopters: int, comparisons: int) -> str:
    few, kind = (adopters, "that adopted") if adopters < LEAST_TEAMS else (comparisons, "to compare with")
    return f"{few} {'team' if few == 1 else 'teams'} {kind}"


def _verb(outcome: Outcome) -> str:
    return "uses" if outcome is Outcome.TOKENS else "ships"


def _signed(share: float) -> str:
    return f"{'+' if share > 0 else '−' if share < 0 else ''}{abs(share) * 100:.0f}"  # noqa: RUF001 - a minus sign


def _percent(share: float) -> str:
    return f"{share * 100:.0f} %"
