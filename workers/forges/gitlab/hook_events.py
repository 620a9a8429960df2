"""Failed events of GitLab project and group webhooks, and resending them, through python-gitlab.

GitLab lists events since 17.3 and resends them since 17.4, with the idempotency key of the first attempt. System hooks
have no list. An event has no time, and it contains the request, which is not read.
https://docs.gitlab.com/api/project_webhooks/ and the same page for groups.
"""

import re
from collections.abc import Iterator, Mapping
from enum import StrEnum
from itertools import islice
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from schema.failures import Failure
from workers.forge_access.errors import ForgeError, RefusedError
from workers.forge_access.sending_hooks import SendingHook
from workers.forge_events.reading import Json, mapping, text, whole
from workers.forges.gitlab.hook_drift import is_switched_off
from workers.forges.gitlab.session import NOT_FOUND, call, open_gitlab
from workers.forges.transport import Transport

# GitLab's page limit for events, which contain bodies; other lists return a hundred.
EVENTS = 20
PAGE = 100
# On a larger instance, register hooks instead of looking for those created by hand.
MAX_PAGES = 50
# Older failures beyond this are left to the lists of merge requests, tags and releases.
MAX_EVENT_PAGES = 250

FAILED = "client_failure,server_failure"
NOT_ALLOWED, UNPROCESSABLE = 405, 422
CLOSED = {403, NOT_FOUND}
SUCCESSFUL = range(200, 300)
MAINTAINER, OWNER = 40, 50

# An event too large for GitLab's queue is listed without its body and would be resent without it.
OVERSIZE = "oversize"

# Events that Shipledger reads. A hook created by hand may send others, which would use up the rate limit.
_TRIGGERS = re.compile("(push|tag_push|merge_request|note|pipeline|release|deployment)_hooks")
_KEY = re.compile(r"[A-Za-z0-9._:-]{1,200}")


class EventsNotOfferedError(ForgeError):
    """This GitLab does not list the deliveries of this hook."""

    failure = Failure.DELIVERIES_NOT_OFFERED


class HookSwitchedOffError(ForgeError):
    """GitLab disabled the hook, and a test shows that it still cannot deliver."""

    failure = Failure.HOOK_SWITCHED_OFF


class FailedEvent(NamedTuple):
    """A failed attempt: its number at the forge, and the key shared by all attempts of the delivery."""

    number: int
    key: str


class ResendOutcome(StrEnum):
    """The outcome of a resend request."""

    ARRIVED = "arrived"
    FAILED = "failed"
    GONE = "gone"


class GitlabHookEvents:
    """Blocking; call it from a thread. Methods raise ForgeError; TryLaterError carries the time to retry."""

    def __init__(self, transport: Transport, base_url: str, token: str) -> None:
        self._gitlab = open_gitlab(transport, base_url, token)

    def find(self, webhook_path: str) -> list[SendingHook]:
        """Find the hooks of groups and projects that the token administers and that send to a path."""
        found = []
        for owner in self._owners():
            try:
                for hook in self._all(f"{owner}/hooks", {}):
                    number, url = whole(hook, "id"), text(hook, "url")
                    if number is not None and url and urlsplit(url).path.rstrip("/").endswith(webhook_path):
                        found.append(SendingHook(str(number), f"{owner}/hooks/{number}"))
            except RefusedError as error:
                if error.status not in CLOSED:
                    raise
        return found

    def is_enabled(self, hook: SendingHook) -> bool:
        """Return whether the hook is enabled; raises RefusedError 404 when it is gone or the token cannot access it."""
        answer = call(lambda: self._gitlab.http_get(hook.path))
        return isinstance(answer, Mapping) and not is_switched_off(answer)

    def enable(self, hook: SendingHook) -> bool:
        """Request a test delivery, which re-enables the hook when it arrives; return whether it did."""
        try:
            call(lambda: self._gitlab.http_post(f"{hook.path}/test/push_events"))
        except RefusedError as error:
            if error.status not in {NOT_FOUND, NOT_ALLOWED, UNPROCESSABLE}:
                raise
            return False
        return self.is_enabled(hook)

    def failed(self, hook: SendingHook, after: int) -> tuple[list[FailedEvent], int]:
        """Return failed attempts of the last seven days after number `after`, and the newest number seen.

        Raises EventsNotOfferedError where GitLab has no such list, and RefusedError 404 when the hook is gone.
        """
        found: list[FailedEvent] = []
        newest = after
        for answer in islice(self._failed_pages(hook), MAX_EVENT_PAGES):
            numbers = [number for each in answer if (number := whole(each, "id"))]
            found += [event for each in answer if (event := _read(each)) and event.number > after]
            newest = max([newest, *numbers])
            # Listed by time, which is the order of numbers up to a few moments.
            if all(number <= after for number in numbers):
                break
        return found, newest

    def resend(self, hook: SendingHook, number: int) -> ResendOutcome:
        """Resend an attempt; GitLab waits for the response."""
        try:
            answer = call(lambda: self._gitlab.http_post(f"{hook.path}/events/{number}/resend"))
        except RefusedError as error:
            if error.status == NOT_FOUND:
                return ResendOutcome.GONE
            if error.status == UNPROCESSABLE:
                return ResendOutcome.FAILED
            raise
        status = whole(answer, "response_status") if isinstance(answer, Mapping) else None
        return ResendOutcome.ARRIVED if status in SUCCESSFUL else ResendOutcome.FAILED

    def _owners(self) -> Iterator[str]:
        """Yield API paths of groups and projects that the token administers."""
        for collection, level in (("groups", OWNER), ("projects", MAINTAINER)):
            query = {"min_access_level": level, "order_by": "id", "sort": "asc"}
            if collection == "projects":
                query |= {"membership": True, "simple": True}
            for answer in self._all(f"/{collection}", query):
                if (number := whole(answer, "id")) is not None:
                    yield f"/{collection}/{number}"

    def _failed_pages(self, hook: SendingHook) -> Iterator[list[Json]]:
        number = 1
        while True:
            try:
                answer = self._list(f"{hook.path}/events", {"status": FAILED}, number, EVENTS)
            except RefusedError as error:
                if error.status not in {NOT_FOUND, NOT_ALLOWED}:
                    raise
                # Raises if the hook itself is gone.
                self.is_enabled(hook)
                raise EventsNotOfferedError from None
            yield answer
            if len(answer) < EVENTS:
                return
            number += 1

    def _all(self, path: str, query: dict[str, Any]) -> Iterator[Json]:
        for number in range(1, MAX_PAGES + 1):
            answer = self._list(path, query, number, PAGE)
            yield from answer
            if len(answer) < PAGE:
                return

    def _list(self, path: str, query: dict[str, Any], page: int, size: int) -> list[Json]:
        answer = call(lambda: self._gitlab.http_list(path, query, page=page, per_page=size, get_all=False))
        return [each for each in answer if isinstance(each, Mapping)]


def _read(answer: Json) -> FailedEvent | None:
    """Return an event that can be resent usefully."""
    headers = {name.lower(): value for name, value in mapping(answer, "request_headers").items()}
    # Either may be the delivery's deduplication key.
    key = text(headers, "webhook-id") or text(headers, "idempotency-key")
    number, trigger = whole(answer, "id"), text(answer, "trigger")
    if (
        number is None
        or key is None
        or not _KEY.fullmatch(key)
        or mapping(answer, "request_data").get(OVERSIZE) is True
    ):
        return None
    return FailedEvent(number, key) if trigger is None or _TRIGGERS.fullmatch(trigger) else None
