"""Webhooks at GitHub: finds hooks that send to an address, lists their attempts, and requests redeliveries.

https://docs.github.com/en/rest/repos/webhooks, .../rest/orgs/webhooks and .../rest/apps/webhooks
"""

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

from github import Auth, GithubException
from requests import RequestException
from requests.utils import parse_header_links

from workers.forge_access.errors import ForgeError, RefusedError
from workers.forge_access.sending_hooks import SendingHook
from workers.forge_events.reading import Json, instant, items, mapping, text, whole
from workers.forges.github.session import open_github, refused
from workers.forges.transport import Transport
from workers.repair.deliveries import Attempt

PAGE = 100
NOT_AUTHENTICATED = 401
# Statuses for hooks that the token cannot administer; they are skipped.
CLOSED = {403, 404}
# GitHub has deleted the delivery, or will not resend it.
GONE = {404, 410, 422}
SUCCESSFUL = range(200, 300)

_GUID = re.compile(r"[0-9a-f-]{36}")
_NAME = re.compile(r"[A-Za-z0-9._-]+(/[A-Za-z0-9._-]+)?")


class GithubHooks:
    """Blocking; call it from a thread. Methods raise ForgeError; TryLaterError carries the time to retry."""

    def __init__(self, transport: Transport, url: str, auth: Auth.Auth) -> None:
        self._github = open_github(transport, url, auth)

    def find(self, webhook_path: str) -> list[SendingHook]:
        """Find the hooks of organizations and repositories that the token administers and that send to a path.

        Raises RefusedError 401 when the token is invalid.
        """
        found = []
        for owner in self._owners():
            try:
                for hook in self._pages(f"{owner}/hooks"):
                    number, url = whole(hook, "id"), text(mapping(hook, "config"), "url")
                    if number is not None and url and urlsplit(url).path.rstrip("/").endswith(webhook_path):
                        found.append(SendingHook(str(number), f"{owner}/hooks/{number}"))
            except RefusedError as error:
                if error.status not in CLOSED:
                    raise
        return found

    def attempts(self, place: SendingHook, since: datetime) -> list[Attempt]:
        """Return the hook's delivery attempts since an instant, newest first."""
        found = []
        for answer in self._pages(f"{place.path}/deliveries"):
            at, guid, number = instant(answer, "delivered_at"), text(answer, "guid"), whole(answer, "id")
            if at is None or number is None or guid is None or not _GUID.fullmatch(guid):
                continue
            if at < since:
                break
            code = whole(answer, "status_code") or 0
            reference = f"{place.hook}/{guid}"
            found.append(Attempt(reference, number, at, bool(answer.get("redelivery")), code in SUCCESSFUL))
        return found

    def redeliver(self, place: SendingHook, number: int) -> bool:
        """Request a redelivery; return False when GitHub refuses, for example because it is too old."""
        try:
            self._request("POST", f"{place.path}/deliveries/{number}/attempts", {})
        except RefusedError as error:
            if error.status not in GONE:
                raise
            return False
        return True

    def _owners(self) -> Iterator[str]:
        """Yield API paths of organizations, and of repositories that the token administers."""
        try:
            for answer in self._pages("/user/orgs"):
                if (name := text(answer, "login")) and _NAME.fullmatch(name):
                    yield f"/orgs/{name}"
        except RefusedError as error:
            if error.status == NOT_AUTHENTICATED:
                raise
        for answer in self._pages("/user/repos"):
            name = text(answer, "full_name")
            if name and _NAME.fullmatch(name) and mapping(answer, "permissions").get("admin"):
                yield f"/repos/{name}"

    def _pages(self, path: str) -> Iterator[Json]:
        """Yield every item of a list, following the links to the next page."""
        following: dict[str, str] = {}
        while True:
            headers, answer = self._request("GET", path, {"per_page": str(PAGE), **following})
            yield from items({"found": answer}, "found")
            link = next((each for each in parse_header_links(headers.get("link", "")) if each.get("rel") == "next"), {})
            query = parse_qs(urlsplit(link.get("url", "")).query)
            following = {name: query[name][0] for name in ("cursor", "page") if name in query}
            if not following:
                return

    def _request(self, method: str, path: str, parameters: dict[str, str]) -> tuple[Mapping[str, Any], Any]:
        try:
            return self._github.requester.requestJsonAndCheck(method, path, parameters=parameters)
        except GithubException as error:
            # The exception quotes the answer, which may contain names of people.
            raise refused(error) from None
        except RequestException:
            raise ForgeError("the server does not answer like GitHub") from None
