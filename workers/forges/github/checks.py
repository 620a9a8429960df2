"""GitHub check runs: only an App with the permission `checks: write` creates them, each for one commit.

https://docs.github.com/en/rest/checks/runs
"""

from collections.abc import Mapping
from typing import Any

from github import Auth, GithubException
from requests import RequestException

from workers.forge_access.errors import ForgeError
from workers.forge_events.reading import Json, items, text, whole
from workers.forges.github.installation_auth import with_renewal
from workers.forges.github.session import open_github, refused
from workers.forges.transport import Transport
from workers.summaries.places import Place, Remote
from workers.summaries.text import SummaryText

CHECK_NAME = "Shipledger"
PAGE = 100


class GithubChecks:
    """A SummaryWriter of check runs. Each new head commit gets its own check run."""

    def __init__(self, transport: Transport, url: str, auth: Auth.Auth) -> None:
        self._auth = auth
        self._github = open_github(transport, url, auth)

    def write(self, place: Place, name: str, remote: Remote | None, text: SummaryText) -> Remote:
        """See SummaryWriter; raises RefusedError 403 if the App may not write checks."""
        if place.head is None:
            raise ForgeError("the head of the pull request is not known")
        runs = f"/repos/{place.path}/check-runs"
        shown = {"output": {"title": text.title, "summary": text.body}, "status": "completed", "conclusion": "neutral"}
        number = remote.number if self.is_current(place, remote) and remote else self._find(place, name)
        if number is not None:
            self._request("PATCH", f"{runs}/{number}", body=shown)
        else:
            made = {"name": CHECK_NAME, "head_sha": place.head, "external_id": name, **shown}
            number = whole(self._request("POST", runs, body=made), "id")
            if number is None:
                raise ForgeError("the answer contains no check run")
        return Remote(number, place.head)

    def is_current(self, place: Place, remote: Remote | None) -> bool:
        """Return whether the check run belongs to the head commit."""
        return remote is not None and remote.head == place.head

    def _find(self, place: Place, name: str) -> int | None:
        """Find a check run created before its number could be stored."""
        query = {"check_name": CHECK_NAME, "filter": "all", "per_page": str(PAGE)}
        answer = self._request("GET", f"/repos/{place.path}/commits/{place.head}/check-runs", parameters=query)
        ours = (each for each in items(answer, "check_runs") if text(each, "external_id") == name)
        return next((number for each in ours if (number := whole(each, "id")) is not None), None)

    def _request(self, method: str, path: str, *, parameters: Any = None, body: Any = None) -> Json:
        requester = self._github.requester
        try:
            _, answer = with_renewal(
                self._auth, lambda: requester.requestJsonAndCheck(method, path, parameters=parameters, input=body)
            )
        except GithubException as error:
            # The exception quotes the answer.
            raise refused(error) from None
        except RequestException:
            raise ForgeError("the server does not answer like GitHub") from None
        return answer if isinstance(answer, Mapping) else {}
