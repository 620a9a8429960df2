"""A fake GitHub Enterprise Server: REST and GraphQL, tokens, limits, and failures on demand."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from litestar import Litestar, Request, Response, get, post

from tests.harness.forges import github_commits
from tests.harness.forges.clock import QuickClock
from tests.harness.forges.described import Compared
from tests.harness.forges.github_apps import Apps
from tests.harness.forges.github_checks import Checks
from tests.harness.forges.github_hook_lists import hook_handlers
from tests.harness.forges.github_hooks import Hook
from tests.harness.forges.github_state import Repository
from tests.harness.forges.github_teams import Teams
from tests.harness.forges.graphql import UnknownFieldError, execute
from tests.harness.forges.limits import Budget
from tests.harness.listening import listening

TOKEN = "github_pat_CANARY_token"


@dataclass
class FakeGithub:
    """Tests may change its state at any time, or after a number of pages of pull requests.

    `requests` are all requests, `refused` those over a rate limit, `cursors` those for pages of pull requests.
    """

    clock: QuickClock
    points: int = 5000
    a_minute: int = 2000
    repositories: dict[str, Repository] = field(default_factory=dict)
    failures: list[Response[Any]] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    cursors: list[str | None] = field(default_factory=list)
    unchanged: int = 0
    refused_in_a_row: int = 0
    most_at_once: int = 100
    may_write_contents: bool = False
    hooks: dict[int, Hook] = field(default_factory=dict)
    after_pages: dict[int, Callable[[], object]] = field(default_factory=dict)
    _row: int = 0
    _pages: int = 0

    def __post_init__(self) -> None:
        self.apps = Apps(self.clock)
        self.checks = Checks(self.apps)
        self.teams = Teams()
        self.budgets = {name: Budget(self.clock, self.points, self.a_minute) for name in ("core", "graphql")}

    @contextmanager
    def serve(self) -> Iterator[str]:
        """Yield the URL; at the end raise AssertionError if an exchange differs from GitHub's description."""
        handlers = [self._graphql(), *self._rest(), *self._hooks(), *self.apps.handlers()]
        handlers += github_commits.handlers(self)
        handlers += self.checks.handlers(self.enter, self.reached)
        application = Compared(Litestar(handlers, openapi_config=None, debug=False))
        with listening(application) as url:
            self.apps.url = url
            yield url
        application.verify()

    def fail(
        self, status: int, times: int = 1, headers: dict[str, str] | None = None, body: str = "CANARY-error"
    ) -> None:
        """Answer the next requests with an error."""
        self.failures += [Response({"message": body}, status_code=status, headers=headers)] * times

    def enter(self, request: Request[Any, Any, Any], resource: str, points: int = 1) -> Response[Any] | None:
        """Return the refusal of a request, None if it is allowed."""
        self.requests.append(f"{request.method} {request.url.path}")
        if not self._is_known(request):
            return Response({"message": "Bad credentials"}, status_code=401)
        if self.failures:
            return self.failures.pop(0)
        budget = self.budgets[resource]
        if (kind := budget.spend(points)) is None:
            self._row = 0
            return None
        self.refused.append(kind)
        self._row += 1
        self.refused_in_a_row = max(self.refused_in_a_row, self._row)
        headers = budget.headers(resource)
        if kind == "secondary":
            message = "You have exceeded a secondary rate limit. Please wait a few minutes before you try again."
            return Response({"message": message}, status_code=403, headers={**headers, "retry-after": "60"})
        message = "API rate limit exceeded for CANARY-login"
        if resource == "graphql":
            errors = [{"type": "RATE_LIMITED", "message": message}]
            return Response({"errors": errors}, status_code=200, headers=headers)
        return Response({"message": message}, status_code=403, headers=headers)

    def _is_known(self, request: Request[Any, Any, Any]) -> bool:
        reported = request.headers.get("authorization", "")
        return reported in {f"token {TOKEN}", f"Bearer {TOKEN}"} or self.apps.installation_of(reported) is not None

    def _reads_teams(self, request: Request[Any, Any, Any]) -> bool:
        """Return whether the token, or the App of an installation, may read teams."""
        installation = self.apps.installation_of(request.headers.get("authorization", ""))
        apps = [each for each in self.apps.registered.values() if installation in each.installations.values()]
        return self.teams.may_read and all("members" in each.manifest["default_permissions"] for each in apps)

    def reached(self, request: Request[Any, Any, Any]) -> dict[str, Repository]:
        """Return the repositories that a token can access; an installation's token only those of the installation."""
        installation = self.apps.installation_of(request.headers.get("authorization", ""))
        if installation is None:
            return self.repositories
        return {path: each for path, each in self.repositories.items() if path in installation.repositories}

    def _graphql(self) -> Any:
        @post("/api/graphql", status_code=200)
        async def graphql(request: Request[Any, Any, Any]) -> Response[Any]:
            reported = await request.json()
            variables = reported["variables"]
            # GitHub's formula: the requests needed to fill every connection, divided by 100, at least 1.
            outer = variables.get("first") or 0
            points = max(1, round((1 + 3 * outer) / 100))
            if (refusal := self.enter(request, "graphql", points)) is not None:
                return refusal
            headers = self.budgets["graphql"].headers("graphql")
            if outer > self.most_at_once:
                message = "Something went wrong while executing your query. This may be the result of a timeout. CANARY"
                return Response({"errors": [{"message": message}]}, headers=headers)
            try:
                reached = self.reached(request)
                root = {"repository": partial(_find, reached), "organization": partial(self.teams.find, reached)}
                data = execute(reported["query"], variables, root)
            except UnknownFieldError as error:
                return Response({"errors": [{"type": "undefinedField", "message": str(error)}]}, headers=headers)
            if "organization" in data and not self._reads_teams(request):
                errors = [{"type": "FORBIDDEN", "message": "Resource not accessible by integration CANARY"}]
                return Response({"data": {"organization": None}, "errors": errors}, headers=headers)
            if None in data.values():
                errors = [{"type": "NOT_FOUND", "message": "Could not resolve CANARY"}]
                return Response({"data": data, "errors": errors}, headers=headers)
            answer = Response({"data": data}, headers=headers)
            if "pullRequests" in data.get("repository", {}):
                self._pages += 1
                self.cursors.append(variables["after"])
                self.after_pages.pop(self._pages, lambda: None)()
            return answer

        return graphql

    def _rest(self) -> list[Any]:
        @get("/api/v3/user/repos")
        async def repositories(request: Request[Any, Any, Any]) -> Response[Any]:
            if (refusal := self.enter(request, "core")) is not None:
                return refusal
            permissions = {"permissions": {"admin": True, "push": True, "pull": True}}
            return self._page(
                request, [{**each.whole(), **permissions} for _, each in sorted(self.repositories.items())]
            )

        @get("/api/v3/installation/repositories")
        async def given(request: Request[Any, Any, Any]) -> Response[Any]:
            if (refusal := self.enter(request, "core")) is not None:
                return refusal
            if self.apps.installation_of(request.headers["authorization"]) is None:
                return Response({"message": "You must authenticate with an installation"}, status_code=403)
            size, number = int(request.query_params["per_page"]), int(request.query_params["page"])
            found = [each.whole() for _, each in sorted(self.reached(request).items())]
            shown = found[size * (number - 1) : size * number]
            return self.answer(request, {"total_count": len(found), "repositories": shown})

        @get("/api/v3/repos/{owner:str}/{name:str}")
        async def repository(request: Request[Any, Any, Any], owner: str, name: str) -> Response[Any]:
            if (refusal := self.enter(request, "core")) is not None:
                return refusal
            found = self.reached(request).get(f"{owner}/{name}")
            if found is None:
                return Response({"message": "Not Found"}, status_code=404)
            return self.answer(request, found.whole())

        return [repositories, given, repository]

    def _hooks(self) -> list[Any]:
        return hook_handlers(self.hooks, self.apps, self.enter, self.answer)

    def _page(self, request: Request[Any, Any, Any], found: list[Any]) -> Response[Any]:
        """Return a numbered page of a list, with the link to the next."""
        size, number = int(request.query_params.get("per_page", 30)), int(request.query_params.get("page", 1))
        answer = self.answer(request, found[size * (number - 1) : size * number])
        if len(found) > size * number:
            following = request.url.with_replacements(query=f"per_page={size}&page={number + 1}")
            answer.headers["link"] = f'<{following}>; rel="next"'
        return answer

    def answer(self, request: Request[Any, Any, Any], body: Any) -> Response[Any]:
        """Respond with an ETag; an unchanged response costs nothing and has no body."""
        budget = self.budgets["core"]
        tag = f'"{hash(repr(body))}"'
        if request.headers.get("if-none-match") == tag:
            self.unchanged += 1
            budget.used -= 1
            return Response(None, status_code=304, headers={**budget.headers("core"), "etag": tag})
        return Response(body, headers={**budget.headers("core"), "etag": tag})


def _find(reached: dict[str, Repository], owner: str, name: str) -> dict[str, Any] | None:
    found = reached.get(f"{owner}/{name}")
    return found.node() if found else None
