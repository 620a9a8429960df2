"""Everything that is heard: agents, gateways, forges and bills, and when each was last heard. Pure."""

from datetime import datetime, timedelta
from typing import Final, NamedTuple

from service.dashboard.numbers.days import ago_text
from service.dashboard.numbers.units import NOTHING, percent_text
from service.dashboard.quality.facts import Heard, QualityFacts
from service.queries.tokens.recent_requests import SourceRequests

# A weekend is no silence.
SILENT: Final = timedelta(days=4)
LAYERS: Final = {"agent": "agent or application", "gateway": "gateway", "provider": "provider's usage report"}
# What fewer requests name is left out.
LEAST_SHARE: Final = 0.01
MINUTE, HOUR, DAY = 60, 3_600, 86_400


class SourceRow(NamedTuple):
    """One source. `dot` is `on`, `warn` if it fell silent, and `off` if it was never heard."""

    name: str
    what: str
    heard: str
    dot: str
    note: str
    share: str
    names: str
    delay: str


def source_rows(facts: QualityFacts, now: datetime) -> list[SourceRow]:
    """Return all sources: those of tokens, then forges, then bills."""
    last = {each.source: each for each in facts.requests if each.source}
    counted = sum(each.tokens for each in last.values())
    superseded = {each.source for each in facts.superseded}
    names = sorted({*last, *facts.known}, key=lambda name: (name not in last, -_tokens(last.get(name)), name))
    rows = []
    for name in names:
        requests = last.get(name)
        at = max(filter(None, (requests and requests.heard_at, facts.known.get(name))))
        share = percent_text(requests.tokens / counted) if requests and counted else NOTHING
        rows.append(
            _row(
                Heard(name, LAYERS.get(facts.layers.get(name, ""), ""), at),
                now,
                share="superseded" if name in superseded and not _tokens(requests) else share,
                names=_named(requests) if requests else "",
                delay=seconds_text(requests.delay.half) if requests else NOTHING,
            )
        )
    rows += [_row(each, now, names="pull requests, releases") for each in facts.forges]
    return rows + [_row(each, now, names="what was charged") for each in facts.accounts]


def silent_sources(facts: QualityFacts, now: datetime) -> list[tuple[str, datetime]]:
    """Return the sources of tokens that fell silent while others are heard."""
    heard = {each.source: each.heard_at for each in facts.requests if each.source}
    newest = {name: max(at, heard.get(name, at)) for name, at in facts.known.items()}
    if not any(now - at < SILENT for at in newest.values()):
        return []
    return [(name, at) for name, at in sorted(newest.items()) if now - at >= SILENT]


def seconds_text(seconds: float) -> str:
    """Return a delay: `41 s`, `6 min`, `3 h`, `2 days`."""
    if seconds < MINUTE:
        return f"{round(seconds)} s"
    if seconds < HOUR:
        return f"{round(seconds / MINUTE)} min"
    days = round(seconds / DAY)
    return f"{round(seconds / HOUR)} h" if seconds < DAY else f"{days} day{'s' * (days != 1)}"


def _row(heard: Heard, now: datetime, *, share: str = NOTHING, names: str = "", delay: str = NOTHING) -> SourceRow:
    if heard.said:
        dot = "warn" if heard.trouble else "on"
        return SourceRow(heard.name, heard.what, heard.said, dot, heard.trouble, share, names, delay)
    if heard.at is None:
        return SourceRow(heard.name, heard.what, "never", "off", heard.trouble, share, names, delay)
    is_silent = now - heard.at >= SILENT or bool(heard.trouble)
    ago = ago_text(heard.at, now)
    return SourceRow(heard.name, heard.what, ago, "warn" if is_silent else "on", heard.trouble, share, names, delay)


def _tokens(requests: SourceRequests | None) -> int:
    return requests.tokens if requests else 0


def _named(requests: SourceRequests) -> str:
    """Return what the requests of a source name: `commit 43 %, session 98 %`."""
    parts = {
        "pull request": requests.with_number,
        "commit": requests.with_commit,
        "branch": requests.with_branch,
        "repository": requests.with_repository,
        "session": requests.with_session,
    }
    shares = {name: number / requests.requests for name, number in parts.items()}
    named = [f"{name} {percent_text(share)}" for name, share in shares.items() if share >= LEAST_SHARE]
    return ", ".join(named) or "team and hour only"
