"""The GitHub page in words: what became of each App, each installation and each backfill. Pure."""

from dataclasses import dataclass

from schema.kinds import AppState
from service.contracts.backfill import BackfillShown
from service.contracts.github_app import GithubAppShown
from service.dashboard.numbers import exact_count

UNFINISHED = {"running", "waiting"}


@dataclass(frozen=True, slots=True)
class Installations:
    """Installations at one host in one state."""

    host: str
    state: str
    has_delivered: bool
    number: int


@dataclass(frozen=True, slots=True)
class GithubFacts:
    """Everything on the page, newest first."""

    apps: tuple[GithubAppShown, ...] = ()
    installations: tuple[Installations, ...] = ()
    backfills: tuple[BackfillShown, ...] = ()


@dataclass(frozen=True, slots=True)
class AppLine:
    """One App: what became of it, and where to install it, if anywhere."""

    says: str
    install_url: str


@dataclass(frozen=True, slots=True)
class BackfillLine:
    """One backfill: how much of what is expected was fetched."""

    says: str
    done: int
    expected: int


@dataclass(frozen=True, slots=True)
class GithubPage:
    """The page; while anything is under way it loads itself anew."""

    apps: list[AppLine]
    installations: list[str]
    backfills: list[BackfillLine]
    is_under_way: bool


def build_github_page(facts: GithubFacts) -> GithubPage:
    """The page of these facts."""
    return GithubPage(
        apps=[AppLine(_app(each), each.install_url or "") for each in facts.apps],
        installations=[_installations(each) for each in facts.installations],
        backfills=[_backfill(each) for each in facts.backfills],
        is_under_way=any(each.state == AppState.WAITING for each in facts.apps)
        or any(each.state in UNFINISHED for each in facts.backfills),
    )


def _app(app: GithubAppShown) -> str:
    match app.state:
        case AppState.REGISTERED:
            number = len(app.connections)
            return f"App {app.app_id} on {app.host} is registered, with {number} installation{'s' * (number != 1)}."
        case AppState.WAITING:
            return f"An App on {app.host} is being registered."
        case AppState.BEGUN:
            return f"An App on {app.host} was begun and awaits GitHub's answer."
        case _:
            return f"An App on {app.host} was not registered: {(app.failure or 'for an unknown reason').rstrip('.')}."


def _installations(reported: Installations) -> str:
    heard = "delivers webhooks" if reported.has_delivered else "has delivered no webhook yet"
    state = {"active": heard, "suspended": "is suspended at GitHub", "deleted": "was uninstalled; its ledger stays"}
    number = f"{reported.number} installation{'s' * (reported.number != 1)} on {reported.host}"
    return f"{number}: {state.get(reported.state, reported.state)}."


def _backfill(reported: BackfillShown) -> BackfillLine:
    done, expected = reported.pull_requests, max(reported.expected_pull_requests, reported.pull_requests)
    words = {"running": "under way", "waiting": "waiting for the forge's limit", "done": "done", "failed": "failed"}
    repositories = f"{reported.finished_repositories} of {reported.repositories} repositories"
    says = f"{words[reported.state].capitalize()}: {repositories}, {exact_count(done)} pull requests"
    if reported.failures:
        failed = [f"{count} failed: {reason.rstrip('.')}" for reason, count in sorted(reported.failures.items())]
        says += f" ({', '.join(failed)})"
    return BackfillLine(says, done, max(expected, 1))
