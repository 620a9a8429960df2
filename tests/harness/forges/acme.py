"""A company at a fake GitHub with three repositories: maintained by one team, by two, and by no team."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from tests.harness.forges.github import FakeGithub
from tests.harness.forges.github_state import PullRequest, Repository
from tests.harness.forges.github_teams import Team

NOW = datetime.now(UTC).replace(microsecond=0)


def people(*names: str) -> list[str]:
    return [f"CANARY-{name}" for name in names]


def merged(number: int, days_ago: int) -> PullRequest:
    at = NOW - timedelta(days=days_ago)
    return PullRequest(number, f"branch-{number}", at, [(f"{number}", at)], merged_at=at + timedelta(hours=2))


def repository(number: int, path: str, pull_requests: Sequence[PullRequest] = ()) -> Repository:
    return Repository(number, path, NOW, list(pull_requests), host="127.0.0.1")


@dataclass
class Acme:
    """Team web maintains shop; web and server maintain api; no team maintains infra. Each has pull requests."""

    fake: FakeGithub
    url: str
    web: Team = field(default_factory=lambda: Team(11, "web", people("anna", "ben", "cleo")))
    server: Team = field(default_factory=lambda: Team(12, "server", people("ben", "dora")))
    connection: str = ""

    def __post_init__(self) -> None:
        made = [repository(number, f"octo/{name}") for number, name in enumerate(("shop", "api", "infra"), 1)]
        made[0].pull_requests = [merged(1, 40), merged(2, 20)]
        made[1].pull_requests, made[2].pull_requests = [merged(1, 50)], [merged(1, 60)]
        self.fake.repositories = {each.path: each for each in made}
        self.web.repositories = {"octo/shop": "ADMIN", "octo/api": "MAINTAIN", "octo/infra": "WRITE"}
        self.server.repositories = {"octo/api": "ADMIN", "octo/shop": "WRITE"}
        self.fake.teams.organizations = {"octo": [self.web, self.server]}
