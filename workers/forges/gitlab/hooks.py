"""GitLab webhooks of groups, projects and the instance, through python-gitlab.

https://docs.gitlab.com/api/project_webhooks/ and the same pages for groups and system hooks.
"""

from collections.abc import Mapping
from typing import Any, Self
from urllib.parse import quote

from schema.kinds import TestDelivery
from vocabulary.hooks import HookScope, wanted_hook
from workers.forge_access.errors import ForgeError, RateLimitedError, RefusedError
from workers.forge_access.hooks import COLLECTIONS, HookPlace, HookSecret
from workers.forge_access.listed import Listed
from workers.forge_events.reading import Json, text, whole
from workers.forges.gitlab.session import NOT_FOUND, call, open_gitlab
from workers.forges.transport import Transport

PAGE = 100
NOT_ALLOWED, UNPROCESSABLE = 405, 422
TRIGGER = "push_events"
# For an instance with more projects, request a backfill instead.
MAX_PAGES = 100


class NoGitlabError(ForgeError):
    """The server is not a GitLab."""


class NoSuchTargetError(ForgeError):
    """The token cannot access a group or project at that path."""

    @classmethod
    def answered(cls, refusal: RefusedError) -> Self:
        """Return the error for a refusal, with its answer."""
        error = cls()
        error.answer = refusal.answer
        return error


class GitlabHooks:
    """Blocking; call it from a thread. Methods raise ForgeError; TryLaterError carries the time to retry."""

    def __init__(self, transport: Transport, base_url: str, token: str) -> None:
        self._gitlab = open_gitlab(transport, base_url, token)

    def check_forge(self) -> None:
        """Check the server; raises NoGitlabError if it is not a GitLab, and RefusedError 401 or 403 for a bad token."""
        try:
            answer = call(lambda: self._gitlab.http_get("/version"))
        except RefusedError as error:
            if error.status != NOT_FOUND:
                raise
            raise NoGitlabError from None
        if not isinstance(answer, Mapping) or text(answer, "version") is None:
            raise NoGitlabError

    def find_place(self, scope: HookScope, path: str | None) -> HookPlace:
        """Return the group or project at a path; raises NoSuchTargetError."""
        if scope is HookScope.SYSTEM or path is None:
            return HookPlace(HookScope.SYSTEM, None)
        try:
            answer = call(lambda: self._gitlab.http_get(f"/{COLLECTIONS[scope]}/{quote(path, safe='')}"))
        except RefusedError as error:
            if error.status != NOT_FOUND:
                raise
            raise NoSuchTargetError.answered(error) from None
        number = whole(answer, "id") if isinstance(answer, Mapping) else None
        if number is None:
            raise NoSuchTargetError
        return HookPlace(scope, number)

    def hooks(self, place: HookPlace) -> list[Json]:
        """Return all hooks at a place."""
        return self._all(place.path, {})

    def create(self, place: HookPlace, webhook_url: str, secret: HookSecret) -> tuple[int, bool]:
        """Create the hook; return its number, and whether GitLab signs its deliveries."""
        wanted = wanted_hook(place.scope, webhook_url)
        number, is_signed = self._add(place, {**wanted, "signing_token": secret.text})
        if is_signed:
            return number, True
        try:
            self._set_token(place, number, webhook_url, secret)
        except RefusedError as error:
            if not _cannot_change(place, error):
                raise
            self.remove(place, number)
            number, _ = self._add(place, {**wanted, "token": secret.text})
        return number, False

    def update(self, place: HookPlace, number: int, webhook_url: str, secret: HookSecret) -> tuple[int, bool]:
        """Reset a hook to its intended settings, with the secret, which a changed URL clears; returns like `create`.

        Raises RefusedError 404 when the hook of a project or group is gone.
        """
        body = {
            **wanted_hook(place.scope, webhook_url),
            "signing_token": secret.text,
            "token": "",
            "custom_webhook_template": None,
        }
        try:
            answer = call(lambda: self._gitlab.http_put(f"{place.path}/{number}", post_data=body))
        except RefusedError as error:
            if not _cannot_change(place, error):
                raise
            self.remove(place, number)
            return self.create(place, webhook_url, secret)
        if isinstance(answer, Mapping) and answer.get("signing_token_present") is True:
            return number, True
        self._set_token(place, number, webhook_url, secret)
        return number, False

    def remove(self, place: HookPlace, number: int) -> None:
        """Delete a hook; succeeds if it is already gone."""
        try:
            call(lambda: self._gitlab.http_delete(f"{place.path}/{number}"))
        except RefusedError as error:
            if error.status != NOT_FOUND:
                raise

    def test(self, place: HookPlace, number: int) -> TestDelivery | None:
        """Request a test delivery; return None when it was sent, or is rate-limited at the moment."""
        path = f"{place.path}/{number}" + ("" if place.number is None else f"/test/{TRIGGER}")
        try:
            call(lambda: self._gitlab.http_post(path))
        except RateLimitedError:
            return None
        except RefusedError as error:
            # Older versions lack this request; an empty project has nothing to send.
            is_unknown = error.status in {NOT_FOUND, NOT_ALLOWED}
            return TestDelivery.NOT_OFFERED if is_unknown else TestDelivery.NOTHING_TO_SEND
        return None

    def refused_event(self, place: HookPlace, number: int) -> int:
        """Return the newest event of the last week that we answered with 401; 0 if none is known."""
        if place.number is None:
            return 0
        try:
            answer = self._list(f"{place.path}/{number}/events", {"status": 401}, size=1)
        except RefusedError:
            return 0
        return max((whole(each, "id") or 0 for each in answer), default=0)

    def projects(self, place: HookPlace) -> list[Listed]:
        """Return the projects that a hook covers, for a backfill."""
        if place.scope is HookScope.PROJECT:
            answer = call(lambda: self._gitlab.http_get(f"/projects/{place.number}"))
            found: list[Json] = [answer] if isinstance(answer, Mapping) else []
        else:
            source = "/projects" if place.number is None else f"/groups/{place.number}/projects"
            query = {"simple": True, "order_by": "id", "sort": "asc"}
            found = self._all(source, query if place.number is None else {**query, "include_subgroups": True})
        return [
            Listed(number, path)
            for each in found
            if (number := whole(each, "id")) and (path := text(each, "path_with_namespace"))
        ]

    def _add(self, place: HookPlace, body: dict[str, Any]) -> tuple[int, bool]:
        answer = call(lambda: self._gitlab.http_post(place.path, post_data=body))
        number = whole(answer, "id") if isinstance(answer, Mapping) else None
        if number is None or not isinstance(answer, Mapping):
            raise NoGitlabError
        return number, answer.get("signing_token_present") is True

    def _set_token(self, place: HookPlace, number: int, webhook_url: str, secret: HookSecret) -> None:
        """Set the older secret token, when GitLab ignored the signing token.

        Never set both: the older token is sent in plain text and would reveal the signing key.
        """
        body = {"url": webhook_url, "token": secret.text}
        call(lambda: self._gitlab.http_put(f"{place.path}/{number}", post_data=body))

    def _all(self, path: str, query: dict[str, Any]) -> list[Json]:
        found: list[Json] = []
        for page in range(1, MAX_PAGES + 1):
            answer = self._list(path, query, page=page)
            found += answer
            if len(answer) < PAGE:
                break
        return found

    def _list(self, path: str, query: dict[str, Any], page: int = 1, size: int = PAGE) -> list[Json]:
        answer = call(lambda: self._gitlab.http_list(path, query, page=page, per_page=size, get_all=False))
        return [each for each in answer if isinstance(each, Mapping)]


def _cannot_change(place: HookPlace, error: RefusedError) -> bool:
    """Return whether an older GitLab can create and delete system hooks, but not change them."""
    return place.scope is HookScope.SYSTEM and error.status in {NOT_FOUND, NOT_ALLOWED}
