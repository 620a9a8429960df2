"""Texts of the GitHub page: the state of Apps, installations and backfills. Pure."""

from dataclasses import dataclass

from schema.kinds import AppState
from service.contracts.backfill import BackfillShown
from service.contracts.github_app import GithubAppShown
from service.dashboard.numbers.units import exact_text

UNFINISHED = {"running", "waiting"}


@dataclass(frozen=True, slots=True)
class Installations:
    """Number of installations on one host in one state."""

    host: str
    state: str
    has_delivered: bool
    number: int


@dataclass(frozen=True, slots=True)
class GithubFacts:
    """All facts on the page, newest first."""

    apps: tuple[GithubAppShown, ...] = ()
    installations: tuple[Installations, ...] = ()
    backfills: tuple[BackfillShown, ...] = ()


@dataclass(frozen=True, slots=True)
class AppLine:
    """One App: its state, and the URL that installs it, or an empty string."""

    text: str
    install_url: str


@dataclass(frozen=True, slots=True)
class BackfillLine:
    """One backfill: its progress as text and in pull requests."""

    text: str
    done: int
    expected: int


@dataclass(frozen=True, slots=True)
class GithubPage:
    """The page; it reloads itself while a registration or backfill is running."""

    apps: list[AppLine]
    installations: list[str]
    backfills: list[BackfillLine]
    is_under_way: bool


def build_github_page(facts: GithubFacts) -> GithubPage:
    """Build the page."""
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
            text = f"App {app.app_id} on {app.host} is registered, with {number} installation{'s' * (number != 1)}."
            return f"{text} {app.trial.reason}" if app.trial and app.trial.reason else text
        case AppState.WAITING:
            return f"An App on {app.host} is being registered."
        case AppState.STARTED:
            return f"An App on {app.host} is waiting for you to confirm it on GitHub."
        case _:
            return f"An App on {app.host} was not registered: {(app.failure or 'unknown reason').rstrip('.')}."


def _installations(installations: Installations) -> str:
    active = "delivering webhooks" if installations.has_delivered else "no webhook delivered yet"
    states = {"active": active, "suspended": "suspended on GitHub", "deleted": "uninstalled; the ledger stays"}
    number = f"{installations.number} installation{'s' * (installations.number != 1)} on {installations.host}"
    return f"{number}: {states.get(installations.state, installations.state)}."


def _backfill(backfill: BackfillShown) -> BackfillLine:
    done, expected = backfill.pull_requests, max(backfill.expected_pull_requests, backfill.pull_requests)
    words = {"running": "Running", "waiting": "Waiting for the forge's rate limit", "done": "Done", "failed": "Failed"}
    repositories = f"{backfill.finished_repositories} of {backfill.repositories} repositories"
    text = f"{words[backfill.state]}: {repositories}, {exact_text(done)} pull requests"
    if backfill.failures:
        failed = [f"{count} failed: {reason.rstrip('.')}" for reason, count in sorted(backfill.failures.items())]
        text += f" ({', '.join(failed)})"
    return BackfillLine(text, done, max(expected, 1))
