"""Check runs of GitHub: only an App with the permission `checks: write` makes them, each for one commit.

https://docs.github.com/en/rest/checks/runs
"""

from collections.abc import Mapping
from typing import Any

from github import Auth, GithubException
from requests import RequestException

from workers.forge_events.reading import Json, items, text, whole
from workers.forges.errors import ForgeError, RefusedError
from workers.forges.github.installation_auth import renewing
from workers.forges.github.session import open_github
from workers.forges.summary_writers import Place, Remote
from workers.forges.transport import Line
from workers.summaries.text import SummaryText

CHECK_NAME = "Shipledger"
PAGE = 100


class GithubChecks:
    """Writes summaries as check runs; a SummaryWriter. One moves on with the head: the next commit gets its own."""

    def __init__(self, line: Line, url: str, auth: Auth.Auth) -> None:
        self._auth = auth
        self._github = open_github(line, url, auth)

    def write(self, place: Place, name: str, remote: Remote | None, text: SummaryText) -> Remote:
        """See SummaryWriter; raises RefusedError 403 where the App may not write checks."""
        if place.head is None:
            raise ForgeError("the head of the pull request is not known")
        runs = f"/repos/{place.path}/check-runs"
        shown = {"output": {"title": text.title, "summary": text.body}, "status": "completed", "conclusion": "neutral"}
        number = remote.number if self.is_current(place, remote) and remote else self._find(place, name)
        if number is not None:
            self._ask("PATCH", f"{runs}/{number}", body=shown)
        else:
            made = {"name": CHECK_NAME, "head_sha": place.head, "external_id": name, **shown}
            number = whole(self._ask("POST", runs, body=made), "id")
            if number is None:
                raise ForgeError("the answer contains no check run")
        return Remote(number, place.head)

    def is_current(self, place: Place, remote: Remote | None) -> bool:
        """A check run is seen at its own commit alone."""
        return remote is not None and remote.head == place.head

    def _find(self, place: Place, name: str) -> int | None:
        """One that was made before its number could be noted."""
        query = {"check_name": CHECK_NAME, "filter": "all", "per_page": str(PAGE)}
        reported = self._ask("GET", f"/repos/{place.path}/commits/{place.head}/check-runs", parameters=query)
        ours = (each for each in items(reported, "check_runs") if text(each, "external_id") == name)
        return next((number for each in ours if (number := whole(each, "id")) is not None), None)

    def _ask(self, method: str, path: str, *, parameters: Any = None, body: Any = None) -> Json:
        requester = self._github.requester
        try:
            _, reported = renewing(
                self._auth, lambda: requester.requestJsonAndCheck(method, path, parameters=parameters, input=body)
            )
        except GithubException as error:
            # The exception quotes the answer.
            raise RefusedError(error.status) from None
        except RequestException:
            raise ForgeError("the server does not answer like GitHub") from None
        return reported if isinstance(reported, Mapping) else {}
