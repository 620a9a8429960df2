"""A fake GitHub and GitLab that send webhooks, list failed deliveries, and redeliver on request.

They are the fakes of the tests. Rate limits are off, as an administrator may set them, because real ones would make a
soak take hours. GitLab does not disable its hook: deliveries that it does not even try can only be found by comparing
lists. Lists are empty here, so that everything that is recovered is a failed delivery.
"""

import json
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

import httpx

from service.webhooks.envelopes import github_key
from tests.benchmarks.soak.events import GROUP, Event, Sent
from tests.harness.forges import github, gitlab
from tests.harness.forges.clock import QuickClock
from tests.harness.forges.github_hooks import Hook as GithubHook
from tests.harness.forges.github_state import Repository
from tests.harness.forges.gitlab_hooks import Hook as GitlabHook
from tests.harness.shipledger_up import Up

AT_ONCE = 16
# Pause of a sender without a response, as long as a failing connection takes on a network.
FAILED_SECONDS = 0.1
UNLIMITED = 10**9
ACCEPTED = range(200, 300)
ORGANIZATION = "octo"

# Settings of an operator with such limits.
ENVIRONMENT = {"SHIPLEDGER_ALLOW_PRIVATE_HOSTS": "true", "SHIPLEDGER_GITLAB_RESENDS_A_MINUTE": "0"}


class Forges:
    """Two connections and their hooks; `tried` and `failed` count attempts."""

    def __init__(self, github_url: str, gitlab_url: str, fakes: tuple[github.FakeGithub, gitlab.FakeGitlab]) -> None:
        self.urls = {"github": github_url, "gitlab": gitlab_url}
        self.tokens = {"github": github.TOKEN, "gitlab": gitlab.TOKEN}
        self.connections: dict[str, dict[str, Any]] = {}
        self.tried = self.failed = 0
        self._fakes = fakes
        self._client = httpx.Client(trust_env=False, limits=httpx.Limits(max_connections=None))
        self._counting = threading.Lock()

    def connect(self, stack: Up) -> None:
        """Create connections by hand, without a token, and their hooks at an organization and a group."""
        for forge, url in self.urls.items():
            body = {"forge": forge, "base_url": url}
            self.connections[forge] = _ask(stack, "POST", "connections", body).json()
        at_github, at_gitlab = self._fakes
        made = self.connections["github"]
        self.github = GithubHook(1, made["webhook_url"], made["secret"], at_github.clock, owner=f"orgs/{ORGANIZATION}")
        self.github.client = self._client
        at_github.hooks[1] = self.github
        made = self.connections["gitlab"]
        self.gitlab = GitlabHook(2, is_system=False, knows_signing=True, gives_up=False, client=self._client)
        self.gitlab.change({"url": made["webhook_url"], "token": made["secret"]})
        at_gitlab.hooks.hooks[f"group {GROUP}"] = {2: self.gitlab}
        at_gitlab.hooks.resends_a_minute = 0

    def give_tokens(self, stack: Up) -> None:
        """Set the connections' tokens, so that workers can use the forges' APIs."""
        for forge, made in self.connections.items():
            _ask(stack, "PUT", f"connections/{made['id']}/token", {"token": self.tokens[forge]})

    def send_all(self, attempts: Sequence[Sent]) -> None:
        """Try each attempt once, several at a time, started in this order."""
        waiting = iter(attempts)

        def send() -> None:
            while True:
                with self._counting:
                    sent = next(waiting, None)
                    self.tried += 1
                if sent is None:
                    return
                if self._try(sent) not in ACCEPTED and not sent.is_lost:
                    with self._counting:
                        self.failed += 1
                    time.sleep(FAILED_SECONDS)

        senders = [threading.Thread(target=send) for _ in range(AT_ONCE)]
        for each in senders:
            each.start()
        for each in senders:
            each.join()

    def accepted(self) -> set[str]:
        """Return the keys of deliveries that ever got a 2xx status."""
        at_github = {each.guid for each in self.github.attempts if each.status_code in ACCEPTED}
        return at_github | {each.key for each in self.gitlab.sent if each.status in ACCEPTED}

    def stored_keys(self, events: Sequence[Event]) -> set[str]:
        """Return the keys by which deliveries are stored: a keyed hash of GitHub's body, and GitLab's own key."""
        secret = self.connections["github"]["secret"]
        return {
            each.key if each.forge == "gitlab" else github_key({}, json.dumps(each.delivery.payload).encode(), secret)
            for each in events
        }

    def forget(self) -> None:
        """Forget all attempts."""
        self.github.attempts.clear()
        self.gitlab.sent.clear()
        self.tried = self.failed = 0

    def _try(self, sent: Sent) -> int:
        event = sent.event
        if event.forge == "github":
            attempt = self.github.attempt(event.key, event.delivery, is_redelivery=sent.is_again, is_lost=sent.is_lost)
            return attempt.status_code
        return self.gitlab.send(event.delivery, str(uuid4()), event.key, is_lost=sent.is_lost)


@contextmanager
def forges() -> Iterator[Forges]:
    """Run both forges."""
    clock = QuickClock()
    at_github = github.FakeGithub(clock, points=UNLIMITED, a_minute=UNLIMITED)
    at_gitlab = gitlab.FakeGitlab(clock, a_minute=UNLIMITED)
    # A group exists only while it has a project.
    at_gitlab.repositories = {f"{GROUP}/empty": Repository(10**6, f"{GROUP}/empty", clock.now())}
    with at_github.serve() as github_url, at_gitlab.serve() as gitlab_url:
        yield Forges(github_url, gitlab_url, (at_github, at_gitlab))


def once(events: Sequence[Event]) -> list[Sent]:
    """Return an undisturbed attempt for each event."""
    return [Sent(each) for each in events]


def _ask(stack: Up, method: str, path: str, body: dict[str, Any]) -> httpx.Response:
    answer = httpx.request(method, f"{stack.url}/api/v1/{path}", json=body, headers=stack.headers, trust_env=False)
    return answer.raise_for_status()
