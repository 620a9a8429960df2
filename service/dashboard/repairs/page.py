"""Texts of the repairs page: the checks of each connection and their results. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from service.contracts.repair import RepairShown
from service.dashboard.numbers.units import NOTHING, exact_text
from service.queries.forge.repair_sentences import Limit

FORGES = {"github": "GitHub", "gitlab": "GitLab"}
KINDS = {
    "access": ("Access token", "tried every day by listing repositories"),
    "deliveries": ("Failed deliveries", "requested again if no attempt arrived"),
    "releases": ("Tags and releases", "webhooks leave out tags when many are pushed at once"),
    "comparison": ("Pull requests", "compared every night for the last 14 days"),
}
STATES = {
    "healthy": "OK",
    "running": "Running",
    "waiting": "Waiting for the forge",
    "refused": "Refused by the forge",
    "not_offered": "Not offered by the forge",
    "failing": "Failing",
}


@dataclass(frozen=True, slots=True)
class CheckedFacts:
    """One check as the API shows it, and its forge."""

    forge: str
    host: str
    shown: RepairShown


@dataclass(frozen=True, slots=True)
class WithoutAccess:
    """A connection that has no access to its forge's API."""

    forge: str
    host: str
    name: str


@dataclass(frozen=True, slots=True)
class RepairFacts:
    """All facts on the page; `connections` counts the active ones."""

    connections: int = 0
    checks: tuple[CheckedFacts, ...] = ()
    without_access: tuple[WithoutAccess, ...] = ()
    limits: tuple[Limit, ...] = ()


@dataclass(frozen=True, slots=True)
class CheckLine:
    """A row of the table."""

    name: str
    description: str
    state: str
    reason: str
    last_success: str
    found: str
    requested_again: str
    recovered: str
    missing: str


@dataclass(frozen=True, slots=True)
class Subject:
    """A connection or App with its checks; `anchor` is a stable HTML id."""

    title: str
    name: str
    anchor: str
    lines: list[CheckLine]


@dataclass(frozen=True, slots=True)
class RepairPage:
    """The page; it reloads itself while a check is running."""

    subjects: list[Subject]
    without_access: list[str]
    limits: list[Limit]
    is_under_way: bool
    is_connected: bool


def build_repair_page(facts: RepairFacts) -> RepairPage:
    """Build the page."""
    names = dict.fromkeys(_name(each.shown) for each in facts.checks)
    return RepairPage(
        subjects=[_subject(name, [each for each in facts.checks if _name(each.shown) == name]) for name in names],
        without_access=[
            f"{FORGES[each.forge]} at {each.host}, connection {each.name}" for each in facts.without_access
        ],
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
    name, description = KINDS[shown.kind]
    # The other checks read whole items from the forge's lists and request nothing again.
    is_requested = shown.kind == "deliveries"
    return CheckLine(
        name=name,
        description=description + _hook_repairs(shown.hooks_repaired),
        state="Not run yet" if shown.state == "healthy" and shown.last_success_at is None else STATES[shown.state],
        reason=shown.reason or "",
        last_success=_instant(shown.last_success_at),
        found=exact_text(shown.found),
        requested_again=exact_text(shown.redelivery_requests) if is_requested else NOTHING,
        recovered=exact_text(shown.recovered),
        missing=exact_text(shown.missing) if is_requested else NOTHING,
    )


def _hook_repairs(times: int) -> str:
    return f"; the webhook was repaired {exact_text(times)} time{'s' * (times != 1)}" if times else ""


def _instant(at: datetime | None) -> str:
    return at.strftime("%Y-%m-%d %H:%M UTC") if at else NOTHING
