"""A fake GitLab: REST, tokens, pages, and a limit per minute."""

import json
import re
from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import unquote

from litestar import Litestar, Request, Response, route

from tests.harness.forges import gitlab_state as state
from tests.harness.forges.clock import QuickClock
from tests.harness.forges.github_state import PullRequest, Repository, blob_id, sha
from tests.harness.forges.gitlab_groups import Groups
from tests.harness.forges.gitlab_hooks import FakeHooks
from tests.harness.forges.gitlab_notes import Notes
from tests.harness.forges.limits import Budget
from tests.harness.listening import listening

TOKEN = "glpat-CANARY-token"


@dataclass
class FakeGitlab:
    """Tests may change its state at any time, or after a number of requests."""

    clock: QuickClock
    a_minute: int = 2000
    repositories: dict[str, Repository] = field(default_factory=dict)
    requests: list[str] = field(default_factory=list)
    refused: int = 0
    hooks: FakeHooks = field(default_factory=FakeHooks)
    after_requests: dict[int, Callable[[], object]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.budget = Budget(self.clock, 10**9, self.a_minute)
        self.notes = Notes(self.clock)
        self.hooks.clock = self.clock
        self.groups = Groups()

    @contextmanager
    def serve(self) -> Iterator[str]:
        """Yield the URL."""

        @route("/api/v4/{rest:path}", http_method=["GET", "POST", "PUT", "DELETE"], status_code=200)
        async def answer(request: Request[Any, Any, Any], rest: str) -> Response[Any]:
            refused = self._enter(request)
            reported = await request.body() if request.method in {"POST", "PUT"} else b""
            return refused or self._answer(request, rest, json.loads(reported or b"{}"))

        with listening(Litestar([answer], openapi_config=None)) as url:
            yield url

    def _enter(self, request: Request[Any, Any, Any]) -> Response[Any] | None:
        self.requests.append(request.url.path)
        self.after_requests.pop(len(self.requests), lambda: None)()
        if request.headers.get("private-token") != TOKEN:
            return Response({"message": "401 Unauthorized"}, status_code=401)
        if self.budget.spend(1) is None:
            return None
        self.refused += 1
        return Response("Retry later", status_code=429, headers={"retry-after": "60", "ratelimit-remaining": "0"})

    def _answer(self, request: Request[Any, Any, Any], rest: str, body: Any) -> Response[Any]:
        query = request.query_params
        reported = self.hooks.answer(request.method, rest, query, body, self.repositories) or self.notes.answer(
            request.method, rest, query, body, self._find
        )
        reported = reported or self.groups.answer(request.method, rest, query, _page)
        if reported is not None:
            return reported
        if rest == "/version":
            return Response({"version": "18.9.1", "revision": "abc"})
        if rest == "/projects":
            after = int(query.get("id_after", 0))
            listed = sorted((state.project(each) for each in self.repositories.values()), key=lambda each: each["id"])
            return _page([each for each in listed if each["id"] > after], query)
        if rest.startswith("/groups") and (answered := self._groups(rest, query)):
            return answered
        for pattern, show in self._routes().items():
            if (match := re.fullmatch(pattern, rest)) and (found := self._find(match[1])) is not None:
                return show(found, query, *match.groups()[1:])
        return Response({"message": "404 Project Not Found CANARY"}, status_code=404)

    def _groups(self, rest: str, query: Any) -> Response[Any] | None:
        if rest == "/groups":
            cuts = [
                (each.path, cut.start()) for each in self.repositories.values() for cut in re.finditer("/", each.path)
            ]
            paths = sorted({path[:cut] for path, cut in cuts})
            return _page([{"id": self.hooks.group_number(each), "full_path": each} for each in paths], query)
        match = re.fullmatch(r"/groups/(.+?)(/projects)?", rest)
        return self._group(*match.groups()) if match else None

    def _group(self, name: str, projects: str | None) -> Response[Any] | None:
        """Return a group, which exists while it has a project."""
        path = next((path for path, number in self.hooks.groups.items() if str(number) == name), name)
        below = [each for each in self.repositories.values() if each.path.startswith(f"{path}/")]
        if not below:
            return None
        if projects is not None:
            return Response([state.project(each) for each in below])
        return Response({"id": self.hooks.group_number(path), "full_path": path, "name": "CANARY"})

    def _find(self, name: str) -> Repository | None:
        named = [each for each in self.repositories.values() if name in {str(each.number), each.path}]
        return named[0] if named else None

    def _routes(self) -> dict[str, Callable[..., Response[Any]]]:
        return {
            r"/projects/(\d+)/merge_requests": _merge_requests,
            r"/projects/(\d+)/merge_requests/(\d+)/commits": lambda found, query, number: _page(
                state.commits(_pull_request(found, number)), query
            ),
            r"/projects/(\d+)/merge_requests/(\d+)": _merge_request,
            r"/projects/(\d+)/releases": lambda found, query: _page(
                [state.release(found, *each) for each in _newest_first(found.releases)], query
            ),
            r"/projects/(\d+)/repository/tags": lambda found, query: _page(
                [state.tag(found, *each) for each in _newest_first(found.tags)], query
            ),
            r"/projects/(\d+)/merge_requests/(\d+)/diffs": lambda found, query, number: _page(
                [{"new_path": each, "diff": "CANARY"} for each in _pull_request(found, number).paths], query
            ),
            r"/projects/(\d+)/repository/files/(.+)": _file,
            r"/projects/(\d+)/repository/tree": _tree,
            r"/projects/(\d+)/repository/blobs/([0-9a-f]{40})": _blob,
            r"/projects/(\d+)/repository/merge_base": _merge_base,
            r"/projects/(\d+)/repository/commits": _commits,
            r"/projects/(.+)": lambda found, _: Response(state.project(found)),
        }


def _merge_request(found: Repository, _: Any, number: str) -> Response[Any]:
    reported = found.numbered(int(number))
    return Response(state.merge_request(found, reported)) if reported else _nothing()


def _file(found: Repository, query: Any, path: str) -> Response[Any]:
    assert query["ref"] == "HEAD"
    reported = found.files.get(unquote(path))
    if reported is None:
        return _nothing()
    return Response({"file_path": path, "encoding": "base64", "content": b64encode(reported.encode()).decode()})


def _tree(found: Repository, query: Any) -> Response[Any]:
    assert query["recursive"] in {"True", "true"}
    assert found.graph is not None
    assert query["ref"] in found.graph.made_at
    folders = {path.rpartition("/")[0] for path in found.files if "/" in path}
    entries = [{"type": "tree", "path": each, "id": sha(each), "mode": "040000"} for each in sorted(folders)]
    entries += [
        {"type": "blob", "path": each, "id": blob_id(content), "mode": "100644"}
        for each, content in sorted(found.files.items())
    ]
    return _page(entries, query)


def _blob(found: Repository, _: Any, blob: str) -> Response[Any]:
    content = next(each for each in found.files.values() if blob_id(each) == blob)
    return Response({"sha": blob, "encoding": "base64", "content": b64encode(content.encode()).decode()})


def _merge_base(found: Repository, query: Any) -> Response[Any]:
    if found.graph is None:
        return _nothing()
    refs = query.getall("refs[]")
    common = found.graph.common(refs) if all(each in found.graph.made_at for each in refs) else None
    return Response(state.commit(found, common)) if common else _nothing()


def _commits(found: Repository, query: Any) -> Response[Any]:
    """Return the commits of a ref or range, newest first; GitLab does not count the pages."""
    if found.graph is None:
        return _nothing()
    base, is_range, head = query["ref_name"].rpartition("..")
    listed = found.graph.between(base if is_range else None, head)[::-1]
    return Response(_page([state.commit(found, each) for each in listed], query).content)


def _nothing() -> Response[Any]:
    return Response({"message": "404 Not Found CANARY"}, status_code=404)


def _merge_requests(found: Repository, query: Any) -> Response[Any]:
    if wanted := query.getall("iids[]", []):
        assert query["scope"] == "all"
        listed = [each for each in found.pull_requests if str(each.number) in wanted]
        return _page([state.merge_request(found, each) for each in listed], query)
    if query.get("state") == "merged":
        assert (query["scope"], query["order_by"], query["sort"]) == ("all", "updated_at", "desc")
        merged = [each for each in found.pull_requests if each.merged_at]
        merged.sort(key=lambda each: (each.updated_at, each.number), reverse=True)
        return _page([state.merge_request(found, each) for each in merged], query)
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
    assert size <= 100, "GitLab returns at most 100"
    headers = {"x-total": str(len(listed)), "x-page": str(number), "x-per-page": str(size)}
    return Response(listed[size * (number - 1) : size * number], headers=headers)
