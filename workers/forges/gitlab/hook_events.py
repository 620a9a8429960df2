"""What webhooks of GitLab's projects and groups could not deliver, and sending it again, through python-gitlab.

Events are listed since GitLab 17.3 and sent again since 17.4, under the idempotency key of their first attempt; hooks
of a whole instance have no list. An event tells no time, and bears what was sent, which is read past.
https://docs.gitlab.com/api/project_webhooks/ and its sibling for groups.
"""

import re
from collections.abc import Iterator, Mapping
from enum import StrEnum
from itertools import islice
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from schema.failures import Failure
from workers.forge_events.reading import Json, mapping, text, whole
from workers.forges.errors import ForgeError, RefusedError
from workers.forges.gitlab.hook_drift import is_switched_off
from workers.forges.gitlab.session import NOT_FOUND, asked, open_gitlab
from workers.forges.sending_hooks import SendingHook
from workers.forges.transport import Line

# GitLab gives no more of them a page, since they bear bodies; of other lists it gives a hundred.
EVENTS = 20
PAGE = 100
# An instance of more is asked hook by hook, by registering them.
MOST_PAGES = 50
# Of what failed more often, the older part is left to the lists of merge requests, tags and releases.
MOST_EVENT_PAGES = 250

FAILED = "client_failure,server_failure"
NOT_ALLOWED, UNPROCESSABLE = 405, 422
CLOSED = {403, NOT_FOUND}
SUCCESSFUL = range(200, 300)
MAINTAINER, OWNER = 40, 50

# What was too large for GitLab's own queue is listed without its body, and would be sent again without it.
OVERSIZE = "oversize"

# What is understood here; a hook made by hand may send more, which would use up the limit.
_TRIGGERS = re.compile("(push|tag_push|merge_request|note|pipeline|release|deployment)_hooks")
_KEY = re.compile(r"[A-Za-z0-9._:-]{1,200}")


class EventsNotOfferedError(ForgeError):
    """This GitLab lists no deliveries of this hook."""

    failure = Failure.DELIVERIES_NOT_OFFERED


class HookSwitchedOffError(ForgeError):
    """GitLab stopped calling the hook, and a test shows that it still cannot deliver."""

    failure = Failure.HOOK_SWITCHED_OFF


class FailedEvent(NamedTuple):
    """One attempt that failed: its number at the forge, and what all attempts of the delivery bear."""

    number: int
    key: str


class Resent(StrEnum):
    """What became of asking for an event again."""

    ARRIVED = "arrived"
    FAILED = "failed"
    GONE = "gone"


class GitlabHookEvents:
    """Blocking; call it from a thread. All methods raise ForgeError, of which TryLaterError says when to come back."""

    def __init__(self, line: Line, base_url: str, token: str) -> None:
        self._gitlab = open_gitlab(line, base_url, token)

    def find(self, webhook_path: str) -> list[SendingHook]:
        """Hooks of groups and projects, as far as the token administers them, that send to a path."""
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

    def is_called(self, hook: SendingHook) -> bool:
        """Whether GitLab calls the hook; raises RefusedError 404 when it is gone, or closed to the token."""
        reported = asked(lambda: self._gitlab.http_get(hook.path))
        return isinstance(reported, Mapping) and not is_switched_off(reported)

    def switch_on(self, hook: SendingHook) -> bool:
        """Ask for a test delivery, which lets GitLab call the hook again when it arrives; whether it does."""
        try:
            asked(lambda: self._gitlab.http_post(f"{hook.path}/test/push_events"))
        except RefusedError as error:
            if error.status not in {NOT_FOUND, NOT_ALLOWED, UNPROCESSABLE}:
                raise
            return False
        return self.is_called(hook)

    def failed(self, hook: SendingHook, after: int) -> tuple[list[FailedEvent], int]:
        """Attempts of the last seven days that failed, beyond a number, and the newest number seen.

        Raises EventsNotOfferedError where GitLab has no such list, and RefusedError 404 when the hook is gone.
        """
        found: list[FailedEvent] = []
        newest = after
        for reported in islice(self._failed_pages(hook), MOST_EVENT_PAGES):
            numbers = [number for each in reported if (number := whole(each, "id"))]
            found += [event for each in reported if (event := _read(each)) and event.number > after]
            newest = max([newest, *numbers])
            # They are listed by time, which is that of their numbers but for a few moments.
            if all(number <= after for number in numbers):
                break
        return found, newest

    def send_again(self, hook: SendingHook, number: int) -> Resent:
        """Have an attempt repeated; GitLab waits for what is answered."""
        try:
            reported = asked(lambda: self._gitlab.http_post(f"{hook.path}/events/{number}/resend"))
        except RefusedError as error:
            if error.status == NOT_FOUND:
                return Resent.GONE
            if error.status == UNPROCESSABLE:
                return Resent.FAILED
            raise
        status = whole(reported, "response_status") if isinstance(reported, Mapping) else None
        return Resent.ARRIVED if status in SUCCESSFUL else Resent.FAILED

    def _owners(self) -> Iterator[str]:
        """Paths of what may have hooks that the token administers: groups, and projects."""
        for collection, level in (("groups", OWNER), ("projects", MAINTAINER)):
            query = {"min_access_level": level, "order_by": "id", "sort": "asc"}
            if collection == "projects":
                query |= {"membership": True, "simple": True}
            for reported in self._all(f"/{collection}", query):
                if (number := whole(reported, "id")) is not None:
                    yield f"/{collection}/{number}"

    def _failed_pages(self, hook: SendingHook) -> Iterator[list[Json]]:
        number = 1
        while True:
            try:
                reported = self._list(f"{hook.path}/events", {"status": FAILED}, number, EVENTS)
            except RefusedError as error:
                if error.status not in {NOT_FOUND, NOT_ALLOWED}:
                    raise
                # One that is gone is refused here.
                self.is_called(hook)
                raise EventsNotOfferedError from None
            yield reported
            if len(reported) < EVENTS:
                return
            number += 1

    def _all(self, path: str, query: dict[str, Any]) -> Iterator[Json]:
        for number in range(1, MOST_PAGES + 1):
            reported = self._list(path, query, number, PAGE)
            yield from reported
            if len(reported) < PAGE:
                return

    def _list(self, path: str, query: dict[str, Any], page: int, size: int) -> list[Json]:
        reported = asked(lambda: self._gitlab.http_list(path, query, page=page, per_page=size, get_all=False))
        return [each for each in reported if isinstance(each, Mapping)]


def _read(reported: Json) -> FailedEvent | None:
    """An event that can be sent again and is of use then."""
    headers = {name.lower(): value for name, value in mapping(reported, "request_headers").items()}
    # By whichever of both the delivery is known here.
    key = text(headers, "webhook-id") or text(headers, "idempotency-key")
    number, trigger = whole(reported, "id"), text(reported, "trigger")
    if (
        number is None
        or key is None
        or not _KEY.fullmatch(key)
        or mapping(reported, "request_data").get(OVERSIZE) is True
    ):
        return None
    return FailedEvent(number, key) if trigger is None or _TRIGGERS.fullmatch(trigger) else None
