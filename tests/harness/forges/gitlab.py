"""A GitLab on this machine: REST, tokens, pages, and its limit by the minute."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from litestar import Litestar, Request, Response, get

from tests.harness.forges import gitlab_state as state
from tests.harness.forges.clock import QuickClock
from tests.harness.forges.github_state import PullRequest, Repository
from tests.harness.forges.limits import Budget
from tests.harness.listening import listening

TOKEN = "glpat-CANARY-token"


@dataclass
class FakeGitlab:
    """Its state may be changed at any moment, or after so many requests."""

    clock: QuickClock
    a_minute: int = 2000
    repositories: dict[str, Repository] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    refused: int = 0
    after_requests: dict[int, Callable[[], object]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.budget = Budget(self.clock, 10**9, self.a_minute)

    @contextmanager
    def serve(self) -> Iterator[str]:
        """Yields its web address."""

        @get("/api/v4/{rest:path}")
        async def answer(request: Request[Any, Any, Any], rest: str) -> Response[Any]:
            return self._enter(request) or self._answer(request, rest)

        with listening(Litestar([answer], openapi_config=None)) as url:
            yield url

    def _enter(self, request: Request[Any, Any, Any]) -> Response[Any] | None:
        self.asked.append(request.url.path)
        self.after_requests.pop(len(self.asked), lambda: None)()
        if request.headers.get("private-token") != TOKEN:
            return Response({"message": "401 Unauthorized"}, status_code=401)
        if self.budget.spend(1) is None:
            return None
        self.refused += 1
        return Response("Retry later", status_code=429, headers={"retry-after": "60", "ratelimit-remaining": "0"})

    def _answer(self, request: Request[Any, Any, Any], rest: str) -> Response[Any]:
        query = request.query_params
        if rest == "/projects":
            after = int(query.get("id_after", 0))
            listed = sorted((state.project(each) for each in self.repositories.values()), key=lambda each: each["id"])
            return _page([each for each in listed if each["id"] > after], query)
        for pattern, show in self._routes().items():
            if (match := re.fullmatch(pattern, rest)) and (found := self._find(match[1])) is not None:
                return show(found, query, *match.groups()[1:])
        return Response({"message": "404 Project Not Found CANARY"}, status_code=404)

    def _find(self, name: str) -> Repository | None:
        named = [each for each in self.repositories.values() if name in {str(each.number), each.path}]
        return named[0] if named else None

    def _routes(self) -> dict[str, Callable[..., Response[Any]]]:
        return {
            r"/projects/(\d+)/merge_requests": _merge_requests,
            r"/projects/(\d+)/merge_requests/(\d+)/commits": lambda found, query, number: _page(
                state.commits(_pull_request(found, number)), query
            ),
            r"/projects/(\d+)/merge_requests/(\d+)/notes": lambda found, query, number: _page(
                state.notes(_pull_request(found, number)), query
            ),
            r"/projects/(\d+)/releases": lambda found, query: _page(
                [state.release(*each) for each in _newest_first(found.releases)], query
            ),
            r"/projects/(\d+)/repository/tags": lambda found, query: _page(
                [state.tag(*each) for each in _newest_first(found.tags)], query
            ),
            r"/projects/(.+)": lambda found, _: Response(state.project(found)),
        }


def _merge_requests(found: Repository, query: Any) -> Response[Any]:
    assert (query["scope"], query.get("sort", "asc")) == ("all", "asc")
    after = datetime.fromisoformat(query["updated_after"])
    listed = [each for each in found.pull_requests if each.updated_at >= after]
    listed.sort(key=lambda each: (each.updated_at, each.number))
    return _page([state.merge_request(found, each) for each in listed], query)


def _pull_request(found: Repository, number: str) -> PullRequest:
    return next(each for each in found.pull_requests if each.number == int(number))


def _newest_first(dated: list[tuple[str, datetime]]) -> list[tuple[str, datetime]]:
    return sorted(dated, key=lambda each: each[1], reverse=True)


def _page(listed: list[Any], query: Any) -> Response[Any]:
    size, number = int(query.get("per_page", 20)), int(query.get("page", 1))
    assert size <= 100, "GitLab gives no more"
    headers = {"x-total": str(len(listed)), "x-page": str(number), "x-per-page": str(size)}
    return Response(listed[size * (number - 1) : size * number], headers=headers)
