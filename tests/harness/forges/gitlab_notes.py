"""Comments on merge requests of a fake GitLab, written by the token's owner; others' are known from its state."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from litestar import Request, Response, get, post, put

from tests.harness.forges import gitlab_state as state
from tests.harness.forges.clock import QuickClock
from tests.harness.forges.github_state import Repository

OWNER = {"id": 99, "username": "CANARY-robot", "name": "CANARY-robot"}

Answer = Response[Any]
Asked = Request[Any, Any, Any]
Enter = Callable[[Asked], Answer | None]
Find = Callable[[str], Repository | None]


@dataclass
class Notes:
    """All notes that were written here; `writes` counts what was made and changed, `may_write` is the token's scope.

    `break_off` lets so many writes happen whose answers then never arrive.
    """

    clock: QuickClock
    written: list[dict[str, Any]] = field(default_factory=list)
    writes: list[str] = field(default_factory=list)
    may_write: bool = True
    break_off: int = 0

    def of(self, project: int, number: int) -> list[dict[str, Any]]:
        """What was written on a merge request."""
        return [each for each in self.written if (each["project_id"], each["noteable_iid"]) == (project, number)]

    def _refused(self, request: Asked, enter: Enter) -> Answer | None:
        if (refusal := enter(request)) is not None:
            return refusal
        return None if self.may_write else Response({"error": "insufficient_scope"}, status_code=403)

    def _done(self, what: str, note: dict[str, Any], status: int) -> Answer:
        self.writes.append(what)
        if self.break_off:
            self.break_off -= 1
            return Response({"message": "CANARY-error"}, status_code=502)
        return Response(note, status_code=status)

    def _page(self, found: Repository, number: int, query: Any) -> Answer:
        """Newest first, unless asked otherwise; what others wrote comes before."""
        told = next(each for each in found.pull_requests if each.number == number)
        shown = [*self.of(found.number, number)[::-1], *state.notes(told)]
        if query.get("sort") == "asc":
            shown.reverse()
        size, page = int(query.get("per_page", 20)), int(query.get("page", 1))
        headers = {"x-total": str(len(shown)), "x-page": str(page), "x-per-page": str(size)}
        return Response(shown[size * (page - 1) : size * page], headers=headers)

    def handlers(self, enter: Enter, find: Find) -> list[Any]:
        """The endpoints; `enter` may refuse a request, `find` knows a project by its number."""
        place = "/api/v4/projects/{project:int}/merge_requests/{iid:int}/notes"

        @get("/api/v4/user")
        async def owner(request: Asked) -> Answer:
            return enter(request) or Response(OWNER)

        @get(place)
        async def listed(request: Asked, project: int, iid: int) -> Answer:
            if (refusal := enter(request)) is not None:
                return refusal
            if (found := find(str(project))) is None:
                return Response({"message": "404 Project Not Found CANARY"}, status_code=404)
            return self._page(found, iid, request.query_params)

        @post(place, status_code=201)
        async def make(request: Asked, project: int, iid: int) -> Answer:
            if (refusal := self._refused(request, enter)) is not None:
                return refusal
            note = {
                "id": len(self.written) + 7_000_000_000,
                "project_id": project,
                "noteable_iid": iid,
                "created_at": state.written(self.clock.now()),
                "author": OWNER,
                "system": False,
                "body": (await request.json())["body"],
            }
            self.written.append(note)
            return self._done("made", note, 201)

        @put(f"{place}/{{number:int}}", status_code=200)
        async def change(request: Asked, project: int, iid: int, number: int) -> Answer:
            if (refusal := self._refused(request, enter)) is not None:
                return refusal
            found = [each for each in self.of(project, iid) if each["id"] == number]
            if not found:
                return Response({"message": "404 Not found"}, status_code=404)
            found[0]["body"] = (await request.json())["body"]
            return self._done("changed", found[0], 200)

        return [owner, listed, make, change]
