"""GitLab's webhooks of groups, projects and the instance, through python-gitlab.

https://docs.gitlab.com/api/project_webhooks/ and its siblings for groups and system hooks.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from schema.hooks import HookScope, wanted_hook
from schema.kinds import TestDelivery
from workers.forge_events.reading import Json, text, whole
from workers.forges.errors import ForgeError, RateLimitedError, RefusedError
from workers.forges.gitlab.session import NOT_FOUND, asked, open_gitlab
from workers.forges.listed import Listed
from workers.forges.transport import Line

PAGE = 100
NOT_ALLOWED, UNPROCESSABLE = 405, 422
TRIGGER = "push_events"
# An instance of more projects is fetched by asking for a backfill.
MOST_PAGES = 100

_COLLECTION = {HookScope.GROUP: "groups", HookScope.PROJECT: "projects"}


class NoGitlabError(ForgeError):
    """Something answers, and it is no GitLab."""


class NoSuchTargetError(ForgeError):
    """The token reaches no group or project of that path."""


@dataclass(frozen=True, slots=True)
class HookPlace:
    """Where a hook is: of a group or project by the forge's number, or of the instance."""

    scope: HookScope
    number: int | None

    @property
    def path(self) -> str:
        """Of its hooks in the API."""
        return "/hooks" if self.number is None else f"/{_COLLECTION[self.scope]}/{self.number}/hooks"


@dataclass(frozen=True, slots=True)
class HookSecret:
    """What deliveries are verified by; it shows in no traceback."""

    text: str = field(repr=False)


class GitlabHooks:
    """Blocking; call it from a thread. All methods raise ForgeError, of which TryLaterError says when to come back."""

    def __init__(self, line: Line, base_url: str, token: str) -> None:
        self._gitlab = open_gitlab(line, base_url, token)

    def check_forge(self) -> None:
        """Raises NoGitlabError where no GitLab answers, and RefusedError 401 or 403 for a token that it refuses."""
        try:
            reported = asked(lambda: self._gitlab.http_get("/version"))
        except RefusedError as error:
            if error.status != NOT_FOUND:
                raise
            raise NoGitlabError from None
        if not isinstance(reported, Mapping) or text(reported, "version") is None:
            raise NoGitlabError

    def find_place(self, scope: HookScope, path: str | None) -> HookPlace:
        """The group or project of a path; raises NoSuchTargetError."""
        if scope is HookScope.SYSTEM or path is None:
            return HookPlace(HookScope.SYSTEM, None)
        try:
            reported = asked(lambda: self._gitlab.http_get(f"/{_COLLECTION[scope]}/{quote(path, safe='')}"))
        except RefusedError as error:
            if error.status != NOT_FOUND:
                raise
            raise NoSuchTargetError from None
        number = whole(reported, "id") if isinstance(reported, Mapping) else None
        if number is None:
            raise NoSuchTargetError
        return HookPlace(scope, number)

    def hooks(self, place: HookPlace) -> list[Json]:
        """All hooks there."""
        return self._all(place.path, {})

    def make(self, place: HookPlace, webhook_url: str, secret: HookSecret) -> tuple[int, bool]:
        """Make the hook; its number, and whether GitLab signs its deliveries."""
        wanted = wanted_hook(place.scope, webhook_url)
        number, is_signed = self._add(place, {**wanted, "signing_token": secret.text})
        if is_signed:
            return number, True
        try:
            self._give_token(place, number, webhook_url, secret)
        except RefusedError as error:
            if not _cannot_change(place, error):
                raise
            self.remove(place, number)
            number, _ = self._add(place, {**wanted, "token": secret.text})
        return number, False

    def mend(self, place: HookPlace, number: int, webhook_url: str, secret: HookSecret) -> tuple[int, bool]:
        """Let a hook be as it should, secret included, since another URL loses it; as `make`.

        Raises RefusedError 404 when the hook of a project or group is gone.
        """
        body = {
            **wanted_hook(place.scope, webhook_url),
            "signing_token": secret.text,
            "token": "",
            "custom_webhook_template": None,
        }
        try:
            reported = asked(lambda: self._gitlab.http_put(f"{place.path}/{number}", post_data=body))
        except RefusedError as error:
            if not _cannot_change(place, error):
                raise
            self.remove(place, number)
            return self.make(place, webhook_url, secret)
        if isinstance(reported, Mapping) and reported.get("signing_token_present") is True:
            return number, True
        self._give_token(place, number, webhook_url, secret)
        return number, False

    def remove(self, place: HookPlace, number: int) -> None:
        """Delete a hook; succeeds if it is already gone."""
        try:
            asked(lambda: self._gitlab.http_delete(f"{place.path}/{number}"))
        except RefusedError as error:
            if error.status != NOT_FOUND:
                raise

    def test(self, place: HookPlace, number: int) -> TestDelivery | None:
        """Ask for a delivery; None when one was sent, or may not be asked for just now."""
        path = f"{place.path}/{number}" + ("" if place.number is None else f"/test/{TRIGGER}")
        try:
            asked(lambda: self._gitlab.http_post(path))
        except RateLimitedError:
            return None
        except RefusedError as error:
            # Older GitLabs know no such request; one of an empty project has nothing to send.
            is_unknown = error.status in {NOT_FOUND, NOT_ALLOWED}
            return TestDelivery.NOT_OFFERED if is_unknown else TestDelivery.NOTHING_TO_SEND
        return None

    def refused_event(self, place: HookPlace, number: int) -> int:
        """The newest delivery of the last week that we answered with 401; 0 when none is known of."""
        if place.number is None:
            return 0
        try:
            reported = self._list(f"{place.path}/{number}/events", {"status": 401}, size=1)
        except RefusedError:
            return 0
        return max((whole(each, "id") or 0 for each in reported), default=0)

    def projects(self, place: HookPlace) -> list[Listed]:
        """The projects that a hook hears of, for a backfill."""
        if place.scope is HookScope.PROJECT:
            reported = asked(lambda: self._gitlab.http_get(f"/projects/{place.number}"))
            found: list[Json] = [reported] if isinstance(reported, Mapping) else []
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
        reported = asked(lambda: self._gitlab.http_post(place.path, post_data=body))
        number = whole(reported, "id") if isinstance(reported, Mapping) else None
        if number is None or not isinstance(reported, Mapping):
            raise NoGitlabError
        return number, reported.get("signing_token_present") is True

    def _give_token(self, place: HookPlace, number: int, webhook_url: str, secret: HookSecret) -> None:
        """The older secret token, where the signing token was ignored.

        Never both: the older one is sent as it is, and would tell the key that others are signed with.
        """
        body = {"url": webhook_url, "token": secret.text}
        asked(lambda: self._gitlab.http_put(f"{place.path}/{number}", post_data=body))

    def _all(self, path: str, query: dict[str, Any]) -> list[Json]:
        found: list[Json] = []
        for page in range(1, MOST_PAGES + 1):
            reported = self._list(path, query, page=page)
            found += reported
            if len(reported) < PAGE:
                break
        return found

    def _list(self, path: str, query: dict[str, Any], page: int = 1, size: int = PAGE) -> list[Json]:
        reported = asked(lambda: self._gitlab.http_list(path, query, page=page, per_page=size, get_all=False))
        return [each for each in reported if isinstance(each, Mapping)]


def _cannot_change(place: HookPlace, error: RefusedError) -> bool:
    """Whether an older GitLab makes and deletes hooks of the instance, and changes none."""
    return place.scope is HookScope.SYSTEM and error.status in {NOT_FOUND, NOT_ALLOWED}
