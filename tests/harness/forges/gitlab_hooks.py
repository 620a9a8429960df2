"""Webhooks of a fake GitLab, for projects, groups and the instance: its API, and what they send."""

import base64
import json
import re
import threading
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx
from litestar import Response

from tests.harness.bodies import Delivery
from tests.harness.forges import gitlab_state as state
from tests.harness.forges.clock import QuickClock
from tests.harness.forges.github_state import Repository
from tests.harness.forges.gitlab_hook_events import ACCEPTED, Event, listed
from tests.harness.forges.limits import Budget
from tests.harness.webhooks import signing_token_headers

PATIENCE_SECONDS = 10.0
# A hook's flags for events; the instance's hook has fewer.
SYSTEM_EVENTS = ("merge_requests_events", "push_events", "repository_update_events", "tag_push_events")
EVENTS = (
    *("confidential_note_events", "deployment_events", "issues_events", "job_events", "merge_requests_events"),
    *("note_events", "pipeline_events", "push_events", "releases_events", "tag_push_events", "wiki_page_events"),
)
_SWITCH = {
    "deployment": "deployment_events",
    "merge_request": "merge_requests_events",
    "note": "note_events",
    "pipeline": "pipeline_events",
    "push": "push_events",
    "release": "releases_events",
    "tag_push": "tag_push_events",
}
_HEADER = {"merge_request": "Merge Request Hook", "push": "Push Hook", "tag_push": "Tag Push Hook"}
_PLACE = re.compile(r"(?:/(groups|projects)/(\d+))?/hooks(?:/(\d+))?(/events|/events/(\d+)/resend|/test/push_events)?")


@dataclass
class Hook:
    """A hook's settings and attempts. The API shows only whether there is a secret."""

    number: int
    is_system: bool
    knows_signing: bool
    settings: dict[str, Any] = field(default_factory=dict)
    token: str = ""
    signing_token: str = ""
    failures: int = 0
    sent: list[Event] = field(default_factory=list)
    is_cut_off: bool = False
    gives_up: bool = True
    client: httpx.Client | None = None
    _listing: threading.Lock = field(default_factory=threading.Lock)

    def change(self, reported: Mapping[str, Any]) -> None:
        if "url" in reported and reported["url"] != self.settings.get("url"):
            self.token = ""
        self.token = str(reported.get("token", self.token) or "")
        if self.knows_signing:
            self.signing_token = str(reported.get("signing_token", self.signing_token) or "")
        known = {*(SYSTEM_EVENTS if self.is_system else EVENTS), "url", "enable_ssl_verification"}
        known |= {"push_events_branch_filter", "custom_webhook_template"}
        self.settings |= {name: value for name, value in reported.items() if name in known}

    def shown(self) -> dict[str, Any]:
        switches = {name: name == "push_events" for name in (SYSTEM_EVENTS if self.is_system else EVENTS)}
        presence = {"token_present": bool(self.token), "signing_token_present": bool(self.signing_token)}
        return {
            "id": self.number,
            "enable_ssl_verification": False,
            "push_events_branch_filter": None,
            "created_at": "2026-01-01T00:00:00Z",
            "alert_status": self.alert_status,
            **switches,
            **self.settings,
            **(presence if self.knows_signing else {}),
        }

    def send(self, delivery: Delivery, event_uuid: str, key: str | None = None, *, is_lost: bool = False) -> int:
        """Try to deliver, with `key` to resend; return the status, or 0 without an answer."""
        identifier = key or str(uuid.uuid4())
        status = 0 if self.is_cut_off or is_lost else self._post(delivery, event_uuid, identifier)
        with self._listing:
            self.sent.append(Event(len(self.sent) + 1, delivery, status, identifier, self.settings["url"]))
            if status in ACCEPTED:
                self.failures = 0
            elif self.alert_status == "executable":
                self.failures += 1
        return status

    def send_again(self, event: Event) -> Response[Any]:
        """Resend as GitLab does: not while the hook is disabled, not to another URL, and waiting for the answer."""
        if self.alert_status != "executable":
            return Response({"message": "Hook disabled"}, status_code=422)
        if event.url != self.settings["url"]:
            return Response({"message": "The hook URL has changed"}, status_code=422)
        status = self.send(event.delivery, str(uuid.uuid4()), event.key)
        if status == 0:
            return Response({"message": "execution expired"}, status_code=422)
        return Response({"response_status": status}, status_code=201)

    def _post(self, delivery: Delivery, event_uuid: str, identifier: str) -> int:
        body = json.dumps(delivery.payload).encode()
        header = "System Hook" if self.is_system else _HEADER.get(delivery.event, f"{delivery.event.title()} Hook")
        headers = {
            "X-Gitlab-Event": header,
            "X-Gitlab-Event-UUID": event_uuid,
            "X-Gitlab-Webhook-UUID": str(uuid.uuid4()),
            "Idempotency-Key": identifier,
            "Content-Type": "application/json",
        }
        if self.token:
            headers["X-Gitlab-Token"] = self.token
        if self.signing_token:
            key = base64.b64decode(self.signing_token.removeprefix("whsec_"))
            headers |= signing_token_headers(key, body, identifier)
        post = httpx.post if self.client is None else self.client.post
        try:
            return post(self.settings["url"], content=body, headers=headers, timeout=PATIENCE_SECONDS).status_code
        except httpx.TransportError:
            return 0

    @property
    def alert_status(self) -> str:
        """Return the status: GitLab disables a hook after four failures in a row, and permanently after forty."""
        if not self.gives_up:
            return "executable"
        return "disabled" if self.failures >= 40 else "temporarily_disabled" if self.failures >= 4 else "executable"


@dataclass
class FakeHooks:
    """All hooks of one GitLab. Older versions have no signing token; tests may remove rights at any time."""

    knows_signing: bool = True
    offers_tests: bool = True
    changes_system_hooks: bool = True
    is_premium: bool = True
    is_maintainer: bool = True
    is_administrator: bool = True
    offers_events: bool = True
    resends_a_minute: int = 5
    refused_resends: int = 0
    limits: dict[str, Budget] = field(default_factory=dict)
    clock: QuickClock = field(default_factory=QuickClock)
    hooks: dict[str, dict[int, Hook]] = field(default_factory=dict)
    groups: dict[str, int] = field(default_factory=dict)

    def at(self, place: str) -> list[Hook]:
        """Return the hooks of `project octo/shop`, `group octo` or `system`."""
        return list(self.hooks.get(place, {}).values())

    def fire(self, of: Repository, delivery: Delivery) -> list[int]:
        """Send a project's event with every hook that covers it; return the statuses."""
        event_uuid, switch = str(uuid.uuid4()), _SWITCH[delivery.event]
        heard = [hook for place in self._places(of) for hook in self.at(place)]
        called = [hook for hook in heard if hook.shown().get(switch) and hook.alert_status == "executable"]
        return [hook.send(delivery, event_uuid) for hook in called]

    def answer(
        self, method: str, rest: str, query: Mapping[str, Any], body: Any, repositories: Mapping[str, Repository]
    ) -> Response[Any] | None:
        """Return the API's response; None if the request is not about hooks."""
        if (match := _PLACE.fullmatch(rest)) is None:
            return None
        kind, number, hook_number, more, event_number = match.groups()
        place = self._name(kind, number, repositories)
        if (refused := self._refuse(kind, place)) is not None or place is None:
            return refused
        known = self.hooks.setdefault(place, {})
        if hook_number is None:
            return self._collection(method, known, body, is_system=kind is None)
        hook = known.get(int(hook_number))
        if hook is None:
            return Response({"message": "404 Not found CANARY"}, status_code=404)
        if more is not None and more.startswith("/events"):
            return self._events(place, hook, query, event_number)
        return self._one(method, known, hook, body, list(self._connection_facts(place, repositories)))

    def _events(self, place: str, hook: Hook, query: Mapping[str, str], number: str | None) -> Response[Any]:
        """Return a hook's events, or resend one, with a limit per project or group; instance hooks have no events."""
        if hook.is_system or not self.offers_events:
            return Response({"error": "404 Not Found"}, status_code=404)
        if number is None:
            return listed(hook.sent, query)
        limit = self.limits.setdefault(place, Budget(self.clock, 10**9, self.resends_a_minute or 10**9))
        if limit.spend(1) is not None:
            self.refused_resends += 1
            reported = {"message": {"error": "This endpoint has been requested too many times. Try again later."}}
            return Response(reported, status_code=429, headers={"retry-after": "60"})
        if not 1 <= int(number) <= len(hook.sent):
            return Response({"message": "404 Not found CANARY"}, status_code=404)
        return hook.send_again(hook.sent[int(number) - 1])

    def group_number(self, path: str) -> int:
        return self.groups.setdefault(path, 9000 + len(self.groups))

    def _places(self, of: Repository) -> Iterator[str]:
        yield f"project {of.path}"
        parts = of.path.split("/")
        yield from (f"group {'/'.join(parts[:count])}" for count in range(1, len(parts)))
        yield "system"

    def _connection_facts(self, place: str, repositories: Mapping[str, Repository]) -> Iterator[Repository]:
        yield from (each for each in repositories.values() if place in self._places(each))

    def _name(self, kind: str | None, number: str | None, repositories: Mapping[str, Repository]) -> str | None:
        if kind is None or number is None:
            return "system"
        if kind == "groups":
            return next((f"group {path}" for path, known in self.groups.items() if known == int(number)), None)
        return next((f"project {each.path}" for each in repositories.values() if each.number == int(number)), None)

    def _refuse(self, kind: str | None, place: str | None) -> Response[Any] | None:
        if place is None or (kind == "groups" and not self.is_premium):
            return Response({"message": "404 Not found CANARY"}, status_code=404)
        if not (self.is_administrator if kind is None else self.is_maintainer):
            return Response({"message": "403 Forbidden CANARY"}, status_code=403)
        return None

    def _collection(self, method: str, known: dict[int, Hook], body: Any, *, is_system: bool) -> Response[Any]:
        if method == "GET":
            return Response([each.shown() for each in known.values()])
        number = 1 + max((each for hooks in self.hooks.values() for each in hooks), default=0)
        hook = known[number] = Hook(number, is_system, self.knows_signing)
        hook.change(body)
        return Response(hook.shown(), status_code=201)

    def _one(
        self,
        method: str,
        known: dict[int, Hook],
        hook: Hook,
        body: Any,
        heard: list[Repository],
    ) -> Response[Any]:
        if method == "DELETE":
            del known[hook.number]
            return Response(None, status_code=204)
        if method == "PUT" and hook.is_system and not self.changes_system_hooks:
            return Response({"error": "405 Not Allowed"}, status_code=405)
        if method == "PUT":
            hook.change(body)
        elif method == "POST":
            return self._test(hook, heard)
        return Response(hook.shown(), status_code=200)

    def _test(self, hook: Hook, heard: list[Repository]) -> Response[Any]:
        if hook.is_system:
            payload = {"event_name": "project_create", "name": "CANARY", "path": "CANARY", "project_id": 1}
            hook.send(Delivery("project_create", payload), str(uuid.uuid4()))
            return Response(payload, status_code=201)
        if not self.offers_tests:
            return Response({"error": "404 Not Found"}, status_code=404)
        if not any(each.pull_requests for each in heard):
            return Response({"message": "Ensure the project has at least one commit. CANARY"}, status_code=422)
        hook.send(state.push(heard[0]), str(uuid.uuid4()))
        return Response({"message": "201 Created"}, status_code=201)
