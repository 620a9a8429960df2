"""Comments on merge requests of a fake GitLab: those of the token's owner, and others from its state."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from litestar import Response

from tests.harness.forges import gitlab_state as state
from tests.harness.forges.clock import QuickClock
from tests.harness.forges.github_state import Repository

OWNER = {"id": 99, "username": "CANARY-robot", "name": "CANARY-robot"}

Answer = Response[Any]
Find = Callable[[str], Repository | None]

_PLACE = re.compile(r"/projects/(\d+)/merge_requests/(\d+)/notes(?:/(\d+))?")


@dataclass
class Notes:
    """All notes written here; `writes` counts creations and updates, `may_write` is the token's scope.

    The responses to the next `break_off` writes are lost.
    """

    clock: QuickClock
    written: list[dict[str, Any]] = field(default_factory=list)
    writes: list[str] = field(default_factory=list)
    may_write: bool = True
    break_off: int = 0

    def of(self, project: int, number: int) -> list[dict[str, Any]]:
        """Return the notes written on a merge request."""
        return [each for each in self.written if (each["project_id"], each["noteable_iid"]) == (project, number)]

    def _done(self, what: str, note: dict[str, Any], status: int) -> Answer:
        self.writes.append(what)
        if self.break_off:
            self.break_off -= 1
            return Response({"message": "CANARY-error"}, status_code=502)
        return Response(note, status_code=status)

    def _page(self, found: Repository, number: int, query: Any) -> Answer:
        """Return a page of notes, newest first by default; those of others are older."""
        reported = next(each for each in found.pull_requests if each.number == number)
        shown = [*self.of(found.number, number)[::-1], *state.notes(reported)]
        if query.get("sort") == "asc":
            shown.reverse()
        size, page = int(query.get("per_page", 20)), int(query.get("page", 1))
        headers = {"x-total": str(len(shown)), "x-page": str(page), "x-per-page": str(size)}
        return Response(shown[size * (page - 1) : size * page], headers=headers)

    def answer(self, method: str, rest: str, query: Any, body: Any, find: Find) -> Answer | None:
        """Return the API's response; None if the request is not about notes."""
        if rest == "/user":
            return Response(OWNER)
        if (match := _PLACE.fullmatch(rest)) is None:
            return None
        project, iid, number = (int(each) if each else None for each in match.groups())
        assert project is not None
        assert iid is not None
        found = find(str(project))
        if method == "GET" and found is not None:
            return self._page(found, iid, query)
        if found is None and method == "GET":
            return Response({"message": "404 Project Not Found CANARY"}, status_code=404)
        if not self.may_write:
            return Response({"error": "insufficient_scope"}, status_code=403)
        return self._make(project, iid, body) if number is None else self._change(project, iid, number, body)

    def _make(self, project: int, iid: int, body: Any) -> Answer:
        note = {
            "id": len(self.written) + 7_000_000_000,
            "project_id": project,
            "noteable_iid": iid,
            "created_at": state.written(self.clock.now()),
            "author": OWNER,
            "system": False,
            "body": body["body"],
        }
        self.written.append(note)
        return self._done("made", note, 201)

    def _change(self, project: int, iid: int, number: int, body: Any) -> Answer:
        found = [each for each in self.of(project, iid) if each["id"] == number]
        if not found:
            return Response({"message": "404 Not found"}, status_code=404)
        found[0]["body"] = body["body"]
        return self._done("changed", found[0], 200)
