"""When a figure can stand alone, and the reasons why it cannot.

A single pull request needs links. A sum also needs enough links to measure which share of the team's tokens is
exploration. The limits were measured on simulated worlds in which attribution's assumptions break
(`tests.benchmarks.accuracy --worlds`).
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Final

from vocabulary.intervals import RELIABLE_SHARE, SUM_SIZE, Bounds, Doubt

# A sum of so many that it needs fewer links has at least this share of them.
SUM_SHARE: Final = 0.3
# ... unless its team's estimates are disturbed by one of these, and less than NEARLY_ALL is linked.
DISTURB_SUMS: Final = frozenset({Doubt.EXPLORATION_ASSUMED, Doubt.ACTIVITY_LAGS, Doubt.ONE_BURST})
NEARLY_ALL: Final = 0.85
# The upper end of a reliable single figure's interval is at most this multiple of the lower end.
WIDE: Final = 2.0


def doubts_of(
    direct: int, pooled: int, pull_requests: int, interval: Bounds | None, team: Collection[Doubt]
) -> tuple[Doubt, ...]:
    """Return why the sum over `pull_requests` is not reliable, most important first; empty if it is.

    `direct` are its linked tokens, `pooled` its split ones. `team` is what is known to disturb the team's estimates.
    """
    linked = direct / (direct + pooled) if direct else 0.0
    is_sum = pull_requests >= SUM_SIZE
    reasons = set[Doubt]()
    if linked < (SUM_SHARE if is_sum else RELIABLE_SHARE):
        reasons.add(Doubt.FEW_LINKS)
    if is_sum:
        # Where nearly all is linked, what disturbs the rest hardly matters.
        if linked < NEARLY_ALL:
            reasons |= DISTURB_SUMS & set(team)
    elif interval is not None and interval.high > WIDE * interval.low and direct + pooled:
        reasons.add(Doubt.WIDE)
    if reasons and pooled:
        reasons |= set(team)
    return tuple(each for each in Doubt if each in reasons)


PHRASES: Final[Mapping[Doubt, str]] = {
    Doubt.FEW_LINKS: "too few tokens are linked",
    Doubt.EXPLORATION_ASSUMED: "the share of exploration is assumed",
    Doubt.LINKS_NOT_RANDOM: "linked work does not represent the rest",
    Doubt.ACTIVITY_LAGS: "commits come long after the work",
    Doubt.ONE_BURST: "one hour holds much of the tokens",
    Doubt.WIDE: "the interval is wide",
}

# What mends each doubt.
REMEDIES: Final[Mapping[Doubt, str]] = {
    Doubt.FEW_LINKS: "Too few of the tokens are linked. Link sessions as `shipledger agent-config` shows.",
    Doubt.EXPLORATION_ASSUMED: (
        "How much of the tokens is exploration is assumed, because too few sessions are linked to measure it. "
        "Link sessions on the default branch as well."
    ),
    Doubt.LINKS_NOT_RANDOM: (
        "Some pull requests are always linked and others never, so linked ones do not represent the rest. "
        "Set up links for everyone in the team."
    ),
    Doubt.ACTIVITY_LAGS: (
        "Commits are pushed long after the work, so they do not show when a pull request was worked on. "
        "Link sessions, or push more often."
    ),
    Doubt.ONE_BURST: (
        "One hour holds more than a tenth of the team's tokens. Link the sessions of that hour to their pull request."
    ),
    Doubt.WIDE: "The interval is wide: its upper end is more than twice the lower one. Link more of the sessions.",
}


def remedy_text(doubts: Sequence[str]) -> str:
    """Return sentences with the reasons, and what would mend them; empty without doubts."""
    return " ".join(REMEDIES[Doubt(each)] for each in doubts)


def doubt_phrase(doubts: Sequence[str]) -> str:
    """Return the reasons as part of a sentence; empty without doubts."""
    return ", ".join(PHRASES[Doubt(each)] for each in doubts)
