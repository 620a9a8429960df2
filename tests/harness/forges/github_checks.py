"""Check runs at a fake GitHub; only installations of Apps with the permission can create and update them."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from litestar import Request, Response, get, patch, post

from tests.harness.bodies import NOBODY
from tests.harness.forges.github_apps import App, Apps
from tests.harness.forges.github_state import Repository, written

CONCLUSIONS = {"action_required", "cancelled", "failure", "neutral", "success", "skipped", "timed_out"}

Answer = Response[Any]
AnyRequest = Request[Any, Any, Any]


@dataclass
class Checks:
    """All check runs, oldest first; `writes` counts creations and updates.

    The responses to the next `break_off` writes are lost.
    """

    apps: Apps
    runs: list[dict[str, Any]] = field(default_factory=list)
    writes: list[str] = field(default_factory=list)
    break_off: int = 0

    def of(self, head: str) -> list[dict[str, Any]]:
        """Return the check runs of a commit."""
        return [each for each in self.runs if each["head_sha"] == head]

    def _app(self, request: AnyRequest) -> App | None:
        """Return the requesting App if it may write checks."""
        installation = self.apps.installation_of(request.headers.get("authorization", ""))
        for app in self.apps.registered.values():
            if installation in app.installations.values():
                return app if app.manifest["default_permissions"].get("checks") == "write" else None
        return None

    def _write(self, request: AnyRequest, enter: Callable[..., Answer | None]) -> tuple[App | None, Answer | None]:
        if (refusal := enter(request, "core")) is not None:
            return None, refusal
        if (app := self._app(request)) is None:
            return None, Response({"message": "Resource not accessible by integration"}, status_code=403)
        return app, None

    def _done(self, what: str, run: dict[str, Any], status: int) -> Answer:
        self.writes.append(what)
        if self.break_off:
            self.break_off -= 1
            return Response({"message": "CANARY-error"}, status_code=502)
        return Response(run, status_code=status)

    def handlers(
        self, enter: Callable[..., Answer | None], reached: Callable[[AnyRequest], dict[str, Repository]]
    ) -> list[Any]:
        """Return the endpoints; `enter` may refuse a request, `reached` returns the repositories it may access."""
        place = "/api/v3/repos/{owner:str}/{name:str}"

        @post(f"{place}/check-runs", status_code=201)
        async def make(request: AnyRequest, owner: str, name: str) -> Answer:
            app, refusal = self._write(request, enter)
            if app is None or f"{owner}/{name}" not in reached(request):
                return refusal or Response({"message": "Not Found"}, status_code=404)
            reported = await request.json()
            assert set(reported) <= {"name", "head_sha", "external_id", "status", "conclusion", "output"}
            run = {
                "id": len(self.runs) + 4_000_000_000,
                "node_id": "CR_CANARY",
                "html_url": None,
                "details_url": None,
                "url": f"{self.apps.url}/api/v3/repos/{owner}/{name}/check-runs/{len(self.runs) + 4_000_000_000}",
                "started_at": written(self.apps.clock.now()),
                "completed_at": written(self.apps.clock.now()),
                "check_suite": None,
                "pull_requests": [],
                "app": self.apps.shown(app),
                "owner": NOBODY,
                "repository": f"{owner}/{name}",
                "app_id": app.number,
                "name": reported["name"],
                "head_sha": reported["head_sha"],
                "external_id": reported.get("external_id", ""),
            }
            self.runs.append(run)
            return self._done("made", _change(run, reported), 201)

        @patch(f"{place}/check-runs/{{number:int}}", status_code=200)
        async def change(request: AnyRequest, owner: str, name: str, number: int) -> Answer:
            app, refusal = self._write(request, enter)
            found = [
                each for each in self.runs if each["id"] == number and each["repository"] == f"{owner}/{name}".lower()
            ]
            if app is None or not found or found[0]["app_id"] != app.number:
                return refusal or Response({"message": "Not Found"}, status_code=404)
            return self._done("changed", _change(found[0], await request.json()), 200)

        @get(f"{place}/commits/{{head:str}}/check-runs")
        async def listed(request: AnyRequest, owner: str, name: str, head: str) -> Answer:
            if (refusal := enter(request, "core")) is not None:
                return refusal
            wanted = request.query_params.get("check_name")
            shown = [
                each
                for each in self.of(head)
                if each["repository"] == f"{owner}/{name}" and wanted in {None, each["name"]}
            ]
            return Response({"total_count": len(shown), "check_runs": shown[::-1]})

        return [make, change, listed]


def _change(run: dict[str, Any], reported: dict[str, Any]) -> dict[str, Any]:
    """Validate and store a change as GitHub does."""
    assert reported["conclusion"] in CONCLUSIONS
    assert reported["output"]["title"]
    assert 0 < len(reported["output"]["summary"]) <= 65535
    output = {
        "text": None,
        "annotations_count": 0,
        "annotations_url": f"{run['url']}/annotations",
        **reported["output"],
    }
    run.update(status=reported["status"], conclusion=reported["conclusion"], output=output)
    return run
