"""What knowing who worked when would reach: a yardstick for methods that see tokens by team or repository and hour.

It is no strict bound, since whoever also knew how much pull requests use could do better than evenly.
"""

from collections import defaultdict

from service.simulation.truth import TeamTruth, TokenEvent
from tests.benchmarks.accuracy.peers import Attributed
from tests.benchmarks.accuracy.settings import Setting


def sessions_known(team: TeamTruth, setting: Setting) -> Attributed:
    """Linked tokens to their pull request; the rest of an hour evenly over the sessions that truly were at work in it.

    No method can see those sessions. What is left of the error is that of not knowing how much each of them used.
    """
    attributed = defaultdict[int | None, int](int)
    at_work = defaultdict[tuple[int, int | None], list[TokenEvent]](list)
    for event in team.token_events:
        if setting.is_linked(event):
            attributed[event.pull_request] += event.tokens
        else:
            at_work[event.hour, event.repository if setting.repository else None].append(event)
    for events in at_work.values():
        part, left = divmod(sum(event.tokens for event in events), len(events))
        for position, event in enumerate(events):
            attributed[event.pull_request] += part + (position < left)
    return attributed
