"""Rules of other tools, reimplemented from their public descriptions and scored on the same truth.

They are not those tools' code; where a description is ambiguous, the better-scoring interpretation is used. Each rule
returns whole tokens by pull request, and unattributed tokens under None. The branch of a linked session is that of the
pull request that its stamp names; the branches of other sessions are unknown.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TypeAlias

from service.simulation.truth import PullRequestTruth, TeamTruth, TokenEvent
from tests.benchmarks.accuracy.settings import Setting

# Within this time of a session without references, others' references in its folder count for it.
FOLDER_HOURS = 6

Attributed: TypeAlias = Mapping[int | None, int]
Rule: TypeAlias = Callable[[TeamTruth, Setting], Attributed]


def period_total(team: TeamTruth, setting: Setting) -> Attributed:  # noqa: ARG001 - the same in every setting
    """Split all tokens of the period evenly over its merged pull requests, as a "cost per merged PR" panel does.

    Source: Apache DevLake, AI cost-efficiency dashboard, "credits per merged PR".
    """
    attributed = defaultdict[int | None, int](int)
    _give(attributed, sum(event.tokens for event in team.token_events), [each.pull_request for each in team.merged])
    return attributed


def first_commit_to_merge(team: TeamTruth, setting: Setting) -> Attributed:
    """Split the tokens of each hour evenly over pull requests between first commit and merge or close.

    If repositories are known, over those of the event's repository.
    """
    attributed = defaultdict[int | None, int](int)
    tokens = defaultdict[tuple[int, int | None], int](int)
    for event in team.token_events:
        tokens[event.hour, event.repository if setting.repository else None] += event.tokens
    for (hour, repository), amount in tokens.items():
        begun = [each.pull_request for each in team.pull_requests if _worked_on(each, hour, repository)]
        _give(attributed, amount, begun)
    return attributed


def evenly_beside_links(team: TeamTruth, setting: Setting) -> Attributed:
    """Give linked tokens to the pull request that their link names, and split the others as `first_commit_to_merge`."""
    unlinked = [event for event in team.token_events if not setting.is_linked(event)]
    attributed = defaultdict[int | None, int](
        int, first_commit_to_merge(replace(team, token_events=tuple(unlinked)), setting)
    )
    for event in team.token_events:
        if setting.is_linked(event):
            attributed[event.named] += event.tokens
    return attributed


def first_on_branch(team: TeamTruth, setting: Setting) -> Attributed:
    """Give a whole session to the first pull request on its branch that is still open when the session starts.

    Source: LangWatch's description, "the earliest one still alive at session start". A pull request that opens later
    counts as alive, because most sessions start before their pull request.
    """
    starts: dict[int, int] = {}
    for event in team.token_events:
        starts[event.session] = min(event.hour, starts.get(event.session, event.hour))

    def chosen(event: TokenEvent, on_branch: Sequence[PullRequestTruth]) -> list[int]:
        not_closed = [each for each in on_branch if not _closed_before(each, starts[event.session])]
        return [each.pull_request for each in not_closed[:1]]

    return _by_branch(team, setting, chosen)


def open_on_branch(team: TeamTruth, setting: Setting) -> Attributed:
    """Split each turn evenly over the pull requests open on its branch at that time; without one it is unattributed.

    Source: CodeBurn's description.
    """

    def chosen(event: TokenEvent, on_branch: Sequence[PullRequestTruth]) -> list[int]:
        return [
            each.pull_request
            for each in on_branch
            if each.opened_hour is not None and each.opened_hour <= event.hour and not _closed_before(each, event.hour)
        ]

    return _by_branch(team, setting, chosen)


def _by_branch(
    team: TeamTruth, setting: Setting, chosen: Callable[[TokenEvent, Sequence[PullRequestTruth]], list[int]]
) -> Attributed:
    """Give linked events to the chosen pull requests on their branch; `chosen` gets them in order of opening."""
    branches = defaultdict[int, list[PullRequestTruth]](list)
    for each in sorted(team.pull_requests, key=_opening):
        branches[each.branch].append(each)
    branch_of = {each.pull_request: each.branch for each in team.pull_requests}
    attributed = defaultdict[int | None, int](int)
    for event in team.token_events:
        if event.named is None or not setting.is_linked(event):
            attributed[None] += event.tokens
        else:
            _give(attributed, event.tokens, chosen(event, branches[branch_of[event.named]]))
    return attributed


def last_referenced(team: TeamTruth, setting: Setting) -> Attributed:
    """Give a turn to the pull request last referenced in its session.

    A session without references goes to the single pull request that others in its folder referenced within 6 hours.
    A pull request can be referenced once it is open; a repository stands for the folder.

    Source: CodeBurn 0.9.20.
    """
    opened = {each.pull_request: each.opened_hour for each in team.pull_requests}
    last: dict[int, int] = {}
    in_folder = defaultdict[int, set[tuple[int, int]]](set)
    attributed = defaultdict[int | None, int](int)
    alone = []
    for event in sorted(team.token_events, key=lambda each: (each.hour, each.session)):
        number = event.pull_request if setting.is_linked(event) else None
        begins = None if number is None else opened[number]
        if number is not None and begins is not None and begins <= event.hour:
            last[event.session] = number
            in_folder[event.repository].add((event.hour, number))
        if event.session in last:
            attributed[last[event.session]] += event.tokens
        else:
            alone.append(event)
    for event in alone:
        near = {number for hour, number in in_folder[event.repository] if abs(hour - event.hour) <= FOLDER_HOURS}
        attributed[near.pop() if event.session not in last and len(near) == 1 else None] += event.tokens
    return attributed


def work_window(team: TeamTruth, setting: Setting) -> Attributed:
    """Give linked sessions to their pull request, and share the others of an author over his in their work window.

    The format names no authors, so the pull requests of the session's repository stand for those of its author.

    Source: nOps' description.
    """
    return evenly_beside_links(team, replace(setting, repository=True))


def _give(attributed: defaultdict[int | None, int], tokens: int, pull_requests: Iterable[int]) -> None:
    """Split tokens evenly as integers, the first ones get the remainder; unattributed if there is no pull request."""
    receivers: list[int | None] = [*pull_requests] or [None]
    part, left = divmod(tokens, len(receivers))
    for position, receiver in enumerate(receivers):
        attributed[receiver] += part + (position < left)


def _worked_on(each: PullRequestTruth, hour: int, repository: int | None) -> bool:
    begun = bool(each.commit_hours) and each.commit_hours[0] <= hour
    return begun and not _closed_before(each, hour) and repository in {None, each.repository}


def _closed_before(each: PullRequestTruth, hour: int) -> bool:
    return each.closed_hour is not None and each.closed_hour < hour


def _opening(each: PullRequestTruth) -> tuple[bool, int, int]:
    """Return a sort key; pull requests that were never opened come last."""
    return each.opened_hour is None, each.opened_hour or 0, each.pull_request
