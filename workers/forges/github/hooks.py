"""Webhooks at GitHub: where those are that send to an address, what they tried to deliver, and asking for it again.

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

from workers.forge_events.reading import Json, instant, items, mapping, text, whole
from workers.forges.errors import ForgeError, RefusedError
from workers.forges.github.session import open_github
from workers.forges.sending_hooks import SendingHook
from workers.forges.transport import Line
from workers.repair.deliveries import Attempt

PAGE = 100
NOT_AUTHENTICATED = 401
# Hooks of what the token does not administer are as good as none.
CLOSED = {403, 404}
# GitHub has forgotten the delivery, or will not send it again.
GONE = {404, 410, 422}
SUCCESSFUL = range(200, 300)

_GUID = re.compile(r"[0-9a-f-]{36}")
_NAME = re.compile(r"[A-Za-z0-9._-]+(/[A-Za-z0-9._-]+)?")


class GithubHooks:
    """Blocking; call it from a thread. All methods raise ForgeError, of which TryLaterError says when to come back."""

    def __init__(self, line: Line, url: str, auth: Auth.Auth) -> None:
        self._github = open_github(line, url, auth)

    def find(self, webhook_path: str) -> list[SendingHook]:
        """The hooks of organizations and repositories, as far as the token administers them, that send to a path.

        Raises RefusedError 401 when the token is no longer good.
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
        """What the hook tried to deliver since an instant, newest first."""
        found = []
        for reported in self._pages(f"{place.path}/deliveries"):
            at, guid, number = instant(reported, "delivered_at"), text(reported, "guid"), whole(reported, "id")
            if at is None or number is None or guid is None or not _GUID.fullmatch(guid):
                continue
            if at < since:
                break
            code = whole(reported, "status_code") or 0
            reference = f"{place.hook}/{guid}"
            found.append(Attempt(reference, number, at, bool(reported.get("redelivery")), code in SUCCESSFUL))
        return found

    def ask_again(self, place: SendingHook, number: int) -> bool:
        """Have an attempt repeated; False when GitHub will not, because it is too old for instance."""
        try:
            self._ask("POST", f"{place.path}/deliveries/{number}/attempts", {})
        except RefusedError as error:
            if error.status not in GONE:
                raise
            return False
        return True

    def _owners(self) -> Iterator[str]:
        """Paths of what may have hooks: organizations, and repositories that the token administers."""
        try:
            for reported in self._pages("/user/orgs"):
                if (name := text(reported, "login")) and _NAME.fullmatch(name):
                    yield f"/orgs/{name}"
        except RefusedError as error:
            if error.status == NOT_AUTHENTICATED:
                raise
        for reported in self._pages("/user/repos"):
            name = text(reported, "full_name")
            if name and _NAME.fullmatch(name) and mapping(reported, "permissions").get("admin"):
                yield f"/repos/{name}"

    def _pages(self, path: str) -> Iterator[Json]:
        """Every item of a list, page by page, by the links that GitHub sends."""
        following: dict[str, str] = {}
        while True:
            headers, reported = self._ask("GET", path, {"per_page": str(PAGE), **following})
            yield from items({"found": reported}, "found")
            link = next((each for each in parse_header_links(headers.get("link", "")) if each.get("rel") == "next"), {})
            query = parse_qs(urlsplit(link.get("url", "")).query)
            following = {name: query[name][0] for name in ("cursor", "page") if name in query}
            if not following:
                return

    def _ask(self, method: str, path: str, parameters: dict[str, str]) -> tuple[Mapping[str, Any], Any]:
        try:
            return self._github.requester.requestJsonAndCheck(method, path, parameters=parameters)
        except GithubException as error:
            # The exception quotes the answer, which may quote people.
            raise RefusedError(error.status) from None
        except RequestException:
            raise ForgeError("the server does not answer like GitHub") from None
