"""Untidy telemetry: changes what the sessions of a tidy team look like; their truth stays."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from service.simulation.company import CompanyPlan, Link, ModelRequest, Session, Stamp, Team
from service.simulation.draws import Draws
from vocabulary.tokens import TokenCounts

HUGE_SESSIONS, HUGE_TOKENS = 3, 1_000_000_000
# The tokens of the hour of a burst beside all others.
BURST_SHARE = 0.15
# Sessions of one developer that are at most this far apart are parts of one, of this share of the days.
ONE_SESSION, LONG_SESSION_SHARE = timedelta(hours=5), 0.5
NOT_LINKED = 0.5


def heavy_users_link(draws: Draws, plan: CompanyPlan, team: Team) -> Team:  # noqa: ARG001 - as every world
    """Let the link ranks of sessions follow how much their developer spends."""
    spent = defaultdict[int, int](int)
    for each in team.sessions:
        spent[each.developer] += each.tokens
    order = {developer: place for place, developer in enumerate(sorted(spent, key=lambda each: (-spent[each], each)))}
    return _with_ranks(team, lambda each: (order[each.developer] + draws.random()) / len(order))


def linked_days(draws: Draws, plan: CompanyPlan, team: Team) -> Team:
    """Let all sessions of a day have one link rank."""
    days = defaultdict[int, float](draws.random)
    return _with_ranks(team, lambda each: days[(each.requests[0].at - plan.starts_at).days])


def huge_sessions(draws: Draws, plan: CompanyPlan, team: Team) -> Team:  # noqa: ARG001 - as every world
    """Let a few sessions use a billion tokens."""
    huge = set(draws.sample(range(len(team.sessions)), min(HUGE_SESSIONS, len(team.sessions))))
    return _with_sessions(
        team,
        (
            _times(each, HUGE_TOKENS // max(1, each.tokens)) if place in huge else each
            for place, each in enumerate(team.sessions)
        ),
    )


def bursts(draws: Draws, plan: CompanyPlan, team: Team) -> Team:  # noqa: ARG001 - as every world
    """Let one session use more than a tenth of all tokens, in one hour."""
    burst = draws.randrange(len(team.sessions))
    wanted = BURST_SHARE * sum(each.tokens for each in team.sessions)
    chosen = team.sessions[burst]
    first = replace(chosen, requests=chosen.requests[:1])
    factor = max(1, round(wanted / max(1, first.tokens)))
    return _with_sessions(
        team, (_times(first, factor) if place == burst else each for place, each in enumerate(team.sessions))
    )


def day_sums(draws: Draws, plan: CompanyPlan, team: Team) -> Team:  # noqa: ARG001 - as every world
    """Report the tokens of a day at its midnight."""
    return _with_sessions(team, (_at(each, _midnight) for each in team.sessions))


def stale_stamps(draws: Draws, plan: CompanyPlan, team: Team) -> Team:  # noqa: ARG001 - as every world
    """Let a developer's next session on some days be a part of the one before, whose link it keeps."""
    last: dict[int, Session] = {}
    changed = []
    for each in team.sessions:
        before = last.get(each.developer)
        if before is not None and _goes_on(before, each) and draws.random() < LONG_SESSION_SHARE:
            stamp = before.stamp or Stamp(before.repository, before.pull_request)
            joined = replace(
                each,
                session_id=before.session_id,
                branch=before.branch,
                link=before.link,
                link_rank=before.link_rank,
                stamp=stamp,
            )
        else:
            joined = each
        last[each.developer] = joined
        changed.append(joined)
    return _with_sessions(team, changed)


def _goes_on(before: Session, after: Session) -> bool:
    return after.requests[0].at - before.requests[-1].at <= ONE_SESSION


def _with_sessions(team: Team, sessions: Iterable[Session]) -> Team:
    return replace(team, sessions=tuple(sessions))


def _with_ranks(team: Team, rank: Callable[[Session], float]) -> Team:
    """Give sessions other link ranks; the less probably linked half reports nothing."""
    ranked = ((each, rank(each)) for each in team.sessions)
    return _with_sessions(
        team,
        (
            replace(each, link_rank=found, link=each.link if found < NOT_LINKED else Link.NOTHING)
            for each, found in ranked
        ),
    )


def _at(session: Session, moved: Callable[[datetime], datetime]) -> Session:
    return replace(session, requests=tuple(replace(each, at=moved(each.at)) for each in session.requests))


def _midnight(instant: datetime) -> datetime:
    return instant.replace(hour=0, minute=0, second=0, microsecond=0)


def _times(session: Session, factor: int) -> Session:
    return replace(session, requests=tuple(_multiplied(each, factor) for each in session.requests))


def _multiplied(request: ModelRequest, factor: int) -> ModelRequest:
    return replace(request, tokens=TokenCounts(*(factor * count for count in request.tokens)))
