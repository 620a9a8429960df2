"""The page of repairs in words: what was looked at for each connection, and what came of it. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from service.contracts.repair import RepairShown
from service.dashboard.numbers import NOTHING, exact_count
from service.queries.forge.repair_sentences import Limit

FORGES = {"github": "GitHub", "gitlab": "GitLab"}
KINDS = {
    "deliveries": ("Failed deliveries", "asked for again where no attempt arrived"),
    "releases": ("Tags and releases", "of many tags in one push no webhook tells"),
    "comparison": ("Pull requests", "those of the last 14 days, every night"),
}
STATES = {
    "well": "Well",
    "running": "Looking now",
    "waiting": "Waiting for the forge",
    "refused": "Refused by the forge",
    "not_offered": "Not offered by the forge",
    "failing": "Failing",
}


@dataclass(frozen=True, slots=True)
class CheckedFacts:
    """One check as the API shows it, and the forge that it asks."""

    forge: str
    host: str
    shown: RepairShown


@dataclass(frozen=True, slots=True)
class UnaskedFacts:
    """A connection that has no way to ask its forge."""

    forge: str
    host: str
    name: str


@dataclass(frozen=True, slots=True)
class RepairFacts:
    """Everything on the page; `connections` counts the active ones."""

    connections: int = 0
    checks: tuple[CheckedFacts, ...] = ()
    unasked: tuple[UnaskedFacts, ...] = ()
    limits: tuple[Limit, ...] = ()


@dataclass(frozen=True, slots=True)
class CheckLine:
    """A line of the table."""

    name: str
    says: str
    state: str
    reason: str
    looked: str
    found: str
    asked_again: str
    recovered: str
    missing: str


@dataclass(frozen=True, slots=True)
class Subject:
    """A connection or App with its checks; `anchor` is stable."""

    title: str
    name: str
    anchor: str
    lines: list[CheckLine]


@dataclass(frozen=True, slots=True)
class RepairPage:
    """The page; while a check that somebody asked for is under way it loads itself anew."""

    subjects: list[Subject]
    unasked: list[str]
    limits: list[Limit]
    is_under_way: bool
    is_connected: bool


def build_repair_page(facts: RepairFacts) -> RepairPage:
    """The page of these facts."""
    names = dict.fromkeys(_name(each.shown) for each in facts.checks)
    return RepairPage(
        subjects=[_subject(name, [each for each in facts.checks if _name(each.shown) == name]) for name in names],
        unasked=[f"{FORGES[each.forge]} at {each.host}, connection {each.name}" for each in facts.unasked],
        limits=list(facts.limits),
        is_under_way=any(each.shown.state == "running" for each in facts.checks),
        is_connected=facts.connections > 0,
    )


def _name(shown: RepairShown) -> str:
    return shown.connection or shown.github_app or ""


def _subject(name: str, checks: Sequence[CheckedFacts]) -> Subject:
    first = checks[0]
    what = "App" if first.shown.github_app else "connection"
    title = f"{FORGES[first.forge]} at {first.host}"
    ordered = sorted(checks, key=lambda each: list(KINDS).index(each.shown.kind))
    return Subject(title, f"{what} {name}", f"of-{name}", [_line(each.shown) for each in ordered])


def _line(shown: RepairShown) -> CheckLine:
    name, says = KINDS[shown.kind]
    is_asked = shown.kind == "deliveries"
    return CheckLine(
        name=name,
        says=says + _mended(shown.hooks_mended),
        state="Not looked at yet" if shown.state == "well" and shown.last_success_at is None else STATES[shown.state],
        reason=shown.reason or "",
        looked=_instant(shown.last_success_at),
        found=exact_count(shown.found),
        # Lists bring what they show with them.
        asked_again=exact_count(shown.asked_again) if is_asked else NOTHING,
        recovered=exact_count(shown.recovered),
        missing=exact_count(shown.missing) if is_asked else NOTHING,
    )


def _mended(times: int) -> str:
    return f"; the webhook was put right {exact_count(times)} time{'s' * (times != 1)}" if times else ""


def _instant(at: datetime | None) -> str:
    return at.strftime("%Y-%m-%d %H:%M UTC") if at else NOTHING
