"""An organization with webhooks from a GitLab, and a worker that repairs missed ones."""

import asyncio
from dataclasses import dataclass
from typing import Any

from tests.harness.bodies import Delivery
from tests.harness.forges.github_state import Repository
from tests.harness.forges.gitlab import TOKEN, FakeGitlab
from tests.harness.forges.gitlab_hooks import Hook
from tests.harness.forges.repairs import Repairs
from workers.jobs.register_hooks import register_hooks


@dataclass
class GitlabRepairs:
    """Hooks of the fake GitLab at `url`; `repairs` runs the worker and reads the results."""

    repairs: Repairs
    fake: FakeGitlab
    url: str

    async def register(self, of: Repository, scope: str = "project") -> tuple[dict[str, Any], Hook]:
        """Create a connection whose hook a worker registers, for a project, its group, or the instance."""
        path = {"project": of.path, "group": of.path.partition("/")[0], "system": None}[scope]
        body = {"base_url": self.url, "scope": scope, "token": TOKEN, "public_url": self.service, "backfill": False}
        made = await self._post("registrations", {**body, **({"path": path} if path else {})})
        await register_hooks(self.repairs.context, self.repairs.organization.organization_id)
        (hook,) = self.fake.hooks.at(f"{scope} {path}" if path else "system")
        hook.sent.clear()
        return made, hook

    async def connect(self, token: str | None = TOKEN) -> dict[str, Any]:
        """Create a connection by hand, without a hook."""
        return await self._post("connections", {"forge": "gitlab", "base_url": self.url, "token": token})

    def hook(self, made: dict[str, Any], place: str) -> Hook:
        """Add a hook by hand at `project octo/shop` or `group octo`."""
        number = 1 + max((each for hooks in self.fake.hooks.hooks.values() for each in hooks), default=0)
        hook = Hook(number, is_system=False, knows_signing=True)
        hook.change({"url": made["webhook_url"], "token": made["secret"], "enable_ssl_verification": True})
        self.fake.hooks.hooks.setdefault(place, {})[number] = hook
        return hook

    async def send(self, hook: Hook, reported: list[Delivery], *, lost: int = 0) -> None:
        """Send deliveries; the first of every `lost` does not arrive."""
        for index, delivery in enumerate(reported):
            hook.is_cut_off = bool(lost) and index % lost == 0
            await asyncio.to_thread(hook.send, delivery, "")
        hook.is_cut_off = False

    async def pass_minute(self) -> None:
        """Advance until GitLab's limit allows more."""
        self.fake.clock.sleep(61)

    @property
    def service(self) -> str:
        return str(self.repairs.client.base_url).rstrip("/")

    async def _post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        headers = self.repairs.organization.headers
        answer = await self.repairs.client.post(f"/api/v1/{path}", json=body, headers=headers)
        assert answer.status_code in {201, 202}, answer.text
        return answer.json()
