"""An oracle that knows who worked when, to compare with methods that see tokens by team or repository and hour.

It is not a strict bound: a method that also knew how much each pull request uses could be better than an even split.
"""

from collections import defaultdict

from service.simulation.truth import TeamTruth, TokenEvent
from tests.benchmarks.accuracy.peers import Attributed
from tests.benchmarks.accuracy.settings import Setting


def sessions_known(team: TeamTruth, setting: Setting) -> Attributed:
    """Give linked tokens to their pull request, and split the rest of an hour evenly over its true sessions.

    No method can see those sessions. The remaining error comes from not knowing how much each session used.
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
